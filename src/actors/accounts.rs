//! Accounts, for the HTTP API and the sessions: a face of the player actors, which own them. Every change that is
//! answered `Ok` is durable.

use orrery_core::game::account::{TokenHash, TokenRefusal};
use orrery_core::types::{Millis, PlayerId};

/// Why an account's request failed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Another account has this name.
    #[error("the name is taken")]
    NameTaken,
    /// There is no such account.
    #[error("there is no such account")]
    Unknown,
    /// The refresh token is not accepted.
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// Only guests' accounts can be claimed.
    #[error("this account has a name and a password already")]
    AlreadyClaimed,
    /// Too much waits; try again shortly.
    #[error("the server is busy")]
    Busy,
    /// The store does not answer; whether the change took effect is unknown.
    #[error("the store does not answer")]
    StorageUnavailable,
}

/// What log-in needs to know of an account.
#[derive(Clone, Debug)]
pub struct FoundAccount {
    /// Whose.
    pub player: PlayerId,
    /// A guest has none.
    pub password_hash: Option<String>,
}

/// Cheap to clone; usable from any thread.
#[derive(Clone)]
pub struct Accounts {}

#[allow(clippy::todo, missing_docs, unused_variables)]
impl Accounts {
    /// Makes an account; without a password it is a guest's, and a taken name gets digits appended. Returns the
    /// player and the name it has.
    pub async fn create(
        &self,
        name: String,
        password_hash: Option<String>,
    ) -> Result<(PlayerId, String), AccountError> {
        todo!()
    }

    /// Looks an account up by name.
    pub async fn find(&self, name: &str) -> Result<Option<FoundAccount>, AccountError> {
        todo!()
    }

    /// Begins a log-in; returns the family's number.
    pub async fn open_family(&self, player: PlayerId, token: TokenHash, expires: Millis) -> Result<u64, AccountError> {
        todo!()
    }

    /// Replaces a log-in's refresh token.
    pub async fn rotate(
        &self,
        player: PlayerId,
        family: u64,
        presented: TokenHash,
        next: TokenHash,
        expires: Millis,
    ) -> Result<(), AccountError> {
        todo!()
    }

    /// Ends a log-in.
    pub async fn close_family(&self, player: PlayerId, family: u64) -> Result<(), AccountError> {
        todo!()
    }

    /// Makes a guest's account a named one.
    pub async fn claim(&self, player: PlayerId, name: String, password_hash: String) -> Result<(), AccountError> {
        todo!()
    }
}
