//! What the simulation's ledger says: where credits came from and went to, day by day.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::game::LedgerEntry;
use crate::types::Account;

/// Credits by day and by the external account and reason that they came from (positive) or went to (negative).
#[derive(Default)]
pub(super) struct Books {
    flows: BTreeMap<(usize, String), i64>,
}

impl Books {
    /// Rows of a day; credits that stay among players and markets are neither source nor sink.
    pub(super) fn enter(&mut self, day: usize, rows: &[LedgerEntry]) {
        for row in rows.iter().filter(|row| row.item.is_none()) {
            let amount = i64::try_from(row.amount).unwrap();
            let mut add = |side: &Account, amount: i64| {
                if let Account::External(external) = side {
                    let label = format!("{} {}", external.as_str(), row.reason.as_str());
                    *self.flows.entry((day, label)).or_default() += amount;
                }
            };
            add(&row.from, amount);
            add(&row.to, -amount);
        }
    }

    /// All that has come minus all that has gone, to the end of a day.
    pub(super) fn balance(&self, day: usize) -> i64 {
        self.flows.iter().filter(|((when, _), _)| *when <= day).map(|(_, amount)| amount).sum()
    }

    /// What came and what went from one day to another, both included.
    pub(super) fn turnover(&self, days: std::ops::RangeInclusive<usize>) -> (i64, i64) {
        let inside = self.flows.iter().filter(|((day, _), _)| days.contains(day)).map(|(_, amount)| *amount);
        inside.fold((0, 0), |(came, went), amount| (came + amount.max(0), went - amount.min(0)))
    }

    /// Sources and sinks of a span of days, the largest first.
    pub(super) fn table(&self, days: std::ops::RangeInclusive<usize>) -> String {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for ((_, label), amount) in self.flows.iter().filter(|((day, _), _)| days.contains(day)) {
            *sums.entry(label).or_default() += amount;
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(_, amount)| -amount.abs());
        sums.iter().fold(String::new(), |mut text, (label, amount)| {
            let _ = writeln!(text, "  {label:<28} {amount:>14}");
            text
        })
    }
}
