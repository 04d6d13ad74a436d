//! The stored form of a player's snapshot.

use serde::{Deserialize, Serialize};

use super::PlayerRecord;
use crate::store::SnapshotRow;

/// A player as it was at one time, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum SnapshotRecord {
    /// Since 0.3.
    #[serde(rename = "1")]
    V1 {
        /// The account's name then.
        account_name: String,
        /// The player, in the form that was written then.
        player: PlayerRecord,
    },
}

impl From<&SnapshotRow> for SnapshotRecord {
    fn from(row: &SnapshotRow) -> Self {
        Self::V1 { account_name: row.account_name.clone(), player: row.record.clone() }
    }
}
