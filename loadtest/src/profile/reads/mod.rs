//! `--profile reads`: how fast the HTTP APIs answer questions, at a rate that does not wait for the answers.
//!
//! Readings are due one after the other at an even pace, and fall to the connections in turn. Each connection is kept
//! alive, has an account of its own, asks one thing at a time, and asks again with the entity tag it was given, as
//! browsers do. A reading is timed from when it was due until its body is here: a server that stands still is charged
//! with all that was due meanwhile.

mod client;
mod report;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use orrery_core::types::HubKey;
use tokio::task::JoinSet;

use self::client::Reader;
pub use self::report::ReadReport;
use self::report::Readings;
use crate::http::{self, ServerUrl};
use crate::server_stats::ServerProbe;
use crate::swarm::now_ms;

/// Before the window: until connections, actors and caches are warm.
const WARM_UP: Duration = Duration::from_secs(1);
/// What is read of the players' API, unless the command line says otherwise. `{hub}` is the first hub of the content.
const PLAYER_PATHS: [&str; 12] = [
    "/api/v1/catalog",
    "/api/v1/markets/{hub}",
    "/api/v1/markets/{hub}/auctions",
    "/api/v1/markets/{hub}/contracts",
    "/api/v1/missions",
    "/api/v1/missions?past=true",
    "/api/v1/seasons/current/wealth",
    "/api/v1/me/status",
    "/api/v1/me/storage",
    "/api/v1/me/jobs",
    "/api/v1/me/notifications",
    "/api/v1/me/friends",
];
/// What is read of the operators' API besides, when there is a token for it.
const CONSOLE_PATHS: [&str; 8] = [
    "/console/api/v1/overview",
    "/console/api/v1/health",
    "/console/api/v1/worlds",
    "/console/api/v1/actors",
    "/console/api/v1/players",
    "/console/api/v1/store",
    "/console/api/v1/outbox",
    "/console/api/v1/audit",
];
/// How a path of the operators' API begins.
const CONSOLE: &str = "/console/";

/// What to run.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The server.
    pub server: ServerUrl,
    /// The operators' listener and a token for it.
    pub console: Option<(ServerUrl, String)>,
    /// How many connections.
    pub connections: usize,
    /// Readings per second, of all connections together.
    pub per_second: u32,
    /// What is read, in turn; empty: what is usual.
    pub paths: Vec<String>,
    /// How long to measure.
    pub duration: Duration,
    /// The server's process; found by its port otherwise.
    pub server_pid: Option<u32>,
}

/// Makes the accounts, reads, measures.
///
/// # Errors
/// The server cannot be reached or does not let accounts be made; a path of the console without a token for it; a
/// connection is lost.
pub fn run(options: ReadOptions) -> anyhow::Result<ReadReport> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(control(options))
}

async fn control(options: ReadOptions) -> anyhow::Result<ReadReport> {
    let paths = Arc::new(paths(&options).await?);
    let mut readers = Vec::with_capacity(options.connections);
    for number in 0..options.connections {
        let token = account(&options, number).await?;
        readers.push(Reader::new(&options, Arc::clone(&paths), token, number));
    }
    let mut probe = ServerProbe::find(&options.server, options.server_pid);
    probe.before_connects().await;
    play(&mut readers, WARM_UP).await?;
    probe.begin().await;
    let begun = Instant::now();
    play(&mut readers, options.duration).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let server = probe.end().await;
    let mut all = Readings::new(paths.len());
    readers.iter().for_each(|reader| all.add(&reader.readings));
    Ok(ReadReport::of(&options, &paths, seconds, &all, server))
}

/// Lets all read for so long, from the next moment on; what they measured before is forgotten.
async fn play(readers: &mut Vec<Reader>, how_long: Duration) -> anyhow::Result<()> {
    let begin = tokio::time::Instant::now() + Duration::from_millis(50);
    let mut playing = JoinSet::new();
    for mut reader in readers.drain(..) {
        playing.spawn(async move {
            reader.play(begin, how_long).await?;
            anyhow::Ok(reader)
        });
    }
    while let Some(played) = playing.join_next().await {
        readers.push(played??);
    }
    Ok(())
}

async fn paths(options: &ReadOptions) -> anyhow::Result<Vec<String>> {
    let usual = || {
        let console = options.console.iter().flat_map(|_| CONSOLE_PATHS);
        PLAYER_PATHS.into_iter().chain(console).map(str::to_owned).collect()
    };
    let paths: Vec<String> = if options.paths.is_empty() { usual() } else { options.paths.clone() };
    if let Some(odd) = paths.iter().find(|path| !path.starts_with('/')) {
        bail!("--read {odd}: a path begins with /");
    }
    if let Some(closed) = paths.iter().find(|path| path.starts_with(CONSOLE) && options.console.is_none()) {
        bail!("--read {closed}: the operators' API takes --console-token");
    }
    if !paths.iter().any(|path| path.contains("{hub}")) {
        return Ok(paths);
    }
    let catalog = http::catalog(&options.server).await?;
    let hub: &HubKey = catalog.hubs().next().map(|hub| &hub.key).context("the content has no hub")?;
    Ok(paths.into_iter().map(|path| path.replace("{hub}", hub.as_str())).collect())
}

/// A new account's token.
async fn account(options: &ReadOptions, number: usize) -> anyhow::Result<String> {
    let name = format!("reader-{:x}-{number}", now_ms() & 0xff_ffff_ffff);
    match http::register(&options.server, &name, "a password of readers").await? {
        Ok(tokens) => Ok(tokens.access),
        Err(status) => bail!("an account was refused with {status} (does the server run with config/loadtest.toml?)"),
    }
}
