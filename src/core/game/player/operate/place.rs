//! Where the ship is put.

use serde_json::{Value, json};

use super::{OperateContext, OperateRefusal, Operated, OperatorChange};
use crate::types::{FIXED_PER_UNIT, Point, WorldKey};

/// A point of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which world.
    pub world: WorldKey,
    /// Where in it.
    pub at: Point,
}

impl Place {
    /// The place at so many units from a world's corner, to the nearest step.
    #[must_use]
    pub fn of_units(world: &WorldKey, x: f64, y: f64) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "a cast saturates, and what is outside is refused")]
        let step = |units: f64| (units * f64::from(FIXED_PER_UNIT)).round() as i32;
        Self { world: world.clone(), at: Point::new(step(x), step(y)) }
    }

    /// Its coordinates, in units; exact.
    #[must_use]
    pub fn units(&self) -> (f64, f64) {
        let units = |steps: i32| f64::from(steps) / f64::from(FIXED_PER_UNIT);
        (units(self.at.x), units(self.at.y))
    }
}

pub(super) fn move_to(world: &WorldKey, x: f64, y: f64, cx: &OperateContext<'_>) -> Result<Operated, OperateRefusal> {
    let sector = cx.rule.catalog.sectors.get(world).ok_or_else(|| OperateRefusal::UnknownWorld(world.clone()))?;
    let size = f64::from(sector.size_units);
    for (field, units) in [("x", x), ("y", y)] {
        if !(0.0..=size).contains(&units) {
            return Err(OperateRefusal::Invalid { field, rule: format!("must be 0 to {size}") });
        }
    }
    let target = Place::of_units(world, x, y);
    if cx.place == Some(&target) {
        return Err(OperateRefusal::NoChange);
    }
    let undo = cx.place.map(|place| {
        let (x, y) = place.units();
        OperatorChange::Move { world: place.world.clone(), x, y }
    });
    Ok(Operated { before: shown(cx.place), after: shown(Some(&target)), undo })
}

fn shown(place: Option<&Place>) -> Value {
    let shown = place.map(|place| {
        let (x, y) = place.units();
        json!({ "world": place.world, "x": x, "y": y })
    });
    json!({ "place": shown })
}
