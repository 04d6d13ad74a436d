//! What players have reported, and what operators have made of it. The reports are a log that players' actors write; what
//! became of one is a small value of the console's state, which this owns. A report without such a value is open.

use std::sync::Arc;

use orrery_core::types::{ErrorCode, Millis, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::asks::understood;
use super::audit::Deed;
use super::chat::Stream;
use super::node::{Node, now};
use super::operation::{NotDone, Operation, Outcome, durable};
use crate::store::{LogRow, Row, Versioned, Write};

/// What the keys of what became of reports begin with.
const PREFIX: &str = "report:";
/// Reports that are looked through for one page: where most are closed, a page of open ones may be short.
const LOOKED_THROUGH_MAX: usize = 1_000;
/// Reports that are read at once.
const READ_AT_ONCE: usize = 100;

/// What an operator thinks of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Nothing was wrong.
    Dismissed,
    /// The player was warned.
    Warned,
    /// The player was muted.
    Muted,
    /// The player was banned.
    Banned,
}

/// What became of a report; as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// `None`: it is open, again.
    pub resolution: Option<Resolution>,
    /// Who decided it last.
    pub by: String,
    /// When.
    pub at_ms: Millis,
    /// Why.
    pub reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum VerdictRecord {
    /// Since 0.3.
    #[serde(rename = "1")]
    V1(Verdict),
}

/// What an operator does with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportChange {
    /// It is dealt with.
    Close(Resolution),
    /// It is not, after all.
    Reopen,
}

/// A report, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// As it was written.
    pub row: LogRow,
    /// What became of it.
    pub verdict: Verdict,
    /// Counts the verdicts; 0: nobody has looked at it.
    pub version: u64,
}

/// Up to `limit` reports before this one, newest first: all, the open ones, or the closed ones. And where the next page
/// begins, which may have more although this one is short.
///
/// # Errors
/// The store does not answer.
pub async fn page(
    node: &Arc<Node>,
    open: Option<bool>,
    before: Option<u64>,
    limit: usize,
) -> Result<(Vec<Report>, Option<u64>), Refusal> {
    let (mut found, mut from, mut looked_through) = (Vec::new(), before, 0);
    loop {
        let rows = node.channels.page(node, Stream::reports(), from, READ_AT_ONCE).await?;
        let is_end = rows.len() < READ_AT_ONCE;
        looked_through += rows.len();
        for row in rows {
            from = Some(row.seq);
            let report = with_verdict(node, row);
            if open.is_none_or(|open| open == report.verdict.resolution.is_none()) {
                found.push(report);
            }
            if found.len() == limit {
                return Ok((found, from.filter(|seq| *seq > 1)));
            }
        }
        if is_end || looked_through >= LOOKED_THROUGH_MAX {
            return Ok((found, from.filter(|_| !is_end)));
        }
    }
}

/// The report with this number.
///
/// # Errors
/// There is none; the store does not answer.
pub async fn find(node: &Arc<Node>, seq: u64) -> Result<Report, Refusal> {
    let page = node.channels.page(node, Stream::reports(), Some(seq.saturating_add(1)), 1).await?;
    let row = page.into_iter().find(|row| row.seq == seq);
    let unknown = || Refusal::new(ErrorCode::NotFound, format!("there is no report {seq}"));
    row.map(|row| with_verdict(node, row)).ok_or_else(unknown)
}

/// Carries out what an operator does with a report.
///
/// # Errors
/// There is no such report, or it is closed or open already; the store does not answer.
pub async fn change(
    node: &Arc<Node>,
    seq: u64,
    change: ReportChange,
    operation: &Operation,
) -> Result<Outcome, NotDone> {
    let report = find(node, seq).await?;
    operation.check_room(node)?;
    if operation.dry_run {
        let (before, after) = (report.verdict, verdict(change, operation));
        check(report.version, &before, &after, operation)?;
        return Ok(Outcome::tried(view(&before), view(&after), report.version, true));
    }
    let mut outcome = None;
    let decide = |old: Option<&Versioned<Value>>| {
        let version = old.map_or(0, |old| old.version);
        let (before, after) = (understood_verdict(old), verdict(change, operation));
        check(version, &before, &after, operation)?;
        let back = match before.resolution {
            Some(resolution) => json!({"kind": "close", "resolution": resolution}),
            None => json!({"kind": "reopen"}),
        };
        // Not the player's name: the audit log is for ever, and the player may be erased.
        let target_name = format!("report {seq}");
        let (action, target) = ("report_resolve", key(seq));
        let (shown, undo) = ((view(&before), view(&after)), Some(back));
        let deed = Deed { action, target, target_name, before: shown.0, after: shown.1, undo, ..Deed::default() };
        let entry = operation.entry(node, deed);
        outcome = Some(Outcome::done(&entry, version + 1));
        // Verdicts have string keys only and always become JSON.
        let record = serde_json::to_value(VerdictRecord::V1(after)).unwrap_or_default();
        Ok((Row::Put(record), vec![Write::Audit(entry)]))
    };
    let changed = node.console_state.change::<NotDone>(&node.persister, &key(seq), decide)?;
    durable(node, changed.commit).await?;
    outcome.ok_or_else(|| Refusal::new(ErrorCode::Internal, "nothing was decided").into())
}

fn check(version: u64, before: &Verdict, after: &Verdict, operation: &Operation) -> Result<(), NotDone> {
    operation.check_version(version)?;
    match (before.resolution, after.resolution) {
        (Some(_), Some(_)) => Err(Refusal::new(ErrorCode::Committed, "the report is closed: reopen it first").into()),
        (None, None) => Err(Refusal::new(ErrorCode::Committed, "the report is open").into()),
        _ => Ok(()),
    }
}

fn verdict(change: ReportChange, operation: &Operation) -> Verdict {
    let resolution = match change {
        ReportChange::Close(resolution) => Some(resolution),
        ReportChange::Reopen => None,
    };
    Verdict { resolution, by: operation.by.name.clone(), at_ms: now(), reason: operation.reason.clone() }
}

fn view(verdict: &Verdict) -> Value {
    let state = if verdict.resolution.is_some() { "closed" } else { "open" };
    json!({"state": state, "resolution": verdict.resolution})
}

fn with_verdict(node: &Node, row: LogRow) -> Report {
    let stored = node.console_state.get(&key(row.seq));
    let (verdict, version) = (understood_verdict(stored.as_ref()), stored.map_or(0, |stored| stored.version));
    Report { row, verdict, version }
}

fn understood_verdict(stored: Option<&Versioned<Value>>) -> Verdict {
    let record = stored.and_then(|stored| understood(stored.record.clone(), "what became of a report"));
    record.map_or_else(Verdict::default, |VerdictRecord::V1(verdict)| verdict)
}

fn key(seq: u64) -> String {
    format!("{PREFIX}{seq}")
}
