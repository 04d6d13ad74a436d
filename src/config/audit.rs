//! `[audit]`: how often stored state is compared with the ledger.

use serde::{Deserialize, Serialize};

use super::check::Range;

/// How often stored state is compared with the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// How often, in ms. 0 to 86,400,000; 0: never.
    pub every_ms: u64,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self { every_ms: 30_000 }
    }
}

impl AuditConfig {
    /// The ranges of whole numbers, both ends included, by key.
    pub(super) const RANGES: &'static [Range] = &[("every_ms", 0, 86_400_000)];
}
