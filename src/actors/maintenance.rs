//! Maintenance: whether players may come in, for the whole node. The rules are
//! [`game::maintenance`](orrery_core::game::maintenance); this keeps the state, stores it, and carries out what time does.
//!
//! A keeper with a lock instead of a mailbox, as [`notices`](super::notices): changes are few and await nothing, and
//! whoever decides on an entry reads it. A drain sends everybody away in rounds: at each, every worker dismisses its share
//! of the sessions that it had when the drain began, in the order of their connections, each with a time of its own to
//! come back. What they were answered is stored; what was under way they repeat with the same ids.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use orrery_core::game::maintenance::{Maintenance, MaintenanceChange, Mode};
use orrery_core::types::{Announcement, AnnouncementId, Millis, PlayerId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::audit::Deed;
use super::fanout::{DrainRound, FanoutMessage};
use super::node::{Node, now};
use super::notices::show;
use super::operation::{NotDone, Operation, Outcome, durable};
use crate::store::record::name_key;
use crate::store::{Row, Write};

/// The target in the audit log, and the key of what is stored.
const KEY: &str = "maintenance";
/// How often the clock is looked at, and a round of a drain dismisses its share.
const ROUND: Duration = Duration::from_millis(250);
/// Nobody who was dismissed is to come back sooner than this after the drain, in ms, and over how many more, at least,
/// they are spread by chance.
const BACK_AFTER_MS: u64 = 5_000;
const BACK_SPREAD_MS_MIN: u64 = 30_000;

/// The state of one node.
#[derive(Default)]
pub struct Doors {
    now: RwLock<Arc<Maintenance>>,
    /// Counts the drains.
    drains: AtomicU64,
}

/// The state as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum MaintenanceRecord {
    /// Since 0.3.
    #[serde(rename = "1")]
    V1(Maintenance),
}

impl Doors {
    /// How things stand.
    #[must_use]
    pub fn current(&self) -> Arc<Maintenance> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the player with this name may come in, who is not known yet otherwise.
    #[must_use]
    pub fn admits_name(&self, name: &str) -> bool {
        let (state, key) = (self.current(), name_key(name));
        let allowed = state.allow.iter().find(|(_, allowed)| name_key(allowed) == key).map(|(player, _)| *player);
        state.admits(allowed, false)
    }

    /// Whether a player is among those who may always come in.
    #[must_use]
    pub fn allows(&self, player: Option<PlayerId>) -> bool {
        self.current().allows(player)
    }
}

/// What is stored of maintenance cannot be read: nobody knows whether players may come in.
#[derive(Debug, thiserror::Error)]
#[error(
    "table console_state, row {KEY}: {0}; nobody can tell whether players may come in. Start a server that can read it, \
     or delete the row, which opens the galaxy: DELETE FROM console_state WHERE key = '{KEY}'"
)]
pub struct Unreadable(serde_json::Error);

/// Finds the state that was stored. To be called once, at the start, after the console's state was found.
///
/// # Errors
/// It cannot be read. The server is not to start then: it might let players in while operators believe it closed.
pub fn restore(node: &Node) -> Result<(), Unreadable> {
    let Some(stored) = node.console_state.get(KEY) else { return Ok(()) };
    let MaintenanceRecord::V1(state) = serde_json::from_value(stored.record).map_err(Unreadable)?;
    let mut current = node.doors.now.write().unwrap_or_else(PoisonError::into_inner);
    let found = state.clone().restored(now());
    if found != state {
        store(node, &found);
    }
    settle(node, &mut current, found);
    Ok(())
}

/// The version of the state, as operators edit it; 0 before the first change.
#[must_use]
pub fn version(node: &Node) -> u64 {
    node.console_state.get(KEY).map_or(0, |stored| stored.version)
}

/// Carries out what an operator wants.
///
/// # Errors
/// A rule refuses it; the store does not answer.
pub async fn change(node: &Node, change: &MaintenanceChange, operation: &Operation) -> Result<Outcome, NotDone> {
    let (outcome, commit) = decide(node, change, operation)?;
    durable(node, commit).await?;
    Ok(outcome)
}

