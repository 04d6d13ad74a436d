//! A mission: players contribute goods at a hub, phase by phase, and share a reward at the end. The state of one
//! mission actor.
//!
//! It runs until all phases are complete or its time is up. Then contributions are refused, what was contributed goes
//! to the sponsors, and the rewards are paid by rank, a batch at a time. Where the payment stands is stored in the same
//! commit as each batch, and nobody's score changes any more, so a restart goes on with the very next one; a reward's
//! transfer has an id made of mission and player, so it cannot be paid twice.

mod operators;
mod payout;
mod progress;
mod requests;
mod rewards;
mod stored;
mod terms;
mod views;

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod speed_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::progress::Progress;
use self::terms::Terms;
use super::leaderboard::{Leaderboard, Standing};
use super::{Effects, Inspect, Intervened, Intervention, PartTable, PartyRules, Purpose, Rule, Transfer};
use crate::catalog::MissionKind;
use crate::types::economy::Ask;
use crate::types::{Credits, ErrorCode, Holdings, Millis, MissionId, MissionKey, Party, PlayerId, Refusal};

/// Followers are told about progress at most once in so many milliseconds.
const EVENT_MILLIS: u64 = 1_000;

/// The state of a mission.
#[derive(Clone, Debug, PartialEq)]
pub struct Mission {
    id: MissionId,
    kind: MissionKey,
    /// Its place in the list of all missions that ever were.
    number: u64,
    terms: Terms,
    started: Millis,
    due: Millis,
    progress: Progress,
    /// What was contributed.
    held: Holdings,
    /// How many changes of scores there were: tells who had a score first.
    arrivals: u64,
    stage: Stage,
    participants: BTreeMap<PlayerId, Participant>,
    board: Leaderboard,
    /// The sum of all scores.
    total_score: u128,
    /// How many have a score.
    scored: usize,
    news: News,
}

/// What followers know. Not stored: after a restart they are told everything again.
#[derive(Clone, Copy, Debug, Default)]
struct News {
    /// Whether something has changed that they were not told yet.
    untold: bool,
    /// When they were told last.
    told: Millis,
}

/// Two missions are equal whatever their followers know.
impl PartialEq for News {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// It takes contributions.
    Running,
    /// Rewards are being paid: so many ranks have theirs.
    Paying { ended_ms: Millis, paid: u64 },
    /// Everything is paid.
    Over { ended_ms: Millis },
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Participant {
    name: String,
    score: u64,
    /// The number of the change that brought this score.
    since: u64,
    /// What was paid, once it was.
    #[serde(default)]
    reward: Credits,
}

impl Participant {
    fn standing(&self, player: PlayerId) -> Standing {
        Standing { score: self.score, since: self.since, player }
    }
}

impl Mission {
    /// A mission of this kind begins. `number` is larger than that of every mission before.
    #[must_use]
    pub fn begin(id: MissionId, kind: &MissionKind, number: u64, started: Millis, fx: &mut Effects) -> Self {
        let terms = Terms::from(kind);
        let mission = Self {
            id,
            kind: kind.key.clone(),
            number,
            progress: Progress::new(&terms),
            terms,
            started,
            due: started.plus_seconds(kind.seconds),
            held: Holdings::default(),
            arrivals: 0,
            stage: Stage::Running,
            participants: BTreeMap::new(),
            board: Leaderboard::default(),
            total_score: 0,
            scored: 0,
            news: News { untold: true, told: Millis::default() },
        };
        mission.touch(fx);
        mission
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &MissionId {
        &self.id
    }

    /// Its place in the list of all missions that ever were.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The part that holds the state now.
    fn state_part(&self) -> &'static str {
        if matches!(self.stage, Stage::Over { .. }) { stored::OVER } else { stored::STATE }
    }

    fn touch(&self, fx: &mut Effects) {
        fx.touch_part(PartTable::Mission, self.state_part());
    }
}

impl PartyRules for Mission {
    fn load(party: &Party, parts: Vec<(PartTable, String, Value)>, _: &Rule<'_>) -> Result<Option<Self>, String> {
        match party {
            Party::Mission(id) => Self::from_parts(id, parts),
            other => Err(format!("{other} is no mission")),
        }
    }

    fn unknown() -> Refusal {
        Refusal::new(ErrorCode::UnknownMission, "there is no such mission")
    }

    fn party(&self) -> Party {
        Party::Mission(self.id.clone())
    }

    fn name(&self) -> &str {
        self.kind.as_str()
    }

    fn receive(&mut self, transfer: &Transfer, rule: &Rule<'_>, fx: &mut Effects) {
        fx.receive(transfer, rule.now);
        match &transfer.purpose {
            Purpose::Request(request) => self.decide(request, transfer, rule, fx),
            // Nobody sends a mission anything else; if somebody does, it is a gift to the sponsors.
            Purpose::Collected { .. } | Purpose::Reply(_) | Purpose::Parcel(_) => {
                self.give_to_sponsors(&transfer.holdings, rule.now, fx);
            }
        }
    }

    fn answer(&self, ask: &Ask, player: PlayerId, _: &Rule<'_>) -> Result<Value, Refusal> {
        match ask {
            Ask::Missions(_) => Ok(serde_json::to_value(self.view()).unwrap_or_default()),
            Ask::MissionRanks(body) => {
                let ranks = self.ranks(body.top, body.around, player)?;
                Ok(serde_json::to_value(ranks).unwrap_or_default())
            }
            _ => Err(Refusal::new(ErrorCode::Internal, "this is no question to a mission")),
        }
    }

    fn inspect(&self, what: &Inspect, _: &Rule<'_>) -> Result<Value, Refusal> {
        match what {
            Inspect::Whole => Ok(serde_json::to_value(self.view()).unwrap_or_default()),
            Inspect::Orders { .. } => Err(Refusal::new(ErrorCode::NotFound, "a mission has no orders")),
        }
    }

    fn version(&self) -> u64 {
        self.state().version()
    }

    fn intervene(
        &mut self,
        how: Intervention,
        dry_run: bool,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Intervened, Refusal> {
        self.be_ended(how, dry_run, rule, fx)
    }

    fn due(&self) -> Option<Millis> {
        let untold = self.news.untold.then(|| Millis(self.news.told.0.saturating_add(EVENT_MILLIS)));
        let next = match self.stage {
            Stage::Running if self.progress.is_complete(&self.terms) => Some(self.started),
            Stage::Running => Some(self.due),
            Stage::Paying { ended_ms, .. } => Some(ended_ms),
            Stage::Over { .. } => None,
        };
        [untold, next].into_iter().flatten().min()
    }

    fn on_due(&mut self, rule: &Rule<'_>, fx: &mut Effects) {
        if self.stage == Stage::Running && (rule.now >= self.due || self.progress.is_complete(&self.terms)) {
            self.end(rule.now, fx);
        }
        self.pay(rule, fx);
        self.tell(rule.now, fx);
    }

    fn part(&self, table: PartTable, id: &str) -> Option<Value> {
        self.stored(table, id)
    }

    fn holdings(&self) -> Holdings {
        self.held.clone()
    }

    fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over { .. }) && !self.news.untold
    }
}
