//! Friends, blocks and notifications.

use super::event::Notice;
use super::wire;
use crate::types::{Millis, PlayerId};

wire! {
    /// Another player.
    Other {
        /// Who.
        player: PlayerId,
    }
    /// `read_notifications`.
    ReadNotifications {
        /// The last one read.
        up_to: u64,
    }
    /// `notifications`.
    AskNotifications {
        /// Those before this number; the newest, when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
        /// At most so many, 1 to 100; 20 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u16>,
    }
    /// Answers the deals of this file.
    SocialChanged {
        /// The other player.
        player: PlayerId,
        /// Whether the two are friends now.
        friends: bool,
    }
    /// Answers `read_notifications`.
    NotificationsRead {
        /// The last one read.
        up_to: u64,
        /// How many are unread.
        unread: u64,
    }
    /// A friend, or somebody who is to become one.
    FriendView {
        /// Who.
        player: PlayerId,
        /// The name, as of when they became friends.
        name: String,
        /// Whether both have agreed.
        agreed: bool,
        /// Whether the friend is here now; `false` as long as not both have agreed.
        online: bool,
    }
    /// Answers `friends`.
    Friends {
        /// Friends, and those who were asked.
        friends: Vec<FriendView>,
        /// Who has asked and waits.
        requests: Vec<FriendView>,
        /// Who is blocked.
        blocked: Vec<PlayerId>,
        /// Who is muted.
        muted: Vec<PlayerId>,
    }
    /// A notification as it is kept.
    Notification {
        /// Its number; counts up from 1 within the player.
        seq: u64,
        /// When.
        at_ms: Millis,
        /// What.
        notice: Notice,
    }
    /// Answers `notifications`.
    Notifications {
        /// Newest first.
        items: Vec<Notification>,
        /// `before` of the next page; `null` on the last.
        next_cursor: Option<u64>,
        /// How many are unread.
        unread: u64,
    }
}
