//! The economy's content: settings, blueprints, mission kinds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::types::{BlueprintKey, Credits, HubKey, ItemKey, Millis, MissionKey, Quantity, Refusal, TechKey};

/// `economy.toml`: fees, bounds and times. Shares are in per mille, times in seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Economy {
    /// Orders.
    pub market: MarketRules,
    /// Auctions.
    pub auction: AuctionRules,
    /// Contracts.
    pub contract: ContractRules,
    /// Crafting.
    pub craft: CraftRules,
    /// Guilds.
    pub guild: GuildRules,
    /// The season's leaderboards.
    pub season: SeasonRules,
    /// What the treasury takes of what hubs pay, by how much its owner has; the poorest bracket first.
    #[serde(default)]
    pub hub_tax: Vec<TaxBracket>,
}

/// A bracket of the tax on sales to hubs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxBracket {
    /// Credits that fill a wallet beyond this...
    pub above: Credits,
    /// ...are taxed at this rate, up to where the next bracket begins.
    pub permille: u64,
}

/// Orders.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketRules {
    /// Of the value listed, paid when listing and not given back.
    pub listing_fee_permille: u64,
    /// Of what a sale brings, paid by the seller.
    pub sale_tax_permille: u64,
    /// How long an order stays.
    pub order_seconds: u64,
    /// Orders that one player may have at a hub.
    pub orders_per_player: usize,
    /// Orders that a hub may have.
    pub orders_per_hub: usize,
}

/// Auctions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuctionRules {
    /// The shortest.
    pub seconds_min: u64,
    /// The longest.
    pub seconds_max: u64,
    /// A bid in the last so many seconds moves the end to so many seconds after it.
    pub extension_seconds: u64,
    /// Auctions that one player may have at a hub.
    pub auctions_per_player: usize,
}

/// Contracts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractRules {
    /// The shortest.
    pub seconds_min: u64,
    /// The longest.
    pub seconds_max: u64,
    /// Contracts that one player may have offered at a hub.
    pub contracts_per_player: usize,
    /// Contracts that a hub itself keeps on offer.
    pub hub_contracts: usize,
    /// What a hub pays for a delivery, of the best price that any hub pays for the goods.
    pub hub_reward_permille: u64,
    /// How long a hub's contract runs.
    pub hub_contract_seconds: u64,
}

/// Crafting.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CraftRules {
    /// Jobs that run at the same time before any research.
    pub slots: u32,
    /// Jobs that may wait or run.
    pub jobs_max: usize,
    /// Runs of one job.
    pub runs_max: u32,
    /// What comes back of inputs and fee of a job that has begun.
    pub refund_permille: u64,
}

/// Guilds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuildRules {
    /// What founding costs.
    pub founding_fee: Credits,
    /// Members.
    pub members_max: usize,
    /// Invitations that may be open.
    pub invites_max: usize,
    /// How long an invitation is good.
    pub invite_seconds: u64,
    /// What a member may withdraw a day, as long as the leader has said nothing else.
    pub member_limit: Credits,
    /// What an officer may withdraw a day, as long as the leader has said nothing else.
    pub officer_limit: Credits,
}

/// The season's leaderboards.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeasonRules {
    /// How long a season lasts.
    pub seconds: u64,
    /// How many of the first of each leaderboard are kept when it ends.
    pub kept: usize,
}

/// A way to make goods out of goods.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// Its key.
    pub key: BlueprintKey,
    /// Its name, for people.
    pub name: String,
    /// What one run takes.
    pub inputs: BTreeMap<ItemKey, Quantity>,
    /// What one run makes.
    pub output: ItemKey,
    /// How many pieces of it; at least 1.
    pub output_quantity: Quantity,
    /// What one run costs.
    pub fee: Credits,
    /// How long one run takes.
    pub seconds: u64,
    /// What must be known.
    #[serde(default)]
    pub requires: Vec<TechKey>,
    /// The hubs that can make it; all, when left out.
    #[serde(default)]
    pub hubs: Vec<HubKey>,
}

