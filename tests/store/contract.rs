//! The contract in `store/mod.rs`, sentence by sentence.

use orrery::store::record::name_key;
use orrery::store::{BatchMark, CommandRow, Log, REMEMBERED_PER_PLAYER, StoreError, StoredPlayer, StoredWorld, Write};
use orrery_core::game::{LedgerEntry, PartTable};
use orrery_core::types::{CommandId, External, WorldKey};

use crate::backend::{Backend, on_every_backend};
use crate::world::*;

on_every_backend![
    every_kind_of_row_is_read_back_as_it_was_written,
    what_was_never_stored_is_not_there,
    deleted_rows_are_gone,
    the_last_write_to_a_row_wins,
    the_mark_is_that_of_the_last_batch,
    a_batch_that_is_in_is_not_written_again,
    a_batch_out_of_turn_is_refused,
    a_stale_epoch_is_refused_and_nothing_written,
    a_second_claim_is_refused_and_changes_nothing,
    the_data_can_be_claimed_again_after_a_release,
    without_a_claim_nothing_is_written,
    accounts_are_found_by_their_current_name,
    two_accounts_may_trade_names_within_a_batch,
    a_name_that_is_taken_is_refused_and_nothing_written,
    a_command_id_that_was_forgotten_and_is_used_again_counts_as_new,
    the_latest_commands_are_remembered_oldest_first,
    transfers_under_way_are_listed_oldest_first,
    reads_beside_a_writer_see_whole_batches,
    an_export_sums_the_ledger,
    an_export_of_a_live_store_is_of_one_moment,
    a_row_that_cannot_be_read_is_named,
];

async fn every_kind_of_row_is_read_back_as_it_was_written(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    let mut commit = born(1, "Ada", 100);
    commit.extend([Write::Ship(ship(ada, 7)), Write::World(sol(), world(3)), Write::PutObject(object(1))]);
    commit.extend([Write::PutOutbox(transfer(2, ada)), Write::Command(command(ada, CommandId::MAX)), earned(ada, 9)]);
    commit.extend([put_part(PartTable::Order, market(), "7", 1), Write::Log(line(Log::Chat, "world:sol", 1))]);
    owner.write(vec![commit]).await;

    let expected = StoredPlayer {
        account: account(1, "Ada"),
        player: player(1, 100),
        ship: Some(ship(ada, 7)),
        commands: vec![command(ada, CommandId::MAX)],
    };
    assert_eq!(owner.store.load_player(ada).await.unwrap(), Some(expected));
    let expected = StoredWorld { world: Some(world(3)), objects: vec![object(1)] };
    assert_eq!(owner.store.load_world(&sol()).await.unwrap(), expected);
    assert_eq!(owner.store.outbox().await.unwrap(), [transfer(2, ada)]);
    let part = (part_key(PartTable::Order, market(), "7"), doc(1));
    assert_eq!(owner.store.load_parts(&market()).await.unwrap(), [part]);
    let lines = owner.store.read_log(Log::Chat, "world:sol", None, 10).await.unwrap();
    assert_eq!(lines, [line(Log::Chat, "world:sol", 1)]);
    assert_eq!(owner.store.all_players().await.unwrap(), [(ada, "Ada".to_owned(), player(1, 100).record)]);
    owner.store.ping().await.unwrap();
}

async fn what_was_never_stored_is_not_there(backend: &dyn Backend) {
    let owner = Owner::of(backend.process()).await;
    assert_eq!(owner.store.load_player(player_id(9)).await.unwrap(), None);
    assert_eq!(owner.store.account_by_name("nobody").await.unwrap(), None);
    let nowhere = WorldKey::parse("nowhere").unwrap();
    let empty = StoredWorld { world: None, objects: vec![] };
    assert_eq!(owner.store.load_world(&nowhere).await.unwrap(), empty);
    assert_eq!(owner.store.outbox().await.unwrap(), []);
    assert!(!owner.store.player_exists(player_id(9)).await.unwrap());
    assert_eq!(owner.store.load_parts(&market()).await.unwrap(), []);
    assert_eq!(owner.store.read_log(Log::Chat, "all", None, 10).await.unwrap(), []);
    assert_eq!(owner.store.all_players().await.unwrap(), []);
}

