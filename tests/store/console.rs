//! What the operators' console writes and reads.

use orrery::store::record::{OperatorRecord, name_key};
use orrery::store::{
    AuditFilter, AuditLine, LedgerLine, PlayerLine, PlayerSearch, Row, SNAPSHOTS_PRUNED_MAX, SnapshotRow, StoreError,
    Versioned, Write,
};
use orrery_core::game::conservation::Balance;
use orrery_core::types::{Account, AuditEntry, By, Credits, External, Millis, OperatorId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, Postgres, Sqlite, on_every_backend};
use crate::postgres::{self as cluster, execute};
use crate::world::*;

on_every_backend![
    operators_are_put_changed_and_deleted_and_may_trade_names,
    an_operators_name_that_is_taken_is_refused,
    what_operators_have_set_is_read_back,
    the_audit_log_is_read_in_pages_by_every_filter,
    an_audit_number_is_never_written_twice,
    the_newest_snapshot_that_is_not_newer_is_found,
    old_snapshots_go_a_bounded_number_at_a_time,
    an_accounts_ledger_is_read_in_pages_newest_first,
    what_a_player_held_at_a_time_follows_from_the_ledger,
    players_are_found_by_the_beginning_of_their_name,
    players_are_found_page_by_page_whatever_their_names_are,
    players_are_found_by_their_id,
    tables_have_sizes,
];

fn operator_id(number: u128) -> OperatorId {
    OperatorId(Uuid::from_u128(number))
}

/// An operator with everything that can be there.
pub(crate) fn operator(version: u64, name: &str) -> Versioned<OperatorRecord> {
    let token = json!({"id": Uuid::from_u128(5), "name": "ci \u{1F680}", "hash": vec![3; 32], "scope": "viewer",
        "created_ms": 6, "expires_ms": 7, "last_used_ms": null});
    let record = json!({"v": "1", "name": name, "name_key": name_key(name), "role": "admin", "password_hash": "$argon2id$",
        "totp": {"secret": [1, 2, 3], "last_step": 4}, "recovery": [vec![2; 32]], "failures": 1, "locked_until_ms": 8,
        "disabled": false, "created_ms": 9, "tokens": [token], "last_login_ms": 10});
    Versioned { version, record: serde_json::from_value(record).unwrap() }
}

fn put_operator(number: u128, version: u64, name: &str) -> Write {
    Write::Operator(operator_id(number), Row::Put(operator(version, name)))
}

async fn operators_are_put_changed_and_deleted_and_may_trade_names(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    assert_eq!(owner.store.operators().await.unwrap(), []);
    owner.write(vec![vec![put_operator(2, 1, "Bob"), put_operator(1, 1, "Ada"), put_operator(3, 1, "Cyd")]]).await;
    let gone = Write::Operator(operator_id(3), Row::Delete);
    owner.write(vec![vec![put_operator(1, 2, "Bob")], vec![put_operator(2, 2, "Cyd"), gone]]).await;
    let expected = [(operator_id(1), operator(2, "Bob")), (operator_id(2), operator(2, "Cyd"))];
    assert_eq!(owner.store.operators().await.unwrap(), expected);
}

async fn an_operators_name_that_is_taken_is_refused(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![vec![put_operator(1, 1, "Ada")]]).await;
    let refused = owner.try_write(vec![vec![put_operator(2, 1, "ADA")]]).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(owner.store.operators().await.unwrap().len(), 1);
}

async fn what_operators_have_set_is_read_back(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let put =
        |key: &str, version| Write::ConsoleState(key.to_owned(), Row::Put(Versioned { version, record: doc(version) }));
    owner.write(vec![vec![put("maintenance", 1), put("report:9", 1), put("report:10", 1)]]).await;
    let gone = Write::ConsoleState("report:9".to_owned(), Row::Delete);
    owner.write(vec![vec![put("maintenance", 2), gone], vec![put("maintenance", 3)]]).await;
    let expected = [("maintenance", 3), ("report:10", 1)]
        .map(|(key, version)| (key.to_owned(), Versioned { version, record: doc(version) }));
    assert_eq!(owner.store.console_state().await.unwrap(), expected);
}

