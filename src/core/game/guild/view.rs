//! What players see of a guild.

use std::cmp::Reverse;

use super::Guild;
use crate::game::Rule;
use crate::types::economy::guild::{GuildView, MemberView, Role};
use crate::types::{Credits, PlayerId};

impl Guild {
    /// What this player sees; who is not a member sees name and members.
    pub(super) fn view(&self, player: PlayerId, rule: &Rule<'_>) -> GuildView {
        self.seen(self.members.contains_key(&player), rule)
    }

    /// Everything, as its members see it.
    pub(super) fn whole(&self, rule: &Rule<'_>) -> GuildView {
        self.seen(true, rule)
    }

    fn seen(&self, inside: bool, rule: &Rule<'_>) -> GuildView {
        let limit = |role| self.limit(role, rule).filter(|_| inside).unwrap_or(Credits::ZERO);
        let view = |(id, member): (&PlayerId, &super::Member)| MemberView {
            player: *id,
            name: member.name.clone(),
            role: member.role,
            joined_ms: member.joined,
        };
        let mut members: Vec<MemberView> = self.members.iter().map(view).collect();
        members.sort_by(|a, b| (Reverse(a.role), &a.name).cmp(&(Reverse(b.role), &b.name)));
        GuildView {
            guild: self.id,
            name: self.name.clone(),
            motd: if inside { self.motd.clone() } else { String::new() },
            treasury: if inside { self.treasury } else { Credits::ZERO },
            members,
            member_limit: limit(Role::Member),
            officer_limit: limit(Role::Officer),
        }
    }
}
