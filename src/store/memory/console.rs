//! What the operators' console writes and reads.

use std::collections::{BTreeMap, BTreeSet};

use super::data::Data;
use crate::store::console::{Sought, held_before};
use crate::store::record::{AccountRecord, OperatorRecord};
use crate::store::rows::corrupt;
use crate::store::{
    AuditFilter, AuditLine, Batch, Counted, LedgerLine, PlayerLine, PlayerSearch, Row, SNAPSHOTS_PRUNED_MAX,
    SnapshotRow, StoreError, StoreSize, TableSize, Versioned,
};
use orrery_core::game::conservation::Balance;
use orrery_core::types::{Account, AuditEntry, Credits, Millis, OperatorId, PlayerId};
use serde_json::Value;

/// The tables that only the console has.
#[derive(Clone, Default)]
pub(super) struct ConsoleData {
    operators: BTreeMap<OperatorId, Versioned<OperatorRecord>>,
    state: BTreeMap<String, Versioned<Value>>,
    audit: BTreeMap<u64, AuditEntry>,
    snapshots: BTreeMap<(PlayerId, Millis), SnapshotRow>,
}

impl ConsoleData {
    pub(super) fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        put_or_delete(&mut self.operators, &batch.operators);
        let names: BTreeSet<_> = self.operators.values().map(|operator| operator.record.name_key()).collect();
        if names.len() != self.operators.len() {
            return Err(StoreError::Refused("operator.name_key must be unique".to_owned()));
        }
        put_or_delete(&mut self.state, &batch.console_state);
        for entry in &batch.audit {
            if self.audit.insert(entry.seq, entry.clone()).is_some() {
                return Err(StoreError::Refused("audit_log is append-only".to_owned()));
            }
        }
        self.snapshots.extend(batch.snapshots.clone());
        self.snapshots.retain(|(whose, at), _| batch.forgotten_snapshots.get(whose).is_none_or(|from| at < from));
        batch.prune_snapshots.into_iter().for_each(|before| self.prune(before));
        Ok(())
    }

    fn prune(&mut self, before: Millis) {
        let mut old: Vec<(Millis, PlayerId)> =
            self.snapshots.keys().filter(|(_, at)| *at < before).map(|(player, at)| (*at, *player)).collect();
        old.sort_unstable();
        for (at, player) in old.into_iter().take(SNAPSHOTS_PRUNED_MAX) {
            self.snapshots.remove(&(player, at));
        }
    }

    pub(super) fn operators(&self) -> Vec<(OperatorId, Versioned<OperatorRecord>)> {
        self.operators.iter().map(|(id, row)| (*id, row.clone())).collect()
    }

    pub(super) fn state(&self) -> Vec<(String, Versioned<Value>)> {
        self.state.iter().map(|(key, row)| (key.clone(), row.clone())).collect()
    }

    pub(super) fn audit_entries(&self, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Vec<AuditLine> {
        let older = self.audit.range(..before.unwrap_or(u64::MAX)).rev().map(|(_, entry)| entry);
        older.filter(|entry| filter.keeps(entry)).take(limit).map(|entry| self.audit_line(entry)).collect()
    }

    pub(super) fn audit_entry(&self, seq: u64) -> Option<AuditLine> {
        self.audit.get(&seq).map(|entry| self.audit_line(entry))
    }

    pub(super) fn audit_on(&self, action: &str, targets: &[String]) -> Vec<AuditLine> {
        let on_them = self.audit.values().filter(|entry| entry.action == action && targets.contains(&entry.target));
        on_them.map(|entry| self.audit_line(entry)).collect()
    }

    fn audit_line(&self, entry: &AuditEntry) -> AuditLine {
        let undone_by = self.audit.values().find(|later| later.undoes == Some(entry.seq)).map(|later| later.seq);
        AuditLine { entry: entry.clone(), undone_by }
    }

    pub(super) fn snapshot_at(&self, player: PlayerId, at: Millis) -> Option<SnapshotRow> {
        let mut older = self.snapshots.range((player, Millis(0))..=(player, at));
        older.next_back().map(|(_, row)| row.clone())
    }

    pub(super) fn snapshots(&self, player: PlayerId, before: Option<Millis>, limit: usize) -> Vec<Millis> {
        let older = self.snapshots.range((player, Millis(0))..(player, before.unwrap_or(Millis(u64::MAX))));
        older.rev().take(limit).map(|((_, at), _)| *at).collect()
    }

    fn sizes(&self) -> [(&'static str, usize); 4] {
        [
            ("audit_log", self.audit.len()),
            ("console_state", self.state.len()),
            ("operator", self.operators.len()),
            ("player_snapshot", self.snapshots.len()),
        ]
    }
}

impl Data {
    pub(super) fn ledger_page(&self, account: &Account, before: Option<u64>, limit: usize) -> Vec<LedgerLine> {
        let numbered = (1..).zip(&self.ledger);
        let mut lines: Vec<LedgerLine> =
            numbered.map(|(seq, entry)| LedgerLine { seq, entry: entry.clone() }).collect();
        lines.sort_by_key(|line| std::cmp::Reverse((line.entry.at, line.seq)));
        if let Some(before) = before {
            let at = lines.iter().position(|line| line.seq == before);
            lines.drain(..at.map_or(lines.len(), |at| at + 1));
        }
        lines.retain(|line| line.entry.from == *account || line.entry.to == *account);
        lines.truncate(limit);
        lines
    }

    pub(super) fn holdings_at(&self, id: PlayerId, at: Millis) -> Option<Balance> {
        let player = self.players.get(&id)?.record.clone().into_player(id);
        let account = Account::from(id);
        let since = self.ledger.iter().filter(|entry| entry.at > at).flat_map(|entry| {
            let came = i64::from(entry.to == account) - i64::from(entry.from == account);
            (came != 0).then(|| (entry.item.clone(), came * entry.amount.cast_signed()))
        });
        Some(held_before(Balance::from(&player.holdings()), since))
    }

    pub(super) fn search_players(
        &self,
        search: &PlayerSearch,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<PlayerLine>, StoreError> {
        let sought = search.sought(after);
        let accounts = self.accounts.iter().filter(|(id, account)| match &sought {
            Sought::Nobody => false,
            Sought::One(one) => *id == one,
            Sought::Named { start, with_start, end } => {
                let key = account.record.name_key();
                (*key > **start || (*with_start && *key == **start)) && *key < **end
            }
        });
        let lines = accounts.map(|(id, account)| self.player_line(*id, &account.record));
        let mut lines = lines.collect::<Result<Vec<_>, _>>()?;
        lines.retain(|line| search.keeps(line, after));
        lines.sort_by(|one, other| one.name_key.cmp(&other.name_key));
        lines.truncate(limit);
        Ok(lines)
    }

    /// From the document, as the other backends do it.
    fn player_line(&self, id: PlayerId, account: &AccountRecord) -> Result<PlayerLine, StoreError> {
        let wrong = |error| corrupt("account", &id, &error);
        let doc = serde_json::to_value(account).map_err(|error| wrong(error.to_string()))?;
        let until = |what: &str| doc["moderation"][what]["until_ms"].as_u64().map(Millis);
        let player = self.players.get(&id);
        Ok(PlayerLine {
            id,
            name: account.name().to_owned(),
            name_key: account.name_key().to_owned(),
            guest: doc["password_hash"].is_null(),
            credits: player.map(|player| Credits(player.record.clone().into_player(id).credits.0)),
            created: Millis(doc["created_ms"].as_u64().unwrap_or_default()),
            banned_until: until("ban"),
            muted_until: until("mute"),
        })
    }

    pub(super) fn table_sizes(&self) -> StoreSize {
        let mut sizes = vec![("account", self.accounts.len()), ("player", self.players.len())];
        sizes.extend([("ledger", self.ledger.len()), ("outbox", self.outbox.len()), ("object", self.objects.len())]);
        sizes.extend(self.console.sizes());
        sizes.sort_unstable();
        let exact = |(table, rows): (&str, usize)| TableSize {
            table: table.to_owned(),
            rows: rows as u64,
            counted: Counted::Exact,
            bytes: None,
        };
        StoreSize { bytes: None, tables: sizes.into_iter().map(exact).collect() }
    }
}

fn put_or_delete<K: Ord + Clone, T: Clone>(table: &mut BTreeMap<K, T>, rows: &BTreeMap<K, Row<T>>) {
    for (key, row) in rows {
        match row {
            Row::Put(value) => drop(table.insert(key.clone(), value.clone())),
            Row::Delete => drop(table.remove(key)),
        }
    }
}
