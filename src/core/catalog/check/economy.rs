//! `economy.toml`: every number in its range, and times the right way round.

use super::super::model::Catalog;
use super::{CREDITS_MAX, Faults};

const FILE: &str = "economy.toml";
const YEAR: u64 = 366 * 86_400;
const COUNT_MAX: u64 = 10_000_000;

pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
    let economy = &catalog.economy;
    let (market, auction, contract) = (&economy.market, &economy.auction, &economy.contract);
    let (craft, guild, season) = (&economy.craft, &economy.guild, &economy.season);
    let ranges: &[(&str, &str, u64, (u64, u64))] = &[
        ("market", "listing_fee_permille", market.listing_fee_permille, (0, 1_000)),
        ("market", "sale_tax_permille", market.sale_tax_permille, (0, 1_000)),
        ("market", "order_seconds", market.order_seconds, (1, YEAR)),
        ("market", "orders_per_player", count(market.orders_per_player), (1, COUNT_MAX)),
        ("market", "orders_per_hub", count(market.orders_per_hub), (1, COUNT_MAX)),
        ("auction", "seconds_min", auction.seconds_min, (1, auction.seconds_max)),
        ("auction", "seconds_max", auction.seconds_max, (1, YEAR)),
        ("auction", "extension_seconds", auction.extension_seconds, (0, 86_400)),
        ("auction", "auctions_per_player", count(auction.auctions_per_player), (1, COUNT_MAX)),
        ("contract", "seconds_min", contract.seconds_min, (1, contract.seconds_max)),
        ("contract", "seconds_max", contract.seconds_max, (1, YEAR)),
        ("contract", "contracts_per_player", count(contract.contracts_per_player), (1, COUNT_MAX)),
        ("contract", "hub_contracts", count(contract.hub_contracts), (0, 1_000)),
        ("contract", "hub_reward_permille", contract.hub_reward_permille, (1, 10_000)),
        ("contract", "hub_contract_seconds", contract.hub_contract_seconds, (60, YEAR)),
        ("craft", "slots", craft.slots.into(), (1, 1_000)),
        ("craft", "jobs_max", count(craft.jobs_max), (1, 1_000)),
        ("craft", "runs_max", craft.runs_max.into(), (1, 10_000)),
        ("craft", "refund_permille", craft.refund_permille, (0, 1_000)),
        ("guild", "founding_fee", guild.founding_fee.0, (0, CREDITS_MAX)),
        ("guild", "members_max", count(guild.members_max), (1, 10_000)),
        ("guild", "invites_max", count(guild.invites_max), (1, 10_000)),
        ("guild", "invite_seconds", guild.invite_seconds, (60, YEAR)),
        ("guild", "member_limit", guild.member_limit.0, (0, CREDITS_MAX)),
        ("guild", "officer_limit", guild.officer_limit.0, (0, CREDITS_MAX)),
        ("season", "seconds", season.seconds, (60, YEAR)),
        ("season", "kept", count(season.kept), (1, COUNT_MAX)),
    ];
    for (section, field, value, allowed) in ranges {
        faults.range(FILE, section, field, *value, *allowed);
    }
    check_hub_tax(catalog, faults);
}

/// Brackets rise, and a sale always leaves something.
fn check_hub_tax(catalog: &Catalog, faults: &mut Faults) {
    let brackets = &catalog.economy.hub_tax;
    for (number, bracket) in brackets.iter().enumerate() {
        let key = format!("hub_tax[{number}]");
        faults.range(FILE, &key, "above", bracket.above.0, (1, CREDITS_MAX));
        faults.range(FILE, &key, "permille", bracket.permille, (1, 990));
        let before = number.checked_sub(1).map(|before| &brackets[before]);
        if before.is_some_and(|before| before.above >= bracket.above || before.permille >= bracket.permille) {
            faults.add(FILE, key, "above and permille must be larger than those of the bracket before");
        }
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
