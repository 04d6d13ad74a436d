//! An account: who may play as a player. Rules of names and of refresh tokens; hashing and signing happen outside.
//!
//! A log-in opens a *family* of refresh tokens. Each refresh replaces the family's token. The one before stays good
//! until the new one is used: the answer may have been lost, and then the client has nothing else. Any other token was
//! stolen or copied, so the whole family ends (RFC 9700, section 4.14.2).

use super::moderation::Moderation;
use crate::types::Millis;

/// How many log-ins one account keeps at the same time; the oldest makes room.
pub const FAMILIES_MAX: usize = 8;
/// A name has 3 to this many characters.
pub const NAME_CHARS_MAX: usize = 24;

/// The hash of a refresh token's secret (SHA-256).
pub type TokenHash = [u8; 32];

/// The state of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name, as its owner writes it.
    pub name: String,
    /// The Argon2id hash in PHC form; a guest has none.
    pub password_hash: Option<String>,
    /// When it was made.
    pub created: Millis,
    /// The log-ins that can still be refreshed, oldest first.
    pub families: Vec<TokenFamily>,
    /// The number of the family opened last; they count up and are never used again.
    pub last_family: u64,
    /// What operators have decided about it.
    pub moderation: Moderation,
}

/// One log-in's chain of refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFamily {
    /// Its number in the account.
    pub number: u64,
    /// The hash of the token that was handed out last.
    pub current: TokenHash,
    /// The hash of the token that `current` was handed out for: good as long as `current` was not presented.
    pub previous: Option<TokenHash>,
    /// After this neither is good.
    pub expires: Millis,
}

/// A refresh token that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// There is no such log-in: it ended, expired, or never was.
    #[error("the log-in has ended")]
    Ended,
    /// The token's successor was used before. The log-in has been ended.
    #[error("the refresh token was replaced before")]
    Reused,
}

impl Account {
    /// A new account; without a password it is a guest's.
    #[must_use]
    pub fn new(name: String, password_hash: Option<String>, created: Millis) -> Self {
        Self { name, password_hash, created, families: Vec::new(), last_family: 0, moderation: Moderation::default() }
    }

    /// Whether the account is a guest's, which anybody who holds its token may claim.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.password_hash.is_none()
    }

    /// Begins a log-in and returns its family's number.
    pub fn open_family(&mut self, token: TokenHash, now: Millis, expires: Millis) -> u64 {
        self.families.retain(|family| family.expires > now);
        if self.families.len() >= FAMILIES_MAX {
            self.families.remove(0);
        }
        self.last_family += 1;
        self.families.push(TokenFamily { number: self.last_family, current: token, previous: None, expires });
        self.last_family
    }

    /// Replaces a log-in's token by the next one. A repeated request replaces what its lost answer held.
    ///
    /// # Errors
    /// [`TokenRefusal::Reused`] ends the log-in: the caller stores the account all the same.
    pub fn rotate(
        &mut self,
        number: u64,
        presented: TokenHash,
        next: TokenHash,
        now: Millis,
        expires: Millis,
    ) -> Result<(), TokenRefusal> {
        self.families.retain(|family| family.expires > now);
        let at = self.families.iter().position(|family| family.number == number).ok_or(TokenRefusal::Ended)?;
        let family = &mut self.families[at];
        if presented == family.current {
            family.previous = Some(presented);
        } else if family.previous != Some(presented) {
            self.families.remove(at);
            return Err(TokenRefusal::Reused);
        }
        family.current = next;
        family.expires = expires;
        Ok(())
    }

    /// Ends a log-in. Whether there was one does not matter.
    pub fn close_family(&mut self, number: u64) {
        self.families.retain(|family| family.number != number);
    }

    /// Makes a guest's account a named one.
    ///
    /// # Errors
    /// Returns `Err` when it has a password already.
    pub fn claim(&mut self, name: String, password_hash: String) -> Result<(), AlreadyClaimed> {
        if !self.is_guest() {
            return Err(AlreadyClaimed);
        }
        self.name = name;
        self.password_hash = Some(password_hash);
        Ok(())
    }
}

/// Only guests' accounts can be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this account has a name and a password already")]
pub struct AlreadyClaimed;

