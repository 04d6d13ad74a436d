//! Interest: which cells a ship's owner sees.
//!
//! A viewer is anchored to a cell, and everybody anchored to the same cell sees the same *neighbourhood*: all cells
//! that come within the interest radius of some point of the anchor cell. So the neighbourhood's frames are put
//! together once for all of them. The anchor follows the ship with hysteresis: it moves when the ship is farther than
//! that outside its anchor cell, so that flying along a border does not make the view flicker. Hence nobody is sent
//! anything farther away than [`Interest::reach`].
//!
//! The cells of a neighbourhood belong to tiers by their *gap*: how near to the cell a ship with this anchor can come.

use super::{Grid, Tier};
use crate::protocol::CellIndex;
use crate::types::Point;

/// The rule of interest over one grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interest {
    grid: Grid,
    radius: i32,
    hysteresis: i32,
    /// Columns and rows from an anchor to each cell of its neighbourhood, by row and column; and the cell's tier.
    offsets: Vec<(i64, i64, Tier)>,
}

/// How far away the tiers begin, in fixed-point steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierBounds {
    /// Cells with a smaller gap are near.
    pub near: i32,
    /// Of the others, cells with a smaller gap than this are in the middle, the rest is far.
    pub middle: i32,
}

impl Interest {
    /// The rule with this radius and hysteresis, in fixed-point steps.
    #[must_use]
    pub fn new(grid: Grid, radius: i32, hysteresis: i32, tiers: TierBounds) -> Self {
        let side = i64::from(grid.cell_side());
        let (radius64, slack) = (i64::from(radius), i64::from(hysteresis));
        let span = (radius64 + slack) / side + 2;
        let gap = |cells: i64| ((cells.abs() - 1).max(0) * side - if cells == 0 { 0 } else { slack }).max(0);
        let squared = |dx: i64, dy: i64| gap(dx).pow(2) + gap(dy).pow(2);
        let below = |gap: i64, bound: i32| gap < i64::from(bound).pow(2);
        let tier = |gap: i64| match gap {
            gap if below(gap, tiers.near) => Tier::Near,
            gap if below(gap, tiers.middle) => Tier::Middle,
            _ => Tier::Far,
        };
        let offsets = (-span..=span)
            .flat_map(|dy| (-span..=span).map(move |dx| (dx, dy)))
            .filter(|(dx, dy)| squared(*dx, *dy) <= radius64.pow(2))
            .map(|(dx, dy)| (dx, dy, tier(squared(dx, dy))))
            .collect();
        Self { grid, radius, hysteresis, offsets }
    }

    /// The cells that somebody anchored to this cell sees, ascending.
    #[must_use]
    pub fn neighbourhood(&self, anchor: CellIndex) -> Vec<CellIndex> {
        self.tiers(anchor).into_iter().map(|(cell, _)| cell).collect()
    }

    /// The cells that somebody anchored to this cell sees, ascending, each with its tier.
    #[must_use]
    pub fn tiers(&self, anchor: CellIndex) -> Vec<(CellIndex, Tier)> {
        let (column, row) = self.grid.column_and_row(anchor);
        let cell = |(dx, dy, tier): &(i64, i64, Tier)| Some((self.grid.cell_at(column + dx, row + dy)?, *tier));
        self.offsets.iter().filter_map(cell).collect()
    }

    /// Whether a viewer at this point keeps its anchor.
    #[must_use]
    pub fn keeps_anchor(&self, anchor: CellIndex, at: Point) -> bool {
        let (x, y) = self.grid.gap(anchor, at);
        x.max(y) <= i64::from(self.hysteresis)
    }

    /// The farthest that anything a viewer is sent may be from its ship, in fixed-point steps: radius, plus a cell on
    /// either side, plus hysteresis.
    #[must_use]
    pub fn reach(&self) -> i64 {
        // A cell's diagonal is below 3/2 of its side.
        i64::from(self.radius) + i64::from(self.hysteresis) * 2 + i64::from(self.grid.cell_side()) * 3
    }

