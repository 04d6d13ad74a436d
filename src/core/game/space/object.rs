//! Objects in space: they appear by seeded rules, wait, and are collected once.

use super::news::News;
use super::sector::Sector;
use crate::catalog::{Catalog, Spawn};
use crate::game::{Effects, Rng};
use crate::protocol::CellIndex;
use crate::types::{ObjectId, ObjectKindKey, Point, Quantity, units_to_fixed};

/// An object in space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceObject {
    /// What kind.
    pub kind: ObjectKindKey,
    /// Where; objects do not move.
    pub at: Point,
    /// How many pieces it holds.
    pub quantity: Quantity,
    /// The cell it is in.
    pub cell: CellIndex,
}

impl Sector {
    /// Lets every rule make all its objects at once: for a world that never was.
    pub fn fill(&mut self, catalog: &Catalog, fx: &mut Effects) {
        for spawn in self.spawns.clone() {
            while self.has_room_for(&spawn) {
                self.spawn(&spawn, catalog, fx);
            }
        }
    }

    /// One tick's worth of new objects.
    pub(super) fn spawn_due(&mut self, catalog: &Catalog, fx: &mut Effects) {
        let due_at = 60 * self.settings.tick_hz;
        for index in 0..self.spawns.len() {
            let spawn = self.spawns[index].clone();
            if !self.has_room_for(&spawn) {
                self.spawn_progress[index] = 0;
                continue;
            }
            self.spawn_progress[index] += spawn.per_minute;
            while self.spawn_progress[index] >= due_at && self.has_room_for(&spawn) {
                self.spawn_progress[index] -= due_at;
                self.spawn(&spawn, catalog, fx);
            }
        }
    }

    fn has_room_for(&self, spawn: &Spawn) -> bool {
        self.object_counts.get(&spawn.kind).copied().unwrap_or(0) < spawn.count
    }

    /// Makes one object. Its place and contents follow from the world's seed and the object's number alone.
    fn spawn(&mut self, spawn: &Spawn, catalog: &Catalog, fx: &mut Effects) {
        self.last_object += 1;
        let mut rng = Rng::seeded(self.seed ^ self.last_object.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let radius = i64::from(units_to_fixed(i32::try_from(spawn.radius_units).unwrap_or(i32::MAX)));
        let mut near = |middle: i32| {
            let middle = i64::from(units_to_fixed(middle));
            let place = rng.between(middle - radius, middle + radius).clamp(0, i64::from(self.size));
            i32::try_from(place).unwrap_or(0)
        };
        let at = Point::new(near(spawn.center.x), near(spawn.center.y));
        let (low, high) =
            catalog.objects.get(&spawn.kind).map_or((1, 1), |kind| (kind.quantity_min, kind.quantity_max));
        let quantity = low + rng.below(high.saturating_sub(low) + 1);
        let id = ObjectId::new(self.number, self.last_object);
        self.insert_object(id, spawn.kind.clone(), at, Quantity(quantity));
        fx.objects.insert(id);
        fx.touched = true;
    }

    /// Puts an object where it was stored, or just made.
    pub fn insert_object(&mut self, id: ObjectId, kind: ObjectKindKey, at: Point, quantity: Quantity) {
        let cell = self.interest.grid().cell_of(at);
        *self.object_counts.entry(kind.clone()).or_default() += 1;
        self.cells[cell as usize].objects.insert(id);
        self.say(cell, News::Object(id, at, kind.clone()));
        self.objects.insert(id, SpaceObject { kind, at, quantity, cell });
    }

    pub(super) fn remove_object(&mut self, id: ObjectId) -> Option<SpaceObject> {
        let object = self.objects.remove(&id)?;
        if let Some(count) = self.object_counts.get_mut(&object.kind) {
            *count = count.saturating_sub(1);
        }
        self.cells[object.cell as usize].objects.remove(&id);
        self.say(object.cell, News::ObjectGone(id));
        Some(object)
    }
}
