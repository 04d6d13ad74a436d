//! What figures mean: whether a part of the server is in order, what was found, and what to do about it. Pure; the
//! figures are gathered in `gather`.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// In order.
    Ok,
    /// It will be out of order, or some players notice something.
    Warn,
    /// It is out of order.
    Fail,
}

/// What was found about one part.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Check {
    /// Which part: store, persister, worlds, sessions, memory, descriptors, audit.
    pub(crate) name: &'static str,
    /// How it is: as bad as the worst finding.
    pub(crate) status: Status,
    /// What it was judged by; units stand in the names.
    pub(crate) figures: BTreeMap<String, f64>,
    /// What is not as it should be.
    pub(crate) findings: Vec<String>,
    /// What to do about each finding, in their order.
    pub(crate) advice: Vec<String>,
}

/// How the server is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Report {
    /// 100: all is in order; a part that fails takes its weight away, one that warns half of it.
    pub(crate) score: u32,
    /// As bad as the worst part.
    pub(crate) status: Status,
    /// The parts.
    pub(crate) checks: Vec<Check>,
}

/// Everything that is judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Why the store does not answer, if it does not.
    pub(crate) store_error: Option<String>,
    /// How long it took to answer, in ms.
    pub(crate) store_ping_ms: Option<f64>,
    /// Commits that wait, and how many may.
    pub(crate) queue_commits: u64,
    pub(crate) queue_commits_max: u64,
    /// From a commit's entry into the queue until it is durable, of the last seconds, in ms.
    pub(crate) durable_lag_p99_ms: Option<f64>,
    pub(crate) worlds: Vec<WorldFigures>,
    /// Log-ins under way, and how many may be.
    pub(crate) connections: u64,
    pub(crate) connections_max: u64,
    pub(crate) logins_under_way: u64,
    pub(crate) logins_limit: u64,
    /// Times that cell frames of slow clients were dropped, per minute and connection.
    pub(crate) slow_per_minute: f64,
    /// Memory of the process, and what the machine has left, in bytes.
    pub(crate) resident_bytes: Option<f64>,
    pub(crate) available_bytes: Option<f64>,
    /// Memory of the process an hour ago.
    pub(crate) resident_hour_ago_bytes: Option<f64>,
    /// Players with a session, now and an hour ago.
    pub(crate) players: f64,
    pub(crate) players_hour_ago: Option<f64>,
    pub(crate) open_fds: Option<f64>,
    pub(crate) max_fds: Option<f64>,
    /// How often the books are compared; 0: never.
    pub(crate) audit_every_ms: u64,
    pub(crate) audit_runs: u64,
    pub(crate) audit_differences: u64,
    pub(crate) uptime_s: f64,
}

/// One world.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorldFigures {
    pub(crate) key: String,
    pub(crate) stands_still: bool,
    /// How long a tick lasts now, and at full pace, in ms.
    pub(crate) period_ms: f64,
    pub(crate) nominal_ms: f64,
    /// How long a tick's work takes, in ms.
    pub(crate) tick_p99_ms: Option<f64>,
    /// The share of ticks that began in time, of the last seconds.
    pub(crate) late_percent: f64,
}

/// A check as it is put together.
struct Judging(Check);

impl Judging {
    fn of(name: &'static str) -> Self {
        let (figures, findings, advice) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self(Check { name, status: Status::Ok, figures, findings, advice })
    }

    fn figure(&mut self, name: impl Into<String>, value: impl Into<Option<f64>>) {
        if let Some(value) = value.into() {
            self.0.figures.insert(name.into(), (value * 1_000.0).round() / 1_000.0);
        }
    }

    fn find(&mut self, status: Status, finding: String, advice: &str) {
        self.0.status = self.0.status.max(status);
        self.0.findings.push(finding);
        self.0.advice.push(advice.to_owned());
    }

    /// Warns or fails when a share of what may be is used.
    fn judge_share(&mut self, used: f64, of: f64, [warn, fail]: [f64; 2], what: &str, advice: &str) {
        let percent = 100.0 * used / of.max(1.0);
        let status = match percent {
            percent if percent >= fail => Status::Fail,
            percent if percent >= warn => Status::Warn,
            _ => return,
        };
        self.find(status, format!("{percent:.0} % of {what} are used: {used:.0} of {of:.0}"), advice);
    }
}

