//! Why a player was not let in, with the code that HTTP and WebSocket clients see.

use std::time::Duration;

use orrery_core::game::moderation::ShutOut;
use orrery_core::protocol::{ErrorBody, ErrorCode};
use serde_json::{Map, Value};

use crate::actors::accounts::AccountError;
use crate::actors::answers::of_shut_out;
use crate::http::password::PasswordError;

/// How long a client waits before it tries again when the server was too busy.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// Why a request about an account was refused or failed. The texts are for players and hold no secrets.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AuthError {
    /// A field breaks a rule.
    #[error("{field} {rule}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// Another account has this name.
    #[error("the name is taken")]
    NameTaken,
    /// No account has this name and password; which of the two is wrong is not told.
    #[error("name or password is wrong")]
    WrongLogin,
    /// A token is not accepted.
    #[error("{0}")]
    Token(&'static str),
    /// The operators have shut the player out; says why, and until when.
    #[error("{}", .0.message)]
    Banned(Box<ErrorBody>),
    /// Only operators may do this.
    #[error("this needs an operator's access token")]
    NotOperator,
    /// Only guests' accounts can be claimed.
    #[error("this account has a name and a password already")]
    AlreadyClaimed,
    /// Too many attempts.
    #[error("too many attempts; try again later")]
    RateLimited {
        /// When another attempt is allowed.
        retry_after: Duration,
    },
    /// A queue is full. Nothing happened.
    #[error("the server is busy")]
    Busy,
    /// The store does not answer; whether a change took effect is unknown.
    #[error("the store does not answer")]
    StorageUnavailable,
    /// A fault of ours, which is in the log.
    #[error("the server failed")]
    Internal,
}

impl AuthError {
    /// The code on the wire.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => ErrorCode::BadRequest.as_str(),
            Self::NameTaken => ErrorCode::NameTaken.as_str(),
            Self::WrongLogin | Self::Token(_) => ErrorCode::NotAuthenticated.as_str(),
            Self::Banned(_) => ErrorCode::Banned.as_str(),
            Self::NotOperator => ErrorCode::NotAllowed.as_str(),
            Self::AlreadyClaimed => "already_claimed",
            Self::RateLimited { .. } => ErrorCode::RateLimited.as_str(),
            Self::Busy => ErrorCode::Busy.as_str(),
            Self::StorageUnavailable => ErrorCode::StorageUnavailable.as_str(),
            Self::Internal => ErrorCode::Internal.as_str(),
        }
    }

    /// What there is to know besides.
    #[must_use]
    pub fn details(&self) -> Map<String, Value> {
        match self {
            Self::Banned(error) => error.details.clone(),
            _ => Map::new(),
        }
    }

    /// When another attempt makes sense, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            Self::Busy | Self::StorageUnavailable => Some(BUSY_PAUSE),
            _ => None,
        }
    }
}

impl From<ShutOut> for AuthError {
    fn from(shut_out: ShutOut) -> Self {
        match shut_out {
            ShutOut::Banned { .. } => Self::Banned(Box::new(of_shut_out(&shut_out))),
            ShutOut::Erased => Self::Token("the account does not exist any more"),
        }
    }
}

impl From<AccountError> for AuthError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NameTaken => Self::NameTaken,
            AccountError::ShutOut(shut_out) => shut_out.into(),
            AccountError::Unknown => Self::Token("the account does not exist"),
            AccountError::Token(_) => Self::Token("the refresh token is not good any more"),
            AccountError::AlreadyClaimed => Self::AlreadyClaimed,
            AccountError::Busy => Self::Busy,
            AccountError::StorageUnavailable => Self::StorageUnavailable,
        }
    }
}

impl From<PasswordError> for AuthError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Failed => Self::Internal,
        }
    }
}
