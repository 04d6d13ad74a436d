//! A contractor: offers small contracts for what can be found nearby, takes others' on, finds the goods and delivers
//! them in parts.

use orrery_core::catalog::Hub;
use orrery_core::types::economy::contract::{AcceptContract, CancelContract, Deliver, OfferContract};
use orrery_core::types::economy::market::AskPage;
use orrery_core::types::economy::{Ask, Deal};
use orrery_core::types::{ContractId, HubKey, ItemKey, Quantity};

use super::{
    Act, Dice, View, approach, ask, can_spend, cash_in, credits, deal, earn, gather, is_found_in_space, is_waiting,
    nearest_hub, pick, worth,
};
use crate::account::Contract;
use crate::behaviour::Behaviour;

/// Contracts of its own at a hub beyond which one is taken back.
const OFFERS_MAX: usize = 4;

/// Offers and fulfils contracts.
#[derive(Default)]
pub(in crate::behaviour) struct Contractor {
    home: Option<HubKey>,
}

impl Behaviour for Contractor {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        if self.home.is_none() {
            self.home = nearest_hub(view).map(|hub| hub.key.clone());
        }
        let Some(hub) = self.home.as_ref().and_then(|key| view.catalog.hub(key)) else { return earn(view, dice) };
        if is_waiting(view) {
            return Act::Nothing;
        }
        let accepted = view.account.contracts.iter().find(|((at, _), contract)| *at == hub.key && !contract.own);
        match (dice.below(10), accepted) {
            (0, _) => offer(view, hub, dice),
            (1, _) => tidy_up(view, hub).unwrap_or_else(|| offer(view, hub, dice)),
            (2, _) => approach(view, &hub.key, dice).or_else(|| cash_in(view, hub)).unwrap_or(Act::Nothing),
            (_, Some(((_, id), contract))) => fulfil(view, hub, *id, contract, dice),
            (3..=5, None) => look(hub),
            (_, None) => accept(view, hub).unwrap_or_else(|| earn(view, dice)),
        }
    }
}

fn look(hub: &Hub) -> Act {
    ask(Ask::Contracts(AskPage { hub: hub.key.clone(), limit: Some(50), cursor: None }))
}

fn offer(view: &View<'_>, hub: &Hub, dice: &mut Dice) -> Act {
    let items: Vec<&ItemKey> = view.catalog.items.keys().filter(|item| is_found_in_space(view, item)).collect();
    let Some(item) = pick(&items, dice) else { return look(hub) };
    let quantity = 1 + dice.below(6);
    let reward = worth(view, item).saturating_mul(quantity).saturating_mul(3) / 2;
    if !can_spend(view, reward) {
        return earn(view, dice);
    }
    let rules = &view.catalog.economy.contract;
    let body = OfferContract {
        hub: hub.key.clone(),
        item: (*item).clone(),
        quantity: Quantity(quantity),
        reward: credits(reward),
        collateral: credits(reward / 10),
        seconds: rules.seconds_min + dice.below(120),
    };
    deal(Deal::OfferContract(body))
}

/// Takes the oldest own contract back when there are many. Perhaps somebody has accepted it.
fn tidy_up(view: &View<'_>, hub: &Hub) -> Option<Act> {
    let own: Vec<_> =
        view.account.contracts.iter().filter(|((at, _), contract)| *at == hub.key && contract.own).collect();
    let ((_, contract), _) = own.first().filter(|_| own.len() > OFFERS_MAX)?;
    Some(deal(Deal::CancelContract(CancelContract { hub: hub.key.clone(), contract: *contract })))
}

fn accept(view: &View<'_>, hub: &Hub) -> Option<Act> {
    let there = view.news.contracts.get(&hub.key)?;
    let good = there.iter().filter(|contract| {
        let free = contract.owner != Some(view.player) && contract.courier.is_none();
        let known = view.account.contracts.contains_key(&(hub.key.clone(), contract.contract));
        free && !known && is_found_in_space(view, &contract.item) && can_spend(view, contract.collateral.0)
    });
    // The smallest: most likely to be done in time.
    let best = good.min_by_key(|contract| contract.quantity)?;
    let (hub, contract, collateral) = (hub.key.clone(), best.contract, best.collateral);
    Some(deal(Deal::AcceptContract(AcceptContract { hub, contract, collateral })))
}

fn fulfil(view: &View<'_>, hub: &Hub, id: ContractId, contract: &Contract, dice: &mut Dice) -> Act {
    let missing = contract.quantity.0.saturating_sub(contract.delivered.0);
    let there = view.account.available(&hub.key, &contract.item);
    // Half of it is worth a trip; the rest can come later.
    if there == 0 || there < missing.div_ceil(2) {
        return gather(view, &contract.item, dice);
    }
    let quantity = Quantity(there.min(missing));
    let (key, item) = (hub.key.clone(), contract.item.clone());
    approach(view, &hub.key, dice)
        .unwrap_or_else(|| deal(Deal::Deliver(Deliver { hub: key, contract: id, item, quantity })))
}
