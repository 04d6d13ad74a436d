//! Each fault is found where it is, and what is in order is left alone.

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
