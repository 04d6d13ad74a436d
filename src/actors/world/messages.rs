//! A world's mailbox.

use actix::Message;
use orrery_core::game::space::ShipSpec;
use orrery_core::protocol::Encoding;
use orrery_core::protocol::answer::Entered;
use orrery_core::types::{GateKey, PlayerId, Point};

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
}

/// Put a player's ship into space, or find it there; show the session what it sees.
#[derive(Message)]
#[rtype(result = "Result<Joined, JoinRefusal>")]
pub struct Join {
    /// The ship.
    pub spec: ShipSpec,
    /// Where it was last in this world.
    pub at: Option<Point>,
    /// Who looks.
    pub binding: Binding,
}

/// A ship is in space.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Where.
    pub entered: Entered,
}

/// A ship that is not taken in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum JoinRefusal {
    /// The world could not be loaded.
    #[error("the world is not loaded")]
    NotLoaded,
}

/// Take a player's ship out of space: the session is over. Not, if another session looks through it by now.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Leave {
    /// Whose.
    pub player: PlayerId,
    /// The session that is over; `None` when the player has no session at all.
    pub slot: Option<SlotId>,
}

/// The player's ship is in another world now: it must not be in this one.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Evict(pub PlayerId);

/// A ship's numbers changed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Refit(pub ShipSpec);

/// A ship comes out of a gate.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Arrive {
    /// The ship.
    pub spec: ShipSpec,
    /// The gate, in this world.
    pub gate: GateKey,
    /// Who looks.
    pub binding: Option<Binding>,
}

/// The server is about to stop: store all positions, tick no more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct StopWorld;
