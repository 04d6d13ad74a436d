//! Friends, blocks and mutes.
//!
//! Each of two players keeps its own *wish* to be friends, and what it has heard of the other's; they are friends when
//! both wish. A wish is known by the number of the letter that told it, so that who ends a friendship says which of the
//! other's wishes this ends: one told later, which crossed the letter, counts. Letters from one player to another
//! arrive in their order, hence both sides agree when all have arrived.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{DealContext, Player, Prepared};
use crate::game::{Effects, LedgerReason, Parcel, PlayerChange, Purpose, Rule, Transfer};
use crate::types::economy::Deal;
use crate::types::economy::event::Notice;
use crate::types::economy::social::{FriendView, Friends, SocialChanged};
use crate::types::{ErrorCode, Holdings, Millis, Party, PlayerId, Refusal, TransferId};

/// Friends, and others who were asked.
pub(super) const FRIENDS_MAX: usize = 200;
/// Requests that wait for an answer; more are declined.
pub(super) const REQUESTS_MAX: usize = 100;
/// Players that are blocked, and as many again that are muted.
const BLOCKED_MAX: usize = 200;

/// A player's relations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Social {
    relations: BTreeMap<PlayerId, Relation>,
    blocked: BTreeSet<PlayerId>,
    muted: BTreeSet<PlayerId>,
    /// The number of the last letter to another player.
    letters: u64,
}

/// What two players wish; there is at least one wish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Relation {
    /// The other's name as of the last wish that came; empty before.
    name: String,
    /// The letter that told the own wish.
    mine: Option<u64>,
    /// The letter that told the other's.
    theirs: Option<u64>,
}

impl Relation {
    fn agreed(&self) -> bool {
        self.mine.is_some() && self.theirs.is_some()
    }
}

impl Social {
    /// Whether two players are friends.
    #[must_use]
    pub fn is_friend(&self, player: PlayerId) -> bool {
        self.relations.get(&player).is_some_and(Relation::agreed)
    }

    /// All friends.
    pub fn friends(&self) -> impl Iterator<Item = PlayerId> {
        self.relations.iter().filter(|(_, relation)| relation.agreed()).map(|(player, _)| *player)
    }

    /// Whether a player may be neither heard nor reached by.
    #[must_use]
    pub fn blocks(&self, player: PlayerId) -> bool {
        self.blocked.contains(&player)
    }

    /// Whether what a player says is to be shown.
    #[must_use]
    pub fn hears(&self, player: PlayerId) -> bool {
        !self.blocks(player) && !self.muted.contains(&player)
    }

    /// Everybody there is a relation to; `online` says who is here.
    pub fn view(&self, online: impl Fn(PlayerId) -> bool) -> Friends {
        let view = |(player, relation): (&PlayerId, &Relation)| FriendView {
            player: *player,
            name: relation.name.clone(),
            agreed: relation.agreed(),
            online: relation.agreed() && online(*player),
        };
        let (friends, requests): (Vec<_>, Vec<_>) =
            self.relations.iter().partition(|(_, relation)| relation.mine.is_some());
        Friends {
            friends: friends.into_iter().map(view).collect(),
            requests: requests.into_iter().map(view).collect(),
            blocked: self.blocked.iter().copied().collect(),
            muted: self.muted.iter().copied().collect(),
        }
    }

    /// Whether the player wants to be told this: no invitations by a blocked player. Gifts are told all the same, because
    /// what is in the wallet must be explained.
    pub(super) fn wants(&self, notice: &Notice) -> bool {
        match notice {
            Notice::GuildInvited { by, .. } => !self.blocks(*by),
            _ => true,
        }
    }

    /// With how many players there is a friendship, a request, a block or a mute.
    pub(super) fn relation_count(&self) -> usize {
        self.relations.len() + self.blocked.len() + self.muted.len()
    }

    fn wishes(&self) -> usize {
        self.relations.values().filter(|relation| relation.mine.is_some()).count()
    }

    fn requests(&self) -> usize {
        self.relations.values().filter(|relation| relation.mine.is_none()).count()
    }

    /// Ends what there is; the other's wish that this ends.
    fn end(&mut self, player: PlayerId) -> Option<u64> {
        self.relations.remove(&player).map(|relation| relation.theirs.unwrap_or_default())
    }
}

impl Player {
    pub(super) fn social_deal(
        &mut self,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        let other = match deal {
            Deal::Befriend(body)
            | Deal::Unfriend(body)
            | Deal::Block(body)
            | Deal::Unblock(body)
            | Deal::Mute(body)
            | Deal::Unmute(body) => body.player,
            _ => return Err(Refusal::new(ErrorCode::Internal, "not about another player")),
        };
        if other == self.id {
            return Err(Refusal::bad_request("player: must be another player"));
        }
        let now = cx.rule.now;
        match deal {
            Deal::Befriend(_) => self.befriend(other, cx, fx)?,
            Deal::Unfriend(_) => {
                if !self.end_friendship(other, now, fx) {
                    return Err(Refusal::new(ErrorCode::NotFound, "there is neither a friendship nor a request"));
                }
            }
            Deal::Block(_) => {
                add(&mut self.social.blocked, other)?;
                self.end_friendship(other, now, fx);
            }
            Deal::Unblock(_) => drop(self.social.blocked.remove(&other)),
            Deal::Mute(_) => add(&mut self.social.muted, other)?,
            _ => drop(self.social.muted.remove(&other)),
        }
        fx.touched = true;
        Ok(Prepared::done(&SocialChanged { player: other, friends: self.social.is_friend(other) }))
    }

