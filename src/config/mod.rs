//! Settings: one structure per section, each in a file of its own with its defaults, units and ranges.
//!
//! Read once at start ([`load`]) and passed on by reference; nothing else reads files or the environment.
//!
//! To add a setting: a field with default, unit and range in its section's file, a line in its `RANGES`, and a line in
//! `config/orrery.toml` (a test compares them).

mod audit;
mod auth;
mod check;
mod console;
mod debug;
mod fault;
mod limits;
mod load;
mod log;
mod masked;
mod production;
mod server;
mod session;
mod store;
mod telemetry;
mod world;

pub use audit::AuditConfig;
pub use auth::AuthConfig;
pub use console::ConsoleConfig;
pub use debug::DebugConfig;
pub use fault::{ConfigError, Fault, Source};
pub use limits::LimitsConfig;
pub use load::{LoadedConfig, USUAL_FILE, load, load_from};
pub use log::{LogConfig, LogFormat};
pub use masked::masked;
pub use server::{Profile, ServerConfig};
pub use session::SessionConfig;
pub use store::StoreConfig;
pub use telemetry::TelemetryConfig;
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
    /// The operators' console.
    pub console: ConsoleConfig,
    /// The auditor.
    pub audit: AuditConfig,
    /// Logs.
    pub log: LogConfig,
    /// Traces.
    pub telemetry: TelemetryConfig,
    /// For tests only.
    pub debug: DebugConfig,
}
