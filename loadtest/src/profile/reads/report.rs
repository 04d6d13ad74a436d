//! What the readings came to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::ReadOptions;
use crate::hdr::Hdr;
use crate::server_stats::ServerFigures;

/// Digits that are told apart.
const DIGITS: u8 = 3;
/// Above this the figures speak of the reader and not of the server.
const LATE_MS: f64 = 20.0;

/// What was measured, by path.
pub(super) struct Readings {
    took: Vec<Hdr>,
    /// By path and status.
    statuses: BTreeMap<(usize, u16), u64>,
    /// Due until asked: connections that were busy, and the reader's own delay.
    waited: Hdr,
}

impl Readings {
    pub(super) fn new(paths: usize) -> Self {
        let took = (0..paths).map(|_| Hdr::new(DIGITS)).collect();
        Self { took, statuses: BTreeMap::new(), waited: Hdr::new(DIGITS) }
    }

    pub(super) fn note(&mut self, path: usize, took: Duration, waited: Duration, status: u16) {
        self.took[path].record(took);
        self.waited.record(waited);
        *self.statuses.entry((path, status)).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.took.iter_mut().zip(&other.took).for_each(|(all, some)| all.add(some));
        self.waited.add(&other.waited);
        for (key, count) in &other.statuses {
            *self.statuses.entry(*key).or_default() += count;
        }
    }
}

/// How one path was answered.
#[derive(Clone, Debug, Serialize)]
pub struct PathReport {
    /// The path.
    pub path: String,
    /// How often it was read.
    pub count: u64,
    /// Due until the body was here: the median.
    pub p50_ms: f64,
    /// 95 of 100 took no longer.
    pub p95_ms: f64,
    /// 99 of 100 took no longer.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// How often it was answered with which status.
    pub statuses: BTreeMap<u16, u64>,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct ReadReport {
    /// Connections.
    pub connections: usize,
    /// How long was measured.
    pub seconds: f64,
    /// Readings that were due per second.
    pub wanted_per_second: f64,
    /// Readings that were answered per second.
    pub per_second: f64,
    /// Answers that were neither a success nor "not modified".
    pub errors: u64,
    /// Due until asked, 99 of 100.
    pub waited_p99_ms: f64,
    /// All paths together.
    pub all: PathReport,
    /// Each path.
    pub paths: Vec<PathReport>,
    /// What the server itself did.
    pub server: ServerFigures,
}

impl ReadReport {
    pub(super) fn of(
        options: &ReadOptions,
        paths: &[String],
        seconds: f64,
        readings: &Readings,
        server: ServerFigures,
    ) -> Self {
        let mut together = Hdr::new(DIGITS);
        readings.took.iter().for_each(|took| together.add(took));
        let statuses = |of: Option<usize>| {
            let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
            let wanted = readings.statuses.iter().filter(|((path, _), _)| of.is_none_or(|of| of == *path));
            wanted.for_each(|((_, status), count)| *counts.entry(*status).or_default() += count);
            counts
        };
        let path = |(at, path): (usize, &String)| path_report(path, &readings.took[at], statuses(Some(at)));
        let all = path_report("all", &together, statuses(None));
        let is_error = |status: u16| !(200..300).contains(&status) && status != 304;
        Self {
            connections: options.connections,
            seconds,
            wanted_per_second: f64::from(options.per_second),
            per_second: all.count as f64 / seconds.max(0.001),
            errors: all.statuses.iter().filter(|(status, _)| is_error(**status)).map(|(_, count)| count).sum(),
            waited_p99_ms: readings.waited.at(0.99),
            all,
            paths: paths.iter().enumerate().map(path).collect(),
            server,
        }
    }
}

fn path_report(path: &str, took: &Hdr, statuses: BTreeMap<u16, u64>) -> PathReport {
    PathReport {
        path: path.to_owned(),
        count: took.count(),
        p50_ms: took.at(0.5),
        p95_ms: took.at(0.95),
        p99_ms: took.at(0.99),
        max_ms: took.percentiles().max_ms,
        statuses,
    }
}

impl fmt::Display for ReadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, seconds, wanted_per_second, per_second, errors, waited_p99_ms, .. } = self;
        writeln!(f, "{connections} connections, window {seconds:.1} s, {wanted_per_second:.0} readings/s due")?;
        writeln!(f, "answered: {per_second:.0}/s, errors {errors}, due until asked p99 {waited_p99_ms:.2} ms")?;
        writeln!(f, "{:>9} {:>9} {:>9} {:>9} {:>9}  path (statuses)", "count", "p50 ms", "p95 ms", "p99 ms", "max ms")?;
        for PathReport { path, count, p50_ms, p95_ms, p99_ms, max_ms, statuses } in self.paths.iter().chain([&self.all])
        {
            let statuses: Vec<String> = statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
            let statuses = statuses.join(", ");
            writeln!(f, "{count:>9} {p50_ms:>9.2} {p95_ms:>9.2} {p99_ms:>9.2} {max_ms:>9.2}  {path} ({statuses})")?;
        }
        if let Some(cpu) = self.server.cpu_seconds_per_second {
            writeln!(f, "server: {cpu:.2} CPU s/s, {:.0} us per reading", cpu * 1e6 / per_second.max(1.0))?;
        }
        if *waited_p99_ms > LATE_MS {
            writeln!(f, "doubt: readings waited for a free connection or for this program; try more --bots")?;
        }
        Ok(())
    }
}