/// How much each part counts.
const WEIGHTS: [(&str, u32); 7] = [
    ("store", 25),
    ("persister", 15),
    ("worlds", 20),
    ("sessions", 10),
    ("memory", 10),
    ("descriptors", 10),
    ("audit", 10),
];

/// Judges everything.
pub(crate) fn judge(figures: &Figures) -> Report {
    let parts = [store, persister, worlds, sessions, memory, descriptors, audit];
    let checks: Vec<Check> = parts.iter().map(|part| part(figures).0).collect();
    let lost = |check: &Check| {
        let weight = WEIGHTS.iter().find(|(name, _)| *name == check.name).map_or(0, |(_, weight)| *weight);
        match check.status {
            Status::Ok => 0,
            Status::Warn => weight / 2,
            Status::Fail => weight,
        }
    };
    let score = 100_u32.saturating_sub(checks.iter().map(lost).sum());
    let status = checks.iter().map(|check| check.status).max().unwrap_or(Status::Ok);
    Report { score, status, checks }
}

fn store(figures: &Figures) -> Judging {
    let mut check = Judging::of("store");
    check.figure("ping_ms", figures.store_ping_ms);
    if let Some(error) = &figures.store_error {
        check.find(
            Status::Fail,
            error.clone(),
            "bring the store back; until then commits wait in memory, and economic answers fail after store.answer_timeout_ms",
        );
    } else if let Some(ping) = figures.store_ping_ms.filter(|ping| *ping > 250.0) {
        check.find(
            Status::Warn,
            format!("the store takes {ping:.0} ms to answer"),
            "look for what else uses its disk or its locks",
        );
    }
    check
}

fn persister(figures: &Figures) -> Judging {
    let mut check = Judging::of("persister");
    check.figure("queue_commits", figures.queue_commits as f64);
    check.figure("queue_commits_max", figures.queue_commits_max as f64);
    check.figure("durable_lag_p99_ms", figures.durable_lag_p99_ms);
    let (queue, most) = (figures.queue_commits as f64, figures.queue_commits_max as f64);
    let advice =
        "the store is down or too slow for what is played; at store.queue_commits_max new commands are refused as busy";
    check.judge_share(queue, most, [25.0, 90.0], "the persister's queue", advice);
    if let Some(lag) = figures.durable_lag_p99_ms.filter(|lag| *lag >= 500.0) {
        let status = if lag >= 5_000.0 { Status::Fail } else { Status::Warn };
        check.find(
            status,
            format!("it takes {lag:.0} ms at p99 until what was answered is durable"),
            "a faster disk for the store, or fewer players; players wait for each economic answer that long",
        );
    }
    check
}

fn worlds(figures: &Figures) -> Judging {
    let mut check = Judging::of("worlds");
    check.figure("worlds", figures.worlds.len() as f64);
    for world in &figures.worlds {
        let WorldFigures { key, stands_still, period_ms, nominal_ms, tick_p99_ms, late_percent } = world;
        check.figure(format!("{key}.tick_p99_ms"), *tick_p99_ms);
        check.figure(format!("{key}.late_percent"), *late_percent);
        check.figure(format!("{key}.period_ms"), *period_ms);
        if *stands_still {
            check.find(
                Status::Fail,
                format!("{key} does not tick"),
                "a world that failed is started anew within a second; if it stays so, the log says what it waits for",
            );
        } else if period_ms > &(nominal_ms * 1.05) {
            let status = if period_ms > &(nominal_ms * 2.0) { Status::Fail } else { Status::Warn };
            check.find(
                status,
                format!("{key} is slowed down: a tick lasts {period_ms:.0} ms instead of {nominal_ms:.0}"),
                "too much happens in one world for this machine: more cores, a lower world.tick_hz or interest radius",
            );
        } else if *late_percent >= 1.0 {
            let status = if *late_percent >= 10.0 { Status::Fail } else { Status::Warn };
            check.find(
                status,
                format!("{late_percent:.1} % of {key}'s ticks begin late"),
                "the machine is busy: look what else runs on it, and at cpu_percent",
            );
        }
    }
    check
}