    /// Whether some point of the cell is within the interest radius, give or take the anchor cell and hysteresis, of
    /// a ship at this point. What is sent is checked against this, independently of how views are computed.
    #[must_use]
    pub fn may_see(&self, cell: CellIndex, ship: Point) -> bool {
        let (x, y) = self.grid.gap(cell, ship);
        let side = i64::from(self.grid.cell_side());
        let limit = i64::from(self.radius) + i64::from(self.hysteresis) + side * 3 / 2;
        x * x + y * y <= limit * limit
    }

    /// The interest radius, in fixed-point steps.
    #[must_use]
    pub fn radius(&self) -> i32 {
        self.radius
    }

    /// The grid.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::units_to_fixed;
    use proptest::prelude::*;

    fn interest() -> Interest {
        let tiers = TierBounds { near: units_to_fixed(150), middle: units_to_fixed(190) };
        Interest::new(Grid::new(2_000, 100), units_to_fixed(200), units_to_fixed(10), tiers)
    }

    #[test]
    fn the_outermost_ring_is_far_and_all_else_is_near() {
        let tiers = interest().tiers(interest().grid().cell_of(Point::from_units(1_050, 1_050)));
        let of = |tier| tiers.iter().filter(|(_, other)| *other == tier).count();
        assert_eq!(Tier::ALL.map(of), [25, 0, 12]);
    }

    #[test]
    fn nothing_far_is_nearer_than_the_far_tier_begins() {
        let interest = interest();
        let anchor = interest.grid().cell_of(Point::from_units(1_050, 1_050));
        for (cell, _) in interest.tiers(anchor).into_iter().filter(|(_, tier)| *tier == Tier::Far) {
            for (x, y) in [(990, 990), (1_110, 990), (990, 1_110), (1_110, 1_110), (1_050, 990), (1_110, 1_050)] {
                let (x, y) = interest.grid().gap(cell, Point::from_units(x, y));
                assert!(x * x + y * y >= i64::from(units_to_fixed(190)).pow(2), "{cell}");
            }
        }
    }

    #[test]
    fn everything_within_the_radius_is_in_the_neighbourhood_wherever_the_ship_is_in_its_cell() {
        let interest = interest();
        let anchor = interest.grid().cell_of(Point::from_units(1_050, 1_050));
        let seen = interest.neighbourhood(anchor);
        assert_eq!(seen.len(), 37);
        for (x, y) in [(1_000, 1_000), (1_099, 1_000), (1_050, 1_050), (1_099, 1_099)] {
            for (dx, dy) in [(200, 0), (-200, 0), (0, 200), (141, 141), (-141, 141)] {
                let cell = interest.grid().cell_of(Point::from_units(x + dx, y + dy));
                assert!(seen.contains(&cell), "{x}+{dx} {y}+{dy}");
            }
        }
    }

    #[test]
    fn the_anchor_is_kept_within_the_hysteresis() {
        let interest = interest();
        let anchor = interest.grid().cell_of(Point::from_units(1_050, 1_050));
        assert!(interest.keeps_anchor(anchor, Point::from_units(1_109, 1_050)));
        assert!(!interest.keeps_anchor(anchor, Point::from_units(1_111, 1_050)));
    }

    proptest! {
        #[test]
        fn whoever_keeps_its_anchor_sees_all_within_the_radius_and_nothing_it_must_not(
            x in 0..2_000 * 256_i32, y in 0..2_000 * 256_i32, ax in -12..112_i32, ay in -12..112_i32,
            dx in -200..=200_i32, dy in -200..=200_i32,
        ) {
            let interest = interest();
            let anchor = interest.grid().cell_of(Point::new(x, y));
            let (column, row) = interest.grid().column_and_row(anchor);
            let ship = Point::from_units(
                (i32::try_from(column).unwrap() * 100 + ax).clamp(0, 2_000),
                (i32::try_from(row).unwrap() * 100 + ay).clamp(0, 2_000),
            );
            prop_assume!(interest.keeps_anchor(anchor, ship));
            let seen = interest.neighbourhood(anchor);
            for cell in &seen {
                prop_assert!(interest.may_see(*cell, ship));
            }
            let other = Point::new(
                (ship.x + dx * 256).clamp(0, 2_000 * 256), (ship.y + dy * 256).clamp(0, 2_000 * 256),
            );
            if ship.within(other, units_to_fixed(200)) {
                prop_assert!(seen.contains(&interest.grid().cell_of(other)));
            }
        }
    }
}
