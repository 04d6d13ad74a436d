//! A store in memory that keeps the contract, and fails on command. For tests of whatever stands on a store.
//!
//! Handles made by [`MemoryStore::another_process`] share the data as processes share a database.

mod console;
mod data;

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use orrery_core::game::PartTable;
use orrery_core::game::conservation::Balance;
use orrery_core::types::{Account, Millis, OperatorId, Party, PlayerId, WorldKey};
use serde_json::Value;

use self::data::Data;
use super::record::{AccountRecord, OperatorRecord, PlayerRecord};
use super::rows::corrupt;
use super::{
    AuditFacts, AuditFilter, AuditLine, AuditScope, Batch, BatchMark, Export, Heard, LedgerLine, Log, LogRow,
    MarkCheck, OutboxRow, PartKey, PlayerLine, PlayerSearch, SnapshotRow, Spoken, Store, StoreError, StoreSize,
    StoredPlayer, StoredWorld, Versioned, check_mark,
};

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

    async fn write(&self, batch: &Arc<Batch>) -> Result<(), StoreError> {
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

    async fn player_exists(&self, id: PlayerId) -> Result<bool, StoreError> {
        self.read(|data| Ok(data.players.contains_key(&id)))
    }

    async fn load_parts(&self, owner: &Party) -> Result<Vec<(PartKey, Value)>, StoreError> {
        self.read(|data| {
            let owned = data.parts.iter().filter(|(key, _)| key.owner == *owner);
            Ok(owned.map(|(key, doc)| (key.clone(), doc.clone())).collect())
        })
    }

    async fn parts_with_id(&self, table: PartTable, id: &str) -> Result<Vec<(PartKey, Value)>, StoreError> {
        self.read(|data| {
            let found = data.parts.iter().filter(|(key, _)| key.table == table && key.id == id);
            Ok(found.map(|(key, doc)| (key.clone(), doc.clone())).collect())
        })
    }

    async fn read_log(
        &self,
        log: Log,
        stream: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        self.read(|data| {
            let lines = data.logs.get(&(log, stream.to_owned())).into_iter();
            let older = lines.flat_map(|lines| lines.range(..before.unwrap_or(u64::MAX)).rev());
            Ok(older.take(limit).map(|(_, row)| row.clone()).collect())
        })
    }

    async fn read_log_up(&self, log: Log, stream: &str, after: u64, limit: usize) -> Result<Vec<LogRow>, StoreError> {
        self.read(|data| {
            let lines = data.logs.get(&(log, stream.to_owned())).into_iter();
            let newer = lines.flat_map(|lines| lines.range((Excluded(after), Unbounded)));
            Ok(newer.take(limit).map(|(_, row)| row.clone()).collect())
        })
    }

    async fn read_through(
        &self,
        log: Log,
        after: Option<(String, u64)>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        self.read(|data| Ok(data.read_through(log, after.as_ref(), limit)))
    }

    async fn lines_of(
        &self,
        player: PlayerId,
        heard: Heard,
        before: Option<Spoken>,
        limit: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        self.read(|data| Ok(data.lines_of(player, heard, before, limit)))
    }

    async fn all_players(&self) -> Result<Vec<(PlayerId, String, PlayerRecord)>, StoreError> {
        self.read(|data| Ok(data.all_players()))
    }

    async fn audit(&self, scope: AuditScope) -> Result<AuditFacts, StoreError> {
        self.read(|data| data.audit(scope))
    }

    async fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        self.read(|data| Ok(data.outbox.clone()))
    }

    async fn operators(&self) -> Result<Vec<(OperatorId, Versioned<OperatorRecord>)>, StoreError> {
        self.read(|data| Ok(data.console.operators()))
    }

    async fn console_state(&self) -> Result<Vec<(String, Versioned<Value>)>, StoreError> {
        self.read(|data| Ok(data.console.state()))
    }

    async fn audit_entries(
        &self,
        filter: AuditFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError> {
        self.read(|data| Ok(data.console.audit_entries(&filter, before, limit)))
    }

    async fn audit_entry(&self, seq: u64) -> Result<Option<AuditLine>, StoreError> {
        self.read(|data| Ok(data.console.audit_entry(seq)))
    }

    async fn audit_on(&self, action: &str, targets: Vec<String>) -> Result<Vec<AuditLine>, StoreError> {
        self.read(|data| Ok(data.console.audit_on(action, &targets)))
    }

    async fn snapshot_at(&self, player: PlayerId, at: Millis) -> Result<Option<SnapshotRow>, StoreError> {
        self.read(|data| Ok(data.console.snapshot_at(player, at)))
    }

    async fn snapshots(
        &self,
        player: PlayerId,
        before: Option<Millis>,
        limit: usize,
    ) -> Result<Vec<Millis>, StoreError> {
        self.read(|data| Ok(data.console.snapshots(player, before, limit)))
    }

    async fn ledger(
        &self,
        account: &Account,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LedgerLine>, StoreError> {
        self.read(|data| Ok(data.ledger_page(account, before, limit)))
    }

    async fn holdings_at(&self, player: PlayerId, at: Millis) -> Result<Option<Balance>, StoreError> {
        self.read(|data| Ok(data.holdings_at(player, at)))
    }

    async fn search_players(
        &self,
        search: PlayerSearch,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<PlayerLine>, StoreError> {
        self.read(|data| data.search_players(&search, after, limit))
    }

    async fn table_sizes(&self) -> Result<StoreSize, StoreError> {
        self.read(|data| Ok(data.table_sizes()))
    }

    async fn export(&self) -> Result<Export, StoreError> {
        self.read(Data::export)
    }
}

impl Faults {
    fn check_up(&self) -> Result<(), StoreError> {
        if self.down { Err(StoreError::Unavailable("down on command".to_owned())) } else { Ok(()) }
    }
}

fn take_one(count: &mut usize) -> bool {
    let some = *count > 0;
    *count = count.saturating_sub(1);
    some
}
