//! How long a tick lasts: the controller of a world's time dilation. Pure: it is told of each tick, and says how long
//! the next one is.
//!
//! It looks at a second of ticks at a time. A second is *slow* when most of its ticks were: their work took nearly the
//! whole period, or they were not done when the next one was due, or some worker's fan-out was more than two ticks
//! behind. Then ticks become longer, by a tenth at least, by half at most, by what is missing in between. A single
//! standstill, however long, makes few slow ticks of a second's and changes nothing.
//!
//! A second is *easy* when nearly all its ticks were, and would be at a pace faster by a tenth: the work, compared with
//! the shorter period, is well below the mark of slow, and everything is delivered before the next tick. After some
//! easy seconds in a row ticks become shorter by a tenth. Much later they do so too when no second was slow, easy or not:
//! a world whose ticks are always a little uneasy may hold the faster pace as well as this one, and is not to stay slow
//! for ever. Only what its own work shows to be too fast is not tried. Whether the fan-out can do more is known only by
//! trying; a pace that turned out too fast is tried again twice as late each time. So a world at its limit settles, and
//! shows a small wave every half a minute at most.

use std::time::Duration;

/// What is looked at together: this long.
const SECOND: Duration = Duration::from_secs(1);
/// And at least so many ticks.
const WINDOW_TICKS_MIN: u32 = 4;
/// Ticks that a fan-out may be behind before the world counts as overloaded.
pub(crate) const LAG_MAX: u64 = 2;
/// The share of the period that a tick's work may take before the tick counts as slow.
const WORK_SLOW: f64 = 0.85;
/// What it is brought back to.
const WORK_AIM: f64 = 0.75;
/// The share that it may take of a shorter period for that one to be tried.
const WORK_EASY: f64 = 0.7;
/// The share of a second's ticks that may be uneasy in an easy second.
const UNEASY: f64 = 0.1;
/// The smallest change, up or down.
const STEP: f64 = 1.1;
/// The largest change, up.
const STEP_MAX: f64 = 1.5;
/// Easy seconds before a faster pace is tried.
const PATIENCE_MIN: u32 = 2;
/// The same before a pace is tried again that has proved too fast, at most.
const PATIENCE_MAX: u32 = 32;
/// Seconds of which none was slow, though not all were easy, before a faster pace is tried.
const PATIENCE_UNEASY: u32 = 30;

/// What there is to know of a tick that was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    /// How long its work took.
    pub(super) work: Duration,
    /// Whether it was not done when the next one was due.
    pub(super) missed: bool,
    /// By how many ticks the slowest fan-out was behind when it began.
    pub(super) lag: u64,
}

/// The controller.
#[derive(Debug)]
pub(super) struct Pace {
    nominal: Duration,
    slowest: Duration,
    period: Duration,
    window: Window,
    /// Easy seconds in a row.
    easy: u32,
    /// Seconds in a row that were not slow.
    held: u32,
    /// Whether the last change was a try of a faster pace, and it has not been proved yet.
    trying: bool,
    /// The pace that was tried last and proved too fast, and how many easy seconds it takes to try it again.
    too_fast: Option<(Duration, u32)>,
}

/// The ticks that are looked at together.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    ticks: u32,
    slow: u32,
    uneasy: u32,
    work: Duration,
    /// How long they lasted.
    time: Duration,
    /// The lag at its first tick and at its last.
    lag: Option<(u64, u64)>,
}

impl Window {
    fn take(&mut self, beat: Beat, period: Duration) {
        self.ticks += 1;
        self.work += beat.work;
        self.time += beat.work.max(period);
        self.lag = Some((self.lag.map_or(beat.lag, |(first, _)| first), beat.lag));
        let is_slow = beat.missed || beat.lag > LAG_MAX || beat.work > period.mul_f64(WORK_SLOW);
        self.slow += u32::from(is_slow);
        self.uneasy += u32::from(is_slow || beat.lag > 0);
    }

    fn is_slow(&self) -> bool {
        self.slow * 2 > self.ticks
    }

    /// The mean work as a share of this period.
    fn load(&self, period: Duration) -> f64 {
        self.work.as_secs_f64() / (period.as_secs_f64() * f64::from(self.ticks.max(1)))
    }

    fn is_easy_at(&self, period: Duration) -> bool {
        f64::from(self.uneasy) <= f64::from(self.ticks) * UNEASY && self.load(period) <= WORK_EASY
    }

    /// Whether the work alone would not make ticks of this length slow.
    fn may_hold(&self, period: Duration) -> bool {
        self.load(period) <= WORK_SLOW
    }

