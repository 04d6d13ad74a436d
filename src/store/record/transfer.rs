//! The stored form of a transfer under way.

use orrery_core::game::Transfer;
use orrery_core::types::{CommandId, ItemKey, ObjectId, PlayerId, Quantity, TransferId};
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
}

impl From<&Transfer> for TransferRecord {
    fn from(transfer: &Transfer) -> Self {
        Self::V1 {
            to: transfer.to,
            command: transfer.command,
            object: transfer.object,
            item: transfer.item.clone(),
            quantity: transfer.quantity,
        }
    }
}

impl TransferRecord {
    /// The transfer with this id.
    #[must_use]
    pub fn into_transfer(self, id: TransferId) -> Transfer {
        let Self::V1 { to, command, object, item, quantity } = self;
        Transfer { id, to, command, object, item, quantity }
    }
}
