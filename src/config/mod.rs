//! Settings: one structure per section, each in a file of its own with its defaults, units and ranges.
//!
//! Read once at start and passed on by reference; nothing else reads files or the environment.

mod auth;
mod debug;
mod limits;
mod log;
mod server;
mod session;
mod store;
mod world;

pub use auth::AuthConfig;
pub use debug::DebugConfig;
pub use limits::LimitsConfig;
pub use log::{LogConfig, LogFormat};
pub use server::ServerConfig;
pub use session::SessionConfig;
pub use store::StoreConfig;
pub use world::WorldConfig;

use serde::{Deserialize, Serialize};

/// Every setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses and folders.
    pub server: ServerConfig,
    /// Where and how state is stored.
    pub store: StoreConfig,
    /// Ticks, grid, interest.
    pub world: WorldConfig,
    /// WebSocket sessions.
    pub session: SessionConfig,
    /// Rates.
    pub limits: LimitsConfig,
    /// Tokens and passwords.
    pub auth: AuthConfig,
    /// Logs.
    pub log: LogConfig,
    /// For tests only.
    pub debug: DebugConfig,
}
