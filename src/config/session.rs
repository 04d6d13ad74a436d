//! `[session]`: WebSocket sessions.

use serde::{Deserialize, Serialize};

use super::check::{Broken, Range};

/// WebSocket sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionConfig {
    /// Web pages of these origins may connect (`https://game.example`); `*` allows all. Clients that send no Origin,
    /// and pages this server itself delivered, always may.
    pub allowed_origins: Vec<String>,
    /// How long a connection may take to say `hello`, in ms. 100 to 60,000.
    pub hello_timeout_ms: u64,
    /// How often each side sends a heartbeat, in ms; after three silent ones the peer is gone. 500 to 300,000.
    pub heartbeat_ms: u64,
    /// How long a session without connection is kept, in ms. 0 to 600,000.
    pub resume_window_ms: u64,
    /// The largest frame and message a client may send, in bytes. 1,024 to 1,048,576.
    pub frame_bytes_max: usize,
    /// Reliable messages kept for a resume. 8 to 100,000.
    pub ring_messages_max: usize,
    /// Bytes of reliable messages that may wait for a slow client; beyond, it is closed. 16,384 to 67,108,864.
    pub reliable_bytes_max: usize,
    /// Bytes of cell frames that may wait for a slow client; beyond, they are dropped and it gets snapshots. About the
    /// size of a snapshot of a crowded neighbourhood: who is farther behind is served better, and cheaper, by one.
    /// 16,384 to 67,108,864.
    pub cells_bytes_max: usize,
    /// Bytes of cell frames that a client is sent per second at most; beyond, far cells come less often. 0: as many as
    /// there are. 0 to 1,000,000,000.
    pub cells_bytes_per_second: u64,
    /// How long a client may be too slow before it is closed with 4008, in ms. 1,000 to 600,000.
    pub slow_limit_ms: u64,
    /// The kernel's send buffer per connection, in bytes; 0 leaves the system's own. 0 to 16,777,216.
    pub send_buffer_bytes: usize,
    /// Connections at most; beyond, 503 with `Retry-After`. 1 to 1,000,000.
    pub connections_max: usize,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            hello_timeout_ms: 5_000,
            heartbeat_ms: 15_000,
            resume_window_ms: 30_000,
            frame_bytes_max: 64 * 1024,
            ring_messages_max: 256,
            reliable_bytes_max: 256 * 1024,
            cells_bytes_max: 64 * 1024,
            cells_bytes_per_second: 128 * 1024,
            slow_limit_ms: 10_000,
            send_buffer_bytes: 64 * 1024,
            connections_max: 20_000,
        }
    }
}

impl SessionConfig {
    /// The ranges of whole numbers, both ends included, by key.
    pub(super) const RANGES: &'static [Range] = &[
        ("hello_timeout_ms", 100, 60_000),
        ("heartbeat_ms", 500, 300_000),
        ("resume_window_ms", 0, 600_000),
        ("frame_bytes_max", 1_024, 1_048_576),
        ("ring_messages_max", 8, 100_000),
        ("reliable_bytes_max", 16_384, 67_108_864),
        ("cells_bytes_max", 16_384, 67_108_864),
        ("cells_bytes_per_second", 0, 1_000_000_000),
        ("slow_limit_ms", 1_000, 600_000),
        ("send_buffer_bytes", 0, 16_777_216),
        ("connections_max", 1, 1_000_000),
    ];

    /// The rules that are not ranges.
    pub(super) fn validate(&self, broken: &mut Broken) {
        for origin in self.allowed_origins.iter().filter(|origin| !is_origin(origin)) {
            broken.add("session.allowed_origins", format!("{origin:?} must be \"*\" or like \"https://game.example\""));
        }
    }
}

/// Whether a text is what a browser sends as Origin (scheme, host and perhaps port; nothing behind them), or `*`.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text == "*" || host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', '*']))
}
