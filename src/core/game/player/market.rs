//! What a player sends to markets: escrow for orders, auctions and contracts.

use super::deal::check_quantity;
use super::storage::{too_large, unknown_hub};
use super::{DealContext, Player, Prepared};
use crate::game::{Effects, LedgerReason};
use crate::types::economy::Deal;
use crate::types::economy::contract::{AcceptContract, Deliver, OfferContract};
use crate::types::economy::market::{Bid, Buy, OpenAuction, PlaceOrder};
use crate::types::{Credits, ErrorCode, Holdings, HubKey, ItemKey, Party, Refusal};

impl Player {
    /// Goods and the fee go to the market.
    pub(super) fn list(
        &mut self,
        body: &PlaceOrder,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        check_order(body, cx)?;
        let value = body.price.checked_mul(body.quantity.0).ok_or_else(too_large)?;
        let fee = cx.rule.catalog.economy.market.listing_fee(value);
        let goods = Holdings::of_goods(body.item.clone(), body.quantity).with_credits(fee);
        self.ask_market(&body.hub, goods, deal, cx, fx)
    }

    /// The whole price goes to the market.
    pub(super) fn order(
        &mut self,
        body: &PlaceOrder,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        check_order(body, cx)?;
        let value = body.price.checked_mul(body.quantity.0).ok_or_else(too_large)?;
        self.ask_market(&body.hub, Holdings::of_credits(value), deal, cx, fx)
    }

    /// The price that the player has seen goes to the market.
    pub(super) fn buy(
        &mut self,
        body: &Buy,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        check_quantity(body.quantity)?;
        check_price("price", body.price)?;
        let value = body.price.checked_mul(body.quantity.0).ok_or_else(too_large)?;
        self.ask_market(&body.hub, Holdings::of_credits(value), deal, cx, fx)
    }

    /// Goods and the fee go to the market.
    pub(super) fn open_auction(
        &mut self,
        body: &OpenAuction,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        check_quantity(body.quantity)?;
        check_item(&body.item, cx)?;
        check_price("start", body.start)?;
        check_price("increment", body.increment)?;
        if body.buy_out.is_some_and(|buy_out| buy_out < body.start || buy_out > Credits::MAX) {
            return Err(Refusal::bad_request("buy_out: must be at least start, and at most 2^53 - 1"));
        }
        let economy = &cx.rule.catalog.economy;
        economy.auction.check_seconds(body.seconds)?;
        let fee = economy.market.listing_fee(body.start);
        let goods = Holdings::of_goods(body.item.clone(), body.quantity).with_credits(fee);
        self.ask_market(&body.hub, goods, deal, cx, fx)
    }

    /// The bid goes to the market.
    pub(super) fn bid(
        &mut self,
        body: &Bid,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        check_price("amount", body.amount)?;
        self.ask_market(&body.hub, Holdings::of_credits(body.amount), deal, cx, fx)
    }

    /// Reward and fee go to the market.
    pub(super) fn offer_contract(
        &mut self,
        body: &OfferContract,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        check_quantity(body.quantity)?;
        check_item(&body.item, cx)?;
        check_price("reward", body.reward)?;
        if body.collateral > Credits::MAX {
            return Err(Refusal::bad_request("collateral: must be at most 2^53 - 1"));
        }
        let economy = &cx.rule.catalog.economy;
        economy.contract.check_seconds(body.seconds)?;
        let fee = economy.market.listing_fee(body.reward);
        let escrow = body.reward.checked_add(fee).ok_or_else(too_large)?;
        self.ask_market(&body.hub, Holdings::of_credits(escrow), deal, cx, fx)
    }

    /// The collateral goes to the market.
    pub(super) fn accept_contract(
        &mut self,
        body: &AcceptContract,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        self.ask_market(&body.hub, Holdings::of_credits(body.collateral), deal, cx, fx)
    }

    /// The goods go to the market.
    pub(super) fn deliver(
        &mut self,
        body: &Deliver,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        check_quantity(body.quantity)?;
        let goods = Holdings::of_goods(body.item.clone(), body.quantity);
        self.ask_market(&body.hub, goods, deal, cx, fx)
    }

    pub(super) fn ask_market(
        &mut self,
        hub: &HubKey,
        holdings: Holdings,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        if cx.rule.catalog.hub(hub).is_none() {
            return Err(unknown_hub(hub));
        }
        let reason = match deal {
            Deal::Auction(_) | Deal::Bid(_) | Deal::CancelAuction(_) => LedgerReason::Auction,
            Deal::OfferContract(_) | Deal::AcceptContract(_) | Deal::Deliver(_) | Deal::CancelContract(_) => {
                LedgerReason::Contract
            }
            _ => LedgerReason::Trade,
        };
        self.ask(Party::Market(hub.clone()), holdings, Some(hub), reason, deal, cx, fx)
    }
}

fn check_order(body: &PlaceOrder, cx: &DealContext<'_>) -> Result<(), Refusal> {
    check_quantity(body.quantity)?;
    check_price("price", body.price)?;
    check_item(&body.item, cx)
}

fn check_price(field: &str, price: Credits) -> Result<(), Refusal> {
    if price == Credits::ZERO || price > Credits::MAX {
        return Err(Refusal::bad_request(format!("{field}: must be 1 to 2^53 - 1")));
    }
    Ok(())
}

fn check_item(item: &ItemKey, cx: &DealContext<'_>) -> Result<(), Refusal> {
    if cx.rule.catalog.items.contains_key(item) {
        return Ok(());
    }
    Err(Refusal::new(ErrorCode::UnknownItem, format!("there is no item {item}")))
}
