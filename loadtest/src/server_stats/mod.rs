//! What can be learnt about the server from outside: its metrics page and, when it runs on this machine and the page
//! does not say it, its process. [`ServerProbe`] looks at a window's ends, [`watch`] once a second.

mod page;
mod process;
pub(crate) mod watch;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use self::page::{Metrics, metrics};
use crate::http::ServerUrl;

/// What the server did during the window; `None` is what could not be learnt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServerFigures {
    /// CPU seconds, user and system.
    pub cpu_seconds: Option<f64>,
    /// The same per second.
    pub cpu_seconds_per_second: Option<f64>,
    /// Resident memory at the end.
    pub rss_bytes: Option<u64>,
    /// Resident memory before the first bot came.
    pub rss_bytes_before: Option<u64>,
    /// Ticks of all worlds.
    pub ticks: Option<f64>,
    /// Ticks that all worlds together should have made at full pace, each as many as the others.
    pub ticks_due: Option<f64>,
    /// Ticks that began late.
    pub ticks_late: Option<f64>,
    /// Ticks that took too long.
    pub tick_overruns: Option<f64>,
    /// Per world: ticks, late ones and overruns.
    pub worlds: BTreeMap<String, [f64; 3]>,
    /// Cell entries sent.
    pub updates_sent: Option<f64>,
    /// Bytes handed to sockets.
    pub bytes_sent: Option<f64>,
    /// Writes' worth of cell frames: one per client and tick at most.
    pub cell_messages_sent: Option<f64>,
    /// Times that a client was too slow and went without its cell frames.
    pub slow_clients: Option<f64>,
    /// Entities sent beyond the interest radius; anything but 0 is a fault.
    pub entities_outside_radius: Option<f64>,
}

impl ServerFigures {
    /// The share of ticks due that were made and began in time, in per cent, in the world where it is least: idle worlds
    /// beside a crowded one say nothing for it. What a world leaves out, or is slowed down by, counts against it.
    #[must_use]
    pub fn ticks_on_time_percent(&self) -> Option<f64> {
        let due = self.ticks_due.filter(|due| *due > 0.0)? / self.worlds.len() as f64;
        // A window may hold a tick more than is due in its time.
        let on_time = |[ticks, late, _]: &[f64; 3]| (100.0 * (ticks - late) / due).min(100.0);
        self.worlds.values().map(on_time).min_by(f64::total_cmp)
    }
}

/// A look at the server.
#[derive(Clone, Debug)]
struct Look {
    at: Instant,
    cpu_seconds: Option<f64>,
    rss_bytes: Option<u64>,
    metrics: Option<Metrics>,
}

impl Look {
    /// The page knows best; `/proc` counts CPU time in steps of 10 ms and only on this machine.
    async fn at(server: &ServerUrl, pid: Option<u32>) -> Self {
        let metrics = metrics(server).await;
        let told = |name: &str| metrics.as_ref().and_then(|metrics| metrics.sum(name));
        Self {
            at: Instant::now(),
            cpu_seconds: told("process_cpu_seconds_total").or_else(|| pid.and_then(process::cpu_seconds)),
            rss_bytes: told("process_resident_memory_bytes")
                .map(|bytes| bytes as u64)
                .or_else(|| pid.and_then(process::rss_bytes)),
            metrics,
        }
    }

    fn cpu_since(&self, earlier: &Self) -> Option<f64> {
        Some(self.cpu_seconds? - earlier.cpu_seconds?)
    }
}

/// Looks at the server at the beginning and at the end of a window.
pub struct ServerProbe {
    server: ServerUrl,
    pid: Option<u32>,
    rss_before: Option<u64>,
    begun: Option<Look>,
}

impl ServerProbe {
    /// Finds the server's process, if it is on this machine.
    #[must_use]
    pub fn find(server: &ServerUrl, pid: Option<u32>) -> Self {
        let pid = pid.or_else(|| process::pid_listening_on(server.port()));
        Self { server: server.clone(), pid, rss_before: None, begun: None }
    }

    /// Notes the memory before anybody comes.
    pub async fn before_connects(&mut self) {
        self.rss_before = Look::at(&self.server, self.pid).await.rss_bytes;
    }

