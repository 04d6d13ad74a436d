//! Who somebody is: registration, log-in, tokens, guests, and the limits on all of these. Used by the HTTP API and by
//! WebSocket sessions; knows neither. Accounts themselves belong to the actors.

mod access_token;
mod address_limits;
mod error;
mod failure_limit;
mod provider;
mod refresh_token;
mod secret;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use governor::clock::DefaultClock;
use orrery_core::game::account::is_valid_name;
use orrery_core::types::{Millis, PlayerId};
use ring::rand::{SecureRandom as _, SystemRandom};

pub use access_token::Claims;
pub use error::AuthError;
pub use secret::{SecretError, SigningKey};

use self::access_token::AccessTokens;
use self::address_limits::AddressLimits;
use self::failure_limit::FailureLimit;
use self::refresh_token::{FreshSecret, RefreshTokens};
use crate::actors::accounts::{Accounts, FoundAccount};
use crate::config::{AuthConfig, LimitsConfig};
use crate::http::password::Passwords;

/// Characters that nobody mistakes for one another: 32 of them, so that five bits choose one.
const GUEST_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters behind `Guest-`: a million names, so that few are taken.
const GUEST_LETTER_COUNT: usize = 5;
/// The shortest and the longest password, in characters. NIST SP 800-63B asks for 8 and at least 64.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// What counts of a name that no account has, so that long ones take no room.
const UNKNOWN_NAME_CHARS_MAX: usize = 32;

/// What a player holds after a log-in. Both tokens are secrets: they are in no log, and `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
pub struct Tokens {
    /// Who.
    pub player: PlayerId,
    /// The player's name.
    pub name: String,
    /// Says who one is, for minutes.
    pub access_token: String,
    /// Gets the next access token and the next of its own kind; good until that one is used.
    pub refresh_token: String,
    /// How long the access token is good, in seconds.
    pub expires_in: u64,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("player", &self.player).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Knows who somebody is. Cheap to clone; usable from any thread.
#[derive(Clone)]
pub struct Auth(Arc<Parts>);

struct Parts {
    accounts: Accounts,
    passwords: Passwords,
    access: AccessTokens,
    refresh: RefreshTokens,
    refresh_seconds: u64,
    addresses: AddressLimits,
    failures: FailureLimit,
}

impl Auth {
    /// For the accounts given. To be made once: the limits count in here.
    #[must_use]
    pub fn new(
        accounts: Accounts,
        passwords: Passwords,
        key: &SigningKey,
        auth: &AuthConfig,
        limits: &LimitsConfig,
    ) -> Self {
        Self(Arc::new(Parts {
            accounts,
            passwords,
            access: AccessTokens::new(key, auth.access_seconds),
            refresh: RefreshTokens::new(key),
            refresh_seconds: auth.refresh_seconds,
            addresses: AddressLimits::new(limits, DefaultClock::default()),
            failures: FailureLimit::new(limits.login_failures_per_account),
        }))
    }

    /// Makes an account with a name and a password, and logs in.
    ///
    /// # Errors
    /// [`AuthError`]: a rule of names or passwords, a taken name, a limit, or a failure behind.
    pub async fn register(&self, address: IpAddr, name: String, password: String) -> Result<Tokens, AuthError> {
        check_name(&name)?;
        check_password(&password)?;
        self.0.addresses.registration(address)?;
        let hash = self.0.passwords.hash(password).await?;
        let (player, name) = self.0.accounts.create(name, Some(hash)).await?;
        self.open(player, name).await
    }

    /// Logs in with name and password.
    ///
    /// # Errors
    /// [`AuthError::WrongLogin`], whether the name is unknown or the password wrong; a limit, or a failure behind.
    pub async fn login(&self, address: IpAddr, name: String, password: String) -> Result<Tokens, AuthError> {
        self.0.addresses.login(address)?;
        let found = if is_valid_name(&name) { self.0.accounts.find(&name).await? } else { None };
        let key = failure_key(found.as_ref(), &name);
        self.0.failures.count(&key, Instant::now())?;
        let hash = found.as_ref().and_then(|account| account.password_hash.clone());
        let checked = self.0.passwords.verify(password, hash).await;
        // What was not checked was no guess either.
        if checked != Ok(false) {
            self.0.failures.forgive(&key);
        }
        match (checked?, found) {
            (true, Some(account)) => self.open(account.player, account.name).await,
            _ => Err(AuthError::WrongLogin),
        }
    }

