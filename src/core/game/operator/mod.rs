//! Operators' accounts: who may log in as what. Passwords, codes and tokens are hashed and compared outside; what that
//! came to are arguments here.
//!
//! *Lock-out*: failures in a row from one network lock an account for that network for a while, whatever password comes
//! then; ten times as many lock it for all networks, so that neither one stranger keeps its owner out nor many guess
//! without end. A wrong code is a failure like a wrong password. *Second factor*: a code counts for its step of time, and no step is good twice; a recovery
//! code is good once.

mod all;
mod password;
#[cfg(test)]
mod tests;

use uuid::Uuid;

use crate::types::{Millis, Role};

pub use all::{Adjusted, Adjustment, OperatorRefusal, Operators};
pub use password::{PASSWORD_CHARS, check_password};

/// A SHA-256 hash of a secret that is random itself.
pub type SecretHash = [u8; 32];

/// How many recovery codes are handed out.
pub const RECOVERY_CODES: usize = 10;
/// How many tokens one operator has at most.
pub const TOKENS_MAX: usize = 20;

/// An operator's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The name, as its owner writes it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The Argon2id hash in PHC form.
    pub password_hash: String,
    /// The second factor.
    pub totp: Option<Totp>,
    /// The recovery codes that were not used yet.
    pub recovery: Vec<SecretHash>,
    /// Failed log-ins since the last good one, from all networks together.
    pub failures: Failures,
    /// Whether nobody can log in.
    pub disabled: bool,
    /// When it was made.
    pub created: Millis,
    /// The tokens for programs.
    pub tokens: Vec<ApiToken>,
    /// When somebody logged in last.
    pub last_login: Option<Millis>,
}

/// A second factor by time (RFC 6238).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// What it shares with the owner's device.
    pub secret: Vec<u8>,
    /// The step of the code that was used last: neither it nor an earlier one is good any more.
    pub last_step: u64,
}

/// A token for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// The hash of its secret.
    pub hash: SecretHash,
    /// What it may do, unless its owner may do less.
    pub scope: Role,
    /// When it was made.
    pub created: Millis,
    /// After this it is not good any more.
    pub expires: Option<Millis>,
    /// When it was used last, to the hour.
    pub last_used: Option<Millis>,
}

/// How many times as many failures from all networks together lock an account.
const EVERYWHERE: u32 = 10;

/// When an account is locked for a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRule {
    /// Failures in a row.
    pub failures: u32,
    /// For how long, in seconds.
    pub seconds: u64,
}

impl LockRule {
    /// When it is locked for all networks.
    #[must_use]
    pub fn everywhere(self) -> Self {
        Self { failures: self.failures.saturating_mul(EVERYWHERE), ..self }
    }
}

/// Failed log-ins in a row. Names that nobody has are counted by it too, so that they answer like the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: u32,
    /// Until when it is locked.
    pub locked_until: Option<Millis>,
}

impl Failures {
    /// Until when it is locked, if it is.
    #[must_use]
    pub fn locked(&self, now: Millis) -> Option<Millis> {
        self.locked_until.filter(|until| *until > now)
    }

    /// One more; whether it locks. While it is locked nothing is counted.
    pub fn count(&mut self, rule: LockRule, now: Millis) -> bool {
        if self.locked(now).is_some() {
            return false;
        }
        if self.locked_until.is_some() {
            // The lock is over: counting begins anew.
            *self = Self::default();
        }
        self.count += 1;
        if self.count >= rule.failures {
            self.locked_until = Some(now.plus_seconds(rule.seconds));
        }
        self.locked_until.is_some()
    }
}

/// What a log-in brings, as far as it was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Whether the password has the account's hash.
    pub password_right: bool,
    /// The code, if there was one.
    pub code: Option<Code>,
}

