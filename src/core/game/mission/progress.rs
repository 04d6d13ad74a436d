//! How far a mission has come: the phase it is in, and what that phase has got.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::terms::{Phase, Terms};
use crate::types::economy::mission::Need;
use crate::types::{ItemKey, Quantity};

/// The shared progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Phases that are complete; the number of the one it is in, from 0.
    pub(super) phase: usize,
    /// What this phase has got.
    pub(super) given: BTreeMap<ItemKey, Quantity>,
}

/// What became of goods that were offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// How many were needed.
    pub(super) quantity: Quantity,
    /// The score for them.
    pub(super) points: u64,
}

impl Progress {
    /// At the beginning of the first phase that needs anything.
    #[must_use]
    pub(super) fn new(terms: &Terms) -> Self {
        let mut progress = Self::default();
        progress.advance(terms);
        progress
    }

    /// Whether all phases are complete.
    #[must_use]
    pub(super) fn is_complete(&self, terms: &Terms) -> bool {
        self.phase >= terms.phases.len()
    }

    /// Takes of the goods what is needed: by the phase, and if they complete it, by the next one, and so on.
    pub(super) fn take(&mut self, terms: &Terms, item: &ItemKey, offered: Quantity) -> Taken {
        let mut taken = Taken::default();
        while let Some(phase) = terms.phases.get(self.phase) {
            let left = Quantity(offered.0 - taken.quantity.0);
            let accepted = self.missing(phase, item).min(left);
            if accepted == Quantity::ZERO {
                break;
            }
            self.given.entry(item.clone()).or_default().0 += accepted.0;
            taken.quantity.0 += accepted.0;
            taken.points = taken.points.saturating_add(accepted.0.saturating_mul(phase.points(item)));
            self.advance(terms);
        }
        taken
    }

    /// What the phase needs and has got; nothing when all are complete.
    #[must_use]
    pub(super) fn needs(&self, terms: &Terms) -> Vec<Need> {
        let Some(phase) = terms.phases.get(self.phase) else { return Vec::new() };
        let need = |(item, needed): (&ItemKey, &Quantity)| Need {
            item: item.clone(),
            needed: *needed,
            given: self.given(item),
            points: phase.points(item),
        };
        phase.needs.iter().map(need).collect()
    }

    fn given(&self, item: &ItemKey) -> Quantity {
        self.given.get(item).copied().unwrap_or_default()
    }

    fn missing(&self, phase: &Phase, item: &ItemKey) -> Quantity {
        let needed = phase.needs.get(item).copied().unwrap_or_default();
        needed.checked_sub(self.given(item)).unwrap_or_default()
    }

    /// Leaves complete phases behind.
    fn advance(&mut self, terms: &Terms) {
        while let Some(phase) = terms.phases.get(self.phase) {
            if phase.needs.keys().any(|item| self.missing(phase, item) > Quantity::ZERO) {
                break;
            }
            self.phase += 1;
            self.given.clear();
        }
    }
}
