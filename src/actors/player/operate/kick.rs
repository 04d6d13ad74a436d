//! Sending a player away, who may come back.

use std::sync::Arc;

use actix::{AsyncContext as _, Context, WrapFuture as _};
use orrery_core::game::Effects;
use orrery_core::types::By;
use serde_json::json;
use tokio::sync::oneshot;

use super::super::actor::{PlayerActor, State};
use super::{OperateError, Order, is_durable};
use crate::actors::audit::Deed;
use crate::store::Write;

/// An operator sends a player away, who may come back.
#[derive(Debug)]
pub struct Kick {
    /// Who.
    pub by: By,
    /// Why, for the audit log.
    pub reason: String,
    /// Why, for the player.
    pub reason_shown: String,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Result<Kicked, OperateError>>,
}

/// What came of a [`Kick`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kicked {
    /// The number of the audit entry.
    pub audit: u64,
    /// Whether there was somebody to be sent away.
    pub kicked: bool,
}

impl PlayerActor {
    /// Sends the player away, and writes down who did it, also when there was nobody to send away.
    pub(in crate::actors::player) fn kick(&mut self, kick: Kick, context: &mut Context<Self>) {
        let (node, id) = (Arc::clone(&self.node), self.id);
        let Kick { by, reason, reason_shown, reply } = kick;
        let name = match &self.state {
            State::Live(live) => live.account.name.clone(),
            State::Missing => return drop(reply.send(Err(OperateError::Unknown))),
            _ => return drop(reply.send(Err(OperateError::StorageUnavailable))),
        };
        if !node.persister.has_room() {
            return drop(reply.send(Err(OperateError::Busy)));
        }
        let kicked = self.expel(None, &reason_shown);
        let entry = node.audit.entry(
            &by,
            Deed {
                action: "kick",
                target: Order::target(id),
                target_name: name,
                reason,
                before: json!({ "online": kicked }),
                after: json!({ "online": false, "reason_shown": reason_shown }),
                ..Deed::default()
            },
        );
        let audit = entry.seq;
        let commit = self.commit(Effects::default(), vec![Write::Audit(entry)], false, context);
        tracing::info!(player = %id, operator = by.name, audit, kicked, "kicked");
        let waiting = async move {
            let done = Kicked { audit, kicked };
            let answer = if is_durable(&node, commit).await { Ok(done) } else { Err(OperateError::StorageUnavailable) };
            drop(reply.send(answer));
        };
        context.spawn(waiting.into_actor(self));
    }
}