    /// New tokens for a refresh token. It can be repeated when the answer was lost, until the new refresh token is
    /// used; after that the old one ends the log-in.
    ///
    /// # Errors
    /// [`AuthError::Token`] when the token is not good any more; a failure behind.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Tokens, AuthError> {
        let old = self.0.refresh.read(refresh_token).ok_or(AuthError::Token("the refresh token is not valid"))?;
        let next = self.0.refresh.mint(old.player)?;
        let name = self.0.accounts.rotate(old.player, old.family, old.hash, next.hash(), self.refresh_end()).await?;
        self.tokens(old.player, name, old.family, next)
    }

    /// Ends a refresh token's log-in. Whether it was still going on does not matter.
    ///
    /// # Errors
    /// [`AuthError::Token`] when the token never was one of ours; a failure behind.
    pub async fn logout(&self, refresh_token: &str) -> Result<(), AuthError> {
        let token = self.0.refresh.read(refresh_token).ok_or(AuthError::Token("the refresh token is not valid"))?;
        Ok(self.0.accounts.close_family(token.player, token.family).await?)
    }

    /// Gives a guest's account a name and a password. The guest's log-in ends, and a new one begins.
    ///
    /// # Errors
    /// [`AuthError`]: the token, a rule of names or passwords, a taken name, an account that has a password already,
    /// or a failure behind.
    pub async fn claim(&self, access_token: &str, name: String, password: String) -> Result<Tokens, AuthError> {
        let guest = self.verify(access_token)?;
        check_name(&name)?;
        check_password(&password)?;
        // Hashing is dear, so an attempt that does not succeed counts as a failed log-in.
        let key = guest.player.to_string();
        self.0.failures.count(&key, Instant::now())?;
        let hash = self.0.passwords.hash(password).await?;
        self.0.accounts.claim(guest.player, name.clone(), hash).await?;
        self.0.failures.forgive(&key);
        self.0.accounts.close_family(guest.player, guest.family).await?;
        self.open(guest.player, name).await
    }

    /// Makes a guest: an account without a password, under the wanted name or a made-up one. Digits are appended to a
    /// name that is taken.
    ///
    /// # Errors
    /// [`AuthError`]: a rule of names, a limit, or a failure behind.
    pub async fn guest(
        &self,
        address: IpAddr,
        wanted_name: Option<String>,
    ) -> Result<(PlayerId, String, Tokens), AuthError> {
        let wanted = wanted_name.map_or_else(made_up_name, |name| check_name(&name).map(|()| name))?;
        self.0.addresses.registration(address)?;
        let (player, name) = self.0.accounts.create(wanted, None).await?;
        let tokens = self.open(player, name.clone()).await?;
        Ok((player, name, tokens))
    }

    /// Which player an access token is of. Asks nobody: no I/O, no waiting.
    ///
    /// # Errors
    /// [`AuthError::Token`] when it is not valid, has expired, or is an operator's, who is nobody in the game.
    pub fn verify(&self, access_token: &str) -> Result<Claims, AuthError> {
        let claims = self.0.access.verify(access_token)?;
        if claims.operator { Err(AuthError::Token("the access token is an operator's")) } else { Ok(claims) }
    }

    /// The name of the operator that an access token is of.
    ///
    /// # Errors
    /// [`AuthError::Token`] as [`Auth::verify`]; [`AuthError::NotOperator`] when it is a player's.
    pub fn verify_operator(&self, access_token: &str) -> Result<String, AuthError> {
        let claims = self.0.access.verify(access_token)?;
        if claims.operator { Ok(claims.name) } else { Err(AuthError::NotOperator) }
    }

    /// Counts a question of somebody who does not say who it is.
    ///
    /// # Errors
    /// [`AuthError::RateLimited`].
    pub fn anonymous_read(&self, address: IpAddr) -> Result<(), AuthError> {
        self.0.addresses.read(address)
    }

    async fn open(&self, player: PlayerId, name: String) -> Result<Tokens, AuthError> {
        let secret = self.0.refresh.mint(player)?;
        let family = self.0.accounts.open_family(player, secret.hash(), self.refresh_end()).await?;
        self.tokens(player, name, family, secret)
    }

