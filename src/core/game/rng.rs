//! The seeded generator that is passed into rules. Its arithmetic is our own, on whole numbers, so that a recorded
//! seed gives the same galaxy with every version of the random-number crates.

use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// A small, fast, reproducible generator (PCG XSL RR 128/64 MCG, O'Neill 2014). Not for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng(Pcg64Mcg);

impl Rng {
    /// The generator of this seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 to `bound - 1`, by the upper half of a product (Lemire 2019, without the rejection: the bias
    /// is below 2^-32 for the bounds used here). 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0) as u64 + 1;
        low.saturating_add(self.below(span) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_within_their_bounds_and_reach_both_ends() {
        let mut rng = Rng::seeded(7);
        let drawn: Vec<i64> = (0..1000).map(|_| rng.between(-2, 2)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-2), Some(&2)));
    }

    #[test]
    fn a_seed_gives_the_same_numbers_with_every_release() {
        let mut rng = Rng::seeded(42);
        assert_eq!([rng.below(1000), rng.below(1000), rng.below(1000)], EXPECTED);
    }

    const EXPECTED: [u64; 3] = [573, 133, 355];
}
