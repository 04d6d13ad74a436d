//! Goods between hold and hub, the hubs' own trade, and gifts.

use super::deal::check_quantity;
use super::{DealContext, Player, Prepared};
use crate::game::{Cause, Effects, LedgerReason, Parcel, Purpose, Transfer};
use crate::types::economy::event::Notice;
use crate::types::economy::storage::{BuyShip, Give, Given, Move, Moved, ShipBought, Supplied, Supply};
use crate::types::{
    Credits, ErrorCode, External, Holdings, HubKey, ItemKey, Party, Quantity, Refusal, TransferId, Volume,
};

impl Player {
    pub(super) fn load(&mut self, body: &Move, cx: &DealContext<'_>, fx: &mut Effects) -> Result<Prepared, Refusal> {
        check_quantity(body.quantity)?;
        let stored = self.storage.get(&body.hub).map_or(Quantity::ZERO, |stored| stored.quantity(&body.item));
        check_there(&body.item, stored, body.quantity)?;
        let volume = cx.rule.catalog.items.get(&body.item).map_or(Volume::ZERO, |item| item.volume);
        let needed = volume.checked_mul(body.quantity.0).unwrap_or(Volume::MAX);
        let free = self.free_volume(cx.rule.catalog);
        if needed > free {
            let text = format!("the hold is too full: {needed} needed, {free} free");
            return Err(Refusal::new(ErrorCode::CargoFull, text).with("needed", needed.0).with("free", free.0));
        }
        self.cargo.add(&body.item, body.quantity).ok_or_else(too_large)?;
        if let Some(stored) = self.storage.get_mut(&body.hub) {
            let _ = stored.take(&body.item, body.quantity);
            if stored.is_empty() {
                self.storage.remove(&body.hub);
            }
        }
        fx.touched = true;
        Ok(self.moved(body))
    }

    pub(super) fn unload(&mut self, body: &Move, _: &DealContext<'_>, fx: &mut Effects) -> Result<Prepared, Refusal> {
        check_quantity(body.quantity)?;
        check_there(&body.item, self.cargo.quantity(&body.item), body.quantity)?;
        let goods = Holdings::of_goods(body.item.clone(), body.quantity);
        self.put_in(&goods, Some(&body.hub)).ok_or_else(too_large)?;
        let _ = self.cargo.take(&body.item, body.quantity);
        fx.touched = true;
        Ok(self.moved(body))
    }

    fn moved(&self, body: &Move) -> Prepared {
        let stored = self.storage.get(&body.hub).map_or(Quantity::ZERO, |stored| stored.quantity(&body.item));
        let hold = self.cargo.quantity(&body.item);
        let (hub, item) = (body.hub.clone(), body.item.clone());
        Prepared::done(&Moved { hub, item, quantity: body.quantity, hold, stored })
    }

    pub(super) fn supply(
        &mut self,
        body: &Supply,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        check_quantity(body.quantity)?;
        let hub = cx.rule.catalog.hub(&body.hub).ok_or_else(|| unknown_hub(&body.hub))?;
        let not_sold = || Refusal::new(ErrorCode::NotSold, format!("{} does not sell {}", body.hub, body.item));
        let price = hub.sells.get(&body.item).ok_or_else(not_sold)?;
        let paid = price.checked_mul(body.quantity.0).ok_or_else(too_large)?;
        self.check_credits(paid)?;
        let goods = Holdings::of_goods(body.item.clone(), body.quantity);
        self.put_in(&goods, Some(&body.hub)).ok_or_else(too_large)?;
        self.spend(paid);
        let (cause, price) = (Cause::from(cx.command), Holdings::of_credits(paid));
        fx.touched = true;
        fx.moved(self.id, External::Hubs, &price, LedgerReason::Supply, &cause, cx.rule.now);
        fx.moved(External::Hubs, self.id, &goods, LedgerReason::Supply, &cause, cx.rule.now);
        let (hub, item) = (body.hub.clone(), body.item.clone());
        Ok(Prepared::done(&Supplied { hub, item, quantity: body.quantity, paid, balance: self.credits }))
    }

