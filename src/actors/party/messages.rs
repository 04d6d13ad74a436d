//! A party's mailbox.

use std::any::Any;
use std::sync::Arc;

use actix::Message;
use orrery_core::game::Transfer;
use orrery_core::types::economy::Ask;
use orrery_core::types::{Party, PlayerId, Refusal};
use serde_json::Value;
use tokio::sync::oneshot;

use super::kind_of;
use crate::actors::node::Node;
use crate::telemetry::Metrics;
use crate::telemetry::metrics::ActorLabel;

/// What a market, mission or guild is told.
#[derive(Debug)]
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
    /// It begins now, though somebody has asked for it before it was there. In the box is a [`Begin`](super::Begin) of the
    /// party's rules.
    Begin(Box<dyn Any + Send>),
    /// The server is about to stop: do nothing any more; whatever comes stays under way.
    Stop(oneshot::Sender<()>),
    /// Panic in the middle of the next transfer, for tests of containment: when the rules have changed the state, and
    /// nothing of it is committed.
    Panic,
}

/// A [`PartyMessage`] on its way: counted in `orrery_mailbox_depth` for as long as it waits.
#[derive(Message)]
#[rtype(result = "()")]
pub struct ToParty {
    /// The message.
    pub(super) message: Option<PartyMessage>,
    kind: &'static str,
    metrics: Arc<Metrics>,
}

impl ToParty {
    /// Wraps a message.
    #[must_use]
    pub fn new(message: PartyMessage, party: &Party, node: &Node) -> Self {
        let (kind, metrics) = (kind_of(party), Arc::clone(&node.metrics));
        metrics.mailbox_depth.get_or_create(&ActorLabel { kind }).inc();
        Self { message: Some(message), kind, metrics }
    }
}

impl Drop for ToParty {
    fn drop(&mut self) {
        self.metrics.mailbox_depth.get_or_create(&ActorLabel { kind: self.kind }).dec();
    }
}