pub(crate) fn entry(seq: u64, operator: u128, action: &str, target: &str, undoes: Option<u64>) -> AuditEntry {
    let by = By { operator: operator_id(operator), name: format!("op {operator}"), address: "::1".to_owned() };
    AuditEntry {
        seq,
        at_ms: Millis(1_000 + seq),
        by,
        action: action.to_owned(),
        target: target.to_owned(),
        target_name: "Ünï\u{0}".to_owned(),
        reason: "because".to_owned(),
        before: doc(seq),
        after: Value::Null,
        undo: undoes.map(|_| json!({"kind": "grant"})),
        undoes,
    }
}

/// Ten lines, odd numbers by 1 and even ones by 2; the third is taken back by the eighth, and again by the ninth.
fn entries() -> Vec<AuditEntry> {
    let action = |seq: u64| if seq < 6 { "grant" } else { "ban" };
    let target = |seq: u64| if seq.is_multiple_of(3) { "player:a" } else { "player:b" };
    let undoes = |seq: u64| matches!(seq, 8 | 9).then_some(3);
    (1..=10).map(|seq| entry(seq, u128::from(2 - seq % 2), action(seq), target(seq), undoes(seq))).collect()
}

async fn the_audit_log_is_read_in_pages_by_every_filter(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let entries = entries();
    owner.write(entries.iter().rev().map(|entry| vec![Write::Audit(entry.clone())]).collect()).await;
    for bits in 0..16 {
        let given = |bit: u32| bits & (1 << bit) != 0;
        let filter = AuditFilter {
            operator: given(0).then(|| operator_id(2)),
            action: given(1).then(|| "ban".to_owned()),
            target: given(2).then(|| "player:b".to_owned()),
            undoes: given(3).then_some(3),
        };
        let agrees = |entry: &&AuditEntry| {
            (!given(0) || entry.by.operator == operator_id(2))
                && (!given(1) || entry.action == "ban")
                && (!given(2) || entry.target == "player:b")
                && (!given(3) || entry.undoes == Some(3))
        };
        let expected: Vec<u64> = entries.iter().filter(agrees).map(|entry| entry.seq).rev().collect();
        let mut read = Vec::new();
        while let page = owner.store.audit_entries(filter.clone(), read.last().copied(), 2).await.unwrap()
            && !page.is_empty()
        {
            assert!(page.len() <= 2);
            read.extend(page.iter().map(|line| line.entry.seq));
        }
        assert_eq!(read, expected, "{filter:?}");
    }
    let third = AuditLine { entry: entries[2].clone(), undone_by: Some(8) };
    assert_eq!(owner.store.audit_entry(3).await.unwrap(), Some(third.clone()));
    assert_eq!(
        owner.store.audit_entries(AuditFilter::default(), Some(4), 1).await.unwrap(),
        std::slice::from_ref(&third)
    );
    let eighth = AuditLine { entry: entries[7].clone(), undone_by: None };
    assert_eq!(owner.store.audit_entry(8).await.unwrap(), Some(eighth));
    assert_eq!(owner.store.audit_entry(11).await.unwrap(), None);
    let (on, of) = (entries[2].target.clone(), entries[2].action.clone());
    let expected: Vec<u64> = entries.iter().filter(|e| e.target == on && e.action == of).map(|e| e.seq).collect();
    let found = owner.store.audit_on(&of, vec!["nobody".to_owned(), on]).await.unwrap();
    assert_eq!(found.iter().map(|line| line.entry.seq).collect::<Vec<_>>(), expected);
    assert!(found.contains(&third), "{found:?}");
    assert_eq!(owner.store.audit_on(&of, Vec::new()).await.unwrap(), []);
    let nul = AuditFilter { target: Some("\0".to_owned()), ..AuditFilter::default() };
    assert_eq!(owner.store.audit_entries(nul, None, 9).await.unwrap(), []);
}

async fn an_audit_number_is_never_written_twice(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![vec![Write::Audit(entry(1, 1, "grant", "player:a", None))]]).await;
    let refused = owner.try_write(vec![vec![Write::Audit(entry(1, 1, "ban", "player:a", None))]]).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(owner.store.audit_entry(1).await.unwrap().unwrap().entry.action, "grant");
}

pub(crate) fn snapshot(number: u128, at: u64) -> SnapshotRow {
    let record = player(1, at).record;
    SnapshotRow { player: player_id(number), at: Millis(at), account_name: "Ada \u{1F680}".to_owned(), record }
}

