//! Fan-out: from a world's tick to the sockets of one HTTP worker.
//!
//! Each HTTP worker thread has one [`Fanout`]. Worlds send it their ticks, sessions register with it, and everything it
//! does, it does on that thread.
//!
//! # The path of a tick
//!
//! 1. **Input** (worker thread). A session decodes `navigate` and puts it into the world's inbox, a bounded queue: no
//!    mailbox message, no wake-up.
//! 2. **Rules** (the world's thread). At the tick `actors::world` empties the inbox; `Sector::end_tick` moves ships from
//!    cell to cell and leaves behind [`TickNews`](orrery_core::game::space::TickNews): per changed cell what happened in
//!    it, as plain values, never touched again. Views that moved are listed, with the snapshots of cells they moved onto,
//!    each cell once. Snapshots are taken here because the state moves on; nothing is encoded here.
//! 3. **Handing over.** One [`TickFrames`] per worker with sessions in that world, and not one message more, goes through
//!    a bounded channel: an `Arc` of the shared [`EncodedTick`], and what concerns this worker alone (views, answers). A
//!    worker that is too far behind gets nothing, and its sessions everything anew later.
//! 4. **Encoding** (worker threads, shared). [`EncodedTick`] holds the news since the last tick divisible by 16. A cell's
//!    frame for a period, say the last four ticks in MessagePack, is put together and encoded by the worker that needs
//!    it first, into a buffer that each thread keeps; the result is one allocation behind a `OnceLock`, read by all
//!    workers. So encoding is spread over the cores, happens once per cell, period and encoding however many sessions and
//!    workers there are, and not at all for cells and periods that nobody sees.
//! 5. **Grouping** (worker thread). Sessions with the same world, anchor cell, encoding and level of detail are a group
//!    (`groups`). Per tick a group costs a look at those of its cells that are due, and when one of them changed, one
//!    message: WebSocket header, `cells` header and frames in one buffer (`message`). A group none of whose cells is
//!    due is not looked at further, and a group whose cells did not change sends nothing: its sessions sleep.
//! 6. **Giving it to sessions** (worker thread). Each member's [`Lane`] gets a clone of those `Bytes`: a count, not a copy.
//!    The lane writes it to the socket at once, one system call per session and tick; a view that moved waits for the
//!    deltas of its tick to share that call. In steady state nothing is allocated or looked up per session: one table
//!    has each one's group and lane, in the order of their connections, and what is not needed for every tick is
//!    elsewhere.
//! 7. **Who cannot keep up.** A lane that drops its frames sends its session to sit apart; once the lane is drained the
//!    world is asked, once, to show everything anew. Within its byte budget a session loses detail in far cells first
//!    (`budget`): levels change only right after a tick divisible by 16, when everybody has been told everything.
//!
//! Why nobody misses anything: every period divides 16 and is due for everybody at the same ticks; what is sent at a due
//! tick covers the time since the due tick before; a cell that comes nearer, and so is due sooner than its past as a far
//! cell allows for, is caught up with when the view moves. `convergence_tests` in `orrery_core::game::space` prove it.

mod budget;
mod cell_load;
mod deliver;
mod drain;
mod encoded;
mod groups;
mod known_pace;
mod lane;
mod message;
mod meters;
#[cfg(test)]
mod played;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix::Recipient;
use bytes::Bytes;
use orrery_core::game::space::{Level, ViewChange};
use orrery_core::protocol::Encoding;
use orrery_core::types::{Point, ShipId};
use tokio::sync::mpsc;

pub use cell_load::CellLoad;
pub use drain::DrainRound;
pub use encoded::EncodedTick;
use known_pace::KnownPace;
pub use lane::{FAREWELL_TIME, Lane, LaneLimits};
#[cfg(test)]
pub(super) use played::PlayedMessages;

use budget::Budget;
use drain::Draining;
use groups::{Groups, Member};
use meters::{Meters, UpdatesByTier};

use super::node::Node;
use super::notices::Shown;
use super::session_link::Note;
use super::world::{WorldHandle, whole_ms};

/// Messages from worlds that may wait for one worker: a second and a half of six worlds at 20 Hz. A worker farther
/// behind than that gets snapshots when it is back.
const QUEUE_BOUND: usize = 192;
/// A world that says nothing for this long, and for so many of its ticks, has failed.
const SILENCE: Duration = Duration::from_secs(2);
const SILENT_TICKS: u32 = 4;

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
    /// Operators announce something, or it is over: show it to all sessions.
    Announce(Shown),
    /// Send a share of the sessions away.
    Drain(DrainRound),
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
    /// Where some of its sessions' ships truly are: what they are sent is checked against it.
    pub checked: Vec<(SlotId, Point)>,
    /// What the world has to tell this worker's sessions, in order.
    pub notes: Vec<(SlotId, Note)>,
    /// How long a tick of that world lasts now, in ms.
    pub tick_ms: u32,
    /// Where to count what its cells cost, while somebody wants to know.
    pub load: Option<Arc<CellLoad>>,
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

/// A session's place.
struct Slot {
    generation: u32,
    note: Recipient<Note>,
    lane: Rc<Lane>,
    encoding: Encoding,
    level: Level,
    /// The world was asked to show everything anew, and will.
    asked_anew: bool,
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
}

