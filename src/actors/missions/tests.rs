//! The schedule over the store's double.

use orrery_core::catalog::Catalog;

use super::*;
use crate::actors::testing;
use crate::config::Config;
use crate::store::AuditFilter;
use crate::store::memory::MemoryStore;
use orrery_core::game::Intervention;

/// One kind, every hour, half an hour long.
fn catalog() -> Catalog {
    let mut catalog = testing::catalog();
    let mut kind = catalog.missions.values().next().unwrap().clone();
    (kind.every_seconds, kind.seconds) = (3_600, 1_800);
    catalog.missions = [(kind.key.clone(), kind)].into();
    catalog
}

/// A server on a store.
async fn node(store: MemoryStore) -> Arc<Node> {
    testing::node(Arc::new(store), catalog(), Config::default()).await
}

fn running(node: &Node) -> Vec<Party> {
    node.directory.kept_parties()
}

async fn tick(node: &Arc<Node>, now: Millis) {
    start_due(node, &mut HashMap::new(), now).await.unwrap();
    // The actors say their first word on their own thread.
    while node.store.parts_with_id(PartTable::Mission, "state").await.unwrap().len() < running(node).len() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The beginning of the next slot: one that has begun may be over before the test is.
fn slot_start() -> Millis {
    Millis((now().0 / 3_600_000 + 1) * 3_600_000)
}

#[actix_web::test]
async fn each_slot_has_one_mission_also_after_a_restart() {
    let store = MemoryStore::new();
    let next_store = store.another_process();
    let first = node(store).await;
    let start = slot_start();
    tick(&first, start).await;
    tick(&first, Millis(start.0 + 1_000)).await;
    assert_eq!(running(&first).len(), 1);
    first.persister.shutdown().await.unwrap();
    first.store.release().await;

    let second = node(next_store).await;
    restore(&second).await.unwrap();
    assert_eq!(running(&second), running(&first));
    assert!(second.missions.next(Millis(0)) > first.missions.0.load(Ordering::SeqCst), "numbers go on");
    tick(&second, Millis(start.0 + 2_000)).await;
    assert_eq!(running(&second).len(), 1);
    tick(&second, start.plus_seconds(3_600)).await;
    assert_eq!(running(&second).len(), 2, "the next slot has its own");
}

#[actix_web::test]
async fn a_slot_whose_time_is_over_is_left_out() {
    let node = node(MemoryStore::new()).await;
    tick(&node, slot_start().plus_seconds(1_800)).await;
    assert_eq!(running(&node), []);
}

#[actix_web::test]
async fn operators_begin_as_many_as_they_like() {
    let node = node(MemoryStore::new()).await;
    let kind = node.catalog.missions.keys().next().unwrap().clone();
    let operation = testing::operation();
    let (first, made) = create(&node, &kind, &operation).await.unwrap();
    let (second, _) = create(&node, &kind, &operation).await.unwrap();
    assert_ne!(first.mission, second.mission);
    assert!(first.mission.as_str().starts_with(&format!("{kind}_op")), "{first:?}");
    let dry = Operation { dry_run: true, ..operation.clone() };
    let (_, tried) = create(&node, &kind, &dry).await.unwrap();
    assert_eq!((tried.audit, &tried.after["state"]), (None, &"running".into()));
    assert_eq!(running(&node).len(), 2);
    let lines = node.store.audit_entries(AuditFilter::default(), None, 10).await.unwrap();
    let targets: Vec<&str> = lines.iter().map(|line| line.entry.target.as_str()).collect();
    assert_eq!(targets, [format!("mission:{}", second.mission), format!("mission:{}", first.mission)]);
    assert_eq!(made.audit, Some(lines[1].entry.seq));
    let unknown = create(&node, &MissionKey::parse("nothing").unwrap(), &operation).await.unwrap_err();
    let NotDone::Refused(refusal) = unknown else { panic!("{unknown}") };
    assert_eq!(refusal.code, ErrorCode::UnknownMission);
}

#[actix_web::test]
async fn what_an_operator_ends_or_cancels_is_over_and_audited_once() {
    let node = node(MemoryStore::new()).await;
    let kind = node.catalog.missions.keys().next().unwrap().clone();
    let operation = testing::operation();
    let (mission, _) = create(&node, &kind, &operation).await.unwrap();
    let party = Party::Mission(mission.mission);
    let end = |how, operation: Operation| {
        let (node, party) = (Arc::clone(&node), party.clone());
        async move { node.directory.intervene(&node, &party, how, operation).await }
    };
    let stale = Operation { expected: Some(2), ..operation.clone() };
    assert_eq!(end(Intervention::End, stale).await, Err(NotDone::Changed(1)));
    let dry = Operation { dry_run: true, ..operation.clone() };
    assert_eq!(end(Intervention::Cancel, dry).await.unwrap().audit, None);
    let done = end(Intervention::Cancel, operation.clone()).await.unwrap();
    assert_eq!((done.version, done.can_undo), (2, false));
    let again = end(Intervention::End, operation).await.unwrap_err();
    assert!(matches!(again, NotDone::Refused(refusal) if refusal.code == ErrorCode::Ended));
    let filter = AuditFilter { target: Some(party.to_string()), ..AuditFilter::default() };
    let lines = node.store.audit_entries(filter, None, 10).await.unwrap();
    let actions: Vec<&str> = lines.iter().map(|line| line.entry.action.as_str()).collect();
    assert_eq!(actions, ["mission_end", "mission_create"]);
}
