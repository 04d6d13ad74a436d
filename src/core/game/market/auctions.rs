//! Auctions: the highest bid at the deadline wins, or who bids the buy-out price.
//!
//! The deadline is a time of the wall clock. A bid in the last seconds moves it, so that nobody wins by being last. What
//! ended while the server was down ends at the first [`Market::end_auctions`] after it, with the bids it had; a bid that
//! comes between the deadline and that is refused. Who leads may raise the own bid, and gets the old one back.

use serde::{Deserialize, Serialize};

use super::register::Row;
use super::{Asked, Done, ENDED_PER_CALL, Market, Sent, limit_reached, not_found, not_yours, own_offer, stored};
use crate::game::{Cause, Effects, LedgerReason, PartTable, Rule};
use crate::types::economy::event::{AuctionChanged, Event, Notice, Topic};
use crate::types::economy::market::{
    AuctionCancelled, AuctionOpened, AuctionView, Bid, BidPlaced, CancelAuction, OpenAuction,
};
use crate::types::{AuctionId, Credits, ErrorCode, Holdings, ItemKey, Millis, PlayerId, Quantity, Refusal};

/// An auction that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Auction {
    pub(super) id: AuctionId,
    pub(super) owner: PlayerId,
    pub(super) item: ItemKey,
    pub(super) quantity: Quantity,
    pub(super) start: Credits,
    pub(super) increment: Credits,
    pub(super) buy_out: Option<Credits>,
    pub(super) ends: Millis,
    pub(super) lead: Option<Lead>,
}

/// The highest bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lead {
    pub(super) bidder: PlayerId,
    pub(super) amount: Credits,
}

impl Row for Auction {
    type Id = AuctionId;

    fn id(&self) -> AuctionId {
        self.id
    }

    fn due(&self) -> Millis {
        self.ends
    }

    fn people(&self) -> [Option<PlayerId>; 2] {
        [Some(self.owner), self.lead.map(|lead| lead.bidder)]
    }
}

impl Auction {
    /// What the market holds for it.
    pub(super) fn escrow(&self) -> Holdings {
        self.goods().with_credits(self.lead.map_or(Credits::ZERO, |lead| lead.amount))
    }

    /// The least that the next bid must be: never more than what wins at once.
    pub(super) fn minimum(&self) -> Credits {
        let next = match self.lead {
            None => self.start,
            Some(lead) => Credits(lead.amount.0.saturating_add(self.increment.0)),
        };
        next.min(self.buy_out.unwrap_or(next))
    }

    pub(super) fn view(&self) -> AuctionView {
        AuctionView {
            auction: self.id,
            owner: self.owner,
            item: self.item.clone(),
            quantity: self.quantity,
            minimum: self.minimum(),
            buy_out: self.buy_out,
            bid: self.lead.map(|lead| lead.amount),
            bidder: self.lead.map(|lead| lead.bidder),
            ends_ms: self.ends,
        }
    }

    fn goods(&self) -> Holdings {
        Holdings::of_goods(self.item.clone(), self.quantity)
    }
}

impl Market {
    /// `auction`.
    pub(super) fn open_auction(
        &mut self,
        body: &OpenAuction,
        asked: &Asked<'_>,
        fx: &mut Effects,
    ) -> Result<Done, Refusal> {
        let economy = &asked.rule.catalog.economy;
        let fee = economy.market.listing_fee(body.start);
        asked.check_paid(&Holdings::of_goods(body.item.clone(), body.quantity).with_credits(fee))?;
        let (owner, limit) = (asked.player(), economy.auction.auctions_per_player);
        if self.auctions.of_player(owner).filter(|auction| auction.owner == owner).count() >= limit {
            return Err(limit_reached("auctions of yours at this hub", limit));
        }

        self.take_fee(fee, asked, fx);
        self.counters.auction += 1;
        fx.touch_part(PartTable::Market, stored::STATE);
        let auction = Auction {
            id: AuctionId(self.counters.auction),
            owner,
            item: body.item.clone(),
            quantity: body.quantity,
            start: body.start,
            increment: body.increment,
            buy_out: body.buy_out,
            ends: asked.now().plus_seconds(body.seconds),
            lead: None,
        };
        let receipt = AuctionOpened { auction: auction.id, ends_ms: auction.ends, fee };
        self.put_auction(auction, fx);
        Ok(Done::new(&receipt, Holdings::default()))
    }

