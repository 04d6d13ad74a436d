//! What a world promises its players.

use std::path::Path;

use uuid::Uuid;

use super::{Goal, Sector, SectorSettings, ShipSpec, WorldRefusal};
use crate::catalog::{self, Catalog};
use crate::game::{Effects, Rule};
use crate::types::{CommandId, Millis, ObjectId, Party, PlayerId, Point, ShipId, ShipKindKey, Tick, Volume};

const SETTINGS: SectorSettings = SectorSettings {
    tick_hz: 20,
    cell_units: 100,
    interest_radius_units: 200,
    hysteresis_units: 10,
    near_units: 150,
    middle_units: 190,
};

fn catalog() -> Catalog {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalog");
    catalog::load(&folder).expect("the project's own catalogue is sound")
}

fn new_sector(catalog: &Catalog) -> Sector {
    Sector::new(&catalog.sectors[&catalog.start.sector], SETTINGS, 1, 0)
}

fn rule(catalog: &Catalog) -> Rule<'_> {
    Rule { catalog, now: Millis(0), fresh: Uuid::nil() }
}

fn player(number: u128) -> PlayerId {
    PlayerId(Uuid::from_u128(number))
}

fn spec(number: u128) -> ShipSpec {
    ShipSpec {
        player: player(number),
        name: format!("P{number}"),
        kind: ShipKindKey::parse("sloop").unwrap(),
        speed: 50 * 256,
        collect_range: 30 * 256,
    }
}

/// A world with an object, and a ship right at it.
fn at_an_object(catalog: &Catalog) -> (Sector, ObjectId, Point) {
    let mut sector = new_sector(catalog);
    sector.fill(catalog, &mut Effects::default());
    let (id, object) = sector.objects().first_key_value().expect("a filled world has objects");
    let (id, at) = (*id, object.at);
    (sector, id, at)
}

#[test]
fn however_many_ask_for_an_object_one_gets_it() {
    let catalog = catalog();
    let (mut sector, object, at) = at_an_object(&catalog);
    for number in 0..200 {
        sector.join(spec(number), Some(at));
    }
    let mut fx = Effects::default();
    let results: Vec<_> = (0..200)
        .map(|number| sector.collect(player(number), object, Volume::MAX, CommandId(1), &rule(&catalog), &mut fx))
        .collect();
    assert_eq!(results[0], Ok(()));
    assert!(results[1..].iter().all(|result| *result == Err(WorldRefusal::ObjectGone)));
    assert_eq!(fx.sent.len(), 1);
    assert_eq!(fx.sent[0].to, Party::Player(player(0)));
}

#[test]
fn a_refused_collect_leaves_no_trace() {
    let catalog = catalog();
    let (mut sector, object, at) = at_an_object(&catalog);
    let away = Point::new(if at.x < 256_000 { at.x + 100 * 256 } else { at.x - 100 * 256 }, at.y);
    sector.join(spec(1), Some(away));
    let mut fx = Effects::default();
    let far = sector.collect(player(1), object, Volume::MAX, CommandId(1), &rule(&catalog), &mut fx);
    assert_eq!(far, Err(WorldRefusal::OutOfRange { distance: 100 * 256 + 1, range: 30 * 256 }));
    sector.join(spec(2), Some(at));
    let full = sector.collect(player(2), object, Volume::ZERO, CommandId(1), &rule(&catalog), &mut fx);
    assert!(matches!(full, Err(WorldRefusal::CargoFull { free: Volume::ZERO, .. })));
    let absent = sector.collect(player(3), object, Volume::MAX, CommandId(1), &rule(&catalog), &mut fx);
    assert_eq!(absent, Err(WorldRefusal::NotHere));
    assert!(fx.is_empty());
    assert!(sector.objects().contains_key(&object));
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let catalog = catalog();
    let grown = || {
        let mut sector = new_sector(&catalog);
        let mut fx = Effects::default();
        for _ in 0..2_000 {
            sector.begin_tick();
            sector.end_tick(Some(&catalog), &mut fx);
        }
        sector
    };
    let (first, second) = (grown(), grown());
    assert!(!first.objects().is_empty());
    assert_eq!(first.objects(), second.objects());
}

#[test]
fn object_numbers_go_on_where_they_were() {
    let catalog = catalog();
    let (sector, ..) = at_an_object(&catalog);
    let content = &catalog.sectors[&catalog.start.sector];
    let mut again = Sector::new(content, SETTINGS, 1, sector.last_object());
    again.fill(&catalog, &mut Effects::default());
    assert!(again.objects().keys().all(|id| !sector.objects().contains_key(id)));
}

#[test]
fn a_faster_ship_arrives_sooner_at_the_same_place() {
    let catalog = catalog();
    let mut sector = new_sector(&catalog);
    let id = sector.join(spec(1), Some(Point::from_units(100, 100)));
    let slow = sector.navigate(id, Goal::To(Point::from_units(400, 100))).unwrap();
    for _ in 0..20 {
        sector.begin_tick();
    }
    sector.refit(ShipSpec { speed: 100 * 256, ..spec(1) });
    let fast = sector.ship(id).unwrap().course;
    assert_eq!(fast.from, slow.position(Tick(21)));
    assert_eq!((fast.to, slow.arrives, fast.arrives), (slow.to, Tick(121), Tick(71)));
}

#[test]
fn positions_are_stored_while_a_ship_moves_and_once_after() {
    let catalog = catalog();
    let mut sector = new_sector(&catalog);
    let id = sector.join(spec(1), Some(Point::from_units(100, 100)));
    assert_eq!(sector.take_unsaved().len(), 1);
    assert!(sector.take_unsaved().is_empty());
    sector.navigate(id, Goal::To(Point::from_units(105, 100))).unwrap();
    for _ in 0..3 {
        sector.begin_tick();
        sector.end_tick(Some(&catalog), &mut Effects::default());
    }
    assert_eq!(sector.take_unsaved(), vec![(player(1), Point::from_units(105, 100))]);
    assert!(sector.take_unsaved().is_empty());
}

#[test]
fn the_first_newcomers_meet_and_thousands_are_spread_around_the_entry() {
    let catalog = catalog();
    let content = &catalog.sectors[&catalog.start.sector];
    let entry = Point::from_units(content.entry.x, content.entry.y);
    let newcomers = || {
        let mut sector = new_sector(&catalog);
        let places = (0..2_000).map(|number| {
            let id = sector.join(spec(number), None);
            sector.ship(id).unwrap().position(sector.tick())
        });
        places.collect::<Vec<Point>>()
    };
    let places = newcomers();
    assert_eq!(places[0], entry);
    assert!(places[..20].iter().all(|place| place.within(entry, 30 * 256)), "a few find each other");
    let spread = i32::try_from(content.entry_spread_units).unwrap() * 256;
    assert!(places.iter().all(|at| (at.x - entry.x).abs() <= spread && (at.y - entry.y).abs() <= spread));
    let in_sight = |at: &Point| places.iter().filter(|other| at.within(**other, 200 * 256)).count();
    let most = places.iter().map(in_sight).max().unwrap();
    assert!(most < 500, "of 2,000 one sees {most}");
    assert_eq!(newcomers(), places, "the same numbers, the same places");
}

#[test]
fn a_ship_that_is_not_here_gets_no_course() {
    let catalog = catalog();
    assert_eq!(new_sector(&catalog).navigate(ShipId(5), Goal::Stop), Err(WorldRefusal::NotHere));
}
