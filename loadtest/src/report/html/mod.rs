//! The report as one page: a single file that needs nothing else, for light and dark, for wide and narrow.
//!
//! The charts are drawn by hand as SVG rather than by a crate: their colours must follow the page's, text must stay
//! readable on a telephone, and values must be there to point at, which a picture of fixed size and colours has not.

mod chart;
mod comparison;
mod over_time;
mod spectrum;
mod steps;
mod table;
mod text;

pub use self::comparison::page as comparison_page;

use self::over_time::OverTime;
use self::table::{Cell, table};
use self::text::{Unit, date, escape, short, whole};
use super::compare::figure;
use super::{Judged, Report};
use crate::require::NAMES;
use crate::stats::Percentiles;

const STYLE: &str = include_str!("style.css");

/// The whole page.
#[must_use]
pub fn page(report: &Report) -> String {
    let mut body = header(report);
    body += &notes(report);
    body += &tiles(report);
    body += &section("Thresholds", &thresholds(&report.judged));
    body += &steps::section(report);
    body += &charts("Over time", "Shaded: the measured window.", &OverTime::of(&report.timeline).svgs());
    body += &section("Latency", &latencies(report));
    body += &charts("", "The same by percentile.", &spectrum::svg("Latency by percentile", &spectrum::of(report)));
    body += &section("All figures", &figures(report));
    body += &section("Codes", &codes(report));
    body += &violations(report);
    body += &origins(&[("", report)]);
    document("Orrery load test", &body)
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{}</title>\n<style>\n{STYLE}</style></head>\n\
         <body>\n{body}</body></html>\n",
        escape(title)
    )
}

fn section(title: &str, content: &str) -> String {
    if content.is_empty() { String::new() } else { format!("<h2>{}</h2>\n{content}", escape(title)) }
}

fn charts(title: &str, about: &str, pictures: &str) -> String {
    if pictures.is_empty() {
        return String::new();
    }
    let title = if title.is_empty() { String::new() } else { format!("<h2>{}</h2>\n", escape(title)) };
    format!("{title}<p class=\"soft\">{}</p>\n<div class=\"charts\">\n{pictures}</div>\n", escape(about))
}

fn header(report: &Report) -> String {
    let about = format!(
        "{} of {} bots connected, measured for {:.0} s, seed {}",
        whole(report.window.connected),
        whole(report.bots as u64),
        report.window.seconds,
        report.seed
    );
    let (class, verdict) = match &report.limit {
        Some(limit) if report.judged.is_empty() && report.violations == 0 => match limit.largest {
            Some(largest) => ("good", format!("{} bots meet the objectives", whole(largest as u64))),
            None => ("bad", "no population meets the objectives".to_owned()),
        },
        _ => verdict(&report.judged, report.violations),
    };
    format!(
        "<header><div><h1>Orrery load test</h1><p class=\"soft\">{}</p></div><span class=\"verdict {class}\">{}</span></header>\n",
        escape(&about),
        escape(&verdict)
    )
}

/// What is to be said first.
fn verdict(judged: &[Judged], violations: u64) -> (&'static str, String) {
    let broken = judged.iter().filter(|judged| judged.broken.is_some()).count();
    match (violations, broken, judged.len()) {
        (1.., ..) => ("bad", format!("{violations} promises broken")),
        (0, 0, 0) => ("soft", "no thresholds given".to_owned()),
        (0, 0, all) => ("good", format!("all {all} thresholds kept")),
        (0, broken, all) => ("bad", format!("{broken} of {all} thresholds broken")),
    }
}

fn notes(report: &Report) -> String {
    let note = |text: String| format!("<p class=\"note\">{}</p>\n", escape(&text));
    let mut notes = report.lag_warning().map(|mut warning| {
        warning[..1].make_ascii_uppercase();
        note(format!("{warning}."))
    });
    let gaps = report.timeline.iter().filter(|second| second.server.is_none()).count();
    if gaps > 2 {
        let text = format!("The server's metrics did not come in time in {gaps} of {} seconds.", report.timeline.len());
        notes = Some(notes.unwrap_or_default() + &note(text));
    }
    notes.unwrap_or_default()
}

