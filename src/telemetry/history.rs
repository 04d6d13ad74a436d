//! The last 24 hours of the server's key figures, in memory: a row each second for 15 minutes, each 10 seconds for 6
//! hours, each minute for 24 hours. Made from the metrics by one keeper, read by the console.
//!
//! Rates and percentiles of a row are of that row's time alone, from differences of counters and of histograms' buckets;
//! the other figures are as they were at its end. All rows take 432 KB, and never more. A sample each second took 143 µs
//! with 8 worlds in a build without optimisation, most of it for reading `/proc`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use tokio::time::MissedTickBehavior;

use super::Metrics;
use super::histogram::Counts;
use super::metrics::{ActorLabel, WorldLabel};
use super::process::ProcessFigures;

/// The figures that are kept, in the order of a row.
pub const FIGURES: [&str; 12] = [
    "players_online",
    "connections",
    "players_in_memory",
    "ticks_on_time_percent",
    "worst_tick_p99_ms",
    "durable_lag_p99_ms",
    "commits_per_s",
    "errors_per_s",
    "money_supply_credits",
    "cpu_percent",
    "rss_bytes",
    "open_fds",
];
/// How long figures *of now* look back.
const RECENT: usize = 10;

/// How far back, and so how fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Span {
    /// A row each second.
    #[serde(rename = "15m")]
    Minutes15,
    /// A row each 10 seconds.
    #[serde(rename = "1h")]
    Hour1,
    /// A row each 10 seconds.
    #[serde(rename = "6h")]
    Hours6,
    /// A row each minute.
    #[serde(rename = "24h")]
    Hours24,
}

impl Span {
    /// Which ring, and how many of its newest rows.
    fn rows(self) -> (usize, usize) {
        match self {
            Self::Minutes15 => (0, RINGS[0].1),
            Self::Hour1 => (1, 360),
            Self::Hours6 => (1, RINGS[1].1),
            Self::Hours24 => (2, RINGS[2].1),
        }
    }
}

/// The rings: a row's time in seconds, and how many rows.
const RINGS: [(u64, usize); 3] = [(1, 900), (10, 2_160), (60, 1_440)];

/// A row: the figures in their order. Not a number where there is none.
type Row = [f64; FIGURES.len()];

/// What counters and gauges said at one moment.
#[derive(Clone, Debug, Default)]
struct Reading {
    at_ms: u64,
    worlds: Vec<WorldReading>,
    lag: Counts,
    commits: u64,
    errors: u64,
    slow_clients: u64,
    process: ProcessFigures,
    gauges: [i64; 3],
    /// Once it was counted.
    money: Option<i64>,
}

#[derive(Clone, Debug, Default)]
struct WorldReading {
    ticks: u64,
    late: u64,
    seconds: Counts,
}

/// The rows of one resolution.
struct Ring {
    step_ms: u64,
    size: usize,
    /// By their place in time: Unix time over `step_ms`.
    rows: VecDeque<(u64, Row)>,
    /// What the next row is compared with.
    began: Option<Reading>,
}

impl Ring {
    fn new((step_s, size): (u64, usize)) -> Self {
        Self { step_ms: step_s * 1_000, size, rows: VecDeque::with_capacity(size), began: None }
    }

    fn place(&self, at_ms: u64) -> u64 {
        // A sample comes a little before or after its second.
        (at_ms + 500) / self.step_ms
    }

    fn take(&mut self, now: &Reading, tick_hz: f64) {
        let place = self.place(now.at_ms);
        let Some(began) = &self.began else {
            self.began = Some(now.clone());
            return;
        };
        // Not equal rather than later: a clock that was set back begins anew.
        if place == self.place(began.at_ms) {
            return;
        }
        if self.rows.back().is_some_and(|(last, _)| *last >= place) {
            self.rows.clear();
        }
        if self.rows.len() == self.size {
            self.rows.pop_front();
        }
        self.rows.push_back((place, row(began, now, tick_hz)));
        self.began = Some(now.clone());
    }
}

