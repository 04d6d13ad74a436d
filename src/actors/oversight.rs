//! Players, for the operators' console: a face of the players' actors, which own them. Works alike for those who are here
//! and those who are not, who are loaded for it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use orrery_core::game::account::is_valid_name;
use orrery_core::game::player::{OperatorChange, Place};
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::mission::{AskRanks, RankView, Ranks};
use orrery_core::types::{By, MissionId, Party, PlayerId};
use tokio::sync::oneshot;

use super::asks::understood;
use super::directory::{Directory, ReservedName};
use super::node::Node;
use super::player::{Dossier, Kick, Kicked, Operate, OperateError, OperateReply, Order, PlayerMessage};
use super::session_link::{Note, SessionReport};
use super::world::LiftOut;
use crate::store::StoreError;
use crate::store::record::name_key;

/// An actor answers, or says that the store does not, well within this beyond `store.answer_timeout_ms`.
const STUCK_AFTER: Duration = Duration::from_secs(20);
/// A session that has not answered after this long hangs, or has just ended.
const SESSION_PATIENCE: Duration = Duration::from_secs(2);

/// Changes a player, or tries to. Goes on to its end even if nobody waits for it any more: until then a new name is kept
/// from others.
///
/// # Errors
/// [`OperateError`]; unless the store did not answer, nothing was changed.
pub async fn change(node: &Arc<Node>, player: PlayerId, order: Order) -> Result<OperateReply, OperateError> {
    let changing = try_change(Arc::clone(node), player, order);
    actix::spawn(changing).await.unwrap_or(Err(OperateError::Busy))
}

async fn try_change(node: Arc<Node>, player: PlayerId, order: Order) -> Result<OperateReply, OperateError> {
    let reserved = match &order.change {
        // One that breaks the rules of names is refused by them.
        OperatorChange::Rename { name } if is_valid_name(name) => Some(reserve(&node, player, name).await?),
        _ => None,
    };
    let message = |reply| PlayerMessage::Operate(Box::new(Operate { order: order.clone(), reply }));
    let answer = ask(&node, player, message).await;
    // What was only tried makes no commit to wait for.
    if let Some(reserved) = reserved.filter(|_| !order.dry_run) {
        reserved.keep_until_durable();
    }
    answer?
}

/// A name that nobody else has or can take meanwhile.
async fn reserve(node: &Arc<Node>, player: PlayerId, name: &str) -> Result<ReservedName, OperateError> {
    let key = name_key(name);
    let reserved = Directory::reserve_name(node, key.clone()).ok_or(OperateError::NameTaken)?;
    match node.store.account_by_name(&key).await {
        Ok(Some((owner, _))) if owner != player => Err(OperateError::NameTaken),
        Ok(_) => Ok(reserved),
        Err(error) => Err(unavailable(node, &error)),
    }
}

fn unavailable(node: &Node, error: &StoreError) -> OperateError {
    node.metrics.store_errors.inc();
    tracing::error!(error = %error, "an account cannot be looked up");
    OperateError::StorageUnavailable
}

/// Sends a player away, who may come back.
///
/// # Errors
/// There is no such player, or it cannot be written down.
pub async fn kick(
    node: &Arc<Node>,
    player: PlayerId,
    by: By,
    reason: String,
    reason_shown: String,
) -> Result<Kicked, OperateError> {
    let message = |reply| {
        let (by, reason, reason_shown) = (by.clone(), reason.clone(), reason_shown.clone());
        PlayerMessage::Kick(Box::new(Kick { by, reason, reason_shown, reply }))
    };
    ask(node, player, message).await?
}

/// A player as it is now, and where its ship is.
///
/// # Errors
/// There is no such player, or it cannot be loaded.
pub async fn look_at(node: &Arc<Node>, player: PlayerId) -> Result<Dossier, OperateError> {
    let dossier = ask(node, player, PlayerMessage::Describe).await?;
    let Some(mut dossier) = dossier else {
        let exists = node.store.player_exists(player).await.map_err(|error| unavailable(node, &error))?;
        return Err(if exists { OperateError::StorageUnavailable } else { OperateError::Unknown });
    };
    if let Some((world, stay)) = &dossier.in_space {
        let lift = LiftOut { player, stay: *stay, only_look: true };
        // Between two worlds it is where it came in last.
        let seen: Option<Place> = world.addr().send(lift).await.ok().flatten().map(|lifted| lifted.place);
        dossier.place = seen.or(dossier.place);
    }
    Ok(dossier)
}

/// How the player's session is, if there is one: connected, or waiting to be resumed.
///
/// # Errors
/// There is no such player, or it cannot be loaded.
pub async fn session_of(node: &Arc<Node>, player: PlayerId) -> Result<Option<SessionReport>, OperateError> {
    let Some(session) = look_at(node, player).await?.session else { return Ok(None) };
    let (reply, report) = oneshot::channel();
    session.do_send(Note::Describe(reply));
    Ok(tokio::time::timeout(SESSION_PATIENCE, report).await.ok().and_then(Result::ok))
}

/// In which running missions the player takes part, and how it stands there.
pub async fn missions_of(node: &Arc<Node>, player: PlayerId) -> Vec<(MissionId, RankView)> {
    let running = node.directory.kept_parties().into_iter().filter_map(|party| match party {
        Party::Mission(mission) => Some(mission),
        Party::Player(_) | Party::Market(_) | Party::Guild(_) => None,
    });
    let asked = running.map(|mission| async move {
        let ask = Ask::MissionRanks(AskRanks { mission: mission.clone(), top: Some(1), around: Some(0) });
        let ranks = node.directory.ask_party(node, &Party::Mission(mission.clone()), ask, player).await.ok()?;
        let ranks: Ranks = understood(ranks, "a mission's ranks")?;
        let own = ranks.around.into_iter().find(|rank| rank.player == player)?;
        Some((mission, own))
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// Asks a player's actor. Twice, when it fails or is leaving memory just then: what changes something says which
/// revision or entry it goes by, and so does not happen twice.
async fn ask<T>(
    node: &Arc<Node>,
    player: PlayerId,
    message: impl Fn(oneshot::Sender<T>) -> PlayerMessage,
) -> Result<T, OperateError> {
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms) + STUCK_AFTER;
    for _ in 0..2 {
        let actor = node.directory.player(node, player).map_err(|_| OperateError::Busy)?;
        let (reply, answer) = oneshot::channel();
        actor.tell(message(reply));
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(_)) => {}
            Err(_) => return Err(OperateError::StorageUnavailable),
        }
    }
    Err(OperateError::Busy)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
