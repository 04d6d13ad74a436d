//! Databases of earlier versions, with everything in them, come up in today's form: nothing is lost, the books balance,
//! and what is looked up since is found.

use std::collections::BTreeMap;

use orrery::store::{AuditScope, PlayerSearch, Store};
use orrery_core::game::conservation::Balance;
use orrery_core::types::{Account, CommandId, External, Holdings, Millis, PlayerId, Quantity, TransferId};
use refinery::{Migration, Runner};

use crate::backend::{Backend, Postgres, Sqlite};
use crate::world::*;

const SQLITE: [&str; 2] = [
    include_str!("../../src/store/sqlite/migrations/V1__base.sql"),
    include_str!("../../src/store/sqlite/migrations/V2__economy.sql"),
];
const POSTGRES: [&str; 2] = [
    include_str!("../../src/store/postgres/migrations/V1__base.sql"),
    include_str!("../../src/store/postgres/migrations/V2__economy.sql"),
];
const ACCOUNT: &str = include_str!("samples/account_v1.json");

/// What brings a database to version 1, or to version 2.
fn version(version: usize, sql: [&str; 2]) -> Runner {
    let all = ["V1__base", "V2__economy"].into_iter().zip(sql);
    let migrations: Vec<Migration> = all.map(|(name, sql)| Migration::unapplied(name, sql).unwrap()).collect();
    Runner::new(&migrations[..version])
}

/// What a server of version 0.1 has left. `id` writes a player's id, `yes` what is true, in the backend's SQL.
fn contents(id: impl Fn(PlayerId) -> String, yes: &str) -> String {
    let (ada, to) = (id(player_id(1)), player_id(1));
    let player = r#"{"v":"1","credits":95,"ship":"shuttle","cargo":{"iron_ore":3},"known":["mining"],"research":null,
        "lifetime":{"objects_collected":1,"pieces_sold":2,"credits_earned":20,"credits_spent":25,"techs_researched":0,
        "jumps":0}}"#;
    let under_way = |object: u64| {
        let doc =
            format!(r#"{{"v":"1","to":"{to}","command":{object},"object":{object},"item":"iron_ore","quantity":4}}"#);
        format!("INSERT INTO outbox (id, doc) VALUES ('collect-{object}', '{doc}');")
    };
    let command = |number: u64| {
        let columns = "(player, id, fingerprint, applied, answer, at_ms)";
        format!("INSERT INTO command {columns} VALUES ({ada}, {number}, 1, {yes}, '{{}}', 1);")
    };
    let row = |values: &str| {
        let columns = "(player, at_ms, reason, command, transfer, item, quantity, credits)";
        format!("INSERT INTO ledger {columns} VALUES ({ada}, {values});")
    };
    [
        "UPDATE node SET epoch = 4, batch = 17;".to_owned(),
        format!("INSERT INTO account (id, version, doc) VALUES ({ada}, 2, '{ACCOUNT}');"),
        format!("INSERT INTO player (id, version, doc) VALUES ({ada}, 3, '{player}');"),
        format!("INSERT INTO ship (player, world, x, y) VALUES ({ada}, 'sol', 1, 2);"),
        row("1, 'start', NULL, NULL, NULL, NULL, 100"),
        row("2, 'collect', 11, 'collect-1', 'iron_ore', 5, 0"),
        row("3, 'sell', 12, NULL, 'iron_ore', -2, 20"),
        row("4, 'research', 13, NULL, NULL, NULL, -50"),
        row("5, 'research_refund', 14, NULL, NULL, NULL, 25"),
        command(11),
        command(12),
        format!("INSERT INTO inbox (player, id, at_ms) VALUES ({ada}, 'collect-1', 2);"),
        // The first was received, but the server ended before its row went.
        under_way(1),
        under_way(2),
        under_way(3),
    ]
    .join("\n")
}

async fn comes_up_in_todays_form(backend: &dyn Backend) {
    let owner = Owner::of(backend.process()).await;
    assert_eq!(owner.epoch, 5);
    let store = &owner.store;
    let ada = player_id(1);
    let stored = store.load_player(ada).await.unwrap().unwrap();
    assert_eq!((stored.player.version, stored.commands.len()), (3, 2));
    let player = stored.player.record.into_player(ada);
    assert_eq!(player.holdings(), Holdings::of_goods(ore(), Quantity(3)).with_credits(orrery_core::types::Credits(95)));

    let facts = store.audit(AuditScope::Everything).await.unwrap();
    let balance = |credits, ore_left: i64| Balance { credits, goods: [(ore(), ore_left)].into() };
    let credits = |credits| Balance { credits, ..Balance::default() };
    let expected: BTreeMap<Account, Balance> = [
        (Account::from(ada), balance(95, 3)),
        (Account::Transit, balance(0, 8)),
        (External::Space.into(), balance(0, -13)),
        (External::Hubs.into(), balance(-20, 2)),
        (External::Services.into(), credits(25)),
        (External::Start.into(), credits(-100)),
    ]
    .into();
    assert_eq!(facts.balances, expected);
    assert_eq!(facts.players[&ada], player.holdings());
    check_what_is_under_way(store.as_ref(), ada).await;
}