/// The figures between two readings.
fn row(from: &Reading, to: &Reading, tick_hz: f64) -> Row {
    let seconds = to.at_ms.saturating_sub(from.at_ms) as f64 / 1_000.0;
    let rate = |later: u64, earlier: u64| later.saturating_sub(earlier) as f64 / seconds;
    let worlds = || to.worlds.iter().zip(&from.worlds);
    let on_time = worlds().map(|(now, then)| {
        let good = (now.ticks - then.ticks.min(now.ticks)).saturating_sub(now.late.saturating_sub(then.late));
        (100.0 * good as f64 / (tick_hz * seconds)).min(100.0)
    });
    let p99_ms = |window: Counts| window.quantile(0.99).map_or(f64::NAN, |seconds| seconds * 1_000.0);
    let tick_p99 = worlds().map(|(now, then)| p99_ms(now.seconds.since(&then.seconds)));
    let cpu = to.process.cpu_seconds.zip(from.process.cpu_seconds);
    let number = |figure: Option<i64>| figure.map_or(f64::NAN, |figure| figure as f64);
    let [online, connections, in_memory] = to.gauges.map(|gauge| gauge as f64);
    [
        online,
        connections,
        in_memory,
        on_time.fold(f64::NAN, f64::min),
        tick_p99.fold(f64::NAN, f64::max),
        p99_ms(to.lag.since(&from.lag)),
        rate(to.commits, from.commits),
        rate(to.errors, from.errors),
        number(to.money),
        cpu.map_or(f64::NAN, |(now, then)| 100.0 * (now - then) / seconds),
        number(to.process.resident_bytes),
        number(to.process.open_fds),
    ]
}

/// A span of the history, evenly spaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The time of the first value, in Unix milliseconds.
    pub from_ms: u64,
    /// Between two values, in milliseconds.
    pub step_ms: u64,
    /// The values by figure; `None` where there is none. All are equally long.
    pub series: BTreeMap<&'static str, Vec<Option<f64>>>,
}

/// The key figures of the last 24 hours. Shared by the keeper, which writes, and the console, which reads.
pub struct History {
    inner: Mutex<Inner>,
    worlds: Vec<WorldLabel>,
}

struct Inner {
    rings: [Ring; 3],
    /// The last readings, for figures of now.
    recent: VecDeque<Reading>,
    tick_hz: f64,
}

/// A world's figures of the last 10 seconds, or as many as there are.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldNow {
    /// Its key.
    pub key: String,
    /// How many ticks it made; `None` when nothing was measured yet.
    pub ticks: Option<u64>,
    /// How many of 100 of them began late.
    pub late_percent: f64,
    /// How long a tick's work takes.
    pub tick_p99_ms: Option<f64>,
}

impl History {
    /// An empty one, of a server with these worlds, which tick so often at full pace.
    #[must_use]
    pub fn new(tick_hz: u32, worlds: impl IntoIterator<Item = String>) -> Self {
        let worlds = worlds.into_iter().map(|world| WorldLabel { world }).collect();
        let rings = RINGS.map(Ring::new);
        let recent = VecDeque::with_capacity(RECENT + 1);
        Self { inner: Mutex::new(Inner { rings, recent, tick_hz: f64::from(tick_hz) }), worlds }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it is held, and rows are whole at every moment.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, reading: Reading) {
        let mut inner = self.inner();
        let tick_hz = inner.tick_hz;
        inner.rings.iter_mut().for_each(|ring| ring.take(&reading, tick_hz));
        if inner.recent.len() > RECENT {
            inner.recent.pop_front();
        }
        inner.recent.push_back(reading);
    }

