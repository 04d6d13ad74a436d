//! What operators do without a running server, or beside one: migrate, token, export.

use std::sync::Arc;

use actix::System;
use anyhow::{Context as _, bail};

use crate::cli::print;
use crate::config::{Config, LoadedConfig};
use crate::game::account::Account;
use crate::gateway::auth::{SigningKey, sign_for, sign_for_operator};
use crate::store::record::name_key;
use crate::store::{self, Store};

/// Brings the store's tables up to date.
///
/// # Errors
/// The store cannot be opened, or another server is using it.
pub fn migrate(loaded: LoadedConfig) -> anyhow::Result<()> {
    System::new().block_on(async {
        let config = loaded.config;
        super::install_tls_provider();
        super::make_folder(&config.server.data)?;
        let store = store::open(&config.store, &config.server.data)?;
        let epoch = store.claim().await.context("failed to take possession of the store")?;
        store.release().await;
        print(&format!("the store is up to date (epoch {epoch})\n"))
    })
}

/// Prints an access token for the player with this name.
///
/// # Errors
/// There is no such player, or the store or the signing key cannot be read.
pub fn token(loaded: LoadedConfig, name: &str) -> anyhow::Result<()> {
    System::new().block_on(async {
        let config = loaded.config;
        let found = reading(&config)?.account_by_name(&name_key(name)).await?;
        let Some((player, record)) = found else { bail!("there is no player named {name:?}") };
        let account = Account::from(record);
        let key = SigningKey::open(&config.auth, &config.server.data)?;
        print(&format!("{}\n", sign_for(&key, &config.auth, player, &account.name)?))
    })
}

/// Prints an access token for an operator. The name is for the log; operators have no account.
///
/// # Errors
/// The signing key cannot be read.
pub fn operator_token(loaded: LoadedConfig, name: &str) -> anyhow::Result<()> {
    let config = loaded.config;
    let key = SigningKey::open(&config.auth, &config.server.data)?;
    print(&format!("{}\n", sign_for_operator(&key, &config.auth, name)?))
}

/// Prints what is stored, as JSON; of a live store too.
///
/// # Errors
/// The store cannot be read.
pub fn export(loaded: LoadedConfig) -> anyhow::Result<()> {
    System::new().block_on(async {
        let export = reading(&loaded.config)?.export().await?;
        print(&format!("{}\n", serde_json::to_string_pretty(&export)?))
    })
}

fn reading(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    super::install_tls_provider();
    Ok(store::open_for_reading(&config.store, &config.server.data)?)
}
