//! What the commands without another player do to wallet and hold: collect, sell, research.

use orrery_core::catalog::Catalog;
use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::answer::{Collected, ResearchCancelled, ResearchStarted, Sold};
use orrery_core::types::economy::storage::{Given, ShipBought, Supplied};
use orrery_core::types::{ItemKey, ObjectId};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::signed;

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

/// Reads the effect out of an `ok`.
///
/// # Errors
/// The answer has not the form that the protocol promises.
pub fn effect_of(command: &str, answer: &Value) -> Result<Effect, String> {
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
        "supply" => {
            let Supplied { item, quantity, paid, .. } = read(command, answer)?;
            Effect { credits: -signed(paid.0), goods: Some((item, signed(quantity.0))), object: None }
        }
        "give" => {
            let Given { credits, .. } = read(command, answer)?;
            Effect { credits: -signed(credits.0), ..Effect::default() }
        }
        "buy_ship" => {
            let ShipBought { paid, .. } = read(command, answer)?;
            Effect { credits: -signed(paid.0), ..Effect::default() }
        }
        _ => Effect::default(),
    })
}

/// Whether [`effect_of`] tells all that a command does to the sum of wallet, hold and storage. What a market or a
/// mission gives back is not in its answers alone.
#[must_use]
pub fn tells_its_effect(command: &str) -> bool {
    let alone = ["collect", "sell", "research", "cancel_research", "supply", "give", "buy_ship", "load", "unload"];
    let talk = ["say", "report", "befriend", "unfriend", "block", "unblock", "mute", "unmute", "read_notifications"];
    alone.contains(&command) || talk.contains(&command)
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

/// Reads an answer.
pub(super) fn read<T: DeserializeOwned>(command: &str, answer: &Value) -> Result<T, String> {
    serde_json::from_value(answer.clone()).map_err(|error| format!("the answer to {command} is malformed: {error}"))
}
