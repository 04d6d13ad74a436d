//! A market so simple that it is right: lists that are searched from end to end, players who are a few numbers, and
//! nothing under way.

use serde::Serialize;
use serde_json::Value;

use super::setup::{CREDITS, PIECES, item};
use crate::catalog::Economy;
use crate::types::economy::Deal;
use crate::types::economy::contract::{
    AcceptContract, ContractAccepted, ContractCancelled, ContractOffered, ContractView, Deliver, Delivered,
    OfferContract,
};
use crate::types::economy::market::{
    AuctionCancelled, AuctionOpened, Bid, BidPlaced, Bought, Buy, OpenAuction, OrderCancelled, OrderPlaced, PlaceOrder,
    Side,
};
use crate::types::{AuctionId, ContractId, Credits, ErrorCode, Millis, OrderId, Quantity};

/// Credits and pieces of the two items.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Purse {
    pub(super) credits: u64,
    pub(super) pieces: [u64; 2],
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    pub(super) id: u64,
    pub(super) side: Side,
    pub(super) owner: usize,
    pub(super) item: usize,
    pub(super) price: u64,
    pub(super) open: u64,
    pub(super) expires: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Auction {
    pub(super) id: u64,
    owner: usize,
    item: usize,
    quantity: u64,
    start: u64,
    increment: u64,
    buy_out: Option<u64>,
    ends: u64,
    lead: Option<(usize, u64)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Contract {
    pub(super) id: u64,
    owner: Option<usize>,
    pub(super) courier: Option<usize>,
    pub(super) item: usize,
    pub(super) quantity: u64,
    pub(super) delivered: u64,
    reward: u64,
    pub(super) collateral: u64,
    due: u64,
}

/// All there is.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) rules: Economy,
    pub(super) now: u64,
    pub(super) purses: Vec<Purse>,
    /// What fees and taxes have brought.
    pub(super) treasury: u64,
    /// What hubs have paid for their contracts.
    pub(super) hubs_paid: u64,
    pub(super) orders: Vec<Order>,
    pub(super) auctions: Vec<Auction>,
    pub(super) contracts: Vec<Contract>,
    last_order: u64,
    last_auction: u64,
    last_contract: u64,
}

type Answer = Result<Value, ErrorCode>;

fn receipt(receipt: impl Serialize) -> Answer {
    Ok(serde_json::to_value(receipt).unwrap())
}

fn index_of(key: &crate::types::ItemKey) -> usize {
    usize::from(*key == item(1))
}

impl Model {
    pub(super) fn new(rules: Economy, now: Millis, players: usize) -> Self {
        let purse = Purse { credits: CREDITS, pieces: [PIECES; 2] };
        Self {
            rules,
            now: now.0,
            purses: vec![purse; players],
            treasury: 0,
            hubs_paid: 0,
            orders: vec![],
            auctions: vec![],
            contracts: vec![],
            last_order: 0,
            last_auction: 0,
            last_contract: 0,
        }
    }

    /// What a deal takes along.
    pub(super) fn escrow(&self, deal: &Deal) -> Purse {
        let credits = |credits| Purse { credits, pieces: [0; 2] };
        let goods = |credits, key, quantity: Quantity| {
            let mut pieces = [0; 2];
            pieces[index_of(key)] = quantity.0;
            Purse { credits, pieces }
        };
        match deal {
            Deal::List(body) => goods(self.fee(body.price.0 * body.quantity.0), &body.item, body.quantity),
            Deal::Order(body) => credits(body.price.0 * body.quantity.0),
            Deal::Buy(body) => credits(body.price.0 * body.quantity.0),
            Deal::Auction(body) => goods(self.fee(body.start.0), &body.item, body.quantity),
            Deal::Bid(body) => credits(body.amount.0),
            Deal::OfferContract(body) => credits(body.reward.0 + self.fee(body.reward.0)),
            Deal::AcceptContract(body) => credits(body.collateral.0),
            Deal::Deliver(body) => goods(0, &body.item, body.quantity),
            _ => credits(0),
        }
    }

