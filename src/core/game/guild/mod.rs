//! A guild: members with roles, invitations, a treasury; the state of one guild actor.
//!
//! The guild is the truth about who belongs to it. A player's own [`Membership`](super::player::Membership) follows by
//! changes that come along with the guild's transfers: each stay of a member begins with exactly one
//! [`PlayerChange::JoinedGuild`] and ends with exactly one [`PlayerChange::LeftGuild`], which arrive in this order.

mod members;
#[cfg(test)]
mod model_tests;
mod roles;
#[cfg(test)]
mod rules_tests;
mod treasury;
mod view;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Effects, GuildLine, Inspect, LedgerReason, Outcome, Parcel, PartTable, PartyRules, PlayerChange, Purpose,
    ReplyParts, Request, Rule, Transfer,
};
use crate::types::economy::event::Notice;
use crate::types::economy::guild::{GuildChanged, Role};
use crate::types::economy::{Ask, Deal};
use crate::types::{Credits, ErrorCode, GuildId, Holdings, Millis, Party, PlayerId, Refusal, TransferId};

use treasury::{Limits, Withdrawn};

/// The id of a guild's one part.
const STATE: &str = "state";

/// The state of a guild. One without members is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guild {
    id: GuildId,
    name: String,
    motd: String,
    treasury: Credits,
    members: BTreeMap<PlayerId, Member>,
    invites: BTreeMap<PlayerId, Invite>,
    limits: Limits,
    withdrawn: Withdrawn,
    /// The number of the last letter.
    letters: u64,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Member {
    /// As the member has told last.
    name: String,
    role: Role,
    joined: Millis,
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Invite {
    expires: Millis,
}

/// A guild as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum GuildRecord {
    /// Since 0.2.
    #[serde(rename = "1")]
    V1(Guild),
}

/// What a request is granted.
#[derive(Debug, Default)]
struct Granted {
    receipt: Value,
    /// What goes to the player. It has been taken out of the treasury.
    holdings: Holdings,
    changes: Vec<PlayerChange>,
}

impl Guild {
    /// Its line in the list of all guilds, out of a stored part of [`PartTable::Guild`].
    ///
    /// # Errors
    /// The part cannot be understood; says why.
    pub fn line_of(part: Value) -> Result<GuildLine, String> {
        read(part).map(|guild| guild.line())
    }

    fn line(&self) -> GuildLine {
        let leader = self.members.iter().find(|(_, member)| member.role == Role::Leader).map(|(player, _)| *player);
        GuildLine { name: self.name.clone(), members: self.members.len(), leader, treasury: self.treasury }
    }

    /// Who is a member.
    pub fn members(&self) -> impl Iterator<Item = PlayerId> {
        self.members.keys().copied()
    }

    fn decide(
        &mut self,
        request: &Request,
        holdings: &Holdings,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Granted, Refusal> {
        match &request.deal {
            Deal::FoundGuild(_) => return self.be_founded(request, holdings, rule, fx),
            // It ended just now; its actor is still there.
            _ if self.is_over() => return Err(Self::unknown()),
            Deal::AcceptInvite(_) => return self.accept(request, rule),
            Deal::DeclineInvite(_) => return self.decline(request, rule),
            _ => {}
        }
        let by = self.role_of(request.player)?;
        match &request.deal {
            Deal::Invite(body) => self.invite(request.player, by, body.player, rule, fx),
            Deal::LeaveGuild(_) => Ok(self.leave(request.player, rule, fx)),
            Deal::Kick(body) => self.kick(by, body.player, rule, fx),
            Deal::SetRole(body) => self.set_role(request.player, by, body, rule, fx),
            Deal::SetMotd(body) => self.set_motd(by, &body.text),
            Deal::GuildDeposit(_) => self.deposit(holdings.credits),
            Deal::GuildWithdraw(body) => self.withdraw(request.player, by, body.credits, rule),
            Deal::SetLimit(body) => self.set_limit(by, body),
            Deal::DisbandGuild(_) => self.disband(request.player, by, rule, fx),
            other => Err(Refusal::bad_request(format!("{} is nothing a guild does", other.name()))),
        }
    }

    /// The role of somebody who asks.
    fn role_of(&self, player: PlayerId) -> Result<Role, Refusal> {
        let not_in = || Refusal::new(ErrorCode::NoGuild, "you are not a member of this guild");
        self.members.get(&player).map(|member| member.role).ok_or_else(not_in)
    }

    /// Nothing but the receipt.
    fn changed(&self) -> Granted {
        Granted { receipt: self.receipt(self.treasury), ..Granted::default() }
    }

    fn receipt(&self, treasury: Credits) -> Value {
        // Receipts have string keys only and always become JSON.
        serde_json::to_value(GuildChanged { guild: self.id, treasury }).unwrap_or_default()
    }

    /// Tells somebody something.
    fn write(&mut self, to: PlayerId, notice: Notice, changes: Vec<PlayerChange>, rule: &Rule<'_>, fx: &mut Effects) {
        self.letters += 1;
        let letter = Transfer {
            id: TransferId::of_parcel(&self.party(), self.letters),
            from: self.party().into(),
            to: Party::Player(to),
            holdings: Holdings::default(),
            reason: LedgerReason::Guild,
            purpose: Purpose::Parcel(Box::new(Parcel { hub: None, notice: Some(notice), changes })),
        };
        fx.send(letter, rule.now);
    }
}

impl PartyRules for Guild {
    fn load(_: &Party, parts: Vec<(PartTable, String, Value)>, _: &Rule<'_>) -> Result<Option<Self>, String> {
        let state = parts.into_iter().find(|(table, id, _)| *table == PartTable::Guild && id == STATE);
        state.map(|(_, _, part)| read(part)).transpose()
    }

