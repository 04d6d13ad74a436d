//! The server second by second: what its metrics page says now, and what has grown since it was read last.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::page::Metrics;
use super::{Look, ServerFigures, with_metrics};
use crate::http::ServerUrl;

/// How long the page may take: a second's sample must be over before the next one.
const SCRAPE_WAIT: Duration = Duration::from_millis(800);

/// What grew in less than this is no rate worth showing: the next second will tell.
const SHORTEST: Duration = Duration::from_millis(500);

/// What the server did in a second; `None` is what it does not tell. What grows is per second since the last reading,
/// which is longer ago when one was missed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServerSecond {
    /// CPU seconds per second, user and system.
    pub cpu: Option<f64>,
    /// Resident memory.
    pub rss_bytes: Option<u64>,
    /// Ticks of all worlds, per second.
    pub ticks: Option<f64>,
    /// Ticks that began late, per second.
    pub ticks_late: Option<f64>,
    /// Ticks that took too long, per second.
    pub tick_overruns: Option<f64>,
    /// How long ticks took: the bound of a bucket in ms (none above the last one), and ticks in it since the last
    /// reading. Empty buckets are left out.
    pub tick_buckets: Vec<(Option<f64>, f64)>,
    /// From a commit's entry into the queue until it is durable: the mean, in ms.
    pub durable_lag_ms: Option<f64>,
    /// Commits in the persister's queue.
    pub queue_commits: Option<f64>,
    /// Sessions, with and without a connection.
    pub sessions: Option<f64>,
    /// Bytes handed to sockets, per second.
    pub bytes_sent: Option<f64>,
    /// Cell entries sent, per second.
    pub updates_sent: Option<f64>,
}

/// Reads the page again and again.
pub(crate) struct ServerWatch {
    server: ServerUrl,
    pid: Option<u32>,
    last: Option<Look>,
}

impl ServerWatch {
    pub(super) fn new(server: ServerUrl, pid: Option<u32>) -> Self {
        Self { server, pid, last: None }
    }

    /// What was since the last reading; `None` when the page did not come in time, or for the first time.
    pub(crate) async fn look(&mut self) -> Option<ServerSecond> {
        let look = tokio::time::timeout(SCRAPE_WAIT, Look::at(&self.server, self.pid)).await.ok()?;
        if look.metrics.is_none() && look.cpu_seconds.is_none() {
            return None;
        }
        if self.last.as_ref().is_some_and(|last| look.at - last.at < SHORTEST) {
            return None;
        }
        let second = self.last.as_ref().map(|last| ServerSecond::between(last, &look));
        self.last = Some(look);
        second
    }
}

impl ServerSecond {
    fn between(last: &Look, now: &Look) -> Self {
        let seconds = (now.at - last.at).as_secs_f64().max(0.001);
        let second =
            Self { cpu: now.cpu_since(last).map(|cpu| cpu / seconds), rss_bytes: now.rss_bytes, ..Self::default() };
        match (&last.metrics, &now.metrics) {
            (Some(before), Some(after)) => second.with_pages(before, after, seconds),
            _ => second,
        }
    }

    fn with_pages(self, before: &Metrics, after: &Metrics, seconds: f64) -> Self {
        let grown = with_metrics(ServerFigures::default(), before, after, Duration::from_secs_f64(seconds));
        let per_second = |grown: Option<f64>| grown.map(|grown| grown / seconds);
        let commits = growth(before, after, "orrery_durable_lag_seconds_count").filter(|commits| *commits > 0.0);
        let lag = growth(before, after, "orrery_durable_lag_seconds_sum");
        Self {
            ticks: per_second(grown.ticks),
            ticks_late: per_second(grown.ticks_late),
            tick_overruns: per_second(grown.tick_overruns),
            tick_buckets: buckets(before, after, "orrery_tick_seconds_bucket"),
            durable_lag_ms: lag.zip(commits).map(|(lag, commits)| 1000.0 * lag / commits),
            queue_commits: after.sum("orrery_queue_commits"),
            sessions: after.sum("orrery_sessions"),
            bytes_sent: per_second(grown.bytes_sent),
            updates_sent: per_second(grown.updates_sent),
            ..self
        }
    }
}

fn growth(before: &Metrics, after: &Metrics, name: &str) -> Option<f64> {
    Some(after.sum(name)? - before.sum(name).unwrap_or(0.0))
}

/// A histogram's growth, over all labels, bucket by bucket: the page counts what is in a bucket *or below*.
fn buckets(before: &Metrics, after: &Metrics, name: &str) -> Vec<(Option<f64>, f64)> {
    let (before, after) = (up_to(before, name), up_to(after, name));
    let grown = after.iter().map(|(bound, count)| (*bound, count - before.get(bound).unwrap_or(&0.0)));
    let mut below = 0.0;
    let mut counts = Vec::new();
    for (bound, up_to) in grown {
        if up_to > below {
            counts.push((bound.upper_ms(), up_to - below));
        }
        below = up_to;
    }
    counts
}

/// A bucket's bound in nanoseconds, so that it can be a key; the last bucket has none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bound(u64);

impl Bound {
    fn parse(label: &str) -> Option<Self> {
        match label {
            "+Inf" => Some(Self(u64::MAX)),
            seconds => seconds.parse::<f64>().ok().map(|seconds| Self((seconds * 1e9).round() as u64)),
        }
    }

    fn upper_ms(self) -> Option<f64> {
        (self.0 != u64::MAX).then_some(self.0 as f64 / 1e6)
    }
}

fn up_to(page: &Metrics, name: &str) -> BTreeMap<Bound, f64> {
    let mut counts = BTreeMap::new();
    for (labels, count) in page.series(name) {
        let label = labels.split(',').find_map(|label| label.strip_prefix("le=\""));
        if let Some(bound) = label.and_then(|label| Bound::parse(label.trim_end_matches('"'))) {
            *counts.entry(bound).or_insert(0.0) += count;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_ticks_is_told_by_bucket_over_all_worlds() {
        let page = |sol: [u32; 3], vega: [u32; 3]| {
            let world = |world: &str, counts: [u32; 3]| {
                let bounds = ["0.0005", "0.05", "+Inf"].into_iter().zip(counts);
                let line =
                    |(le, count)| format!("orrery_tick_seconds_bucket{{le=\"{le}\",world=\"{world}\"}} {count}\n");
                bounds.map(line).collect::<String>()
            };
            Metrics::parse(&(world("sol", sol) + &world("vega", vega)))
        };
        let (before, after) = (page([10, 10, 10], [5, 5, 5]), page([20, 29, 30], [15, 16, 16]));
        let counts = buckets(&before, &after, "orrery_tick_seconds_bucket");
        assert_eq!(counts, [(Some(0.5), 20.0), (Some(50.0), 10.0), (None, 1.0)]);
    }
}
