//! The rule of admission: how many log-ins may be under way at once, and when those who are turned away should return.
//! Pure: time, load and chance are told, nothing is asked.
//!
//! *How many.* A limit on log-ins under way, as in TCP: one more with each round that went well, a quarter less with
//! each that did not (additive increase, multiplicative decrease). A round went badly when worlds began ticks late, were
//! slowed down or not delivered in time, when the persister's queue was long, or when log-ins took longer than they
//! should. So the rate of log-ins is whatever the server can hold beside those who play: by Little's law it is the limit
//! over the time that a log-in takes.
//!
//! *Who first.* A resume costs less than a new log-in, the player is in memory, and was playing: a quarter of the places
//! is kept for resumes.
//!
//! *When again.* Whoever is turned away gets the next free *slot*; slots lie one log-in's share of that rate apart, so
//! those who keep to their hints come one by one, as fast as they can be let in, however many came at once. A slot is
//! advice and no reservation: nobody is remembered, and who comes at another time is let in if there is a place just then.

use std::time::Duration;

/// How often the limit is reconsidered: a few ticks, about the time of a log-in.
pub(super) const ROUND: Duration = Duration::from_millis(100);
/// The limit never falls below this, unless the settings allow fewer: somebody must get in for anything to be learnt.
const LIMIT_MIN: f64 = 4.0;
/// What is left of the limit after a bad round.
const DECREASE: f64 = 0.75;
/// A round is bad when more than one of so many ticks began late, or more than one of so many worlds is behind.
const PER_LATE: u64 = 10;
/// How much the last log-in counts for the mean of all.
const NEWEST_WEIGHT: f64 = 0.1;
/// What a log-in is taken to need before the first has shown it.
const LOGIN_TIME_FIRST: Duration = Duration::from_millis(50);
/// Hints are never shorter than this: coming back costs more than it gains.
const HINT_MIN: Duration = Duration::from_millis(200);
/// The last slot is never farther away: by then the limit may be quite another. Those beyond it are spread by chance over
/// as long again, which is still well within the time that a session waits for its resume.
const HINT_MAX: Duration = Duration::from_secs(5);

/// What does not change while the server runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Log-ins under way at once, at most.
    pub(super) at_once_max: usize,
    /// What a log-in may take.
    pub(super) target: Duration,
    /// Commits that wait in the persister's queue when it is long.
    pub(super) queue_long: usize,
}

/// The server's load: running totals, and how it is now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    /// Ticks of all worlds.
    pub(super) ticks: u64,
    /// Those of them that began late.
    pub(super) ticks_late: u64,
    /// Worlds.
    pub(super) worlds: u64,
    /// Those of them that do not keep their full pace now, or whose delivery is behind. A slowed-down world begins its
    /// ticks in time: the totals do not show that it is overloaded.
    pub(super) worlds_behind: u64,
    /// Commits in the persister's queue now.
    pub(super) queue_commits: usize,
}

/// Who wants to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A new session.
    LogIn,
    /// A session whose player is in memory.
    Resume,
}

/// The gate. Times are told as the time since some beginning.
#[derive(Debug)]
pub(super) struct Gate {
    rules: Rules,
    limit: f64,
    under_way: usize,
    /// The sum of their beginnings.
    began_sum: Duration,
    /// What a log-in needs: a moving mean.
    login_time: Duration,
    round_began: Duration,
    /// Who got in during the round, and how long all of them took together.
    round_in: u32,
    round_took: Duration,
    load: Load,
    /// When the last slot of each kind is.
    last_slots: [Duration; 2],
}

impl Gate {
    /// A gate with its limit at its highest: the first rounds show whether that is too high.
    pub(super) fn new(rules: Rules, now: Duration) -> Self {
        Self {
            limit: Self::limit_max(rules),
            rules,
            under_way: 0,
            began_sum: Duration::ZERO,
            login_time: LOGIN_TIME_FIRST,
            round_began: now,
            round_in: 0,
            round_took: Duration::ZERO,
            load: Load::default(),
            last_slots: [now; 2],
        }
    }

    /// Lets somebody in, or tells after how long to come back. `jitter` is drawn from 0 up to 1.
    pub(super) fn enter(&mut self, kind: Kind, now: Duration, jitter: f64) -> Result<(), Duration> {
        if self.under_way >= self.room(kind) {
            return Err(self.hint(kind, now, jitter));
        }
        self.under_way += 1;
        self.began_sum += now;
        Ok(())
    }

    /// Somebody who was let in at `began` is in, or has failed. Only the former shows what a log-in needs.
    pub(super) fn leave(&mut self, began: Duration, now: Duration, is_in: bool) {
        self.under_way = self.under_way.saturating_sub(1);
        self.began_sum = self.began_sum.saturating_sub(began);
        if is_in {
            let took = now.saturating_sub(began);
            (self.round_in, self.round_took) = (self.round_in + 1, self.round_took + took);
            self.login_time = self.login_time.mul_f64(1.0 - NEWEST_WEIGHT) + took.mul_f64(NEWEST_WEIGHT);
        }
    }

