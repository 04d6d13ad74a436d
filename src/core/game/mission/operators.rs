//! What operators do to a mission: end it before its time.

use serde_json::{Value, json};

use super::{Mission, Stage};
use crate::game::{Effects, Intervened, Intervention, Rule};
use crate::types::{ErrorCode, Refusal};

impl Mission {
    /// Ends it now, and pays as at its deadline: by the phases that are complete. With [`Intervention::Cancel`] only when
    /// nobody has contributed, so that nobody loses anything.
    pub(super) fn be_ended(
        &mut self,
        how: Intervention,
        dry_run: bool,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Intervened, Refusal> {
        if self.stage != Stage::Running {
            return Err(Refusal::new(ErrorCode::Ended, format!("{} is over already", self.id)));
        }
        if how == Intervention::Cancel && self.total_score > 0 {
            return Err(Refusal::new(ErrorCode::Committed, "somebody has contributed: it can only be ended"));
        }
        let (before, after) = (self.summary("running"), self.summary("paying"));
        if !dry_run {
            self.end(rule.now, fx);
        }
        Ok(Intervened { before, after })
    }

    /// What an operator decides by, in a state; what it pays is what it would pay now.
    fn summary(&self, state: &str) -> Value {
        let payout = self.payout();
        let rewards = self.board.from_rank(1, usize::MAX).map(|(rank, standing)| payout.of(rank, standing.score));
        let pays = rewards.fold(0, |sum: u64, reward| sum.saturating_add(reward.credits.0));
        json!({
            "state": state,
            "phase": self.phase(),
            "completed": self.progress.is_complete(&self.terms),
            "participants": self.participant_count(),
            "pays_credits": pays,
        })
    }
}
