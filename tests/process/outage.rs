//! PostgreSQL goes away for a while under players: the world keeps moving, nobody is disconnected, nothing that was
//! answered is lost, and the server gets over it by itself.

use std::time::{Duration, Instant};

use loadtest::flight::Flight;
use tokio::time::sleep;

use crate::postgres::Cluster;
use crate::server::{Home, PATIENCE, Server};
use crate::swarm;

const WORLDS: f64 = 3.0;
const TICK_HZ: f64 = 20.0;
/// Of the ticks that are due during the outage, so many per cent must come; the rest is the test machine's.
const TICKS_PERCENT_MIN: f64 = 95.0;
const POLL: Duration = Duration::from_millis(100);

#[tokio::test]
async fn players_fly_on_while_the_store_is_away_and_nothing_is_lost() {
    let Some(cluster) = Cluster::new() else { return };
    let _turn = swarm::TURN.lock().await;
    let (bots, length) = (from_env("ORRERY_OUTAGE_BOTS", 50), from_env("ORRERY_OUTAGE_SECONDS", 10));
    let home = Home::on(&cluster.create_database().await).with("store.answer_timeout_ms", 2_000);
    let acks = home.path("acks.jsonl");
    let server = home.start_server();
    let flight = swarm::send_traders(&server, bots, 3, &acks).await;
    flight.wait_for_all().await.unwrap();
    wait_for_acknowledgements(&flight, bots as u64 / 2).await;

    let before = Moment::of(&server, &flight).await;
    cluster.stop_immediate();
    let stopped = Instant::now();
    let not_ready = server.wait_until_readiness_is(503).await;
    let reason = not_ready["checks"][0].clone();
    assert_eq!((&reason["name"], &reason["ok"]), (&"store".into(), &false.into()), "{not_ready}");
    assert!(!reason["detail"].as_str().unwrap().is_empty(), "{not_ready}");
    while stopped.elapsed() < Duration::from_secs(length as u64) {
        assert_eq!(server.readiness().await.0, 503);
        sleep(POLL).await;
    }
    let during = Moment::of(&server, &flight).await;
    cluster.start();
    let started = Instant::now();
    server.wait_until_readiness_is(200).await;
    let waiting = server.wait_for_metric("orrery_queue_commits", |waiting| waiting < 10.0).await;
    eprintln!("{during:?} after {before:?}; ready again after {:?} with {waiting} commits waiting", started.elapsed());
    check_outage(&before, &during);

    let acknowledged = flight.swarm().stats.counts().acknowledged;
    wait_for_acknowledgements(&flight, acknowledged + bots as u64).await;
    assert_eq!(flight.swarm().stats.counts().disconnects, 0, "somebody was disconnected");
    swarm::settle(flight).await;
    let outcome = swarm::judge(&acks, &home.export(), "after the outage");
    assert_eq!(outcome.unanswered, 0);
    eprintln!("{outcome:?}");
}

fn from_env(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |value| value.parse().expect(name))
}

async fn wait_for_acknowledgements(flight: &Flight, count: u64) {
    let begun = Instant::now();
    while flight.swarm().stats.counts().acknowledged < count {
        assert!(begun.elapsed() < PATIENCE, "nothing is acknowledged: {:?}", flight.swarm().stats.codes());
        sleep(POLL).await;
    }
}

/// What server and bots have counted by a moment.
#[derive(Debug)]
struct Moment {
    at: Instant,
    ticks: f64,
    late: f64,
    overruns: f64,
    updates: u64,
    disconnects: u64,
    store_failures: u64,
}

impl Moment {
    async fn of(server: &Server, flight: &Flight) -> Self {
        let counts = flight.swarm().stats.counts();
        let codes = flight.swarm().stats.codes();
        Self {
            at: Instant::now(),
            ticks: server.metric("orrery_ticks_total").await,
            late: server.metric("orrery_ticks_late_total").await,
            overruns: server.metric("orrery_tick_overruns_total").await,
            updates: counts.updates,
            disconnects: counts.disconnects,
            store_failures: codes.get("storage_unavailable").copied().unwrap_or(0),
        }
    }
}

fn check_outage(before: &Moment, during: &Moment) {
    let due = (during.at - before.at).as_secs_f64() * TICK_HZ * WORLDS;
    let on_time = (during.ticks - before.ticks) - (during.late - before.late);
    eprintln!(
        "{:.1} % of the ticks came on time ({:.0} late, {:.0} overruns); {} updates, {} storage_unavailable",
        100.0 * on_time / due,
        during.late - before.late,
        during.overruns - before.overruns,
        during.updates - before.updates,
        during.store_failures - before.store_failures
    );
    assert!(on_time / due * 100.0 > TICKS_PERCENT_MIN, "the worlds do not keep time: {on_time} of {due} ticks");
    assert_eq!(during.disconnects, before.disconnects, "somebody was disconnected");
    assert!(during.updates > before.updates, "nothing moves");
    assert!(during.store_failures > before.store_failures, "economic commands say nothing of the store");
}
