//! `[auth]`: tokens and passwords.

use serde::{Deserialize, Serialize};

use super::check::{Broken, Range};

/// A shorter secret could be guessed from one token.
const SECRET_CHARS_MIN: usize = 32;

/// Tokens and passwords.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// Signs access tokens; at least 32 characters. Empty: one is made at the first start and kept in `server.data`.
    pub secret: String,
    /// How long an access token is good, in seconds. 10 to 86,400.
    pub access_seconds: u64,
    /// How long a refresh token is good, in seconds. 60 to 31,536,000.
    pub refresh_seconds: u64,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self { secret: String::new(), access_seconds: 900, refresh_seconds: 30 * 86_400 }
    }
}

impl AuthConfig {
    /// The ranges of whole numbers, both ends included, by key.
    pub(super) const RANGES: &'static [Range] = &[("access_seconds", 10, 86_400), ("refresh_seconds", 60, 31_536_000)];

    /// The rules that are not ranges.
    pub(super) fn validate(&self, broken: &mut Broken) {
        let chars = self.secret.chars().count();
        if (1..SECRET_CHARS_MIN).contains(&chars) {
            broken.add("auth.secret", format!("must have at least {SECRET_CHARS_MIN} characters, or be empty"));
        }
    }
}
