//! The stored form of a transfer under way.

use orrery_core::game::{LedgerReason, Purpose, Transfer};
use orrery_core::types::{
    Account, CommandId, External, Holdings, ItemKey, ObjectId, Party, PlayerId, Quantity, TransferId,
};
use serde::{Deserialize, Serialize};

/// A transfer as it is stored in the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum TransferRecord {
    /// Since 0.1: an object's goods, from a world to a player.
    #[serde(rename = "1")]
    V1 {
        /// Who gets it.
        to: PlayerId,
        /// The command that caused it.
        command: CommandId,
        /// The object that was collected.
        object: ObjectId,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
    },
    /// Since 0.2: between any two accounts.
    #[serde(rename = "2")]
    V2 {
        /// Where it comes from, as the ledger names it.
        from: String,
        /// Who gets it.
        to: Party,
        /// The value.
        holdings: Holdings,
        /// Why.
        reason: LedgerReason,
        /// What it is for.
        purpose: Purpose,
    },
}

impl From<&Transfer> for TransferRecord {
    fn from(transfer: &Transfer) -> Self {
        Self::V2 {
            from: transfer.from.to_string(),
            to: transfer.to.clone(),
            holdings: transfer.holdings.clone(),
            reason: transfer.reason,
            purpose: transfer.purpose.clone(),
        }
    }
}

impl TransferRecord {
    /// The transfer with this id.
    ///
    /// # Errors
    /// The account it comes from is none.
    pub fn into_transfer(self, id: TransferId) -> Result<Transfer, orrery_core::types::PartyError> {
        Ok(match self {
            Self::V1 { to, command, object, item, quantity } => Transfer {
                id,
                from: External::Space.into(),
                to: Party::Player(to),
                holdings: Holdings::of_goods(item, quantity),
                reason: LedgerReason::Collect,
                purpose: Purpose::Collected { command, object },
            },
            Self::V2 { from, to, holdings, reason, purpose } => {
                Transfer { id, from: Account::parse(&from)?, to, holdings, reason, purpose }
            }
        })
    }
}
