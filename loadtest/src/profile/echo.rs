//! `--profile echo`: how many messages a server takes and sends back in a second, with no game behind them.
//!
//! Each connection to `/debug/echo` keeps a few binary messages of 32 bytes under way and sends the next one when one
//! comes back: a measure of throughput, not an open-loop load; its round trips count from the send. The server's CPU
//! time per echo is what its sockets, frames and codec cost, and a second of CPU over it is what one core echoes.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::connection;
use crate::framing::{Framing, Incoming};
use crate::http::ServerUrl;
use crate::server_stats::{ServerFigures, ServerProbe};
use crate::stats::{Percentiles, Stats, Timing};

/// A message's length.
const MESSAGE_BYTES: usize = 32;
/// Before the window: until the pace is steady.
const WARM_UP: Duration = Duration::from_secs(1);
/// Connections that are opened before the next ones.
const OPENED_AT_ONCE: usize = 64;

/// What to run.
#[derive(Clone, Debug)]
pub struct EchoOptions {
    /// The server.
    pub server: ServerUrl,
    /// How many connections.
    pub connections: usize,
    /// Messages that each keeps under way.
    pub in_flight: usize,
    /// How long to measure.
    pub duration: Duration,
    /// The server's process; found by its port otherwise.
    pub server_pid: Option<u32>,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct EchoReport {
    /// Connections.
    pub connections: usize,
    /// Messages that each kept under way.
    pub in_flight: usize,
    /// How long was measured.
    pub seconds: f64,
    /// Messages that came back in that time.
    pub echoes: u64,
    /// The same per second.
    pub echoes_per_second: f64,
    /// Sent until back.
    pub round_trip: Percentiles,
    /// The server's CPU time per echo, user and system, in microseconds.
    pub cpu_us_per_echo: Option<f64>,
    /// Echoes per second of the server's CPU time: what one core does.
    pub echoes_per_core_second: Option<f64>,
    /// What the server itself did.
    pub server: ServerFigures,
}

/// Connects, sends, measures.
///
/// # Errors
/// The server cannot be reached, has no `/debug/echo`, sends back something else, or closes a connection.
pub fn run(options: EchoOptions) -> anyhow::Result<EchoReport> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(control(options))
}

async fn control(options: EchoOptions) -> anyhow::Result<EchoReport> {
    let mut probe = ServerProbe::find(&options.server, options.server_pid);
    probe.before_connects().await;
    let open = open_all(&options).await.with_context(|| {
        format!("failed to open /debug/echo of {} (does it run with debug.echo = true?)", options.server.authority)
    })?;
    let (stop, stopped) = watch::channel(false);
    let stats = Arc::new(Stats::default());
    stats.set_measuring(false);
    let mut clients = JoinSet::new();
    for framing in open {
        clients.spawn(play(framing, options.in_flight, stats.clone(), stopped.clone()));
    }
    wait(&mut clients, WARM_UP).await?;
    probe.begin().await;
    stats.set_measuring(true);
    let (begun, before) = (Instant::now(), stats.counts());
    wait(&mut clients, options.duration).await?;
    stats.set_measuring(false);
    let (seconds, echoes) = (begun.elapsed().as_secs_f64(), stats.counts().since(&before).ok);
    let server = probe.end().await;
    let _ = stop.send(true);
    while clients.join_next().await.is_some() {}
    Ok(EchoReport::of(&options, seconds, echoes, stats.percentiles(Timing::Answer), server))
}

async fn open_all(options: &EchoOptions) -> io::Result<Vec<Framing>> {
    let mut open = Vec::with_capacity(options.connections);
    while open.len() < options.connections {
        let mut coming = JoinSet::new();
        for salt in open.len()..options.connections.min(open.len() + OPENED_AT_ONCE) {
            let server = options.server.clone();
            coming.spawn(async move {
                let (stream, rest) = connection::upgrade(&server, "/debug/echo", None).await?;
                io::Result::Ok(Framing::new(stream, &rest, true, salt as u32))
            });
        }
        while let Some(opened) = coming.join_next().await {
            open.push(opened.map_err(io::Error::other)??);
        }
    }
    Ok(open)
}

/// Waits; a client that ends before it was told to is a fault.
async fn wait(clients: &mut JoinSet<anyhow::Result<()>>, how_long: Duration) -> anyhow::Result<()> {
    tokio::select! {
        () = sleep(how_long) => Ok(()),
        Some(ended) = clients.join_next() => {
            ended??;
            bail!("a connection ended early")
        }
    }
}

