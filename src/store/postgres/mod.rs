//! PostgreSQL: for a database that is operated, watched and replicated apart from the game.
//!
//! Owns one connection for writing, which the persister uses through [`Store::write`] and which is made anew after it
//! broke, and a pool of connections for reads. The claim is a session's advisory lock on the writing connection. A
//! connection can be lost without anybody's fault, and the lock with it; what keeps the data safe even then is the
//! epoch, compared in each transaction.

mod connect;
mod console;
mod console_statements;
mod erase;
mod failure;
mod parts;
#[cfg(test)]
mod plan_tests;
mod read;
mod runtime;
mod session;
mod statements;
mod whole;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use self::connect::Connector;
use self::runtime::OwnRuntime;
use self::session::{ReadPool, Session};
use self::write::Writer;
use super::record::{AccountRecord, OperatorRecord, PlayerRecord};
use super::{
    AuditFacts, AuditFilter, AuditLine, AuditScope, Batch, BatchMark, Export, Heard, LedgerLine, Log, LogRow,
    OutboxRow, PartKey, PlayerLine, PlayerSearch, SnapshotRow, Spoken, Store, StoreError, StoreSize, StoredPlayer,
    StoredWorld, Versioned,
};
use crate::config::StoreConfig;
use orrery_core::game::PartTable;
use orrery_core::game::conservation::Balance;
use orrery_core::types::{Account, Millis, OperatorId, Party, PlayerId, WorldKey};
use serde_json::Value;

/// How much longer than a statement may take we wait for the server's word on it: a server that was stopped says
/// nothing at all.
const GRACE: Duration = Duration::from_secs(1);
/// How long an export or an audit may take: they read tables whole.
const WHOLE_TIMEOUT: Duration = Duration::from_secs(600);

/// A store in a PostgreSQL database, version 14 or later.
pub struct PostgresStore {
    // Before the runtime, so that connections close while it can still close them.
    shared: Arc<Shared>,
    runtime: OwnRuntime,
}

struct Shared {
    pool: ReadPool,
    writer: Mutex<Writer>,
    timeout: Duration,
}

impl PostgresStore {
    /// A store in the database with this URL. Connects on first use.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the URL or what it names is wrong; [`StoreError::Unavailable`] when no thread can be
    /// started.
    pub fn new(url: &str, config: &StoreConfig) -> Result<Self, StoreError> {
        let connector = Connector::new(url, config)?;
        let runtime = OwnRuntime::start()?;
        let pool = {
            let _within = runtime.enter();
            ReadPool::new(connector.clone(), config)
        };
        let timeout = Duration::from_millis(config.statement_timeout_ms) + GRACE;
        let shared = Shared { pool, writer: Mutex::new(Writer::new(connector)), timeout };
        Ok(Self { shared: Arc::new(shared), runtime })
    }

    async fn read<T, F>(&self, timeout: Duration, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Session) -> BoxFuture<'a, Result<T, StoreError>> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        self.runtime.run(async move { shared.read(timeout, work).await }).await
    }

    async fn with_writer<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Writer) -> BoxFuture<'a, Result<T, StoreError>> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        self.runtime.run(async move { work(&mut *shared.writer.lock().await).await }).await
    }
}

impl Shared {
    async fn read<T, F>(&self, timeout: Duration, work: F) -> Result<T, StoreError>
    where
        F: for<'a> FnOnce(&'a mut Session) -> BoxFuture<'a, Result<T, StoreError>>,
    {
        let mut session = self.pool.get().await?;
        session.busy = true;
        let read = in_time(timeout, work(&mut session)).await?;
        // After a time-out it stays busy, and the pool closes it.
        session.busy = false;
        read
    }
}

