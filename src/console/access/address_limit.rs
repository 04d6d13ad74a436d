//! How often one address may try to log in: of IPv6, one network of 64 bits.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::types::network_of;

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
        self.0.check_key(&network_of(address)).map_err(|not_until| not_until.wait_time_from(clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let limit = AddressLimit::new(2);
        let tries = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::3"];
        let passed = tries.map(|address| limit.count(address.parse().unwrap()).is_ok());
        assert_eq!(passed, [true, true, false, true]);
    }
}
