//! The persister's loop: commits become a batch, and the batch is tried until it is in.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Span;

use super::figures::Figures;
use super::queue::{Queue, Queued};
use crate::actors::stats::Meter;
use crate::config::StoreConfig;
use crate::store::{Batch, Store, StoreError};
use crate::telemetry::Metrics;

/// The wait before the second attempt; it doubles with each further one.
const BACKOFF_MIN: Duration = Duration::from_millis(50);
/// The longest wait between two attempts: how late a store's return is noticed.
const BACKOFF_MAX: Duration = Duration::from_secs(2);

pub(super) struct Writing {
    store: Arc<dyn Store>,
    epoch: u64,
    batch_number: u64,
    flush_delay: Duration,
    shown: Shown,
    queue: Arc<Queue>,
    watermark: watch::Sender<u64>,
}

/// Where it shows what it does.
pub(super) struct Shown {
    pub(super) metrics: Arc<Metrics>,
    pub(super) meter: Arc<Meter>,
    pub(super) figures: Arc<Figures>,
}

impl Writing {
    pub(super) fn new(
        store: Arc<dyn Store>,
        epoch: u64,
        config: &StoreConfig,
        shown: Shown,
        queue: Arc<Queue>,
        watermark: watch::Sender<u64>,
    ) -> Self {
        let flush_delay = Duration::from_millis(config.flush_delay_ms);
        Self { store, epoch, batch_number: 0, flush_delay, shown, queue, watermark }
    }

    /// Runs until the queue is closed and empty.
    ///
    /// # Errors
    /// What another try cannot mend. The batch at hand is not in, and neither is anything after it.
    pub(super) async fn run(mut self) -> Result<(), StoreError> {
        while let Some(mut commits) = self.queue.next(self.flush_delay).await {
            let arrivals: Vec<(u64, Instant)> = commits.iter().map(|queued| (queued.number, queued.since)).collect();
            let spans: Vec<Span> = commits.iter_mut().flat_map(|queued| queued.spans.drain(..)).collect();
            self.shown.figures.begin(arrivals.first().map(|(_, since)| *since));
            let batch = Arc::new(self.batch_of(&mut commits));
            self.write(&batch).await?;
            drop(spans);
            self.announce(&batch, &arrivals);
        }
        Ok(())
    }

    fn batch_of(&mut self, commits: &mut Vec<Queued>) -> Batch {
        self.batch_number += 1;
        let mut batch = Batch { epoch: self.epoch, number: self.batch_number, ..Batch::default() };
        for queued in commits.drain(..) {
            batch.push(queued.commit);
        }
        batch
    }

    async fn write(&self, batch: &Arc<Batch>) -> Result<(), StoreError> {
        let mut failures = 0;
        while let Err(error) = self.attempt(batch, failures > 0).await {
            failures += 1;
            self.note_failure(&error, failures);
            if !matches!(error, StoreError::Unavailable(_)) {
                return Err(error);
            }
            tokio::time::sleep(backoff(failures, rand::random())).await;
        }
        self.note_success(batch, failures);
        Ok(())
    }

    async fn attempt(&self, batch: &Arc<Batch>, in_doubt: bool) -> Result<(), StoreError> {
        if in_doubt && self.is_in(batch).await? {
            return Ok(());
        }
        let began = Instant::now();
        self.store.write(batch).await?;
        let ended = Instant::now();
        self.shown.metrics.batch_seconds.observe((ended - began).as_secs_f64());
        self.shown.meter.note_time("batch", ended - began, ended.into_std());
        self.shown.figures.attempted(ended - began);
        Ok(())
    }

    /// Whether an attempt that failed had its effect all the same.
    async fn is_in(&self, batch: &Batch) -> Result<bool, StoreError> {
        let mark = self.store.last_batch().await?;
        if mark.epoch != batch.epoch {
            return Err(StoreError::StaleEpoch { found: mark.epoch, ours: batch.epoch });
        }
        Ok(mark.number == batch.number)
    }

    fn note_failure(&self, error: &StoreError, failures: u32) {
        // Once per outage, not once per attempt.
        if failures == 1 {
            tracing::warn!(error = %error, "the store failed to write; commits wait");
        }
        self.shown.metrics.store_errors.inc();
        self.shown.metrics.store_up.set(0);
        self.shown.figures.failed(error.to_string());
        self.queue.set_store_error(Some(error.to_string()));
    }

    fn note_success(&self, batch: &Batch, failures: u32) {
        if failures > 0 {
            tracing::info!(failures, "the store writes again");
            self.queue.set_store_error(None);
        }
        self.shown.metrics.store_up.set(1);
        self.shown.metrics.batches.inc();
        self.shown.metrics.batch_rows.observe(batch.row_count() as f64);
    }

    fn announce(&self, batch: &Batch, arrivals: &[(u64, Instant)]) {
        let Some((last, _)) = arrivals.last() else { return };
        for (_, since) in arrivals {
            self.shown.metrics.durable_lag_seconds.observe(since.elapsed().as_secs_f64());
        }
        self.shown.metrics.queue_commits.dec_by(i64::try_from(arrivals.len()).unwrap_or(i64::MAX));
        self.shown.meter.count(u32::try_from(arrivals.len()).unwrap_or(u32::MAX), Instant::now().into_std());
        self.shown.meter.committed();
        self.shown.figures.written(batch.number, batch.row_count(), arrivals.iter().map(|(_, since)| *since));
        self.watermark.send_replace(*last);
    }
}

impl Drop for Writing {
    /// However it ends, nobody may take the store for up afterwards.
    fn drop(&mut self) {
        self.shown.metrics.store_up.set(0);
    }
}

/// The wait after so many failures; `jitter` from 0 to 1 takes up to half of it away, so that servers which lost one
/// store together do not come back together.
fn backoff(failures: u32, jitter: f64) -> Duration {
    let doubled = BACKOFF_MIN.saturating_mul(1 << (failures.saturating_sub(1)).min(16));
    doubled.min(BACKOFF_MAX).mul_f64(1.0 - 0.5 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_jitter_takes_at_most_half() {
        assert_eq!(backoff(1, 0.0), BACKOFF_MIN);
        assert_eq!(backoff(3, 0.0), BACKOFF_MIN * 4);
        assert_eq!(backoff(u32::MAX, 0.0), BACKOFF_MAX);
        assert_eq!(backoff(1, 1.0), BACKOFF_MIN / 2);
    }
}
