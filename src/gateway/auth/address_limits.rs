//! How often one address may log in, register, and ask without saying who it is.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::AuthError;
use crate::config::LimitsConfig;
use crate::gateway::address::counted;

/// Every so many checks, addresses are forgotten that have been quiet for a minute: memory holds at most this many
/// besides those of the last minute.
const CHECKS_BETWEEN_PURGES: u32 = 1_024;

/// The limits per address.
pub(super) struct AddressLimits<C: Clock = DefaultClock> {
    logins: Limit<C>,
    registrations: Limit<C>,
    reads: Limit<C>,
    exempt_loopback: bool,
}

impl<C: Clock + Clone> AddressLimits<C> {
    pub(super) fn new(config: &LimitsConfig, clock: C) -> Self {
        Self {
            logins: Limit::new(config.logins_per_address, clock.clone()),
            registrations: Limit::new(config.registrations_per_address, clock.clone()),
            reads: Limit::new(config.reads_per_address, clock),
            exempt_loopback: config.exempt_loopback,
        }
    }

    /// Counts a log-in.
    ///
    /// # Errors
    /// [`AuthError::RateLimited`].
    pub(super) fn login(&self, address: IpAddr) -> Result<(), AuthError> {
        self.check(&self.logins, address)
    }

    /// Counts a registration, or a new guest.
    ///
    /// # Errors
    /// [`AuthError::RateLimited`].
    pub(super) fn registration(&self, address: IpAddr) -> Result<(), AuthError> {
        self.check(&self.registrations, address)
    }

    /// Counts a question without a token.
    ///
    /// # Errors
    /// [`AuthError::RateLimited`].
    pub(super) fn read(&self, address: IpAddr) -> Result<(), AuthError> {
        self.check(&self.reads, address)
    }

    fn check(&self, limit: &Limit<C>, address: IpAddr) -> Result<(), AuthError> {
        counted(address, self.exempt_loopback).map_or(Ok(()), |address| limit.check(address))
    }
}

struct Limit<C: Clock> {
    limiter: RateLimiter<IpAddr, DashMapStateStore<IpAddr>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    checks: AtomicU32,
}

impl<C: Clock + Clone> Limit<C> {
    fn new(per_minute: u32, clock: C) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        Self { limiter: RateLimiter::dashmap_with_clock(quota, clock.clone()), clock, checks: AtomicU32::new(0) }
    }

    fn check(&self, address: IpAddr) -> Result<(), AuthError> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(CHECKS_BETWEEN_PURGES) {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter
            .check_key(&address)
            .map_err(|not_until| AuthError::RateLimited { retry_after: not_until.wait_time_from(self.clock.now()) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limits(config: LimitsConfig) -> (AddressLimits<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (AddressLimits::new(&config, clock.clone()), clock)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_sixth_log_in_of_a_minute_waits_for_its_turn() {
        let (limits, clock) = limits(LimitsConfig::default());
        let here = address("192.0.2.1");
        for _ in 0..5 {
            assert_eq!(limits.login(here), Ok(()));
        }
        assert_eq!(limits.login(here), Err(AuthError::RateLimited { retry_after: Duration::from_secs(12) }));
        assert_eq!(limits.login(address("192.0.2.2")), Ok(()));
        assert_eq!(limits.registration(here), Ok(()));
        clock.advance(Duration::from_secs(12));
        assert_eq!(limits.login(here), Ok(()));
    }

    #[test]
    fn the_third_registration_of_a_minute_is_refused() {
        let (limits, _) = limits(LimitsConfig::default());
        let results = [(); 3].map(|()| limits.registration(address("192.0.2.1")).is_ok());
        assert_eq!(results, [true, true, false]);
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address_and_mapped_ipv4_as_itself() {
        for (one, other, same) in [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
        ] {
            let (limits, _) = limits(LimitsConfig { registrations_per_address: 1, ..LimitsConfig::default() });
            assert_eq!(limits.registration(address(one)), Ok(()));
            assert_eq!(limits.registration(address(other)).is_err(), same, "{one} and {other}");
        }
    }

    #[test]
    fn loopback_is_exempt_only_when_the_settings_say_so() {
        for exempt_loopback in [true, false] {
            let (limits, _) = limits(LimitsConfig { exempt_loopback, ..LimitsConfig::default() });
            for here in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
                let all = (0..10).all(|_| limits.registration(address(here)).is_ok());
                assert_eq!(all, exempt_loopback, "{here}");
            }
        }
    }

    #[test]
    fn quiet_addresses_are_forgotten() {
        let (limits, clock) = limits(LimitsConfig::default());
        for number in 0..100 * CHECKS_BETWEEN_PURGES {
            let _ = limits.login(IpAddr::V4(number.into()));
            clock.advance(Duration::from_secs(1));
        }
        let known = limits.logins.limiter.len();
        assert!(known <= CHECKS_BETWEEN_PURGES as usize + 60, "{known}");
    }
}
