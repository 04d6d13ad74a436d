//! What a run found out: a table for people, JSON for programs, a page with charts, and the figures that `--require`
//! looks at. The JSON holds everything, so that results can be [merged](merge), [compared](compare) and drawn later.

pub mod compare;
pub mod html;
pub mod merge;
mod origin;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

pub use self::origin::Origin;
use crate::hdr::Hdr;
use crate::ramp::Limit;
use crate::require::Requirement;
use crate::server_stats::ServerFigures;
use crate::stats::{Counts, Percentiles, Timing};
use crate::swarm::Swarm;
use crate::timeline::Second;

/// The version of the JSON. It changes when a result of before cannot be read any more.
const FORMAT: u32 = 1;
/// The swarm's own delay beyond which the figures speak of it: two fifths of a tick of 50 ms.
const LAG_P99_MS_MAX: f64 = 20.0;

/// What was counted in the measured window.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Window {
    /// How long it was.
    pub seconds: f64,
    /// What was counted in it.
    pub counts: Counts,
    /// Bots connected at its end.
    pub connected: u64,
}

/// A run's results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this form.
    pub format: u32,
    /// How to repeat it: of each process that took part.
    pub origins: Vec<Origin>,
    /// Bots asked for, of all processes that took part.
    pub bots: usize,
    /// The seed of their plans.
    pub seed: u64,
    /// The measured window.
    pub window: Window,
    /// What was counted over the whole run, settling included.
    pub counts: Counts,
    /// TCP connect until welcome.
    pub connect: Percentiles,
    /// Economic command until answer.
    pub ack: Percentiles,
    /// Other commands until answer.
    pub answer: Percentiles,
    /// Input until another bot sees it, within the interest radius.
    pub seen: Percentiles,
    /// The same, farther away, where news may come every few ticks only.
    pub seen_far: Percentiles,
    /// The swarm's own delay.
    pub lag: Percentiles,
    /// Error codes and other mishaps, with their counts.
    pub codes: BTreeMap<String, u64>,
    /// Promises that the server broke.
    pub violations: u64,
    /// The first of them.
    pub first_violations: Vec<String>,
    /// What the server itself did.
    pub server: ServerFigures,
    /// What only the profile `neighbours` measures.
    pub neighbours: Option<Neighbours>,
    /// All timings of the window, in microseconds.
    pub histograms: BTreeMap<Timing, Hdr>,
    /// The run second by second.
    pub timeline: Vec<Second>,
    /// The thresholds of `--require`, and whether they were kept.
    pub judged: Vec<Judged>,
    /// What `--ramp` found; the rest of the report is about the largest population that met the objectives then.
    pub limit: Option<Limit>,
}

/// A threshold, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// As it was given.
    pub threshold: String,
    /// Why it is not kept; `None` when it is.
    pub broken: Option<String>,
}

/// The figures of the profile `neighbours`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Neighbours {
    /// Moving ships within a client's radius, its own included: the mean.
    pub density: f64,
    /// Ship updates due: density × clients × ticks.
    pub updates_due: f64,
    /// The server's CPU time per update due, in microseconds.
    pub cpu_us_per_update: Option<f64>,
    /// The server's resident memory added per client.
    pub rss_bytes_per_client: Option<f64>,
    /// The ticks that clients received frames of.
    pub ticks: u64,
    /// Tick due until its frame was received.
    pub delivery: Percentiles,
    /// The server's CPU time per client and tick, in microseconds.
    pub cpu_us_per_client_tick: Option<f64>,
    /// Bytes received per update due.
    pub bytes_per_update: Option<f64>,
}

