//! The outgoing side of a connection: the socket, and what waits to be written to it, in two lanes with different
//! promises.
//!
//! *Reliable* messages keep their order and are never dropped; a client that lets too many bytes of them wait is
//! closed. *Cell frames* are dropped as a whole when too many wait: the client is stale then, and gets snapshots once it
//! has caught up. A farewell has a place of its own behind the reliable lane, and drops the cell frames.
//!
//! There is no task per connection that writes. The fan-out's cell frames are written at once, together with whatever
//! waits; answers and events are written a moment later by a task that ends when it is done, so that many of them share
//! a write. Only a socket that is full has a task for as long as it stays full. The session and the fan-out put things in
//! and live on the same thread, which must be one of actix's.

mod queues;
mod socket;

use std::cell::{Cell, RefCell};
use std::io::{ErrorKind, IoSlice};
use std::net::Shutdown;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::net::tcp::OwnedWriteHalf;

use self::queues::Queues;
use self::socket::Socket;
use crate::telemetry::Metrics;

/// Frames in one write at most: what a burst of answers comes to; more take another write.
const FRAMES_PER_WRITE: usize = 16;
/// How many times as long as it may take nothing at all may a client fail to catch up: it reads, but too slowly for
/// what it is sent.
const CATCH_UP_FACTOR: u32 = 6;

/// After a farewell, how long the peer may take to read it before its connection is cut.
pub const FAREWELL_TIME: Duration = Duration::from_secs(2);

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub struct LaneLimits {
    /// Bytes of reliable messages.
    pub reliable_bytes: usize,
    /// Bytes of cell frames.
    pub cells_bytes: usize,
}

/// A connection's outgoing side. Shared by its session and the fan-out of its thread.
#[derive(Debug)]
pub struct Lane {
    limits: LaneLimits,
    queues: RefCell<Queues>,
    stale: Cell<bool>,
    held: Cell<bool>,
    /// Whether a task is about to write, or waits for the socket.
    is_flushing: Cell<bool>,
    /// Whether the peer has said its last word: nobody will read a farewell that is not written soon.
    is_hanging_up: Cell<bool>,
    /// While the socket has not taken all there is.
    blocked: Cell<Option<Blocked>>,
    /// Bytes of cell frames taken in since they were asked for last.
    cell_bytes: Cell<u64>,
    socket: RefCell<Option<Rc<Socket>>>,
}

/// A socket that is full.
#[derive(Clone, Copy, Debug)]
struct Blocked {
    /// Since when.
    since: Instant,
    /// When it took something for the last time.
    took: Instant,
}

/// What became of an attempt to write all there is.
enum Written {
    /// Nothing is left.
    All,
    /// The socket takes no more just now.
    Full,
    /// There is no connection any more.
    Gone,
}

impl Lane {
    /// The lane of an open connection.
    #[must_use]
    pub fn new(limits: LaneLimits, half: OwnedWriteHalf, metrics: Arc<Metrics>) -> Self {
        Self {
            limits,
            queues: RefCell::default(),
            stale: Cell::new(false),
            held: Cell::new(false),
            is_flushing: Cell::new(false),
            is_hanging_up: Cell::new(false),
            blocked: Cell::new(None),
            cell_bytes: Cell::new(0),
            socket: RefCell::new(Some(Rc::new(Socket::new(half, metrics)))),
        }
    }

    /// Adds a reliable message, framed. `false`: too much waits already; the connection must be closed.
    #[must_use]
    pub fn push_reliable(self: &Rc<Self>, frame: Bytes) -> bool {
        let fits = match self.queues.borrow_mut().push_reliable(frame) {
            None => return true,
            Some(bytes) => bytes <= self.limits.reliable_bytes,
        };
        self.flush_soon();
        fits
    }

    /// Adds cell frames, framed, and writes them if the socket takes them. `false`: they and all that waited were
    /// dropped, and the client is stale.
    #[must_use]
    pub fn push_cells(self: &Rc<Self>, frame: Bytes) -> bool {
        let bytes = frame.len() as u64;
        let taken_in = match self.write_alone(frame) {
            None => true,
            Some(frame) => self.push_and_write(frame),
        };
        if taken_in {
            self.cell_bytes.set(self.cell_bytes.get() + bytes);
        }
        taken_in
    }

    /// Writes a frame past the queues, when nothing waits in them: by far the most frequent case. Gives it back if that
    /// did not do.
    fn write_alone(self: &Rc<Self>, frame: Bytes) -> Option<Bytes> {
        let mut queues = self.queues.borrow_mut();
        if !queues.is_idle() || self.stale.get() || self.held.get() || !self.is_drained() {
            return Some(frame);
        }
        let socket = self.socket.borrow();
        match socket.as_ref().map(|socket| socket.write(&[IoSlice::new(&frame)])) {
            Some(Ok(written)) if written == frame.len() => None,
            Some(Ok(written)) => {
                queues.begin(frame, written);
                drop((queues, socket));
                self.write_now();
                None
            }
            _ => Some(frame),
        }
    }

    fn push_and_write(self: &Rc<Self>, frame: Bytes) -> bool {
        if self.queues.borrow().would_overflow(&frame, self.limits.cells_bytes) {
            // A view may be large and wait for this frame, to share its write.
            self.write_now();
        }
        let fits = self.take_in_cells(frame);
        if fits {
            self.write_now();
        }
        fits
    }