async fn play(
    mut framing: Framing,
    in_flight: usize,
    stats: Arc<Stats>,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut under_way = UnderWay::default();
    for _ in 0..in_flight {
        framing.send(&under_way.next())?;
    }
    let stopped = stopped.wait_for(|stopped| *stopped);
    tokio::pin!(stopped);
    loop {
        let incoming = tokio::select! {
            incoming = framing.next() => incoming.context("a connection was lost")?,
            _ = &mut stopped => return Ok(framing.close()?),
        };
        match incoming {
            Incoming::Message(message) => stats.time(Timing::Answer, under_way.back(&message)?),
            Incoming::Close(code) => bail!(
                "the server closed a connection with code {} (4029: raise limits.frames_per_second)",
                code.map_or_else(|| "none".to_owned(), |code| code.to_string())
            ),
        }
        stats.ok(1);
        framing.send(&under_way.next())?;
    }
}

/// The messages of a connection that have not come back, oldest first, by number and instant.
#[derive(Default)]
struct UnderWay {
    sent: VecDeque<(u64, Instant)>,
    number: u64,
}

impl UnderWay {
    /// The next message, which leaves now.
    fn next(&mut self) -> [u8; MESSAGE_BYTES] {
        self.number += 1;
        self.sent.push_back((self.number, Instant::now()));
        message(self.number)
    }

    /// The oldest message is back; how long that took.
    fn back(&mut self, received: &Bytes) -> anyhow::Result<Duration> {
        let (number, sent) = self.sent.pop_front().context("an echo of nothing")?;
        if received[..] != message(number) {
            bail!("message {number} came back changed, or another in its place");
        }
        Ok(sent.elapsed())
    }
}

fn message(number: u64) -> [u8; MESSAGE_BYTES] {
    let mut message = [0x5a; MESSAGE_BYTES];
    message[..8].copy_from_slice(&number.to_be_bytes());
    message
}

impl EchoReport {
    fn of(options: &EchoOptions, seconds: f64, echoes: u64, round_trip: Percentiles, server: ServerFigures) -> Self {
        let cpu = server.cpu_seconds.filter(|cpu| *cpu > 0.0 && echoes > 0);
        Self {
            connections: options.connections,
            in_flight: options.in_flight,
            seconds,
            echoes,
            echoes_per_second: echoes as f64 / seconds.max(0.001),
            round_trip,
            cpu_us_per_echo: cpu.map(|cpu| cpu * 1e6 / echoes as f64),
            echoes_per_core_second: cpu.map(|cpu| echoes as f64 / cpu),
            server,
        }
    }
}

impl fmt::Display for EchoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, in_flight, seconds, echoes, echoes_per_second, round_trip, .. } = self;
        writeln!(
            f,
            "{connections} connections x {in_flight} in flight, {MESSAGE_BYTES} bytes each, window {seconds:.1} s"
        )?;
        writeln!(
            f,
            "echoes: {echoes} ({echoes_per_second:.0}/s), round trip p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            round_trip.p50_ms, round_trip.p99_ms, round_trip.max_ms
        )?;
        let cpu = self.server.cpu_seconds_per_second;
        match cpu.zip(self.cpu_us_per_echo).zip(self.echoes_per_core_second) {
            Some(((cpu, each), per_core)) => {
                writeln!(
                    f,
                    "server: {cpu:.2} CPU s/s, {each:.1} us per echo: {per_core:.0} echoes per second on one core"
                )
            }
            None => writeln!(f, "server: its CPU time could not be read; is it on this machine?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_echo_is_counted_and_timed() {
        let report = run(EchoOptions {
            server: ServerUrl::parse(&crate::fake_server::start_honest()).unwrap(),
            connections: 3,
            in_flight: 2,
            duration: Duration::from_millis(300),
            server_pid: None,
        })
        .unwrap();
        assert!(report.echoes > 10, "{report}");
        // Between reading the counter and the histogram one more may come back.
        assert!(report.round_trip.count.abs_diff(report.echoes) <= 6, "{report}");
        assert!(report.to_string().contains("3 connections x 2 in flight"), "{report}");
    }

    #[test]
    fn an_echo_is_the_oldest_message_unchanged() {
        let mut under_way = UnderWay::default();
        let messages: Vec<_> = (0..3).map(|_| Bytes::copy_from_slice(&under_way.next())).collect();
        assert!(under_way.back(&messages[0]).is_ok());
        assert!(under_way.back(&messages[2]).is_err());
        assert!(under_way.back(&messages[2]).is_ok());
        assert!(under_way.back(&messages[2]).is_err());
    }
}
