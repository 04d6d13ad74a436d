//! The stored form of a world: what is not in its objects' rows.

use serde::{Deserialize, Serialize};

/// A world as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum WorldRecord {
    /// Since 0.1.
    #[serde(rename = "1")]
    V1 {
        /// The seed of everything random in this world.
        seed: u64,
        /// The sequence number of the object made last.
        last_object: u64,
    },
}
