//! Accounts, for the HTTP API and the sessions: a face of the player actors, which own them. Every change that is
//! answered `Ok` is durable.

use std::sync::Arc;

use orrery_core::game::account::{Account, TokenHash, TokenRefusal};
use orrery_core::game::moderation::ShutOut;
use orrery_core::types::{Millis, PlayerId};
use rand::RngExt as _;
use uuid::Uuid;

use super::directory::Directory;
use super::node::{Node, now};
use super::player::{AccountChange, AccountReply};
use crate::store::StoreError;
use crate::store::record::{AccountRecord, name_key};

/// How often a guest's name gets other digits before the guest is told to choose another.
const GUEST_NAME_ATTEMPTS: usize = 5;

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
    /// The operators do not let the player in.
    #[error(transparent)]
    ShutOut(#[from] ShutOut),
    /// Too much waits; try again shortly.
    #[error("the server is busy")]
    Busy,
    /// The store does not answer; whether the change took effect is unknown.
    #[error("the store does not answer")]
    StorageUnavailable,
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "an account cannot be looked up");
        Self::StorageUnavailable
    }
}

/// What log-in needs to know of an account.
#[derive(Clone, Debug)]
pub struct FoundAccount {
    /// Whose.
    pub player: PlayerId,
    /// The name, as its owner writes it.
    pub name: String,
    /// A guest has none.
    pub password_hash: Option<String>,
}

/// Cheap to clone; usable from any thread.
#[derive(Clone)]
pub struct Accounts {
    node: Arc<Node>,
}

impl Accounts {
    /// The accounts of a node.
    #[must_use]
    pub fn new(node: Arc<Node>) -> Self {
        Self { node }
    }

    /// Makes an account; without a password it is a guest's, and a taken name gets digits appended. Returns the
    /// player and the name it has.
    ///
    /// # Errors
    /// The name is taken, or the store does not answer.
    pub async fn create(
        &self,
        name: String,
        password_hash: Option<String>,
    ) -> Result<(PlayerId, String), AccountError> {
        let attempts = if password_hash.is_none() { GUEST_NAME_ATTEMPTS } else { 1 };
        let mut wanted = name.clone();
        for _ in 0..attempts {
            match to_the_end(self.clone().try_create(wanted.clone(), password_hash.clone())).await {
                Err(AccountError::NameTaken) => {
                    let digits = rand::rng().random_range(1_000..1_000_000_u32);
                    wanted = format!("{}-{digits}", name.chars().take(16).collect::<String>().trim_end());
                }
                other => return other.map(|player| (player, wanted)),
            }
        }
        Err(AccountError::NameTaken)
    }

    async fn try_create(self, name: String, password_hash: Option<String>) -> Result<PlayerId, AccountError> {
        if !self.node.persister.has_room() {
            return Err(AccountError::Busy);
        }
        let key = name_key(&name);
        let reserved = Directory::reserve_name(&self.node, key.clone()).ok_or(AccountError::NameTaken)?;
        if self.node.store.account_by_name(&key).await?.is_some() {
            return Err(AccountError::NameTaken);
        }
        let player = PlayerId(Uuid::now_v7());
        let account = Account::new(name, password_hash, now());
        let addr = self.node.directory.create_player(&self.node, player, account).map_err(|_| AccountError::Busy)?;
        let created = addr.send(AccountChange::Created).await.unwrap_or(Err(AccountError::StorageUnavailable));
        // Until the account is durable it cannot be found by its name.
        reserved.keep_until_durable();
        created.map(|_| player)
    }

