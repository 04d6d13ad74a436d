//! The keeper of missions: starts them by the catalogue's schedule and for operators, and goes on with those that were
//! running when the server stopped.
//!
//! A scheduled mission is named after its kind and the number of its slot, counted from 1970, so a restart makes no
//! second one. Each mission gets a number larger than those of all before it, by which past ones are listed. At most
//! one actor runs a mission: it is the party of that name in the directory.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use orrery_core::catalog::MissionKind;
use orrery_core::game::mission::Mission;
use orrery_core::game::{Effects, Inspect, PartTable, PartyRules};
use orrery_core::types::economy::mission::MissionView;
use orrery_core::types::{AuditEntry, ErrorCode, Millis, MissionId, MissionKey, Party, Refusal};
use serde_json::{Value, json};

use super::audit::Deed;
use super::node::{Node, now};
use super::operation::{NotDone, Operation, Outcome, durable};
use super::party::Begin;
use crate::store::{Log, LogRow, PartKey, StoreError, Write};

/// How often the schedule is looked at.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// The one stream of the list of past missions.
pub const PAST: &str = "all";

/// The number of the mission that began last.
#[derive(Default)]
pub struct MissionNumbers(AtomicU64);

impl MissionNumbers {
    /// A number larger than every one before, and than those that came in by [`MissionNumbers::seen`]. About the time
    /// in milliseconds, so that it stays below 2^53.
    fn next(&self, now: Millis) -> u64 {
        let next = |last: u64| last.saturating_add(1).max(now.0);
        let update = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(next(last)));
        next(update.unwrap_or_else(|last| last))
    }

    fn seen(&self, number: u64) {
        self.0.fetch_max(number, Ordering::SeqCst);
    }
}

/// Goes on with the missions that are not over. To be called once, at the start, before [`keep_starting`].
///
/// # Errors
/// The store does not answer.
pub async fn restore(node: &Arc<Node>) -> Result<(), StoreError> {
    let past = node.store.read_log(Log::Mission, PAST, None, 1).await?;
    past.iter().for_each(|line| node.missions.seen(line.seq));
    for (key, state) in node.store.parts_with_id(PartTable::Mission, "state").await? {
        match number(node, &key, state) {
            Ok(number) => node.missions.seen(number),
            // Its actor will say so again and again; the others go on.
            Err(reason) => tracing::error!(party = %key.owner, reason, "a mission cannot be read"),
        }
        node.directory.keep_party(node, key.owner);
    }
    Ok(())
}

fn number(node: &Node, key: &PartKey, state: Value) -> Result<u64, String> {
    let mission = Mission::load(&key.owner, vec![(key.table, key.id.clone(), state)], &node.rule())?;
    mission.map(|mission| mission.number()).ok_or_else(|| "it has no state".to_owned())
}

/// Starts missions when their time comes, for ever. To be spawned once.
pub async fn keep_starting(node: Arc<Node>) {
    let mut slots = HashMap::new();
    let mut timer = tokio::time::interval(CHECK_EVERY);
    loop {
        timer.tick().await;
        if let Err(error) = start_due(&node, &mut slots, now()).await {
            node.metrics.store_errors.inc();
            tracing::warn!(error = %error, "the schedule of missions waits for the store");
        }
    }
}

/// Starts the mission of each kind whose slot has begun and that was not started before. `slots`: those that are dealt
/// with.
async fn start_due(node: &Arc<Node>, slots: &mut HashMap<MissionKey, u64>, now: Millis) -> Result<(), StoreError> {
    for kind in node.catalog.missions.values().filter(|kind| kind.every_seconds > 0) {
        let every = kind.every_seconds.saturating_mul(1_000);
        let slot = now.0 / every;
        if slots.get(&kind.key) == Some(&slot) || !node.persister.has_room() {
            continue;
        }
        let started = Millis(slot.saturating_mul(every));
        match MissionId::parse(&format!("{}_{slot}", kind.key)) {
            Ok(id) if started.plus_seconds(kind.seconds) > now && !exists(node, &id).await? => {
                begin(node, &id, kind, node.missions.next(now), started, Vec::new());
            }
            Ok(_) => {}
            Err(error) => tracing::error!(mission = %kind.key, error = %error, "the mission's key is too long"),
        }
        slots.insert(kind.key.clone(), slot);
    }
    Ok(())
}

/// Whether a mission runs, or ran and is over.
async fn exists(node: &Node, id: &MissionId) -> Result<bool, StoreError> {
    let party = Party::Mission(id.clone());
    Ok(node.directory.is_kept(&party) || !node.store.load_parts(&party).await?.is_empty())
}

/// An operator begins a mission of this kind, now; or, on a dry run, is told how it would begin. Its first state and the
/// audit entry are one commit.
///
/// # Errors
/// The catalogue has no such kind; too much waits to be stored; the store does not answer.
pub async fn create(
    node: &Arc<Node>,
    kind: &MissionKey,
    operation: &Operation,
) -> Result<(MissionView, Outcome), NotDone> {
    let unknown = || Refusal::new(ErrorCode::UnknownMission, format!("there is no mission kind {kind}"));
    let kind = node.catalog.missions.get(kind).ok_or_else(unknown)?;
    operation.check_room(node)?;
    let started = now();
    // What is only tried uses no number up.
    let number = if operation.dry_run { started.0 } else { node.missions.next(started) };
    let id = MissionId::parse(&format!("{}_op{number}", kind.key));
    let id = id.map_err(|_| Refusal::bad_request("kind: its key is too long for a mission by operators"))?;
    let view = Mission::begin(id.clone(), kind, number, started, &mut Effects::default()).view();
    // Views have string keys only and always become JSON.
    let after = serde_json::to_value(&view).unwrap_or_default();
    if operation.dry_run {
        return Ok((view, Outcome::tried(Value::Null, after, 0, true)));
    }
    let (target, target_name) = (Party::Mission(id.clone()).to_string(), kind.name.clone());
    let undo = Some(json!({"kind": "cancel"}));
    let entry =
        operation.entry(node, Deed { action: "mission_create", target, target_name, after, undo, ..Deed::default() });
    let outcome = Outcome::done(&entry, view.state.version());
    begin(node, &id, kind, number, started, vec![entry]);
    // Once it answers, its first state is on the way to the store.
    node.directory.inspect_party(node, &Party::Mission(id), Inspect::Whole).await?;
    durable(node, node.persister.last_enqueued()).await?;
    Ok((view, outcome))
}

fn begin(node: &Arc<Node>, id: &MissionId, kind: &MissionKind, number: u64, started: Millis, audit: Vec<AuditEntry>) {
    let (mission, kind) = (id.clone(), kind.clone());
    let begin: Begin<Mission> = Box::new(move |_, fx| {
        fx.audit.extend(audit);
        Mission::begin(mission, &kind, number, started, fx)
    });
    node.directory.begin_party(node, Party::Mission(id.clone()), begin);
    tracing::info!(mission = %id, "a mission has begun");
}

/// The line in the list of past missions, of each that is over.
pub(super) fn past_rows(over: Vec<(u64, MissionView)>) -> Vec<Write> {
    let row = |(number, view): (u64, MissionView)| {
        // Views have string keys only and always become JSON.
        let doc = serde_json::to_value(&view).unwrap_or_default();
        Write::Log(LogRow { log: Log::Mission, stream: PAST.to_owned(), seq: number, at: now(), doc })
    };
    over.into_iter().map(row).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
