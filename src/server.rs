//! Composition: the one place that knows all parts, the order in which they start, and the order in which they stop.
//!
//! Start: catalogue → store (claimed) → persister → worlds → markets → transfers left over are sent → HTTP → console.
//! Stop: sessions are told, HTTP and console close, worlds store their positions, markets, missions and guilds stop, the persister flushes, the
//! store is released.

mod console;
mod descriptors;
mod http;
mod operators;
mod private_files;
mod readiness;
mod tools;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix::{Arbiter, ArbiterHandle, System};
use actix_web::dev::ServerHandle;
use anyhow::{Context as _, anyhow, bail};
use tokio::sync::oneshot;

use crate::actors;
use crate::actors::node::Node;
use crate::actors::persister::Persister;
use crate::actors::world::StopWorld;
use crate::actors::{
    audit, auditor, console_state, erasures, guild_names, maintenance, missions, notices, outbox, party, passivation,
    player, season, world,
};
use crate::catalog::{self, Catalog};
use crate::config::{Config, LoadedConfig, Profile};
use crate::gateway::session::Gateway;
use crate::http::password::Passwords;
use crate::store::{self, StoreError};
use crate::telemetry::{Metrics, history};

pub use operators::{create_operator, reset_operator};
pub(crate) use tools::{OutOfBalance, operators_pass};
pub use tools::{audit, export, migrate, operator_token, token};

/// How long the persister may take to write what is left when the server stops; with the store down it cannot.
const FLUSH_TIME: Duration = Duration::from_secs(20);
/// How often limits forget those who have not been heard of.
const FORGET_EVERY: Duration = Duration::from_secs(60);
/// How long clients get to read their farewells and to close, at most, and how often it is looked whether they have.
const FAREWELLS_WAIT: Duration = Duration::from_secs(1);
const FAREWELL_GLANCE: Duration = Duration::from_millis(20);
/// The seed of the bundled bots' plans.
const BOT_SEED: u64 = 1;

/// Runs the server until SIGTERM or SIGINT, with this many bundled bots.
///
/// # Errors
/// It cannot start, or had to stop because the store belongs to another server now.
pub fn serve(loaded: LoadedConfig, bots: usize) -> anyhow::Result<()> {
    let mut loaded = loaded;
    if bots > 0 {
        // They come from here, all at once.
        loaded.config.limits.exempt_loopback = true;
    }
    System::new().block_on(run(loaded, bots))
}

async fn run(settings: LoadedConfig, bots: usize) -> anyhow::Result<()> {
    install_tls_provider();
    descriptors::raise_limit(&settings.config);
    let config = Arc::new(settings.config.clone());
    let catalog = Arc::new(load_catalog(&config)?);
    let (failed, failure) = oneshot::channel();
    let node = start_node(&config, catalog, failed).await?;
    let world_arbiters = arbiters(world_threads(&config, node.catalog.sectors.len()));
    world::start_all(&node, &world_arbiters);
    party::keep_markets(&node);
    notices::restore(&node);
    maintenance::restore(&node).context("failed to read the state of maintenance")?;
    missions::restore(&node).await.context("failed to read the running missions")?;
    outbox::send_left_over(&node);
    let keepers = [
        actix::spawn(world::keep_running(Arc::clone(&node), world_arbiters)),
        actix::spawn(party::keep_running(Arc::clone(&node))),
        actix::spawn(missions::keep_starting(Arc::clone(&node))),
        actix::spawn(season::keep_running(Arc::clone(&node))),
        actix::spawn(notices::keep_expiring(Arc::clone(&node))),
        actix::spawn(maintenance::keep_time(Arc::clone(&node))),
        actix::spawn(outbox::keep_sending(Arc::clone(&node))),
        actix::spawn(passivation::keep_room(Arc::clone(&node))),
        actix::spawn(player::keep_pruning(Arc::clone(&node))),
        actix::spawn(erasures::keep_erasing(Arc::clone(&node))),
        actix::spawn(actors::operators::keep_running(Arc::clone(&node))),
        actix::spawn(auditor::keep_auditing(Arc::clone(&node))),
        actix::spawn(history::keep(Arc::clone(&node.history), Arc::clone(&node.metrics))),
    ];
    let passwords = Passwords::new();
    actors::operators::start(&node);
    operators::make_first(&node, &passwords).await?;
    let (address, http, running) = http::start(&node, passwords.clone())?;
    // A task of its own: dropped with the `select!` below, it would cut every connection before its farewell.
    let mut running = actix::spawn(running);
    let console = console::start(&node, settings, &passwords)?.map(|(address, handle, running)| {
        // Its end alone is no reason to send the players away.
        actix::spawn(running);
        (address, handle)
    });
    announce(address, console.as_ref().map(|console| console.0), &config, bots);
    let flying = (bots > 0).then(|| start_bots(address, bots));

    let result = tokio::select! {
        signal = stop_signal() => signal.map(|name| tracing::info!(signal = name, "stopping")),
        failure = failure => match failure {
            Ok(error) => Err(anyhow!(error).context("the persister had to stop")),
            Err(_) => Err(anyhow!("the persister ended")),
        },
        ended = &mut running => Err(anyhow!("the HTTP server ended: {ended:?}")),
    };
    drop(flying);
    keepers.iter().for_each(tokio::task::JoinHandle::abort);
    let stopped = stop(&node, http, console.map(|console| console.1)).await;
    result.and(stopped)
}

/// rustls wants to be told which cryptography to use, once per process.
pub(crate) fn install_tls_provider() {
    // Fails only if it was installed before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn load_catalog(config: &Config) -> anyhow::Result<Catalog> {
    catalog::load(&config.server.assets.join("catalog")).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("the catalogue has {} faults:\n  {}", lines.len(), lines.join("\n  "))
    })
}