    fn tokens(&self, player: PlayerId, name: String, family: u64, secret: FreshSecret) -> Result<Tokens, AuthError> {
        Ok(Tokens {
            player,
            access_token: self.0.access.issue(Claims { player, name: name.clone(), family, operator: false }, now())?,
            name,
            refresh_token: secret.into_token(player, family),
            expires_in: self.0.access.seconds(),
        })
    }

    fn refresh_end(&self) -> Millis {
        now().plus_seconds(self.0.refresh_seconds)
    }
}

/// An access token for a player who did not log in: for the command line.
///
/// # Errors
/// [`AuthError::Internal`] when signing fails, which HMAC does not.
pub fn sign_for(key: &SigningKey, config: &AuthConfig, player: PlayerId, name: &str) -> Result<String, AuthError> {
    let claims = Claims { player, name: name.to_owned(), family: 0, operator: false };
    AccessTokens::new(key, config.access_seconds).issue(claims, now())
}

/// An access token for an operator: for the command line. The name is for the log only.
///
/// # Errors
/// As [`sign_for`].
pub fn sign_for_operator(key: &SigningKey, config: &AuthConfig, name: &str) -> Result<String, AuthError> {
    let claims = Claims { player: PlayerId(uuid::Uuid::nil()), name: name.to_owned(), family: 0, operator: true };
    AccessTokens::new(key, config.access_seconds).issue(claims, now())
}

/// The wall clock.
fn now() -> Millis {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}

fn check_name(name: &str) -> Result<(), AuthError> {
    let rule = "must have 3 to 24 letters, digits, _ or -, with single spaces between them";
    if is_valid_name(name) { Ok(()) } else { Err(AuthError::Invalid { field: "name", rule }) }
}

fn check_password(password: &str) -> Result<(), AuthError> {
    match PASSWORD_CHARS.contains(&password.chars().count()) {
        true => Ok(()),
        false => Err(AuthError::Invalid { field: "password", rule: "must have 8 to 128 characters" }),
    }
}

/// What failures are counted by. The player's id, since one account answers to several spellings; an unknown name is
/// counted like a known one, so that the limit does not tell them apart.
fn failure_key(found: Option<&FoundAccount>, name: &str) -> String {
    match found {
        Some(account) => account.player.to_string(),
        None => name.chars().take(UNKNOWN_NAME_CHARS_MAX).flat_map(char::to_lowercase).collect(),
    }
}

fn made_up_name() -> Result<String, AuthError> {
    let mut random = [0; GUEST_LETTER_COUNT];
    SystemRandom::new().fill(&mut random).map_err(|_| AuthError::Internal)?;
    let letters = random.map(|byte| char::from(GUEST_LETTERS[usize::from(byte) % GUEST_LETTERS.len()]));
    Ok(format!("Guest-{}", String::from_iter(letters)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_are_valid_and_differ() {
        let (one, other) = (made_up_name().unwrap(), made_up_name().unwrap());
        assert!(is_valid_name(&one) && one.starts_with("Guest-"), "{one}");
        assert_ne!(one, other);
    }

    #[test]
    fn passwords_have_8_to_128_characters() {
        for good in ["x".repeat(8), "ü".repeat(128)] {
            assert_eq!(check_password(&good), Ok(()));
        }
        for bad in ["x".repeat(7), "x".repeat(129), String::new()] {
            assert!(check_password(&bad).is_err());
        }
    }

    #[test]
    fn tokens_are_not_shown() {
        let tokens = Tokens {
            player: PlayerId(uuid::Uuid::nil()),
            name: "Ada".to_owned(),
            access_token: "hunter2".to_owned(),
            refresh_token: "hunter2".to_owned(),
            expires_in: 1,
        };
        assert!(!format!("{tokens:?}").contains("hunter2"));
    }

    #[test]
    fn failures_of_a_known_account_count_together_however_its_name_is_spelt() {
        let found = FoundAccount { player: PlayerId(uuid::Uuid::nil()), name: "Ada".to_owned(), password_hash: None };
        assert_eq!(failure_key(Some(&found), "Ada"), failure_key(Some(&found), "ＡＤＡ"));
        assert_eq!(failure_key(None, "Ada"), failure_key(None, "aDA"));
    }
}
