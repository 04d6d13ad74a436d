//! Convergence: for any sequence of moves, joins, leaves, views, levels of detail and dropped ticks, what a client
//! pictures from the bytes it got equals the world: cells that are due at every tick always, others as of the tick at
//! which they were due, and everything once it has been quiet for a cycle.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use uuid::Uuid;

use super::ship::View;
use super::{CYCLE, Goal, Level, RecentNews, Sector, SectorSettings, ShipSpec, ViewChange};
use crate::catalog::{self, Catalog, Sector as SectorContent};
use crate::game::{Effects, Rule};
use crate::protocol::cell_frame::CellsBody;
use crate::protocol::picture::Picture;
use crate::protocol::{CellFrame, CellIndex, Encoding, FrameKind, ServerMessage, cell_frame, decode_server};
use crate::types::{CommandId, Course, Millis, ObjectId, PlayerId, Point, ShipId, ShipKindKey, Tick, Volume};

mod world_vector_tests;

const PLAYERS: u128 = 6;

/// What happens to one player in one tick.
#[derive(Clone, Debug)]
enum Action {
    Join(Point),
    Leave,
    Navigate(Goal),
    Refit(u32),
    OpenView,
    CloseView,
    /// The client is too slow: it gets nothing until its view is opened again.
    DropTicks,
    CollectNearest,
    /// The client can take in this much from the next cycle on.
    Detail(Level),
}

fn action() -> impl Strategy<Value = (u128, Action)> {
    let point = (-20..520_i32, -20..520_i32).prop_map(|(x, y)| Point::from_units(x, y));
    let heading = (-3..4_i32, -3..4_i32).prop_map(|(x, y)| Point::new(x, y));
    let action = prop_oneof![
        2 => point.clone().prop_map(Action::Join),
        1 => Just(Action::Leave),
        4 => point.prop_map(|to| Action::Navigate(Goal::To(to))),
        4 => heading.prop_map(|heading| Action::Navigate(Goal::Heading(heading))),
        1 => Just(Action::Navigate(Goal::Stop)),
        1 => (1_000..60_000_u32).prop_map(Action::Refit),
        3 => Just(Action::OpenView),
        1 => Just(Action::CloseView),
        1 => Just(Action::DropTicks),
        2 => Just(Action::CollectNearest),
        2 => (0..Level::ALL.len()).prop_map(|level| Action::Detail(Level::ALL[level])),
    ];
    (0..PLAYERS, action)
}

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalog");
    CATALOG.get_or_init(|| catalog::load(&folder).expect("the project's own catalogue is sound"))
}

fn sector() -> Sector {
    let mut content = catalog().sectors.values().next().expect("there is a sector").clone();
    for spawn in &mut content.spawns {
        (spawn.count, spawn.per_minute) = (20, 600);
        (spawn.center, spawn.radius_units) = (Point::new(250, 250), 250);
    }
    sector_of(content)
}

fn sector_of(mut content: SectorContent) -> Sector {
    content.size_units = 500;
    let settings = SectorSettings {
        tick_hz: 20,
        cell_units: 50,
        interest_radius_units: 90,
        hysteresis_units: 5,
        // Nine cells are near, the four corners are far, the twelve others in between.
        near_units: 40,
        middle_units: 60,
    };
    Sector::new(&content, settings, 7, 0)
}

fn spec(player: u128, speed: u32) -> ShipSpec {
    ShipSpec {
        player: PlayerId(Uuid::from_u128(player)),
        name: format!("P{player}"),
        kind: ShipKindKey::parse("sloop").unwrap(),
        speed,
        collect_range: 40 * 256,
    }
}

/// A client: what it knows, and whether it is too slow to be sent anything.
#[derive(Default)]
struct Client {
    picture: Picture,
    slow: bool,
    level: Level,
    level_next: Level,
    /// The tick as of which it was told all of a cell.
    told: BTreeMap<CellIndex, Tick>,
    /// What it was sent, if that is to be remembered.
    heard: Option<Vec<CellsBody>>,
}

/// What was true at the end of a tick.
struct Truth {
    ships: BTreeMap<ShipId, (CellIndex, Course)>,
    objects: BTreeMap<ObjectId, CellIndex>,
}

