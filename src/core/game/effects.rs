//! What follows from a rule, as data. `actors::apply` carries it out: commit first, then messages.

use std::collections::BTreeSet;

use super::LedgerEntry;
use crate::types::{CommandId, ItemKey, ObjectId, PlayerId, Quantity, TechKey, TransferId};

/// Goods on their way from a world to a player. Under way they are neither here nor there: they are in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// What makes it happen once only.
    pub id: TransferId,
    /// Who gets it.
    pub to: PlayerId,
    /// The command that caused it.
    pub command: CommandId,
    /// The object that was collected.
    pub object: ObjectId,
    /// What.
    pub item: ItemKey,
    /// How many.
    pub quantity: Quantity,
}

/// What one or more rules want to have done. Collected by the caller, carried out as one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The state of the actor itself changed and must be stored.
    pub touched: bool,
    /// Objects of the world that appeared or went.
    pub objects: BTreeSet<ObjectId>,
    /// Movements of goods and credits.
    pub ledger: Vec<LedgerEntry>,
    /// Transfers that begin here.
    pub sent: Vec<Transfer>,
    /// Transfers that end here.
    pub received: Vec<TransferId>,
    /// Technologies that were finished.
    pub research_done: Vec<TechKey>,
}

impl Effects {
    /// Whether nothing follows at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
