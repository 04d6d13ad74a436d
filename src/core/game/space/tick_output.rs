//! What a tick makes known.

use crate::protocol::{CellFrame, CellIndex};
use crate::types::{ShipId, Tick};

/// Everything a tick makes known: one delta per changed cell, and whose view moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TickOutput {
    /// Which tick.
    pub tick: Tick,
    /// The changed cells, ascending.
    pub deltas: Vec<CellFrame>,
    /// The views that moved, by ship.
    pub views: Vec<ViewChange>,
}

/// A view that moved. The client is to be sent: forget `left`, snapshots of `entered`, then the tick's deltas of its
/// new neighbourhood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewChange {
    /// Through which ship.
    pub ship: ShipId,
    /// Whether the client is to forget everything first: it is new, or lost track.
    pub fresh: bool,
    /// The cell that the view is anchored to now.
    pub anchor: CellIndex,
    /// Cells now in view that were not before.
    pub entered: Vec<CellIndex>,
    /// Cells that were in view and are not now.
    pub left: Vec<CellIndex>,
}
