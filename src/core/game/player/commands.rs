//! Selling to a hub for the catalogue's price, and what the plain commands answer.

use super::{Player, PlayerRefusal};
use crate::catalog::{Catalog, Hub};
use crate::game::{Cause, Effects, LedgerReason};
use crate::types::{
    CommandId, Credits, External, Holdings, HubKey, ItemKey, Millis, ObjectId, Quantity, TechKey, TransferId,
};

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// An object's goods are in the hold.
    Collected {
        /// The object.
        object: ObjectId,
        /// What it held.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// The transfer that brought it.
        transfer: TransferId,
    },
    /// Goods were sold.
    Sold {
        /// Where.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// What it brought, after tax.
        paid: Credits,
        /// What the treasury took.
        tax: Credits,
        /// The wallet after it.
        balance: Credits,
    },
    /// A research began.
    ResearchStarted {
        /// What.
        tech: TechKey,
        /// For how much.
        cost: Credits,
        /// When it is done.
        due: Millis,
        /// The wallet after it.
        balance: Credits,
    },
    /// A research was given up.
    ResearchCancelled {
        /// What.
        tech: TechKey,
        /// What came back.
        refund: Credits,
        /// The wallet after it.
        balance: Credits,
    },
}

/// What is offered to a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SellOrder {
    /// What.
    pub item: ItemKey,
    /// How many.
    pub quantity: Quantity,
}

impl Player {
    /// Sells goods to a hub that the ship is near, for the catalogue's price less the tax of a full wallet.
    ///
    /// # Errors
    /// Nothing or unknown goods offered, not bought here, fewer in the hold, or a wallet that would be too full.
    pub fn sell(
        &mut self,
        catalog: &Catalog,
        hub: &Hub,
        order: &SellOrder,
        command: CommandId,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<Receipt, PlayerRefusal> {
        let SellOrder { item, quantity } = order;
        if !catalog.items.contains_key(item) {
            return Err(PlayerRefusal::UnknownItem(item.clone()));
        }
        let price = hub.buys.get(item).ok_or_else(|| PlayerRefusal::NotBought(item.clone()))?;
        if *quantity == Quantity::ZERO {
            return Err(PlayerRefusal::NothingToSell);
        }
        let have = self.cargo.quantity(item);
        if have < *quantity {
            return Err(PlayerRefusal::NotEnoughGoods { have });
        }
        let gross = price.checked_mul(quantity.0).ok_or(PlayerRefusal::AmountTooLarge)?;
        let tax = catalog.economy.hub_tax(self.credits, gross);
        let paid = Credits(gross.0 - tax.0);
        let balance = self.credits.checked_add(paid).ok_or(PlayerRefusal::AmountTooLarge)?;
        let earned = self.lifetime.credits_earned.checked_add(paid).ok_or(PlayerRefusal::AmountTooLarge)?;
        self.cargo.take(item, *quantity).ok_or(PlayerRefusal::NotEnoughGoods { have })?;

        self.credits = balance;
        self.lifetime.credits_earned = earned;
        self.lifetime.pieces_sold += quantity.0;
        fx.touched = true;
        let (cause, goods) = (Cause::from(command), Holdings::of_goods(item.clone(), *quantity));
        fx.moved(self.id, External::Hubs, &goods, LedgerReason::Sell, &cause, now);
        fx.moved(External::Hubs, self.id, &Holdings::of_credits(gross), LedgerReason::Sell, &cause, now);
        fx.moved(self.id, External::Treasury, &Holdings::of_credits(tax), LedgerReason::Tax, &cause, now);
        let (item, quantity) = (item.clone(), *quantity);
        Ok(Receipt::Sold { hub: hub.key.clone(), item, quantity, paid, tax, balance })
    }
}
