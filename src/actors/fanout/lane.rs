//! The outgoing side of a connection: what waits to be written, in two lanes with different promises.
//!
//! *Reliable* messages keep their order and are never dropped; a client that lets too many bytes of them wait is
//! closed. *Cell frames* are dropped as a whole when too many wait: the client is stale then, and gets snapshots once it
//! has caught up. A farewell has a place of its own behind the reliable lane, and drops the cell frames.
//!
//! The session and the fan-out put things in, the response body (`gateway::session::body`) takes them out; all three
//! live on the same thread.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub struct LaneLimits {
    /// Bytes of reliable messages.
    pub reliable_bytes: usize,
    /// Bytes of cell frames.
    pub cells_bytes: usize,
}

/// What waits to be written to one connection.
#[derive(Debug)]
pub struct Lane {
    limits: LaneLimits,
    queues: RefCell<Queues>,
    stale: Cell<bool>,
    held: Cell<bool>,
    /// Since when something waits; `None` when all has been taken.
    blocked_since: Cell<Option<Instant>>,
    waker: RefCell<Option<Waker>>,
}

#[derive(Debug, Default)]
struct Queues {
    reliable: VecDeque<Bytes>,
    reliable_bytes: usize,
    cells: VecDeque<Bytes>,
    cells_bytes: usize,
    farewell: VecDeque<Bytes>,
    closing: bool,
}

impl Lane {
    /// An empty lane.
    #[must_use]
    pub fn new(limits: LaneLimits) -> Self {
        Self {
            limits,
            queues: RefCell::default(),
            stale: Cell::new(false),
            held: Cell::new(false),
            blocked_since: Cell::new(None),
            waker: RefCell::default(),
        }
    }

    /// Adds a reliable message, framed. `false`: too much waits already; the connection must be closed.
    #[must_use]
    pub fn push_reliable(&self, frame: Bytes) -> bool {
        let mut queues = self.queues.borrow_mut();
        if queues.closing {
            return true;
        }
        queues.reliable_bytes += frame.len();
        let fits = queues.reliable_bytes <= self.limits.reliable_bytes;
        queues.reliable.push_back(frame);
        drop(queues);
        self.wake();
        fits
    }

    /// Adds cell frames, framed. `false`: they and all that waited were dropped, and the client is stale.
    #[must_use]
    pub fn push_cells(&self, frame: Bytes) -> bool {
        let mut queues = self.queues.borrow_mut();
        if queues.closing || self.stale.get() {
            return false;
        }
        if queues.cells_bytes + frame.len() > self.limits.cells_bytes && !queues.cells.is_empty() {
            queues.cells.clear();
            queues.cells_bytes = 0;
            self.stale.set(true);
            return false;
        }
        queues.cells_bytes += frame.len();
        queues.cells.push_back(frame);
        drop(queues);
        self.wake();
        true
    }

    /// Nothing more will come but what waits on the reliable lane, and then these last frames.
    pub fn close_after(&self, farewell: impl IntoIterator<Item = Bytes>) {
        let mut queues = self.queues.borrow_mut();
        if queues.closing {
            return;
        }
        queues.farewell.extend(farewell);
        queues.closing = true;
        queues.cells.clear();
        queues.cells_bytes = 0;
        drop(queues);
        self.wake();
    }