/// Whether a text can be a player's name: 3 to [`NAME_CHARS_MAX`] letters, digits, `_`, `-` or inner single spaces.
#[must_use]
pub fn is_valid_name(name: &str) -> bool {
    let chars = name.chars().count();
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
    (3..=NAME_CHARS_MAX).contains(&chars) && name.chars().all(allowed) && name.trim() == name && !name.contains("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000);
    const LATER: Millis = Millis(9_000);

    /// One log-in whose first token is 1.
    struct LogIn {
        account: Account,
        family: u64,
    }

    impl LogIn {
        fn new() -> Self {
            let mut account = Account::new("Ada".to_owned(), None, NOW);
            let family = account.open_family([1; 32], NOW, LATER);
            Self { account, family }
        }

        fn rotate(&mut self, presented: u8, next: u8) -> Result<(), TokenRefusal> {
            self.account.rotate(self.family, [presented; 32], [next; 32], NOW, LATER)
        }
    }

    #[test]
    fn a_token_whose_successor_was_used_ends_the_whole_log_in() {
        let mut log_in = LogIn::new();
        assert_eq!(log_in.rotate(1, 2), Ok(()));
        assert_eq!(log_in.rotate(2, 3), Ok(()));
        assert_eq!(log_in.rotate(1, 4), Err(TokenRefusal::Reused));
        assert_eq!(log_in.rotate(3, 4), Err(TokenRefusal::Ended));
    }

    #[test]
    fn a_refresh_whose_answers_are_lost_can_be_repeated() {
        let mut log_in = LogIn::new();
        for next in 2..6 {
            assert_eq!(log_in.rotate(1, next), Ok(()));
        }
        assert_eq!(log_in.rotate(5, 6), Ok(()));
        assert_eq!(log_in.rotate(5, 7), Ok(()));
        assert_eq!(log_in.rotate(7, 8), Ok(()));
    }

    #[test]
    fn a_repeated_refresh_makes_the_earlier_answer_void() {
        let mut log_in = LogIn::new();
        assert_eq!(log_in.rotate(1, 2), Ok(()));
        assert_eq!(log_in.rotate(1, 3), Ok(()));
        assert_eq!(log_in.rotate(2, 4), Err(TokenRefusal::Reused));
        assert_eq!(log_in.rotate(3, 4), Err(TokenRefusal::Ended));
    }

    #[test]
    fn a_thief_of_the_previous_token_loses_the_log_in_at_the_owners_next_refresh() {
        let mut log_in = LogIn::new();
        assert_eq!(log_in.rotate(1, 2), Ok(()), "the owner, who has 2 now");
        assert_eq!(log_in.rotate(1, 3), Ok(()), "the thief, who has 3 now");
        assert_eq!(log_in.rotate(2, 4), Err(TokenRefusal::Reused), "the owner");
        assert_eq!(log_in.rotate(3, 5), Err(TokenRefusal::Ended), "the thief");
        assert!(log_in.account.families.is_empty());
    }

    #[test]
    fn a_thief_of_the_previous_token_who_goes_on_loses_the_log_in_too() {
        let mut log_in = LogIn::new();
        assert_eq!(log_in.rotate(1, 2), Ok(()), "the owner, who has 2 now");
        assert_eq!(log_in.rotate(1, 3), Ok(()), "the thief");
        assert_eq!(log_in.rotate(3, 4), Ok(()), "the thief, who has 4 now");
        assert_eq!(log_in.rotate(2, 5), Err(TokenRefusal::Reused), "the owner");
        assert_eq!(log_in.rotate(4, 5), Err(TokenRefusal::Ended), "the thief");
    }

    #[test]
    fn a_token_that_was_never_handed_out_ends_the_log_in() {
        let mut log_in = LogIn::new();
        assert_eq!(log_in.rotate(9, 2), Err(TokenRefusal::Reused));
        assert_eq!(log_in.rotate(1, 2), Err(TokenRefusal::Ended));
    }

    #[test]
    fn an_expired_token_is_refused() {
        let mut account = Account::new("Ada".to_owned(), None, NOW);
        let family = account.open_family([1; 32], NOW, LATER);
        assert_eq!(account.rotate(family, [1; 32], [2; 32], LATER, LATER), Err(TokenRefusal::Ended));
    }

    #[test]
    fn log_ins_beyond_the_bound_end_the_oldest() {
        let mut account = Account::new("Ada".to_owned(), None, NOW);
        for token in 0..=FAMILIES_MAX {
            account.open_family([u8::try_from(token).unwrap(); 32], NOW, LATER);
        }
        assert_eq!(account.families.len(), FAMILIES_MAX);
        assert_eq!(account.rotate(1, [0; 32], [9; 32], NOW, LATER), Err(TokenRefusal::Ended));
    }

    #[test]
    fn names_are_short_and_plain() {
        for good in ["Ada", "Ada Lovelace", "Ünïcode", "x_9-y"] {
            assert!(is_valid_name(good), "{good}");
        }
        for bad in ["ab", " Ada", "Ada ", "A  da", "A\nda", "A<b>", &"x".repeat(25), ""] {
            assert!(!is_valid_name(bad), "{bad}");
        }
    }
}
