//! Maintenance: the galaxy is open, announced to close, closed, or being drained, and who may come in meanwhile.
//!
//! Announced, it is open until its time has come; then it closes by itself. Closed, those who are inside play on, and
//! nobody else comes in but those who are allowed. Drained, those inside are sent away too, and when all are it is closed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::announcements::{TEXT_CHARS, check_ahead};
use super::chat::clean;
use crate::types::{Announcement, AnnouncementId, AnnouncementLevel, Millis, PlayerId, Refusal};

/// How long sending everybody away may take, in seconds.
const DRAIN_SECONDS_MAX: u64 = 3_600;
/// Players who may come in while it is closed, at most.
const ALLOWED_MAX: usize = 100;

/// Whether players may come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// They may.
    #[default]
    Off,
    /// They may, until a time that was announced.
    Announced,
    /// They may not; who is inside stays.
    Closed,
    /// They may not, and who is inside is sent away.
    Draining,
}

impl Mode {
    /// The mode's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Announced => "announced",
            Self::Closed => "closed",
            Self::Draining => "draining",
        }
    }
}

/// Players by id, with the names they had when they were named.
pub type Allowed = BTreeMap<PlayerId, String>;

/// The state of maintenance; as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Whether players may come in.
    pub mode: Mode,
    /// What players are told.
    pub message: String,
    /// When it closes, or when it closed.
    pub starts_ms: Option<Millis>,
    /// When everybody is to be away; while it is drained.
    pub ends_ms: Option<Millis>,
    /// Who may come in all the same.
    pub allow: Allowed,
    /// Under which id players are told, and since when.
    notice: Option<(AnnouncementId, Millis)>,
}

/// What an operator wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaintenanceChange {
    /// It is to close at a time.
    Announce {
        /// When.
        starts_ms: Millis,
        /// What players are told.
        message: String,
        /// Who may come in then.
        allow: Allowed,
    },
    /// It is to close now.
    Close {
        /// What players are told.
        message: String,
        /// Who may come in all the same.
        allow: Allowed,
    },
    /// Everybody is to be sent away, but for those who are allowed.
    Drain {
        /// What players are told.
        message: String,
        /// How long that is to take.
        seconds: u64,
    },
    /// It is to be open.
    Open,
}

impl MaintenanceChange {
    /// The change as the console's API writes it.
    #[must_use]
    pub fn as_request(&self) -> Value {
        let names = |allow: &Allowed| allow.values().cloned().collect::<Vec<_>>();
        match self {
            Self::Announce { starts_ms, message, allow } => {
                json!({"kind": "announce", "starts_ms": starts_ms, "message": message, "allow": names(allow)})
            }
            Self::Close { message, allow } => json!({"kind": "close", "message": message, "allow": names(allow)}),
            Self::Drain { message, seconds } => json!({"kind": "drain", "message": message, "seconds": seconds}),
            Self::Open => json!({"kind": "open"}),
        }
    }
}

impl Maintenance {
    /// What a change makes of it. `fresh` is an id that was never used.
    ///
    /// # Errors
    /// A field breaks a rule; the refusal names it.
    pub fn changed(&self, change: &MaintenanceChange, fresh: AnnouncementId, now: Millis) -> Result<Self, Refusal> {
        let notice = Some(self.notice.unwrap_or((fresh, now)));
        let said = |message: &str| clean("message", message, TEXT_CHARS);
        match change {
            MaintenanceChange::Announce { starts_ms, message, allow } => {
                check_ahead("starts_ms", *starts_ms, now)?;
                let (message, allow) = (said(message)?, check_allowed(allow)?);
                let starts_ms = Some(*starts_ms);
                Ok(Self { mode: Mode::Announced, message, starts_ms, ends_ms: None, allow, notice })
            }
            MaintenanceChange::Close { message, allow } => {
                let (message, allow) = (said(message)?, check_allowed(allow)?);
                Ok(Self { mode: Mode::Closed, message, starts_ms: Some(now), ends_ms: None, allow, notice })
            }
            MaintenanceChange::Drain { message, seconds } => {
                if !(1..=DRAIN_SECONDS_MAX).contains(seconds) {
                    return Err(Refusal::bad_request(format!("seconds: must be 1 to {DRAIN_SECONDS_MAX}")));
                }
                let (message, allow) = (said(message)?, self.allow.clone());
                let ends_ms = Some(now.plus_seconds(*seconds));
                Ok(Self { mode: Mode::Draining, message, starts_ms: Some(now), ends_ms, allow, notice })
            }
            MaintenanceChange::Open => Ok(Self::default()),
        }
    }

    /// Whether another state that somebody wants is none but this one: the same for players, and from the same time on.
    /// Closed is closed, since whenever.
    #[must_use]
    pub fn is_already(&self, wanted: &Self) -> bool {
        let for_players = |state: &Self| (state.mode, state.message.clone(), state.allow.clone());
        let times = |state: &Self| (state.starts_ms, state.ends_ms);
        for_players(self) == for_players(wanted) && (self.mode == Mode::Closed || times(self) == times(wanted))
    }

