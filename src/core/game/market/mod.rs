//! A hub's market: order book, auctions, contracts and the prices of what was traded; the state of one market actor.
//!
//! Whatever is offered or bid is here in escrow: it came with the request, and the ledger has it on the market's account
//! until it goes to a player, to the treasury (fees, taxes) or, for the hub's own contracts, to the hubs. What the asking
//! player gets travels in the reply; what others get, in numbered parcels. Goods go to storage at the hub.
//!
//! To add a deal: its rule beside the state it changes, taking [`Asked`] and returning [`Done`]; a line in `decide`.

mod answers;
mod auctions;
mod contracts;
mod hub_contracts;
mod orders;
mod prices;
mod register;
mod stored;
mod ticker;
mod trading;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::auctions::Auction;
use self::contracts::Contract;
use self::orders::Orders;
use self::prices::Prices;
use self::register::Register;
use self::ticker::Tickers;
use super::{
    Cause, Effects, Inspect, LedgerReason, Outcome, Parcel, PartTable, PartyRules, PlayerChange, Purpose, ReplyParts,
    Request, Rule, Transfer,
};
use crate::types::economy::event::Notice;
use crate::types::economy::market::Side;
use crate::types::economy::{Ask, Deal};
use crate::types::{Credits, ErrorCode, External, Holdings, HubKey, Millis, Party, PlayerId, Refusal, TransferId};

/// How many orders, auctions or contracts one call of `on_due` ends: a market whose every order expires in the same
/// second still answers in between.
const ENDED_PER_CALL: usize = 100;

/// The market of one hub.
#[derive(Clone, Debug)]
pub struct Market {
    hub: HubKey,
    counters: Counters,
    orders: Orders,
    auctions: Register<Auction>,
    contracts: Register<Contract>,
    prices: Prices,
    /// What followers are still to be told. Not stored: nobody follows yet when the server starts.
    tickers: Tickers,
    /// When to see whether the hub has enough contracts of its own on offer. Not stored: at once, after a start.
    restock: Option<Millis>,
}

/// The last number of each kind. Numbers count up and are never used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counters {
    order: u64,
    auction: u64,
    contract: u64,
    parcel: u64,
}

/// A request, as the rules of a market see it.
struct Asked<'a> {
    request: &'a Request,
    /// What came along.
    paid: &'a Holdings,
    cause: Cause,
    rule: &'a Rule<'a>,
}

/// What a request has come to.
struct Done {
    receipt: Value,
    /// What goes to who asked.
    back: Holdings,
    changes: Vec<PlayerChange>,
}

impl Asked<'_> {
    fn player(&self) -> PlayerId {
        self.request.player
    }

    fn now(&self) -> Millis {
        self.rule.now
    }

    /// What came along must be what is needed. It can only differ when fees have changed since it was sent.
    fn check_paid(&self, needed: &Holdings) -> Result<(), Refusal> {
        if self.paid == needed {
            return Ok(());
        }
        let text = format!("{} credits were sent, {} are needed", self.paid.credits, needed.credits);
        Err(Refusal::new(ErrorCode::PriceChanged, text).with("price", needed.credits.0))
    }
}

impl Done {
    fn new(receipt: &impl Serialize, back: Holdings) -> Self {
        // Receipts have string keys only and always become JSON.
        Self { receipt: serde_json::to_value(receipt).unwrap_or_default(), back, changes: Vec::new() }
    }

    /// Counts for the season, if anything was traded.
    fn and_traded(mut self, value: Credits) -> Self {
        if value > Credits::ZERO {
            self.changes.push(PlayerChange::Traded(value));
        }
        self
    }
}

impl Market {
    fn new(hub: HubKey) -> Self {
        Self {
            hub,
            counters: Counters::default(),
            orders: Orders::default(),
            auctions: Register::default(),
            contracts: Register::default(),
            prices: Prices::default(),
            tickers: Tickers::default(),
            restock: Some(Millis(0)),
        }
    }

    fn decide(&mut self, asked: &Asked<'_>, fx: &mut Effects) -> Result<Done, Refusal> {
        match &asked.request.deal {
            Deal::List(body) => self.place(Side::Sell, body, asked, fx),
            Deal::Order(body) => self.place(Side::Buy, body, asked, fx),
            Deal::Buy(body) => self.buy(body, asked, fx),
            Deal::CancelOrder(body) => self.cancel_order(body, asked, fx),
            Deal::Auction(body) => self.open_auction(body, asked, fx),
            Deal::Bid(body) => self.bid(body, asked, fx),
            Deal::CancelAuction(body) => self.cancel_auction(body, asked, fx),
            Deal::OfferContract(body) => self.offer_contract(body, asked, fx),
            Deal::AcceptContract(body) => self.accept_contract(body, asked, fx),
            Deal::Deliver(body) => self.deliver(body, asked, fx),
            Deal::CancelContract(body) => self.cancel_contract(body, asked, fx),
            _ => Err(Refusal::bad_request("markets do not deal in this")),
        }
    }

    /// Sends something to a player who has not asked for it now.
    fn send(&mut self, to: PlayerId, sent: Sent, now: Millis, fx: &mut Effects) {
        self.counters.parcel += 1;
        fx.touch_part(PartTable::Market, stored::STATE);
        let changes = sent.traded.map(PlayerChange::Traded).into_iter().collect();
        let parcel = Parcel { hub: Some(self.hub.clone()), notice: Some(sent.notice), changes };
        let transfer = Transfer {
            id: TransferId::of_parcel(&self.party(), self.counters.parcel),
            from: self.party().into(),
            to: Party::Player(to),
            holdings: sent.holdings,
            reason: sent.reason,
            purpose: Purpose::Parcel(Box::new(parcel)),
        };
        fx.send(transfer, now);
    }

