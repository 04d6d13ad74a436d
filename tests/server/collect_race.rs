//! Two hundred ships want the same objects: each object goes to one of them, whatever the store. The long form takes
//! 500 objects: `ORRERY_RACE_OBJECTS=500`.

use std::collections::BTreeMap;
use std::time::Instant;

use orrery::types::ObjectId;
use serde_json::{Value, json};

use crate::postgres;
use crate::support::arena::Arena;
use crate::support::{Player, Server, command};

const SESSIONS: usize = 200;
/// Objects that everybody asks for before anybody waits for an answer; a player's actor queues 16 at most.
const AT_ONCE: usize = 8;
/// All objects hold ice; see the arena.
const ITEM: &str = "ice";

fn objects_wanted() -> usize {
    std::env::var("ORRERY_RACE_OBJECTS").map_or(40, |text| text.parse().expect("a number of objects"))
}

#[test]
fn each_object_goes_to_one_of_two_hundred_on_sqlite() {
    race("SQLite", "");
}

#[test]
fn each_object_goes_to_one_of_two_hundred_on_postgresql() {
    let Some(cluster) = postgres::shared() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    race("PostgreSQL", &runtime.block_on(cluster.create_database()));
}

fn race(store: &str, url: &str) {
    let wanted = objects_wanted();
    let arena = Arena { objects: i64::try_from(wanted).unwrap(), ..Arena::default() };
    let settings = [
        ("store.url", url),
        ("limits.economy_per_second", "1000"),
        ("limits.frames_per_second", "10000"),
        ("store.answer_timeout_ms", "60000"),
    ];
    let server = Server::in_arena(arena, &settings);
    let mut players = Player::crowd(&server, SESSIONS);
    players[0].read_until("all objects", |player| player.picture.objects.len() >= wanted);
    let objects: Vec<ObjectId> = players[0].picture.objects.keys().copied().take(wanted).collect();
    let mut won: BTreeMap<ObjectId, (usize, Value)> = BTreeMap::new();
    let (began, mut refused) = (Instant::now(), 0);
    for (round, group) in objects.chunks(AT_ONCE).enumerate() {
        let id_of = |index: usize| (round * AT_ONCE + index + 1) as u64;
        for player in &mut players {
            for (index, object) in group.iter().enumerate() {
                player.send(command::collect(*object), Some(id_of(index)));
            }
        }
        for (number, player) in players.iter_mut().enumerate() {
            for (index, object) in group.iter().enumerate() {
                match player.answer(id_of(index)) {
                    Ok(body) => assert!(won.insert(*object, (number, body)).is_none(), "{object} went twice"),
                    Err(error) => {
                        assert_eq!(error.code, "object_gone", "{error:?}");
                        refused += 1;
                    }
                }
            }
        }
    }
    let took = began.elapsed();
    assert_eq!(won.len(), objects.len(), "every object went to somebody");
    assert_eq!(refused, objects.len() * (SESSIONS - 1));
    let ids: Vec<Value> = players.iter().map(|player| json!(player.welcome.player)).collect();
    let winners = won.values().map(|(number, _)| number).collect::<std::collections::BTreeSet<_>>().len();
    drop(players);
    agrees(&server.stop_and_export(), &won, &ids);
    println!(
        "{store}: {} objects, {SESSIONS} sessions, {refused} object_gone, {winners} winners, {took:.1?}",
        won.len()
    );
}

/// What is stored must be what was answered: holds, transfers and ledger.
fn agrees(export: &Value, won: &BTreeMap<ObjectId, (usize, Value)>, ids: &[Value]) {
    assert_eq!(export["outbox"], json!([]), "nothing is under way");
    let mut stored_transfers = 0;
    for player in export["players"].as_array().unwrap() {
        let number = ids.iter().position(|id| *id == player["player"]).expect("a player of this test");
        let answers: Vec<&Value> = won.values().filter(|(other, _)| *other == number).map(|(_, body)| body).collect();
        let quantity: u64 = answers.iter().map(|body| body["quantity"].as_u64().unwrap()).sum();
        assert_eq!(player["goods"][ITEM].as_u64().unwrap_or(0), quantity);
        assert_eq!(player["ledger_goods"][ITEM].as_u64().unwrap_or(0), quantity);
        let mut answered: Vec<&str> = answers.iter().map(|body| body["transfer"].as_str().unwrap()).collect();
        answered.sort_unstable();
        assert_eq!(player["transfers"], json!(answered));
        stored_transfers += answered.len();
    }
    assert_eq!(stored_transfers, won.len());
}
