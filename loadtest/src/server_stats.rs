//! What can be learnt about the server from outside: its metrics page and, when it runs on this machine, its process.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::http::{self, ServerUrl};

/// Clock ticks per second in `/proc`: 100 on every Linux there is.
const CLOCK_TICKS: f64 = 100.0;

/// What the server did during the window; `None` is what could not be learnt.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
    /// Ticks that all worlds should have made at full pace.
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
    /// The share of ticks due that were made and began in time, in per cent. What a world leaves out, or is slowed down
    /// by, counts against it.
    #[must_use]
    pub fn ticks_on_time_percent(&self) -> Option<f64> {
        let due = self.ticks_due.filter(|due| *due > 0.0)?;
        // A window may hold a tick more than is due in its time.
        Some((100.0 * (self.ticks? - self.ticks_late?) / due).min(100.0))
    }
}

/// Looks at the server at the beginning and at the end of a window.
pub struct ServerProbe {
    server: ServerUrl,
    pid: Option<u32>,
    rss_before: Option<u64>,
    begun: Option<(Instant, Option<f64>, Option<Page>)>,
}

impl ServerProbe {
    /// Finds the server's process, if it is on this machine.
    #[must_use]
    pub fn find(server: &ServerUrl, pid: Option<u32>) -> Self {
        let pid = pid.or_else(|| pid_listening_on(server.port()));
        Self { server: server.clone(), pid, rss_before: None, begun: None }
    }

    /// Notes the memory before anybody comes.
    pub fn before_connects(&mut self) {
        self.rss_before = self.pid.and_then(rss_bytes);
    }

    /// Opens the window.
    pub async fn begin(&mut self) {
        let page = page(&self.server).await;
        self.begun = Some((Instant::now(), self.pid.and_then(cpu_seconds), page));
    }

    /// Closes the window.
    pub async fn end(&self) -> ServerFigures {
        let Some((begun, cpu_before, page_before)) = &self.begun else { return ServerFigures::default() };
        let cpu = self.pid.and_then(cpu_seconds).zip(*cpu_before).map(|(after, before)| after - before);
        let seconds = begun.elapsed().as_secs_f64();
        let figures = ServerFigures {
            cpu_seconds: cpu,
            cpu_seconds_per_second: cpu.map(|cpu| cpu / seconds),
            rss_bytes: self.pid.and_then(rss_bytes),
            rss_bytes_before: self.rss_before,
            ..ServerFigures::default()
        };
        match (page_before, page(&self.server).await) {
            (Some((read, before)), Some((read_again, after))) => {
                with_metrics(figures, before, &after, read_again.duration_since(*read))
            }
            _ => figures,
        }
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

/// A metrics page: name, labels, value.
#[derive(Clone, Debug, Default, PartialEq)]
struct Metrics(Vec<(String, String, f64)>);

impl Metrics {
    fn parse(text: &str) -> Self {
        let line = |line: &str| {
            let (series, value) = line.rsplit_once(' ')?;
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            Some((name.to_owned(), labels.trim_end_matches('}').to_owned(), value.parse().ok()?))
        };
        Self(text.lines().filter(|line| !line.starts_with('#')).filter_map(line).collect())
    }

    fn series<'m>(&'m self, name: &'m str) -> impl Iterator<Item = (&'m str, f64)> {
        self.0.iter().filter(move |(known, ..)| known == name).map(|(_, labels, value)| (labels.as_str(), *value))
    }

    fn sum(&self, name: &str) -> Option<f64> {
        self.series(name).map(|(_, value)| value).reduce(|sum, value| sum + value)
    }
}

/// A metrics page, and when it was read.
type Page = (Instant, Metrics);

async fn page(server: &ServerUrl) -> Option<Page> {
    let answer = http::get(server, "/metrics").await.ok().filter(|answer| answer.status == 200)?;
    Some((Instant::now(), Metrics::parse(&String::from_utf8_lossy(&answer.body))))
}

fn cpu_seconds(pid: u32) -> Option<f64> {
    cpu_seconds_of(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in parentheses may itself hold spaces and parentheses; what follows the last one is regular.
fn cpu_seconds_of(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / CLOCK_TICKS)
}

fn rss_bytes(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

fn pid_listening_on(port: u16) -> Option<u32> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let inode = tables.iter().find_map(|table| listening_inode(table, port))?;
    let socket = format!("socket:[{inode}]");
    let holds = |pid: &u32| {
        let Ok(handles) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
        handles.flatten().any(|handle| fs::read_link(handle.path()).is_ok_and(|link| link.as_os_str() == &*socket))
    };
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes.filter_map(|process| process.file_name().to_str()?.parse().ok()).find(holds)
}

fn listening_inode(table: &str, port: u16) -> Option<String> {
    let wanted = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = fields.get(3) == Some(&"0A") && fields.get(1)?.ends_with(&wanted);
        listens.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    })
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
        assert_eq!(figures.ticks_on_time_percent(), Some(99.0));
        assert_eq!(figures.updates_sent, Some(12.0));
        let dilated = with_metrics(ServerFigures::default(), &before, &after, Duration::from_secs(20));
        assert_eq!(dilated.ticks_on_time_percent(), Some(49.5), "half of the ticks that were due were made");
        let quick = with_metrics(ServerFigures::default(), &before, &after, Duration::from_millis(9_800));
        assert_eq!(quick.ticks_on_time_percent(), Some(100.0));
    }

    #[test]
    fn process_files_are_read() {
        let stat = "12 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20";
        assert_eq!(cpu_seconds_of(stat), Some(3.0));
        let table = "  sl  local_address rem_address st tx rx tr tm->when retrnsmt uid timeout inode\n\
                     0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 4242 1\n";
        assert_eq!(listening_inode(table, 8080), Some("4242".to_owned()));
        assert_eq!(listening_inode(table, 8081), None);
    }
}