async fn the_newest_snapshot_that_is_not_newer_is_found(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(2);
    let others = [1, 3].map(|number| Write::Snapshot(snapshot(number, 150)));
    let hers = [100, 200, 300].map(|at| Write::Snapshot(snapshot(2, at)));
    owner.write(vec![others.into_iter().chain(hers).collect()]).await;
    let at = async |at| owner.store.snapshot_at(ada, Millis(at)).await.unwrap();
    assert_eq!(at(99).await, None);
    assert_eq!(at(100).await, Some(snapshot(2, 100)));
    assert_eq!(at(199).await, Some(snapshot(2, 100)));
    assert_eq!(at(200).await, Some(snapshot(2, 200)));
    assert_eq!(at(u64::MAX).await, Some(snapshot(2, 300)));
    let times = async |before, limit| {
        let times = owner.store.snapshots(ada, before, limit).await.unwrap();
        times.into_iter().map(|at| at.0).collect::<Vec<_>>()
    };
    assert_eq!(times(None, 2).await, [300, 200]);
    assert_eq!(times(Some(Millis(200)), 9).await, [100]);
    assert_eq!(times(Some(Millis(100)), 9).await, [0; 0]);
    // One more of the same time takes the place of the first.
    let mut again = snapshot(2, 300);
    again.account_name = "Countess".to_owned();
    owner.write(vec![vec![Write::Snapshot(again.clone())]]).await;
    assert_eq!(owner.store.snapshot_at(ada, Millis(300)).await.unwrap(), Some(again));
}

async fn old_snapshots_go_a_bounded_number_at_a_time(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let count = SNAPSHOTS_PRUNED_MAX as u64 + 10;
    owner.write(vec![(1..=count).map(|at| Write::Snapshot(snapshot(u128::from(at % 7), at))).collect()]).await;
    let prune = |before| vec![Write::PruneSnapshots { before: Millis(before) }];
    owner.write(vec![prune(3), prune(5)]).await;
    assert_eq!(owner.store.snapshot_at(player_id(4), Millis(4)).await.unwrap(), None);
    assert!(owner.store.snapshot_at(player_id(5), Millis(5)).await.unwrap().is_some());
    owner.write(vec![prune(u64::MAX >> 1)]).await;
    let mut left = Vec::new();
    for number in 0..7 {
        left.extend(owner.store.snapshots(player_id(number), None, 99).await.unwrap());
    }
    left.sort_unstable();
    assert_eq!(left, (count - 5..=count).map(Millis).collect::<Vec<_>>(), "the newest stay for the next turn");
}

/// Rows of Ada's and of others, with times that are not quite in the order of the numbers.
fn movements() -> Vec<orrery_core::game::LedgerEntry> {
    let (ada, bob) = (player_id(1), player_id(2));
    let mut rows = vec![
        moved(External::Start, ada, None, 100),
        moved(External::Start, bob, None, 100),
        moved(ada, Account::Transit, None, 30),
        moved(External::Hubs, ada, Some(ore()), 4),
        moved(ada, ada, Some(ore()), 3),
        moved(ada, External::Hubs, Some(ore()), 2),
        arrived(ada, 4),
    ];
    for (row, at) in rows.iter_mut().zip([10, 10, 20, 20, 15, 30, 30]) {
        row.at = Millis(at);
    }
    rows
}

async fn an_accounts_ledger_is_read_in_pages_newest_first(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![movements().into_iter().map(Write::Ledger).collect()]).await;
    let rows = movements();
    let expected = [7, 6, 4, 3, 5, 1].map(|seq| LedgerLine { seq, entry: rows[seq as usize - 1].clone() });
    let account = Account::from(player_id(1));
    let all = owner.store.ledger(&account, None, 100).await.unwrap();
    assert_eq!(all, expected);
    let mut pages: Vec<LedgerLine> = Vec::new();
    while let page = owner.store.ledger(&account, pages.last().map(|line| line.seq), 2).await.unwrap()
        && !page.is_empty()
    {
        assert!(page.len() <= 2);
        pages.extend(page);
    }
    assert_eq!(pages, all);
    assert_eq!(owner.store.ledger(&account, Some(99), 9).await.unwrap(), [], "there is no such row");
    let transit = owner.store.ledger(&Account::Transit, None, 9).await.unwrap();
    assert_eq!(transit.iter().map(|line| line.seq).collect::<Vec<_>>(), [7, 3]);
    assert_eq!(owner.store.ledger(&Account::from(player_id(9)), None, 9).await.unwrap(), []);
}