    /// The change that leads back to this state; what was drained stays away.
    #[must_use]
    pub fn way_back(&self, now: Millis) -> MaintenanceChange {
        let (message, allow) = (self.message.clone(), self.allow.clone());
        match (self.mode, self.starts_ms) {
            (Mode::Off, _) => MaintenanceChange::Open,
            (Mode::Announced, Some(starts_ms)) if starts_ms > now => {
                MaintenanceChange::Announce { starts_ms, message, allow }
            }
            (Mode::Announced | Mode::Closed | Mode::Draining, _) => MaintenanceChange::Close { message, allow },
        }
    }

    /// What time makes of it; `None`: nothing.
    #[must_use]
    pub fn overtaken(&self, now: Millis) -> Option<Self> {
        let is_over = |time: Option<Millis>| time.is_none_or(|time| time <= now);
        let closes = match self.mode {
            Mode::Announced => is_over(self.starts_ms),
            Mode::Draining => is_over(self.ends_ms),
            Mode::Off | Mode::Closed => false,
        };
        closes.then(|| Self { mode: Mode::Closed, ends_ms: None, ..self.clone() })
    }

    /// What a restart makes of it: nobody is inside who could be sent away.
    #[must_use]
    pub fn restored(self, now: Millis) -> Self {
        match self.mode {
            Mode::Draining => Self { mode: Mode::Closed, ends_ms: None, ..self },
            Mode::Off | Mode::Announced | Mode::Closed => self.overtaken(now).unwrap_or(self),
        }
    }

    /// Whether somebody may come in, or go on without a session. `is_inside`: has a session, or may resume one.
    /// A guest to be is nobody yet.
    #[must_use]
    pub fn admits(&self, player: Option<PlayerId>, is_inside: bool) -> bool {
        match self.mode {
            Mode::Off | Mode::Announced => true,
            Mode::Closed => is_inside || self.allows(player),
            Mode::Draining => self.allows(player),
        }
    }

    /// Whether somebody is among those who may always come in.
    #[must_use]
    pub fn allows(&self, player: Option<PlayerId>) -> bool {
        player.is_some_and(|player| self.allow.contains_key(&player))
    }

    /// What players are told; `None` when there is nothing to tell.
    #[must_use]
    pub fn notice(&self) -> Option<Announcement> {
        let (announcement, at_ms) = self.notice?;
        Some(Announcement {
            announcement,
            text: self.message.clone(),
            level: AnnouncementLevel::Maintenance,
            at_ms,
            until_ms: None,
            starts_ms: self.starts_ms,
            over: false,
        })
    }

    /// The state as operators see it.
    #[must_use]
    pub fn view(&self) -> Value {
        let allow: Vec<&String> = self.allow.values().collect();
        json!({"mode": self.mode, "message": self.message, "starts_ms": self.starts_ms, "ends_ms": self.ends_ms, "allow": allow})
    }
}