    fn found(party: &Party, transfer: &Transfer, _: &Rule<'_>) -> Option<Self> {
        match (party, &transfer.purpose) {
            (Party::Guild(id), Purpose::Request(request)) => match &request.deal {
                Deal::FoundGuild(body) => Some(Self::empty(*id, body.name.clone())),
                _ => None,
            },
            _ => None,
        }
    }

    fn unknown() -> Refusal {
        Refusal::new(ErrorCode::UnknownGuild, "there is no such guild")
    }

    fn party(&self) -> Party {
        Party::Guild(self.id)
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn receive(&mut self, transfer: &Transfer, rule: &Rule<'_>, fx: &mut Effects) {
        fx.receive(transfer, rule.now);
        if let Purpose::Parcel(parcel) = &transfer.purpose {
            self.take_names(&parcel.changes);
        }
        let Purpose::Request(request) = &transfer.purpose else {
            // Nobody sends a guild value but by a request; should somebody, it is a gift to the treasury.
            self.treasury = Credits(self.treasury.0.saturating_add(transfer.holdings.credits.0));
            return fx.touch_part(PartTable::Guild, STATE);
        };
        let parts = match self.decide(request, &transfer.holdings, rule, fx) {
            Ok(granted) => {
                fx.touch_part(PartTable::Guild, STATE);
                let (holdings, changes) = (granted.holdings, granted.changes);
                let outcome = Outcome::Done(granted.receipt);
                ReplyParts { outcome, holdings, reason: LedgerReason::Guild, hub: None, changes }
            }
            Err(refusal) => ReplyParts {
                outcome: Outcome::Refused(refusal),
                holdings: transfer.holdings.clone(),
                reason: transfer.reason,
                hub: None,
                changes: Vec::new(),
            },
        };
        fx.reply(&self.party(), request, parts, rule.now);
    }

    fn answer(&self, ask: &Ask, player: PlayerId, rule: &Rule<'_>) -> Result<Value, Refusal> {
        match ask {
            _ if self.is_over() => Err(Self::unknown()),
            Ask::Guild(_) => Ok(serde_json::to_value(self.view(player, rule)).unwrap_or_default()),
            other => Err(Refusal::bad_request(format!("{} is nothing a guild knows", other.name()))),
        }
    }

    fn inspect(&self, what: &Inspect, rule: &Rule<'_>) -> Result<Value, Refusal> {
        match what {
            _ if self.is_over() => Err(Self::unknown()),
            Inspect::Whole => Ok(serde_json::to_value(self.whole(rule)).unwrap_or_default()),
            Inspect::Orders { .. } => Err(Refusal::new(ErrorCode::NotFound, "a guild has no orders")),
        }
    }

    fn guild_line(&self) -> Option<GuildLine> {
        Some(self.line())
    }

    /// Never: invitations that have expired are as if they were not there, and go when others are made.
    fn due(&self) -> Option<Millis> {
        None
    }

    fn on_due(&mut self, _: &Rule<'_>, _: &mut Effects) {}

    fn part(&self, table: PartTable, id: &str) -> Option<Value> {
        if table != PartTable::Guild || id != STATE || self.is_over() {
            return None;
        }
        serde_json::to_value(GuildRecord::V1(self.clone())).ok()
    }

    fn holdings(&self) -> Holdings {
        Holdings::of_credits(self.treasury)
    }

    fn is_over(&self) -> bool {
        self.members.is_empty()
    }
}

fn read(part: Value) -> Result<Guild, String> {
    match serde_json::from_value(part) {
        Ok(GuildRecord::V1(guild)) => Ok(guild),
        Err(error) => Err(format!("a guild's state: {error}")),
    }
}

fn not_allowed(text: &str) -> Refusal {
    Refusal::new(ErrorCode::NotAllowed, text)
}

fn no_member(player: PlayerId) -> Refusal {
    Refusal::new(ErrorCode::NotFound, "this player is not a member of the guild").with("player", player.to_string())
}
