//! Chance, from a seed: the same seed deals the same plans, whatever the server answers.

use std::time::Duration;

use orrery_core::types::Point;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

/// A seeded generator. Each bot's schedule has its own, and each single action gets a fresh one ([`Dice::of`]), so
/// that what one action draws never shifts the next one.
#[derive(Clone, Debug)]
pub struct Dice(Pcg64Mcg);

impl Dice {
    /// The generator of a seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// The generator of one action of one bot.
    #[must_use]
    pub fn of(seed: u64, bot: usize, action: u64) -> Self {
        // Odd constants (golden ratio and a prime) spread neighbouring numbers over the seeds.
        let bot = (bot as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self::seeded(seed ^ bot ^ action.wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(17))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from 0 up to 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A pause around a mean: from half to one and a half times as long.
    pub fn pause(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(0.5 + self.unit())
    }

    /// A point in a square world of this size in fixed-point steps.
    pub fn point(&mut self, size: i32) -> Point {
        let size = u64::from(size.unsigned_abs());
        let along = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
        Point::new(along(self.below(size + 1)), along(self.below(size + 1)))
    }

    /// A direction: a vector of about 10,000 steps.
    pub fn heading(&mut self) -> Point {
        let angle = self.unit() * std::f64::consts::TAU;
        Point::new((angle.cos() * 10_000.0) as i32, (angle.sin() * 10_000.0) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_draws_the_same_whatever_was_drawn_before() {
        let draw = |bot, action| Dice::of(7, bot, action).bits();
        assert_eq!(draw(3, 9), draw(3, 9));
        assert_ne!(draw(3, 9), draw(3, 10));
        assert_ne!(draw(3, 9), draw(4, 9));
    }
}