fn tile(value: &str, about: &str) -> String {
    format!("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", escape(value), escape(about))
}

fn tiles(report: &Report) -> String {
    let figures = report.figures();
    let timed = |timing: &Percentiles, about: &str| {
        (timing.count > 0).then(|| tile(&format!("{} ms", short(timing.p99_ms)), about))
    };
    let of =
        |name: &str, text: fn(f64) -> String, about: &str| figures.get(name).map(|value| tile(&text(*value), about));
    let tiles = [
        of("connected", |value| whole(value as u64), "bots connected"),
        timed(&report.seen, "p99 until an input is seen by another"),
        timed(&report.ack, "p99 until an economic command is acknowledged"),
        of("ticks_on_time_percent", |value| format!("{} %", short(value)), "of ticks on time"),
        of("server_cpu_seconds_per_second", |value| format!("{value:.2}"), "server CPU, in cores"),
        of("server_cpu_us_per_update", |value| format!("{} µs", short(value)), "server CPU per update due"),
        report.server.rss_bytes.map(|bytes| tile(&Unit::Bytes.text(bytes as f64), "server memory")),
        of("bytes_per_bot_per_second", |value| Unit::Bytes.text(value), "received per bot and second"),
        of("errors", |value| whole(value as u64), "errors answered"),
        of("disconnects", |value| whole(value as u64), "connections lost"),
        of("violations", |value| whole(value as u64), "promises broken"),
    ];
    format!("<div class=\"tiles\">\n{}</div>\n", tiles.into_iter().flatten().collect::<String>())
}

fn thresholds(judged: &[Judged]) -> String {
    let row = |judged: &Judged| {
        let verdict = match &judged.broken {
            None => Cell::Good("kept".to_owned()),
            Some(_) => Cell::Bad("broken".to_owned()),
        };
        vec![Cell::Short(judged.threshold.clone()), verdict, Cell::Text(judged.broken.clone().unwrap_or_default())]
    };
    table(&["threshold", "", ""], judged.iter().map(row))
}

fn latencies(report: &Report) -> String {
    let row = |(name, timing): (&str, Percentiles)| {
        let values = [timing.p50_ms, timing.p90_ms, timing.p99_ms, timing.p999_ms, timing.max_ms];
        let head = [Cell::Short(name.to_owned()), Cell::Short(whole(timing.count))];
        head.into_iter().chain(values.map(|value| Cell::Short(short(value)))).collect()
    };
    let head = ["ms", "count", "p50", "p90", "p99", "p99.9", "max"];
    let rows = table(&head, report.timed().into_iter().map(row));
    if rows.is_empty() { rows } else { rows + &format!("<p class=\"soft\">{}.</p>\n", escape(&report.pacing())) }
}

fn figures(report: &Report) -> String {
    let known = report.figures();
    let row = |(name, meaning): &(&str, &str)| {
        let value = figure(Some(*known.get(name)?));
        Some(vec![Cell::Short((*name).to_owned()), Cell::Short(value), Cell::Text((*meaning).to_owned())])
    };
    table(&["figure", "value", "meaning"], NAMES.iter().filter_map(row))
}

fn codes(report: &Report) -> String {
    let row = |(code, count): (&String, &u64)| vec![Cell::Short(code.clone()), Cell::Short(whole(*count))];
    table(&["code", "count"], report.codes.iter().map(row))
}

fn violations(report: &Report) -> String {
    if report.violations == 0 {
        return String::new();
    }
    let items: String = report.first_violations.iter().map(|text| format!("<li>{}</li>\n", escape(text))).collect();
    let about = format!("{} in all; the first of them:", report.violations);
    section("Promises broken", &format!("<p>{}</p><ul>\n{items}</ul>\n", escape(&about)))
}