    /// Whether nothing more is taken in.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.queues.borrow().closing
    }

    /// Cell frames wait until [`Self::release_cells`]: the welcome goes first.
    pub fn hold_cells(&self) {
        self.held.set(true);
    }

    /// Cell frames may go.
    pub fn release_cells(&self) {
        self.held.set(false);
        self.wake();
    }

    /// Everything is about to be sent anew: older cell frames are of no use.
    pub fn begin_anew(&self) {
        let mut queues = self.queues.borrow_mut();
        queues.cells.clear();
        queues.cells_bytes = 0;
        self.stale.set(false);
    }

    /// Whether cell frames were dropped, so that snapshots are due.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.stale.get()
    }

    /// Whether all has been taken.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.blocked_since.get().is_none()
    }

    /// For how long something has been waiting.
    #[must_use]
    pub fn blocked_for(&self, now: Instant) -> Duration {
        self.blocked_since.get().map(|since| now.duration_since(since)).unwrap_or_default()
    }

    /// Takes the next frame out; `Ready(None)` after the farewell.
    pub fn poll_next(&self, context: &Context<'_>) -> Poll<Option<Bytes>> {
        let mut queues = self.queues.borrow_mut();
        if let Some(frame) = queues.reliable.pop_front() {
            queues.reliable_bytes -= frame.len();
            return Poll::Ready(Some(frame));
        }
        if !self.held.get()
            && let Some(frame) = queues.cells.pop_front()
        {
            queues.cells_bytes -= frame.len();
            return Poll::Ready(Some(frame));
        }
        if let Some(frame) = queues.farewell.pop_front() {
            return Poll::Ready(Some(frame));
        }
        if queues.closing {
            return Poll::Ready(None);
        }
        self.blocked_since.set(None);
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|known| known.will_wake(context.waker())) {
            *waker = Some(context.waker().clone());
        }
        Poll::Pending
    }

    fn wake(&self) {
        if self.blocked_since.get().is_none() {
            self.blocked_since.set(Some(Instant::now()));
        }
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LaneLimits = LaneLimits { reliable_bytes: 10, cells_bytes: 10 };

    fn take(lane: &Lane) -> Option<&'static str> {
        match lane.poll_next(&Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(bytes)) => Some(std::str::from_utf8(bytes.to_vec().leak()).unwrap()),
            Poll::Ready(None) => Some("end"),
            Poll::Pending => None,
        }
    }

    #[test]
    fn reliable_messages_go_first_and_none_is_dropped() {
        let lane = Lane::new(LIMITS);
        assert!(lane.push_cells(Bytes::from_static(b"cells")));
        assert!(lane.push_reliable(Bytes::from_static(b"first")));
        assert!(!lane.push_reliable(Bytes::from_static(b"second")), "over the limit");
        assert_eq!(
            [take(&lane), take(&lane), take(&lane), take(&lane)],
            [Some("first"), Some("second"), Some("cells"), None]
        );
        assert!(lane.is_drained());
    }

    #[test]
    fn too_many_cell_frames_are_dropped_together_until_everything_comes_anew() {
        let lane = Lane::new(LIMITS);
        assert!(lane.push_cells(Bytes::from_static(b"123456")));
        assert!(!lane.push_cells(Bytes::from_static(b"78901")));
        assert!(lane.is_stale());
        assert!(!lane.push_cells(Bytes::from_static(b"x")));
        assert_eq!(take(&lane), None);
        lane.begin_anew();
        assert!(lane.push_cells(Bytes::from_static(b"snapshot of any size")), "one message always fits");
        assert_eq!(take(&lane), Some("snapshot of any size"));
    }

    #[test]
    fn a_farewell_drops_cell_frames_and_ends_the_stream() {
        let lane = Lane::new(LIMITS);
        assert!(lane.push_cells(Bytes::from_static(b"cells")));
        assert!(lane.push_reliable(Bytes::from_static(b"answer")));
        lane.close_after([Bytes::from_static(b"bye")]);
        assert!(lane.push_reliable(Bytes::from_static(b"too late")));
        assert_eq!([take(&lane), take(&lane), take(&lane)], [Some("answer"), Some("bye"), Some("end")]);
    }

    #[test]
    fn cell_frames_wait_for_the_welcome() {
        let lane = Lane::new(LIMITS);
        lane.hold_cells();
        assert!(lane.push_cells(Bytes::from_static(b"cells")));
        assert!(lane.push_reliable(Bytes::from_static(b"welcome")));
        assert_eq!([take(&lane), take(&lane)], [Some("welcome"), None]);
        lane.release_cells();
        assert_eq!(take(&lane), Some("cells"));
    }
}
