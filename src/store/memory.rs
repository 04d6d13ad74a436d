//! A store in memory that keeps the contract, and fails on command. For tests of whatever stands on a store.
//!
//! Handles made by [`MemoryStore::another_process`] share the data as processes share a database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::exporting::Exporting;
use super::record::{AccountRecord, PlayerRecord, WorldRecord};
use super::rows::corrupt;
use super::{
    Batch, BatchMark, CommandRow, Export, InboxRow, MarkCheck, ObjectRow, OutboxRow, REMEMBERED_PER_PLAYER, Row,
    ShipRow, Store, StoreError, StoredPlayer, StoredWorld, Versioned, check_mark, whole_player,
};
use orrery_core::game::LedgerEntry;
use orrery_core::types::{ItemKey, ObjectId, PlayerId, TransferId, WorldKey};

/// One process's handle to data in memory.
#[derive(Default)]
pub struct MemoryStore {
    shared: Arc<Mutex<Shared>>,
    holds_claim: AtomicBool,
}

#[derive(Default)]
struct Shared {
    claimed: bool,
    data: Data,
    faults: Faults,
    written: Vec<Batch>,
}

#[derive(Default)]
struct Faults {
    down: bool,
    fail_before: usize,
    fail_after: usize,
    write_delay: Duration,
    corrupt_players: BTreeSet<PlayerId>,
}

#[derive(Clone, Default)]
struct Data {
    mark: BatchMark,
    accounts: BTreeMap<PlayerId, Versioned<AccountRecord>>,
    players: BTreeMap<PlayerId, Versioned<PlayerRecord>>,
    worlds: BTreeMap<WorldKey, Versioned<WorldRecord>>,
    ships: BTreeMap<PlayerId, ShipRow>,
    objects: BTreeMap<ObjectId, ObjectRow>,
    outbox: Vec<OutboxRow>,
    inbox: Vec<InboxRow>,
    commands: Vec<CommandRow>,
    ledger: Vec<LedgerEntry>,
}

impl MemoryStore {
    /// An empty store without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A handle to the same data, as another process would have it.
    #[must_use]
    pub fn another_process(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), holds_claim: AtomicBool::new(false) }
    }

    /// While down, everything fails with [`StoreError::Unavailable`].
    pub fn set_down(&self, down: bool) {
        self.shared().faults.down = down;
    }

    /// The next `count` writes fail with [`StoreError::Unavailable`] and write nothing.
    pub fn fail_writes_before_applying(&self, count: usize) {
        self.shared().faults.fail_before = count;
    }

    /// The next `count` writes take effect, and yet fail with [`StoreError::Unavailable`].
    pub fn fail_writes_after_applying(&self, count: usize) {
        self.shared().faults.fail_after = count;
    }

    /// Every write takes this long.
    pub fn delay_writes(&self, delay: Duration) {
        self.shared().faults.write_delay = delay;
    }

    /// Takes the data away from whoever claimed it, as another process would after the claim's lock was lost.
    pub fn steal(&self) {
        let mut shared = self.shared();
        shared.data.mark = BatchMark { epoch: shared.data.mark.epoch + 1, number: 0 };
    }

    /// Makes the player's row unreadable.
    pub fn corrupt_player(&self, id: PlayerId) {
        self.shared().faults.corrupt_players.insert(id);
    }

    /// Every batch that took effect, in order.
    #[must_use]
    pub fn written(&self) -> Vec<Batch> {
        self.shared().written.clone()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // A test that panicked while it held the lock has left nothing half done: every change is one assignment.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, read: impl FnOnce(&Data) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let shared = self.shared();
        shared.faults.check_up()?;
        read(&shared.data)
    }

    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut shared = self.shared();
        shared.faults.check_up()?;
        if take_one(&mut shared.faults.fail_before) {
            return Err(StoreError::Unavailable("failed on command, before".to_owned()));
        }
        if check_mark(shared.data.mark, batch)? == MarkCheck::Next {
            let mut data = shared.data.clone();
            data.apply(batch)?;
            shared.data = data;
            shared.written.push(batch.clone());
        }
        if take_one(&mut shared.faults.fail_after) {
            return Err(StoreError::Unavailable("failed on command, after".to_owned()));
        }
        Ok(())
    }
}

impl Drop for MemoryStore {
    /// A process's claim ends with the process.
    fn drop(&mut self) {
        if self.holds_claim.load(Ordering::Acquire) {
            self.shared().claimed = false;
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn claim(&self) -> Result<u64, StoreError> {
        let mut shared = self.shared();
        shared.faults.check_up()?;
        if shared.claimed {
            return Err(StoreError::InUse("claimed by another handle".to_owned()));
        }
        shared.claimed = true;
        self.holds_claim.store(true, Ordering::Release);
        shared.data.mark = BatchMark { epoch: shared.data.mark.epoch + 1, number: 0 };
        Ok(shared.data.mark.epoch)
    }

    async fn release(&self) {
        if self.holds_claim.swap(false, Ordering::AcqRel) {
            self.shared().claimed = false;
        }
    }

    async fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        let delay = self.shared().faults.write_delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if !self.holds_claim.load(Ordering::Acquire) {
            return Err(StoreError::Refused("the data was not claimed".to_owned()));
        }
        self.apply(batch)
    }

    async fn last_batch(&self) -> Result<BatchMark, StoreError> {
        self.read(|data| Ok(data.mark))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(|_| Ok(()))
    }

    async fn load_player(&self, id: PlayerId) -> Result<Option<StoredPlayer>, StoreError> {
        let unreadable = self.shared().faults.corrupt_players.contains(&id);
        if unreadable {
            return Err(corrupt("player", &id, &"made unreadable on command"));
        }
        self.read(|data| data.player(id))
    }

    async fn account_by_name(&self, name_key: &str) -> Result<Option<(PlayerId, AccountRecord)>, StoreError> {
        self.read(|data| {
            let mut accounts = data.accounts.iter();
            let found = accounts.find(|(_, account)| account.record.name_key() == name_key);
            Ok(found.map(|(id, account)| (*id, account.record.clone())))
        })
    }

    async fn load_world(&self, key: &WorldKey) -> Result<StoredWorld, StoreError> {
        self.read(|data| {
            let objects = data.objects.values().filter(|object| object.world == *key).cloned().collect();
            Ok(StoredWorld { world: data.worlds.get(key).cloned(), objects })
        })
    }

    async fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        self.read(|data| Ok(data.outbox.clone()))
    }

