//! Who gets how much at the end. Every division rounds down, and what is left over stays with the sponsors: the sum of
//! all that is paid is never above the reward.
//!
//! The pool is the reward times the share of phases completed. Of it the first ranks get their per mille each; of what
//! those ranks that exist leave of it, everybody gets the share that their score has in the sum of all scores. Goods
//! for the first ranks (those that have a per mille) are cut by the share of phases completed as well. Who has no score
//! gets nothing.

use super::terms::Terms;
use crate::types::{Credits, Holdings, Quantity};

/// The division of a mission's reward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payout {
    /// What the first ranks get for their rank.
    ranked: Vec<Credits>,
    /// What is shared by score.
    by_score: Credits,
    total_score: u128,
    /// For each of the first ranks.
    goods: Holdings,
}

impl Payout {
    /// The division when so many phases are complete and so many participants have a score.
    #[must_use]
    pub(super) fn new(terms: &Terms, phases_completed: usize, scored: usize, total_score: u128) -> Self {
        let share = |amount: u64| of(amount, phases_completed as u128, terms.phases.len().max(1) as u128);
        let pool = Credits(share(terms.reward.0));
        let mut left = pool;
        let mut ranked = Vec::new();
        for permille in terms.rank_permille.iter().take(scored) {
            let amount = Credits(of(pool.0, u128::from(*permille), 1_000)).min(left);
            left = Credits(left.0 - amount.0);
            ranked.push(amount);
        }
        let cut = terms.rank_goods.iter().map(|(item, quantity)| (item.clone(), Quantity(share(quantity.0))));
        let goods = cut.fold(Holdings::default(), |goods, (item, quantity)| goods.and_goods(item, quantity));
        Self { ranked, by_score: left, total_score, goods }
    }

    /// What somebody with this rank, from 1, and this score gets.
    #[must_use]
    pub(super) fn of(&self, rank: u64, score: u64) -> Holdings {
        if score == 0 {
            return Holdings::default();
        }
        let by_score = of(self.by_score.0, u128::from(score), self.total_score.max(1));
        let place = usize::try_from(rank.saturating_sub(1)).unwrap_or(usize::MAX);
        match self.ranked.get(place) {
            Some(ranked) => self.goods.clone().with_credits(Credits(ranked.0 + by_score)),
            None => Holdings::of_credits(Credits(by_score)),
        }
    }
}

/// `amount * numerator / denominator`, rounded down. Never above the amount when the numerator is not above the
/// denominator; the callers see to that, and where a catalogue does not, it is cut.
fn of(amount: u64, numerator: u128, denominator: u128) -> u64 {
    let share = u128::from(amount) * numerator.min(denominator) / denominator;
    u64::try_from(share).unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::game::mission::terms::Phase;
    use crate::types::{HubKey, ItemKey};

    fn terms(reward: u64, rank_permille: &[u64]) -> Terms {
        let phase = Phase { needs: BTreeMap::new(), points: BTreeMap::new() };
        Terms {
            hub: HubKey::parse("luna").unwrap(),
            phases: vec![phase.clone(), phase.clone(), phase],
            reward: Credits(reward),
            rank_permille: rank_permille.to_vec(),
            rank_goods: [(ItemKey::parse("ice").unwrap(), Quantity(10))].into(),
        }
    }

    #[test]
    fn first_ranks_get_their_share_and_the_rest_goes_by_score() {
        let payout = Payout::new(&terms(1_000, &[200, 100]), 3, 3, 100);
        let credits = [(1, 60), (2, 30), (3, 10)].map(|(rank, score)| payout.of(rank, score).credits.0);
        assert_eq!(credits, [200 + 420, 100 + 210, 70]);
        assert_eq!(payout.of(2, 30).goods.values().copied().collect::<Vec<_>>(), [Quantity(10)]);
        assert!(payout.of(3, 10).goods.is_empty());
    }

    #[test]
    fn only_the_share_of_completed_phases_is_paid() {
        let payout = Payout::new(&terms(1_000, &[]), 1, 1, 7);
        assert_eq!(payout.of(1, 7).credits, Credits(333));
        assert_eq!(Payout::new(&terms(1_000, &[500]), 0, 1, 7).of(1, 7), Holdings::default());
    }

    #[test]
    fn ranks_that_nobody_has_leave_their_share_to_the_others() {
        let payout = Payout::new(&terms(1_000, &[200, 100, 50]), 3, 1, 5);
        assert_eq!(payout.of(1, 5).credits, Credits(1_000));
        assert_eq!(payout.of(2, 0), Holdings::default());
    }

    #[test]
    fn a_catalogue_that_promises_too_much_does_not_overdraw_the_pool() {
        let payout = Payout::new(&terms(1_000, &[700, 700, 700]), 3, 3, 3);
        let paid: u64 = (1..=3).map(|rank| payout.of(rank, 1).credits.0).sum();
        assert_eq!(paid, 1_000);
    }
}
