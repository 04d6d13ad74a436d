//! What a [`super::MemoryStore`] keeps: the tables, as maps.

use std::collections::{BTreeMap, BTreeSet};

use super::console::ConsoleData;
use crate::store::auditing::Auditing;
use crate::store::exporting::Exporting;
use crate::store::record::{AccountRecord, PlayerRecord, WorldRecord};
use crate::store::{
    AuditFacts, AuditScope, Batch, BatchMark, CommandRow, Export, Heard, Log, LogRow, ObjectRow, OutboxRow, PartKey,
    REMEMBERED_PER_PLAYER, Row, ShipRow, Spoken, StoreError, StoredPlayer, Versioned, whole_player,
};
use orrery_core::game::LedgerEntry;
use orrery_core::types::{Account, External, Millis, ObjectId, PlayerId, TransferId, WorldKey};
use serde_json::Value;

#[derive(Clone, Default)]
pub(super) struct Data {
    pub(super) mark: BatchMark,
    pub(super) accounts: BTreeMap<PlayerId, Versioned<AccountRecord>>,
    pub(super) players: BTreeMap<PlayerId, Versioned<PlayerRecord>>,
    pub(super) worlds: BTreeMap<WorldKey, Versioned<WorldRecord>>,
    ships: BTreeMap<PlayerId, ShipRow>,
    pub(super) objects: BTreeMap<ObjectId, ObjectRow>,
    pub(super) outbox: Vec<OutboxRow>,
    pub(super) parts: BTreeMap<PartKey, Value>,
    pub(super) logs: BTreeMap<(Log, String), BTreeMap<u64, LogRow>>,
    commands: Vec<CommandRow>,
    pub(super) ledger: Vec<LedgerEntry>,
    pub(super) console: ConsoleData,
}

