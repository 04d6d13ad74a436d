//! The store: one trait, two backends, and a double that fails on command.
//!
//! Only the persister writes ([`Store::write`]); actors and the HTTP API read. Live state is in memory, so reads
//! happen when an actor is loaded, at log-in, and for `export`.

mod auditing;
pub mod commit;
mod console;
mod erasing;
mod exporting;
mod marking;
pub mod memory;
mod open;
pub mod postgres;
pub mod record;
mod rows;
pub mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;

pub use open::{open, open_for_reading};

use marking::{MarkCheck, check_mark, whole_player};

pub use commit::{
    Batch, CommandRow, Commit, Heard, Log, LogRow, ObjectRow, OutboxRow, PartKey, Row, ShipRow, Spoken, Versioned,
    Write,
};

pub use erasing::{Erasure, erase_line};

pub use console::{
    AuditFilter, AuditLine, Counted, LedgerLine, PlayerLine, PlayerSearch, SNAPSHOTS_PRUNED_MAX, SnapshotRow,
    StoreSize, TableSize,
};

use crate::store::record::{AccountRecord, OperatorRecord, PlayerRecord, WorldRecord};
use orrery_core::game::PartTable;
use orrery_core::game::conservation::Balance;
use orrery_core::types::{
    Account, CommandId, Holdings, ItemKey, Millis, OperatorId, Party, PlayerId, TransferId, WorldKey,
};
use serde_json::Value;

/// How many of a player's latest command ids are loaded with the player: what a client may still repeat. At 20 economic commands a minute this is the last 50 minutes.
pub const REMEMBERED_PER_PLAYER: usize = 1_000;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached or did not answer in time. Whether a write took effect is unknown until
    /// [`Store::last_batch`] tells. Worth another try.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// Another process has claimed the data since: this one must stop.
    #[error("another server has taken over the data (its epoch is {found}, ours {ours})")]
    StaleEpoch {
        /// The epoch in the store.
        found: u64,
        /// The epoch this process claimed.
        ours: u64,
    },
    /// Another server holds the data right now.
    #[error("another server is using this data: {0}")]
    InUse(String),
    /// What is stored cannot be understood: table and key are named.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// The store refuses the operation: a fault of ours or of its set-up. Trying again does not help.
    #[error("the store refuses: {0}")]
    Refused(String),
}

/// Which batch was written last, and under whose epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchMark {
    /// Counts the claims of the data.
    pub epoch: u64,
    /// Counts the batches within the epoch, from 1.
    pub number: u64,
}

/// Everything stored about one player, as its actor needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPlayer {
    /// The account.
    pub account: Versioned<AccountRecord>,
    /// The player.
    pub player: Versioned<PlayerRecord>,
    /// Where the ship was last, if it ever was anywhere.
    pub ship: Option<ShipRow>,
    /// The last [`REMEMBERED_PER_PLAYER`] economic commands with their answers, oldest first.
    pub commands: Vec<CommandRow>,
}

/// Everything stored about one world.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredWorld {
    /// The world's document; `None` when it was never stored.
    pub world: Option<Versioned<WorldRecord>>,
    /// The objects in it.
    pub objects: Vec<ObjectRow>,
}

/// What `export` prints for one player.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ExportedPlayer {
    /// Who.
    pub player: PlayerId,
    /// The account's name.
    pub name: String,
    /// The wallet.
    pub credits: u64,
    /// The hold.
    pub goods: std::collections::BTreeMap<ItemKey, u64>,
    /// What is known.
    pub known: Vec<String>,
    /// What is being researched.
    pub researching: Option<String>,
    /// What is stored at hubs, by hub and item.
    pub storage: std::collections::BTreeMap<String, std::collections::BTreeMap<ItemKey, u64>>,
    /// The sum of the ledger's credits.
    pub ledger_credits: i64,
    /// The sums of the ledger's goods, by item; zero sums are left out.
    pub ledger_goods: std::collections::BTreeMap<ItemKey, i64>,
    /// The ids of the commands with an effect that were applied (answered `ok`), ascending.
    pub commands: Vec<CommandId>,
    /// The ids of the transfers that were received and brought something, ascending: those of the ledger.
    pub transfers: Vec<TransferId>,
}

