//! How `--ramp` looks for the limit: a state machine without clock or bots, which says what to try next.
//!
//! The population grows by half until the objectives are broken, and is then halved in between. One bad window proves
//! nothing on a busy machine: a population is called broken when it was so twice in a row.

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The objectives were met.
    Kept,
    /// The server did not meet them.
    Broken,
    /// They were not met, but the swarm itself was too late to tell whose fault it was.
    SwarmBound,
}

/// How the search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The limit lies between the two populations.
    Found,
    /// The server may do more: the swarm could not ask for it.
    SwarmBound,
    /// The largest population that was asked for is met.
    NotReached,
    /// Not even one bot is.
    Nobody,
    /// The search was ended early.
    Interrupted,
}

/// The search.
#[derive(Clone, Debug)]
pub struct Search {
    to: usize,
    precision: f64,
    kept: usize,
    broken: Option<(usize, Outcome)>,
    next: Option<usize>,
    /// Whether the next step repeats a broken one.
    again: bool,
}

impl Search {
    /// From this population up to that, to a precision in per cent of the limit.
    #[must_use]
    pub fn new(from: usize, to: usize, precision_percent: f64) -> Self {
        let next = Some(from.clamp(1, to.max(1)));
        Self { to: to.max(1), precision: precision_percent / 100.0, kept: 0, broken: None, next, again: false }
    }

    /// The population to try next; `None` when the search is over.
    #[must_use]
    pub fn next(&self) -> Option<usize> {
        self.next
    }

    /// Whether the next step repeats the last one, to confirm it.
    #[must_use]
    pub fn confirms(&self) -> bool {
        self.again
    }

    /// Takes the outcome of the step that was next.
    pub fn judged(&mut self, outcome: Outcome) {
        let Some(bots) = self.next else { return };
        match outcome {
            Outcome::Kept => self.kept = bots,
            _ if !self.again => {
                self.again = true;
                return;
            }
            broken => self.broken = Some((bots, broken)),
        }
        self.again = false;
        self.next = self.choose();
    }

    fn choose(&self) -> Option<usize> {
        let kept = self.kept;
        match self.broken {
            None if kept >= self.to => None,
            None => Some((kept + kept.div_ceil(2)).min(self.to)),
            Some((broken, _)) if (broken - kept) as f64 <= (broken as f64 * self.precision).max(1.0) => None,
            Some((broken, _)) => Some(kept + (broken - kept) / 2),
        }
    }

    /// The largest population that met the objectives.
    #[must_use]
    pub fn largest(&self) -> Option<usize> {
        (self.kept > 0).then_some(self.kept)
    }

    /// The smallest larger population that did not, twice.
    #[must_use]
    pub fn broken_at(&self) -> Option<usize> {
        self.broken.map(|(bots, _)| bots)
    }

    /// How it has ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        match self.broken {
            _ if self.next.is_some() => Ending::Interrupted,
            Some((_, Outcome::SwarmBound)) => Ending::SwarmBound,
            _ if self.kept == 0 => Ending::Nobody,
            Some(_) => Ending::Found,
            None => Ending::NotReached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches where `judge` says, given population and step, what a step finds; the populations tried.
    fn search(from: usize, to: usize, judge: impl Fn(usize, usize) -> Outcome) -> (Search, Vec<usize>) {
        let (mut search, mut tried) = (Search::new(from, to, 5.0), Vec::new());
        while let Some(bots) = search.next() {
            assert!(tried.len() < 60 && (1..=to).contains(&bots), "{tried:?}");
            let outcome = judge(bots, tried.len());
            tried.push(bots);
            search.judged(outcome);
        }
        (search, tried)
    }

    fn up_to(limit: usize) -> impl Fn(usize, usize) -> Outcome {
        move |bots, _| if bots <= limit { Outcome::Kept } else { Outcome::Broken }
    }

    #[test]
    fn every_limit_is_found_to_the_precision() {
        for limit in [1, 2, 7, 99, 100, 101, 777, 4_321, 19_999] {
            let (search, tried) = search(100, 20_000, up_to(limit));
            let (largest, broken) = (search.largest().unwrap(), search.broken_at().unwrap());
            assert!(largest <= limit && limit < broken, "{limit}: {tried:?}");
            assert!(broken - largest <= (broken / 20).max(1), "{limit}: {largest} to {broken}");
            assert_eq!(search.ending(), Ending::Found);
        }
    }

    #[test]
    fn a_broken_step_is_tried_again_before_it_counts() {
        // Every population below the limit is broken the first time it is tried, by noise.
        let seen = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let noisy = |bots: usize, _| match bots {
            bots if bots > 500 => Outcome::Broken,
            bots if seen.borrow_mut().insert(bots) => Outcome::Broken,
            _ => Outcome::Kept,
        };
        let (search, tried) = search(100, 20_000, noisy);
        assert!((475..=500).contains(&search.largest().unwrap()), "{tried:?}");
        assert_eq!(tried[..4], [100, 100, 150, 150]);
    }

    #[test]
    fn the_ends_of_the_range_are_ends() {
        let (all, tried) = search(100, 300, up_to(1_000));
        assert_eq!((all.largest(), all.broken_at(), all.ending()), (Some(300), None, Ending::NotReached));
        assert_eq!(tried, [100, 150, 225, 300]);
        let (none, _) = search(100, 300, up_to(0));
        assert_eq!((none.largest(), none.ending()), (None, Ending::Nobody));
        let (small, tried) = search(100, 10, up_to(10));
        assert_eq!((small.largest(), tried), (Some(10), vec![10]));
    }

    #[test]
    fn a_swarm_that_is_too_slow_is_not_blamed_on_the_server() {
        let slow = |bots: usize, _| if bots <= 200 { Outcome::Kept } else { Outcome::SwarmBound };
        let (search, _) = search(100, 20_000, slow);
        assert_eq!(search.ending(), Ending::SwarmBound);
        assert!((190..=200).contains(&search.largest().unwrap()));
    }

    #[test]
    fn a_search_that_is_not_over_says_so() {
        let mut search = Search::new(100, 1_000, 5.0);
        search.judged(Outcome::Kept);
        assert_eq!((search.ending(), search.largest(), search.confirms()), (Ending::Interrupted, Some(100), false));
    }
}
