//! What a run found out: a table for people, JSON for programs, and the figures that `--require` looks at.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::server_stats::ServerFigures;
use crate::stats::{Counts, Percentiles, Timing};
use crate::swarm::Swarm;

/// What was counted in the measured window.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Window {
    /// How long it was.
    pub seconds: f64,
    /// What was counted in it.
    pub counts: Counts,
    /// Bots connected at its end.
    pub connected: u64,
}

/// A run's results.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Bots asked for.
    pub bots: usize,
    /// The seed of their plans.
    pub seed: u64,
    /// The measured window.
    pub window: Window,
    /// What was counted over the whole run, settling included.
    pub counts: Counts,
    /// TCP connect until welcome.
    pub connect: Percentiles,
    /// Economic command until answer.
    pub ack: Percentiles,
    /// Other commands until answer.
    pub answer: Percentiles,
    /// Input until another bot sees it.
    pub seen: Percentiles,
    /// The swarm's own delay.
    pub lag: Percentiles,
    /// Error codes and other mishaps, with their counts.
    pub codes: BTreeMap<String, u64>,
    /// Promises that the server broke.
    pub violations: u64,
    /// The first of them.
    pub first_violations: Vec<String>,
    /// What the server itself did.
    pub server: ServerFigures,
    /// What only the profile `neighbours` measures.
    pub neighbours: Option<Neighbours>,
}

/// The figures of the profile `neighbours`.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Neighbours {
    /// Moving ships within a client's radius, its own included: the mean.
    pub density: f64,
    /// Ship updates due: density × clients × ticks.
    pub updates_due: f64,
    /// The server's CPU time per update due, in microseconds.
    pub cpu_us_per_update: Option<f64>,
    /// The server's resident memory added per client.
    pub rss_bytes_per_client: Option<f64>,
    /// The ticks that clients received frames of.
    pub ticks: u64,
    /// Tick due until its frame was received.
    pub delivery: Percentiles,
    /// The server's CPU time per client and tick, in microseconds.
    pub cpu_us_per_client_tick: Option<f64>,
    /// Bytes received per update due.
    pub bytes_per_update: Option<f64>,
}

impl Report {
    /// Gathers what a swarm found out.
    #[must_use]
    pub fn of(swarm: &Swarm, window: Window, server: ServerFigures) -> Self {
        let (violations, first_violations) = swarm.oracle.violations();
        let neighbours = swarm.options.neighbours.then(|| Neighbours::of(swarm, &window, &server));
        Self {
            bots: swarm.options.bots,
            seed: swarm.options.seed,
            window,
            counts: swarm.stats.counts(),
            connect: swarm.stats.percentiles(Timing::Connect),
            ack: swarm.stats.percentiles(Timing::Ack),
            answer: swarm.stats.percentiles(Timing::Answer),
            seen: swarm.stats.percentiles(Timing::Seen),
            lag: swarm.stats.percentiles(Timing::Lag),
            codes: swarm.stats.codes(),
            violations,
            first_violations,
            server,
            neighbours,
        }
    }

    /// Per connected bot and second of the window.
    fn per_bot_second(&self, count: u64) -> f64 {
        count as f64 / (self.window.connected.max(1) as f64 * self.window.seconds.max(0.001))
    }

    /// The figures that `--require` knows; what was not measured is absent.
    #[must_use]
    pub fn figures(&self) -> BTreeMap<&'static str, f64> {
        let timed = |timing: &Percentiles, figure: f64| (timing.count > 0).then_some(figure);
        let neighbours = self.neighbours.unwrap_or_default();
        [
            ("ack_p50_ms", timed(&self.ack, self.ack.p50_ms)),
            ("ack_p99_ms", timed(&self.ack, self.ack.p99_ms)),
            ("ack_max_ms", timed(&self.ack, self.ack.max_ms)),
            ("answer_p99_ms", timed(&self.answer, self.answer.p99_ms)),
            ("seen_p50_ms", timed(&self.seen, self.seen.p50_ms)),
            ("seen_p99_ms", timed(&self.seen, self.seen.p99_ms)),
            ("seen_max_ms", timed(&self.seen, self.seen.max_ms)),
            ("connect_p99_ms", timed(&self.connect, self.connect.p99_ms)),
            ("violations", Some(self.violations as f64)),
            ("errors", Some(self.counts.errors as f64)),
            ("disconnects", Some(self.counts.disconnects as f64)),
            ("connected", Some(self.window.connected as f64)),
            ("acknowledged", Some(self.counts.acknowledged as f64)),
            ("bytes_per_bot_per_second", Some(self.per_bot_second(self.window.counts.bytes))),
            ("ticks_on_time_percent", self.server.ticks_on_time_percent()),
            ("server_cpu_seconds_per_second", self.server.cpu_seconds_per_second),
            ("server_cpu_us_per_update", neighbours.cpu_us_per_update),
            ("server_rss_bytes_per_client", neighbours.rss_bytes_per_client),
            ("delivery_p50_ms", timed(&neighbours.delivery, neighbours.delivery.p50_ms)),
            ("delivery_p99_ms", timed(&neighbours.delivery, neighbours.delivery.p99_ms)),
            ("server_cpu_us_per_client_tick", neighbours.cpu_us_per_client_tick),
            ("bytes_per_update", neighbours.bytes_per_update),
        ]
        .into_iter()
        .filter_map(|(name, figure)| Some((name, figure?)))
        .collect()
    }
}

