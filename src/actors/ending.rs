//! Ending actors on an operator's word: *passivating* one that nobody needs now, and *restarting* one, which drops it from
//! memory and loads it anew from what is stored.
//!
//! Nothing that was acknowledged is lost: whoever goes is first taken out of the directory and does nothing any more, and
//! stays until all it has committed is durable, to tell those who wait for that; its successor loads when that is so.
//! Commands that somebody else was deciding are answered as if the actor had failed: repeat them with the same id. What
//! is under way to it stays in the outbox for its successor. A player's session attaches itself to the successor; a
//! world stores all positions, and its ships join the next one.
//!
//! [`end`] asks the actor whether it may, makes the audit entry durable, and only then tells it to go.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix::Message;
use orrery_core::types::{AuditEntry, Party};
use tokio::sync::oneshot;

use super::node::Node;
use super::party::PartyMessage;
use super::player::PlayerMessage;
use super::stats::ActorId;
use super::world::WorldHandle;
use crate::store::Write;

/// Between two looks whether a world is there again.
const GLANCE: Duration = Duration::from_millis(20);
/// How much longer than the store may take to answer an actor may take to go.
const STUCK_AFTER: Duration = Duration::from_secs(3);

/// How an actor is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Leave memory. It is loaded again when somebody needs it.
    Passivate,
    /// Leave memory and be loaded anew at once.
    Restart,
}

/// End, or say whether you would.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct End {
    pub(super) how: Ending,
    /// Not only to be asked.
    pub(super) is_meant: bool,
    /// Answered when it is decided; if it is meant and not refused, when everything is durable and the actor goes.
    pub(super) reply: oneshot::Sender<Result<(), Stays>>,
}

/// Why an actor stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// The player has a session.
    HasSession,
    /// The player's ship is in space.
    InSpace,
    /// It waits for others to decide something, or they for it.
    UnderWay,
    /// There must always be one: every world and market, and each mission that runs.
    Kept,
    /// There is only one of its kind, which is no actor of the game.
    Only,
    /// It is being loaded, or about to go.
    NotLoaded,
}

impl fmt::Display for Stays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HasSession => "the player has a session: kick the player first, or restart the actor",
            Self::InSpace => "the player's ship is in space: it leaves with the session",
            Self::UnderWay => "something is under way: try again in a moment",
            Self::Kept => "it must always be there: it can be restarted, not passivated",
            Self::Only => "it is a part of the server: it can be neither passivated nor restarted",
            Self::NotLoaded => "it is being loaded or about to go: try again in a moment",
        })
    }
}

/// Why an actor was not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndRefusal {
    /// It is not in memory.
    #[error("there is no such actor in memory")]
    NotThere,
    /// It stays; nothing was done and nothing written.
    #[error("{0}")]
    Stays(Stays),
    /// It has changed its mind after the audit entry was written: somebody came.
    #[error("{0}; audit entry {1} tells of the attempt")]
    StaysAfterAll(Stays, u64),
    /// It, or the store, does not answer.
    #[error("it does not answer in time, or the store does not")]
    Silent,
}

/// Ends an actor. The entry tells of it, and is durable before it is done.
///
/// # Errors
/// [`EndRefusal`]. [`EndRefusal::Silent`]: it may still be done later.
pub async fn end(node: &Arc<Node>, id: &ActorId, how: Ending, entry: AuditEntry) -> Result<(), EndRefusal> {
    let seq = entry.seq;
    may_end(node, id, how).await?;
    if !node.persister.has_room() {
        return Err(EndRefusal::Silent);
    }
    let commit = node.persister.enqueue(vec![Write::Audit(entry)]);
    in_time(node, node.persister.wait_durable(commit)).await?.map_err(|_| EndRefusal::Silent)?;
    let before = world_of(node, id);
    ask(node, id, how, true).await.map_err(|refusal| match refusal {
        EndRefusal::Stays(stays) => EndRefusal::StaysAfterAll(stays, seq),
        other => other,
    })?;
    tracing::info!(kind = id.kind(), id = id.id(), ?how, audit = seq, "an actor was ended by an operator");
    match before {
        Some(before) => in_time(node, is_there_again(node, &before)).await,
        None => {
            if how == Ending::Restart {
                load_anew(node, id);
            }
            Ok(())
        }
    }
}

/// Whether an actor would end if it were meant.
///
/// # Errors
/// [`EndRefusal`]: why not.
pub async fn may_end(node: &Arc<Node>, id: &ActorId, how: Ending) -> Result<(), EndRefusal> {
    ask(node, id, how, false).await
}

async fn in_time<T>(node: &Node, waited: impl Future<Output = T>) -> Result<T, EndRefusal> {
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms) + STUCK_AFTER;
    tokio::time::timeout(patience, waited).await.map_err(|_| EndRefusal::Silent)
}

async fn ask(node: &Arc<Node>, id: &ActorId, how: Ending, is_meant: bool) -> Result<(), EndRefusal> {
    let (reply, answer) = oneshot::channel();
    let end = End { how, is_meant, reply };
    match id {
        ActorId::World(_) => world_of(node, id).ok_or(EndRefusal::NotThere)?.addr().do_send(end),
        ActorId::Party(Party::Player(player)) => {
            node.directory.live_player(*player).ok_or(EndRefusal::NotThere)?.tell(PlayerMessage::End(end));
        }
        ActorId::Party(party) => {
            node.directory.live_party(party).ok_or(EndRefusal::NotThere)?.tell(PartyMessage::End(end));
        }
        ActorId::Channel(stream) => node.channels.end(stream, end).ok_or(EndRefusal::NotThere)?,
        ActorId::Only(_) => return Err(EndRefusal::Stays(Stays::Only)),
    }
    match in_time(node, answer).await? {
        Ok(decided) => decided.map_err(EndRefusal::Stays),
        // It failed, or left by itself, just now: whoever asks again finds out.
        Err(_) => Err(EndRefusal::NotThere),
    }
}

fn world_of(node: &Node, id: &ActorId) -> Option<WorldHandle> {
    match id {
        ActorId::World(key) => node.directory.world(key).filter(WorldHandle::is_live),
        ActorId::Party(_) | ActorId::Channel(_) | ActorId::Only(_) => None,
    }
}

/// The keeper of worlds starts it.
async fn is_there_again(node: &Node, before: &WorldHandle) {
    let is_new = |world: WorldHandle| world.is_live() && world.addr() != before.addr();
    while !node.directory.world(&before.key).is_some_and(is_new) {
        tokio::time::sleep(GLANCE).await;
    }
}

/// Unless somebody who needed it has done so already.
fn load_anew(node: &Arc<Node>, id: &ActorId) {
    match id {
        ActorId::Party(Party::Player(player)) => drop(node.directory.player(node, *player)),
        ActorId::Party(party) => drop(node.directory.party(node, party)),
        ActorId::Channel(stream) => node.channels.load(node, stream),
        ActorId::World(_) | ActorId::Only(_) => {}
    }
}

#[cfg(test)]
mod tests;
