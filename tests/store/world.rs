//! Things to store, and a writer that numbers its batches.

use std::sync::Arc;

use orrery::store::record::{AccountRecord, PlayerRecord, TransferRecord, WorldRecord};
use orrery::store::{Batch, CommandRow, Commit, InboxRow, ObjectRow, OutboxRow, ShipRow, Store, StoreError, Versioned};
use orrery_core::game::account::Account;
use orrery_core::game::player::{Inventory, Lifetime, Player, RunningResearch};
use orrery_core::game::{LedgerEntry, LedgerReason, Transfer};
use orrery_core::types::{
    CommandId, Credits, ItemKey, Millis, ObjectId, ObjectKindKey, PlayerId, Point, Quantity, ShipKindKey, TechKey,
    TransferId, WorldKey,
};
use uuid::Uuid;

/// One process that owns the data.
pub(crate) struct Owner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) epoch: u64,
    pub(crate) number: u64,
}

impl Owner {
    pub(crate) async fn of(store: Arc<dyn Store>) -> Self {
        let epoch = store.claim().await.unwrap();
        Self { store, epoch, number: 0 }
    }

    /// The next batch, with these commits.
    pub(crate) fn batch(&self, commits: Vec<Commit>) -> Batch {
        let mut batch = Batch { epoch: self.epoch, number: self.number + 1, ..Batch::default() };
        commits.into_iter().for_each(|commit| batch.push(commit));
        batch
    }

    pub(crate) async fn try_write(&mut self, commits: Vec<Commit>) -> Result<(), StoreError> {
        self.store.write(&self.batch(commits)).await?;
        self.number += 1;
        Ok(())
    }

    pub(crate) async fn write(&mut self, commits: Vec<Commit>) {
        self.try_write(commits).await.unwrap();
    }
}

pub(crate) fn player_id(number: u128) -> PlayerId {
    PlayerId(Uuid::from_u128(number))
}

pub(crate) fn sol() -> WorldKey {
    WorldKey::parse("sol").unwrap()
}

pub(crate) fn ore() -> ItemKey {
    ItemKey::parse("iron_ore").unwrap()
}

pub(crate) fn account(version: u64, name: &str) -> Versioned<AccountRecord> {
    let mut account = Account::new(name.to_owned(), Some("$argon2id$v=19$…".to_owned()), Millis(1_000));
    account.open_family([7; 32], Millis(1_000), Millis(9_000));
    Versioned { version, record: AccountRecord::from(&account) }
}

/// A player with everything that can be there.
pub(crate) fn player(version: u64, credits: u64) -> Versioned<PlayerRecord> {
    let tech = TechKey::parse("deep_scanning").unwrap();
    let record = PlayerRecord::from(&Player {
        id: player_id(0),
        credits: Credits(credits),
        ship: ShipKindKey::parse("shuttle").unwrap(),
        cargo: Inventory::from_goods([(ore(), Quantity(3))]),
        known: [TechKey::parse("mining").unwrap()].into(),
        research: Some(RunningResearch { tech, cost: Credits(50), started: Millis(2_000), due: Millis(3_000) }),
        lifetime: Lifetime { objects_collected: 1, credits_earned: Credits::MAX, ..Lifetime::default() },
    });
    Versioned { version, record }
}

/// The largest seed: more than a signed 64-bit column holds.
pub(crate) fn world(version: u64) -> Versioned<WorldRecord> {
    Versioned { version, record: WorldRecord::V1 { seed: u64::MAX, last_object: 17 } }
}

pub(crate) fn ship(player: PlayerId, x: i32) -> ShipRow {
    ShipRow { player, world: sol(), at: Point::new(x, i32::MIN) }
}

pub(crate) fn object(sequence: u64) -> ObjectRow {
    let kind = ObjectKindKey::parse("asteroid").unwrap();
    let id = ObjectId::new(u16::MAX >> 3, sequence);
    ObjectRow { id, world: sol(), kind, at: Point::new(-1, i32::MAX), quantity: Quantity::MAX }
}

pub(crate) fn transfer(sequence: u64, to: PlayerId) -> OutboxRow {
    let object = object(sequence).id;
    let id = TransferId::of_collected(object);
    let command = CommandId(CommandId::MAX);
    let transfer = Transfer { id: id.clone(), to, command, object, item: ore(), quantity: Quantity(5) };
    OutboxRow { id, record: TransferRecord::from(&transfer) }
}

pub(crate) fn received(player: PlayerId, sequence: u64) -> InboxRow {
    InboxRow { player, id: TransferId::of_collected(object(sequence).id), at: Millis(4_000) }
}

pub(crate) fn command(player: PlayerId, id: u64) -> CommandRow {
    let answer = serde_json::json!({"sold": [{"item": "iron_ore", "n": 2}], "share": 0.1, "note": "\u{0}\u{1F680}"});
    CommandRow { player, id: CommandId(id), fingerprint: u64::MAX - id, applied: true, answer, at: Millis(5_000) }
}

pub(crate) fn moved(player: PlayerId, credits: i64, goods: i64) -> LedgerEntry {
    LedgerEntry {
        player,
        at: Millis(6_000),
        reason: LedgerReason::Sell,
        command: Some(CommandId(1)),
        transfer: (goods > 0).then(|| TransferId::of_collected(ObjectId(1))),
        goods: (goods != 0).then(|| (ore(), goods)),
        credits,
    }
}