    /// The figures of the last 10 seconds, or as many as there are, by name.
    #[must_use]
    pub fn now(&self) -> BTreeMap<&'static str, Option<f64>> {
        let inner = self.inner();
        let ends = inner.recent.front().zip(inner.recent.back()).filter(|(from, to)| from.at_ms < to.at_ms);
        let row = ends.map_or([f64::NAN; FIGURES.len()], |(from, to)| row(from, to, inner.tick_hz));
        FIGURES.into_iter().zip(row.map(some)).collect()
    }

    /// How often cell frames of slow clients were dropped in the last 10 seconds, per second.
    #[must_use]
    pub fn slow_clients_per_s(&self) -> f64 {
        let inner = self.inner();
        let ends = inner.recent.front().zip(inner.recent.back()).filter(|(from, to)| from.at_ms < to.at_ms);
        ends.map_or(0.0, |(from, to)| {
            let seconds = (to.at_ms - from.at_ms) as f64 / 1_000.0;
            to.slow_clients.saturating_sub(from.slow_clients) as f64 / seconds
        })
    }

    /// Every world, now.
    #[must_use]
    pub fn worlds_now(&self) -> Vec<WorldNow> {
        let inner = self.inner();
        let ends = inner.recent.front().zip(inner.recent.back()).filter(|(from, to)| from.at_ms < to.at_ms);
        let world = |(number, label): (usize, &WorldLabel)| {
            let key = label.world.clone();
            let ends = ends.and_then(|(from, to)| from.worlds.get(number).zip(to.worlds.get(number)));
            let Some((from, to)) = ends else {
                return WorldNow { key, ticks: None, late_percent: 0.0, tick_p99_ms: None };
            };
            let ticks = to.ticks.saturating_sub(from.ticks);
            let late = to.late.saturating_sub(from.late);
            let tick_p99_ms = to.seconds.since(&from.seconds).quantile(0.99).map(|seconds| seconds * 1_000.0);
            let late_percent = 100.0 * late as f64 / ticks.max(1) as f64;
            WorldNow { key, ticks: Some(ticks), late_percent, tick_p99_ms }
        };
        self.worlds.iter().enumerate().map(world).collect()
    }

    /// A figure's value so many minutes ago; `None` when there is none so old.
    #[must_use]
    pub fn minutes_ago(&self, figure: &str, minutes: usize) -> Option<f64> {
        let inner = self.inner();
        let column = FIGURES.iter().position(|name| *name == figure)?;
        let (last, _) = inner.rings[2].rows.back()?;
        let (_, row) = inner.rings[2].rows.iter().find(|(place, _)| place + minutes as u64 == *last)?;
        some(row[column])
    }

    /// The figures of a span. Rows that are missing, because the server stood still or was not there, are `None`.
    #[must_use]
    pub fn read(&self, span: Span) -> Series {
        let (ring, count) = span.rows();
        let inner = self.inner();
        let ring = &inner.rings[ring];
        let last = ring.rows.back().map_or(0, |(place, _)| *place);
        let oldest = ring.rows.front().map_or(last, |(place, _)| *place);
        let first = oldest.max((last + 1).saturating_sub(count as u64));
        let length = if ring.rows.is_empty() { 0 } else { (last + 1 - first) as usize };
        let mut series: BTreeMap<_, _> = FIGURES.into_iter().map(|name| (name, vec![None; length])).collect();
        for (place, row) in ring.rows.iter().filter(|(place, _)| *place >= first) {
            for (name, value) in FIGURES.into_iter().zip(row) {
                if let Some(slot) = series.get_mut(name).and_then(|values| values.get_mut((place - first) as usize)) {
                    *slot = some(*value);
                }
            }
        }
        Series { from_ms: first * ring.step_ms, step_ms: ring.step_ms, series }
    }
}

fn some(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Samples the metrics once a second, for ever. To be spawned once.
pub async fn keep(history: Arc<History>, metrics: Arc<Metrics>) {
    let to_the_second = Duration::from_millis(1_000 - now_ms() % 1_000);
    let mut timer = tokio::time::interval_at(tokio::time::Instant::now() + to_the_second, Duration::from_secs(1));
    timer.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        timer.tick().await;
        history.take(reading(&metrics, &history.worlds, now_ms()));
    }
}