async fn what_a_player_held_at_a_time_follows_from_the_ledger(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    // What the sample of a player holds: the credits given, 3 in the hold, 4 stored.
    owner.write(vec![born(1, "Ada", 70), movements().into_iter().map(Write::Ledger).collect()]).await;
    let today = Balance { credits: 70, goods: [(ore(), 7)].into() };
    let held = async |at| owner.store.holdings_at(player_id(1), Millis(at)).await.unwrap();
    assert_eq!(held(30).await, Some(today.clone()));
    assert_eq!(held(u64::MAX).await, Some(today));
    let goods = |count| [(ore(), count)].into_iter().filter(|(_, count)| *count != 0).collect();
    assert_eq!(held(29).await, Some(Balance { credits: 70, goods: goods(4) }), "2 were sold, 5 arrived");
    assert_eq!(held(19).await, Some(Balance { credits: 100, goods: goods(0) }));
    assert_eq!(held(9).await, Some(Balance::default()));
    assert_eq!(owner.store.holdings_at(player_id(2), Millis(9)).await.unwrap(), None);
}

fn named(text: &str) -> PlayerSearch {
    PlayerSearch { text: Some(text.to_owned()), ..PlayerSearch::default() }
}

fn names(lines: Vec<PlayerLine>) -> Vec<String> {
    lines.into_iter().map(|line| line.name).collect()
}

async fn players_are_found_by_the_beginning_of_their_name(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let all = ["Ada", "ada-2", "Adam", "AD_A", "Bob", "Émile", "éMILIE", "Zoë", "ａｄｂ"];
    owner.write((1..).zip(all).map(|(number, name)| born(number, name, 7)).collect()).await;
    let found = async |text: &str| names(owner.store.search_players(named(text), None, 99).await.unwrap());
    assert_eq!(found("ADA").await, ["Ada", "ada-2", "Adam"]);
    assert_eq!(found(" ad ").await, ["AD_A", "Ada", "ada-2", "Adam", "ａｄｂ"], "by code points, in their unique form");
    assert_eq!(found("ÉMIL").await, ["Émile", "éMILIE"]);
    assert_eq!(found("e").await, [""; 0]);
    assert_eq!(found("%").await, [""; 0]);
    assert_eq!(found("a\0").await, [""; 0]);
    assert_eq!(found("").await.len(), all.len());
    assert_eq!(names(owner.store.search_players(PlayerSearch::default(), None, 2).await.unwrap()), ["AD_A", "Ada"]);
    let line = PlayerLine {
        id: player_id(8),
        name: "Zoë".to_owned(),
        name_key: "zoë".to_owned(),
        guest: false,
        credits: Some(Credits(7)),
        created: Millis(1_000),
        banned_until: None,
        muted_until: None,
    };
    assert_eq!(owner.store.search_players(named("zo"), None, 9).await.unwrap(), [line]);
}

async fn players_are_found_page_by_page_whatever_their_names_are(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    // Where collations differ from the order of code points: case, accents, spaces, dashes, scripts, supplementary planes.
    let letters = ["a", "z", "0", "_", "-", " a", "ß", "é", "ж", "字", "𝒳", "ﬁ"];
    let all: Vec<String> = letters.iter().flat_map(|a| letters.iter().map(move |b| format!("x{a}{b}y"))).collect();
    let mut keys: Vec<String> = all.iter().map(|name| name_key(name)).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut made = std::collections::BTreeSet::new();
    let unique = all.iter().filter(|name| made.insert(name_key(name)));
    owner.write((1..).zip(unique).map(|(number, name)| born(number, name, 1)).collect()).await;
    let mut read: Vec<String> = Vec::new();
    while let page = owner.store.search_players(named("X"), read.last().map(String::as_str), 7).await.unwrap()
        && !page.is_empty()
    {
        read.extend(page.into_iter().map(|line| line.name_key));
    }
    assert_eq!(read, keys);
    let none = owner.store.search_players(named("x"), Some("y"), 7).await.unwrap();
    assert_eq!(none, []);
}

