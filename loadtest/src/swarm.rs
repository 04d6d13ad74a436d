//! The swarm: brings the bots up at a steady rate, opens and closes the measured window, and lets them settle.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, anyhow, bail};
use orrery_core::catalog::Catalog;
use orrery_core::protocol::Encoding;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::acks::AckLog;
use crate::bot::Bot;
use crate::flock::{Flock, Population};
use crate::floor::tape::Taping;
use crate::http::{self, ServerUrl};
use crate::oracle::Oracle;
use crate::profile::neighbours::{self, Neighbourhood};
use crate::progress::Progress;
use crate::report::{Report, Window};
use crate::scenario::Scenario;
use crate::server_stats::{ServerFigures, ServerProbe};
use crate::session::news::Peers;
use crate::share::Share;
use crate::stats::{Stats, Timing, lock};
use crate::timeline::{Phase, Sampler};

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
    /// Which of the bots fly in this process.
    pub share: Share,
    /// When to open the measured window, in seconds since the Unix epoch; as soon as all are there otherwise.
    pub start_at: Option<u64>,
}

impl Options {
    /// How many bots fly in this process.
    #[must_use]
    pub fn own_bots(&self) -> usize {
        self.share.count(self.bots)
    }
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
    /// Every so-manieth bot looks closely at what it is told.
    spacing: AtomicUsize,
    gone: AtomicBool,
    interrupted: AtomicBool,
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
        let sampled = sampled_bots(&options);
        Ok(Arc::new(Self {
            spacing: AtomicUsize::new(options.own_bots().div_ceil(sampled).max(1)),
            options,
            catalog,
            stats: Stats::default(),
            oracle: Oracle::default(),
            acks,
            peers: Peers::default(),
            neighbourhood: Neighbourhood::default(),
            gone: AtomicBool::new(false),
            interrupted: AtomicBool::new(false),
            running: AtomicUsize::new(0),
            failure: Mutex::default(),
        }))
    }

    /// Whether a bot looks closely: compares its picture with others' and times what it sees. Once `false`, it stays
    /// so: a bot can stop looking, but what it has not looked at it cannot know.
    #[must_use]
    pub fn is_sampled(&self, index: usize) -> bool {
        self.options.share.rank(index).is_multiple_of(self.spacing.load(Relaxed))
    }

    /// Lets fewer bots look closely when a population has grown: evenly spread still, and at most twice as many as
    /// are needed.
    pub(crate) fn thin_out(&self, population: usize) {
        let enough = 2 * sampled_bots(&self.options);
        let spacing = self.spacing.load(Relaxed);
        let doubled = std::iter::successors(Some(spacing), |spacing| spacing.checked_mul(2));
        let wide = doubled.into_iter().find(|spacing| population.div_ceil(*spacing) <= enough);
        self.spacing.store(wide.unwrap_or(spacing), Relaxed);
    }

    /// Begins with every bot looking closely that does in a population of this size.
    pub(crate) fn sample_for(&self, population: usize) {
        self.spacing.store(population.div_ceil(sampled_bots(&self.options)).max(1), Relaxed);
    }

    /// A bot found the server gone, which `--until-disconnect` was waiting for.
    pub fn server_is_gone(&self) {
        self.gone.store(true, Relaxed);
    }

    /// The run cannot go on.
    pub fn failed(&self, why: String) {
        lock(&self.failure).get_or_insert(why);
    }

    /// The bot of this number, which was to come at `due` and flies until it is told to leave.
    pub(crate) fn bot(
        self: &Arc<Self>,
        index: usize,
        due: Instant,
        leave: watch::Receiver<bool>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.stats.time(Timing::Lag, due.elapsed());
        if self.options.neighbours {
            Box::pin(neighbours::Member::new(self.clone(), index, due, leave).run())
        } else {
            Box::pin(Bot::new(self.clone(), index, due, leave).run())
        }
    }

    /// Lets every `step`-th bot from `first` on follow the population, and waits for their ends.
    pub(crate) async fn fly(self: Arc<Self>, first: usize, step: usize, population: watch::Receiver<Population>) {
        Flock::new(self, first, step, population).fly().await;
    }
}

/// How many bots look closely.
fn sampled_bots(options: &Options) -> usize {
    if options.neighbours { neighbours::OBSERVERS } else { SAMPLED_BOTS }
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
    let population = Population::of(options.bots);
    let mut run = Run::begin(options, population).await?;
    run.bring_up().await?;
    let measured = run.measure(run.swarm.options.duration).await?;
    run.end(Some(measured)).await
}

