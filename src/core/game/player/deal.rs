//! Deals: what a player decides alone, and what it asks another actor for.

use super::Player;
use crate::game::{Effects, LedgerReason, Purpose, Request, Rule, Transfer};
use crate::types::economy::Deal;
use crate::types::{CommandId, Credits, ErrorCode, Holdings, HubKey, ItemKey, Party, Quantity, Refusal, TransferId};
use serde::Serialize;
use serde_json::Value;

/// What a deal is told besides its body.
#[derive(Clone, Copy, Debug)]
pub struct DealContext<'a> {
    /// Content, time, a fresh id.
    pub rule: Rule<'a>,
    /// The command.
    pub command: CommandId,
    /// The command's hash.
    pub fingerprint: u64,
    /// The player's name.
    pub name: &'a str,
}

/// How far a deal has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Prepared {
    /// Done: this is the answer.
    Done(Value),
    /// Another actor decides: its reply settles the command.
    Asked,
}

impl Prepared {
    /// Done, with this receipt.
    pub(super) fn done<T: Serialize>(receipt: &T) -> Self {
        // Receipts have string keys only and always become JSON.
        Self::Done(serde_json::to_value(receipt).unwrap_or_default())
    }
}

impl Player {
    /// Does a deal, or asks the actor that decides it. The ship has been found to be in reach of [`Deal::at_hub`], and
    /// another player who is named has been found to exist.
    ///
    /// # Errors
    /// A refusal leaves no trace.
    pub fn deal(&mut self, deal: &Deal, cx: &DealContext<'_>, fx: &mut Effects) -> Result<Prepared, Refusal> {
        match deal {
            Deal::List(body) => self.list(body, deal, cx, fx),
            Deal::Order(body) => self.order(body, deal, cx, fx),
            Deal::Buy(body) => self.buy(body, deal, cx, fx),
            Deal::CancelOrder(body) => self.ask_market(&body.hub, Holdings::default(), deal, cx, fx),
            Deal::Auction(body) => self.open_auction(body, deal, cx, fx),
            Deal::Bid(body) => self.bid(body, deal, cx, fx),
            Deal::CancelAuction(body) => self.ask_market(&body.hub, Holdings::default(), deal, cx, fx),
            Deal::OfferContract(body) => self.offer_contract(body, deal, cx, fx),
            Deal::AcceptContract(body) => self.accept_contract(body, deal, cx, fx),
            Deal::Deliver(body) => self.deliver(body, deal, cx, fx),
            Deal::CancelContract(body) => self.ask_market(&body.hub, Holdings::default(), deal, cx, fx),
            Deal::Load(body) => self.load(body, cx, fx),
            Deal::Unload(body) => self.unload(body, cx, fx),
            Deal::Supply(body) => self.supply(body, cx, fx),
            Deal::BuyShip(body) => self.buy_ship(body, cx, fx),
            Deal::Give(body) => self.give(body, cx, fx),
            Deal::Craft(body) => self.craft(body, cx, fx),
            Deal::CancelCraft(body) => self.cancel_craft(body, cx, fx),
            Deal::JoinMission(body) => {
                let mission = Party::Mission(body.mission.clone());
                self.ask(mission, Holdings::default(), None, LedgerReason::Mission, deal, cx, fx)
            }
            Deal::Contribute(body) => {
                check_quantity(body.quantity)?;
                let goods = Holdings::of_goods(body.item.clone(), body.quantity);
                let mission = Party::Mission(body.mission.clone());
                self.ask(mission, goods, Some(&body.hub), LedgerReason::Mission, deal, cx, fx)
            }
            Deal::FoundGuild(_)
            | Deal::Invite(_)
            | Deal::AcceptInvite(_)
            | Deal::DeclineInvite(_)
            | Deal::LeaveGuild(_)
            | Deal::Kick(_)
            | Deal::SetRole(_)
            | Deal::GuildDeposit(_)
            | Deal::GuildWithdraw(_)
            | Deal::SetLimit(_)
            | Deal::SetMotd(_)
            | Deal::DisbandGuild(_) => self.guild_deal(deal, cx, fx),
            Deal::Befriend(_)
            | Deal::Unfriend(_)
            | Deal::Block(_)
            | Deal::Unblock(_)
            | Deal::Mute(_)
            | Deal::Unmute(_) => self.social_deal(deal, cx, fx),
            Deal::ReadNotifications(body) => self.read_notifications(body, fx),
            // Spoken in channels, not dealt with by rules of the player.
            Deal::Say(_) | Deal::Report(_) => Err(Refusal::new(ErrorCode::Internal, "chat is not a player's deal")),
        }
    }

