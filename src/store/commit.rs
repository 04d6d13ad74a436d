//! What actors hand to the persister, and what the persister hands to a backend.
//!
//! A [`Commit`] is all rows one change touches. A [`Batch`] is many commits in their order, with writes to the same
//! row coalesced to the last one: what one transaction writes.

use std::collections::{BTreeMap, HashMap, HashSet};

use orrery_core::game::{LedgerEntry, PartTable};
use orrery_core::types::{
    AuditEntry, CommandId, Millis, ObjectId, ObjectKindKey, OperatorId, Party, PlayerId, Point, Quantity, TransferId,
    WorldKey,
};
use serde_json::Value;

use super::SnapshotRow;
use super::record::{AccountRecord, OperatorRecord, PlayerRecord, TransferRecord, WorldRecord};

/// A document with the number that counts its changes, from 1; the HTTP API's ETag.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned<T> {
    /// Counts the changes.
    pub version: u64,
    /// The document.
    pub record: T,
}

/// A ship's last known place. Written lazily: a crash may lose the last seconds of flight, nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipRow {
    /// Whose.
    pub player: PlayerId,
    /// In which world.
    pub world: WorldKey,
    /// Where.
    pub at: Point,
}

/// An object in space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRow {
    /// Its id.
    pub id: ObjectId,
    /// In which world.
    pub world: WorldKey,
    /// What kind.
    pub kind: ObjectKindKey,
    /// Where.
    pub at: Point,
    /// How many pieces it holds.
    pub quantity: Quantity,
}

/// An economic command that was answered, with the answer as it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandRow {
    /// Whose.
    pub player: PlayerId,
    /// The idempotency key.
    pub id: CommandId,
    /// A hash of the command, to notice an id that is used for two.
    pub fingerprint: u64,
    /// Whether it had its effect (`ok`) or was refused (`error`).
    pub applied: bool,
    /// The body of the answer.
    pub answer: Value,
    /// When it was answered.
    pub at: Millis,
}

/// A transfer under way.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxRow {
    /// Its id.
    pub id: TransferId,
    /// The transfer.
    pub record: TransferRecord,
}

/// A part of an actor's state: see [`PartTable`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartKey {
    /// In which table.
    pub table: PartTable,
    /// Whose.
    pub owner: Party,
    /// Which, within table and owner.
    pub id: String,
}

/// A line of a log that players and operators read page by page. Appended, and changed only when somebody is erased: a line whose number is there
/// already is not written, so that what is appended twice is there once.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// Which log.
    pub log: Log,
    /// Whose, or of what: a channel, a player, a leaderboard.
    pub stream: String,
    /// Its number; counts up within log and stream.
    pub seq: u64,
    /// When.
    pub at: Millis,
    /// What.
    pub doc: Value,
}

/// A place among what somebody has said, in all channels: by time, then number, then channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// When.
    pub at: Millis,
    /// The line's number.
    pub seq: u64,
    /// The channel's stream.
    pub stream: String,
}

impl Spoken {
    /// Behind everything.
    pub(super) fn last() -> Self {
        Self { at: Millis(u64::MAX), seq: u64::MAX, stream: String::new() }
    }
}

/// Which of what somebody has said is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Everything.
    All,
    /// Not what two players say to one another.
    Public,
}

impl Heard {
    /// What the streams begin with that two players have between them.
    pub(super) const PRIVATE: &'static str = "direct:";

    /// Whether a channel's stream is among it.
    #[must_use]
    pub fn includes(self, stream: &str) -> bool {
        self == Self::All || !stream.starts_with(Self::PRIVATE)
    }
}

/// The logs that are read page by page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// What was said; a stream per channel.
    Chat,
    /// Notifications; a stream per player.
    Notification,
    /// Reports to the operators; one stream, `all`.
    Report,
    /// Missions that are over; one stream, `all`.
    Mission,
    /// Leaderboards of seasons that are over: `<season>:<board>`, numbered by rank.
    Season,
}

impl Log {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Chat, Self::Notification, Self::Report, Self::Mission, Self::Season];

    /// The table's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat_log",
            Self::Notification => "notification_log",
            Self::Report => "report_log",
            Self::Mission => "mission_log",
            Self::Season => "season_log",
        }
    }
}

/// A row that is written over or removed.
#[derive(Clone, Debug, PartialEq)]
pub enum Row<T> {
    /// The row is this now.
    Put(T),
    /// The row is gone.
    Delete,
}

