//! Cadence: how often a viewer is told of a cell, by how far away the cell is and by how much the viewer can take in.
//!
//! A cell belongs to a *tier* by its distance from the viewer's anchor; a viewer has a *level* of detail by its bytes
//! per second. Both together give a *period* in ticks, a power of two. A period of `p` is due at the ticks divisible
//! by `p`, for everybody, so that what is sent is the same for everybody; and every period is due at the ticks
//! divisible by [`CYCLE`]. What is sent at a due tick is the latest state of everything that was touched since the due
//! tick before. So nobody who is told of a cell with period `p` is ever more than `p - 1` ticks behind.

/// Every period divides this many ticks: after a tick divisible by it, every viewer has been told everything.
pub const CYCLE: u64 = 16;

/// Cells by their distance from a viewer's anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// What a player acts on.
    Near,
    /// In between.
    Middle,
    /// At the edge of what a player sees.
    Far,
}

impl Tier {
    /// All of them, nearest first.
    pub const ALL: [Self; 3] = [Self::Near, Self::Middle, Self::Far];
}

/// How much detail a viewer gets: 0 is all there is, 3 the least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

/// Ticks between two frames of a cell, by level and tier.
const PERIODS: [[u64; 3]; 4] = [[1, 2, 4], [1, 4, 8], [2, 8, 16], [4, 16, 16]];

impl Level {
    /// All of them, the most detailed first.
    pub const ALL: [Self; PERIODS.len()] = [Self(0), Self(1), Self(2), Self(3)];

    /// Its number.
    #[must_use]
    pub fn number(self) -> usize {
        usize::from(self.0)
    }

    /// The next one with less detail, if there is one.
    #[must_use]
    pub fn coarser(self) -> Self {
        Self((self.0 + 1).min(3))
    }

    /// The next one with more detail, if there is one.
    #[must_use]
    pub fn finer(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Ticks between two frames of a cell of this tier.
    #[must_use]
    pub fn period(self, tier: Tier) -> u64 {
        PERIODS[self.number()][tier as usize]
    }

    /// How many ticks, the current one included, a cell must be told of that comes nearer at this tick: since the last
    /// tick at which all periods of this level were due. `None` when that was the tick before.
    #[must_use]
    pub fn catch_up_ticks(self, tick: u64) -> Option<u64> {
        let passed = tick.saturating_sub(1) % self.period(Tier::Far);
        (passed > 0).then_some(passed + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_cells_go_first_at_every_level_and_every_period_divides_the_cycle() {
        for level in Level::ALL {
            let periods = Tier::ALL.map(|tier| level.period(tier));
            assert!(periods.is_sorted(), "{periods:?}");
            assert!(periods.iter().all(|period| CYCLE.is_multiple_of(*period)), "{periods:?}");
            assert!(Tier::ALL.iter().all(|tier| level.period(*tier) <= level.coarser().period(*tier)));
            assert_eq!((level.finer() < level, level.coarser() > level), (level.0 > 0, level.0 < 3));
        }
    }

    #[test]
    fn a_catch_up_reaches_back_to_when_everything_was_told() {
        assert_eq!([1, 2, 4, 5].map(|tick| Level(0).catch_up_ticks(tick)), [None, Some(2), Some(4), None]);
        assert_eq!([17, 31, 32].map(|tick| Level(3).catch_up_ticks(tick)), [None, Some(15), Some(16)]);
    }
}