fn decide(node: &Node, change: &MaintenanceChange, operation: &Operation) -> Result<(Outcome, u64), NotDone> {
    operation.check_room(node)?;
    let mut current = node.doors.now.write().unwrap_or_else(PoisonError::into_inner);
    let holds = version(node);
    operation.check_version(holds)?;
    let next = current.changed(change, AnnouncementId(Uuid::now_v7()), now())?;
    if current.is_already(&next) {
        return Err(NotDone::Nothing);
    }
    let (before, after) = (current.view(), next.view());
    if operation.dry_run {
        return Ok((Outcome::tried(before, after, holds, true), 0));
    }
    let undo = Some(current.way_back(now()).as_request());
    let deed = Deed { action: "maintenance", target: KEY.to_owned(), before, after, undo, ..Deed::default() };
    let entry = operation.entry(node, deed);
    let outcome = Outcome::done(&entry, holds + 1);
    let put = |_: Option<&_>| Ok::<_, NotDone>((Row::Put(record(&next)), vec![Write::Audit(entry)]));
    let changed = node.console_state.change(&node.persister, KEY, put)?;
    settle(node, &mut current, next);
    Ok((outcome, changed.commit))
}

/// Time has changed the state: no operator did, so nothing is audited.
fn store(node: &Node, state: &Maintenance) {
    let put = |_: Option<&_>| Ok::<_, NotDone>((Row::Put(record(state)), Vec::new()));
    // Nothing in it can refuse.
    let _ = node.console_state.change(&node.persister, KEY, put);
}

/// The state is this from now on: players are told.
fn settle(node: &Node, current: &mut Arc<Maintenance>, next: Maintenance) {
    match (current.notice(), next.notice()) {
        (_, Some(notice)) => show(node, &notice),
        (Some(notice), None) => show(node, &Announcement { over: true, ..notice }),
        (None, None) => {}
    }
    if next.mode == Mode::Draining {
        node.doors.drains.fetch_add(1, Ordering::SeqCst);
    }
    tracing::info!(mode = next.mode.as_str(), "maintenance");
    node.metrics.maintenance.set(next.mode as i64);
    *current = Arc::new(next);
}

/// Closes when the announced time has come, and drains; for ever. To be spawned once.
pub async fn keep_time(node: Arc<Node>) {
    let mut timer = tokio::time::interval(ROUND);
    loop {
        timer.tick().await;
        turn(&node, now());
    }
}

fn turn(node: &Node, now: Millis) {
    let state = node.doors.current();
    if state.mode == Mode::Draining {
        let round = round(&state, node.doors.drains.load(Ordering::SeqCst), now);
        node.tell_workers(|| FanoutMessage::Drain(round.clone()));
    }
    if state.overtaken(now).is_none() {
        return;
    }
    let mut current = node.doors.now.write().unwrap_or_else(PoisonError::into_inner);
    // An operator may have been faster.
    if let Some(next) = current.overtaken(now) {
        store(node, &next);
        settle(node, &mut current, next);
    }
}

fn round(state: &Maintenance, drain: u64, now: Millis) -> DrainRound {
    let left_ms = state.ends_ms.map_or(0, |ends| ends.since(now));
    let whole_ms = state.ends_ms.zip(state.starts_ms).map_or(0, |(ends, starts)| ends.since(starts));
    let rounds_left = Duration::from_millis(left_ms).as_millis().div_ceil(ROUND.as_millis()).max(1);
    DrainRound {
        drain,
        rounds_left: usize::try_from(rounds_left).unwrap_or(usize::MAX),
        reason: state.message.as_str().into(),
        back_after_ms: left_ms + BACK_AFTER_MS,
        back_spread_ms: whole_ms.max(BACK_SPREAD_MS_MIN),
    }
}

