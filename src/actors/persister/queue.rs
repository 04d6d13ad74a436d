//! The queue between all actors and the persister.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tracing::Span;

use crate::config::StoreConfig;
use crate::store::Commit;
use crate::telemetry::Metrics;

/// A commit that waits.
pub(super) struct Queued {
    pub(super) number: u64,
    pub(super) since: Instant,
    pub(super) commit: Commit,
    /// Of traces: they end when the commit is durable.
    pub(super) spans: Vec<Span>,
}

#[derive(Default)]
struct Waiting {
    commits: VecDeque<Queued>,
    row_count: usize,
    last: u64,
    /// Do not wait for more: somebody flushes.
    hurry: bool,
    closed: bool,
    store_error: Option<String>,
}

/// The queue. Its mutex guards no game state: it ties the order of the numbers to the order in the queue, and is held
/// for a push or a pop only.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// Wakes the one reader. Its stored permit makes a wake-up before the wait count.
    wake: Notify,
    commits_max: usize,
    batch_rows_max: usize,
    metrics: Arc<Metrics>,
}

impl Queue {
    pub(super) fn new(config: &StoreConfig, metrics: Arc<Metrics>) -> Self {
        Self {
            waiting: Mutex::default(),
            wake: Notify::new(),
            commits_max: config.queue_commits_max,
            batch_rows_max: config.batch_rows_max,
            metrics,
        }
    }

    pub(super) fn commits_max(&self) -> usize {
        self.commits_max
    }

    pub(super) fn push(&self, commit: Commit, spans: Vec<Span>) -> u64 {
        let mut waiting = self.waiting();
        waiting.last += 1;
        let number = waiting.last;
        let rows_before = waiting.row_count;
        waiting.row_count += commit.len();
        let was_empty = waiting.commits.is_empty();
        let now_full = rows_before < self.batch_rows_max && waiting.row_count >= self.batch_rows_max;
        waiting.commits.push_back(Queued { number, since: Instant::now(), commit, spans });
        drop(waiting);
        self.metrics.commits.inc();
        self.metrics.queue_commits.inc();
        // Only what the reader waits for: waking a thread costs a system call.
        if was_empty || now_full {
            self.wake.notify_one();
        }
        number
    }

    pub(super) fn last(&self) -> u64 {
        self.waiting().last
    }

    /// When the first commit came that waits for a batch.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.waiting().commits.front().map(|first| first.since)
    }

    pub(super) fn hurry(&self) {
        self.waiting().hurry = true;
        self.wake.notify_one();
    }

    pub(super) fn close(&self) {
        self.waiting().closed = true;
        self.wake.notify_one();
    }

    pub(super) fn store_error(&self) -> Option<String> {
        self.waiting().store_error.clone()
    }

    pub(super) fn set_store_error(&self, error: Option<String>) {
        self.waiting().store_error = error;
    }

    /// The next commits for one batch, at least one; `None` when the queue is closed and empty. Waits `delay` after
    /// the first commit for more, unless a batch is full or somebody is in a hurry.
    pub(super) async fn next(&self, delay: Duration) -> Option<Vec<Queued>> {
        let since = self.first_since().await?;
        while !self.is_due() {
            tokio::select! {
                () = tokio::time::sleep_until(since + delay) => break,
                () = self.wake.notified() => {}
            }
        }
        Some(self.take())
    }

    async fn first_since(&self) -> Option<Instant> {
        loop {
            {
                let waiting = self.waiting();
                if let Some(first) = waiting.commits.front() {
                    return Some(first.since);
                }
                if waiting.closed {
                    return None;
                }
            }
            self.wake.notified().await;
        }
    }

    fn is_due(&self) -> bool {
        let waiting = self.waiting();
        waiting.hurry || waiting.closed || waiting.row_count >= self.batch_rows_max
    }

    /// Takes commits up to the bound of rows; a commit is never split, so the first one is taken however large it is.
    fn take(&self) -> Vec<Queued> {
        let mut waiting = self.waiting();
        let mut taken: Vec<Queued> = Vec::new();
        let mut row_count = 0;
        while let Some(first) = waiting.commits.front() {
            row_count += first.commit.len();
            if row_count > self.batch_rows_max && !taken.is_empty() {
                break;
            }
            waiting.row_count -= first.commit.len();
            taken.extend(waiting.commits.pop_front());
        }
        waiting.hurry = waiting.hurry && !waiting.commits.is_empty();
        taken
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics while it is held; were it so, the queue would still be whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
