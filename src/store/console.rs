//! What the operators' console has in the store besides the actors' state: its rows, what is asked for, and what every
//! backend does with both.

use orrery_core::game::conservation::Balance;
use orrery_core::game::{LedgerEntry, LedgerReason};
use orrery_core::types::{AuditEntry, By, CommandId, Credits, ItemKey, Millis, OperatorId, PlayerId, TransferId};
use uuid::Uuid;

use super::StoreError;
use super::auditing::ledger_key;
use super::record::{AuditRecord, PlayerRecord, name_key};
use super::rows::corrupt;

/// The most snapshots that one [`Write::PruneSnapshots`](super::Write::PruneSnapshots) takes away, so that no batch
/// takes long however much is too old.
pub const SNAPSHOTS_PRUNED_MAX: usize = 2_000;

/// A player as it was at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotRow {
    /// Who.
    pub player: PlayerId,
    /// When.
    pub at: Millis,
    /// The account's name then.
    pub account_name: String,
    /// The player.
    pub record: PlayerRecord,
}

/// Which lines of the audit log are asked for: those that agree with everything given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done by this operator.
    pub operator: Option<OperatorId>,
    /// This was done.
    pub action: Option<String>,
    /// Done to this.
    pub target: Option<String>,
    /// Takes this line back.
    pub undoes: Option<u64>,
}

/// A line of the audit log, and whether it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditLine {
    /// The line.
    pub entry: AuditEntry,
    /// The number of the first line that takes it back.
    pub undone_by: Option<u64>,
}

/// A row of the ledger with its number.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerLine {
    /// Counts up in the order of writing.
    pub seq: u64,
    /// The row.
    pub entry: LedgerEntry,
}

/// Which players are asked for: those that agree with everything given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlayerSearch {
    /// The name's beginning, in any case and form, or a whole id. Empty: everybody.
    pub text: Option<String>,
    /// Only those who are banned at `now`.
    pub banned: bool,
    /// Only those who are muted at `now`.
    pub muted: bool,
    /// The time that bans and mutes are compared with.
    pub now: Millis,
}

/// What is found of a player, as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayerLine {
    /// Who.
    pub id: PlayerId,
    /// The name, as its owner writes it.
    pub name: String,
    /// The name's unique form: the order of the lines, and the cursor of a page.
    pub name_key: String,
    /// Whether the account is a guest's.
    pub guest: bool,
    /// The wallet; `None` when the player's document has none.
    pub credits: Option<Credits>,
    /// When the account was made.
    pub created: Millis,
    /// Until when the player is or was banned.
    pub banned_until: Option<Millis>,
    /// Until when the player is or was muted.
    pub muted_until: Option<Millis>,
}

/// How large the store is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreSize {
    /// The whole database; `None` when the backend does not tell.
    pub bytes: Option<u64>,
    /// Its tables, in the order of their names.
    pub tables: Vec<TableSize>,
}

/// How large one table is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSize {
    /// The table's name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// How well that is known.
    pub counted: Counted,
    /// With its indexes; `None` when the backend does not tell.
    pub bytes: Option<u64>,
}

/// How well a number of rows is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// They were counted.
    Exact,
    /// About so many: what the database keeps for itself, or the span of the row numbers.
    Estimate,
    /// So many were counted, and then it was left.
    AtLeast,
}

/// What a [`PlayerSearch`] comes to.
pub(super) enum Sought {
    /// One player, if it is there.
    One(PlayerId),
    /// Those with names in this range, without its end. The start is part of it as long as no page came before.
    Named { start: String, with_start: bool, end: String },
    /// No name can be so.
    Nobody,
}

impl PlayerSearch {
    /// What to look for; `after` is the last name of the page before.
    pub(super) fn sought(&self, after: Option<&str>) -> Sought {
        let text = self.text.as_deref().unwrap_or("").trim();
        if let Ok(id) = Uuid::try_parse(text) {
            return Sought::One(PlayerId(id));
        }
        // PostgreSQL knows no text with it, and no name has it.
        if text.contains('\0') || after.is_some_and(|after| after.contains('\0')) {
            return Sought::Nobody;
        }
        let prefix = name_key(text);
        // No name has this character either, which comes after all others.
        let end = format!("{prefix}{}", char::MAX);
        match after.filter(|after| **after >= *prefix) {
            Some(after) => Sought::Named { start: after.to_owned(), with_start: false, end },
            None => Sought::Named { start: prefix, with_start: true, end },
        }
    }

