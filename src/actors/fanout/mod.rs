//! Fan-out: from a world's tick to the sockets of one HTTP worker.
//!
//! Each HTTP worker thread has one [`Fanout`]. A world sends each of them one message per tick ([`TickFrames`]) with
//! the tick's frames, encoded once; the fan-out hands every local session the frames of its neighbourhood, put together
//! once for all sessions with the same anchor. Nothing here crosses threads but that message.

mod encoded;
mod known_pace;
mod lane;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix::Recipient;
use bytes::Bytes;
use orrery_core::game::space::ViewChange;
use orrery_core::protocol::{CellIndex, Encoding};
use orrery_core::types::ShipId;
use tokio::sync::mpsc;

pub use encoded::EncodedTick;
use known_pace::KnownPace;
pub use lane::{FAREWELL_TIME, Lane, LaneLimits};

use super::node::Node;
use super::session_link::Note;
use super::world::{WorldHandle, WorldInput, whole_ms};

/// Messages from worlds that may wait for one worker: a second and a half of six worlds at 20 Hz. A worker farther
/// behind than that gets snapshots when it is back.
const QUEUE_BOUND: usize = 192;
/// A world that says nothing for this long has failed, or for four of the slowest ticks if that is longer.
const SILENCE: Duration = Duration::from_secs(2);

/// A session's place in its worker's fan-out. The generation tells a place from its earlier holders, the worker from
/// the places of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotId {
    worker: usize,
    index: u32,
    generation: u32,
}

#[cfg(test)]
impl SlotId {
    /// A place with a worker that a test plays.
    pub(super) fn played(worker: usize, index: u32) -> Self {
        Self { worker, index, generation: 0 }
    }
}

/// How worlds reach one worker's fan-out. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FanoutHandle {
    /// The worker's number in this process.
    pub worker: usize,
    sender: mpsc::Sender<FanoutMessage>,
}

impl FanoutHandle {
    /// Hands over a message without waiting.
    ///
    /// # Errors
    /// Gives the message back when the worker is too far behind.
    #[allow(clippy::result_large_err, reason = "the message is given back, not an error made up")]
    pub fn try_send(&self, message: FanoutMessage) -> Result<(), FanoutMessage> {
        self.sender.try_send(message).map_err(|error| match error {
            mpsc::error::TrySendError::Full(message) | mpsc::error::TrySendError::Closed(message) => message,
        })
    }

    /// A worker that a test plays: what worlds send it comes out of the receiver.
    #[cfg(test)]
    pub(super) fn played(worker: usize, bound: usize) -> (Self, mpsc::Receiver<FanoutMessage>) {
        let (sender, receiver) = mpsc::channel(bound);
        (Self { worker, sender }, receiver)
    }

    /// Hands over a message, waiting for room.
    pub async fn send(&self, message: FanoutMessage) {
        // A worker that is gone has no sessions that could miss it.
        let _ = self.sender.send(message).await;
    }
}

/// What a worker's fan-out is told.
pub enum FanoutMessage {
    /// A world made a tick.
    Tick(TickFrames),
    /// The server is about to stop: tell all sessions.
    Shutdown,
}

/// One world's tick, for one worker.
pub struct TickFrames {
    /// The world.
    pub world: WorldHandle,
    /// Its frames.
    pub frames: Arc<EncodedTick>,
    /// Views of this worker's sessions that moved.
    pub views: Vec<(SlotId, ViewChange)>,
    /// What the world has to tell this worker's sessions, in order.
    pub notes: Vec<(SlotId, Note)>,
    /// How long a tick of that world lasts now, in ms.
    pub tick_ms: u32,
    /// Tells the world that it was delivered.
    pub receipt: Receipt,
}

/// Counts itself when it is dropped: its message was delivered, or is lost for good.
#[derive(Debug)]
pub struct Receipt(Arc<AtomicU64>);