impl Data {
    pub(super) fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.mark.number = batch.number;
        self.accounts.extend(batch.accounts.clone());
        self.players.extend(batch.players.clone());
        self.worlds.extend(batch.worlds.clone());
        self.ships.extend(batch.ships.clone());
        self.apply_rows(batch);
        for row in &batch.logs {
            let stream = self.logs.entry((row.log, row.stream.clone())).or_default();
            stream.entry(row.seq).or_insert_with(|| row.clone());
        }
        for row in &batch.commands {
            self.commands.retain(|older| (older.player, older.id) != (row.player, row.id));
            self.commands.push(row.clone());
        }
        self.ledger.extend(batch.ledger.iter().cloned());
        self.console.apply(batch)?;
        self.rewrite(batch);
        self.check_unique()
    }

    fn rewrite(&mut self, batch: &Batch) {
        for row in batch.rewritten.values() {
            let stored = self.logs.get_mut(&(row.log, row.stream.clone())).and_then(|lines| lines.get_mut(&row.seq));
            if let Some(stored) = stored {
                stored.doc = row.doc.clone();
            }
        }
        for (player, to) in &batch.forgotten_notifications {
            if let Some(lines) = self.logs.get_mut(&(Log::Notification, player.to_string())) {
                lines.retain(|seq, _| seq > to);
            }
        }
    }

    pub(super) fn read_through(&self, log: Log, after: Option<&(String, u64)>, limit: usize) -> Vec<LogRow> {
        let rows = self.logs.iter().filter(|((whose, _), _)| *whose == log).flat_map(|(_, rows)| rows.values());
        let newer = rows.filter(|row| after.is_none_or(|(stream, seq)| (&row.stream, row.seq) > (stream, *seq)));
        newer.take(limit).cloned().collect()
    }

    pub(super) fn lines_of(&self, player: PlayerId, heard: Heard, before: Option<Spoken>, limit: usize) -> Vec<LogRow> {
        let place = |row: &LogRow| (row.at, row.seq, row.stream.clone());
        let before = before.map_or((Millis(u64::MAX), u64::MAX, String::new()), |at| (at.at, at.seq, at.stream));
        let said = self.logs.iter().filter(|((log, _), _)| *log == Log::Chat).flat_map(|(_, rows)| rows.values());
        let own = said.filter(|row| {
            row.doc["player"] == player.to_string() && heard.includes(&row.stream) && place(row) < before
        });
        let mut own: Vec<LogRow> = own.cloned().collect();
        own.sort_by_key(|row| std::cmp::Reverse(place(row)));
        own.truncate(limit);
        own
    }

    fn apply_rows(&mut self, batch: &Batch) {
        for (id, row) in &batch.objects {
            match row {
                Row::Put(object) => drop(self.objects.insert(*id, object.clone())),
                Row::Delete => drop(self.objects.remove(id)),
            }
        }
        self.outbox.retain(|stored| batch.outbox.get(&stored.id) != Some(&Row::Delete));
        batch.begun_transfers().into_iter().for_each(|transfer| self.put_outbox(transfer));
        for (key, row) in &batch.parts {
            match row {
                Row::Put(doc) => drop(self.parts.insert(key.clone(), doc.clone())),
                Row::Delete => drop(self.parts.remove(key)),
            }
        }
    }

    fn put_outbox(&mut self, row: &OutboxRow) {
        match self.outbox.iter_mut().find(|stored| stored.id == row.id) {
            Some(stored) => stored.record = row.record.clone(),
            None => self.outbox.push(row.clone()),
        }
    }

    fn check_unique(&self) -> Result<(), StoreError> {
        let names: BTreeSet<_> = self.accounts.values().map(|account| account.record.name_key()).collect();
        if names.len() == self.accounts.len() {
            return Ok(());
        }
        Err(StoreError::Refused("account.name_key must be unique".to_owned()))
    }

    pub(super) fn player(&self, id: PlayerId) -> Result<Option<StoredPlayer>, StoreError> {
        let (account, player) = (self.accounts.get(&id).cloned(), self.players.get(&id).cloned());
        let Some((account, player)) = whole_player(id, account, player)? else { return Ok(None) };
        let mut commands: Vec<_> = self.commands.iter().filter(|row| row.player == id).cloned().collect();
        let commands = commands.split_off(commands.len().saturating_sub(REMEMBERED_PER_PLAYER));
        Ok(Some(StoredPlayer { account, player, ship: self.ships.get(&id).cloned(), commands }))
    }

    pub(super) fn all_players(&self) -> Vec<(PlayerId, String, PlayerRecord)> {
        let named = self.players.iter().filter_map(|(id, player)| {
            let name = self.accounts.get(id)?.record.name().to_owned();
            Some((*id, name, player.record.clone()))
        });
        named.collect()
    }

    pub(super) fn audit(&self, scope: AuditScope) -> Result<AuditFacts, StoreError> {
        let mut auditing = Auditing::new(scope);
        auditing.last_row(self.ledger.len() as u64);
        for ((account, item), sum) in self.ledger_sums(auditing.after()) {
            auditing.moved(&account, item.as_deref(), sum)?;
        }
        let (named, owners) = (auditing.named_players(), auditing.named_owners());
        for (id, player) in &self.players {
            if named.as_ref().is_none_or(|named| named.contains(id)) {
                auditing.player(*id, player.record.clone());
            }
        }
        if let Some((resting, max)) = auditing.resting() {
            let others = self.players.iter().filter(|(id, _)| resting.is_none_or(|resting| **id > resting));
            for (count, (id, player)) in others.take(max).enumerate() {
                auditing.resting_player(*id, player.record.clone(), count + 1 == max);
            }
        }
        for (key, doc) in &self.parts {
            if owners.as_ref().is_none_or(|owners| owners.contains(&key.owner)) {
                auditing.part(key.clone(), doc.clone());
            }
        }
        Ok(auditing.finish(self.outbox.clone()))
    }

    pub(super) fn export(&self) -> Result<Export, StoreError> {
        let mut exporting = Exporting::default();
        for (id, account) in &self.accounts {
            exporting.account(*id, &account.record);
        }
        for (id, player) in &self.players {
            exporting.player(*id, player.record.clone());
        }
        for ((account, item), sum) in self.ledger_sums(0) {
            exporting.moved(&account, item.as_deref(), sum)?;
        }
        for row in self.commands.iter().filter(|row| row.applied) {
            exporting.command(row.player, row.id);
        }
        let arrivals = self.ledger.iter().filter(|entry| is_arrival(&entry.from));
        for (entry, transfer) in arrivals.filter_map(|entry| Some((entry, entry.transfer.clone()?))) {
            exporting.transfer(&entry.to.to_string(), transfer)?;
        }
        for (key, doc) in &self.parts {
            exporting.part(key, doc.clone());
        }
        let outbox: Vec<TransferId> = self.outbox.iter().map(|row| row.id.clone()).collect();
        Ok(exporting.finish(self.mark, outbox, self.objects.len() as u64))
    }

    /// What the ledger after this row says, by account and item.
    fn ledger_sums(&self, after: u64) -> BTreeMap<(String, Option<String>), i64> {
        let mut sums = BTreeMap::new();
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        for entry in self.ledger.iter().skip(skipped) {
            let item = entry.item.as_ref().map(ToString::to_string);
            *sums.entry((entry.to.to_string(), item.clone())).or_default() += entry.amount.cast_signed();
            *sums.entry((entry.from.to_string(), item)).or_default() -= entry.amount.cast_signed();
        }
        sums
    }
}

/// Whether a transfer that leaves this account has arrived: what was collected before 0.2 came straight from space.
fn is_arrival(from: &Account) -> bool {
    matches!(from, Account::Transit | Account::External(External::Space))
}
