//! A crowded world: ships spread evenly over the start sector, that take a new heading five times a second each.

use std::path::Path;

use orrery::catalog::{self, Catalog};
use orrery::game::Effects;
use orrery::game::space::{Goal, Sector, SectorSettings, ShipSpec, TickOutput};
use orrery::types::{PlayerId, Point, ShipId, ShipKindKey};
use uuid::Uuid;

/// Ticks per second.
const TICK_HZ: u32 = 20;
/// Ticks between two headings of a ship.
const TURN_EVERY: usize = 4;
/// A multiplier that spreads whole numbers (2^64 divided by the golden ratio).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The project's own content.
pub(crate) fn catalog() -> Catalog {
    catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalog")).unwrap()
}

/// A world with its objects and no ship.
fn empty(catalog: &Catalog) -> Sector {
    let settings = SectorSettings {
        tick_hz: TICK_HZ,
        cell_units: 100,
        interest_radius_units: 200,
        hysteresis_units: 10,
        near_units: 150,
        middle_units: 190,
    };
    let mut sector = Sector::new(&catalog.sectors[&catalog.start.sector], settings, 1, 0);
    sector.fill(catalog, &mut Effects::default());
    sector
}

/// The crowd.
pub(crate) struct Crowd {
    catalog: Catalog,
    pub(crate) sector: Sector,
    ships: Vec<ShipId>,
    ticks: usize,
}

impl Crowd {
    /// So many ships, all of them looked through, after a second of flight.
    pub(crate) fn of(count: usize) -> Self {
        let catalog = catalog();
        let mut sector = empty(&catalog);
        let ships = (0..count).map(|index| join(&mut sector, index)).collect();
        let mut crowd = Self { catalog, sector, ships, ticks: 0 };
        (0..TICK_HZ).for_each(|_| drop(crowd.tick()));
        crowd
    }

    /// One tick, with the headings that are due in it.
    pub(crate) fn tick(&mut self) -> TickOutput {
        self.sector.begin_tick();
        let turn = self.ticks % TURN_EVERY;
        for (index, ship) in self.ships.iter().enumerate().skip(turn).step_by(TURN_EVERY) {
            let bits = ((self.ticks + index) as u64 + 1).wrapping_mul(SPREAD);
            let [x, y] = [bits as u16, (bits >> 16) as u16].map(|part| i32::from(part) - 32_768);
            self.sector.navigate(*ship, Goal::Heading(Point::new(x, y))).unwrap();
        }
        self.ticks += 1;
        self.sector.end_tick(Some(&self.catalog), &mut Effects::default())
    }
}

fn join(sector: &mut Sector, index: usize) -> ShipId {
    let bits = (index as u64 + 1).wrapping_mul(SPREAD);
    let [x, y] = [bits >> 33, bits >> 11].map(|part| (part % 2_000) as i32);
    let spec = ShipSpec {
        player: PlayerId(Uuid::from_u128(index as u128 + 1)),
        name: format!("Pilot {index}"),
        kind: ShipKindKey::parse("sloop").unwrap(),
        speed: 50 * 256,
        collect_range: 30 * 256,
    };
    let ship = sector.join(spec, Some(Point::from_units(x, y)));
    sector.open_view(ship);
    ship
}