    /// Writes what the socket takes. One that is full has a task that waits for it.
    fn write_now(self: &Rc<Self>) {
        if self.is_drained()
            && !self.held.get()
            && let Written::Full = self.write()
        {
            self.flush_soon();
        }
    }

    /// Adds cell frames that more are about to follow, so that one write takes all. They do not count for
    /// [`Self::take_cell_bytes`]: what a client sees for the first time is no reason to show it less.
    #[must_use]
    pub fn push_view(self: &Rc<Self>, frame: Bytes) -> bool {
        let fits = self.take_in_cells(frame);
        self.flush_soon();
        fits
    }

    fn take_in_cells(&self, frame: Bytes) -> bool {
        let mut queues = self.queues.borrow_mut();
        if queues.is_closing() || self.stale.get() {
            return false;
        }
        let fits = queues.push_cells(frame, self.limits.cells_bytes);
        self.stale.set(!fits);
        fits
    }

    /// How many bytes of cell frames were pushed since this was asked last.
    pub fn take_cell_bytes(&self) -> u64 {
        self.cell_bytes.take()
    }

    /// Nothing more will come but what waits on the reliable lane, and then these last frames. The peer has
    /// [`FAREWELL_TIME`] to read them and to close; then the connection is cut.
    pub fn close_after(self: &Rc<Self>, farewell: impl IntoIterator<Item = Bytes>) {
        if self.queues.borrow_mut().close_after(farewell) {
            self.flush_soon();
            let lane = Rc::clone(self);
            actix::spawn(async move {
                actix::clock::sleep(FAREWELL_TIME).await;
                lane.cut();
            });
        }
    }

    /// The peer has said its last word. What waits is still written, if it reads that; then the connection ends.
    pub fn hang_up(self: &Rc<Self>) {
        self.is_hanging_up.set(true);
        self.close_after([]);
        self.flush_soon();
    }

    /// Ends the connection at once, whatever still waits.
    pub fn cut(&self) {
        self.queues.borrow_mut().clear();
        if let Some(socket) = self.socket.borrow_mut().take() {
            socket.shut_down(Shutdown::Both);
        }
    }

    /// Whether nothing more is taken in.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.queues.borrow().is_closing()
    }

    /// Cell frames wait until [`Self::release_cells`]: the welcome goes first.
    pub fn hold_cells(&self) {
        self.held.set(true);
    }

    /// Cell frames may go.
    pub fn release_cells(self: &Rc<Self>) {
        self.held.set(false);
        self.flush_soon();
    }

    /// Everything is about to be sent anew: older cell frames are of no use.
    pub fn begin_anew(&self) {
        self.queues.borrow_mut().drop_cells();
        self.stale.set(false);
    }

    /// Whether cell frames were dropped, so that snapshots are due.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.stale.get()
    }

    /// Whether the socket has taken all it was given.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.blocked.get().is_none()
    }

    /// Whether the socket has taken nothing for longer than this, or has not taken all for several times as long.
    #[must_use]
    pub fn is_stuck(&self, now: Instant, limit: Duration) -> bool {
        self.blocked.get().is_some_and(|blocked| {
            now.duration_since(blocked.took) > limit || now.duration_since(blocked.since) > limit * CATCH_UP_FACTOR
        })
    }

    /// Writes when the tasks that are running now have had their turn: what they add shares the write.
    fn flush_soon(self: &Rc<Self>) {
        if !self.is_flushing.replace(true) {
            actix::spawn(Rc::clone(self).flush());
        }
    }

    /// Writes until nothing is left; then, if it is over, says so to the peer.
    async fn flush(self: Rc<Self>) {
        while let Written::Full = self.write() {
            let Some(socket) = self.socket.borrow().clone() else { break };
            let attempt = || match self.write() {
                Written::Full => Err(ErrorKind::WouldBlock.into()),
                Written::All | Written::Gone => Ok(()),
            };
            if socket.wait_for_room(attempt).await.is_err() {
                break;
            }
        }
        self.is_flushing.set(false);
        if self.is_hanging_up.get() {
            self.cut();
        } else if self.is_closed()
            && let Some(socket) = &*self.socket.borrow()
        {
            socket.shut_down(Shutdown::Write);
        }
    }

    /// Writes as much as the socket takes.
    fn write(&self) -> Written {
        let Some(socket) = self.socket.borrow().clone() else { return Written::Gone };
        let mut queues = self.queues.borrow_mut();
        let mut took = false;
        loop {
            let mut slices = [IoSlice::new(&[]); FRAMES_PER_WRITE];
            let count = queues.next(!self.held.get(), &mut slices);
            if count == 0 {
                self.blocked.set(None);
                return Written::All;
            }
            match socket.write(&slices[..count]) {
                Ok(written) => {
                    queues.taken(written, !self.held.get());
                    took = true;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.note_full(took);
                    return Written::Full;
                }
                // The session finds out by reading.
                Err(_) => {
                    queues.clear();
                    return Written::Gone;
                }
            }
        }
    }

    fn note_full(&self, took: bool) {
        let before = self.blocked.get();
        if took || before.is_none() {
            let now = Instant::now();
            self.blocked.set(Some(Blocked { since: before.map_or(now, |blocked| blocked.since), took: now }));
        }
    }
}

#[cfg(test)]
mod tests;
