//! `--share 1/2`: which bots of a run fly in this process. Bots keep the numbers that they have in the whole run, and
//! with them their names, plans and places, so that no two processes fly the same one.

use std::fmt;
use std::str::FromStr;

/// One process's share of the bots: every `of`-th, from the `number`-th on (counted from 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    number: usize,
    of: usize,
}

impl Default for Share {
    /// All of them.
    fn default() -> Self {
        Self { number: 1, of: 1 }
    }
}

impl Share {
    /// The first bot's number.
    #[must_use]
    pub fn first(self) -> usize {
        self.number - 1
    }

    /// From one bot's number to the next.
    #[must_use]
    pub fn step(self) -> usize {
        self.of
    }

    /// How many of so many are its own.
    #[must_use]
    pub fn count(self, bots: usize) -> usize {
        bots.saturating_sub(self.first()).div_ceil(self.of)
    }

    /// Which of its own a bot is: 0 for the first.
    #[must_use]
    pub fn rank(self, number: usize) -> usize {
        number / self.of
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) && of <= 1_000 => Ok(Self { number, of }),
            _ => Err("expected NUMBER/PROCESSES, for example 1/2 and 2/2".to_owned()),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn shares_are_all_of_the_bots_and_none_twice() {
        for (bots, of) in [(10, 3), (2, 3), (1, 1), (7, 7)] {
            let mut numbers = BTreeSet::new();
            for number in 1..=of {
                let share: Share = format!("{number}/{of}").parse().unwrap();
                let own: Vec<usize> = (share.first()..bots).step_by(share.step()).collect();
                assert_eq!(own.len(), share.count(bots));
                assert_eq!(
                    own.iter().map(|bot| share.rank(*bot)).collect::<Vec<_>>(),
                    (0..own.len()).collect::<Vec<_>>()
                );
                assert!(own.into_iter().all(|bot| numbers.insert(bot)));
            }
            assert_eq!(numbers, (0..bots).collect());
        }
    }

    #[test]
    fn nonsense_is_no_share() {
        for wrong in ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "1/9999"] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}