    pub(super) fn buy_ship(
        &mut self,
        body: &BuyShip,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        let catalog = cx.rule.catalog;
        let hub = catalog.hub(&body.hub).ok_or_else(|| unknown_hub(&body.hub))?;
        let unknown = || Refusal::new(ErrorCode::UnknownShip, format!("there is no ship {}", body.ship));
        let kind = catalog.ships.get(&body.ship).ok_or_else(unknown)?;
        if !hub.ships.contains(&body.ship) || self.ship == body.ship {
            let text = format!("{} does not sell you a {}", body.hub, body.ship);
            return Err(Refusal::new(ErrorCode::NotSold, text));
        }
        // Half of the old one's price is taken off; never is money given back.
        let old = catalog.ships.get(&self.ship).map_or(Credits::ZERO, |old| old.price);
        let paid = Credits(kind.price.0.saturating_sub(old.0 / 2));
        self.check_credits(paid)?;
        let old = std::mem::replace(&mut self.ship, body.ship.clone());
        let (capacity, used) = (self.ship_stats(catalog).cargo_capacity, self.cargo.volume(catalog));
        if used > capacity {
            self.ship = old;
            let text = format!("the goods do not fit into a {}: {used} needed, {capacity} there", body.ship);
            return Err(Refusal::new(ErrorCode::CargoFull, text).with("needed", used.0).with("free", capacity.0));
        }
        self.spend(paid);
        fx.touched = true;
        let (cause, price) = (Cause::from(cx.command), Holdings::of_credits(paid));
        fx.moved(self.id, External::Hubs, &price, LedgerReason::Ship, &cause, cx.rule.now);
        Ok(Prepared::done(&ShipBought { ship: body.ship.clone(), paid, balance: self.credits }))
    }

    pub(super) fn give(&mut self, body: &Give, cx: &DealContext<'_>, fx: &mut Effects) -> Result<Prepared, Refusal> {
        if body.credits == Credits::ZERO || body.credits > Credits::MAX {
            return Err(Refusal::bad_request("credits: must be 1 to 2^53 - 1"));
        }
        if body.to == self.id {
            return Err(Refusal::bad_request("to: must be another player"));
        }
        self.check_credits(body.credits)?;
        self.credits = Credits(self.credits.0 - body.credits.0);
        fx.touched = true;
        let notice = Notice::Given { from: self.id, name: cx.name.to_owned(), credits: body.credits };
        // Not named after the command: an id may be used again once it is forgotten, and a gift may wait longer.
        let letter = self.next_letter();
        let transfer = Transfer {
            id: TransferId::of_parcel(&Party::Player(self.id), letter),
            from: self.id.into(),
            to: Party::Player(body.to),
            holdings: Holdings::of_credits(body.credits),
            reason: LedgerReason::Gift,
            purpose: Purpose::Parcel(Box::new(Parcel { notice: Some(notice), ..Parcel::default() })),
        };
        fx.send(transfer, cx.rule.now);
        Ok(Prepared::done(&Given { to: body.to, credits: body.credits, balance: self.credits }))
    }

    /// Takes credits that [`Player::check_credits`] has found to be there, for good.
    pub(super) fn spend(&mut self, credits: Credits) {
        self.credits = Credits(self.credits.0.saturating_sub(credits.0));
        let spent = self.lifetime.credits_spent.0.saturating_add(credits.0);
        self.lifetime.credits_spent = Credits(spent).min(Credits::MAX);
    }
}

fn check_there(item: &ItemKey, have: Quantity, needed: Quantity) -> Result<(), Refusal> {
    if have >= needed {
        return Ok(());
    }
    let refusal = Refusal::new(ErrorCode::NotEnoughGoods, format!("only {have} of {item} are there"));
    Err(refusal.with("have", have.0).with("needed", needed.0))
}

pub(super) fn unknown_hub(hub: &HubKey) -> Refusal {
    Refusal::new(ErrorCode::UnknownHub, format!("there is no hub {hub}"))
}

pub(super) fn too_large() -> Refusal {
    Refusal::new(ErrorCode::AmountTooLarge, "the amount is too large")
}