    /// Opens the window.
    pub async fn begin(&mut self) {
        self.begun = Some(Look::at(&self.server, self.pid).await);
    }

    /// Closes the window.
    pub async fn end(&self) -> ServerFigures {
        let Some(begun) = &self.begun else { return ServerFigures::default() };
        let ended = Look::at(&self.server, self.pid).await;
        let (cpu, seconds) = (ended.cpu_since(begun), (ended.at - begun.at).as_secs_f64());
        let figures = ServerFigures {
            cpu_seconds: cpu,
            cpu_seconds_per_second: cpu.map(|cpu| cpu / seconds),
            rss_bytes: ended.rss_bytes,
            rss_bytes_before: self.rss_before,
            ..ServerFigures::default()
        };
        match (&begun.metrics, &ended.metrics) {
            (Some(before), Some(after)) => with_metrics(figures, before, after, ended.at - begun.at),
            _ => figures,
        }
    }

    /// A probe of the same server for the timeline.
    #[must_use]
    pub(crate) fn watch(&self) -> watch::ServerWatch {
        watch::ServerWatch::new(self.server.clone(), self.pid)
    }
}

fn with_metrics(figures: ServerFigures, before: &Metrics, after: &Metrics, between: Duration) -> ServerFigures {
    let grown = |name: &str| Some(after.sum(name)? - before.sum(name).unwrap_or(0.0));
    let names = ["orrery_ticks_total", "orrery_ticks_late_total", "orrery_tick_overruns_total"];
    let mut worlds: BTreeMap<String, [f64; 3]> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        for (labels, value) in after.series(name) {
            let earlier = before.series(name).find(|(other, _)| *other == labels).map_or(0.0, |(_, value)| value);
            worlds.entry(labels.to_owned()).or_default()[index] = value - earlier;
        }
    }
    ServerFigures {
        ticks: grown(names[0]),
        ticks_due: after.sum("orrery_tick_hz").map(|hz| hz * worlds.len() as f64 * between.as_secs_f64()),
        // A counter without a label yet has no line.
        ticks_late: grown(names[0]).map(|_| grown(names[1]).unwrap_or(0.0)),
        tick_overruns: grown(names[0]).map(|_| grown(names[2]).unwrap_or(0.0)),
        worlds,
        updates_sent: grown("orrery_updates_sent_total"),
        bytes_sent: grown("orrery_bytes_sent_total"),
        cell_messages_sent: grown("orrery_cell_messages_sent_total"),
        slow_clients: grown("orrery_slow_clients_total"),
        entities_outside_radius: after.sum("orrery_entities_outside_radius_total"),
        ..figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metrics_page_is_read_and_compared_per_world() {
        let before = Metrics::parse("# TYPE orrery_ticks counter\norrery_ticks_total{world=\"sol\"} 100\n");
        let after = Metrics::parse(
            "orrery_ticks_total{world=\"sol\"} 300\norrery_ticks_total{world=\"vega\"} 200\n\
             orrery_tick_hz 20\norrery_ticks_late_total{world=\"sol\"} 4\norrery_updates_sent_total 12\n# EOF\n",
        );
        let figures = with_metrics(ServerFigures::default(), &before, &after, Duration::from_secs(10));
        assert_eq!((figures.ticks, figures.ticks_late, figures.tick_overruns), (Some(400.0), Some(4.0), Some(0.0)));
        assert_eq!(figures.worlds["world=\"sol\""], [200.0, 4.0, 0.0]);
        assert_eq!(figures.ticks_on_time_percent(), Some(98.0), "of the world that was late");
        assert_eq!(figures.updates_sent, Some(12.0));
        let dilated = with_metrics(ServerFigures::default(), &before, &after, Duration::from_secs(20));
        assert_eq!(dilated.ticks_on_time_percent(), Some(49.0), "half of the ticks that were due were made");
        let quick = with_metrics(ServerFigures::default(), &before, &after, Duration::from_millis(9_700));
        assert_eq!(quick.ticks_on_time_percent(), Some(100.0));
    }
}