impl Neighbours {
    fn of(swarm: &Swarm, window: &Window, server: &ServerFigures) -> Self {
        let density = swarm.neighbourhood.density().unwrap_or(0.0);
        let clients = window.connected as f64;
        let updates_due = density * clients * f64::from(swarm.neighbourhood.tick_hz()) * window.seconds;
        let cpu = server.cpu_seconds.filter(|_| updates_due > 0.0);
        let ticks = swarm.neighbourhood.ticks();
        let client_ticks = clients * ticks as f64;
        let memory = server.rss_bytes.zip(server.rss_bytes_before).filter(|_| clients > 0.0);
        Self {
            density,
            updates_due,
            cpu_us_per_update: cpu.map(|cpu| cpu * 1e6 / updates_due),
            rss_bytes_per_client: memory.map(|(after, before)| after.saturating_sub(before) as f64 / clients),
            ticks,
            delivery: swarm.neighbourhood.delivery(),
            cpu_us_per_client_tick: server
                .cpu_seconds
                .filter(|_| client_ticks > 0.0)
                .map(|cpu| cpu * 1e6 / client_ticks),
            bytes_per_update: (updates_due > 0.0).then(|| window.counts.bytes as f64 / updates_due),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let window = &self.window;
        writeln!(f, "{} of {} bots connected, window {:.1} s", window.connected, self.bots, window.seconds)?;
        writeln!(f)?;
        self.write_timings(f)?;
        self.write_counts(f)?;
        self.write_server(f)?;
        self.write_codes(f)?;
        writeln!(f, "\nviolations: {}", self.violations)?;
        self.first_violations.iter().try_for_each(|violation| writeln!(f, "  {violation}"))
    }
}

impl Report {
    fn write_timings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<28}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}", "ms", "count", "p50", "p90", "p99", "p999", "max")?;
        let delivery = self.neighbours.unwrap_or_default().delivery;
        let rows = [
            ("connect until welcome", &self.connect),
            ("economic command acked", &self.ack),
            ("other command answered", &self.answer),
            ("input seen by another bot", &self.seen),
            ("tick due until received", &delivery),
            ("the swarm's own delay", &self.lag),
        ];
        for (name, timing) in rows.into_iter().filter(|(_, timing)| timing.count > 0) {
            let Percentiles { count, p50_ms, p90_ms, p99_ms, p999_ms, max_ms } = timing;
            writeln!(f, "{name:<28}{count:>9}{p50_ms:>9.1}{p90_ms:>9.1}{p99_ms:>9.1}{p999_ms:>9.1}{max_ms:>9.1}")?;
        }
        Ok(())
    }

    fn write_counts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (window, whole) = (&self.window.counts, &self.counts);
        writeln!(
            f,
            "\nper bot and second: {:.0} bytes, {:.1} frames, {:.1} updates (decoded), {:.2} sent",
            self.per_bot_second(window.bytes),
            self.per_bot_second(window.frames),
            self.per_bot_second(window.updates),
            self.per_bot_second(window.sent)
        )?;
        writeln!(
            f,
            "answers: {} ok ({} economic), {} errors; connections: {} lost, {} dropped on purpose, {} resumed, {} not, \
             {} attempts failed",
            whole.ok,
            whole.acknowledged,
            whole.errors,
            whole.disconnects,
            whole.drops,
            whole.resumed,
            whole.not_resumed,
            whole.failed_connects
        )?;
        writeln!(
            f,
            "verified: {} accounts ({} could not be), {} positions, {} courses, {} notifications, {} repeats",
            whole.accounts_verified,
            whole.accounts_unverified,
            whole.positions_compared,
            whole.courses_compared,
            whole.notices,
            whole.repeats_compared
        )
    }

    fn write_server(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = &self.server;
        let mut line = String::new();
        if let Some(cpu) = server.cpu_seconds_per_second {
            write!(line, " {cpu:.2} CPU s/s,")?;
        }
        if let Some(rss) = server.rss_bytes {
            write!(line, " {:.0} MiB resident,", rss as f64 / 1048576.0)?;
        }
        if let (Some(percent), Some(ticks), Some(overruns)) =
            (server.ticks_on_time_percent(), server.ticks_due, server.tick_overruns)
        {
            write!(line, " {percent:.2} % of {ticks:.0} ticks due on time, {overruns:.0} overruns,")?;
        }
        if !line.is_empty() {
            writeln!(f, "server:{}", line.trim_end_matches(','))?;
        }
        match &self.neighbours {
            Some(neighbours) => write_neighbours(f, neighbours),
            None => Ok(()),
        }
    }

    fn write_codes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.codes.is_empty() {
            return Ok(());
        }
        let codes: Vec<String> = self.codes.iter().map(|(code, count)| format!("{code} {count}")).collect();
        writeln!(f, "codes: {}", codes.join(", "))
    }
}

