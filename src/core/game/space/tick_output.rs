//! What a tick makes known.

use super::TickNews;
use crate::protocol::CellIndex;
use crate::types::{Point, ShipId};

/// Everything a tick makes known: what changed in which cell, and whose view moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TickOutput {
    /// What changed.
    pub news: TickNews,
    /// The views that moved, by ship.
    pub views: Vec<ViewChange>,
}

/// A view that moved. The client is to be sent: forget `left`, snapshots of `entered`, for `nearer` what it may not
/// have been told yet, then the deltas of its new neighbourhood that are due at this tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewChange {
    /// Through which ship.
    pub ship: ShipId,
    /// Where that ship is.
    pub at: Point,
    /// Whether the client is to forget everything first: it is new, or lost track.
    pub fresh: bool,
    /// The cell that the view is anchored to now.
    pub anchor: CellIndex,
    /// Cells now in view that were not before.
    pub entered: Vec<CellIndex>,
    /// Cells that were in view and are not now.
    pub left: Vec<CellIndex>,
    /// Cells that stay in view and are of a nearer tier than before. Their last due tick as far cells may be longer ago
    /// than what their next one as near cells tells.
    pub nearer: Vec<CellIndex>,
}
