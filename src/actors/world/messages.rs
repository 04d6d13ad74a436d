//! A world's mailbox.

use actix::Message;
use orrery_core::game::space::ShipSpec;
use orrery_core::protocol::Encoding;
use orrery_core::protocol::answer::Entered;
use orrery_core::types::{GateKey, PlayerId, Point};

use super::Passage;
use crate::actors::fanout::{FanoutHandle, SlotId};

/// Which session looks through a ship.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The fan-out of the session's worker.
    pub fanout: FanoutHandle,
    /// The session's place there.
    pub slot: SlotId,
    /// Its encoding.
    pub encoding: Encoding,
    /// Numbers the player's sessions: of two that claim a ship, the one with the larger number is right.
    pub attachment: u64,
}

/// Put a player's ship into space, or find it there; show the session what it sees.
#[derive(Message)]
#[rtype(result = "Result<Joined, JoinRefusal>")]
pub struct Join {
    /// The ship.
    pub spec: ShipSpec,
    /// Where it is to be if it is not in space.
    pub at: JoinAt,
    /// Who looks.
    pub binding: Binding,
}

/// Where a ship is to be that is not in space already.
#[derive(Clone, Copy, Debug)]
pub enum JoinAt {
    /// It must be in space; if it is not, it has just left for somewhere else.
    InSpace,
    /// Where it was last.
    Point(Point),
    /// Where the world lets ships appear.
    Entry,
}

/// A ship is in space.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Where.
    pub entered: Entered,
    /// Numbers this stay of the ship in a world.
    pub stay: u64,
}

/// A ship that is not taken in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum JoinRefusal {
    /// The world could not be loaded.
    #[error("the world is not loaded")]
    NotLoaded,
    /// The ship is not in space here.
    #[error("the ship is not here")]
    NotHere,
    /// A later session of the player looks through the ship.
    #[error("a later session has the ship")]
    Superseded,
}

/// Take a player's ship out of space: the session is over. Not, if a later session looks through it by now.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Leave {
    /// Whose.
    pub player: PlayerId,
    /// The number of the session that is over.
    pub attachment: u64,
}

/// The player's ship is in another world now: this stay of it is over.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Evict {
    /// Whose ship.
    pub player: PlayerId,
    /// Which stay.
    pub stay: u64,
}

/// A ship's numbers changed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Refit(pub ShipSpec);

/// A ship comes out of a gate.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Arrive {
    /// Whose.
    pub player: PlayerId,
    /// The ship, and who looks.
    pub passage: Passage,
    /// The gate, in this world.
    pub gate: GateKey,
}

/// The server is about to stop: store all positions, tick no more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct StopWorld;
