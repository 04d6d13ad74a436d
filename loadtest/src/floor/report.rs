//! The comparison: a table for people, JSON for programs.

use std::fmt;

use serde::Serialize;

use crate::report::Report;
use crate::stats::Percentiles;

/// Both sides' bytes may differ by this share before the comparison is called into question.
const BYTES_TOLERANCE: f64 = 0.05;
/// So much of its load may a side miss.
const LOAD_TOLERANCE: f64 = 0.02;
/// A swarm that is later than this, in ms, times itself rather than the server.
const SWARM_LAG_MS: f64 = 25.0;

/// Under what conditions both were run.
#[derive(Clone, Debug, Serialize)]
pub struct Conditions {
    /// Members asked for.
    pub bots: usize,
    /// The seed of their plans.
    pub seed: u64,
    /// The servers' core.
    pub server_core: Option<u16>,
    /// The swarm's core.
    pub swarm_core: Option<u16>,
    /// Whether the real server went on running beside the bare writer.
    pub shares_machine: bool,
}

/// What one of both did in its window.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// Members connected at the window's end.
    pub clients: u64,
    /// How long the window was.
    pub seconds: f64,
    /// Ticks that members received frames of, from the first to the last.
    pub ticks: u64,
    /// CPU seconds per second, user and system.
    pub cpu_seconds_per_second: Option<f64>,
    /// The same per client and tick, in microseconds.
    pub cpu_us_per_client_tick: Option<f64>,
    /// From the instant at which a tick was due until its frame was received.
    pub delivery: Percentiles,
    /// Bytes that a client received in a second.
    pub bytes_per_client_second: f64,
    /// Frames that a client received at a tick.
    pub frames_per_client_tick: f64,
    /// Writes of cell frames in the window, by the server's own count.
    pub writes: Option<f64>,
    /// Times that a client's socket was full and it went without.
    pub skipped: Option<f64>,
    /// Ticks that began in time, in per cent.
    pub ticks_on_time_percent: Option<f64>,
    /// Resident memory added per client.
    pub rss_bytes_per_client: Option<f64>,
    /// How late the swarm itself was.
    pub swarm_lag: Percentiles,
}

impl Side {
    fn of(report: &Report) -> Self {
        let (window, figures) = (&report.window, report.neighbours.unwrap_or_default());
        let clients = window.connected.max(1) as f64;
        Self {
            clients: window.connected,
            seconds: window.seconds,
            ticks: figures.ticks,
            cpu_seconds_per_second: report.server.cpu_seconds_per_second,
            cpu_us_per_client_tick: figures.cpu_us_per_client_tick,
            delivery: figures.delivery,
            bytes_per_client_second: window.counts.bytes as f64 / (clients * window.seconds.max(0.001)),
            frames_per_client_tick: window.counts.frames as f64 / (clients * figures.ticks.max(1) as f64),
            writes: report.server.cell_messages_sent,
            skipped: report.server.slow_clients,
            ticks_on_time_percent: report.server.ticks_on_time_percent(),
            rss_bytes_per_client: figures.rss_bytes_per_client,
            swarm_lag: report.lag,
        }
    }
}

/// The real server over the floor.
#[derive(Clone, Debug, Serialize)]
pub struct FloorReport {
    /// How both were run.
    pub conditions: Conditions,
    /// The real server's CPU time per client and tick, over the floor's.
    pub cpu_ratio: Option<f64>,
    /// The real server's bytes per client and second, over the floor's: 1, or they did not do the same.
    pub bytes_ratio: Option<f64>,
    /// The real server.
    pub server: Side,
    /// The bare writer.
    pub floor: Side,
    /// The real server: input until another member sees it.
    pub seen: Percentiles,
    /// How many members' streams the bare writer played.
    pub recordings: usize,
    /// Pictures of the real server that were wrong.
    pub violations: u64,
    /// What speaks against the comparison.
    pub doubts: Vec<String>,
}

