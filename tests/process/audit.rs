//! `orrery audit` and the auditor of a running server: quiet as long as the books balance, and exact when they do not.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Client;
use crate::postgres;
use crate::server::{Home, error_text};

#[tokio::test]
async fn books_that_balance_and_books_that_do_not_on_sqlite() {
    let home = Home::on_sqlite();
    let file = home.path("data/orrery.db");
    let spoil = async move |sql: &str| rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    let rob = "UPDATE player SET doc = json_set(doc, '$.credits', (doc ->> '$.credits') - 1)";
    books_that_balance_and_books_that_do_not(home, spoil, rob).await;
}

#[tokio::test]
async fn books_that_balance_and_books_that_do_not_on_postgres() {
    let Some(cluster) = postgres::shared() else { return };
    let url = cluster.create_database().await;
    let home = Home::on(&url);
    let spoil = async move |sql: &str| postgres::execute(&url, sql).await;
    let rob = "UPDATE player SET doc = jsonb_set(doc::jsonb, '{credits}', to_jsonb((doc ->> 'credits')::bigint - 1))";
    books_that_balance_and_books_that_do_not(home, spoil, rob).await;
}

/// `spoil` runs SQL past the server, and `rob` takes a credit from everybody.
async fn books_that_balance_and_books_that_do_not(home: Home, spoil: impl AsyncFn(&str), rob: &str) {
    let home = home.with("audit.every_ms", 50);
    let nothing = home.run(&["audit"]);
    assert_eq!(nothing.status.code(), Some(1), "there is no store");

    let mut server = home.start_server();
    let ada = Client::enter_as_guest(&server, "Ada").await;
    let supply = server.wait_for_metric("orrery_money_supply_credits", |credits| credits > 0.0).await;
    assert_eq!(server.metric("orrery_audit_differences").await, 0.0);
    let live: Value = serde_json::from_str(&home.run_well(&["audit", "--json"])).unwrap();
    assert_eq!((&live["balanced"], &live["money_supply"]), (&json!(true), &json!(supply as i64)));
    assert!(home.run_well(&["audit"]).starts_with("the books balance: "));

    spoil(rob).await;
    server.wait_for_metric("orrery_audit_differences", |found| found == 1.0).await;
    let name = format!("player:{}", ada.welcome.player);
    assert!(server.log().contains(&name), "{}", server.log());
    server.kill_9();

    let output = home.run(&["audit"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(error_text(&output).contains("do not balance"), "{}", error_text(&output));
    let paid = supply as i64;
    let expected = format!("{name}: credits: the ledger says {paid}, the state {}", paid - 1);
    assert!(text.lines().any(|line| line == expected), "{expected} is not in {text}");
    let found: Value = serde_json::from_slice(&home.run(&["audit", "--json"]).stdout).unwrap();
    let difference = json!({ "account": name, "asset": "credits", "ledger": paid, "state": paid - 1 });
    assert_eq!(found["differences"], json!([difference]));
}

#[tokio::test]
async fn the_auditor_can_be_switched_off() {
    let home = Home::on_sqlite().with("audit.every_ms", 0);
    let server = home.start_server();
    Client::enter_as_guest(&server, "Ada").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.metric("orrery_audit_runs_total").await, 0.0);
}
