//! Sending everybody away, round by round: see [`maintenance`](crate::actors::maintenance).

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Fanout, Member, SlotId};
use crate::actors::session_link::{Dismissal, Note};

/// A round of a drain: every worker dismisses its share.
#[derive(Clone, Debug)]
pub struct DrainRound {
    /// Which drain; whoever came after its first round is not in it.
    pub drain: u64,
    /// In so many rounds, this one among them, all are to be dismissed.
    pub rounds_left: usize,
    /// What players are told.
    pub reason: Arc<str>,
    /// How soon they may come back, in ms.
    pub back_after_ms: u64,
    /// Over how many more ms they are spread by chance.
    pub back_spread_ms: u64,
}

/// A worker's part of a drain.
#[derive(Debug, Default)]
pub(super) struct Draining {
    drain: u64,
    /// Who is still to be dismissed, who came first before the others.
    waiting: VecDeque<SlotId>,
}

impl Fanout {
    /// Dismisses this worker's share of a round.
    pub(super) fn dismiss(&mut self, round: &DrainRound) {
        if self.draining.drain != round.drain {
            self.draining = Draining { drain: round.drain, waiting: self.by_age() };
        }
        let share = self.draining.waiting.len().div_ceil(round.rounds_left.max(1));
        let dismissed: Vec<SlotId> = self.draining.waiting.drain(..share).collect();
        for id in dismissed {
            if let Some(slot) = self.slot(id) {
                let retry_after_ms = round.back_after_ms + rand::random_range(0..=round.back_spread_ms);
                let dismissal = Dismissal { reason: Arc::clone(&round.reason), retry_after_ms };
                slot.note.do_send(Note::Dismiss(dismissal));
            }
        }
    }

    /// All sessions, in the order of their connections.
    fn by_age(&self) -> VecDeque<SlotId> {
        let id = |(index, generation)| SlotId { worker: self.handle.worker, index, generation };
        let slots = (0..Member::MAX).zip(&self.slots);
        let mut slots: Vec<(Member, u32)> =
            slots.filter_map(|(index, slot)| Some((index, slot.as_ref()?.generation))).collect();
        // Generations count up, and begin anew after 2^32.
        slots.sort_unstable_by_key(|(_, generation)| std::cmp::Reverse(self.generation.wrapping_sub(*generation)));
        slots.into_iter().map(id).collect()
    }
}
