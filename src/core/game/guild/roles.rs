//! Roles, and what only some of them may say.

use std::cmp::Reverse;

use super::{Granted, Guild, no_member, not_allowed};
use crate::game::chat::clean;
use crate::game::{Effects, Rule};
use crate::types::economy::event::Notice;
use crate::types::economy::guild::{Role, SetRole};
use crate::types::{PlayerId, Refusal};

/// Characters of the message of the day.
const MOTD_CHARS_MAX: usize = 500;

impl Guild {
    pub(super) fn set_role(
        &mut self,
        leader: PlayerId,
        by: Role,
        body: &SetRole,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Granted, Refusal> {
        if by < Role::Leader {
            return Err(not_allowed("only the leader gives roles"));
        }
        if body.player == leader {
            return Err(Refusal::bad_request("player: a leader makes somebody else leader, or leaves"));
        }
        let had = self.members.get(&body.player).ok_or_else(|| no_member(body.player))?.role;
        if had == body.role {
            return Ok(self.changed());
        }
        if body.role == Role::Leader
            && let Some(old) = self.members.get_mut(&leader)
        {
            old.role = Role::Officer;
        }
        self.give_role(body.player, body.role, rule, fx);
        Ok(self.changed())
    }

    /// The leader has gone: the officer who has been here longest takes over, or else the member.
    pub(super) fn choose_leader(&mut self, rule: &Rule<'_>, fx: &mut Effects) {
        let next = self.members.iter().min_by_key(|(id, member)| (Reverse(member.role), member.joined, **id));
        if let Some(next) = next.map(|(id, _)| *id) {
            self.give_role(next, Role::Leader, rule, fx);
        }
    }

    pub(super) fn set_motd(&mut self, by: Role, text: &str) -> Result<Granted, Refusal> {
        if by < Role::Officer {
            return Err(not_allowed("only officers and the leader set the message of the day"));
        }
        self.motd = clean("text", text, 0..=MOTD_CHARS_MAX)?;
        Ok(self.changed())
    }

    fn give_role(&mut self, player: PlayerId, role: Role, rule: &Rule<'_>, fx: &mut Effects) {
        if let Some(member) = self.members.get_mut(&player) {
            member.role = role;
        }
        self.write(player, Notice::GuildRole { guild: self.id, role }, Vec::new(), rule, fx);
    }
}
