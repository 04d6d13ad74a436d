//! A world as operators see it: made of a survey, in units, as of one tick. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::actors::world::{Surveyed, SurveyedObject, SurveyedShip};
use crate::catalog::Sector;
use crate::protocol::CellIndex;
use crate::types::{Point, Tick};

/// Fixed-point steps per unit, as a number to divide by: a power of two, so nothing is lost.
const PER_UNIT: f64 = crate::types::FIXED_PER_UNIT as f64;

/// What is in a world at one tick. Places are in units, exact; velocities in units per tick.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Picture {
    tick: u64,
    /// How long a tick lasts now, in milliseconds, as players are told.
    tick_ms: u32,
    size_units: u32,
    cell_units: u32,
    interest_radius_units: u32,
    hubs: Vec<HubMark>,
    gates: Vec<GateMark>,
    ships: Vec<ShipMark>,
    objects: Vec<ObjectMark>,
    cells: Vec<CellMark>,
}

#[derive(Debug, Serialize, ToSchema)]
struct HubMark {
    key: String,
    name: String,
    x: f64,
    y: f64,
}

#[derive(Debug, Serialize, ToSchema)]
struct GateMark {
    key: String,
    /// The world behind it.
    to: String,
    x: f64,
    y: f64,
}

#[derive(Debug, Serialize, ToSchema)]
struct ShipMark {
    player: String,
    name: String,
    kind: String,
    x: f64,
    y: f64,
    vx: f64,
    vy: f64,
    /// The tick from which on it rests; not after `tick` for one that does.
    arrives: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct ObjectMark {
    id: u64,
    kind: String,
    x: f64,
    y: f64,
    quantity: u64,
}

/// A cell in which something is, or that somebody sees.
#[derive(Debug, Default, Serialize, ToSchema)]
struct CellMark {
    /// Its column.
    cx: i64,
    /// Its row.
    cy: i64,
    /// Ships and objects in it.
    entities: u32,
    /// Views that it is part of.
    subscribers: u32,
    /// Bytes of its frames, times the sessions they are handed to, per second; `null` until it was measured.
    bytes_per_s: Option<u64>,
}

/// What a picture shows that no survey tells.
pub(super) struct Settings<'a> {
    pub(super) sector: &'a Sector,
    pub(super) cell_units: u32,
    pub(super) interest_radius_units: u32,
}

impl Picture {
    /// The picture of a survey, with the bytes per second of each cell, if they are known.
    pub(super) fn of(settings: &Settings<'_>, surveyed: &Surveyed, bytes_per_s: Option<&[u64]>) -> Self {
        let Settings { sector, cell_units, interest_radius_units } = *settings;
        let hubs = sector.hubs.iter().map(|hub| {
            let (key, name, (x, y)) = (hub.key.to_string(), hub.name.clone(), units(hub.position()));
            HubMark { key, name, x, y }
        });
        let gates = sector.gates.iter().map(|gate| {
            let (key, to, (x, y)) = (gate.key.to_string(), gate.to_sector.to_string(), units(gate.position()));
            GateMark { key, to, x, y }
        });
        Self {
            tick: surveyed.tick.0,
            tick_ms: surveyed.tick_ms,
            size_units: sector.size_units,
            cell_units,
            interest_radius_units,
            hubs: hubs.collect(),
            gates: gates.collect(),
            ships: surveyed.ships.iter().map(|ship| ship_at(ship, surveyed.tick)).collect(),
            objects: surveyed.objects.iter().map(object).collect(),
            cells: cells(surveyed, bytes_per_s),
        }
    }
}

fn units(at: Point) -> (f64, f64) {
    (f64::from(at.x) / PER_UNIT, f64::from(at.y) / PER_UNIT)
}

fn ship_at(ship: &SurveyedShip, tick: Tick) -> ShipMark {
    let course = &ship.course;
    let (x, y) = units(course.position(tick));
    let (vx, vy) = if tick < course.arrives {
        let ((from_x, from_y), (to_x, to_y)) = (units(course.from), units(course.to));
        let ticks = course.arrives.since(course.departs) as f64;
        (rounded((to_x - from_x) / ticks), rounded((to_y - from_y) / ticks))
    } else {
        (0.0, 0.0)
    };
    let (player, name, kind) = (ship.player.to_string(), ship.name.clone(), ship.kind.to_string());
    ShipMark { player, name, kind, x, y, vx, vy, arrives: course.arrives.0 }
}

/// To five decimals: nobody sees more, and it is half as long to write.
fn rounded(velocity: f64) -> f64 {
    (velocity * 100_000.0).round() / 100_000.0
}

fn object(object: &SurveyedObject) -> ObjectMark {
    let (x, y) = units(object.at);
    ObjectMark { id: object.id.0, kind: object.kind.to_string(), x, y, quantity: object.quantity.0 }
}

