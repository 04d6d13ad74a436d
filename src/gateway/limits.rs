//! How many commands of a class a player may send. Kept per player, not per connection: neither coming back nor HTTP
//! beside a session helps. Used by sessions and by the HTTP API.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use orrery_core::protocol::{ErrorBody, ErrorCode};
use orrery_core::types::PlayerId;
use orrery_core::types::economy::DealClass;

use crate::config::LimitsConfig;

type Limiter = DefaultKeyedRateLimiter<PlayerId>;

/// What kind of command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommandClass {
    /// Flying and jumping.
    Flight,
    /// Collecting, selling to hubs, research.
    Economy,
    /// Questions.
    Query,
    /// Deals: counted in their own class and in that of all deals.
    Deal(DealClass),
}

/// The limits of all players. Of those per second, a burst of two seconds' worth is allowed; of those per minute, all
/// of the minute's amount may come at once.
pub struct CommandLimits {
    flight: Limiter,
    economy: Limiter,
    query: Limiter,
    deals: Limiter,
    trades: Limiter,
    crafting: Limiter,
    contributions: Limiter,
    chat: Limiter,
}

impl CommandLimits {
    /// The limits of a configuration.
    #[must_use]
    pub fn new(config: &LimitsConfig) -> Self {
        let rate = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let per_second = |number: u32| {
            let rate = rate(number);
            RateLimiter::keyed(Quota::per_second(rate).allow_burst(rate.saturating_mul(TWO)))
        };
        let per_minute = |number: u32| RateLimiter::keyed(Quota::per_minute(rate(number)));
        Self {
            flight: per_second(config.flight_per_second),
            economy: per_second(config.economy_per_second),
            query: per_second(config.query_per_second),
            deals: per_minute(config.deals_per_minute),
            trades: per_minute(config.trades_per_minute),
            crafting: per_minute(config.crafting_per_minute),
            contributions: per_minute(config.contributions_per_minute),
            chat: per_minute(config.chat_per_minute),
        }
    }

    /// Counts a command.
    ///
    /// # Errors
    /// `rate_limited`, with the time after which the next one is allowed.
    pub(super) fn check(&self, class: CommandClass, player: PlayerId) -> Result<(), ErrorBody> {
        self.count(class, player).map_err(|wait| {
            let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
            ErrorBody::new(ErrorCode::RateLimited, "too many commands of this class").retry_after_ms(millis)
        })
    }

    fn count(&self, class: CommandClass, player: PlayerId) -> Result<(), Duration> {
        match class {
            CommandClass::Flight => take(&self.flight, player),
            CommandClass::Economy => take(&self.economy, player),
            CommandClass::Query => take(&self.query, player),
            CommandClass::Deal(class) => {
                // The class first: whoever asks for too much of one need not go without the others.
                match class {
                    DealClass::Trade => take(&self.trades, player)?,
                    DealClass::Craft => take(&self.crafting, player)?,
                    DealClass::Contribute => take(&self.contributions, player)?,
                    DealClass::Chat => take(&self.chat, player)?,
                    DealClass::Other => {}
                }
                take(&self.deals, player)
            }
        }
    }

    /// Forgets players who have not sent anything for a while. To be called now and then.
    pub fn forget_idle(&self) {
        let all = [
            &self.flight,
            &self.economy,
            &self.query,
            &self.deals,
            &self.trades,
            &self.crafting,
            &self.contributions,
            &self.chat,
        ];
        for limiter in all {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

fn take(limiter: &Limiter, player: PlayerId) -> Result<(), Duration> {
    limiter.check_key(&player).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
}

const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(DealClass, usize); 4] =
        [(DealClass::Trade, 20), (DealClass::Craft, 10), (DealClass::Contribute, 6), (DealClass::Chat, 30)];

    fn player(number: u128) -> PlayerId {
        PlayerId(uuid::Uuid::from_u128(number))
    }

    /// How many of a class are let through before the first refusal.
    fn passed(limits: &CommandLimits, class: DealClass, player: PlayerId) -> usize {
        (0..1_000).take_while(|_| limits.check(CommandClass::Deal(class), player).is_ok()).count()
    }

    #[test]
    fn a_minutes_deals_may_come_at_once_and_no_more() {
        for (class, allowed) in ALL {
            let limits = CommandLimits::new(&LimitsConfig::default());
            assert_eq!(passed(&limits, class, player(1)), allowed, "{class:?}");
            let refused = limits.check(CommandClass::Deal(class), player(1)).unwrap_err();
            let wait = refused.retry_after_ms.unwrap();
            assert!(refused.code == "rate_limited" && wait <= 60_000 / allowed as u64, "{class:?}: {refused:?}");
            assert_eq!(passed(&limits, class, player(2)), allowed, "{class:?} of somebody else");
        }
    }

    #[test]
    fn all_classes_together_have_a_limit_which_refusals_do_not_use_up() {
        let limits = CommandLimits::new(&LimitsConfig::default());
        for (class, _) in ALL {
            passed(&limits, class, player(1));
            // Asking on and on for what is used up costs nothing of the other classes'.
            assert_eq!(passed(&limits, class, player(1)), 0);
        }
        let left = passed(&limits, DealClass::Other, player(1));
        assert!((34..=36).contains(&left), "100 less 66, and what has grown back: {left}");
        assert!(limits.check(CommandClass::Query, player(1)).is_ok(), "questions are counted apart");
    }
}
