//! What the answers to deals do to the books, and whether they fit the deal.

use orrery_core::catalog::Catalog;
use orrery_core::types::economy::Deal;
use orrery_core::types::economy::contract::{
    ContractAccepted, ContractCancelled, ContractOffered, ContractView, Deliver, Delivered, OfferContract,
};
use orrery_core::types::economy::craft::{Craft, CraftCancelled, CraftQueued};
use orrery_core::types::economy::guild::{GuildChanged, GuildFounded};
use orrery_core::types::economy::market::{
    AuctionCancelled, AuctionOpened, AuctionView, Bid, BidPlaced, Bought, Buy, CancelOrder, OpenAuction,
    OrderCancelled, OrderPlaced, PlaceOrder, Side,
};
use orrery_core::types::economy::mission::{Contribute, Contributed};
use orrery_core::types::economy::storage::{Given, Move, Moved, ShipBought, Supplied, Supply};
use orrery_core::types::{ContractId, Credits, HubKey, ItemKey, Quantity};
use serde_json::Value;

use super::basic::read;
use super::notices::mission_kind;
use super::{Account, Auction, Contract, Job, SEEN_MAX, signed};

/// The items that a deal takes out of storage and hold.
#[must_use]
pub fn items_taken(catalog: &Catalog, deal: &Deal) -> Vec<ItemKey> {
    match deal {
        Deal::List(body) => vec![body.item.clone()],
        Deal::Auction(body) => vec![body.item.clone()],
        Deal::Deliver(body) => vec![body.item.clone()],
        Deal::Contribute(body) => vec![body.item.clone()],
        Deal::Load(body) | Deal::Unload(body) => vec![body.item.clone()],
        Deal::Craft(body) => {
            let blueprint = catalog.blueprints.get(&body.blueprint);
            blueprint.map_or_else(Vec::new, |blueprint| blueprint.inputs.keys().cloned().collect())
        }
        _ => Vec::new(),
    }
}

fn expect(fits: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if fits { Ok(()) } else { Err(what()) }
}

impl Account {
    /// Books the answer to a deal.
    ///
    /// # Errors
    /// What does not fit the deal, in words.
    pub fn settle(&mut self, catalog: &Catalog, deal: &Deal, answer: &Value) -> Result<(), String> {
        self.economic = true;
        let booked = match deal {
            Deal::List(body) => self.listed(catalog, body, &read("list", answer)?),
            Deal::Order(body) => self.ordered(body, &read("order", answer)?),
            Deal::Buy(body) => self.bought(body, &read("buy", answer)?),
            Deal::CancelOrder(body) => self.order_cancelled(body, &read("cancel_order", answer)?),
            Deal::Auction(body) => self.auction_opened(catalog, body, &read("auction", answer)?),
            Deal::Bid(body) => self.bid_placed(body, &read("bid", answer)?),
            Deal::CancelAuction(body) => {
                let AuctionCancelled { auction } = read("cancel_auction", answer)?;
                expect(auction == body.auction, String::new)?;
                self.auction_returns(&body.hub, auction)
            }
            Deal::OfferContract(body) => self.contract_offered(catalog, body, &read("offer_contract", answer)?),
            Deal::AcceptContract(body) => {
                let accepted: ContractAccepted = read("accept_contract", answer)?;
                self.credits -= signed(accepted.collateral.0);
                let key = (body.hub.clone(), accepted.contract);
                let seen = self.seen_contracts.get(&key).cloned();
                self.contracts.extend(seen.map(|seen| (key, seen)));
                expect(accepted.collateral == body.collateral, || "another collateral".to_owned())
            }
            Deal::Deliver(body) => self.delivered(body, &read("deliver", answer)?),
            Deal::CancelContract(body) => {
                let ContractCancelled { contract, credits } = read("cancel_contract", answer)?;
                self.credits += signed(credits.0);
                let gone = self.contracts.remove(&(body.hub.clone(), contract));
                expect(gone.is_none_or(|gone| gone.reward == credits), || "another reward came back".to_owned())
            }
            Deal::Load(body) => self.moved(body, &read("load", answer)?, 1),
            Deal::Unload(body) => self.moved(body, &read("unload", answer)?, -1),
            Deal::Supply(body) => self.supplied(catalog, body, &read("supply", answer)?),
            Deal::BuyShip(_) => {
                let ShipBought { paid, .. } = read("buy_ship", answer)?;
                self.credits -= signed(paid.0);
                Ok(())
            }
            Deal::Give(body) => {
                let Given { to, credits, .. } = read("give", answer)?;
                self.credits -= signed(credits.0);
                expect((to, credits) == (body.to, body.credits), || "another gift".to_owned())
            }
            Deal::Craft(body) => self.craft_queued(catalog, body, &read("craft", answer)?),
            Deal::CancelCraft(_) => self.craft_cancelled(&read("cancel_craft", answer)?),
            Deal::JoinMission(body) => {
                self.missions.entry(body.mission.clone()).or_default();
                Ok(())
            }
            Deal::Contribute(body) => self.contributed(catalog, body, &read("contribute", answer)?),
            Deal::FoundGuild(_) => {
                let GuildFounded { guild, fee, .. } = read("found_guild", answer)?;
                self.credits -= signed(fee.0);
                self.guild = Some(guild);
                expect(fee == catalog.economy.guild.founding_fee, || "another fee than the catalogue's".to_owned())
            }
            Deal::AcceptInvite(body) => {
                self.guild = Some(body.guild);
                Ok(())
            }
            Deal::LeaveGuild(_) | Deal::DisbandGuild(_) => {
                self.guild = None;
                Ok(())
            }
            Deal::GuildDeposit(body) => {
                let GuildChanged { .. } = read("guild_deposit", answer)?;
                self.credits -= signed(body.credits.0);
                Ok(())
            }
            Deal::GuildWithdraw(body) => {
                let GuildChanged { .. } = read("guild_withdraw", answer)?;
                self.credits += signed(body.credits.0);
                Ok(())
            }
            _ => Ok(()),
        };
        let booked = booked.map_err(|why| format!("the answer to {deal:?} does not fit it ({why}): {answer}"));
        let explained = self.retry_deferred(catalog);
        booked.and(explained)
    }