impl Report {
    /// Gathers what a swarm found out.
    #[must_use]
    pub fn of(swarm: &Swarm, window: Window, server: ServerFigures) -> Self {
        let (violations, first_violations) = swarm.oracle.violations();
        let neighbours = swarm.options.neighbours.then(|| Neighbours::of(swarm, &window, &server));
        let histograms = swarm.stats.histograms();
        Self {
            format: FORMAT,
            origins: vec![Origin::of(&swarm.options)],
            bots: swarm.options.own_bots(),
            seed: swarm.options.seed,
            window,
            counts: swarm.stats.counts(),
            connect: percentiles(&histograms, Timing::Connect),
            ack: percentiles(&histograms, Timing::Ack),
            answer: percentiles(&histograms, Timing::Answer),
            seen: percentiles(&histograms, Timing::Seen),
            seen_far: percentiles(&histograms, Timing::SeenFar),
            lag: percentiles(&histograms, Timing::Lag),
            codes: swarm.stats.codes(),
            violations,
            first_violations,
            server,
            neighbours,
            histograms,
            timeline: Vec::new(),
            judged: Vec::new(),
            limit: None,
        }
    }

    /// Reads a result that was written with `--json`.
    ///
    /// # Errors
    /// The file cannot be read, or is not a result of this version.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("failed to read {}", path.display()))
    }

    fn parse(text: &[u8]) -> anyhow::Result<Self> {
        let value: serde_json::Value = serde_json::from_slice(text).context("this is not JSON")?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => bail!("this result has format {format}, this loadtest reads {FORMAT}: run it again"),
            None => bail!(
                "this is not a result of a swarm, or one of before results had histograms and a timeline: run it again \
                 with this loadtest and --json"
            ),
        }
        serde_json::from_value(value).context("this result is incomplete")
    }

    /// Judges thresholds, and keeps the judgement.
    pub fn judge(&mut self, thresholds: &[Requirement]) {
        let figures = self.figures();
        let judge =
            |required: &Requirement| Judged { threshold: required.to_string(), broken: required.broken_by(&figures) };
        self.judged = thresholds.iter().map(judge).collect();
    }

    /// Everything that was timed, by what it is.
    fn timed(&self) -> Vec<(&'static str, Percentiles)> {
        let timings = self.histograms.iter().map(|(timing, hdr)| (timing.title(), hdr.percentiles()));
        let delivery = self.neighbours.map(|neighbours| ("tick due until received", neighbours.delivery));
        timings.chain(delivery).filter(|(_, timing)| timing.count > 0).collect()
    }

    /// Why the figures speak of the swarm rather than of the server, if they do.
    #[must_use]
    pub fn lag_warning(&self) -> Option<String> {
        let lag = self.lag.p99_ms;
        (self.lag.count > 0 && lag > LAG_P99_MS_MAX).then(|| {
            format!(
                "the swarm itself was {lag:.1} ms late at p99 (more than {LAG_P99_MS_MAX} ms): the latencies speak of it \
                 rather than of the server; give it more --threads, cores, or processes (--share)"
            )
        })
    }

    /// How the bots were paced, and what was corrected.
    #[must_use]
    pub fn pacing(&self) -> String {
        let Counts { corrected, missed, .. } = self.counts;
        format!(
            "pacing: open loop, timed from when an action was due; corrected: {corrected} timings of actions that waited \
             for an answer, or that a standstill swallowed; left out: {missed} actions due without a connection"
        )
    }

    /// Per connected bot and second of the window.
    fn per_bot_second(&self, count: u64) -> f64 {
        count as f64 / (self.window.connected.max(1) as f64 * self.window.seconds.max(0.001))
    }

    /// The figures that `--require` knows; what was not measured is absent.
    #[must_use]
    pub fn figures(&self) -> BTreeMap<&'static str, f64> {
        let timed = |timing: &Percentiles, figure: f64| (timing.count > 0).then_some(figure);
        let neighbours = self.neighbours.unwrap_or_default();
        [
            ("ack_p50_ms", timed(&self.ack, self.ack.p50_ms)),
            ("ack_p99_ms", timed(&self.ack, self.ack.p99_ms)),
            ("ack_max_ms", timed(&self.ack, self.ack.max_ms)),
            ("answer_p99_ms", timed(&self.answer, self.answer.p99_ms)),
            ("seen_p50_ms", timed(&self.seen, self.seen.p50_ms)),
            ("seen_p99_ms", timed(&self.seen, self.seen.p99_ms)),
            ("seen_max_ms", timed(&self.seen, self.seen.max_ms)),
            ("seen_far_p50_ms", timed(&self.seen_far, self.seen_far.p50_ms)),
            ("seen_far_p99_ms", timed(&self.seen_far, self.seen_far.p99_ms)),
            ("connect_p99_ms", timed(&self.connect, self.connect.p99_ms)),
            ("lag_p99_ms", timed(&self.lag, self.lag.p99_ms)),
            ("violations", Some(self.violations as f64)),
            ("errors", Some(self.counts.errors as f64)),
            ("disconnects", Some(self.counts.disconnects as f64)),
            ("connected", Some(self.window.connected as f64)),
            ("acknowledged", Some(self.counts.acknowledged as f64)),
            ("bytes_per_bot_per_second", Some(self.per_bot_second(self.window.counts.bytes))),
            ("ticks_on_time_percent", self.server.ticks_on_time_percent()),
            ("server_cpu_seconds_per_second", self.server.cpu_seconds_per_second),
            ("server_cpu_us_per_update", neighbours.cpu_us_per_update),
            ("server_rss_bytes_per_client", neighbours.rss_bytes_per_client),
            ("delivery_p50_ms", timed(&neighbours.delivery, neighbours.delivery.p50_ms)),
            ("delivery_p99_ms", timed(&neighbours.delivery, neighbours.delivery.p99_ms)),
            ("server_cpu_us_per_client_tick", neighbours.cpu_us_per_client_tick),
            ("bytes_per_update", neighbours.bytes_per_update),
        ]
        .into_iter()
        .filter_map(|(name, figure)| Some((name, figure?)))
        .collect()
    }
}

