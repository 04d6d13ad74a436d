//! `kill -9` at random moments, again and again on the same data, under bots that come back each time: whatever was
//! answered is in the store, once, and what was under way arrives.
//!
//! The servers differ in how they gather batches, so that kills fall into every gap there is: between the commits of
//! one change (a row a batch), and long before a batch is written. In PostgreSQL the gap between a transfer's two
//! commits is held open on purpose.
//!
//! Two swarms take the punishment: traders, whose wallets and holds the log tells to the piece, and a whole economy,
//! where `orrery audit` must find no difference after each kill and missions that end meanwhile pay each reward once.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use loadtest::dice::Dice;
use orrery::types::TransferId;
use tokio::time::sleep;

use crate::server::{Exported, Home, PATIENCE, Server, error_text};
use crate::{content, postgres, repeats, swarm};

/// Bots, unless `ORRERY_CRASH_BOTS` says otherwise.
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
    survive_kills("sqlite", Home::on_sqlite(), None, Play::Traders).await;
}

#[tokio::test]
async fn postgres_keeps_what_was_answered_through_any_kill() {
    let Some(cluster) = postgres::shared() else { return };
    let url = cluster.create_database().await;
    survive_kills("postgres", Home::on(&url), Some(&url), Play::Traders).await;
}

#[tokio::test]
async fn sqlite_keeps_a_whole_economy_through_any_kill() {
    survive_kills("sqlite, economy", Home::on_sqlite(), None, Play::Economy).await;
}

#[tokio::test]
async fn postgres_keeps_a_whole_economy_through_any_kill() {
    let Some(cluster) = postgres::shared() else { return };
    let url = cluster.create_database().await;
    survive_kills("postgres, economy", Home::on(&url), Some(&url), Play::Economy).await;
}

/// What the swarm plays.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Play {
    Traders,
    Economy,
}

fn rounds() -> u64 {
    std::env::var("ORRERY_CRASH_RUNS").map_or(3, |runs| runs.parse().expect("ORRERY_CRASH_RUNS is a number"))
}

fn bots() -> usize {
    std::env::var("ORRERY_CRASH_BOTS").map_or(BOTS, |bots| bots.parse().expect("ORRERY_CRASH_BOTS is a number"))
}

async fn survive_kills(store: &str, home: Home, postgres: Option<&str>, play: Play) {
    let _turn = swarm::TURN.lock().await;
    let mut dice = Dice::seeded(7);
    // Bots should get somewhere although each kill throws them back to where they were stored.
    let mut home = home.with("world.position_flush_ms", 500);
    if play == Play::Economy {
        home.set("server.assets", content::with_short_missions(&home.path("assets")).display());
    }
    let acks = home.path("acks.jsonl");
    let mut server = home.start_server();
    let address = server.address;
    let flight = match play {
        Play::Traders => swarm::send_traders(&server, bots(), 1, &acks).await,
        Play::Economy => swarm::send_economy(&server, bots(), 1, &acks).await,
    };
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
            let_go(&client).await;
        }
        swarm::wait_until_nobody_is_connected(&flight).await;
        let killed = home.export();
        let outcome = swarm::judge(&acks, &killed, &when);
        audit(&home, &when);
        left_over += killed.compared.outbox.len();
        eprintln!(
            "{when}: {} acknowledged, {} refused, {} of {} unanswered applied, {} transfers under way, {} rewards",
            outcome.acknowledged,
            outcome.refused,
            outcome.unanswered_applied,
            outcome.unanswered,
            killed.compared.outbox.len(),
            outcome.rewards,
        );
        let (delay_ms, rows) = BATCHES[round as usize % BATCHES.len()];
        home.set("store.flush_delay_ms", delay_ms);
        home.set("store.batch_rows_max", rows);
        server = start_where_bots_look(&mut home, address).await;
        let delivered = wait_for_delivery(&home, &killed).await;
        check_delivery(&killed, &delivered, &when);
    }
    swarm::settle(flight).await;
    let outcome = swarm::judge(&acks, &home.export(), store);
    eprintln!("{store}: {} kills, {left_over} transfers left over, {outcome:?}", rounds());
    assert_eq!(outcome.unanswered, 0, "every command was repeated until it was answered");
    server.kill_9();
    audit(&home, store);
    if play == Play::Economy {
        return;
    }
    server = start_where_bots_look(&mut home, address).await;
    repeats::are_answered_alike_and_not_applied(&home, &server, &acks).await;
}

async fn start_where_bots_look(home: &mut Home, address: SocketAddr) -> Server {
    let server = home.restart_server(address);
    server.wait_until_readiness_is(200).await;
    server
}

/// The ledger, what is stored and what is under way must agree.
fn audit(home: &Home, when: &str) {
    let output = home.run(&["audit"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{when}: the audit says {said} {}", error_text(&output));
}

/// Makes the ends of transfers wait; returns when one has begun that cannot end.
async fn hold_a_transfer(url: &str, home: &Home) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(HOLD).await.unwrap();
    let begun = Instant::now();
    while home.export().compared.outbox.is_empty() {
        assert!(begun.elapsed() < PATIENCE, "no transfer begins");
        sleep(POLL).await;
    }
    client
}

/// The outbox row of a transfer goes in the transaction that ends it, which is made to wait for a lock that we hold.
const HOLD: &str = "SELECT pg_advisory_lock(7);
    CREATE OR REPLACE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN OLD; END $$;
    CREATE TRIGGER wait_for_test BEFORE DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION wait_for_test();";

/// Ends the killed server's transaction, which must not go on now, and takes the obstacle away.
async fn let_go(client: &tokio_postgres::Client) {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'advisory'";
    client.batch_execute(end).await.unwrap();
    client.batch_execute("DROP TRIGGER wait_for_test ON outbox; SELECT pg_advisory_unlock(7)").await.unwrap();
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

/// Of what comes to markets and missions, and of answers that bring nothing, the export does not tell: the audit does.
fn check_delivery(killed: &Exported, delivered: &Exported, when: &str) {
    let to_players =
        |transfer: &&TransferId| ["collect-", "reward-"].iter().any(|kind| transfer.as_str().starts_with(kind));
    for transfer in killed.compared.outbox.iter().filter(to_players) {
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
