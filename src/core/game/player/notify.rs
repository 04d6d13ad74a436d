//! Notifications: kept, numbered, delivered live and after log-in.

use serde::{Deserialize, Serialize};

use super::{Player, Prepared};
use crate::game::Effects;
use crate::types::economy::event::Notice;
use crate::types::economy::social::{Notification, NotificationsRead, ReadNotifications};
use crate::types::{Millis, Refusal};

/// Which notifications there are and which are read. The texts are in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// The number of the last one; they count up from 1.
    pub last: u64,
    /// The last one read.
    pub read: u64,
}

impl Inbox {
    /// How many are unread.
    #[must_use]
    pub fn unread(self) -> u64 {
        self.last.saturating_sub(self.read)
    }
}

impl Player {
    /// Tells the player something that can be read again.
    pub(super) fn notify(&mut self, notice: Notice, now: Millis, fx: &mut Effects) {
        self.inbox.last += 1;
        fx.touched = true;
        fx.notifications.push(Notification { seq: self.inbox.last, at_ms: now, notice });
    }

    pub(super) fn read_notifications(
        &mut self,
        body: &ReadNotifications,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        if body.up_to > self.inbox.last {
            return Err(
                Refusal::bad_request("up_to: no notification has this number yet").with("last", self.inbox.last)
            );
        }
        if body.up_to > self.inbox.read {
            self.inbox.read = body.up_to;
            fx.touched = true;
        }
        Ok(Prepared::done(&NotificationsRead { up_to: self.inbox.read, unread: self.inbox.unread() }))
    }
}