/// What `export` prints.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Export {
    /// The last batch's epoch and number.
    pub epoch: u64,
    /// See `epoch`.
    pub batch: u64,
    /// Every player, by id.
    pub players: Vec<ExportedPlayer>,
    /// Transfers that are under way.
    pub outbox: Vec<TransferId>,
    /// How many objects are in space.
    pub objects: u64,
    /// The parts of markets, missions and guilds: `table/owner/id` to document.
    pub parts: std::collections::BTreeMap<String, Value>,
}

/// What an audit compares, all of one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditFacts {
    /// The number of the last ledger row that is in `balances`.
    pub last_row: u64,
    /// What ledger rows after the one asked for add up to, by account.
    pub balances: std::collections::BTreeMap<Account, Balance>,
    /// The last player looked at for [`AuditScope::Since`] only because it was its turn; `None` when all had theirs.
    pub resting: Option<PlayerId>,
    /// What the players asked for hold, as their documents say.
    pub players: std::collections::BTreeMap<PlayerId, Holdings>,
    /// The parts of the markets, missions and guilds asked for.
    pub parts: Vec<(PartKey, Value)>,
    /// All transfers under way.
    pub outbox: Vec<OutboxRow>,
}

/// What [`Store::audit`] is to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditScope {
    /// The whole ledger and everybody.
    Everything,
    /// Ledger rows after this one, and whoever is named in them; players in order of ids after `resting` besides, up to
    /// `resting_max` of them: so that in time everybody is looked at.
    Since {
        /// The last row read before.
        row: u64,
        /// The last player looked at besides.
        resting: Option<PlayerId>,
        /// How many.
        resting_max: usize,
    },
}

