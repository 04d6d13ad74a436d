//! What figures mean: whether a part of the server is in order, what was found, and what to do about it. Pure; the
//! figures are gathered in `gather`, each part is judged in `parts`.

mod parts;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// In order.
    Ok,
    /// It will be out of order, or some players notice something.
    Warn,
    /// It is out of order.
    Fail,
}

/// What was found about one part.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Check {
    /// Which part: store, persister, worlds, sessions, memory, descriptors, audit.
    pub(crate) name: &'static str,
    /// How it is: as bad as the worst finding.
    pub(crate) status: Status,
    /// What it was judged by; units stand in the names.
    pub(crate) figures: BTreeMap<String, f64>,
    /// What is not as it should be.
    pub(crate) findings: Vec<String>,
    /// What to do about each finding, in their order.
    pub(crate) advice: Vec<String>,
}

/// How the server is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Report {
    /// 100: all is in order; a part that fails takes its weight away, one that warns half of it.
    pub(crate) score: u32,
    /// As bad as the worst part.
    pub(crate) status: Status,
    /// The parts.
    pub(crate) checks: Vec<Check>,
}

/// Everything that is judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Why the store does not answer, if it does not.
    pub(crate) store_error: Option<String>,
    /// How long it took to answer, in ms.
    pub(crate) store_ping_ms: Option<f64>,
    /// Commits that wait, and how many may.
    pub(crate) queue_commits: u64,
    pub(crate) queue_commits_max: u64,
    /// From a commit's entry into the queue until it is durable, of the last seconds, in ms.
    pub(crate) durable_lag_p99_ms: Option<f64>,
    pub(crate) worlds: Vec<WorldFigures>,
    /// Log-ins under way, and how many may be.
    pub(crate) connections: u64,
    pub(crate) connections_max: u64,
    pub(crate) logins_under_way: u64,
    pub(crate) logins_limit: u64,
    /// Times that cell frames of slow clients were dropped, per minute and connection.
    pub(crate) slow_per_minute: f64,
    /// Memory of the process, and what the machine has left, in bytes.
    pub(crate) resident_bytes: Option<f64>,
    pub(crate) available_bytes: Option<f64>,
    /// Memory of the process an hour ago.
    pub(crate) resident_hour_ago_bytes: Option<f64>,
    /// Players with a session, now and an hour ago.
    pub(crate) players: f64,
    pub(crate) players_hour_ago: Option<f64>,
    pub(crate) open_fds: Option<f64>,
    pub(crate) max_fds: Option<f64>,
    /// How often the books are compared; 0: never.
    pub(crate) audit_every_ms: u64,
    pub(crate) audit_runs: u64,
    pub(crate) audit_differences: u64,
    pub(crate) uptime_s: f64,
}

/// One world.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorldFigures {
    pub(crate) key: String,
    pub(crate) stands_still: bool,
    /// How long a tick lasts now, and at full pace, in ms.
    pub(crate) period_ms: f64,
    pub(crate) nominal_ms: f64,
    /// How long a tick's work takes, in ms.
    pub(crate) tick_p99_ms: Option<f64>,
    /// The share of ticks that began in time, of the last seconds.
    pub(crate) late_percent: f64,
}

/// A check as it is put together.
struct Judging(Check);

impl Judging {
    fn of(name: &'static str) -> Self {
        let (figures, findings, advice) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self(Check { name, status: Status::Ok, figures, findings, advice })
    }

    fn figure(&mut self, name: impl Into<String>, value: impl Into<Option<f64>>) {
        if let Some(value) = value.into() {
            self.0.figures.insert(name.into(), (value * 1_000.0).round() / 1_000.0);
        }
    }

    fn find(&mut self, status: Status, finding: String, advice: &str) {
        self.0.status = self.0.status.max(status);
        self.0.findings.push(finding);
        self.0.advice.push(advice.to_owned());
    }

    /// Warns or fails when a share of what may be is used.
    fn judge_share(&mut self, used: f64, of: f64, [warn, fail]: [f64; 2], what: &str, advice: &str) {
        let percent = 100.0 * used / of.max(1.0);
        let status = match percent {
            percent if percent >= fail => Status::Fail,
            percent if percent >= warn => Status::Warn,
            _ => return,
        };
        self.find(status, format!("{percent:.0} % of {what} are used: {used:.0} of {of:.0}"), advice);
    }
}

/// How much each part counts.
const WEIGHTS: [(&str, u32); 7] = [
    ("store", 25),
    ("persister", 15),
    ("worlds", 20),
    ("sessions", 10),
    ("memory", 10),
    ("descriptors", 10),
    ("audit", 10),
];

/// Judges everything.
pub(crate) fn judge(figures: &Figures) -> Report {
    let checks: Vec<Check> = parts::ALL.iter().map(|part| part(figures).0).collect();
    let lost = |check: &Check| {
        let weight = WEIGHTS.iter().find(|(name, _)| *name == check.name).map_or(0, |(_, weight)| *weight);
        match check.status {
            Status::Ok => 0,
            Status::Warn => weight / 2,
            Status::Fail => weight,
        }
    };
    let score = 100_u32.saturating_sub(checks.iter().map(lost).sum());
    let status = checks.iter().map(|check| check.status).max().unwrap_or(Status::Ok);
    Report { score, status, checks }
}