fn cells(surveyed: &Surveyed, bytes_per_s: Option<&[u64]>) -> Vec<CellMark> {
    let (interest, tick) = (&surveyed.interest, surveyed.tick);
    let mut cells: BTreeMap<CellIndex, CellMark> = BTreeMap::new();
    let ships = surveyed.ships.iter().map(|ship| ship.course.position(tick));
    for at in ships.chain(surveyed.objects.iter().map(|object| object.at)) {
        cells.entry(interest.grid().cell_of(at)).or_default().entities += 1;
    }
    let mut anchored: BTreeMap<CellIndex, u32> = BTreeMap::new();
    for anchor in surveyed.ships.iter().filter_map(|ship| ship.anchor) {
        *anchored.entry(anchor).or_default() += 1;
    }
    for (anchor, views) in anchored {
        for cell in interest.neighbourhood(anchor) {
            cells.entry(cell).or_default().subscribers += views;
        }
    }
    // What nobody sees any longer may still have cost something.
    for (cell, _) in (0..).zip(bytes_per_s.unwrap_or_default()).filter(|(_, bytes)| **bytes > 0) {
        cells.entry(cell).or_default();
    }
    let place = |(index, cell): (CellIndex, CellMark)| {
        let (cx, cy) = interest.grid().column_and_row(index);
        let bytes_per_s = bytes_per_s.map(|bytes| bytes.get(index as usize).copied().unwrap_or(0));
        CellMark { cx, cy, bytes_per_s, ..cell }
    };
    cells.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::actors::fanout::CellLoad;
    use crate::game::Effects;
    use crate::game::space::{Goal, Sector as Space, SectorSettings, ShipSpec};
    use crate::types::{PlayerId, ShipKindKey};

    const SETTINGS: SectorSettings = SectorSettings {
        tick_hz: 20,
        cell_units: 100,
        interest_radius_units: 200,
        hysteresis_units: 10,
        near_units: 150,
        middle_units: 190,
    };

    /// A world with two ships in it: one rests and looks, one flies and nobody looks through it.
    fn world() -> (Sector, Space) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalog");
        let catalog = crate::catalog::load(&folder).unwrap();
        let content = catalog.sectors[&catalog.start.sector].clone();
        let mut space = Space::new(&content, SETTINGS, 1, 0);
        let join = |space: &mut Space, number: u128, at| {
            let (player, kind) = (PlayerId(Uuid::from_u128(number)), ShipKindKey::parse("sloop").unwrap());
            let spec = ShipSpec { player, name: format!("Pilot {number}"), kind, speed: 10 * 256, collect_range: 256 };
            space.join(spec, Some(at))
        };
        let looking = join(&mut space, 1, Point::from_units(1_050, 1_050));
        let flying = join(&mut space, 2, Point::new(300 * 256 + 1, 300 * 256));
        space.open_view(looking);
        space.navigate(flying, Goal::To(Point::from_units(400, 300))).unwrap();
        for _ in 0..7 {
            space.begin_tick();
            space.end_tick(None, &mut Effects::default());
        }
        (content, space)
    }

    fn picture(bytes_per_s: Option<&[u64]>) -> (Picture, Surveyed) {
        let (content, space) = world();
        let load = Arc::new(CellLoad::new(space.interest().grid().cell_count()));
        let surveyed = Surveyed::of(&space, Arc::new(space.interest().clone()), load, 50);
        let settings = Settings { sector: &content, cell_units: 100, interest_radius_units: 200 };
        (Picture::of(&settings, &surveyed, bytes_per_s), surveyed)
    }

    #[test]
    fn places_are_exact_and_a_ship_that_rests_has_no_velocity() {
        let (picture, surveyed) = picture(None);
        assert_eq!((picture.tick, picture.ships.len()), (surveyed.tick.0, 2));
        for (ship, truth) in picture.ships.iter().zip(&surveyed.ships) {
            let at = truth.course.position(surveyed.tick);
            assert_eq!((ship.x * 256.0, ship.y * 256.0), (f64::from(at.x), f64::from(at.y)));
        }
        let [resting, flying] = &picture.ships[..] else { unreachable!("two ships") };
        assert_eq!((resting.vx, resting.vy), (0.0, 0.0));
        assert!(flying.vx > 0.4 && flying.vy == 0.0 && flying.arrives > picture.tick, "{flying:?}");
    }

    #[test]
    fn cells_tell_who_is_in_them_who_sees_them_and_what_they_cost() {
        let mut bytes = vec![0; 400];
        bytes[399] = 7;
        let (picture, _) = picture(Some(&bytes));
        let cell = |cx, cy| picture.cells.iter().find(|cell| (cell.cx, cell.cy) == (cx, cy)).unwrap();
        assert_eq!((cell(10, 10).entities, cell(10, 10).subscribers), (1, 1));
        assert_eq!((cell(3, 3).entities, cell(3, 3).subscribers), (1, 0));
        assert_eq!((cell(11, 10).entities, cell(11, 10).subscribers, cell(11, 10).bytes_per_s), (0, 1, Some(0)));
        assert_eq!(cell(19, 19).bytes_per_s, Some(7));
        assert_eq!(picture.cells.len(), 37 + 1 + 1, "no empty ones");
    }
}