    async fn export(&self) -> Result<Export, StoreError> {
        self.read(|data| Ok(data.export()))
    }
}

impl Faults {
    fn check_up(&self) -> Result<(), StoreError> {
        if self.down { Err(StoreError::Unavailable("down on command".to_owned())) } else { Ok(()) }
    }
}

impl Data {
    fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.mark.number = batch.number;
        self.accounts.extend(batch.accounts.clone());
        self.players.extend(batch.players.clone());
        self.worlds.extend(batch.worlds.clone());
        self.ships.extend(batch.ships.clone());
        for (id, row) in &batch.objects {
            match row {
                Row::Put(object) => drop(self.objects.insert(*id, object.clone())),
                Row::Delete => drop(self.objects.remove(id)),
            }
        }
        for (id, row) in &batch.outbox {
            match row {
                Row::Put(transfer) => self.put_outbox(transfer),
                Row::Delete => self.outbox.retain(|stored| stored.id != *id),
            }
        }
        self.inbox.extend(batch.inbox.iter().cloned());
        for row in &batch.commands {
            self.commands.retain(|older| (older.player, older.id) != (row.player, row.id));
            self.commands.push(row.clone());
        }
        self.ledger.extend(batch.ledger.iter().cloned());
        self.check_unique()
    }

    fn put_outbox(&mut self, row: &OutboxRow) {
        match self.outbox.iter_mut().find(|stored| stored.id == row.id) {
            Some(stored) => stored.record = row.record.clone(),
            None => self.outbox.push(row.clone()),
        }
    }

    fn check_unique(&self) -> Result<(), StoreError> {
        let names: BTreeSet<_> = self.accounts.values().map(|account| account.record.name_key()).collect();
        let inbox: BTreeSet<_> = self.inbox.iter().map(|row| (row.player, &row.id)).collect();
        let unique =
            [("account.name_key", names.len() == self.accounts.len()), ("inbox", inbox.len() == self.inbox.len())];
        match unique.iter().find(|(_, is_unique)| !is_unique) {
            Some((what, _)) => Err(StoreError::Refused(format!("{what} must be unique"))),
            None => Ok(()),
        }
    }

    fn player(&self, id: PlayerId) -> Result<Option<StoredPlayer>, StoreError> {
        let (account, player) = (self.accounts.get(&id).cloned(), self.players.get(&id).cloned());
        let Some((account, player)) = whole_player(id, account, player)? else { return Ok(None) };
        let commands: Vec<_> = self.commands.iter().filter(|row| row.player == id).cloned().collect();
        let inbox: Vec<_> = self.inbox.iter().filter(|row| row.player == id).map(|row| row.id.clone()).collect();
        Ok(Some(StoredPlayer {
            account,
            player,
            ship: self.ships.get(&id).cloned(),
            commands: latest(commands),
            inbox: latest(inbox),
        }))
    }

    fn export(&self) -> Export {
        let mut exporting = Exporting::default();
        for (id, account) in &self.accounts {
            exporting.account(*id, account.record.clone());
        }
        for (id, player) in &self.players {
            exporting.player(*id, player.record.clone());
        }
        self.export_ledger(&mut exporting);
        for row in self.commands.iter().filter(|row| row.applied) {
            exporting.command(row.player, row.id);
        }
        for row in &self.inbox {
            exporting.transfer(row.player, row.id.clone());
        }
        let outbox: Vec<TransferId> = self.outbox.iter().map(|row| row.id.clone()).collect();
        exporting.finish(self.mark, outbox, self.objects.len() as u64)
    }

    fn export_ledger(&self, exporting: &mut Exporting) {
        let mut credits: BTreeMap<PlayerId, i64> = BTreeMap::new();
        let mut goods: BTreeMap<(PlayerId, &ItemKey), i64> = BTreeMap::new();
        for entry in &self.ledger {
            *credits.entry(entry.player).or_default() += entry.credits;
            if let Some((item, quantity)) = &entry.goods {
                *goods.entry((entry.player, item)).or_default() += quantity;
            }
        }
        for (player, sum) in credits {
            exporting.ledger_credits(player, sum);
        }
        for ((player, item), sum) in goods {
            exporting.ledger_goods(player, item.clone(), sum);
        }
    }
}

fn take_one(count: &mut usize) -> bool {
    let some = *count > 0;
    *count = count.saturating_sub(1);
    some
}

fn latest<T>(mut rows: Vec<T>) -> Vec<T> {
    rows.split_off(rows.len().saturating_sub(REMEMBERED_PER_PLAYER))
}
