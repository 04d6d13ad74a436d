//! What operators do without a running server, or beside one: migrate, token, export, audit.

use std::sync::Arc;

use actix::System;
use anyhow::{Context as _, bail};

use crate::actors::auditor::{Audit, Report};
use crate::actors::node::now;
use crate::cli::print;
use crate::config::{Config, LoadedConfig};
use crate::game::Rule;
use crate::game::account::Account;
use crate::gateway::auth::{SigningKey, sign_for, sign_for_operator};
use crate::store::record::name_key;
use crate::store::{self, AuditScope, Store};
use uuid::Uuid;

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

/// What the command line shows a running server's console to ask how it is: good for a minute.
///
/// # Errors
/// The signing key cannot be read.
pub(crate) fn operators_pass(config: &Config) -> anyhow::Result<String> {
    let key = SigningKey::open(&config.auth, &config.server.data)?;
    Ok(key.pass_key().issue(now()))
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

/// Compares what is stored with the ledger, of a live store too, and prints what was found.
///
/// # Errors
/// The store or the catalogue cannot be read, or ledger and states differ.
pub fn audit(loaded: LoadedConfig, json: bool) -> anyhow::Result<()> {
    System::new().block_on(async {
        let catalog = super::load_catalog(&loaded.config)?;
        let facts = reading(&loaded.config)?.audit(AuditScope::Everything).await?;
        let mut audit = Audit::default();
        let _ = audit.take_in(facts, &Rule { catalog: &catalog, now: now(), fresh: Uuid::now_v7() });
        let report = audit.report();
        print(&if json { format!("{}\n", serde_json::to_string_pretty(&report)?) } else { as_text(&report) })?;
        if report.balanced { Ok(()) } else { Err(OutOfBalance(report.finding_count()).into()) }
    })
}

/// An audit has found something.
#[derive(Debug, thiserror::Error)]
#[error("the books do not balance: {0} findings")]
pub(crate) struct OutOfBalance(usize);

fn as_text(report: &Report) -> String {
    let Report { accounts, last_row, transfers, money_supply, .. } = report;
    let verdict = if report.balanced { "the books balance" } else { "the books do not balance" };
    let mut text = format!(
        "{verdict}: {accounts} accounts, ledger up to row {last_row}, {transfers} transfers under way, \
         {money_supply} credits in all\n"
    );
    for line in report.lines() {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn reading(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    super::install_tls_provider();
    Ok(store::open_for_reading(&config.store, &config.server.data)?)
}