    /// Asks another actor, and sends this much along. Goods are taken out of the storage at the hub first, then out of
    /// the hold.
    ///
    /// # Errors
    /// Fewer goods or credits are there.
    #[allow(clippy::too_many_arguments, reason = "all of it goes into one transfer")]
    pub(super) fn ask(
        &mut self,
        to: Party,
        holdings: Holdings,
        hub: Option<&HubKey>,
        reason: LedgerReason,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        self.check_has(&holdings, hub)?;
        self.take_out(&holdings, hub);
        fx.touched |= !holdings.is_empty();
        let request = Request {
            player: self.id,
            name: cx.name.to_owned(),
            command: cx.command,
            fingerprint: cx.fingerprint,
            deal: deal.clone(),
        };
        let transfer = Transfer {
            id: TransferId::of_request(self.id, cx.command),
            from: self.id.into(),
            to,
            holdings,
            reason,
            purpose: Purpose::Request(Box::new(request)),
        };
        fx.send(transfer, cx.rule.now);
        Ok(Prepared::Asked)
    }

    /// How many of an item can be used at a hub: those in the storage there and those in the hold.
    #[must_use]
    pub fn available(&self, item: &ItemKey, hub: Option<&HubKey>) -> Quantity {
        let stored = hub.and_then(|hub| self.storage.get(hub)).map_or(Quantity::ZERO, |stored| stored.quantity(item));
        Quantity(stored.0.saturating_add(self.cargo.quantity(item).0))
    }

    /// Whether wallet, storage and hold have this much.
    ///
    /// # Errors
    /// Fewer goods or credits are there; says what is missing first.
    pub(super) fn check_has(&self, holdings: &Holdings, hub: Option<&HubKey>) -> Result<(), Refusal> {
        self.check_credits(holdings.credits)?;
        for (item, quantity) in &holdings.goods {
            let have = self.available(item, hub);
            if have < *quantity {
                let refusal = Refusal::new(ErrorCode::NotEnoughGoods, format!("only {have} of {item} are there"));
                return Err(refusal.with("item", item.as_str()).with("have", have.0).with("needed", quantity.0));
            }
        }
        Ok(())
    }

    /// Whether the wallet has this much.
    ///
    /// # Errors
    /// It does not.
    pub(super) fn check_credits(&self, needed: Credits) -> Result<(), Refusal> {
        if self.credits >= needed {
            return Ok(());
        }
        let text = format!("{needed} credits needed, {} there", self.credits);
        let refusal = Refusal::new(ErrorCode::NotEnoughCredits, text);
        Err(refusal.with("needed", needed.0).with("have", self.credits.0))
    }

    /// Takes what [`Player::check_has`] has found to be there.
    pub(super) fn take_out(&mut self, holdings: &Holdings, hub: Option<&HubKey>) {
        self.credits = Credits(self.credits.0.saturating_sub(holdings.credits.0));
        for (item, quantity) in &holdings.goods {
            let mut left = *quantity;
            if let Some(hub) = hub
                && let Some(stored) = self.storage.get_mut(hub)
            {
                let taken = stored.quantity(item).min(left);
                if stored.take(item, taken).is_some() {
                    left = Quantity(left.0 - taken.0);
                }
                if stored.is_empty() {
                    self.storage.remove(hub);
                }
            }
            let taken = self.cargo.take(item, left);
            debug_assert!(taken.is_some(), "checked before");
        }
    }
}

/// A quantity in a command must be at least 1.
///
/// # Errors
/// It is 0, or larger than any quantity can be.
pub(super) fn check_quantity(quantity: Quantity) -> Result<(), Refusal> {
    if quantity == Quantity::ZERO || quantity > Quantity::MAX {
        return Err(Refusal::bad_request("quantity: must be 1 to 2^53 - 1"));
    }
    Ok(())
}
