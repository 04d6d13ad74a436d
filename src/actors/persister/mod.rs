//! The persister: makes commits durable, in order, many in one transaction. One per node, on a thread of its own.
//!
//! Owns the queue of commits and the batch under way. Every actor holds a [`Persister`] and enqueues a commit before
//! it sends any message that the commit's change causes, so that the queue's order respects causality.
//!
//! *Queue bound*: `store.queue_commits_max`, a counter that is asked ([`Persister::has_room`]) *before* a change is
//! applied; [`Persister::enqueue`] itself never fails, because then the change has happened. Commits do not come
//! through the actor's mailbox for that reason. *Stops* after [`Persister::shutdown`], or for good on an error that
//! another try cannot mend; then it calls its `fatal` hook, and the process has to end.

mod figures;
mod queue;
#[cfg(test)]
mod tests;
mod writing;

use std::sync::Arc;

use actix::{Actor, ActorContext, Arbiter, AsyncContext, Context, WrapFuture, fut::ActorFutureExt};
use tokio::sync::watch;
use tracing::Span;

use self::figures::Figures;
pub use self::figures::PersisterFigures;
use self::queue::Queue;
use self::writing::{Shown, Writing};
use crate::actors::stats::Meter;
use crate::config::StoreConfig;
use crate::store::{Commit, Store, StoreError};
use crate::telemetry::{Metrics, trace};

/// The persister has stopped for good; what was not durable by then never will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the persister has stopped")]
pub struct StorageGone;

/// The handle to the persister. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Persister {
    queue: Arc<Queue>,
    durable: watch::Receiver<u64>,
    meter: Arc<Meter>,
    figures: Arc<Figures>,
}

impl Persister {
    /// Starts the persister on an arbiter of its own. Call it within an actix system, after [`Store::claim`] returned
    /// `epoch`. `fatal` is called at most once, on the persister's thread, when it has to stop for good: the process
    /// must end with a failure then.
    #[must_use]
    pub fn start(
        store: Arc<dyn Store>,
        epoch: u64,
        config: &StoreConfig,
        metrics: Arc<Metrics>,
        fatal: impl FnOnce(StoreError) + Send + 'static,
    ) -> Self {
        let (persister, writing) = Self::prepare(store, epoch, config, metrics);
        let actor = PersisterActor { start: Some((writing, Box::new(fatal))) };
        PersisterActor::start_in_arbiter(&Arbiter::new().handle(), |_| actor);
        persister
    }

    fn prepare(store: Arc<dyn Store>, epoch: u64, config: &StoreConfig, metrics: Arc<Metrics>) -> (Self, Writing) {
        metrics.store_up.set(1);
        let (watermark, durable) = watch::channel(0);
        let queue = Arc::new(Queue::new(config, Arc::clone(&metrics)));
        let meter = Meter::of_queue();
        let figures = Arc::new(Figures::new());
        let shown = Shown { metrics, meter: Arc::clone(&meter), figures: Arc::clone(&figures) };
        let writing = Writing::new(store, epoch, config, shown, Arc::clone(&queue), watermark);
        (Self { queue, durable, meter, figures }, writing)
    }

    /// Whether one more commit may come. To be asked before a change is applied; a command is refused when not.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.durable.has_changed().is_ok() && self.queue_len() < self.queue.commits_max()
    }

    /// Puts a commit in the queue and returns its number; numbers count up from 1 in the queue's order. Never fails,
    /// never blocks on I/O.
    pub fn enqueue(&self, commit: Commit) -> u64 {
        let cause = trace::current();
        self.enqueue_within(commit, if cause.is_none() { Vec::new() } else { vec![cause] })
    }

    /// The same, for a commit that belongs to the traces of these spans.
    pub(super) fn enqueue_within(&self, commit: Commit, causes: Vec<Span>) -> u64 {
        let rows = commit.len();
        self.queue.push(commit, causes.iter().map(|cause| trace::commit(cause, rows)).collect())
    }

    /// The watermark: every commit up to this number is durable.
    #[must_use]
    pub fn durable(&self) -> u64 {
        *self.durable.borrow()
    }

    /// The number of the commit that was enqueued last; 0 before the first.
    #[must_use]
    pub fn last_enqueued(&self) -> u64 {
        self.queue.last()
    }

    /// How many commits are not durable yet, those in the batch under way included.
    #[must_use]
    pub fn queue_len(&self) -> usize {
        // The watermark first: read the other way round it could have passed the older number.
        let durable = self.durable();
        usize::try_from(self.last_enqueued().saturating_sub(durable)).unwrap_or(usize::MAX)
    }

    /// What it shows of itself: commits made durable, and how long a batch took.
    #[must_use]
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// What it did in the last two minutes.
    #[must_use]
    pub fn figures(&self) -> PersisterFigures {
        self.figures.read(self.queue.oldest())
    }

    /// How many commits may wait: see [`Persister::has_room`].
    #[must_use]
    pub fn queue_max(&self) -> usize {
        self.queue.commits_max()
    }

    /// `None` while the store answers; else why the last attempt failed.
    #[must_use]
    pub fn store_error(&self) -> Option<String> {
        self.queue.store_error()
    }

    /// Returns when the commit with this number, and so every one before it, is durable. Has no limit in time: the
    /// caller sets one.
    ///
    /// # Errors
    /// [`StorageGone`] when the persister stopped before.
    pub async fn wait_durable(&self, number: u64) -> Result<(), StorageGone> {
        let mut durable = self.durable.clone();
        durable.wait_for(|watermark| *watermark >= number).await.map(drop).map_err(|_| StorageGone)
    }

    /// Returns when everything that was enqueued before the call is durable.
    ///
    /// # Errors
    /// [`StorageGone`] when the persister stopped before.
    pub async fn flush(&self) -> Result<(), StorageGone> {
        self.queue.hurry();
        self.wait_durable(self.last_enqueued()).await
    }

    /// Writes everything in the queue, then stops the persister. Nothing may be enqueued after the call. As long as
    /// the store is down this does not return.
    ///
    /// # Errors
    /// [`StorageGone`] when it had stopped before everything was durable.
    pub async fn shutdown(&self) -> Result<(), StorageGone> {
        self.queue.close();
        let mut durable = self.durable.clone();
        // The watermark's sender goes when the persister has stopped.
        while durable.changed().await.is_ok() {}
        self.wait_durable(self.last_enqueued()).await
    }
}

type FatalHook = Box<dyn FnOnce(StoreError) + Send>;

/// The shell: runs [`Writing`] on its arbiter until it ends, then stops the arbiter.
struct PersisterActor {
    start: Option<(Writing, FatalHook)>,
}

impl Actor for PersisterActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let Some((writing, fatal)) = self.start.take() else { return };
        let run = async move {
            // A task of its own, so that even a panic ends in the hook and not in silence.
            let ended = actix::spawn(writing.run()).await;
            let ended =
                ended.unwrap_or_else(|panic| Err(StoreError::Refused(format!("the persister failed: {panic}"))));
            if let Err(error) = ended {
                tracing::error!(error = %error, "the persister stops for good");
                fatal(error);
            }
        };
        ctx.spawn(run.into_actor(self).map(|(), _, ctx: &mut Context<Self>| ctx.stop()));
    }

    fn stopped(&mut self, _: &mut Context<Self>) {
        Arbiter::current().stop();
    }
}
