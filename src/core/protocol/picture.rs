//! What a client knows: the picture that the cell frames it received add up to. This is the reference for people who
//! write clients, what the bots fly by, and what tests compare with the world.

use std::collections::{BTreeMap, BTreeSet};

use super::cell_frame::{CellEntry, CellFrame, CellIndex, CellsBody, FrameKind, WireCourse};
use crate::types::{Course, ObjectId, ObjectKindKey, Point, ShipId, ShipKindKey, Tick};

/// A ship as a client knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenShip {
    /// The cell it is in, as far as frames have told.
    pub cell: CellIndex,
    /// How it moves.
    pub course: Course,
    /// What kind of ship it is.
    pub kind: ShipKindKey,
    /// Its owner's name.
    pub name: String,
}

/// An object as a client knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenObject {
    /// The cell it is in.
    pub cell: CellIndex,
    /// Where it is.
    pub at: Point,
    /// What kind of object it is.
    pub kind: ObjectKindKey,
}

/// A frame that makes no sense after what came before: a fault of the server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistency {
    /// A course of a ship that was never introduced.
    #[error("a course for ship {0}, which is not in the picture")]
    UnknownShip(ShipId),
    /// Deltas of a cell without a snapshot of it first.
    #[error("a delta of cell {0}, which is not in view")]
    CellNotInView(CellIndex),
    /// A tick before one that was seen already.
    #[error("tick {} after tick {}", .0.0, .1.0)]
    BackInTime(Tick, Tick),
}

/// Everything in view of one client in one world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// The world the picture is of.
    pub world_number: u16,
    /// The last tick that frames spoke of.
    pub tick: Tick,
    /// The cells in view.
    pub cells: BTreeSet<CellIndex>,
    /// The ships in view.
    pub ships: BTreeMap<ShipId, SeenShip>,
    /// The objects in view.
    pub objects: BTreeMap<ObjectId, SeenObject>,
}

impl Picture {
    /// Takes in one `cells` message. A message of another world begins a new picture.
    ///
    /// # Errors
    /// The first [`Inconsistency`]; the rest of the message is taken in all the same.
    pub fn apply(&mut self, body: &CellsBody) -> Result<(), Inconsistency> {
        let CellsBody(world_number, tick, frames) = body;
        if *world_number != self.world_number {
            *self = Self { world_number: *world_number, ..Self::default() };
        }
        let mut result = Ok(());
        // A world that failed begins anew: its ticks too.
        let begins_anew = frames.first().is_some_and(|frame| frame.kind == FrameKind::Reset);
        if *tick < self.tick && !begins_anew {
            result = Err(Inconsistency::BackInTime(*tick, self.tick));
        }
        self.tick = *tick;
        for frame in frames {
            let applied = self.apply_frame(*tick, frame);
            result = result.and(applied);
        }
        result
    }

    fn apply_frame(&mut self, tick: Tick, frame: &CellFrame) -> Result<(), Inconsistency> {
        match frame.kind {
            FrameKind::Forget => {
                self.forget(frame.cell);
                Ok(())
            }
            FrameKind::Reset => {
                self.cells.clear();
                self.ships.clear();
                self.objects.clear();
                Ok(())
            }
            FrameKind::Snapshot => {
                self.forget(frame.cell);
                self.cells.insert(frame.cell);
                self.apply_entries(tick, frame)
            }
            FrameKind::Delta if self.cells.contains(&frame.cell) => self.apply_entries(tick, frame),
            FrameKind::Delta => Err(Inconsistency::CellNotInView(frame.cell)),
        }
    }

    fn forget(&mut self, cell: CellIndex) {
        self.cells.remove(&cell);
        self.ships.retain(|_, ship| ship.cell != cell);
        self.objects.retain(|_, object| object.cell != cell);
    }

    fn apply_entries(&mut self, tick: Tick, frame: &CellFrame) -> Result<(), Inconsistency> {
        let cell = frame.cell;
        let mut result = Ok(());
        for entry in &frame.entries {
            match entry {
                CellEntry::Ship(id, course, kind, name) => {
                    let ship = SeenShip { cell, course: course.at(tick), kind: kind.clone(), name: name.clone() };
                    self.ships.insert(*id, ship);
                }
                CellEntry::Course(id, course) => match self.ships.get_mut(id) {
                    Some(ship) => {
                        ship.course = course.at(tick);
                        ship.cell = cell;
                    }
                    None => result = Err(Inconsistency::UnknownShip(*id)),
                },
                CellEntry::ShipLeft(id) => {
                    if self.ships.get(id).is_some_and(|ship| ship.cell == cell) {
                        self.ships.remove(id);
                    }
                }
                CellEntry::ShipMoved(id, to) => self.move_ship(*id, cell, *to),
                CellEntry::Object(id, at, kind) => {
                    self.objects.insert(*id, SeenObject { cell, at: *at, kind: kind.clone() });
                }
                CellEntry::ObjectGone(id) => {
                    self.objects.remove(id);
                }
            }
        }
        result
    }

