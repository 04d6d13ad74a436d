//! Changes by operators, on a node whose store is in memory.

use orrery_core::game::player::OperateRefusal;
use orrery_core::types::{Credits, OperatorId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::actors::accounts::{AccountError, Accounts};
use crate::actors::testing;
use crate::config::Config;
use crate::store::memory::MemoryStore;
use crate::store::{AuditFilter, Store as _};
use crate::types::Millis;

struct Fixture {
    store: Arc<MemoryStore>,
    node: Arc<Node>,
    accounts: Accounts,
    ada: PlayerId,
}

impl Fixture {
    async fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let node = testing::node(Arc::clone(&store), testing::catalog(), Config::default()).await;
        let accounts = Accounts::new(Arc::clone(&node));
        let (ada, _) = accounts.create("Ada".to_owned(), Some("hash".to_owned())).await.unwrap();
        Self { store, node, accounts, ada }
    }

    fn order(change: Value) -> Order {
        let by = By { operator: OperatorId(Uuid::nil()), name: "Grace".to_owned(), address: "local".to_owned() };
        let change = serde_json::from_value(change).unwrap();
        Order { by, change, reason: "for a test".to_owned(), dry_run: false, expect: None, undoes: None }
    }

    async fn change(&self, change: Value) -> Result<OperateReply, OperateError> {
        super::change(&self.node, self.ada, Self::order(change)).await
    }

    async fn undo(&self, entry: u64) -> Result<OperateReply, OperateError> {
        let line = self.store.audit_entry(entry).await.unwrap().unwrap();
        let order = Order { undoes: Some(entry), ..Self::order(line.entry.undo.unwrap()) };
        super::change(&self.node, self.ada, order).await
    }

    async fn credits(&self) -> Credits {
        look_at(&self.node, self.ada).await.unwrap().player.credits
    }

    async fn entries(&self) -> usize {
        self.store.audit_entries(AuditFilter::default(), None, 1_000).await.unwrap().len()
    }
}

#[actix_web::test]
async fn a_dry_run_predicts_and_changes_nothing() {
    let test = Fixture::new().await;
    let grant = json!({ "kind": "grant", "credits": 5 });
    let dry = Order { dry_run: true, ..Fixture::order(grant.clone()) };
    let tried = super::change(&test.node, test.ada, dry).await.unwrap();
    assert_eq!((tried.audit, tried.version, test.entries().await), (None, 0, 0));
    assert_eq!(test.credits().await, Credits(200));
    let done = test.change(grant).await.unwrap();
    assert_eq!(tried.operated, done.operated);
    assert_eq!((done.version, test.entries().await), (1, 1));
    assert_eq!(test.credits().await, Credits(205));
    let line = test.store.audit_entry(done.audit.unwrap()).await.unwrap().unwrap();
    assert_eq!((&line.entry.before, &line.entry.after), (&done.operated.before, &done.operated.after));
    assert_eq!((line.entry.action.as_str(), line.entry.target), ("grant", Order::target(test.ada)));
    let before = test.store.snapshot_at(test.ada, Millis(u64::MAX)).await.unwrap().unwrap();
    assert_eq!(before.record.into_player(test.ada).credits, Credits(200), "as it was before");
}

#[actix_web::test]
async fn of_two_who_decided_on_the_same_revision_one_is_told_so() {
    let test = Fixture::new().await;
    let order = || Order { expect: Some(0), ..Fixture::order(json!({ "kind": "grant", "credits": 5 })) };
    let both = join_all([(); 2].map(|()| super::change(&test.node, test.ada, order()))).await;
    let refused: Vec<_> = both.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert_eq!(refused, [&OperateError::Conflict { current: 1 }]);
    assert_eq!((test.credits().await, test.entries().await), (Credits(205), 1));
}

#[actix_web::test]
async fn an_entry_is_undone_once_however_many_try() {
    let test = Fixture::new().await;
    let granted = test.change(json!({ "kind": "grant", "credits": 5 })).await.unwrap().audit.unwrap();
    test.change(json!({ "kind": "grant", "credits": 50 })).await.unwrap();
    let all = join_all([(); 5].map(|()| test.undo(granted))).await;
    let done: Vec<_> = all.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(done.len(), 1, "{all:?}");
    let by = done[0].audit.unwrap();
    assert!(
        all.iter().flat_map(|answer| answer.as_ref().err()).all(|error| *error == OperateError::AlreadyUndone { by })
    );
    assert_eq!(test.credits().await, Credits(250));
}

