//! Cell frames: what is in a cell of a world's grid, and what changed in it during a tick.
//!
//! They are by far the most frequent messages, so they are positional arrays of small integers. A cell's changes are
//! encoded once for everybody ([`CellFrame::encode`]); a neighbourhood is those bytes one after the other behind one
//! header ([`join`]). Everything in a frame is *set*, never added, so a frame applied twice does no harm.

use std::io::Write as _;

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::Encoding;
use crate::types::{ObjectId, ObjectKindKey, Point, ShipId, ShipKindKey, Tick};

/// A cell's number in its world: row times columns plus column.
pub type CellIndex = u32;

/// The body of `cells`: `[world_number, tick, [frame, …]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellsBody(pub u16, pub Tick, pub Vec<CellFrame>);

/// What a frame says of its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// These things changed.
    Delta = 0,
    /// This is all there is: forget what you knew of the cell.
    Snapshot = 1,
    /// The cell is out of view: forget what you knew of it.
    Forget = 2,
    /// Forget all cells; the frame's own cell means nothing. Snapshots follow.
    Reset = 3,
}

/// `[cell, kind, [entry, …]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellFrame {
    /// Which cell.
    pub cell: CellIndex,
    /// What the entries mean.
    pub kind: FrameKind,
    /// One for each thing.
    pub entries: Vec<CellEntry>,
}

/// A course relative to its frame's tick: `x, y, to_x, to_y, age, left`.
///
/// The ship was at `from` `age` ticks before the frame's tick and will be at `to` `left` ticks after it. Between them
/// it is at `from + floor((to - from) * elapsed / (age + left))`, per coordinate; after that it rests at `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireCourse {
    /// Where it begins.
    pub from: Point,
    /// Where it ends.
    pub to: Point,
    /// Ticks since it began.
    pub age: u64,
    /// Ticks until it ends; 0 when the ship rests.
    pub left: u64,
}

/// One thing in a cell. The first number of the array says which kind of entry it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellEntry {
    /// `[0, ship, x, y, to_x, to_y, age, left]`: a ship in the cell changed its course.
    Course(ShipId, WireCourse),
    /// `[1, ship, x, y, to_x, to_y, age, left, kind, name]`: a ship is in the cell now.
    Ship(ShipId, WireCourse, ShipKindKey, String),
    /// `[2, ship]`: a ship that was in this cell has left the world.
    ShipLeft(ShipId),
    /// `[3, object, x, y, kind]`: an object is in the cell.
    Object(ObjectId, Point, ObjectKindKey),
    /// `[4, object]`: an object is gone.
    ObjectGone(ObjectId),
    /// `[5, ship, cell]`: a ship is not in this cell any more but in that one. That cell's frame tells of its course,
    /// perhaps some ticks later: until then it is taken to fly on.
    ShipMoved(ShipId, CellIndex),
}

impl Serialize for CellFrame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.cell, self.kind as u8, &self.entries).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CellFrame {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (cell, kind, entries) = <(CellIndex, u8, Vec<CellEntry>)>::deserialize(deserializer)?;
        let kind = match kind {
            0 => FrameKind::Delta,
            1 => FrameKind::Snapshot,
            2 => FrameKind::Forget,
            3 => FrameKind::Reset,
            other => return Err(D::Error::custom(format_args!("unknown frame kind {other}"))),
        };
        Ok(Self { cell, kind, entries })
    }
}

impl Serialize for CellEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Course(ship, c) => (0, ship, c.from.x, c.from.y, c.to.x, c.to.y, c.age, c.left).serialize(serializer),
            Self::Ship(ship, c, kind, name) => {
                (1, ship, c.from.x, c.from.y, c.to.x, c.to.y, c.age, c.left, kind, name).serialize(serializer)
            }
            Self::ShipLeft(ship) => (2, ship).serialize(serializer),
            Self::Object(object, at, kind) => (3, object, at.x, at.y, kind).serialize(serializer),
            Self::ObjectGone(object) => (4, object).serialize(serializer),
            Self::ShipMoved(ship, cell) => (5, ship, cell).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for CellEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EntryVisitor)
    }
}

struct EntryVisitor;

fn next<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(seq: &mut A) -> Result<T, A::Error> {
    seq.next_element()?.ok_or_else(|| A::Error::custom("the entry is too short"))
}

