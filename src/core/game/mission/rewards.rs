//! The end of a mission: what was contributed goes to the sponsors, and they pay the rewards.

use super::payout::Payout;
use super::{Mission, Stage, stored};
use crate::game::leaderboard::Standing;
use crate::game::{Cause, Effects, LedgerReason, Parcel, PartTable, PartyRules, PlayerChange, Purpose, Rule, Transfer};
use crate::types::economy::event::Notice;
use crate::types::{External, Holdings, Millis, Party, TransferId};

/// Participants that are paid at a time: a few hundred rows make a commit that delays nobody else's for long. In tests
/// so few that a handful of players are paid in several batches.
const BATCH: u64 = if cfg!(test) { 3 } else { 500 };

impl Mission {
    /// No more contributions; ranks are final.
    pub(super) fn end(&mut self, now: Millis, fx: &mut Effects) {
        let held = std::mem::take(&mut self.held);
        self.give_to_sponsors(&held, now, fx);
        self.stage = Stage::Paying { ended_ms: now, paid: 0 };
        self.news.untold = true;
        self.touch(fx);
    }

    pub(super) fn give_to_sponsors(&self, holdings: &Holdings, now: Millis, fx: &mut Effects) {
        fx.moved(self.party(), External::Sponsors, holdings, LedgerReason::Mission, &Cause::default(), now);
    }

    /// Pays the next ranks, if there is something to pay.
    pub(super) fn pay(&mut self, rule: &Rule<'_>, fx: &mut Effects) {
        let Stage::Paying { ended_ms, paid } = self.stage else { return };
        let payout = self.payout();
        let batch: Vec<(u64, Standing)> = self.board.from_rank(paid + 1, BATCH as usize).collect();
        for (rank, standing) in &batch {
            let reward = payout.of(*rank, standing.score);
            if let Some(participant) = self.participants.get_mut(&standing.player) {
                participant.reward = reward.credits;
            }
            fx.touch_part(PartTable::Participant, standing.player);
            fx.send(self.reward(*rank, standing, reward), rule.now);
        }
        let paid = paid + batch.len() as u64;
        if paid < self.participant_count() {
            self.stage = Stage::Paying { ended_ms, paid };
            self.touch(fx);
        } else {
            self.finish(ended_ms, fx);
        }
    }

    fn finish(&mut self, ended_ms: Millis, fx: &mut Effects) {
        self.stage = Stage::Over { ended_ms };
        self.news.untold = true;
        fx.touch_part(PartTable::Mission, stored::STATE);
        fx.touch_part(PartTable::Mission, stored::OVER);
        fx.missions_over.push((self.number, self.view()));
    }

    /// How the reward is divided; the same at any time after the end.
    pub(super) fn payout(&self) -> Payout {
        Payout::new(&self.terms, self.progress.phase, self.scored, self.total_score)
    }

    fn reward(&self, rank: u64, standing: &Standing, holdings: Holdings) -> Transfer {
        let notice = Notice::MissionOver {
            mission: self.id.clone(),
            rank,
            score: standing.score,
            credits: holdings.credits,
            goods: holdings.goods.clone(),
        };
        let parcel = Parcel {
            hub: Some(self.terms.hub.clone()),
            notice: Some(notice),
            changes: vec![PlayerChange::MissionScore(standing.score)],
        };
        Transfer {
            id: TransferId::of_due(&self.party(), standing.player, "reward"),
            from: External::Sponsors.into(),
            to: Party::Player(standing.player),
            holdings,
            reason: LedgerReason::MissionReward,
            purpose: Purpose::Parcel(Box::new(parcel)),
        }
    }
}
