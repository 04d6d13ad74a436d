//! Contracts: goods delivered to this hub in time, for a reward.
//!
//! The owner's reward, the courier's collateral and what was delivered so far are held here until the contract ends.
//! Fulfilled: the goods are the owner's, reward and collateral the courier's. Not fulfilled in time: owner and courier
//! are parted as far as the delivery got. The courier gets that share of the reward and of the collateral, both rounded
//! down; the owner gets the goods that came and all other credits. A hub's own contracts have no owner: see
//! `hub_contracts`.

use serde::{Deserialize, Serialize};

use super::register::Row;
use super::{
    Asked, Done, ENDED_PER_CALL, Market, Sent, limit_reached, not_found, not_yours, own_offer, share_down, stored,
    too_large,
};
use crate::game::{Cause, Effects, LedgerReason, PartTable, PartyRules as _, Rule};
use crate::types::economy::contract::{
    AcceptContract, CancelContract, ContractAccepted, ContractCancelled, ContractOffered, ContractView, Deliver,
    Delivered, OfferContract,
};
use crate::types::economy::event::Notice;
use crate::types::{ContractId, Credits, ErrorCode, External, Holdings, ItemKey, Millis, PlayerId, Quantity, Refusal};

/// Contracts of a hub's own that one player may have accepted at the same time: they cost nothing to accept, and
/// others want some too.
const HUB_CONTRACTS_PER_COURIER: usize = 1;

/// A contract that is on offer or under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contract {
    pub(super) id: ContractId,
    /// `None`: the hub itself.
    pub(super) owner: Option<PlayerId>,
    pub(super) courier: Option<PlayerId>,
    pub(super) item: ItemKey,
    pub(super) quantity: Quantity,
    /// Less than `quantity`.
    pub(super) delivered: Quantity,
    pub(super) reward: Credits,
    pub(super) collateral: Credits,
    pub(super) due: Millis,
}

impl Row for Contract {
    type Id = ContractId;

    fn id(&self) -> ContractId {
        self.id
    }

    fn due(&self) -> Millis {
        self.due
    }

    fn people(&self) -> [Option<PlayerId>; 2] {
        [self.owner, self.courier]
    }
}

impl Contract {
    /// What the market holds for it. A hub's reward comes when it is paid.
    pub(super) fn escrow(&self) -> Holdings {
        let reward = if self.owner.is_some() { self.reward.0 } else { 0 };
        let collateral = if self.courier.is_some() { self.collateral.0 } else { 0 };
        self.goods().with_credits(Credits(reward.saturating_add(collateral)))
    }

    pub(super) fn view(&self) -> ContractView {
        ContractView {
            contract: self.id,
            owner: self.owner,
            courier: self.courier,
            item: self.item.clone(),
            quantity: self.quantity,
            delivered: self.delivered,
            reward: self.reward,
            collateral: self.collateral,
            due_ms: self.due,
        }
    }

    /// What was delivered.
    fn goods(&self) -> Holdings {
        Holdings::of_goods(self.item.clone(), self.delivered)
    }

    /// The share of an amount that is earned by what was delivered.
    fn earned(&self, amount: Credits) -> Credits {
        Credits(share_down(amount.0, self.delivered.0, self.quantity.0))
    }

    fn check_runs(&self, now: Millis) -> Result<(), Refusal> {
        if self.due > now { Ok(()) } else { Err(Refusal::new(ErrorCode::Ended, "the contract's time is over")) }
    }
}

impl Market {
    /// `offer_contract`.
    pub(super) fn offer_contract(
        &mut self,
        body: &OfferContract,
        asked: &Asked<'_>,
        fx: &mut Effects,
    ) -> Result<Done, Refusal> {
        let economy = &asked.rule.catalog.economy;
        let fee = economy.market.listing_fee(body.reward);
        let escrow = body.reward.checked_add(fee).ok_or_else(too_large)?;
        asked.check_paid(&Holdings::of_credits(escrow))?;
        let (owner, limit) = (Some(asked.player()), economy.contract.contracts_per_player);
        if self.contracts.of_player(asked.player()).filter(|contract| contract.owner == owner).count() >= limit {
            return Err(limit_reached("contracts of yours at this hub", limit));
        }

        self.take_fee(fee, asked, fx);
        let contract = Contract {
            id: self.next_contract(fx),
            owner,
            courier: None,
            item: body.item.clone(),
            quantity: body.quantity,
            delivered: Quantity::ZERO,
            reward: body.reward,
            collateral: body.collateral,
            due: asked.now().plus_seconds(body.seconds),
        };
        let receipt = ContractOffered { contract: contract.id, due_ms: contract.due, fee };
        self.put_contract(contract, fx);
        Ok(Done::new(&receipt, Holdings::default()))
    }

