//! Puts [`AuditFacts`] together out of what a backend reads, table by table.

use std::collections::BTreeSet;

use orrery_core::types::{Account, ItemKey, Party, PlayerId};
use serde_json::Value;

use super::record::PlayerRecord;
use super::rows::corrupt;
use super::{AuditFacts, AuditScope, OutboxRow, PartKey, StoreError};

/// An audit's facts in the making. The ledger comes first: it names who else is to be read.
pub(super) struct Auditing {
    scope: AuditScope,
    facts: AuditFacts,
}

impl Auditing {
    pub(super) fn new(scope: AuditScope) -> Self {
        Self { scope, facts: AuditFacts::default() }
    }

    /// The ledger is to be read after this row.
    pub(super) fn after(&self) -> u64 {
        match self.scope {
            AuditScope::Everything => 0,
            AuditScope::Since { row, .. } => row,
        }
    }

    pub(super) fn last_row(&mut self, row: u64) {
        self.facts.last_row = row;
    }

    /// What the ledger's rows add up to for one account and item.
    pub(super) fn moved(&mut self, account: &str, item: Option<&str>, sum: i64) -> Result<(), StoreError> {
        let (account, item) = ledger_key(account, item)?;
        let balance = self.facts.balances.entry(account).or_default();
        match item {
            None => balance.credits = sum,
            Some(_) if sum == 0 => {}
            Some(item) => drop(balance.goods.insert(item, sum)),
        }
        Ok(())
    }

    /// The players that the ledger named; `None` when all are asked for.
    pub(super) fn named_players(&self) -> Option<Vec<PlayerId>> {
        self.named(|party| party.player())
    }

    /// The players to be read besides: those after the one given, and how many.
    pub(super) fn resting(&self) -> Option<(Option<PlayerId>, usize)> {
        match self.scope {
            AuditScope::Everything => None,
            AuditScope::Since { resting, resting_max, .. } => Some((resting, resting_max)),
        }
    }

    /// The owners of parts that the ledger named; `None` when all are asked for.
    pub(super) fn named_owners(&self) -> Option<Vec<Party>> {
        self.named(|party| party.player().is_none().then(|| party.clone()))
    }

    fn named<T: Ord>(&self, pick: impl Fn(&Party) -> Option<T>) -> Option<Vec<T>> {
        if self.scope == AuditScope::Everything {
            return None;
        }
        let parties = self.facts.balances.keys().filter_map(|account| match account {
            Account::Party(party) => Some(party),
            Account::Transit | Account::External(_) => None,
        });
        let picked: BTreeSet<T> = parties.filter_map(pick).collect();
        Some(picked.into_iter().collect())
    }

    pub(super) fn player(&mut self, id: PlayerId, record: PlayerRecord) {
        self.facts.players.insert(id, record.into_player(id).holdings());
    }

    /// A player whose turn it was. They come in order, up to as many as were asked for.
    pub(super) fn resting_player(&mut self, id: PlayerId, record: PlayerRecord, is_last_asked_for: bool) {
        self.player(id, record);
        self.facts.resting = is_last_asked_for.then_some(id);
    }

    pub(super) fn part(&mut self, key: PartKey, doc: Value) {
        self.facts.parts.push((key, doc));
    }

    pub(super) fn finish(self, outbox: Vec<OutboxRow>) -> AuditFacts {
        AuditFacts { outbox, ..self.facts }
    }
}

/// Account and item of a ledger row.
pub(super) fn ledger_key(account: &str, item: Option<&str>) -> Result<(Account, Option<ItemKey>), StoreError> {
    let parsed = Account::parse(account).map_err(|error| corrupt("ledger", &account, &error))?;
    let item = item.map(ItemKey::parse).transpose().map_err(|error| corrupt("ledger", &account, &error))?;
    Ok((parsed, item))
}
