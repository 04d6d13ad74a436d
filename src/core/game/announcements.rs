//! What operators announce to everybody: which texts, how many at once, and until when.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::chat::clean;
use crate::types::{Announcement, AnnouncementId, AnnouncementLevel, ErrorCode, Millis, Refusal};

/// How many may last at the same time: more than that nobody reads.
pub const ANNOUNCEMENTS_MAX: usize = 10;
/// Characters (Unicode scalar values) of what is announced, after trimming.
pub const TEXT_CHARS: RangeInclusive<usize> = 1..=500;
/// How far ahead an end or a beginning may lie: a year.
pub const AHEAD_MS_MAX: u64 = 366 * 24 * 3_600 * 1_000;

/// What is to be announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What.
    pub text: String,
    /// How loud.
    pub level: AnnouncementLevel,
    /// Until when; without it, until somebody ends it.
    pub until_ms: Option<Millis>,
}

/// All announcements that last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcements {
    by_id: BTreeMap<AnnouncementId, Announcement>,
}

impl Announcements {
    /// The announcement that a draft would become under this id. Changes nothing.
    ///
    /// # Errors
    /// The text or the end breaks a rule; one with this id lasts; too many do.
    pub fn plan(&self, id: AnnouncementId, draft: &Draft, now: Millis) -> Result<Announcement, Refusal> {
        let text = clean("text", &draft.text, TEXT_CHARS)?;
        if let Some(until) = draft.until_ms {
            check_ahead("until_ms", until, now)?;
        }
        if self.by_id.contains_key(&id) {
            return Err(Refusal::new(ErrorCode::Committed, "this announcement lasts already"));
        }
        if self.by_id.len() >= ANNOUNCEMENTS_MAX {
            let text = format!("at most {ANNOUNCEMENTS_MAX} announcements can last at once");
            return Err(Refusal::new(ErrorCode::LimitReached, text).with("limit", ANNOUNCEMENTS_MAX));
        }
        let (level, until_ms) = (draft.level, draft.until_ms);
        Ok(Announcement { announcement: id, text, level, at_ms: now, until_ms, starts_ms: None, over: false })
    }

    /// An announcement lasts from now on.
    pub fn put(&mut self, announcement: Announcement) {
        self.by_id.insert(announcement.announcement, announcement);
    }

    /// The announcement with this id, if it lasts.
    #[must_use]
    pub fn get(&self, id: AnnouncementId) -> Option<&Announcement> {
        self.by_id.get(&id)
    }

    /// An announcement is over.
    pub fn end(&mut self, id: AnnouncementId) -> Option<Announcement> {
        self.by_id.remove(&id)
    }

    /// Ends those whose time is over, and returns them.
    pub fn expire(&mut self, now: Millis) -> Vec<Announcement> {
        let is_over = |one: &Announcement| one.until_ms.is_some_and(|until| until <= now);
        let over: Vec<AnnouncementId> =
            self.by_id.values().filter(|one| is_over(one)).map(|one| one.announcement).collect();
        over.into_iter().filter_map(|id| self.end(id)).collect()
    }

    /// All that last, the oldest first.
    pub fn lasting(&self) -> impl Iterator<Item = &Announcement> {
        self.by_id.values()
    }
}

/// Whether a time lies ahead, and not too far.
///
/// # Errors
/// It does not; names `field`.
pub fn check_ahead(field: &str, time: Millis, now: Millis) -> Result<(), Refusal> {
    if time > now && time.since(now) <= AHEAD_MS_MAX {
        return Ok(());
    }
    Err(Refusal::bad_request(format!("{field}: must lie ahead, at most a year")))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Millis = Millis(1_000_000);

    fn id(number: usize) -> AnnouncementId {
        AnnouncementId(Uuid::from_u128(number as u128))
    }

    fn draft(text: &str, until: Option<u64>) -> Draft {
        Draft { text: text.to_owned(), level: AnnouncementLevel::Info, until_ms: until.map(Millis) }
    }

    #[test]
    fn a_few_may_last_at_once_and_each_until_its_end() {
        let mut all = Announcements::default();
        for number in 0..ANNOUNCEMENTS_MAX {
            let planned = all.plan(id(number), &draft(" Hello ", Some(NOW.0 + 1 + number as u64)), NOW).unwrap();
            assert_eq!(planned.text, "Hello");
            all.put(planned);
        }
        let refused = all.plan(id(99), &draft("One more", None), NOW).unwrap_err();
        assert_eq!((refused.code, refused.details["limit"].as_u64()), (ErrorCode::LimitReached, Some(10)));
        assert_eq!(all.expire(NOW), []);
        let over: Vec<_> = all.expire(Millis(NOW.0 + 3)).iter().map(|one| one.announcement).collect();
        assert_eq!(over, [id(0), id(1), id(2)]);
        assert!(all.plan(id(99), &draft("One more", None), NOW).is_ok(), "there is room again");
        assert_eq!(all.plan(id(5), &draft("Twice", None), NOW).unwrap_err().code, ErrorCode::Committed);
        assert_eq!(all.lasting().count(), 7);
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_its_name() {
        let all = Announcements::default();
        for (wrong, field) in [
            (draft("", None), "text: "),
            (draft(&"x".repeat(501), None), "text: "),
            (draft("two\nlines", None), "text: "),
            (draft("late", Some(NOW.0)), "until_ms: "),
            (draft("for ever", Some(NOW.0 + AHEAD_MS_MAX + 1)), "until_ms: "),
        ] {
            let refused = all.plan(id(1), &wrong, NOW).unwrap_err();
            assert!(refused.code == ErrorCode::BadRequest && refused.message.starts_with(field), "{refused}");
        }
        assert!(all.plan(id(1), &draft(&"é".repeat(500), Some(NOW.0 + 1)), NOW).is_ok());
    }
}