/// A code of either kind, as far as it was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The step of time whose code it is; `None`: no step's that is near enough.
    pub step: Option<u64>,
    /// Its hash, should it be a recovery code.
    pub hash: SecretHash,
}

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogInRefusal {
    /// Which of the two is wrong is not told.
    #[error("name or password is wrong")]
    Wrong,
    /// The password is right.
    #[error("a code of the second factor is needed too")]
    CodeRequired,
    /// Or it was used before.
    #[error("the code is wrong or was used before")]
    WrongCode,
    /// Too many failures.
    #[error("too many failed log-ins: the account is locked for a while")]
    Locked {
        /// How long.
        until: Millis,
    },
}

impl Operator {
    /// A new account.
    #[must_use]
    pub fn new(name: String, role: Role, password_hash: String, created: Millis) -> Self {
        Self {
            name,
            role,
            password_hash,
            totp: None,
            recovery: Vec::new(),
            failures: Failures::default(),
            disabled: false,
            created,
            tokens: Vec::new(),
            last_login: None,
        }
    }

    /// Logs in, or counts a failure. `here` are the failures from the network that the attempt comes from.
    ///
    /// # Errors
    /// Why not. Failures have been counted then: the caller stores the account all the same.
    pub fn log_in(
        &mut self,
        attempt: Attempt,
        here: &mut Failures,
        rule: LockRule,
        now: Millis,
    ) -> Result<(), LogInRefusal> {
        if let Some(until) = self.failures.locked(now).max(here.locked(now)) {
            return Err(LogInRefusal::Locked { until });
        }
        if !attempt.password_right || self.disabled {
            self.fail(here, rule, now);
            return Err(LogInRefusal::Wrong);
        }
        if self.totp.is_some() {
            let code = attempt.code.ok_or(LogInRefusal::CodeRequired)?;
            if !self.use_code(code) {
                self.fail(here, rule, now);
                return Err(LogInRefusal::WrongCode);
            }
        }
        self.failures = Failures::default();
        *here = Failures::default();
        self.last_login = Some(now);
        Ok(())
    }

    /// Counts a wrong password or code; whether that locks the account, be it for this network alone.
    pub fn fail(&mut self, here: &mut Failures, rule: LockRule, now: Millis) -> bool {
        let everywhere = self.failures.count(rule.everywhere(), now);
        here.count(rule, now) || everywhere
    }

    /// Uses a code up; whether it was good.
    pub fn use_code(&mut self, code: Code) -> bool {
        if let (Some(totp), Some(step)) = (&mut self.totp, code.step)
            && step > totp.last_step
        {
            totp.last_step = step;
            return true;
        }
        match self.recovery.iter().position(|hash| *hash == code.hash) {
            Some(at) => {
                self.recovery.remove(at);
                true
            }
            None => false,
        }
    }

    /// Another password. Who changes it may do so because somebody else knew it, so the tokens that were made with the old
    /// one end; failures are forgotten.
    pub fn set_password(&mut self, hash: String) {
        self.password_hash = hash;
        self.failures = Failures::default();
        self.tokens.clear();
    }

    /// Turns the second factor on. `step` is that of the code that proved that the device has the secret.
    pub fn set_totp(&mut self, secret: Vec<u8>, step: u64, recovery: Vec<SecretHash>) {
        self.totp = Some(Totp { secret, last_step: step });
        self.recovery = recovery;
    }

    /// Turns the second factor off.
    pub fn clear_totp(&mut self) {
        self.totp = None;
        self.recovery.clear();
    }

    /// Adds a token; those that have expired make room.
    ///
    /// # Errors
    /// There are too many, or its scope is more than the account may do.
    pub fn add_token(&mut self, token: ApiToken, now: Millis) -> Result<(), OperatorRefusal> {
        if token.scope > self.role {
            return Err(OperatorRefusal::ScopeTooLarge);
        }
        self.tokens.retain(|token| token.expires.is_none_or(|end| end > now));
        if self.tokens.len() >= TOKENS_MAX {
            return Err(OperatorRefusal::TooManyTokens);
        }
        self.tokens.push(token);
        Ok(())
    }

    /// Removes a token and returns it.
    pub fn remove_token(&mut self, id: Uuid) -> Option<ApiToken> {
        let at = self.tokens.iter().position(|token| token.id == id)?;
        Some(self.tokens.remove(at))
    }
}
