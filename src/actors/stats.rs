//! What each live actor shows of itself: how much waits for it, what it has done, how long its handlers take, when it
//! committed last. Written by the actor and by those who send to it, read by the console.
//!
//! An actor's [`Meter`] lives in the handle by which the directory knows it ([`Handle`]), so it goes with the actor,
//! whichever way that ends; [`all`] lists those that are alive. Counting is a few atomic additions and two looks at the
//! clock per message. A lock is taken only to note a handler that was slower than all others of its minute, and to
//! rename. What is read is each by itself exact or nearly so; two figures read together may be of different moments.

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use orrery_core::types::{Millis, Party, WorldKey};
use prometheus_client::metrics::gauge::Gauge;
use tracing::Span;

use super::chat::Stream;
use super::node::{Node, now};
use super::party::kind_of;
use crate::telemetry::metrics::ActorLabel;
use crate::telemetry::{Metrics, trace};

/// Messages per second are counted over this long.
pub const RATE_SPAN: Duration = Duration::from_secs(10);
/// The slowest handler is that of a minute of this length, and of the one before.
pub const SLOWEST_SPAN: Duration = Duration::from_secs(60);

/// Which actor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ActorId {
    /// A world.
    World(WorldKey),
    /// A player, market, mission or guild.
    Party(Party),
    /// A channel.
    Channel(Stream),
    /// The only one of its kind on this node.
    Only(&'static str),
}

/// The kinds of which a node has one each. They have queues and work like actors, but nobody may end them.
pub const ONLY: [&str; 4] = ["persister", "outbox", "season", "auditor"];

impl ActorId {
    /// The kind, as metrics name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::World(_) => "world",
            Self::Party(party) => kind_of(party),
            Self::Channel(_) => "channel",
            Self::Only(kind) => kind,
        }
    }

    /// Its id within the kind: a key, a UUID, a stream's name, or `node`.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::World(key) => key.to_string(),
            Self::Party(Party::Player(id)) => id.to_string(),
            Self::Party(Party::Market(hub)) => hub.to_string(),
            Self::Party(Party::Mission(id)) => id.to_string(),
            Self::Party(Party::Guild(id)) => id.to_string(),
            Self::Channel(stream) => stream.name.clone(),
            Self::Only(_) => "node".to_owned(),
        }
    }

    /// The actor of this kind and id; whether it is alive is another question. `None`: no such kind, or not an id of
    /// that kind.
    #[must_use]
    pub fn parse(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "world" => WorldKey::parse(id).ok().map(Self::World),
            "player" | "market" | "mission" | "guild" => Party::parse(&format!("{kind}:{id}")).ok().map(Self::Party),
            "channel" if *id == *Stream::reports().name => Some(Self::Channel(Stream::reports())),
            "channel" => Some(Self::Channel(Stream::chat(id.to_owned()))),
            _ => ONLY.into_iter().find(|only| *only == kind && id == "node").map(Self::Only),
        }
    }
}

/// How others reach an actor, and what it shows of itself. Cheap to clone. `T` is its address or recipient.
#[derive(Debug)]
pub struct Handle<T> {
    to: T,
    meter: Arc<Meter>,
}

impl<T> Handle<T> {
    /// A handle to an actor that counts with this meter.
    pub(super) fn new(to: T, meter: Arc<Meter>) -> Self {
        Self { to, meter }
    }

    /// What it shows of itself.
    #[must_use]
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }
}

impl<T: Clone> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self { to: self.to.clone(), meter: Arc::clone(&self.meter) }
    }
}

