//! Missions as players meet them: by schedule, through their whole life, and through a crash while rewards are paid.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orrery::protocol::Encoding;
use serde_json::{Value, json};

use crate::support::arena::Arena;
use crate::support::economy::{HUB, books_agree, code, credits, without_limits};
use crate::support::player::with_token;
use crate::support::{Player, Server, command, until};

const PLAYERS: usize = 10;
const ROUNDS: u64 = 3;
/// What each gives to each mission, of what the hub sells.
const GIFT: u64 = 3;
const REWARD: u64 = 1_000;

/// One begins every eight seconds and has six; together the players complete the first of two phases.
const SPRINTS: &str = r#"
[[entry]]
key = "sprint"
name = "Sprint"
about = "Hurry."
hub = "luna_exchange"
every_seconds = 8
seconds = 6
reward = 1000
rank_permille = [200, 100]
phases = [{ needs = { coolant = 20 } }, { needs = { coolant = 1000 } }]
"#;

fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn missions(player: &mut Player, past: bool) -> Vec<Value> {
    let page = player.command(command::ask("missions", json!({ "past": past, "limit": 100 }))).unwrap();
    page["items"].as_array().unwrap().clone()
}

/// A mission that has just begun.
fn fresh_mission(player: &mut Player) -> Value {
    let mut found = None;
    until("a mission begins", || {
        let is_fresh = |mission: &Value| mission["due_ms"].as_u64().unwrap() > now_ms() + 4_000;
        found = missions(player, false).into_iter().find(is_fresh);
        found.is_some()
    });
    found.unwrap()
}

fn take_part(player: &mut Player, mission: &Value) {
    let give = json!({ "mission": mission, "hub": HUB, "item": "coolant", "quantity": GIFT });
    let early = player.command(command::deal("contribute", give.clone()));
    assert_eq!(code(&early), "not_enough_goods");
    let supply = json!({ "hub": HUB, "item": "coolant", "quantity": GIFT });
    player.command(command::deal("supply", supply)).unwrap();
    assert_eq!(code(&player.command(command::deal("contribute", give.clone()))), "not_joined");
    player.command(command::deal("join_mission", json!({ "mission": mission }))).unwrap();
    let given = player.command(command::deal("contribute", give)).unwrap();
    assert_eq!((&given["taken"], &given["score"]), (&json!(GIFT), &json!(GIFT)));
}

/// What a player was paid, by mission; each is told once.
fn rewards(player: &mut Player) -> Vec<(String, u64)> {
    let page = player.command(command::ask("notifications", json!({ "limit": 100 }))).unwrap();
    let over = |item: &Value| {
        let over = item["notice"].get("mission_over")?;
        Some((over["mission"].as_str().unwrap().to_owned(), over["credits"].as_u64().unwrap()))
    };
    page["items"].as_array().unwrap().iter().filter_map(over).collect()
}

#[test]
fn every_reward_comes_once_also_when_the_server_is_killed_while_it_pays() {
    let arena = Arena { missions: Some(SPRINTS), ..Arena::default() };
    let mut server = Server::in_arena(arena, &without_limits(&[("store.flush_delay_ms", "20")]));
    let mut tokens = Vec::new();
    let mut played = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut players: Vec<Player> = if tokens.is_empty() {
            Player::crowd(&server, PLAYERS)
        } else {
            let come_back = |token: &String| Player::hello(&server, Encoding::MessagePack, with_token(token)).unwrap();
            tokens.iter().map(come_back).collect()
        };
        if tokens.is_empty() {
            let token = |player: &Player| player.welcome.account.clone().unwrap().access_token;
            tokens = players.iter().map(token).collect();
        }
        // Ids that were not used in a round before.
        players.iter_mut().for_each(|player| drop(player.command_as(command::status(), round * 10_000 + 1)));
        let mission = fresh_mission(&mut players[0]);
        players.iter_mut().for_each(|player| take_part(player, &mission["mission"]));
        played.insert(mission["mission"].as_str().unwrap().to_owned());
        drop(players);
        // From before the first reward is sent until the last has arrived.
        let end = mission["due_ms"].as_u64().unwrap() + round * 15;
        std::thread::sleep(Duration::from_millis(end.saturating_sub(now_ms())));
        server = server.crash_and_start();
    }

    let come_back = |token: &String| Player::hello(&server, Encoding::MessagePack, with_token(token)).unwrap();
    let mut players: Vec<Player> = tokens.iter().map(come_back).collect();
    let mut paid = 0;
    for player in &mut players {
        player.command_as(command::status(), ROUNDS * 10_000 + 1).unwrap();
        until("every reward comes", || rewards(player).len() >= played.len());
        let rewards = rewards(player);
        let missions: BTreeSet<String> = rewards.iter().map(|(mission, _)| mission.clone()).collect();
        assert_eq!((rewards.len(), &missions), (played.len(), &played), "each once");
        let earned: u64 = rewards.iter().map(|(_, credits)| credits).sum();
        assert_eq!(credits(player), 200 - ROUNDS * GIFT * 7 + earned);
        paid += earned;
    }
    let pool = ROUNDS * REWARD / 2;
    assert!(paid <= pool && paid + ROUNDS * u64::try_from(PLAYERS).unwrap() > pool, "{paid} of {pool}");

    let past = missions(&mut players[0], true);
    let listed = |id: &String| past.iter().filter(|mission| mission["mission"] == json!(id)).count();
    assert!(played.iter().all(|id| listed(id) == 1), "{past:?}");
    let first = played.first().unwrap();
    let ranks = players[0].command(command::ask("mission_ranks", json!({ "mission": first }))).unwrap();
    assert_eq!((&ranks["participants"], &ranks["top"][0]["rank"]), (&json!(PLAYERS), &json!(1)));
    let season = players[0].command(command::ask("season_ranks", json!({ "board": "missions" }))).unwrap();
    assert_eq!(season["around"][0]["score"], json!(ROUNDS * GIFT));
    let live: Value = serde_json::from_str(&server.print(&["audit", "--json"])).unwrap();
    assert_eq!(live["balanced"], json!(true), "{live}");
    books_agree(&server.stop_and_export());
}
