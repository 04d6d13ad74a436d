//! What sessions and players ask of a world. Carried out at the next tick, in the order of arrival.

use orrery_core::game::space::Goal;
use orrery_core::types::{CommandId, GateKey, HubKey, ObjectId, PlayerId, ShipId, Volume};

use tracing::Span;

use crate::actors::chat::Said;

/// An input on its way.
#[derive(Debug)]
pub(super) struct Sent {
    /// What.
    pub(super) input: WorldInput,
    /// The span of the trace it was sent in.
    pub(super) span: Span,
}

/// An input for a world's next tick.
#[derive(Clone, Debug)]
pub enum WorldInput {
    /// Set a course; answered if there is an id.
    Navigate {
        /// Whose ship; its actor answers when the ship has left.
        player: PlayerId,
        /// Which ship.
        ship: ShipId,
        /// Where to.
        goal: Goal,
        /// The command, if it is to be answered.
        command: Option<CommandId>,
    },
    /// Go through a gate; answered.
    Jump {
        /// Whose ship; its actor answers when the ship has left.
        player: PlayerId,
        /// Which ship.
        ship: ShipId,
        /// Which gate.
        gate: GateKey,
        /// The command.
        command: Option<CommandId>,
    },
    /// Give an object to a player, whose actor asks; answered to the player by transfer or refusal.
    Collect {
        /// Who.
        player: PlayerId,
        /// The command.
        command: CommandId,
        /// Which object.
        object: ObjectId,
        /// The room there is for it.
        free: Volume,
        /// To be repeated in the verdict.
        attempt: u64,
    },
    /// Is the player's ship in reach of this hub? Asked by the player's actor, answered to it.
    NearHub {
        /// Who.
        player: PlayerId,
        /// The command.
        command: CommandId,
        /// Which hub.
        hub: HubKey,
        /// To be repeated in the verdict.
        attempt: u64,
    },
    /// Tell everybody near a player's ship what the player says.
    Speak {
        /// Who.
        player: PlayerId,
        /// What.
        line: Said,
    },
    /// The ship's owner lost track: show everything anew.
    Resync(ShipId),
    /// Panic, for tests of containment.
    Panic,
}

impl WorldInput {
    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Navigate { .. } => "navigate",
            Self::Jump { .. } => "jump",
            Self::Collect { .. } => "collect",
            Self::NearHub { .. } => "near_hub",
            Self::Speak { .. } => "speak",
            Self::Resync(_) => "resync",
            Self::Panic => "debug_panic",
        }
    }
}