fn write_neighbours(f: &mut fmt::Formatter<'_>, neighbours: &Neighbours) -> fmt::Result {
    let Neighbours { density, updates_due, cpu_us_per_update, rss_bytes_per_client, .. } = neighbours;
    write!(f, "neighbours: {density:.1} moving ships per view, {updates_due:.0} updates due")?;
    if let Some(cpu) = cpu_us_per_update {
        write!(f, ", {cpu:.3} CPU us per update")?;
    }
    if let Some(cpu) = neighbours.cpu_us_per_client_tick {
        write!(f, ", {cpu:.2} per client and tick")?;
    }
    if let Some(bytes) = neighbours.bytes_per_update {
        write!(f, ", {bytes:.1} bytes per update")?;
    }
    if let Some(rss) = rss_bytes_per_client {
        write!(f, ", {:.1} KiB resident per client", rss / 1024.0)?;
    }
    writeln!(f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::require;

    fn report() -> Report {
        let timing = Percentiles { count: 1, p50_ms: 1.0, p90_ms: 1.0, p99_ms: 2.0, p999_ms: 2.0, max_ms: 2.0 };
        let some = Some(1.0);
        Report {
            bots: 2,
            seed: 1,
            window: Window { seconds: 10.0, counts: Counts { bytes: 400, ..Counts::default() }, connected: 2 },
            counts: Counts::default(),
            connect: timing,
            ack: timing,
            answer: timing,
            seen: timing,
            lag: timing,
            codes: BTreeMap::from([("busy".to_owned(), 3)]),
            violations: 1,
            first_violations: vec!["a sentence".to_owned()],
            server: ServerFigures {
                ticks: Some(100.0),
                ticks_due: Some(100.0),
                ticks_late: some,
                cpu_seconds_per_second: some,
                ..ServerFigures::default()
            },
            neighbours: Some(Neighbours {
                density: 3.0,
                updates_due: 5.0,
                cpu_us_per_update: some,
                rss_bytes_per_client: some,
                ticks: 10,
                delivery: timing,
                cpu_us_per_client_tick: some,
                bytes_per_update: some,
            }),
        }
    }

    #[test]
    fn there_is_a_figure_for_every_name_and_a_name_for_every_figure() {
        let figures = report().figures();
        let names: Vec<&str> = require::NAMES.iter().map(|(name, _)| *name).collect();
        assert!(names.iter().all(|name| figures.contains_key(name)), "{figures:?}");
        assert!(figures.keys().all(|name| names.contains(name)), "{figures:?}");
        assert!((figures["bytes_per_bot_per_second"] - 20.0).abs() < 1e-9);
        assert!((figures["ticks_on_time_percent"] - 99.0).abs() < 1e-9);
    }

    #[test]
    fn the_table_names_violations_and_codes() {
        let text = report().to_string();
        assert!(text.contains("violations: 1\n  a sentence"), "{text}");
        assert!(text.contains("busy 3"), "{text}");
    }
}