async fn deleted_rows_are_gone(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    owner.write(vec![vec![Write::PutObject(object(1)), Write::PutObject(object(2))]]).await;
    owner.write(vec![vec![Write::PutOutbox(transfer(1, ada)), Write::PutOutbox(transfer(2, ada))]]).await;
    let delete = vec![Write::DeleteObject(object(1).id), Write::DeleteOutbox(transfer(1, ada).id)];
    owner.write(vec![delete, vec![Write::DeleteObject(object(99).id)]]).await;
    assert_eq!(owner.store.load_world(&sol()).await.unwrap().objects, [object(2)]);
    assert_eq!(owner.store.outbox().await.unwrap(), [transfer(2, ada)]);
}

async fn the_last_write_to_a_row_wins(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    let put_and_delete = vec![Write::PutObject(object(1)), Write::DeleteObject(object(1).id)];
    let flown = vec![Write::Ship(ship(ada, 1)), Write::World(sol(), world(1))];
    owner.write(vec![born(1, "Ada", 1), put_and_delete, flown]).await;
    let changed = vec![Write::Player(ada, player(2, 2)), Write::Ship(ship(ada, 2))];
    let again = vec![Write::Player(ada, player(3, 3)), Write::Ship(ship(ada, 3)), Write::World(sol(), world(2))];
    owner.write(vec![changed, again]).await;
    let stored = owner.store.load_player(ada).await.unwrap().unwrap();
    assert_eq!((stored.player, stored.ship), (player(3, 3), Some(ship(ada, 3))));
    assert_eq!(owner.store.load_world(&sol()).await.unwrap(), StoredWorld { world: Some(world(2)), objects: vec![] });
}

async fn the_mark_is_that_of_the_last_batch(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    assert_eq!(owner.store.last_batch().await.unwrap(), BatchMark { epoch: 1, number: 0 });
    owner.write(vec![born(1, "Ada", 1)]).await;
    owner.write(vec![]).await;
    assert_eq!(owner.store.last_batch().await.unwrap(), BatchMark { epoch: 1, number: 2 });
}

async fn a_batch_that_is_in_is_not_written_again(backend: &dyn Backend) {
    let owner = Owner::of(backend.process()).await;
    let batch = owner.batch(vec![born(1, "Ada", 9), vec![earned(player_id(1), 9)]]);
    owner.store.write(&batch).await.unwrap();
    owner.store.write(&batch).await.unwrap();
    assert_eq!(owner.store.export().await.unwrap().players[0].ledger_credits, 9);
}

async fn a_batch_out_of_turn_is_refused(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.number = 5;
    let refused = owner.try_write(vec![born(1, "Ada", 1)]).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(owner.store.load_player(player_id(1)).await.unwrap(), None);
    owner.number = 0;
    owner.write(vec![born(1, "Ada", 1)]).await;
}

async fn a_stale_epoch_is_refused_and_nothing_written(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada", 1)]).await;
    backend.steal().await;
    let refused = owner.try_write(vec![vec![Write::Player(player_id(1), player(2, 2))]]).await;
    assert!(matches!(refused, Err(StoreError::StaleEpoch { found: 2, ours: 1 })), "{refused:?}");
    assert_eq!(owner.store.last_batch().await.unwrap(), BatchMark { epoch: 2, number: 0 });
    assert_eq!(owner.store.load_player(player_id(1)).await.unwrap().unwrap().player, player(1, 1));
}

async fn a_second_claim_is_refused_and_changes_nothing(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada", 1)]).await;
    let refused = backend.process().claim().await;
    assert!(matches!(refused, Err(StoreError::InUse(_))), "{refused:?}");
    assert!(matches!(owner.store.claim().await, Err(StoreError::InUse(_))));
    assert_eq!(owner.store.last_batch().await.unwrap(), BatchMark { epoch: 1, number: 1 });
    owner.write(vec![born(2, "Bob", 1)]).await;
}

async fn the_data_can_be_claimed_again_after_a_release(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada", 1)]).await;
    owner.store.release().await;
    let mut next = Owner::of(backend.process()).await;
    assert_eq!((next.epoch, next.store.last_batch().await.unwrap().number), (2, 0));
    next.write(vec![born(2, "Bob", 1)]).await;
    assert!(next.store.load_player(player_id(1)).await.unwrap().is_some());
}