fn percentiles(histograms: &BTreeMap<Timing, Hdr>, timing: Timing) -> Percentiles {
    histograms.get(&timing).map(Hdr::percentiles).unwrap_or_default()
}

impl Neighbours {
    fn of(swarm: &Swarm, window: &Window, server: &ServerFigures) -> Self {
        let density = swarm.neighbourhood.density().unwrap_or(0.0);
        let clients = window.connected as f64;
        let updates_due = density * clients * f64::from(swarm.neighbourhood.tick_hz()) * window.seconds;
        let (ticks, delivery) = (swarm.neighbourhood.ticks(), swarm.neighbourhood.delivery());
        Self { density, updates_due, ticks, delivery, ..Self::default() }.with_costs(window, server)
    }

    /// With what so many updates, clients and ticks cost the server.
    fn with_costs(self, window: &Window, server: &ServerFigures) -> Self {
        let (clients, due) = (window.connected as f64, self.updates_due);
        let client_ticks = clients * self.ticks as f64;
        let per = |cpu: Option<f64>, count: f64| cpu.filter(|_| count > 0.0).map(|cpu| cpu * 1e6 / count);
        let memory = server.rss_bytes.zip(server.rss_bytes_before).filter(|_| clients > 0.0);
        Self {
            cpu_us_per_update: per(server.cpu_seconds, due),
            rss_bytes_per_client: memory.map(|(after, before)| after.saturating_sub(before) as f64 / clients),
            cpu_us_per_client_tick: per(server.cpu_seconds, client_ticks),
            bytes_per_update: (due > 0.0).then(|| window.counts.bytes as f64 / due),
            ..self
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::require;
    use crate::server_stats::watch::ServerSecond;
    use crate::timeline::Phase;

    fn second(at: u64, phase: Phase, server: bool) -> Second {
        let mut ack = Hdr::new(2);
        (1..50).for_each(|ms| ack.record(Duration::from_millis(ms * at)));
        let buckets = vec![(Some(0.5), 100.0), (Some(50.0), 20.0), (None, 1.0)];
        let told = ServerSecond {
            cpu: Some(0.4),
            rss_bytes: Some(50 << 20),
            tick_buckets: buckets,
            ..ServerSecond::default()
        };
        Second {
            at,
            seconds: 1.0,
            phase,
            connected: 2,
            counts: Counts { bytes: 100_000, frames: 40, ..Counts::default() },
            timings: BTreeMap::from([(Timing::Ack, ack)]),
            server: server.then_some(told),
        }
    }

    /// A small result with a bit of everything.
    pub(crate) fn report() -> Report {
        let timing = Percentiles { count: 1, p50_ms: 1.0, p90_ms: 1.0, p99_ms: 2.0, p999_ms: 2.0, max_ms: 2.0 };
        let some = Some(1.0);
        let mut hdr = Hdr::new(3);
        (1..500).for_each(|ms| hdr.record(Duration::from_millis(ms)));
        Report {
            format: FORMAT,
            origins: vec![Origin { command: "loadtest --bots 2".to_owned(), ..Origin::default() }],
            bots: 2,
            seed: 1,
            window: Window { seconds: 10.0, counts: Counts { bytes: 400, ..Counts::default() }, connected: 2 },
            counts: Counts::default(),
            connect: timing,
            ack: timing,
            answer: timing,
            seen: timing,
            seen_far: timing,
            lag: timing,
            codes: BTreeMap::from([("busy".to_owned(), 3)]),
            violations: 1,
            first_violations: vec!["a sentence".to_owned()],
            server: ServerFigures {
                ticks: Some(100.0),
                ticks_due: Some(100.0),
                worlds: BTreeMap::from([("a".into(), [100.0, 1.0, 0.0])]),
                ticks_late: some,
                cpu_seconds: Some(5e-6),
                cpu_seconds_per_second: some,
                rss_bytes: Some(6),
                rss_bytes_before: Some(4),
                ..ServerFigures::default()
            },
            neighbours: Some(Neighbours {
                density: 3.0,
                updates_due: 5.0,
                cpu_us_per_update: some,
                rss_bytes_per_client: some,
                ticks: 10,
                delivery: timing,
                cpu_us_per_client_tick: some,
                bytes_per_update: some,
            }),
            histograms: BTreeMap::from([(Timing::Ack, hdr)]),
            timeline: [(7, true), (8, false), (9, true)]
                .into_iter()
                .map(|(at, server)| second(at, if at > 7 { Phase::Window } else { Phase::Ramp }, server))
                .collect(),
            judged: Vec::new(),
            limit: None,
        }
    }

    #[test]
    fn a_result_survives_its_file_and_an_old_one_is_told_apart() {
        let mut judged = report();
        judged.judge(&["ack_p99_ms<1".parse().unwrap(), "errors=0".parse().unwrap()]);
        assert!(judged.judged[0].broken.is_some() && judged.judged[1].broken.is_none());
        let text = serde_json::to_string(&judged).unwrap();
        assert_eq!(Report::parse(text.as_bytes()).unwrap(), judged);
        let why = |text: &str| format!("{:#}", Report::parse(text.as_bytes()).unwrap_err());
        assert!(why(r#"{"bots": 5, "seed": 1}"#).contains("run it again"));
        assert!(why(r#"{"format": 99}"#).contains("format 99"));
        assert!(why(&text.replace("\"violations\"", "\"violation\"")).contains("incomplete"));
        assert!(why("bots: 5").contains("not JSON"));
    }

    #[test]
    fn a_late_swarm_warns_of_itself() {
        let mut late = report();
        assert_eq!(late.lag_warning(), None);
        late.lag.p99_ms = 90.0;
        assert!(late.to_string().contains("warning: the swarm itself was 90.0 ms late"), "{late}");
    }

    #[test]
    fn there_is_a_figure_for_every_name_and_a_name_for_every_figure() {
        let figures = report().figures();
        let names: Vec<&str> = require::NAMES.iter().map(|(name, _)| *name).collect();
        assert!(names.iter().all(|name| figures.contains_key(name)), "{figures:?}");
        assert!(figures.keys().all(|name| names.contains(name)), "{figures:?}");
        assert!((figures["bytes_per_bot_per_second"] - 20.0).abs() < 1e-9);
        assert!((figures["ticks_on_time_percent"] - 99.0).abs() < 1e-9);
    }

    #[test]
    fn the_table_names_violations_and_codes() {
        let text = report().to_string();
        assert!(text.contains("violations: 1\n  a sentence"), "{text}");
        assert!(text.contains("busy 3"), "{text}");
    }
}