#[actix_web::test]
async fn what_is_refused_leaves_neither_entry_nor_revision() {
    let test = Fixture::new().await;
    let refused = test.change(json!({ "kind": "revoke", "credits": 201 })).await;
    let (needed, have) = (Credits(201), Credits(200));
    assert_eq!(refused, Err(OperateRefusal::NotEnoughCredits { needed, have }.into()));
    let nobody = PlayerId(Uuid::from_u128(1));
    let unknown = super::change(&test.node, nobody, Fixture::order(json!({ "kind": "unban" }))).await;
    assert_eq!(unknown, Err(OperateError::Unknown));
    assert_eq!(look_at(&test.node, nobody).await.err(), Some(OperateError::Unknown));
    assert_eq!(test.entries().await, 0);
    assert_eq!(look_at(&test.node, test.ada).await.unwrap().account.moderation.revision, 0);
}

#[actix_web::test]
async fn a_name_is_given_once() {
    let test = Fixture::new().await;
    let (bob, _) = test.accounts.create("Bob".to_owned(), Some("hash".to_owned())).await.unwrap();
    let rename = |name: &str| json!({ "kind": "rename", "name": name });
    assert_eq!(test.change(rename("BOB")).await, Err(OperateError::NameTaken));
    test.change(rename("ADA")).await.expect("it is her own, spelt otherwise");
    let both = [test.ada, bob].map(|player| super::change(&test.node, player, Fixture::order(rename("Eve"))));
    let both = join_all(both).await;
    assert_eq!(both.iter().filter(|answer| **answer == Err(OperateError::NameTaken)).count(), 1, "{both:?}");
}

#[actix_web::test]
async fn nobody_gets_in_who_is_banned_until_the_ban_is_over() {
    let test = Fixture::new().await;
    let family = test.accounts.open_family(test.ada, [1; 32], Millis(u64::MAX)).await.unwrap();
    let banned = test.change(json!({ "kind": "ban", "reason_shown": "spam" })).await.unwrap();
    let (open, end) = (test.accounts.open_family(test.ada, [2; 32], Millis(u64::MAX)).await, Millis(u64::MAX));
    assert!(matches!(open, Err(AccountError::ShutOut(_))), "{open:?}");
    let rotated = test.accounts.rotate(test.ada, family, [1; 32], [3; 32], end).await;
    assert!(matches!(rotated, Err(AccountError::ShutOut(_))), "{rotated:?}");
    test.undo(banned.audit.unwrap()).await.unwrap();
    test.accounts.rotate(test.ada, family, [1; 32], [3; 32], end).await.unwrap();
}

#[actix_web::test]
async fn a_ship_that_is_not_in_space_is_put_elsewhere() {
    let test = Fixture::new().await;
    let sector = test.node.catalog.sectors.values().next().unwrap().key.clone();
    let moved = test.change(json!({ "kind": "move", "world": sector, "x": 10.5, "y": 20.0 })).await.unwrap();
    assert_eq!(moved.operated.before, json!({ "place": null }));
    assert_eq!(moved.operated.undo, None, "it never was anywhere");
    let place = look_at(&test.node, test.ada).await.unwrap().place.unwrap();
    assert_eq!((&place.world, place.units()), (&sector, (10.5, 20.0)));
}

#[actix_web::test]
async fn an_erased_player_is_nobody_and_stays_so_after_loading() {
    let test = Fixture::new().await;
    let erase = |confirm: &str| json!({ "kind": "erase", "confirm": confirm });
    assert_eq!(test.change(erase("Bob")).await, Err(OperateRefusal::NotConfirmed.into()));
    test.change(erase("Ada")).await.unwrap();
    assert!(test.accounts.find("Ada").await.unwrap().is_none());
    let stored = test.store.load_player(test.ada).await.unwrap().unwrap();
    let account = orrery_core::game::account::Account::from(stored.account.record);
    assert!(account.moderation.erased.is_some() && account.password_hash.is_none());
    assert!(test.store.snapshot_at(test.ada, Millis(u64::MAX)).await.unwrap().is_none());
    test.accounts.create("Ada".to_owned(), None).await.unwrap();
}
