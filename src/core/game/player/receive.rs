//! What comes to a player: collected goods, answers with what they bring, parcels. Whatever is under way to a player
//! belongs to the player, so nothing here depends on room in the hold.

use super::{Player, PlayerRefusal, Receipt};
use crate::game::{Effects, Outcome, PlayerChange, Purpose, Rule, Transfer};
use crate::types::{CommandId, Holdings, HubKey, ItemKey, Quantity};

/// A command that a transfer settles.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// A collect.
    Collected(CommandId, Receipt),
    /// A deal that another actor has decided.
    Deal {
        /// The command.
        command: CommandId,
        /// The command's hash.
        fingerprint: u64,
        /// What became of it.
        outcome: Outcome,
    },
}

impl Player {
    /// Takes a transfer in. Returns the command it settles.
    ///
    /// # Errors
    /// [`PlayerRefusal::AmountTooLarge`] and no change, beyond 2^53 pieces or credits.
    pub fn receive(
        &mut self,
        transfer: &Transfer,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Option<Settled>, PlayerRefusal> {
        let hub = match &transfer.purpose {
            Purpose::Reply(reply) => reply.hub.as_ref(),
            Purpose::Parcel(parcel) => parcel.hub.as_ref(),
            Purpose::Collected { .. } | Purpose::Request(_) => None,
        };
        self.put_in(&transfer.holdings, hub).ok_or(PlayerRefusal::AmountTooLarge)?;
        fx.touched = true;
        fx.receive(transfer, rule.now);
        Ok(match &transfer.purpose {
            Purpose::Collected { command, object } => {
                self.lifetime.objects_collected += 1;
                self.score_collected(rule);
                let (item, quantity) = only_goods(&transfer.holdings);
                item.map(|item| {
                    let receipt = Receipt::Collected { object: *object, item, quantity, transfer: transfer.id.clone() };
                    Settled::Collected(*command, receipt)
                })
            }
            Purpose::Reply(reply) => {
                self.change(&reply.changes, rule, fx);
                self.end_joining(reply.command);
                let (command, fingerprint, outcome) = (reply.command, reply.fingerprint, reply.outcome.clone());
                Some(Settled::Deal { command, fingerprint, outcome })
            }
            Purpose::Parcel(parcel) => {
                self.change(&parcel.changes, rule, fx);
                if let Some(notice) = parcel.notice.as_ref().filter(|notice| self.social.wants(notice)) {
                    self.notify(notice.clone(), rule.now, fx);
                }
                None
            }
            // Nobody asks players.
            Purpose::Request(_) => None,
        })
    }

    /// Adds value; `None` and no change when an amount would exceed its largest value.
    pub(super) fn put_in(&mut self, holdings: &Holdings, hub: Option<&HubKey>) -> Option<()> {
        let credits = self.credits.checked_add(holdings.credits)?;
        if !holdings.goods.is_empty() {
            let place = hub.map_or(Some(&self.cargo), |hub| self.storage.get(hub));
            let mut filled = place.cloned().unwrap_or_default();
            for (item, quantity) in &holdings.goods {
                filled.add(item, *quantity)?;
            }
            match hub {
                Some(hub) => drop(self.storage.insert(hub.clone(), filled)),
                None => self.cargo = filled,
            }
        }
        self.credits = credits;
        Some(())
    }

    fn change(&mut self, changes: &[PlayerChange], rule: &Rule<'_>, fx: &mut Effects) {
        for change in changes {
            match change {
                PlayerChange::Traded(credits) => self.score_traded(*credits, rule),
                PlayerChange::MissionScore(score) => self.score_mission(*score, rule),
                PlayerChange::JoinedGuild(_) | PlayerChange::LeftGuild(_) => self.guild_change(change),
                PlayerChange::FriendAsked { .. } | PlayerChange::FriendGone { .. } | PlayerChange::Renamed { .. } => {
                    self.social_change(change, rule, fx);
                }
            }
        }
    }
}

fn only_goods(holdings: &Holdings) -> (Option<ItemKey>, Quantity) {
    let first = holdings.goods.iter().next();
    (first.map(|(item, _)| item.clone()), first.map_or(Quantity::ZERO, |(_, quantity)| *quantity))
}
