//! The oracle knows more than any one bot: it compares what bots were told with each other.
//!
//! - *Picture = truth*: what a sampled bot sees of its own ship is the truth of that ship. Another bot's claim ("at
//!   tick t the ship was there", or "it was in none of my cells") is judged once the owner has seen more of time than
//!   t, and must hold exactly, to the 1/256 unit.
//! - Cells at the edge of what a bot sees may be told of every few ticks only. A claim about a ship there holds when it
//!   was true within the last [`FAR_TICKS`]; nearer ones must hold exactly. That is what a server promises that takes no
//!   detail away (`session.cells_bytes_per_second = 0`, as in `config/loadtest.toml`, or a budget that is never reached).
//! - An input is *seen* when another bot receives the course that it caused; within the interest radius, or far.
//! - An object is collected by one command only.
//!
//! A tick is only compared once both sides have a frame of a later one: a server may send a tick in two messages.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use orrery_core::protocol::cell_frame::CellsBody;
use orrery_core::protocol::picture::Picture;
use orrery_core::protocol::{CellEntry, CellIndex};
use orrery_core::types::{CommandId, Course, FIXED_PER_UNIT, ObjectId, PlayerId, Point, ShipId, Tick};

use crate::stats::{Stats, Timing, lock};

/// Violations kept with their description; beyond, they are only counted.
const VIOLATIONS_KEPT: usize = 20;
/// Courses remembered per ship: over ten seconds at 20 changes a second.
const HISTORY_MAX: usize = 256;
/// Claims that wait for one owner to catch up.
const CLAIMS_MAX: usize = 128;
/// Inputs remembered per ship: over three seconds at five a second.
const INPUTS_MAX: usize = 16;
/// Collected objects remembered (about 100 MB); the memory starts over then, for bots that fly for ever.
const COLLECTED_MAX: usize = 2_000_000;
/// What is far is told of at every 4th tick at least, so it is at most this many ticks behind.
pub const FAR_TICKS: u64 = 3;
/// A server that says nothing for this long, where something happens in each tick, stands still.
const SILENCE: Duration = Duration::from_secs(1);
/// The cosine of the angle within which a course follows a heading; whole-number courses are a little off.
const SAME_DIRECTION: f64 = 0.9995;

/// A ship in the galaxy: world number and id.
pub type ShipKey = (u16, ShipId);

/// What a bot told its ship to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// To a point.
    To(Point),
    /// In a direction.
    Heading(Point),
}

/// The grid of a world, to tell a place's cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// A cell's side, in units.
    pub cell_units: u32,
    /// The world's side, in units.
    pub size_units: u32,
}

impl Grid {
    /// The cell of a place: row times columns plus column. What is on the far edge belongs to the last cell.
    #[must_use]
    pub fn cell(&self, at: Point) -> CellIndex {
        let cell = i64::from(self.cell_units.max(1)) * i64::from(FIXED_PER_UNIT);
        let columns = i64::from(self.size_units.div_ceil(self.cell_units.max(1))).max(1);
        let along = |coordinate: i32| (i64::from(coordinate) / cell).clamp(0, columns - 1);
        u32::try_from(along(at.y) * columns + along(at.x)).unwrap_or(u32::MAX)
    }

    /// Whether some place in a cell is nearer to a point than nine tenths of the interest radius: its frames come with
    /// every tick then. Nothing that is told of less often comes that near, whatever a ship's view is anchored to.
    #[must_use]
    pub fn is_near(&self, cell: CellIndex, at: Point, radius_units: u32) -> bool {
        let side = i64::from(self.cell_units.max(1)) * i64::from(FIXED_PER_UNIT);
        let columns = self.size_units.div_ceil(self.cell_units.max(1)).max(1);
        let gap = |coordinate: i32, line: u32| {
            let (low, at) = (i64::from(line) * side, i64::from(coordinate));
            (low - at).max(at - low - side).max(0)
        };
        let (x, y) = (gap(at.x, cell % columns), gap(at.y, cell / columns));
        let near = i64::from(radius_units) * i64::from(FIXED_PER_UNIT) * 9 / 10;
        x * x + y * y < near * near
    }
}

