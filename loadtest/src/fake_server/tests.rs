//! The swarm against the fake server: an honest one is found honest, every lie is noticed.

use std::time::Duration;

use orrery_core::catalog::Catalog;
use orrery_core::protocol::Encoding;
use serde_json::json;

use super::{Lie, catalog, options_for, start};
use crate::ramp::RampOptions;
use crate::ramp::search::Ending;
use crate::report::Report;
use crate::report::merge::merge;
use crate::scenario::Scenario;
use crate::swarm::Options;
use crate::timeline::Phase;

/// Runs a swarm against a server that lies this way.
fn run_against(lie: Lie, change: impl FnOnce(&mut Options)) -> Report {
    let mut options = options_for(&start(lie));
    change(&mut options);
    crate::swarm::run(options).unwrap()
}

/// The first second of the measured window.
fn window_begins(report: &Report) -> u64 {
    report.timeline.iter().find(|second| second.phase == Phase::Window).unwrap().at
}

#[test]
fn two_processes_fly_all_bots_once_and_measure_the_same_window() {
    let address = start(Lie::None);
    let start_at = crate::swarm::now_ms() / 1000 + 3;
    let fly = |share: &str| {
        let (address, share) = (address.clone(), share.parse().unwrap());
        std::thread::spawn(move || {
            let all = options_for(&address);
            crate::swarm::run(Options { share, start_at: Some(start_at), ..all }).unwrap()
        })
    };
    let parts = [fly("1/2"), fly("2/2")].map(|flying| flying.join().unwrap());
    assert_eq!(parts.each_ref().map(|part| (part.bots, part.window.connected)), [(15, 15), (15, 15)]);
    assert!(parts.iter().all(|part| (start_at..=start_at + 2).contains(&window_begins(part))));
    let merged = merge(&parts).unwrap();
    assert_eq!((merged.bots, merged.window.connected, merged.violations), (30, 30, 0), "{merged}");
    assert_eq!(merged.counts, parts[0].counts.plus(&parts[1].counts));
    assert_eq!(merged.ack.count, parts[0].ack.count + parts[1].ack.count);
    let flying = merged.timeline.iter().map(|second| second.connected).max();
    assert_eq!(flying, Some(30));
    let received: u64 = merged.timeline.iter().map(|second| second.counts.bytes).sum();
    assert!(received > 0 && received <= merged.counts.bytes, "{received} of {} bytes", merged.counts.bytes);
}

#[test]
fn a_population_grows_and_shrinks_to_the_limit() {
    let options = Options { scenario: Scenario::load("fly").unwrap(), ..options_for(&start(Lie::None)) };
    let ramp = RampOptions {
        objectives: vec!["connected<=5".parse().unwrap()],
        from: 4,
        to: 6,
        step_duration: Duration::from_secs(1),
        precision_percent: 5.0,
    };
    let report = crate::ramp::run(options, &ramp).unwrap();
    let limit = report.limit.clone().unwrap();
    let tried: Vec<(usize, u64)> = limit.steps.iter().map(|step| (step.bots, step.connected)).collect();
    assert_eq!(tried, [(4, 4), (6, 6), (6, 6), (5, 5)]);
    assert_eq!((limit.largest, limit.broken_at, limit.ending), (Some(5), Some(6), Ending::Found));
    // The report is about the largest population that met the objective; everybody's books were settled.
    assert_eq!((report.bots, report.window.connected, report.violations), (5, 5, 0), "{report}");
    assert!(report.counts.accounts_verified >= 6, "{report}");
}

#[test]
fn the_fake_catalogue_is_a_catalogue() {
    let read: Catalog = serde_json::from_value(catalog()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap()["start"], catalog()["start"]);
}

