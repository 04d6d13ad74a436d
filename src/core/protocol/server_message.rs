//! What the server sends.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answer::Entered;
use super::cell_frame::CellsBody;
use super::envelope::messages;
use super::{CloseCode, ErrorCode};
use crate::types::economy::event::{AuctionChanged, ChatLine, Event, MissionProgress, Presence, Ticker};
use crate::types::economy::social::Notification;
use crate::types::{Announcement, Millis, PlayerId, Refusal, TechKey, Tick};

messages! {
    /// A message from the server.
    ServerMessage {
        /// The answer to `hello`.
        "welcome" => Welcome(Box<Welcome>),
        /// A command was carried out. The body is one of the structures in `answer`; reliable.
        "ok" => Ok(Value),
        /// A command was refused, or a message was wrong; reliable when it answers a command.
        "error" => Error(ErrorBody),
        /// What changed in the cells in view. Not numbered: what a slow client misses it gets as snapshots.
        "cells" => Cells(CellsBody),
        /// The ship is in another world now; reliable.
        "entered" => Entered(Entered),
        /// A research is finished; reliable.
        "research_done" => ResearchDone(ResearchDone),
        /// A notification; reliable.
        "notification" => Notification(Box<Notification>),
        /// How many notifications are unread; after each welcome. Reliable.
        "unread" => Unread(Unread),
        /// Somebody said something; reliable.
        "chat" => Chat(ChatLine),
        /// A friend came or went; reliable.
        "presence" => Presence(Presence),
        /// A trade or other best prices, for who follows a ticker; reliable.
        "ticker" => Ticker(Ticker),
        /// An auction has changed, for who follows a hub's auctions; reliable.
        "auction_changed" => AuctionChanged(AuctionChanged),
        /// A mission has moved on, for who follows it; reliable.
        "mission_progress" => MissionProgress(Box<MissionProgress>),
        /// The operators announce something to everybody, or it is over. Not numbered: whatever lasts comes again after each
        /// welcome.
        "announcement" => Announcement(Announcement),
        /// A world's ticks last longer than usual, or as long as usual again.
        "dilation" => Dilation(Dilation),
        /// The server's sign of life.
        "heartbeat" => Heartbeat(ServerHeartbeat),
        /// The server is about to close this connection.
        "bye" => Bye(Bye),
    }
}

/// Who the client is, where its ship is, and what holds for this session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Welcome {
    /// The player.
    pub player: PlayerId,
    /// The player's name.
    pub name: String,
    /// Whether the player is a guest, whose account can still be claimed.
    pub guest: bool,
    /// A guest that was made just now: how to come back as the same.
    #[serde(default)]
    pub account: Option<NewGuest>,
    /// What to give `hello` after a lost connection. A secret; new with every welcome.
    pub resume_token: String,
    /// Whether the old session goes on: what was missed follows. Otherwise this is a new one, and numbers start at 1.
    pub resumed: bool,
    /// How long a session without connection is kept.
    pub resume_window_ms: u64,
    /// How often each side sends a heartbeat; after three silent ones the other side is gone.
    pub heartbeat_ms: u64,
    /// Ticks per second.
    pub tick_hz: u32,
    /// A cell's side, in units.
    pub cell_units: u32,
    /// The interest radius, in units.
    pub interest_radius_units: u32,
    /// The catalogue's version: as in the `ETag` of `/api/v1/catalog`.
    pub catalog: String,
    /// Where the ship is.
    pub world: Entered,
    /// The node's durable watermark: commits up to this number survive anything.
    pub durable: u64,
}

/// A guest's way back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NewGuest {
    /// Short-lived.
    pub access_token: String,
    /// For `POST /api/v1/auth/refresh`.
    pub refresh_token: String,
}

impl std::fmt::Debug for NewGuest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewGuest(tokens not shown)")
    }
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// For programs: a name of [`ErrorCode`].
    #[cfg_attr(test, schemars(with = "ErrorCode"))]
    pub code: String,
    /// For people.
    pub message: String,
    /// Worth another try after this long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The numbers behind it: what was needed, what is there.
    #[serde(flatten)]
    pub details: Map<String, Value>,
}

impl ErrorBody {
    /// An error without details.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code: code.as_str().to_owned(), message: message.into(), retry_after_ms: None, details: Map::new() }
    }

    /// Adds the hint when to try again.
    #[must_use]
    pub fn retry_after_ms(mut self, millis: u64) -> Self {
        self.retry_after_ms = Some(millis);
        self
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

impl From<Refusal> for ErrorBody {
    fn from(refusal: Refusal) -> Self {
        Self { details: refusal.details, ..Self::new(refusal.code, refusal.message) }
    }
}

impl From<Event> for ServerMessage {
    fn from(event: Event) -> Self {
        match event {
            Event::Ticker(ticker) => Self::Ticker(ticker),
            Event::Auction(changed) => Self::AuctionChanged(changed),
            Event::Mission(progress) => Self::MissionProgress(Box::new(progress)),
        }
    }
}

/// What waits in the player's notifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unread {
    /// How many are unread.
    pub unread: u64,
    /// The number of the last one.
    pub last: u64,
}

/// A finished research.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResearchDone {
    /// What is known now.
    pub tech: TechKey,
}

/// How long a world's ticks last: more than `1000 / tick_hz` while the world is slowed down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Dilation {
    /// Which world.
    pub world_number: u16,
    /// A tick's length from now on, in ms, rounded.
    pub tick_ms: u32,
}

/// The server's sign of life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServerHeartbeat {
    /// The tick of the ship's world.
    pub tick: Tick,
    /// The server's wall clock.
    pub time_ms: Millis,
    /// The node's durable watermark.
    pub durable: u64,
    /// The session's own watermark: the last of its commits that is durable.
    pub session_durable: u64,
}

/// Sent before the close frame, which a browser gets late or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bye {
    /// The close frame's code.
    #[cfg_attr(test, schemars(with = "super::description::CloseCodeNumber"))]
    pub code: u16,
    /// Why, for people.
    pub reason: String,
    /// Whether to come back.
    pub reconnect: bool,
    /// Not before this long.
    pub retry_after_ms: u64,
}

impl Bye {
    /// The farewell that belongs to a close code.
    #[must_use]
    pub fn new(code: CloseCode, reason: impl Into<String>) -> Self {
        Self {
            code: code.as_u16(),
            reason: reason.into(),
            reconnect: code.reconnect(),
            retry_after_ms: code.retry_after_ms(),
        }
    }
}
