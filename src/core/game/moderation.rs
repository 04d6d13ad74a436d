//! What operators have decided about an account: a ban, a mute, its end. Part of the account's state; the player's actor
//! asks before it lets anybody in or speak. A sanction with an end lifts by itself: it holds as long as it is asked for.

use crate::types::Millis;

/// What operators have decided about an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moderation {
    /// Counts the operators' changes of the player, from 1: what two of them who change at once are told apart by.
    pub revision: u64,
    /// May not come in.
    pub ban: Option<Sanction>,
    /// May not speak.
    pub mute: Option<Sanction>,
    /// When everything personal was erased; nobody comes in any more.
    pub erased: Option<Millis>,
}

/// Something a player may not do for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanction {
    /// Until when; `None`: for good.
    pub until: Option<Millis>,
    /// What the player is told.
    pub reason: String,
    /// The operator's name.
    pub by: String,
    /// Since when.
    pub at: Millis,
}

/// Why an account may not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShutOut {
    /// Banned.
    #[error("banned: {reason}")]
    Banned {
        /// Until when; `None`: for good.
        until: Option<Millis>,
        /// What the player is told.
        reason: String,
    },
    /// There is nobody any more.
    #[error("the account was erased")]
    Erased,
}

impl Sanction {
    /// Whether it holds at a time.
    #[must_use]
    pub fn holds(&self, now: Millis) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

impl Moderation {
    /// The ban that holds at a time.
    #[must_use]
    pub fn ban(&self, now: Millis) -> Option<&Sanction> {
        self.ban.as_ref().filter(|ban| ban.holds(now))
    }

    /// The mute that holds at a time.
    #[must_use]
    pub fn mute(&self, now: Millis) -> Option<&Sanction> {
        self.mute.as_ref().filter(|mute| mute.holds(now))
    }

    /// Whether the account may be used.
    ///
    /// # Errors
    /// [`ShutOut`] says why not.
    pub fn check(&self, now: Millis) -> Result<(), ShutOut> {
        if self.erased.is_some() {
            return Err(ShutOut::Erased);
        }
        match self.ban(now) {
            Some(ban) => Err(ShutOut::Banned { until: ban.until, reason: ban.reason.clone() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(until: Option<u64>) -> Moderation {
        let (until, reason, by) = (until.map(Millis), "spam".to_owned(), "Grace".to_owned());
        let ban = Sanction { until, reason, by, at: Millis(1) };
        Moderation { ban: Some(ban.clone()), mute: Some(ban), ..Moderation::default() }
    }

    #[test]
    fn a_sanction_with_an_end_lifts_by_itself() {
        let state = until(Some(100));
        let banned = ShutOut::Banned { until: Some(Millis(100)), reason: "spam".to_owned() };
        assert_eq!(state.check(Millis(99)), Err(banned));
        assert_eq!(state.check(Millis(100)), Ok(()));
        assert!(state.mute(Millis(99)).is_some() && state.mute(Millis(100)).is_none());
    }

    #[test]
    fn one_without_an_end_holds_for_good_and_an_erased_account_too() {
        assert!(until(None).check(Millis(u64::MAX)).is_err());
        let erased = Moderation { erased: Some(Millis(1)), ..Moderation::default() };
        assert_eq!(erased.check(Millis(u64::MAX)), Err(ShutOut::Erased));
    }
}