impl FloorReport {
    /// Compares two runs.
    #[must_use]
    pub fn of(conditions: Conditions, real: &Report, floor: &Report, recordings: usize) -> Self {
        let (server, bare) = (Side::of(real), Side::of(floor));
        let over = |above: f64, below: f64| (below > 0.0).then(|| above / below);
        let cpu = server.cpu_us_per_client_tick.zip(bare.cpu_us_per_client_tick);
        let report = Self {
            cpu_ratio: cpu.and_then(|(server, floor)| over(server, floor)),
            bytes_ratio: over(server.bytes_per_client_second, bare.bytes_per_client_second),
            server,
            floor: bare,
            seen: real.seen,
            recordings,
            violations: real.violations,
            doubts: Vec::new(),
            conditions,
        };
        Self { doubts: report.doubts(), ..report }
    }

    /// Whether nearly everybody came, and no picture was wrong: otherwise this is no measurement.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let came = |side: &Side| side.clients as usize * 10 >= self.conditions.bots * 9;
        came(&self.server) && came(&self.floor) && self.violations == 0
    }

    fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        for (name, side) in [("the real server", &self.server), ("the floor", &self.floor)] {
            let missed = self.conditions.bots as f64 * (1.0 - LOAD_TOLERANCE) > side.clients as f64;
            if missed {
                doubts.push(format!("{name} had only {} of {} clients", side.clients, self.conditions.bots));
            }
            if side.cpu_us_per_client_tick.is_none() {
                doubts.push(format!("the CPU time of {name} could not be read: is it on this machine?"));
            }
            if side.swarm_lag.p99_ms > SWARM_LAG_MS {
                let lag = side.swarm_lag.p99_ms;
                doubts.push(format!("the swarm was {lag:.0} ms late at {name} (p99), which is in the latencies"));
            }
        }
        if self.bytes_ratio.is_none_or(|ratio| (ratio - 1.0).abs() > BYTES_TOLERANCE) {
            doubts.push(format!(
                "the bytes differ: {:.0} and {:.0} per client and second",
                self.server.bytes_per_client_second, self.floor.bytes_per_client_second
            ));
        }
        if self.conditions.shares_machine {
            doubts.push("the real server went on running beside the floor".to_owned());
        }
        if self.violations > 0 {
            doubts.push(format!("the real server showed {} wrong pictures", self.violations));
        }
        doubts
    }
}

impl fmt::Display for FloorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |core: Option<u16>| core.map_or_else(|| "any core".to_owned(), |core| format!("core {core}"));
        let Conditions { bots, server_core, swarm_core, .. } = &self.conditions;
        writeln!(
            f,
            "{bots} clients, window {:.1} s, servers on {}, swarm on {}; the floor plays {} recordings\n",
            self.server.seconds,
            on(*server_core),
            on(*swarm_core),
            self.recordings
        )?;
        writeln!(f, "{:<40}{:>13}{:>13}{:>9}", "", "real server", "floor", "ratio")?;
        self.rows().iter().try_for_each(|row| row.fmt(f))?;
        if self.seen.count > 0 {
            let Percentiles { p50_ms, p99_ms, .. } = self.seen;
            writeln!(f, "\ninput seen by another member of the real server: p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms")?;
        }
        self.doubts.iter().try_for_each(|doubt| writeln!(f, "doubt: {doubt}"))?;
        match self.cpu_ratio {
            Some(ratio) => writeln!(f, "\ncpu_ratio: {ratio:.2}"),
            None => writeln!(f, "\ncpu_ratio: not measured"),
        }
    }
}

