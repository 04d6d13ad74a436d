//! A guild member: joins who invites it, founds a guild of its own when it can pay for it, invites others, pays into
//! the treasury and draws from it, and leaves for a change.

use orrery_core::types::Credits;
use orrery_core::types::economy::chat::Channel;
use orrery_core::types::economy::guild::{Amount, AskGuild, FoundGuild, Member as Whom, Nothing, Role, SetMotd, Which};
use orrery_core::types::economy::{Ask, Deal};

use super::{Act, Dice, View, ask, can_spend, chat, deal, earn, is_waiting, pick};
use crate::behaviour::Behaviour;

/// Lives in guilds.
#[derive(Default)]
pub(in crate::behaviour) struct Member;

impl Behaviour for Member {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        if is_waiting(view) {
            return Act::Nothing;
        }
        match view.account.guild {
            None => outside(view, dice),
            Some(_) => inside(view, dice),
        }
    }
}

fn outside(view: &View<'_>, dice: &mut Dice) -> Act {
    let invited = pick(&view.news.invitations, dice).copied();
    let fee = view.catalog.economy.guild.founding_fee;
    match (dice.below(8), invited) {
        (0..=2, Some(guild)) => deal(Deal::AcceptInvite(Which { guild })),
        (3, Some(guild)) => deal(Deal::DeclineInvite(Which { guild })),
        (4, _) if u64::try_from(view.account.credits).is_ok_and(|have| have >= fee.0) => {
            let name = format!("Guild {:08x}", dice.bits() & 0xffff_ffff);
            deal(Deal::FoundGuild(FoundGuild { name }))
        }
        _ => earn(view, dice),
    }
}

fn inside(view: &View<'_>, dice: &mut Dice) -> Act {
    let peer = view.peers.draw(view.player, dice);
    let own = view.news.guild.as_ref().filter(|guild| Some(guild.guild) == view.account.guild);
    let leads = own.is_some_and(|guild| {
        guild.members.iter().any(|member| member.player == view.player && member.role == Role::Leader)
    });
    match (dice.below(24), peer) {
        (0 | 1, _) => ask(Ask::Guild(AskGuild { guild: None })),
        (2..=5, Some(player)) => deal(Deal::Invite(Whom { player })),
        (6..=8, _) if can_spend(view, 10) => deal(Deal::GuildDeposit(Amount { credits: Credits(1 + dice.below(10)) })),
        (9 | 10, _) => deal(Deal::GuildWithdraw(Amount { credits: Credits(1 + dice.below(6)) })),
        (11, _) => chat::say(Channel::Guild, dice),
        (12, _) => deal(Deal::SetMotd(SetMotd { text: "fly safe".to_owned() })),
        // The leader's leaving would hand the guild on or end it; members come and go.
        (13, _) if own.is_some() && !leads => deal(Deal::LeaveGuild(Nothing {})),
        _ => earn(view, dice),
    }
}