async fn check_what_is_under_way(store: &dyn Store, ada: PlayerId) {
    let under_way = store.outbox().await.unwrap();
    let transfers = under_way.into_iter().map(|row| row.record.into_transfer(row.id).unwrap());
    let under_way: Vec<_> = transfers.map(|transfer| (transfer.id.to_string(), transfer.holdings)).collect();
    let goods = Holdings::of_goods(ore(), Quantity(4));
    assert_eq!(under_way, [("collect-2".to_owned(), goods.clone()), ("collect-3".to_owned(), goods)]);
    let export = store.export().await.unwrap();
    let [player] = export.players.as_slice() else { panic!("one player expected: {export:?}") };
    assert_eq!((player.player, player.ledger_credits), (ada, 95));
    assert_eq!(player.transfers, [TransferId::from_stored("collect-1".to_owned())]);
    assert_eq!(player.commands, [CommandId(11), CommandId(12)]);
}

/// What a server of version 0.2 has left besides what one of version 0.1 had: other players, and rows of the ledger.
fn contents_of_version_2(id: impl Fn(PlayerId) -> String) -> String {
    let player = r#"{"v":"2","credits":40,"ship":"shuttle","cargo":{"iron_ore":3},"known":[],"research":null,
        "lifetime":{"objects_collected":1,"pieces_sold":2,"credits_earned":20,"credits_spent":25,"techs_researched":0,
        "jumps":0}}"#;
    let born = |number: u128, name: &str| {
        let (id, key) = (id(player_id(number)), name.to_lowercase());
        let account = ACCOUNT.replace("Ada Lovelace", name).replace("ada lovelace", &key);
        [
            format!("INSERT INTO account (id, version, doc) VALUES ({id}, 1, '{account}');"),
            format!("INSERT INTO player (id, version, doc) VALUES ({id}, 1, '{player}');"),
        ]
    };
    let row = |at: u64, from: &str, to: &str, item: &str, amount: u64| {
        let columns = "(at_ms, reason, from_account, to_account, item, amount, command, transfer)";
        format!("INSERT INTO ledger {columns} VALUES ({at}, 'gift', '{from}', '{to}', {item}, {amount}, 1, 'x-{at}');")
    };
    let (bob, cyd) = (format!("player:{}", player_id(2)), format!("player:{}", player_id(3)));
    let rows = [
        row(100, "start", &bob, "NULL", 90),
        row(200, &bob, "transit", "NULL", 50),
        row(200, "transit", &cyd, "NULL", 50),
        row(300, "space", &bob, "'iron_ore'", 3),
    ];
    born(2, "Bob").into_iter().chain(born(3, "Bobby")).chain(rows).collect::<Vec<_>>().join("\n")
}

async fn what_is_looked_up_since_is_found(backend: &dyn Backend) {
    let owner = Owner::of(backend.process()).await;
    let (store, bob) = (&owner.store, player_id(2));
    let search = PlayerSearch { text: Some("BOB".to_owned()), ..PlayerSearch::default() };
    let found = store.search_players(search, None, 9).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|line| (line.name, line.credits.unwrap().0, line.banned_until)).collect();
    assert_eq!(found, [("Bob".to_owned(), 40, None), ("Bobby".to_owned(), 40, None)]);
    let rows = store.ledger(&Account::from(bob), None, 9).await.unwrap();
    let rows: Vec<_> = rows.into_iter().map(|line| (line.entry.at.0, line.entry.amount)).collect();
    assert_eq!(rows, [(300, 3), (200, 50), (100, 90)]);
    let held = async |at| store.holdings_at(bob, Millis(at)).await.unwrap().unwrap();
    assert_eq!(held(299).await, Balance { credits: 40, goods: BTreeMap::new() });
    assert_eq!(held(199).await.credits, 90);
    assert_eq!(store.operators().await.unwrap(), []);
    assert!(store.load_player(bob).await.unwrap().is_some());
}

fn sqlite_with(backend: &Sqlite, at_version: usize, more: &str) {
    std::fs::create_dir_all(backend.path().parent().unwrap()).unwrap();
    let mut connection = rusqlite::Connection::open(backend.path()).unwrap();
    version(1, SQLITE).run(&mut connection).unwrap();
    connection.execute_batch(&contents(|id| format!("x'{}'", id.0.simple()), "1")).unwrap();
    version(at_version, SQLITE).run(&mut connection).unwrap();
    connection.execute_batch(more).unwrap();
}

async fn postgres_with(backend: &Postgres, at_version: usize, more: &str) {
    let (mut client, connection) = tokio_postgres::connect(backend.url(), tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    version(1, POSTGRES).run_async(&mut client).await.unwrap();
    client.batch_execute(&contents(|id| format!("'{id}'"), "true")).await.unwrap();
    version(at_version, POSTGRES).run_async(&mut client).await.unwrap();
    client.batch_execute(more).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_sqlite_database_of_version_0_1() {
    let Some(backend) = Sqlite::fresh().await else { return };
    sqlite_with(&backend, 1, "");
    comes_up_in_todays_form(&backend).await;
}

#[tokio::test]
async fn a_postgres_database_of_version_0_1() {
    let Some(backend) = Postgres::fresh().await else { return };
    postgres_with(&backend, 1, "").await;
    comes_up_in_todays_form(&backend).await;
}

#[tokio::test]
async fn a_sqlite_database_of_version_0_2() {
    let Some(backend) = Sqlite::fresh().await else { return };
    sqlite_with(&backend, 2, &contents_of_version_2(|id| format!("x'{}'", id.0.simple())));
    what_is_looked_up_since_is_found(&backend).await;
}

#[tokio::test]
async fn a_postgres_database_of_version_0_2() {
    let Some(backend) = Postgres::fresh().await else { return };
    postgres_with(&backend, 2, &contents_of_version_2(|id| format!("'{id}'"))).await;
    what_is_looked_up_since_is_found(&backend).await;
}
