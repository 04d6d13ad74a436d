//! What operators have set for the whole server and want to find again after a restart: maintenance mode, announcements,
//! what became of reports, whom the logs are to forget. Few and small values, all in memory; each has an owner, the part of the server that is
//! named by its key, and only that part changes it.

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use serde_json::Value;

use super::node::Node;
use super::persister::Persister;
use crate::store::{Commit, Row, StoreError, Versioned, Write};

/// The values by key. Usable from any thread; no guard outlives a call.
#[derive(Default)]
pub struct ConsoleState {
    by_key: DashMap<String, Versioned<Value>>,
}

/// A change of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The value's version now; 0 when it is gone.
    pub version: u64,
    /// The number of its commit: see [`Persister::wait_durable`].
    pub commit: u64,
}

impl ConsoleState {
    /// The value with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Versioned<Value>> {
        self.by_key.get(key).map(|value| value.clone())
    }

    /// The values whose keys begin so, by key.
    #[must_use]
    pub fn under(&self, prefix: &str) -> Vec<(String, Versioned<Value>)> {
        let found = self.by_key.iter().filter(|entry| entry.key().starts_with(prefix));
        let mut found: Vec<_> = found.map(|entry| (entry.key().clone(), entry.value().clone())).collect();
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        found
    }

    /// A new value is in a commit that is in the queue; nobody else makes a value with this key.
    pub(super) fn know(&self, key: String, value: Versioned<Value>) {
        self.by_key.insert(key, value);
    }

    /// Changes a value: `change` gets it as it is, and says what it becomes and what is to be committed with it, such as
    /// the line of the audit log. Nobody else changes the value meanwhile, so `change` may compare versions; it must be
    /// quick, and must not touch the values itself. The commit is in the queue when this returns, not durable yet.
    ///
    /// # Errors
    /// Those of `change`; then nothing has changed.
    pub fn change<E>(
        &self,
        persister: &Persister,
        key: &str,
        change: impl FnOnce(Option<&Versioned<Value>>) -> Result<(Row<Value>, Commit), E>,
    ) -> Result<Changed, E> {
        let entry = self.by_key.entry(key.to_owned());
        let old = match &entry {
            Entry::Occupied(old) => Some(old.get()),
            Entry::Vacant(_) => None,
        };
        let version = old.map_or(0, |old| old.version) + 1;
        let (row, mut commit) = change(old)?;
        let row = match row {
            Row::Put(record) => Row::Put(Versioned { version, record }),
            Row::Delete => Row::Delete,
        };
        commit.push(Write::ConsoleState(key.to_owned(), row.clone()));
        // Within the entry's lock, so that the queue's order is that of the changes.
        let number = persister.enqueue(commit);
        match (row, entry) {
            (Row::Put(value), entry) => {
                entry.insert(value);
                Ok(Changed { version, commit: number })
            }
            (Row::Delete, entry) => {
                if let Entry::Occupied(old) = entry {
                    old.remove();
                }
                Ok(Changed { version: 0, commit: number })
            }
        }
    }
}

/// Finds the values that were stored. To be called once, at the start.
///
/// # Errors
/// The store does not answer, or holds what cannot be read.
pub async fn restore(node: &Node) -> Result<(), StoreError> {
    for (key, value) in node.store.console_state().await? {
        node.console_state.by_key.insert(key, value);
    }
    Ok(())
}
