//! Plays a tape: the bytes that each recording's clients are given at a tick.

use crate::cells_head::{CellsHead, write_msgpack_number};
use crate::floor::tape::{Recording, Tape};

const BINARY_FRAME: u8 = 0x82;

/// A tape under way. The tick runs on when the tape begins again.
pub(super) struct Player {
    recordings: Vec<Recording>,
    slots: u64,
    first: u64,
    tick: u64,
    frames: Vec<Vec<u8>>,
}

impl Player {
    /// Begins with the tick of the tape's welcome.
    pub(super) fn new(tape: Tape) -> Self {
        let first = tape.welcome.world.tick.0;
        let frames = vec![Vec::new(); tape.recordings.len()];
        Self { slots: tape.ticks, recordings: tape.recordings, first, tick: first, frames }
    }

    /// The recording for a client's number.
    pub(super) fn recording(&self, client: usize) -> usize {
        client % self.recordings.len().max(1)
    }

    /// Goes to the next tick, and frames what each recording that is `in_use` holds for it.
    pub(super) fn step(&mut self, in_use: usize) {
        self.tick += 1;
        let slot = (self.tick - self.first - 1) % self.slots;
        for (recording, frame) in self.recordings.iter().zip(&mut self.frames).take(in_use) {
            frame.clear();
            recording.at(slot).for_each(|message| append_frame(message, self.tick, frame));
        }
    }

    /// The WebSocket frames of this tick; empty when the recorded member got none.
    pub(super) fn frames(&self, recording: usize) -> &[u8] {
        self.frames.get(recording).map_or(&[], Vec::as_slice)
    }
}

/// Appends a `cells` message as a frame, with another tick.
fn append_frame(message: &[u8], tick: u64, out: &mut Vec<u8>) {
    let Some(head) = CellsHead::parse(message) else { return };
    let mut number = Vec::with_capacity(9);
    write_msgpack_number(tick, &mut number);
    let (before, after) = (&message[..head.tick_at.start], &message[head.tick_at.end..]);
    append_header(before.len() + number.len() + after.len(), out);
    [before, &number, after].into_iter().for_each(|part| out.extend_from_slice(part));
}

/// Appends the header of a server's binary frame.
pub(super) fn append_header(length: usize, out: &mut Vec<u8>) {
    out.push(BINARY_FRAME);
    match length {
        // The match arms bound the length, so the narrow casts lose nothing.
        0..=125 => out.push(length as u8),
        126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}
