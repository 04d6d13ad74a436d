//! `--profile transfers`: how many transfers of credits a second are answered *durably*.
//!
//! Accounts are made beforehand, as guests. Then 64 clients keep 40 `give` commands each under way for the whole window:
//! an answer means that the transfer survives anything. The receivers are drawn from all accounts, evenly, or with
//! `--hot-spot` four of five from the first twenty.
//!
//! - `--over ws` (the default): a client is a WebSocket connection with 40 commands in flight. A connection speaks for
//!   one player, so the senders are 64 of the accounts; the others handed them what they began with.
//! - `--over http`: a client is 40 connections that are kept alive, each with one `POST /api/v1/commands` under way,
//!   since answers come in order within a connection. Senders are drawn from all accounts.
//!
//! This is the one closed loop of the swarm: it asks how many a second there can be, and there is no schedule that an
//! answer could be late for. Its latencies say how long a command takes with so many under way, and nothing is corrected.
//!
//! `--durable-compare postgres://…` then runs [`plain`], one transaction per transfer, for as long, in a schema of its
//! own in that database, and reports the ratio.

mod accounts;
mod http;
mod plain;
mod ws;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use orrery_core::types::PlayerId;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::dice::Dice;
use crate::http::ServerUrl;
use crate::server_stats::{ServerFigures, ServerProbe};
use crate::stats::{Percentiles, Stats, Timing};

/// Clients.
const CLIENTS: usize = 64;
/// Commands that each keeps under way.
const IN_FLIGHT: usize = 40;
/// Hot spot: of a hundred transfers so many go to so many accounts.
const HOT_PERCENT: u64 = 80;
const HOT_ACCOUNTS: usize = 20;
/// Before the window: until the pace is steady.
const WARM_UP: Duration = Duration::from_secs(3);

/// How commands travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// WebSocket: 64 senders.
    Ws,
    /// HTTP: every account sends.
    Http,
}

/// What to run.
#[derive(Clone, Debug)]
pub struct TransferOptions {
    /// The server.
    pub server: ServerUrl,
    /// How many accounts; more than the clients.
    pub accounts: usize,
    /// How long to measure.
    pub duration: Duration,
    /// Whether most transfers go to a few accounts.
    pub hot_spot: bool,
    /// How commands travel.
    pub over: Over,
    /// The database of the plain client.
    pub compare: Option<String>,
    /// The server's process; found by its port otherwise.
    pub server_pid: Option<u32>,
    /// The seed of all draws.
    pub seed: u64,
}

/// An account that can give and get.
#[derive(Clone, Debug)]
pub(crate) struct Purse {
    player: PlayerId,
    token: String,
}

/// What the clients share.
pub(crate) struct Workload {
    options: TransferOptions,
    purses: Vec<Purse>,
    stats: Stats,
}

