//! Where the simulated players' goods go: missions, hubs' contracts, other players' orders, hubs.

use std::sync::Arc;

use super::galaxy::{Galaxy, HubContract, rule};
use crate::game::player::SellOrder;
use crate::game::{Cause, Effects, LedgerReason, Parcel, PartyRules, Purpose, Transfer};
use crate::types::economy::Deal;
use crate::types::economy::contract::Deliver;
use crate::types::economy::market::PlaceOrder;
use crate::types::economy::mission::{Contribute, JoinMission};
use crate::types::economy::storage::Move;
use crate::types::{ContractId, Credits, External, Holdings, HubKey, ItemKey, Party, Quantity, TransferId};

/// A player's order to buy.
pub(super) struct Order {
    buyer: usize,
    hub: HubKey,
    item: ItemKey,
    quantity: Quantity,
    price: Credits,
}

impl Galaxy {
    /// Brings goods out of the hold to where they bring most: a mission that needs them, a hub's contract, another
    /// player's order, the hub that pays best.
    pub(super) fn dispose(&mut self, player: usize, item: &ItemKey) {
        self.contribute(player, item);
        self.deliver(player, item);
        self.fill_orders(player, item);
        let quantity = self.players[player].cargo.quantity(item);
        let catalog = Arc::clone(&self.catalog);
        if quantity == Quantity::ZERO || !self.prices.contains_key(item) {
            return;
        }
        let (order, command) = (SellOrder { item: item.clone(), quantity }, self.command());
        let (hub, mut fx) = (&self.prices[item].0, Effects::default());
        self.players[player].sell(&catalog, hub, &order, command, self.now, &mut fx).unwrap();
        self.carry_out(fx);
    }

    fn contribute(&mut self, player: usize, item: &ItemKey) {
        if !self.asked.contains(item) {
            return;
        }
        let catalog = Arc::clone(&self.catalog);
        let mut missions = std::mem::take(&mut self.missions);
        for mission in &mut missions {
            let quantity = self.players[player].cargo.quantity(item);
            let view = mission.view();
            let needed = view.needs.iter().any(|need| need.item == *item && need.given < need.needed);
            if !needed || quantity == Quantity::ZERO || mission.is_over() {
                continue;
            }
            let (id, hub) = (mission.id().clone(), view.hub);
            for deal in [
                Deal::JoinMission(JoinMission { mission: id.clone() }),
                Deal::Contribute(Contribute { mission: id, hub: hub.clone(), item: item.clone(), quantity }),
            ] {
                let request = self.deal(player, &deal).unwrap().expect("missions are asked");
                let mut fx = Effects::default();
                mission.receive(&request, &rule(&catalog, self.now), &mut fx);
                self.carry_out(fx);
            }
            self.take_home(player, &hub, item);
        }
        self.missions = missions;
    }

    /// Puts what came back into a hub's storage into the hold again.
    fn take_home(&mut self, player: usize, hub: &HubKey, item: &ItemKey) {
        let back = self.players[player].storage.get(hub).map_or(Quantity::ZERO, |stored| stored.quantity(item));
        if back > Quantity::ZERO {
            let body = Move { hub: hub.clone(), item: item.clone(), quantity: back };
            let _ = self.deal(player, &Deal::Load(body));
        }
    }

    fn deliver(&mut self, player: usize, item: &ItemKey) {
        while let Some(index) = self.contracts.iter().position(|contract| {
            contract.item == *item && contract.quantity <= self.players[player].cargo.quantity(item)
        }) {
            let HubContract { hub, quantity, reward, .. } = self.contracts.swap_remove(index);
            let body = Deliver { hub, contract: ContractId(1), item: item.clone(), quantity };
            self.deal(player, &Deal::Deliver(body)).unwrap();
            self.parcel(External::Hubs, player, Holdings::of_credits(reward), None, LedgerReason::Contract);
        }
    }

    /// An order for goods at this price; the money leaves the wallet.
    pub(super) fn order(&mut self, buyer: usize, hub: &HubKey, item: &ItemKey, quantity: Quantity, price: Credits) {
        let body = PlaceOrder { hub: hub.clone(), item: item.clone(), quantity, price };
        if let Ok(Some(request)) = self.deal(buyer, &Deal::Order(body)) {
            self.escrow += request.holdings.credits.0;
            self.orders.push(Order { buyer, hub: hub.clone(), item: item.clone(), quantity, price });
        }
    }

    pub(super) fn has_order(&self, buyer: usize, item: &ItemKey) -> bool {
        self.orders.iter().any(|order| order.buyer == buyer && order.item == *item)
    }

    fn fill_orders(&mut self, seller: usize, item: &ItemKey) {
        let market = Arc::clone(&self.catalog);
        let rules = &market.economy.market;
        for index in (0..self.orders.len()).rev() {
            let (order, have) = (&self.orders[index], self.players[seller].cargo.quantity(item));
            let quantity = order.quantity.min(have);
            if order.item != *item || order.buyer == seller || quantity == Quantity::ZERO {
                continue;
            }
            let (buyer, hub, price) = (order.buyer, order.hub.clone(), order.price);
            let body = PlaceOrder { hub: hub.clone(), item: item.clone(), quantity, price };
            // Who cannot pay the fee does not list.
            let Ok(Some(listed)) = self.deal(seller, &Deal::List(body)) else { return };
            let value = Credits(price.0 * quantity.0);
            let tax = rules.sale_tax(value);
            self.escrow -= value.0;
            self.treasury(listed.holdings.credits, LedgerReason::Fee);
            self.treasury(tax, LedgerReason::Tax);
            let goods = Holdings::of_goods(item.clone(), quantity);
            self.between_players(buyer, goods, Some(&hub));
            self.between_players(seller, Holdings::of_credits(Credits(value.0 - tax.0)), None);
            self.orders[index].quantity.0 -= quantity.0;
            if self.orders[index].quantity == Quantity::ZERO {
                self.orders.swap_remove(index);
            }
        }
    }

    /// What a market pays the treasury.
    fn treasury(&mut self, credits: Credits, reason: LedgerReason) {
        let market = Party::Market(HubKey::parse("luna_exchange").unwrap());
        let mut fx = Effects::default();
        let (credits, cause) = (Holdings::of_credits(credits), Cause::default());
        fx.moved(market, External::Treasury, &credits, reason, &cause, self.now);
        self.carry_out(fx);
    }

    /// What a market sends a player.
    fn between_players(&mut self, player: usize, holdings: Holdings, hub: Option<&HubKey>) {
        self.commands += 1;
        let market = Party::Market(HubKey::parse("luna_exchange").unwrap());
        let transfer = Transfer {
            id: TransferId::of_parcel(&market, self.commands),
            from: market.into(),
            to: Party::Player(self.players[player].id),
            holdings,
            reason: LedgerReason::Trade,
            purpose: Purpose::Parcel(Box::new(Parcel { hub: hub.cloned(), ..Parcel::default() })),
        };
        let mut fx = Effects::default();
        fx.send(transfer, self.now);
        self.carry_out(fx);
    }
}