/// The bot whose picture is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Observer {
    /// Its number.
    pub index: usize,
    /// Its own ship.
    pub ship: Option<ShipId>,
    /// How far it sees, in fixed-point steps.
    pub radius: i32,
}

/// What another bot's picture says.
#[derive(Clone, Debug)]
pub enum Claim {
    /// The ship was there, by the course that it has or had so many ticks ago at most.
    At(Point, u64),
    /// The ship was not in any of these cells.
    NotIn {
        /// Cells of which every tick is told.
        near: BTreeSet<CellIndex>,
        /// Cells whose ships are known when they have been in view for more than [`FAR_TICKS`].
        far: BTreeSet<CellIndex>,
    },
    /// The owner was answered this course.
    Answered(Course),
}

struct Filed {
    tick: Tick,
    by: usize,
    claim: Claim,
}

struct Truth {
    owner: usize,
    grid: Grid,
    processed: Tick,
    history: VecDeque<(Tick, Option<Course>)>,
    claims: VecDeque<Filed>,
}

#[derive(Default)]
struct Inputs {
    owner: usize,
    sent: VecDeque<(Aim, Instant)>,
}

#[derive(Default)]
struct Violations {
    count: u64,
    first: Vec<String>,
}

/// Shared by all bots of a swarm.
#[derive(Default)]
pub struct Oracle {
    truths: Mutex<HashMap<ShipKey, Truth>>,
    inputs: Mutex<HashMap<ShipKey, Inputs>>,
    /// When each observer heard of its world last.
    heard: Mutex<HashMap<usize, Instant>>,
    collected: Mutex<HashMap<ObjectId, (PlayerId, CommandId)>>,
    violations: Mutex<Violations>,
}

impl Oracle {
    /// Notes a broken promise.
    pub fn violation(&self, what: impl Into<String>) {
        let mut violations = lock(&self.violations);
        violations.count += 1;
        if violations.first.len() < VIOLATIONS_KEPT {
            violations.first.push(what.into());
        }
    }

    /// How many promises were broken, and the first of them.
    #[must_use]
    pub fn violations(&self) -> (u64, Vec<String>) {
        let violations = lock(&self.violations);
        (violations.count, violations.first.clone())
    }

    /// Notes a collected object; a second command that was given the same one is a violation.
    pub fn collected(&self, object: ObjectId, player: PlayerId, id: CommandId) {
        let mut collected = lock(&self.collected);
        if collected.len() >= COLLECTED_MAX {
            collected.clear();
        }
        let first = *collected.entry(object).or_insert((player, id));
        drop(collected);
        if first != (player, id) {
            self.violation(format!(
                "object {object} was collected twice: by {} (command {}) and by {player} (command {id})",
                first.0, first.1
            ));
        }
    }

    /// Notes an input by the instant at which it was due: what leaves late is seen late.
    pub fn input(&self, ship: ShipKey, owner: usize, aim: Aim, at: Instant) {
        let mut inputs = lock(&self.inputs);
        let inputs = inputs.entry(ship).or_default();
        inputs.owner = owner;
        if inputs.sent.len() == INPUTS_MAX {
            inputs.sent.pop_front();
        }
        inputs.sent.push_back((aim, at));
    }

