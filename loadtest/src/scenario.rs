//! Scenarios: which behaviours a swarm mixes, and how fast its bots act. Built-in ones are in `loadtest/scenarios`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use serde::Deserialize;

use crate::dice::Dice;

/// The built-in scenarios: name and text.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("mixed", include_str!("../scenarios/mixed.toml")),
    ("fly", include_str!("../scenarios/fly.toml")),
    ("collect", include_str!("../scenarios/collect.toml")),
    ("trade", include_str!("../scenarios/trade.toml")),
    ("economy", include_str!("../scenarios/economy.toml")),
    ("bundled", include_str!("../scenarios/bundled.toml")),
];

/// What a bot does all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Flies about.
    Fly,
    /// Collects what it sees.
    Collect,
    /// Collects and sells.
    Trade,
    /// Goes through gates.
    Jump,
    /// Researches and asks.
    Research,
    /// Flies, and loses its connection now and then.
    Reconnect,
    /// Trades on a market: listings, orders, auctions.
    Merchant,
    /// Makes goods out of goods.
    Craft,
    /// Offers contracts and fulfils others'.
    Contract,
    /// Takes part in missions.
    Mission,
    /// Talks, and has friends.
    Chat,
    /// Lives in guilds.
    Guild,
    /// Gives credits away.
    Give,
}

/// A mix of behaviours.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is for.
    pub about: String,
    /// The mean pause between two actions of a bot, in ms.
    pub pause_ms: u64,
    /// The share of bots, from 0 to 1, that register an account instead of coming as guests.
    #[serde(default)]
    pub registered_share: f64,
    /// How many of the bots take each role, relative to each other.
    pub weights: BTreeMap<Role, u32>,
}

impl Scenario {
    /// A built-in scenario by its name, or else a file.
    ///
    /// # Errors
    /// No such name or file, or a text that is no scenario.
    pub fn load(name: &str) -> anyhow::Result<Self> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::parse(text);
        }
        let known: Vec<&str> = BUILT_IN.iter().map(|(known, _)| *known).collect();
        let text = std::fs::read_to_string(name)
            .with_context(|| format!("{name:?} is neither a file nor one of {}", known.join(", ")))?;
        Self::parse(&text).with_context(|| format!("failed to read scenario {name:?}"))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let scenario: Self = toml::from_str(text).map_err(|error| anyhow!("{}", error.message()))?;
        if scenario.weights.values().all(|weight| *weight == 0) {
            bail!("weights: at least one must be above 0");
        }
        if !(10..=3_600_000).contains(&scenario.pause_ms) {
            bail!("pause_ms is {}, but must be 10 to 3,600,000", scenario.pause_ms);
        }
        if !(0.0..=1.0).contains(&scenario.registered_share) {
            bail!("registered_share is {}, but must be 0 to 1", scenario.registered_share);
        }
        Ok(scenario)
    }

    /// The mean pause between two actions.
    #[must_use]
    pub fn pause(&self) -> Duration {
        Duration::from_millis(self.pause_ms)
    }

    /// Deals a role.
    pub fn deal(&self, dice: &mut Dice) -> Role {
        let total = self.weights.values().map(|weight| u64::from(*weight)).sum();
        let mut drawn = dice.below(total);
        for (role, weight) in &self.weights {
            match drawn.checked_sub(u64::from(*weight)) {
                None => return *role,
                Some(rest) => drawn = rest,
            }
        }
        Role::Fly
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_scenario_is_one() {
        for (name, _) in BUILT_IN {
            assert!(Scenario::load(name).is_ok(), "{name}");
        }
        assert!(format!("{:#}", Scenario::load("dance").unwrap_err()).contains("mixed"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let parse = |text: &str| format!("{:#}", Scenario::parse(text).unwrap_err());
        assert!(parse("about = ''\npause_ms = 100\n[weights]\ndance = 1").contains("dance"));
        assert!(parse("about = ''\npause_ms = 100\n[weights]\nfly = 0").contains("weights"));
        assert!(parse("about = ''\npause_ms = 1\n[weights]\nfly = 1").contains("pause_ms"));
    }

    #[test]
    fn roles_are_dealt_by_weight_and_seed() {
        let text = "about = ''\npause_ms = 100\n[weights]\nfly = 3\ntrade = 1";
        let scenario = Scenario::parse(text).unwrap();
        let deal = || {
            let mut dice = Dice::seeded(5);
            (0..4000).map(|_| scenario.deal(&mut dice)).collect::<Vec<_>>()
        };
        let traders = deal().iter().filter(|role| **role == Role::Trade).count();
        assert!((850..1150).contains(&traders), "{traders}");
        assert_eq!(deal(), deal());
    }
}
