//! `vectors/courses.json`: where ships are on their courses, and how frames state courses.

use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use serde_json::json;

use super::{settle, vector_file};
use crate::protocol::cell_frame::WireCourse;
use crate::types::{Course, Point, Tick};

const ABOUT: &str = "Courses of orrery.v1. A ship is at `from` at tick `departs` and at `to` from tick `arrives` on. \
    `positions`: `[tick, x, y]`, exactly there the ship is. `frames`: what a frame of that tick says of the course, \
    `[tick, x, y, to_x, to_y, age, left]`; a client makes a course of it that gives the same positions from that tick on.";

/// The longest ways: across the largest world, 20,000 units, by the slowest ship, a unit a second, at 60 ticks a second.
const FAR: i32 = 20_000 * 256;
const FAR_TICKS: u64 = 28_285 * 60;
const SEED: u64 = 6;

fn course(name: &str, from: (i32, i32), to: (i32, i32), departs: u64, arrives: u64) -> (String, Course) {
    let (from, to) = (Point::from(from), Point::from(to));
    (name.to_owned(), Course { from, to, departs: Tick(departs), arrives: Tick(arrives) })
}

fn by_hand() -> Vec<(String, Course)> {
    vec![
        course("the page's example", (256_000, 256_000), (248_507, 260_223), 84, 98),
        course("at rest", (256_000, 276_480), (256_000, 276_480), 133, 133),
        course("at rest in the corner, at tick 0", (0, 0), (0, 0), 0, 0),
        course("no way, but time", (7, 7), (7, 7), 10, 20),
        course("one tick", (0, 0), (100, -100), 5, 6),
        course("broken steps up and down", (0, 0), (1, -1), 0, 3),
        course("broken steps, longer", (0, 0), (2, -2), 10, 17),
        course("negative ways on both axes", (90, 5), (-10, -5), 100, 110),
        course("one axis only, backwards", (512_000, 3), (0, 3), 1_000, 1_799),
        course("a way of primes", (10_007, 20_011), (3, 65_537), 7, 7_926),
        course("a long way at a late tick", (0, FAR), (FAR, 0), 1 << 40, (1 << 40) + FAR_TICKS),
        course("the longest way, the slowest ship", (0, 0), (FAR, FAR), 0, FAR_TICKS),
        course("the longest way back", (FAR, FAR), (0, 0), 1, 1 + FAR_TICKS),
        course("a ship outside the world", (-2_147_483_648, 2_147_483_647), (0, 0), 0, 1_000),
    ]
}

fn by_chance() -> Vec<(String, Course)> {
    let mut rng = Pcg64Mcg::seed_from_u64(SEED);
    let mut below = |bound: u64| rng.next_u64() % bound;
    let mut point = |side: u64| (below(side) as i32, below(side) as i32);
    let points: Vec<_> = (0..40).map(|index| (point(512_000 >> (index % 8)), point(512_000 >> (index % 8)))).collect();
    let mut courses = Vec::new();
    for (index, (from, to)) in points.into_iter().enumerate() {
        let departs = below(1 << (index % 40));
        let name = format!("by chance, no. {}", index + 1);
        courses.push(course(&name, from, to, departs, departs + 1 + below(2_000)));
    }
    courses
}

fn all() -> Vec<(String, Course)> {
    by_hand().into_iter().chain(by_chance()).collect()
}

/// Before, at and behind both ends, and places between.
fn ticks(course: &Course) -> Vec<Tick> {
    let (first, last) = (course.departs.0, course.arrives.0);
    let total = last - first;
    let mut ticks = vec![first, last, last + 1, last + 100_000, first + 1, first + total / 2, last.saturating_sub(1)];
    ticks.extend([first + total / 3, first + total * 2 / 3, first + total / 7, first + total * 99 / 100]);
    ticks.extend(first.checked_sub(1));
    ticks.sort_unstable();
    ticks.dedup();
    ticks.into_iter().map(Tick).collect()
}

fn line((name, course): &(String, Course)) -> String {
    let positions: Vec<_> = ticks(course)
        .into_iter()
        .map(|tick| (tick, course.position(tick)))
        .map(|(tick, at)| json!([tick, at.x, at.y]))
        .collect();
    let stated = |tick: &Tick| {
        let wire = WireCourse::new(course, *tick);
        json!([tick, wire.from.x, wire.from.y, wire.to.x, wire.to.y, wire.age, wire.left])
    };
    let frames: Vec<_> = ticks(course).iter().filter(|tick| **tick >= course.departs).map(stated).collect();
    let (from, to, positions, frames) = (json!(course.from), json!(course.to), json!(positions), json!(frames));
    let (departs, arrives) = (course.departs.0, course.arrives.0);
    format!(
        "{{\"name\":\"{name}\",\"from\":{from},\"to\":{to},\"departs\":{departs},\"arrives\":{arrives},\
         \"positions\":{positions},\"frames\":{frames}}}"
    )
}

#[test]
fn the_file_of_courses_is_current() {
    settle("vectors/courses.json", &vector_file(ABOUT, &[("courses", all().iter().map(line).collect())]));
}

#[test]
fn what_a_frame_states_leads_to_the_same_positions() {
    for (name, course) in all() {
        for stated in ticks(&course).into_iter().filter(|tick| *tick >= course.departs) {
            let seen = WireCourse::new(&course, stated).at(stated);
            for tick in ticks(&course).into_iter().filter(|tick| *tick >= stated) {
                assert_eq!(seen.position(tick), course.position(tick), "{name}: stated at {stated:?}, at {tick:?}");
            }
        }
    }
}

#[test]
fn a_browsers_numbers_hold_every_product() {
    for (name, course) in all() {
        let way = i64::from(course.to.x) - i64::from(course.from.x);
        let other = i64::from(course.to.y) - i64::from(course.from.y);
        let product =
            u128::from(way.unsigned_abs().max(other.unsigned_abs())) * u128::from(course.arrives.since(course.departs));
        assert!(product < 1 << 53, "{name}");
    }
}
