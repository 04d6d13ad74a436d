//! Maintenance as operators and players meet it: closing, who may come in, draining, and what a crash leaves of it.

use std::time::Instant;

use orrery::protocol::{Encoding, ServerMessage};
use serde_json::{Value, json};

use crate::operator::{Answer, Operator, REASON, server};
use crate::support::player::with_token;
use crate::support::{Http, Player, Server, command, until};

const PASSWORD: &str = "correct horse";

/// Changes it as it is now.
fn change(operator: &Operator, change: Value) -> Answer {
    let version = operator.get("/maintenance").well()["version"].as_u64().unwrap();
    change_at(operator, change, version)
}

fn change_at(operator: &Operator, change: Value, version: u64) -> Answer {
    let body = json!({ "change": change, "reason": REASON });
    let request = operator.request("POST", "/maintenance/changes").json(&body);
    Operator::send(request.header("if-match", format!("\"{version}\"")))
}

fn mode(operator: &Operator) -> String {
    operator.get("/maintenance").well()["mode"].as_str().unwrap().to_owned()
}

fn register(http: &Http, name: &str) -> String {
    let answer = http.post("/api/v1/auth/register", &json!({ "name": name, "password": PASSWORD }));
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.field("access_token")
}

fn come(server: &Server, token: &str) -> Result<Player, (orrery::protocol::ErrorBody, u16)> {
    Player::hello(server, Encoding::MessagePack, with_token(token))
}

fn refused(entered: Result<Player, (orrery::protocol::ErrorBody, u16)>) {
    let (error, code) = entered.err().expect("it is closed");
    assert_eq!((error.code.as_str(), error.message.as_str(), code), ("maintenance", "Mending the drives", 1013));
    assert!(error.retry_after_ms.unwrap() >= 15_000, "{error:?}");
}

#[test]
fn closed_it_lets_in_those_who_are_allowed_and_those_inside_play_on() {
    let server = server(&[]);
    let (admin, http) = (Operator::admin(&server), server.http());
    let [inside, outside, tester] = ["Inge", "Otto", "Tess"].map(|name| register(&http, name));
    let mut inge = come(&server, &inside).unwrap();
    let close = json!({ "kind": "close", "message": "Mending the drives", "allow": ["tess"] });
    let unknown = json!({ "kind": "close", "message": "Mending the drives", "allow": ["Nobody Else"] });
    assert_eq!(change(&admin, unknown).problem().0, 400);
    assert_eq!(change_at(&admin, close.clone(), 9).problem(), (412, "version_conflict".to_owned()));
    let closed = change(&admin, close).well();
    assert_eq!((&closed["before"]["mode"], &closed["after"]["mode"]), (&json!("off"), &json!("closed")));
    assert_eq!(closed["after"]["allow"], json!(["Tess"]));

    match inge.event("announcement") {
        ServerMessage::Announcement(told) => assert_eq!(told.text, "Mending the drives"),
        other => panic!("{other:?}"),
    }
    refused(Player::hello(&server, Encoding::Json, crate::support::player::guest()));
    refused(come(&server, &outside));
    assert!(come(&server, &tester).is_ok());
    let log_in = |name: &str| http.post("/api/v1/auth/login", &json!({ "name": name, "password": PASSWORD }));
    assert_eq!((log_in("Otto").status, log_in("Otto").field("code").as_str()), (503, "maintenance"));
    assert!(log_in("Otto").header("retry-after").is_some());
    assert_eq!(log_in("Tess").status, 200);
    let new = http.post("/api/v1/auth/register", &json!({ "name": "New One", "password": PASSWORD }));
    assert_eq!(new.status, 503);
    assert_eq!(http.get_as(&outside, "/api/v1/me/status").status, 503, "no way around");
    assert_eq!(http.get_as(&inside, "/api/v1/me/status").status, 200);
    inge.command(command::status()).unwrap();
    let (token, seen) = inge.vanish();
    let mut inge = Player::resume(&server, Encoding::MessagePack, &token, seen).expect("who is inside may resume");
    inge.command(command::status()).unwrap();
    assert_eq!((http.get("/readyz").status, server.metric("orrery_maintenance")), (200, 2.0));

    let server = server.crash_and_start();
    let (admin, http) = (Operator::admin(&server), server.http());
    refused(come(&server, &inside));
    assert!(come(&server, &tester).is_ok());
    assert_eq!(http.get("/readyz").status, 200);
    let seq = admin.get("/audit?target=maintenance").well()["items"][0]["seq"].clone();
    let undone = admin.post(&format!("/audit/{seq}/undo"), &json!({ "reason": "a mistake" })).well();
    assert_eq!((&undone["after"]["mode"], mode(&admin).as_str()), (&json!("off"), "off"));
    assert!(come(&server, &inside).is_ok() && come(&server, &outside).is_ok());
}

