//! What operators want of a player, what comes of it, and why nothing does.

use orrery_core::game::player::{OperateRefusal, Operated, OperatorChange};
use orrery_core::types::{By, PlayerId, WorldKey};
use tokio::sync::oneshot;

/// What an operator wants, and why.
#[derive(Clone, Debug)]
pub struct Order {
    /// Who.
    pub by: By,
    /// What.
    pub change: OperatorChange,
    /// Why.
    pub reason: String,
    /// Whether it is only tried.
    pub dry_run: bool,
    /// The revision it was decided on; `None`: whichever it is.
    pub expect: Option<u64>,
    /// The audit entry that this takes back, once.
    pub undoes: Option<u64>,
}

/// An [`Order`], and where the answer goes.
#[derive(Debug)]
pub struct Operate {
    /// What is wanted.
    pub order: Order,
    /// Dropped without an answer when the actor fails or has just left memory.
    pub reply: oneshot::Sender<Result<OperateReply, OperateError>>,
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct OperateReply {
    /// What it did, or would do.
    pub operated: Operated,
    /// The account's revision now.
    pub version: u64,
    /// The number of the audit entry; `None` for a dry run.
    pub audit: Option<u64>,
}

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OperateError {
    /// There is no such player.
    #[error("there is no such player")]
    Unknown,
    /// The player was changed since.
    #[error("the player was changed since: the revision is {current}")]
    Conflict {
        /// The revision now.
        current: u64,
    },
    /// A rule refuses it.
    #[error(transparent)]
    Refused(#[from] OperateRefusal),
    /// Another account has this name.
    #[error("the name is taken")]
    NameTaken,
    /// The ship is between two worlds.
    #[error("the ship is between two worlds; try again")]
    InTransit,
    /// The world that the ship is to go to is being started.
    #[error("the world {0} is just being started; try again")]
    WorldNotReady(WorldKey),
    /// It was undone before.
    #[error("it was undone already")]
    AlreadyUndone {
        /// By this audit entry.
        by: u64,
    },
    /// Too much waits, or the player's actor has just failed or left memory. Nothing happened, or the revision has
    /// changed.
    #[error("the server is busy; look whether it happened, and try again")]
    Busy,
    /// The store does not answer; whether the change took effect is unknown until it does.
    #[error("the store does not answer: the change may take effect when it does, so look before you try again")]
    StorageUnavailable,
}

impl Order {
    /// Whom the audit log names for a player.
    #[must_use]
    pub fn target(player: PlayerId) -> String {
        format!("player:{player}")
    }
}