    /// Whether a player agrees with the search; for what was not found by its name.
    pub(super) fn keeps(&self, line: &PlayerLine, after: Option<&str>) -> bool {
        let lasts = |until: Option<Millis>| until.is_some_and(|until| until > self.now);
        (!self.banned || lasts(line.banned_until))
            && (!self.muted || lasts(line.muted_until))
            && after.is_none_or(|after| *line.name_key > *after)
    }
}

impl AuditFilter {
    /// Whether a line agrees with it.
    pub(super) fn keeps(&self, entry: &AuditEntry) -> bool {
        self.operator.is_none_or(|operator| entry.by.operator == operator)
            && self.action.as_ref().is_none_or(|action| entry.action == *action)
            && self.target.as_ref().is_none_or(|target| entry.target == *target)
            && self.undoes.is_none_or(|undoes| entry.undoes == Some(undoes))
    }

    /// Whether it holds a text that no line can have, and that PostgreSQL does not understand.
    pub(super) fn is_impossible(&self) -> bool {
        [&self.action, &self.target].into_iter().flatten().any(|text| text.contains('\0'))
    }

    /// Which columns are compared: one bit each, in the order of [`AUDIT_COLUMNS`].
    pub(super) fn columns(&self) -> usize {
        let given = [self.operator.is_some(), self.action.is_some(), self.target.is_some(), self.undoes.is_some()];
        given.into_iter().enumerate().map(|(bit, given)| usize::from(given) << bit).sum()
    }
}

/// What an [`AuditFilter`] compares.
pub(super) const AUDIT_COLUMNS: [&str; 4] = ["operator", "action", "target", "undoes"];

/// The columns of a line of the audit log, without its document.
pub(super) struct AuditColumns {
    pub(super) seq: u64,
    pub(super) at: Millis,
    pub(super) operator: OperatorId,
    pub(super) operator_name: String,
    pub(super) action: String,
    pub(super) target: String,
    pub(super) undoes: Option<u64>,
    pub(super) undone_by: Option<u64>,
}

impl AuditColumns {
    /// The line, with what stands in its document.
    pub(super) fn with(self, record: AuditRecord) -> AuditLine {
        let AuditRecord::V1(rest) = record;
        let entry = AuditEntry {
            seq: self.seq,
            at_ms: self.at,
            by: By { operator: self.operator, name: self.operator_name, address: rest.address },
            action: self.action,
            target: self.target,
            target_name: rest.target_name,
            reason: rest.reason,
            before: rest.before,
            after: rest.after,
            undo: rest.undo,
            undoes: self.undoes,
        };
        AuditLine { entry, undone_by: self.undone_by }
    }
}

/// The columns of a row of the ledger.
pub(super) struct LedgerColumns {
    pub(super) seq: u64,
    pub(super) at: Millis,
    pub(super) reason: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) item: Option<String>,
    pub(super) amount: u64,
    pub(super) command: Option<u64>,
    pub(super) transfer: Option<String>,
}

impl LedgerColumns {
    /// The row.
    pub(super) fn line(self) -> Result<LedgerLine, StoreError> {
        let unknown = || corrupt("ledger", &self.seq, &format_args!("{:?} is no reason", self.reason));
        let reason = LedgerReason::ALL.iter().find(|reason| reason.as_str() == self.reason).ok_or_else(unknown)?;
        let (from, item) = ledger_key(&self.from, self.item.as_deref())?;
        let (to, _) = ledger_key(&self.to, None)?;
        let (command, transfer) = (self.command.map(CommandId), self.transfer.map(TransferId::from_stored));
        let (at, amount) = (self.at, self.amount);
        let entry = LedgerEntry { at, reason: *reason, from, to, item, amount, command, transfer };
        Ok(LedgerLine { seq: self.seq, entry })
    }
}

/// What somebody held, from what it is today and what has moved since.
pub(super) fn held_before(today: Balance, since: impl IntoIterator<Item = (Option<ItemKey>, i64)>) -> Balance {
    let mut back = Balance::default();
    for (item, sum) in since {
        match item {
            None => back.credits = back.credits.saturating_sub(sum),
            Some(item) => *back.goods.entry(item).or_default() -= sum,
        }
    }
    let mut held = today;
    held.add(&back);
    held
}