#[test]
fn a_drain_sends_everybody_away_in_order_and_loses_nothing_that_was_acknowledged() {
    const PLAYERS: usize = 6;
    let server = server(&[("server.workers", "1"), ("limits.economy_per_second", "1000")]);
    let (admin, http) = (Operator::admin(&server), server.http());
    let tester = register(&http, "Tess");
    let mut tess = come(&server, &tester).unwrap();
    let tokens: Vec<String> = (0..PLAYERS).map(|index| register(&http, &format!("Player {index}"))).collect();
    let players: Vec<Player> = tokens.iter().map(|token| come(&server, token).unwrap()).collect();
    change(&admin, json!({ "kind": "close", "message": "Soon", "allow": ["Tess"] })).well();
    change(&admin, json!({ "kind": "drain", "message": "Good-bye", "seconds": 3 })).well();
    until("draining, it is not ready", || http.get("/readyz").status == 503);

    // Each goes on as long as it is answered.
    let plays = |mut player: Player| {
        let mut answered = Vec::new();
        loop {
            let id = 1_000 + answered.len() as u64;
            player.send(command::sell("luna_exchange", "ice", id), Some(id));
            let mut alive = true;
            while alive && !player.unasked().any(|envelope| envelope.id.is_some_and(|given| given.0 == id)) {
                alive = player.read();
            }
            if !player.unasked().any(|envelope| envelope.id.is_some_and(|given| given.0 == id)) {
                let bye = player.bye.clone().expect("a farewell");
                return (Instant::now(), bye, player.read_to_end(), answered);
            }
            answered.push(player.answer(id).map_err(|error| error.code));
        }
    };
    let ended: Vec<_> = std::thread::scope(|scope| {
        let playing: Vec<_> = players.into_iter().map(|player| scope.spawn(|| plays(player))).collect();
        playing.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (_, bye, code, answered) in &ended {
        assert_eq!((bye.code, *code, bye.reconnect, bye.reason.as_str()), (1012, Some(1012), true, "Good-bye"));
        assert!(bye.retry_after_ms >= 5_000 && !answered.is_empty(), "{bye:?}");
    }
    assert!(ended.is_sorted_by_key(|(when, ..)| *when), "who came first goes first");
    let hints: std::collections::BTreeSet<u64> = ended.iter().map(|(_, bye, ..)| bye.retry_after_ms).collect();
    assert!(hints.len() > 1, "they come back at different times: {hints:?}");
    tess.command(command::status()).expect("who is allowed stays");
    until("drained, it is closed and ready", || mode(&admin) == "closed" && http.get("/readyz").status == 200);
    assert!(come(&server, &tokens[0]).is_err());

    change(&admin, json!({ "kind": "open" })).well();
    for (token, (.., answered)) in tokens.iter().zip(&ended) {
        let mut player = come(&server, token).unwrap();
        for (id, answer) in (1_000..).zip(answered) {
            let again = player.command_as(command::sell("luna_exchange", "ice", id), id).map_err(|error| error.code);
            assert_eq!(again, *answer, "what was answered stays so");
        }
    }
    drop(tess);
    crate::support::economy::books_agree(&server.stop_and_export());
}

#[test]
fn what_is_announced_closes_by_itself_and_only_admins_decide() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let moderator = Operator::with_role(&server, &admin, "moderator");
    assert_eq!(change(&moderator, json!({ "kind": "open" })).problem(), (403, "not_allowed".to_owned()));
    let mut player = Player::guest(&server);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    let starts_ms = now + 2_000;
    let announce = json!({ "kind": "announce", "starts_ms": starts_ms, "message": "Mending the drives" });
    change(&admin, announce).well();
    match player.event("announcement") {
        ServerMessage::Announcement(told) => assert_eq!(told.starts_ms.map(|at| at.0), Some(starts_ms)),
        other => panic!("{other:?}"),
    }
    until("its time comes", || mode(&admin) == "closed");
    refused(Player::hello(&server, Encoding::Json, crate::support::player::guest()));
    player.command(command::status()).unwrap();
    assert_eq!(server.http().get("/readyz").json()["checks"][2]["detail"], "closed: Mending the drives");
}