    /// A player sends a deal off, with what it takes along.
    pub(super) fn ask(&mut self, player: usize, deal: &Deal) -> Result<(), ErrorCode> {
        let (escrow, purse) = (self.escrow(deal), &mut self.purses[player]);
        if purse.credits < escrow.credits {
            return Err(ErrorCode::NotEnoughCredits);
        }
        if (0..2).any(|item| purse.pieces[item] < escrow.pieces[item]) {
            return Err(ErrorCode::NotEnoughGoods);
        }
        purse.credits -= escrow.credits;
        (0..2).for_each(|item| purse.pieces[item] -= escrow.pieces[item]);
        Ok(())
    }

    /// The market decides a deal that was sent off.
    pub(super) fn decide(&mut self, player: usize, deal: &Deal) -> Answer {
        let escrow = self.escrow(deal);
        let answer = match deal {
            Deal::List(body) => self.place(Side::Sell, player, body),
            Deal::Order(body) => self.place(Side::Buy, player, body),
            Deal::Buy(body) => self.buy(player, body),
            Deal::CancelOrder(body) => self.cancel_order(player, body.order.0),
            Deal::Auction(body) => self.open(player, body),
            Deal::Bid(body) => self.bid(player, body),
            Deal::CancelAuction(body) => self.cancel_auction(player, body.auction.0),
            Deal::OfferContract(body) => self.offer(player, body),
            Deal::AcceptContract(body) => self.accept(player, body),
            Deal::Deliver(body) => self.deliver(player, body),
            Deal::CancelContract(body) => self.cancel_contract(player, body.contract.0),
            _ => unreachable!("not asked here"),
        };
        if answer.is_err() {
            self.give(player, escrow.credits, 0, escrow.pieces[0]);
            self.give(player, 0, 1, escrow.pieces[1]);
        }
        answer
    }

    /// Everything whose time is over ends.
    pub(super) fn settle(&mut self) {
        let now = self.now;
        for order in self.orders.clone().into_iter().filter(|order| order.expires <= now) {
            self.take_order(order.id);
        }
        for auction in self.auctions.clone().into_iter().filter(|auction| auction.ends <= now) {
            self.auctions.retain(|other| other.id != auction.id);
            match auction.lead {
                None => self.give(auction.owner, 0, auction.item, auction.quantity),
                Some((winner, paid)) => self.sell_lot(&auction, winner, paid),
            }
        }
        for contract in self.contracts.clone().into_iter().filter(|contract| contract.due <= now) {
            self.contracts.retain(|other| other.id != contract.id);
            self.part(&contract);
        }
    }

    /// The hub has made this contract.
    pub(super) fn add_hub_contract(&mut self, view: &ContractView) {
        self.last_contract = self.last_contract.max(view.contract.0);
        self.contracts.push(Contract {
            id: view.contract.0,
            owner: None,
            courier: None,
            item: index_of(&view.item),
            quantity: view.quantity.0,
            delivered: 0,
            reward: view.reward.0,
            collateral: 0,
            due: view.due_ms.0,
        });
    }

    /// A side of an item's book, best first.
    pub(super) fn side(&self, item: usize, side: Side) -> Vec<Order> {
        let alike = |order: &&Order| order.item == item && order.side == side && order.expires > self.now;
        let mut orders: Vec<Order> = self.orders.iter().filter(alike).cloned().collect();
        orders.sort_by_key(|order| match side {
            Side::Sell => (order.price as i64, order.id),
            Side::Buy => (-(order.price as i64), order.id),
        });
        orders
    }

    fn fee(&self, value: u64) -> u64 {
        (value * self.rules.market.listing_fee_permille).div_ceil(1_000)
    }

    fn give(&mut self, player: usize, credits: u64, item: usize, pieces: u64) {
        self.purses[player].credits += credits;
        self.purses[player].pieces[item] += pieces;
    }

