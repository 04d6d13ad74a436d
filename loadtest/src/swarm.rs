//! The swarm: brings the bots up at a steady rate, opens and closes the measured window, and lets them settle.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};
use orrery_core::catalog::Catalog;
use orrery_core::protocol::Encoding;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use crate::acks::AckLog;
use crate::bot::Bot;
use crate::floor::tape::Taping;
use crate::http::{self, ServerUrl};
use crate::oracle::Oracle;
use crate::profile::neighbours::{self, Neighbourhood};
use crate::report::{Report, Window};
use crate::scenario::Scenario;
use crate::server_stats::ServerProbe;
use crate::session::news::Peers;
use crate::stats::{Stats, Timing, lock};

/// Bots whose pictures are compared with each other; more would only cost the swarm time.
const SAMPLED_BOTS: usize = 100;
/// How often the progress bar is redrawn and the end looked for.
const GLANCE: Duration = Duration::from_millis(200);
/// How long an already settled swarm may take to leave.
const LEAVE_WAIT: Duration = Duration::from_secs(45);

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server.
    pub server: ServerUrl,
    /// How many bots.
    pub bots: usize,
    /// How long to measure, after the ramp.
    pub duration: Duration,
    /// What they do.
    pub scenario: Scenario,
    /// The seed of all plans.
    pub seed: u64,
    /// How messages are encoded.
    pub encoding: Encoding,
    /// How many bots come per second.
    pub ramp_per_second: u32,
    /// Where to log commands and answers.
    pub acks: Option<PathBuf>,
    /// End, without a fault, when the server goes away.
    pub until_disconnect: bool,
    /// The server's process, to read its CPU time and memory; found by its port otherwise.
    pub server_pid: Option<u32>,
    /// Threads for the bots.
    pub threads: usize,
    /// Whether to draw a progress bar.
    pub progress: bool,
    /// The fixed workload of neighbours instead of a scenario.
    pub neighbours: bool,
    /// Profile neighbours: whether members record for the bare writer, or play against it.
    pub taping: Taping,
}

/// What all bots of a run share.
pub struct Swarm {
    /// What to run.
    pub options: Options,
    /// The server's content.
    pub catalog: Catalog,
    /// What is counted.
    pub stats: Stats,
    /// What is verified.
    pub oracle: Oracle,
    /// Where commands are logged.
    pub acks: Option<AckLog>,
    /// The players of its bots.
    pub peers: Peers,
    /// What the profile `neighbours` gathers.
    pub neighbourhood: Neighbourhood,
    gone: AtomicBool,
    running: AtomicUsize,
    failure: Mutex<Option<String>>,
}

impl Swarm {
    /// A swarm that is ready to come.
    ///
    /// # Errors
    /// The file of acks cannot be opened.
    pub fn new(options: Options, catalog: Catalog) -> anyhow::Result<Arc<Self>> {
        let acks =
            options.acks.as_deref().map(AckLog::open).transpose().context("failed to open the file of --acks")?;
        Ok(Arc::new(Self {
            options,
            catalog,
            stats: Stats::default(),
            oracle: Oracle::default(),
            acks,
            peers: Peers::default(),
            neighbourhood: Neighbourhood::default(),
            gone: AtomicBool::new(false),
            running: AtomicUsize::new(0),
            failure: Mutex::default(),
        }))
    }

    /// Whether a bot's picture is compared with others'.
    #[must_use]
    pub fn is_sampled(&self, index: usize) -> bool {
        index.is_multiple_of(self.options.bots.div_ceil(SAMPLED_BOTS).max(1))
    }

    /// A bot found the server gone, which `--until-disconnect` was waiting for.
    pub fn server_is_gone(&self) {
        self.gone.store(true, Relaxed);
    }

    /// The run cannot go on.
    pub fn failed(&self, why: String) {
        lock(&self.failure).get_or_insert(why);
    }

    fn bot(self: &Arc<Self>, index: usize, stop: watch::Receiver<bool>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        if self.options.neighbours {
            Box::pin(neighbours::Member::new(self.clone(), index, stop).run())
        } else {
            Box::pin(Bot::new(self.clone(), index, stop).run())
        }
    }

