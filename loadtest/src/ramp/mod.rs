//! `--ramp`: finds the largest population that meets objectives, within one run. [`search`] says what to try, this
//! does it: bots come or leave, get into place, a window is measured, and the figures are judged.

pub mod search;

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use self::search::{Ending, Outcome, Search};
use crate::flock::Population;
use crate::profile::neighbours;
use crate::report::Report;
use crate::require::Requirement;
use crate::swarm::{Measured, Options, Run};

/// How long the last bots of a step may take to come, beyond the swarm's pace.
const ARRIVAL_WAIT: Duration = Duration::from_secs(20);
/// How long those who have to leave may take: they settle their books first.
const LEAVE_WAIT: Duration = Duration::from_secs(45);
/// After the population has changed, until it is calm.
const CALM: Duration = Duration::from_secs(3);
/// After a window, for the answers to what was due in it.
const ANSWER_WAIT: Duration = Duration::from_secs(2);
/// How often it is looked whether all are there.
const GLANCE: Duration = Duration::from_millis(200);
/// Of the bots of the profile `neighbours`, and of a scenario, where some are offline on purpose.
const CONNECTED_SHARE: [f64; 2] = [0.99, 0.9];

/// What to look for.
#[derive(Clone, Debug)]
pub struct RampOptions {
    /// What a population has to meet.
    pub objectives: Vec<Requirement>,
    /// The first population.
    pub from: usize,
    /// The largest population.
    pub to: usize,
    /// How long each is measured.
    pub step_duration: Duration,
    /// How exactly the limit is wanted, in per cent of it.
    pub precision_percent: f64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// What a population had to meet.
    pub objectives: Vec<String>,
    /// The largest population that did.
    pub largest: Option<usize>,
    /// The smallest larger one that did not, twice.
    pub broken_at: Option<usize>,
    /// How the search ended.
    pub ending: Ending,
    /// What was tried, in order.
    pub steps: Vec<Step>,
}

/// One population, measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// How many bots it was to be.
    pub bots: usize,
    /// How many were connected at the end of the window.
    pub connected: u64,
    /// What was found.
    pub outcome: Outcome,
    /// Which objectives were broken, and by what.
    pub broken: Vec<String>,
    /// All figures of the window, by the names that `--slo` knows.
    pub figures: BTreeMap<String, f64>,
}

/// Looks for the limit. `bots` and `duration` of the options do not count.
///
/// # Errors
/// The run could not be done.
pub fn run(options: Options, ramp: &RampOptions) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(climb(Options { bots: ramp.to, ..options }, ramp))
}

async fn climb(options: Options, ramp: &RampOptions) -> anyhow::Result<Report> {
    let mut search = Search::new(ramp.from, ramp.to, ramp.precision_percent);
    let first = Population { bots: search.next().unwrap_or(1), may_grow: true };
    let mut run = Run::begin(options, first).await?;
    let (mut steps, mut best): (Vec<Step>, Option<Report>) = (Vec::new(), None);
    while let Some(bots) = search.next() {
        run.swarm.stats.forget_window();
        move_to(&mut run, bots).await?;
        let report = measure(&mut run, bots, ramp.step_duration).await?;
        if run.is_over() {
            break;
        }
        let step = Step::judge(bots, &report, &ramp.objectives);
        run.say(&format!("{step}{}", if search.confirms() { ", second try" } else { "" }));
        if step.outcome == Outcome::Kept || best.is_none() {
            best = Some(report);
        }
        search.judged(step.outcome);
        steps.push(step);
    }
    let limit = Limit {
        objectives: ramp.objectives.iter().map(ToString::to_string).collect(),
        largest: search.largest(),
        broken_at: search.broken_at(),
        ending: search.ending(),
        steps,
    };
    let whole = run.end(None).await?;
    Ok(with_limit(best, whole, limit))
}

