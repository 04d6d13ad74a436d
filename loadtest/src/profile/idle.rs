//! `--profile idle`: what a connection costs whose player does nothing: N guests log in and then only send heartbeats.
//!
//! Reported are the server's memory before the first and after the last of them, what that is per connection, how many
//! would fit into a GiB, and the CPU time that keeping them takes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::Encoding;
use orrery_core::protocol::client_message::{Empty, Guest, Hello};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};

use super::resident::stay;
use crate::dice::Dice;
use crate::entering::enter_patiently;
use crate::http::{self, ServerUrl};
use crate::server_stats::{ServerFigures, ServerProbe};
use crate::stats::{Percentiles, Stats, Timing};

/// After the last is in: until what log-ins left behind is stored and freed.
const SETTLE: Duration = Duration::from_secs(5);
/// How long one may try to get in.
const ENTER_WAIT: Duration = Duration::from_secs(120);
/// How often it is looked whether all are in.
const GLANCE: Duration = Duration::from_millis(100);
const GIB: f64 = (1_u64 << 30) as f64;

/// What to run.
#[derive(Clone, Debug)]
pub struct IdleOptions {
    /// The server.
    pub server: ServerUrl,
    /// How many connections.
    pub connections: usize,
    /// How many come per second.
    pub ramp_per_second: u32,
    /// How long they are kept.
    pub duration: Duration,
    /// How messages are encoded.
    pub encoding: Encoding,
    /// The server's process; found by its port otherwise.
    pub server_pid: Option<u32>,
    /// The seed of all draws.
    pub seed: u64,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct IdleReport {
    /// Connections that were wanted.
    pub wanted: usize,
    /// Connections at the window's end.
    pub connected: usize,
    /// Connections that were lost after they were in.
    pub lost: usize,
    /// How long the connections were kept.
    pub seconds: f64,
    /// From the first attempt until welcome, with all the times it was sent away.
    pub entered: Percentiles,
    /// Memory that the server took per connection.
    pub rss_bytes_per_connection: Option<f64>,
    /// How many connections a GiB holds at that.
    pub sockets_per_gib: Option<f64>,
    /// What the server itself did.
    pub server: ServerFigures,
    /// Why connections could not be made, with counts.
    pub codes: std::collections::BTreeMap<String, u64>,
}

struct Crowd {
    options: IdleOptions,
    stats: Stats,
    inside: AtomicUsize,
    lost: AtomicUsize,
    failed: AtomicUsize,
}

/// Connects, waits, reports.
///
/// # Errors
/// The server cannot be reached, or nobody gets in.
pub fn run(options: IdleOptions) -> anyhow::Result<IdleReport> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(control(options))
}

async fn control(options: IdleOptions) -> anyhow::Result<IdleReport> {
    let mut probe = ServerProbe::find(&options.server, options.server_pid);
    http::catalog(&options.server).await.context("is the server running there?")?;
    probe.before_connects().await;
    let (inside, lost, failed) = <(AtomicUsize, AtomicUsize, AtomicUsize)>::default();
    let crowd = Arc::new(Crowd { options, stats: Stats::default(), inside, lost, failed });
    let (stop, stopped) = watch::channel(false);
    let mut clients = JoinSet::new();
    let begun = Instant::now();
    for index in 0..crowd.options.connections {
        let due = index as f64 / f64::from(crowd.options.ramp_per_second.max(1));
        sleep_until((begun + Duration::from_secs_f64(due)).into()).await;
        clients.spawn(client(Arc::clone(&crowd), index, stopped.clone()));
    }
    while crowd.decided() < crowd.options.connections {
        sleep(GLANCE).await;
    }
    if crowd.inside.load(Relaxed) == 0 {
        bail!("nobody got in: {:?} (for many from one address set limits.exempt_loopback = true)", crowd.stats.codes());
    }
    sleep(SETTLE).await;
    probe.begin().await;
    let begun = Instant::now();
    sleep(crowd.options.duration).await;
    let (seconds, server) = (begun.elapsed().as_secs_f64(), probe.end().await);
    let report = crowd.report(seconds, server);
    let _ = stop.send(true);
    while clients.join_next().await.is_some() {}
    Ok(report)
}

