//! From what a pilot wants to a course. Whole numbers only: every machine plans the same course.

use crate::types::{Course, Point, Tick};

/// What a pilot wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// To this point; one outside the world means the nearest inside.
    To(Point),
    /// In this direction, until the world's edge. A direction of no length means to stop.
    Heading(Point),
    /// Nowhere.
    Stop,
}

/// The course from a point towards a goal, at a speed in fixed-point steps per second, in a world with a side of
/// `size` steps.
#[must_use]
pub fn plan(from: Point, goal: Goal, speed: u32, tick_hz: u32, size: i32, now: Tick) -> Course {
    let to = match goal {
        Goal::To(point) => Point::new(point.x.clamp(0, size), point.y.clamp(0, size)),
        Goal::Heading(direction) => edge(from, direction, size),
        Goal::Stop => from,
    };
    Course { from, to, departs: now, arrives: now.after(flight_ticks(from, to, speed, tick_hz)) }
}

/// How many ticks a flight takes; rounded up, so that no ship is ever faster than its speed.
fn flight_ticks(from: Point, to: Point, speed: u32, tick_hz: u32) -> u64 {
    let squared = from.distance_squared(to).unsigned_abs();
    let floor = squared.isqrt();
    let distance = if floor * floor == squared { floor } else { floor + 1 };
    let ticks = (distance * u128::from(tick_hz)).div_ceil(u128::from(speed.max(1)));
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

/// Where the ray from `from` along `direction` meets the edge of the world.
fn edge(from: Point, direction: Point, size: i32) -> Point {
    let way_left = |coordinate: i32, step: i32| match step.signum() {
        1 => Some((i128::from(size) - i128::from(coordinate), i128::from(step))),
        -1 => Some((i128::from(coordinate), -i128::from(step))),
        _ => None,
    };
    // The edge that is met first limits the way: way / step is smallest there. Compared without division.
    let (x, y) = (way_left(from.x, direction.x), way_left(from.y, direction.y));
    let (way, step) = match (x, y) {
        (None, None) => return from,
        (Some(only), None) | (None, Some(only)) => only,
        (Some(x), Some(y)) => {
            if x.0 * y.1 <= y.0 * x.1 {
                x
            } else {
                y
            }
        }
    };
    let along = |coordinate: i32, step_of_axis: i32| {
        let target = i128::from(coordinate) + i128::from(step_of_axis) * way / step;
        i32::try_from(target.clamp(0, i128::from(size))).unwrap_or(coordinate)
    };
    Point::new(along(from.x, direction.x), along(from.y, direction.y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: i32 = 1_000 * 256;

    #[test]
    fn a_flight_takes_as_long_as_its_length_and_speed_say() {
        let course = plan(Point::new(0, 0), Goal::To(Point::from_units(30, 40)), 10 * 256, 20, SIZE, Tick(7));
        assert_eq!((course.departs, course.arrives), (Tick(7), Tick(107)));
    }

    #[test]
    fn a_heading_ends_at_the_edge_it_meets_first() {
        let from = Point::from_units(500, 900);
        let to = |x, y| plan(from, Goal::Heading(Point::new(x, y)), 256, 20, SIZE, Tick(0)).to;
        assert_eq!(to(0, 5), Point::from_units(500, 1_000));
        assert_eq!(to(-1, 0), Point::from_units(0, 900));
        assert_eq!(to(1, 1), Point::from_units(600, 1_000));
        assert_eq!(to(i32::MIN, i32::MIN), Point::from_units(0, 400));
        assert_eq!(to(0, 0), from);
    }

    #[test]
    fn a_goal_outside_the_world_is_moved_to_its_edge() {
        let course = plan(Point::new(5, 5), Goal::To(Point::new(i32::MIN, i32::MAX)), 256, 20, SIZE, Tick(0));
        assert_eq!(course.to, Point::new(0, SIZE));
    }

    proptest! {
        #[test]
        fn no_ship_leaves_the_world_or_exceeds_its_speed(
            x in 0..=SIZE, y in 0..=SIZE, dx in any::<i32>(), dy in any::<i32>(), heading in any::<bool>(),
            speed in 1..300_000_u32, hz in 1..60_u32,
        ) {
            let goal = if heading { Goal::Heading(Point::new(dx, dy)) } else { Goal::To(Point::new(dx, dy)) };
            let course = plan(Point::new(x, y), goal, speed, hz, SIZE, Tick(100));
            prop_assert!((0..=SIZE).contains(&course.to.x) && (0..=SIZE).contains(&course.to.y));
            let ticks = i128::from(course.arrives.since(course.departs));
            let reach = ticks * i128::from(speed);
            prop_assert!(course.from.distance_squared(course.to) * i128::from(hz).pow(2) <= reach * reach);
        }
    }
}
