//! The byte budget: a session that is sent more bytes of cells than it may gets less detail, far cells first.
//!
//! Decided once per cycle of ticks, right after a tick at which every cell was due: whoever changes its level then has
//! been told everything.

use orrery_core::game::space::{CYCLE, Level};

/// What a session may be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Bytes of cells per cycle; 0: as many as there are.
    bytes_per_cycle: u64,
}

impl Budget {
    /// A budget of so many bytes per second, 0 for none.
    pub(super) fn new(bytes_per_second: u64, tick_hz: u32) -> Self {
        Self { bytes_per_cycle: bytes_per_second * CYCLE / u64::from(tick_hz.max(1)) }
    }

    /// Whether there is any.
    pub(super) fn is_set(self) -> bool {
        self.bytes_per_cycle > 0
    }

    /// The level for the next cycle, after one in which so many bytes were sent. There is room between where detail is
    /// taken and where it is given back, so that nobody changes to and fro.
    pub(super) fn next_level(self, level: Level, bytes: u64) -> Level {
        match bytes {
            bytes if bytes > self.bytes_per_cycle => level.coarser(),
            bytes if bytes < self.bytes_per_cycle / 3 => level.finer(),
            _ => level,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_follows_the_bytes_of_a_cycle_and_stays_in_between() {
        let budget = Budget::new(1_000, 20);
        let [full, third, second, least] = Level::ALL;
        let after = |level, bytes| budget.next_level(level, bytes);
        assert_eq!([after(full, 801), after(third, 801), after(least, 801)], [third, second, least]);
        assert_eq!([after(second, 800), after(second, 266)], [second, second]);
        assert_eq!([after(least, 265), after(full, 0)], [second, full]);
    }

    #[test]
    fn without_a_budget_nothing_is_decided() {
        assert!(!Budget::new(0, 20).is_set());
        assert!(Budget::new(131_072, 60).is_set());
    }
}
