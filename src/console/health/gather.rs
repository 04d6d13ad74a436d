//! The figures that [`judge`](super::judge) judges: from metrics, history, `/proc`, and one question to the store.

use std::time::{Duration, Instant};

use super::judge::{Figures, WorldFigures};
use crate::actors::node::{Node, now};
use crate::telemetry::metrics::WorldLabel;
use crate::telemetry::process::{ProcessFigures, available_bytes};

/// The store may take this long to answer.
const PING_TIME: Duration = Duration::from_secs(2);
/// What growth is compared with.
const HOUR_IN_MINUTES: usize = 60;

/// The figures of now.
pub(super) async fn figures(node: &Node) -> Figures {
    let (store_error, store_ping_ms) = ping(node).await;
    let (metrics, config, process) = (&node.metrics, &node.config, ProcessFigures::read());
    let recent = node.history.now();
    let count = |gauge: i64| u64::try_from(gauge).unwrap_or(0);
    let number = |figure: Option<i64>| figure.map(|figure| figure as f64);
    let ago = |figure| node.history.minutes_ago(figure, HOUR_IN_MINUTES);
    let connections = count(metrics.connections.get());
    Figures {
        store_error,
        store_ping_ms,
        queue_commits: node.persister.queue_len() as u64,
        queue_commits_max: config.store.queue_commits_max as u64,
        durable_lag_p99_ms: recent.get("durable_lag_p99_ms").copied().flatten(),
        worlds: worlds(node),
        connections,
        connections_max: config.session.connections_max as u64,
        logins_under_way: count(metrics.logins_under_way.get()),
        logins_limit: count(metrics.logins_limit.get()),
        slow_per_minute: node.history.slow_clients_per_s() * 60.0 / connections.max(1) as f64,
        resident_bytes: number(process.resident_bytes),
        available_bytes: available_bytes().map(|bytes| bytes as f64),
        resident_hour_ago_bytes: ago("rss_bytes"),
        players: metrics.sessions.get() as f64,
        players_hour_ago: ago("players_online"),
        open_fds: number(process.open_fds),
        max_fds: number(process.max_fds),
        audit_every_ms: config.audit.every_ms,
        audit_runs: metrics.audit_runs.get(),
        audit_differences: count(metrics.audit_differences.get()),
        uptime_s: process.start_seconds.map_or(0.0, |start| now().0 as f64 / 1_000.0 - start),
    }
}

/// Why the store does not answer, or how long it took.
async fn ping(node: &Node) -> (Option<String>, Option<f64>) {
    if let Some(error) = node.persister.store_error() {
        return (Some(error), None);
    }
    let began = Instant::now();
    match tokio::time::timeout(PING_TIME, node.store.ping()).await {
        Ok(Ok(())) => (None, Some(began.elapsed().as_secs_f64() * 1_000.0)),
        Ok(Err(error)) => (Some(error.to_string()), None),
        Err(_) => (Some("no answer in time".to_owned()), None),
    }
}

fn worlds(node: &Node) -> Vec<WorldFigures> {
    let nominal_ms = 1_000.0 / f64::from(node.config.world.tick_hz);
    let of_world = |recent: crate::telemetry::history::WorldNow| {
        let label = WorldLabel { world: recent.key.clone() };
        // Not set before the world's first tick.
        let period = node.metrics.tick_period_seconds.get_or_create(&label).get();
        let handle = node.directory.worlds().into_iter().find(|world| world.key.as_str() == recent.key);
        WorldFigures {
            stands_still: recent.ticks == Some(0) || !handle.is_some_and(|world| world.is_live()),
            key: recent.key,
            period_ms: if period > 0.0 { period * 1_000.0 } else { nominal_ms },
            nominal_ms,
            tick_p99_ms: recent.tick_p99_ms,
            late_percent: recent.late_percent,
        }
    };
    node.history.worlds_now().into_iter().map(of_world).collect()
}
