//! The notifications of one player as they come in: live, and read again after a gap. Pure: it says what is to be
//! booked next and whether something is missing.

use std::collections::BTreeMap;

use orrery_core::types::economy::event::Notice;
use orrery_core::types::economy::social::{Notification, Notifications};

/// Notifications are numbered from 1 within a player, without gaps; each is booked once, in their order.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// The last one booked.
    booked: u64,
    /// The last one that is known to exist.
    known: u64,
    /// The last one delivered live in this session: the next one must follow it.
    live: Option<u64>,
    /// Those that came, and those before them did not.
    early: BTreeMap<u64, Notice>,
}

impl Inbox {
    /// A new session begins: what happened in between is not delivered, but can be read.
    pub(super) fn new_session(&mut self) {
        self.live = None;
    }

    /// There are notifications up to this number.
    pub(super) fn exist_up_to(&mut self, last: u64) {
        self.known = self.known.max(last);
    }

    /// The last one booked.
    pub(super) fn booked(&self) -> u64 {
        self.booked
    }

    /// One was delivered.
    ///
    /// # Errors
    /// It is not the one after the last one.
    pub(super) fn delivered(&mut self, notification: Notification) -> Result<(), String> {
        let (seq, before) = (notification.seq, self.live);
        self.live = Some(seq.max(before.unwrap_or(0)));
        self.keep(notification);
        match before {
            Some(before) if seq != before + 1 => Err(format!("notification {seq} after {before}")),
            _ => Ok(()),
        }
    }

    /// A page was read. Returns where the next one begins, if it is needed.
    ///
    /// # Errors
    /// The page's numbers have a gap or a double.
    pub(super) fn read(&mut self, page: Notifications) -> Result<Option<u64>, String> {
        let numbers: Vec<u64> = page.items.iter().map(|item| item.seq).collect();
        let sound = numbers.windows(2).all(|pair| pair[0] == pair[1] + 1);
        page.items.into_iter().for_each(|item| self.keep(item));
        if !sound {
            return Err(format!("a page of notifications has the numbers {numbers:?}"));
        }
        let reached = numbers.last().is_none_or(|last| *last <= self.booked + 1);
        Ok(page.next_cursor.filter(|_| !reached))
    }

    fn keep(&mut self, notification: Notification) {
        self.known = self.known.max(notification.seq);
        if notification.seq > self.booked {
            self.early.insert(notification.seq, notification.notice);
        }
    }

    /// The next one to be booked, if it is there.
    pub(super) fn next(&mut self) -> Option<Notice> {
        let notice = self.early.remove(&(self.booked + 1))?;
        self.booked += 1;
        Some(notice)
    }

    /// Whether some are known to exist that have not come.
    pub(super) fn is_missing_some(&self) -> bool {
        self.known > self.booked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orrery_core::types::{Millis, TechKey};

    fn notification(seq: u64) -> Notification {
        let notice = Notice::ResearchDone { tech: TechKey::parse("drive").unwrap() };
        Notification { seq, at_ms: Millis(0), notice }
    }

    fn page(numbers: &[u64], next_cursor: Option<u64>) -> Notifications {
        Notifications { items: numbers.iter().map(|seq| notification(*seq)).collect(), next_cursor, unread: 0 }
    }

    #[test]
    fn gaps_and_doubles_of_a_session_are_told() {
        let mut inbox = Inbox::default();
        assert_eq!(inbox.delivered(notification(1)), Ok(()));
        assert!(inbox.delivered(notification(1)).is_err());
        assert!(inbox.delivered(notification(3)).is_err());
        assert!(inbox.next().is_some() && inbox.next().is_none() && inbox.is_missing_some());
    }

    #[test]
    fn what_was_missed_is_read_and_booked_in_order() {
        let mut inbox = Inbox::default();
        inbox.exist_up_to(4);
        inbox.new_session();
        assert_eq!(inbox.delivered(notification(5)), Ok(()));
        assert_eq!(inbox.read(page(&[5, 4, 3], Some(3))), Ok(Some(3)));
        assert!(inbox.next().is_none());
        assert_eq!(inbox.read(page(&[2, 1], None)), Ok(None));
        assert_eq!(std::iter::from_fn(|| inbox.next()).count(), 5);
        assert!(!inbox.is_missing_some() && inbox.read(page(&[5, 3], None)).is_err());
    }
}
