//! Secrets that are made here: ids of sessions, tokens, recovery codes. They are random and long, so a plain hash of
//! them is all that is kept.

use orrery_core::game::operator::SecretHash;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::messages::OperatorError;

/// Bytes of a session's id and of a token.
const SECRET_BYTES: usize = 32;
/// What a token begins with, so that people and scanners know one when they see it.
pub const TOKEN_PREFIX: &str = "orrery_";
/// Bytes of a recovery code: 80 bits, 16 letters.
const RECOVERY_BYTES: usize = 10;
/// The alphabet of RFC 4648's base32.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A fresh secret as text.
///
/// # Errors
/// The system has no random numbers.
pub fn fresh() -> Result<String, OperatorError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<SECRET_BYTES>()?))
}

/// A fresh token for programs.
///
/// # Errors
/// As [`fresh`].
pub fn fresh_token() -> Result<String, OperatorError> {
    Ok(format!("{TOKEN_PREFIX}{}", fresh()?))
}

/// A fresh recovery code: four groups of four letters.
///
/// # Errors
/// As [`fresh`].
pub fn fresh_recovery_code() -> Result<String, OperatorError> {
    let letters = base32(&random::<RECOVERY_BYTES>()?);
    let groups: Vec<&str> = (0..letters.len()).step_by(4).map(|at| &letters[at..(at + 4).min(letters.len())]).collect();
    Ok(groups.join("-"))
}

/// Random bytes.
///
/// # Errors
/// As [`fresh`].
pub fn random<const N: usize>() -> Result<[u8; N], OperatorError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        tracing::error!("the system has no random numbers");
        OperatorError::Busy
    })?;
    Ok(bytes)
}

/// What is kept of a secret.
#[must_use]
pub fn hash(secret: &str) -> SecretHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    hash
}

/// What is kept of a recovery code, however it is typed.
#[must_use]
pub fn hash_code(code: &str) -> SecretHash {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    hash(&letters)
}

/// Bytes in base32, without padding.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let mut group = [0; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        for letter in 0..(chunk.len() * 8).div_ceil(5) {
            let at = usize::try_from((bits >> (35 - 5 * letter)) & 31).unwrap_or_default();
            text.push(char::from(BASE32[at]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_recovery_code_is_the_same_however_it_is_typed() {
        let code = fresh_recovery_code().unwrap();
        assert_eq!(code.len(), 19, "{code}");
        assert_eq!(hash_code(&code), hash_code(&format!(" {} ", code.replace('-', "").to_lowercase())));
        assert_ne!(code, fresh_recovery_code().unwrap());
    }
}