    /// After how long somebody should come back who is turned away. `jitter` is drawn from 0 up to 1.
    pub(super) fn hint(&mut self, kind: Kind, now: Duration, jitter: f64) -> Duration {
        let apart = self.login_time.max(self.mean_age(now)).div_f64(self.room(kind).max(1) as f64);
        let last = &mut self.last_slots[kind as usize];
        let slot = (*last).max(now + HINT_MIN) + apart;
        *last = slot.min(now + HINT_MAX);
        let wait = *last - now;
        // Beyond the last slot nothing spreads them but chance.
        let spread = if slot > *last { wait } else { apart };
        wait + spread.mul_f64(jitter)
    }

    /// Whether [`Self::turn`] is due.
    pub(super) fn is_round_over(&self, now: Duration) -> bool {
        now.saturating_sub(self.round_began) >= ROUND
    }

    /// Ends a round, and with it those that went by without anybody coming.
    pub(super) fn turn(&mut self, now: Duration, load: Load) {
        let rounds = now.saturating_sub(self.round_began).div_duration_f64(ROUND);
        let is_bad = self.is_overloaded(now, load);
        let limit = if is_bad { self.limit * DECREASE } else { self.limit + rounds };
        let highest = Self::limit_max(self.rules);
        self.limit = limit.clamp(LIMIT_MIN.min(highest), highest);
        (self.round_began, self.round_in, self.round_took, self.load) = (now, 0, Duration::ZERO, load);
    }

    /// Log-ins under way.
    pub(super) fn under_way(&self) -> usize {
        self.under_way
    }

    /// How many of a kind may be under way now, others included.
    pub(super) fn room(&self, kind: Kind) -> usize {
        let reserve = self.rules.at_once_max / 4;
        self.limit as usize + if kind == Kind::Resume { reserve } else { 0 }
    }

    fn limit_max(rules: Rules) -> f64 {
        (rules.at_once_max - rules.at_once_max / 4) as f64
    }

    fn is_overloaded(&self, now: Duration, load: Load) -> bool {
        let ticks = load.ticks.saturating_sub(self.load.ticks);
        let late = load.ticks_late.saturating_sub(self.load.ticks_late);
        // Those that hang show it before they end.
        let took = self.round_took.checked_div(self.round_in).unwrap_or_default().max(self.mean_age(now));
        let is_behind = late * PER_LATE > ticks || load.worlds_behind * PER_LATE > load.worlds;
        is_behind || load.queue_commits > self.rules.queue_long || took > self.rules.target
    }

