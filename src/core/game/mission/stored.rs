//! A mission's parts as they are stored: `state` while there is something to do, `over` afterwards, so that whoever
//! looks for missions to go on with finds no others; and one part for each participant, which stay for ever.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::progress::Progress;
use super::terms::Terms;
use super::{Mission, News, Participant, Stage};
use crate::game::PartTable;
use crate::game::leaderboard::Leaderboard;
use crate::types::{Holdings, Millis, MissionId, MissionKey, PlayerId};

/// The id of the part of a mission that has something to do.
pub(super) const STATE: &str = "state";
/// The id of the part of a mission that is over.
pub(super) const OVER: &str = "over";

#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum StateRecord {
    #[serde(rename = "1")]
    V1 {
        kind: MissionKey,
        number: u64,
        terms: Terms,
        started_ms: Millis,
        due_ms: Millis,
        progress: Progress,
        held: Holdings,
        arrivals: u64,
        stage: Stage,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum ParticipantRecord {
    #[serde(rename = "1")]
    V1(Participant),
}

impl Mission {
    /// A part as it is to be stored; `None` when it is gone.
    pub(super) fn stored(&self, table: PartTable, id: &str) -> Option<Value> {
        match (table, id) {
            (PartTable::Mission, STATE | OVER) => (id == self.state_part()).then(|| to_value(&StateRecord::from(self))),
            (PartTable::Participant, id) => {
                let player = Uuid::parse_str(id).ok().map(PlayerId)?;
                self.participants.get(&player).map(|found| to_value(&ParticipantRecord::V1(found.clone())))
            }
            _ => None,
        }
    }

    /// The mission that parts add up to; `None` without a `state` or `over` among them.
    pub(super) fn from_parts(id: &MissionId, parts: Vec<(PartTable, String, Value)>) -> Result<Option<Self>, String> {
        let (mut state, mut participants) = (None, BTreeMap::new());
        for (table, part, value) in parts {
            match (table, part.as_str()) {
                (PartTable::Mission, STATE | OVER) => state = Some(read::<StateRecord>(id, &part, value)?),
                (PartTable::Participant, _) => {
                    let player = Uuid::parse_str(&part).map_err(|error| format!("mission {id}: {part}: {error}"))?;
                    let ParticipantRecord::V1(participant) = read(id, &part, value)?;
                    participants.insert(PlayerId(player), participant);
                }
                _ => return Err(format!("mission {id}: {} {part} is no part of a mission", table.as_str())),
            }
        }
        Ok(state.map(|state| Self::from_records(id, state, participants)))
    }

    fn from_records(id: &MissionId, state: StateRecord, participants: BTreeMap<PlayerId, Participant>) -> Self {
        let StateRecord::V1 { kind, number, terms, started_ms, due_ms, progress, held, arrivals, stage } = state;
        let mut board = Leaderboard::default();
        for (player, participant) in &participants {
            board.put(participant.standing(*player));
        }
        Self {
            id: id.clone(),
            kind,
            number,
            terms,
            started: started_ms,
            due: due_ms,
            progress,
            held,
            arrivals,
            stage,
            total_score: participants.values().map(|participant| u128::from(participant.score)).sum(),
            scored: participants.values().filter(|participant| participant.score > 0).count(),
            participants,
            board,
            news: News::default(),
        }
    }
}

impl From<&Mission> for StateRecord {
    fn from(mission: &Mission) -> Self {
        Self::V1 {
            kind: mission.kind.clone(),
            number: mission.number,
            terms: mission.terms.clone(),
            started_ms: mission.started,
            due_ms: mission.due,
            progress: mission.progress.clone(),
            held: mission.held.clone(),
            arrivals: mission.arrivals,
            stage: mission.stage,
        }
    }
}

fn to_value<T: Serialize>(record: &T) -> Value {
    // Records have string keys only and always become JSON.
    serde_json::to_value(record).unwrap_or_default()
}

fn read<T: DeserializeOwned>(mission: &MissionId, part: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("mission {mission}: {part}: {error}"))
}