    fn listed(&mut self, catalog: &Catalog, body: &PlaceOrder, placed: &OrderPlaced) -> Result<(), String> {
        self.take(&body.hub, &body.item, signed(body.quantity.0));
        self.credits += signed(placed.credits.0) - signed(placed.fee.0);
        self.order_placed(Side::Sell, body, placed);
        let fee = body.price.checked_mul(body.quantity.0).map(|value| catalog.economy.market.listing_fee(value));
        expect(fee == Some(placed.fee), || format!("the fee is not {fee:?}"))?;
        expect(placed.filled.checked_add(placed.open) == Some(body.quantity), || "pieces are missing".to_owned())
    }

    fn ordered(&mut self, body: &PlaceOrder, placed: &OrderPlaced) -> Result<(), String> {
        let escrow = signed(body.price.0) * signed(placed.open.0);
        self.credits -= signed(placed.credits.0) + signed(placed.fee.0) + escrow;
        if placed.filled > Quantity::ZERO {
            self.put(Some(&body.hub), &body.item, signed(placed.filled.0));
        }
        self.order_placed(Side::Buy, body, placed);
        let most = body.price.checked_mul(placed.filled.0);
        expect(most >= Some(placed.credits), || "dearer than the price".to_owned())?;
        expect(placed.filled.checked_add(placed.open) == Some(body.quantity), || "pieces are missing".to_owned())
    }

    fn order_placed(&mut self, side: Side, body: &PlaceOrder, placed: &OrderPlaced) {
        let key = (body.hub.clone(), placed.order);
        let order = self.orders.entry(key.clone()).or_default();
        order.terms = Some((side, body.item.clone(), body.price));
        order.open += signed(placed.open.0);
        self.forget_empty_order(&key);
    }

    fn bought(&mut self, body: &Buy, bought: &Bought) -> Result<(), String> {
        self.credits -= signed(bought.paid.0);
        self.put(Some(&body.hub), &bought.item, signed(bought.quantity.0));
        let price = body.price.checked_mul(bought.quantity.0);
        let fits = bought.quantity == body.quantity && price == Some(bought.paid) && bought.order == body.order;
        expect(fits, || "another order, quantity or price".to_owned())
    }

