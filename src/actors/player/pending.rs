//! Commands that are not answered yet, and who waits for their answers.

use std::collections::HashMap;

use orrery_core::game::player::SellOrder;
use orrery_core::types::economy::Deal;
use orrery_core::types::{CommandId, HubKey, ObjectId};
use tokio::sync::oneshot;

use super::messages::Via;
use crate::actors::session_link::Answer;

/// A command that waits for somebody else.
pub(super) struct Pending {
    /// Tells it from other attempts under the same id.
    pub(super) attempt: u64,
    pub(super) fingerprint: u64,
    pub(super) asked: Asked,
    pub(super) waiters: Waiters,
}

/// What a command waits for.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// The one collect before it.
    Queued(ObjectId),
    /// The world gives an object, or refuses.
    Collect(ObjectId),
    /// The world says whether the ship is at a hub, to sell there.
    Sell(HubKey, SellOrder),
    /// The store says whether the other player exists.
    Named(Box<Deal>),
    /// The world says whether the ship is at the deal's hub.
    Near(Box<Deal>),
    /// A channel gives the line's number.
    Channel,
    /// Another actor decides; the outbox has the request or the reply.
    Party,
}

/// Who waits for a command's answer. The session gets one, however often it has asked.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    session: bool,
    requests: Vec<oneshot::Sender<Answer>>,
}

impl From<Via> for Waiters {
    fn from(via: Via) -> Self {
        let mut waiters = Self::default();
        waiters.add(via);
        waiters
    }
}

impl Waiters {
    /// Nobody is known to wait: the command was sent to an actor that has failed since, or to the last server. If
    /// there is a session it may be waiting.
    pub(super) fn unknown() -> Self {
        Self::from(Via::Session)
    }

    pub(super) fn add(&mut self, via: Via) {
        match via {
            Via::Session => self.session = true,
            Via::Http(request) => {
                // Those that gave up make room.
                self.requests.retain(|waiting| !waiting.is_closed());
                self.requests.push(request);
            }
        }
    }

    /// Whether the session waits.
    pub(super) fn has_session(&self) -> bool {
        self.session
    }

    /// Answers the requests.
    pub(super) fn answer_requests(self, answer: &Answer) {
        for request in self.requests {
            // It may have given up.
            let _ = request.send(answer.clone());
        }
    }
}

/// The first queued collect, by the order of attempts.
pub(super) fn next_queued(pending: &HashMap<CommandId, Pending>) -> Option<CommandId> {
    let queued = pending.iter().filter(|(_, pending)| matches!(pending.asked, Asked::Queued(_)));
    queued.min_by_key(|(_, pending)| pending.attempt).map(|(id, _)| *id)
}