    /// Looks an account up by name.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find(&self, name: &str) -> Result<Option<FoundAccount>, AccountError> {
        let found = self.node.store.account_by_name(&name_key(name)).await?;
        Ok(found.map(|(player, record): (PlayerId, AccountRecord)| {
            let account = Account::from(record);
            FoundAccount { player, name: account.name, password_hash: account.password_hash }
        }))
    }

    async fn change(&self, player: PlayerId, change: AccountChange) -> Result<AccountReply, AccountError> {
        let addr = self.node.directory.player(&self.node, player).map_err(|_| AccountError::Busy)?;
        // The actor may have left memory between the two lines above; the client's retry finds it loaded anew.
        addr.send(change).await.unwrap_or(Err(AccountError::Busy))
    }

    /// Begins a log-in; returns the family's number.
    ///
    /// # Errors
    /// No such account, or the store does not answer.
    pub async fn open_family(&self, player: PlayerId, token: TokenHash, expires: Millis) -> Result<u64, AccountError> {
        Ok(self.change(player, AccountChange::OpenFamily { token, expires }).await?.family)
    }

    /// Replaces a log-in's refresh token; returns the player's name.
    ///
    /// # Errors
    /// The token is not accepted, or the store does not answer.
    pub async fn rotate(
        &self,
        player: PlayerId,
        family: u64,
        presented: TokenHash,
        next: TokenHash,
        expires: Millis,
    ) -> Result<String, AccountError> {
        Ok(self.change(player, AccountChange::Rotate { family, presented, next, expires }).await?.name)
    }

    /// Ends a log-in.
    ///
    /// # Errors
    /// No such account, or the store does not answer.
    pub async fn close_family(&self, player: PlayerId, family: u64) -> Result<(), AccountError> {
        self.change(player, AccountChange::CloseFamily(family)).await.map(drop)
    }

    /// Makes a guest's account a named one.
    ///
    /// # Errors
    /// The name is taken, the account is not a guest's, or the store does not answer.
    pub async fn claim(&self, player: PlayerId, name: String, password_hash: String) -> Result<(), AccountError> {
        to_the_end(self.clone().try_claim(player, name, password_hash)).await
    }

    async fn try_claim(self, player: PlayerId, name: String, password_hash: String) -> Result<(), AccountError> {
        let key = name_key(&name);
        let reserved = Directory::reserve_name(&self.node, key.clone()).ok_or(AccountError::NameTaken)?;
        match self.node.store.account_by_name(&key).await? {
            Some((owner, _)) if owner != player => return Err(AccountError::NameTaken),
            _ => {}
        }
        let claimed = self.change(player, AccountChange::Claim { name, password_hash }).await;
        reserved.keep_until_durable();
        claimed.map(drop)
    }
}

/// Goes on with `work` even if nobody waits for it any more. A client that resets its connection drops its request's
/// future: between the message to the player's actor and [`ReservedName::keep_until_durable`] that would give the name
/// back too early, and whoever takes it then breaks a key of the store.
///
/// [`ReservedName::keep_until_durable`]: super::directory::ReservedName::keep_until_durable
async fn to_the_end<T: 'static>(
    work: impl Future<Output = Result<T, AccountError>> + 'static,
) -> Result<T, AccountError> {
    actix::spawn(work).await.unwrap_or(Err(AccountError::StorageUnavailable))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::actors::testing;
    use crate::config::{Config, StoreConfig};
    use crate::store::memory::MemoryStore;

    struct Fixture {
        store: Arc<MemoryStore>,
        node: Arc<Node>,
        accounts: Accounts,
    }

    impl Fixture {
        /// Nothing becomes durable before [`Self::flush`].
        async fn new() -> Self {
            let store = StoreConfig { flush_delay_ms: 600_000, ..StoreConfig::default() };
            let config = Config { store, ..Config::default() };
            let store = Arc::new(MemoryStore::new());
            let node = testing::node(Arc::clone(&store), testing::catalog(), config).await;
            Self { store, accounts: Accounts::new(Arc::clone(&node)), node }
        }

        async fn create(&self, name: &str) -> Result<(PlayerId, String), AccountError> {
            self.accounts.create(name.to_owned(), Some("hash".to_owned())).await
        }

        /// Polls a request once and drops it, then waits for the commit it causes.
        async fn reset(&self, request: impl Future, commit: u64) {
            tokio::select! {
                biased;
                _ = request => unreachable!("nothing is durable yet"),
                () = std::future::ready(()) => {}
            }
            while self.node.persister.last_enqueued() < commit {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }

        async fn flush(&self) {
            self.node.persister.flush().await.unwrap();
        }

        /// Waits until nobody holds the name.
        async fn given_back(&self, name: &str) {
            while Directory::reserve_name(&self.node, name_key(name)).is_none() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    #[actix_web::test]
    async fn a_registration_that_nobody_waits_for_keeps_its_name() {
        let test = Fixture::new().await;
        test.reset(test.create("Ada"), 1).await;
        assert!(matches!(test.create("ADA").await, Err(AccountError::NameTaken)));
        test.flush().await;
        test.given_back("Ada").await;
        assert!(matches!(test.create("ada").await, Err(AccountError::NameTaken)));
        assert_eq!(test.accounts.find("Ada").await.unwrap().unwrap().name, "Ada");
        assert_eq!(test.store.written().len(), 1);
    }

    #[actix_web::test]
    async fn a_claim_that_nobody_waits_for_keeps_its_name() {
        let test = Fixture::new().await;
        test.reset(test.accounts.create("Guest".to_owned(), None), 1).await;
        test.flush().await;
        let guest = test.accounts.find("Guest").await.unwrap().unwrap().player;
        test.reset(test.accounts.claim(guest, "Grace".to_owned(), "hash".to_owned()), 2).await;
        assert!(matches!(test.create("GRACE").await, Err(AccountError::NameTaken)));
        test.flush().await;
        test.given_back("Grace").await;
        assert_eq!(test.accounts.find("grace").await.unwrap().unwrap().player, guest);
        assert_eq!(test.store.written().len(), 2);
    }
}