async fn without_a_claim_nothing_is_written(backend: &dyn Backend) {
    let owner = Owner::of(backend.process()).await;
    let batch = owner.batch(vec![born(1, "Ada", 1)]);
    let refused = backend.process().write(&batch).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(owner.store.load_player(player_id(1)).await.unwrap(), None);
}

async fn accounts_are_found_by_their_current_name(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada Lovelace", 1)]).await;
    let found = owner.store.account_by_name(&name_key("ＡDA lovelace")).await.unwrap();
    assert_eq!(found, Some((player_id(1), account(1, "Ada Lovelace").record)));
    owner.write(vec![vec![Write::Account(player_id(1), account(2, "Countess"))]]).await;
    assert_eq!(owner.store.account_by_name("ada lovelace").await.unwrap(), None);
    assert!(owner.store.account_by_name("countess").await.unwrap().is_some());
}

async fn two_accounts_may_trade_names_within_a_batch(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada", 1), born(2, "Bob", 1)]).await;
    let freed = vec![Write::Account(player_id(2), account(2, "Charles"))];
    let taken = vec![Write::Account(player_id(1), account(2, "Bob"))];
    owner.write(vec![freed, taken, born(3, "Ada", 1)]).await;
    for (name, number) in [("bob", 1), ("charles", 2), ("ada", 3)] {
        let (id, _) = owner.store.account_by_name(name).await.unwrap().unwrap();
        assert_eq!(id, player_id(number), "{name}");
    }
}

async fn a_name_that_is_taken_is_refused_and_nothing_written(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada", 1)]).await;
    let refused = owner.try_write(vec![born(2, "ADA", 1)]).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(owner.store.last_batch().await.unwrap().number, 1);
    assert_eq!(owner.store.load_player(player_id(2)).await.unwrap(), None);
    owner.write(vec![born(2, "Bob", 1)]).await;
}

async fn a_command_id_that_was_forgotten_and_is_used_again_counts_as_new(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let (ada, bob) = (player_id(1), player_id(2));
    let commands = |ids: &[u64]| ids.iter().map(|id| Write::Command(command(ada, *id))).collect::<Vec<_>>();
    owner.write(vec![born(1, "Ada", 1), commands(&[1, 2]), vec![Write::Command(command(bob, 1))]]).await;
    let again = CommandRow { fingerprint: 99, ..command(ada, 1) };
    owner.write(vec![commands(&[1, 3]), vec![Write::Command(again.clone())]]).await;
    let stored = owner.store.load_player(ada).await.unwrap().unwrap().commands;
    assert_eq!(stored, vec![command(ada, 2), command(ada, 3), again]);
}

async fn the_latest_commands_are_remembered_oldest_first(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let (ada, bob) = (player_id(1), player_id(2));
    owner.write(vec![born(1, "Ada", 1), born(2, "Bob", 1)]).await;
    // Ids that fall, so that nothing but the order of arrival explains the result.
    let total = REMEMBERED_PER_PLAYER as u64 + 5;
    for half in [0..total / 2, total / 2..total] {
        let commits = half.map(|at| {
            let id = total - at;
            let other = Write::Command(command(bob, id));
            vec![Write::Command(command(ada, id)), other]
        });
        owner.write(commits.collect()).await;
    }
    let stored = owner.store.load_player(ada).await.unwrap().unwrap();
    let ids: Vec<u64> = stored.commands.iter().map(|row| row.id.0).collect();
    let expected: Vec<u64> = (1..=REMEMBERED_PER_PLAYER as u64).rev().collect();
    assert_eq!(ids, expected);
}

async fn transfers_under_way_are_listed_oldest_first(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    for sequence in [30, 4, 100] {
        owner.write(vec![vec![Write::PutOutbox(transfer(sequence, ada))]]).await;
    }
    owner.write(vec![vec![Write::PutOutbox(transfer(30, ada))]]).await;
    // In one batch too: not in the order of their ids.
    owner.write(vec![[9, 10, 2].map(|sequence| Write::PutOutbox(transfer(sequence, ada))).to_vec()]).await;
    let expected = [30, 4, 100, 9, 10, 2].map(|sequence| transfer(sequence, ada));
    assert_eq!(owner.store.outbox().await.unwrap(), expected);
}