    /// `accept_contract`.
    pub(super) fn accept_contract(
        &mut self,
        body: &AcceptContract,
        asked: &Asked<'_>,
        fx: &mut Effects,
    ) -> Result<Done, Refusal> {
        let courier = Some(asked.player());
        let contract = self.contracts.get(body.contract).ok_or_else(|| not_found("contract"))?;
        contract.check_runs(asked.now())?;
        if contract.owner == courier {
            return Err(own_offer("this contract is your own"));
        }
        if contract.courier.is_some() {
            return Err(Refusal::new(ErrorCode::NotAccepted, "it has been accepted already"));
        }
        if contract.collateral != body.collateral {
            let refusal = Refusal::new(ErrorCode::PriceChanged, format!("the collateral is {}", contract.collateral));
            return Err(refusal.with("price", contract.collateral.0));
        }
        asked.check_paid(&Holdings::of_credits(contract.collateral))?;
        self.check_courier(contract, asked)?;

        let contract = Contract { courier, ..contract.clone() };
        let (id, due_ms, collateral) = (contract.id, contract.due, contract.collateral);
        match contract.owner {
            None => self.restock_later(asked.rule),
            Some(owner) => {
                let notice = Notice::ContractAccepted { hub: self.hub.clone(), contract: id, courier: asked.player() };
                self.settle(owner, Holdings::default(), notice, asked.now(), fx);
            }
        }
        self.put_contract(contract, fx);
        Ok(Done::new(&ContractAccepted { contract: id, due_ms, collateral }, Holdings::default()))
    }

    /// `deliver`.
    pub(super) fn deliver(&mut self, body: &Deliver, asked: &Asked<'_>, fx: &mut Effects) -> Result<Done, Refusal> {
        let contract = self.contracts.get(body.contract).ok_or_else(|| not_found("contract"))?;
        contract.check_runs(asked.now())?;
        if contract.courier != Some(asked.player()) {
            return Err(Refusal::new(ErrorCode::NotAccepted, "you have not accepted this contract"));
        }
        let needed = Quantity(contract.quantity.0 - contract.delivered.0);
        if contract.item != body.item || body.quantity > needed {
            let refusal = Refusal::new(ErrorCode::NotNeeded, format!("{needed} of {} are needed", contract.item));
            return Err(refusal.with("item", contract.item.as_str()).with("needed", needed.0));
        }
        asked.check_paid(&Holdings::of_goods(body.item.clone(), body.quantity))?;

        let delivered = Quantity(contract.delivered.0 + body.quantity.0);
        let contract = Contract { delivered, ..contract.clone() };
        let (id, quantity) = (contract.id, contract.quantity);
        let paid = if delivered == quantity {
            self.fulfil(&contract, asked, fx)
        } else {
            self.put_contract(contract, fx);
            Credits::ZERO
        };
        Ok(Done::new(&Delivered { contract: id, delivered, quantity, paid }, Holdings::of_credits(paid)))
    }

    /// `cancel_contract`.
    pub(super) fn cancel_contract(
        &mut self,
        body: &CancelContract,
        asked: &Asked<'_>,
        fx: &mut Effects,
    ) -> Result<Done, Refusal> {
        let contract = self.contracts.get(body.contract).ok_or_else(|| not_found("contract"))?;
        if contract.owner != Some(asked.player()) {
            return Err(not_yours("contract"));
        }
        if contract.courier.is_some() {
            return Err(Refusal::new(ErrorCode::Committed, "somebody has accepted it"));
        }
        let (id, credits) = (contract.id, contract.reward);
        self.take_contract(id, fx);
        Ok(Done::new(&ContractCancelled { contract: id, credits }, Holdings::of_credits(credits)))
    }

