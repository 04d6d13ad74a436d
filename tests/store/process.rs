//! Two real processes on the same data. The other one is this test binary again, told by [`URL`] what to own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use orrery::config::StoreConfig;
use orrery::store::{StoreError, Write, open};

use crate::backend::{Backend, Postgres, Sqlite};
use crate::world::*;

/// The environment variable with the store's URL.
const URL: &str = "ORRERY_TEST_OWNS";

/// Not a test by itself: what the other process runs. Owns the data until it is killed.
#[tokio::test]
async fn other_process() {
    let Ok(url) = std::env::var(URL) else { return };
    let config = StoreConfig { url, ..StoreConfig::default() };
    let mut owner = Owner::of(open(&config, Path::new("unused")).unwrap()).await;
    let ada = player_id(1);
    let born = vec![Write::Account(ada, account(1, "Ada")), Write::Player(ada, player(1, 5))];
    owner.write(vec![born]).await;
    eprintln!("\nowned");
    std::future::pending::<()>().await;
}

/// Starts the other process and returns when it owns the data.
fn owned_by_another(url: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "process::other_process", "--nocapture"]).env(URL, url);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "owned"), "the other process ended");
    child
}

async fn a_killed_owner_frees_the_data_and_loses_nothing(backend: &dyn Backend, url: &str) {
    let mut other = owned_by_another(url);
    let refused = backend.process().claim().await;
    let export = backend.reader().export().await;
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(matches!(refused, Err(StoreError::InUse(_))), "{refused:?}");
    let export = export.unwrap();
    assert_eq!((export.epoch, export.batch, export.players.len()), (1, 1, 1));
    let after = backend.reader().export().await.unwrap();
    assert_eq!(after, export);
    let owner = Owner::of(backend.process()).await;
    assert_eq!(owner.epoch, 2);
    assert_eq!(owner.store.load_player(player_id(1)).await.unwrap().unwrap().player, player(1, 5));
}

#[tokio::test]
async fn sqlite_survives_its_owner() {
    let Some(backend) = Sqlite::fresh().await else { return };
    let url = format!("sqlite:{}", backend.path().display());
    a_killed_owner_frees_the_data_and_loses_nothing(&backend, &url).await;
}

#[tokio::test]
async fn postgres_survives_its_owner() {
    let Some(backend) = Postgres::fresh().await else { return };
    let url = backend.url().to_owned();
    a_killed_owner_frees_the_data_and_loses_nothing(&backend, &url).await;
}
