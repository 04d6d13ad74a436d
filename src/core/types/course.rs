//! A course: how a ship moves between two decisions of its pilot. Server, bots and browsers extrapolate the same
//! course with whole numbers only, and so always agree on where a ship is.

use super::{Point, Tick};

/// From one point to another, in a straight line, within a span of ticks. A resting ship has an empty course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Course {
    /// Where it begins.
    pub from: Point,
    /// Where it ends.
    pub to: Point,
    /// The tick at which the ship is at `from`.
    pub departs: Tick,
    /// The tick from which on it is at `to`; not before `departs`.
    pub arrives: Tick,
}

impl Course {
    /// A ship at rest.
    #[must_use]
    pub fn rest(at: Point, tick: Tick) -> Self {
        Self { from: at, to: at, departs: tick, arrives: tick }
    }

    /// Where the ship is at a tick: `from + floor((to - from) * elapsed / total)`, per coordinate.
    #[must_use]
    pub fn position(&self, tick: Tick) -> Point {
        if tick >= self.arrives {
            return self.to;
        }
        // Both fit: coordinates are 32 bits wide, and no flight lasts 2^31 ticks (three years at 20 Hz).
        let elapsed = tick.since(self.departs) as i64;
        // Before it begins, a course without length is asked for its beginning, too.
        let total = self.arrives.since(self.departs).max(1) as i64;
        let along = |from: i32, to: i32| {
            let way = (i64::from(to) - i64::from(from)).saturating_mul(elapsed).div_euclid(total);
            i32::try_from(i64::from(from) + way).unwrap_or(to)
        };
        Point::new(along(self.from.x, self.to.x), along(self.from.y, self.to.y))
    }

    /// Whether the ship moves in the step to this tick.
    #[must_use]
    pub fn moves_at(&self, tick: Tick) -> bool {
        tick > self.departs && tick <= self.arrives && self.from != self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ship_is_where_its_course_says_at_both_ends_and_rests_outside_them() {
        let course =
            Course { from: Point::new(-10, 5), to: Point::new(90, -5), departs: Tick(100), arrives: Tick(110) };
        assert_eq!(course.position(Tick(50)), course.from);
        assert_eq!(course.position(Tick(100)), course.from);
        assert_eq!(course.position(Tick(105)), Point::new(40, 0));
        assert_eq!(course.position(Tick(110)), course.to);
        assert_eq!(course.position(Tick(9_999)), course.to);
        for tick in [0, 6, 7, 8] {
            assert_eq!(Course::rest(course.to, Tick(7)).position(Tick(tick)), course.to);
        }
    }

    #[test]
    fn broken_steps_are_rounded_down_in_both_directions() {
        let course = Course { from: Point::new(0, 0), to: Point::new(1, -1), departs: Tick(0), arrives: Tick(3) };
        assert_eq!(course.position(Tick(1)), Point::new(0, -1));
    }
}
