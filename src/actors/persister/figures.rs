//! What the persister did in the last two minutes, for operators: rates and quantiles. A window that slides in steps;
//! what is counted costs a few additions under a lock that is held by nobody else but a reader now and then.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use orrery_core::types::Millis;
use tokio::time::Instant;

use crate::actors::node::now;

/// The window's step.
const STEP: Duration = Duration::from_secs(10);
/// How many steps it has.
const STEPS: usize = 12;
/// The longest time that is told apart: an hour.
const TIME_MAX_US: u64 = 3_600_000_000;
/// The most rows that are told apart.
const ROWS_MAX: u64 = 1_000_000;
/// Digits that are told apart: to one in a hundred.
const DIGITS: u8 = 2;

/// A copy of the figures. Times are those of the last two minutes; `None` when there were none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersisterFigures {
    /// The number of the last batch that is in.
    pub batch_mark: u64,
    /// How long the oldest commit that is not durable has waited.
    pub oldest_wait: Option<Duration>,
    /// Batches per second, of the last 10 to 20 s.
    pub batches_per_s: f64,
    /// Commits per second, of the last 10 to 20 s.
    pub commits_per_s: f64,
    /// Rows of a batch: the median.
    pub rows_per_batch_p50: Option<u64>,
    /// How long a batch took to be written: the median.
    pub batch_p50: Option<Duration>,
    /// And 99 of 100.
    pub batch_p99: Option<Duration>,
    /// How long a commit took to become durable: the median.
    pub durable_lag_p50: Option<Duration>,
    /// And 99 of 100.
    pub durable_lag_p99: Option<Duration>,
    /// What the store said when it failed to write last, and when that was.
    pub last_error: Option<(Millis, String)>,
}

/// Where the persister counts.
pub(super) struct Figures(Mutex<Counting>);

struct Counting {
    started: Instant,
    /// The step under way is the last one; never empty.
    steps: VecDeque<Step>,
    /// When the oldest commit of the batch under way came.
    under_way: Option<Instant>,
    batch_mark: u64,
    last_error: Option<(Millis, String)>,
}

struct Step {
    began: Instant,
    batches: u64,
    commits: u64,
    rows: Histogram<u32>,
    batch_us: Histogram<u32>,
    lag_us: Histogram<u32>,
}

impl Step {
    fn new(began: Instant) -> Self {
        let (rows, batch_us, lag_us) = (histogram(ROWS_MAX), histogram(TIME_MAX_US), histogram(TIME_MAX_US));
        Self { began, batches: 0, commits: 0, rows, batch_us, lag_us }
    }

    /// Empty again: no memory is asked for once the window is full.
    fn reset(mut self, began: Instant) -> Self {
        [&mut self.rows, &mut self.batch_us, &mut self.lag_us].into_iter().for_each(Histogram::reset);
        Self { began, batches: 0, commits: 0, ..self }
    }
}

impl Figures {
    pub(super) fn new() -> Self {
        let started = Instant::now();
        let steps = [Step::new(started)].into();
        Self(Mutex::new(Counting { started, steps, under_way: None, batch_mark: 0, last_error: None }))
    }

    /// A batch is being written; its oldest commit came then.
    pub(super) fn begin(&self, oldest: Option<Instant>) {
        self.counting().under_way = oldest;
    }

    /// The store failed to write.
    pub(super) fn failed(&self, text: String) {
        self.counting().last_error = Some((now(), text));
    }

    /// An attempt has succeeded and took so long.
    pub(super) fn attempted(&self, took: Duration) {
        self.counting().step(Instant::now()).batch_us.saturating_record(micros(took));
    }

    /// The batch with this number and so many rows is in, and with it the commits that came then.
    pub(super) fn written(&self, number: u64, rows: usize, arrivals: impl Iterator<Item = Instant>) {
        let now = Instant::now();
        let mut counting = self.counting();
        counting.under_way = None;
        counting.batch_mark = number;
        let step = counting.step(now);
        step.batches += 1;
        step.rows.saturating_record(u64::try_from(rows).unwrap_or(u64::MAX));
        for came in arrivals {
            step.commits += 1;
            step.lag_us.saturating_record(micros(now - came));
        }
    }

    /// A copy; `waits` is when the oldest commit came that is in no batch yet.
    pub(super) fn read(&self, waits: Option<Instant>) -> PersisterFigures {
        let now = Instant::now();
        let mut counting = self.counting();
        let since = counting.step(now).began.checked_sub(STEP).unwrap_or(now).max(counting.started);
        let span = (now - since).as_secs_f64().max(1.0);
        let recent = || counting.steps.iter().filter(|step| step.began >= since);
        let rows = merged(&counting.steps, |step| &step.rows);
        let batch = merged(&counting.steps, |step| &step.batch_us);
        let lag = merged(&counting.steps, |step| &step.lag_us);
        let time = |of: &Histogram<u32>, quantile| value(of, quantile).map(Duration::from_micros);
        PersisterFigures {
            batch_mark: counting.batch_mark,
            oldest_wait: counting.under_way.or(waits).map(|came| now - came),
            batches_per_s: recent().map(|step| step.batches).sum::<u64>() as f64 / span,
            commits_per_s: recent().map(|step| step.commits).sum::<u64>() as f64 / span,
            rows_per_batch_p50: value(&rows, 0.5),
            batch_p50: time(&batch, 0.5),
            batch_p99: time(&batch, 0.99),
            durable_lag_p50: time(&lag, 0.5),
            durable_lag_p99: time(&lag, 0.99),
            last_error: counting.last_error.clone(),
        }
    }