    /// Pays a seller what is left after tax, and returns that.
    fn pay_after_tax(&mut self, seller: usize, value: u64) -> u64 {
        let tax = value * self.rules.market.sale_tax_permille / 1_000;
        self.treasury += tax;
        self.purses[seller].credits += value - tax;
        value - tax
    }

    fn place(&mut self, side: Side, player: usize, body: &PlaceOrder) -> Answer {
        let (item, price) = (index_of(&body.item), body.price.0);
        let other = if side == Side::Sell { Side::Buy } else { Side::Sell };
        let meets = |order: &Order| if side == Side::Sell { order.price >= price } else { order.price <= price };
        let mut left = body.quantity.0;
        let mut met = vec![];
        for order in self.side(item, other).into_iter().filter(meets) {
            if left > 0 && order.owner == player {
                return Err(ErrorCode::OwnOffer);
            }
            let quantity = order.open.min(left);
            left -= quantity;
            met.push((order, quantity));
        }
        let own = self.orders.iter().filter(|order| order.owner == player).count();
        let rules = &self.rules.market;
        if left > 0 && (own >= rules.orders_per_player || self.orders.len() >= rules.orders_per_hub) {
            return Err(ErrorCode::LimitReached);
        }
        let expires = self.now + rules.order_seconds * 1_000;
        let fee = if side == Side::Sell { self.fee(price * body.quantity.0) } else { 0 };
        self.treasury += fee;
        self.last_order += 1;
        let (id, mut filled, mut credits) = (self.last_order, 0, 0);
        for (order, quantity) in met.into_iter().filter(|(_, quantity)| *quantity > 0) {
            filled += quantity;
            let value = order.price * quantity;
            if side == Side::Sell {
                credits += self.pay_after_tax(player, value);
                self.give(order.owner, 0, item, quantity);
            } else {
                credits += value;
                self.pay_after_tax(order.owner, value);
                self.give(player, price * quantity - value, item, quantity);
            }
            self.shrink(order.id, quantity);
        }
        if left > 0 {
            self.orders.push(Order { id, side, owner: player, item, price, open: left, expires });
        }
        receipt(OrderPlaced {
            order: OrderId(id),
            filled: Quantity(filled),
            credits: Credits(credits),
            open: Quantity(left),
            expires_ms: Millis(expires),
            fee: Credits(fee),
        })
    }

    fn shrink(&mut self, id: u64, by: u64) {
        self.orders.iter_mut().filter(|order| order.id == id).for_each(|order| order.open -= by);
        self.orders.retain(|order| order.open > 0);
    }

    fn buy(&mut self, player: usize, body: &Buy) -> Answer {
        let found = self.orders.iter().find(|order| order.id == body.order.0 && order.side == Side::Sell);
        let order = found.filter(|order| order.expires > self.now).cloned().ok_or(ErrorCode::NotFound)?;
        if order.owner == player {
            return Err(ErrorCode::OwnOffer);
        }
        if order.price != body.price.0 {
            return Err(ErrorCode::PriceChanged);
        }
        if order.open < body.quantity.0 {
            return Err(ErrorCode::NotAvailable);
        }
        let paid = order.price * body.quantity.0;
        self.pay_after_tax(order.owner, paid);
        self.give(player, 0, order.item, body.quantity.0);
        self.shrink(order.id, body.quantity.0);
        receipt(Bought { order: body.order, item: item(order.item), quantity: body.quantity, paid: Credits(paid) })
    }

    /// Gives what is left of an order back.
    fn take_order(&mut self, id: u64) -> (u64, u64) {
        let at = self.orders.iter().position(|order| order.id == id).unwrap();
        let order = self.orders.remove(at);
        let (quantity, credits) = match order.side {
            Side::Sell => (order.open, 0),
            Side::Buy => (0, order.open * order.price),
        };
        self.give(order.owner, credits, order.item, quantity);
        (quantity, credits)
    }