/// What the fan-out knows of a world.
struct WorldSeen {
    last_tick: Instant,
    /// The actor that its ticks are of: a world that failed has another one afterwards.
    world: WorldHandle,
    /// How long its ticks last, as its sessions were told.
    tick_ms: u32,
    groups: Groups<Rc<Lane>>,
}

impl WorldSeen {
    /// A world that says nothing for this long has failed.
    fn silence(&self) -> Duration {
        SILENCE.max(SILENT_TICKS * Duration::from_millis(self.tick_ms.into()))
    }
}

/// The fan-out of this thread.
pub struct Fanout {
    node: Arc<Node>,
    meters: Meters,
    budget: Budget,
    handle: FanoutHandle,
    slots: Vec<Option<Slot>>,
    free: Vec<Member>,
    generation: u32,
    worlds: HashMap<u16, WorldSeen>,
    /// Sessions that are to be seated anew; kept for its room.
    moving: Vec<Member>,
    /// What is due for each group of a world; kept for its room.
    messages: Vec<Option<(Bytes, UpdatesByTier)>>,
    /// How long a tick lasts at full pace, in ms.
    full_pace_ms: u32,
    /// Who is being sent away.
    draining: Draining,
    /// Whether the server is about to stop: who comes now is told at once.
    is_over: bool,
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
            meters: Meters::new(&node.metrics),
            budget: Budget::new(node.config.session.cells_bytes_per_second),
            node: Arc::clone(node),
            handle,
            slots: Vec::new(),
            free: Vec::new(),
            generation: 0,
            worlds: HashMap::new(),
            moving: Vec::new(),
            messages: Vec::new(),
            full_pace_ms: whole_ms(node.config.world.tick_period()),
            draining: Draining::default(),
            is_over: false,
        }));
        let ours = Rc::clone(&fanout);
        actix::spawn(async move {
            let mut sweep = tokio::time::interval(Duration::from_secs(1));
            loop {
                tokio::select! {
                    // What waits is delivered first: it says that its worlds are not silent.
                    biased;
                    message = receiver.recv() => match message {
                        Some(FanoutMessage::Tick(tick)) => {
                            ours.borrow_mut().deliver(tick);
                            // What clients sent meanwhile is read before the next one, also when that waits already.
                            tokio::task::yield_now().await;
                        }
                        Some(FanoutMessage::Announce(shown)) => ours.borrow().announce(&shown),
                        Some(FanoutMessage::Drain(round)) => ours.borrow_mut().dismiss(&round),
                        Some(FanoutMessage::Shutdown) => ours.borrow_mut().tell_all_to_leave(),
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
        if self.is_over {
            note.do_send(Note::Shutdown);
        }
        let (level, asked_anew, pace) = (Level::default(), false, KnownPace::new(self.full_pace_ms));
        let slot = Some(Slot { generation, note, lane, encoding, level, asked_anew, place: None, pace });
        let index = match self.free.pop() {
            Some(index) => {
                self.slots[index as usize] = slot;
                index
            }
            None => {
                self.slots.push(slot);
                // One worker never has 2^32 sessions.
                Member::try_from(self.slots.len() - 1).unwrap_or(Member::MAX)
            }
        };
        SlotId { worker: self.handle.worker, index, generation }
    }

    /// Takes a session's place back.
    pub fn unregister(&mut self, id: SlotId) {
        if self.slot(id).is_some() {
            self.free_slot(id.index);
        }
    }

    fn free_slot(&mut self, member: Member) {
        self.unseat(member);
        self.slots[member as usize] = None;
        self.free.push(member);
    }

    fn slot(&mut self, id: SlotId) -> Option<&mut Slot> {
        self.slots.get_mut(id.index as usize)?.as_mut().filter(|slot| slot.generation == id.generation)
    }

    /// Sessions that were not welcomed yet are shown it behind the welcome.
    fn announce(&self, shown: &Shown) {
        for slot in self.slots.iter().flatten() {
            slot.note.do_send(Note::Announce(shown.clone()));
        }
    }

    /// The level of detail a session is sent, as a number: 0 is everything.
    #[must_use]
    pub fn level(&self, id: SlotId) -> usize {
        let slot = self.slots.get(id.index as usize).and_then(Option::as_ref);
        slot.filter(|slot| slot.generation == id.generation).map_or(0, |slot| slot.level.number())
    }

    fn tell_all_to_leave(&mut self) {
        self.is_over = true;
        for slot in self.slots.iter().flatten() {
            slot.note.do_send(Note::Shutdown);
        }
    }

    /// Once a second: who is too slow, which worlds are silent, which sessions are gone without a word.
    fn sweep(&mut self) {
        let slow_limit = Duration::from_millis(self.node.config.session.slow_limit_ms);
        let now = Instant::now();
        let silent: Vec<u16> = self
            .worlds
            .iter()
            .filter(|(_, seen)| now.duration_since(seen.last_tick) > seen.silence())
            .map(|(number, _)| *number)
            .collect();
        for member in 0..Member::try_from(self.slots.len()).unwrap_or(Member::MAX) {
            let Some(slot) = &self.slots[member as usize] else { continue };
            if !slot.note.connected() {
                self.free_slot(member);
                continue;
            }
            if slot.lane.is_stuck(now, slow_limit) {
                slot.note.do_send(Note::TooSlow);
            }
            if slot.place.as_ref().is_some_and(|place| silent.contains(&place.world)) {
                slot.note.do_send(Note::Rejoin);
                self.unseat(member);
            }
        }
        for number in silent {
            self.worlds.remove(&number);
        }
    }
}
