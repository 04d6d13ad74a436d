//! Amounts and places. Arithmetic on amounts is checked: an overflow is an answer, never a wrong sum.

use serde::{Deserialize, Serialize};

/// Fixed-point steps per unit of space: positions are whole numbers of 1/256 unit, so that server, bots and browsers
/// compute the same thing to the bit.
pub const FIXED_PER_UNIT: i32 = 256;

/// Whole units as fixed-point steps; saturates at the ends of the range.
#[must_use]
pub fn units_to_fixed(units: i32) -> i32 {
    units.saturating_mul(FIXED_PER_UNIT)
}

/// A place in a world, in fixed-point steps from its corner. On the wire `[x, y]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "(i32, i32)", into = "(i32, i32)")]
pub struct Point {
    /// Steps to the right.
    pub x: i32,
    /// Steps up.
    pub y: i32,
}

impl Point {
    /// A point from fixed-point steps.
    #[must_use]
    pub const fn new(x: i32, y: i32) -> Self {
        Self { x, y }
    }

    /// A point from whole units.
    #[must_use]
    pub fn from_units(x: i32, y: i32) -> Self {
        Self::new(units_to_fixed(x), units_to_fixed(y))
    }

    /// The square of the distance in steps, exact.
    #[must_use]
    pub fn distance_squared(self, other: Self) -> i128 {
        let dx = i128::from(self.x) - i128::from(other.x);
        let dy = i128::from(self.y) - i128::from(other.y);
        dx * dx + dy * dy
    }

    /// Whether `other` is at most `range` steps away.
    #[must_use]
    pub fn within(self, other: Self, range: i32) -> bool {
        self.distance_squared(other) <= i128::from(range) * i128::from(range)
    }
}

impl From<(i32, i32)> for Point {
    fn from((x, y): (i32, i32)) -> Self {
        Self { x, y }
    }
}

impl From<Point> for (i32, i32) {
    fn from(point: Point) -> Self {
        (point.x, point.y)
    }
}

macro_rules! amounts {
    ($($(#[$doc:meta])* $amount:ident),* $(,)?) => {$(
        $(#[$doc])*
        /// At most 2^53 - 1 ([`Self::MAX`]), so that a browser's number holds it.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $amount(pub u64);

        impl $amount {
            /// The largest amount.
            pub const MAX: Self = Self((1 << 53) - 1);
            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// The sum, or `None` above [`Self::MAX`].
            #[must_use]
            pub fn checked_add(self, other: Self) -> Option<Self> {
                self.0.checked_add(other.0).map(Self).filter(|sum| *sum <= Self::MAX)
            }

            /// The difference, or `None` below zero.
            #[must_use]
            pub fn checked_sub(self, other: Self) -> Option<Self> {
                self.0.checked_sub(other.0).map(Self)
            }

            /// The product, or `None` above [`Self::MAX`].
            #[must_use]
            pub fn checked_mul(self, factor: u64) -> Option<Self> {
                self.0.checked_mul(factor).map(Self).filter(|product| *product <= Self::MAX)
            }
        }

        impl std::fmt::Display for $amount {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

amounts! {
    /// Money.
    Credits,
    /// A number of pieces of one item.
    Quantity,
    /// Room in a hold.
    Volume,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_refuse_to_overflow() {
        assert_eq!(Credits::MAX.checked_add(Credits(1)), None);
        assert_eq!(Credits(1).checked_sub(Credits(2)), None);
        assert_eq!(Credits(1 << 52).checked_mul(2), None);
        assert_eq!(Credits(3).checked_mul(4), Some(Credits(12)));
    }

    #[test]
    fn distance_is_exact_at_the_ends_of_the_range() {
        let (a, b) = (Point::new(i32::MIN, i32::MIN), Point::new(i32::MAX, i32::MAX));
        assert_eq!(a.distance_squared(b), 2 * i128::from(u32::MAX) * i128::from(u32::MAX));
        assert!(Point::new(0, 0).within(Point::new(3, 4), 5));
        assert!(!Point::new(0, 0).within(Point::new(3, 5), 5));
    }
}
