//! Latency by percentile: the axis is stretched towards the slowest, where the interesting part is.

use super::chart::{Chart, Line, Scale};
use super::text::Unit;
use crate::hdr::Hdr;
use crate::report::Report;

/// Percentiles that are marked; the axis ends with the last.
const MARKS: [(f64, &str); 6] =
    [(0.0, "0"), (0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9"), (0.9999, "p99.99")];
/// Points per line.
const POINTS: u32 = 81;

/// The lines of a report, by what was timed.
pub(super) fn of(report: &Report) -> Vec<(String, usize, &Hdr)> {
    let timed = report.histograms.iter().filter(|(_, hdr)| hdr.count() > 0);
    timed.enumerate().map(|(index, (timing, hdr))| (timing.title().to_owned(), index % 6, hdr)).collect()
}

/// A chart of these lines.
pub(super) fn svg(title: &str, lines: &[(String, usize, &Hdr)]) -> String {
    let last = place(MARKS[MARKS.len() - 1].0);
    let positions: Vec<f64> = (0..POINTS).map(|index| last * f64::from(index) / f64::from(POINTS - 1)).collect();
    let line = |(name, colour, hdr): &(String, usize, &Hdr)| {
        // Beyond its sample there is nothing to know.
        let known = |quantile: f64| (1.0 - quantile) * hdr.count() as f64 >= 1.0;
        let value = |position: &f64| {
            let quantile = 1.0 - 10_f64.powf(-position);
            known(quantile).then(|| hdr.at(quantile))
        };
        Line::new(name, *colour, positions.iter().map(value).collect())
    };
    Chart {
        title: title.to_owned(),
        unit: Unit::Millis,
        scale: Scale::Log,
        marks: MARKS.iter().map(|(quantile, name)| (place(*quantile), (*name).to_owned())).collect(),
        bands: Vec::new(),
        lines: lines.iter().map(line).collect(),
        positions,
    }
    .svg()
}

/// Where a quantile is on the axis: the same distance for each further nine.
fn place(quantile: f64) -> f64 {
    -(1.0 - quantile).log10()
}
