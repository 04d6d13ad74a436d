//! A number for a world's whole state: equal for equal states, on every machine and with every build.
//!
//! Two worlds with the same hash go on alike when they are told the same. That is how it is shown that the number of
//! threads changes nothing. The hash is FNV-1a with 64 bits (offset basis `0xcbf29ce484222325`, prime `0x100000001b3`)
//! over these bytes: whole numbers in little-endian order at their own width, texts and lists behind their length as 64
//! bits, alternatives behind a byte that tells which, in the order of [`Sector::state_hash`]. Not in it: the content
//! (hubs, gates, what may appear), which is the catalogue's; what is computed from the rest (who is in which cell);
//! which positions were stored, which the wall clock decides; and what a tick under way has to say: it is asked between
//! ticks. No defence against anybody who looks for two states with one hash.

use super::flight::Goal;
use super::ship::{SpaceShip, View};
use super::{Sector, SpaceObject};
use crate::types::{Course, ObjectId, Point};

struct Fnv(u64);

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    fn count(&mut self, count: usize) {
        self.u64(count as u64);
    }

    fn u64(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    fn u32(&mut self, number: u32) {
        self.bytes(&number.to_le_bytes());
    }

    fn point(&mut self, point: Point) {
        self.bytes(&point.x.to_le_bytes());
        self.bytes(&point.y.to_le_bytes());
    }

    fn course(&mut self, course: &Course) {
        self.point(course.from);
        self.point(course.to);
        self.u64(course.departs.0);
        self.u64(course.arrives.0);
    }

    fn goal(&mut self, goal: Goal) {
        match goal {
            Goal::Stop => self.bytes(&[0]),
            Goal::To(point) => {
                self.bytes(&[1]);
                self.point(point);
            }
            Goal::Heading(direction) => {
                self.bytes(&[2]);
                self.point(direction);
            }
        }
    }

    fn view(&mut self, view: View) {
        match view {
            View::Closed => self.bytes(&[0]),
            View::Fresh => self.bytes(&[1]),
            View::Anchored(cell) => {
                self.bytes(&[2]);
                self.u32(cell);
            }
        }
    }

    fn ship(&mut self, ship: &SpaceShip) {
        self.u32(ship.id.0);
        self.bytes(ship.spec.player.0.as_bytes());
        self.text(&ship.spec.name);
        self.text(ship.spec.kind.as_str());
        self.u32(ship.spec.speed);
        self.u32(ship.spec.collect_range);
        self.course(&ship.course);
        self.goal(ship.goal);
        self.u32(ship.cell);
        self.view(ship.view);
        self.bytes(&[u8::from(ship.changed)]);
    }

    fn object(&mut self, id: ObjectId, object: &SpaceObject) {
        self.u64(id.0);
        self.text(object.kind.as_str());
        self.point(object.at);
        self.u64(object.quantity.0);
    }
}

impl Sector {
    /// The hash of everything that this world's rules depend on: number, seed, tick, settings, the counters of ships and
    /// objects, the progress of what is about to appear, every ship and every object by its number.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        hash.bytes(&self.number.to_le_bytes());
        hash.u64(self.seed);
        hash.u64(self.tick().0);
        let settings = self.settings;
        let all = [
            settings.tick_hz,
            settings.cell_units,
            settings.interest_radius_units,
            settings.hysteresis_units,
            self.last_ship,
        ];
        all.into_iter().for_each(|number| hash.u32(number));
        hash.u64(self.last_object);
        hash.count(self.spawn_progress.len());
        self.spawn_progress.iter().for_each(|progress| hash.u32(*progress));
        hash.count(self.ships().len());
        self.ships().for_each(|ship| hash.ship(ship));
        hash.count(self.objects.len());
        self.objects.iter().for_each(|(id, object)| hash.object(*id, object));
        hash.0
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use uuid::Uuid;

    use super::*;
    use crate::catalog::{self, Catalog};
    use crate::game::Effects;
    use crate::game::space::{SectorSettings, ShipSpec};
    use crate::types::{PlayerId, ShipId, ShipKindKey};

    fn catalog() -> Catalog {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalog");
        catalog::load(&folder).expect("the project's own catalogue is sound")
    }

    fn spec() -> ShipSpec {
        let player = PlayerId(Uuid::from_u128(1));
        let kind = ShipKindKey::parse("sloop").unwrap();
        ShipSpec { player, name: "Ada".to_owned(), kind, speed: 50 * 256, collect_range: 30 * 256 }
    }

    /// A world with a ship under way.
    fn world(catalog: &Catalog) -> (Sector, ShipId) {
        let settings = SectorSettings {
            tick_hz: 20,
            cell_units: 100,
            interest_radius_units: 200,
            hysteresis_units: 10,
            near_units: 150,
            middle_units: 190,
        };
        let mut sector = Sector::new(&catalog.sectors[&catalog.start.sector], settings, 1, 0);
        sector.fill(catalog, &mut Effects::default());
        let ship = sector.join(spec(), None);
        sector.open_view(ship);
        sector.begin_tick();
        sector.navigate(ship, Goal::To(Point::new(5, 6))).unwrap();
        sector.end_tick(Some(catalog), &mut Effects::default());
        (sector, ship)
    }

    #[test]
    fn the_hash_is_that_of_the_bytes_that_are_written_down_here() {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        hash.bytes(b"foobar");
        assert_eq!(hash.0, 0x8594_4171_f739_67e8, "the published test vector of FNV-1a");
        let (mut bytes, mut parts) = (Fnv(0), Fnv(0));
        parts.text("ab");
        parts.point(Point::new(-1, 2));
        parts.goal(Goal::To(Point::new(3, 4)));
        bytes.bytes(&[2, 0, 0, 0, 0, 0, 0, 0, b'a', b'b', 255, 255, 255, 255, 2, 0, 0, 0, 1, 3, 0, 0, 0, 4, 0, 0, 0]);
        assert_eq!(parts.0, bytes.0);
    }

    #[test]
    fn equal_worlds_have_equal_hashes_and_every_change_makes_another() {
        let catalog = catalog();
        let (world, ship) = world(&catalog);
        let tick = |change: &dyn Fn(&mut Sector)| {
            let mut other = world.clone();
            change(&mut other);
            other.state_hash()
        };
        assert_eq!(world.state_hash(), self::world(&catalog).0.state_hash());
        let changes: [&dyn Fn(&mut Sector); 9] = [
            &|_| (),
            &|world| world.begin_tick(),
            &|world| assert!(world.navigate(ship, Goal::Stop).is_ok()),
            &|world| world.refit(ShipSpec { speed: 60 * 256, ..spec() }),
            &|world| world.close_view(ship),
            &|world| world.open_view(ship),
            &|world| assert!(world.leave(spec().player).is_some()),
            &|world| drop(world.objects.pop_first()),
            &|world| world.seed += 1,
        ];
        let hashes: std::collections::BTreeSet<u64> = changes.into_iter().map(tick).collect();
        assert_eq!(hashes.len(), 9, "all different");
        let stored = tick(&|world| drop(world.take_unsaved()));
        assert_eq!(stored, world.state_hash(), "what was stored when is no part of it");
    }
}
