//! Who may not come in because of maintenance, and when to try again. The rule is `game::maintenance`'s; here it is asked
//! by whoever lets somebody in: sessions at `hello`, the HTTP API at log-in and at each command.

use std::time::Duration;

use orrery_core::protocol::{ErrorBody, ErrorCode};
use orrery_core::types::PlayerId;

use crate::actors::node::Node;

/// When somebody should come back, in ms, and over how many more all are spread by chance. Long enough that thousands who
/// wait outside cost nothing, short enough that they are back soon when it opens.
const RETRY_MS: u64 = 15_000;
const RETRY_SPREAD_MS: u64 = 30_000;

/// The galaxy is closed to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    /// What the operators say about it.
    pub(crate) message: String,
    /// When to come back.
    pub(crate) retry_after: Duration,
}

impl Closed {
    /// The error that a player is answered.
    pub(crate) fn error(&self) -> ErrorBody {
        let retry_after_ms = u64::try_from(self.retry_after.as_millis()).unwrap_or(u64::MAX);
        ErrorBody::new(ErrorCode::Maintenance, self.message.clone()).retry_after_ms(retry_after_ms)
    }
}

/// Whether it is closed to a player; a guest to be is nobody yet. Who has a session, or may resume one, is inside.
pub(crate) fn closed_to(node: &Node, player: Option<PlayerId>) -> Option<Closed> {
    let doors = node.doors.current();
    let is_inside = player.is_some_and(|player| node.topics.is_online(player));
    (!doors.admits(player, is_inside)).then(|| closed(&doors.message))
}

/// Whether it is closed to the player with this name, who is not known yet otherwise.
pub(crate) fn closed_to_name(node: &Node, name: &str) -> Option<Closed> {
    (!node.doors.admits_name(name)).then(|| closed(&node.doors.current().message))
}

fn closed(message: &str) -> Closed {
    let retry_after = Duration::from_millis(RETRY_MS + rand::random_range(0..=RETRY_SPREAD_MS));
    Closed { message: message.to_owned(), retry_after }
}
