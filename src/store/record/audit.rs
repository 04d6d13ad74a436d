//! The stored form of what a line of the audit log has besides its columns.

use orrery_core::types::AuditEntry;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The rest of a line of the audit log, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum AuditRecord {
    /// Since 0.3.
    #[serde(rename = "1")]
    V1(AuditV1),
}

/// Version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditV1 {
    pub(in crate::store) address: String,
    pub(in crate::store) target_name: String,
    pub(in crate::store) reason: String,
    pub(in crate::store) before: Value,
    pub(in crate::store) after: Value,
    pub(in crate::store) undo: Option<Value>,
}

impl From<&AuditEntry> for AuditRecord {
    fn from(entry: &AuditEntry) -> Self {
        Self::V1(AuditV1 {
            address: entry.by.address.clone(),
            target_name: entry.target_name.clone(),
            reason: entry.reason.clone(),
            before: entry.before.clone(),
            after: entry.after.clone(),
            undo: entry.undo.clone(),
        })
    }
}