    /// By what factor ticks came too fast: for the world's own work, and for the fan-out, which delivered fewer than
    /// were made when its lag grew.
    fn too_fast_by(&self, period: Duration) -> f64 {
        let (first, last) = self.lag.unwrap_or_default();
        let made = f64::from(self.ticks);
        // One more or less means nothing.
        let delivered = made - last.saturating_sub(first + 1) as f64;
        let undelivered = if delivered < 1.0 { STEP_MAX } else { made / delivered };
        undelivered.max(self.load(period) / WORK_AIM)
    }
}

impl Pace {
    /// Full pace: ticks of the nominal length. They never become longer than the slowest.
    pub(super) fn new(nominal: Duration, slowest: Duration) -> Self {
        let window = Window::default();
        let slowest = slowest.max(nominal);
        Self { nominal, slowest, period: nominal, window, easy: 0, held: 0, trying: false, too_fast: None }
    }

    /// The length of a tick at full pace.
    pub(super) fn nominal(&self) -> Duration {
        self.nominal
    }

    /// A tick was made. How long the next one lasts.
    pub(super) fn after(&mut self, beat: Beat) -> Duration {
        self.window.take(beat, self.period);
        if self.window.ticks >= WINDOW_TICKS_MIN && self.window.time >= SECOND {
            let window = std::mem::take(&mut self.window);
            self.judge(window);
        }
        self.period
    }

    fn judge(&mut self, window: Window) {
        let shorter = self.period.div_f64(STEP).max(self.nominal);
        if window.is_slow() {
            return self.slow_down(window.too_fast_by(self.period));
        }
        self.held += 1;
        self.easy = if window.is_easy_at(shorter) { self.easy + 1 } else { 0 };
        let patience = self.patience_for(shorter);
        let has_held = self.held >= patience.max(PATIENCE_UNEASY) && window.may_hold(shorter);
        if self.easy >= patience || has_held {
            self.speed_up(shorter);
        }
    }

    fn is_known_too_fast(&self, period: Duration) -> bool {
        self.too_fast.is_some_and(|(too_fast, _)| period < too_fast.mul_f64(STEP.sqrt()))
    }

    fn patience_for(&self, period: Duration) -> u32 {
        let known = self.too_fast.filter(|_| self.is_known_too_fast(period));
        known.map_or(PATIENCE_MIN, |(_, patience)| patience)
    }

    fn slow_down(&mut self, factor: f64) {
        if std::mem::take(&mut self.trying) {
            self.too_fast = Some((self.period, (self.patience_for(self.period) * 2).min(PATIENCE_MAX)));
        }
        (self.easy, self.held) = (0, 0);
        self.period = self.period.mul_f64(factor.clamp(STEP, STEP_MAX)).min(self.slowest);
    }

