//! What operators do to a player. Each kind of [`OperatorChange`] checks everything before it changes anything, tells what
//! it touches before and after, and names the change that undoes it. Value comes from and goes to
//! [`External::Operators`](crate::types::External), by double entry as all value does.
//!
//! Whether a name is free and where the ship is, the player's actor finds out beforehand; it also moves the ship. The
//! same rule on a copy of the state is the dry run.
//!
//! To add a kind: a variant here, its rule in one of the files beside, its line in [`OperatorChange::kind`], in the
//! console's roles and in the page.

mod person;
mod place;
mod refusal;
mod sanction;
mod tech;
#[cfg(test)]
mod tests;
mod value;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use place::Place;
pub use refusal::OperateRefusal;

use super::Player;
use crate::game::account::Account;
use crate::game::{Effects, Rule};
use crate::types::economy::event::Notice;
use crate::types::{Credits, Holdings, HubKey, ItemKey, Millis, Quantity, TechKey, WorldKey};

/// A change of a player by an operator. As JSON `{"kind": "grant", "credits": 5}` and the like: so it comes from the
/// console, and so the audit log keeps how it is undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OperatorChange {
    /// Gives credits and goods; goods into the storage at a hub, or into the hold, where they must fit.
    Grant(Amounts),
    /// Takes credits and goods, out of the storage at a hub or out of the hold. Refused when there is less.
    Revoke(Amounts),
    /// Shuts the player out.
    Ban(Sentence),
    /// Ends a ban.
    Unban {},
    /// Lets the player not speak.
    Mute(Sentence),
    /// Ends a mute.
    Unmute {},
    /// Gives the account another name.
    Rename {
        /// The name.
        name: String,
    },
    /// Puts the ship elsewhere.
    Move {
        /// In which world.
        world: WorldKey,
        /// Where, in units from its corner.
        x: f64,
        /// Where, in units from its corner.
        y: f64,
    },
    /// Makes a technology known.
    GrantTech {
        /// Which.
        tech: TechKey,
    },
    /// Makes a technology unknown. What was paid for it does not come back.
    RevokeTech {
        /// Which.
        tech: TechKey,
    },
    /// Erases everything personal, for good; what the player owns goes to the operators.
    Erase {
        /// The account's name, to be sure who is meant.
        confirm: String,
    },
}

/// Credits and goods that are given or taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amounts {
    /// Credits.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub credits: Credits,
    /// Goods, by item.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub goods: std::collections::BTreeMap<ItemKey, Quantity>,
    /// The hub in whose storage the goods are; without one they are in the hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubKey>,
}

/// A ban or a mute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// Until when; `None`: for good.
    #[serde(default)]
    pub until_ms: Option<Millis>,
    /// What the player is told.
    pub reason_shown: String,
}

/// What a change is told besides.
#[derive(Clone, Copy, Debug)]
pub struct OperateContext<'a> {
    /// Content and time.
    pub rule: Rule<'a>,
    /// The operator's name.
    pub by: &'a str,
    /// Where the ship is, or was last.
    pub place: Option<&'a Place>,
}

/// What a change has done, or would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Operated {
    /// What it touches, before.
    pub before: Value,
    /// The same, after.
    pub after: Value,
    /// What undoes it; `None` when nothing does.
    pub undo: Option<OperatorChange>,
}

fn is_nothing(credits: &Credits) -> bool {
    *credits == Credits::ZERO
}

impl Amounts {
    fn holdings(&self) -> Holdings {
        Holdings { credits: self.credits, goods: self.goods.clone() }
    }
}

impl OperatorChange {
    /// The kind, as the audit log names it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Grant(_) => "grant",
            Self::Revoke(_) => "revoke",
            Self::Ban(_) => "ban",
            Self::Unban {} => "unban",
            Self::Mute(_) => "mute",
            Self::Unmute {} => "unmute",
            Self::Rename { .. } => "rename",
            Self::Move { .. } => "move",
            Self::GrantTech { .. } => "grant_tech",
            Self::RevokeTech { .. } => "revoke_tech",
            Self::Erase { .. } => "erase",
        }
    }

    /// What is left of a change that was decided on earlier: a sanction whose time is over is none.
    #[must_use]
    pub fn as_of(self, now: Millis) -> Self {
        let over = |sentence: &Sentence| sentence.until_ms.is_some_and(|until| until <= now);
        match self {
            Self::Ban(sentence) if over(&sentence) => Self::Unban {},
            Self::Mute(sentence) if over(&sentence) => Self::Unmute {},
            other => other,
        }
    }
}

/// Carries a change out on account and player, and counts the account's revision up.
///
/// # Errors
/// [`OperateRefusal`] leaves no trace.
pub fn operate(
    account: &mut Account,
    player: &mut Player,
    change: &OperatorChange,
    cx: &OperateContext<'_>,
    fx: &mut Effects,
) -> Result<Operated, OperateRefusal> {
    // What still comes to an erased player's wallet can be taken to the operators; nothing else makes sense.
    if account.moderation.erased.is_some() && !matches!(change, OperatorChange::Revoke(_)) {
        return Err(OperateRefusal::Erased);
    }
    let operated = match change {
        OperatorChange::Grant(amounts) => player.be_granted(amounts, cx, fx),
        OperatorChange::Revoke(amounts) => player.be_revoked(amounts, cx, fx),
        OperatorChange::Ban(sentence) => sanction::ban(account, sentence, cx),
        OperatorChange::Unban {} => sanction::unban(account, player, cx, fx),
        OperatorChange::Mute(sentence) => sanction::mute(account, player, sentence, cx, fx),
        OperatorChange::Unmute {} => sanction::unmute(account, player, cx, fx),
        OperatorChange::Rename { name } => person::rename(account, player, name, cx, fx),
        OperatorChange::Move { world, x, y } => place::move_to(world, *x, *y, cx),
        OperatorChange::GrantTech { tech } => player.be_taught(tech, cx, fx),
        OperatorChange::RevokeTech { tech } => player.be_untaught(tech, cx, fx),
        OperatorChange::Erase { confirm } => person::erase(account, player, confirm, cx, fx),
    }?;
    account.moderation.revision += 1;
    Ok(operated)
}

impl Player {
    /// Tells the player what an operator has done.
    fn be_told(&mut self, notice: Notice, cx: &OperateContext<'_>, fx: &mut Effects) {
        self.notify(notice, cx.rule.now, fx);
    }
}
