//! The auditor: compares what is stored with the ledger, again and again while the server runs, and says what differs.
//!
//! Owns the balances as far as it has read the ledger. It reads the store and nothing else: each commit is one
//! transaction, so what is stored is consistent at any moment, whatever the actors are about to do. The first time it
//! reads everything; then new ledger rows and whoever they name, and besides some of the players who rest, in turn. It
//! never writes, and a failure to read is only tried again the next time.

mod audit;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinError;
use tokio::time::MissedTickBehavior;

use super::node::{Node, now};
use crate::store::AuditFacts;

pub use audit::{Audit, Report, Unreadable};

/// How many of the players who rest are looked at each time. With the default of 30 s, 100,000 players take 25 minutes.
pub const RESTING_MAX: usize = 2_000;

/// Audits for ever, every `audit.every_ms`; returns at once when that is 0. To be spawned once.
pub async fn keep_auditing(node: Arc<Node>) {
    let every = Duration::from_millis(node.config.audit.every_ms);
    if every.is_zero() {
        return;
    }
    let mut timer = tokio::time::interval(every);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut audit = Audit::default();
    loop {
        timer.tick().await;
        let (began, at) = (Instant::now(), now());
        match node.store.audit(audit.scope(RESTING_MAX)).await {
            Ok(facts) => match compare(&node, audit, facts).await {
                Some(compared) => audit = compared,
                None => {
                    audit = Audit::default();
                    continue;
                }
            },
            Err(error) => {
                tracing::warn!(error = %error, "the audit failed to read; it is tried again");
                node.metrics.store_errors.inc();
                continue;
            }
        }
        let report = audit.report();
        node.only.auditor.handled("audit", began);
        node.metrics.audit_runs.inc();
        node.metrics.audit_seconds.observe(began.elapsed().as_secs_f64());
        node.metrics.audit_differences.set(i64::try_from(report.finding_count()).unwrap_or(i64::MAX));
        node.metrics.money_supply_credits.set(report.money_supply);
        // Behind the figures that are of this time.
        node.metrics.audit_last_timestamp_seconds.set(i64::try_from(at.0 / 1_000).unwrap_or(i64::MAX));
    }
}

/// On a thread of its own: the first time this is everybody. `None`: it failed, and has found out nothing.
async fn compare(node: &Arc<Node>, mut audit: Audit, facts: AuditFacts) -> Option<Audit> {
    let ruling = Arc::clone(node);
    let comparing = tokio::task::spawn_blocking(move || {
        for finding in audit.take_in(facts, &ruling.rule()) {
            tracing::error!(finding = %finding, "the books do not balance");
        }
        audit
    });
    // A state that makes its rules panic must not end the audits: they begin anew.
    let failed = |error: &JoinError| tracing::error!(error = %error, "the audit failed to compare; it begins anew");
    comparing.await.inspect_err(failed).ok()
}
