//! PostgreSQL goes away and comes back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use orrery::actors::persister::Persister;
use orrery::config::StoreConfig;
use orrery::store::{StoreError, Write};
use orrery::telemetry::Metrics;

use crate::backend::{Backend, Postgres};
use crate::postgres::{Cluster, execute};
use crate::world::*;

fn born(number: u128) -> Vec<Write> {
    let id = player_id(number);
    vec![Write::Account(id, account(1, &format!("Pilot {number}"))), Write::Player(id, player(1, 1))]
}

#[tokio::test]
async fn a_stopped_server_is_unavailable_within_seconds_and_used_again_when_it_is_back() {
    let Some(cluster) = Cluster::new() else { return };
    let backend = Postgres::at(cluster.create_database().await);
    let mut owner = Owner::of(backend.process()).await;
    owner.write(vec![born(1)]).await;
    cluster.stop_immediate();
    let began = Instant::now();
    let failed = owner.try_write(vec![born(2)]).await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    let (read, ping) = tokio::join!(owner.store.load_player(player_id(1)), owner.store.ping());
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(matches!(ping, Err(StoreError::Unavailable(_))), "{ping:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    cluster.start();
    assert_eq!(owner.store.last_batch().await.unwrap().number, 1);
    owner.write(vec![born(2)]).await;
    assert!(owner.store.load_player(player_id(2)).await.unwrap().is_some());
    let second = backend.process().claim().await;
    assert!(matches!(second, Err(StoreError::InUse(_))), "the claim must come back with the connection: {second:?}");
}

#[tokio::test]
async fn cut_connections_are_made_anew() {
    let Some(backend) = Postgres::fresh().await else { return };
    let mut owner = Owner::of(backend.process()).await;
    for number in 1..=5 {
        let batch = owner.batch(vec![born(number)]);
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        execute(backend.url(), cut).await;
        // At most the first attempt meets the cut connection.
        let mut attempts = 0;
        while let Err(error) = owner.store.write(&batch).await {
            attempts += 1;
            assert!(matches!(error, StoreError::Unavailable(_)) && attempts < 3, "{error}");
        }
        owner.number += 1;
    }
    assert_eq!(owner.store.export().await.unwrap().players.len(), 5);
}

#[actix::test]
async fn through_crashes_of_the_server_every_commit_is_stored_once_and_in_order() {
    let Some(cluster) = Cluster::new() else { return };
    let cluster = Arc::new(cluster);
    let backend = Postgres::at(cluster.create_database().await);
    let store = backend.process();
    let epoch = store.claim().await.unwrap();
    let config = StoreConfig::default();
    let fatal = |error: StoreError| panic!("{error}");
    let persister = Persister::start(store.clone(), epoch, &config, Arc::new(Metrics::new()), fatal);
    let ada = player_id(1);
    persister.enqueue(born(1));
    for round in 0..3_u64 {
        for step in 1..=200 {
            let version = round * 200 + step + 1;
            let documents =
                [Write::Account(ada, account(version, "Ada")), Write::Player(ada, player(version, version))];
            let logs = [earned(ada, 1), Write::Command(command(ada, version))];
            persister.enqueue(documents.into_iter().chain(logs).collect());
            if step == 100 {
                let crashing = cluster.clone();
                let crash = tokio::task::spawn_blocking(move || {
                    crashing.stop_immediate();
                    crashing.start();
                });
                crash.await.unwrap();
            }
        }
    }
    let shutdown = tokio::time::timeout(Duration::from_secs(60), persister.shutdown()).await;
    shutdown.expect("the queue must drain").unwrap();
    let export = store.export().await.unwrap();
    assert_eq!((export.players[0].credits, export.players[0].ledger_credits), (601, 600));
    assert_eq!(export.players[0].commands.len(), 600);
}
