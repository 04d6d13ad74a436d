//! SQLite, the embedded default: one file, one writer.
//!
//! Owns a writing connection and reading connections, each on a thread of its own. WAL lets reads, also those of
//! another process (`export`), run beside the writer; `synchronous=FULL` makes a returned commit durable. The claim is
//! an operating system's lock on the file `<database>.lock`, which ends with the process however it ends.

mod console;
mod console_write;
mod erase;
mod ledger;
mod parts;
#[cfg(test)]
mod plan_tests;
mod read;
mod size;
mod thread;
mod whole;
mod write;

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::Mutex;

use self::thread::ConnectionThread;
use super::record::{AccountRecord, OperatorRecord, PlayerRecord};
use super::{
    AuditFacts, AuditFilter, AuditLine, AuditScope, Batch, BatchMark, Export, Heard, LedgerLine, Log, LogRow,
    OutboxRow, PartKey, PlayerLine, PlayerSearch, SnapshotRow, Spoken, Store, StoreError, StoreSize, StoredPlayer,
    StoredWorld, Versioned,
};
use orrery_core::game::PartTable;
use orrery_core::game::conservation::Balance;
use orrery_core::types::{Account, Millis, OperatorId, Party, PlayerId, WorldKey};
use serde_json::Value;

/// How long a connection waits for another one's lock. Readers never wait in WAL mode; a writer waits for a
/// checkpoint of `export` at most.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Reading connections for what an actor waits for.
const READERS: usize = 2;

/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS: usize = 128;

#[allow(missing_docs, unreachable_pub)]
mod embedded {
    refinery::embed_migrations!("src/store/sqlite/migrations");
}

/// A store in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    writer: ConnectionThread,
    readers: Vec<ConnectionThread>,
    /// For what reads whole tables, so that no player waits for it.
    long_reader: ConnectionThread,
    turn: AtomicUsize,
    /// The locked file, while the data is claimed by us.
    claim: Mutex<Option<File>>,
}

impl SqliteStore {
    /// A store in this file. Nothing is opened or made before the first use: only [`Store::claim`] creates the file.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no thread can be started.
    pub fn new(path: &Path) -> Result<Self, StoreError> {
        let reader = |name| {
            let path = path.to_owned();
            ConnectionThread::start(name, move || open_reader(&path))
        };
        let writer_path = path.to_owned();
        Ok(Self {
            path: path.to_owned(),
            writer: ConnectionThread::start("sqlite-write", move || open_writer(&writer_path))?,
            readers: (0..READERS).map(|_| reader("sqlite-read")).collect::<Result<_, _>>()?,
            long_reader: reader("sqlite-read-long")?,
            turn: AtomicUsize::new(0),
            claim: Mutex::new(None),
        })
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.readers.len();
        self.readers[turn].run(|connection| in_snapshot(connection, work)).await
    }

