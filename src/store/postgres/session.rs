//! A connection with its prepared statements, and the pool of them for reads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bb8::{ManageConnection, Pool, PooledConnection, RunError};
use tokio_postgres::{Client, Statement};

use super::connect::Connector;
use super::failure::failure;
use crate::config::StoreConfig;
use crate::store::StoreError;

/// A connection. The driver keeps no prepared statements, and preparing each time doubles a query's cost.
pub(super) struct Session {
    pub(super) client: Client,
    prepared: HashMap<&'static str, Statement>,
    /// Work is under way, or was given up: its rest may still be on the connection.
    pub(super) busy: bool,
}

impl Session {
    pub(super) fn new(client: Client) -> Self {
        Self { client, prepared: HashMap::new(), busy: false }
    }

    /// Prepares what is not prepared yet.
    pub(super) async fn prepare(&mut self, texts: &[&'static str]) -> Result<(), StoreError> {
        for text in texts {
            if !self.prepared.contains_key(text) {
                self.prepared.insert(text, self.client.prepare(text).await.map_err(failure)?);
            }
        }
        Ok(())
    }

    /// A statement that was prepared.
    pub(super) fn statement(&self, text: &'static str) -> Result<Statement, StoreError> {
        let missing = || StoreError::Refused(format!("not prepared: {text}"));
        self.prepared.get(text).cloned().ok_or_else(missing)
    }
}

/// Why the last attempt to connect failed; `None` when it did not. The pool's own error is a time-out only.
type LastError = Arc<Mutex<Option<String>>>;

/// Makes and checks pooled sessions.
pub(super) struct SessionManager {
    connector: Connector,
    last_error: LastError,
}

impl ManageConnection for SessionManager {
    type Connection = Session;
    type Error = StoreError;

    async fn connect(&self) -> Result<Session, StoreError> {
        let connected = self.connector.connect().await;
        let error = connected.as_ref().err().map(ToString::to_string);
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = error;
        connected.map(Session::new)
    }

    async fn is_valid(&self, session: &mut Session) -> Result<(), StoreError> {
        session.client.simple_query("").await.map(drop).map_err(failure)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.busy || session.client.is_closed()
    }
}

/// The sessions for reads.
#[derive(Clone)]
pub(super) struct ReadPool {
    pool: Pool<SessionManager>,
    last_error: LastError,
}

impl ReadPool {
    /// To be called within the runtime that is to drive the connections. Connects on first use.
    pub(super) fn new(connector: Connector, settings: &StoreConfig) -> Self {
        let last_error = LastError::default();
        let pool = Pool::builder()
            .max_size(settings.read_connections.max(1))
            .min_idle(Some(0))
            .connection_timeout(Duration::from_secs(3))
            .build_unchecked(SessionManager { connector, last_error: Arc::clone(&last_error) });
        Self { pool, last_error }
    }

    pub(super) async fn get(&self) -> Result<PooledConnection<'_, SessionManager>, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            RunError::User(error) => error,
            RunError::TimedOut => StoreError::Unavailable(self.why()),
        })
    }

    fn why(&self) -> String {
        let last = self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone();
        last.unwrap_or_else(|| "every read connection is busy".to_owned())
    }
}
