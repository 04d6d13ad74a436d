//! The stored form of an account.

use orrery_core::game::account::{Account, TokenFamily};
use orrery_core::types::Millis;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// An account as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum AccountRecord {
    /// Since 0.1.
    #[serde(rename = "1")]
    V1(AccountV1),
}

/// Version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountV1 {
    name: String,
    /// Unique among accounts: see [`name_key`].
    name_key: String,
    password_hash: Option<String>,
    created_ms: Millis,
    families: Vec<FamilyV1>,
    last_family: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FamilyV1 {
    number: u64,
    current: [u8; 32],
    /// Absent in what was written before a refresh could be repeated, and before a log-in's first refresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<[u8; 32]>,
    expires_ms: Millis,
}

/// The form of a name under which it is unique: compatibility-composed, lower case. "Ada" and "ＡＤＡ" are one.
#[must_use]
pub fn name_key(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).collect()
}

impl AccountRecord {
    /// The unique form of the account's name.
    #[must_use]
    pub fn name_key(&self) -> &str {
        let Self::V1(record) = self;
        &record.name_key
    }

    /// The name as it is shown.
    #[must_use]
    pub fn name(&self) -> &str {
        let Self::V1(record) = self;
        &record.name
    }
}

impl From<&Account> for AccountRecord {
    fn from(account: &Account) -> Self {
        let family = |f: &TokenFamily| FamilyV1 {
            number: f.number,
            current: f.current,
            previous: f.previous,
            expires_ms: f.expires,
        };
        Self::V1(AccountV1 {
            name: account.name.clone(),
            name_key: name_key(&account.name),
            password_hash: account.password_hash.clone(),
            created_ms: account.created,
            families: account.families.iter().map(family).collect(),
            last_family: account.last_family,
        })
    }
}

impl From<AccountRecord> for Account {
    fn from(record: AccountRecord) -> Self {
        let AccountRecord::V1(record) = record;
        let family = |f: FamilyV1| TokenFamily {
            number: f.number,
            current: f.current,
            previous: f.previous,
            expires: f.expires_ms,
        };
        Self {
            name: record.name,
            password_hash: record.password_hash,
            created: record.created_ms,
            families: record.families.into_iter().map(family).collect(),
            last_family: record.last_family,
        }
    }
}
