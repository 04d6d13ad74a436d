//! A party's mailbox.

use std::any::Any;

use actix::{Message, Recipient};
use orrery_core::game::{Inspect, Intervention, Transfer};
use orrery_core::types::economy::Ask;
use orrery_core::types::{PlayerId, Refusal};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::actors::ending::End;
use crate::actors::operation::{NotDone, Operation, Outcome};
use crate::actors::stats::{Handle, Posted};

/// What a market, mission or guild is told.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub enum PartyMessage {
    /// A transfer arrives.
    Deliver(Transfer),
    /// A question of a player's; who asked may have gone meanwhile.
    Ask {
        /// What.
        ask: Box<Ask>,
        /// Who.
        player: PlayerId,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Value, Refusal>>,
    },
    /// A question of an operator's.
    Inspect {
        /// What.
        what: Inspect,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Value, Refusal>>,
    },
    /// An operator interferes.
    Intervene {
        /// How.
        how: Intervention,
        /// Who, and why.
        operation: Box<Operation>,
        /// Where what has come of it goes, with the number of its commit.
        reply: oneshot::Sender<Result<(Outcome, u64), NotDone>>,
    },
    /// It begins now, though somebody has asked for it before it was there. In the box is a [`Begin`](super::Begin) of the
    /// party's rules.
    Begin(Box<dyn Any + Send>),
    /// The server is about to stop: do nothing any more; whatever comes stays under way.
    Stop(oneshot::Sender<()>),
    /// An operator wants it to end.
    End(End),
    /// Panic in the middle of the next transfer, for tests of containment: when the rules have changed the state, and
    /// nothing of it is committed.
    Panic,
}

/// How others reach the actor of a market, mission or guild.
pub type PartyHandle = Handle<Recipient<Posted<PartyMessage>>>;

impl PartyHandle {
    /// Sends a message that nobody waits for. Not the mailbox bounds what waits there, but the limits on what players may
    /// send.
    pub fn tell(&self, message: PartyMessage) {
        self.do_send(self.post(message));
    }
}

impl PartyMessage {
    /// Its name, for the figures of its handlers and for incidents.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Deliver(_) => "deliver",
            Self::Ask { ask, .. } => ask.name(),
            Self::Inspect { .. } => "inspect",
            Self::Intervene { .. } => "intervene",
            Self::Begin(_) => "begin",
            Self::Stop(_) => "stop",
            Self::End(_) => "end",
            Self::Panic => "debug_panic",
        }
    }
}
