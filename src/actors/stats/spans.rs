//! Figures of the last seconds or minutes, kept as those of this span of time and of the one before.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Messages per second are counted over this long.
pub const RATE_SPAN: Duration = Duration::from_secs(10);
/// The slowest handler is that of a minute of this length, and of the one before.
pub const SLOWEST_SPAN: Duration = Duration::from_secs(60);

/// Which span of this length a moment is in.
pub(super) fn span_number(since: Duration, span: Duration) -> u32 {
    u32::try_from(since.as_secs() / span.as_secs()).unwrap_or(u32::MAX)
}

/// Counts per second: what was counted in this span, and the share of the one before that is not over yet.
#[derive(Debug, Default)]
pub(super) struct Rate {
    span: AtomicU32,
    now: AtomicU32,
    before: AtomicU32,
}

impl Rate {
    pub(super) fn add(&self, count: u32, since: Duration) {
        let (span, here) = (self.span.load(Ordering::Relaxed), span_number(since, RATE_SPAN));
        // Of several who find that a new span has begun, one turns the page. What others count meanwhile may end up on
        // either page.
        if span < here && self.span.compare_exchange(span, here, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let last = self.now.swap(0, Ordering::Relaxed);
            self.before.store(if span + 1 == here { last } else { 0 }, Ordering::Relaxed);
        }
        self.now.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn at(&self, since: Duration) -> f64 {
        let [now, before] = [&self.now, &self.before].map(|count| f64::from(count.load(Ordering::Relaxed)));
        let (span, here) = (self.span.load(Ordering::Relaxed), span_number(since, RATE_SPAN));
        let length = RATE_SPAN.as_secs_f64();
        let gone = (since.as_secs_f64() - f64::from(here) * length) / length;
        let count = match here.saturating_sub(span) {
            0 => now + before * (1.0 - gone),
            1 => now * (1.0 - gone),
            _ => 0.0,
        };
        count / since.as_secs_f64().clamp(1.0, length)
    }
}

/// The slowest handlers of two minutes, in µs, with their messages.
#[derive(Debug, Default)]
pub(super) struct Slowest {
    pub(super) minute: u32,
    pub(super) now: (u32, &'static str),
    before: (u32, &'static str),
}

impl Slowest {
    pub(super) fn note(&mut self, minute: u32, us: u32, message: &'static str) {
        if minute > self.minute {
            self.before = if minute == self.minute + 1 { self.now } else { Default::default() };
            (self.minute, self.now) = (minute, Default::default());
        }
        if us >= self.now.0 {
            self.now = (us, message);
        }
    }

    pub(super) fn at(&self, minute: u32) -> (u32, &'static str) {
        match minute.saturating_sub(self.minute) {
            0 if self.before.0 > self.now.0 => self.before,
            0 | 1 => self.now,
            _ => Default::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_rate_is_that_of_the_last_ten_seconds_however_long_the_actor_lives() {
        let rate = Rate::default();
        rate.add(30, s(2.0));
        assert_eq!(rate.at(s(0.5)), 30.0, "of a second at least");
        assert_eq!(rate.at(s(3.0)), 10.0);
        (10..20).for_each(|second| rate.add(5, s(f64::from(second) + 0.01)));
        assert!((rate.at(s(20.0)) - 5.0).abs() < 0.01);
        (20..25).for_each(|second| rate.add(1, s(f64::from(second) + 0.01)));
        assert!((rate.at(s(25.0)) - 3.0).abs() < 0.01, "half of the span before, and this one");
        assert!((rate.at(s(35.0)) - 0.25).abs() < 0.01);
        assert_eq!(rate.at(s(45.0)), 0.0);
        rate.add(10, s(100.0));
        assert_eq!(rate.at(s(100.0)), 1.0, "nothing of long ago");
    }

    #[test]
    fn the_slowest_handler_is_forgotten_after_a_minute_or_two() {
        let mut slowest = Slowest::default();
        slowest.note(0, 50, "fast");
        slowest.note(0, 900, "slow");
        slowest.note(0, 100, "middling");
        assert_eq!(slowest.at(0), (900, "slow"));
        slowest.note(1, 70, "later");
        assert_eq!(slowest.at(1), (900, "slow"), "of the minute before");
        assert_eq!(slowest.at(2), (70, "later"));
        assert_eq!(slowest.at(3), (0, ""));
        slowest.note(9, 1, "much later");
        assert_eq!(slowest.at(9), (1, "much later"));
    }
}
