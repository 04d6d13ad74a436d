//! The stored form of an operator.

use orrery_core::game::operator::{ApiToken, Failures, Operator, Totp};
use orrery_core::types::{Millis, Role};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::name_key;

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

impl From<&Operator> for OperatorRecord {
    fn from(operator: &Operator) -> Self {
        let token = |token: &ApiToken| ApiTokenV1 {
            id: token.id,
            name: token.name.clone(),
            hash: token.hash,
            scope: token.scope,
            created_ms: token.created,
            expires_ms: token.expires,
            last_used_ms: token.last_used,
        };
        let totp = |totp: &Totp| TotpV1 { secret: totp.secret.clone(), last_step: totp.last_step };
        Self::V1(OperatorV1 {
            name: operator.name.clone(),
            name_key: name_key(&operator.name),
            role: operator.role,
            password_hash: operator.password_hash.clone(),
            totp: operator.totp.as_ref().map(totp),
            recovery: operator.recovery.clone(),
            failures: operator.failures.count,
            locked_until_ms: operator.failures.locked_until,
            disabled: operator.disabled,
            created_ms: operator.created,
            tokens: operator.tokens.iter().map(token).collect(),
            last_login_ms: operator.last_login,
        })
    }
}

impl From<OperatorRecord> for Operator {
    fn from(record: OperatorRecord) -> Self {
        let OperatorRecord::V1(record) = record;
        let token = |token: ApiTokenV1| ApiToken {
            id: token.id,
            name: token.name,
            hash: token.hash,
            scope: token.scope,
            created: token.created_ms,
            expires: token.expires_ms,
            last_used: token.last_used_ms,
        };
        Self {
            name: record.name,
            role: record.role,
            password_hash: record.password_hash,
            totp: record.totp.map(|totp| Totp { secret: totp.secret, last_step: totp.last_step }),
            recovery: record.recovery,
            failures: Failures { count: record.failures, locked_until: record.locked_until_ms },
            disabled: record.disabled,
            created: record.created_ms,
            tokens: record.tokens.into_iter().map(token).collect(),
            last_login: record.last_login_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_an_operator_is_lost() {
        let mut operator = Operator::new("Ada L".to_owned(), Role::Moderator, "hash".to_owned(), Millis(1));
        operator.set_totp(vec![1, 2], 3, vec![[4; 32]]);
        operator.failures = Failures { count: 5, locked_until: Some(Millis(6)) };
        operator.disabled = true;
        operator.last_login = Some(Millis(7));
        operator.tokens.push(ApiToken {
            id: Uuid::from_u128(8),
            name: "bot".to_owned(),
            hash: [9; 32],
            scope: Role::Viewer,
            created: Millis(10),
            expires: Some(Millis(11)),
            last_used: Some(Millis(12)),
        });
        let record = OperatorRecord::from(&operator);
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(Operator::from(serde_json::from_str::<OperatorRecord>(&text).unwrap()), operator);
        assert_eq!(record.name_key(), "ada l");
    }
}
