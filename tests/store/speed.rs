//! How fast batches are written. Not part of a test run, because no number of a busy machine means anything:
//! `cargo test --release --test store speed -- --ignored --nocapture --test-threads 1`

use std::time::Instant;

use orrery::store::{Commit, Write};
use orrery_core::types::PlayerId;

use crate::backend::{Backend, Postgres, Sqlite};
use crate::postgres::Cluster;
use crate::world::*;

/// Players who pay each other.
const PLAYERS: u128 = 2_000;
/// Payments in a batch.
const COMMITS: u64 = 2_000;
const BATCHES: u64 = 12;

#[tokio::test]
#[ignore = "a measurement"]
async fn sqlite() {
    let Some(backend) = Sqlite::fresh().await else { return };
    measure("SQLite, synchronous=FULL", &backend).await;
}

#[tokio::test]
#[ignore = "a measurement"]
async fn postgres() {
    let Some(cluster) = Cluster::with_fsync() else { return };
    measure("PostgreSQL, fsync=on", &Postgres::at(cluster.create_database().await)).await;
}

async fn measure(name: &str, backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    owner.write((0..PLAYERS).map(|number| born(number, &format!("Pilot {number}"), 1)).collect()).await;
    let mut seconds: Vec<f64> = Vec::new();
    let mut rows = 0;
    for batch in 0..BATCHES {
        let batch = owner.batch((0..COMMITS).map(|number| payment(batch * COMMITS + number)).collect());
        rows = batch.row_count();
        let began = Instant::now();
        owner.store.write(&batch).await.unwrap();
        seconds.push(began.elapsed().as_secs_f64());
        owner.number += 1;
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    let per_second = |count: usize| count as f64 / median;
    println!(
        "{name}: {rows} rows of {COMMITS} payments in {:.0} ms (median; {:.0} to {:.0}): {:.0} rows/s, {:.0} payments/s",
        median * 1e3,
        seconds[0] * 1e3,
        seconds[seconds.len() - 1] * 1e3,
        per_second(rows),
        per_second(COMMITS as usize),
    );
}

/// What a payment from a player to a player writes: both, the way by the account `transit`, the command.
fn payment(number: u64) -> Commit {
    let id = |at: u64| player_id(u128::from(at) % PLAYERS);
    let (from, to): (PlayerId, PlayerId) = (id(number), id(number * 7 + 1));
    let version = number + 2;
    vec![
        Write::Player(from, player(version, number)),
        Write::Player(to, player(version, number + 1)),
        earned(from, 5),
        earned(to, 5),
        Write::Ledger(arrived(from, number)),
        Write::Ledger(arrived(to, number)),
        Write::Command(command(from, number)),
    ]
}
