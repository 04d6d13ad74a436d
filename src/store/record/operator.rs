//! The stored form of an operator.

use orrery_core::types::{Millis, Role};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An operator as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum OperatorRecord {
    /// Since 0.3.
    #[serde(rename = "1")]
    V1(OperatorV1),
}

/// Version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperatorV1 {
    /// The name, as its owner writes it.
    pub name: String,
    /// Unique among operators: see [`name_key`](super::name_key).
    pub name_key: String,
    /// What the operator may do.
    pub role: Role,
    /// The Argon2id hash in PHC form.
    pub password_hash: String,
    /// The second factor.
    pub totp: Option<TotpV1>,
    /// The SHA-256 hashes of the recovery codes that were not used yet.
    pub recovery: Vec<[u8; 32]>,
    /// Failed log-ins since the last good one.
    pub failures: u32,
    /// No log-in before this.
    pub locked_until_ms: Option<Millis>,
    /// No log-in at all.
    pub disabled: bool,
    /// When it was made.
    pub created_ms: Millis,
    /// The tokens for programs.
    pub tokens: Vec<ApiTokenV1>,
    /// When the operator logged in last.
    pub last_login_ms: Option<Millis>,
}

/// A second factor by time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TotpV1 {
    /// The secret.
    pub secret: Vec<u8>,
    /// The step of the code that was used last: no code is good twice.
    pub last_step: u64,
}

/// A token for a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiTokenV1 {
    /// Its id.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// The SHA-256 hash of its secret.
    pub hash: [u8; 32],
    /// What it may do, at most.
    pub scope: Role,
    /// When it was made.
    pub created_ms: Millis,
    /// After this it is not good any more.
    pub expires_ms: Option<Millis>,
    /// When it was used last, roughly.
    pub last_used_ms: Option<Millis>,
}

impl OperatorRecord {
    /// The unique form of the operator's name.
    #[must_use]
    pub fn name_key(&self) -> &str {
        let Self::V1(record) = self;
        &record.name_key
    }
}
