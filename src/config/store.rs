//! `[store]`: where and how state is stored.

use serde::{Deserialize, Serialize};

use super::check::{Broken, Range};

/// Where and how state is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// `sqlite:PATH` or `postgres://user:password@host/database`. Empty: `sqlite:` and `orrery.db` in `server.data`.
    pub url: String,
    /// How long the persister waits for more commits before it writes a batch, in ms. 0 to 1,000.
    pub flush_delay_ms: u64,
    /// The most rows in one batch. 1 to 100,000.
    pub batch_rows_max: usize,
    /// Commits that may wait while the store is down; beyond, economic commands are refused. 1 to 10,000,000.
    pub queue_commits_max: usize,
    /// How long an economic answer waits for its commit before it fails with `storage_unavailable`, in ms.
    /// 100 to 600,000.
    pub answer_timeout_ms: u64,
    /// Limit on one statement of PostgreSQL, in ms. 100 to 600,000.
    pub statement_timeout_ms: u64,
    /// Connections to PostgreSQL for reads. 1 to 100.
    pub read_connections: u32,
    /// How old a player's last snapshot becomes in use before another is taken, in minutes; operators look at them. 0:
    /// none are taken but before an operator's change. 0 to 10,080.
    pub snapshot_every_minutes: u64,
    /// How long snapshots are kept, in days. 1 to 3,650.
    pub snapshot_keep_days: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            flush_delay_ms: 4,
            batch_rows_max: 5_000,
            queue_commits_max: 200_000,
            answer_timeout_ms: 5_000,
            statement_timeout_ms: 5_000,
            read_connections: 4,
            snapshot_every_minutes: 60,
            snapshot_keep_days: 30,
        }
    }
}

impl StoreConfig {
    /// The ranges of whole numbers, both ends included, by key.
    pub(super) const RANGES: &'static [Range] = &[
        ("flush_delay_ms", 0, 1_000),
        ("batch_rows_max", 1, 100_000),
        ("queue_commits_max", 1, 10_000_000),
        ("answer_timeout_ms", 100, 600_000),
        ("statement_timeout_ms", 100, 600_000),
        ("read_connections", 1, 100),
        ("snapshot_every_minutes", 0, 10_080),
        ("snapshot_keep_days", 1, 3_650),
    ];

    /// The rules that are not ranges.
    pub(super) fn validate(&self, broken: &mut Broken) {
        let known = ["sqlite:", "postgres://", "postgresql://"];
        let complete = known.iter().any(|scheme| self.url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
        if !self.url.is_empty() && !complete {
            broken.add("store.url", "must be sqlite:PATH or postgres://user:password@host/database, or empty");
        }
    }
}
