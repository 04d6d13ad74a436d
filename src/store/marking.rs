//! The checks that are the same for every backend.

use super::record::{AccountRecord, PlayerRecord};
use super::rows::corrupt;
use super::{Batch, BatchMark, StoreError, Versioned};
use orrery_core::types::PlayerId;

/// What the stored mark says of a batch that is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkCheck {
    /// It is the next one.
    Next,
    /// It was written before, though its writer never learned of it. There is nothing to do.
    AlreadyIn,
}

/// Compares the stored mark with a batch, in the transaction that writes it. A batch whose first attempt was cut off
/// on its way may arrive in the store between the question [`super::Store::last_batch`] and the second attempt, so
/// the question alone does not keep it from being written twice.
pub(super) fn check_mark(stored: BatchMark, batch: &Batch) -> Result<MarkCheck, StoreError> {
    if stored.epoch != batch.epoch {
        return Err(StoreError::StaleEpoch { found: stored.epoch, ours: batch.epoch });
    }
    if stored.number == batch.number {
        return Ok(MarkCheck::AlreadyIn);
    }
    if stored.number.checked_add(1) == Some(batch.number) {
        return Ok(MarkCheck::Next);
    }
    Err(StoreError::Refused(format!("batch {} cannot follow batch {}", batch.number, stored.number)))
}

/// An account and a player are written together, so one without the other is damage.
#[allow(clippy::type_complexity)]
pub(super) fn whole_player(
    id: PlayerId,
    account: Option<Versioned<AccountRecord>>,
    player: Option<Versioned<PlayerRecord>>,
) -> Result<Option<(Versioned<AccountRecord>, Versioned<PlayerRecord>)>, StoreError> {
    match (account, player) {
        (Some(account), Some(player)) => Ok(Some((account, player))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(corrupt("player", &id, &"it is missing, but its account is not")),
        (None, Some(_)) => Err(corrupt("account", &id, &"it is missing, but its player is not")),
    }
}
