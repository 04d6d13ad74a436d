//! How players become members, and cease to be.

use super::treasury::{Limits, Withdrawn};
use super::{Granted, Guild, Invite, Member, no_member, not_allowed};
use crate::game::{Cause, Effects, LedgerReason, PartyRules, PlayerChange, Request, Rule};
use crate::types::economy::event::Notice;
use crate::types::economy::guild::{GuildFounded, Role};
use crate::types::{Credits, ErrorCode, External, GuildId, Holdings, Millis, PlayerId, Refusal};

impl Guild {
    /// A guild that nobody is a member of yet: the request that founds it comes next.
    pub(super) fn empty(id: GuildId, name: String) -> Self {
        Self {
            id,
            name,
            motd: String::new(),
            treasury: Credits::ZERO,
            members: std::collections::BTreeMap::new(),
            invites: std::collections::BTreeMap::new(),
            limits: Limits::default(),
            withdrawn: Withdrawn::default(),
            letters: 0,
        }
    }

    /// The founder becomes leader. What came along is the fee.
    pub(super) fn be_founded(
        &mut self,
        request: &Request,
        fee: &Holdings,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Granted, Refusal> {
        if !self.members.is_empty() {
            return Err(not_allowed("this guild is founded already"));
        }
        let cause = Cause::from(request.command);
        fx.moved(self.party(), External::Services, fee, LedgerReason::Guild, &cause, rule.now);
        let receipt = GuildFounded { guild: self.id, name: self.name.clone(), fee: fee.credits };
        let receipt = serde_json::to_value(receipt).unwrap_or_default();
        Ok(Granted { receipt, ..self.take_in(request, Role::Leader, rule) })
    }

    pub(super) fn invite(
        &mut self,
        from: PlayerId,
        by: Role,
        player: PlayerId,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Granted, Refusal> {
        let rules = &rule.catalog.economy.guild;
        if by < Role::Officer {
            return Err(not_allowed("only officers and the leader invite"));
        }
        if self.members.contains_key(&player) {
            return Err(Refusal::new(ErrorCode::InGuild, "this player is a member already"));
        }
        let open = self.invites.iter().filter(|(_, invite)| invite.expires > rule.now);
        let open: Vec<PlayerId> = open.map(|(invited, _)| *invited).collect();
        if open.contains(&player) {
            // Once is enough: the other one knows.
            return Ok(self.changed());
        }
        if open.len() >= rules.invites_max {
            let refusal = Refusal::new(ErrorCode::LimitReached, "too many invitations are open");
            return Err(refusal.with("limit", rules.invites_max));
        }
        self.check_room(rule)?;
        self.invites.retain(|invited, _| open.contains(invited));
        let expires = Millis(rule.now.0.saturating_add(rules.invite_seconds.saturating_mul(1_000)));
        self.invites.insert(player, Invite { expires });
        let notice = Notice::GuildInvited { guild: self.id, name: self.name.clone(), by: from };
        self.write(player, notice, Vec::new(), rule, fx);
        Ok(self.changed())
    }

    pub(super) fn accept(&mut self, request: &Request, rule: &Rule<'_>) -> Result<Granted, Refusal> {
        self.check_invited(request.player, rule)?;
        self.check_room(rule)?;
        self.invites.remove(&request.player);
        Ok(self.take_in(request, Role::Member, rule))
    }

    pub(super) fn decline(&mut self, request: &Request, rule: &Rule<'_>) -> Result<Granted, Refusal> {
        self.check_invited(request.player, rule)?;
        self.invites.remove(&request.player);
        Ok(Granted { receipt: self.receipt(Credits::ZERO), ..Granted::default() })
    }

    /// Leadership passes on; with the last member the guild ends, and what is in the treasury is that member's.
    pub(super) fn leave(&mut self, player: PlayerId, rule: &Rule<'_>, fx: &mut Effects) -> Granted {
        let was = self.members.remove(&player).map(|member| member.role);
        let mut holdings = Holdings::default();
        if self.members.is_empty() {
            holdings.credits = std::mem::take(&mut self.treasury);
        } else if was == Some(Role::Leader) {
            self.choose_leader(rule, fx);
        }
        let changes = vec![PlayerChange::LeftGuild(self.id)];
        Granted { receipt: self.receipt(Credits::ZERO), holdings, changes }
    }

    /// Members have other names now.
    pub(super) fn take_names(&mut self, changes: &[PlayerChange]) {
        for change in changes {
            if let PlayerChange::Renamed { player, name } = change
                && let Some(member) = self.members.get_mut(player)
            {
                name.clone_into(&mut member.name);
            }
        }
    }

    pub(super) fn kick(
        &mut self,
        by: Role,
        player: PlayerId,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Granted, Refusal> {
        if by < Role::Officer {
            return Err(not_allowed("only officers and the leader throw members out"));
        }
        let whom = self.members.get(&player).ok_or_else(|| no_member(player))?.role;
        if whom >= by {
            return Err(not_allowed("only members of a lower role can be thrown out"));
        }
        self.members.remove(&player);
        self.dismiss(player, rule, fx);
        Ok(self.changed())
    }

    /// The treasury is the leader's, and everybody goes.
    pub(super) fn disband(
        &mut self,
        leader: PlayerId,
        by: Role,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Granted, Refusal> {
        if by < Role::Leader {
            return Err(not_allowed("only the leader disbands a guild"));
        }
        self.members.remove(&leader);
        for player in std::mem::take(&mut self.members).into_keys() {
            self.dismiss(player, rule, fx);
        }
        // The last one, who has the treasury.
        Ok(self.leave(leader, rule, fx))
    }

    /// Tells somebody who is a member no longer.
    fn dismiss(&mut self, player: PlayerId, rule: &Rule<'_>, fx: &mut Effects) {
        let notice = Notice::GuildLeft { guild: self.id, name: self.name.clone() };
        self.write(player, notice, vec![PlayerChange::LeftGuild(self.id)], rule, fx);
    }

    fn take_in(&mut self, request: &Request, role: Role, rule: &Rule<'_>) -> Granted {
        let member = Member { name: request.name.clone(), role, joined: rule.now };
        self.members.insert(request.player, member);
        Granted { changes: vec![PlayerChange::JoinedGuild(self.id)], ..self.changed() }
    }

    fn check_invited(&self, player: PlayerId, rule: &Rule<'_>) -> Result<(), Refusal> {
        if self.invites.get(&player).is_some_and(|invite| invite.expires > rule.now) {
            return Ok(());
        }
        Err(Refusal::new(ErrorCode::NotInvited, "there is no invitation, or not any more"))
    }

    fn check_room(&self, rule: &Rule<'_>) -> Result<(), Refusal> {
        let max = rule.catalog.economy.guild.members_max;
        if self.members.len() < max {
            return Ok(());
        }
        Err(Refusal::new(ErrorCode::LimitReached, "the guild has no room for more members").with("limit", max))
    }
}