fn next_course<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<WireCourse, A::Error> {
    let from = Point::new(next(seq)?, next(seq)?);
    let to = Point::new(next(seq)?, next(seq)?);
    Ok(WireCourse { from, to, age: next(seq)?, left: next(seq)? })
}

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = CellEntry;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a cell entry: an array that begins with its kind")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<CellEntry, A::Error> {
        let seq = &mut seq;
        match next::<u8, A>(seq)? {
            0 => Ok(CellEntry::Course(next(seq)?, next_course(seq)?)),
            1 => Ok(CellEntry::Ship(next(seq)?, next_course(seq)?, next(seq)?, next(seq)?)),
            2 => Ok(CellEntry::ShipLeft(next(seq)?)),
            3 => Ok(CellEntry::Object(next(seq)?, Point::new(next(seq)?, next(seq)?), next(seq)?)),
            4 => Ok(CellEntry::ObjectGone(next(seq)?)),
            5 => Ok(CellEntry::ShipMoved(next(seq)?, next(seq)?)),
            other => Err(A::Error::custom(format_args!("unknown entry kind {other}"))),
        }
    }
}

impl CellFrame {
    /// Appends the frame's bytes to `out`, without any header: see [`join`].
    pub fn encode(&self, encoding: Encoding, out: &mut Vec<u8>) {
        encoding.append(self, out);
    }
}

/// Writes a whole `cells` message made of frames that are already encoded, in the given encoding.
pub fn join<'a>(
    encoding: Encoding,
    world_number: u16,
    tick: Tick,
    frames: impl ExactSizeIterator<Item = &'a [u8]>,
    out: &mut Vec<u8>,
) {
    // Writing into a Vec cannot fail.
    match encoding {
        Encoding::MessagePack => {
            let _ = rmp::encode::write_array_len(out, 2);
            let _ = rmp::encode::write_str(out, "cells");
            let _ = rmp::encode::write_array_len(out, 3);
            let _ = rmp::encode::write_uint(out, u64::from(world_number));
            let _ = rmp::encode::write_uint(out, tick.0);
            let _ = rmp::encode::write_array_len(out, u32::try_from(frames.len()).unwrap_or(u32::MAX));
            frames.for_each(|frame| out.extend_from_slice(frame));
        }
        Encoding::Json => {
            let _ = write!(out, "[\"cells\",[{world_number},{},[", tick.0);
            for (index, frame) in frames.enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(frame);
            }
            out.extend_from_slice(b"]]]");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Envelope, ServerMessage, decode_server, encode_server};

    fn frames() -> Vec<CellFrame> {
        let course = WireCourse { from: Point::new(1, -2), to: Point::new(70_000, 4), age: 3, left: 900 };
        let kind = ShipKindKey::parse("sloop").unwrap();
        vec![
            CellFrame {
                cell: 7,
                kind: FrameKind::Snapshot,
                entries: vec![
                    CellEntry::Course(ShipId(300), course),
                    CellEntry::Ship(ShipId(1), course, kind, "Ada".to_owned()),
                    CellEntry::ShipLeft(ShipId(2)),
                    CellEntry::Object(ObjectId::new(3, 9), Point::new(5, 6), ObjectKindKey::parse("rock").unwrap()),
                    CellEntry::ObjectGone(ObjectId(8)),
                    CellEntry::ShipMoved(ShipId(4), 70_000),
                ],
            },
            CellFrame { cell: 400, kind: FrameKind::Delta, entries: vec![] },
            CellFrame { cell: 8, kind: FrameKind::Forget, entries: vec![] },
        ]
    }

    #[test]
    fn joined_frames_are_the_same_message_as_one_encoded_whole() {
        for encoding in [Encoding::MessagePack, Encoding::Json] {
            let parts: Vec<Vec<u8>> = frames()
                .iter()
                .map(|frame| {
                    let mut bytes = Vec::new();
                    frame.encode(encoding, &mut bytes);
                    bytes
                })
                .collect();
            let mut joined = Vec::new();
            join(encoding, 2, Tick(1234), parts.iter().map(Vec::as_slice), &mut joined);
            let whole = Envelope::from(ServerMessage::Cells(CellsBody(2, Tick(1234), frames())));
            assert_eq!(joined, encode_server(encoding, &whole), "{encoding:?}");
            assert_eq!(decode_server(encoding, &joined).unwrap(), whole);
        }
    }
}
