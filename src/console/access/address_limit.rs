//! How often one address may try to log in.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// With so many addresses known, those are forgotten that have been quiet.
const KNOWN_MAX: usize = 1_024;

/// Attempts per address and minute.
pub(super) struct AddressLimit(DefaultKeyedRateLimiter<IpAddr>);

impl AddressLimit {
    pub(super) fn new(per_minute: u32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN))))
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// There were too many: when the next one may come.
    pub(super) fn count(&self, address: IpAddr) -> Result<(), Duration> {
        if self.0.len() >= KNOWN_MAX {
            self.0.retain_recent();
        }
        let clock = DefaultClock::default();
        self.0.check_key(&address.to_canonical()).map_err(|not_until| not_until.wait_time_from(clock.now()))
    }
}
