//! What the console asks for is found by an index: the plans that SQLite makes.
#![allow(clippy::unwrap_used)]

use rusqlite::Connection;

use super::console::{AUDIT, ON_TARGETS, SNAPSHOT_AT, SNAPSHOTS, audit_sql, search_sql};
use super::ledger::{MOVED_SINCE, PAGE};

/// The lines of a statement's plan.
fn plan(sql: &str) -> Vec<String> {
    let mut connection = Connection::open_in_memory().unwrap();
    super::migrate(&mut connection).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get(3).unwrap());
    }
    lines
}

/// The plan uses each of the indexes, and reads no table from end to end.
fn check(sql: &str, indexes: &[&str]) {
    let plan = plan(sql);
    for index in indexes {
        assert!(plan.iter().any(|line| line.starts_with("SEARCH") && line.contains(index)), "{sql}: {plan:#?}");
    }
    // What a statement itself has put together is scanned.
    let own = ["SCAN (", "SCAN sub", "SCAN done", "SCAN each", "SCAN entry", "SCAN page", "SCAN json_each"];
    let scans = |line: &String| line.starts_with("SCAN") && !own.iter().any(|own| line.starts_with(own));
    assert!(!plan.iter().any(scans), "{sql}: {plan:#?}");
}

/// The order comes from the index as well.
fn check_sorted(sql: &str, indexes: &[&str]) {
    check(sql, indexes);
    assert!(!plan(sql).iter().any(|line| line.contains("TEMP B-TREE FOR ORDER BY")), "{sql}: {:#?}", plan(sql));
}

#[test]
fn players_are_searched_by_their_names_index() {
    for with_start in [true, false] {
        check_sorted(&search_sql(with_start, false, false), &["account_name_key"]);
        check_sorted(&search_sql(with_start, true, false), &["account_banned"]);
        check_sorted(&search_sql(with_start, false, true), &["account_muted"]);
        let both = search_sql(with_start, true, true);
        assert!(plan(&both).iter().any(|line| line.contains("account_banned") || line.contains("account_muted")));
    }
}

#[test]
fn the_ledger_is_read_by_account_and_time() {
    let tail = "ledger USING INTEGER PRIMARY KEY (rowid>?)";
    check(PAGE, &["found USING PRIMARY KEY (run=? AND account=? AND (at_ms,seq)<(?,?))", tail]);
    check(MOVED_SINCE, &["found USING PRIMARY KEY (run=? AND account=? AND at_ms>?)", tail]);
}

#[test]
fn snapshots_are_found_by_player_and_time() {
    check_sorted(SNAPSHOT_AT, &["(player=? AND at_ms<?)"]);
    check_sorted(SNAPSHOTS, &["(player=? AND at_ms<?)"]);
}

#[test]
fn the_audit_log_is_read_by_the_filters_indexes() {
    check(&format!("{AUDIT}{ON_TARGETS}"), &["audit_log_target (target=?"]);
    check_sorted(&format!("{AUDIT} WHERE seq = ?1"), &["INTEGER PRIMARY KEY", "audit_log_undoes"]);
    for columns in 0..16_usize {
        // The narrowest first.
        let by_any = [
            (8, "audit_log_undoes (undoes=? AND rowid"),
            (4, "audit_log_target (target=? AND rowid"),
            (1, "audit_log_operator (operator=? AND rowid"),
            (2, "audit_log_action (action=? AND rowid"),
        ];
        let plan = plan(&audit_sql(columns));
        let own: Vec<&String> = plan.iter().filter(|line| line.starts_with("SEARCH audit_log ")).collect();
        let index = by_any.iter().find(|(bit, _)| columns & bit != 0).map_or("INTEGER PRIMARY KEY", |(_, index)| index);
        assert!(own.iter().any(|line| line.contains(index)), "{}: {plan:#?}", audit_sql(columns));
        assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE FOR ORDER BY")), "{plan:#?}");
    }
}
