//! A tick's frames, encoded when the first worker needs them.
//!
//! The world hands over what happened, not bytes. Whichever worker thread first needs a cell's frame, for a period and
//! an encoding, encodes it; the others find it done. So the work is spread over the workers, and cells that nobody
//! sees cost nothing.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use orrery_core::game::space::{CYCLE, Interest, RecentNews};
use orrery_core::protocol::{CellFrame, CellIndex, Encoding};
use orrery_core::types::Tick;

use super::meters::{Meters, Reason};

/// A tick's frames, for every worker.
pub struct EncodedTick {
    world_number: u16,
    interest: Arc<Interest>,
    news: RecentNews,
    /// Deltas that reach back so many ticks, less one.
    windows: [OnceLock<Box<Window>>; CYCLE as usize],
    /// By cell, ascending.
    snapshots: Vec<(CellFrame, PerEncoding<OnceLock<EncodedFrame>>)>,
}

/// The deltas of all changed cells over some ticks.
struct Window {
    /// By cell: 0 when nothing changed, otherwise one more than the index in `frames`.
    slot_of: Vec<u32>,
    frames: PerEncoding<Vec<OnceLock<EncodedFrame>>>,
}

/// One for MessagePack, one for JSON.
type PerEncoding<T> = [T; 2];

/// A cell's frame as bytes.
#[derive(Debug)]
pub(super) struct EncodedFrame {
    /// Without any header.
    pub(super) bytes: Box<[u8]>,
    /// How many entries it has.
    pub(super) entries: u64,
}

impl EncodedTick {
    /// The frames of the last tick of `news`, and the snapshots that it needs, each cell once.
    #[must_use]
    pub fn new(world_number: u16, interest: Arc<Interest>, news: RecentNews, mut snapshots: Vec<CellFrame>) -> Self {
        snapshots.sort_unstable_by_key(|frame| frame.cell);
        let snapshots = snapshots.into_iter().map(|frame| (frame, PerEncoding::default())).collect();
        Self { world_number, interest, news, windows: Default::default(), snapshots }
    }

    /// The world they are of.
    #[must_use]
    pub fn world_number(&self) -> u16 {
        self.world_number
    }

    /// The tick they are of.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.news.tick()
    }

    /// Who sees what in that world.
    #[must_use]
    pub fn interest(&self) -> &Interest {
        &self.interest
    }

    /// What changed in a cell during the last so many ticks, at most [`CYCLE`]; `None` when nothing did.
    pub(super) fn delta(
        &self,
        encoding: Encoding,
        cell: CellIndex,
        ticks: u64,
        reason: Reason,
        meters: &Meters,
    ) -> Option<&EncodedFrame> {
        let index = usize::try_from(ticks.checked_sub(1)?).ok()?;
        let window = self.windows.get(index)?.get_or_init(|| Box::new(self.window(ticks)));
        let slot = window.slot_of.get(cell as usize)?.checked_sub(1)? as usize;
        let frame = window.frames[encoding as usize].get(slot)?.get_or_init(|| {
            let told = self.news.delta(cell, ticks);
            let frame = EncodedFrame::new(encoding, &told.frame);
            meters.encoded(reason, frame.entries, told.staleness_ticks);
            frame
        });
        Some(frame)
    }

    /// Everything in a cell; `None` unless somebody's view moved onto it at this tick.
    pub(super) fn snapshot(&self, encoding: Encoding, cell: CellIndex, meters: &Meters) -> Option<&EncodedFrame> {
        let index = self.snapshots.binary_search_by_key(&cell, |(frame, _)| frame.cell).ok()?;
        let (plain, encoded) = &self.snapshots[index];
        let frame = encoded[encoding as usize].get_or_init(|| {
            let frame = EncodedFrame::new(encoding, plain);
            meters.encoded(Reason::Snapshot, frame.entries, 0);
            frame
        });
        Some(frame)
    }

    fn window(&self, ticks: u64) -> Window {
        let mut slot_of = vec![0; self.interest.grid().cell_count() as usize];
        let mut count = 0_u32;
        for cell in self.news.changed_cells(ticks) {
            let slot = &mut slot_of[cell as usize];
            if *slot == 0 {
                count += 1;
                *slot = count;
            }
        }
        let slots = || (0..count).map(|_| OnceLock::new()).collect();
        Window { slot_of, frames: [slots(), slots()] }
    }
}

impl EncodedFrame {
    fn new(encoding: Encoding, frame: &CellFrame) -> Self {
        thread_local! {
            // Kept, so that only the finished frame is allocated.
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        BUFFER.with_borrow_mut(|buffer| {
            buffer.clear();
            frame.encode(encoding, buffer);
            Self { bytes: buffer.as_slice().into(), entries: frame.entries.len() as u64 }
        })
    }
}
