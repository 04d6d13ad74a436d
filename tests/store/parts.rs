//! Parts of actors' states, logs that are read page by page, and transfers that begin and end in one batch.

use orrery::store::{Log, PartKey, Row, Write};
use orrery_core::game::PartTable;
use orrery_core::types::{GuildId, HubKey, MissionId, Party};
use uuid::Uuid;

use crate::backend::{Backend, on_every_backend};
use crate::world::*;

on_every_backend![
    parts_of_every_table_are_put_changed_and_deleted,
    a_part_put_and_deleted_in_one_batch_is_not_there,
    parts_are_found_by_their_id_across_owners,
    a_log_is_read_in_pages_both_ways,
    a_line_that_is_there_is_not_written_again,
    a_transfer_that_ends_in_the_batch_in_which_it_began_is_never_stored,
    players_are_there_or_not,
    all_players_come_with_name_and_state,
];

fn guild() -> Party {
    Party::Guild(GuildId(Uuid::from_u128(9)))
}

fn gone(table: PartTable, owner: Party, id: &str) -> Write {
    Write::Part(part_key(table, owner, id), Row::Delete)
}

async fn parts_of_every_table_are_put_changed_and_deleted(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let put = |table: &PartTable| ["1", "2", "3"].map(|id| put_part(*table, market(), id, 1));
    owner.write(PartTable::ALL.iter().map(|table| put(table).to_vec()).collect()).await;
    let change = |table: &PartTable| vec![put_part(*table, market(), "2", 2), gone(*table, market(), "1")];
    let other = vec![put_part(PartTable::Guild, guild(), "state", 3), gone(PartTable::Guild, guild(), "never")];
    owner.write(PartTable::ALL.iter().map(change).chain([other]).collect()).await;

    let mut expected = Vec::new();
    for table in PartTable::ALL {
        expected.extend([(part_key(*table, market(), "2"), doc(2)), (part_key(*table, market(), "3"), doc(1))]);
    }
    assert_eq!(owner.store.load_parts(&market()).await.unwrap(), expected);
    let state = (part_key(PartTable::Guild, guild(), "state"), doc(3));
    assert_eq!(owner.store.load_parts(&guild()).await.unwrap(), [state]);
}

async fn a_part_put_and_deleted_in_one_batch_is_not_there(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let both = vec![put_part(PartTable::Order, market(), "1", 1), gone(PartTable::Order, market(), "1")];
    let back = vec![gone(PartTable::Order, market(), "2"), put_part(PartTable::Order, market(), "2", 5)];
    owner.write(vec![both, back]).await;
    let left = (part_key(PartTable::Order, market(), "2"), doc(5));
    assert_eq!(owner.store.load_parts(&market()).await.unwrap(), [left]);
}

async fn parts_are_found_by_their_id_across_owners(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let mission = |id: &str| Party::Mission(MissionId::parse(id).unwrap());
    let mars = Party::Market(HubKey::parse("mars").unwrap());
    let missions = ["rush_2", "rush_1"].map(|id| put_part(PartTable::Mission, mission(id), "state", 1));
    let others = vec![
        put_part(PartTable::Mission, mission("rush_1"), "other", 1),
        put_part(PartTable::Market, mars, "state", 1),
    ];
    owner.write(vec![missions.to_vec(), others]).await;
    let found = owner.store.parts_with_id(PartTable::Mission, "state").await.unwrap();
    let owners: Vec<PartKey> = found.into_iter().map(|(key, _)| key).collect();
    let expected = ["rush_1", "rush_2"].map(|id| part_key(PartTable::Mission, mission(id), "state"));
    assert_eq!(owners, expected);
    assert_eq!(owner.store.parts_with_id(PartTable::Guild, "state").await.unwrap(), []);
}

async fn a_log_is_read_in_pages_both_ways(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let write = |log, stream: &str| (1..=7).map(|seq| Write::Log(line(log, stream, seq))).collect::<Vec<_>>();
    let commits = Log::ALL.into_iter().flat_map(|log| [write(log, "mine"), write(log, "theirs")]);
    owner.write(commits.collect()).await;
    for log in Log::ALL {
        let page = |from: u64, to: u64| (from..=to).map(|seq| line(log, "mine", seq)).collect::<Vec<_>>();
        let backwards = |from, to| page(from, to).into_iter().rev().collect::<Vec<_>>();
        let store = &owner.store;
        assert_eq!(store.read_log(log, "mine", None, 3).await.unwrap(), backwards(5, 7));
        assert_eq!(store.read_log(log, "mine", Some(5), 3).await.unwrap(), backwards(2, 4));
        assert_eq!(store.read_log(log, "mine", Some(2), 3).await.unwrap(), backwards(1, 1));
        assert_eq!(store.read_log(log, "mine", Some(1), 3).await.unwrap(), []);
        assert_eq!(store.read_log(log, "mine", Some(u64::MAX), 1).await.unwrap(), backwards(7, 7));
        assert_eq!(store.read_log_up(log, "mine", 0, 4).await.unwrap(), page(1, 4));
        assert_eq!(store.read_log_up(log, "mine", 4, 100).await.unwrap(), page(5, 7));
        assert_eq!(store.read_log_up(log, "mine", u64::MAX, 1).await.unwrap(), []);
        assert_eq!(store.read_log(log, "nobody's", None, 3).await.unwrap(), []);
    }
}

async fn a_line_that_is_there_is_not_written_again(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![vec![Write::Log(line(Log::Season, "1:credits", 1))]]).await;
    let mut again = line(Log::Season, "1:credits", 1);
    again.doc = doc(99);
    owner.write(vec![vec![Write::Log(again), Write::Log(line(Log::Season, "1:credits", 2))]]).await;
    let lines = owner.store.read_log_up(Log::Season, "1:credits", 0, 9).await.unwrap();
    assert_eq!(lines, [line(Log::Season, "1:credits", 1), line(Log::Season, "1:credits", 2)]);
}

async fn a_transfer_that_ends_in_the_batch_in_which_it_began_is_never_stored(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    let begun = vec![Write::PutOutbox(transfer(1, ada)), Write::PutOutbox(transfer(2, ada))];
    let batch = owner.batch(vec![begun, vec![Write::DeleteOutbox(transfer(1, ada).id)]]);
    assert_eq!(batch.outbox.len(), 1, "only the other one is a row to write");
    owner.store.write(&batch).await.unwrap();
    owner.number += 1;
    assert_eq!(owner.store.outbox().await.unwrap(), [transfer(2, ada)]);
    // Ended, begun anew and ended again in one batch: the stored one is gone as well.
    let (end, begin) = (Write::DeleteOutbox(transfer(2, ada).id), Write::PutOutbox(transfer(2, ada)));
    owner.write(vec![vec![end.clone(), begin, end]]).await;
    assert_eq!(owner.store.outbox().await.unwrap(), []);
}

async fn players_are_there_or_not(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada", 1)]).await;
    assert!(owner.store.player_exists(player_id(1)).await.unwrap());
    assert!(!owner.store.player_exists(player_id(2)).await.unwrap());
}

async fn all_players_come_with_name_and_state(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(2, "Bob", 20), born(1, "Ada", 10)]).await;
    let all = owner.store.all_players().await.unwrap();
    let of = |number, name: &str, credits| (player_id(number), name.to_owned(), player(1, credits).record);
    assert_eq!(all, [of(1, "Ada", 10), of(2, "Bob", 20)]);
}
