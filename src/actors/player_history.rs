//! A player at an earlier time: what was held then follows from the ledger exactly; all the rest is that of the newest
//! snapshot before. For operators.

use std::sync::Arc;

use orrery_core::game::conservation::Balance;
use orrery_core::types::{Millis, PlayerId};

use super::node::Node;
use crate::store::{SnapshotRow, StoreError};

/// A player at an earlier time.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayerThen {
    /// Credits and goods, exact. Negative only if the books do not balance.
    pub holdings: Balance,
    /// The newest snapshot that is not newer; `None` when none that old is kept.
    pub snapshot: Option<SnapshotRow>,
}

/// What a player was like at a time; `None` when there is no such player. Whatever happened before the call is
/// accounted for.
///
/// # Errors
/// The store does not answer.
pub async fn player_at(node: &Arc<Node>, player: PlayerId, at: Millis) -> Result<Option<PlayerThen>, StoreError> {
    node.all_durable().await?;
    let Some(holdings) = node.store.holdings_at(player, at).await? else { return Ok(None) };
    Ok(Some(PlayerThen { holdings, snapshot: node.store.snapshot_at(player, at).await? }))
}
