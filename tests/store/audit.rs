//! What an audit reads: the ledger's sums, whoever is named in it, whoever's turn it is, and what is under way.

use std::collections::BTreeMap;

use orrery::store::{AuditScope, Write};
use orrery_core::game::conservation::Balance;
use orrery_core::game::{LedgerEntry, PartTable};
use orrery_core::types::{Account, External, Party, PlayerId};

use crate::backend::{Backend, on_every_backend};
use crate::world::*;

on_every_backend![
    every_ledger_row_counts_on_both_sides,
    the_sums_of_all_accounts_are_zero,
    an_audit_of_everything_has_everybody,
    an_audit_of_what_is_new_has_who_is_named_and_whose_turn_it_is,
    the_turns_end_with_the_last_player,
];

fn since(row: u64, resting: Option<PlayerId>, resting_max: usize) -> AuditScope {
    AuditScope::Since { row, resting, resting_max }
}

async fn every_ledger_row_counts_on_both_sides(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let (ada, bob) = (player_id(1), player_id(2));
    let rows = [
        moved(External::Start, ada, None, 100),
        moved(ada, Account::Transit, None, 30),
        moved(Account::Transit, bob, None, 20),
        moved(External::Space, ada, Some(ore()), 7),
        LedgerEntry { command: None, ..moved(ada, market(), Some(ore()), 3) },
    ];
    owner.write(vec![born(1, "Ada", 70), rows.map(Write::Ledger).to_vec()]).await;
    let facts = owner.store.audit(AuditScope::Everything).await.unwrap();
    let balance =
        |credits, goods: i64| Balance { credits, goods: (goods != 0).then(|| (ore(), goods)).into_iter().collect() };
    let expected: BTreeMap<Account, Balance> = [
        (Account::from(ada), balance(70, 4)),
        (bob.into(), balance(20, 0)),
        (market().into(), balance(0, 3)),
        (Account::Transit, balance(10, 0)),
        (External::Start.into(), balance(-100, 0)),
        (External::Space.into(), balance(0, -7)),
    ]
    .into();
    assert_eq!(facts.balances, expected);
    assert_eq!(facts.last_row, 5);
}

async fn the_sums_of_all_accounts_are_zero(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    for number in 1..=5 {
        let player = player_id(number);
        let sold = Write::Ledger(moved(player, External::Hubs, Some(ore()), 2));
        owner.write(vec![born(number, &format!("Pilot {number}"), 1), vec![earned(player, 11), sold]]).await;
    }
    let facts = owner.store.audit(AuditScope::Everything).await.unwrap();
    assert_eq!(facts.balances.values().map(|balance| balance.credits).sum::<i64>(), 0);
    assert_eq!(facts.balances.values().map(|balance| balance.goods[&ore()]).sum::<i64>(), 0);
    assert_eq!(facts.balances[&Account::from(External::Hubs)].credits, -55);
}

async fn an_audit_of_everything_has_everybody(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let (ada, bob) = (player_id(1), player_id(2));
    let part = vec![put_part(PartTable::Order, market(), "1", 1), Write::PutOutbox(transfer(1, ada))];
    owner.write(vec![born(1, "Ada", 70), born(2, "Bob", 5), part]).await;
    let facts = owner.store.audit(AuditScope::Everything).await.unwrap();
    let holdings = |credits, id| player(1, credits).record.into_player(id).holdings();
    assert_eq!(facts.players, [(ada, holdings(70, ada)), (bob, holdings(5, bob))].into());
    assert_eq!(facts.players[&ada].goods[&ore()].0, 7, "hold and storage count together");
    assert_eq!(facts.parts, [(part_key(PartTable::Order, market(), "1"), doc(1))]);
    assert_eq!(facts.outbox, [transfer(1, ada)]);
    assert_eq!((facts.last_row, facts.resting), (0, None));
}

async fn an_audit_of_what_is_new_has_who_is_named_and_whose_turn_it_is(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let players = (1..=6).map(|number| born(number, &format!("Pilot {number}"), 1));
    let parts = vec![put_part(PartTable::Order, market(), "1", 1), put_part(PartTable::Guild, guild(), "state", 2)];
    owner.write(players.chain([parts, vec![earned(player_id(1), 5)]]).collect()).await;
    let news = [moved(player_id(6), market(), None, 2), moved(External::Hubs, player_id(9), None, 1)];
    owner.write(vec![news.map(Write::Ledger).to_vec()]).await;

    let facts = owner.store.audit(since(1, Some(player_id(2)), 2)).await.unwrap();
    let named: Vec<Account> = facts.balances.keys().cloned().collect();
    let mut expected: Vec<Account> =
        vec![player_id(6).into(), player_id(9).into(), market().into(), External::Hubs.into()];
    expected.sort();
    assert_eq!(named, expected);
    assert_eq!(facts.balances[&Account::from(player_id(6))].credits, -2);
    let read: Vec<PlayerId> = facts.players.keys().copied().collect();
    assert_eq!(read, [player_id(3), player_id(4), player_id(6)]);
    assert_eq!(facts.parts, [(part_key(PartTable::Order, market(), "1"), doc(1))]);
    assert_eq!((facts.last_row, facts.resting), (3, Some(player_id(4))));
}

async fn the_turns_end_with_the_last_player(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write((1..=5).map(|number| born(number, &format!("Pilot {number}"), 1)).collect()).await;
    let (mut resting, mut seen) = (None, Vec::new());
    loop {
        let facts = owner.store.audit(since(0, resting, 2)).await.unwrap();
        seen.push(facts.players.len());
        resting = facts.resting;
        if resting.is_none() {
            break;
        }
    }
    assert_eq!(seen, [2, 2, 1]);
    assert_eq!(owner.store.audit(since(0, None, 0)).await.unwrap().players, BTreeMap::new());
}

fn guild() -> Party {
    Party::Guild(orrery_core::types::GuildId(uuid::Uuid::from_u128(9)))
}