    fn cancel_order(&mut self, player: usize, id: u64) -> Answer {
        let order = self.orders.iter().find(|order| order.id == id).ok_or(ErrorCode::NotFound)?;
        if order.owner != player {
            return Err(ErrorCode::NotYours);
        }
        let (quantity, credits) = self.take_order(id);
        receipt(OrderCancelled { order: OrderId(id), quantity: Quantity(quantity), credits: Credits(credits) })
    }

    fn open(&mut self, player: usize, body: &OpenAuction) -> Answer {
        let own = self.auctions.iter().filter(|auction| auction.owner == player).count();
        if own >= self.rules.auction.auctions_per_player {
            return Err(ErrorCode::LimitReached);
        }
        let fee = self.fee(body.start.0);
        self.treasury += fee;
        self.last_auction += 1;
        let (id, ends) = (self.last_auction, self.now + body.seconds * 1_000);
        self.auctions.push(Auction {
            id,
            owner: player,
            item: index_of(&body.item),
            quantity: body.quantity.0,
            start: body.start.0,
            increment: body.increment.0,
            buy_out: body.buy_out.map(|credits| credits.0),
            ends,
            lead: None,
        });
        receipt(AuctionOpened { auction: AuctionId(id), ends_ms: Millis(ends), fee: Credits(fee) })
    }

    fn sell_lot(&mut self, auction: &Auction, winner: usize, paid: u64) {
        self.give(winner, 0, auction.item, auction.quantity);
        self.pay_after_tax(auction.owner, paid);
    }

    fn bid(&mut self, player: usize, body: &Bid) -> Answer {
        let at = self.auctions.iter().position(|auction| auction.id == body.auction.0).ok_or(ErrorCode::NotFound)?;
        let mut auction = self.auctions[at].clone();
        if auction.ends <= self.now {
            return Err(ErrorCode::Ended);
        }
        if auction.owner == player {
            return Err(ErrorCode::OwnOffer);
        }
        let wins = auction.buy_out.is_some_and(|buy_out| body.amount.0 >= buy_out);
        let minimum = auction.lead.map_or(auction.start, |(_, bid)| bid + auction.increment);
        if !wins && body.amount.0 < minimum {
            return Err(ErrorCode::BidTooLow);
        }
        if let Some((outbid, bid)) = auction.lead {
            self.give(outbid, bid, 0, 0);
        }
        let amount = if wins { auction.buy_out.unwrap() } else { body.amount.0 };
        self.give(player, body.amount.0 - amount, 0, 0);
        if wins {
            self.auctions.remove(at);
            self.sell_lot(&auction, player, amount);
            auction.ends = self.now;
        } else {
            auction.lead = Some((player, amount));
            auction.ends = auction.ends.max(self.now + self.rules.auction.extension_seconds * 1_000);
            self.auctions[at] = auction.clone();
        }
        let ends_ms = Millis(auction.ends);
        receipt(BidPlaced { auction: body.auction, amount: Credits(amount), won: wins, ends_ms })
    }

    fn cancel_auction(&mut self, player: usize, id: u64) -> Answer {
        let at = self.auctions.iter().position(|auction| auction.id == id).ok_or(ErrorCode::NotFound)?;
        if self.auctions[at].owner != player {
            return Err(ErrorCode::NotYours);
        }
        if self.auctions[at].lead.is_some() {
            return Err(ErrorCode::Committed);
        }
        let auction = self.auctions.remove(at);
        self.give(player, 0, auction.item, auction.quantity);
        receipt(AuctionCancelled { auction: AuctionId(id) })
    }

    fn offer(&mut self, player: usize, body: &OfferContract) -> Answer {
        let own = self.contracts.iter().filter(|contract| contract.owner == Some(player)).count();
        if own >= self.rules.contract.contracts_per_player {
            return Err(ErrorCode::LimitReached);
        }
        let fee = self.fee(body.reward.0);
        self.treasury += fee;
        self.last_contract += 1;
        let (id, due) = (self.last_contract, self.now + body.seconds * 1_000);
        self.contracts.push(Contract {
            id,
            owner: Some(player),
            courier: None,
            item: index_of(&body.item),
            quantity: body.quantity.0,
            delivered: 0,
            reward: body.reward.0,
            collateral: body.collateral.0,
            due,
        });
        receipt(ContractOffered { contract: ContractId(id), due_ms: Millis(due), fee: Credits(fee) })
    }

