//! `[auth]`: tokens and passwords.

use serde::{Deserialize, Serialize};

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
