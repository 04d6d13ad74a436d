//! The process's own figures, by the names that Prometheus' client libraries give them. Read from `/proc` when somebody
//! asks, so that nobody pays for them in between; what cannot be read is left out. Used by `metrics`, `history` and the console.

use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use rustix::param::clock_ticks_per_second;
use rustix::process::{Resource, getrlimit};

pub(super) const CPU_SECONDS: &str = "process_cpu_seconds";
pub(super) const RESIDENT_MEMORY: &str = "process_resident_memory_bytes";
pub(super) const OPEN_FDS: &str = "process_open_fds";
pub(super) const MAX_FDS: &str = "process_max_fds";
pub(super) const START_TIME: &str = "process_start_time_seconds";

/// The process's own figures, now. What cannot be read is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProcessFigures {
    /// CPU time, user and system, in seconds.
    pub cpu_seconds: Option<f64>,
    /// Memory that is in RAM, in bytes.
    pub resident_bytes: Option<i64>,
    /// Open file descriptors, sockets included.
    pub open_fds: Option<i64>,
    /// How many it may have open.
    pub max_fds: Option<i64>,
    /// When it started, in seconds since the Unix epoch.
    pub start_seconds: Option<f64>,
}

impl ProcessFigures {
    /// Reads four files of `/proc`: some 50 µs.
    #[must_use]
    pub fn read() -> Self {
        let times = text("/proc/self/stat").and_then(|stat| Times::of(&stat, clock_ticks_per_second()));
        let booted = text("/proc/stat").and_then(|stat| boot_seconds(&stat));
        Self {
            cpu_seconds: times.map(|times| times.cpu_seconds),
            resident_bytes: text("/proc/self/status").and_then(|status| resident_bytes(&status)),
            open_fds: open_fds(),
            max_fds: getrlimit(Resource::Nofile).current.and_then(|limit| i64::try_from(limit).ok()),
            start_seconds: times.zip(booted).map(|(times, booted)| booted + times.started_seconds),
        }
    }
}

/// How much memory the machine has left before it must take some from others, in bytes.
#[must_use]
pub fn available_bytes() -> Option<u64> {
    kib_of(&text("/proc/meminfo")?, "MemAvailable:").map(|kib| kib * 1_024)
}

/// Reads them at each scrape.
#[derive(Debug)]
pub(super) struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let mut put = |name: &str, help: &str, metric: Option<&dyn EncodeMetric>| {
            let Some(metric) = metric else { return Ok(()) };
            metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
        };
        let now = ProcessFigures::read();
        let cpu = now.cpu_seconds.map(ConstCounter::new);
        put(CPU_SECONDS, "CPU time of the process, user and system", cpu.as_ref().map(|metric| metric as _))?;
        let resident = now.resident_bytes.map(ConstGauge::new);
        put(RESIDENT_MEMORY, "Memory of the process that is in RAM", resident.as_ref().map(|metric| metric as _))?;
        let open = now.open_fds.map(ConstGauge::new);
        put(OPEN_FDS, "Open file descriptors, sockets included", open.as_ref().map(|metric| metric as _))?;
        let allowed = now.max_fds.map(ConstGauge::new);
        put(MAX_FDS, "File descriptors that may be open", allowed.as_ref().map(|metric| metric as _))?;
        let started = now.start_seconds.map(ConstGauge::new);
        put(START_TIME, "When the process started, since the Unix epoch", started.as_ref().map(|metric| metric as _))
    }
}

fn text(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// What `/proc/self/stat` tells.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Times {
    cpu_seconds: f64,
    /// Since the machine was started.
    started_seconds: f64,
}

impl Times {
    /// The name in parentheses may itself hold spaces and parentheses; what follows the last one is regular.
    fn of(stat: &str, ticks_per_second: u64) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let seconds = |field: usize| Some(fields.get(field)?.parse::<f64>().ok()? / ticks_per_second as f64);
        Some(Self { cpu_seconds: seconds(11)? + seconds(12)?, started_seconds: seconds(19)? })
    }
}

fn resident_bytes(status: &str) -> Option<i64> {
    i64::try_from(kib_of(status, "VmRSS:")? * 1_024).ok()
}

/// The number on the line that begins so.
fn kib_of(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn boot_seconds(stat: &str) -> Option<f64> {
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// Newer kernels (6.2) tell the number as the folder's size; with older ones the entries are counted, this listing's
/// own left out.
fn open_fds() -> Option<i64> {
    const FOLDER: &str = "/proc/self/fd";
    let told = fs::metadata(FOLDER).ok()?.len();
    let count = if told > 0 { told } else { fs::read_dir(FOLDER).ok()?.count().saturating_sub(1) as u64 };
    i64::try_from(count).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_files_are_read_whatever_the_programs_name() {
        let stat = "7 (a) b) (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 9 0 4200 1000 300";
        assert_eq!(Times::of(stat, 100), Some(Times { cpu_seconds: 3.0, started_seconds: 42.0 }));
        assert_eq!(Times::of("7 (a) S 1", 100), None);
        assert_eq!(resident_bytes("Name:\ta\nVmRSS:\t   2048 kB\nThreads:\t1\n"), Some(2_097_152));
        assert_eq!(boot_seconds("cpu 1 2\nbtime 1795188137\nprocesses 5\n"), Some(1_795_188_137.0));
        assert_eq!((resident_bytes(""), boot_seconds("")), (None, None));
    }

    #[test]
    fn every_open_file_counts() {
        // Other tests open and close files meanwhile, but not these.
        let files: Vec<_> = (0..200).map(|_| fs::File::open("/proc/self/stat").unwrap()).collect();
        let told = open_fds().unwrap();
        assert!(told >= files.len() as i64, "{told}");
    }
}