    fn order_cancelled(&mut self, body: &CancelOrder, cancelled: &OrderCancelled) -> Result<(), String> {
        self.credits += signed(cancelled.credits.0);
        let key = (body.hub.clone(), body.order);
        let Some((side, item, price)) = self.orders.get(&key).and_then(|order| order.terms.clone()) else {
            return Err("the order is not in the books".to_owned());
        };
        let (back, fits) = match side {
            Side::Sell => (signed(cancelled.quantity.0), cancelled.credits == Credits::ZERO),
            Side::Buy => {
                let pieces = cancelled.credits.0 / price.0.max(1);
                (signed(pieces), price.checked_mul(pieces) == Some(cancelled.credits))
            }
        };
        if cancelled.quantity > Quantity::ZERO {
            self.put(Some(&body.hub), &item, signed(cancelled.quantity.0));
        }
        // If a notification of a fill is still under way, what is left over here it will even out.
        if let Some(order) = self.orders.get_mut(&key) {
            order.open -= back;
        }
        self.forget_empty_order(&key);
        expect(fits, || "what came back is not what was offered".to_owned())
    }

    fn auction_opened(&mut self, catalog: &Catalog, body: &OpenAuction, opened: &AuctionOpened) -> Result<(), String> {
        self.take(&body.hub, &body.item, signed(body.quantity.0));
        self.credits -= signed(opened.fee.0);
        let auction = self.auctions.entry((body.hub.clone(), opened.auction)).or_default();
        auction.own = true;
        auction.goods = Some((body.item.clone(), body.quantity));
        expect(opened.fee == catalog.economy.market.listing_fee(body.start), || "another fee".to_owned())
    }

    fn bid_placed(&mut self, body: &Bid, placed: &BidPlaced) -> Result<(), String> {
        self.credits -= signed(placed.amount.0);
        let key = (body.hub.clone(), body.auction);
        let goods = self.seen_auctions.get(&key).cloned();
        // Who raises an own bid gets the lower one back.
        let raised = self.auctions.get(&key).and_then(|auction| auction.bid);
        self.credits += raised.map_or(0, |bid| signed(bid.0));
        if placed.won {
            self.auctions.remove(&key);
            if let Some((item, quantity)) = goods {
                self.put(Some(&body.hub), &item, signed(quantity.0));
            }
        } else {
            self.auctions.insert(key, Auction { goods, own: false, bid: Some(placed.amount) });
        }
        let fits = placed.amount == body.amount || (placed.won && placed.amount < body.amount);
        expect(fits, || "another amount".to_owned())
    }

    fn contract_offered(
        &mut self,
        catalog: &Catalog,
        body: &OfferContract,
        offered: &ContractOffered,
    ) -> Result<(), String> {
        self.credits -= signed(body.reward.0) + signed(offered.fee.0);
        let contract = Contract {
            item: body.item.clone(),
            quantity: body.quantity,
            delivered: Quantity::ZERO,
            reward: body.reward,
            own: true,
        };
        self.contracts.insert((body.hub.clone(), offered.contract), contract);
        expect(offered.fee == catalog.economy.market.listing_fee(body.reward), || "another fee".to_owned())
    }

    fn delivered(&mut self, body: &Deliver, delivered: &Delivered) -> Result<(), String> {
        self.take(&body.hub, &body.item, signed(body.quantity.0));
        self.credits += signed(delivered.paid.0);
        let key = (body.hub.clone(), body.contract);
        let Some(contract) = self.contracts.get_mut(&key) else { return Err("nobody accepted it".to_owned()) };
        let fits = contract.delivered.checked_add(body.quantity) == Some(delivered.delivered);
        contract.delivered = delivered.delivered;
        let done = delivered.delivered == delivered.quantity;
        let paid = if done { delivered.paid >= contract.reward } else { delivered.paid == Credits::ZERO };
        if done {
            self.contracts.remove(&key);
        }
        expect(fits && paid, || "another number of pieces, or another pay".to_owned())
    }

