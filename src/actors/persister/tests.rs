//! The loop over the store's double, in virtual time.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::*;
use crate::store::memory::MemoryStore;
use crate::store::{ShipRow, Write};
use orrery_core::types::{PlayerId, Point, WorldKey};
use tokio::task::JoinHandle;
use uuid::Uuid;

struct Fixture {
    store: Arc<MemoryStore>,
    persister: Persister,
    metrics: Arc<Metrics>,
    end: JoinHandle<Result<(), StoreError>>,
}

/// A running persister over an empty store.
async fn started(config: StoreConfig) -> Fixture {
    let store = Arc::new(MemoryStore::new());
    let epoch = store.claim().await.unwrap();
    let metrics = Arc::new(Metrics::new());
    let (persister, writing) = Persister::prepare(store.clone(), epoch, &config, metrics.clone());
    Fixture { store, persister, metrics, end: tokio::spawn(writing.run()) }
}

fn moved(player: u128, x: i32) -> Write {
    let world = WorldKey::parse("sol").unwrap();
    Write::Ship(ShipRow { player: PlayerId(Uuid::from_u128(player)), world, at: Point::new(x, 0) })
}

fn written_x(store: &MemoryStore) -> Vec<Vec<i32>> {
    store.written().iter().map(|batch| batch.ships.values().map(|ship| ship.at.x).collect()).collect()
}

#[tokio::test(start_paused = true)]
async fn commits_are_written_in_order_and_the_last_write_to_a_row_wins() {
    let test = started(StoreConfig::default()).await;
    assert_eq!(test.persister.enqueue(vec![moved(1, 10)]), 1);
    assert_eq!(test.persister.enqueue(vec![moved(1, 11), moved(2, 20)]), 2);
    test.persister.wait_durable(2).await.unwrap();
    assert_eq!(test.persister.enqueue(vec![moved(1, 12)]), 3);
    test.persister.wait_durable(3).await.unwrap();
    assert_eq!(written_x(&test.store), [vec![11, 20], vec![12]]);
    let numbers: Vec<u64> = test.store.written().iter().map(|batch| batch.number).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!((test.metrics.commits.get(), test.metrics.batches.get()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_batch_waits_for_more_but_not_beyond_its_delay() {
    let config = StoreConfig { flush_delay_ms: 100, ..StoreConfig::default() };
    let test = started(config).await;
    let began = tokio::time::Instant::now();
    let number = test.persister.enqueue(vec![moved(1, 1)]);
    test.persister.wait_durable(number).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_does_not_wait_and_a_commit_is_never_split() {
    let config = StoreConfig { flush_delay_ms: 60_000, batch_rows_max: 3, ..StoreConfig::default() };
    let test = started(config).await;
    let began = tokio::time::Instant::now();
    test.persister.enqueue(vec![moved(1, 1), moved(2, 2)]);
    test.persister.enqueue(vec![moved(3, 3), moved(4, 4)]);
    let last = test.persister.enqueue((5..10).map(|player| moved(player, 5)).collect());
    test.persister.flush().await.unwrap();
    assert_eq!(test.persister.durable(), last);
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(written_x(&test.store), [vec![1, 2], vec![3, 4], vec![5; 5]]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_whose_acknowledgement_was_lost_is_not_written_twice() {
    let test = started(StoreConfig::default()).await;
    test.store.fail_writes_after_applying(1);
    test.persister.enqueue(vec![moved(1, 1)]);
    test.persister.flush().await.unwrap();
    test.persister.enqueue(vec![moved(1, 2)]);
    test.persister.flush().await.unwrap();
    assert_eq!(written_x(&test.store), [vec![1], vec![2]]);
    assert_eq!(test.metrics.store_errors.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_batch_is_tried_again_until_it_is_in() {
    let test = started(StoreConfig::default()).await;
    test.store.fail_writes_before_applying(5);
    test.persister.enqueue(vec![moved(1, 1)]);
    test.persister.enqueue(vec![moved(1, 2)]);
    test.persister.flush().await.unwrap();
    assert_eq!(written_x(&test.store), [vec![2]]);
    assert_eq!((test.persister.store_error(), test.metrics.store_up.get()), (None, 1));
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_down_commits_wait_up_to_the_bound_and_then_drain() {
    let test = started(StoreConfig { queue_commits_max: 2, ..StoreConfig::default() }).await;
    test.store.set_down(true);
    assert!(test.persister.has_room());
    test.persister.enqueue(vec![moved(1, 1)]);
    let waiting = test.persister.wait_durable(1);
    assert!(tokio::time::timeout(Duration::from_secs(60), waiting).await.is_err());
    assert!(test.persister.has_room());
    test.persister.enqueue(vec![moved(1, 2)]);
    assert!(!test.persister.has_room());
    assert_eq!(test.persister.queue_len(), 2);
    assert!(test.persister.store_error().unwrap().contains("down"));
    test.store.set_down(false);
    test.persister.flush().await.unwrap();
    assert!(test.persister.has_room());
    assert_eq!(written_x(&test.store), [vec![1], vec![2]]);
}

#[tokio::test(start_paused = true)]
async fn a_stale_epoch_stops_the_persister_for_good() {
    let test = started(StoreConfig::default()).await;
    test.store.steal();
    let number = test.persister.enqueue(vec![moved(1, 1)]);
    assert_eq!(test.persister.wait_durable(number).await, Err(StorageGone));
    assert!(!test.persister.has_room());
    assert_eq!(test.persister.shutdown().await, Err(StorageGone));
    assert!(matches!(test.end.await.unwrap(), Err(StoreError::StaleEpoch { found: 2, ours: 1 })));
}

#[tokio::test(start_paused = true)]
async fn a_stale_epoch_is_noticed_after_an_outage_too() {
    let test = started(StoreConfig::default()).await;
    test.store.fail_writes_after_applying(1);
    test.persister.enqueue(vec![moved(1, 1)]);
    while test.persister.store_error().is_none() {
        tokio::task::yield_now().await;
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    test.store.steal();
    assert!(matches!(test.end.await.unwrap(), Err(StoreError::StaleEpoch { .. })));
}

#[tokio::test(start_paused = true)]
async fn shutting_down_writes_what_waits_and_ends() {
    let config = StoreConfig { flush_delay_ms: 60_000, ..StoreConfig::default() };
    let test = started(config).await;
    let last = test.persister.enqueue(vec![moved(1, 1)]);
    test.persister.shutdown().await.unwrap();
    assert_eq!(test.persister.durable(), last);
    assert!(test.end.await.unwrap().is_ok());
    assert_eq!(test.persister.wait_durable(last).await, Ok(()));
    assert_eq!(test.persister.wait_durable(last + 1).await, Err(StorageGone));
}

#[actix::test]
async fn the_actor_runs_on_its_own_thread_and_reports_what_is_fatal() {
    let store = Arc::new(MemoryStore::new());
    let epoch = store.claim().await.unwrap();
    let (report, fatal) = tokio::sync::oneshot::channel();
    let hook = move |error: StoreError| report.send(error.to_string()).unwrap();
    let config = StoreConfig::default();
    let persister = Persister::start(store.clone(), epoch, &config, Arc::new(Metrics::new()), hook);
    persister.enqueue(vec![moved(1, 1)]);
    persister.flush().await.unwrap();
    store.steal();
    persister.enqueue(vec![moved(1, 2)]);
    assert_eq!(persister.flush().await, Err(StorageGone));
    assert!(fatal.await.unwrap().contains("taken over"));
}
