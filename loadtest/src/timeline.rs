//! The run second by second. A thread of its own looks once a second, on the second of the wall clock (so that the
//! timelines of several processes can be laid over each other), at the counters and at the server's metrics page. It
//! only reads: neither the bots nor the server wait for it, and a page that does not come in time is a gap.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::hdr::Hdr;
use crate::server_stats::watch::{ServerSecond, ServerWatch};
use crate::stats::{Counts, Timing};
use crate::swarm::{Swarm, now_ms};

/// What part of a run a second belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The bots come, and get into place.
    Ramp,
    /// The bots leave.
    Settling,
    /// The measured window.
    Window,
}

/// One second of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// The second it is, since the Unix epoch: the one that ends there.
    pub at: u64,
    /// How long it really was, in seconds: more when the swarm could not keep up.
    pub seconds: f64,
    /// What part of the run.
    pub phase: Phase,
    /// Bots connected at its end.
    pub connected: u64,
    /// What was counted in it.
    pub counts: Counts,
    /// What ended in it; what was not timed is absent.
    pub timings: BTreeMap<Timing, Hdr>,
    /// The server; absent when its page did not come in time.
    pub server: Option<ServerSecond>,
}

/// The thread that looks.
pub struct Sampler {
    phase: watch::Sender<Option<Phase>>,
    seconds: mpsc::Receiver<Vec<Second>>,
}

impl Sampler {
    /// Begins to look.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start(swarm: &Arc<Swarm>, server: ServerWatch) -> anyhow::Result<Self> {
        let (phase, phases) = watch::channel(Some(Phase::Ramp));
        let (done, seconds) = mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let swarm = swarm.clone();
        thread::Builder::new().name("timeline".to_owned()).spawn(move || {
            // If nobody waits for the timeline, nobody wants it.
            let _ = done.send(runtime.block_on(look_on(&swarm, server, phases)));
        })?;
        Ok(Self { phase, seconds })
    }

    /// Another part of the run begins.
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.send_replace(Some(phase));
    }

    /// Ends, with all seconds.
    #[must_use]
    pub(crate) fn end(self) -> Vec<Second> {
        self.phase.send_replace(None);
        self.seconds.recv().unwrap_or_default()
    }
}

async fn look_on(swarm: &Swarm, mut server: ServerWatch, mut phases: watch::Receiver<Option<Phase>>) -> Vec<Second> {
    let mut seconds = Vec::new();
    let (mut last, mut counted) = (Instant::now(), swarm.stats.counts());
    server.look().await;
    loop {
        let phase = *phases.borrow_and_update();
        let ended = tokio::select! {
            () = sleep(until_next_second(now_ms())) => false,
            ended = phases.wait_for(Option::is_none) => ended.is_ok(),
        };
        let (now, counts) = (Instant::now(), swarm.stats.counts());
        let (Some(began_in), Some(ends_in), false) = (phase, *phases.borrow(), ended) else { return seconds };
        let second = Second {
            at: now_ms() / 1000,
            seconds: (now - last).as_secs_f64(),
            // Only what lies wholly in the window belongs to it.
            phase: began_in.min(ends_in),
            connected: swarm.stats.connected(),
            counts: counts.since(&counted),
            timings: swarm.stats.take_second(),
            server: server.look().await,
        };
        seconds.push(second);
        (last, counted) = (now, counts);
    }
}

/// A little beyond the boundary, so that a clock that is read as a whole second later never repeats one.
fn until_next_second(now_ms: u64) -> Duration {
    Duration::from_millis(1001 - now_ms % 1000)
}

/// Lays timelines over each other, second by second of the wall clock: what was counted is added up, and so are the
/// histograms. The server is the same for all, so what one of them read of it holds for the sum.
#[must_use]
pub fn aligned<'t>(timelines: impl IntoIterator<Item = &'t [Second]>) -> Vec<Second> {
    let mut merged: BTreeMap<u64, Second> = BTreeMap::new();
    for second in timelines.into_iter().flatten() {
        match merged.get_mut(&second.at) {
            Some(sum) => sum.add(second),
            None => drop(merged.insert(second.at, second.clone())),
        }
    }
    merged.into_values().collect()
}

impl Second {
    fn add(&mut self, other: &Self) {
        self.seconds = self.seconds.max(other.seconds);
        self.phase = self.phase.max(other.phase);
        self.connected += other.connected;
        self.counts = self.counts.plus(&other.counts);
        for (timing, hdr) in &other.timings {
            match self.timings.get_mut(timing) {
                Some(sum) => sum.add(hdr),
                None => drop(self.timings.insert(*timing, hdr.clone())),
            }
        }
        if self.server.is_none() {
            self.server.clone_from(&other.server);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at: u64, connected: u64, ack_ms: u64, cpu: Option<f64>) -> Second {
        let mut ack = Hdr::new(2);
        ack.record(Duration::from_millis(ack_ms));
        Second {
            at,
            seconds: 1.0,
            phase: Phase::Ramp,
            connected,
            counts: Counts { bytes: 10, ..Counts::default() },
            timings: BTreeMap::from([(Timing::Ack, ack)]),
            server: cpu.map(|cpu| ServerSecond { cpu: Some(cpu), ..ServerSecond::default() }),
        }
    }

    #[test]
    fn timelines_are_laid_over_each_other_by_the_wall_clock() {
        let first = [second(10, 1, 5, None), second(11, 2, 5, Some(0.5)), second(12, 3, 5, Some(0.5))];
        let later = [second(12, 7, 50, Some(0.5)), Second { phase: Phase::Window, ..second(14, 8, 50, None) }];
        let merged = aligned([&first[..], &later[..]]);
        assert_eq!(merged.iter().map(|second| second.at).collect::<Vec<_>>(), [10, 11, 12, 14]);
        let both = &merged[2];
        assert_eq!((both.connected, both.counts.bytes, both.timings[&Timing::Ack].count()), (10, 20, 2));
        // One server, looked at twice, is still one.
        assert_eq!(both.server.as_ref().unwrap().cpu, Some(0.5));
        assert_eq!((merged[0].connected, merged[3].phase), (1, Phase::Window));
    }

    #[test]
    fn a_look_is_due_just_after_the_second() {
        for (now, wait) in [(5_000, 1001), (5_999, 2), (5_001, 1000)] {
            assert_eq!(until_next_second(now), Duration::from_millis(wait));
        }
    }
}
