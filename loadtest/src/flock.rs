//! The bots of one thread. They follow the population: who has a number below it comes, at the swarm's rate, and who
//! has not leaves. A bot that ended by itself (its connection was lost for good) comes again with the next change.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::swarm::Swarm;

/// How many bots there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// Bots with a number below this one are to fly.
    pub bots: usize,
    /// Whether it may change again: a flock without bots waits for that then, instead of ending.
    pub may_grow: bool,
}

impl Population {
    /// So many from the beginning to the end.
    #[must_use]
    pub fn of(bots: usize) -> Self {
        Self { bots, may_grow: false }
    }

    /// Everybody is to leave, for good.
    pub const NOBODY: Self = Self { bots: 0, may_grow: false };
}

/// What has become of a bot.
enum Place {
    /// It flies until it is told to leave.
    Flying(watch::Sender<bool>),
    /// It was told to.
    Leaving,
    /// It ended by itself.
    Over,
}

/// The bots of a thread: every `step`-th from `first` on.
pub(crate) struct Flock {
    swarm: Arc<Swarm>,
    first: usize,
    step: usize,
    population: watch::Receiver<Population>,
    places: BTreeMap<usize, Place>,
    tasks: JoinSet<usize>,
    /// When the bot of this number was to come; the others' turns follow from it.
    anchor: (Instant, usize),
    /// Below this number nobody is to come.
    complete_below: usize,
}

impl Flock {
    pub(crate) fn new(swarm: Arc<Swarm>, first: usize, step: usize, population: watch::Receiver<Population>) -> Self {
        let (anchor, places, tasks) = ((Instant::now(), 0), BTreeMap::new(), JoinSet::new());
        Self { swarm, first, step, population, places, tasks, anchor, complete_below: first }
    }

    /// Follows the population until there is nobody left, and nobody to come.
    pub(crate) async fn fly(mut self) {
        loop {
            let population = *self.population.borrow();
            let next = self.next_to_come(population.bots);
            if next.is_none() && self.tasks.is_empty() && !population.may_grow {
                return;
            }
            let turn = next.map_or_else(Instant::now, |number| self.turn_of(number));
            tokio::select! {
                changed = self.population.changed() => match changed {
                    Ok(()) => self.follow(),
                    // Nobody is left to say anything else.
                    Err(_) => return,
                },
                Some(ended) = self.tasks.join_next() => match ended {
                    Ok(number) => self.ended(number),
                    Err(error) => self.swarm.failed(format!("a bot ended by a fault of its own: {error}")),
                },
                () = sleep_until(turn.into()), if next.is_some() => if let Some(number) = next {
                    self.come(number, turn);
                },
            }
        }
    }

    fn next_to_come(&mut self, bots: usize) -> Option<usize> {
        let mut numbers = (self.complete_below..bots).step_by(self.step);
        let next = numbers.find(|number| !self.places.contains_key(number));
        // Not searched again for each of thousands of bots.
        self.complete_below = next.unwrap_or(self.complete_below);
        next
    }

    fn turn_of(&self, number: usize) -> Instant {
        let (begun, first) = self.anchor;
        let rate = f64::from(self.swarm.options.ramp_per_second.max(1));
        begun + Duration::from_secs_f64(number.saturating_sub(first) as f64 / rate)
    }

    fn come(&mut self, number: usize, due: Instant) {
        let (leave, told) = watch::channel(false);
        let bot = self.swarm.bot(number, due, told);
        self.tasks.spawn(async move {
            bot.await;
            number
        });
        self.places.insert(number, Place::Flying(leave));
    }

    fn follow(&mut self) {
        let bots = self.population.borrow_and_update().bots;
        self.places.retain(|_, place| !matches!(place, Place::Over));
        for (_, place) in self.places.range_mut(bots..) {
            if let Place::Flying(leave) = place {
                let _ = leave.send(true);
                *place = Place::Leaving;
            }
        }
        self.complete_below = self.first;
        self.anchor = (Instant::now(), self.next_to_come(bots).unwrap_or(0));
    }

    fn ended(&mut self, number: usize) {
        match self.places.remove(&number) {
            // It may be wanted again already.
            Some(Place::Leaving) | None => self.complete_below = self.first,
            Some(Place::Flying(_) | Place::Over) => drop(self.places.insert(number, Place::Over)),
        }
    }
}
