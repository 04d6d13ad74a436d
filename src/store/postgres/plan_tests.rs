//! What the console asks for is found by an index: the plans that PostgreSQL makes for tables with something in them.
#![allow(clippy::unwrap_used)]

use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::console::{LEDGER, MOVED_SINCE, SNAPSHOT_AT, SNAPSHOTS, audit_sql, search_sql};

#[path = "../../../tests/support/postgres.rs"]
mod cluster;

/// As many players, each with a few rows, as make an index worth it.
const CONTENTS: &str = r#"
    INSERT INTO account (id, version, doc)
        SELECT md5(n::text)::uuid, 1, jsonb_build_object('v', '1', 'name', 'Pilot ' || n, 'name_key', 'pilot ' || n,
            'created_ms', n, 'moderation', jsonb_build_object('ban', CASE WHEN n % 50 = 0 THEN '{"until_ms":9}'::jsonb END))
        FROM generate_series(1, 20000) AS n;
    INSERT INTO player (id, version, doc) SELECT id, 1, '{"credits":1}' FROM account;
    INSERT INTO ledger (at_ms, reason, from_account, to_account, amount)
        SELECT n, 'gift', 'player:' || md5((n % 2000)::text)::uuid, 'player:' || md5((n % 1999)::text)::uuid, 1
        FROM generate_series(1, 40000) AS n;
    INSERT INTO player_snapshot (player, at_ms, doc)
        SELECT md5((n % 2000)::text)::uuid, n, '{}' FROM generate_series(1, 20000) AS n;
    INSERT INTO audit_log (seq, at_ms, operator, operator_name, action, target, undoes, doc)
        SELECT n, n, md5((n % 20)::text)::uuid, 'op', CASE WHEN n % 1000 = 0 THEN 'erase' ELSE 'ban' END,
            'player:' || n % 2000, CASE WHEN n % 100 = 0 THEN n - 1 END,
            '{}'
        FROM generate_series(1, 20000) AS n;
    ANALYZE;"#;

async fn database() -> Option<Client> {
    let url = cluster::shared()?.create_database().await;
    let config = crate::config::StoreConfig::default();
    let store = super::PostgresStore::new(&url, &config).unwrap();
    crate::store::Store::claim(&store).await.unwrap();
    crate::store::Store::release(&store).await;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(CONTENTS).await.unwrap();
    Some(client)
}

/// The plan uses each of the indexes, and reads no table from end to end.
async fn check(client: &Client, sql: &str, values: &[&(dyn ToSql + Sync)], indexes: &[&str]) {
    let rows = client.query(&format!("EXPLAIN {sql}"), values).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for index in indexes {
        assert!(plan.iter().any(|line| line.contains(index)), "{sql}: {plan:#?}");
    }
    assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{sql}: {plan:#?}");
}

#[tokio::test]
async fn what_the_console_asks_for_is_found_by_an_index() {
    let Some(client) = database().await else { return };
    let (start, end, limit, now) = ("pilot 1", "pilot 1\u{10ffff}", 50_i64, 5_i64);
    for with_start in [true, false] {
        let by_name = search_sql(with_start, false, false);
        check(&client, &by_name, &[&start, &end, &limit], &["account_names"]).await;
        let banned = search_sql(with_start, true, false);
        check(&client, &banned, &[&start, &end, &limit, &now], &["account_banned"]).await;
        let muted = search_sql(with_start, false, true);
        check(&client, &muted, &[&start, &end, &limit, &now], &["account_muted"]).await;
    }
    let row = client.query_one("SELECT from_account FROM ledger WHERE seq = 5", &[]).await.unwrap();
    let account: String = row.get(0);
    let values: [&(dyn ToSql + Sync); 4] = [&account, &i64::MAX, &i64::MAX, &limit];
    check(&client, LEDGER, &values, &["ledger_from", "ledger_to"]).await;
    check(&client, MOVED_SINCE, &[&account, &30_000_i64], &["ledger_from", "ledger_to"]).await;
    let player = Uuid::parse_str(account.strip_prefix("player:").unwrap()).unwrap();
    check(&client, SNAPSHOT_AT, &[&player, &15_000_i64], &["player_snapshot_pkey"]).await;
    check(&client, SNAPSHOTS, &[&player, &15_000_i64, &limit], &["player_snapshot_pkey"]).await;
    let (operator, target) = (Uuid::nil(), "player:7");
    check(&client, &audit_sql(0), &[&i64::MAX, &limit], &["audit_log_pkey", "audit_log_undoes"]).await;
    check(&client, &audit_sql(1), &[&i64::MAX, &operator, &limit], &["audit_log_operator"]).await;
    check(&client, &audit_sql(2), &[&i64::MAX, &"erase", &limit], &["audit_log_action"]).await;
    check(&client, &audit_sql(4), &[&i64::MAX, &target, &limit], &["audit_log_target"]).await;
    check(&client, &audit_sql(8), &[&i64::MAX, &99_i64, &limit], &["audit_log_undoes"]).await;
}
