//! A giver: earns, and shares with others, a few credits at a time.

use orrery_core::types::Credits;
use orrery_core::types::economy::Deal;
use orrery_core::types::economy::storage::Give;

use super::{Act, Dice, View, can_spend, deal, earn};
use crate::behaviour::Behaviour;

/// Gives credits away.
#[derive(Default)]
pub(in crate::behaviour) struct Giver;

impl Behaviour for Giver {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        let amount = 1 + dice.below(5);
        match view.peers.draw(view.player, dice).filter(|_| can_spend(view, amount)) {
            Some(to) if dice.below(2) == 0 => deal(Deal::Give(Give { to, credits: Credits(amount) })),
            _ => earn(view, dice),
        }
    }
}
