//! Operators made without the console: `orrery admin …`, which needs a store that no server has, and the first admin
//! whom the settings name.

use std::sync::Arc;

use actix::System;
use anyhow::{Context as _, anyhow, bail};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::actors::node::Node;
use crate::actors::operators::{self, Account, Adjust, Create, List, OperatorError};
use crate::cli::print;
use crate::config::LoadedConfig;
use crate::game::operator::{Adjustment, OperatorRefusal, check_password};
use crate::http::password::Passwords;
use crate::store::StoreError;
use crate::store::record::name_key;
use crate::types::{By, OperatorId, Role};

/// The command line in the audit log.
fn command_line(name: &str) -> By {
    By { operator: OperatorId(Uuid::nil()), name: name.to_owned(), address: "local".to_owned() }
}

/// Makes an operator.
///
/// # Errors
/// Name or password break a rule, the name is taken, or a server has the store.
pub fn create_operator(loaded: LoadedConfig, name: &str, role: Role, password: String) -> anyhow::Result<()> {
    check_password(name, &password).map_err(|rule| anyhow!("the password {rule}"))?;
    with_accounts(loaded, async |node| {
        let reason = "made on the command line".to_owned();
        create(&node, &Passwords::new(), Wanted { name, role, password, reason, only_first: false }).await?;
        print(&format!("{name} is {role}\n"))
    })
}

/// Gives an operator another password, turns its second factor off, unlocks and enables it. Its tokens end.
///
/// # Errors
/// There is no such operator, the password breaks a rule, or a server has the store.
pub fn reset_operator(loaded: LoadedConfig, name: &str, password: String) -> anyhow::Result<()> {
    check_password(name, &password).map_err(|rule| anyhow!("the password {rule}"))?;
    with_accounts(loaded, async |node| {
        let account = find(&node, name).await?.with_context(|| format!("there is no operator named {name:?}"))?;
        let hash = Passwords::new().hash(password).await?;
        for adjustment in [Adjustment::Password(hash), Adjustment::ClearTotp, Adjustment::Enable] {
            let adjust = Adjust {
                by: command_line("command line"),
                operator: account.id,
                adjustment,
                expected: None,
                reason: "reset on the command line".to_owned(),
                dry_run: false,
                undoes: None,
            };
            match node.operators.ask(adjust).await {
                // What is so already needs no change.
                Ok(_) | Err(OperatorError::Refused(OperatorRefusal::NoChange)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        print(&format!("{name} has another password, no second factor and no tokens\n"))
    })
}

async fn find(node: &Node, name: &str) -> Result<Option<Account>, OperatorError> {
    let accounts = node.operators.ask(List).await?;
    Ok(accounts.into_iter().find(|account| name_key(&account.operator.name) == name_key(name)))
}

/// An operator to be made.
struct Wanted<'a> {
    name: &'a str,
    role: Role,
    password: String,
    reason: String,
    only_first: bool,
}

async fn create(node: &Node, passwords: &Passwords, wanted: Wanted<'_>) -> anyhow::Result<()> {
    let Wanted { name, role, password, reason, only_first } = wanted;
    let hash = passwords.hash(password).await?;
    let by = command_line(if only_first { "settings" } else { "command line" });
    let create = Create { by, name: name.to_owned(), role, hash, reason, dry_run: false, only_first };
    node.operators.ask(create).await?;
    Ok(())
}

/// Makes the admin whom the settings name when there is no operator yet.
///
/// # Errors
/// Name or password break a rule, or the store does not answer.
pub(super) async fn make_first(node: &Node, passwords: &Passwords) -> anyhow::Result<()> {
    let console = &node.config.console;
    if console.admin_name.is_empty() || !node.operators.ask(List).await?.is_empty() {
        return Ok(());
    }
    let (name, password) = (console.admin_name.as_str(), console.admin_password.clone());
    check_password(name, &password).map_err(|rule| anyhow!("console.admin_password: {rule}"))?;
    let reason = "the first admin, as console.admin_name says".to_owned();
    let wanted = Wanted { name, role: Role::Admin, password, reason, only_first: true };
    create(node, passwords, wanted).await.context("console.admin_name: failed to make the first admin")?;
    tracing::info!("the first admin was made, as console.admin_name says");
    Ok(())
}

/// Does something to the accounts, with the store to itself.
fn with_accounts<W>(loaded: LoadedConfig, work: W) -> anyhow::Result<()>
where
    W: AsyncFnOnce(Arc<Node>) -> anyhow::Result<()>,
{
    System::new().block_on(async {
        super::install_tls_provider();
        let config = Arc::new(loaded.config);
        let catalog = Arc::new(super::load_catalog(&config)?);
        let (failed, failure) = oneshot::channel();
        let node = super::start_node(&config, catalog, failed).await.map_err(explained)?;
        operators::start(&node);
        let done = tokio::select! {
            done = work(Arc::clone(&node)) => done,
            failure = failure => match failure {
                Ok(error) => Err(anyhow!(error)),
                Err(_) => bail!("the persister ended"),
            },
        };
        let stored = node.persister.shutdown().await;
        node.store.release().await;
        done.and(stored.map_err(|gone| anyhow!(gone)))
    })
}

/// Says what to do about a store that a server has.
fn explained(error: anyhow::Error) -> anyhow::Error {
    let in_use = error.chain().any(|cause| matches!(cause.downcast_ref(), Some(StoreError::InUse(_))));
    if in_use { error.context("a running server has the store: use its console, or stop it first") } else { error }
}