fn sessions(figures: &Figures) -> Judging {
    let mut check = Judging::of("sessions");
    let (connections, most) = (figures.connections as f64, figures.connections_max as f64);
    check.figure("connections", connections);
    check.figure("connections_max", most);
    check.figure("logins_under_way", figures.logins_under_way as f64);
    check.figure("logins_limit", figures.logins_limit as f64);
    check.figure("slow_per_connection_and_minute", figures.slow_per_minute);
    let advice = "raise session.connections_max if the machine has room; further players are told to come back later";
    check.judge_share(connections, most, [80.0, 98.0], "the connections", advice);
    if figures.logins_limit > 0 && figures.logins_under_way >= figures.logins_limit {
        check.find(
            Status::Warn,
            format!("all {} places for log-ins are taken", figures.logins_limit),
            "more players want in than the machine takes in at once; they are told when to come back",
        );
    }
    if figures.connections >= 5 && figures.slow_per_minute >= 0.5 {
        check.find(
            Status::Warn,
            format!("clients are too slow {:.1} times a minute each", figures.slow_per_minute),
            "their networks or this one's are full: see bytes sent, and session.cells_bytes_per_second",
        );
    }
    check
}

fn memory(figures: &Figures) -> Judging {
    let mut check = Judging::of("memory");
    check.figure("resident_bytes", figures.resident_bytes);
    check.figure("available_bytes", figures.available_bytes);
    check.figure("resident_hour_ago_bytes", figures.resident_hour_ago_bytes);
    if let (Some(ours), Some(left)) = (figures.resident_bytes, figures.available_bytes) {
        let percent = 100.0 * left / (ours + left).max(1.0);
        if percent < 20.0 {
            let status = if percent < 5.0 { Status::Fail } else { Status::Warn };
            check.find(
                status,
                format!("the machine has {:.0} MiB left", left / 1_048_576.0),
                "lower world.players_max and store.queue_commits_max, or give the machine more memory",
            );
        }
    }
    if let (Some(now), Some(then)) = (figures.resident_bytes, figures.resident_hour_ago_bytes)
        && now > then * 1.5
        && now - then > 256.0 * 1_048_576.0
        && figures.players_hour_ago.is_some_and(|players| figures.players <= players * 1.2)
    {
        check.find(
            Status::Warn,
            format!("memory grew by {:.0} MiB in an hour without more players", (now - then) / 1_048_576.0),
            "see which actors grew (/actors), and report it with the history of rss_bytes",
        );
    }
    check
}

fn descriptors(figures: &Figures) -> Judging {
    let mut check = Judging::of("descriptors");
    check.figure("open_fds", figures.open_fds);
    check.figure("max_fds", figures.max_fds);
    if let (Some(open), Some(most)) = (figures.open_fds, figures.max_fds) {
        let advice =
            "raise the hard limit of open files (LimitNOFILE, ulimit -Hn); without a descriptor nobody can connect";
        check.judge_share(open, most, [80.0, 95.0], "the file descriptors", advice);
        if most < figures.connections_max as f64 {
            check.find(
                Status::Warn,
                format!("{most:.0} file descriptors are allowed, and {} connections", figures.connections_max),
                "raise the hard limit of open files, or lower session.connections_max to what can be",
            );
        }
    }
    check
}

