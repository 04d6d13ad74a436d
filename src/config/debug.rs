//! `[debug]`: what only tests switch on.

use serde::{Deserialize, Serialize};

/// For tests only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DebugConfig {
    /// The WebSocket route `/debug/echo`, for conformance suites.
    pub echo: bool,
    /// Commands that break things on purpose: `debug_panic`.
    pub commands: bool,
}
