//! The world's clock: when its ticks are due, and how long they last. Used by the world's actor alone.
//!
//! At full pace a tick lasts `1 / world.tick_hz`. A world that cannot hold that makes its ticks longer (*time
//! dilation*) instead of leaving some out: what is measured in ticks, flight above all, slows down evenly and in order,
//! and nothing waits in queues that only grow. What is measured by the wall clock goes on as ever. How long a tick
//! lasts is decided by [`Pace`] (in `pace.rs`); this file keeps the schedule.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::time::{Instant, sleep_until};

use super::pace::{Beat, Pace};
use crate::config::WorldConfig;

/// Between a tick's end and the next one's beginning, at least: whoever shares the thread gets a turn.
const REST: Duration = Duration::from_millis(1);
/// How much the pace changes, as a ratio, before players are told; they are always told of the full pace.
const NOTICEABLE: f64 = 1.099;

/// Ticks, each with the instant at which it was due.
pub(super) type Ticks = Pin<Box<dyn Stream<Item = Instant>>>;
/// Where a world's ticks come from: [`Clock::ticks`], but in tests that drive a world by hand. Called on the world's
/// own thread.
pub(super) type TickSource = Box<dyn FnOnce(&Clock) -> Ticks + Send>;

/// A tick that was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    /// When it was due.
    pub(super) due: Instant,
    /// When it began.
    pub(super) began: Instant,
    /// When its work was done.
    pub(super) ended: Instant,
    /// By how many ticks the slowest worker's fan-out was behind when it began.
    pub(super) lag: u64,
}

/// One world's clock.
pub(super) struct Clock {
    pace: Pace,
    /// How long the current tick lasts; shared with the stream of ticks.
    period: Rc<Cell<Duration>>,
    /// What players know of it.
    announced: Duration,
}

impl Clock {
    /// A clock at full pace.
    pub(super) fn new(config: &WorldConfig) -> Self {
        let nominal = config.tick_period();
        let pace = Pace::new(nominal, config.slowest_tick_period());
        Self { pace, period: Rc::new(Cell::new(nominal)), announced: nominal }
    }

    /// This clock's ticks, from now on, for ever.
    pub(super) fn ticks(&self) -> Ticks {
        let period = Rc::clone(&self.period);
        let ticks = stream::unfold(None, move |last: Option<(Instant, Instant)>| {
            let period = period.get();
            async move {
                let now = Instant::now();
                let due = last.map_or(now, |(due, began)| next_due(due, began, now, period));
                sleep_until(due).await;
                Some((due, Some((due, Instant::now()))))
            }
        });
        Box::pin(ticks)
    }

    /// How long the current tick lasts.
    pub(super) fn period(&self) -> Duration {
        self.period.get()
    }

    /// Whether a tick began too late to be called in time: by more than half of what it lasts.
    pub(super) fn is_late(&self, made: &Made) -> bool {
        made.began.duration_since(made.due) > self.period() / 2
    }

    /// A tick was made; sets how long the next one lasts.
    pub(super) fn made(&mut self, made: &Made) {
        let period = self.period();
        let beat =
            Beat { work: made.ended.duration_since(made.began), missed: made.ended > made.due + period, lag: made.lag };
        let next = self.pace.after(beat);
        if next != period {
            self.period.set(next);
            let (longer, shorter) = (next.max(self.announced), next.min(self.announced));
            if longer.as_secs_f64() >= shorter.as_secs_f64() * NOTICEABLE || next == self.pace.nominal() {
                self.announced = next;
            }
        }
    }

    /// How long a tick lasts as far as players are told, in whole milliseconds.
    pub(super) fn announced_ms(&self) -> u32 {
        whole_ms(self.announced)
    }
}

/// A tick's length as players are told it: rounded, at least 1.
pub(crate) fn whole_ms(period: Duration) -> u32 {
    let ms = (period.as_micros() + 500) / 1_000;
    u32::try_from(ms).unwrap_or(u32::MAX).max(1)
}

/// When the tick after one is due. It keeps the schedule, unless that tick began a whole period late or more: then the
/// ticks in between are lost, and the schedule begins anew with it. Never two in a row without half a period between
/// them: ships are slowed down rather than made to jump.
fn next_due(due: Instant, began: Instant, now: Instant, period: Duration) -> Instant {
    let anchor = if began.duration_since(due) < period { due } else { began };
    (anchor + period).max(began + period / 2).max(now + REST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt as _, StreamExt as _};

    const PERIOD: Duration = Duration::from_millis(50);

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn made(due: Instant, work: Duration) -> Made {
        Made { due, began: due, ended: due + work, lag: 0 }
    }

    #[test]
    fn a_tick_that_is_somewhat_late_does_not_move_the_schedule_and_a_lost_one_does() {
        let due = Instant::now();
        let next = |began: u64, ended: u64| next_due(due, due + ms(began), due + ms(ended), PERIOD) - due;
        assert_eq!(next(0, 10), ms(50));
        assert_eq!(next(20, 30), ms(50));
        assert_eq!(next(45, 49), ms(70), "half a period between two");
        assert_eq!(next(200, 205), ms(250), "no burst after a standstill");
        assert_eq!(next(0, 60), ms(61), "work beyond the period leaves others a turn");
    }

    #[test]
    fn what_players_are_told_changes_by_a_tenth_at_least_and_ends_with_the_full_pace() {
        let mut clock = Clock::new(&WorldConfig::default());
        assert_eq!((clock.announced_ms(), clock.period()), (50, PERIOD));
        let mut told = vec![clock.announced_ms()];
        let mut due = Instant::now();
        for tick in 0..2_000 {
            clock.made(&made(due, if tick < 100 { ms(70) } else { ms(1) }));
            due += clock.period();
            if *told.last().unwrap() != clock.announced_ms() {
                told.push(clock.announced_ms());
            }
        }
        assert!(told.len() > 2, "{told:?}");
        assert_eq!((told.pop(), clock.period()), (Some(50), PERIOD));
        let ratio = |pair: &[u32]| f64::from(pair[0].max(pair[1])) / f64::from(pair[0].min(pair[1]));
        assert!(told.windows(2).all(|pair| ratio(pair) >= 1.08), "{told:?}, rounded");
    }

    #[tokio::test(start_paused = true)]
    async fn ticks_follow_the_period_as_it_changes() {
        let clock = Clock::new(&WorldConfig::default());
        let mut ticks = clock.ticks();
        let first = ticks.next().await.unwrap();
        assert_eq!(ticks.next().await.unwrap() - first, PERIOD);
        clock.period.set(ms(200));
        assert_eq!(ticks.next().await.unwrap() - first, ms(250));
        // The world's thread stands still while it waits.
        assert!(ticks.next().now_or_never().is_none());
        tokio::time::advance(ms(1_000)).await;
        let late = ticks.next().await.unwrap();
        assert_eq!(late - first, ms(450));
        assert_eq!(ticks.next().await.unwrap() - first, ms(1_450), "lost ticks are not made up for");
    }
}
