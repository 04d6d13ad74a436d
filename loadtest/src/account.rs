//! A bot's own books: what its wallet and hold must be, kept from nothing but the answers it got.

use std::collections::BTreeMap;

use orrery_core::catalog::Catalog;
use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::answer::{Collected, ResearchCancelled, ResearchStarted, Sold, Status};
use orrery_core::types::{ItemKey, ObjectId};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a command did to wallet and hold, as its answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Credits that came (positive) or went.
    pub credits: i64,
    /// Goods that came (positive) or went.
    pub goods: Option<(ItemKey, i64)>,
    /// The object that was collected.
    pub object: Option<ObjectId>,
}

/// Whether a command moves goods or credits, and so is answered once it is durable and applied once per id.
#[must_use]
pub fn is_economic(command: &str) -> bool {
    matches!(command, "collect" | "sell" | "research" | "cancel_research")
}

/// Reads the effect out of an `ok`.
///
/// # Errors
/// The answer has not the form that the protocol promises.
pub fn effect_of(command: &str, answer: &Value) -> Result<Effect, String> {
    fn read<T: DeserializeOwned>(command: &str, answer: &Value) -> Result<T, String> {
        serde_json::from_value(answer.clone()).map_err(|error| format!("the answer to {command} is malformed: {error}"))
    }
    Ok(match command {
        "collect" => {
            let Collected { object, item, quantity, .. } = read(command, answer)?;
            Effect { credits: 0, goods: Some((item, signed(quantity.0))), object: Some(object) }
        }
        "sell" => {
            let Sold { item, quantity, paid, .. } = read(command, answer)?;
            Effect { credits: signed(paid.0), goods: Some((item, -signed(quantity.0))), object: None }
        }
        "research" => {
            let ResearchStarted { cost, .. } = read(command, answer)?;
            Effect { credits: -signed(cost.0), ..Effect::default() }
        }
        "cancel_research" => {
            let ResearchCancelled { refund, .. } = read(command, answer)?;
            Effect { credits: signed(refund.0), ..Effect::default() }
        }
        _ => Effect::default(),
    })
}

/// Checks an answer against the command and the published prices.
///
/// # Errors
/// What does not fit, in words.
pub fn check_answer(catalog: &Catalog, command: &ClientMessage, answer: &Value) -> Result<Effect, String> {
    let effect = effect_of(command.name(), answer)?;
    let fits = match command {
        ClientMessage::Collect(collect) => effect.object == Some(collect.object),
        ClientMessage::Sell(sell) => {
            let mut hubs = catalog.sectors.values().flat_map(|sector| &sector.hubs);
            let price = hubs.find(|hub| hub.key == sell.hub).and_then(|hub| hub.buys.get(&sell.item));
            let goods = Some((sell.item.clone(), -signed(sell.quantity.0)));
            effect.goods == goods
                && price.is_some_and(|price| {
                    // Full wallets are taxed; the answer says how much.
                    signed(price.0 * sell.quantity.0) == effect.credits + answer["tax"].as_i64().unwrap_or(0)
                })
        }
        ClientMessage::Research(research) => {
            catalog.techs.get(&research.tech).is_some_and(|tech| -signed(tech.cost.0) == effect.credits)
        }
        _ => true,
    };
    if fits { Ok(effect) } else { Err(format!("the answer to {command:?} does not fit it: {answer}")) }
}

/// Wallet and hold as they must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Credits.
    pub credits: i64,
    /// Goods; none with quantity 0.
    pub goods: BTreeMap<ItemKey, i64>,
}

impl Account {
    /// The books as the first `status` opens them.
    #[must_use]
    pub fn opening(status: &Status) -> Self {
        let goods = status.cargo.iter().map(|goods| (goods.item.clone(), signed(goods.quantity.0)));
        Self { credits: signed(status.credits.0), goods: goods.filter(|(_, quantity)| *quantity != 0).collect() }
    }

    /// Books an effect.
    pub fn apply(&mut self, effect: &Effect) {
        self.credits += effect.credits;
        if let Some((item, change)) = &effect.goods {
            let quantity = self.goods.entry(item.clone()).or_default();
            *quantity += change;
            if *quantity == 0 {
                self.goods.remove(item);
            }
        }
    }

    /// Compares with what the server says.
    ///
    /// # Errors
    /// The differences, in words.
    pub fn compare(&self, status: &Status) -> Result<(), String> {
        let theirs = Self::opening(status);
        if *self == theirs {
            return Ok(());
        }
        Err(format!(
            "the answers add up to {} credits and goods {:?}, but status says {} and {:?}",
            self.credits, self.goods, theirs.credits, theirs.goods
        ))
    }

    /// How many of an item.
    #[must_use]
    pub fn quantity(&self, item: &ItemKey) -> u64 {
        self.goods.get(item).map_or(0, |quantity| u64::try_from(*quantity).unwrap_or(0))
    }
}

/// Amounts are below 2^53, so nothing is lost.
pub(crate) fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use orrery_core::protocol::answer::{Goods, Lifetime};
    use orrery_core::types::{Credits, Quantity, ShipKindKey, Volume};
    use serde_json::json;

    fn status(credits: u64, ore: u64) -> Status {
        let item = ItemKey::parse("ore").unwrap();
        Status {
            name: "Ada".to_owned(),
            credits: Credits(credits),
            ship: ShipKindKey::parse("sloop").unwrap(),
            cargo_used: Volume(0),
            cargo_capacity: Volume(9),
            cargo: vec![Goods { item, quantity: Quantity(ore) }],
            research: None,
            known: vec![],
            lifetime: Lifetime::default(),
        }
    }

    #[test]
    fn answers_add_up_to_the_status() {
        let mut account = Account::opening(&status(100, 0));
        let answers = [
            ("collect", json!({"object": 7, "item": "ore", "quantity": 5, "transfer": "collect-7"})),
            ("sell", json!({"hub": "sol_hub", "item": "ore", "quantity": 2, "paid": 14, "balance": 114})),
            ("research", json!({"tech": "drive", "cost": 40, "due_ms": 5, "balance": 74})),
            ("cancel_research", json!({"tech": "drive", "refund": 39, "balance": 113})),
            ("status", json!({})),
        ];
        for (command, answer) in answers {
            account.apply(&effect_of(command, &answer).unwrap());
        }
        assert_eq!(account.compare(&status(113, 3)), Ok(()));
        let difference = account.compare(&status(113, 4)).unwrap_err();
        assert!(difference.contains("113 credits"), "{difference}");
    }

    #[test]
    fn a_malformed_answer_is_told() {
        assert!(effect_of("sell", &json!({"paid": "much"})).unwrap_err().contains("malformed"));
    }
}
