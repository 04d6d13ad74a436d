//! What an operator does, on its way to whoever owns the thing: who, why, on which version, and whether it is only tried.
//! The owner decides, makes the audit entry, and puts it into the change's own commit; who asked waits until that is
//! durable.

use std::time::Duration;

use orrery_core::types::{AuditEntry, By, ErrorCode, Refusal};
use serde_json::Value;

use super::audit::Deed;
use super::node::Node;

/// An operator's order.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Who gave it.
    pub by: By,
    /// Why, in the operator's words.
    pub reason: String,
    /// Only tell what would happen.
    pub dry_run: bool,
    /// The version that it was decided on, where there is one.
    pub expected: Option<u64>,
    /// The audit entry that it takes back.
    pub undoes: Option<u64>,
}

/// What an order has done, or would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What it was, as far as it changes.
    pub before: Value,
    /// What it becomes.
    pub after: Value,
    /// The version afterwards; the one that holds, when it was only tried.
    pub version: u64,
    /// The audit entry; none when it was only tried.
    pub audit: Option<u64>,
    /// Whether it can be undone.
    pub can_undo: bool,
}

/// Why an order was not carried out. Nothing has changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotDone {
    /// It was decided on another version than the one that holds.
    #[error("it was changed since: its version is {0}")]
    Changed(u64),
    /// Everything is as it should become.
    #[error("nothing would change")]
    Nothing,
    /// A rule refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Operation {
    /// Whether the thing still has the version that the order was decided on.
    ///
    /// # Errors
    /// [`NotDone::Changed`].
    pub fn check_version(&self, current: u64) -> Result<(), NotDone> {
        match self.expected {
            Some(expected) if expected != current => Err(NotDone::Changed(current)),
            _ => Ok(()),
        }
    }

    /// Whether what it changes can be stored now.
    ///
    /// # Errors
    /// Too much waits to be.
    pub fn check_room(&self, node: &Node) -> Result<(), NotDone> {
        if self.dry_run || node.persister.has_room() {
            return Ok(());
        }
        Err(Refusal::new(ErrorCode::Busy, "too much waits to be stored").into())
    }

    /// The audit entry for it; `deed` says what was done to what. To be put into the change's own commit.
    #[must_use]
    pub fn entry(&self, node: &Node, deed: Deed) -> AuditEntry {
        node.audit.entry(&self.by, Deed { reason: self.reason.clone(), undoes: self.undoes, ..deed })
    }
}

impl Outcome {
    /// It was only tried.
    #[must_use]
    pub fn tried(before: Value, after: Value, version: u64, can_undo: bool) -> Self {
        Self { before, after, version, audit: None, can_undo }
    }

    /// It is done; `entry` is on its way to the audit log.
    #[must_use]
    pub fn done(entry: &AuditEntry, version: u64) -> Self {
        let (before, after) = (entry.before.clone(), entry.after.clone());
        Self { before, after, version, audit: Some(entry.seq), can_undo: entry.undo.is_some() }
    }
}

/// Waits until a commit is durable: an answer before that could be forgotten by a crash.
///
/// # Errors
/// The store does not answer in time; whether the change will be durable is unknown.
pub async fn durable(node: &Node, commit: u64) -> Result<(), NotDone> {
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
    if let Ok(Ok(())) = tokio::time::timeout(patience, node.persister.wait_durable(commit)).await {
        return Ok(());
    }
    let late = "it is done, but the store does not answer: whether it survives a crash is unknown";
    Err(Refusal::new(ErrorCode::StorageUnavailable, late).into())
}
