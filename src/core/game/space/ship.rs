//! Ships in space.

use super::Goal;
use super::news::News;
use crate::protocol::cell_frame::WireCourse;
use crate::protocol::{CellEntry, CellIndex};
use crate::types::{Course, PlayerId, Point, ShipId, ShipKindKey, Tick};

/// What a world must know of a ship that comes to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipSpec {
    /// Whose.
    pub player: PlayerId,
    /// The owner's name, as others see it.
    pub name: String,
    /// The kind of ship.
    pub kind: ShipKindKey,
    /// Fixed-point steps per second.
    pub speed: u32,
    /// How far away it collects, in fixed-point steps.
    pub collect_range: u32,
}

/// A ship in a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceShip {
    /// Its id here.
    pub id: ShipId,
    /// What it is.
    pub spec: ShipSpec,
    /// How it moves.
    pub course: Course,
    /// What its pilot wants: needed again when its speed changes.
    pub goal: Goal,
    /// The cell whose frames speak of it.
    pub cell: CellIndex,
    /// Whether somebody looks through it, and what they see.
    pub view: View,
    /// Whether its course changed in this tick.
    pub(super) changed: bool,
    /// Whether its place changed since positions were stored last.
    pub(super) unsaved: bool,
}

/// What a ship's owner is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Nobody looks.
    Closed,
    /// Somebody began to look, or lost track: everything is to be sent anew.
    Fresh,
    /// The neighbourhood of this cell is in view.
    Anchored(CellIndex),
}

impl SpaceShip {
    /// Where it is.
    #[must_use]
    pub fn position(&self, tick: Tick) -> Point {
        self.course.position(tick)
    }

    /// The cell that its owner's view is anchored to, if somebody looks.
    #[must_use]
    pub fn anchor(&self) -> Option<CellIndex> {
        match self.view {
            View::Anchored(anchor) => Some(anchor),
            View::Closed | View::Fresh => None,
        }
    }

    /// All that a client must know of it, as a frame of this tick says it.
    pub(super) fn seen(&self, tick: Tick) -> CellEntry {
        let course = WireCourse::new(&self.course, tick);
        CellEntry::Ship(self.id, course, self.spec.kind.clone(), self.spec.name.clone())
    }

    /// All that a client must know of it, as news.
    pub(super) fn introduction(&self) -> News {
        News::Ship(self.id, self.course, self.spec.kind.clone(), self.spec.name.clone())
    }
}
