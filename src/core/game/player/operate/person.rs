//! Who the player is: another name, or nobody any more.

use serde_json::json;

use super::{OperateContext, OperateRefusal, Operated, OperatorChange};
use crate::game::account::{Account, is_valid_name};
use crate::game::moderation::Moderation;
use crate::game::player::{Crafting, DealContext, Inventory, Membership, Player};
use crate::game::{Cause, Effects, LedgerReason};
use crate::types::economy::Deal;
use crate::types::economy::event::Notice;
use crate::types::economy::guild::Nothing;
use crate::types::{CommandId, Credits, External, PlayerId};

/// By which an erased player leaves its guild. No client's command has this id, and a player is erased once.
const LEAVE_GUILD: CommandId = CommandId(CommandId::MAX + 1);

/// That nobody else has the name has been found out before.
pub(super) fn rename(
    account: &mut Account,
    player: &mut Player,
    name: &str,
    cx: &OperateContext<'_>,
    fx: &mut Effects,
) -> Result<Operated, OperateRefusal> {
    if !is_valid_name(name) {
        let rule = "must have 3 to 24 letters, digits, _ or -, with single spaces between them".to_owned();
        return Err(OperateRefusal::Invalid { field: "name", rule });
    }
    if account.name == name {
        return Err(OperateRefusal::NoChange);
    }
    let old = std::mem::replace(&mut account.name, name.to_owned());
    player.tell_name(name, cx.rule.now, fx);
    player.be_told(Notice::Renamed { name: name.to_owned() }, cx, fx);
    let (before, after) = (json!({ "name": old }), json!({ "name": name }));
    Ok(Operated { before, after, undo: Some(OperatorChange::Rename { name: old }) })
}

/// Other players are told by letters, the guild by a request; what the stores keep of what the player has said, the
/// player's actor erases in the same commit.
pub(super) fn erase(
    account: &mut Account,
    player: &mut Player,
    confirm: &str,
    cx: &OperateContext<'_>,
    fx: &mut Effects,
) -> Result<Operated, OperateRefusal> {
    if confirm != account.name {
        return Err(OperateRefusal::NotConfirmed);
    }
    if matches!(player.membership, Membership::Joining { .. }) {
        return Err(OperateRefusal::JoiningGuild);
    }
    let now = cx.rule.now;
    let owned = player.holdings();
    let relations = player.social.relation_count();
    // The audit log is for ever: it gets to know what there was, and nothing personal.
    let before = json!({
        "name": "(erased)", "credits": owned.credits, "goods": owned.goods, "log_ins": account.families.len(),
        "relations": relations, "erased": false,
    });

    let revision = account.moderation.revision;
    account.name = pseudonym(player.id);
    account.password_hash = None;
    account.families.clear();
    account.moderation = Moderation { revision, erased: Some(now), ..Moderation::default() };
    player.leave_for_good(&account.name, cx, fx);
    player.forget_everybody(now, fx);
    player.credits = Credits::ZERO;
    player.cargo = Inventory::default();
    player.storage.clear();
    player.research = None;
    // What went into jobs under way is the workshop's; nobody waits for what comes out.
    player.crafting = Crafting { last: player.crafting.last, ..Crafting::default() };
    player.inbox.read = player.inbox.last;
    fx.touched = true;
    fx.moved(player.id, External::Operators, &owned, LedgerReason::Operator, &Cause::default(), now);
    let after = json!({
        "name": account.name, "credits": 0, "goods": {}, "log_ins": 0, "relations": 0, "erased": true,
    });
    Ok(Operated { before, after, undo: None })
}

/// No player can choose it: names have no `#`. Half of a UUID of version 7 is random.
fn pseudonym(player: PlayerId) -> String {
    let (_, random) = player.0.as_u64_pair();
    format!("erased#{random:016x}")
}

impl Player {
    fn leave_for_good(&mut self, name: &str, cx: &OperateContext<'_>, fx: &mut Effects) {
        let cx = DealContext { rule: cx.rule, command: LEAVE_GUILD, fingerprint: 0, name };
        // Refused by who is in none.
        let _ = self.guild_deal(&Deal::LeaveGuild(Nothing {}), &cx, fx);
    }
}