    /// The pace has been held for long enough: what was tried last is proved, and a shorter tick comes next.
    fn speed_up(&mut self, shorter: Duration) {
        (self.easy, self.held) = (0, 0);
        if self.is_known_too_fast(self.period) {
            self.too_fast = None;
        }
        // One that is nearly nominal would be of no use.
        let shorter = if shorter < self.nominal.mul_f64(1.02) { self.nominal } else { shorter };
        self.trying = shorter != self.period;
        self.period = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOMINAL: Duration = Duration::from_millis(50);
    const SLOWEST: Duration = Duration::from_millis(500);

    fn pace() -> Pace {
        Pace::new(NOMINAL, SLOWEST)
    }

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// A world with work of its own, and a fan-out that takes its time for each tick; in simulated time.
    struct Model {
        pace: Pace,
        work: Duration,
        /// How long the fan-out works on a tick.
        delivery: Duration,
        now: Duration,
        /// When the fan-out is done with each tick that is not delivered yet.
        under_way: Vec<Duration>,
        lag_max: u64,
        periods: Vec<Duration>,
    }

    impl Model {
        fn new(work: Duration, delivery: Duration) -> Self {
            let (now, under_way) = (Duration::ZERO, Vec::new());
            Self { pace: pace(), work, delivery, now, under_way, lag_max: 0, periods: vec![NOMINAL] }
        }

        fn run(&mut self, time: Duration) {
            let end = self.now + time;
            self.lag_max = 0;
            while self.now < end {
                self.under_way.retain(|done| *done > self.now);
                let lag = self.under_way.len() as u64;
                self.lag_max = self.lag_max.max(lag);
                let handed_over = self.now + self.work;
                let begun = self.under_way.last().copied().unwrap_or_default().max(handed_over);
                self.under_way.push(begun + self.delivery);
                let before = self.pace.period;
                let period = self.pace.after(Beat { work: self.work, missed: self.work > before, lag });
                if period != before {
                    self.periods.push(period);
                }
                self.now += before.max(self.work);
            }
        }

        fn period_ms(&self) -> u128 {
            self.pace.period.as_millis()
        }
    }

    #[test]
    fn a_world_that_holds_its_tick_keeps_its_pace() {
        let mut model = Model::new(ms(30), ms(45));
        model.run(ms(60_000));
        assert_eq!(model.periods, [NOMINAL]);
    }

    #[test]
    fn a_single_standstill_changes_nothing() {
        let mut pace = pace();
        for tick in 0..2_000_u64 {
            // Every five seconds the world stands still for 400 ms, and in between a fan-out does.
            let (stalled, behind) = (tick % 100 == 50, (tick % 100).checked_sub(70).filter(|since| *since < 8));
            let work = if stalled { ms(400) } else { ms(5) };
            assert_eq!(pace.after(Beat { work, missed: stalled, lag: behind.unwrap_or(0) }), NOMINAL, "tick {tick}");
        }
    }

    #[test]
    fn too_much_work_slows_the_world_down_to_what_it_can_hold_and_no_further() {
        let mut model = Model::new(ms(90), ms(1));
        model.run(ms(60_000));
        assert!((100..=140).contains(&model.period_ms()), "{} ms", model.period_ms());
        let settled = model.periods.len();
        model.run(ms(120_000));
        assert_eq!(model.periods.len(), settled, "it does not waver: {:?}", model.periods);
        assert!(model.periods.windows(2).all(|pair| pair[1] <= pair[0].mul_f64(STEP_MAX + 0.01)), "smoothly");
    }

    #[test]
    fn a_fan_out_that_cannot_follow_slows_the_world_down_until_it_can() {
        for delivery in [60, 80, 120, 200, 400] {
            let mut model = Model::new(ms(5), ms(delivery));
            model.run(ms(90_000));
            let changes = model.periods.len();
            model.run(ms(300_000));
            assert!(model.lag_max <= 5, "{delivery} ms: {} ticks behind", model.lag_max);
            let held = u128::from(delivery);
            assert!((held * 8 / 10..=held * 3 / 2).contains(&model.period_ms()), "{delivery}: {}", model.period_ms());
            assert!(model.periods.len() - changes < 40, "{delivery} ms: changes of pace become rare");
        }
    }

    #[test]
    fn how_far_behind_the_fan_out_falls_is_bounded_from_the_first_second_on() {
        let mut model = Model::new(ms(5), ms(120));
        model.run(ms(60_000));
        assert!(model.lag_max < 40, "{} ticks behind", model.lag_max);
    }

    #[test]
    fn it_is_never_slower_than_the_slowest_and_comes_back_to_full_pace() {
        let mut model = Model::new(ms(2_000), ms(1));
        model.run(ms(100_000));
        assert_eq!(model.pace.period, SLOWEST);
        model.work = ms(5);
        model.run(ms(120_000));
        assert_eq!(model.pace.period, NOMINAL);
        let back: Vec<_> = model.periods.windows(2).filter(|pair| pair[1] < pair[0]).collect();
        assert!(back.iter().all(|pair| pair[0].as_secs_f64() <= pair[1].as_secs_f64() * 1.13), "step by step");
    }

    #[test]
    fn a_world_that_was_slowed_down_returns_to_any_pace_that_it_held_before() {
        // At most paces in between, delivery ends in the next tick, or the work is more than is easy.
        for (work, delivery) in [(30, 45), (40, 1)] {
            let mut model = Model::new(ms(work), ms(delivery));
            model.run(ms(60_000));
            assert_eq!(model.periods, [NOMINAL], "{work} and {delivery} ms are held");
            model.work = ms(90);
            model.run(ms(60_000));
            assert!(model.period_ms() >= 100, "90 ms are not: {} ms", model.period_ms());
            model.work = ms(work);
            model.run(ms(240_000));
            assert_eq!(model.pace.period, NOMINAL, "{work} and {delivery} ms are held again");
        }
    }

    #[test]
    fn a_pace_that_proved_too_fast_is_tried_less_and_less_often() {
        let mut model = Model::new(ms(5), ms(64));
        model.run(ms(30_000));
        let early = model.periods.len();
        model.run(ms(270_000));
        let changes = model.periods.len() - early;
        assert!(changes < 60, "{changes} changes in 270 s");
    }

    #[test]
    fn with_a_slowest_pace_of_full_pace_there_is_no_dilation() {
        let mut pace = Pace::new(NOMINAL, NOMINAL);
        for _ in 0..200 {
            assert_eq!(pace.after(Beat { work: ms(200), missed: true, lag: 9 }), NOMINAL);
        }
    }
}
