//! `[server]`: addresses and folders.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Addresses and folders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
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
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            workers: 0,
            assets: PathBuf::from("assets"),
            data: PathBuf::from("data"),
            shutdown_grace_ms: 5_000,
        }
    }
}
