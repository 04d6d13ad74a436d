//! The auditor over a store: what is consistent is found to be, and damage is named.

use std::path::Path;

use orrery::actors::auditor::Audit;
use orrery::catalog::{Catalog, load};
use orrery::store::record::TransferRecord;
use orrery::store::{Commit, OutboxRow, Store, Write};
use orrery_core::game::{PartTable, Rule};
use orrery_core::types::{Account, External, Millis, MissionId, Party};
use uuid::Uuid;

use crate::backend::{Backend, on_every_backend};
use crate::world::*;

on_every_backend![
    a_consistent_store_balances_at_first_and_ever_after,
    a_player_changed_without_a_ledger_row_is_named,
    a_ledger_row_without_a_state_is_named,
    a_transfer_that_is_lost_is_named,
    a_resting_player_is_looked_at_in_turn,
    what_was_mended_is_no_longer_found,
    a_state_that_cannot_be_understood_is_named,
];

/// A player with what [`player`] holds, and the ledger rows that explain it.
fn endowed(number: u128, name: &str, credits: u64) -> Commit {
    let id = player_id(number);
    let mut commit = born(number, name, credits);
    commit.push(Write::Ledger(moved(External::Start, id, None, credits)));
    commit.push(Write::Ledger(moved(External::Space, id, Some(ore()), 7)));
    commit
}

/// Goods on their way from space to a player.
fn under_way(sequence: u64) -> Commit {
    let transfer = transfer(sequence, player_id(1));
    vec![Write::Ledger(moved(External::Space, Account::Transit, Some(ore()), 5)), Write::PutOutbox(transfer)]
}

async fn look(audit: &mut Audit, store: &dyn Store, resting_max: usize) -> Vec<String> {
    let catalog = catalog();
    let facts = store.audit(audit.scope(resting_max)).await.unwrap();
    audit.take_in(facts, &Rule { catalog: &catalog, now: Millis(1), fresh: Uuid::nil() })
}

fn catalog() -> Catalog {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalog")).unwrap()
}

async fn a_consistent_store_balances_at_first_and_ever_after(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![endowed(1, "Ada", 100), endowed(2, "Bob", 50), under_way(1)]).await;
    let mut audit = Audit::default();
    let reader = backend.reader();
    assert_eq!(look(&mut audit, reader.as_ref(), 10).await, [""; 0]);
    let report = audit.report();
    assert_eq!((report.balanced, report.accounts, report.transfers, report.money_supply), (true, 3, 1, 150));

    let (ada, bob) = (player_id(1), player_id(2));
    let paid = Write::Ledger(moved(ada, bob, None, 30));
    let arrived = Write::Ledger(moved(Account::Transit, External::Hubs, Some(ore()), 5));
    let ended = Write::DeleteOutbox(transfer(1, ada).id);
    owner.write(vec![vec![Write::Player(ada, player(2, 70)), Write::Player(bob, player(2, 80)), paid]]).await;
    owner.write(vec![vec![arrived, ended], endowed(3, "Eve", 5)]).await;
    assert_eq!(look(&mut audit, reader.as_ref(), 0).await, [""; 0]);
    let report = audit.report();
    assert_eq!((report.balanced, report.accounts, report.transfers, report.money_supply), (true, 4, 0, 155));
    assert_eq!(look(&mut audit, reader.as_ref(), 0).await, [""; 0]);
}

async fn a_player_changed_without_a_ledger_row_is_named(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    owner.write(vec![endowed(1, "Ada", 100), vec![Write::Player(ada, player(2, 101))]]).await;
    let mut audit = Audit::default();
    let expected = format!("player:{ada}: credits: the ledger says 100, the state 101");
    assert_eq!(look(&mut audit, owner.store.as_ref(), 10).await, std::slice::from_ref(&expected));
    let report = audit.report();
    assert_eq!((report.balanced, report.lines()), (false, vec![expected]));
    assert_eq!(look(&mut audit, owner.store.as_ref(), 10).await, [""; 0], "it is news once only");
    assert_eq!(audit.report().finding_count(), 1);
}

async fn a_ledger_row_without_a_state_is_named(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![endowed(1, "Ada", 100)]).await;
    let mut audit = Audit::default();
    assert_eq!(look(&mut audit, owner.store.as_ref(), 10).await, [""; 0]);
    let mission = Party::Mission(MissionId::parse("rush_1").unwrap());
    let (nobody, goods) = (player_id(9), moved(External::Space, mission, Some(ore()), 3));
    owner.write(vec![vec![Write::Ledger(moved(External::Hubs, nobody, None, 4)), Write::Ledger(goods)]]).await;
    let expected = [
        "mission:rush_1: iron_ore: the ledger says 3, the state 0".to_owned(),
        format!("player:{nobody}: credits: the ledger says 4, the state 0"),
    ];
    assert_eq!(look(&mut audit, owner.store.as_ref(), 10).await, expected);
}

async fn a_transfer_that_is_lost_is_named(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![endowed(1, "Ada", 100), under_way(1), under_way(2)]).await;
    let mut audit = Audit::default();
    assert_eq!(look(&mut audit, owner.store.as_ref(), 10).await, [""; 0]);
    owner.write(vec![vec![Write::DeleteOutbox(transfer(1, player_id(1)).id)]]).await;
    let expected = "transit: iron_ore: the ledger says 10, the state 5";
    assert_eq!(look(&mut audit, owner.store.as_ref(), 10).await, [expected]);
}

async fn a_resting_player_is_looked_at_in_turn(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write((1..=5).map(|number| endowed(number, &format!("Pilot {number}"), 10)).collect()).await;
    let mut audit = Audit::default();
    assert_eq!(look(&mut audit, owner.store.as_ref(), 2).await, [""; 0]);
    owner.write(vec![vec![Write::Player(player_id(4), player(2, 11))]]).await;
    assert_eq!(look(&mut audit, owner.store.as_ref(), 2).await, [""; 0], "1 and 2 have their turn");
    let found = look(&mut audit, owner.store.as_ref(), 2).await;
    assert_eq!(found, [format!("player:{}: credits: the ledger says 10, the state 11", player_id(4))]);
}

async fn what_was_mended_is_no_longer_found(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    owner.write(vec![endowed(1, "Ada", 100), vec![Write::Player(ada, player(2, 101))]]).await;
    let mut audit = Audit::default();
    assert_eq!(look(&mut audit, owner.store.as_ref(), 10).await.len(), 1);
    owner.write(vec![vec![Write::Ledger(moved(External::Operators, ada, None, 1))]]).await;
    assert_eq!(look(&mut audit, owner.store.as_ref(), 10).await, [""; 0]);
    assert!(audit.report().balanced);
}

async fn a_state_that_cannot_be_understood_is_named(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let mission = Party::Mission(MissionId::parse("rush_1").unwrap());
    let mut odd = serde_json::to_value(transfer(1, player_id(1)).record).unwrap();
    odd["from"] = "bank".into();
    let record: TransferRecord = serde_json::from_value(odd).unwrap();
    let odd = Write::PutOutbox(OutboxRow { record, ..transfer(1, player_id(1)) });
    owner.write(vec![vec![put_part(PartTable::Mission, mission, "state", 1), odd]]).await;
    let mut audit = Audit::default();
    let found = look(&mut audit, owner.store.as_ref(), 10).await;
    let [first, second] = found.as_slice() else { panic!("two findings expected: {found:?}") };
    assert!(first.starts_with("mission:rush_1: "), "{first}");
    assert!(second.starts_with("transit: transfer collect-") && second.contains("bank"), "{second}");
    assert_eq!(audit.report().unreadable.len(), 2);
}
