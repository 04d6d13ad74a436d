//! What actors tell sessions. A session is known here only as the recipient of [`Note`]s.

use std::collections::VecDeque;

use actix::{Message, Recipient};
use orrery_core::protocol::{Envelope, ErrorBody, ErrorCode, ServerMessage};
use orrery_core::types::CommandId;
use serde_json::Value;

use super::world::WorldHandle;
use orrery_core::protocol::answer::Entered;

/// The answer to a command, as the client gets it.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Carried out.
    Ok(Value),
    /// Refused.
    Error(ErrorBody),
}

impl Answer {
    /// Carried out, with this body.
    pub fn ok<T: serde::Serialize>(body: &T) -> Self {
        // Our own bodies have string keys only and always become JSON.
        Self::Ok(serde_json::to_value(body).unwrap_or_default())
    }

    /// Refused, without details.
    #[must_use]
    pub fn error(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Error(ErrorBody::new(code, message))
    }

    /// The message on the wire.
    #[must_use]
    pub fn into_message(self) -> ServerMessage {
        match self {
            Self::Ok(body) => ServerMessage::Ok(body),
            Self::Error(body) => ServerMessage::Error(body),
        }
    }
}

/// Something a session must know.
#[derive(Message)]
#[rtype(result = "()")]
pub enum Note {
    /// A command's answer. `commit` is the number of the commit it waited for, 0 for none.
    Answer {
        /// Which command.
        id: Option<CommandId>,
        /// What became of it.
        answer: Answer,
        /// The session's watermark may advance to this.
        commit: u64,
    },
    /// An event for the client; reliable.
    Event(ServerMessage),
    /// The ship is in this world now.
    Entered(Entered, WorldHandle),
    /// The world has been silent: it may have failed. Join it again.
    WorldSilent,
    /// The client has not read for too long.
    TooSlow,
    /// The same player connected anew.
    Replaced,
    /// Another connection takes this session up: give it all there is.
    HandOver(Recipient<Note>),
    /// What the interrupted session left.
    TakeOver(Box<Reliable>),
    /// The server is about to stop.
    Shutdown,
}

impl Note {
    /// Whether it carries something that the client must get, whichever session it has by then.
    #[must_use]
    pub fn is_for_client(&self) -> bool {
        matches!(self, Self::Answer { .. } | Self::Event(_) | Self::Entered(..))
    }
}

/// The reliable side of a session: numbers what it sends, and keeps what may have to be sent again.
#[derive(Debug)]
pub struct Reliable {
    next: u64,
    ring: VecDeque<Envelope<ServerMessage>>,
    ring_max: usize,
}

impl Reliable {
    /// A new session's; keeps at most `ring_max` messages.
    #[must_use]
    pub fn new(ring_max: usize) -> Self {
        Self { next: 1, ring: VecDeque::new(), ring_max }
    }

    /// Numbers a message and keeps it; returns it as it is to be sent.
    pub fn push(&mut self, message: ServerMessage, id: Option<CommandId>) -> Envelope<ServerMessage> {
        let envelope = Envelope { message, id, number: Some(self.next) };
        self.next += 1;
        if self.ring.len() >= self.ring_max {
            self.ring.pop_front();
        }
        self.ring.push_back(envelope.clone());
        envelope
    }

    /// The client has seen everything up to this number: it need not be kept.
    pub fn seen(&mut self, number: u64) {
        while self.ring.front().and_then(|kept| kept.number).is_some_and(|kept| kept <= number) {
            self.ring.pop_front();
        }
    }

    /// What follows the last message seen; `None` when some of it is not kept any longer, or was never sent.
    #[must_use]
    pub fn after(&self, seen: u64) -> Option<impl Iterator<Item = &Envelope<ServerMessage>>> {
        let first_kept = self.ring.front().and_then(|kept| kept.number).unwrap_or(self.next);
        let known = seen < self.next && seen + 1 >= first_kept;
        known.then(|| self.ring.iter().filter(move |kept| kept.number.is_some_and(|number| number > seen)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(reliable: &Reliable, seen: u64) -> Option<Vec<u64>> {
        Some(reliable.after(seen)?.filter_map(|kept| kept.number).collect())
    }

    #[test]
    fn a_resume_replays_what_was_missed_or_says_that_it_cannot() {
        let mut reliable = Reliable::new(3);
        assert_eq!(numbers(&reliable, 0), Some(vec![]));
        for _ in 0..5 {
            reliable.push(ServerMessage::Ok(Value::Null), None);
        }
        assert_eq!(numbers(&reliable, 5), Some(vec![]));
        assert_eq!(numbers(&reliable, 2), Some(vec![3, 4, 5]));
        assert_eq!(numbers(&reliable, 1), None, "message 2 is not kept");
        assert_eq!(numbers(&reliable, 6), None, "message 6 was never sent");
        reliable.seen(4);
        assert_eq!(numbers(&reliable, 4), Some(vec![5]));
    }
}
