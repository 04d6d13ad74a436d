//! `kill -9` at random moments, again and again on the same data, under bots that come back each time: whatever was
//! answered is in the store, once, and what was under way arrives.
//!
//! The servers differ in how they gather batches, so that kills fall into every gap there is: between the commits of
//! one change (a row a batch), and long before a batch is written. In PostgreSQL the gap between a transfer's two
//! commits is held open on purpose.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use loadtest::dice::Dice;
use orrery::types::TransferId;
use tokio::time::sleep;

use crate::server::{Exported, Home, PATIENCE, Server};
use crate::{postgres, repeats, swarm};

const BOTS: usize = 200;
/// A server lives this long, in ms, from its first answer on.
const LIFE_MS: (u64, u64) = (1_500, 6_000);
/// How a server gathers a batch: its flush delay in ms, and its rows at most. Row by row is before each held gap.
const BATCHES: [(u64, usize); 3] = [(4, 5_000), (60, 5_000), (0, 1)];
/// Of the kills, those in a gap that is held open.
const HELD_EVERY: u64 = 3;
const POLL: Duration = Duration::from_millis(20);

#[tokio::test]
async fn sqlite_keeps_what_was_answered_through_any_kill() {
    survive_kills("sqlite", Home::on_sqlite(), None).await;
}

#[tokio::test]
async fn postgres_keeps_what_was_answered_through_any_kill() {
    let Some(cluster) = postgres::shared() else { return };
    let url = cluster.create_database().await;
    survive_kills("postgres", Home::on(&url), Some(&url)).await;
}

fn rounds() -> u64 {
    std::env::var("ORRERY_CRASH_RUNS").map_or(3, |runs| runs.parse().expect("ORRERY_CRASH_RUNS is a number"))
}

/// From now on, whoever deletes from the outbox takes a lock.
const WAIT: &str = "
    CREATE OR REPLACE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
    CREATE OR REPLACE TRIGGER held BEFORE DELETE ON outbox FOR EACH STATEMENT EXECUTE FUNCTION wait_for_test();";

async fn survive_kills(store: &str, home: Home, postgres: Option<&str>) {
    let _turn = swarm::TURN.lock().await;
    let mut dice = Dice::seeded(7);
    // Bots should get somewhere although each kill throws them back to where they were stored.
    let mut home = home.with("world.position_flush_ms", 500);
    let acks = home.path("acks.jsonl");
    let mut server = home.start_server();
    let address = server.address;
    let flight = swarm::send_traders(&server, BOTS, 1, &acks).await;
    let mut left_over = 0;
    for round in 1..=rounds() {
        // Life begins with the bots' return: a kill between two loads would test nothing.
        flight.wait_for_all().await.unwrap();
        let life = Duration::from_millis(LIFE_MS.0 + dice.below(LIFE_MS.1 - LIFE_MS.0));
        sleep(life).await;
        let when = format!("{store}, kill {round} after {life:?}");
        let gap = match postgres {
            Some(url) if round % HELD_EVERY == 0 => Some(hold_a_transfer(url, &home).await),
            _ => None,
        };
        server.kill_9();
        if let Some(client) = gap {
            client.batch_execute("ROLLBACK").await.unwrap();
        }
        swarm::wait_until_nobody_is_connected(&flight).await;
        let killed = home.export();
        home.run_well(&["audit"]);
        let outcome = swarm::judge(&acks, &killed, &when);
        left_over += killed.compared.outbox.len();
        eprintln!(
            "{when}: {} acknowledged, {} refused, {} of {} unanswered applied, {} transfers under way",
            outcome.acknowledged,
            outcome.refused,
            outcome.unanswered_applied,
            outcome.unanswered,
            killed.compared.outbox.len(),
        );
        let (delay_ms, rows) = BATCHES[round as usize % BATCHES.len()];
        home.set("store.flush_delay_ms", delay_ms);
        home.set("store.batch_rows_max", rows);
        server = start_where_bots_look(&mut home, address).await;
        let delivered = wait_for_delivery(&home, &killed).await;
        check_delivery(&killed, &delivered, &when);
    }
    swarm::settle(flight).await;
    home.run_well(&["audit"]);
    let outcome = swarm::judge(&acks, &home.export(), store);
    eprintln!("{store}: {} kills, {left_over} transfers left over, {outcome:?}", rounds());
    assert_eq!(outcome.unanswered, 0, "every command was repeated until it was answered");
    server.kill_9();
    server = start_where_bots_look(&mut home, address).await;
    repeats::are_answered_alike_and_not_applied(&home, &server, &acks).await;
}

async fn start_where_bots_look(home: &mut Home, address: SocketAddr) -> Server {
    let server = home.restart_server(address);
    server.wait_until_readiness_is(200).await;
    server
}

/// Keeps ends of transfers from being written until rolled back; returns when a transfer has begun that cannot end.
async fn hold_a_transfer(url: &str, home: &Home) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    // By itself, or it would be part of the transaction, and keep everybody from the outbox.
    client.batch_execute(WAIT).await.unwrap();
    client.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7)").await.unwrap();
    let begun = Instant::now();
    while home.export().compared.outbox.is_empty() {
        assert!(begun.elapsed() < PATIENCE, "no transfer begins");
        sleep(POLL).await;
    }
    client
}

/// Returns the first export in which nothing that was under way still is.
async fn wait_for_delivery(home: &Home, killed: &Exported) -> Exported {
    let begun = Instant::now();
    let left_over: BTreeSet<&TransferId> = killed.compared.outbox.iter().collect();
    loop {
        let exported = home.export();
        if exported.compared.outbox.iter().all(|transfer| !left_over.contains(transfer)) {
            return exported;
        }
        assert!(begun.elapsed() < PATIENCE, "left-over transfers do not arrive: {left_over:?}");
        sleep(POLL).await;
    }
}

fn check_delivery(killed: &Exported, delivered: &Exported, when: &str) {
    for transfer in &killed.compared.outbox {
        let arrived = |exported: &Exported| {
            exported
                .compared
                .players
                .iter()
                .flat_map(|player| &player.transfers)
                .filter(|other| *other == transfer)
                .count()
        };
        assert_eq!((arrived(killed), arrived(delivered)), (0, 1), "{when}: {transfer}");
    }
}
