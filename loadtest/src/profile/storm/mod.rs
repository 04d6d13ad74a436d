//! `--profile storm`: many log in within seconds, while some play.
//!
//! Half of them are new guests, a quarter comes with tokens of accounts made beforehand, and a quarter resumes sessions
//! that it had until the storm. The load is open: when each comes first is fixed beforehand, whatever the server does.
//! Who is sent away comes back when it was told to, and everybody's time counts from the scheduled instant to the
//! welcome. A hundred pilots fly before and during the storm; their answers show what those who play notice of it.

mod client;
mod pilot;
mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use orrery_core::protocol::Encoding;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use self::client::Visitor;
pub use self::report::StormReport;
use crate::http::{self, ServerUrl};
use crate::server_stats::ServerProbe;
use crate::stats::Stats;

/// Players who fly.
const PILOTS: usize = 100;
/// Before the storm: how long the pilots are measured without it.
const CALM: Duration = Duration::from_secs(5);
/// After the last scheduled instant: who is not in by then never gets in.
const PATIENCE: Duration = Duration::from_secs(90);
/// Guests on their way in at a time while the storm is prepared.
const AT_A_TIME: usize = 64;
/// How often it is looked whether the storm is over.
const GLANCE: Duration = Duration::from_millis(50);

/// What to run.
#[derive(Clone, Debug)]
pub struct StormOptions {
    /// The server.
    pub server: ServerUrl,
    /// How many come.
    pub logins: usize,
    /// Within which time they come first.
    pub within: Duration,
    /// How messages are encoded.
    pub encoding: Encoding,
    /// The server's process; found by its port otherwise.
    pub server_pid: Option<u32>,
    /// The seed of all draws.
    pub seed: u64,
}

/// How somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Guest,
    Token,
    Resume,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Guest, Self::Token, Self::Resume];

    fn of(index: usize) -> Self {
        match index % 4 {
            0 | 2 => Self::Guest,
            1 => Self::Token,
            _ => Self::Resume,
        }
    }
}

/// What everybody of a run shares.
struct Storm {
    options: StormOptions,
    /// Scheduled instants to welcomes, by kind.
    entered: [Stats; 3],
    everybody: Stats,
    busy: AtomicU64,
    unavailable: AtomicU64,
    resumed: AtomicUsize,
    inside: AtomicUsize,
    never: AtomicUsize,
    lost: AtomicUsize,
    calm: Stats,
    stormy: Stats,
    pilots_lost: AtomicUsize,
}

impl Storm {
    fn new(options: StormOptions) -> Arc<Self> {
        let entered = [Stats::default(), Stats::default(), Stats::default()];
        let (calm, stormy) = (Stats::default(), Stats::default());
        stormy.set_measuring(false);
        let [inside, never, lost, resumed, pilots_lost] = <[AtomicUsize; 5]>::default();
        let (busy, unavailable, everybody) = (AtomicU64::default(), AtomicU64::default(), Stats::default());
        Arc::new(Self {
            options,
            entered,
            everybody,
            busy,
            unavailable,
            resumed,
            inside,
            never,
            lost,
            calm,
            stormy,
            pilots_lost,
        })
    }

    fn decided(&self) -> usize {
        self.inside.load(Relaxed) + self.never.load(Relaxed)
    }
}

/// Prepares the storm, lets it loose, reports.
///
/// # Errors
/// The server cannot be reached, or somebody cannot get in while the storm is prepared.
pub fn run(options: StormOptions) -> anyhow::Result<StormReport> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(control(options))
}

async fn control(options: StormOptions) -> anyhow::Result<StormReport> {
    let mut probe = ServerProbe::find(&options.server, options.server_pid);
    http::catalog(&options.server).await.context("is the server running there?")?;
    let storm = Storm::new(options);
    let (stop, stopped) = watch::channel(false);
    eprintln!("preparing {} visitors and {PILOTS} pilots", storm.options.logins);
    let mut pilots = JoinSet::new();
    for index in 0..PILOTS {
        let seat = pilot::board(&storm.options, index).await.context("a pilot could not get in")?;
        pilots.spawn(pilot::fly(Arc::clone(&storm), seat, index, stopped.clone()));
    }
    let (begin, begins) = watch::channel(None);
    let mut visitors = prepare(&storm, &begins, &stopped).await?;
    sleep(CALM).await;

    probe.begin().await;
    storm.calm.set_measuring(false);
    storm.stormy.set_measuring(true);
    let begun = Instant::now();
    let _ = begin.send(Some(begun));
    let last = begun + storm.options.within + PATIENCE;
    while storm.decided() < storm.options.logins && Instant::now() < last {
        sleep(GLANCE).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    storm.stormy.set_measuring(false);
    let server = probe.end().await;
    let report = StormReport::of(&storm, seconds, server);
    let _ = stop.send(true);
    while visitors.join_next().await.is_some() {}
    while let Some(landed) = pilots.join_next().await {
        landed?;
    }
    Ok(report)
}

/// Makes the accounts and sessions that some come with. Those that resume come last: their sessions wait for the storm.
async fn prepare(
    storm: &Arc<Storm>,
    begins: &watch::Receiver<Option<Instant>>,
    stopped: &watch::Receiver<bool>,
) -> anyhow::Result<JoinSet<()>> {
    let mut visitors = JoinSet::new();
    for kind in Kind::ALL {
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        let mut coming = JoinSet::new();
        for index in (0..storm.options.logins).filter(|index| Kind::of(*index) == kind) {
            let turn = Arc::clone(&turns).acquire_owned().await?;
            let visitor = Visitor::new(Arc::clone(storm), index);
            coming.spawn(async move {
                let _turn = turn;
                visitor.prepare().await
            });
            while let Some(prepared) = coming.try_join_next() {
                visitors.spawn(prepared??.come(begins.clone(), stopped.clone()));
            }
        }
        while let Some(prepared) = coming.join_next().await {
            visitors.spawn(prepared??.come(begins.clone(), stopped.clone()));
        }
    }
    if visitors.is_empty() {
        bail!("a storm needs somebody who comes");
    }
    Ok(visitors)
}

/// Waits for the storm to begin.
async fn beginning(begins: &mut watch::Receiver<Option<Instant>>) -> Instant {
    match begins.wait_for(Option::is_some).await.map(|begun| *begun) {
        Ok(Some(begun)) => begun,
        // The storm was called off.
        Ok(None) | Err(_) => std::future::pending().await,
    }
}

/// Waits until this is due.
async fn until(due: Instant) {
    sleep_until(due.into()).await;
}