fn record(state: &Maintenance) -> Value {
    // The state has string keys only and always becomes JSON.
    serde_json::to_value(MaintenanceRecord::V1(state.clone())).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use orrery_core::game::maintenance::Allowed;
    use serde_json::json;

    use super::*;
    use crate::actors::{audit, console_state, testing};
    use crate::config::Config;
    use crate::store::AuditFilter;
    use crate::store::memory::MemoryStore;

    async fn node(store: MemoryStore) -> Arc<Node> {
        let node = testing::node(Arc::new(store), testing::catalog(), Config::default()).await;
        audit::restore(&node).await.unwrap();
        console_state::restore(&node).await.unwrap();
        restore(&node).unwrap();
        node
    }

    fn close() -> MaintenanceChange {
        let allow = Allowed::from([(PlayerId(Uuid::from_u128(1)), "Ada".to_owned())]);
        MaintenanceChange::Close { message: "Mending".to_owned(), allow }
    }

    #[actix_web::test]
    async fn what_is_answered_survives_a_restart_and_is_audited_with_the_way_back() {
        let store = MemoryStore::new();
        let next = store.another_process();
        let first = node(store).await;
        let order = testing::operation();
        let dry = Operation { dry_run: true, ..order.clone() };
        assert_eq!(change(&first, &close(), &dry).await.unwrap().audit, None);
        assert_eq!((first.doors.current().mode, version(&first)), (Mode::Off, 0), "it was only tried");
        let stale = Operation { expected: Some(7), ..order.clone() };
        assert_eq!(change(&first, &close(), &stale).await, Err(NotDone::Changed(0)));
        let closed = change(&first, &close(), &Operation { expected: Some(0), ..order }).await.unwrap();
        assert_eq!((closed.version, version(&first), first.notices.shown().len()), (1, 1, 1));
        first.persister.shutdown().await.unwrap();
        first.store.release().await;

        let second = node(next).await;
        assert_eq!(second.doors.current().view(), first.doors.current().view());
        assert!(second.doors.admits_name("ADA") && !second.doors.admits_name("Bob"));
        assert_eq!(second.notices.shown().len(), 1, "players are told again");
        let lines = second.store.audit_entries(AuditFilter::default(), None, 10).await.unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(
            (lines[0].entry.seq, &lines[0].entry.undo),
            (closed.audit.unwrap(), &Some(MaintenanceChange::Open.as_request()))
        );
        change(&second, &MaintenanceChange::Open, &testing::operation()).await.unwrap();
        assert_eq!((second.doors.current().mode, second.notices.shown().len()), (Mode::Off, 0));
    }

    #[actix_web::test]
    async fn what_changes_nothing_is_said_to_and_leaves_no_entry() {
        let node = node(MemoryStore::new()).await;
        let order = testing::operation();
        let dry = Operation { dry_run: true, ..order.clone() };
        assert_eq!(change(&node, &MaintenanceChange::Open, &dry).await, Err(NotDone::Nothing));
        assert_eq!(change(&node, &MaintenanceChange::Open, &order).await, Err(NotDone::Nothing));
        change(&node, &close(), &order).await.unwrap();
        assert_eq!(change(&node, &close(), &order).await, Err(NotDone::Nothing));
        let lines = node.store.audit_entries(AuditFilter::default(), None, 10).await.unwrap();
        assert_eq!((lines.len(), version(&node)), (1, 1));
    }

    #[actix_web::test]
    async fn what_cannot_be_read_keeps_the_server_from_starting_and_names_the_row() {
        let node = node(MemoryStore::new()).await;
        let newer = json!({ "v": "2", "open_on": "Sundays" });
        let put = |_: Option<&_>| Ok::<_, NotDone>((Row::Put(newer), Vec::new()));
        node.console_state.change(&node.persister, KEY, put).unwrap();
        let error = restore(&node).unwrap_err().to_string();
        assert!(error.contains("table console_state, row maintenance: unknown variant `2`"), "{error}");
        assert!(error.contains("DELETE FROM console_state WHERE key = 'maintenance'"), "{error}");
    }

    #[actix_web::test]
    async fn time_closes_what_was_announced_and_stores_it() {
        let node = node(MemoryStore::new()).await;
        let starts_ms = now().plus_seconds(60);
        let announce = MaintenanceChange::Announce { starts_ms, message: "Soon".to_owned(), allow: Allowed::new() };
        change(&node, &announce, &testing::operation()).await.unwrap();
        turn(&node, Millis(starts_ms.0 - 1));
        assert_eq!(node.doors.current().mode, Mode::Announced);
        turn(&node, starts_ms);
        assert_eq!((node.doors.current().mode, version(&node)), (Mode::Closed, 2));
        turn(&node, starts_ms.plus_seconds(60));
        assert_eq!(version(&node), 2, "once");
    }

    #[test]
    fn a_round_knows_how_many_are_left_and_when_to_come_back() {
        let starts = Millis(1_000_000);
        let drain = MaintenanceChange::Drain { message: "Good-bye".to_owned(), seconds: 60 };
        let state = Maintenance::default().changed(&drain, AnnouncementId(Uuid::nil()), starts);
        let state = state.unwrap_or_default();
        let at = |ms| round(&state, 1, Millis(starts.0 + ms));
        assert_eq!([at(0), at(30_000), at(59_999), at(60_000)].map(|round| round.rounds_left), [240, 120, 1, 1]);
        assert_eq!([at(0), at(60_000), at(99_000)].map(|round| round.back_after_ms), [65_000, 5_000, 5_000]);
        assert_eq!((at(0).back_spread_ms, &*at(0).reason), (60_000, "Good-bye"));
    }
}