fn check_allowed(allow: &Allowed) -> Result<Allowed, Refusal> {
    if allow.len() <= ALLOWED_MAX {
        return Ok(allow.clone());
    }
    Err(Refusal::bad_request(format!("allow: at most {ALLOWED_MAX} names")))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Millis = Millis(1_000_000);

    fn ada() -> PlayerId {
        PlayerId(Uuid::from_u128(1))
    }

    fn fresh() -> AnnouncementId {
        AnnouncementId(Uuid::from_u128(77))
    }

    fn with_ada() -> Allowed {
        [(ada(), "Ada".to_owned())].into()
    }

    fn close() -> MaintenanceChange {
        MaintenanceChange::Close { message: "Mending the drives".to_owned(), allow: with_ada() }
    }

    fn announce(starts: u64) -> MaintenanceChange {
        let message = "We close soon".to_owned();
        MaintenanceChange::Announce { starts_ms: Millis(starts), message, allow: with_ada() }
    }

    fn drain(seconds: u64) -> MaintenanceChange {
        MaintenanceChange::Drain { message: "Good-bye".to_owned(), seconds }
    }

    fn after(state: &Maintenance, change: &MaintenanceChange) -> Maintenance {
        state.changed(change, fresh(), NOW).unwrap()
    }

    #[test]
    fn who_may_come_in_follows_the_mode() {
        let bob = Some(PlayerId(Uuid::from_u128(2)));
        let open = Maintenance::default();
        let announced = after(&open, &announce(NOW.0 + 1));
        let closed = after(&announced, &close());
        let draining = after(&closed, &drain(5));
        // Bob from outside, Bob who is inside, a guest to be, Ada.
        for (state, expected) in [
            (&open, [true, true, true, true]),
            (&announced, [true, true, true, true]),
            (&closed, [false, true, false, true]),
            (&draining, [false, false, false, true]),
        ] {
            let admits = [
                state.admits(bob, false),
                state.admits(bob, true),
                state.admits(None, false),
                state.admits(Some(ada()), false),
            ];
            assert_eq!(admits, expected, "{:?}", state.mode);
        }
        assert_eq!(after(&draining, &MaintenanceChange::Open), open);
    }

    #[test]
    fn time_closes_what_was_announced_and_ends_a_drain() {
        let announced = after(&Maintenance::default(), &announce(NOW.0 + 10));
        assert_eq!(announced.overtaken(Millis(NOW.0 + 9)), None);
        let closed = announced.overtaken(Millis(NOW.0 + 10)).unwrap();
        assert_eq!((closed.mode, &closed.allow, closed.starts_ms), (Mode::Closed, &with_ada(), announced.starts_ms));
        assert_eq!(closed.overtaken(Millis(u64::MAX)), None, "it stays closed until somebody opens");
        let draining = after(&closed, &drain(5));
        assert_eq!(draining.overtaken(Millis(NOW.0 + 4_999)), None);
        let drained = draining.overtaken(Millis(NOW.0 + 5_000)).unwrap();
        assert_eq!((drained.mode, &*drained.message), (Mode::Closed, "Good-bye"));
    }

    #[test]
    fn a_restart_finds_nobody_to_send_away() {
        let draining = after(&after(&Maintenance::default(), &close()), &drain(3_600));
        assert_eq!(draining.restored(NOW).mode, Mode::Closed);
        let announced = after(&Maintenance::default(), &announce(NOW.0 + 10));
        assert_eq!(announced.clone().restored(NOW).mode, Mode::Announced);
        assert_eq!(announced.restored(Millis(NOW.0 + 10)).mode, Mode::Closed);
    }

    #[test]
    fn the_way_back_leads_back() {
        let open = Maintenance::default();
        let announced = after(&open, &announce(NOW.0 + 10));
        let closed = after(&announced, &close());
        for before in [&open, &announced, &closed] {
            let now = after(before, &drain(5));
            assert_eq!(after(&now, &before.way_back(NOW)).view(), before.view());
        }
        let late = announced.way_back(Millis(NOW.0 + 10));
        assert_eq!(after(&closed, &late).mode, Mode::Closed, "its time has come meanwhile");
    }

    #[test]
    fn what_is_so_already_is_told_from_what_is_new() {
        let open = Maintenance::default();
        let announced = after(&open, &announce(NOW.0 + 10));
        let closed = after(&announced, &close());
        let again = |state: &Maintenance, change: &MaintenanceChange| {
            state.is_already(&state.changed(change, fresh(), Millis(NOW.0 + 5)).unwrap())
        };
        assert!(again(&open, &MaintenanceChange::Open));
        assert!(again(&announced, &announce(NOW.0 + 10)) && !again(&announced, &announce(NOW.0 + 11)));
        assert!(again(&closed, &close()) && !again(&closed, &MaintenanceChange::Open));
        let for_nobody = MaintenanceChange::Close { message: closed.message.clone(), allow: Allowed::new() };
        assert!(!again(&closed, &for_nobody) && !again(&announced, &close()));
        assert!(!again(&after(&closed, &drain(5)), &drain(5)), "it has that time from now on");
    }

    #[test]
    fn players_are_told_under_one_id_as_long_as_it_lasts() {
        let announced = after(&Maintenance::default(), &announce(NOW.0 + 10));
        let other = AnnouncementId(Uuid::from_u128(78));
        let closed = announced.changed(&close(), other, Millis(NOW.0 + 5)).unwrap();
        let (first, second) = (announced.notice().unwrap(), closed.notice().unwrap());
        assert_eq!((first.announcement, second.announcement), (fresh(), fresh()));
        assert_eq!((first.starts_ms, first.level), (Some(Millis(NOW.0 + 10)), AnnouncementLevel::Maintenance));
        assert_eq!((&*second.text, second.starts_ms), ("Mending the drives", Some(Millis(NOW.0 + 5))));
        assert_eq!(Maintenance::default().notice(), None);
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_its_name() {
        let many: Allowed = (0..=100).map(|number| (PlayerId(Uuid::from_u128(number)), String::new())).collect();
        for (wrong, field) in [
            (announce(NOW.0), "starts_ms: "),
            (drain(0), "seconds: "),
            (drain(3_601), "seconds: "),
            (MaintenanceChange::Close { message: " ".to_owned(), allow: Allowed::new() }, "message: "),
            (MaintenanceChange::Close { message: "x".to_owned(), allow: many }, "allow: "),
        ] {
            let refused = Maintenance::default().changed(&wrong, fresh(), NOW).unwrap_err();
            assert!(refused.message.starts_with(field), "{refused}");
        }
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let closed = after(&Maintenance::default(), &close());
        let stored = serde_json::to_value(&closed).unwrap();
        assert_eq!(serde_json::from_value::<Maintenance>(stored).unwrap(), closed);
        assert_eq!(close().as_request()["allow"], json!(["Ada"]));
    }
}
