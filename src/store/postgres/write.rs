//! The writing side: one connection, one claim, one pipelined transaction per batch.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{join3, try_join_all};
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::connect::Connector;
use super::failure::failure;
use super::session::Session;
use super::statements::{Insert, MARK, PREPARED, inserts};
use super::{in_time, read};
use crate::store::rows::signed;
use crate::store::{Batch, MarkCheck, StoreError, check_mark};

/// The advisory lock's number: "orrery" in ASCII. One Orrery per database.
const LOCK: i64 = 0x6f72_7265_7279;
/// How long a claim waits for the lock. A server that was killed a moment ago holds it until PostgreSQL has noticed.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// How long between two looks at the lock.
const LOCK_INTERVAL: Duration = Duration::from_millis(50);

#[allow(missing_docs, unreachable_pub)]
mod embedded {
    refinery::embed_migrations!("src/store/postgres/migrations");
}

/// The writing connection and the claim that is tied to it.
pub(super) struct Writer {
    connector: Connector,
    claimed: bool,
    session: Option<Session>,
    /// Whether this session holds the lock. After a break the server may keep it for the lost session for a while.
    holds_lock: bool,
}

impl Writer {
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, claimed: false, session: None, holds_lock: false }
    }

    pub(super) async fn claim(&mut self) -> Result<u64, StoreError> {
        if self.claimed {
            return Err(StoreError::InUse("by this very process".to_owned()));
        }
        let mut session = Session::new(self.connector.connect().await?);
        if !wait_for_lock(&session).await? {
            return Err(StoreError::InUse("another session holds the advisory lock".to_owned()));
        }
        migrate(&mut session).await?;
        let sql = "UPDATE node SET epoch = epoch + 1, batch = 0 WHERE id = 1 RETURNING epoch, batch";
        let mark = read::mark_of(session.client.query_opt(sql, &[]).await.map_err(failure)?)?;
        session.prepare(&PREPARED).await?;
        (self.session, self.claimed, self.holds_lock) = (Some(session), true, true);
        Ok(mark.epoch)
    }

    pub(super) async fn release(&mut self) -> Result<(), StoreError> {
        self.claimed = false;
        self.holds_lock = false;
        let Some(session) = self.session.take() else { return Ok(()) };
        // Said aloud, because a closed connection is noticed a moment later only.
        let unlocked = session.client.query_one("SELECT pg_advisory_unlock($1)", &[&LOCK]);
        in_time(super::GRACE, async { unlocked.await.map(drop).map_err(failure) }).await?
    }

    /// Writes the batch, or nothing, or nobody knows: [`StoreError::Unavailable`].
    pub(super) async fn write(&mut self, batch: Arc<Batch>, timeout: Duration) -> Result<(), StoreError> {
        if !self.claimed {
            return Err(StoreError::Refused("the data was not claimed".to_owned()));
        }
        let inserts = inserts(&batch)?;
        // Taken out and put back only after success: whatever is wrong with a transaction, its end is the end of
        // its connection, and never the next batch's trouble.
        let mut session = self.take_session().await?;
        let written = in_time(timeout, write_batch(&mut session, &batch, inserts)).await?;
        if written.is_ok() {
            self.session = Some(session);
        }
        written
    }

    async fn take_session(&mut self) -> Result<Session, StoreError> {
        let session = match self.session.take() {
            Some(session) if !session.client.is_closed() => session,
            _ => self.reconnect().await?,
        };
        if !self.holds_lock {
            self.holds_lock = try_lock(&session).await?;
        }
        Ok(session)
    }

    async fn reconnect(&mut self) -> Result<Session, StoreError> {
        self.holds_lock = false;
        let mut session = Session::new(self.connector.connect().await?);
        session.prepare(&PREPARED).await?;
        Ok(session)
    }
}

async fn write_batch(session: &mut Session, batch: &Batch, inserts: Vec<Insert>) -> Result<(), StoreError> {
    if send(session, batch, &inserts).await? {
        return session.client.batch_execute("COMMIT").await.map_err(failure);
    }
    session.client.batch_execute("ROLLBACK").await.map_err(failure)?;
    match check_mark(read::last_batch(session).await?, batch)? {
        MarkCheck::AlreadyIn => Ok(()),
        MarkCheck::Next => Err(StoreError::Unavailable("the mark changed meanwhile".to_owned())),
    }
}

/// Sends everything but COMMIT in one go; returns whether the mark was the one this batch follows. The mark comes
/// first: its row's lock makes the batch wait for an earlier attempt that may still be under way on a lost connection.
async fn send(session: &Session, batch: &Batch, inserts: &[Insert]) -> Result<bool, StoreError> {
    let epoch = signed("node", &batch.number, "epoch", batch.epoch)?;
    let number = signed("node", &batch.number, "batch", batch.number)?;
    let mark = session.statement(MARK)?;
    let statements: Vec<(Statement, &Insert)> =
        inserts.iter().map(|insert| Ok((session.statement(insert.sql)?, insert))).collect::<Result<_, StoreError>>()?;
    let client = &session.client;
    // Each is sent when it is polled first, and these are polled in their order.
    let rows = statements.iter().map(|(statement, insert)| async move {
        let values: Vec<&(dyn ToSql + Sync)> = insert.values.iter().map(|value| &**value as _).collect();
        client.execute(statement, &values).await
    });
    let values: [&(dyn ToSql + Sync); 2] = [&epoch, &number];
    let marking = client.execute(&mark, &values);
    let (begun, marked, written) = join3(client.batch_execute("BEGIN"), marking, try_join_all(rows)).await;
    begun.map_err(failure)?;
    if marked.map_err(failure)? == 0 {
        return Ok(false);
    }
    written.map_err(failure)?;
    Ok(true)
}

async fn wait_for_lock(session: &Session) -> Result<bool, StoreError> {
    let began = Instant::now();
    while !try_lock(session).await? {
        if began.elapsed() > LOCK_TIMEOUT {
            return Ok(false);
        }
        tokio::time::sleep(LOCK_INTERVAL).await;
    }
    Ok(true)
}

async fn try_lock(session: &Session) -> Result<bool, StoreError> {
    let row = session.client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await.map_err(failure)?;
    row.try_get(0).map_err(failure)
}

async fn migrate(session: &mut Session) -> Result<(), StoreError> {
    // A migration may take longer than any statement of the game.
    session.client.batch_execute("SET statement_timeout = 0").await.map_err(failure)?;
    let migrated = embedded::migrations::runner().run_async(&mut session.client).await;
    if session.client.is_closed() {
        return Err(StoreError::Unavailable("the connection broke while the database was migrated".to_owned()));
    }
    migrated.map_err(|error| StoreError::Refused(format!("migration: {error}")))?;
    session.client.batch_execute("RESET statement_timeout").await.map_err(failure)
}