impl<T> Deref for Handle<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.to
    }
}

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
    /// The same per second, over [`RATE_SPAN`], or since it was loaded if that is shorter.
    pub per_second: f64,
    /// How long the slowest handler took, in µs, in this [`SLOWEST_SPAN`] and the one before; 0: none ran.
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
    pub(super) fn set_name(&self, name: &str) {
        let mut named = self.named();
        if *named != *name {
            name.clone_into(&mut named);
        }
    }

    fn named(&self) -> MutexGuard<'_, String> {
        self.name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message was handled, from `began` until now.
    pub(super) fn handled(&self, message: &'static str, began: Instant) {
        let now = Instant::now();
        self.count(1, now);
        self.note_time(message, now.saturating_duration_since(began), now);
    }

    /// So many messages were handled, too small to be timed.
    pub(super) fn count(&self, messages: u32, now: Instant) {
        let since = now.saturating_duration_since(self.born);
        self.handled.fetch_add(u64::from(messages), Ordering::Relaxed);
        self.rate.add(messages, since);
        self.last_use.store(u64::try_from(since.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Something took so long that is not a message.
    pub(super) fn note_time(&self, message: &'static str, took: Duration, now: Instant) {
        let minute = span_number(now.saturating_duration_since(self.born), SLOWEST_SPAN);
        let us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        if self.bar.load(Ordering::Relaxed) < bar(minute, us) {
            let mut slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
            slowest.note(minute, us, message);
            self.bar.store(bar(slowest.minute, slowest.now.0), Ordering::Relaxed);
        }
    }

    /// A commit was handed to the persister.
    pub(super) fn committed(&self) {
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

/// A message waits, for as long as this lives. Carries the span of the trace that it was sent in.
#[derive(Debug)]
pub struct Waiting {
    meter: Arc<Meter>,
    sent_in: Span,
}

impl Waiting {
    /// One more waits for the actor with this meter.
    #[must_use]
    pub fn new(meter: &Arc<Meter>) -> Self {
        meter.depth.fetch_add(1, Ordering::Relaxed);
        meter.kind_depth.inc();
        Self { meter: Arc::clone(meter), sent_in: trace::current() }
    }

    /// It waits no longer. Returns the span it was sent in.
    pub(super) fn end(mut self) -> Span {
        std::mem::replace(&mut self.sent_in, Span::none())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.meter.depth.fetch_sub(1, Ordering::Relaxed);
        self.meter.kind_depth.dec();
    }
}

/// Times what an actor does until it is dropped.
pub(super) struct Timing {
    meter: Arc<Meter>,
    message: &'static str,
    began: Instant,
}

impl Timing {
    /// A message is being handled from now on.
    pub(super) fn begin(meter: &Arc<Meter>, message: &'static str) -> Self {
        Self { meter: Arc::clone(meter), message, began: Instant::now() }
    }
}

impl Drop for Timing {
    fn drop(&mut self) {
        self.meter.handled(self.message, self.began);
    }
}

fn span_number(since: Duration, span: Duration) -> u32 {
    u32::try_from(since.as_secs() / span.as_secs()).unwrap_or(u32::MAX)
}

fn bar(minute: u32, us: u32) -> u64 {
    u64::from(minute) << 32 | u64::from(us)
}

/// Counts per second: what was counted in this span, and the share of the one before that is not over yet.
#[derive(Debug, Default)]
struct Rate {
    span: AtomicU32,
    now: AtomicU32,
    before: AtomicU32,
}

impl Rate {
    fn add(&self, count: u32, since: Duration) {
        let (span, here) = (self.span.load(Ordering::Relaxed), span_number(since, RATE_SPAN));
        // Of several who find that a new span has begun, one turns the page. What others count meanwhile may end up on
        // either page.
        if span < here && self.span.compare_exchange(span, here, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let last = self.now.swap(0, Ordering::Relaxed);
            self.before.store(if span + 1 == here { last } else { 0 }, Ordering::Relaxed);
        }
        self.now.fetch_add(count, Ordering::Relaxed);
    }

    fn at(&self, since: Duration) -> f64 {
        let [now, before] = [&self.now, &self.before].map(|count| f64::from(count.load(Ordering::Relaxed)));
        let (span, here) = (self.span.load(Ordering::Relaxed), span_number(since, RATE_SPAN));
        let length = RATE_SPAN.as_secs_f64();
        let gone = (since.as_secs_f64() - f64::from(here) * length) / length;
        let count = match here.saturating_sub(span) {
            0 => now + before * (1.0 - gone),
            1 => now * (1.0 - gone),
            _ => 0.0,
        };
        count / since.as_secs_f64().clamp(1.0, length)
    }
}

/// The slowest handlers of two minutes, in µs, with their messages.
#[derive(Debug, Default)]
struct Slowest {
    minute: u32,
    now: (u32, &'static str),
    before: (u32, &'static str),
}

impl Slowest {
    fn note(&mut self, minute: u32, us: u32, message: &'static str) {
        if minute > self.minute {
            self.before = if minute == self.minute + 1 { self.now } else { Default::default() };
            (self.minute, self.now) = (minute, Default::default());
        }
        if us >= self.now.0 {
            self.now = (us, message);
        }
    }

    fn at(&self, minute: u32) -> (u32, &'static str) {
        match minute.saturating_sub(self.minute) {
            0 if self.before.0 > self.now.0 => self.before,
            0 | 1 => self.now,
            _ => Default::default(),
        }
    }
}

/// The meters of those of which a node has one each; the persister has its own.
#[derive(Debug)]
pub struct OnlyMeters {
    /// Transfers that have arrived.
    pub(super) outbox: Arc<Meter>,
    /// Scores taken in, and questions.
    pub(super) season: Arc<Meter>,
    /// Audits.
    pub(super) auditor: Arc<Meter>,
}

impl Default for OnlyMeters {
    fn default() -> Self {
        Self { outbox: Meter::of_queue(), season: Meter::of_queue(), auditor: Meter::of_queue() }
    }
}

/// An actor that is alive.
#[derive(Clone, Debug)]
pub struct LiveActor {
    /// Which.
    pub id: ActorId,
    /// What it shows.
    pub meter: Arc<Meter>,
    /// How much waits in a queue of its own; `None`: what waits is what the meter says.
    queued: Option<u64>,
}

impl LiveActor {
    /// An actor with what it shows; `queued` when what waits for it is not what the meter says.
    #[must_use]
    pub fn new(id: ActorId, meter: &Arc<Meter>, queued: Option<u64>) -> Self {
        Self { id, meter: Arc::clone(meter), queued }
    }

    /// Its figures.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let summary = self.meter.read();
        Summary { depth: self.queued.unwrap_or(summary.depth), ..summary }
    }
}

/// All actors of a node that are alive, sessions excepted; in no order. Takes about 0.1 µs for each.
#[must_use]
pub fn all(node: &Node) -> Vec<LiveActor> {
    let mut all = Vec::with_capacity(node.directory.player_count() + 64);
    let mut add = |id, meter: &Arc<Meter>, queued: Option<usize>| {
        all.push(LiveActor::new(id, meter, queued.map(|queued| queued as u64)));
    };
    for world in node.directory.worlds().into_iter().filter(super::world::WorldHandle::is_live) {
        add(ActorId::World(world.key.clone()), &world.meter, Some(world.inbox_depth()));
    }
    node.directory.each_party(|party, meter| add(ActorId::Party(party), meter, None));
    node.channels.each(|stream, meter| add(ActorId::Channel(stream), meter, None));
    add(ActorId::Only("persister"), node.persister.meter(), Some(node.persister.queue_len()));
    add(ActorId::Only("outbox"), &node.only.outbox, Some(node.outbox.len()));
    add(ActorId::Only("season"), &node.only.season, Some(node.seasons.tray_len()));
    add(ActorId::Only("auditor"), &node.only.auditor, None);
    all
}

/// What an actor shows; `None` when it is not alive.
#[must_use]
pub fn of(node: &Node, id: &ActorId) -> Option<Arc<Meter>> {
    match id {
        ActorId::World(key) => {
            node.directory.world(key).filter(super::world::WorldHandle::is_live).map(|world| world.meter)
        }
        ActorId::Party(Party::Player(player)) => Some(Arc::clone(node.directory.live_player(*player)?.meter())),
        ActorId::Party(party) => Some(Arc::clone(node.directory.live_party(party)?.meter())),
        ActorId::Channel(stream) => node.channels.live_meter(stream),
        ActorId::Only(_) => all(node).into_iter().find(|actor| actor.id == *id).map(|actor| actor.meter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_rate_is_that_of_the_last_ten_seconds_however_long_the_actor_lives() {
        let rate = Rate::default();
        rate.add(30, s(2.0));
        assert_eq!(rate.at(s(0.5)), 30.0, "of a second at least");
        assert_eq!(rate.at(s(3.0)), 10.0);
        (10..20).for_each(|second| rate.add(5, s(f64::from(second) + 0.01)));
        assert!((rate.at(s(20.0)) - 5.0).abs() < 0.01);
        (20..25).for_each(|second| rate.add(1, s(f64::from(second) + 0.01)));
        assert!((rate.at(s(25.0)) - 3.0).abs() < 0.01, "half of the span before, and this one");
        assert!((rate.at(s(35.0)) - 0.25).abs() < 0.01);
        assert_eq!(rate.at(s(45.0)), 0.0);
        rate.add(10, s(100.0));
        assert_eq!(rate.at(s(100.0)), 1.0, "nothing of long ago");
    }

    #[test]
    fn the_slowest_handler_is_forgotten_after_a_minute_or_two() {
        let mut slowest = Slowest::default();
        slowest.note(0, 50, "fast");
        slowest.note(0, 900, "slow");
        slowest.note(0, 100, "middling");
        assert_eq!(slowest.at(0), (900, "slow"));
        slowest.note(1, 70, "later");
        assert_eq!(slowest.at(1), (900, "slow"), "of the minute before");
        assert_eq!(slowest.at(2), (70, "later"));
        assert_eq!(slowest.at(3), (0, ""));
        slowest.note(9, 1, "much later");
        assert_eq!(slowest.at(9), (1, "much later"));
    }

    #[test]
    fn what_waits_is_counted_per_actor_and_per_kind_until_it_is_dropped() {
        let metrics = Metrics::new();
        let (one, other) = (Meter::new("player", &metrics), Meter::new("player", &metrics));
        let waiting = [Waiting::new(&one), Waiting::new(&one), Waiting::new(&other)];
        let of_kind = metrics.mailbox_depth.get_or_create(&ActorLabel { kind: "player" }).clone();
        assert_eq!((one.read().depth, other.read().depth, of_kind.get()), (2, 1, 3));
        drop(waiting);
        assert_eq!((one.read().depth, other.read().depth, of_kind.get()), (0, 0, 0));
    }

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

    #[test]
    fn ids_are_read_as_they_are_written() {
        let ids = [
            ("world", "sol"),
            ("player", "00000000-0000-0000-0000-000000000001"),
            ("market", "luna_exchange"),
            ("mission", "relief_1"),
            ("guild", "00000000-0000-0000-0000-000000000002"),
            ("channel", "sector:sol"),
            ("channel", "all"),
            ("outbox", "node"),
        ];
        for (kind, id) in ids {
            let read = ActorId::parse(kind, id);
            assert_eq!(read.as_ref().map(|read| (read.kind(), read.id())), Some((kind, id.to_owned())));
        }
        for (kind, id) in [("player", "ada"), ("world", "Sol"), ("outbox", "1"), ("session", "node")] {
            assert_eq!(ActorId::parse(kind, id), None, "{kind} {id}");
        }
    }
}
