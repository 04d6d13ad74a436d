//! How many bytes the cells of a world cost: what each cell's frames come to, times the sessions that are handed them.
//! Counted only while somebody surveys the world; see `world::survey`.

use std::sync::atomic::{AtomicU64, Ordering};

use orrery_core::protocol::CellIndex;

/// Bytes by cell, since counting began. Shared by a world's survey and all workers.
#[derive(Debug)]
pub struct CellLoad(Box<[AtomicU64]>);

impl CellLoad {
    /// Nothing yet, for a world with so many cells.
    #[must_use]
    pub fn new(cell_count: u32) -> Self {
        Self((0..cell_count).map(|_| AtomicU64::new(0)).collect())
    }

    /// A cell's frame of this length was handed to so many sessions.
    pub fn add(&self, cell: CellIndex, frame_bytes: usize, sessions: u32) {
        if let Some(bytes) = self.0.get(cell as usize) {
            bytes.fetch_add(frame_bytes as u64 * u64::from(sessions), Ordering::Relaxed);
        }
    }

    /// The bytes, by cell.
    #[must_use]
    pub fn read(&self) -> Vec<u64> {
        self.0.iter().map(|bytes| bytes.load(Ordering::Relaxed)).collect()
    }
}
