//! What the swarm counts and times. One [`Stats`] is shared by all bots; its counters only ever grow, so that a
//! window is the difference of two [`Counts`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// TCP connect until welcome.
    Connect,
    /// Economic command due until answered.
    Ack,
    /// Any other command due until answered.
    Answer,
    /// Input due until another bot sees the course, whose ship is within the interest radius.
    Seen,
    /// The same, farther away.
    SeenFar,
    /// Action due until the bot came to it: the swarm's own delay.
    Lag,
}

const TIMINGS: usize = 6;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The counters of a moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct Counts { $($(#[$doc])* pub $name: u64,)* }

        #[derive(Default)]
        struct Counters { $($name: AtomicU64,)* }

        impl Stats {
            $($(#[$doc])*
            pub fn $name(&self, count: u64) {
                self.counters.$name.fetch_add(count, Relaxed);
            })*

            /// The counters as they stand.
            #[must_use]
            pub fn counts(&self) -> Counts {
                Counts { $($name: self.counters.$name.load(Relaxed),)* }
            }
        }

        impl Counts {
            /// What was counted since an earlier moment.
            #[must_use]
            pub fn since(&self, earlier: &Self) -> Self {
                Self { $($name: self.$name.saturating_sub(earlier.$name),)* }
            }
        }
    };
}

counters! {
    /// Bytes received.
    bytes,
    /// Data frames received.
    frames,
    /// Cell entries received.
    updates,
    /// Messages sent.
    sent,
    /// Economic commands answered `ok`.
    acknowledged,
    /// Any command answered `ok`.
    ok,
    /// Answers `error`, of any code.
    errors,
    /// Connections lost without a plan.
    disconnects,
    /// Connections dropped on purpose.
    drops,
    /// Sessions that were resumed.
    resumed,
    /// Sessions that could not be resumed.
    not_resumed,
    /// Attempts to connect that failed.
    failed_connects,
    /// Bots that could not come back as the player they were.
    lost_players,
    /// Accounts registered with a password.
    registered,
    /// Bots whose books were compared with `status` at the end, and agreed.
    accounts_verified,
    /// Bots whose books could not be compared, for lack of a connection.
    accounts_unverified,
    /// Positions of other bots' ships that were compared with the truth.
    positions_compared,
    /// Courses as answered that were compared with the frames.
    courses_compared,
    /// Notifications booked.
    notices,
    /// Commands that were repeated after their answer, and answered alike.
    repeats_compared,
}

/// Counters, timings and error codes.
pub struct Stats {
    counters: Counters,
    connected: AtomicI64,
    measuring: AtomicBool,
    timings: Mutex<Vec<Histogram<u64>>>,
    codes: Mutex<BTreeMap<String, u64>>,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            counters: Counters::default(),
            connected: AtomicI64::new(0),
            measuring: AtomicBool::new(true),
            timings: Mutex::new((0..TIMINGS).map(|_| histogram()).collect()),
            codes: Mutex::default(),
        }
    }
}

/// Microseconds, from 1 to 10 minutes, to three digits.
fn histogram() -> Histogram<u64> {
    // The bounds are constants that the crate accepts.
    #[allow(clippy::expect_used)]
    Histogram::new_with_bounds(1, 600_000_000, 3).expect("constant bounds are valid")
}

impl Stats {
    /// Whether timings (other than of connects) are kept now.
    pub fn set_measuring(&self, measuring: bool) {
        self.measuring.store(measuring, Relaxed);
    }

    /// Keeps a timing.
    pub fn time(&self, timing: Timing, took: Duration) {
        if timing == Timing::Connect || self.measuring.load(Relaxed) {
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            lock(&self.timings)[timing as usize].saturating_record(micros.max(1));
        }
    }

    /// The percentiles of a timing.
    #[must_use]
    pub fn percentiles(&self, timing: Timing) -> Percentiles {
        Percentiles::of(&lock(&self.timings)[timing as usize])
    }

    /// Counts an error code.
    pub fn code(&self, code: &str) {
        let mut codes = lock(&self.codes);
        match codes.get_mut(code) {
            Some(count) => *count += 1,
            None => drop(codes.insert(code.to_owned(), 1)),
        }
    }

    /// The error codes so far.
    #[must_use]
    pub fn codes(&self) -> BTreeMap<String, u64> {
        lock(&self.codes).clone()
    }

    /// A bot has come or gone.
    pub fn connected_by(&self, change: i64) {
        self.connected.fetch_add(change, Relaxed);
    }

    /// Bots connected now.
    #[must_use]
    pub fn connected(&self) -> u64 {
        u64::try_from(self.connected.load(Relaxed)).unwrap_or(0)
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A timing's percentiles, in ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// How many were timed.
    pub count: u64,
    /// The median.
    pub p50_ms: f64,
    /// Nine of ten took no longer.
    pub p90_ms: f64,
    /// 99 of 100 took no longer.
    pub p99_ms: f64,
    /// 999 of 1,000 took no longer.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Percentiles {
    fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1000.0;
        let max_ms = histogram.max() as f64 / 1000.0;
        Self { count: histogram.len(), p50_ms: at(0.5), p90_ms: at(0.9), p99_ms: at(0.99), p999_ms: at(0.999), max_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_difference_and_timings_wait_for_it() {
        let stats = Stats::default();
        stats.bytes(5);
        let before = stats.counts();
        stats.bytes(7);
        stats.set_measuring(false);
        stats.time(Timing::Ack, Duration::from_millis(5));
        stats.set_measuring(true);
        stats.time(Timing::Ack, Duration::from_millis(9));
        assert_eq!(stats.counts().since(&before).bytes, 7);
        let ack = stats.percentiles(Timing::Ack);
        assert_eq!(ack.count, 1);
        assert!((ack.max_ms - 9.0).abs() < 0.1);
    }
}
