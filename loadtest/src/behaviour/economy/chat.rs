//! A chatterer: talks in its sector, to who is near, and to others; has friends, and mutes who talks too much.

use orrery_core::types::economy::chat::{AskHistory, Channel, Say};
use orrery_core::types::economy::guild::Nothing;
use orrery_core::types::economy::social::{AskNotifications, Other, ReadNotifications};
use orrery_core::types::economy::{Ask, Deal};

use super::{Act, Dice, View, ask, deal, earn, pick};
use crate::behaviour::{Behaviour, wander};

const LINES: [&str; 8] = [
    "anybody selling titanium?",
    "the gate is crowded today",
    "o/",
    "looking for a guild",
    "who wants ice? cheap!",
    "schöne Grüße von der Luna",
    "that was my wreck",
    "bid on my auction please",
];

/// Talks.
#[derive(Default)]
pub(in crate::behaviour) struct Chatterer;

impl Behaviour for Chatterer {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        let peer = view.peers.draw(view.player, dice);
        match (dice.below(20), peer) {
            (0..=3, _) => say(Channel::Sector, dice),
            (4..=6, _) => say(Channel::Local, dice),
            (7 | 8, Some(player)) => say(Channel::Direct(player), dice),
            (9, Some(player)) => deal(befriend(view, player, dice)),
            (10, Some(player)) => deal(avoid(Other { player }, dice)),
            (11, _) => ask(Ask::ChatHistory(AskHistory { channel: Channel::Sector, before: None, limit: Some(20) })),
            (12, _) => ask(Ask::Friends(Nothing {})),
            (13, _) => ask(Ask::Notifications(AskNotifications { before: None, limit: Some(20) })),
            (14, _) if view.news.last_notification > 0 => {
                deal(Deal::ReadNotifications(ReadNotifications { up_to: view.news.last_notification }))
            }
            (15..=17, _) => earn(view, dice),
            _ => wander(view, dice),
        }
    }
}

pub(super) fn say(channel: Channel, dice: &mut Dice) -> Act {
    let text = pick(&LINES, dice).copied().unwrap_or("o/").to_owned();
    deal(Deal::Say(Say { channel, text }))
}

/// Agrees with who asked first; asks somebody otherwise, and ends a friendship now and then.
fn befriend(view: &View<'_>, peer: orrery_core::types::PlayerId, dice: &mut Dice) -> Deal {
    let player = pick(&view.news.friend_requests, dice).copied().unwrap_or(peer);
    let other = Other { player };
    if dice.below(5) == 0 { Deal::Unfriend(other) } else { Deal::Befriend(other) }
}

fn avoid(other: Other, dice: &mut Dice) -> Deal {
    match dice.below(4) {
        0 => Deal::Mute(other),
        1 => Deal::Unmute(other),
        2 => Deal::Block(other),
        _ => Deal::Unblock(other),
    }
}