    /// How long ago the input was due that this new course follows; `None` when no recent one fits or the observer
    /// steers the ship itself.
    #[must_use]
    pub fn seen(&self, ship: ShipKey, observer: usize, course: &Course, now: Instant) -> Option<Duration> {
        let inputs = lock(&self.inputs);
        let inputs = inputs.get(&ship).filter(|inputs| inputs.owner != observer)?;
        let closeness = |aim: &Aim| match aim {
            Aim::To(point) if *point == course.to => 2.0,
            Aim::To(_) => -1.0,
            Aim::Heading(heading) => cosine(*heading, course),
        };
        let best = inputs.sent.iter().map(|(aim, at)| (closeness(aim), at)).max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(close, _)| *close >= SAME_DIRECTION).map(|(_, at)| now.saturating_duration_since(*at))
    }

    /// How long ago the inputs were sent that were due while the observer heard nothing, before one that it sees at
    /// last. A server that stands still takes only the newest of them in afterwards: without the others its standstill
    /// would be one short wait among thousands.
    fn swallowed(&self, ship: ShipKey, silent_since: Instant, seen: Instant, now: Instant) -> Vec<Duration> {
        let inputs = lock(&self.inputs);
        let sent = inputs.get(&ship).into_iter().flat_map(|inputs| &inputs.sent);
        let swallowed = sent.filter(|(_, at)| (silent_since..seen).contains(at));
        swallowed.map(|(_, at)| now.saturating_duration_since(*at)).collect()
    }

    /// Since when the observer has heard nothing, if that is long; it hears something now.
    fn silence(&self, observer: usize, now: Instant) -> Option<Instant> {
        let before = lock(&self.heard).insert(observer, now)?;
        (now.saturating_duration_since(before) > SILENCE).then_some(before)
    }

    /// Times the courses of a message that are news to a picture which has not taken it in yet.
    pub fn time_news(&self, picture: &Picture, body: &CellsBody, observer: Observer, now: Instant, stats: &Stats) {
        let CellsBody(world, tick, frames) = body;
        let silent_since = self.silence(observer.index, now);
        if *world != picture.world_number {
            return;
        }
        let own = observer.ship.and_then(|ship| picture.ships.get(&ship)).map(|ship| ship.course.position(*tick));
        for entry in frames.iter().flat_map(|frame| &frame.entries) {
            let (CellEntry::Course(id, wire) | CellEntry::Ship(id, wire, _, _)) = entry else { continue };
            let course = wire.at(*tick);
            let news = picture.ships.get(id).is_some_and(|known| known.course != course);
            if news
                && course.from != course.to
                && let Some(took) = self.seen((*world, *id), observer.index, &course, now)
            {
                let near = own.is_some_and(|own| own.within(course.position(*tick), observer.radius));
                let timing = if near { Timing::Seen } else { Timing::SeenFar };
                stats.time(timing, took);
                if let (Some(since), Some(seen)) = (silent_since, now.checked_sub(took)) {
                    let swallowed = self.swallowed((*world, *id), since, seen, now);
                    stats.corrected(swallowed.len() as u64);
                    swallowed.into_iter().for_each(|took| stats.time(timing, took));
                }
            }
        }
    }

    /// The sampled ships of a world that others own.
    #[must_use]
    pub fn ships_to_judge(&self, world: u16, observer: usize, most: usize, skip: u64) -> Vec<ShipKey> {
        let truths = lock(&self.truths);
        let keys: Vec<ShipKey> = truths
            .iter()
            .filter(|((number, _), truth)| *number == world && truth.owner != observer)
            .map(|(key, _)| *key)
            .collect();
        let start = usize::try_from(skip).unwrap_or(0).checked_rem(keys.len()).unwrap_or(0);
        keys.iter().cycle().skip(start).take(most.min(keys.len())).copied().collect()
    }

    /// Files a claim about a tick that the claimant has seen the end of.
    pub fn claim(&self, ship: ShipKey, by: usize, tick: Tick, claim: Claim) {
        if let Some(truth) = lock(&self.truths).get_mut(&ship) {
            if truth.claims.len() == CLAIMS_MAX {
                truth.claims.pop_front();
            }
            truth.claims.push_back(Filed { tick, by, claim });
        }
    }

    /// A frame message of a ship's owner is about to be taken in: all ticks before it are complete. `resynced` when
    /// it replaces cells that were in view, because frames in between were dropped: nobody knows those ticks.
    pub fn owner_turns_to(&self, ship: ShipKey, tick: Tick, resynced: bool, stats: &Stats) {
        let mut judged = Vec::new();
        if let Some(truth) = lock(&self.truths).get_mut(&ship)
            && tick > truth.processed
        {
            let known_to = if resynced { truth.processed.0 } else { tick.0.saturating_sub(1) };
            for _ in 0..truth.claims.len() {
                match truth.claims.pop_front() {
                    Some(Filed { claim: Claim::Answered(_), .. }) if resynced => {}
                    Some(filed) if filed.tick.0 <= known_to => judged.extend(truth.judge(ship, &filed, stats)),
                    Some(filed) if filed.tick >= tick => truth.claims.push_back(filed),
                    _ => {}
                }
            }
            if resynced {
                truth.history.clear();
            }
        }
        judged.into_iter().for_each(|violation| self.violation(violation));
    }

    /// The owner has taken in a message of this tick, and now knows this course of its ship.
    pub fn owner_sees(&self, ship: ShipKey, owner: usize, grid: Grid, tick: Tick, course: Option<Course>) {
        let mut truths = lock(&self.truths);
        let truth = truths.entry(ship).or_insert_with(|| Truth {
            owner,
            grid,
            processed: tick,
            history: VecDeque::new(),
            claims: VecDeque::new(),
        });
        truth.processed = truth.processed.max(tick);
        if truth.history.back().is_none_or(|(_, last)| *last != course) {
            if truth.history.len() == HISTORY_MAX {
                truth.history.pop_front();
            }
            truth.history.push_back((tick, course));
        }
    }

    /// The owner sees its ship no longer: another world, or no connection.
    pub fn owner_leaves(&self, ship: ShipKey) {
        lock(&self.truths).remove(&ship);
        lock(&self.inputs).remove(&ship);
    }
}

