//! `[console]`: the operators' console, its listener and who may come in.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::check::{Broken, Range};

/// The operators' console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleConfig {
    /// Where operators connect. Port 0 takes a free one; empty: there is no console.
    pub listen: String,
    /// Whether cookies are for HTTPS only. To be switched on behind a proxy that speaks TLS; the production profile asks
    /// for it.
    pub secure_cookies: bool,
    /// How long an operator may do nothing before being logged out, in seconds. Every request counts as use. 60 to 86,400.
    pub idle_seconds: u64,
    /// How long a log-in is good at most, in seconds. 300 to 604,800.
    pub session_seconds: u64,
    /// Failed log-ins in a row until an account is locked for the network that they come from; after ten times as many,
    /// from all networks together, it is locked for everybody. 3 to 100.
    pub lock_after_failures: u32,
    /// How long an account stays locked, in seconds. 1 to 86,400.
    pub lock_seconds: u64,
    /// Log-ins per address and minute; of IPv6 per network of 64 bits. 1 to 1,000,000.
    pub logins_per_address: u32,
    /// With `admin_password`: the first admin, made at a start when there is no operator yet. Empty: none is made.
    pub admin_name: String,
    /// The first admin's password.
    pub admin_password: String,
}

impl Default for ConsoleConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8081".to_owned(),
            secure_cookies: false,
            idle_seconds: 1_800,
            session_seconds: 43_200,
            lock_after_failures: 5,
            lock_seconds: 900,
            logins_per_address: 20,
            admin_name: String::new(),
            admin_password: String::new(),
        }
    }
}

impl ConsoleConfig {
    /// The ranges of whole numbers, both ends included, by key.
    pub(super) const RANGES: &'static [Range] = &[
        ("idle_seconds", 60, 86_400),
        ("session_seconds", 300, 604_800),
        ("lock_after_failures", 3, 100),
        ("lock_seconds", 1, 86_400),
        ("logins_per_address", 1, 1_000_000),
    ];

    /// Where to listen; `None`: nowhere.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }

    /// The rules that are not ranges.
    pub(super) fn validate(&self, broken: &mut Broken) {
        if !self.listen.is_empty() && self.address().is_none() {
            broken.add("console.listen", "must be an address such as \"127.0.0.1:8081\", or empty for no console");
        }
        if self.admin_name.is_empty() != self.admin_password.is_empty() {
            broken.add("console.admin_name", "must be given together with console.admin_password");
        }
    }
}
