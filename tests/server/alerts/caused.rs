//! Rules under conditions that are really caused: what the server exports before and after is what they are given.

use std::collections::{BTreeMap, BTreeSet};

use super::promtool::{Firing, promtool};
use orrery::protocol::ClientMessage;
use orrery::protocol::client_message::DebugPanic;

use crate::postgres::{self, Cluster, execute};
use crate::support::{Player, Server, command, until};
use crate::ws_slow::{Neighbours, SETTINGS, small_guests};

/// How many values the series have before the condition, and after it.
const STEPS_BEFORE: usize = 12;
const STEPS_AFTER: usize = 24;

/// A server's exported values at one moment, by series.
type Scrape = BTreeMap<String, f64>;

fn scrape(server: &Server) -> Scrape {
    let text = server.http().get("/metrics").text();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(series, value)| (labelled(series), value.parse().unwrap()))
        .collect()
}

/// As Prometheus stores it.
fn labelled(series: &str) -> String {
    let at = r#"job="orrery",instance="a""#;
    match series.split_once('{') {
        Some((name, labels)) => format!("{name}{{{at},{labels}"),
        None => format!("{series}{{{at}}}"),
    }
}

/// The alert does not fire at the end of what was before, and fires when what came after has lasted two minutes.
fn fires_from_then_on(alert: &str, before: &Scrape, after: &Scrape) {
    let Some(promtool) = promtool() else { return };
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let text = |scrape: &Scrape, name: &str| scrape.get(name).map_or("_".to_owned(), f64::to_string);
    let values = |name: &str| {
        let [before, after] = [text(before, name), text(after, name)];
        let steps = std::iter::repeat_n(before, STEPS_BEFORE).chain(std::iter::repeat_n(after, STEPS_AFTER));
        steps.collect::<Vec<_>>().join(" ")
    };
    let series = names.into_iter().map(|name| (name.clone(), values(name)));
    let up = ("up{job=\"orrery\",instance=\"a\"}".to_owned(), "1x100".to_owned());
    Firing::over(series.chain([up])).one("55s", alert, false).one("175s", alert, true).hold(promtool, alert);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_goes_down() {
    let Some(cluster) = Cluster::new() else { return };
    let url = cluster.create_database().await;
    tokio::task::block_in_place(|| {
        let server = Server::with(&[("store.url", &url), ("world.position_flush_ms", "100")]);
        let mut player = Player::guest(&server);
        server.until_metric("orrery_store_up ", 1.0);
        let before = scrape(&server);
        cluster.stop_immediate();
        player.send(command::fly_to(1_100, 1_100), None);
        server.until_metric("orrery_store_up ", 0.0);
        fires_from_then_on("OrreryStoreDown", &before, &scrape(&server));
    });
}

#[test]
fn an_actor_that_panics() {
    let server = Server::with(&[("debug.commands", "true")]);
    let mut player = Player::guest(&server);
    let before = scrape(&server);
    player.send(ClientMessage::DebugPanic(DebugPanic::default()), None);
    server.until_metric("orrery_actor_panics_total{kind=\"player\"}", 1.0);
    fires_from_then_on("OrreryActorPanic", &before, &scrape(&server));
}

#[tokio::test(flavor = "multi_thread")]
async fn books_that_do_not_balance() {
    let Some(cluster) = postgres::shared() else { return };
    let url = cluster.create_database().await;
    let server = tokio::task::block_in_place(|| {
        let server = Server::with(&[("store.url", &url), ("audit.every_ms", "50")]);
        Player::guest(&server);
        until("the first audit", || server.metric("orrery_money_supply_credits ") > 0.0);
        server
    });
    let before = tokio::task::block_in_place(|| scrape(&server));
    let rob = "UPDATE player SET doc = jsonb_set(doc::jsonb, '{credits}', to_jsonb((doc ->> 'credits')::bigint - 1))";
    execute(&url, rob).await;
    tokio::task::block_in_place(|| {
        server.until_metric("orrery_audit_differences ", 1.0);
        fires_from_then_on("OrreryAuditDifference", &before, &scrape(&server));
    });
}

#[test]
fn clients_that_do_not_read() {
    let settings =
        [&SETTINGS[..], &[("session.cells_bytes_max", "16384"), ("session.slow_limit_ms", "600000")]].concat();
    let server = Server::with(&settings);
    let neighbours = Neighbours::start(&server);
    let before = scrape(&server);
    let _slow = small_guests(&server, 8);
    until("their frames are dropped", || server.metric("orrery_slow_clients_total ") >= 6.0);
    let after = scrape(&server);
    neighbours.settle();
    fires_from_then_on("OrrerySlowClients", &before, &after);
}
