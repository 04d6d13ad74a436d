//! How late ticks reach clients: from the instant at which a tick was *due* until a member received its frame.
//!
//! A client cannot see when a tick was due, but all of them together can: ticks are due one period apart, and none
//! arrives before it is due. So tick `k` was due at `t0 + k × period`, with `t0` the smallest `arrival − k × period` over
//! all members and the whole window. The fastest delivery counts as 0; everything else is measured against it. A
//! server that leaves ticks out or slows them down falls behind that schedule, and all later ticks are late.

use std::time::Instant;

use crate::stats::Percentiles;

/// The width of a bin.
const BIN_US: i64 = 20;
/// Beyond this, earlier or later than the first arrival, it is no matter how much.
const SPAN_US: i64 = 120_000_000;

/// The arrivals of a window.
#[derive(Debug, Default)]
pub struct Arrivals {
    tick_hz: u32,
    first: Option<(u64, Instant)>,
    ticks: (u64, u64),
    /// The smallest and the largest `arrival − k × period`, in µs from the first arrival's.
    offsets: (i64, i64),
    /// How many arrivals have an offset in each bin; `bins[0]` is bin number `lowest`.
    bins: Vec<u32>,
    lowest: i64,
}

impl Arrivals {
    /// None yet; so many ticks are due per second.
    #[must_use]
    pub fn new(tick_hz: u32) -> Self {
        Self { tick_hz: tick_hz.max(1), ..Self::default() }
    }

    /// Somebody received a tick's frame.
    pub fn arrived(&mut self, tick: u64, at: Instant) {
        let (first_tick, first_at) = *self.first.get_or_insert_with(|| {
            self.ticks = (tick, tick);
            (tick, at)
        });
        self.ticks = (self.ticks.0.min(tick), self.ticks.1.max(tick));
        let after = |later: Instant, earlier: Instant| later.saturating_duration_since(earlier).as_micros() as i64;
        let due = (tick as i64).wrapping_sub(first_tick as i64).saturating_mul(1_000_000) / i64::from(self.tick_hz);
        let offset = (after(at, first_at) - after(first_at, at)).saturating_sub(due).clamp(-SPAN_US, SPAN_US);
        self.offsets = (self.offsets.0.min(offset), self.offsets.1.max(offset));
        self.count(offset.div_euclid(BIN_US));
    }

    fn count(&mut self, bin: i64) {
        if self.bins.is_empty() {
            self.lowest = bin;
        }
        if bin < self.lowest {
            self.bins.splice(..0, (bin..self.lowest).map(|_| 0));
            self.lowest = bin;
        }
        // Not negative, and bounded by the clamp of offsets.
        let index = (bin - self.lowest) as usize;
        if index >= self.bins.len() {
            self.bins.resize(index + 1, 0);
        }
        self.bins[index] += 1;
    }

    /// The ticks from the first to the last that arrived, both included.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        if self.first.is_some() { self.ticks.1 - self.ticks.0 + 1 } else { 0 }
    }

    /// From due until received.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        let count = self.bins.iter().map(|count| u64::from(*count)).sum();
        if count == 0 {
            return Percentiles::default();
        }
        let at = |quantile: f64| self.late_ms(self.bin_of((quantile * count as f64).ceil() as u64));
        Percentiles {
            count,
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: (self.offsets.1 - self.offsets.0) as f64 / 1000.0,
        }
    }

    /// The bin of the arrival of this rank.
    fn bin_of(&self, rank: u64) -> i64 {
        let mut passed = 0;
        let index = self.bins.iter().position(|count| {
            passed += u64::from(*count);
            passed >= rank.max(1)
        });
        self.lowest + index.map_or(0, |index| index as i64)
    }

    /// The middle of a bin, which may lie beyond the extremes.
    fn late_ms(&self, bin: i64) -> f64 {
        let middle = (bin * BIN_US + BIN_US / 2).clamp(self.offsets.0, self.offsets.1);
        (middle - self.offsets.0) as f64 / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PERIOD: Duration = Duration::from_millis(50);

    /// Arrivals of ticks 100 to 199 at 100 members, each tick so late at its fastest member.
    fn arrivals(late: impl Fn(u64) -> Duration) -> Arrivals {
        let (mut arrivals, start) = (Arrivals::new(20), Instant::now());
        for tick in 100..200_u64 {
            for member in 0..100_u64 {
                let due = start + PERIOD * (tick - 100) as u32;
                arrivals.arrived(tick, due + late(tick) + Duration::from_micros(100 * member));
            }
        }
        arrivals
    }

    fn near(milliseconds: f64, expected: f64) -> bool {
        (milliseconds - expected).abs() < 0.05
    }

    #[test]
    fn the_fastest_arrival_tells_when_ticks_were_due() {
        // Tick 150 is the only one that begins in time; the very first one is 7 ms late.
        let arrivals = arrivals(|tick| Duration::from_millis(if tick == 150 { 0 } else { 7 }));
        let late = arrivals.percentiles();
        assert_eq!((arrivals.ticks(), late.count), (100, 10_000));
        assert!(
            near(late.p50_ms, 7.0 + 4.9) && near(late.p99_ms, 7.0 + 9.8) && near(late.max_ms, 7.0 + 9.9),
            "{late:?}"
        );
    }

    #[test]
    fn a_server_that_slows_down_is_ever_later() {
        let late = arrivals(|tick| PERIOD * u32::from(tick >= 150)).percentiles();
        assert!(near(late.max_ms, 59.9) && late.p50_ms < 10.0 && late.p90_ms > 50.0, "{late:?}");
    }

    #[test]
    fn nothing_is_late_when_nothing_came_and_what_is_absurd_is_bounded() {
        let mut arrivals = Arrivals::new(20);
        assert_eq!((arrivals.ticks(), arrivals.percentiles()), (0, Percentiles::default()));
        let now = Instant::now();
        arrivals.arrived(5, now);
        arrivals.arrived(1_000_000_000, now);
        arrivals.arrived(0, now);
        assert!(arrivals.percentiles().max_ms <= 2.0 * SPAN_US as f64 / 1000.0);
        assert!(arrivals.bins.len() as i64 <= 2 * SPAN_US / BIN_US + 2);
    }
}
