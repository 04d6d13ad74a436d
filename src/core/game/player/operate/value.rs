//! Credits and goods, given and taken. What is given lies where it can be taken from again: so each undoes the other.

use serde_json::{Map, Value, json};

use super::{Amounts, OperateContext, OperateRefusal, Operated, OperatorChange};
use crate::game::player::Player;
use crate::game::{Cause, Effects, LedgerReason};
use crate::types::economy::event::Notice;
use crate::types::{Credits, External, ItemKey, Quantity, Volume};

/// Kinds of goods in one change.
const ITEMS_MAX: usize = 100;

impl Player {
    pub(super) fn be_granted(
        &mut self,
        amounts: &Amounts,
        cx: &OperateContext<'_>,
        fx: &mut Effects,
    ) -> Result<Operated, OperateRefusal> {
        check_amounts(amounts)?;
        let catalog = cx.rule.catalog;
        if let Some(item) = amounts.goods.keys().find(|item| !catalog.items.contains_key(*item)) {
            return Err(OperateRefusal::UnknownItem(item.clone()));
        }
        match &amounts.hub {
            Some(hub) if catalog.hub(hub).is_none() => return Err(OperateRefusal::UnknownHub(hub.clone())),
            Some(_) => {}
            None => self.check_room(amounts, cx)?,
        }
        let (before, holdings) = (self.touched(amounts), amounts.holdings());
        self.put_in(&holdings, amounts.hub.as_ref()).ok_or(OperateRefusal::AmountTooLarge)?;
        fx.touched = true;
        fx.moved(External::Operators, self.id, &holdings, LedgerReason::Operator, &Cause::default(), cx.rule.now);
        let (credits, goods, hub) = (amounts.credits, amounts.goods.clone(), amounts.hub.clone());
        self.be_told(Notice::Granted { credits, goods, hub }, cx, fx);
        let undo = Some(OperatorChange::Revoke(amounts.clone()));
        Ok(Operated { before, after: self.touched(amounts), undo })
    }

    pub(super) fn be_revoked(
        &mut self,
        amounts: &Amounts,
        cx: &OperateContext<'_>,
        fx: &mut Effects,
    ) -> Result<Operated, OperateRefusal> {
        check_amounts(amounts)?;
        let (needed, have) = (amounts.credits, self.credits);
        let rest = have.checked_sub(needed).ok_or(OperateRefusal::NotEnoughCredits { needed, have })?;
        for (item, needed) in &amounts.goods {
            let (have, needed) = (self.there(item, amounts), *needed);
            if have < needed {
                return Err(OperateRefusal::NotEnoughGoods { item: item.clone(), needed, have });
            }
        }
        let (before, holdings) = (self.touched(amounts), amounts.holdings());
        self.credits = rest;
        self.take_goods(amounts);
        fx.touched = true;
        fx.moved(self.id, External::Operators, &holdings, LedgerReason::Operator, &Cause::default(), cx.rule.now);
        let (credits, goods, hub) = (amounts.credits, amounts.goods.clone(), amounts.hub.clone());
        self.be_told(Notice::Revoked { credits, goods, hub }, cx, fx);
        let undo = Some(OperatorChange::Grant(amounts.clone()));
        Ok(Operated { before, after: self.touched(amounts), undo })
    }

    fn check_room(&self, amounts: &Amounts, cx: &OperateContext<'_>) -> Result<(), OperateRefusal> {
        let volume_of = |(item, quantity): (&ItemKey, &Quantity)| {
            let volume = cx.rule.catalog.items.get(item).map_or(Volume::ZERO, |item| item.volume);
            volume.checked_mul(quantity.0).unwrap_or(Volume::MAX)
        };
        let sum = |sum: Volume, volume| sum.checked_add(volume).unwrap_or(Volume::MAX);
        let needed = amounts.goods.iter().map(volume_of).fold(Volume::ZERO, sum);
        let free = self.free_volume(cx.rule.catalog);
        if needed > free { Err(OperateRefusal::CargoFull { needed, free }) } else { Ok(()) }
    }

    /// How many of an item are where the change takes them from.
    fn there(&self, item: &ItemKey, amounts: &Amounts) -> Quantity {
        match &amounts.hub {
            Some(hub) => self.storage.get(hub).map_or(Quantity::ZERO, |stored| stored.quantity(item)),
            None => self.cargo.quantity(item),
        }
    }

    /// Takes what was found to be there.
    fn take_goods(&mut self, amounts: &Amounts) {
        for (item, quantity) in &amounts.goods {
            let place = match &amounts.hub {
                Some(hub) => self.storage.get_mut(hub),
                None => Some(&mut self.cargo),
            };
            let taken = place.and_then(|place| place.take(item, *quantity));
            debug_assert!(taken.is_some(), "checked before");
        }
        self.storage.retain(|_, stored| !stored.is_empty());
    }

    /// Wallet and goods as far as the change touches them.
    fn touched(&self, amounts: &Amounts) -> Value {
        let mut touched = Map::new();
        if amounts.credits > Credits::ZERO {
            touched.insert("credits".to_owned(), self.credits.0.into());
        }
        if !amounts.goods.is_empty() {
            let there = amounts.goods.keys().map(|item| (item.to_string(), self.there(item, amounts).0.into()));
            let goods: Map<String, Value> = there.collect();
            match &amounts.hub {
                Some(hub) => touched.insert("storage".to_owned(), json!({ hub.as_str(): goods })),
                None => touched.insert("cargo".to_owned(), goods.into()),
            };
        }
        touched.into()
    }
}

fn check_amounts(amounts: &Amounts) -> Result<(), OperateRefusal> {
    let invalid = |field, rule: &str| Err(OperateRefusal::Invalid { field, rule: rule.to_owned() });
    if amounts.credits == Credits::ZERO && amounts.goods.is_empty() {
        return invalid("credits", "credits or goods must be named");
    }
    if amounts.credits > Credits::MAX {
        return invalid("credits", "must be 1 to 2^53 - 1");
    }
    if amounts.goods.len() > ITEMS_MAX {
        return invalid("goods", "must be 100 kinds at most");
    }
    if amounts.goods.values().any(|quantity| *quantity == Quantity::ZERO || *quantity > Quantity::MAX) {
        return invalid("goods", "each quantity must be 1 to 2^53 - 1");
    }
    Ok(())
}
