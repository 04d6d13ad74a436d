//! What the server's tests are written with: a real server ([`server`]), its content ([`arena`]), bare connections
//! ([`wire`]) and players ([`player`]).

pub(crate) mod arena;
pub(crate) mod economy;
pub(crate) mod http;
pub(crate) mod player;
pub(crate) mod server;
pub(crate) mod social;
pub(crate) mod wire;

pub(crate) use http::Http;
pub(crate) use player::{Player, command};
pub(crate) use server::Server;
pub(crate) use wire::{Frame, Wire};

use std::time::{Duration, Instant};

/// What has not happened after this long will not happen: a limit for failures, never a time to wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// Asks again and again until the answer is yes. For states that no message tells, such as metrics.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
