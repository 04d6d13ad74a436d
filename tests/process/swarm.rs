//! Swarms for these tests, and the judgement on what they were told.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use loadtest::acks::Line;
use loadtest::check_acks;
use loadtest::flight::Flight;
use loadtest::floor::tape::Taping;
use loadtest::scenario::{Role, Scenario};
use loadtest::share::Share;
use loadtest::swarm::Options;
use orrery::protocol::Encoding;
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::server::{Exported, PATIENCE, Server};

/// Swarms take turns: two at once would measure each other.
pub static TURN: Mutex<()> = Mutex::const_new(());

/// A swarm that collects, sells and researches, on its way.
pub async fn send_traders(server: &Server, bots: usize, seed: u64, acks: &Path) -> Flight {
    let weights = BTreeMap::from([(Role::Trade, 5), (Role::Collect, 2), (Role::Research, 2), (Role::Jump, 1)]);
    let about = "Everything that moves goods or credits".to_owned();
    send(server, bots, seed, acks, Scenario { about, pause_ms: 250, registered_share: 0.0, weights }).await
}

/// A swarm that plays the whole economy, on its way.
pub async fn send_economy(server: &Server, bots: usize, seed: u64, acks: &Path) -> Flight {
    let mut scenario = Scenario { pause_ms: 500, ..Scenario::load("economy").unwrap() };
    // Who loses the connection on purpose demands the session back, which a killed server cannot give.
    scenario.weights.remove(&Role::Reconnect);
    send(server, bots, seed, acks, scenario).await
}

async fn send(server: &Server, bots: usize, seed: u64, acks: &Path, scenario: Scenario) -> Flight {
    let options = Options {
        server: server.url(),
        bots,
        duration: Duration::MAX,
        scenario,
        seed,
        encoding: Encoding::MessagePack,
        ramp_per_second: 200,
        acks: Some(acks.to_owned()),
        until_disconnect: false,
        server_pid: None,
        threads: 1,
        progress: false,
        neighbours: false,
        taping: Taping::Off,
        share: Share::default(),
        start_at: None,
    };
    Flight::begin(options).await.unwrap()
}

/// Fails unless the store holds what the log says was answered, once.
pub fn judge(acks: &Path, exported: &Exported, when: &str) -> check_acks::Outcome {
    let outcome = check_acks::check(&std::fs::read_to_string(acks).unwrap(), &exported.compared).unwrap();
    let first: Vec<_> = outcome.differences.iter().take(10).collect();
    assert!(first.is_empty(), "{when}: {} differences, the first of them: {first:#?}", outcome.differences.len());
    outcome
}

/// Returns when the bots have read all there was; what they have not read by then they never will.
pub async fn wait_until_nobody_is_connected(flight: &Flight) {
    let begun = Instant::now();
    while flight.swarm().stats.connected() > 0 {
        assert!(begun.elapsed() < PATIENCE, "bots stay connected to a server that ended");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Settles a swarm's books; nothing that its bots saw may break a promise.
pub async fn settle(flight: Flight) {
    let bots = flight.swarm().options.bots as u64;
    flight.wait_for_all().await.unwrap();
    let report = flight.end().await.unwrap();
    assert_eq!((report.violations, report.first_violations), (0, vec![]), "promises broken");
    assert_eq!((report.counts.accounts_verified, report.counts.lost_players), (bots, 0), "{:?}", report.codes);
}

/// The lines of a log.
pub fn read_log(acks: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(acks).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