/// One write of a commit.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// An account changed.
    Account(PlayerId, Versioned<AccountRecord>),
    /// A player changed.
    Player(PlayerId, Versioned<PlayerRecord>),
    /// A ship moved.
    Ship(ShipRow),
    /// A world changed.
    World(WorldKey, Versioned<WorldRecord>),
    /// An object appeared.
    PutObject(ObjectRow),
    /// An object went.
    DeleteObject(ObjectId),
    /// A transfer began.
    PutOutbox(OutboxRow),
    /// A transfer ended; in the same commit as what it did to its receiver.
    DeleteOutbox(TransferId),
    /// A part of an actor's state appeared, changed or went.
    Part(PartKey, Row<Value>),
    /// A line of a log.
    Log(LogRow),
    /// A command was answered.
    Command(CommandRow),
    /// Goods or credits moved.
    Ledger(LedgerEntry),
    /// An operator's account appeared, changed or went.
    Operator(OperatorId, Row<Versioned<OperatorRecord>>),
    /// What operators have set and have to find again after a restart: see `actors::console_state`.
    ConsoleState(String, Row<Versioned<Value>>),
    /// An operator did something; in the same commit as what was done.
    Audit(AuditEntry),
    /// A player as it is now, to be looked at later.
    Snapshot(SnapshotRow),
    /// The oldest snapshots from before this time go, up to
    /// [`SNAPSHOTS_PRUNED_MAX`](super::SNAPSHOTS_PRUNED_MAX).
    PruneSnapshots {
        /// What is as old as this stays.
        before: Millis,
    },
    /// A line of a log, whose number is there, says this from now on. Only what is personal in it may go: see
    /// [`Erasure`](super::Erasure).
    Rewrite(LogRow),
    /// What a player was told goes, up to this number.
    ForgetNotifications {
        /// Who.
        player: PlayerId,
        /// The last one that goes.
        to: u64,
    },
    /// What a player was like goes.
    ForgetSnapshots {
        /// Who.
        player: PlayerId,
        /// The oldest one that goes.
        from: Millis,
    },
}

/// All rows that one change touches. It is durable whole or not at all.
pub type Commit = Vec<Write>;

/// What one transaction writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The epoch this process claimed.
    pub epoch: u64,
    /// The batch's number: one more than the last one's.
    pub number: u64,
    /// Accounts, upserted.
    pub accounts: BTreeMap<PlayerId, Versioned<AccountRecord>>,
    /// Players, upserted.
    pub players: BTreeMap<PlayerId, Versioned<PlayerRecord>>,
    /// Ships, upserted.
    pub ships: BTreeMap<PlayerId, ShipRow>,
    /// Worlds, upserted.
    pub worlds: BTreeMap<WorldKey, Versioned<WorldRecord>>,
    /// Objects, upserted or deleted.
    pub objects: BTreeMap<ObjectId, Row<ObjectRow>>,
    /// Transfers under way, upserted or deleted.
    pub outbox: BTreeMap<TransferId, Row<OutboxRow>>,
    /// In which order those that are upserted began. See [`Batch::begun_transfers`].
    pub outbox_places: HashMap<TransferId, usize>,
    /// How many were upserted so far.
    pub outbox_begun: usize,
    /// Those that were deleted before they were upserted: an older transfer of this id may be in the store.
    pub outbox_replaced: HashSet<TransferId>,
    /// Parts of actors' states, upserted or deleted.
    pub parts: BTreeMap<PartKey, Row<Value>>,
    /// Lines of logs, appended.
    pub logs: Vec<LogRow>,
    /// Answered commands, appended; one whose player and id are there already takes that row's place. That happens
    /// when a client uses an id again that was forgotten: see [`REMEMBERED_PER_PLAYER`](super::REMEMBERED_PER_PLAYER).
    pub commands: Vec<CommandRow>,
    /// Which ones are among them.
    pub command_keys: HashSet<(PlayerId, CommandId)>,
    /// Ledger, appended.
    pub ledger: Vec<LedgerEntry>,
    /// Operators, upserted or deleted.
    pub operators: BTreeMap<OperatorId, Row<Versioned<OperatorRecord>>>,
    /// What operators have set, upserted or deleted.
    pub console_state: BTreeMap<String, Row<Versioned<Value>>>,
    /// What operators did, appended.
    pub audit: Vec<AuditEntry>,
    /// Snapshots of players, upserted.
    pub snapshots: BTreeMap<(PlayerId, Millis), SnapshotRow>,
    /// Snapshots from before this go, after the others have come.
    pub prune_snapshots: Option<Millis>,
    /// Lines of logs that say something else, after those that are appended.
    pub rewritten: BTreeMap<(Log, String, u64), LogRow>,
    /// Up to which number notifications of these go, after the others have come.
    pub forgotten_notifications: BTreeMap<PlayerId, u64>,
    /// From when on snapshots of these go, after the others have come.
    pub forgotten_snapshots: BTreeMap<PlayerId, Millis>,
}