/// A kind of mission.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissionKind {
    /// Its key; at most 32 characters.
    pub key: MissionKey,
    /// Its name, for people.
    pub name: String,
    /// What it is about, for people.
    pub about: String,
    /// Where goods are contributed.
    pub hub: HubKey,
    /// One begins every so many seconds of wall-clock time; 0: by operators only.
    pub every_seconds: u64,
    /// It ends after this long at the latest.
    pub seconds: u64,
    /// What is to be contributed, phase by phase.
    pub phases: Vec<MissionPhase>,
    /// What is shared out at the end, if all phases were completed; the share of the completed ones otherwise.
    pub reward: Credits,
    /// The share of the reward for the first ranks, in per mille, first rank first; the rest goes to all by score.
    #[serde(default)]
    pub rank_permille: Vec<u64>,
    /// Goods for each participant of the first ranks.
    #[serde(default)]
    pub rank_goods: BTreeMap<ItemKey, Quantity>,
}

/// A phase of a mission.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissionPhase {
    /// What is needed.
    pub needs: BTreeMap<ItemKey, Quantity>,
    /// Score per piece, by item; 1 for those that are not here.
    #[serde(default)]
    pub points: BTreeMap<ItemKey, u64>,
}

impl Economy {
    /// What the treasury takes when a hub pays this much into a wallet that holds this much. Each credit is taxed by the
    /// bracket that it comes to lie in, so to earn more never leaves less; rounded down.
    #[must_use]
    pub fn hub_tax(&self, wallet: Credits, paid: Credits) -> Credits {
        let (low, high) = (wallet.0, wallet.0.saturating_add(paid.0));
        let mut tax = 0_u128;
        for (number, bracket) in self.hub_tax.iter().enumerate() {
            let until = self.hub_tax.get(number + 1).map_or(u64::MAX, |next| next.above.0);
            let inside = high.min(until).saturating_sub(low.max(bracket.above.0));
            tax += u128::from(inside) * u128::from(bracket.permille);
        }
        Credits(u64::try_from(tax / 1_000).unwrap_or(u64::MAX)).min(paid)
    }
}

/// A share of an amount, rounded up: fees.
fn share_up(amount: Credits, permille: u64) -> Credits {
    let share = (u128::from(amount.0) * u128::from(permille)).div_ceil(1_000);
    Credits(u64::try_from(share).unwrap_or(u64::MAX)).min(amount)
}

/// A share of an amount, rounded down: taxes.
fn share_down(amount: Credits, permille: u64) -> Credits {
    let share = u128::from(amount.0) * u128::from(permille) / 1_000;
    Credits(u64::try_from(share).unwrap_or(u64::MAX)).min(amount)
}

impl MarketRules {
    /// What it costs to offer goods or a reward of this value.
    #[must_use]
    pub fn listing_fee(&self, value: Credits) -> Credits {
        share_up(value, self.listing_fee_permille)
    }

    /// What the treasury takes of a sale. Rounded down: who buys piece by piece must not make the seller pay more.
    #[must_use]
    pub fn sale_tax(&self, value: Credits) -> Credits {
        share_down(value, self.sale_tax_permille)
    }
}

macro_rules! bounded_times {
    ($($rules:ident),*) => {$(
        impl $rules {
            /// Checks how long it is to last.
            ///
            /// # Errors
            /// Too short or too long; says what is allowed.
            pub fn check_seconds(&self, seconds: u64) -> Result<(), Refusal> {
                let (min, max) = (self.seconds_min, self.seconds_max);
                if (min..=max).contains(&seconds) {
                    return Ok(());
                }
                Err(Refusal::bad_request(format!("seconds: must be {min} to {max}")).with("min", min).with("max", max))
            }
        }
    )*};
}
bounded_times!(AuctionRules, ContractRules);

impl SeasonRules {
    /// The number of the season at a time.
    #[must_use]
    pub fn number(&self, at: Millis) -> u64 {
        at.0 / self.seconds.saturating_mul(1_000).max(1)
    }

    /// When a season ends.
    #[must_use]
    pub fn end(&self, number: u64) -> Millis {
        Millis(number.saturating_add(1).saturating_mul(self.seconds).saturating_mul(1_000))
    }
}