/// A backend.
///
/// # Contract
/// - [`Store::claim`] succeeds for one process at a time. It refuses with [`StoreError::InUse`], and changes nothing,
///   while another process holds the claim. It counts the epoch up.
/// - [`Store::write`] is called by one caller at a time, in order. It applies the whole batch and the mark
///   (epoch, number) in one transaction, or nothing, and returns when it is durable. It refuses with
///   [`StoreError::StaleEpoch`] when the stored epoch is not the batch's.
/// - After [`StoreError::Unavailable`] the caller asks [`Store::last_batch`] whether the batch is in; writing a batch
///   again whose number is the stored one must not happen.
/// - Reads see every batch whose write has returned. They may run at the same time as a write.
/// - Every error names table and key where there is one; no row's content can make a read panic.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Takes possession of the data, after running the migrations; returns the new epoch.
    async fn claim(&self) -> Result<u64, StoreError>;
    /// Gives the data back, so that another process can claim it. To be called last.
    async fn release(&self);
    /// Writes one batch. Shared, because it goes to a thread or task of the store's, and may be tried again.
    async fn write(&self, batch: &Arc<Batch>) -> Result<(), StoreError>;
    /// What was written last.
    async fn last_batch(&self) -> Result<BatchMark, StoreError>;
    /// Whether the store answers; cheap.
    async fn ping(&self) -> Result<(), StoreError>;
    /// Everything about one player.
    async fn load_player(&self, id: PlayerId) -> Result<Option<StoredPlayer>, StoreError>;
    /// The account with this name; `name_key` as [`record::name_key`] makes it.
    async fn account_by_name(&self, name_key: &str) -> Result<Option<(PlayerId, AccountRecord)>, StoreError>;
    /// Everything about one world.
    async fn load_world(&self, key: &WorldKey) -> Result<StoredWorld, StoreError>;
    /// Whether there is such a player; cheap.
    async fn player_exists(&self, id: PlayerId) -> Result<bool, StoreError>;
    /// All parts of one actor, by table and id.
    async fn load_parts(&self, owner: &Party) -> Result<Vec<(PartKey, Value)>, StoreError>;
    /// All parts in one table with this id, of whichever owner: with `state`, every market, mission or guild.
    async fn parts_with_id(&self, table: PartTable, id: &str) -> Result<Vec<(PartKey, Value)>, StoreError>;
    /// Up to `limit` lines of a log's stream with numbers below `before`, newest first.
    async fn read_log(
        &self,
        log: Log,
        stream: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError>;
    /// Up to `limit` lines of a log's stream with numbers above `after`, in their order.
    async fn read_log_up(&self, log: Log, stream: &str, after: u64, limit: usize) -> Result<Vec<LogRow>, StoreError>;
    /// Up to `limit` lines of a whole log, by stream and number, after this place in that order. The order of streams is the
    /// store's own.
    async fn read_through(
        &self,
        log: Log,
        after: Option<(String, u64)>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError>;
    /// Up to `limit` lines that a player has said in the channels that are `heard`, newest first, from before `before`.
    async fn lines_of(
        &self,
        player: PlayerId,
        heard: Heard,
        before: Option<Spoken>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError>;
    /// Id, name and document of every player: what leaderboards are built from at the start.
    async fn all_players(&self) -> Result<Vec<(PlayerId, String, PlayerRecord)>, StoreError>;
    /// What an audit compares, from one consistent snapshot. Needs no claim: it also reads a live store.
    async fn audit(&self, scope: AuditScope) -> Result<AuditFacts, StoreError>;
    /// All transfers under way, oldest first.
    async fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError>;
    /// Every operator, by id.
    async fn operators(&self) -> Result<Vec<(OperatorId, Versioned<OperatorRecord>)>, StoreError>;
    /// Everything that operators have set, by key. Few and small.
    async fn console_state(&self) -> Result<Vec<(String, Versioned<Value>)>, StoreError>;
    /// Up to `limit` lines of the audit log with numbers below `before`, newest first, found by an index: of what the
    /// filter gives, `undoes`, `target` or `operator`. With an action alone the log is read from its end.
    async fn audit_entries(
        &self,
        filter: AuditFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError>;
    /// The line of the audit log with this number.
    async fn audit_entry(&self, seq: u64) -> Result<Option<AuditLine>, StoreError>;
    /// The lines of an action on any of these targets, oldest first.
    async fn audit_on(&self, action: &str, targets: Vec<String>) -> Result<Vec<AuditLine>, StoreError>;
    /// The player's newest snapshot that is not newer than this.
    async fn snapshot_at(&self, player: PlayerId, at: Millis) -> Result<Option<SnapshotRow>, StoreError>;
    /// The times of up to `limit` snapshots of a player from before `before`, newest first.
    async fn snapshots(
        &self,
        player: PlayerId,
        before: Option<Millis>,
        limit: usize,
    ) -> Result<Vec<Millis>, StoreError>;
    /// Up to `limit` rows of the ledger that leave or come to an account, newest first (by time, then number), after
    /// the row numbered `before` in that order. When there is no such row, nothing comes after it.
    async fn ledger(&self, account: &Account, before: Option<u64>, limit: usize)
    -> Result<Vec<LedgerLine>, StoreError>;
    /// What a player held at a time, in wallet, hold and storage: what is stored today less what the ledger
    /// says came since, both of one moment. `None` when there is no such player.
    async fn holdings_at(&self, player: PlayerId, at: Millis) -> Result<Option<Balance>, StoreError>;
    /// Up to `limit` players in the order of their names' unique forms (by code points), after the one with the form
    /// `after`.
    async fn search_players(
        &self,
        search: PlayerSearch,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<PlayerLine>, StoreError>;
    /// How large the tables are, without reading large ones through.
    async fn table_sizes(&self) -> Result<StoreSize, StoreError>;
    /// Everything `export` prints, from one consistent snapshot. Needs no claim: it also reads a live store.
    async fn export(&self) -> Result<Export, StoreError>;
}