    /// `direction` is 1 for `load`, -1 for `unload`.
    fn moved(&mut self, body: &Move, moved: &Moved, direction: i64) -> Result<(), String> {
        let pieces = signed(body.quantity.0) * direction;
        self.put(Some(&body.hub), &body.item, -pieces);
        self.put(None, &body.item, pieces);
        expect(moved.quantity == body.quantity && moved.item == body.item, || "other goods".to_owned())
    }

    fn supplied(&mut self, catalog: &Catalog, body: &Supply, supplied: &Supplied) -> Result<(), String> {
        self.credits -= signed(supplied.paid.0);
        self.put(Some(&body.hub), &body.item, signed(supplied.quantity.0));
        let price = catalog.hub(&body.hub).and_then(|hub| hub.sells.get(&body.item));
        let paid = price.and_then(|price| price.checked_mul(body.quantity.0));
        expect(paid == Some(supplied.paid) && supplied.quantity == body.quantity, || "another price".to_owned())
    }

    fn craft_queued(&mut self, catalog: &Catalog, body: &Craft, queued: &CraftQueued) -> Result<(), String> {
        let Some(blueprint) = catalog.blueprints.get(&body.blueprint) else {
            return Err("there is no such blueprint".to_owned());
        };
        for (item, quantity) in &blueprint.inputs {
            self.take(&body.hub, item, signed(quantity.0) * i64::from(body.runs));
        }
        self.credits -= signed(queued.fee.0);
        let job = Job { hub: body.hub.clone(), blueprint: body.blueprint.clone(), runs: body.runs };
        self.jobs.insert(queued.job, job);
        let fee = blueprint.fee.checked_mul(u64::from(body.runs));
        expect(fee == Some(queued.fee), || "another fee".to_owned())
    }

    fn craft_cancelled(&mut self, cancelled: &CraftCancelled) -> Result<(), String> {
        self.credits += signed(cancelled.refund.0);
        let Some(job) = self.jobs.remove(&cancelled.job) else { return Err("there was no such job".to_owned()) };
        for (item, quantity) in &cancelled.goods {
            self.put(Some(&job.hub), item, signed(quantity.0));
        }
        Ok(())
    }

    fn contributed(&mut self, catalog: &Catalog, body: &Contribute, answer: &Contributed) -> Result<(), String> {
        self.take(&body.hub, &body.item, signed(body.quantity.0));
        let rest = signed(body.quantity.0) - signed(answer.taken.0);
        if rest > 0 {
            self.put(Some(&body.hub), &body.item, rest);
        }
        let part = self.missions.entry(body.mission.clone()).or_default();
        let scored = answer.score.checked_sub(part.score);
        part.score = answer.score;
        let kind = mission_kind(catalog, &body.mission);
        // The phase after it; what completes a phase belongs to the one before.
        let phases = [Some(answer.phase), answer.phase.checked_sub(1)].into_iter().flatten();
        let points = |phase: u32| {
            let phase = kind?.phases.get(usize::try_from(phase).ok()?)?;
            Some(phase.points.get(&body.item).copied().unwrap_or(1))
        };
        let mut possible = phases.filter_map(points).filter_map(|points| points.checked_mul(answer.taken.0));
        expect(rest >= 0 && possible.any(|points| Some(points) == scored), || {
            format!("the score grew by {scored:?} for {} pieces", answer.taken)
        })
    }

    /// Remembers what a page of auctions showed.
    pub fn saw_auctions(&mut self, hub: &HubKey, page: &[AuctionView]) {
        if self.seen_auctions.len() >= SEEN_MAX {
            self.seen_auctions.clear();
        }
        let seen = page.iter().map(|view| ((hub.clone(), view.auction), (view.item.clone(), view.quantity)));
        self.seen_auctions.extend(seen);
    }

    /// Remembers what a page of contracts showed.
    pub fn saw_contracts(&mut self, hub: &HubKey, page: &[ContractView]) {
        if self.seen_contracts.len() >= SEEN_MAX {
            self.seen_contracts.clear();
        }
        let of = |view: &ContractView| Contract {
            item: view.item.clone(),
            quantity: view.quantity,
            delivered: view.delivered,
            reward: view.reward,
            own: false,
        };
        let seen: Vec<((HubKey, ContractId), Contract)> =
            page.iter().map(|view| ((hub.clone(), view.contract), of(view))).collect();
        self.seen_contracts.extend(seen);
    }
}
