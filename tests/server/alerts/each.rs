//! Every rule by itself: series under which it fires and no other does, and a sound server under which none does.

use std::collections::BTreeSet;

use super::promtool::{Firing, RULES, promtool};

/// Labels that every series has.
const AT: &str = r#"job="orrery",instance="a""#;

/// A rule, a time, and series that it fires under then.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// In Prometheus' notation: `1+2x3` is 1 3 5 7, `_` is nothing.
const CASES: &[Case] = &[
    ("OrreryDown", "45s", &[("up", "0x40")]),
    ("OrreryAbsent", "3m", &[("orrery_store_up", "1x60")]),
    ("OrreryRestarting", "4m", &[("process_start_time_seconds", "100x10 200x10 300x10 400x10")]),
    ("OrreryStoreDown", "30s", &[("orrery_store_up", "1 0x40")]),
    ("OrreryStoreErrors", "5m", &[("orrery_store_errors_total", "0+1x60")]),
    (
        "OrreryDurableLag",
        "3m",
        &[
            (r#"orrery_durable_lag_seconds_bucket{le="0.5"}"#, "0+1x60"),
            (r#"orrery_durable_lag_seconds_bucket{le="2.0"}"#, "0+9x60"),
            (r#"orrery_durable_lag_seconds_bucket{le="+Inf"}"#, "0+9x60"),
        ],
    ),
    ("OrreryQueueGrowing", "4m", &[("orrery_queue_commits", "0+100x60")]),
    ("OrreryOutboxGrowing", "12m", &[("orrery_outbox_rows", "1000+10x200")]),
    (
        "OrreryTicksLate",
        "4m",
        &[(r#"orrery_ticks_total{world="sol"}"#, "0+100x60"), (r#"orrery_ticks_late_total{world="sol"}"#, "0+20x60")],
    ),
    ("OrreryWorldStands", "3m", &[(r#"orrery_ticks_total{world="sol"}"#, "0+100x6 600x60")]),
    (
        "OrreryTicksDilated",
        "3m",
        &[(r#"orrery_tick_period_seconds{world="sol"}"#, "0.1x60"), ("orrery_tick_hz", "20x60")],
    ),
    (
        "OrreryTickOverruns",
        "4m",
        &[
            (r#"orrery_ticks_total{world="sol"}"#, "0+100x60"),
            (r#"orrery_tick_overruns_total{world="sol"}"#, "0+20x60"),
        ],
    ),
    ("OrreryActorPanic", "2m", &[(r#"orrery_actor_panics_total{kind="player"}"#, "_x10 1x60")]),
    ("OrreryActorPanic", "20m", &[(r#"orrery_actor_panics_total{kind="world"}"#, "3x200 4x60")]),
    ("OrreryAuditDifference", "30s", &[("orrery_audit_differences", "0 1x40")]),
    ("OrreryAuditOverdue", "31m", &[("orrery_audit_runs_total", "7x400")]),
    ("OrrerySlowClients", "6m", &[("orrery_slow_clients_total", "0+1x100"), ("orrery_connections", "100x100")]),
    ("OrreryClientsCutOff", "7m", &[(r#"orrery_closes_total{reason="4008"}"#, "0+1x100")]),
    ("OrreryLoginsShed", "5m", &[(r#"orrery_logins_shed_total{reason="log_in"}"#, "0+2x60")]),
    ("OrreryEntitiesOutsideRadius", "2m", &[("orrery_entities_outside_radius_total", "0x10 3x60")]),
    ("OrreryDescriptorsNearLimit", "2m", &[("process_open_fds", "900x40"), ("process_max_fds", "1000x40")]),
    (
        "OrreryMemoryGrowth",
        "76m",
        &[("process_resident_memory_bytes", "200000000x720 800000000x200"), ("orrery_sessions", "10x920")],
    ),
    ("OrreryConsoleLockedOut", "2m", &[("orrery_console_lockouts_total", "0x10 1x60")]),
    ("OrreryErrors", "5m", &[("orrery_log_errors_total", "0+1x60")]),
    ("OrreryTracesLost", "9m", &[("orrery_trace_exports_failed_total", "0+1x120")]),
];

/// More players, a few errors and slow clients, a restart, a busy hour: nothing to wake anybody for.
const SOUND: &[(&str, &str)] = &[
    ("up", "1x1000"),
    ("process_start_time_seconds", "100x500 200x500"),
    ("orrery_store_up", "1x1000"),
    ("orrery_store_errors_total", "0x400 3x600"),
    (r#"orrery_durable_lag_seconds_bucket{le="0.1"}"#, "0+99x1000"),
    (r#"orrery_durable_lag_seconds_bucket{le="0.5"}"#, "0+100x1000"),
    (r#"orrery_durable_lag_seconds_bucket{le="+Inf"}"#, "0+100x1000"),
    ("orrery_queue_commits", "900x500 2000-1x500"),
    ("orrery_outbox_rows", "40x1000"),
    (r#"orrery_ticks_total{world="sol"}"#, "0+100x1000"),
    (r#"orrery_ticks_late_total{world="sol"}"#, "0+1x1000"),
    (r#"orrery_tick_overruns_total{world="sol"}"#, "0+1x1000"),
    (r#"orrery_tick_period_seconds{world="sol"}"#, "0.05x1000"),
    ("orrery_tick_hz", "20x1000"),
    ("orrery_audit_differences", "0x1000"),
    ("orrery_audit_runs_total", "0+1x1000"),
    ("orrery_slow_clients_total", "0x400 20x600"),
    ("orrery_connections", "300x1000"),
    ("orrery_sessions", "100x500 300x500"),
    (r#"orrery_closes_total{reason="4008"}"#, "0x400 5x600"),
    (r#"orrery_logins_shed_total{reason="log_in"}"#, "0x400 9x600"),
    ("orrery_entities_outside_radius_total", "0x1000"),
    ("process_open_fds", "400x1000"),
    ("process_max_fds", "1000x1000"),
    ("process_resident_memory_bytes", "200000000x500 600000000x500"),
    ("orrery_console_lockouts_total", "0x1000"),
    ("orrery_log_errors_total", "0x400 5x600"),
    ("orrery_trace_exports_failed_total", "0x400 2x600"),
];

fn labelled(series: &[(&str, &str)]) -> Vec<(String, String)> {
    let with_labels = |name: &str| match name.split_once('{') {
        Some((name, labels)) => format!("{name}{{{AT},{labels}"),
        None => format!("{name}{{{AT}}}"),
    };
    series.iter().map(|(name, values)| (with_labels(name), (*values).to_owned())).collect()
}

#[test]
fn every_rule_fires_under_its_condition_and_no_other_does() {
    let Some(promtool) = promtool() else { return };
    for (alert, at, series) in CASES {
        let mut all = labelled(series);
        // Whatever else is wrong, Prometheus reaches the server.
        if !["OrreryDown", "OrreryAbsent"].contains(alert) {
            all.push((format!("up{{{AT}}}"), "1x1000".to_owned()));
        }
        Firing::over(all).only(at, &[alert]).hold(promtool, alert);
    }
}

#[test]
fn a_sound_server_fires_nothing() {
    let Some(promtool) = promtool() else { return };
    let times = ["1m", "10m", "34m", "36m", "42m", "45m", "60m", "75m"];
    times.iter().fold(Firing::over(labelled(SOUND)), |firing, at| firing.only(at, &[])).hold(promtool, "sound");
}

#[test]
fn every_rule_has_a_case_and_says_what_to_do() {
    let rules = std::fs::read_to_string(RULES).unwrap();
    let values = |key: &str| rules.lines().filter(|line| line.trim_start().starts_with(key)).count();
    let alerts: BTreeSet<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let cases: BTreeSet<&str> = CASES.iter().map(|(alert, ..)| *alert).collect();
    assert_eq!(alerts, cases);
    for key in ["labels: { severity: ", "summary: ", "advice: "] {
        assert_eq!(values(key), alerts.len(), "{key}");
    }
}
