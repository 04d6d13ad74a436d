//! What actors tell sessions. A session is known here only as the recipient of [`Note`]s.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use actix::{Message, Recipient};
use orrery_core::protocol::server_message::Dilation;
use orrery_core::protocol::{Encoding, Envelope, ErrorBody, ErrorCode, ServerMessage, decode_server, encode_server};
use orrery_core::types::{CommandId, Millis};
use serde_json::Value;
use tokio::sync::oneshot;

use super::notices::Shown;
use super::world::{Joined, WorldHandle};

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
    Entered(Joined, WorldHandle),
    /// How long a tick of the ship's world lasts from now on; for the client, but nobody needs an old one.
    Pace(Dilation),
    /// Operators announce something, or it is over; for the client, once it was welcomed.
    Announce(Shown),
    /// The galaxy is being drained, and it is this session's turn.
    Dismiss(Dismissal),
    /// The world has been silent and may have failed, or the ship is not where it was: find it and join again.
    Rejoin,
    /// The player's actor makes way for a successor: attach to that one.
    Reattach,
    /// The client has not read for too long.
    TooSlow,
    /// The same player connected anew.
    Replaced,
    /// Another connection takes this session up: give it all there is.
    HandOver(Recipient<Note>),
    /// What the interrupted session left.
    TakeOver(Box<Reliable>),
    /// An operator sends the player away.
    Expelled {
        /// What the client is told before the farewell, if there is more to say than that.
        error: Option<ErrorBody>,
        /// Why, for the player.
        reason: String,
    },
    /// Tell how the connection is.
    Describe(oneshot::Sender<SessionReport>),
    /// The server is about to stop.
    Shutdown,
}

/// Why a session has to go, and when its player may come back.
#[derive(Clone, Debug)]
pub struct Dismissal {
    /// What the player is told.
    pub reason: Arc<str>,
    /// How long to stay away, in ms.
    pub retry_after_ms: u64,
}

/// A session, as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionReport {
    /// Where the client is; `None` where the socket did not tell.
    pub address: Option<IpAddr>,
    /// Whether it is connected; one that is not waits to be resumed.
    pub connected: bool,
    /// When it began, or took up an interrupted one.
    pub since: Millis,
    /// How its messages are written.
    pub encoding: Encoding,
    /// Milliseconds since it was heard last.
    pub silent_ms: u64,
    /// By how much it is sent less of what is far away; 0: it gets everything.
    pub level: usize,
    /// The last commit that one of its answers waited for.
    pub durable: u64,
    /// Reliable messages it was sent.
    pub messages: u64,
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
    ring: VecDeque<Kept>,
    bytes: usize,
    limits: RingLimits,
}

/// How much is kept for a resume.
#[derive(Clone, Copy, Debug)]
pub struct RingLimits {
    /// Messages.
    pub messages: usize,
    /// Their bytes, as sent.
    pub bytes: usize,
}

/// A message as it was sent.
#[derive(Debug)]
struct Kept {
    number: u64,
    encoding: Encoding,
    payload: Vec<u8>,
}

impl Reliable {
    /// A new session's.
    #[must_use]
    pub fn new(limits: RingLimits) -> Self {
        Self { next: 1, ring: VecDeque::new(), bytes: 0, limits }
    }

    /// How many messages were numbered.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.next - 1
    }

    /// Numbers a message and keeps it; returns its bytes as they are to be sent.
    pub fn push(&mut self, message: ServerMessage, id: Option<CommandId>, encoding: Encoding) -> &[u8] {
        let number = self.next;
        self.next += 1;
        let payload = encode_server(encoding, &Envelope { message, id, number: Some(number) });
        self.bytes += payload.len();
        self.ring.push_back(Kept { number, encoding, payload });
        while self.ring.len() > 1 && (self.ring.len() > self.limits.messages || self.bytes > self.limits.bytes) {
            self.forget_first();
        }
        // It was put in just now, and the last one always stays.
        self.ring.back().map_or(&[], |kept| kept.payload.as_slice())
    }

    /// The client has seen everything up to this number: it need not be kept.
    pub fn seen(&mut self, number: u64) {
        while self.ring.front().is_some_and(|kept| kept.number <= number) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some(kept) = self.ring.pop_front() {
            self.bytes -= kept.payload.len();
        }
    }

    /// The bytes, in this encoding, of what follows the last message seen; `None` when some of it is not kept any
    /// longer, or was never sent.
    #[must_use]
    pub fn after(&self, seen: u64, encoding: Encoding) -> Option<Vec<Vec<u8>>> {
        let first_kept = self.ring.front().map_or(self.next, |kept| kept.number);
        if seen >= self.next || seen + 1 < first_kept {
            return None;
        }
        let missed = self.ring.iter().filter(|kept| kept.number > seen);
        missed.map(|kept| kept.in_encoding(encoding)).collect()
    }
}

impl Kept {
    /// A client may come back with the other subprotocol.
    fn in_encoding(&self, encoding: Encoding) -> Option<Vec<u8>> {
        if self.encoding == encoding {
            return Some(self.payload.clone());
        }
        let envelope = decode_server(self.encoding, &self.payload).ok()?;
        Some(encode_server(encoding, &envelope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENCODING: Encoding = Encoding::MessagePack;

    fn numbers(reliable: &Reliable, seen: u64, encoding: Encoding) -> Option<Vec<u64>> {
        let missed = reliable.after(seen, encoding)?;
        Some(missed.iter().filter_map(|bytes| decode_server(encoding, bytes).unwrap().number).collect())
    }

    fn push(reliable: &mut Reliable, text: &str) {
        reliable.push(ServerMessage::Ok(Value::from(text)), None, ENCODING);
    }

    #[test]
    fn a_resume_replays_what_was_missed_or_says_that_it_cannot() {
        let mut reliable = Reliable::new(RingLimits { messages: 3, bytes: 1_000 });
        assert_eq!(numbers(&reliable, 0, ENCODING), Some(vec![]));
        (0..5).for_each(|_| push(&mut reliable, ""));
        assert_eq!(numbers(&reliable, 5, ENCODING), Some(vec![]));
        assert_eq!(numbers(&reliable, 2, ENCODING), Some(vec![3, 4, 5]));
        assert_eq!(numbers(&reliable, 2, Encoding::Json), Some(vec![3, 4, 5]), "in the other encoding");
        assert_eq!(numbers(&reliable, 1, ENCODING), None, "message 2 is not kept");
        assert_eq!(numbers(&reliable, 6, ENCODING), None, "message 6 was never sent");
        assert_eq!(numbers(&reliable, u64::MAX, ENCODING), None);
        reliable.seen(4);
        assert_eq!(numbers(&reliable, 4, ENCODING), Some(vec![5]));
    }

    #[test]
    fn large_messages_are_kept_for_as_long_as_their_bytes_fit() {
        let mut reliable = Reliable::new(RingLimits { messages: 100, bytes: 1_000 });
        (0..10).for_each(|_| push(&mut reliable, &"x".repeat(400)));
        assert_eq!(numbers(&reliable, 8, ENCODING), Some(vec![9, 10]));
        assert_eq!(numbers(&reliable, 7, ENCODING), None);
        push(&mut reliable, &"x".repeat(5_000));
        assert_eq!(numbers(&reliable, 10, ENCODING), Some(vec![11]), "the last one always stays");
    }
}