/// A run under way: the swarm, its threads, and who looks at the server meanwhile.
pub(crate) struct Run {
    pub(crate) swarm: Arc<Swarm>,
    probe: ServerProbe,
    population: watch::Sender<Population>,
    threads: Vec<thread::JoinHandle<()>>,
    sampler: Sampler,
    bar: Progress,
}

/// What was found out in a measured window.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) window: Window,
    pub(crate) server: ServerFigures,
}

impl Run {
    /// Finds the server and lets the bots come.
    pub(crate) async fn begin(options: Options, population: Population) -> anyhow::Result<Self> {
        let catalog = http::catalog(&options.server).await.with_context(|| {
            format!("failed to fetch the catalogue from {} (is the server running there?)", options.server.authority)
        })?;
        let mut probe = ServerProbe::find(&options.server, options.server_pid);
        let swarm = Swarm::new(options, catalog)?;
        if population.may_grow {
            swarm.sample_for(population.bots);
        }
        probe.before_connects().await;
        let bar = Progress::new(&swarm);
        swarm.stats.set_measuring(false);
        let sampler = Sampler::start(&swarm, probe.watch())?;
        let (population, populations) = watch::channel(population);
        let threads = start_threads(&swarm, &populations)?;
        Ok(Self { swarm, probe, population, threads, sampler, bar })
    }

    /// Waits until everybody is there and in place, and for the appointed time.
    async fn bring_up(&mut self) -> anyhow::Result<()> {
        let mut wait = ramp(&self.swarm);
        if let Some(start_at) = self.swarm.options.start_at {
            let until = Duration::from_millis(start_at.saturating_mul(1000).saturating_sub(now_ms()));
            if until < wait {
                bail!("--start-at is in {until:.0?}, but it takes {wait:.0?} until all bots are in place");
            }
            wait = until;
        }
        self.wait("ramp", wait).await?;
        check_somebody_is_in(&self.swarm)
    }

    /// Lets time pass.
    pub(crate) async fn wait(&mut self, what: &str, how_long: Duration) -> anyhow::Result<()> {
        watch_for(&self.swarm, &mut self.bar, what, how_long).await
    }

    /// Opens the window, waits, closes it.
    pub(crate) async fn measure(&mut self, duration: Duration) -> anyhow::Result<Measured> {
        let swarm = self.swarm.clone();
        self.probe.begin().await;
        self.sampler.enter(Phase::Window);
        swarm.stats.set_measuring(true);
        swarm.neighbourhood.set_measuring(true);
        let (begun, before) = (Instant::now(), swarm.stats.counts());
        self.wait("measuring", duration).await?;
        swarm.stats.set_measuring(false);
        swarm.neighbourhood.set_measuring(false);
        let window = Window {
            seconds: begun.elapsed().as_secs_f64(),
            counts: swarm.stats.counts().since(&before),
            connected: swarm.stats.connected(),
        };
        self.sampler.enter(Phase::Ramp);
        Ok(Measured { window, server: self.probe.end().await })
    }

    /// Changes the population.
    pub(crate) fn populate(&self, population: Population) {
        self.population.send_replace(population);
    }

    /// Whether the run was told to end early.
    pub(crate) fn is_over(&self) -> bool {
        self.swarm.interrupted.load(Relaxed)
    }

    /// Says something beside the progress bar.
    pub(crate) fn say(&self, line: &str) {
        self.bar.say(line);
    }

    /// Lets the bots settle and leave: all that was found out.
    pub(crate) async fn end(mut self, measured: Option<Measured>) -> anyhow::Result<Report> {
        self.populate(Population::NOBODY);
        self.sampler.enter(Phase::Settling);
        settle(&self.swarm, &mut self.bar, self.threads).await?;
        self.bar.clear();
        let Measured { window, server } = measured.unwrap_or_default();
        let report = Report::of(&self.swarm, window, server);
        Ok(Report { timeline: self.sampler.end(), ..report })
    }
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
    populations: &watch::Receiver<Population>,
) -> anyhow::Result<Vec<thread::JoinHandle<()>>> {
    let count = swarm.options.threads.max(1);
    swarm.running.store(count, Relaxed);
    (0..count)
        .map(|number| {
            let (swarm, populations) = (swarm.clone(), populations.clone());
            let share = swarm.options.share;
            let (first, step) = (share.first() + number * share.step(), count * share.step());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let fly = move || {
                runtime.block_on(swarm.clone().fly(first, step, populations));
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
            _ = &mut interrupted => {
                swarm.interrupted.store(true, Relaxed);
                break;
            }
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
    settle(swarm, &mut Progress::hidden(), threads).await
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
