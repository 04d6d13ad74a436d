//! The fan-out's metrics with their labels, looked up once per worker: counting is an addition then.

use std::sync::Arc;

use orrery_core::game::space::{Level, Tier};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;

use crate::telemetry::Metrics;
use crate::telemetry::metrics::{LevelLabel, PeriodLabel, TierLabel};

/// Why something was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// A cell with this period was due.
    Due(u64),
    /// A cell came nearer.
    CatchUp,
    /// A cell came into view.
    Snapshot,
}

/// Entries by the tier of their cells.
pub(super) type UpdatesByTier = [u64; Tier::ALL.len()];

const LABELS: [&str; 7] = ["1", "2", "4", "8", "16", "catch_up", "snapshot"];

impl Reason {
    fn index(self) -> usize {
        match self {
            // Periods are powers of two, 16 at most.
            Self::Due(period) => (period.trailing_zeros() as usize).min(4),
            Self::CatchUp => 5,
            Self::Snapshot => 6,
        }
    }
}

/// One worker's handles.
pub(super) struct Meters {
    /// Those without labels.
    pub(super) metrics: Arc<Metrics>,
    encoded: [Counter; LABELS.len()],
    staleness_ticks: [Counter; LABELS.len()],
    sent: [Counter; Tier::ALL.len()],
    sessions: [Gauge; Level::ALL.len()],
}

impl Meters {
    pub(super) fn new(metrics: &Arc<Metrics>) -> Self {
        let periods = LABELS.map(|period| PeriodLabel { period });
        let tier = |tier| match tier {
            Tier::Near => "near",
            Tier::Middle => "middle",
            Tier::Far => "far",
        };
        Self {
            metrics: Arc::clone(metrics),
            encoded: periods.clone().map(|label| metrics.entries_encoded.get_or_create(&label).clone()),
            staleness_ticks: periods.map(|label| metrics.entry_staleness_ticks.get_or_create(&label).clone()),
            sent: Tier::ALL.map(|at| metrics.tier_updates_sent.get_or_create(&TierLabel { tier: tier(at) }).clone()),
            sessions: Level::ALL.map(|level| {
                let label = LevelLabel { level: level.number() as u64 };
                metrics.sessions_at_level.get_or_create(&label).clone()
            }),
        }
    }

    /// A cell's frame was encoded, with so many entries that are so many ticks old in sum.
    pub(super) fn encoded(&self, reason: Reason, entries: u64, staleness_ticks: u64) {
        self.encoded[reason.index()].inc_by(entries);
        self.staleness_ticks[reason.index()].inc_by(staleness_ticks);
    }

    /// So many messages with deltas were handed to sessions, with this many entries in sum.
    pub(super) fn sent(&self, messages: u64, updates: &UpdatesByTier) {
        self.metrics.cell_messages_sent.inc_by(messages);
        self.metrics.updates_sent.inc_by(updates.iter().sum());
        for (counter, updates) in self.sent.iter().zip(updates) {
            counter.inc_by(*updates);
        }
    }

    /// A session sees a world now, at this level.
    pub(super) fn begins(&self, level: Level) {
        self.sessions[level.number()].inc();
    }

    /// A session sees no world any more, or not at this level.
    pub(super) fn ends(&self, level: Level) {
        self.sessions[level.number()].dec();
    }
}