async fn start_node(
    config: &Arc<Config>,
    catalog: Arc<Catalog>,
    failed: oneshot::Sender<StoreError>,
) -> anyhow::Result<Arc<Node>> {
    make_folder(&config.server.data)?;
    if config.server.profile == Profile::Production {
        private_files::check(&config.server.data)?;
    }
    let metrics = Arc::new(Metrics::new());
    let store = store::open(&config.store, &config.server.data)?;
    let epoch = store.claim().await.context("failed to take possession of the store")?;
    tracing::info!(epoch, "store claimed");
    let fatal = move |error| drop(failed.send(error));
    let persister = Persister::start(Arc::clone(&store), epoch, &config.store, Arc::clone(&metrics), fatal);
    let left_over = store.outbox().await.context("failed to read the outbox")?;
    let node = Node::new(Arc::clone(config), catalog, metrics, store, persister, arbiters(cores()));
    for row in left_over {
        tracing::info!(transfer = %row.id, "a transfer was under way when the server ended");
        let id = row.id.clone();
        let transfer = row.record.into_transfer(row.id);
        node.outbox.insert(transfer.with_context(|| format!("outbox: {id} cannot be understood"))?);
    }
    guild_names::find_all(&node).await.context("failed to read the guilds")?;
    audit::restore(&node).await.context("failed to read the audit log")?;
    console_state::restore(&node).await.context("failed to read what operators have set")?;
    Ok(Arc::new(node))
}

/// What is in it is for this server alone: password hashes, the signing key.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.recursive(true).create(folder);
    made.with_context(|| format!("server.data: failed to make {}", folder.display()))
}

fn arbiters(count: usize) -> Vec<ArbiterHandle> {
    (0..count.max(1)).map(|_| Arbiter::new().handle()).collect()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn world_threads(config: &Config, worlds: usize) -> usize {
    match config.world.arbiters {
        0 => worlds.min(cores()),
        count => count,
    }
}

async fn forget_idle(gateway: Arc<Gateway>) {
    let mut timer = tokio::time::interval(FORGET_EVERY);
    loop {
        timer.tick().await;
        gateway.limits.forget_idle();
    }
}

fn announce(address: SocketAddr, console: Option<SocketAddr>, config: &Config, bots: usize) {
    let store = if config.store.url.is_empty() { "SQLite" } else { "the configured store" };
    let mut text = format!(
        "Orrery is listening on http://{address} (state in {store}, data in {})\n\
         \x20 look:  curl http://{address}/readyz    curl http://{address}/metrics\n\
         \x20 play:  http://{address}/ in a browser; ws://{address}/ws speaks orrery.v1, see src/core/protocol/PROTOCOL.md\n\
         \x20 fly:   cargo run --release -- serve --bots 20    (README.md tells how to fly thousands from outside)\n",
        config.server.data.display()
    );
    if let Some(console) = console {
        text += &format!("  operate: http://{console}/    (orrery admin create makes the first operator)\n");
    }
    if bots > 0 {
        text += &format!("  {bots} bundled bots are on their way; limits per address do not apply to this machine\n");
    }
    // Whoever started us may have read enough and closed the pipe: no reason to stop, as `println!` would.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Flies the bundled bots on a thread of their own, until the sender is dropped.
fn start_bots(address: SocketAddr, bots: usize) -> oneshot::Sender<()> {
    let (stop, stopped) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let stopped = async move { drop(stopped.await) };
        match runtime {
            Ok(runtime) => {
                runtime.block_on(loadtest::fly_bundled(format!("http://{address}"), bots, BOT_SEED, stopped))
            }
            Err(error) => tracing::error!(error = %error, "the bots' runtime cannot be made"),
        }
    });
    stop
}

async fn stop_signal() -> anyhow::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}

/// Connections end with the threads that serve them, so those are left running until the farewells are read.
async fn wait_for_farewells(node: &Node) {
    let gone = async {
        while node.metrics.connections.get() > 0 {
            tokio::time::sleep(FAREWELL_GLANCE).await;
        }
    };
    // Whoever has not closed by then will find the connection closed.
    let _ = tokio::time::timeout(FAREWELLS_WAIT, gone).await;
}

/// The one place that knows in which order things stop.
async fn stop(node: &Arc<Node>, http: ServerHandle, console: Option<ServerHandle>) -> anyhow::Result<()> {
    // Whoever connects from here on waits for the next server, or is refused when this one is gone.
    http.pause().await;
    node.tell_sessions_to_leave().await;
    wait_for_farewells(node).await;
    let stopping = actix::spawn(http.stop(true));
    // What operators began is finished while all it needs is still there.
    if let Some(console) = console {
        console.stop(true).await;
    }
    for world in node.directory.worlds() {
        // A world that failed has nothing left to store.
        let _ = world.addr().send(StopWorld).await;
    }
    // What comes from now on stays under way, and is taken in by the next server.
    party::stop_all(node).await;
    season::stop(node).await;
    let flushed = tokio::time::timeout(FLUSH_TIME, node.persister.shutdown()).await;
    // Requests still being answered may read, which would open the store again after its release.
    let _ = stopping.await;
    node.store.release().await;
    match flushed {
        Ok(Ok(())) => {
            tracing::info!("everything is stored; good-bye");
            Ok(())
        }
        Ok(Err(gone)) => Err(anyhow!(gone)),
        Err(_) => bail!("the store does not answer: {} commits are lost", node.persister.queue_len()),
    }
}