/// The outer error is the missing answer, the inner one is the answer.
async fn in_time<T>(
    timeout: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<Result<T, StoreError>, StoreError> {
    let no_answer = |_| StoreError::Unavailable(format!("no answer within {timeout:?}"));
    tokio::time::timeout(timeout, work).await.map_err(no_answer)
}

#[async_trait]
impl Store for PostgresStore {
    async fn claim(&self) -> Result<u64, StoreError> {
        self.with_writer(|writer| Box::pin(writer.claim())).await
    }

    async fn release(&self) {
        let released = self.with_writer(|writer| Box::pin(writer.release())).await;
        if let Err(error) = released {
            // The lock ends with the connection all the same.
            tracing::debug!(error = %error, "the claim could not be given back");
        }
    }

    async fn write(&self, batch: &Arc<Batch>) -> Result<(), StoreError> {
        let (batch, timeout) = (Arc::clone(batch), self.shared.timeout);
        self.with_writer(move |writer| Box::pin(writer.write(batch, timeout))).await
    }

    async fn last_batch(&self) -> Result<BatchMark, StoreError> {
        self.read(self.shared.timeout, |session| Box::pin(read::last_batch(session))).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(self.shared.timeout, |session| Box::pin(read::ping(session))).await
    }

    async fn load_player(&self, id: PlayerId) -> Result<Option<StoredPlayer>, StoreError> {
        self.read(self.shared.timeout, move |session| Box::pin(read::load_player(session, id))).await
    }

    async fn account_by_name(&self, name_key: &str) -> Result<Option<(PlayerId, AccountRecord)>, StoreError> {
        let name_key = name_key.to_owned();
        self.read(self.shared.timeout, move |session| Box::pin(read::account_by_name(session, name_key))).await
    }

    async fn load_world(&self, key: &WorldKey) -> Result<StoredWorld, StoreError> {
        let key = key.clone();
        self.read(self.shared.timeout, move |session| Box::pin(read::load_world(session, key))).await
    }

    async fn player_exists(&self, id: PlayerId) -> Result<bool, StoreError> {
        self.read(self.shared.timeout, move |session| Box::pin(read::player_exists(session, id))).await
    }

    async fn load_parts(&self, owner: &Party) -> Result<Vec<(PartKey, Value)>, StoreError> {
        let owner = owner.clone();
        self.read(self.shared.timeout, move |session| Box::pin(parts::load_parts(session, owner))).await
    }

    async fn parts_with_id(&self, table: PartTable, id: &str) -> Result<Vec<(PartKey, Value)>, StoreError> {
        let id = id.to_owned();
        self.read(self.shared.timeout, move |session| Box::pin(parts::parts_with_id(session, table, id))).await
    }

    async fn read_log(
        &self,
        log: Log,
        stream: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        let stream = stream.to_owned();
        self.read(self.shared.timeout, move |session| Box::pin(parts::read_log(session, log, stream, before, limit)))
            .await
    }

    async fn read_log_up(&self, log: Log, stream: &str, after: u64, limit: usize) -> Result<Vec<LogRow>, StoreError> {
        let stream = stream.to_owned();
        self.read(self.shared.timeout, move |session| Box::pin(parts::read_log_up(session, log, stream, after, limit)))
            .await
    }

    async fn read_through(
        &self,
        log: Log,
        after: Option<(String, u64)>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        self.read(self.shared.timeout, move |session| Box::pin(erase::read_through(session, log, after, limit))).await
    }

    async fn lines_of(
        &self,
        player: PlayerId,
        heard: Heard,
        before: Option<Spoken>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        self.read(self.shared.timeout, move |session| Box::pin(erase::lines_of(session, player, heard, before, limit)))
            .await
    }

    async fn all_players(&self) -> Result<Vec<(PlayerId, String, PlayerRecord)>, StoreError> {
        self.read(WHOLE_TIMEOUT, |session| Box::pin(whole::all_players(session))).await
    }

    async fn audit(&self, scope: AuditScope) -> Result<AuditFacts, StoreError> {
        self.read(WHOLE_TIMEOUT, move |session| Box::pin(whole::audit(session, scope))).await
    }

    async fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        self.read(self.shared.timeout, |session| Box::pin(read::outbox(session))).await
    }

    async fn operators(&self) -> Result<Vec<(OperatorId, Versioned<OperatorRecord>)>, StoreError> {
        self.read(self.shared.timeout, |session| Box::pin(console::operators(session))).await
    }

    async fn console_state(&self) -> Result<Vec<(String, Versioned<Value>)>, StoreError> {
        self.read(self.shared.timeout, |session| Box::pin(console::console_state(session))).await
    }

    async fn audit_entries(
        &self,
        filter: AuditFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError> {
        self.read(self.shared.timeout, move |session| Box::pin(console::audit_entries(session, filter, before, limit)))
            .await
    }

    async fn audit_entry(&self, seq: u64) -> Result<Option<AuditLine>, StoreError> {
        self.read(self.shared.timeout, move |session| Box::pin(console::audit_entry(session, seq))).await
    }

    async fn audit_on(&self, action: &str, targets: Vec<String>) -> Result<Vec<AuditLine>, StoreError> {
        let action = action.to_owned();
        self.read(self.shared.timeout, move |session| Box::pin(console::audit_on(session, action, targets))).await
    }

    async fn snapshot_at(&self, player: PlayerId, at: Millis) -> Result<Option<SnapshotRow>, StoreError> {
        self.read(self.shared.timeout, move |session| Box::pin(console::snapshot_at(session, player, at))).await
    }

    async fn snapshots(
        &self,
        player: PlayerId,
        before: Option<Millis>,
        limit: usize,
    ) -> Result<Vec<Millis>, StoreError> {
        self.read(self.shared.timeout, move |session| Box::pin(console::snapshots(session, player, before, limit)))
            .await
    }

    async fn ledger(
        &self,
        account: &Account,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LedgerLine>, StoreError> {
        let account = account.clone();
        self.read(self.shared.timeout, move |session| Box::pin(console::ledger(session, account, before, limit))).await
    }

    async fn holdings_at(&self, player: PlayerId, at: Millis) -> Result<Option<Balance>, StoreError> {
        self.read(self.shared.timeout, move |session| Box::pin(console::holdings_at(session, player, at))).await
    }

    async fn search_players(
        &self,
        search: PlayerSearch,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<PlayerLine>, StoreError> {
        let after = after.map(str::to_owned);
        self.read(self.shared.timeout, move |session| Box::pin(console::search_players(session, search, after, limit)))
            .await
    }

    async fn table_sizes(&self) -> Result<StoreSize, StoreError> {
        self.read(self.shared.timeout, |session| Box::pin(console::table_sizes(session))).await
    }

    async fn export(&self) -> Result<Export, StoreError> {
        self.read(WHOLE_TIMEOUT, |session| Box::pin(whole::export(session))).await
    }
}