    fn befriend(&mut self, other: PlayerId, cx: &DealContext<'_>, fx: &mut Effects) -> Result<(), Refusal> {
        if self.social.blocks(other) {
            return Err(Refusal::new(ErrorCode::Blocked, "you have blocked this player"));
        }
        if self.social.relations.get(&other).is_some_and(|relation| relation.mine.is_some()) {
            // Once is enough: the other one knows.
            return Ok(());
        }
        if self.social.wishes() >= FRIENDS_MAX {
            return Err(too_many(FRIENDS_MAX));
        }
        let wish = self.next_letter();
        self.social.relations.entry(other).or_default().mine = Some(wish);
        let change = PlayerChange::FriendAsked { player: self.id, name: cx.name.to_owned(), wish };
        self.send_letter(wish, Party::Player(other), change, cx.rule.now, fx);
        Ok(())
    }

    /// Ends a friendship or a request of either side, if there is one.
    fn end_friendship(&mut self, other: PlayerId, now: Millis, fx: &mut Effects) -> bool {
        let Some(ended) = self.social.end(other) else { return false };
        self.tell_gone(other, ended, now, fx);
        true
    }

    fn tell_gone(&mut self, other: PlayerId, ended: u64, now: Millis, fx: &mut Effects) {
        let letter = self.next_letter();
        let gone = PlayerChange::FriendGone { player: self.id, ended };
        self.send_letter(letter, Party::Player(other), gone, now, fx);
    }

    /// Ends every friendship, request, block and mute.
    pub(super) fn forget_everybody(&mut self, now: Millis, fx: &mut Effects) {
        let others: Vec<PlayerId> = self.social.relations.keys().copied().collect();
        for other in others {
            self.end_friendship(other, now, fx);
        }
        self.social.blocked.clear();
        self.social.muted.clear();
    }

    /// Tells those who have this player among their friends, and the guild, that the name is another one now.
    pub(super) fn tell_name(&mut self, name: &str, now: Millis, fx: &mut Effects) {
        let others: Vec<PlayerId> = self.social.relations.keys().copied().collect();
        let guild = self.own_guild().ok().map(Party::Guild);
        for to in others.into_iter().map(Party::Player).chain(guild) {
            let letter = self.next_letter();
            let change = PlayerChange::Renamed { player: self.id, name: name.to_owned() };
            self.send_letter(letter, to, change, now, fx);
        }
        fx.touched = true;
    }

    /// A letter of another player's has come.
    pub(super) fn social_change(&mut self, change: &PlayerChange, rule: &Rule<'_>, fx: &mut Effects) {
        match change {
            PlayerChange::FriendAsked { player, name, wish } => self.be_asked(*player, name, *wish, rule, fx),
            PlayerChange::Renamed { player, name } => {
                // One who has not told a wish is known by no name yet.
                let relation = self.social.relations.get_mut(player);
                if let Some(relation) = relation.filter(|relation| relation.theirs.is_some()) {
                    name.clone_into(&mut relation.name);
                    fx.touched = true;
                }
            }
            PlayerChange::FriendGone { player, ended } => {
                if let Some(relation) = self.social.relations.get_mut(player) {
                    relation.theirs = None;
                    relation.mine = relation.mine.filter(|mine| mine > ended);
                    if relation.mine.is_none() {
                        self.social.relations.remove(player);
                    }
                }
            }
            _ => {}
        }
    }

    fn be_asked(&mut self, player: PlayerId, name: &str, wish: u64, rule: &Rule<'_>, fx: &mut Effects) {
        let relation = self.social.relations.get_mut(&player);
        let asked = relation.as_ref().is_some_and(|relation| relation.mine.is_some());
        let is_full = relation.is_none() && self.social.requests() >= REQUESTS_MAX;
        if self.social.blocks(player) || is_full {
            return self.tell_gone(player, wish, rule.now, fx);
        }
        let relation = self.social.relations.entry(player).or_default();
        relation.theirs = Some(wish);
        name.clone_into(&mut relation.name);
        let name = name.to_owned();
        let notice = if asked { Notice::FriendAgreed { player, name } } else { Notice::FriendAsked { player, name } };
        self.notify(notice, rule.now, fx);
    }

    pub(super) fn next_letter(&mut self) -> u64 {
        self.social.letters += 1;
        self.social.letters
    }

    fn send_letter(&mut self, number: u64, to: Party, change: PlayerChange, now: Millis, fx: &mut Effects) {
        let letter = Transfer {
            id: TransferId::of_parcel(&Party::Player(self.id), number),
            from: self.id.into(),
            to,
            holdings: Holdings::default(),
            // Nothing moves; a transfer has a reason all the same.
            reason: LedgerReason::Gift,
            purpose: Purpose::Parcel(Box::new(Parcel { changes: vec![change], ..Parcel::default() })),
        };
        fx.send(letter, now);
    }
}

fn add(players: &mut BTreeSet<PlayerId>, player: PlayerId) -> Result<(), Refusal> {
    if players.len() >= BLOCKED_MAX && !players.contains(&player) {
        return Err(too_many(BLOCKED_MAX));
    }
    players.insert(player);
    Ok(())
}

fn too_many(limit: usize) -> Refusal {
    Refusal::new(ErrorCode::LimitReached, format!("{limit} is as many as there can be")).with("limit", limit)
}