/// What was true at the end of the last ticks, and their news.
#[derive(Default)]
struct History {
    recent: RecentNews,
    truths: VecDeque<(Tick, Truth)>,
}

impl History {
    fn truths_since(&self, tick: Tick) -> impl Iterator<Item = &Truth> {
        self.truths.iter().filter(move |(at, _)| *at >= tick).map(|(_, truth)| truth)
    }

    fn remember(&mut self, sector: &Sector) {
        let ships = sector.ships().map(|ship| (ship.id, (ship.cell, ship.course))).collect();
        let objects = sector.objects().iter().map(|(id, object)| (*id, object.cell)).collect();
        self.truths.push_back((sector.tick(), Truth { ships, objects }));
        if self.truths.len() > 2 * CYCLE as usize {
            self.truths.pop_front();
        }
    }
}

type Clients = BTreeMap<u128, Client>;

fn act(sector: &mut Sector, clients: &mut Clients, player: u128, action: Action, fx: &mut Effects) {
    let id = PlayerId(Uuid::from_u128(player));
    let ship = sector.ship_of(id).map(|ship| ship.id);
    match (action, ship) {
        (Action::Join(at), None) => drop(sector.join(spec(player, 50 * 256 * 20), Some(at))),
        (Action::Leave, Some(_)) => {
            sector.leave(id);
            clients.remove(&player);
        }
        (Action::Navigate(goal), Some(ship)) => drop(sector.navigate(ship, goal)),
        (Action::Refit(speed), Some(_)) => sector.refit(spec(player, speed * 20)),
        (Action::OpenView, Some(ship)) => {
            sector.open_view(ship);
            clients.entry(player).or_default().slow = false;
        }
        (Action::CloseView, Some(ship)) => {
            sector.close_view(ship);
            clients.remove(&player);
        }
        (Action::DropTicks, Some(_)) => {
            if let Some(client) = clients.get_mut(&player) {
                client.slow = true;
            }
        }
        (Action::CollectNearest, Some(ship)) => {
            let at = sector.ship(ship).unwrap().position(sector.tick());
            let nearest = sector.objects().iter().min_by_key(|(_, object)| object.at.distance_squared(at));
            if let Some(object) = nearest.map(|(object, _)| *object) {
                let rule = Rule { catalog: catalog(), now: Millis(0), fresh: Uuid::nil() };
                let _ = sector.collect(id, object, Volume::MAX, CommandId(1), &rule, fx);
            }
        }
        (Action::Detail(level), _) => {
            if let Some(client) = clients.get_mut(&player) {
                client.level_next = level;
            }
        }
        _ => {}
    }
}

/// The bytes that a client gets for a tick, decoded again as a client would.
fn deliver(sector: &Sector, history: &History, view: Option<&ViewChange>, anchor: CellIndex, client: &mut Client) {
    let tick = sector.tick();
    let mut messages = Vec::new();
    if let Some(view) = view {
        let forget = view.left.iter().map(|cell| CellFrame { cell: *cell, kind: FrameKind::Forget, entries: vec![] });
        let reset = view.fresh.then(|| CellFrame { cell: 0, kind: FrameKind::Reset, entries: vec![] });
        let snapshots = view.entered.iter().map(|cell| sector.snapshot(*cell));
        let ticks = client.level.catch_up_ticks(tick.0);
        let nearer = view.nearer.iter().filter_map(|cell| Some((*cell, ticks?)));
        let catch_up = nearer.clone().map(|(cell, ticks)| history.recent.delta(cell, ticks).frame);
        messages.push(reset.into_iter().chain(forget).chain(snapshots).chain(catch_up).collect::<Vec<_>>());
        if view.fresh {
            client.told.clear();
        }
        client.told.retain(|cell, _| !view.left.contains(cell));
        client.told.extend(view.entered.iter().copied().chain(nearer.map(|(cell, _)| cell)).map(|cell| (cell, tick)));
    }
    let mut due = Vec::new();
    for (cell, tier) in sector.interest().tiers(anchor) {
        let period = client.level.period(tier);
        if tick.0.is_multiple_of(period) {
            client.told.insert(cell, tick);
            due.push(history.recent.delta(cell, period).frame);
        }
    }
    due.retain(|frame| !frame.entries.is_empty());
    messages.push(due);
    for frames in messages {
        let parts: Vec<Vec<u8>> = frames.iter().map(encoded).collect();
        let mut bytes = Vec::new();
        let slices = parts.iter().map(Vec::as_slice);
        cell_frame::join(Encoding::MessagePack, sector.number(), tick, slices, &mut bytes);
        let ServerMessage::Cells(body) = decode_server(Encoding::MessagePack, &bytes).unwrap().message else {
            unreachable!("join writes a cells message")
        };
        client.picture.apply(&body).expect("frames are consistent");
        client.heard.iter_mut().for_each(|heard| heard.push(body.clone()));
    }
    if tick.0.is_multiple_of(CYCLE) {
        client.level = client.level_next;
    }
}

