//! What operators see of the machine: overview and history, logs, settings, content.

use serde_json::json;

use crate::operator::{Operator, server};
use crate::support::{Player, command, until};

const FIGURES: [&str; 12] = [
    "players_online",
    "connections",
    "players_in_memory",
    "ticks_on_time_percent",
    "worst_tick_p99_ms",
    "durable_lag_p99_ms",
    "commits_per_s",
    "errors_per_s",
    "money_supply_credits",
    "cpu_percent",
    "rss_bytes",
    "open_fds",
];

#[test]
fn the_overview_tells_what_is_and_the_history_what_was() {
    let server = server(&[]);
    let ada = Operator::admin(&server);
    let mut player = Player::guest(&server);
    player.command(command::status()).unwrap();
    until("ten seconds are measured", || {
        let now = ada.get("/overview").well();
        assert_eq!(now["players_online"], 1);
        FIGURES.iter().all(|figure| now[figure].is_number())
    });
    let now = ada.get("/overview").well();
    assert!(now["ticks_on_time_percent"].as_f64().unwrap() > 0.0 && now["rss_bytes"].as_u64().unwrap() > 1 << 20);
    assert_eq!(now["version"], env!("CARGO_PKG_VERSION"));
    assert!(now["health"]["score"].as_u64().unwrap() <= 100);

    let history = ada.get("/overview/history").well();
    assert_eq!(history["step_ms"], 1_000);
    let lengths: Vec<usize> = FIGURES.iter().map(|name| history["series"][name].as_array().unwrap().len()).collect();
    assert!(lengths[0] > 0 && lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    let online = history["series"]["players_online"].as_array().unwrap();
    assert!(online.iter().any(|value| *value == json!(1.0)), "{online:?}");
    assert_eq!(ada.get("/overview/history?span=24h").well()["step_ms"], 60_000);
    assert_eq!(ada.get("/overview/history?span=2h").problem().0, 400);
}

#[test]
fn the_money_supply_is_as_of_a_time_and_nothing_before_it_was_counted() {
    let counting = server(&[("audit.every_ms", "50")]);
    let ada = Operator::admin(&counting);
    Player::guest(&counting);
    until("a guest's credits are counted", || ada.get("/overview").well()["money_supply_credits"].as_i64() > Some(0));
    let now = ada.get("/overview").well();
    let (as_of, at) = (now["money_supply_as_of_ms"].as_u64().unwrap(), now["now_ms"].as_u64().unwrap());
    assert!(as_of <= at && at - as_of < 60_000, "{now}");

    let never = server(&[("audit.every_ms", "0")]);
    let ada = Operator::admin(&never);
    Player::guest(&never);
    let series = || ada.get("/overview/history").well()["series"].clone();
    until("the history begins", || series()["players_online"].as_array().unwrap().iter().any(|one| *one == 1.0));
    let now = ada.get("/overview").well();
    assert_eq!((&now["money_supply_credits"], &now["money_supply_as_of_ms"]), (&json!(null), &json!(null)));
    assert!(series()["money_supply_credits"].as_array().unwrap().iter().all(serde_json::Value::is_null));
}

#[test]
fn logs_are_followed_filtered_and_found_by_trace() {
    let server = server(&[("log.filter", "orrery=debug,info"), ("telemetry.trace_per_mille", "1000")]);
    let ada = Operator::admin(&server);
    let before = ada.get("/logs?limit=1").well()["last"].as_u64().unwrap();
    let mut player = Player::guest(&server);
    let object = player.objects()[0];
    player.command(command::collect(object)).unwrap();

    let since = ada.get(&format!("/logs?after={before}&limit=1000")).well();
    let items = since["items"].as_array().unwrap();
    let seqs: Vec<u64> = items.iter().map(|item| item["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted() && seqs.iter().all(|seq| *seq > before));
    let decided = items.iter().find(|item| item["message"] == "a command is decided").expect("no such line");
    assert_eq!(decided["fields"]["applied"], true);
    let trace = decided["trace"].as_str().unwrap();
    assert_eq!(trace.len(), 32);

    let of =
        |query: &str| ada.get(&format!("/logs?after={before}&{query}")).well()["items"].as_array().unwrap().clone();
    assert!(of(&format!("trace={trace}")).iter().all(|item| item["trace"] == trace));
    assert!(!of("text=COMMAND%20IS%20decided").is_empty());
    assert!(
        of("target=orrery::gateway").iter().all(|item| item["target"].as_str().unwrap().starts_with("orrery::gateway"))
    );
    assert!(of("level=info").iter().all(|item| item["level"] != "debug"));
    assert!(of("trace=00").is_empty());
    assert_eq!(ada.get("/logs?level=loud&after=x").problem().0, 400);
    let token = player.welcome.account.unwrap().access_token;
    let all = ada.get("/logs?limit=1000").text;
    assert!(!all.contains(&token) && !all.contains(crate::operator::PASSWORD));
}

#[test]
fn settings_come_with_their_sources_and_without_secrets() {
    let secret = "hunter2-hunter2-hunter2-hunter2-hunter2";
    let server = server(&[("auth.secret", secret), ("world.tick_hz", "30")]);
    let ada = Operator::admin(&server);
    let answer = ada.get("/config");
    assert!(!answer.text.contains("hunter2") && !answer.text.contains(crate::operator::PASSWORD));
    let items = answer.well();
    let of = |key: &str| items["items"].as_array().unwrap().iter().find(|item| item["key"] == key).unwrap().clone();
    let expected = json!({
        "key": "world.tick_hz", "value": 30, "default": 20, "source": "ORRERY_WORLD__TICK_HZ",
        "unit_and_range": "Ticks per second. 1 to 60.",
    });
    assert_eq!(of("world.tick_hz"), expected);
    assert_eq!(
        (of("auth.secret")["value"].clone(), of("world.seed")["source"].clone()),
        (json!("***"), json!("config/orrery.toml"))
    );
}

#[test]
fn content_is_counted_listed_and_kept_by_those_who_have_it() {
    let server = server(&[]);
    let ada = Operator::admin(&server);
    let counts = ada.get("/content").well()["counts"].clone();
    for (kind, count) in counts.as_object().unwrap() {
        let answer = ada.get(&format!("/content/{kind}"));
        let tag = answer.header("etag").to_owned();
        assert_eq!(json!(answer.well()["items"].as_array().unwrap().len()), *count, "{kind}");
        let again = Operator::send(ada.request("GET", &format!("/content/{kind}")).header("if-none-match", tag));
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{kind}");
    }
    assert_eq!(ada.get("/content/players").problem(), (404, "not_found".to_owned()));
}
