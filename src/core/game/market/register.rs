//! Rows by id, found also by the players they belong to and by when they are due. Everything is logarithmic: a hub may
//! have tens of thousands.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::types::{Millis, PlayerId};

/// What a [`Register`] keeps.
pub(super) trait Row {
    /// Its id.
    type Id: Copy + Ord;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// When something is to be done about it.
    fn due(&self) -> Millis;

    /// The players it belongs to: who made it, and who has bid or accepted.
    fn people(&self) -> [Option<PlayerId>; 2];
}

/// Rows and their indices.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Register<R: Row> {
    rows: BTreeMap<R::Id, R>,
    of_player: BTreeMap<PlayerId, BTreeSet<R::Id>>,
    dues: BTreeSet<(Millis, R::Id)>,
}

impl<R: Row> Default for Register<R> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), of_player: BTreeMap::new(), dues: BTreeSet::new() }
    }
}

impl<R: Row> Register<R> {
    /// Adds a row, in place of the one with its id.
    pub(super) fn insert(&mut self, row: R) {
        let id = row.id();
        self.remove(id);
        self.dues.insert((row.due(), id));
        for player in row.people().into_iter().flatten() {
            self.of_player.entry(player).or_default().insert(id);
        }
        self.rows.insert(id, row);
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, id: R::Id) -> Option<R> {
        let row = self.rows.remove(&id)?;
        self.dues.remove(&(row.due(), id));
        for player in row.people().into_iter().flatten() {
            if let Some(ids) = self.of_player.get_mut(&player) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.of_player.remove(&player);
                }
            }
        }
        Some(row)
    }

    /// The row with this id.
    pub(super) fn get(&self, id: R::Id) -> Option<&R> {
        self.rows.get(&id)
    }

    /// All rows, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = &R> {
        self.rows.values()
    }

    /// Rows with a larger id than this one; all, without one.
    pub(super) fn after(&self, id: Option<R::Id>) -> impl Iterator<Item = &R> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.rows.range((from, Bound::Unbounded)).map(|(_, row)| row)
    }

    /// A player's rows, by id.
    pub(super) fn of_player(&self, player: PlayerId) -> impl Iterator<Item = &R> {
        self.of_player.get(&player).into_iter().flatten().filter_map(|id| self.rows.get(id))
    }

    /// How many of a player's there are.
    pub(super) fn count_of(&self, player: PlayerId) -> usize {
        self.of_player.get(&player).map_or(0, BTreeSet::len)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// When the first is due.
    pub(super) fn first_due(&self) -> Option<Millis> {
        self.dues.first().map(|(due, _)| *due)
    }

    /// The first of those that are due, if one is.
    pub(super) fn overdue(&self, now: Millis) -> Option<R::Id> {
        self.dues.first().filter(|(due, _)| *due <= now).map(|(_, id)| *id)
    }
}