impl Truth {
    fn course_at(&self, tick: Tick) -> Option<Course> {
        self.history.iter().rev().find(|(from, _)| *from <= tick).and_then(|(_, course)| *course)
    }

    /// The violation, if the claim is false.
    fn judge(&self, ship: ShipKey, filed: &Filed, stats: &Stats) -> Option<String> {
        let Filed { tick, by, claim } = filed;
        let (world, id) = ship;
        if let Claim::Answered(answered) = claim {
            return self.judge_answer(ship, answered, stats);
        }
        let course = self.course_at(*tick)?;
        let truth = course.position(*tick);
        stats.positions_compared(1);
        let since = |ago: u64| (tick.0.saturating_sub(ago)..=tick.0).map(Tick);
        let where_at = |tick: Tick| self.course_at(tick).map(|course| self.grid.cell(course.position(tick)));
        let in_view = |near: &BTreeSet<CellIndex>, far: &BTreeSet<CellIndex>| {
            let seen = |cell: CellIndex| near.contains(&cell) || far.contains(&cell);
            near.contains(&self.grid.cell(truth)) || since(FAR_TICKS).all(|tick| where_at(tick).is_some_and(seen))
        };
        let fits = |point: &Point, ago: u64| {
            let mut courses = since(ago).map(|then| self.course_at(then).map(|course| course.position(*tick)));
            // A tick of which nothing is known may be the one that the claimant was told of.
            courses.any(|place| place.is_none_or(|place| place == *point))
        };
        match claim {
            Claim::At(point, ago) if !fits(point, *ago) => Some(format!(
                "world {world}, tick {tick}: bot {by} sees ship {id} at {point:?}, its owner (bot {}) at {truth:?}, \
                 course {course:?}",
                self.owner,
                tick = tick.0,
            )),
            Claim::NotIn { near, far } if in_view(near, far) => Some(format!(
                "world {world}, tick {}: bot {by} has cell {} in view but not ship {id}, which its owner (bot {}) sees \
                 there at {truth:?}",
                tick.0,
                self.grid.cell(truth),
                self.owner
            )),
            _ => None,
        }
    }

    /// A course that was answered must appear in the frames; late only where a lost connection hid its first ticks.
    fn judge_answer(&self, (world, id): ShipKey, answered: &Course, stats: &Stats) -> Option<String> {
        if self.history.front().is_none_or(|(from, _)| *from > answered.departs) {
            return None;
        }
        stats.courses_compared(1);
        let arrived = |tick: Tick| tick >= answered.arrives;
        let agrees = |(_, course): &(Tick, Option<Course>)| {
            // Frames leave out what is behind a ship that has arrived.
            course.is_some_and(|course| course.to == answered.to && (course == *answered || arrived(course.departs)))
        };
        let fits = self.history.iter().rev().any(agrees);
        let text = || format!("world {world}: ship {id} was answered {answered:?}, but its frames never said so");
        (!fits).then(text)
    }
}

