//! What players are shown of a mission: the mission itself, its ranks, and its progress as it happens.

use super::{EVENT_MILLIS, Mission, News, Stage};
use crate::game::Effects;
use crate::game::leaderboard::{RankPage, Standing};
use crate::types::economy::event::{Event, MissionProgress, Topic};
use crate::types::economy::mission::{MissionState, MissionView, RankView, Ranks};
use crate::types::{Millis, PlayerId, Refusal};

/// So many of the first ranks are told to followers.
const TOP: usize = 10;

impl Mission {
    /// The mission as it is listed.
    #[must_use]
    pub fn view(&self) -> MissionView {
        MissionView {
            mission: self.id.clone(),
            kind: self.kind.clone(),
            hub: self.terms.hub.clone(),
            state: self.state(),
            started_ms: self.started,
            due_ms: self.due,
            phase: self.phase(),
            phases: u32::try_from(self.terms.phases.len()).unwrap_or(u32::MAX),
            needs: self.progress.needs(&self.terms),
            participants: self.participant_count(),
            reward: self.terms.reward,
            completed: self.progress.is_complete(&self.terms),
        }
    }

    /// The first ranks and those around a player.
    pub(super) fn ranks(&self, top: Option<u16>, around: Option<u16>, player: PlayerId) -> Result<Ranks, Refusal> {
        let page = RankPage::new(top, around)?;
        Ok(self.board.ranks(page, player, |rank, standing| self.rank_view(rank, standing)))
    }

    /// Tells followers what has changed, unless they were told less than a second ago.
    pub(super) fn tell(&mut self, now: Millis, fx: &mut Effects) {
        // A clock that was set back must not silence it.
        let News { untold, told } = self.news;
        let lately = now >= told && now.since(told) < EVENT_MILLIS;
        if !untold || lately {
            return;
        }
        self.news = News { untold: false, told: now };
        let progress = MissionProgress {
            mission: self.id.clone(),
            state: self.state(),
            phase: self.phase(),
            needs: self.progress.needs(&self.terms),
            participants: self.participant_count(),
            top: self.board.from_rank(1, TOP).map(|(rank, standing)| self.rank_view(rank, standing)).collect(),
        };
        fx.events.push((Topic::Mission(self.id.clone()), Event::Mission(progress)));
    }

    pub(super) fn phase(&self) -> u32 {
        u32::try_from(self.progress.phase).unwrap_or(u32::MAX)
    }

    pub(super) fn participant_count(&self) -> u64 {
        u64::try_from(self.participants.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn state(&self) -> MissionState {
        match self.stage {
            Stage::Running => MissionState::Running,
            Stage::Paying { .. } => MissionState::Paying,
            Stage::Over { .. } => MissionState::Over,
        }
    }

    fn rank_view(&self, rank: u64, standing: Standing) -> RankView {
        let participant = self.participants.get(&standing.player);
        RankView {
            rank,
            player: standing.player,
            name: participant.map(|participant| participant.name.clone()).unwrap_or_default(),
            score: standing.score,
            reward: participant.map(|participant| participant.reward).unwrap_or_default(),
        }
    }
}