/// What a reader needs to repeat it.
fn origins(reports: &[(&str, &Report)]) -> String {
    let mut rows = Vec::new();
    let mut commands = String::new();
    for (when, report) in reports {
        for origin in &report.origins {
            let prefix = if when.is_empty() { String::new() } else { format!("# {when}\n") };
            commands += &format!("<pre>{}{}</pre>\n", escape(&prefix), escape(&origin.command));
            rows.push(vec![
                Cell::Short(if when.is_empty() { origin.share.clone() } else { format!("{when}, {}", origin.share) }),
                Cell::Short(origin.version.clone()),
                Cell::Short(report.seed.to_string()),
                Cell::Short(origin.threads.to_string()),
                Cell::Short(origin.server.clone()),
                Cell::Short(date(origin.ended_at)),
                Cell::Text(format!(
                    "{} cores, {}, {}, {}",
                    origin.cores,
                    origin.processor,
                    Unit::Bytes.text(origin.memory_bytes as f64),
                    origin.kernel
                )),
            ]);
        }
    }
    let head = ["share", "version", "seed", "threads", "server", "ended", "machine"];
    section("To repeat it", &(commands + &table(&head, rows)))
}

#[cfg(test)]
mod tests {
    use super::super::compare::Comparison;
    use super::super::tests::report;
    use super::*;
    use crate::ramp::Limit;
    use crate::ramp::search::{Ending, Outcome};

    /// Panics unless every tag that is opened is closed, in order.
    fn check_well_formed(page: &str) {
        const VOID: [&str; 1] = ["meta"];
        let (mut open, mut rest) = (Vec::new(), page);
        while let Some(begin) = rest.find('<') {
            let end = rest[begin..].find('>').map(|end| begin + end).expect("a tag without an end");
            let tag = &rest[begin + 1..end];
            assert!(!tag.contains('<'), "< inside a tag: {tag}");
            let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "in {tag}");
            } else if !tag.starts_with('!') && !tag.ends_with('/') && !VOID.contains(&name) {
                open.push(name);
            }
            rest = &rest[end + 1..];
        }
        assert!(open.is_empty(), "left open: {open:?}");
    }

    fn check_needs_nothing(page: &str) {
        for outside in ["src=", "href=", "url(", "@import", "<script", "<link", "<img", "<iframe"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    fn ramped() -> Report {
        let step = |bots: usize, outcome| crate::ramp::Step {
            bots,
            connected: bots as u64,
            outcome,
            broken: vec!["seen_p99_ms<=100: seen_p99_ms is 140".to_owned()],
            figures: report()
                .figures()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value * bots as f64))
                .collect(),
        };
        let steps = vec![step(100, Outcome::Kept), step(150, Outcome::Broken), step(125, Outcome::SwarmBound)];
        let limit = Limit {
            objectives: vec!["seen_p99_ms<=100".to_owned()],
            largest: Some(100),
            broken_at: Some(125),
            ending: Ending::Found,
            steps,
        };
        Report { limit: Some(limit), ..report() }
    }

    #[test]
    fn pages_are_well_formed_and_need_nothing_from_elsewhere() {
        let mut hostile = report();
        hostile.first_violations.push("<script src=//evil>&\"".replace("src=", "s="));
        hostile.codes.insert("</table>".to_owned(), 1);
        hostile.judge(&["ack_p99_ms<1".parse().unwrap()]);
        let comparison = Comparison::of(report(), ramped(), &["ack_p99_ms<=90%".parse().unwrap()]);
        let empty = Report { timeline: Vec::new(), ..report() };
        for page in [page(&report()), page(&hostile), page(&ramped()), page(&empty), comparison_page(&comparison)] {
            check_well_formed(&page);
            check_needs_nothing(&page.replace("&lt;script", ""));
            assert!(!page.contains("NaN") && !page.contains("inf\""));
        }
    }

    #[test]
    fn the_page_says_what_was_found() {
        let mut judged = Report { violations: 0, ..report() };
        judged.judge(&["ack_p99_ms<1".parse().unwrap(), "errors=0".parse().unwrap()]);
        let page = page(&judged);
        assert!(page.contains("1 of 2 thresholds broken") && page.contains("ack_p99_ms is 2"), "{page}");
        for title in
            ["Connected", "Economic command acked", "How long ticks took", "Server CPU (cores)", "Server memory"]
        {
            assert!(page.contains(&format!("<b>{title}</b>")), "{title}");
        }
        assert!(page.contains("loadtest --bots 2"));
    }
}