impl Receipt {
    /// To be counted there.
    #[must_use]
    pub fn new(counter: &Arc<AtomicU64>) -> Self {
        Self(Arc::clone(counter))
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

struct Slot {
    generation: u32,
    note: Recipient<Note>,
    lane: Rc<Lane>,
    encoding: Encoding,
    place: Option<Place>,
    pace: KnownPace,
}

impl Slot {
    fn tell_pace(&mut self, world_number: u16, tick_ms: u32) {
        if let Some(dilation) = self.pace.news(world_number, tick_ms) {
            self.note.do_send(Note::Pace(dilation));
        }
    }
}

/// What a session sees.
struct Place {
    world: u16,
    ship: ShipId,
    anchor: CellIndex,
}

/// What the fan-out knows of a world.
struct WorldSeen {
    last_tick: Instant,
    /// How long its ticks last, as its sessions were told.
    tick_ms: u32,
    neighbourhoods: HashMap<CellIndex, Rc<[CellIndex]>>,
}

/// The fan-out of this thread.
pub struct Fanout {
    node: Arc<Node>,
    handle: FanoutHandle,
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    generation: u32,
    worlds: HashMap<u16, WorldSeen>,
    /// How long a tick lasts at full pace, in ms.
    full_pace_ms: u32,
    /// A world that says nothing for this long has failed.
    silence: Duration,
}

thread_local! {
    static LOCAL: RefCell<Option<Rc<RefCell<Fanout>>>> = const { RefCell::new(None) };
}

impl Fanout {
    /// The fan-out of this worker thread; started at the first call.
    #[must_use]
    pub fn local(node: &Arc<Node>) -> Rc<RefCell<Self>> {
        LOCAL.with_borrow_mut(|local| local.get_or_insert_with(|| Self::start(node)).clone())
    }

    fn start(node: &Arc<Node>) -> Rc<RefCell<Self>> {
        static WORKERS: AtomicUsize = AtomicUsize::new(0);
        let (sender, mut receiver) = mpsc::channel(QUEUE_BOUND);
        let handle = FanoutHandle { worker: WORKERS.fetch_add(1, Ordering::Relaxed), sender };
        node.register_worker(handle.clone());
        let fanout = Rc::new(RefCell::new(Self {
            node: Arc::clone(node),
            handle,
            slots: Vec::new(),
            free: Vec::new(),
            generation: 0,
            worlds: HashMap::new(),
            full_pace_ms: whole_ms(node.config.world.tick_period()),
            silence: SILENCE.max(node.config.world.slowest_tick_period() * 4),
        }));
        let ours = Rc::clone(&fanout);
        actix::spawn(async move {
            let mut sweep = tokio::time::interval(Duration::from_secs(1));
            loop {
                tokio::select! {
                    message = receiver.recv() => match message {
                        Some(FanoutMessage::Tick(tick)) => ours.borrow_mut().deliver(tick),
                        Some(FanoutMessage::Shutdown) => ours.borrow().tell_all(|| Note::Shutdown),
                        None => break,
                    },
                    _ = sweep.tick() => ours.borrow_mut().sweep(),
                }
            }
        });
        fanout
    }

    /// How worlds reach this fan-out.
    #[must_use]
    pub fn handle(&self) -> FanoutHandle {
        self.handle.clone()
    }

    /// Gives a session a place.
    pub fn register(&mut self, note: Recipient<Note>, lane: Rc<Lane>, encoding: Encoding) -> SlotId {
        self.generation = self.generation.wrapping_add(1);
        let generation = self.generation;
        let pace = KnownPace::new(self.full_pace_ms);
        let slot = Some(Slot { generation, note, lane, encoding, place: None, pace });
        let index = match self.free.pop() {
            Some(index) => {
                self.slots[index as usize] = slot;
                index
            }
            None => {
                self.slots.push(slot);
                // One worker never has 2^32 sessions.
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        SlotId { worker: self.handle.worker, index, generation }
    }

    /// Takes a session's place back.
    pub fn unregister(&mut self, id: SlotId) {
        if self.slot(id).is_some() {
            self.slots[id.index as usize] = None;
            self.free.push(id.index);
        }
    }

    fn slot(&mut self, id: SlotId) -> Option<&mut Slot> {
        self.slots.get_mut(id.index as usize)?.as_mut().filter(|slot| slot.generation == id.generation)
    }

    fn tell_all(&self, note: impl Fn() -> Note) {
        for slot in self.slots.iter().flatten() {
            slot.note.do_send(note());
        }
    }

    fn deliver(&mut self, tick: TickFrames) {
        let TickFrames { world, frames, views, notes, tick_ms, receipt: _delivered } = tick;
        let number = frames.world_number();
        let seen = self.worlds.entry(number).or_insert_with(|| WorldSeen {
            last_tick: Instant::now(),
            tick_ms,
            neighbourhoods: HashMap::new(),
        });
        seen.last_tick = Instant::now();
        let has_new_pace = std::mem::replace(&mut seen.tick_ms, tick_ms) != tick_ms;
        for (id, note) in notes {
            if let Some(slot) = self.slot(id) {
                slot.note.do_send(note);
            }
        }
        if has_new_pace {
            let is_there = |slot: &&mut Slot| slot.place.as_ref().is_some_and(|place| place.world == number);
            self.slots.iter_mut().flatten().filter(is_there).for_each(|slot| slot.tell_pace(number, tick_ms));
        }
        for (id, view) in views {
            self.move_view(id, number, &view, &frames);
            if let Some(slot) = self.slot(id).filter(|_| view.fresh) {
                slot.tell_pace(number, tick_ms);
            }
        }
        self.deliver_deltas(&world, number, &frames);
    }

    fn move_view(&mut self, id: SlotId, world: u16, view: &ViewChange, frames: &EncodedTick) {
        let metrics = Arc::clone(&self.node.metrics);
        let Some(slot) = self.slot(id) else { return };
        slot.place = Some(Place { world, ship: view.ship, anchor: view.anchor });
        if view.fresh {
            slot.lane.begin_anew();
        }
        if let Some((bytes, updates)) = frames.view_message(slot.encoding, view)
            && slot.lane.push_cells(bytes)
        {
            metrics.updates_sent.inc_by(updates);
        }
    }

    fn deliver_deltas(&mut self, world: &WorldHandle, number: u16, frames: &EncodedTick) {
        let Some(seen) = self.worlds.get_mut(&number) else { return };
        let mut shared: HashMap<(CellIndex, Encoding), Option<(Bytes, u64)>> = HashMap::new();
        let (mut messages, mut updates) = (0_u64, 0_u64);
        for slot in self.slots.iter().flatten() {
            let Some(place) = slot.place.as_ref().filter(|place| place.world == number) else { continue };
            if slot.lane.is_closed() {
                continue;
            }
            if slot.lane.is_stale() {
                // Caught up: everything anew, from the world's next tick on. If its inbox is full, the tick after.
                if slot.lane.is_drained() {
                    let _ = world.try_send(WorldInput::Resync(place.ship));
                }
                continue;
            }
            let message = shared.entry((place.anchor, slot.encoding)).or_insert_with(|| {
                let cells = seen
                    .neighbourhoods
                    .entry(place.anchor)
                    .or_insert_with(|| frames.interest().neighbourhood(place.anchor).into());
                frames.neighbourhood_message(slot.encoding, cells)
            });
            let Some((bytes, count)) = message else { continue };
            if slot.lane.push_cells(bytes.clone()) {
                messages += 1;
                updates += *count;
            } else {
                self.node.metrics.slow_clients.inc();
            }
        }
        self.node.metrics.cell_messages_sent.inc_by(messages);
        self.node.metrics.updates_sent.inc_by(updates);
    }

    /// Once a second: who is too slow, which worlds are silent, which sessions are gone without a word.
    fn sweep(&mut self) {
        let slow_limit = Duration::from_millis(self.node.config.session.slow_limit_ms);
        let now = Instant::now();
        let silent: Vec<u16> = self
            .worlds
            .iter()
            .filter(|(_, seen)| now.duration_since(seen.last_tick) > self.silence)
            .map(|(number, _)| *number)
            .collect();
        for index in 0..self.slots.len() {
            let Some(slot) = &self.slots[index] else { continue };
            if !slot.note.connected() {
                self.slots[index] = None;
                self.free.push(u32::try_from(index).unwrap_or(u32::MAX));
                continue;
            }
            if slot.lane.blocked_for(now) > slow_limit {
                slot.note.do_send(Note::TooSlow);
            }
            if slot.place.as_ref().is_some_and(|place| silent.contains(&place.world)) {
                slot.note.do_send(Note::Rejoin);
            }
        }
        for number in silent {
            self.worlds.remove(&number);
        }
    }
}
