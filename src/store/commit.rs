//! What actors hand to the persister, and what the persister hands to a backend.
//!
//! A [`Commit`] is all rows one change touches. A [`Batch`] is many commits in their order, with writes to the same
//! row coalesced to the last one: what one transaction writes.

use std::collections::BTreeMap;

use orrery_core::game::LedgerEntry;
use orrery_core::types::{CommandId, Millis, ObjectId, ObjectKindKey, PlayerId, Point, Quantity, TransferId, WorldKey};
use serde_json::Value;

use super::record::{AccountRecord, PlayerRecord, TransferRecord, WorldRecord};

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

/// A transfer that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// Who received it.
    pub player: PlayerId,
    /// Which.
    pub id: TransferId,
    /// When.
    pub at: Millis,
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
    /// A transfer ended; in the same commit as its [`Write::Inbox`].
    DeleteOutbox(TransferId),
    /// A transfer was received.
    Inbox(InboxRow),
    /// A command was answered.
    Command(CommandRow),
    /// Goods or credits moved.
    Ledger(LedgerEntry),
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
    /// Received transfers, appended.
    pub inbox: Vec<InboxRow>,
    /// Answered commands, appended; one whose player and id are there already takes that row's place. That happens
    /// when a client uses an id again that was forgotten: see [`REMEMBERED_PER_PLAYER`](super::REMEMBERED_PER_PLAYER).
    pub commands: Vec<CommandRow>,
    /// Ledger, appended.
    pub ledger: Vec<LedgerEntry>,
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
            Write::PutOutbox(row) => drop(self.outbox.insert(row.id.clone(), Row::Put(row))),
            Write::DeleteOutbox(id) => drop(self.outbox.insert(id, Row::Delete)),
            Write::Inbox(row) => self.inbox.push(row),
            Write::Command(row) => {
                self.commands.retain(|older| (older.player, older.id) != (row.player, row.id));
                self.commands.push(row);
            }
            Write::Ledger(entry) => self.ledger.push(entry),
        }
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
            + self.inbox.len()
            + self.commands.len()
            + self.ledger.len()
    }
}