#[test]
fn an_honest_server_is_found_honest() {
    for encoding in [Encoding::MessagePack, Encoding::Json] {
        let report = run_against(Lie::None, |options| {
            options.encoding = encoding;
            options.threads = 2;
            options.scenario.weights.insert(crate::scenario::Role::Reconnect, 30);
        });
        assert_eq!(report.first_violations, Vec::<String>::new(), "{report}");
        let counts = report.counts;
        assert_eq!((counts.accounts_verified, counts.accounts_unverified, counts.disconnects), (30, 0, 0), "{report}");
        assert!(counts.acknowledged > 20 && counts.resumed > 0 && counts.not_resumed == 0, "{report}");
        assert!(counts.positions_compared > 20 && counts.courses_compared > 20, "{report}");
        assert!(report.seen.count > 50, "{report}");
    }
}

#[test]
fn a_server_without_an_economy_refuses_and_that_leaves_no_trace() {
    let report = run_against(Lie::None, |options| {
        let economy = Scenario::load("economy").unwrap();
        options.scenario = Scenario { pause_ms: 150, ..economy };
    });
    assert_eq!((report.first_violations.clone(), report.counts.accounts_verified), (vec![], 30), "{report}");
    assert!(report.codes["disabled"] > 50 && report.counts.acknowledged > 20, "{report}");
}

#[test]
fn every_lie_is_noticed() {
    let lies = [
        (Lie::Places, " sees ship "),
        (Lie::Credits, "status says"),
        (Lie::Numbers, "reliable message"),
        (Lie::Objects, "collected twice"),
        (Lie::Repeats, "and when repeated"),
        (Lie::Resume, "not resumed"),
    ];
    std::thread::scope(|scope| {
        for (lie, expected) in lies {
            scope.spawn(move || {
                let report = run_against(lie, |options| {
                    options.scenario.weights.insert(crate::scenario::Role::Reconnect, 30);
                });
                assert!(report.first_violations.iter().any(|text| text.contains(expected)), "{lie:?}: {report}");
            });
        }
    });
}

#[test]
fn unknown_outcomes_are_settled_by_repeating_the_command() {
    let report = run_against(Lie::Store, |_| {});
    assert_eq!((report.violations, report.counts.accounts_verified), (0, 30), "{report}");
    assert!(report.codes["storage_unavailable"] > 0 && report.counts.acknowledged > 0, "{report}");
}

#[test]
fn neighbours_count_and_see_each_other() {
    let report = run_against(Lie::None, |options| {
        options.neighbours = true;
        options.bots = 60;
    });
    assert_eq!((report.violations, report.window.connected), (0, 60), "{report}");
    let frames = report.window.counts.frames as f64 / (60.0 * report.window.seconds);
    assert!((15.0..25.0).contains(&frames), "{frames} frames per member and second\n{report}");
    assert!(report.seen.count > 100 && report.neighbours.unwrap().density > 10.0, "{report}");
}

#[test]
fn a_swarm_survives_its_server_and_has_logged_what_it_sent() {
    let folder = std::env::temp_dir().join(format!("loadtest-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("acks.jsonl");
    let report = run_against(Lie::Dies, |options| {
        options.until_disconnect = true;
        options.acks = Some(path.clone());
        options.duration = Duration::from_secs(60);
    });
    let log = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(report.window.seconds < 10.0 && report.violations == 0, "{report}");
    let export = serde_json::from_value(json!({"players": []})).unwrap();
    let outcome = crate::check_acks::check(&log, &export).unwrap();
    // A store that lost everybody is found out, one by one.
    assert_eq!((outcome.players, outcome.differences.len()), (30, 30));
    assert!(log.lines().filter(|line| line.contains("\"ok\":true")).count() as u64 >= report.counts.acknowledged);
}

#[test]
fn bundled_bots_play_until_they_are_stopped_and_survive_a_dead_server() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for lie in [Lie::None, Lie::Dies] {
        let begun = std::time::Instant::now();
        runtime.block_on(async {
            crate::fly_bundled(start(lie), 10, 1, tokio::time::sleep(Duration::from_secs(3))).await;
        });
        assert!(begun.elapsed() < Duration::from_secs(7), "{lie:?}");
    }
}
