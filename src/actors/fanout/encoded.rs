//! A tick's frames as bytes: each changed cell encoded once per encoding in use, each needed snapshot likewise, all in
//! one buffer; and the messages that are put together from them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use orrery_core::game::space::{Interest, Sector, TickOutput, ViewChange};
use orrery_core::protocol::{CellFrame, CellIndex, Encoding, FrameKind, cell_frame};
use orrery_core::types::Tick;

use crate::actors::ws_frame;

/// A tick's frames, in the encodings that somebody uses.
pub struct EncodedTick {
    world_number: u16,
    tick: Tick,
    interest: Arc<Interest>,
    msgpack: FrameSet,
    json: Option<FrameSet>,
}

#[derive(Default)]
struct FrameSet {
    buffer: Vec<u8>,
    /// By cell: 0 for no delta, otherwise one more than the index in `deltas`.
    delta_of: Vec<u32>,
    deltas: Vec<EncodedFrame>,
    snapshots: HashMap<CellIndex, EncodedFrame>,
}

#[derive(Clone)]
struct EncodedFrame {
    bytes: Range<usize>,
    entries: u64,
}

impl EncodedTick {
    /// Encodes what a tick made known.
    #[must_use]
    pub fn new(sector: &Sector, interest: &Arc<Interest>, output: &TickOutput, with_json: bool) -> Self {
        let encode = |encoding| FrameSet::new(encoding, sector, output);
        Self {
            world_number: sector.number(),
            tick: output.tick,
            interest: Arc::clone(interest),
            msgpack: encode(Encoding::MessagePack),
            json: with_json.then(|| encode(Encoding::Json)),
        }
    }

    /// The world they are of.
    #[must_use]
    pub fn world_number(&self) -> u16 {
        self.world_number
    }

    /// Which tick.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// Who sees what in that world.
    #[must_use]
    pub fn interest(&self) -> &Interest {
        &self.interest
    }

    fn set(&self, encoding: Encoding) -> Option<&FrameSet> {
        match encoding {
            Encoding::MessagePack => Some(&self.msgpack),
            Encoding::Json => self.json.as_ref(),
        }
    }

    /// The deltas of these cells as one framed message, with the number of entries; `None` when nothing changed.
    #[must_use]
    pub fn neighbourhood_message(&self, encoding: Encoding, cells: &[CellIndex]) -> Option<(Bytes, u64)> {
        let set = self.set(encoding)?;
        let changed: Vec<&EncodedFrame> = cells.iter().filter_map(|cell| set.delta(*cell)).collect();
        if changed.is_empty() {
            return None;
        }
        let entries = changed.iter().map(|frame| frame.entries).sum();
        let frames = changed.iter().map(|frame| &set.buffer[frame.bytes.clone()]);
        Some((self.join(encoding, frames), entries))
    }

    /// What a session whose view moved is to be told before the tick's deltas, as one framed message.
    #[must_use]
    pub fn view_message(&self, encoding: Encoding, view: &ViewChange) -> Option<(Bytes, u64)> {
        let set = self.set(encoding)?;
        let mut gone = Vec::new();
        let mut say = |kind, cell| {
            let mut bytes = Vec::new();
            CellFrame { cell, kind, entries: Vec::new() }.encode(encoding, &mut bytes);
            gone.push(bytes);
        };
        if view.fresh {
            say(FrameKind::Reset, 0);
        }
        view.left.iter().for_each(|cell| say(FrameKind::Forget, *cell));
        let entered: Vec<&EncodedFrame> = view.entered.iter().filter_map(|cell| set.snapshots.get(cell)).collect();
        let entries = entered.iter().map(|frame| frame.entries).sum();
        let snapshots = entered.iter().map(|frame| &set.buffer[frame.bytes.clone()]);
        let frames: Vec<&[u8]> = gone.iter().map(Vec::as_slice).chain(snapshots).collect();
        Some((self.join(encoding, frames.into_iter()), entries))
    }

    fn join<'a>(&self, encoding: Encoding, frames: impl ExactSizeIterator<Item = &'a [u8]>) -> Bytes {
        let mut message = Vec::with_capacity(1024);
        cell_frame::join(encoding, self.world_number, self.tick, frames, &mut message);
        ws_frame::data(encoding, &message)
    }
}

impl FrameSet {
    fn new(encoding: Encoding, sector: &Sector, output: &TickOutput) -> Self {
        let mut set = Self { delta_of: vec![0; sector.interest().grid().cell_count() as usize], ..Self::default() };
        for (index, delta) in output.deltas.iter().enumerate() {
            let frame = set.encode(encoding, delta);
            set.deltas.push(frame);
            set.delta_of[delta.cell as usize] = u32::try_from(index + 1).unwrap_or(u32::MAX);
        }
        for cell in output.views.iter().flat_map(|view| &view.entered) {
            if !set.snapshots.contains_key(cell) {
                let frame = set.encode(encoding, &sector.snapshot(*cell));
                set.snapshots.insert(*cell, frame);
            }
        }
        set
    }

    fn encode(&mut self, encoding: Encoding, frame: &CellFrame) -> EncodedFrame {
        let start = self.buffer.len();
        frame.encode(encoding, &mut self.buffer);
        EncodedFrame { bytes: start..self.buffer.len(), entries: frame.entries.len() as u64 }
    }

    fn delta(&self, cell: CellIndex) -> Option<&EncodedFrame> {
        let index = self.delta_of.get(cell as usize)?.checked_sub(1)?;
        self.deltas.get(index as usize)
    }
}
