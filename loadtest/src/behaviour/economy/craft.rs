//! A crafter: chooses a blueprint, finds or buys its inputs, makes it, sometimes gives up, and sells the product.

use orrery_core::catalog::{Blueprint, Hub};
use orrery_core::types::economy::craft::{CancelCraft, Craft};
use orrery_core::types::economy::guild::Nothing;
use orrery_core::types::economy::market::PlaceOrder;
use orrery_core::types::economy::{Ask, Deal};
use orrery_core::types::{BlueprintKey, HubKey, ItemKey, Quantity};

use super::{
    Act, Dice, View, approach, ask, can_spend, cash_in, credits, deal, earn, gather, is_found_in_space, is_waiting,
    nearest_hub, pick, supply, worth,
};
use crate::behaviour::Behaviour;

/// Makes things.
#[derive(Default)]
pub(in crate::behaviour) struct Crafter {
    home: Option<HubKey>,
    plan: Option<BlueprintKey>,
}

impl Behaviour for Crafter {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        if self.home.is_none() {
            self.home = nearest_hub(view).map(|hub| hub.key.clone());
        }
        let Some(hub) = self.home.as_ref().and_then(|key| view.catalog.hub(key)) else { return earn(view, dice) };
        if is_waiting(view) {
            return Act::Nothing;
        }
        match dice.below(16) {
            0 => ask(Ask::Jobs(Nothing {})),
            1 => ask(Ask::Storage(Nothing {})),
            2 => give_up(view).unwrap_or_else(|| earn(view, dice)),
            3 | 4 => approach(view, &hub.key, dice).unwrap_or_else(|| self.sell(view, hub, dice)),
            5 => {
                self.plan = None;
                Act::Nothing
            }
            _ => self.make(view, hub, dice),
        }
    }
}

impl Crafter {
    /// The next step of the plan: what is missing is found or bought, then the job is begun.
    fn make(&mut self, view: &View<'_>, hub: &Hub, dice: &mut Dice) -> Act {
        let Some(blueprint) = self.choose(view, hub, dice) else { return earn(view, dice) };
        let lacks = |item: &ItemKey, needed: u64| view.account.available(&hub.key, item) < needed;
        let missing = blueprint.inputs.iter().find(|(item, needed)| lacks(item, needed.0));
        match missing {
            None => approach(view, &hub.key, dice).unwrap_or_else(|| begin(view, hub, blueprint, dice)),
            Some((item, needed)) if hub.sells.get(item).is_some_and(|price| can_spend(view, price.0 * needed.0)) => {
                approach(view, &hub.key, dice).unwrap_or_else(|| supply(&hub.key, item, needed.0))
            }
            Some((item, _)) if is_found_in_space(view, item) => gather(view, item, dice),
            Some((item, needed)) if dice.below(4) == 0 && can_spend(view, worth(view, item) * needed.0) => {
                let (hub, item, price) = (hub.key.clone(), item.clone(), credits(worth(view, item)));
                deal(Deal::Order(PlaceOrder { hub, item, quantity: *needed, price }))
            }
            Some(_) => {
                self.plan = None;
                earn(view, dice)
            }
        }
    }

    fn choose<'v>(&mut self, view: &View<'v>, hub: &Hub, dice: &mut Dice) -> Option<&'v Blueprint> {
        if self.plan.is_none() {
            let possible: Vec<&Blueprint> = view
                .catalog
                .blueprints
                .values()
                .filter(|blueprint| blueprint.hubs.is_empty() || blueprint.hubs.contains(&hub.key))
                .filter(|blueprint| blueprint.requires.iter().all(|tech| view.known.contains(tech)))
                .collect();
            self.plan = pick(&possible, dice).map(|blueprint| blueprint.key.clone());
        }
        view.catalog.blueprints.get(self.plan.as_ref()?)
    }

    /// The product goes to the hub, if it buys it; otherwise onto the market.
    fn sell(&mut self, view: &View<'_>, hub: &Hub, dice: &mut Dice) -> Act {
        let made = self.plan.as_ref().and_then(|plan| view.catalog.blueprints.get(plan)).map(|plan| &plan.output);
        let there = made.map_or(0, |item| view.account.available(&hub.key, item));
        match made {
            Some(item) if there > 0 && !hub.buys.contains_key(item) => {
                let price = worth(view, item).saturating_mul(110 + dice.below(40)) / 100;
                let (hub, item) = (hub.key.clone(), item.clone());
                deal(Deal::List(PlaceOrder { hub, item, quantity: Quantity(there), price: credits(price) }))
            }
            _ => cash_in(view, hub).unwrap_or_else(|| self.make(view, hub, dice)),
        }
    }
}

fn begin(view: &View<'_>, hub: &Hub, blueprint: &Blueprint, dice: &mut Dice) -> Act {
    let possible = |(item, needed): (&ItemKey, &Quantity)| view.account.available(&hub.key, item) / needed.0.max(1);
    let most = blueprint.inputs.iter().map(possible).min().unwrap_or(1).clamp(1, 5);
    let runs = 1 + dice.below(most.min(u64::from(view.catalog.economy.craft.runs_max)));
    if !can_spend(view, blueprint.fee.0.saturating_mul(runs)) {
        return earn(view, dice);
    }
    let (hub, blueprint) = (hub.key.clone(), blueprint.key.clone());
    deal(Deal::Craft(Craft { hub, blueprint, runs: u32::try_from(runs).unwrap_or(1) }))
}

/// Gives the last job up when there are several.
fn give_up(view: &View<'_>) -> Option<Act> {
    let (job, _) = view.account.jobs.iter().next_back().filter(|_| view.account.jobs.len() > 1)?;
    Some(deal(Deal::CancelCraft(CancelCraft { job: *job })))
}
