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

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, IoSlice};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use socket2::SockRef;
use tokio::net::tcp::OwnedWriteHalf;

use self::queues::Queues;
use crate::telemetry::Metrics;

/// Frames in one write at most: what a burst of answers comes to; more take another write.
const FRAMES_PER_WRITE: usize = 16;

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
    /// Since when the socket has not taken all there is; `None` when it has.
    blocked_since: Cell<Option<Instant>>,
    socket: RefCell<Option<Rc<Socket>>>,
}

/// The writing half of a connection; counted while it is open.
#[derive(Debug)]
struct Socket {
    half: OwnedWriteHalf,
    metrics: Arc<Metrics>,
}

impl Socket {
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = match slices {
            [one] => self.half.try_write(one)?,
            many => self.half.try_write_vectored(many)?,
        };
        self.metrics.bytes_sent.inc_by(written as u64);
        Ok(written)
    }

    /// Says that nothing more will come, or also that nothing more is wanted.
    fn shut_down(&self, how: std::net::Shutdown) {
        // Fails only if the peer was faster.
        let _ = SockRef::from(self.half.as_ref()).shutdown(how);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.metrics.connections.dec();
    }
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
        metrics.connections.inc();
        Self {
            limits,
            queues: RefCell::default(),
            stale: Cell::new(false),
            held: Cell::new(false),
            is_flushing: Cell::new(false),
            blocked_since: Cell::new(None),
            socket: RefCell::new(Some(Rc::new(Socket { half, metrics }))),
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
        {
            let mut queues = self.queues.borrow_mut();
            if queues.is_closing() || self.stale.get() {
                return false;
            }
            if !queues.push_cells(frame, self.limits.cells_bytes) {
                self.stale.set(true);
                return false;
            }
        }
        // A socket that is full has a task that waits for it.
        if self.is_drained()
            && !self.held.get()
            && let Written::Full = self.write()
        {
            self.flush_soon();
        }
        true
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

    /// Ends the connection at once, whatever still waits.
    pub fn cut(&self) {
        self.queues.borrow_mut().clear();
        if let Some(socket) = self.socket.borrow_mut().take() {
            socket.shut_down(std::net::Shutdown::Both);
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
        self.blocked_since.get().is_none()
    }

    /// For how long the socket has not taken all there is.
    #[must_use]
    pub fn blocked_for(&self, now: Instant) -> Duration {
        self.blocked_since.get().map(|since| now.duration_since(since)).unwrap_or_default()
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
            if socket.half.writable().await.is_err() {
                break;
            }
        }
        self.is_flushing.set(false);
        if self.is_closed()
            && let Some(socket) = &*self.socket.borrow()
        {
            socket.shut_down(std::net::Shutdown::Write);
        }
    }

    /// Writes as much as the socket takes.
    fn write(&self) -> Written {
        let Some(socket) = self.socket.borrow().clone() else { return Written::Gone };
        let mut queues = self.queues.borrow_mut();
        loop {
            let mut slices = [IoSlice::new(&[]); FRAMES_PER_WRITE];
            let count = queues.next(!self.held.get(), &mut slices);
            if count == 0 {
                self.blocked_since.set(None);
                return Written::All;
            }
            match socket.write(&slices[..count]) {
                Ok(written) => queues.taken(written, !self.held.get()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if self.is_drained() {
                        self.blocked_since.set(Some(Instant::now()));
                    }
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
}

#[cfg(test)]
mod tests;
