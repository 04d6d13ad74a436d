//! Passwords: Argon2id with the crate's default cost (19 MiB, two passes; 29 ms of one core).
//!
//! That much work must neither stop a worker thread nor be a lever for whoever sends many log-ins, so it runs on the
//! blocking pool, for few callers at once, behind a queue with an end. Players and operators take turns at it, but each wait
//! in places of their own: a crowd of players does not keep operators out.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Hashes computed at once: two cores' worth, 38 MiB.
const RUNNING_MAX: usize = 2;
/// Callers at once, running or waiting: the last one waits for about a second.
const CALLERS_MAX: usize = 64 + RUNNING_MAX;
/// What unknown names are checked against, so that they take as long as known ones: no password has this hash.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password was neither hashed nor compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait already.
    #[error("the server is busy")]
    Busy,
    /// A fault of ours, which is in the log.
    #[error("the server failed")]
    Failed,
}

/// Hashes and verifies. Usable from any thread; clones share the queue and its places.
#[derive(Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    callers: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { running: Arc::new(Semaphore::new(RUNNING_MAX)), callers: Arc::new(Semaphore::new(CALLERS_MAX)) }
    }

    /// The same cores, and places to wait that are not shared.
    #[must_use]
    pub(crate) fn with_own_places(&self) -> Self {
        Self { running: Arc::clone(&self.running), callers: Arc::new(Semaphore::new(CALLERS_MAX)) }
    }

    /// The password's hash in PHC form, with a fresh salt.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait already.
    pub(crate) async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let hash = self.run(move || hash_now(&password)).await?;
        hash.map_err(|error| {
            tracing::error!(%error, "failed to hash a password");
            PasswordError::Failed
        })
    }

    /// Whether the password has this hash; without a hash the answer is no, after the same time.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait already.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODYS_HASH.to_owned());
        Ok(self.run(move || verify_now(&password, &hash)).await? && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.callers).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(|_| PasswordError::Failed)?;
        let task = tokio::task::spawn_blocking(move || {
            // Held by the work, not by the caller: a caller who goes away does not end it.
            let _held = (place, turn);
            work()
        });
        task.await.map_err(|_| PasswordError::Failed)
    }
}

fn hash_now(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    match PasswordHash::new(hash) {
        Ok(hash) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        Err(error) => {
            tracing::error!(%error, "a stored password hash cannot be read");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("correct horsf".to_owned(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("correct horse".to_owned(), None).await.unwrap());
        assert!(!passwords.verify("correct horse".to_owned(), Some("nonsense".to_owned())).await.unwrap());
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_a_real_one() {
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        let real = hash_now("correct horse").unwrap();
        assert_eq!(cost(&real), cost(NOBODYS_HASH));
        assert_eq!(real.len(), NOBODYS_HASH.len());
        assert!(PasswordHash::new(NOBODYS_HASH).is_ok());
    }

    #[tokio::test]
    async fn too_many_callers_are_told_that_the_server_is_busy() {
        let passwords = Passwords::new();
        let _all = Arc::clone(&passwords.callers).try_acquire_many_owned(CALLERS_MAX as u32).unwrap();
        assert_eq!(passwords.hash("correct horse".to_owned()).await, Err(PasswordError::Busy));
        assert!(passwords.with_own_places().hash("correct horse".to_owned()).await.is_ok(), "not in their way");
    }
}