/// A database sorts text as its language does, unless it is told otherwise.
#[tokio::test]
async fn players_are_found_page_by_page_in_a_database_that_sorts_as_english_does() {
    let Some(cluster) = cluster::shared() else { return };
    let options = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
    let backend = Postgres::at(cluster.create_database_with(options).await);
    players_are_found_page_by_page_whatever_their_names_are(&backend).await;
}

async fn players_are_found_by_their_id(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada", 1), born(2, "Bob", 2)]).await;
    let found = async |search: PlayerSearch, after| names(owner.store.search_players(search, after, 9).await.unwrap());
    assert_eq!(found(named(&player_id(2).to_string()), None).await, ["Bob"]);
    assert_eq!(found(named(&player_id(2).0.simple().to_string().to_uppercase()), None).await, ["Bob"]);
    assert_eq!(found(named(&player_id(2).to_string()), Some("bob")).await, [""; 0], "there is no second page");
    assert_eq!(found(named(&player_id(3).to_string()), None).await, [""; 0]);
    let banned = PlayerSearch { banned: true, ..named(&player_id(2).to_string()) };
    assert_eq!(found(banned, None).await, [""; 0]);
}

/// Who is banned and muted until when.
const SANCTIONS: [(u128, &str, u64); 4] =
    [(1, "ban", 500), (2, "ban", 100), (3, "mute", 500), (4, "ban", (1 << 53) - 1)];

async fn with_pilots(backend: &dyn Backend) -> Owner {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(["Ada", "Abe", "Bob", "Cyd"].into_iter().zip(1..).map(|(name, n)| born(n, name, 1)).collect()).await;
    owner
}

#[tokio::test]
async fn banned_and_muted_players_are_found_as_long_as_it_lasts_in_sqlite() {
    let Some(backend) = Sqlite::fresh().await else { return };
    let owner = with_pilots(&backend).await;
    for (number, what, until) in SANCTIONS {
        let id = player_id(number).0.simple();
        let doc = format!("json_set(doc, '$.moderation', json('{{\"{what}\":{{\"until_ms\":{until}}}}}'))");
        backend.execute(&format!("UPDATE account SET doc = {doc} WHERE id = x'{id}'"));
    }
    banned_and_muted_players_are_found_as_long_as_it_lasts(owner).await;
}

#[tokio::test]
async fn banned_and_muted_players_are_found_as_long_as_it_lasts_in_postgres() {
    let Some(backend) = Postgres::fresh().await else { return };
    let owner = with_pilots(&backend).await;
    for (number, what, until) in SANCTIONS {
        let doc = format!("doc || '{{\"moderation\":{{\"{what}\":{{\"until_ms\":{until}}}}}}}'");
        let sql = format!("UPDATE account SET doc = {doc} WHERE id = '{}'", player_id(number));
        execute(backend.url(), &sql).await;
    }
    banned_and_muted_players_are_found_as_long_as_it_lasts(owner).await;
}

async fn banned_and_muted_players_are_found_as_long_as_it_lasts(owner: Owner) {
    let search = |text: &str, banned, muted, now| PlayerSearch { banned, muted, now: Millis(now), ..named(text) };
    let found = async |search, after| names(owner.store.search_players(search, after, 9).await.unwrap());
    assert_eq!(found(search("", true, false, 99), None).await, ["Abe", "Ada", "Cyd"]);
    assert_eq!(found(search("", true, false, 100), None).await, ["Ada", "Cyd"]);
    assert_eq!(found(search("a", true, false, 100), None).await, ["Ada"]);
    assert_eq!(found(search("", true, false, 100), Some("ada")).await, ["Cyd"]);
    assert_eq!(found(search("", false, true, 100), None).await, ["Bob"]);
    assert_eq!(found(search("", true, true, 100), None).await, [""; 0]);
    let abe = &owner.store.search_players(named("abe"), None, 1).await.unwrap()[0];
    assert_eq!((abe.banned_until, abe.muted_until), (Some(Millis(100)), None));
}

async fn tables_have_sizes(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1, "Ada", 1), vec![earned(player_id(1), 1), earned(player_id(1), 2)]]).await;
    let size = owner.store.table_sizes().await.unwrap();
    let names: Vec<&str> = size.tables.iter().map(|table| table.table.as_str()).collect();
    for table in ["account", "audit_log", "ledger", "outbox", "player", "player_snapshot"] {
        assert!(names.contains(&table), "{table} is not in {names:?}");
    }
    assert!(names.is_sorted());
}