    /// A ship that crossed a border flies on, in its new cell, unless that is out of view. When the ship is in the
    /// picture under another cell, newer frames have told of it.
    fn move_ship(&mut self, id: ShipId, from: CellIndex, to: CellIndex) {
        let Some(ship) = self.ships.get_mut(&id).filter(|ship| ship.cell == from) else { return };
        if self.cells.contains(&to) {
            ship.cell = to;
        } else {
            self.ships.remove(&id);
        }
    }
}

impl WireCourse {
    /// The course, given the tick of the frame it came in.
    #[must_use]
    pub fn at(&self, tick: Tick) -> Course {
        let departs = Tick(tick.0.saturating_sub(self.age));
        Course { from: self.from, to: self.to, departs, arrives: tick.after(self.left) }
    }

    /// A course as a frame of this tick states it. What is behind the ship when it has arrived is left out.
    #[must_use]
    pub fn new(course: &Course, tick: Tick) -> Self {
        if tick >= course.arrives {
            return Self { from: course.to, to: course.to, age: 0, left: 0 };
        }
        let age = tick.since(course.departs);
        Self { from: course.from, to: course.to, age, left: course.arrives.since(tick) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ship(id: u32) -> CellEntry {
        let course = WireCourse { from: Point::new(0, 0), to: Point::new(100, 0), age: 1, left: 9 };
        CellEntry::Ship(ShipId(id), course, ShipKindKey::parse("sloop").unwrap(), "Ada".to_owned())
    }

    fn cells(tick: u64, frames: Vec<(CellIndex, FrameKind, Vec<CellEntry>)>) -> CellsBody {
        let frames = frames.into_iter().map(|(cell, kind, entries)| CellFrame { cell, kind, entries }).collect();
        CellsBody(1, Tick(tick), frames)
    }

    #[test]
    fn a_ship_that_crosses_a_border_stays_whichever_cell_speaks_first() {
        for swap in [false, true] {
            let mut picture = Picture::default();
            let both_empty = vec![(1, FrameKind::Snapshot, vec![ship(5)]), (2, FrameKind::Snapshot, vec![])];
            picture.apply(&cells(10, both_empty)).unwrap();
            let mut crossing = vec![
                (1, FrameKind::Delta, vec![CellEntry::ShipMoved(ShipId(5), 2)]),
                (2, FrameKind::Delta, vec![ship(5)]),
            ];
            if swap {
                crossing.swap(0, 1);
            }
            picture.apply(&cells(11, crossing)).unwrap();
            assert_eq!(picture.ships[&ShipId(5)].cell, 2);
            assert_eq!(picture.ships[&ShipId(5)].course.position(Tick(15)), Point::new(50, 0));
        }
    }

    #[test]
    fn a_ship_flies_on_until_its_new_cell_speaks_and_is_forgotten_when_that_is_out_of_view() {
        let mut picture = Picture::default();
        let two = vec![(1, FrameKind::Snapshot, vec![ship(5), ship(6)]), (2, FrameKind::Snapshot, vec![])];
        picture.apply(&cells(10, two)).unwrap();
        let moved = vec![CellEntry::ShipMoved(ShipId(5), 2), CellEntry::ShipMoved(ShipId(6), 3)];
        picture.apply(&cells(11, vec![(1, FrameKind::Delta, moved)])).unwrap();
        let seen: Vec<_> = picture.ships.iter().map(|(id, ship)| (*id, ship.cell)).collect();
        assert_eq!(seen, vec![(ShipId(5), 2)]);
        assert_eq!(picture.ships[&ShipId(5)].course.position(Tick(14)), Point::new(50, 0));
        // Late news of a cell that the ship left long ago.
        picture.apply(&cells(12, vec![(1, FrameKind::Delta, vec![CellEntry::ShipMoved(ShipId(5), 3)])])).unwrap();
        assert_eq!(picture.ships[&ShipId(5)].cell, 2);
    }

    #[test]
    fn what_was_never_introduced_is_an_inconsistency() {
        let mut picture = Picture::default();
        let delta = cells(1, vec![(4, FrameKind::Delta, vec![])]);
        assert_eq!(picture.apply(&delta), Err(Inconsistency::CellNotInView(4)));
    }
}
