//! Passwords: Argon2id with the crate's default cost (19 MiB, two passes; 29 ms of one core).
//!
//! That much work must neither stop a worker thread nor be a lever for whoever sends many log-ins, so it runs on the
//! blocking pool, for few callers at once, behind a queue with an end. Players and operators take turns at it, but each wait
//! in places of their own: a crowd of players does not keep operators out.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, generate_salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

/// Hashes computed at once: two cores' worth, 38 MiB that are kept. Memory that is asked for anew each time stays with the
/// many threads of the blocking pool instead, 19 MiB each.
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
    /// What is worked in; at most one for each that runs.
    blocks: Arc<Mutex<Vec<Vec<Block>>>>,
    callers: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
            blocks: Arc::default(),
            callers: Arc::new(Semaphore::new(CALLERS_MAX)),
        }
    }

    /// The same cores, and places to wait that are not shared.
    #[must_use]
    pub(crate) fn with_own_places(&self) -> Self {
        Self { callers: Arc::new(Semaphore::new(CALLERS_MAX)), ..self.clone() }
    }

    /// The password's hash in PHC form, with a fresh salt.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait already.
    pub(crate) async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let hash = self.run(move |blocks| hash_now(&password, blocks)).await?;
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
        Ok(self.run(move |blocks| verify_now(&password, &hash, blocks)).await? && known)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.callers).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(|_| PasswordError::Failed)?;
        let kept = Arc::clone(&self.blocks);
        let task = tokio::task::spawn_blocking(move || {
            // Held by the work, not by the caller: a caller who goes away does not end it.
            let _held = (place, turn);
            let kept = || kept.lock().unwrap_or_else(PoisonError::into_inner);
            let mut blocks = kept().pop().unwrap_or_default();
            let done = work(&mut blocks);
            kept().push(blocks);
            done
        });
        task.await.map_err(|_| PasswordError::Failed)
    }
}

fn hash_now(password: &str, blocks: &mut Vec<Block>) -> Result<String, password_hash::Error> {
    Ok(hash_with(password, Salt::new(&generate_salt())?, &Argon2::default(), blocks)?.to_string())
}

fn verify_now(password: &str, hash: &str, blocks: &mut Vec<Block>) -> bool {
    match hash_again(password, hash, blocks) {
        Ok(fits) => fits,
        Err(error) => {
            tracing::error!(%error, "a stored password hash cannot be read");
            false
        }
    }
}

/// Whether the password comes to this hash. Hashes are compared in a time that does not depend on them.
fn hash_again(password: &str, hash: &str, blocks: &mut Vec<Block>) -> Result<bool, password_hash::Error> {
    let hash = PasswordHash::new(hash)?;
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(Algorithm::try_from(hash.algorithm.as_str())?, version, Params::try_from(&hash)?);
    let (Some(salt), Some(output)) = (hash.salt, hash.hash) else { return Err(password_hash::Error::EncodingInvalid) };
    Ok(hash_with(password, salt, &argon2, blocks)?.hash == Some(output))
}

/// What `argon2` comes to, worked out in these blocks: the crate's own way asks for new ones each time.
fn hash_with(
    password: &str,
    salt: Salt,
    argon2: &Argon2<'_>,
    blocks: &mut Vec<Block>,
) -> Result<PasswordHash, password_hash::Error> {
    let params = argon2.params();
    blocks.resize(params.block_count(), Block::default());
    let mut output = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    argon2.hash_password_into_with_memory(password.as_bytes(), salt.as_ref(), &mut output, blocks)?;
    Ok(PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(params)?,
        salt: Some(salt),
        hash: Some(Output::new(&output)?),
    })
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordHasher, PasswordVerifier};

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
    fn hashes_are_those_of_the_crate_in_blocks_that_are_used_again() {
        let mut blocks = Vec::new();
        for password in ["correct horse", "battery staple"] {
            let ours = hash_now(password, &mut blocks).unwrap();
            Argon2::default().verify_password(password.as_bytes(), &PasswordHash::new(&ours).unwrap()).unwrap();
            let theirs = Argon2::default().hash_password(password.as_bytes()).unwrap().to_string();
            assert!(verify_now(password, &theirs, &mut blocks));
            assert!(!verify_now("else", &theirs, &mut blocks));
        }
        // Made with other parameters.
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let theirs = cheap.hash_password(b"correct horse").unwrap().to_string();
        assert!(verify_now("correct horse", &theirs, &mut blocks));
    }

    #[tokio::test]
    async fn many_callers_share_the_blocks_of_those_who_run() {
        let passwords = Passwords::new();
        let all = (0..12).map(|_| passwords.verify("correct horse".to_owned(), None));
        for found in futures_util::future::join_all(all).await {
            assert!(!found.unwrap());
        }
        assert!(passwords.blocks.lock().unwrap().len() <= RUNNING_MAX);
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_a_real_one() {
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        let real = hash_now("correct horse", &mut Vec::new()).unwrap();
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
