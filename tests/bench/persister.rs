//! A batch of the persister's on SQLite: what the store does with so many commits, sync to disk included.

use std::cell::Cell;
use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use orrery::config::StoreConfig;
use orrery::game::Effects;
use orrery::game::player::Player;
use orrery::store::{self, Batch, Commit, ShipRow, Versioned, Write};
use orrery::types::{Millis, PlayerId, Point, WorldKey};
use uuid::Uuid;

use crate::ships;

/// Players whose rows are written over and over.
const PLAYERS: u64 = 500;

pub(crate) fn bench(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = store::open(&StoreConfig::default(), folder.path()).unwrap();
    let epoch = runtime.block_on(store.claim()).unwrap();
    let players = players();
    let written = Cell::new(0);
    let mut group = criterion.benchmark_group("persister batch");
    group.sample_size(20);
    for commits in [100, 1_000] {
        let batch = || {
            let number = written.get() + 1;
            written.set(number);
            let mut batch = Batch { epoch, number, ..Batch::default() };
            (0..commits).for_each(|index| batch.push(commit(&players, number, index)));
            Arc::new(batch)
        };
        group.throughput(Throughput::Elements(commits));
        group.bench_function(BenchmarkId::new("sqlite", commits), |bencher| {
            bencher.iter_batched(
                batch,
                |batch| runtime.block_on(store.write(&batch)).unwrap(),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    runtime.block_on(store.release());
}

fn players() -> Vec<Player> {
    let catalog = ships::catalog();
    let new = |number| {
        let id = PlayerId(Uuid::from_u128(u128::from(number)));
        Player::new(id, &catalog, Millis(0), &mut Effects::default())
    };
    (1..=PLAYERS).map(new).collect()
}

/// A player's document and its ship's place.
fn commit(players: &[Player], batch: u64, index: u64) -> Commit {
    let player = &players[(index % PLAYERS) as usize];
    let world = WorldKey::parse("sol").unwrap();
    let at = Point::new(i32::try_from(index).unwrap(), 0);
    let row = Versioned { version: batch, record: player.into() };
    vec![Write::Player(player.id, row), Write::Ship(ShipRow { player: player.id, world, at })]
}
