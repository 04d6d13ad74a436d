//! Why a world refused a command, with the numbers that explain it.

use crate::types::{GateKey, HubKey, Volume};

/// A refusal leaves no trace: nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldRefusal {
    /// The ship is not in this world (any more, or yet).
    #[error("the ship is between two worlds")]
    NotHere,
    /// There is no such object (any more).
    #[error("there is no such object (any more)")]
    ObjectGone,
    /// Too far away.
    #[error("out of reach: {distance} steps away, {range} are allowed")]
    OutOfRange {
        /// How far, in fixed-point steps, rounded up.
        distance: u64,
        /// How far it may be, in fixed-point steps.
        range: u64,
    },
    /// The hold is too full.
    #[error("the hold is too full: {needed} needed, {free} free")]
    CargoFull {
        /// The room the goods take.
        needed: Volume,
        /// The room there is.
        free: Volume,
    },
    /// The world has no such gate.
    #[error("there is no gate {0} here")]
    UnknownGate(GateKey),
    /// The world behind the gate is being started.
    #[error("the world behind the gate is not ready")]
    GateClosed,
    /// The world has no such hub.
    #[error("there is no hub {0} here")]
    UnknownHub(HubKey),
}
