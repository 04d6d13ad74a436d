//! Things to store, and a writer that numbers its batches.

use std::sync::Arc;

use orrery::store::record::{AccountRecord, PlayerRecord, TransferRecord, WorldRecord};
use orrery::store::{
    Batch, CommandRow, Commit, Log, LogRow, ObjectRow, OutboxRow, PartKey, Row, ShipRow, Store, StoreError, Versioned,
    Write,
};
use orrery_core::game::account::Account;
use orrery_core::game::player::{
    Crafting, Inbox, Inventory, Job, Lifetime, Membership, Player, RunningResearch, SeasonScore, Social, Tally,
};
use orrery_core::game::{LedgerEntry, LedgerReason, PartTable, Purpose, Transfer};
use orrery_core::types::{
    Account as Owning, BlueprintKey, CommandId, Credits, External, Holdings, HubKey, ItemKey, JobId, Millis, ObjectId,
    ObjectKindKey, Party, PlayerId, Point, Quantity, ShipKindKey, TechKey, TransferId, WorldKey,
};
use serde_json::{Value, json};
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
    pub(crate) fn batch(&self, commits: Vec<Commit>) -> Arc<Batch> {
        let mut batch = Batch { epoch: self.epoch, number: self.number + 1, ..Batch::default() };
        commits.into_iter().for_each(|commit| batch.push(commit));
        Arc::new(batch)
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

/// A new player, in one commit.
pub(crate) fn born(number: u128, name: &str, credits: u64) -> Vec<Write> {
    let id = player_id(number);
    vec![Write::Account(id, account(1, name)), Write::Player(id, player(1, credits))]
}

pub(crate) fn player_id(number: u128) -> PlayerId {
    PlayerId(Uuid::from_u128(number))
}

pub(crate) fn sol() -> WorldKey {
    WorldKey::parse("sol").unwrap()
}

pub(crate) fn luna() -> HubKey {
    HubKey::parse("luna").unwrap()
}

pub(crate) fn market() -> Party {
    Party::Market(luna())
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
    let job = Job {
        id: JobId(7),
        hub: luna(),
        blueprint: BlueprintKey::parse("hull_plates").unwrap(),
        runs: 2,
        inputs: [(ore(), Quantity(8))].into(),
        fee: Credits(9),
        output: ItemKey::parse("hull_plates").unwrap(),
        output_quantity: Quantity(2),
        starts: Millis(4_000),
        due: Millis(5_000),
    };
    let record = PlayerRecord::from(&Player {
        id: player_id(0),
        credits: Credits(credits),
        ship: ShipKindKey::parse("shuttle").unwrap(),
        cargo: Inventory::from_goods([(ore(), Quantity(3))]),
        storage: [(luna(), Inventory::from_goods([(ore(), Quantity(4))]))].into(),
        known: [TechKey::parse("mining").unwrap()].into(),
        research: Some(RunningResearch { tech, cost: Credits(50), started: Millis(2_000), due: Millis(3_000) }),
        crafting: Crafting { jobs: vec![job], last: 7, ..Crafting::default() },
        membership: Membership::default(),
        social: Social::default(),
        inbox: Inbox::default(),
        season: SeasonScore { last: tally(2), before: Some(tally(1)) },
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
    let transfer = Transfer {
        id: id.clone(),
        from: External::Space.into(),
        to: Party::Player(to),
        holdings: Holdings::of_goods(ore(), Quantity(5)),
        reason: LedgerReason::Collect,
        purpose: Purpose::Collected { command, object },
    };
    OutboxRow { id, record: TransferRecord::from(&transfer) }
}

pub(crate) fn command(player: PlayerId, id: u64) -> CommandRow {
    let answer = serde_json::json!({"sold": [{"item": "iron_ore", "n": 2}], "share": 0.1, "note": "\u{0}\u{1F680}"});
    CommandRow { player, id: CommandId(id), fingerprint: u64::MAX - id, applied: true, answer, at: Millis(5_000) }
}

/// A movement; without an item it is credits.
pub(crate) fn moved(from: impl Into<Owning>, to: impl Into<Owning>, item: Option<ItemKey>, amount: u64) -> LedgerEntry {
    LedgerEntry {
        at: Millis(6_000),
        reason: LedgerReason::Sell,
        from: from.into(),
        to: to.into(),
        item,
        amount,
        command: Some(CommandId(1)),
        transfer: None,
    }
}

/// Credits that a player got from a hub.
pub(crate) fn earned(player: PlayerId, credits: u64) -> Write {
    Write::Ledger(moved(External::Hubs, player, None, credits))
}

/// The arrival of the transfer that [`transfer`] makes.
pub(crate) fn arrived(player: PlayerId, sequence: u64) -> LedgerEntry {
    let transfer = transfer(sequence, player).id;
    LedgerEntry { transfer: Some(transfer), ..moved(Owning::Transit, player, Some(ore()), 5) }
}

pub(crate) fn part_key(table: PartTable, owner: Party, id: &str) -> PartKey {
    PartKey { table, owner, id: id.to_owned() }
}

/// What a part may hold: any text, and the largest number.
pub(crate) fn doc(number: u64) -> Value {
    json!({"number": number, "largest": u64::MAX, "text": "\u{0}\u{1F680}\"", "ratio": 0.1})
}

pub(crate) fn put_part(table: PartTable, owner: Party, id: &str, number: u64) -> Write {
    Write::Part(part_key(table, owner, id), Row::Put(doc(number)))
}

pub(crate) fn line(log: Log, stream: &str, seq: u64) -> LogRow {
    LogRow { log, stream: stream.to_owned(), seq, at: Millis(seq * 10), doc: doc(seq) }
}

fn tally(season: u64) -> Tally {
    let (collected_ms, traded_ms, missions_ms) = (Millis(6), Millis(7), Millis(8));
    Tally { season, collected: 3, traded: 4, missions: 5, collected_ms, traded_ms, missions_ms }
}
