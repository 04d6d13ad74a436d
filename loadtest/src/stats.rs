//! What the swarm counts and times. One [`Stats`] is shared by all bots; its counters only ever grow, so that a
//! window is the difference of two [`Counts`].
//!
//! Timings are open-loop: each is measured from the instant when its action was *due*, and belongs to the window in
//! which it was due, however late its end was. Each is kept twice: for the window, and for the second of the timeline.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::hdr::Hdr;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Timing {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Connect, Self::Ack, Self::Answer, Self::Seen, Self::SeenFar, Self::Lag];

    /// What it is, in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Connect => "connect until welcome",
            Self::Ack => "economic command acked",
            Self::Answer => "other command answered",
            Self::Seen => "input seen by another bot",
            Self::SeenFar => "the same, from far away",
            Self::Lag => "the swarm's own delay",
        }
    }
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The counters of a moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

            /// What both counted.
            #[must_use]
            pub fn plus(&self, other: &Self) -> Self {
                Self { $($name: self.$name.saturating_add(other.$name),)* }
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
    /// Timings of actions that waited for an answer or were swallowed by a standstill, from when they were due.
    corrected,
    /// Actions left out: due while the bot had no connection, or far too long ago.
    missed,
}

/// Digits to which the timings of a window and of a second are told apart: a second's are many and stay small.
const WINDOW_DIGITS: u8 = 3;
const SECOND_DIGITS: u8 = 2;

/// The timings of the window and of the current second.
struct Timings {
    window: Vec<Hdr>,
    second: Vec<Hdr>,
    /// What was due from then on is kept; from the beginning, if there is none.
    from: Option<Instant>,
    /// What was due before then is kept.
    until: Option<Instant>,
}

impl Timings {
    fn keeps(&self, took: Duration) -> bool {
        let due = Instant::now().checked_sub(took);
        // What was due before the clock began was due before everything.
        self.from.is_none_or(|from| due.is_some_and(|due| due >= from))
            && self.until.is_none_or(|until| due.is_none_or(|due| due < until))
    }
}

fn histograms(digits: u8) -> Vec<Hdr> {
    Timing::ALL.iter().map(|_| Hdr::new(digits)).collect()
}

/// Counters, timings and error codes.
pub struct Stats {
    counters: Counters,
    connected: AtomicI64,
    timings: Mutex<Timings>,
    codes: Mutex<BTreeMap<String, u64>>,
}

impl Default for Stats {
    fn default() -> Self {
        let (window, second) = (histograms(WINDOW_DIGITS), histograms(SECOND_DIGITS));
        Self {
            counters: Counters::default(),
            connected: AtomicI64::new(0),
            timings: Mutex::new(Timings { window, second, from: None, until: None }),
            codes: Mutex::default(),
        }
    }
}

impl Stats {
    /// Opens the window, or closes it: timings (other than of connects) of what was due in it are kept.
    pub fn set_measuring(&self, measuring: bool) {
        let mut timings = lock(&self.timings);
        let now = Some(Instant::now());
        (timings.from, timings.until) = if measuring { (now, None) } else { (timings.from, now) };
    }

    /// Keeps a timing that ends now and took this long since it was due.
    pub fn time(&self, timing: Timing, took: Duration) {
        let mut timings = lock(&self.timings);
        timings.second[timing as usize].record(took);
        if timing == Timing::Connect || timings.keeps(took) {
            timings.window[timing as usize].record(took);
        }
    }

    /// The timings of the window.
    #[must_use]
    pub fn histograms(&self) -> BTreeMap<Timing, Hdr> {
        let timings = lock(&self.timings);
        Timing::ALL.into_iter().map(|timing| (timing, timings.window[timing as usize].clone())).collect()
    }

    /// Forgets the timings of the window, so that another one can be opened.
    pub fn forget_window(&self) {
        lock(&self.timings).window.iter_mut().for_each(Hdr::clear);
    }

    /// What was timed since this was asked last; nothing for what was not.
    pub(crate) fn take_second(&self) -> BTreeMap<Timing, Hdr> {
        let mut timings = lock(&self.timings);
        let timed = |timing: &Timing| timings.second[*timing as usize].count() > 0;
        let taken: Vec<Timing> = Timing::ALL.into_iter().filter(timed).collect();
        let take = |timing| (timing, std::mem::replace(&mut timings.second[timing as usize], Hdr::new(SECOND_DIGITS)));
        taken.into_iter().map(take).collect()
    }

    /// The percentiles of a timing.
    #[must_use]
    pub fn percentiles(&self, timing: Timing) -> Percentiles {
        lock(&self.timings).window[timing as usize].percentiles()
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_difference_and_keeps_what_was_due_in_it() {
        let stats = Stats::default();
        stats.bytes(5);
        let before = stats.counts();
        stats.bytes(7);
        assert_eq!(stats.counts().since(&before).bytes, 7);
        stats.set_measuring(false);
        stats.time(Timing::Ack, Duration::ZERO);
        stats.set_measuring(true);
        stats.time(Timing::Ack, Duration::ZERO);
        // Due before the window, however it ends.
        stats.time(Timing::Ack, Duration::from_secs(9));
        assert_eq!(stats.percentiles(Timing::Ack).count, 1);
        assert_eq!(stats.take_second()[&Timing::Ack].count(), 3);
        assert!(stats.take_second().is_empty());
    }

    #[test]
    fn what_was_due_in_the_window_counts_when_it_ends_after_it() {
        let stats = Stats::default();
        stats.set_measuring(true);
        let due = Instant::now();
        std::thread::sleep(Duration::from_millis(2));
        stats.set_measuring(false);
        stats.time(Timing::Ack, due.elapsed());
        stats.time(Timing::Ack, Duration::ZERO);
        assert_eq!(stats.percentiles(Timing::Ack).count, 1);
    }
}
