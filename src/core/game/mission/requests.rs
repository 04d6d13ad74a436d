//! What players ask of a mission: to join, and to take contributions.

use super::{Mission, Participant, Stage};
use crate::game::ReplyParts;
use crate::game::{Effects, LedgerReason, Outcome, PartTable, PartyRules, Request, Rule, Transfer};
use crate::types::economy::Deal;
use crate::types::economy::mission::{Contribute, Contributed, MissionJoined};
use crate::types::{ErrorCode, Holdings, HubKey, Millis, PlayerId, Quantity, Refusal};

/// The largest score: what a browser's number holds.
const SCORE_MAX: u64 = Quantity::MAX.0;

impl Mission {
    /// Decides a request and answers it.
    pub(super) fn decide(&mut self, request: &Request, transfer: &Transfer, rule: &Rule<'_>, fx: &mut Effects) {
        let mut rest = transfer.holdings.clone();
        let arrivals = self.arrivals;
        let (outcome, hub) = match &request.deal {
            Deal::JoinMission(_) => (Outcome::of(&self.join(request, rule.now, fx)), None),
            Deal::Contribute(body) => {
                let result = self.contribute(request, body, &mut rest, rule.now, fx);
                (Outcome::of(&result), Some(body.hub.clone()))
            }
            _ => (Outcome::Refused(Refusal::new(ErrorCode::Internal, "this is no deal of a mission's")), None),
        };
        self.reply(request, outcome, rest, hub, rule.now, fx);
        if self.arrivals == arrivals {
            return;
        }
        if self.progress.is_complete(&self.terms) {
            self.end(rule.now, fx);
        }
        self.tell(rule.now, fx);
    }

    fn reply(
        &self,
        request: &Request,
        outcome: Outcome,
        holdings: Holdings,
        hub: Option<HubKey>,
        now: Millis,
        fx: &mut Effects,
    ) {
        let parts = ReplyParts { outcome, holdings, reason: LedgerReason::Mission, hub, changes: Vec::new() };
        fx.reply(&self.party(), request, parts, now);
    }

    /// Joining again changes nothing and is answered the same way.
    fn join(&mut self, request: &Request, now: Millis, fx: &mut Effects) -> Result<MissionJoined, Refusal> {
        self.check_running(now)?;
        let player = request.player;
        if !self.participants.contains_key(&player) {
            let participant = Participant {
                name: request.name.clone(),
                score: 0,
                since: self.next_arrival(),
                reward: <_>::default(),
            };
            self.board.put(participant.standing(player));
            self.participants.insert(player, participant);
            self.changed(player, fx);
        }
        Ok(MissionJoined { mission: self.id.clone(), participants: self.participant_count() })
    }

    /// Takes of the goods that came along what is needed, and leaves the others in `rest`.
    fn contribute(
        &mut self,
        request: &Request,
        body: &Contribute,
        rest: &mut Holdings,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<Contributed, Refusal> {
        self.check_running(now)?;
        self.check_hub(&body.hub)?;
        let player = request.player;
        let not_joined = || Refusal::new(ErrorCode::NotJoined, format!("join {} first", self.id));
        let score_before = self.participants.get(&player).ok_or_else(not_joined)?.score;

        let offered = rest.goods.get(&body.item).copied().unwrap_or_default().min(body.quantity);
        let mut progress = self.progress.clone();
        let taken = progress.take(&self.terms, &body.item, offered);
        if taken.quantity == Quantity::ZERO {
            return Err(self.not_needed(body));
        }
        let goods = Holdings::of_goods(body.item.clone(), taken.quantity);
        let too_large = || Refusal::new(ErrorCode::AmountTooLarge, "the mission cannot hold this much");
        self.held.add(&goods).ok_or_else(too_large)?;

        self.progress = progress;
        take_from(rest, body, taken.quantity);
        let score = score_before.saturating_add(taken.points).min(SCORE_MAX);
        self.set_score(player, &request.name, score);
        self.changed(player, fx);
        Ok(Contributed {
            mission: self.id.clone(),
            item: body.item.clone(),
            taken: taken.quantity,
            score,
            rank: self.board.rank(player).unwrap_or_default(),
            phase: self.phase(),
        })
    }

    fn check_running(&self, now: Millis) -> Result<(), Refusal> {
        if self.stage == Stage::Running && now < self.due && !self.progress.is_complete(&self.terms) {
            return Ok(());
        }
        Err(Refusal::new(ErrorCode::Ended, format!("{} has ended", self.id)).with("due_ms", self.due.0))
    }

    fn check_hub(&self, hub: &HubKey) -> Result<(), Refusal> {
        if *hub == self.terms.hub {
            return Ok(());
        }
        let text = format!("hub: {} takes contributions at {}", self.id, self.terms.hub);
        Err(Refusal::bad_request(text).with("hub", self.terms.hub.as_str()))
    }

    fn not_needed(&self, body: &Contribute) -> Refusal {
        let text = format!("{} does not need {} now", self.id, body.item);
        let needs = serde_json::to_value(self.progress.needs(&self.terms)).unwrap_or_default();
        Refusal::new(ErrorCode::NotNeeded, text).with("phase", self.phase()).with("needs", needs)
    }

    fn set_score(&mut self, player: PlayerId, name: &str, score: u64) {
        let since = self.next_arrival();
        let Some(participant) = self.participants.get_mut(&player) else { return };
        let before = participant.score;
        if score != before {
            (participant.score, participant.since) = (score, since);
        }
        name.clone_into(&mut participant.name);
        self.total_score += u128::from(score - before);
        self.scored += usize::from(before == 0 && score > 0);
        self.board.put(participant.standing(player));
    }

    fn next_arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }

    /// State and participant are to be stored, and followers told.
    fn changed(&mut self, player: PlayerId, fx: &mut Effects) {
        self.touch(fx);
        fx.touch_part(PartTable::Participant, player);
        self.news.untold = true;
    }
}

fn take_from(rest: &mut Holdings, body: &Contribute, taken: Quantity) {
    let left = rest.goods.get(&body.item).map_or(0, |quantity| quantity.0.saturating_sub(taken.0));
    rest.goods.remove(&body.item);
    if left > 0 {
        rest.goods.insert(body.item.clone(), Quantity(left));
    }
}
