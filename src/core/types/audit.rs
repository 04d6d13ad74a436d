//! The audit log: what operators did. Appended, never changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{By, Millis};

/// One thing that was done, written in the same commit as its effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number; counts up, from 1. There may be gaps.
    pub seq: u64,
    /// When.
    pub at_ms: Millis,
    /// Who did it.
    pub by: By,
    /// What: words in snake case, such as `grant`.
    pub action: String,
    /// What it was done to: `player:<uuid>`, `world:<key>`, ….
    pub target: String,
    /// The target's name at that time.
    pub target_name: String,
    /// Why, in the operator's words.
    pub reason: String,
    /// What it was before, as far as it was changed.
    pub before: Value,
    /// What it was afterwards.
    pub after: Value,
    /// The change that takes it back, in the form of a request's `change`; `None`: it cannot be undone.
    pub undo: Option<Value>,
    /// The entry that this one takes back.
    pub undoes: Option<u64>,
}
