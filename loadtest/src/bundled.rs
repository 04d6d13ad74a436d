//! The bots that a server brings along: `orrery serve --bots N` gives an empty galaxy some life.

use std::future::Future;
use std::time::Duration;

use orrery_core::protocol::Encoding;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::flock::Population;
use crate::floor::tape::Taping;
use crate::http::{self, ServerUrl};
use crate::scenario::Scenario;
use crate::share::Share;
use crate::swarm::{Options, Swarm};

/// How many bots come per second: the server has better things to do at its start.
const RAMP_PER_SECOND: u32 = 50;
/// How long the bots may take to say goodbye.
const GOODBYE_WAIT: Duration = Duration::from_secs(3);

/// Plays the bundled scenario against the server at `url` until `stop` is ready, reconnecting for ever with growing
/// pauses. To be awaited inside any tokio runtime. Says something on stderr only when it cannot begin at all, and
/// once when the server breaks a promise.
pub async fn fly_bundled(url: String, bots: usize, seed: u64, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let swarm = tokio::select! {
        swarm = begin(&url, bots, seed) => swarm,
        () = &mut stop => return,
    };
    let swarm = match swarm {
        Ok(swarm) => swarm,
        Err(error) => return eprintln!("bots: failed to begin: {error:#}"),
    };
    let (sender, population) = watch::channel(Population::of(bots));
    let flight = tokio::spawn(swarm.clone().fly(0, 1, population));
    tokio::select! {
        () = &mut stop => {}
        () = first_violation(&swarm) => stop.await,
    }
    let _ = sender.send(Population::NOBODY);
    let handle = flight.abort_handle();
    if tokio::time::timeout(GOODBYE_WAIT, flight).await.is_err() {
        handle.abort();
    }
}

async fn begin(url: &str, bots: usize, seed: u64) -> anyhow::Result<std::sync::Arc<Swarm>> {
    let options = Options {
        server: ServerUrl::parse(url)?,
        bots,
        duration: Duration::MAX,
        scenario: Scenario::load("bundled")?,
        seed,
        encoding: Encoding::MessagePack,
        ramp_per_second: RAMP_PER_SECOND,
        acks: None,
        until_disconnect: false,
        server_pid: None,
        threads: 1,
        progress: false,
        neighbours: false,
        taping: Taping::Off,
        share: Share::default(),
        start_at: None,
    };
    let mut pause = Duration::from_millis(100);
    loop {
        match http::catalog(&options.server).await {
            Ok(catalog) => return Swarm::new(options, catalog),
            Err(_) => sleep(pause).await,
        }
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

async fn first_violation(swarm: &Swarm) {
    loop {
        sleep(Duration::from_secs(5)).await;
        if let (1.., first) = swarm.oracle.violations() {
            return eprintln!("bots: {}", first.first().map_or("", String::as_str));
        }
    }
}