impl FloorReport {
    fn rows(&self) -> Vec<Row> {
        let row = |name, decimals, of: fn(&Side) -> Option<f64>| Row {
            name,
            decimals,
            server: of(&self.server),
            floor: of(&self.floor),
        };
        vec![
            row("CPU us per client and tick", 2, |side| side.cpu_us_per_client_tick),
            row("CPU s/s", 3, |side| side.cpu_seconds_per_second),
            row("tick due until received, p50 ms", 1, |side| Some(side.delivery.p50_ms)),
            row("tick due until received, p99 ms", 1, |side| Some(side.delivery.p99_ms)),
            row("bytes per client and second", 0, |side| Some(side.bytes_per_client_second)),
            row("frames per client and tick", 3, |side| Some(side.frames_per_client_tick)),
            row("clients", 0, |side| Some(side.clients as f64)),
            row("ticks", 0, |side| Some(side.ticks as f64)),
            row("ticks on time, %", 2, |side| side.ticks_on_time_percent),
            row("writes of cell frames", 0, |side| side.writes),
            row("writes left out, socket full", 0, |side| side.skipped),
            row("resident KiB per client", 1, |side| side.rss_bytes_per_client.map(|bytes| bytes / 1024.0)),
            row("the swarm's own delay, p99 ms", 1, |side| Some(side.swarm_lag.p99_ms)),
        ]
    }
}

struct Row {
    name: &'static str,
    decimals: usize,
    server: Option<f64>,
    floor: Option<f64>,
}

impl Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |figure: Option<f64>, decimals| figure.map_or_else(|| "-".to_owned(), |it| format!("{it:.decimals$}"));
        let ratio = self.server.zip(self.floor).filter(|(_, floor)| *floor > 0.0).map(|(server, floor)| server / floor);
        let [server, floor] = [self.server, self.floor].map(|figure| shown(figure, self.decimals));
        writeln!(f, "{:<40}{server:>13}{floor:>13}{:>9}", self.name, shown(ratio, 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&mut FloorReport);

    fn side(bytes: f64, cpu: f64) -> Side {
        Side {
            clients: 100,
            seconds: 10.0,
            ticks: 200,
            cpu_seconds_per_second: Some(0.1),
            cpu_us_per_client_tick: Some(cpu),
            delivery: Percentiles::default(),
            bytes_per_client_second: bytes,
            frames_per_client_tick: 1.0,
            writes: None,
            skipped: None,
            ticks_on_time_percent: None,
            rss_bytes_per_client: None,
            swarm_lag: Percentiles::default(),
        }
    }

    fn report() -> FloorReport {
        let conditions =
            Conditions { bots: 100, seed: 1, server_core: Some(0), swarm_core: None, shares_machine: false };
        FloorReport {
            conditions,
            cpu_ratio: Some(1.5),
            bytes_ratio: Some(1.02),
            server: side(1020.0, 9.0),
            floor: side(1000.0, 6.0),
            seen: Percentiles::default(),
            recordings: 64,
            violations: 0,
            doubts: Vec::new(),
        }
    }

    #[test]
    fn a_fair_comparison_has_no_doubts() {
        let report = report();
        assert_eq!((report.doubts(), report.is_sound()), (vec![], true));
        let text = report.to_string();
        assert!(text.contains("servers on core 0, swarm on any core") && text.ends_with("cpu_ratio: 1.50\n"), "{text}");
    }

    #[test]
    fn each_unfairness_is_named() {
        let changes: [(Change, &str, bool); 7] = [
            (|report| report.bytes_ratio = Some(1.06), "the bytes differ", true),
            (|report| report.bytes_ratio = None, "the bytes differ", true),
            (|report| report.floor.clients = 97, "the floor had only 97 of 100 clients", true),
            (|report| report.server.clients = 80, "the real server had only 80 of 100 clients", false),
            (|report| report.server.cpu_us_per_client_tick = None, "the CPU time of the real server", true),
            (|report| report.floor.swarm_lag.p99_ms = 60.0, "the swarm was 60 ms late at the floor", true),
            (|report| report.violations = 3, "3 wrong pictures", false),
        ];
        for (change, doubt, sound) in changes {
            let mut report = report();
            change(&mut report);
            let doubts = report.doubts();
            assert!(doubts.len() == 1 && doubts[0].contains(doubt), "{doubts:?}");
            assert_eq!(report.is_sound(), sound, "{doubt}");
        }
    }
}
