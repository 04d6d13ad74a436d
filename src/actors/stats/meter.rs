//! One actor's figures.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use orrery_core::types::Millis;
use prometheus_client::metrics::gauge::Gauge;

use super::spans::{Rate, SLOWEST_SPAN, Slowest, span_number};
use crate::actors::node::now;
use crate::telemetry::Metrics;
use crate::telemetry::metrics::ActorLabel;

/// One actor's figures. Usable from any thread.
#[derive(Debug)]
pub struct Meter {
    /// What all times are counted from.
    born: Instant,
    name: Mutex<String>,
    depth: AtomicU64,
    /// `orrery_mailbox_depth` of the kind.
    kind_depth: Gauge,
    handled: AtomicU64,
    rate: Rate,
    /// What a handler must exceed to be the slowest: the minute's number, then µs in 32 bits.
    bar: AtomicU64,
    slowest: Mutex<Slowest>,
    /// Unix ms; 0: never.
    last_commit: AtomicU64,
    /// Ms since birth.
    last_use: AtomicU64,
}

/// A meter's figures, as they are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Messages that wait.
    pub depth: u64,
    /// Messages handled since the actor was loaded.
    pub handled: u64,
    /// The same per second, over [`RATE_SPAN`](super::RATE_SPAN), or since it was loaded if that is shorter.
    pub per_second: f64,
    /// How long the slowest handler took, in µs, in this [`SLOWEST_SPAN`](super::SLOWEST_SPAN) and the one before; 0: none ran.
    pub slowest_us: u32,
    /// The message that it handled.
    pub slowest_message: &'static str,
    /// When it handed its last commit to the persister.
    pub last_commit: Option<Millis>,
    /// Since it handled a message.
    pub idle: Duration,
}

impl Meter {
    /// A new actor's.
    #[must_use]
    pub fn new(kind: &'static str, metrics: &Metrics) -> Arc<Self> {
        Arc::new(Self::counting_in(metrics.mailbox_depth.get_or_create(&ActorLabel { kind }).clone()))
    }

    /// That of an actor whose queue is not its mailbox: who lists it asks how long the queue is.
    #[must_use]
    pub fn of_queue() -> Arc<Self> {
        Arc::new(Self::counting_in(Gauge::default()))
    }

    fn counting_in(kind_depth: Gauge) -> Self {
        Self {
            born: Instant::now(),
            name: Mutex::default(),
            depth: AtomicU64::new(0),
            kind_depth,
            handled: AtomicU64::new(0),
            rate: Rate::default(),
            bar: AtomicU64::new(0),
            slowest: Mutex::default(),
            last_commit: AtomicU64::new(0),
            last_use: AtomicU64::new(0),
        }
    }

    /// The name that people know it by; empty when it has none of its own.
    #[must_use]
    pub fn name(&self) -> String {
        self.named().clone()
    }

    /// Whether the name contains this text, whatever the case; the text is in lower case.
    #[must_use]
    pub fn is_named_like(&self, lowercase: &str) -> bool {
        self.named().to_lowercase().contains(lowercase)
    }

    /// People know it by this name from now on.
    pub(in crate::actors) fn set_name(&self, name: &str) {
        let mut named = self.named();
        if *named != *name {
            name.clone_into(&mut named);
        }
    }

    fn named(&self) -> MutexGuard<'_, String> {
        self.name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn waits(&self) {
        self.depth.fetch_add(1, Ordering::Relaxed);
        self.kind_depth.inc();
    }

    pub(super) fn waits_no_longer(&self) {
        self.depth.fetch_sub(1, Ordering::Relaxed);
        self.kind_depth.dec();
    }

    /// A message was handled, from `began` until now.
    pub(in crate::actors) fn handled(&self, message: &'static str, began: Instant) {
        let now = Instant::now();
        self.count(1, now);
        self.note_time(message, now.saturating_duration_since(began), now);
    }

    /// So many messages were handled, too small to be timed.
    pub(in crate::actors) fn count(&self, messages: u32, now: Instant) {
        let since = now.saturating_duration_since(self.born);
        self.handled.fetch_add(u64::from(messages), Ordering::Relaxed);
        self.rate.add(messages, since);
        self.last_use.store(u64::try_from(since.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Something took so long that is not a message.
    pub(in crate::actors) fn note_time(&self, message: &'static str, took: Duration, now: Instant) {
        let minute = span_number(now.saturating_duration_since(self.born), SLOWEST_SPAN);
        let us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        if self.bar.load(Ordering::Relaxed) < bar(minute, us) {
            let mut slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
            slowest.note(minute, us, message);
            self.bar.store(bar(slowest.minute, slowest.now.0), Ordering::Relaxed);
        }
    }

    /// A commit was handed to the persister.
    pub(in crate::actors) fn committed(&self) {
        self.last_commit.store(now().0, Ordering::Relaxed);
    }

    /// The figures.
    #[must_use]
    pub fn read(&self) -> Summary {
        let since = self.born.elapsed();
        let slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner).at(span_number(since, SLOWEST_SPAN));
        let last_commit = self.last_commit.load(Ordering::Relaxed);
        Summary {
            depth: self.depth.load(Ordering::Relaxed),
            handled: self.handled.load(Ordering::Relaxed),
            per_second: self.rate.at(since),
            slowest_us: slowest.0,
            slowest_message: slowest.1,
            last_commit: (last_commit > 0).then_some(Millis(last_commit)),
            idle: since.saturating_sub(Duration::from_millis(self.last_use.load(Ordering::Relaxed))),
        }
    }
}

/// Times what an actor does until it is dropped.
pub(in crate::actors) struct Timing {
    meter: Arc<Meter>,
    message: &'static str,
    began: Instant,
}

impl Timing {
    /// A message is being handled from now on.
    pub(in crate::actors) fn begin(meter: &Arc<Meter>, message: &'static str) -> Self {
        Self { meter: Arc::clone(meter), message, began: Instant::now() }
    }
}

impl Drop for Timing {
    fn drop(&mut self) {
        self.meter.handled(self.message, self.began);
    }
}

fn bar(minute: u32, us: u32) -> u64 {
    u64::from(minute) << 32 | u64::from(us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handled_message_is_counted_timed_and_named() {
        let meter = Meter::new("player", &Metrics::new());
        meter.handled("quick", Instant::now());
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(2) {
            std::hint::spin_loop();
        }
        meter.handled("slow", began);
        meter.handled("quick", Instant::now());
        let read = meter.read();
        assert_eq!((read.handled, read.slowest_message, read.last_commit), (3, "slow", None));
        assert!(read.slowest_us >= 2_000 && read.per_second > 0.0, "{read:?}");
        meter.committed();
        assert!(meter.read().last_commit.is_some());
    }
}