impl Workload {
    /// Somebody else than `from`.
    fn receiver(&self, from: usize, dice: &mut Dice) -> PlayerId {
        let hot = self.options.hot_spot && dice.below(100) < HOT_PERCENT;
        let among = if hot { HOT_ACCOUNTS.min(self.purses.len()) } else { self.purses.len() } as u64;
        let drawn = usize::try_from(dice.below(among)).unwrap_or(0);
        self.purses[if drawn == from { (drawn + 1) % self.purses.len() } else { drawn }].player
    }
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct TransferReport {
    /// Accounts.
    pub accounts: usize,
    /// How commands travelled.
    pub over: Over,
    /// Whether most transfers went to a few accounts.
    pub hot_spot: bool,
    /// How long was measured.
    pub seconds: f64,
    /// Transfers answered in that time.
    pub transfers: u64,
    /// The same per second.
    pub transfers_per_second: f64,
    /// Commands refused in that time.
    pub refused: u64,
    /// Sent until answered.
    pub ack: Percentiles,
    /// What the server itself did.
    pub server: ServerFigures,
    /// The plain client's figures.
    pub plain: Option<plain::PlainFigures>,
    /// The server's transfers per second over the plain client's.
    pub ratio: Option<f64>,
    /// Why commands were refused, with counts.
    pub codes: std::collections::BTreeMap<String, u64>,
}

/// Makes accounts, transfers, compares.
///
/// # Errors
/// The server or the database cannot be reached, or a connection is lost.
pub fn run(options: TransferOptions) -> anyhow::Result<TransferReport> {
    if options.accounts <= CLIENTS {
        bail!("--accounts must be more than {CLIENTS}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(control(options))
}

async fn control(options: TransferOptions) -> anyhow::Result<TransferReport> {
    let mut probe = ServerProbe::find(&options.server, options.server_pid);
    eprintln!("making {} accounts", options.accounts);
    let begun = Instant::now();
    let purses = accounts::make(&options).await?;
    eprintln!("made in {:.1} s; warming up", begun.elapsed().as_secs_f64());
    let workload = Arc::new(Workload { options, purses, stats: Stats::default() });
    let (stop, stopped) = watch::channel(false);
    let mut clients = begin(&workload, &stopped);
    workload.stats.set_measuring(false);
    wait(&mut clients, WARM_UP).await?;
    probe.begin().await;
    workload.stats.set_measuring(true);
    let (begun, before) = (Instant::now(), workload.stats.counts());
    wait(&mut clients, workload.options.duration).await?;
    workload.stats.set_measuring(false);
    let (seconds, counts) = (begun.elapsed().as_secs_f64(), workload.stats.counts().since(&before));
    let server = probe.end().await;
    let _ = stop.send(true);
    while clients.join_next().await.is_some() {}
    let rate = counts.acknowledged as f64 / seconds;
    let plain = workload.options.compare.as_ref().map(|url| plain::run(url, &workload.options)).transpose()?;
    Ok(TransferReport {
        accounts: workload.purses.len(),
        over: workload.options.over,
        hot_spot: workload.options.hot_spot,
        seconds,
        transfers: counts.acknowledged,
        transfers_per_second: rate,
        refused: counts.errors,
        ack: workload.stats.percentiles(Timing::Ack),
        server,
        ratio: plain.as_ref().map(|plain| rate / plain.transfers_per_second.max(0.001)),
        plain,
        codes: workload.stats.codes(),
    })
}

fn begin(workload: &Arc<Workload>, stopped: &watch::Receiver<bool>) -> JoinSet<anyhow::Result<()>> {
    let mut clients = JoinSet::new();
    for index in 0..CLIENTS {
        match workload.options.over {
            Over::Ws => drop(clients.spawn(ws::client(workload.clone(), index, stopped.clone()))),
            Over::Http => {
                for lane in 0..IN_FLIGHT {
                    clients.spawn(http::lane(workload.clone(), index * IN_FLIGHT + lane, stopped.clone()));
                }
            }
        }
    }
    clients
}

/// Waits; a client that ends before it was told to is a fault.
async fn wait(clients: &mut JoinSet<anyhow::Result<()>>, how_long: Duration) -> anyhow::Result<()> {
    tokio::select! {
        () = sleep(how_long) => Ok(()),
        Some(ended) = clients.join_next() => {
            ended??;
            bail!("a client ended early")
        }
    }
}

impl fmt::Display for TransferReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spread = if self.hot_spot { "four of five to 20 of them" } else { "evenly" };
        writeln!(
            f,
            "{CLIENTS} clients x {IN_FLIGHT} in flight over {:?}, {} accounts, {spread}, {:.1} s",
            self.over, self.accounts, self.seconds
        )?;
        writeln!(
            f,
            "transfers answered durably: {} ({:.0}/s), ack p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms; refused {}",
            self.transfers, self.transfers_per_second, self.ack.p50_ms, self.ack.p99_ms, self.ack.max_ms, self.refused
        )?;
        writeln!(
            f,
            "pacing: closed loop, an answer lets the next command go; the latencies are those of that load alone"
        )?;
        if let Some(cpu) = self.server.cpu_seconds_per_second {
            writeln!(f, "server: {cpu:.2} CPU s/s, {:.0} us per transfer", cpu * 1e6 / self.transfers_per_second)?;
        }
        for (code, count) in &self.codes {
            writeln!(f, "  {code} {count}")?;
        }
        if let (Some(plain), Some(ratio)) = (&self.plain, self.ratio) {
            writeln!(
                f,
                "plain client, a transaction per transfer: {:.0}/s, mean {:.1} ms; ratio {ratio:.2}",
                plain.transfers_per_second, plain.latency_mean_ms
            )?;
        }
        Ok(())
    }
}
