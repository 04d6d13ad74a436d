//! Which commands were answered, and how: what makes a repeat harmless.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use orrery_core::types::CommandId;

use crate::actors::session_link::Answer;
use crate::store::{CommandRow, REMEMBERED_PER_PLAYER};
use orrery_core::protocol::{ErrorBody, ErrorCode};

/// An economic command that was answered.
#[derive(Clone, Debug)]
pub(super) struct AnsweredCommand {
    pub(super) fingerprint: u64,
    pub(super) answer: Answer,
    /// The commit that holds it; 0 when it was loaded, and so is durable.
    pub(super) commit: u64,
}

impl From<&CommandRow> for AnsweredCommand {
    fn from(row: &CommandRow) -> Self {
        let answer = if row.applied {
            Answer::Ok(row.answer.clone())
        } else {
            let unreadable = |_| ErrorBody::new(ErrorCode::Internal, "the stored answer cannot be read");
            Answer::Error(serde_json::from_value(row.answer.clone()).unwrap_or_else(unreadable))
        };
        Self { fingerprint: row.fingerprint, answer, commit: 0 }
    }
}

/// The last [`REMEMBERED_PER_PLAYER`] entries, oldest forgotten first.
#[derive(Debug)]
struct Recent<K, V> {
    order: VecDeque<K>,
    entries: HashMap<K, V>,
}

impl<K: Clone + Eq + Hash, V> Recent<K, V> {
    fn new() -> Self {
        Self { order: VecDeque::new(), entries: HashMap::new() }
    }

    fn insert(&mut self, key: K, value: V) {
        if self.entries.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > REMEMBERED_PER_PLAYER
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }
}

/// A player's memory of what was done.
#[derive(Debug)]
pub(super) struct Remembered {
    commands: Recent<CommandId, AnsweredCommand>,
}

impl Remembered {
    pub(super) fn new(commands: &[CommandRow]) -> Self {
        let mut remembered = Self { commands: Recent::new() };
        commands.iter().for_each(|row| remembered.commands.insert(row.id, row.into()));
        remembered
    }

    pub(super) fn command(&self, id: CommandId) -> Option<&AnsweredCommand> {
        self.commands.entries.get(&id)
    }

    pub(super) fn remember_command(&mut self, id: CommandId, answered: AnsweredCommand) {
        self.commands.insert(id, answered);
    }
}