async fn reads_beside_a_writer_see_whole_batches(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    owner.write(vec![born(1, "Ada", 1)]).await;
    let store = owner.store.clone();
    let reader = tokio::spawn(async move {
        let mut last = 1;
        while last < 100 {
            let stored = store.load_player(ada).await.unwrap().unwrap();
            assert_eq!(stored.account.version, stored.player.version);
            assert_eq!(stored.commands.len() as u64, stored.player.version - 1);
            assert!(stored.player.version >= last);
            last = stored.player.version;
        }
    });
    for version in 2..=100 {
        let documents = vec![Write::Account(ada, account(version, "Ada")), Write::Player(ada, player(version, 1))];
        owner.write(vec![documents, vec![Write::Command(command(ada, version))]]).await;
        let seen = owner.store.load_player(ada).await.unwrap().unwrap();
        assert_eq!(seen.player.version, version, "a read must see every write that has returned");
    }
    reader.await.unwrap();
}

async fn an_export_sums_the_ledger(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let (ada, bob) = (player_id(1), player_id(2));
    let mut refused = command(ada, 3);
    refused.applied = false;
    let commands = [command(ada, 20), command(ada, 7), refused].map(Write::Command).to_vec();
    let (hubs, item) = (External::Hubs, Some(ore()));
    let moves = [
        moved(hubs, ada, None, 100),
        moved(ada, bob, None, 30),
        moved(hubs, ada, item.clone(), 5),
        moved(ada, hubs, item.clone(), 8),
        moved(hubs, bob, item.clone(), 3),
        moved(bob, market(), item, 3),
        arrived(ada, 5),
        arrived(ada, 4),
        LedgerEntry { item: None, ..arrived(ada, 4) },
    ];
    let space = vec![Write::PutObject(object(1)), Write::PutOutbox(transfer(9, bob))];
    let moves = moves.map(Write::Ledger).to_vec();
    let market = vec![put_part(PartTable::Market, market(), "state", 1)];
    owner.write(vec![born(2, "Bob", 4), born(1, "Ada", 70), commands, moves, space, market]).await;

    let export = owner.store.export().await.unwrap();
    assert_eq!((export.epoch, export.batch, export.objects), (1, 1, 1));
    assert_eq!(export.outbox, [transfer(9, bob).id]);
    let [first, second] = export.players.as_slice() else { panic!("two players expected: {export:?}") };
    assert_eq!((first.name.as_str(), first.credits, first.ledger_credits), ("Ada", 70, 75));
    assert_eq!((first.goods.clone(), first.ledger_goods.clone()), ([(ore(), 3)].into(), [(ore(), 7)].into()));
    assert_eq!(first.storage, [("luna".to_owned(), [(ore(), 4)].into())].into());
    assert_eq!(
        (first.known.as_slice(), first.researching.as_deref()),
        (["mining".to_owned()].as_slice(), Some("deep_scanning"))
    );
    assert_eq!(first.commands, [CommandId(7), CommandId(20)]);
    assert_eq!(first.transfers, [transfer(4, ada).id, transfer(5, ada).id]);
    assert_eq!((second.ledger_credits, second.ledger_goods.len()), (30, 0));
    assert_eq!(export.parts, [("market/market:luna/state".to_owned(), doc(1))].into());
}

async fn an_export_of_a_live_store_is_of_one_moment(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    owner.write(vec![born(1, "Ada", 1), vec![earned(ada, 1)]]).await;
    let store = backend.reader();
    let reader = tokio::spawn(async move {
        let mut batch = 1;
        while batch < 60 {
            let export = store.export().await.unwrap();
            assert_eq!(export.players[0].credits.cast_signed(), export.players[0].ledger_credits);
            assert_eq!(export.batch, export.players[0].credits);
            batch = export.batch;
        }
    });
    for credits in 2..=60 {
        owner.write(vec![vec![Write::Player(ada, player(credits, credits)), earned(ada, 1)]]).await;
    }
    reader.await.unwrap();
}

async fn a_row_that_cannot_be_read_is_named(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada", 1), born(2, "Bob", 1)]).await;
    backend.corrupt_player(player_id(1)).await;
    let Err(StoreError::Corrupt(text)) = owner.store.load_player(player_id(1)).await else {
        panic!("a corrupt row must not be read");
    };
    assert!(text.contains("player") && text.contains(&player_id(1).to_string()), "{text}");
    assert!(owner.store.load_player(player_id(2)).await.unwrap().is_some());
}