    /// `bid`.
    pub(super) fn bid(&mut self, body: &Bid, asked: &Asked<'_>, fx: &mut Effects) -> Result<Done, Refusal> {
        let (bidder, now) = (asked.player(), asked.now());
        let auction = self.auctions.get(body.auction).ok_or_else(|| not_found("auction"))?;
        if auction.ends <= now {
            return Err(Refusal::new(ErrorCode::Ended, "the auction has ended"));
        }
        if auction.owner == bidder {
            return Err(own_offer("this auction is your own"));
        }
        let minimum = auction.minimum();
        if body.amount < minimum {
            let refusal = Refusal::new(ErrorCode::BidTooLow, format!("the bid must be at least {minimum}"));
            return Err(refusal.with("minimum", minimum.0));
        }
        asked.check_paid(&Holdings::of_credits(body.amount))?;

        let mut auction = auction.clone();
        // Nobody pays more than what wins at once.
        let amount = body.amount.min(auction.buy_out.unwrap_or(body.amount));
        let mut back = Credits(body.amount.0 - amount.0);
        match auction.lead.replace(Lead { bidder, amount }) {
            Some(outbid) if outbid.bidder == bidder => back.0 += outbid.amount.0,
            Some(outbid) => self.outbid(&auction, outbid, now, fx),
            None => {}
        }
        if auction.buy_out == Some(amount) {
            auction.ends = now;
            let (receipt, goods) = (bid_receipt(&auction, amount, true), auction.goods().with_credits(back));
            self.pay_seller(&auction, amount, &asked.cause, asked.rule, fx);
            self.take_auction(&auction, fx);
            return Ok(Done::new(&receipt, goods).and_traded(amount));
        }
        let extended = now.plus_seconds(asked.rule.catalog.economy.auction.extension_seconds);
        auction.ends = auction.ends.max(extended);
        let receipt = bid_receipt(&auction, amount, false);
        self.put_auction(auction, fx);
        Ok(Done::new(&receipt, Holdings::of_credits(back)))
    }

    /// `cancel_auction`.
    pub(super) fn cancel_auction(
        &mut self,
        body: &CancelAuction,
        asked: &Asked<'_>,
        fx: &mut Effects,
    ) -> Result<Done, Refusal> {
        let auction = self.auctions.get(body.auction).ok_or_else(|| not_found("auction"))?;
        if auction.owner != asked.player() {
            return Err(not_yours("auction"));
        }
        if auction.lead.is_some() {
            return Err(Refusal::new(ErrorCode::Committed, "somebody has bid"));
        }
        let ended = Auction { ends: asked.now(), ..auction.clone() };
        self.take_auction(&ended, fx);
        Ok(Done::new(&AuctionCancelled { auction: ended.id }, ended.goods()))
    }

    /// Ends auctions whose deadline is over.
    pub(super) fn end_auctions(&mut self, rule: &Rule<'_>, fx: &mut Effects) {
        for _ in 0..ENDED_PER_CALL {
            let overdue = self.auctions.overdue(rule.now).and_then(|id| self.auctions.get(id));
            let Some(auction) = overdue.cloned() else { return };
            self.take_auction(&auction, fx);
            let (hub, id, reason) = (self.hub.clone(), auction.id, LedgerReason::Auction);
            let Some(lead) = auction.lead else {
                let notice = Notice::AuctionExpired { hub, auction: id };
                let sent = Sent { holdings: auction.goods(), reason, notice, traded: None };
                self.send(auction.owner, sent, rule.now, fx);
                continue;
            };
            let (item, quantity, paid) = (auction.item.clone(), auction.quantity, lead.amount);
            let notice = Notice::AuctionWon { hub, auction: id, item, quantity, paid };
            let sent = Sent { holdings: auction.goods(), reason, notice, traded: Some(paid) };
            self.send(lead.bidder, sent, rule.now, fx);
            self.pay_seller(&auction, paid, &Cause::default(), rule, fx);
        }
    }

    fn outbid(&mut self, auction: &Auction, outbid: Lead, now: Millis, fx: &mut Effects) {
        let bid = auction.lead.map_or(Credits::ZERO, |lead| lead.amount);
        let notice = Notice::Outbid { hub: self.hub.clone(), auction: auction.id, bid };
        let holdings = Holdings::of_credits(outbid.amount);
        let sent = Sent { holdings, reason: LedgerReason::Auction, notice, traded: None };
        self.send(outbid.bidder, sent, now, fx);
    }

    fn pay_seller(&mut self, auction: &Auction, paid: Credits, cause: &Cause, rule: &Rule<'_>, fx: &mut Effects) {
        let credits = self.after_tax(paid, cause, rule, fx);
        let notice = Notice::AuctionSold { hub: self.hub.clone(), auction: auction.id, credits };
        let holdings = Holdings::of_credits(credits);
        let sent = Sent { holdings, reason: LedgerReason::Auction, notice, traded: Some(paid) };
        self.send(auction.owner, sent, rule.now, fx);
    }

    fn put_auction(&mut self, auction: Auction, fx: &mut Effects) {
        self.auction_changed(&auction, false, fx);
        self.auctions.insert(auction);
    }

    fn take_auction(&mut self, auction: &Auction, fx: &mut Effects) {
        self.auction_changed(auction, true, fx);
        self.auctions.remove(auction.id);
    }

    fn auction_changed(&self, auction: &Auction, over: bool, fx: &mut Effects) {
        fx.touch_part(PartTable::Auction, auction.id);
        let (hub, bid) = (self.hub.clone(), auction.lead.map(|lead| lead.amount));
        let changed = AuctionChanged { hub: hub.clone(), auction: auction.id, bid, ends_ms: auction.ends, over };
        fx.events.push((Topic::Auctions(hub), Event::Auction(changed)));
    }
}

fn bid_receipt(auction: &Auction, amount: Credits, won: bool) -> BidPlaced {
    BidPlaced { auction: auction.id, amount, won, ends_ms: auction.ends }
}