    /// Keeps a fee for the treasury.
    fn take_fee(&self, fee: Credits, asked: &Asked<'_>, fx: &mut Effects) {
        self.pay_treasury(fee, LedgerReason::Fee, &asked.cause, asked.now(), fx);
    }

    /// What a sale of this value brings, after the tax that goes to the treasury.
    fn after_tax(&self, value: Credits, cause: &Cause, rule: &Rule<'_>, fx: &mut Effects) -> Credits {
        let tax = rule.catalog.economy.market.sale_tax(value);
        self.pay_treasury(tax, LedgerReason::Tax, cause, rule.now, fx);
        Credits(value.0 - tax.0)
    }

    fn pay_treasury(&self, credits: Credits, reason: LedgerReason, cause: &Cause, now: Millis, fx: &mut Effects) {
        fx.moved(self.party(), External::Treasury, &Holdings::of_credits(credits), reason, cause, now);
    }
}

/// What [`Market::send`] sends.
struct Sent {
    holdings: Holdings,
    reason: LedgerReason,
    notice: Notice,
    /// The value of the trade that it ends, if it does.
    traded: Option<Credits>,
}

impl PartyRules for Market {
    fn load(party: &Party, parts: Vec<(PartTable, String, Value)>, _: &Rule<'_>) -> Result<Option<Self>, String> {
        match party {
            Party::Market(hub) => stored::load(hub, parts).map(Some),
            Party::Player(_) | Party::Mission(_) | Party::Guild(_) => Err(format!("{party} is no market")),
        }
    }

    fn unknown() -> Refusal {
        Refusal::new(ErrorCode::UnknownHub, "there is no such hub")
    }

    fn party(&self) -> Party {
        Party::Market(self.hub.clone())
    }

    fn receive(&mut self, transfer: &Transfer, rule: &Rule<'_>, fx: &mut Effects) {
        fx.receive(transfer, rule.now);
        let cause = Cause { command: transfer.purpose.command(), transfer: Some(transfer.id.clone()) };
        let Purpose::Request(request) = &transfer.purpose else {
            // Nobody gives markets anything; if it happens all the same, the treasury has it, and the books are right.
            fx.moved(self.party(), External::Treasury, &transfer.holdings, transfer.reason, &cause, rule.now);
            return;
        };
        let asked = Asked { request, paid: &transfer.holdings, cause, rule };
        let (outcome, holdings, changes) = match self.decide(&asked, fx) {
            Ok(done) => {
                self.tell_followers(rule.now, fx);
                (Outcome::Done(done.receipt), done.back, done.changes)
            }
            Err(refusal) => (Outcome::Refused(refusal), transfer.holdings.clone(), Vec::new()),
        };
        let hub = Some(self.hub.clone());
        let parts = ReplyParts { outcome, holdings, reason: transfer.reason, hub, changes };
        fx.reply(&self.party(), request, parts, rule.now);
    }

    fn answer(&self, ask: &Ask, player: PlayerId, rule: &Rule<'_>) -> Result<Value, Refusal> {
        self.answer_ask(ask, player, rule)
    }

    fn inspect(&self, what: &Inspect, rule: &Rule<'_>) -> Result<Value, Refusal> {
        match what {
            Inspect::Whole => self.whole(rule),
            Inspect::Orders { item, after, limit } => Ok(self.all_orders(item.as_ref(), *after, *limit)),
        }
    }

    fn due(&self) -> Option<Millis> {
        let ends = [self.orders.first_due(), self.auctions.first_due(), self.contracts.first_due()];
        let chores = [self.prices.prune_due(), self.tickers.due(), self.restock];
        ends.into_iter().chain(chores).flatten().min()
    }

    fn on_due(&mut self, rule: &Rule<'_>, fx: &mut Effects) {
        self.expire_orders(rule, fx);
        self.end_auctions(rule, fx);
        self.expire_contracts(rule, fx);
        self.restock_contracts(rule, fx);
        self.prices.prune(rule.now, fx);
        self.tell_followers(rule.now, fx);
    }

    fn part(&self, table: PartTable, id: &str) -> Option<Value> {
        stored::part(self, table, id)
    }

    fn holdings(&self) -> Holdings {
        let mut all = Holdings::default();
        let escrows = self.orders.iter().map(orders::Order::escrow);
        let escrows = escrows.chain(self.auctions.iter().map(Auction::escrow));
        for escrow in escrows.chain(self.contracts.iter().map(Contract::escrow)) {
            all.credits.0 = all.credits.0.saturating_add(escrow.credits.0);
            for (item, quantity) in escrow.goods {
                let sum = all.goods.entry(item).or_default();
                sum.0 = sum.0.saturating_add(quantity.0);
            }
        }
        all
    }
}

fn not_found(what: &str) -> Refusal {
    let text = format!("there is no such {what}, or not any more");
    Refusal::new(ErrorCode::NotFound, text)
}

fn not_yours(what: &str) -> Refusal {
    Refusal::new(ErrorCode::NotYours, format!("this {what} is somebody else's"))
}

fn own_offer(text: &str) -> Refusal {
    Refusal::new(ErrorCode::OwnOffer, text)
}

fn too_large() -> Refusal {
    Refusal::new(ErrorCode::AmountTooLarge, "the amount is too large")
}

fn limit_reached(what: &str, limit: usize) -> Refusal {
    Refusal::new(ErrorCode::LimitReached, format!("no more than {limit} {what}")).with("limit", limit)
}

/// A share of an amount, rounded down.
fn share_down(amount: u64, part: u64, whole: u64) -> u64 {
    let share = u128::from(amount) * u128::from(part) / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(u64::MAX).min(amount)
}
