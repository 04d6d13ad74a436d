//! How many commands of a class a player may send. Kept per player, not per connection: coming back does not help.

use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use orrery_core::types::PlayerId;

use crate::config::LimitsConfig;

/// What kind of command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommandClass {
    /// Flying and jumping.
    Flight,
    /// Whatever moves goods or credits.
    Economy,
    /// Questions.
    Query,
}

/// The limits of all players. A burst of two seconds' worth is allowed.
pub struct CommandLimits {
    flight: DefaultKeyedRateLimiter<PlayerId>,
    economy: DefaultKeyedRateLimiter<PlayerId>,
    query: DefaultKeyedRateLimiter<PlayerId>,
}

impl CommandLimits {
    /// The limits of a configuration.
    #[must_use]
    pub fn new(config: &LimitsConfig) -> Self {
        let limiter = |per_second: u32| {
            let rate = std::num::NonZeroU32::new(per_second).unwrap_or(std::num::NonZeroU32::MIN);
            RateLimiter::keyed(Quota::per_second(rate).allow_burst(rate.saturating_mul(TWO)))
        };
        Self {
            flight: limiter(config.flight_per_second),
            economy: limiter(config.economy_per_second),
            query: limiter(config.query_per_second),
        }
    }

    /// Counts a command; refused with the time after which the next one is allowed.
    pub(super) fn check(&self, class: CommandClass, player: PlayerId) -> Result<(), Duration> {
        let limiter = match class {
            CommandClass::Flight => &self.flight,
            CommandClass::Economy => &self.economy,
            CommandClass::Query => &self.query,
        };
        limiter.check_key(&player).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }

    /// Forgets players who have not sent anything for a while. To be called now and then.
    pub fn forget_idle(&self) {
        for limiter in [&self.flight, &self.economy, &self.query] {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

const TWO: std::num::NonZeroU32 = std::num::NonZeroU32::MIN.saturating_add(1);
