//! Who looks into a world: the sessions that are bound to its ships, and the workers that send them what they see.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orrery_core::game::space::{Sector, ViewChange};
use orrery_core::types::{Point, ShipId};

use super::{Binding, WorldHandle};
use crate::actors::fanout::{CellLoad, EncodedTick, FanoutHandle, FanoutMessage, Receipt, SlotId, TickFrames};
use crate::actors::session_link::Note;

/// Of how many ships one has what its viewer is sent checked against its place, in each tick. Over a second of ticks
/// every ship has its turn; not at the same ticks of each cycle, at which the same periods are due.
const CHECKED_VIEWERS: usize = 17;

/// The sessions that look into a world, and their workers.
#[derive(Default)]
pub(super) struct Viewers {
    bindings: HashMap<ShipId, Binding>,
    workers: BTreeMap<usize, Worker>,
}

/// A worker with sessions that look into this world.
struct Worker {
    fanout: FanoutHandle,
    bound: usize,
    notes: Vec<(SlotId, Note)>,
    /// Messages sent to it, and how many of them it is done with.
    sent: u64,
    done: Arc<AtomicU64>,
}

/// What all workers are sent of a tick.
pub(super) struct Sight {
    /// The world.
    pub(super) world: WorldHandle,
    /// Its frames.
    pub(super) frames: Arc<EncodedTick>,
    /// How long a tick lasts now, in ms.
    pub(super) tick_ms: u32,
    /// Where to count what its cells cost, while somebody wants to know.
    pub(super) load: Option<Arc<CellLoad>>,
}

impl Viewers {
    /// The session that looks through a ship.
    pub(super) fn of(&self, ship: ShipId) -> Option<&Binding> {
        self.bindings.get(&ship)
    }

    /// From now on this session looks through the ship, and no other.
    pub(super) fn bind(&mut self, ship: ShipId, binding: Binding) {
        self.unbind(ship);
        let fanout = binding.fanout.clone();
        let worker = self.workers.entry(fanout.worker).or_insert_with(|| Worker {
            fanout,
            bound: 0,
            notes: Vec::new(),
            sent: 0,
            done: Arc::default(),
        });
        worker.bound += 1;
        self.bindings.insert(ship, binding);
    }

    /// Nobody looks through the ship any more; who did.
    pub(super) fn unbind(&mut self, ship: ShipId) -> Option<Binding> {
        let binding = self.bindings.remove(&ship)?;
        if let Some(worker) = self.workers.get_mut(&binding.fanout.worker) {
            worker.bound = worker.bound.saturating_sub(1);
        }
        Some(binding)
    }

    /// Something for the session that looks through a ship, if there is one; it goes with the next frames.
    pub(super) fn note(&mut self, ship: ShipId, note: Note) {
        let Some(binding) = self.bindings.get(&ship) else { return };
        if let Some(worker) = self.workers.get_mut(&binding.fanout.worker) {
            worker.notes.push((binding.slot, note));
        }
    }

    /// The world ends: all sessions are to join anew.
    pub(super) fn send_away(&mut self) {
        let ships: Vec<ShipId> = self.bindings.keys().copied().collect();
        ships.into_iter().for_each(|ship| self.note(ship, Note::Rejoin));
    }

    /// By how many ticks the slowest worker is behind.
    pub(super) fn delivery_lag(&self) -> u64 {
        let behind = |worker: &Worker| worker.sent.saturating_sub(worker.done.load(Ordering::Relaxed));
        self.workers.values().map(behind).max().unwrap_or(0)
    }

    /// Sends every worker a tick, the views of its sessions that moved, and its notes. Sessions whose worker has no room
    /// for it will see everything anew.
    pub(super) fn send(&mut self, sight: &Sight, moved: Vec<ViewChange>, sector: &mut Sector) {
        let mut checked = self.places_to_check(sector);
        let mut views: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for view in moved {
            if let Some(binding) = self.bindings.get(&view.ship) {
                views.entry(binding.fanout.worker).or_default().push((binding.slot, view));
            }
        }
        let mut behind = Vec::new();
        for (number, worker) in &mut self.workers {
            let message = TickFrames {
                world: sight.world.clone(),
                frames: Arc::clone(&sight.frames),
                views: views.remove(number).unwrap_or_default(),
                checked: checked.remove(number).unwrap_or_default(),
                notes: std::mem::take(&mut worker.notes),
                tick_ms: sight.tick_ms,
                load: sight.load.clone(),
                receipt: Receipt::new(&worker.done),
            };
            worker.sent += 1;
            if let Err(FanoutMessage::Tick(lost)) = worker.fanout.try_send(FanoutMessage::Tick(message)) {
                // Notes are kept for the next tick, frames are not.
                worker.notes = lost.notes;
                behind.push(*number);
            }
        }
        self.workers.retain(|_, worker| worker.bound > 0 || !worker.notes.is_empty());
        if !behind.is_empty() {
            let lost = self.bindings.iter().filter(|(_, binding)| behind.contains(&binding.fanout.worker));
            lost.for_each(|(ship, _)| sector.open_view(*ship));
        }
    }

    /// Where some of the viewers' ships are, by worker: the fan-out checks against it what it is about to send them.
    fn places_to_check(&self, sector: &Sector) -> BTreeMap<usize, Vec<(SlotId, Point)>> {
        let mut checked: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        let turn = usize::try_from(sector.tick().0).unwrap_or(0) % CHECKED_VIEWERS;
        for ship in sector.ships().skip(turn).step_by(CHECKED_VIEWERS) {
            if let Some(binding) = self.bindings.get(&ship.id) {
                let place = (binding.slot, ship.position(sector.tick()));
                checked.entry(binding.fanout.worker).or_default().push(place);
            }
        }
        checked
    }
}
