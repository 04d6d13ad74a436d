//! How often a password may be guessed, per account, wherever the guesses come from.
//!
//! An attempt is counted before the password is checked, and given back when it was right: so guesses made at the same
//! time cannot slip through together, and whoever knows the password is not slowed down. `governor` cannot give back,
//! so this is the same algorithm (GCRA) in a few lines.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use dashmap::DashMap;

use super::AuthError;

const MINUTE: Duration = Duration::from_secs(60);
/// Every so many attempts, accounts without failures in the last minute are forgotten.
const ATTEMPTS_BETWEEN_PURGES: u32 = 1_024;

/// The limit on failures per key and minute.
pub(super) struct FailureLimit {
    /// One failure is forgiven per this time.
    step: Duration,
    begin: Instant,
    /// When all failures of a key will be forgiven, since `begin`.
    clear_at: DashMap<String, Duration>,
    attempts: AtomicU32,
}

impl FailureLimit {
    pub(super) fn new(per_minute: u32) -> Self {
        Self {
            step: MINUTE / per_minute.max(1),
            begin: Instant::now(),
            clear_at: DashMap::new(),
            attempts: AtomicU32::new(0),
        }
    }

    /// Counts an attempt as a failure until [`FailureLimit::forgive`] takes it back.
    ///
    /// # Errors
    /// [`AuthError::RateLimited`]; then nothing was counted.
    pub(super) fn count(&self, key: &str, now: Instant) -> Result<(), AuthError> {
        let now = now.saturating_duration_since(self.begin);
        if self.attempts.fetch_add(1, Ordering::Relaxed).is_multiple_of(ATTEMPTS_BETWEEN_PURGES) {
            self.clear_at.retain(|_, clear_at| *clear_at > now);
            self.clear_at.shrink_to_fit();
        }
        let mut clear_at = self.clear_at.entry(key.to_owned()).or_default();
        let next = (*clear_at).max(now) + self.step;
        let retry_after = next.saturating_sub(now + MINUTE);
        if retry_after > Duration::ZERO {
            return Err(AuthError::RateLimited { retry_after });
        }
        *clear_at = next;
        Ok(())
    }

    /// Takes back one attempt that was counted.
    pub(super) fn forgive(&self, key: &str) {
        if let Some(mut clear_at) = self.clear_at.get_mut(key) {
            *clear_at = clear_at.saturating_sub(self.step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_failure_of_a_minute_is_refused_and_one_is_forgiven_every_12_seconds() {
        let limit = FailureLimit::new(5);
        let start = Instant::now();
        for _ in 0..5 {
            assert_eq!(limit.count("ada", start), Ok(()));
        }
        assert_eq!(
            limit.count("ada", start + Duration::from_secs(2)),
            Err(AuthError::RateLimited { retry_after: Duration::from_secs(10) })
        );
        assert_eq!(limit.count("bob", start), Ok(()));
        assert_eq!(limit.count("ada", start + Duration::from_secs(12)), Ok(()));
        assert!(limit.count("ada", start + Duration::from_secs(13)).is_err());
    }

    #[test]
    fn right_passwords_do_not_count() {
        let limit = FailureLimit::new(5);
        let start = Instant::now();
        for _ in 0..100 {
            assert_eq!(limit.count("ada", start), Ok(()));
            limit.forgive("ada");
        }
    }

    #[test]
    fn quiet_accounts_are_forgotten() {
        let limit = FailureLimit::new(5);
        let start = Instant::now();
        for number in 0..20 * ATTEMPTS_BETWEEN_PURGES {
            let _ = limit.count(&number.to_string(), start + Duration::from_secs(number.into()));
        }
        assert!(limit.clear_at.len() <= ATTEMPTS_BETWEEN_PURGES as usize + 60);
    }
}