/// The report speaks of the largest population that met the objectives (of the first one, if none did); faults and the
/// timeline are of the whole run.
fn with_limit(best: Option<Report>, whole: Report, limit: Limit) -> Report {
    let Some(best) = best else { return Report { limit: Some(limit), ..whole } };
    let Report { timeline, violations, first_violations, codes, counts, .. } = whole;
    Report { timeline, violations, first_violations, codes, counts, limit: Some(limit), ..best }
}

/// Lets bots come or leave, and get into place.
async fn move_to(run: &mut Run, bots: usize) -> anyhow::Result<()> {
    let before = run.swarm.stats.connected() as usize;
    run.swarm.thin_out(bots);
    run.populate(Population { bots, may_grow: true });
    let coming = bots.saturating_sub(before);
    let paced = Duration::from_secs_f64(coming as f64 / f64::from(run.swarm.options.ramp_per_second.max(1)));
    let patience = if before > bots { LEAVE_WAIT } else { paced + ARRIVAL_WAIT };
    let begun = Instant::now();
    while run.swarm.stats.connected() as usize != bots && begun.elapsed() < patience && !run.is_over() {
        run.wait(&format!("to {bots}"), GLANCE).await?;
    }
    let settles = run.swarm.options.neighbours && coming > 0;
    run.wait(
        &format!("to {bots}"),
        if settles { neighbours::warm_up(&run.swarm.catalog, &run.swarm.options.taping) } else { CALM },
    )
    .await
}

/// The figures of one window alone.
async fn measure(run: &mut Run, bots: usize, duration: Duration) -> anyhow::Result<Report> {
    let broken_before = run.swarm.oracle.violations().0;
    let Measured { window, server } = run.measure(duration).await?;
    run.wait("answers", ANSWER_WAIT).await?;
    let report = Report::of(&run.swarm, window, server);
    Ok(Report {
        bots,
        counts: window.counts,
        violations: report.violations - broken_before.min(report.violations),
        ..report
    })
}

impl Step {
    fn judge(bots: usize, report: &Report, objectives: &[Requirement]) -> Self {
        let figures = report.figures();
        let mut broken: Vec<String> = objectives.iter().filter_map(|objective| objective.broken_by(&figures)).collect();
        let connected = report.window.connected;
        let wanted = CONNECTED_SHARE[usize::from(report.neighbours.is_none())];
        if (connected as f64) < bots as f64 * wanted {
            broken.push(format!("only {connected} of {bots} bots are connected"));
        }
        let outcome = match (broken.is_empty(), report.lag_warning()) {
            (true, _) => Outcome::Kept,
            (false, None) => Outcome::Broken,
            (false, Some(_)) => Outcome::SwarmBound,
        };
        let figures = figures.into_iter().map(|(name, figure)| (name.to_owned(), figure)).collect();
        Self { bots, connected, outcome, broken, figures }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>7} bots: ", self.bots)?;
        match self.outcome {
            Outcome::Kept => write!(f, "kept"),
            Outcome::Broken => write!(f, "broken: {}", self.broken.join("; ")),
            Outcome::SwarmBound => {
                write!(f, "broken, but the swarm itself was late: {}", self.broken.join("; "))
            }
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let objectives = self.objectives.join(", ");
        let (largest, broken) = (self.largest.unwrap_or(0), self.broken_at.unwrap_or(0));
        match self.ending {
            Ending::Found => write!(f, "limit: {largest} bots meet {objectives}; {broken} do not"),
            Ending::SwarmBound => write!(
                f,
                "limit of the swarm, not of the server: {largest} bots meet {objectives}; at {broken} the swarm itself \
                 is late: give it more --threads, cores, or processes"
            ),
            Ending::NotReached => {
                write!(f, "no limit found: {largest} bots, the most that were asked for, meet {objectives}")
            }
            Ending::Nobody => write!(f, "limit: no population meets {objectives}"),
            Ending::Interrupted => write!(f, "ended early: {largest} bots meet {objectives}"),
        }
    }
}
