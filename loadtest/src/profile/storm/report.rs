//! What a storm showed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use serde::Serialize;

use super::{Kind, PILOTS, Storm};
use crate::server_stats::ServerFigures;
use crate::stats::{Percentiles, Timing};

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct StormReport {
    /// How many came.
    pub logins: usize,
    /// Within which time they came first, in seconds.
    pub within_seconds: f64,
    /// How long it took until all were in or had given up, in seconds.
    pub seconds: f64,
    /// Scheduled instant to welcome, everybody's.
    pub entered: Percentiles,
    /// Those of new guests.
    pub guests: Percentiles,
    /// Those with tokens.
    pub tokens: Percentiles,
    /// Those who resumed.
    pub resumes: Percentiles,
    /// Sessions that were taken up again.
    pub resumed: usize,
    /// Answers `busy` to hello.
    pub busy: u64,
    /// Handshakes answered 503.
    pub unavailable: u64,
    /// Those who never got in.
    pub never_in: usize,
    /// Those who lost their connection after they had got in.
    pub lost: usize,
    /// The pilots' answers before the storm.
    pub pilots_before: Percentiles,
    /// The pilots' answers during the storm.
    pub pilots_during: Percentiles,
    /// Pilots who lost their connection.
    pub pilots_lost: usize,
    /// What the server itself did.
    pub server: ServerFigures,
    /// Ticks that began in time, per cent.
    pub ticks_on_time_percent: Option<f64>,
    /// Other reasons why attempts failed, with counts.
    pub codes: BTreeMap<String, u64>,
}

impl StormReport {
    pub(super) fn of(storm: &Storm, seconds: f64, server: ServerFigures) -> Self {
        let of_kind = |kind: Kind| storm.entered[kind as usize].percentiles(Timing::Connect);
        Self {
            logins: storm.options.logins,
            within_seconds: storm.options.within.as_secs_f64(),
            seconds,
            entered: storm.everybody.percentiles(Timing::Connect),
            guests: of_kind(Kind::Guest),
            tokens: of_kind(Kind::Token),
            resumes: of_kind(Kind::Resume),
            resumed: storm.resumed.load(Relaxed),
            busy: storm.busy.load(Relaxed),
            unavailable: storm.unavailable.load(Relaxed),
            never_in: storm.options.logins - storm.inside.load(Relaxed),
            lost: storm.lost.load(Relaxed),
            pilots_before: storm.calm.percentiles(Timing::Answer),
            pilots_during: storm.stormy.percentiles(Timing::Answer),
            pilots_lost: storm.pilots_lost.load(Relaxed),
            ticks_on_time_percent: server.ticks_on_time_percent(),
            server,
            codes: storm.everybody.codes(),
        }
    }

    /// Whether all got in, and nobody who was in was lost.
    #[must_use]
    pub fn is_survived(&self) -> bool {
        self.never_in == 0 && self.lost == 0 && self.pilots_lost == 0
    }
}

impl fmt::Display for StormReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} log-ins within {:.1} s; all decided after {:.1} s; never in {}, lost {}",
            self.logins, self.within_seconds, self.seconds, self.never_in, self.lost
        )?;
        for (name, times) in [
            ("everybody", &self.entered),
            ("new guests", &self.guests),
            ("tokens", &self.tokens),
            ("resumes", &self.resumes),
        ] {
            writeln!(
                f,
                "  {name:<10} {:>6}: due until welcome p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms",
                times.count, times.p50_ms, times.p99_ms, times.max_ms
            )?;
        }
        writeln!(f, "sent away: busy {}, 503 {}; resumed {}", self.busy, self.unavailable, self.resumed)?;
        writeln!(
            f,
            "{PILOTS} pilots, answers: before p50 {:.1} ms, p99 {:.1} ms; during p50 {:.1} ms, p99 {:.1} ms, max {:.0} ms; lost {}",
            self.pilots_before.p50_ms,
            self.pilots_before.p99_ms,
            self.pilots_during.p50_ms,
            self.pilots_during.p99_ms,
            self.pilots_during.max_ms,
            self.pilots_lost
        )?;
        if let Some(percent) = self.ticks_on_time_percent {
            writeln!(f, "server: {percent:.2} % of ticks began in time")?;
        }
        if let Some(cpu) = self.server.cpu_seconds_per_second {
            writeln!(f, "server: {cpu:.2} CPU s/s")?;
        }
        self.codes.iter().try_for_each(|(code, count)| writeln!(f, "  {code} {count}"))
    }
}
