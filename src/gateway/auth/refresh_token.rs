//! Refresh tokens: `<player>.<family>.<secret>`. The account keeps a hash of the secret and decides whether it is still
//! good; here it is told whether the token was ever ours.
//!
//! The secret is base64url of 32 random bytes and an HMAC. The HMAC matters because an account ends the log-in when it
//! is shown a token that is not good: without it, anybody who knows a player's id could end that player's log-ins
//! with made-up tokens. The family is not signed, since the account tells its number only when it has the hash.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use orrery_core::game::account::TokenHash;
use orrery_core::types::PlayerId;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{digest, hmac};
use uuid::Uuid;

use super::{AuthError, SigningKey};

const RANDOM_BYTES: usize = 32;
/// Longer texts are not looked at: ids and 64 bytes in base64url take at most 140.
const TEXT_BYTES_MAX: usize = 160;

/// Makes and reads refresh tokens.
pub(super) struct RefreshTokens {
    key: hmac::Key,
    random: SystemRandom,
}

/// A new secret, whose family is not known yet.
pub(super) struct FreshSecret {
    text: String,
    hash: TokenHash,
}

/// A token that was ours once.
pub(super) struct ReadToken {
    pub(super) player: PlayerId,
    pub(super) family: u64,
    pub(super) hash: TokenHash,
}

impl RefreshTokens {
    pub(super) fn new(key: &SigningKey) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key.derive("orrery refresh token"));
        Self { key, random: SystemRandom::new() }
    }

    /// A secret for a player.
    ///
    /// # Errors
    /// [`AuthError::Internal`] when the system has no random numbers.
    pub(super) fn mint(&self, player: PlayerId) -> Result<FreshSecret, AuthError> {
        let mut random = [0; RANDOM_BYTES];
        self.random.fill(&mut random).map_err(|_| AuthError::Internal)?;
        let tag = hmac::sign(&self.key, &signed_part(player, &random));
        let secret = [&random, tag.as_ref()].concat();
        Ok(FreshSecret { text: BASE64.encode(&secret), hash: hash_of(&secret) })
    }

    /// What a token says, if it was ever ours.
    pub(super) fn read(&self, token: &str) -> Option<ReadToken> {
        if token.len() > TEXT_BYTES_MAX {
            return None;
        }
        let (player, rest) = token.split_once('.')?;
        let (family, secret) = rest.split_once('.')?;
        let (player, family) = (PlayerId(Uuid::try_parse(player).ok()?), family.parse().ok()?);
        let secret = BASE64.decode(secret).ok()?;
        let (random, tag) = secret.split_at_checked(RANDOM_BYTES)?;
        hmac::verify(&self.key, &signed_part(player, random), tag).ok()?;
        Some(ReadToken { player, family, hash: hash_of(&secret) })
    }
}

impl FreshSecret {
    /// What the account keeps.
    pub(super) fn hash(&self) -> TokenHash {
        self.hash
    }

    /// The whole token.
    pub(super) fn into_token(self, player: PlayerId, family: u64) -> String {
        format!("{}.{family}.{}", player.0.simple(), self.text)
    }
}

fn signed_part(player: PlayerId, random: &[u8]) -> Vec<u8> {
    [player.0.as_bytes(), random].concat()
}

fn hash_of(secret: &[u8]) -> TokenHash {
    let mut hash = TokenHash::default();
    hash.copy_from_slice(digest::digest(&digest::SHA256, secret).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: PlayerId = PlayerId(Uuid::from_u128(7));

    fn tokens() -> RefreshTokens {
        RefreshTokens::new(&SigningKey::from_secret("a test's secret"))
    }

    #[test]
    fn a_token_reads_as_it_was_made() {
        let secret = tokens().mint(ADA).unwrap();
        let hash = secret.hash();
        let token = secret.into_token(ADA, 3);
        assert!(token.starts_with("00000000000000000000000000000007.3."));
        let read = tokens().read(&token).unwrap();
        assert_eq!((read.player, read.family, read.hash), (ADA, 3, hash));
    }

    #[test]
    fn no_two_are_the_same() {
        assert_ne!(tokens().mint(ADA).unwrap().hash(), tokens().mint(ADA).unwrap().hash());
    }

    #[test]
    fn tokens_that_were_never_ours_are_not_read() {
        let token = tokens().mint(ADA).unwrap().into_token(ADA, 3);
        let others = token.replacen('7', "8", 1);
        let made_up = format!("{}.1.{}", ADA.0.simple(), BASE64.encode([0; 80]));
        let forged = RefreshTokens::new(&SigningKey::from_secret("another")).mint(ADA).unwrap();
        let texts = [others, made_up, forged.into_token(ADA, 1), "x".repeat(1_000)];
        for text in texts.iter().map(String::as_str).chain(["", ".", "..", "a.b.c", &token[..token.len() - 8]]) {
            assert!(tokens().read(text).is_none(), "{text}");
        }
    }
}