fn cosine(heading: Point, course: &Course) -> f64 {
    let (ax, ay) = (f64::from(heading.x), f64::from(heading.y));
    let (bx, by) =
        (f64::from(course.to.x) - f64::from(course.from.x), f64::from(course.to.y) - f64::from(course.from.y));
    let lengths = ax.hypot(ay) * bx.hypot(by);
    if lengths == 0.0 { -1.0 } else { (ax * bx + ay * by) / lengths }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIP: ShipKey = (1, ShipId(5));
    const GRID: Grid = Grid { cell_units: 100, size_units: 1000 };

    fn course(departs: u64) -> Course {
        Course { from: Point::new(0, 0), to: Point::new(1000, 0), departs: Tick(departs), arrives: Tick(departs + 100) }
    }

    fn oracle_with(claims: &[(u64, Claim)]) -> (Oracle, Stats) {
        let (oracle, stats) = (Oracle::default(), Stats::default());
        oracle.owner_sees(SHIP, 0, GRID, Tick(10), Some(course(10)));
        for (tick, claim) in claims {
            oracle.claim(SHIP, 1, Tick(*tick), claim.clone());
        }
        (oracle, stats)
    }

    #[test]
    fn claims_are_judged_exactly_and_only_when_the_owner_has_seen_the_tick() {
        let claims = [(20, Claim::At(Point::new(100, 0), 0)), (30, Claim::At(Point::new(201, 0), 0))];
        let (oracle, stats) = oracle_with(&claims);
        oracle.owner_turns_to(SHIP, Tick(30), false, &stats);
        assert_eq!((oracle.violations().0, stats.counts().positions_compared), (0, 1));
        oracle.owner_turns_to(SHIP, Tick(31), false, &stats);
        assert_eq!((oracle.violations().0, stats.counts().positions_compared), (1, 2));
    }

    #[test]
    fn ticks_that_the_owner_missed_are_not_judged() {
        let (oracle, stats) = oracle_with(&[(20, Claim::At(Point::new(7, 7), 0))]);
        oracle.owner_turns_to(SHIP, Tick(31), true, &stats);
        assert_eq!((oracle.violations().0, stats.counts().positions_compared), (0, 0));
    }

    #[test]
    fn a_ship_in_view_must_be_in_the_picture() {
        let not_in = |cells: &[CellIndex]| Claim::NotIn { near: cells.iter().copied().collect(), far: BTreeSet::new() };
        let (oracle, stats) = oracle_with(&[(20, not_in(&[0])), (21, not_in(&[1, 10]))]);
        oracle.owner_turns_to(SHIP, Tick(40), false, &stats);
        assert_eq!(oracle.violations().0, 1);
    }

    #[test]
    fn what_is_far_may_be_some_ticks_behind_and_no_more() {
        let turned = Course { to: Point::new(0, 1_000), ..course(20) };
        let outdated = |tick: u64, ago| (tick, Claim::At(course(10).position(Tick(tick)), ago));
        let violations = |claims: &[(u64, Claim)]| {
            let (oracle, stats) = oracle_with(claims);
            oracle.owner_sees(SHIP, 0, GRID, Tick(20), Some(turned));
            oracle.owner_turns_to(SHIP, Tick(40), false, &stats);
            oracle.violations().0
        };
        assert_eq!(violations(&[outdated(22, FAR_TICKS)]), 0);
        assert_eq!(violations(&[outdated(22, 0)]), 1);
        assert_eq!(violations(&[outdated(23, FAR_TICKS)]), 1);
    }

    #[test]
    fn a_ship_that_came_into_a_far_cell_is_told_of_in_time() {
        let crossing = Course {
            from: Point::from_units(99, 0),
            to: Point::from_units(119, 0),
            departs: Tick(10),
            arrives: Tick(30),
        };
        let violations = |tick: u64| {
            let (oracle, stats) = (Oracle::default(), Stats::default());
            oracle.owner_sees(SHIP, 0, GRID, Tick(10), Some(crossing));
            let claim = Claim::NotIn { near: BTreeSet::new(), far: BTreeSet::from([1]) };
            oracle.claim(SHIP, 1, Tick(tick), claim);
            oracle.owner_turns_to(SHIP, Tick(40), false, &stats);
            oracle.violations().0
        };
        // In cell 1 from tick 11 on.
        assert_eq!([11, 13, 14, 20].map(violations), [0, 0, 1, 1]);
    }

    #[test]
    fn a_cell_is_near_by_its_nearest_point() {
        let at = Point::from_units(250, 250);
        assert!(GRID.is_near(22, at, 200) && GRID.is_near(24, at, 200) && GRID.is_near(43, at, 200));
        assert!(!GRID.is_near(25, at, 200) && !GRID.is_near(44, at, 200));
    }

    #[test]
    fn an_answered_course_must_be_in_the_frames() {
        let other = Course { to: Point::new(5, 5), ..course(10) };
        let (oracle, stats) = oracle_with(&[(12, Claim::Answered(course(10))), (12, Claim::Answered(other))]);
        oracle.owner_turns_to(SHIP, Tick(40), false, &stats);
        assert_eq!((oracle.violations().0, stats.counts().courses_compared), (1, 2));
    }

    #[test]
    fn an_input_is_seen_by_others_by_its_direction() {
        let (oracle, sent) = (Oracle::default(), Instant::now());
        oracle.input(SHIP, 0, Aim::Heading(Point::new(0, 900)), sent);
        oracle.input(SHIP, 0, Aim::Heading(Point::new(900, 1)), sent + Duration::from_millis(200));
        let seen = |observer, course: &Course| oracle.seen(SHIP, observer, course, sent + Duration::from_millis(250));
        assert_eq!(seen(1, &course(3)), Some(Duration::from_millis(50)));
        assert_eq!(seen(0, &course(3)), None);
        let away = Course { to: Point::new(-1000, 0), ..course(3) };
        assert_eq!(seen(1, &away), None);
    }

    #[test]
    fn inputs_that_a_standstill_swallowed_are_timed_from_when_they_were_due() {
        let (oracle, begun) = (Oracle::default(), Instant::now());
        let at = |ms| begun + Duration::from_millis(ms);
        assert_eq!(oracle.silence(1, at(0)), None);
        for (index, ms) in [(1, 0_u64), (2, 200), (3, 400), (4, 1_400)] {
            oracle.input(SHIP, 0, Aim::Heading(Point::new(index, 900)), at(ms));
        }
        assert_eq!((oracle.silence(1, at(100)), oracle.silence(1, at(1_500))), (None, Some(at(100))));
        let waits = oracle.swallowed(SHIP, at(100), at(1_400), at(1_500));
        assert_eq!(waits, [Duration::from_millis(1_300), Duration::from_millis(1_100)]);
    }

    #[test]
    fn an_object_is_collected_once_and_a_repeat_of_the_command_is_the_same() {
        let oracle = Oracle::default();
        let player = PlayerId(uuid::Uuid::nil());
        oracle.collected(ObjectId(1), player, CommandId(1));
        oracle.collected(ObjectId(1), player, CommandId(1));
        assert_eq!(oracle.violations().0, 0);
        oracle.collected(ObjectId(1), player, CommandId(2));
        assert_eq!(oracle.violations().0, 1);
    }

    #[test]
    fn cells_are_counted_row_by_row_and_the_edge_belongs_to_the_last() {
        assert_eq!(GRID.cell(Point::from_units(150, 250)), 21);
        assert_eq!(GRID.cell(Point::from_units(1000, 1000)), 99);
        assert_eq!(Grid { cell_units: 300, size_units: 1000 }.cell(Point::from_units(950, 0)), 3);
    }
}
