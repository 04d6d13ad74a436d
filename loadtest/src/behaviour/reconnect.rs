//! Loses its connection now and then, in the middle of what a trader does, and takes its session up again.

use super::{Act, Behaviour, View, trade};
use crate::dice::Dice;

/// Plays like a trader on a bad line.
pub(super) struct Reconnecter;

impl Behaviour for Reconnecter {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        if dice.below(8) == 0 { Act::Drop } else { trade::Trader.act(view, dice) }
    }
}
