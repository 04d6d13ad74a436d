//! Convergence: for any sequence of moves, joins, leaves, views and dropped ticks, what a client pictures from the
//! bytes it got equals the world.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use uuid::Uuid;

use super::ship::View;
use super::{Goal, Sector, SectorSettings, ShipSpec, TickOutput};
use crate::catalog::{self, Catalog};
use crate::game::{Effects, Rule};
use crate::protocol::picture::Picture;
use crate::protocol::{CellFrame, Encoding, FrameKind, ServerMessage, cell_frame, decode_server};
use crate::types::{CommandId, Millis, PlayerId, Point, ShipKindKey, Tick, Volume};

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
    content.size_units = 500;
    for spawn in &mut content.spawns {
        (spawn.count, spawn.per_minute) = (20, 600);
        (spawn.center, spawn.radius_units) = (Point::new(250, 250), 250);
    }
    let settings = SectorSettings { tick_hz: 20, cell_units: 50, interest_radius_units: 90, hysteresis_units: 5 };
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
        _ => {}
    }
}

/// The bytes that a client gets for a tick, decoded again as a client would.
fn deliver(sector: &Sector, output: &TickOutput, player: u128, picture: &mut Picture) {
    let ship = sector.ship_of(PlayerId(Uuid::from_u128(player))).expect("a viewer has a ship");
    let View::Anchored(anchor) = ship.view else { unreachable!("a view is anchored at the end of a tick") };
    let mut messages = Vec::new();
    if let Some(view) = output.views.iter().find(|view| view.ship == ship.id) {
        let forget = view.left.iter().map(|cell| CellFrame { cell: *cell, kind: FrameKind::Forget, entries: vec![] });
        let reset = view.fresh.then(|| CellFrame { cell: 0, kind: FrameKind::Reset, entries: vec![] });
        messages.push(
            reset
                .into_iter()
                .chain(forget)
                .chain(view.entered.iter().map(|cell| sector.snapshot(*cell)))
                .collect::<Vec<_>>(),
        );
    }
    let seen = sector.interest().neighbourhood(anchor);
    messages.push(output.deltas.iter().filter(|delta| seen.contains(&delta.cell)).cloned().collect());
    for frames in messages {
        let parts: Vec<Vec<u8>> = frames.iter().map(encoded).collect();
        let mut bytes = Vec::new();
        let slices = parts.iter().map(Vec::as_slice);
        cell_frame::join(Encoding::MessagePack, sector.number(), output.tick, slices, &mut bytes);
        let ServerMessage::Cells(body) = decode_server(Encoding::MessagePack, &bytes).unwrap().message else {
            unreachable!("join writes a cells message")
        };
        picture.apply(&body).expect("frames are consistent");
    }
}

fn encoded(frame: &CellFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.encode(Encoding::MessagePack, &mut bytes);
    bytes
}

fn assert_equal(sector: &Sector, player: u128, picture: &Picture) {
    let ship = sector.ship_of(PlayerId(Uuid::from_u128(player))).unwrap();
    let View::Anchored(anchor) = ship.view else { unreachable!() };
    let seen = sector.interest().neighbourhood(anchor);
    assert_eq!(picture.cells.iter().copied().collect::<Vec<_>>(), seen);
    let in_view = |cell: u32| seen.binary_search(&cell).is_ok();
    // Not only now: the picture also goes on as the world would.
    for tick in [sector.tick(), Tick(sector.tick().0 + 13)] {
        let true_ships: Vec<_> = sector
            .ships()
            .filter(|ship| in_view(ship.cell))
            .map(|ship| (ship.id, ship.position(tick), ship.spec.name.clone()))
            .collect();
        let seen_ships: Vec<_> =
            picture.ships.iter().map(|(id, ship)| (*id, ship.course.position(tick), ship.name.clone())).collect();
        assert_eq!(seen_ships, true_ships, "at tick {tick:?}");
    }
    let true_objects = sector.objects().iter().filter(|(_, object)| in_view(object.cell));
    let true_objects: Vec<_> = true_objects.map(|(id, object)| (*id, object.at, object.kind.clone())).collect();
    let seen_objects: Vec<_> =
        picture.objects.iter().map(|(id, object)| (*id, object.at, object.kind.clone())).collect();
    assert_eq!(seen_objects, true_objects);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn a_clients_picture_equals_the_world(
        ticks in proptest::collection::vec(proptest::collection::vec(action(), 0..4), 1..14)
    ) {
        let mut sector = sector();
        let mut clients = Clients::new();
        let mut fx = Effects::default();
        for actions in ticks {
            sector.begin_tick();
            for (player, action) in actions {
                act(&mut sector, &mut clients, player, action, &mut fx);
            }
            let output = sector.end_tick(Some(catalog()), &mut fx);
            for (player, client) in &mut clients {
                if !client.slow {
                    deliver(&sector, &output, *player, &mut client.picture);
                    assert_equal(&sector, *player, &client.picture);
                }
            }
        }
    }
}