fn encoded(frame: &CellFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.encode(Encoding::MessagePack, &mut bytes);
    bytes
}

fn anchor_of(sector: &Sector, player: u128) -> CellIndex {
    let ship = sector.ship_of(PlayerId(Uuid::from_u128(player))).expect("a viewer has a ship");
    let View::Anchored(anchor) = ship.view else { unreachable!("a view is anchored at the end of a tick") };
    anchor
}

/// Not only now: the picture also goes on as the world would.
fn places(course: &Course, now: Tick) -> [Point; 2] {
    [course.position(now), course.position(Tick(now.0 + 13))]
}

/// Every cell is as it was at its last due tick, or later.
fn assert_told(sector: &Sector, history: &History, anchor: CellIndex, level: Level, client: &Client) {
    let (now, picture) = (sector.tick(), &client.picture);
    let tiers = sector.interest().tiers(anchor);
    assert_eq!(picture.cells.iter().copied().collect::<Vec<_>>(), sector.interest().neighbourhood(anchor));
    assert!(picture.ships.values().all(|ship| picture.cells.contains(&ship.cell)));
    for (cell, tier) in tiers {
        let period = level.period(tier);
        let due = Tick(now.0 / period * period);
        let told = client.told[&cell];
        assert!(told >= due, "cell {cell}: told at {told:?}, due at {due:?}");
        let pictured = picture.ships.iter().filter(|(_, ship)| ship.cell == cell);
        let pictured: BTreeMap<_, _> = pictured.map(|(id, ship)| (*id, places(&ship.course, now))).collect();
        let truth = history.truths_since(told).next().expect("it is remembered");
        if told == now {
            let there = truth.ships.iter().filter(|(_, (at, _))| *at == cell);
            let there: BTreeMap<_, _> = there.map(|(id, (_, course))| (*id, places(course, now))).collect();
            assert_eq!(pictured, there, "cell {cell} at {now:?}");
        } else {
            assert_ships_since(history, told, now, cell, &pictured);
        }
        let objects = picture.objects.iter().filter(|(_, object)| object.cell == cell).map(|(id, _)| *id);
        let there = truth.objects.iter().filter(|(_, at)| **at == cell).map(|(id, _)| *id);
        assert_eq!(objects.collect::<Vec<_>>(), there.collect::<Vec<_>>(), "cell {cell} as of {told:?}");
    }
}

/// A cell that was told of some ticks ago: who was there all the time is there, as it was then or later; nobody is
/// there who was not there since.
fn assert_ships_since(
    history: &History,
    told: Tick,
    now: Tick,
    cell: CellIndex,
    pictured: &BTreeMap<ShipId, [Point; 2]>,
) {
    let since = |ship: &ShipId, tick: Tick| -> Vec<Option<(CellIndex, Course)>> {
        history.truths_since(tick).map(|truth| truth.ships.get(ship).copied()).collect()
    };
    let first = history.truths_since(told).next().expect("it is remembered");
    for ship in first.ships.keys() {
        let track = since(ship, told);
        let stayed = track.iter().all(|at| at.is_some_and(|(at, _)| at == cell));
        if stayed {
            let possible: Vec<_> = track.iter().flatten().map(|(_, course)| places(course, now)).collect();
            let seen = pictured.get(ship).expect("who stayed is in the picture");
            assert!(possible.contains(seen), "ship {ship} in cell {cell}, told of at {told:?}, now {now:?}");
        }
    }
    for (ship, seen) in pictured {
        let was_here = since(ship, told).iter().flatten().any(|(at, _)| *at == cell);
        assert!(was_here, "ship {ship} is pictured in cell {cell}, told of at {told:?}, now {now:?}");
        // Whoever came from another cell brought along what that one told last.
        let possible = since(ship, Tick(0)).into_iter().flatten().any(|(_, course)| places(&course, now) == *seen);
        assert!(possible, "ship {ship} in cell {cell} never had this course");
    }
}

