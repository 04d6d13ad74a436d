//! The beginning of a `cells` message: enough to tell its tick without decoding it. For who times, records or replays
//! messages by the thousand; whoever wants to know what is in them decodes them.

use std::ops::Range;

const MSGPACK: &[u8] = b"\x92\xa5cells\x93";
const JSON: &[u8] = b"[\"cells\",[";

/// Reads a number; how many bytes it takes.
type ReadNumber = fn(&[u8]) -> Option<(u64, usize)>;

/// What a `cells` message begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellsHead {
    /// The world's number.
    pub world: u16,
    /// The tick.
    pub tick: u64,
    /// Where in the message the tick stands; with JSON the comma behind it too.
    pub tick_at: Range<usize>,
}

impl CellsHead {
    /// Reads the beginning of a message in either encoding; `None` when it is no `cells`, or too little of it.
    #[must_use]
    pub fn parse(message: &[u8]) -> Option<Self> {
        let (at, number): (_, ReadNumber) = match message {
            _ if message.starts_with(MSGPACK) => (MSGPACK.len(), msgpack_number),
            _ if message.starts_with(JSON) => (JSON.len(), json_number),
            _ => return None,
        };
        let (world, world_bytes) = number(&message[at..])?;
        let tick_start = at + world_bytes;
        let (tick, tick_bytes) = number(&message[tick_start..])?;
        Some(Self { world: u16::try_from(world).ok()?, tick, tick_at: tick_start..tick_start + tick_bytes })
    }
}

/// An unsigned number, and the bytes it takes.
fn msgpack_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let (marker, rest) = bytes.split_first()?;
    let wide = match marker {
        0..=0x7f => return Some((u64::from(*marker), 1)),
        0xcc => 1,
        0xcd => 2,
        0xce => 4,
        0xcf => 8,
        _ => return None,
    };
    let value = rest.get(..wide)?.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    Some((value, 1 + wide))
}

/// The same with the comma behind it, without which the number may go on.
fn json_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let comma = bytes.iter().position(|byte| *byte == b',')?;
    let digits = std::str::from_utf8(&bytes[..comma]).ok()?;
    Some((digits.parse().ok()?, comma + 1))
}

/// Appends an unsigned number, as short as it gets.
pub fn write_msgpack_number(number: u64, out: &mut Vec<u8>) {
    let bytes = number.to_be_bytes();
    let (marker, wide) = match number {
        0..=0x7f => return out.push(bytes[7]),
        0x80..=0xff => (0xcc, 1),
        0x100..=0xffff => (0xcd, 2),
        0x1_0000..=0xffff_ffff => (0xce, 4),
        _ => (0xcf, 8),
    };
    out.push(marker);
    out.extend_from_slice(&bytes[8 - wide..]);
}

#[cfg(test)]
mod tests {
    use orrery_core::protocol::{Encoding, cell_frame};
    use orrery_core::types::Tick;

    use super::*;
    use crate::framing::HEAD_BYTES;

    const TICKS: [u64; 9] = [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000];

    fn message(encoding: Encoding, world: u16, tick: u64) -> Vec<u8> {
        let (frame, mut out) = ([0x93_u8, 1, 0, 0x90].as_slice(), Vec::new());
        cell_frame::join(encoding, world, Tick(tick), [frame; 12].into_iter(), &mut out);
        out
    }

    #[test]
    fn the_tick_is_read_in_every_width_and_encoding() {
        for encoding in [Encoding::MessagePack, Encoding::Json] {
            for (tick, world) in TICKS.into_iter().zip([0, 1, 127, 128, 255, 256, 65_535, 3, 3]) {
                let message = message(encoding, world, tick);
                let head = CellsHead::parse(&message[..message.len().min(HEAD_BYTES)]).unwrap();
                assert_eq!((head.world, head.tick), (world, tick), "{encoding:?}");
            }
        }
    }

    #[test]
    fn what_is_cut_or_something_else_has_no_tick() {
        for encoding in [Encoding::MessagePack, Encoding::Json] {
            let message = message(encoding, 300, 70_000);
            let end = CellsHead::parse(&message).unwrap().tick_at.end;
            assert!((0..end).all(|cut| CellsHead::parse(&message[..cut]).is_none()), "{encoding:?}");
        }
        for other in [&b"\x92\xa9heartbeat\x84"[..], b"[\"ok\",{},1]", b"\x92\xa5cells\x93\xff\x01", b""] {
            assert_eq!(CellsHead::parse(other), None);
        }
    }

    #[test]
    fn a_number_is_written_as_it_is_read() {
        for tick in TICKS {
            let message = message(Encoding::MessagePack, 1, tick);
            let mut written = Vec::new();
            write_msgpack_number(tick, &mut written);
            assert_eq!(&message[CellsHead::parse(&message).unwrap().tick_at], written, "{tick}");
        }
    }
}
