//! Every metric there is, by name. Cheap handles: counting is an atomic addition.
//!
//! prometheus-client appends `_total` to counters and wants units spelled out in the name.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::histogram::Histogram;
use super::process::{self, ProcessCollector};
use super::{log_ring, otlp};
use crate::types::Millis;

/// Buckets of durations, in seconds: 0.1 ms to 10 s.
const SECONDS: [f64; 12] = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];
/// Buckets of counts.
const COUNTS: [f64; 8] = [1.0, 5.0, 20.0, 100.0, 500.0, 1_000.0, 2_500.0, 5_000.0];

/// The label of metrics that are kept per world.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct WorldLabel {
    /// The world's key.
    pub world: String,
}

/// The label of metrics that are kept per kind of actor: `world`, `player`, `market`, `mission`, `guild`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ActorLabel {
    /// The kind of actor.
    pub kind: &'static str,
}

/// The label of refusals: an error code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReasonLabel {
    /// The error code, or the close code in words.
    pub reason: String,
}

/// The label of what is encoded: the period in ticks of the cell (`1` to `16`), or `catch_up`, or `snapshot`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PeriodLabel {
    /// The period, or why else.
    pub period: &'static str,
}

/// The label of metrics that are kept per tier of cells: `near`, `middle`, `far`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct TierLabel {
    /// The tier.
    pub tier: &'static str,
}

/// The label of metrics that are kept per level of detail: 0 (all there is) to 3.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct LevelLabel {
    /// The level.
    pub level: u64,
}

