//! `[limits]`: rates. Per minute, unless the name says otherwise.

use serde::{Deserialize, Serialize};

use super::check::Range;

/// Rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Log-ins under way at once at most, from `hello` until `welcome`; fewer while the server is busy. 1 to 100,000.
    pub logins_at_once: usize,
    /// How long a log-in may take on average before fewer are let in at once, in ms. 10 to 60,000.
    pub login_target_ms: u64,
    /// Connections that have not said `hello` yet at most, an eighth of them from one address; beyond, 503 with
    /// `Retry-After`. 1 to 1,000,000.
    pub strangers_max: usize,
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
    /// Collects, sales to hubs and research, per player and second. 1 to 1,000.
    pub economy_per_second: u32,
    /// Questions, per player and second. 1 to 1,000.
    pub query_per_second: u32,
    /// Deals of any kind, per player. 1 to 1,000,000.
    pub deals_per_minute: u32,
    /// Deals at markets, auctions, contracts and the hubs' own trade, and gifts, per player. 1 to 1,000,000.
    pub trades_per_minute: u32,
    /// Crafting jobs begun or given up, per player. 1 to 1,000,000.
    pub crafting_per_minute: u32,
    /// Contributions to missions, per player. 1 to 1,000,000.
    pub contributions_per_minute: u32,
    /// Lines of chat, per player. 1 to 1,000,000.
    pub chat_per_minute: u32,
    /// Questions over HTTP without a token, per address. 1 to 1,000,000.
    pub reads_per_address: u32,
    /// Frames of any kind per connection and second; far beyond, the connection is closed with 4029. 10 to 10,000.
    pub frames_per_second: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            logins_at_once: 64,
            login_target_ms: 250,
            strangers_max: 1_000,
            logins_per_address: 5,
            registrations_per_address: 2,
            login_failures_per_account: 5,
            exempt_loopback: false,
            flight_per_second: 20,
            economy_per_second: 10,
            query_per_second: 10,
            deals_per_minute: 100,
            trades_per_minute: 20,
            crafting_per_minute: 10,
            contributions_per_minute: 6,
            chat_per_minute: 30,
            reads_per_address: 300,
            frames_per_second: 100,
        }
    }
}

impl LimitsConfig {
    /// The ranges of whole numbers, both ends included, by key.
    pub(super) const RANGES: &'static [Range] = &[
        ("logins_at_once", 1, 100_000),
        ("login_target_ms", 10, 60_000),
        ("strangers_max", 1, 1_000_000),
        ("logins_per_address", 1, 1_000_000),
        ("registrations_per_address", 1, 1_000_000),
        ("login_failures_per_account", 1, 1_000_000),
        ("flight_per_second", 1, 1_000),
        ("economy_per_second", 1, 1_000),
        ("query_per_second", 1, 1_000),
        ("deals_per_minute", 1, 1_000_000),
        ("trades_per_minute", 1, 1_000_000),
        ("crafting_per_minute", 1, 1_000_000),
        ("contributions_per_minute", 1, 1_000_000),
        ("chat_per_minute", 1, 1_000_000),
        ("reads_per_address", 1, 1_000_000),
        ("frames_per_second", 10, 10_000),
    ];
}
