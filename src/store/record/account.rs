//! The stored form of an account.

use orrery_core::game::account::{Account, TokenFamily};
use orrery_core::game::moderation::{Moderation, Sanction};
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
    /// Since 0.3: with what operators have decided about it.
    #[serde(rename = "2")]
    V2(AccountV2),
}

/// Version 2: version 1, and what operators have decided. Written out rather than flattened into, because a flattened
/// structure is read by way of a buffer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountV2 {
    name: String,
    /// Unique among accounts: see [`name_key`].
    name_key: String,
    password_hash: Option<String>,
    created_ms: Millis,
    families: Vec<FamilyV1>,
    last_family: u64,
    moderation: ModerationV1,
}

/// The stores find banned and muted players by `until_ms` of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct ModerationV1 {
    revision: u64,
    ban: Option<SanctionV1>,
    mute: Option<SanctionV1>,
    erased_ms: Option<Millis>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SanctionV1 {
    /// [`FOR_GOOD`] when it has no end: so one comparison finds who is banned at a time.
    until_ms: Millis,
    /// Whether it has no end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    forever: bool,
    reason: String,
    by: String,
    at_ms: Millis,
}

/// Later than any time that is asked for.
const FOR_GOOD: Millis = Millis((1 << 53) - 1);

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
        match self {
            Self::V1(record) => &record.name_key,
            Self::V2(record) => &record.name_key,
        }
    }

    /// The name as it is shown.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::V1(record) => &record.name,
            Self::V2(record) => &record.name,
        }
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
        Self::V2(AccountV2 {
            name: account.name.clone(),
            name_key: name_key(&account.name),
            password_hash: account.password_hash.clone(),
            created_ms: account.created,
            families: account.families.iter().map(family).collect(),
            last_family: account.last_family,
            moderation: (&account.moderation).into(),
        })
    }
}

impl From<AccountV1> for AccountV2 {
    fn from(old: AccountV1) -> Self {
        Self {
            name: old.name,
            name_key: old.name_key,
            password_hash: old.password_hash,
            created_ms: old.created_ms,
            families: old.families,
            last_family: old.last_family,
            moderation: ModerationV1::default(),
        }
    }
}

impl From<AccountRecord> for Account {
    fn from(record: AccountRecord) -> Self {
        let record: AccountV2 = match record {
            AccountRecord::V1(record) => record.into(),
            AccountRecord::V2(record) => record,
        };
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
            moderation: record.moderation.into(),
        }
    }
}

impl From<&Moderation> for ModerationV1 {
    fn from(moderation: &Moderation) -> Self {
        let sanction = |sanction: &Sanction| SanctionV1 {
            until_ms: sanction.until.unwrap_or(FOR_GOOD),
            forever: sanction.until.is_none(),
            reason: sanction.reason.clone(),
            by: sanction.by.clone(),
            at_ms: sanction.at,
        };
        Self {
            revision: moderation.revision,
            ban: moderation.ban.as_ref().map(sanction),
            mute: moderation.mute.as_ref().map(sanction),
            erased_ms: moderation.erased,
        }
    }
}

impl From<ModerationV1> for Moderation {
    fn from(record: ModerationV1) -> Self {
        let sanction = |sanction: SanctionV1| Sanction {
            until: (!sanction.forever).then_some(sanction.until_ms),
            reason: sanction.reason,
            by: sanction.by,
            at: sanction.at_ms,
        };
        Self {
            revision: record.revision,
            ban: record.ban.map(sanction),
            mute: record.mute.map(sanction),
            erased: record.erased_ms,
        }
    }
}