macro_rules! metrics {
    ($($(#[doc = $doc:literal])* $field:ident: $type:ty = $name:literal, $make:expr;)*) => {
        /// Handles to every metric. One per process, shared.
        #[derive(Debug)]
        pub struct Metrics {
            registry: Registry,
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        impl Metrics {
            /// Every metric's name, without the `_total` of counters.
            pub const NAMES: &'static [&'static str] = &[
                $($name,)*
                process::CPU_SECONDS, process::RESIDENT_MEMORY, process::OPEN_FDS, process::MAX_FDS, process::START_TIME,
            ];

            /// Fresh metrics, all zero.
            #[must_use]
            pub fn new() -> Self {
                let mut registry = Registry::default();
                $(let $field: $type = $make;
                registry.register($name, concat!($($doc),*).trim().trim_end_matches('.'), $field.clone());)*
                registry.register_collector(Box::new(ProcessCollector));
                Self { registry, $($field,)* }
            }
        }
    };
}

fn seconds() -> Histogram {
    Histogram::new(&SECONDS)
}

fn counts() -> Histogram {
    Histogram::new(&COUNTS)
}

metrics! {
    /// Sessions, with and without a connection.
    sessions: Gauge = "orrery_sessions", Gauge::default();
    /// WebSocket connections.
    connections: Gauge = "orrery_connections", Gauge::default();
    /// Log-ins under way: hello was said, welcome was not.
    logins_under_way: Gauge = "orrery_logins_under_way", Gauge::default();
    /// How many log-ins may be under way now, the places kept for resumes apart.
    logins_limit: Gauge = "orrery_logins_limit", Gauge::default();
    /// Log-ins sent away for lack of room, by what they were: log_in, resume, handshake, address (a handshake, one of too many from there).
    logins_shed: Family<ReasonLabel, Counter> = "orrery_logins_shed", Family::default();
    /// Ticks, per world.
    ticks: Family<WorldLabel, Counter> = "orrery_ticks", Family::default();
    /// Ticks per second at full pace.
    tick_hz: Gauge = "orrery_tick_hz", Gauge::default();
    /// How long a tick lasts now, per world: more than at full pace while the world is slowed down.
    tick_period_seconds: Family<WorldLabel, Gauge<f64, AtomicU64>> = "orrery_tick_period_seconds", Family::default();
    /// Ticks that began more than half a tick late, as long as a tick was then, per world.
    ticks_late: Family<WorldLabel, Counter> = "orrery_ticks_late", Family::default();
    /// Ticks that took longer than a tick may, per world.
    tick_overruns: Family<WorldLabel, Counter> = "orrery_tick_overruns", Family::default();
    /// How long a tick's work takes.
    tick_seconds: Family<WorldLabel, Histogram> = "orrery_tick_seconds", Family::new_with_constructor(seconds as fn() -> Histogram);
    /// By how many ticks the slowest worker was behind with delivering, per world, as the tick found it.
    delivery_lag_ticks: Family<WorldLabel, Gauge> = "orrery_delivery_lag_ticks", Family::default();
    /// Ships in space, per world.
    ships: Family<WorldLabel, Gauge> = "orrery_ships", Family::default();
    /// Objects in space, per world.
    objects: Family<WorldLabel, Gauge> = "orrery_objects", Family::default();
    /// Inputs waiting for the next tick, per world, as the tick found them.
    inbox_depth: Family<WorldLabel, Gauge> = "orrery_inbox_depth", Family::default();
    /// Messages waiting in mailboxes, per kind of actor.
    mailbox_depth: Family<ActorLabel, Gauge> = "orrery_mailbox_depth", Family::default();
    /// Actors in memory, per kind.
    actors_live: Family<ActorLabel, Gauge> = "orrery_actors_live", Family::default();
    /// Actors loaded, per kind.
    actors_loaded: Family<ActorLabel, Counter> = "orrery_actors_loaded", Family::default();
    /// Actors that left memory because they were idle, per kind.
    actors_passivated: Family<ActorLabel, Counter> = "orrery_actors_passivated", Family::default();
    /// Actors lost to a panic, per kind.
    actor_panics: Family<ActorLabel, Counter> = "orrery_actor_panics", Family::default();
    /// Commits handed to the persister.
    commits: Counter = "orrery_commits", Counter::default();
    /// Batches written.
    batches: Counter = "orrery_batches", Counter::default();
    /// Rows per batch.
    batch_rows: Histogram = "orrery_batch_rows", counts();
    /// How long a batch takes to write.
    batch_seconds: Histogram = "orrery_batch_seconds", seconds();
    /// From a commit's entry into the queue until it is durable.
    durable_lag_seconds: Histogram = "orrery_durable_lag_seconds", seconds();
    /// Commits in the persister's queue.
    queue_commits: Gauge = "orrery_queue_commits", Gauge::default();
    /// Transfers under way.
    outbox_rows: Gauge = "orrery_outbox_rows", Gauge::default();
    /// Failed attempts to write or read.
    store_errors: Counter = "orrery_store_errors", Counter::default();
    /// Whether the last attempt to write succeeded: 1 or 0.
    store_up: Gauge = "orrery_store_up", Gauge::default();
    /// Comparisons of what is stored with the ledger.
    audit_runs: Counter = "orrery_audit_runs", Counter::default();
    /// Differences between what is stored and the ledger, as of the last comparison: 0, or a fault.
    audit_differences: Gauge = "orrery_audit_differences", Gauge::default();
    /// When the last comparison began, in seconds since 1970; 0 before the first.
    audit_last_timestamp_seconds: Gauge = "orrery_audit_last_timestamp_seconds", Gauge::default();
    /// How long a comparison takes.
    audit_seconds: Histogram = "orrery_audit_seconds", seconds();
    /// All credits there are: of players, markets, missions and guilds, and under way, as of the last comparison; 0
    /// before the first.
    money_supply_credits: Gauge = "orrery_money_supply_credits", Gauge::default();
    /// Bytes handed to sockets.
    bytes_sent: Counter = "orrery_bytes_sent", Counter::default();
    /// Socket writes' worth of cell frames: one per session and tick at most.
    cell_messages_sent: Counter = "orrery_cell_messages_sent", Counter::default();
    /// Cell entries (updates) sent.
    updates_sent: Counter = "orrery_updates_sent", Counter::default();
    /// Entries of cells encoded, once per encoding however many see them, by the cell's period in ticks.
    entries_encoded: Family<PeriodLabel, Counter> = "orrery_entries_encoded", Family::default();
    /// How many ticks old encoded entries were, in sum, by the cell's period in ticks.
    entry_staleness_ticks: Family<PeriodLabel, Counter> = "orrery_entry_staleness_ticks", Family::default();
    /// Entries of deltas sent, by the tier of their cell.
    tier_updates_sent: Family<TierLabel, Counter> = "orrery_tier_updates_sent", Family::default();
    /// Sessions that see a world, by their level of detail: 0 is all there is.
    sessions_at_level: Family<LevelLabel, Gauge> = "orrery_sessions_at_level", Family::default();
    /// Entities sent to a session whose ship is farther away than the interest radius reaches: 0, or a fault.
    entities_outside_radius: Counter = "orrery_entities_outside_radius", Counter::default();
    /// Times that a slow client's cell frames were dropped.
    slow_clients: Counter = "orrery_slow_clients", Counter::default();
    /// Whether players may come in: 0 they may, 1 closing was announced, 2 closed, 3 being drained.
    maintenance: Gauge = "orrery_maintenance", Gauge::default();
    /// Commands carried out.
    commands_ok: Counter = "orrery_commands_ok", Counter::default();
    /// Commands refused, by error code.
    commands_refused: Family<ReasonLabel, Counter> = "orrery_commands_refused", Family::default();
    /// Connections closed by the server, by close code.
    closes: Family<ReasonLabel, Counter> = "orrery_closes", Family::default();
    /// Times that an operator's account was locked after failed log-ins, or a name that nobody has.
    console_lockouts: Counter = "orrery_console_lockouts", Counter::default();
    /// Log records of level error.
    log_errors: Counter = "orrery_log_errors", log_ring::error_count().clone();
    /// Batches of spans that the collector of traces did not take.
    trace_exports_failed: Counter = "orrery_trace_exports_failed", otlp::failure_count().clone();
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Everything in the text format of Prometheus (OpenMetrics).
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }

    /// All credits there are, and as of when; `None` before they were counted.
    #[must_use]
    pub fn counted_money(&self) -> Option<(i64, Millis)> {
        let seconds = u64::try_from(self.audit_last_timestamp_seconds.get()).ok().filter(|seconds| *seconds > 0)?;
        Some((self.money_supply_credits.get(), Millis(seconds.saturating_mul(1_000))))
    }

    /// Counts a refused command.
    pub fn count_refusal(&self, code: &str) {
        self.commands_refused.get_or_create(&ReasonLabel { reason: code.to_owned() }).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A family without children is not rendered, so each gets one.
    fn with_children() -> Metrics {
        let metrics = Metrics::new();
        let world = WorldLabel { world: "sol".to_owned() };
        for family in [&metrics.ticks, &metrics.ticks_late, &metrics.tick_overruns] {
            family.get_or_create(&world).inc();
        }
        for family in [&metrics.ships, &metrics.objects, &metrics.inbox_depth, &metrics.delivery_lag_ticks] {
            family.get_or_create(&world).set(1);
        }
        metrics.tick_seconds.get_or_create(&world).observe(0.001);
        metrics.tick_period_seconds.get_or_create(&world).set(0.05);
        let actor = ActorLabel { kind: "world" };
        for family in [&metrics.mailbox_depth, &metrics.actors_live] {
            family.get_or_create(&actor).set(1);
        }
        for family in [&metrics.actors_loaded, &metrics.actors_passivated, &metrics.actor_panics] {
            family.get_or_create(&actor).inc();
        }
        let period = PeriodLabel { period: "1" };
        for family in [&metrics.entries_encoded, &metrics.entry_staleness_ticks] {
            family.get_or_create(&period).inc();
        }
        metrics.tier_updates_sent.get_or_create(&TierLabel { tier: "near" }).inc();
        metrics.sessions_at_level.get_or_create(&LevelLabel { level: 0 }).set(1);
        metrics.closes.get_or_create(&ReasonLabel { reason: "too_slow".to_owned() }).inc();
        metrics.logins_shed.get_or_create(&ReasonLabel { reason: "log_in".to_owned() }).inc();
        metrics.count_refusal("busy");
        metrics
    }

    #[test]
    fn every_name_is_rendered() {
        let metrics = with_children();
        let text = metrics.render();
        for name in Metrics::NAMES {
            assert!(text.contains(&format!("# TYPE {name} ")), "{name} is missing in\n{text}");
        }
    }
}
