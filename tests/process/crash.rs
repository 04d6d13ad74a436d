//! `kill -9` at random moments, again and again on the same data, under bots that come back each time: whatever was
//! answered is in the store, once, and what was under way arrives.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use loadtest::dice::Dice;
use loadtest::flight::Flight;
use orrery::types::TransferId;
use tokio::time::sleep;

use crate::server::{Exported, Home, PATIENCE, Server};
use crate::{postgres, repeats, swarm};

const BOTS: usize = 200;
/// A server lives this long, in ms, from its first answer on.
const LIFE_MS: (u64, u64) = (1_500, 6_000);
const POLL: Duration = Duration::from_millis(20);

#[tokio::test]
async fn sqlite_keeps_what_was_answered_through_any_kill() {
    survive_kills("sqlite", Home::on_sqlite()).await;
}

#[tokio::test]
async fn postgres_keeps_what_was_answered_through_any_kill() {
    let Some(cluster) = postgres::shared() else { return };
    survive_kills("postgres", Home::on(&cluster.create_database().await)).await;
}

fn rounds() -> u64 {
    std::env::var("ORRERY_CRASH_RUNS").map_or(3, |runs| runs.parse().expect("ORRERY_CRASH_RUNS is a number"))
}

async fn survive_kills(store: &str, mut home: Home) {
    let _turn = swarm::TURN.lock().await;
    let mut dice = Dice::seeded(7);
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
        server.kill_9();
        wait_until_nobody_is_connected(&flight).await;
        let killed = home.export();
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
        server = start_where_bots_look(&mut home, address).await;
        let delivered = wait_for_delivery(&home, &killed).await;
        check_delivery(&killed, &delivered, &when);
    }
    swarm::settle(flight).await;
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

/// What a bot has not read by then it never will.
async fn wait_until_nobody_is_connected(flight: &Flight) {
    let begun = Instant::now();
    while flight.swarm().stats.connected() > 0 {
        assert!(begun.elapsed() < PATIENCE, "bots stay connected to a dead server");
        sleep(POLL).await;
    }
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
