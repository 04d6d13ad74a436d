//! What `--ramp` found: the limit, its steps as a table, and figures over the population.

use std::collections::BTreeMap;

use super::chart::{Chart, Line, Scale};
use super::table::{Cell, table};
use super::text::{Unit, escape, whole};
use super::{charts, figure};
use crate::ramp::search::Outcome;
use crate::ramp::{Limit, Step};
use crate::report::Report;

/// The section; nothing for a run without `--ramp`.
pub(super) fn section(report: &Report) -> String {
    let Some(limit) = &report.limit else { return String::new() };
    let mut sentence = limit.to_string();
    sentence[..1].make_ascii_uppercase();
    let about = format!("<p>{}.</p>\n", escape(&sentence));
    let pictures = pictures(limit);
    format!(
        "{}{}",
        super::section("The limit", &(about + &steps(limit))),
        charts("", "Figures over the population.", &pictures)
    )
}

fn steps(limit: &Limit) -> String {
    let row = |step: &Step| {
        let outcome = match step.outcome {
            Outcome::Kept => Cell::Good("met".to_owned()),
            Outcome::Broken => Cell::Bad("broken".to_owned()),
            Outcome::SwarmBound => Cell::Bad("the swarm was late".to_owned()),
        };
        let of = |name: &str| Cell::Short(figure(step.figures.get(name).copied()));
        vec![
            Cell::Short(whole(step.bots as u64)),
            outcome,
            of("seen_p99_ms"),
            of("ack_p99_ms"),
            of("ticks_on_time_percent"),
            of("server_cpu_seconds_per_second"),
            Cell::Text(step.broken.join("; ")),
        ]
    };
    let head = ["bots", "objectives", "seen p99 ms", "ack p99 ms", "ticks on time %", "CPU cores", ""];
    table(&head, limit.steps.iter().map(row))
}

fn pictures(limit: &Limit) -> String {
    // Of two tries the second one counts.
    let steps: BTreeMap<usize, &Step> = limit.steps.iter().map(|step| (step.bots, step)).collect();
    let line = |name: &str, label: &str, colour| {
        Line::new(label, colour, steps.values().map(|step| step.figures.get(name).copied()).collect())
    };
    let picture = |title: &str, unit, scale, lines: Vec<Line>| {
        let positions: Vec<f64> = steps.keys().map(|bots| *bots as f64).collect();
        let marks = marks(&positions);
        Chart { title: title.to_owned(), unit, scale, positions, marks, bands: Vec::new(), lines }.svg()
    };
    let latencies = vec![
        line("seen_p99_ms", "seen p99", 2),
        line("seen_p50_ms", "seen p50", 0),
        line("ack_p99_ms", "ack p99", 1),
        line("ack_p50_ms", "ack p50", 3),
    ];
    let cpu = vec![line("server_cpu_seconds_per_second", "user and system", 0)];
    let ticks = vec![line("ticks_on_time_percent", "per cent", 4)];
    picture("Latency over bots", Unit::Millis, Scale::Log, latencies)
        + &picture("Server CPU over bots (cores)", Unit::Cores, Scale::Linear, cpu)
        + &picture("Ticks on time over bots", Unit::Count, Scale::Linear, ticks)
}

/// Marks that do not lie on each other: the ends, and what is far enough from both.
fn marks(positions: &[f64]) -> Vec<(f64, String)> {
    let (Some(first), Some(last)) = (positions.first(), positions.last()) else { return Vec::new() };
    let apart = (last - first) / 7.0;
    let mut marks: Vec<f64> = vec![*first];
    for position in positions {
        if position - marks[marks.len() - 1] >= apart && last - position >= apart {
            marks.push(*position);
        }
    }
    if last > first {
        marks.push(*last);
    }
    marks.into_iter().map(|position| (position, Unit::Count.text(position))).collect()
}
