//! What a mission asks for and promises: a copy of its kind, taken when it begins, so that a later change of the
//! catalogue does not change a mission that is running.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::{MissionKind, MissionPhase};
use crate::types::{Credits, HubKey, ItemKey, Quantity};

/// A mission's terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    /// Where goods are contributed.
    pub(super) hub: HubKey,
    /// What is to be contributed, phase by phase.
    pub(super) phases: Vec<Phase>,
    /// What is shared out at the end, if all phases were completed.
    pub(super) reward: Credits,
    /// The share of the first ranks, in per mille.
    pub(super) rank_permille: Vec<u64>,
    /// Goods for each of the first ranks.
    pub(super) rank_goods: BTreeMap<ItemKey, Quantity>,
}

/// A phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Phase {
    /// What is needed.
    pub(super) needs: BTreeMap<ItemKey, Quantity>,
    /// Score per piece; 1 for items that are not here.
    pub(super) points: BTreeMap<ItemKey, u64>,
}

impl Phase {
    /// Score per piece.
    #[must_use]
    pub(super) fn points(&self, item: &ItemKey) -> u64 {
        self.points.get(item).copied().unwrap_or(1)
    }
}

impl From<&MissionKind> for Terms {
    fn from(kind: &MissionKind) -> Self {
        Self {
            hub: kind.hub.clone(),
            phases: kind.phases.iter().map(Phase::from).collect(),
            reward: kind.reward,
            rank_permille: kind.rank_permille.clone(),
            rank_goods: kind.rank_goods.clone(),
        }
    }
}

impl From<&MissionPhase> for Phase {
    fn from(phase: &MissionPhase) -> Self {
        Self { needs: phase.needs.clone(), points: phase.points.clone() }
    }
}