    fn accept(&mut self, player: usize, body: &AcceptContract) -> Answer {
        let now = self.now;
        let at = self.contracts.iter().position(|contract| contract.id == body.contract.0);
        let at = at.ok_or(ErrorCode::NotFound)?;
        let contract = self.contracts[at].clone();
        if contract.due <= now {
            return Err(ErrorCode::Ended);
        }
        if contract.owner == Some(player) {
            return Err(ErrorCode::OwnOffer);
        }
        if contract.courier.is_some() {
            return Err(ErrorCode::NotAccepted);
        }
        if contract.collateral != body.collateral.0 {
            return Err(ErrorCode::PriceChanged);
        }
        let of_hub = |contract: &Contract| contract.owner.is_none();
        let mine = self.contracts.iter().filter(|other| other.courier == Some(player));
        let alike = mine.filter(|other| of_hub(other) == of_hub(&contract)).count();
        if alike >= if of_hub(&contract) { 1 } else { self.rules.contract.contracts_per_player } {
            return Err(ErrorCode::LimitReached);
        }
        self.contracts[at].courier = Some(player);
        let (contract, collateral) = (body.contract, body.collateral);
        receipt(ContractAccepted { contract, due_ms: Millis(self.contracts[at].due), collateral })
    }

    fn deliver(&mut self, player: usize, body: &Deliver) -> Answer {
        let at = self.contracts.iter().position(|contract| contract.id == body.contract.0);
        let at = at.ok_or(ErrorCode::NotFound)?;
        let contract = &mut self.contracts[at];
        if contract.due <= self.now {
            return Err(ErrorCode::Ended);
        }
        if contract.courier != Some(player) {
            return Err(ErrorCode::NotAccepted);
        }
        let fits = contract.delivered + body.quantity.0 <= contract.quantity;
        if contract.item != index_of(&body.item) || !fits {
            return Err(ErrorCode::NotNeeded);
        }
        contract.delivered += body.quantity.0;
        let contract = contract.clone();
        let mut paid = 0;
        if contract.delivered == contract.quantity {
            self.contracts.remove(at);
            paid = contract.reward + contract.collateral;
            self.part(&contract);
        }
        receipt(Delivered {
            contract: body.contract,
            delivered: Quantity(contract.delivered),
            quantity: Quantity(contract.quantity),
            paid: Credits(paid),
        })
    }

    fn cancel_contract(&mut self, player: usize, id: u64) -> Answer {
        let at = self.contracts.iter().position(|contract| contract.id == id).ok_or(ErrorCode::NotFound)?;
        if self.contracts[at].owner != Some(player) {
            return Err(ErrorCode::NotYours);
        }
        if self.contracts[at].courier.is_some() {
            return Err(ErrorCode::Committed);
        }
        let contract = self.contracts.remove(at);
        self.give(player, contract.reward, 0, 0);
        receipt(ContractCancelled { contract: ContractId(id), credits: Credits(contract.reward) })
    }

    /// Owner and courier are parted by how much was delivered.
    fn part(&mut self, contract: &Contract) {
        let share = |amount: u64| amount * contract.delivered / contract.quantity;
        let (earned, kept) = (share(contract.reward), share(contract.collateral));
        if let Some(courier) = contract.courier {
            self.give(courier, earned + kept, 0, 0);
        }
        match contract.owner {
            None => self.hubs_paid += earned,
            Some(owner) => {
                let lost = if contract.courier.is_some() { contract.collateral - kept } else { 0 };
                self.give(owner, contract.reward - earned + lost, contract.item, contract.delivered);
            }
        }
    }
}