async fn client(crowd: Arc<Crowd>, index: usize, mut stop: watch::Receiver<bool>) {
    let options = &crowd.options;
    let mut dice = Dice::of(options.seed, index, 0);
    let hello = Hello { guest: Some(Guest { name: Some(format!("idle{index}")) }), ..Hello::default() };
    let begun = Instant::now();
    let entering = enter_patiently(&options.server, options.encoding, hello, &mut dice);
    let (mut connection, welcome) = match timeout(ENTER_WAIT, entering).await {
        Ok(Ok(entered)) => entered,
        Ok(Err(not_in)) => return crowd.not_in(&not_in.code()),
        Err(_) => return crowd.not_in("timeout"),
    };
    crowd.stats.time(Timing::Connect, begun.elapsed());
    crowd.inside.fetch_add(1, Relaxed);
    let stopped = async { drop(stop.wait_for(|stop| *stop).await) };
    if stay(&mut connection, &welcome, &mut dice, stopped).await.is_err() {
        crowd.inside.fetch_sub(1, Relaxed);
        crowd.lost.fetch_add(1, Relaxed);
    }
    let _ = connection.send(&ClientMessage::Leave(Empty {}).into());
}

impl Crowd {
    fn not_in(&self, code: &str) {
        self.stats.code(code);
        self.failed.fetch_add(1, Relaxed);
    }

    /// How many are in, or will never be.
    fn decided(&self) -> usize {
        self.inside.load(Relaxed) + self.lost.load(Relaxed) + self.failed.load(Relaxed)
    }

    fn report(&self, seconds: f64, server: ServerFigures) -> IdleReport {
        let connected = self.inside.load(Relaxed);
        let grown = server.rss_bytes.zip(server.rss_bytes_before).map(|(after, before)| after as f64 - before as f64);
        let per_connection = grown.filter(|_| connected > 0).map(|grown| grown / connected as f64);
        IdleReport {
            wanted: self.options.connections,
            connected,
            lost: self.lost.load(Relaxed),
            seconds,
            entered: self.stats.percentiles(Timing::Connect),
            rss_bytes_per_connection: per_connection,
            sockets_per_gib: per_connection.filter(|bytes| *bytes > 0.0).map(|bytes| GIB / bytes),
            server,
            codes: self.stats.codes(),
        }
    }
}

impl fmt::Display for IdleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} connections kept for {:.0} s, {} lost",
            self.connected, self.wanted, self.seconds, self.lost
        )?;
        writeln!(f, "let in: p50 {:.0} ms, p99 {:.0} ms", self.entered.p50_ms, self.entered.p99_ms)?;
        if let (Some(before), Some(after)) = (self.server.rss_bytes_before, self.server.rss_bytes) {
            let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
            writeln!(f, "server: {:.1} MiB before, {:.1} MiB with all of them", mib(before), mib(after))?;
        }
        if let (Some(bytes), Some(sockets)) = (self.rss_bytes_per_connection, self.sockets_per_gib) {
            writeln!(f, "{bytes:.0} bytes per connection, {sockets:.0} connections per GiB")?;
        }
        if let Some(cpu) = self.server.cpu_seconds_per_second {
            writeln!(f, "server: {cpu:.3} CPU s/s")?;
        }
        self.codes.iter().try_for_each(|(code, count)| writeln!(f, "  {code} {count}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_per_connection_that_is_there() {
        let server = ServerUrl::parse("http://localhost:1").unwrap();
        let options = IdleOptions {
            server,
            connections: 3,
            ramp_per_second: 1,
            duration: Duration::from_secs(1),
            encoding: Encoding::Json,
            server_pid: None,
            seed: 1,
        };
        let (inside, lost, failed) = (AtomicUsize::new(2), AtomicUsize::new(0), AtomicUsize::new(1));
        let crowd = Crowd { options, stats: Stats::default(), inside, lost, failed };
        assert_eq!(crowd.decided(), 3);
        let figures = ServerFigures {
            rss_bytes_before: Some(1 << 20),
            rss_bytes: Some((1 << 20) + 2 * 8_192),
            ..ServerFigures::default()
        };
        let report = crowd.report(1.0, figures);
        assert_eq!((report.rss_bytes_per_connection, report.sockets_per_gib), (Some(8_192.0), Some(131_072.0)));
        let unknown = crowd.report(1.0, ServerFigures::default());
        assert_eq!((unknown.rss_bytes_per_connection, unknown.sockets_per_gib), (None, None));
    }
}
