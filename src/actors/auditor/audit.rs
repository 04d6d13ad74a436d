//! The comparison itself: facts from the store come in, what differs comes out. Without I/O.

use std::collections::{BTreeMap, BTreeSet};

use orrery_core::game::conservation::{Balance, Books, Difference, holdings_of};
use orrery_core::game::{PartTable, Rule};
use orrery_core::types::{Account, Party, PlayerId};
use serde::Serialize;
use serde_json::Value;

use crate::store::{AuditFacts, AuditScope, OutboxRow, PartKey};

/// An audit that goes on: the books as far as they were read, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    books: Books,
    last_row: Option<u64>,
    resting: Option<PlayerId>,
    /// Until the account is looked at again.
    findings: BTreeMap<String, Finding>,
    compared: u64,
    under_way: u64,
}

/// What was found about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    Differs(Vec<Difference>),
    Unreadable(String),
}

/// An account whose state cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreadable {
    /// The account, as the ledger names it.
    pub account: String,
    /// Why.
    pub why: String,
}

/// The state of an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing was found.
    pub balanced: bool,
    /// The last ledger row that was read.
    pub last_row: u64,
    /// How many accounts were compared the last time.
    pub accounts: u64,
    /// How many transfers are under way.
    pub transfers: u64,
    /// All credits there are: of all parties, and under way.
    pub money_supply: i64,
    /// Where ledger and state differ.
    pub differences: Vec<Difference>,
    /// States that cannot be understood.
    pub unreadable: Vec<Unreadable>,
}

impl Report {
    /// How much was found.
    #[must_use]
    pub fn finding_count(&self) -> usize {
        self.differences.len() + self.unreadable.len()
    }

    /// What was found, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let differences = self.differences.iter().map(ToString::to_string);
        let unreadable = self.unreadable.iter().map(|found| format!("{}: {}", found.account, found.why));
        differences.chain(unreadable).collect()
    }
}

impl Audit {
    /// What the store is to read next: the first time everything.
    #[must_use]
    pub fn scope(&self, resting_max: usize) -> AuditScope {
        match self.last_row {
            None => AuditScope::Everything,
            Some(row) => AuditScope::Since { row, resting: self.resting, resting_max },
        }
    }

    /// Compares what the store has read; returns what was not found before.
    pub fn take_in(&mut self, facts: AuditFacts, rule: &Rule<'_>) -> Vec<String> {
        let before: BTreeSet<String> = self.report().lines().into_iter().collect();
        self.books.book(&facts.balances);
        (self.last_row, self.resting) = (Some(facts.last_row), facts.resting);
        (self.compared, self.under_way) = (0, facts.outbox.len() as u64);
        self.compare_players(&facts);
        self.compare_parties(&facts.balances, facts.parts, rule);
        self.compare_transit(facts.outbox);
        self.report().lines().into_iter().filter(|line| !before.contains(line)).collect()
    }

    /// What is known now.
    #[must_use]
    pub fn report(&self) -> Report {
        let (mut differences, mut unreadable) = (Vec::new(), Vec::new());
        for (account, finding) in &self.findings {
            match finding {
                Finding::Differs(found) => differences.extend(found.iter().cloned()),
                Finding::Unreadable(why) => {
                    unreadable.push(Unreadable { account: account.clone(), why: why.clone() });
                }
            }
        }
        Report {
            balanced: self.findings.is_empty(),
            last_row: self.last_row.unwrap_or(0),
            accounts: self.compared,
            transfers: self.under_way,
            money_supply: self.books.money_supply(),
            differences,
            unreadable,
        }
    }

    /// Players that were read or named; one that is named and was not there holds nothing.
    fn compare_players(&mut self, facts: &AuditFacts) {
        let named = parties(&facts.balances).filter_map(Party::player);
        let players: BTreeSet<PlayerId> = facts.players.keys().copied().chain(named).collect();
        for player in players {
            let state = facts.players.get(&player).map(Balance::from).unwrap_or_default();
            self.compare(&player.into(), &state);
        }
    }

    fn compare_parties(&mut self, named: &BTreeMap<Account, Balance>, parts: Vec<(PartKey, Value)>, rule: &Rule<'_>) {
        let mut owned: BTreeMap<Party, Vec<(PartTable, String, Value)>> = BTreeMap::new();
        for party in parties(named).filter(|party| party.player().is_none()) {
            owned.entry(party.clone()).or_default();
        }
        for (key, doc) in parts {
            owned.entry(key.owner).or_default().push((key.table, key.id, doc));
        }
        for (party, parts) in owned {
            match holdings_of(&party, parts, rule) {
                Ok(holdings) => self.compare(&party.into(), &Balance::from(&holdings)),
                Err(why) => self.note(party.to_string(), Some(Finding::Unreadable(why))),
            }
        }
    }

    fn compare_transit(&mut self, outbox: Vec<OutboxRow>) {
        let mut all = Balance::default();
        for OutboxRow { id, record } in outbox {
            match record.into_transfer(id.clone()) {
                Ok(transfer) => all.add(&Balance::from(&transfer.holdings)),
                Err(error) => {
                    let why = format!("transfer {id}: {error}");
                    return self.note(Account::Transit.to_string(), Some(Finding::Unreadable(why)));
                }
            }
        }
        self.compare(&Account::Transit, &all);
    }

    fn compare(&mut self, account: &Account, state: &Balance) {
        self.compared += 1;
        let found = self.books.compare(account, state);
        self.note(account.to_string(), (!found.is_empty()).then_some(Finding::Differs(found)));
    }

    fn note(&mut self, account: String, finding: Option<Finding>) {
        match finding {
            Some(finding) => drop(self.findings.insert(account, finding)),
            None => drop(self.findings.remove(&account)),
        }
    }
}

fn parties(balances: &BTreeMap<Account, Balance>) -> impl Iterator<Item = &Party> {
    balances.keys().filter_map(|account| match account {
        Account::Party(party) => Some(party),
        Account::Transit | Account::External(_) => None,
    })
}