    async fn read_long<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.long_reader.run(|connection| in_snapshot(connection, work)).await
    }

    fn lock(&self) -> Result<File, StoreError> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
        }
        let mut name = OsString::from(&self.path);
        name.push(".lock");
        let path = PathBuf::from(name);
        let options = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let file = options.map_err(|error| refused(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(format!("{} is locked", path.display()))),
            Err(TryLockError::Error(error)) => Err(refused(&path, &error)),
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn claim(&self) -> Result<u64, StoreError> {
        let mut claim = self.claim.lock().await;
        let lock = self.lock()?;
        let epoch = self.writer.run(|connection| migrate(connection).and_then(|()| write::claim(connection))).await?;
        *claim = Some(lock);
        Ok(epoch)
    }

    async fn release(&self) {
        let mut claim = self.claim.lock().await;
        for reader in self.readers.iter().chain([&self.long_reader]) {
            reader.close().await;
        }
        // The writer last, so that it takes the log file's content over into the database.
        self.writer.close().await;
        *claim = None;
    }

    async fn write(&self, batch: &Arc<Batch>) -> Result<(), StoreError> {
        if self.claim.lock().await.is_none() {
            return Err(StoreError::Refused("the data was not claimed".to_owned()));
        }
        let batch = Arc::clone(batch);
        self.writer.run(move |connection| write::write(connection, &batch)).await
    }

    async fn last_batch(&self) -> Result<BatchMark, StoreError> {
        self.read(read::last_batch).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(read::last_batch).await.map(drop)
    }

    async fn load_player(&self, id: PlayerId) -> Result<Option<StoredPlayer>, StoreError> {
        self.read(move |connection| read::load_player(connection, id)).await
    }

    async fn account_by_name(&self, name_key: &str) -> Result<Option<(PlayerId, AccountRecord)>, StoreError> {
        let name_key = name_key.to_owned();
        self.read(move |connection| read::account_by_name(connection, &name_key)).await
    }

    async fn load_world(&self, key: &WorldKey) -> Result<StoredWorld, StoreError> {
        let key = key.clone();
        self.read(move |connection| read::load_world(connection, &key)).await
    }

    async fn player_exists(&self, id: PlayerId) -> Result<bool, StoreError> {
        self.read(move |connection| read::player_exists(connection, id)).await
    }

    async fn load_parts(&self, owner: &Party) -> Result<Vec<(PartKey, Value)>, StoreError> {
        let owner = owner.clone();
        self.read(move |connection| parts::load_parts(connection, &owner)).await
    }

    async fn parts_with_id(&self, table: PartTable, id: &str) -> Result<Vec<(PartKey, Value)>, StoreError> {
        let id = id.to_owned();
        self.read(move |connection| parts::parts_with_id(connection, table, &id)).await
    }

    async fn read_log(
        &self,
        log: Log,
        stream: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        let stream = stream.to_owned();
        self.read(move |connection| parts::read_log(connection, log, &stream, before, limit)).await
    }

    async fn read_log_up(&self, log: Log, stream: &str, after: u64, limit: usize) -> Result<Vec<LogRow>, StoreError> {
        let stream = stream.to_owned();
        self.read(move |connection| parts::read_log_up(connection, log, &stream, after, limit)).await
    }

    async fn read_through(
        &self,
        log: Log,
        after: Option<(String, u64)>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        self.read(move |connection| erase::read_through(connection, log, after, limit)).await
    }

    async fn lines_of(
        &self,
        player: PlayerId,
        heard: Heard,
        before: Option<Spoken>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        self.read(move |connection| erase::lines_of(connection, player, heard, before, limit)).await
    }

    async fn all_players(&self) -> Result<Vec<(PlayerId, String, PlayerRecord)>, StoreError> {
        self.read_long(whole::all_players).await
    }

    async fn audit(&self, scope: AuditScope) -> Result<AuditFacts, StoreError> {
        self.read_long(move |connection| whole::audit(connection, scope)).await
    }

    async fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        self.read(read::outbox).await
    }

    async fn operators(&self) -> Result<Vec<(OperatorId, Versioned<OperatorRecord>)>, StoreError> {
        self.read(console::operators).await
    }

    async fn console_state(&self) -> Result<Vec<(String, Versioned<Value>)>, StoreError> {
        self.read(console::console_state).await
    }

    async fn audit_entries(
        &self,
        filter: AuditFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError> {
        self.read(move |connection| console::audit_entries(connection, &filter, before, limit)).await
    }

    async fn audit_entry(&self, seq: u64) -> Result<Option<AuditLine>, StoreError> {
        self.read(move |connection| console::audit_entry(connection, seq)).await
    }

    async fn audit_on(&self, action: &str, targets: Vec<String>) -> Result<Vec<AuditLine>, StoreError> {
        let action = action.to_owned();
        self.read(move |connection| console::audit_on(connection, &action, &targets)).await
    }

    async fn snapshot_at(&self, player: PlayerId, at: Millis) -> Result<Option<SnapshotRow>, StoreError> {
        self.read(move |connection| console::snapshot_at(connection, player, at)).await
    }

    async fn snapshots(
        &self,
        player: PlayerId,
        before: Option<Millis>,
        limit: usize,
    ) -> Result<Vec<Millis>, StoreError> {
        self.read(move |connection| console::snapshots(connection, player, before, limit)).await
    }

    async fn ledger(
        &self,
        account: &Account,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LedgerLine>, StoreError> {
        let account = account.clone();
        self.read(move |connection| ledger::page(connection, &account, before, limit)).await
    }

    async fn holdings_at(&self, player: PlayerId, at: Millis) -> Result<Option<Balance>, StoreError> {
        self.read_long(move |connection| console::holdings_at(connection, player, at)).await
    }

    async fn search_players(
        &self,
        search: PlayerSearch,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<PlayerLine>, StoreError> {
        let after = after.map(str::to_owned);
        self.read(move |connection| console::search_players(connection, &search, after.as_deref(), limit)).await
    }

    async fn table_sizes(&self) -> Result<StoreSize, StoreError> {
        self.read_long(size::table_sizes).await
    }

    async fn export(&self) -> Result<Export, StoreError> {
        self.read_long(whole::export).await
    }
}

/// One transaction, so that everything read is of one moment.
fn in_snapshot<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let snapshot = connection.transaction().map_err(failure)?;
    work(&snapshot)
}

fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path).map_err(failure)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failure)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).map_err(failure)?;
    connection.pragma_update(None, "synchronous", "full").map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Never creates the file. Not opened read-only, because a reader after a crash has to recover the log first.
fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failure)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failure)?;
    connection.pragma_update(None, "query_only", true).map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let migrated = embedded::migrations::runner().run(connection);
    migrated.map(drop).map_err(|error| StoreError::Refused(format!("migration: {error}")))
}

fn refused(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Refused(format!("{}: {error}", path.display()))
}

/// Sorts SQLite's errors by what the caller can do about them.
fn failure(error: rusqlite::Error) -> StoreError {
    use ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, OutOfMemory, SystemIoFailure,
    };
    match error.sqlite_error_code() {
        Some(CannotOpen | DatabaseBusy | DatabaseLocked | DiskFull | OutOfMemory | SystemIoFailure) => {
            StoreError::Unavailable(error.to_string())
        }
        Some(DatabaseCorrupt | NotADatabase) => StoreError::Corrupt(error.to_string()),
        _ => StoreError::Refused(error.to_string()),
    }
}
