//! The page of a comparison.

use super::table::{Cell, table};
use super::text::escape;
use super::{charts, document, figure, origins, section, spectrum, thresholds, verdict};
use crate::hdr::Hdr;
use crate::report::compare::{Change, Comparison, Direction};
use crate::stats::Timing;

/// The whole page.
#[must_use]
pub fn page(comparison: &Comparison) -> String {
    let (class, verdict) = verdict(&comparison.judged, 0);
    let count = |direction| comparison.changes.iter().filter(|change| change.direction() == direction).count();
    let about = format!(
        "{} figures better, {} worse, {} about the same",
        count(Direction::Better),
        count(Direction::Worse),
        count(Direction::Same)
    );
    let mut body = format!(
        "<header><div><h1>Before and after</h1><p class=\"soft\">{}</p></div><span class=\"verdict {class}\">{}</span></header>\n",
        escape(&about),
        escape(&verdict)
    );
    let difference = |text: &String| format!("<p class=\"note\">Not the same load: {}.</p>\n", escape(text));
    body += &comparison.differences().iter().map(difference).collect::<String>();
    body += &section("Bounds", &thresholds(&comparison.judged));
    body += &section("Figures", &figures(&comparison.changes));
    body += &charts("Latency by percentile", "Further down is better.", &percentiles(comparison));
    body += &origins(&[("before", &comparison.before), ("after", &comparison.after)]);
    document("Orrery load test: before and after", &body)
}

fn figures(changes: &[Change]) -> String {
    let row = |change: &Change| {
        let text = match change.direction() {
            Direction::Better => Cell::Good(format!("{}, better", change.text())),
            Direction::Worse => Cell::Bad(format!("{}, worse", change.text())),
            Direction::Same | Direction::Unknown => Cell::Short(change.text()),
        };
        vec![
            Cell::Short(change.name.to_owned()),
            Cell::Short(figure(change.before)),
            Cell::Short(figure(change.after)),
            text,
        ]
    };
    table(&["figure", "before", "after", "change"], changes.iter().map(row))
}

fn percentiles(comparison: &Comparison) -> String {
    let overlaid = |timing: &Timing| {
        let of = |name: &str, colour, hdr: Option<&'_ Hdr>| {
            hdr.filter(|hdr| hdr.count() > 0).map(|_| (name.to_owned(), colour))
        };
        let (before, after) = (comparison.before.histograms.get(timing), comparison.after.histograms.get(timing));
        let keys = [of("before", 3, before), of("after", 0, after)];
        let lines: Vec<_> = keys
            .into_iter()
            .zip([before, after])
            .filter_map(|(key, hdr)| key.zip(hdr).map(|((name, colour), hdr)| (name, colour, hdr)))
            .collect();
        let mut title = timing.title().to_owned();
        title[..1].make_ascii_uppercase();
        spectrum::svg(&title, &lines)
    };
    Timing::ALL.iter().map(overlaid).collect()
}