fn reading(metrics: &Metrics, worlds: &[WorldLabel], at_ms: u64) -> Reading {
    let world = |label: &WorldLabel| WorldReading {
        ticks: metrics.ticks.get_or_create(label).get(),
        late: metrics.ticks_late.get_or_create(label).get(),
        seconds: metrics.tick_seconds.get_or_create(label).counts(),
    };
    Reading {
        at_ms,
        worlds: worlds.iter().map(world).collect(),
        lag: metrics.durable_lag_seconds.counts(),
        commits: metrics.commits.get(),
        errors: metrics.store_errors.get() + metrics.log_errors.get(),
        slow_clients: metrics.slow_clients.get(),
        process: ProcessFigures::read(),
        gauges: [
            metrics.sessions.get(),
            metrics.connections.get(),
            metrics.actors_live.get_or_create(&ActorLabel { kind: "player" }).get(),
        ],
        money: metrics.counted_money().map(|(credits, _)| credits),
    }
}

fn now_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START_MS: u64 = 1_795_000_000_000;

    /// A history of a world that ticks at 20 Hz, of which so many are late each second, after so many seconds.
    fn after(seconds: u64, late_per_second: u64) -> History {
        let (history, metrics) = (History::new(20, ["sol".to_owned()]), Metrics::new());
        let worlds = &history.worlds;
        for second in 0..=seconds {
            metrics.sessions.set(second as i64);
            history.take(reading(&metrics, worlds, START_MS + second * 1_000));
            metrics.ticks.get_or_create(&worlds[0]).inc_by(20);
            metrics.ticks_late.get_or_create(&worlds[0]).inc_by(late_per_second);
            metrics.tick_seconds.get_or_create(&worlds[0]).observe(0.0005);
            metrics.commits.inc_by(5);
        }
        history
    }

    #[test]
    fn rates_and_percentiles_are_of_the_rows_own_time() {
        let history = after(30, 1);
        let series = history.read(Span::Minutes15);
        assert_eq!((series.step_ms, series.from_ms), (1_000, START_MS + 1_000));
        assert_eq!(series.series["commits_per_s"], vec![Some(5.0); 30]);
        assert_eq!(series.series["ticks_on_time_percent"], vec![Some(95.0); 30]);
        assert_eq!(series.series["players_online"].last(), Some(&Some(30.0)));
        assert!(series.series["worst_tick_p99_ms"].iter().all(|p99| p99.is_some_and(|p99| p99 <= 0.5)));
        assert_eq!(series.series["durable_lag_p99_ms"], vec![None; 30], "nothing became durable");
        let now = history.now();
        assert_eq!((now["commits_per_s"], now["players_online"]), (Some(5.0), Some(30.0)));
        let WorldNow { ticks, late_percent, .. } = history.worlds_now().remove(0);
        assert_eq!((ticks, late_percent), (Some(200), 5.0));
    }

    #[test]
    fn coarser_rows_are_of_their_whole_time() {
        let series = after(125, 0).read(Span::Hour1);
        assert_eq!(series.step_ms, 10_000);
        assert_eq!(series.series["commits_per_s"], vec![Some(5.0); 12]);
        assert_eq!(after(125, 0).read(Span::Hours24).series["players_online"].len(), 2);
    }

    #[test]
    fn rings_keep_their_size() {
        let history = after(1_500, 0);
        let series = history.read(Span::Minutes15);
        assert_eq!(series.series["commits_per_s"].len(), 900);
        assert_eq!(series.from_ms, START_MS + 601_000);
        assert_eq!(history.minutes_ago("players_online", 10), Some(1_440.0 - 600.0 - 20.0 + 40.0));
        assert_eq!(history.minutes_ago("players_online", 60), None);
    }

    #[test]
    fn what_was_not_sampled_is_missing_and_not_zero() {
        let (history, metrics) = (History::new(20, []), Metrics::new());
        for second in [0, 1, 2, 5, 6] {
            metrics.commits.inc_by(4);
            history.take(reading(&metrics, &[], START_MS + second * 1_000));
        }
        let commits = &history.read(Span::Minutes15).series["commits_per_s"];
        assert_eq!(*commits, [Some(4.0), Some(4.0), None, None, Some(4.0 / 3.0), Some(4.0)]);
    }

    #[test]
    fn an_empty_history_is_empty() {
        let history = History::new(20, []);
        assert!(history.read(Span::Hours6).series.values().all(Vec::is_empty));
        assert!(history.now().values().all(Option::is_none));
    }
}