/// Who was in the picture and is still in a cell in view has not vanished from it.
fn assert_nobody_vanished(sector: &Sector, before: &Picture, after: &Picture) {
    for id in before.ships.keys() {
        let in_view = sector.ship(*id).is_some_and(|ship| after.cells.contains(&ship.cell));
        assert!(!in_view || after.ships.contains_key(id), "ship {id} vanished at {:?}", sector.tick());
    }
}

fn assert_equal(sector: &Sector, picture: &Picture) {
    let now = sector.tick();
    let ships = sector.ships().filter(|ship| picture.cells.contains(&ship.cell));
    let true_ships: Vec<_> =
        ships.map(|ship| (ship.id, ship.cell, places(&ship.course, now), ship.spec.name.clone())).collect();
    let seen = picture.ships.iter();
    let seen_ships: Vec<_> =
        seen.map(|(id, ship)| (*id, ship.cell, places(&ship.course, now), ship.name.clone())).collect();
    assert_eq!(seen_ships, true_ships, "at tick {now:?}");
    let true_objects = sector.objects().iter().filter(|(_, object)| picture.cells.contains(&object.cell));
    let true_objects: Vec<_> = true_objects.map(|(id, object)| (*id, object.at, object.kind.clone())).collect();
    let seen_objects: Vec<_> =
        picture.objects.iter().map(|(id, object)| (*id, object.at, object.kind.clone())).collect();
    assert_eq!(seen_objects, true_objects);
}

fn step(
    sector: &mut Sector,
    clients: &mut Clients,
    history: &mut History,
    actions: Vec<(u128, Action)>,
    catalog: Option<&Catalog>,
) {
    let mut fx = Effects::default();
    sector.begin_tick();
    for (player, action) in actions {
        act(sector, clients, player, action, &mut fx);
    }
    let output = sector.end_tick(catalog, &mut fx);
    history.recent.push(output.news);
    history.remember(sector);
    for (player, client) in clients.iter_mut().filter(|(_, client)| !client.slow) {
        let (anchor, level, before) = (anchor_of(sector, *player), client.level, client.picture.clone());
        let ship = sector.ship_of(PlayerId(Uuid::from_u128(*player))).unwrap().id;
        let view = output.views.iter().find(|view| view.ship == ship);
        deliver(sector, history, view, anchor, client);
        assert_told(sector, history, anchor, level, client);
        if view.is_none() {
            assert_nobody_vanished(sector, &before, &client.picture);
        }
        if sector.tick().0.is_multiple_of(CYCLE) {
            assert_equal(sector, &client.picture);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn a_clients_picture_equals_the_world(
        idle in 0..CYCLE,
        ticks in proptest::collection::vec(proptest::collection::vec(action(), 0..4), 1..24)
    ) {
        let (mut sector, mut clients, mut history) = (sector(), Clients::new(), History::default());
        for _ in 0..idle {
            step(&mut sector, &mut clients, &mut history, vec![], None);
        }
        for actions in ticks {
            step(&mut sector, &mut clients, &mut history, actions, Some(catalog()));
        }
        let stop = (0..PLAYERS).map(|player| (player, Action::Navigate(Goal::Stop))).collect();
        step(&mut sector, &mut clients, &mut history, stop, None);
        for _ in 0..CYCLE {
            step(&mut sector, &mut clients, &mut history, vec![], None);
        }
        for client in clients.values().filter(|client| !client.slow) {
            assert_equal(&sector, &client.picture);
        }
    }
}
