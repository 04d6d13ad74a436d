//! Bans and mutes. A new one takes an earlier one's place; undoing it brings the earlier one back, for as long as that
//! would still hold. One that says the same as what holds changes nothing.

use serde_json::{Value, json};

use super::{OperateContext, OperateRefusal, Operated, OperatorChange, Sentence};
use crate::game::Effects;
use crate::game::account::Account;
use crate::game::moderation::Sanction;
use crate::game::player::Player;
use crate::types::Millis;
use crate::types::economy::event::Notice;

/// Characters of what the player is told.
const REASON_CHARS_MAX: usize = 500;
/// No sanction with an end ends later: the stores keep this time for those without one.
const UNTIL_MAX: Millis = Millis((1 << 53) - 2);

pub(super) fn ban(
    account: &mut Account,
    sentence: &Sentence,
    cx: &OperateContext<'_>,
) -> Result<Operated, OperateRefusal> {
    let now = cx.rule.now;
    let sanction = sanction(sentence, cx)?;
    let earlier = account.moderation.ban(now).cloned();
    check_new(&sanction, earlier.as_ref())?;
    let before = json!({ "ban": shown(earlier.as_ref()) });
    let after = json!({ "ban": shown(Some(&sanction)) });
    account.moderation.ban = Some(sanction);
    let undo = earlier.map_or(OperatorChange::Unban {}, |earlier| OperatorChange::Ban(earlier.into()));
    Ok(Operated { before, after, undo: Some(undo) })
}

pub(super) fn unban(
    account: &mut Account,
    player: &mut Player,
    cx: &OperateContext<'_>,
    fx: &mut Effects,
) -> Result<Operated, OperateRefusal> {
    let ended = account.moderation.ban(cx.rule.now).cloned().ok_or(OperateRefusal::NotBanned)?;
    account.moderation.ban = None;
    player.be_told(Notice::BanLifted {}, cx, fx);
    let before = json!({ "ban": shown(Some(&ended)) });
    Ok(Operated { before, after: json!({ "ban": null }), undo: Some(OperatorChange::Ban(ended.into())) })
}

pub(super) fn mute(
    account: &mut Account,
    player: &mut Player,
    sentence: &Sentence,
    cx: &OperateContext<'_>,
    fx: &mut Effects,
) -> Result<Operated, OperateRefusal> {
    let now = cx.rule.now;
    let sanction = sanction(sentence, cx)?;
    let earlier = account.moderation.mute(now).cloned();
    check_new(&sanction, earlier.as_ref())?;
    let before = json!({ "mute": shown(earlier.as_ref()) });
    let after = json!({ "mute": shown(Some(&sanction)) });
    player.be_told(Notice::Muted { until_ms: sanction.until, reason: sanction.reason.clone() }, cx, fx);
    account.moderation.mute = Some(sanction);
    let undo = earlier.map_or(OperatorChange::Unmute {}, |earlier| OperatorChange::Mute(earlier.into()));
    Ok(Operated { before, after, undo: Some(undo) })
}

pub(super) fn unmute(
    account: &mut Account,
    player: &mut Player,
    cx: &OperateContext<'_>,
    fx: &mut Effects,
) -> Result<Operated, OperateRefusal> {
    let ended = account.moderation.mute(cx.rule.now).cloned().ok_or(OperateRefusal::NotMuted)?;
    account.moderation.mute = None;
    player.be_told(Notice::MuteLifted {}, cx, fx);
    let before = json!({ "mute": shown(Some(&ended)) });
    Ok(Operated { before, after: json!({ "mute": null }), undo: Some(OperatorChange::Mute(ended.into())) })
}

fn sanction(sentence: &Sentence, cx: &OperateContext<'_>) -> Result<Sanction, OperateRefusal> {
    let invalid = |field, rule: &str| Err(OperateRefusal::Invalid { field, rule: rule.to_owned() });
    if sentence.until_ms.is_some_and(|until| until <= cx.rule.now || until > UNTIL_MAX) {
        return invalid("until_ms", "must be in the future, and below 2^53 - 1; null means for good");
    }
    let reason = sentence.reason_shown.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX || reason.chars().any(char::is_control) {
        return invalid("reason_shown", "must have 1 to 500 characters on one line: the player is told");
    }
    let (until, reason, by) = (sentence.until_ms, reason.to_owned(), cx.by.to_owned());
    Ok(Sanction { until, reason, by, at: cx.rule.now })
}

/// Whether it differs from what holds, for the player.
fn check_new(sanction: &Sanction, holds: Option<&Sanction>) -> Result<(), OperateRefusal> {
    let same = holds.is_some_and(|holds| (holds.until, &holds.reason) == (sanction.until, &sanction.reason));
    if same { Err(OperateRefusal::NoChange) } else { Ok(()) }
}

fn shown(sanction: Option<&Sanction>) -> Value {
    sanction.map_or(Value::Null, |sanction| json!({ "until_ms": sanction.until, "reason": sanction.reason }))
}

impl From<Sanction> for Sentence {
    fn from(sanction: Sanction) -> Self {
        Self { until_ms: sanction.until, reason_shown: sanction.reason }
    }
}
