//! `[server]`: addresses and folders.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::check::{Broken, Range};

/// Whom the server is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Whoever works on it.
    #[default]
    Development,
    /// Strangers: settings that would let them in too far are refused.
    Production,
}

/// Addresses and folders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// `development`, or `production`: then the server does not start with settings that are unsafe among strangers.
    pub profile: Profile,
    /// Where players connect. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// HTTP worker threads; 0: one per core. 0 to 256.
    pub workers: usize,
    /// The folder of catalogue and pages.
    pub assets: PathBuf,
    /// The folder for what the server makes itself: the SQLite file, the signing key.
    pub data: PathBuf,
    /// How long SIGTERM waits for connections to close, in ms. 0 to 60,000.
    pub shutdown_grace_ms: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            profile: Profile::Development,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            workers: 0,
            assets: PathBuf::from("assets"),
            data: PathBuf::from("data"),
            shutdown_grace_ms: 5_000,
        }
    }
}

impl ServerConfig {
    /// The ranges of whole numbers, both ends included, by key.
    pub(super) const RANGES: &'static [Range] = &[("workers", 0, 256), ("shutdown_grace_ms", 0, 60_000)];

    /// The rules that are not ranges.
    pub(super) fn validate(&self, broken: &mut Broken) {
        for (key, folder) in [("server.assets", &self.assets), ("server.data", &self.data)] {
            if folder.as_os_str().is_empty() {
                broken.add(key, "must name a folder; \".\" is the current one");
            }
        }
    }
}