    /// Brings up every `step`-th bot from `first` on, and waits for their ends.
    pub(crate) async fn fly(self: Arc<Self>, first: usize, step: usize, stop: watch::Receiver<bool>) {
        let (begun, rate) = (Instant::now(), f64::from(self.options.ramp_per_second.max(1)));
        let mut bots = JoinSet::new();
        for index in (first..self.options.bots).step_by(step) {
            sleep_until((begun + Duration::from_secs_f64(index as f64 / rate)).into()).await;
            if *stop.borrow() {
                break;
            }
            bots.spawn(self.bot(index, stop.clone()));
        }
        while let Some(ended) = bots.join_next().await {
            if let Err(error) = ended {
                self.failed(format!("a bot ended by a fault of its own: {error}"));
            }
        }
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Runs a swarm from first to last and reports.
///
/// # Errors
/// The run could not be done: no server, no bot that got in, a file that cannot be written.
pub fn run(options: Options) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(control(options))
}

async fn control(options: Options) -> anyhow::Result<Report> {
    let catalog = http::catalog(&options.server).await.with_context(|| {
        format!("failed to fetch the catalogue from {} (is the server running there?)", options.server.authority)
    })?;
    let mut probe = ServerProbe::find(&options.server, options.server_pid);
    let swarm = Swarm::new(options, catalog)?;
    probe.before_connects();
    let (stop, stopped) = watch::channel(false);
    let threads = start_threads(&swarm, &stopped)?;
    let mut bar = Progress::new(&swarm);
    swarm.stats.set_measuring(false);

    watch_for(&swarm, &mut bar, "ramp", ramp(&swarm)).await?;
    check_somebody_is_in(&swarm)?;
    probe.begin().await;
    swarm.stats.set_measuring(true);
    swarm.neighbourhood.set_measuring(true);
    let (begun, before) = (Instant::now(), swarm.stats.counts());
    watch_for(&swarm, &mut bar, "measuring", swarm.options.duration).await?;
    swarm.stats.set_measuring(false);
    swarm.neighbourhood.set_measuring(false);
    let server = probe.end().await;
    let window = Window {
        seconds: begun.elapsed().as_secs_f64(),
        counts: swarm.stats.counts().since(&before),
        connected: swarm.stats.connected(),
    };
    let _ = stop.send(true);
    settle(&swarm, &mut bar, threads).await?;
    bar.clear();
    Ok(Report::of(&swarm, window, server))
}

/// How long it takes until everybody is there and in place.
fn ramp(swarm: &Swarm) -> Duration {
    let options = &swarm.options;
    let coming = Duration::from_secs_f64(options.bots as f64 / f64::from(options.ramp_per_second.max(1)));
    if options.neighbours {
        coming + neighbours::warm_up(&swarm.catalog, &options.taping)
    } else {
        coming + Duration::from_millis(500)
    }
}

/// Lets the bots come, on threads of their own.
pub(crate) fn start_threads(
    swarm: &Arc<Swarm>,
    stopped: &watch::Receiver<bool>,
) -> anyhow::Result<Vec<thread::JoinHandle<()>>> {
    let count = swarm.options.threads.max(1);
    swarm.running.store(count, Relaxed);
    (0..count)
        .map(|number| {
            let (swarm, stopped) = (swarm.clone(), stopped.clone());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let fly = move || {
                runtime.block_on(swarm.clone().fly(number, count, stopped));
                swarm.running.fetch_sub(1, Relaxed);
            };
            Ok(thread::Builder::new().name(format!("bots-{number}")).spawn(fly)?)
        })
        .collect()
}

/// Waits, drawing progress; ends early when every bot has ended.
async fn watch_for(swarm: &Swarm, bar: &mut Progress, what: &str, how_long: Duration) -> anyhow::Result<()> {
    let begun = Instant::now();
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    while begun.elapsed() < how_long && swarm.running.load(Relaxed) > 0 {
        if let Some(why) = lock(&swarm.failure).take() {
            bail!(why);
        }
        bar.draw(swarm, what, begun.elapsed(), how_long);
        tokio::select! {
            () = sleep(GLANCE.min(how_long.saturating_sub(begun.elapsed()))) => {}
            _ = &mut interrupted => break,
        }
        if swarm.gone.load(Relaxed) && swarm.stats.connected() == 0 {
            break;
        }
    }
    Ok(())
}

fn check_somebody_is_in(swarm: &Swarm) -> anyhow::Result<()> {
    if swarm.stats.connected() > 0 || swarm.gone.load(Relaxed) {
        return Ok(());
    }
    let codes = swarm.stats.codes();
    let reasons: Vec<String> = codes.iter().map(|(code, count)| format!("{code} ({count})")).collect();
    Err(anyhow!(
        "no bot could connect{}{} (for many bots from one address set limits.exempt_loopback = true)",
        if reasons.is_empty() { "" } else { ": " },
        reasons.join(", ")
    ))
}

/// Returns when bots that were told to stop have settled and left, or had every chance to.
pub(crate) async fn wait_for_the_end(swarm: &Swarm, threads: Vec<thread::JoinHandle<()>>) -> anyhow::Result<()> {
    settle(swarm, &mut Progress(None), threads).await
}

async fn settle(swarm: &Swarm, bar: &mut Progress, threads: Vec<thread::JoinHandle<()>>) -> anyhow::Result<()> {
    watch_for(swarm, bar, "settling", LEAVE_WAIT).await?;
    if swarm.running.load(Relaxed) == 0 {
        for thread in threads {
            thread.join().map_err(|_| anyhow!("a thread of bots ended by a fault of its own"))?;
        }
    }
    match lock(&swarm.failure).take() {
        Some(why) => Err(anyhow!(why)),
        None => Ok(()),
    }
}

/// The progress bar, when there is somebody to see it.
struct Progress(Option<ProgressBar>);

impl Progress {
    fn new(swarm: &Swarm) -> Self {
        let style = ProgressStyle::with_template("{prefix:<10} {wide_bar} {msg}");
        let bar = swarm.options.progress.then(|| ProgressBar::new(1000));
        Self(bar.zip(style.ok()).map(|(bar, style)| bar.with_style(style)))
    }

    fn draw(&mut self, swarm: &Swarm, what: &str, elapsed: Duration, total: Duration) {
        let Some(bar) = &self.0 else { return };
        let share = elapsed.as_secs_f64() / total.as_secs_f64().max(0.001);
        bar.set_prefix(what.to_owned());
        bar.set_position((share * 1000.0) as u64);
        bar.set_message(format!(
            "{} bots, ack p99 {:.0} ms, seen p99 {:.0} ms, {} errors, {} violations",
            swarm.stats.connected(),
            swarm.stats.percentiles(Timing::Ack).p99_ms,
            swarm.stats.percentiles(Timing::Seen).p99_ms,
            swarm.stats.counts().errors,
            swarm.oracle.violations().0
        ));
    }

    fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