impl Batch {
    /// Takes in one more commit, after all that were taken in before.
    pub fn push(&mut self, commit: Commit) {
        for write in commit {
            self.push_write(write);
        }
    }

    fn push_write(&mut self, write: Write) {
        match write {
            Write::Account(id, row) => drop(self.accounts.insert(id, row)),
            Write::Player(id, row) => drop(self.players.insert(id, row)),
            Write::Ship(row) => drop(self.ships.insert(row.player, row)),
            Write::World(key, row) => drop(self.worlds.insert(key, row)),
            Write::PutObject(row) => drop(self.objects.insert(row.id, Row::Put(row))),
            Write::DeleteObject(id) => drop(self.objects.insert(id, Row::Delete)),
            Write::PutOutbox(row) => self.put_outbox(row),
            // Put and deleted in one batch, it was never under way as far as the store knows: nothing to write.
            Write::DeleteOutbox(id) => match self.outbox.get(&id) {
                Some(Row::Put(_)) if !self.outbox_replaced.contains(&id) => drop(self.outbox.remove(&id)),
                _ => drop(self.outbox.insert(id, Row::Delete)),
            },
            Write::Part(key, row) => drop(self.parts.insert(key, row)),
            Write::Log(row) => self.logs.push(row),
            Write::Command(row) => {
                let key = (row.player, row.id);
                if !self.command_keys.insert(key) {
                    self.commands.retain(|older| (older.player, older.id) != key);
                }
                self.commands.push(row);
            }
            Write::Ledger(entry) => self.ledger.push(entry),
            Write::Operator(id, row) => drop(self.operators.insert(id, row)),
            Write::ConsoleState(key, row) => drop(self.console_state.insert(key, row)),
            Write::Audit(entry) => self.audit.push(entry),
            Write::Snapshot(row) => drop(self.snapshots.insert((row.player, row.at), row)),
            Write::Rewrite(row) => drop(self.rewritten.insert((row.log, row.stream.clone(), row.seq), row)),
            Write::ForgetNotifications { player, to } => {
                let known = self.forgotten_notifications.entry(player).or_default();
                *known = to.max(*known);
            }
            Write::ForgetSnapshots { player, from } => {
                let known = self.forgotten_snapshots.entry(player).or_insert(from);
                *known = from.min(*known);
            }
            Write::PruneSnapshots { before } => self.prune_snapshots = self.prune_snapshots.max(Some(before)),
        }
    }

    fn put_outbox(&mut self, row: OutboxRow) {
        let id = row.id.clone();
        self.outbox_places.insert(id.clone(), self.outbox_begun);
        self.outbox_begun += 1;
        if let Some(Row::Delete) = self.outbox.insert(id.clone(), Row::Put(row)) {
            self.outbox_replaced.insert(id);
        }
    }

    /// The transfers that begin, in the order in which they began: the order in which they are read again.
    #[must_use]
    pub fn begun_transfers(&self) -> Vec<&OutboxRow> {
        let begun = self.outbox.values().filter_map(|row| match row {
            Row::Put(row) => Some(row),
            Row::Delete => None,
        });
        let mut begun: Vec<&OutboxRow> = begun.collect();
        begun.sort_by_key(|row| self.outbox_places.get(&row.id));
        begun
    }

    /// How many rows the transaction touches.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.accounts.len()
            + self.players.len()
            + self.ships.len()
            + self.worlds.len()
            + self.objects.len()
            + self.outbox.len()
            + self.parts.len()
            + self.logs.len()
            + self.commands.len()
            + self.ledger.len()
            + self.operators.len()
            + self.console_state.len()
            + self.audit.len()
            + self.snapshots.len()
            + usize::from(self.prune_snapshots.is_some())
            + self.rewritten.len()
            + self.forgotten_notifications.len()
            + self.forgotten_snapshots.len()
    }
}
