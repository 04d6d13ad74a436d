//! All operators together: what one admin changes about another's account, and that the last admin stays.

use std::collections::BTreeMap;

use super::{Failures, Operator};
use crate::types::{OperatorId, Role};

/// Every operator, with the number that counts the changes of its account.
#[derive(Clone, Debug, Default)]
pub struct Operators(BTreeMap<OperatorId, (u64, Operator)>);

/// What an admin changes about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adjustment {
    /// Another role.
    Role(Role),
    /// Nobody can log in any more.
    Disable,
    /// Somebody can again.
    Enable,
    /// Forget failed log-ins.
    Unlock,
    /// Another password: its hash. Tokens end.
    Password(String),
    /// No second factor any more.
    ClearTotp,
}

/// An account before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjusted {
    /// As it was.
    pub before: Operator,
    /// As it is.
    pub after: Operator,
    /// The version before.
    pub version_before: u64,
    /// The number of this change.
    pub version: u64,
}

/// Why an account is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperatorRefusal {
    /// There is no such operator.
    #[error("there is no such operator")]
    Unknown,
    /// It is as it should become.
    #[error("nothing would change")]
    NoChange,
    /// Nobody would be left who may do everything.
    #[error("this is the last admin who can log in: make another one first")]
    LastAdmin,
    /// Somebody else changed it since.
    #[error("it was changed since")]
    Conflict {
        /// The version that it has now.
        current: u64,
    },
    /// A token may not do more than its owner.
    #[error("a token may not do more than its owner")]
    ScopeTooLarge,
    /// An account has too many tokens.
    #[error("there are too many tokens: delete one first")]
    TooManyTokens,
}

impl Operators {
    /// Takes one in as it is, in place of the one with this id.
    pub fn insert(&mut self, id: OperatorId, version: u64, operator: Operator) {
        self.0.insert(id, (version, operator));
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every one, by id.
    pub fn iter(&self) -> impl Iterator<Item = (OperatorId, u64, &Operator)> {
        self.0.iter().map(|(id, (version, operator))| (*id, *version, operator))
    }

    /// One, with its version.
    #[must_use]
    pub fn get(&self, id: OperatorId) -> Option<(u64, &Operator)> {
        self.0.get(&id).map(|(version, operator)| (*version, operator))
    }

    /// Says what a change of an account comes to, without making it: [`Operators::insert`] does.
    ///
    /// # Errors
    /// No such account, another version than expected, or the last admin.
    pub fn adjust(
        &self,
        id: OperatorId,
        adjustment: &Adjustment,
        expected: Option<u64>,
    ) -> Result<Adjusted, OperatorRefusal> {
        let (version, before) = self.get(id).ok_or(OperatorRefusal::Unknown)?;
        if expected.is_some_and(|expected| expected != version) {
            return Err(OperatorRefusal::Conflict { current: version });
        }
        let mut after = before.clone();
        match adjustment {
            Adjustment::Role(role) => {
                after.role = *role;
                // What its owner may not do any more, its tokens may not either; they do not come back with the role.
                after.tokens.retain(|token| token.scope <= *role);
            }
            Adjustment::Disable => after.disabled = true,
            Adjustment::Enable => after.disabled = false,
            Adjustment::Unlock => after.failures = Failures::default(),
            Adjustment::Password(hash) => {
                after.set_password(hash.clone());
            }
            Adjustment::ClearTotp => after.clear_totp(),
        }
        let loses_admin = is_admin(before) && !is_admin(&after);
        let is_last = !self.0.iter().any(|(other, (_, operator))| *other != id && is_admin(operator));
        if loses_admin && is_last {
            return Err(OperatorRefusal::LastAdmin);
        }
        Ok(Adjusted { before: before.clone(), after, version_before: version, version: version + 1 })
    }
}

/// Whether it counts as an admin who is there. One who is locked after failed log-ins does: a lock passes by itself, and
/// counting it would let whoever guesses at names decide whom admins may disable.
fn is_admin(operator: &Operator) -> bool {
    operator.role == Role::Admin && !operator.disabled
}