    /// Settles contracts whose time is over.
    pub(super) fn expire_contracts(&mut self, rule: &Rule<'_>, fx: &mut Effects) {
        for _ in 0..ENDED_PER_CALL {
            let overdue = self.contracts.overdue(rule.now).and_then(|id| self.take_contract(id, fx));
            let Some(contract) = overdue else { return };
            self.expire(&contract, rule, fx);
        }
    }

    pub(super) fn next_contract(&mut self, fx: &mut Effects) -> ContractId {
        self.counters.contract += 1;
        fx.touch_part(PartTable::Market, stored::STATE);
        ContractId(self.counters.contract)
    }

    pub(super) fn put_contract(&mut self, contract: Contract, fx: &mut Effects) {
        fx.touch_part(PartTable::Contract, contract.id);
        self.contracts.insert(contract);
    }

    fn take_contract(&mut self, id: ContractId, fx: &mut Effects) -> Option<Contract> {
        fx.touch_part(PartTable::Contract, id);
        self.contracts.remove(id)
    }

    /// How many contracts one player may have accepted at a hub.
    fn check_courier(&self, contract: &Contract, asked: &Asked<'_>) -> Result<(), Refusal> {
        let (courier, of_hub) = (Some(asked.player()), contract.owner.is_none());
        let accepted = self.contracts.of_player(asked.player()).filter(|other| other.courier == courier);
        let alike = accepted.filter(|other| other.owner.is_none() == of_hub).count();
        let limit = match of_hub {
            true => HUB_CONTRACTS_PER_COURIER,
            false => asked.rule.catalog.economy.contract.contracts_per_player,
        };
        if alike < limit {
            return Ok(());
        }
        Err(limit_reached("contracts of this kind accepted at this hub", limit))
    }

    /// The last piece has come: the owner gets the goods. Returns what the courier gets.
    fn fulfil(&mut self, contract: &Contract, asked: &Asked<'_>, fx: &mut Effects) -> Credits {
        self.take_contract(contract.id, fx);
        match contract.owner {
            None => self.trade_with_hubs(contract, contract.reward, &asked.cause, asked.now(), fx),
            Some(owner) => {
                let (hub, item, quantity) = (self.hub.clone(), contract.item.clone(), contract.quantity);
                let notice = Notice::ContractFulfilled { hub, contract: contract.id, item, quantity };
                self.settle(owner, contract.goods(), notice, asked.now(), fx);
            }
        }
        Credits(contract.reward.0.saturating_add(contract.collateral.0))
    }

    /// Parts owner and courier of a contract that has just been taken out, its time being over.
    fn expire(&mut self, contract: &Contract, rule: &Rule<'_>, fx: &mut Effects) {
        let now = rule.now;
        let earned = contract.earned(contract.reward);
        let kept = contract.earned(contract.collateral);
        match contract.owner {
            None => {
                self.restock_later(rule);
                self.trade_with_hubs(contract, earned, &Cause::default(), now, fx);
            }
            Some(owner) => {
                let lost = contract.courier.map_or(0, |_| contract.collateral.0 - kept.0);
                let credits = Credits(contract.reward.0 - earned.0 + lost);
                let notice = self.expired(contract, credits, contract.delivered);
                self.settle(owner, contract.goods().with_credits(credits), notice, now, fx);
            }
        }
        if let Some(courier) = contract.courier {
            let credits = Credits(earned.0 + kept.0);
            let notice = self.expired(contract, credits, Quantity::ZERO);
            self.settle(courier, Holdings::of_credits(credits), notice, now, fx);
        }
    }

    fn expired(&self, contract: &Contract, credits: Credits, quantity: Quantity) -> Notice {
        Notice::ContractExpired { hub: self.hub.clone(), contract: contract.id, credits, quantity }
    }

    fn settle(&mut self, player: PlayerId, holdings: Holdings, notice: Notice, now: Millis, fx: &mut Effects) {
        self.send(player, Sent { holdings, reason: LedgerReason::Contract, notice, traded: None }, now, fx);
    }

    /// The hubs take what was delivered and pay for it, on the market's account.
    fn trade_with_hubs(&self, contract: &Contract, paid: Credits, cause: &Cause, now: Millis, fx: &mut Effects) {
        let (market, reason) = (self.party(), LedgerReason::Contract);
        fx.moved(market.clone(), External::Hubs, &contract.goods(), reason, cause, now);
        fx.moved(External::Hubs, market, &Holdings::of_credits(paid), reason, cause, now);
    }
}
