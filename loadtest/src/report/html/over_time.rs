//! The charts over time: the timeline, thinned to what a picture can show.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{Chart, HeatMap, Line, Scale, time_marks};
use super::text::Unit;
use crate::hdr::Hdr;
use crate::server_stats::watch::ServerSecond;
use crate::stats::{Counts, Timing};
use crate::timeline::{Phase, Second};

/// The most positions of a chart.
const POSITIONS_MAX: u64 = 240;

/// Seconds that share a position.
struct Bin<'t> {
    at: f64,
    seconds: Vec<&'t Second>,
}

impl Bin<'_> {
    fn rate(&self, count: impl Fn(&Counts) -> u64) -> Option<f64> {
        let (sum, time) = self
            .seconds
            .iter()
            .fold((0, 0.0), |(sum, time), second| (sum + count(&second.counts), time + second.seconds));
        (time > 0.0).then(|| sum as f64 / time)
    }

    fn timing(&self, timing: Timing) -> Option<Hdr> {
        let mut parts = self.seconds.iter().filter_map(|second| second.timings.get(&timing));
        let mut sum = parts.next()?.clone();
        parts.for_each(|part| sum.add(part));
        Some(sum)
    }

    /// The mean of what the server said.
    fn server(&self, figure: impl Fn(&ServerSecond) -> Option<f64>) -> Option<f64> {
        let told: Vec<f64> = self.seconds.iter().filter_map(|second| figure(second.server.as_ref()?)).collect();
        (!told.is_empty()).then(|| told.iter().sum::<f64>() / told.len() as f64)
    }
}

/// All charts over time.
pub(super) struct OverTime<'t> {
    bins: Vec<Bin<'t>>,
    bands: Vec<(f64, f64)>,
    width: u64,
}

impl<'t> OverTime<'t> {
    /// Time counts from the beginning of the run.
    pub(super) fn of(timeline: &'t [Second]) -> Self {
        let first = timeline.first().map_or(0, |second| second.at);
        let span = timeline.last().map_or(0, |second| second.at - first) + 1;
        let width = span.div_ceil(POSITIONS_MAX).max(1);
        let mut bins: BTreeMap<u64, Vec<&Second>> = BTreeMap::new();
        for second in timeline {
            bins.entry((second.at - first) / width).or_default().push(second);
        }
        let bins: Vec<Bin<'_>> =
            bins.into_iter().map(|(index, seconds)| Bin { at: (index * width) as f64, seconds }).collect();
        let bands = bands(&bins);
        Self { bins, bands, width }
    }

    /// The pictures, one after the other.
    pub(super) fn svgs(&self) -> String {
        use Scale::Linear;
        use Unit::{Bytes, Cores, Count, Millis};
        let counted =
            |name: &str, colour, count: fn(&Counts) -> u64| Line::new(name, colour, self.each(|bin| bin.rate(count)));
        let served = |name: &str, colour, figure: fn(&ServerSecond) -> Option<f64>| {
            Line::new(name, colour, self.each(|bin| bin.server(figure)))
        };
        let connected = Line::new("bots", 0, self.each(|bin| bin.seconds.last().map(|second| second.connected as f64)));
        let sessions = served("sessions on the server", 3, |server| server.sessions);
        let mut charts = self.chart("Connected", Count, Linear, vec![connected, sessions]);
        charts += &self.chart(
            "Messages per second",
            Count,
            Linear,
            vec![counted("received", 0, |counts| counts.frames), counted("sent", 1, |counts| counts.sent)],
        );
        charts += &self.chart(
            "Commands per second",
            Count,
            Linear,
            vec![
                counted("economic ok", 4, |counts| counts.acknowledged),
                counted("all ok", 0, |counts| counts.ok),
                counted("errors", 5, |counts| counts.errors),
            ],
        );
        charts += &self.chart(
            "Updates per second",
            Count,
            Linear,
            vec![
                counted("decoded by bots", 0, |counts| counts.updates),
                served("sent by the server", 1, |server| server.updates_sent),
            ],
        );
        charts += &self.chart(
            "Bytes per second",
            Bytes,
            Linear,
            vec![
                counted("received", 0, |counts| counts.bytes),
                served("sent by the server", 1, |server| server.bytes_sent),
            ],
        );
        for timing in Timing::ALL {
            charts += &self.latency(timing);
        }
        charts += &self.ticks();
        charts += &self.chart(
            "Ticks per second",
            Count,
            Linear,
            vec![
                served("ticks", 0, |server| server.ticks),
                served("late", 1, |server| server.ticks_late),
                served("too long", 5, |server| server.tick_overruns),
            ],
        );
        charts +=
            &self.chart("Server CPU (cores)", Cores, Linear, vec![served("user and system", 0, |server| server.cpu)]);
        charts += &self.chart(
            "Server memory",
            Bytes,
            Linear,
            vec![served("resident", 0, |server| server.rss_bytes.map(|bytes| bytes as f64))],
        );
        charts +=
            &self.chart("Until durable", Millis, Scale::Log, vec![served("mean", 0, |server| server.durable_lag_ms)]);
        charts
            + &self.chart(
                "Commits in the queue",
                Count,
                Linear,
                vec![served("commits", 0, |server| server.queue_commits)],
            )
    }