    fn counting(&self) -> MutexGuard<'_, Counting> {
        // Nothing panics while it is held; were it so, a count would be missing at most.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counting {
    /// The step under way, after those before the window are forgotten.
    fn step(&mut self, now: Instant) -> &mut Step {
        let began = self.steps.back().map(|step| step.began);
        let next = began.filter(|began| now - *began >= STEP).map(|began| {
            let steps = (now - began).as_nanos() / STEP.as_nanos();
            began + STEP * u32::try_from(steps).unwrap_or(u32::MAX)
        });
        if let Some(next) = next {
            let window = STEP * u32::try_from(STEPS - 1).unwrap_or(u32::MAX);
            let mut free = None;
            while self.steps.front().is_some_and(|step| next - step.began > window) {
                free = self.steps.pop_front();
            }
            self.steps.push_back(free.map_or_else(|| Step::new(next), |step| step.reset(next)));
        }
        let last = self.steps.len() - 1;
        &mut self.steps[last]
    }
}

fn histogram(max: u64) -> Histogram<u32> {
    Histogram::new_with_bounds(1, max, DIGITS).expect("constant bounds are valid")
}

fn merged(steps: &VecDeque<Step>, of: impl Fn(&Step) -> &Histogram<u32>) -> Histogram<u32> {
    let max = steps.front().map_or(ROWS_MAX, |step| of(step).high());
    let mut all = Histogram::new_with_bounds(1, max, DIGITS).expect("those of the histograms are valid");
    for step in steps {
        all.add(of(step)).expect("all have the same bounds");
    }
    all
}

fn value(of: &Histogram<u32>, quantile: f64) -> Option<u64> {
    (!of.is_empty()).then(|| of.value_at_quantile(quantile))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pass(time: Duration) {
        tokio::time::advance(time).await;
    }

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    fn about(found: Option<Duration>, expected: u64) {
        let found = found.unwrap_or_default().as_secs_f64() * 1e3;
        let expected = expected as f64;
        assert!((found - expected).abs() <= expected / 50.0, "{found} ms is not about {expected} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn quantiles_are_of_the_last_two_minutes_and_rates_of_the_last_seconds() {
        let figures = Figures::new();
        for number in 1..=100 {
            let came = Instant::now();
            pass(ms(if number > 95 { 900 } else { 20 })).await;
            figures.attempted(ms(8));
            figures.written(number, 40, [came, came].into_iter());
        }
        let read = figures.read(None);
        assert_eq!((read.batch_mark, read.rows_per_batch_p50), (100, Some(40)));
        about(read.batch_p50, 8);
        about(read.durable_lag_p50, 20);
        about(read.durable_lag_p99, 900);
        let span = (95.0 * 20.0 + 5.0 * 900.0) / 1e3;
        assert!((read.commits_per_s - 200.0 / span).abs() < 1e-6, "{}", read.commits_per_s);
        pass(ms(60_000)).await;
        let read = figures.read(None);
        assert_eq!((read.commits_per_s, read.batches_per_s), (0.0, 0.0));
        about(read.durable_lag_p50, 20);
        pass(ms(61_000)).await;
        let read = figures.read(None);
        assert_eq!((read.durable_lag_p50, read.rows_per_batch_p50), (None, None));
        assert_eq!(read.batch_mark, 100);
    }

    #[tokio::test(start_paused = true)]
    async fn the_window_keeps_its_length_however_long_it_runs() {
        let figures = Figures::new();
        for number in 1..=1_000 {
            pass(ms(1_700)).await;
            figures.written(number, 1, std::iter::empty());
        }
        assert!(figures.counting().steps.len() <= STEPS);
        let per_second = figures.read(None).batches_per_s;
        assert!((0.5..0.7).contains(&per_second), "{per_second}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_commit_waits_until_its_batch_is_in() {
        let figures = Figures::new();
        let first = Instant::now();
        pass(ms(5)).await;
        assert_eq!(figures.read(Some(first)).oldest_wait, Some(ms(5)));
        figures.begin(Some(first));
        figures.failed("away".to_owned());
        pass(ms(5)).await;
        assert_eq!(figures.read(Some(Instant::now())).oldest_wait, Some(ms(10)), "the one in the batch");
        figures.written(1, 1, [first].into_iter());
        let read = figures.read(None);
        assert_eq!(read.oldest_wait, None);
        assert_eq!(read.last_error.map(|(_, text)| text).as_deref(), Some("away"));
    }
}
