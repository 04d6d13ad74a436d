//! A thread with an async runtime of its own, which drives every connection to PostgreSQL.
//!
//! A connection is driven by a task. On the caller's runtime it would stand still while that thread works on a tick,
//! and die with the arbiter that happened to open it. Work runs here to its end, also when its caller has gone: a
//! query that is given up half-way would block the next one on its connection.

use std::future::Future;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::store::StoreError;

/// The thread's handle; the thread ends when it is dropped.
pub(super) struct OwnRuntime {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl OwnRuntime {
    pub(super) fn start() -> Result<Self, StoreError> {
        let failed = |error| StoreError::Unavailable(format!("no thread for the database: {error}"));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (_stop, stopped) = oneshot::channel::<()>();
        // The outcome does not matter: the sender only ever goes away.
        let serve = move || drop(runtime.block_on(stopped));
        std::thread::Builder::new().name("postgres".to_owned()).spawn(serve).map_err(failed)?;
        Ok(Self { handle, _stop })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ended = self.handle.spawn(work).await;
        ended.unwrap_or_else(|error| Err(StoreError::Unavailable(format!("the database's thread failed: {error}"))))
    }

    /// Within this guard's life `tokio::spawn` spawns here.
    pub(super) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.handle.enter()
    }
}
