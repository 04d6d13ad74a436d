//! The byte budget: a session that is sent more bytes of cells than it may gets less detail, far cells first.
//!
//! Decided once per cycle of ticks, right after a tick at which every cell was due: whoever changes its level then has
//! been told everything.

use orrery_core::game::space::{CYCLE, Level};

/// What a session may be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Bytes of cells; 0: as many as there are.
    bytes_per_second: u64,
}

impl Budget {
    /// A budget of so many bytes per second, 0 for none.
    pub(super) fn new(bytes_per_second: u64) -> Self {
        Self { bytes_per_second }
    }

    /// Whether there is any.
    pub(super) fn is_set(self) -> bool {
        self.bytes_per_second > 0
    }

    /// The level for the next cycle, after one in which so many bytes were sent in a world whose ticks last so long. The
    /// next finer level sends twice as much at most, so whoever is given it stays within the budget and does not change
    /// to and fro.
    pub(super) fn next_level(self, level: Level, bytes: u64, tick_ms: u32) -> Level {
        let allowed = self.bytes_per_second * CYCLE * u64::from(tick_ms) / 1_000;
        match bytes {
            bytes if bytes > allowed => level.coarser(),
            bytes if bytes <= allowed / 2 => level.finer(),
            _ => level,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_follows_the_bytes_of_a_cycle_and_stays_in_between() {
        let budget = Budget::new(1_000);
        let [full, third, second, least] = Level::ALL;
        let after = |level, bytes| budget.next_level(level, bytes, 50);
        assert_eq!([after(full, 801), after(third, 801), after(least, 801)], [third, second, least]);
        assert_eq!([after(second, 800), after(second, 401)], [second, second]);
        assert_eq!([after(least, 400), after(full, 0)], [second, full]);
    }

    #[test]
    fn a_world_that_is_slowed_down_has_longer_cycles() {
        let budget = Budget::new(1_000);
        let full = Level::default();
        assert_eq!(budget.next_level(full, 8_000, 500), full);
        assert_eq!(budget.next_level(full, 8_001, 500), full.coarser());
    }

    #[test]
    fn without_a_budget_nothing_is_decided() {
        assert!(!Budget::new(0).is_set());
        assert!(Budget::new(131_072).is_set());
    }
}
