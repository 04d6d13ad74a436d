//! Placeholder for the composition of the server.

use crate::config::LoadedConfig;

const MISSING: &str = "this part of the server is not there yet";

/// Runs the server.
pub fn serve(_config: LoadedConfig, _bots: usize) -> anyhow::Result<()> {
    anyhow::bail!(MISSING)
}

/// Brings the store up to date.
pub fn migrate(_config: LoadedConfig) -> anyhow::Result<()> {
    anyhow::bail!(MISSING)
}

/// Prints an access token.
pub fn token(_config: LoadedConfig, _player: &str) -> anyhow::Result<()> {
    anyhow::bail!(MISSING)
}

/// Prints what is stored.
pub fn export(_config: LoadedConfig) -> anyhow::Result<()> {
    anyhow::bail!(MISSING)
}
