//! `[limits]`: rates. Per minute, unless the name says otherwise.

use serde::{Deserialize, Serialize};

use super::check::Range;

/// Rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Log-ins per address. 1 to 1,000,000.
    pub logins_per_address: u32,
    /// Registrations and new guests per address. 1 to 1,000,000.
    pub registrations_per_address: u32,
    /// Failed log-ins per account. 1 to 1,000,000.
    pub login_failures_per_account: u32,
    /// Addresses of the loopback range count for none of the limits per address.
    pub exempt_loopback: bool,
    /// Flight commands per player and second. 1 to 1,000.
    pub flight_per_second: u32,
    /// Commands that move goods or credits, per player and second. 1 to 1,000.
    pub economy_per_second: u32,
    /// Questions, per player and second. 1 to 1,000.
    pub query_per_second: u32,
    /// Frames of any kind per connection and second; far beyond, the connection is closed with 4029. 10 to 10,000.
    pub frames_per_second: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            logins_per_address: 5,
            registrations_per_address: 2,
            login_failures_per_account: 5,
            exempt_loopback: false,
            flight_per_second: 20,
            economy_per_second: 10,
            query_per_second: 10,
            frames_per_second: 100,
        }
    }
}

impl LimitsConfig {
    /// The ranges of whole numbers, both ends included, by key.
    pub(super) const RANGES: &'static [Range] = &[
        ("logins_per_address", 1, 1_000_000),
        ("registrations_per_address", 1, 1_000_000),
        ("login_failures_per_account", 1, 1_000_000),
        ("flight_per_second", 1, 1_000),
        ("economy_per_second", 1, 1_000),
        ("query_per_second", 1, 1_000),
        ("frames_per_second", 10, 10_000),
    ];
}