    /// For how long those who are under way have been so, on average.
    fn mean_age(&self, now: Duration) -> Duration {
        let count = u32::try_from(self.under_way).unwrap_or(u32::MAX);
        self.began_sum.checked_div(count).map_or(Duration::ZERO, |began| now.saturating_sub(began))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { at_once_max: 64, target: Duration::from_millis(250), queue_long: 1_000 };
    const QUIET: Load = Load { ticks: 0, ticks_late: 0, worlds: 20, worlds_behind: 0, queue_commits: 0 };

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn gate(at_once_max: usize) -> Gate {
        Gate::new(Rules { at_once_max, ..RULES }, ms(0))
    }

    /// How many of a kind are let in at once.
    fn admitted(gate: &mut Gate, kind: Kind, now: Duration) -> usize {
        std::iter::repeat_with(|| gate.enter(kind, now, 0.5)).take(1_000).filter(Result::is_ok).count()
    }

    #[test]
    fn a_quarter_of_the_places_is_kept_for_resumes() {
        for (at_once_max, new, resumes) in [(64, 48, 16), (4, 3, 1), (1, 1, 0)] {
            let mut gate = gate(at_once_max);
            assert_eq!(admitted(&mut gate, Kind::LogIn, ms(0)), new);
            assert_eq!(admitted(&mut gate, Kind::Resume, ms(0)), resumes);
        }
        let mut gate = gate(64);
        assert_eq!(admitted(&mut gate, Kind::Resume, ms(0)), 64, "resumes take every place");
        assert_eq!(admitted(&mut gate, Kind::LogIn, ms(0)), 0);
    }

    #[test]
    fn places_become_free_whether_log_ins_succeed_or_not() {
        let mut gate = gate(4);
        for is_in in [true, false] {
            assert_eq!(admitted(&mut gate, Kind::LogIn, ms(7)), 3);
            (0..3).for_each(|_| gate.leave(ms(7), ms(9), is_in));
            assert_eq!((gate.under_way(), gate.began_sum), (0, ms(0)));
        }
    }

    #[test]
    fn each_sign_of_overload_lowers_the_limit_and_quiet_rounds_raise_it_by_one() {
        let late = Load { ticks: 20, ticks_late: 3, ..QUIET };
        let queue = Load { queue_commits: 1_001, ..QUIET };
        for (load, took, limit) in [
            (QUIET, 100, 36 + 1),
            (Load { ticks: 20, ticks_late: 2, ..QUIET }, 100, 36 + 1),
            (late, 100, 27),
            (Load { worlds_behind: 2, ..QUIET }, 100, 36 + 1),
            (Load { worlds_behind: 3, ..QUIET }, 100, 27),
            (queue, 100, 27),
            (QUIET, 300, 27),
        ] {
            let mut gate = gate(64);
            gate.limit = 36.0;
            gate.enter(Kind::LogIn, ms(0), 0.0).unwrap();
            gate.leave(ms(0), ms(took), true);
            gate.round_began = ms(took) - ROUND;
            gate.turn(ms(took), load);
            assert_eq!(gate.room(Kind::LogIn), limit, "{load:?} {took}");
        }
    }

    #[test]
    fn log_ins_that_hang_lower_the_limit_to_its_floor_and_rest_brings_it_back() {
        let mut gate = gate(64);
        for began in 0..4 {
            gate.enter(Kind::LogIn, ms(began), 0.0).unwrap();
        }
        let mut now = ms(0);
        for _ in 0..40 {
            now += ROUND;
            assert!(gate.is_round_over(now));
            gate.turn(now, QUIET);
            assert!(!gate.is_round_over(now + ms(99)));
        }
        assert_eq!(gate.room(Kind::LogIn), 4);
        let hint = gate.enter(Kind::LogIn, now, 0.0).unwrap_err();
        assert!(hint > ms(900), "4 s for 4 places: about one a second: {hint:?}");
        (0..4).for_each(|began| gate.leave(ms(began), now, false));
        gate.turn(now + ms(10_000), QUIET);
        assert_eq!(gate.room(Kind::LogIn), 48);
    }

    /// Those who keep to their hints come one by one at the rate that the gate holds.
    #[test]
    fn hints_spread_those_who_come_at_once_over_the_time_they_need() {
        let mut gate = gate(64);
        admitted(&mut gate, Kind::LogIn, ms(0));
        let hints: Vec<Duration> = (0..1_000).map(|_| gate.hint(Kind::LogIn, ms(0), 0.0)).collect();
        let rate = 48.0 / 0.05;
        for pair in hints.windows(2) {
            assert!(((pair[1] - pair[0]).as_secs_f64() - 1.0 / rate).abs() < 1e-6, "{pair:?}");
        }
        assert!(hints[0] >= HINT_MIN);
        assert!(gate.hint(Kind::Resume, ms(0), 0.0) < ms(300), "resumes do not stand behind them");
    }

    #[test]
    fn no_hint_is_longer_than_a_session_is_kept() {
        let mut gate = gate(1);
        let jitter = |number: u32| f64::from(number % 100) / 100.0;
        let hints: Vec<Duration> = (0..5_000).map(|number| gate.hint(Kind::LogIn, ms(0), jitter(number))).collect();
        assert!(hints.iter().all(|hint| *hint < ms(10_000)), "{:?}", hints.iter().max());
        let late = hints.iter().filter(|hint| **hint > HINT_MAX).count();
        assert!(late > 4_000, "what is beyond the last slot is spread by chance");
    }

    /// A storm against a server that can do so many at a time: all get in, and nobody asks more than a few times.
    #[test]
    fn a_storm_is_let_in_at_the_pace_of_the_server() {
        const CLIENTS: usize = 2_000;
        const TAKES: Duration = Duration::from_millis(100);
        let mut gate = gate(16);
        let mut due: Vec<(Duration, usize)> = (0..CLIENTS).map(|client| (ms(client as u64 / 2), client)).collect();
        let (mut asked, mut inside, mut now) = (vec![0_u32; CLIENTS], Vec::new(), ms(0));
        while !due.is_empty() {
            inside.retain(|began: &Duration| {
                let is_over = now >= *began + TAKES;
                if is_over {
                    gate.leave(*began, now, true);
                }
                !is_over
            });
            if gate.is_round_over(now) {
                gate.turn(now, QUIET);
            }
            due.retain_mut(|(at, client)| {
                if *at > now {
                    return true;
                }
                asked[*client] += 1;
                let jitter = (*client * 7 % 100) as f64 / 100.0;
                match gate.enter(Kind::LogIn, now, jitter) {
                    Ok(()) => inside.push(now),
                    Err(hint) => *at = now + hint,
                }
                assert!(gate.under_way() <= 16);
                *at > now
            });
            now += ms(1);
        }
        let (least, all_asked) = (TAKES * (CLIENTS as u32) / 12, asked.iter().sum::<u32>());
        assert!(now < least * 2, "{now:?} for what needs {least:?} at best");
        assert!(all_asked < 5 * CLIENTS as u32, "{all_asked} times asked");
    }
}
