//! What waits for a socket, and in which order it goes: the frame that is partly written, reliable frames, cell frames,
//! the farewell. For [`super::Lane`] alone.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf as _, Bytes};

/// Frames that wait.
#[derive(Debug, Default)]
pub(super) struct Queues {
    /// The rest of a frame of which the socket took a part; it goes first, whatever happens.
    begun: Option<Bytes>,
    reliable: VecDeque<Bytes>,
    reliable_bytes: usize,
    cells: VecDeque<Bytes>,
    cells_bytes: usize,
    farewell: VecDeque<Bytes>,
    closing: bool,
}

impl Queues {
    pub(super) fn is_closing(&self) -> bool {
        self.closing
    }

    /// Whether nothing waits, nor is it over.
    pub(super) fn is_idle(&self) -> bool {
        !self.closing && self.begun.is_none() && self.reliable.is_empty() && self.cells.is_empty()
    }

    /// The socket took this many bytes of a frame that came past the queues.
    pub(super) fn begin(&mut self, mut frame: Bytes, written: usize) {
        frame.advance(written);
        self.begun = Some(frame);
    }

    /// The bytes on the reliable lane now; `None` when it is over and the frame was not taken in.
    pub(super) fn push_reliable(&mut self, frame: Bytes) -> Option<usize> {
        if self.closing {
            return None;
        }
        self.reliable_bytes += frame.len();
        self.reliable.push_back(frame);
        Some(self.reliable_bytes)
    }

    /// Whether a cell frame would be dropped, with all that wait.
    pub(super) fn would_overflow(&self, frame: &Bytes, bytes_max: usize) -> bool {
        self.cells_bytes + frame.len() > bytes_max && !self.cells.is_empty()
    }

    /// `false`: too much waits; all cell frames were dropped, this one too. One always fits.
    pub(super) fn push_cells(&mut self, frame: Bytes, bytes_max: usize) -> bool {
        if self.would_overflow(&frame, bytes_max) {
            self.drop_cells();
            return false;
        }
        self.cells_bytes += frame.len();
        self.cells.push_back(frame);
        true
    }

    /// `false`: it was over before.
    pub(super) fn close_after(&mut self, farewell: impl IntoIterator<Item = Bytes>) -> bool {
        if self.closing {
            return false;
        }
        self.farewell.extend(farewell);
        self.closing = true;
        self.drop_cells();
        true
    }

    pub(super) fn drop_cells(&mut self) {
        self.cells = VecDeque::new();
        self.cells_bytes = 0;
    }

    /// It is over, and nothing is left.
    pub(super) fn clear(&mut self) {
        *self = Self { closing: true, ..Self::default() };
    }

    /// What goes next, as many frames as there is room for; returns how many.
    pub(super) fn next<'a>(&'a self, with_cells: bool, slices: &mut [IoSlice<'a>]) -> usize {
        let cells = self.cells.iter().filter(|_| with_cells);
        let frames = self.begun.iter().chain(&self.reliable).chain(cells).chain(&self.farewell);
        slices.iter_mut().zip(frames).map(|(slice, frame)| *slice = IoSlice::new(frame)).count()
    }

    /// The socket took this many bytes of what [`Self::next`] gave.
    pub(super) fn taken(&mut self, mut bytes: usize, with_cells: bool) {
        while bytes > 0 {
            let Some(mut frame) = self.pop(with_cells) else { return };
            let whole = bytes.min(frame.len());
            bytes -= whole;
            if whole < frame.len() {
                frame.advance(whole);
                self.begun = Some(frame);
            }
        }
        // A queue that was long once keeps no memory for the next time.
        for queue in [&mut self.reliable, &mut self.cells, &mut self.farewell] {
            if queue.is_empty() && queue.capacity() > 8 {
                *queue = VecDeque::new();
            }
        }
    }

    fn pop(&mut self, with_cells: bool) -> Option<Bytes> {
        if let Some(frame) = self.begun.take() {
            return Some(frame);
        }
        if let Some(frame) = self.reliable.pop_front() {
            self.reliable_bytes -= frame.len();
            return Some(frame);
        }
        if with_cells && let Some(frame) = self.cells.pop_front() {
            self.cells_bytes -= frame.len();
            return Some(frame);
        }
        self.farewell.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    /// Takes everything out, so many bytes at a time.
    fn drain(queues: &mut Queues, piece: usize) -> String {
        let mut out = String::new();
        loop {
            let mut slices = [IoSlice::new(&[]); 3];
            let count = queues.next(true, &mut slices);
            let given: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
            if given.is_empty() {
                return out;
            }
            let taken = piece.min(given.len());
            out += std::str::from_utf8(&given[..taken]).unwrap();
            queues.taken(taken, true);
        }
    }

    #[test]
    fn frames_leave_whole_and_in_order_however_the_socket_takes_them() {
        for piece in [1, 2, 3, 5, 100] {
            let mut queues = Queues::default();
            assert!(queues.push_cells(bytes("cells."), 100));
            assert_eq!(queues.push_reliable(bytes("first.")), Some(6));
            assert_eq!(queues.push_reliable(bytes("second.")), Some(13));
            assert_eq!(drain(&mut queues, piece), "first.second.cells.", "{piece}");
            assert_eq!((queues.reliable_bytes, queues.cells_bytes), (0, 0));
        }
    }

    #[test]
    fn a_frame_that_was_begun_is_finished_even_when_the_rest_is_dropped() {
        let mut queues = Queues::default();
        assert!(queues.push_cells(bytes("begun."), 100));
        assert!(queues.push_cells(bytes("waiting."), 100));
        queues.taken(2, true);
        queues.drop_cells();
        assert_eq!(queues.push_reliable(bytes("answer.")), Some(7));
        assert_eq!(drain(&mut queues, 4), "gun.answer.");
    }

    #[test]
    fn too_many_cell_frames_are_dropped_together_but_one_always_fits() {
        let mut queues = Queues::default();
        assert!(queues.push_cells(bytes("a snapshot of any size"), 10));
        assert!(!queues.push_cells(bytes("x"), 10));
        assert_eq!(drain(&mut queues, 100), "");
    }

    #[test]
    fn a_farewell_drops_cell_frames_and_goes_last() {
        let mut queues = Queues::default();
        assert!(queues.push_cells(bytes("cells."), 100));
        assert_eq!(queues.push_reliable(bytes("answer.")), Some(7));
        assert!(queues.close_after([bytes("bye.")]));
        assert!(!queues.close_after([bytes("again.")]));
        assert_eq!(queues.push_reliable(bytes("too late.")), None);
        assert_eq!(drain(&mut queues, 100), "answer.bye.");
    }

    #[test]
    fn cell_frames_that_are_held_back_let_the_others_pass() {
        let mut queues = Queues::default();
        assert!(queues.push_cells(bytes("cells."), 100));
        assert_eq!(queues.push_reliable(bytes("welcome.")), Some(8));
        let mut slices = [IoSlice::new(&[]); 3];
        assert_eq!(queues.next(false, &mut slices), 1);
        queues.taken(8, false);
        assert_eq!(drain(&mut queues, 100), "cells.");
    }
}