    fn each(&self, value: impl Fn(&Bin<'_>) -> Option<f64>) -> Vec<Option<f64>> {
        let mut values = Vec::new();
        self.walk(|bin| values.push(bin.and_then(&value)));
        values
    }

    /// Goes over all positions, those without a second too.
    fn walk<'s>(&'s self, mut visit: impl FnMut(Option<&'s Bin<'t>>)) {
        let mut expected = self.bins.first().map_or(0.0, |bin| bin.at);
        for bin in &self.bins {
            while expected < bin.at {
                visit(None);
                expected += self.width as f64;
            }
            visit(Some(bin));
            expected += self.width as f64;
        }
    }

    fn positions(&self) -> Vec<f64> {
        let mut positions = Vec::new();
        let first = self.bins.first().map_or(0.0, |bin| bin.at);
        self.walk(|_| positions.push(first + positions.len() as f64 * self.width as f64));
        positions
    }

    fn chart(&self, title: &str, unit: Unit, scale: Scale, lines: Vec<Line>) -> String {
        let positions = self.positions();
        let marks = time_marks(0.0, positions.last().copied().unwrap_or(0.0));
        Chart { title: title.to_owned(), unit, scale, positions, marks, bands: self.bands.clone(), lines }.svg()
    }

    fn latency(&self, timing: Timing) -> String {
        let timed: Vec<Option<Hdr>> = self.collect_timing(timing);
        let line = |name: &str, colour, figure: fn(&Hdr) -> f64| {
            Line::new(name, colour, timed.iter().map(|hdr| hdr.as_ref().map(figure)).collect())
        };
        let lines = vec![
            line("max", 3, |hdr| hdr.percentiles().max_ms),
            line("p99", 2, |hdr| hdr.at(0.99)),
            line("p90", 1, |hdr| hdr.at(0.9)),
            line("p50", 0, |hdr| hdr.at(0.5)),
        ];
        let mut title = timing.title().to_owned();
        title[..1].make_ascii_uppercase();
        self.chart(&title, Unit::Millis, Scale::Log, lines)
    }

    fn collect_timing(&self, timing: Timing) -> Vec<Option<Hdr>> {
        let mut timed = Vec::new();
        self.walk(|bin| timed.push(bin.and_then(|bin| bin.timing(timing))));
        timed
    }

    fn ticks(&self) -> String {
        let buckets = |bin: &Bin<'_>| -> Vec<(u64, f64)> {
            let told = bin.seconds.iter().filter_map(|second| second.server.as_ref());
            told.flat_map(|server| &server.tick_buckets).map(|(bound, count)| (key(*bound), *count)).collect()
        };
        let bounds: BTreeSet<u64> = self.bins.iter().flat_map(buckets).map(|(bound, _)| bound).collect();
        let row = |bound: &u64| {
            if *bound == u64::MAX {
                "more".to_owned()
            } else {
                format!("≤ {}", Unit::Millis.text(*bound as f64 / 1e6))
            }
        };
        let counts = |bin: &Bin<'_>| {
            let counted = buckets(bin);
            let of = |bound: &u64| counted.iter().filter(|(known, _)| known == bound).map(|(_, count)| count).sum();
            bounds.iter().map(of).collect()
        };
        let positions: Vec<f64> = self.bins.iter().map(|bin| bin.at).collect();
        HeatMap {
            title: "How long ticks took".to_owned(),
            rows: bounds.iter().map(row).collect(),
            marks: time_marks(0.0, positions.last().copied().unwrap_or(0.0)),
            positions,
            counts: self.bins.iter().map(counts).collect(),
        }
        .svg()
    }
}

/// A bucket's bound in nanoseconds.
fn key(bound_ms: Option<f64>) -> u64 {
    bound_ms.map_or(u64::MAX, |bound| (bound * 1e6).round() as u64)
}

/// Where the measured windows are.
fn bands(bins: &[Bin<'_>]) -> Vec<(f64, f64)> {
    let mut bands: Vec<(f64, f64)> = Vec::new();
    let mut open = false;
    for bin in bins {
        let measured = bin.seconds.iter().any(|second| second.phase == Phase::Window);
        match bands.last_mut() {
            Some(band) if measured && open => band.1 = bin.at,
            _ if measured => bands.push((bin.at, bin.at)),
            _ => {}
        }
        open = measured;
    }
    bands
}