fn audit(figures: &Figures) -> Judging {
    let mut check = Judging::of("audit");
    check.figure("runs", figures.audit_runs as f64);
    check.figure("differences", figures.audit_differences as f64);
    if figures.audit_differences > 0 {
        check.find(
            Status::Fail,
            format!("ledger and stored state differ in {} places", figures.audit_differences),
            "the log names each; close the doors (maintenance), run orrery audit, and do not correct anything by hand before",
        );
    }
    let overdue_ms = figures.audit_every_ms as f64 * 3.0 + 60_000.0;
    if figures.audit_every_ms == 0 {
        check.find(Status::Warn, "the books are never compared".to_owned(), "set audit.every_ms");
    } else if figures.audit_runs == 0 && figures.uptime_s * 1_000.0 > overdue_ms {
        check.find(
            Status::Warn,
            "the books have not been compared since the start".to_owned(),
            "the store does not let it read: see the log",
        );
    }
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = 1_048_576.0;

    fn world() -> WorldFigures {
        let key = "sol".to_owned();
        WorldFigures { key, period_ms: 50.0, nominal_ms: 50.0, tick_p99_ms: Some(3.0), ..WorldFigures::default() }
    }

    fn sound() -> Figures {
        Figures {
            store_ping_ms: Some(1.0),
            queue_commits: 3,
            queue_commits_max: 1_000,
            durable_lag_p99_ms: Some(9.0),
            worlds: vec![world()],
            connections: 100,
            connections_max: 1_000,
            logins_under_way: 1,
            logins_limit: 64,
            resident_bytes: Some(200.0 * MIB),
            available_bytes: Some(2_000.0 * MIB),
            players: 100.0,
            open_fds: Some(150.0),
            max_fds: Some(4_096.0),
            audit_every_ms: 30_000,
            audit_runs: 4,
            uptime_s: 300.0,
            ..Figures::default()
        }
    }

    /// Whose status is how, of those that are not in order; and the score.
    fn judged(change: impl FnOnce(&mut Figures)) -> (Vec<(&'static str, Status)>, u32) {
        let mut figures = sound();
        change(&mut figures);
        let report = judge(&figures);
        for check in &report.checks {
            assert_eq!(check.findings.len(), check.advice.len(), "{check:?}");
            assert_eq!(check.findings.is_empty(), check.status == Status::Ok, "{check:?}");
        }
        let bad = report.checks.iter().filter(|check| check.status != Status::Ok);
        (bad.map(|check| (check.name, check.status)).collect(), report.score)
    }

    #[test]
    fn a_sound_server_has_a_hundred_points() {
        assert_eq!(judged(|_| ()), (vec![], 100));
        assert_eq!(judge(&sound()).status, Status::Ok);
        assert_eq!(WEIGHTS.iter().map(|(_, weight)| weight).sum::<u32>(), 100);
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        use Status::{Fail, Warn};
        type Change = fn(&mut Figures);
        let faults: [(Change, &str, Status); 19] = [
            (|it| it.store_error = Some("gone".to_owned()), "store", Fail),
            (|it| it.store_ping_ms = Some(300.0), "store", Warn),
            (|it| it.queue_commits = 300, "persister", Warn),
            (|it| it.queue_commits = 1_000, "persister", Fail),
            (|it| it.durable_lag_p99_ms = Some(900.0), "persister", Warn),
            (|it| it.durable_lag_p99_ms = Some(10_000.0), "persister", Fail),
            (|it| it.worlds[0].stands_still = true, "worlds", Fail),
            (|it| it.worlds[0].period_ms = 60.0, "worlds", Warn),
            (|it| it.worlds[0].period_ms = 500.0, "worlds", Fail),
            (|it| it.worlds[0].late_percent = 2.0, "worlds", Warn),
            (|it| it.connections = 990, "sessions", Fail),
            (|it| it.logins_under_way = 64, "sessions", Warn),
            (|it| it.slow_per_minute = 3.0, "sessions", Warn),
            (|it| it.available_bytes = Some(40.0 * MIB), "memory", Warn),
            (|it| it.available_bytes = Some(4.0 * MIB), "memory", Fail),
            (|it| it.open_fds = Some(3_500.0), "descriptors", Warn),
            (|it| it.max_fds = Some(900.0), "descriptors", Warn),
            (|it| it.audit_differences = 1, "audit", Fail),
            (|it| it.audit_every_ms = 0, "audit", Warn),
        ];
        for (number, (change, name, status)) in faults.into_iter().enumerate() {
            let (bad, score) = judged(change);
            assert_eq!(bad, [(name, status)], "fault {number}");
            assert!(score < 100, "fault {number}");
        }
    }

    #[test]
    fn memory_may_grow_with_the_players() {
        let grown = |figures: &mut Figures, players| {
            figures.resident_bytes = Some(900.0 * MIB);
            figures.resident_hour_ago_bytes = Some(200.0 * MIB);
            figures.players_hour_ago = Some(players);
        };
        assert_eq!(judged(|figures| grown(figures, 10.0)).0, []);
        assert_eq!(judged(|figures| grown(figures, 100.0)).0, [("memory", Status::Warn)]);
    }

    #[test]
    fn an_audit_may_take_its_time_after_the_start() {
        let early = |figures: &mut Figures| (figures.audit_runs, figures.uptime_s) = (0, 20.0);
        assert_eq!(judged(early).0, []);
        assert_eq!(judged(|figures| figures.audit_runs = 0).0, [("audit", Status::Warn)]);
    }

    #[test]
    fn the_score_is_what_is_left_of_the_weights() {
        let down = |figures: &mut Figures| {
            figures.store_error = Some("gone".to_owned());
            figures.queue_commits = 300;
        };
        assert_eq!(judged(down).1, 100 - 25 - 7);
    }
}
