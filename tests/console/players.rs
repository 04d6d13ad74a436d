//! What operators do to players: on line and off line alike, once, and never out of the books.

use std::time::{SystemTime, UNIX_EPOCH};

use orrery::protocol::{Encoding, ServerMessage};
use orrery::types::economy::event::Notice;
use serde_json::{Value, json};

use crate::operator::{Answer, Operator, REASON, server};
use crate::support::player::with_token;
use crate::support::social::{notice, say, token};
use crate::support::{Player, Server, command, until};

const PLAYER_PASSWORD: &str = "correct horse";

/// Somebody who is not here: id, access token, refresh token.
fn register(server: &Server, name: &str) -> (String, String, String) {
    let form = json!({ "name": name, "password": PLAYER_PASSWORD });
    let answer = server.http().post("/api/v1/auth/register", &form);
    assert_eq!(answer.status, 201, "{}", answer.text());
    (answer.field("player"), answer.field("access_token"), answer.field("refresh_token"))
}

fn log_in(server: &Server, name: &str) -> (u16, Value) {
    let form = json!({ "name": name, "password": PLAYER_PASSWORD });
    let answer = server.http().post("/api/v1/auth/login", &form);
    (answer.status, answer.json())
}

fn show(operator: &Operator, player: &str) -> Value {
    operator.get(&format!("/players/{player}")).well()
}

/// A change decided on a revision; `None`: a dry run.
fn send(operator: &Operator, player: &str, change: &Value, revision: Option<u64>) -> Answer {
    let body = json!({ "change": change, "reason": REASON, "dry_run": revision.is_none() });
    let request = operator.request("POST", &format!("/players/{player}/changes")).json(&body);
    Operator::send(match revision {
        Some(revision) => request.header("if-match", format!("\"{revision}\"")),
        None => request,
    })
}

/// A change of the player as it is now.
fn change(operator: &Operator, player: &str, change: Value) -> Answer {
    let revision = show(operator, player)["revision"].as_u64().unwrap();
    send(operator, player, &change, Some(revision))
}

fn undo(operator: &Operator, entry: &Value) -> Answer {
    operator.post(&format!("/audit/{entry}/undo"), &json!({ "reason": "a mistake" }))
}

fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

#[test]
fn a_grant_is_what_its_dry_run_said_for_those_who_are_here_and_those_who_are_not() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let mut guest = Player::guest(&server);
    let (bob, ..) = register(&server, "Bob");
    for player in [guest.welcome.player.to_string(), bob.clone()] {
        let grant = json!({ "kind": "grant", "credits": 50, "goods": { "ice": 3 } });
        let tried = send(&admin, &player, &grant, None).well();
        assert_eq!((&tried["audit"], show(&admin, &player)["credits"].as_u64()), (&Value::Null, Some(200)));
        let done = change(&admin, &player, grant).well();
        assert_eq!((&tried["before"], &tried["after"]), (&done["before"], &done["after"]));
        let seen = show(&admin, &player);
        assert_eq!((seen["credits"].as_u64(), seen["cargo"]["ice"].as_u64()), (Some(250), Some(3)));
        assert_eq!((&seen["revision"], &seen["online"]), (&json!(1), &json!(player != bob)));
        let line = &admin.get(&format!("/players/{player}/audit")).well()["items"][0];
        assert_eq!((&line["seq"], &line["action"], &line["reason"]), (&done["audit"], &json!("grant"), &json!(REASON)));
    }
    assert!(matches!(notice(&mut guest), Notice::Granted { .. }));
    assert_eq!(guest.command(command::status()).unwrap()["credits"], 250);
    let told = &admin.get(&format!("/players/{bob}/notifications")).well()["items"][0];
    assert_eq!(told["notice"]["granted"]["credits"], 50);
    let too_much = change(&admin, &bob, json!({ "kind": "revoke", "credits": 251 }));
    assert_eq!(too_much.problem(), (409, "not_enough_credits".to_owned()));
    assert_eq!((&too_much.json()["have"], &too_much.json()["needed"]), (&json!(250), &json!(251)));
    server.stop_and_export();
}

#[test]
fn what_was_answered_is_there_once_after_a_crash() {
    let server = server(&[]);
    let (bob, ..) = register(&server, "Bob");
    let done = change(&Operator::admin(&server), &bob, json!({ "kind": "grant", "credits": 50 })).well();
    let server = server.crash_and_start();
    let admin = Operator::admin(&server);
    assert_eq!(show(&admin, &bob)["credits"], 250);
    let entries = admin.get(&format!("/players/{bob}/audit")).well();
    assert_eq!(entries["items"].as_array().unwrap().len(), 1);
    let undone = undo(&admin, &done["audit"]).well();
    assert_eq!(undone["after"], json!({ "credits": 200 }));
    assert_eq!(undo(&admin, &done["audit"]).problem(), (409, "already_undone".to_owned()));
    assert_eq!(show(&admin, &bob)["credits"], 200);
    server.stop_and_export();
}

#[test]
fn a_change_that_is_sent_many_times_happens_once() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let (bob, ..) = register(&server, "Bob");
    let grant = json!({ "kind": "grant", "credits": 50 });
    let all: Vec<Answer> = std::thread::scope(|scope| {
        let racing: Vec<_> = (0..8).map(|_| scope.spawn(|| send(&admin, &bob, &grant, Some(0)))).collect();
        racing.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
    for late in all.iter().filter(|answer| answer.status != 200) {
        assert_eq!(
            (late.problem(), &late.json()["current_version"]),
            ((412, "version_conflict".to_owned()), &json!(1))
        );
    }
    assert_eq!(show(&admin, &bob)["credits"], 250);
    let body = json!({ "change": grant, "reason": REASON });
    let unconditional = admin.post(&format!("/players/{bob}/changes"), &body);
    assert_eq!(unconditional.problem(), (428, "precondition_required".to_owned()));
    server.stop_and_export();
}

#[test]
fn a_ban_shuts_every_door_and_lifts_by_itself() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let (bob, access, refresh) = register(&server, "Bob");
    let mut here = Player::hello(&server, Encoding::Json, with_token(&access)).unwrap();
    let until_ms = now_ms() + 4_000;
    let ban = json!({ "kind": "ban", "until_ms": until_ms, "reason_shown": "spam" });
    change(&admin, &bob, ban).well();
    assert_eq!(here.read_to_end(), Some(4003));
    let bye = here.bye.clone().unwrap();
    assert!(!bye.reconnect && bye.reason.contains("spam"), "{bye:?}");
    assert!(here.unasked().any(|told| matches!(&told.message, ServerMessage::Error(error) if error.code == "banned")));

    let (error, code) = Player::hello(&server, Encoding::MessagePack, with_token(&access)).err().unwrap();
    assert_eq!((error.code.as_str(), code, &error.details["until_ms"]), ("banned", 4003, &json!(until_ms)));
    let (status, told) = log_in(&server, "Bob");
    assert_eq!((status, &told["code"], &told["reason"]), (403, &json!("banned"), &json!("spam")));
    let refreshed = server.http().post("/api/v1/auth/refresh", &json!({ "refresh_token": refresh }));
    assert_eq!((refreshed.status, refreshed.field("code").as_str()), (403, "banned"));
    for answer in [
        server.http().get_as(&access, "/api/v1/me/status"),
        server.http().command(&access, &json!(["research", { "tech": "ion_tuning" }, 1])),
    ] {
        assert_eq!((answer.status, answer.field("code").as_str()), (403, "banned"));
    }
    let found = admin.get("/players?banned=true").well();
    assert_eq!((&found["items"][0]["id"], &found["items"][0]["banned_until_ms"]), (&json!(bob), &json!(until_ms)));

    until("the ban is over", || log_in(&server, "Bob").0 == 200);
    assert!(now_ms() >= until_ms);
    assert_eq!(show(&admin, &bob)["ban"], Value::Null);
    Player::hello(&server, Encoding::Json, with_token(&access)).unwrap();
    server.stop_and_export();
}

#[test]
fn who_is_muted_says_nothing_and_who_is_kicked_may_come_back() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let mut guest = Player::guest(&server);
    let (id, access) = (guest.welcome.player.to_string(), token(&guest.welcome));
    say(&mut guest, "sector", "hello").unwrap();
    let muted = change(&moderator, &id, json!({ "kind": "mute", "until_ms": null, "reason_shown": "rude" })).well();
    let refused = say(&mut guest, "sector", "spam").unwrap_err();
    assert_eq!((refused.code.as_str(), &refused.details["reason"]), ("muted", &json!("rude")));
    undo(&moderator, &muted["audit"]).well();
    say(&mut guest, "sector", "sorry").unwrap();
    let said = moderator.get(&format!("/players/{id}/chat")).well();
    let texts: Vec<_> = said["items"].as_array().unwrap().iter().map(|line| line["text"].clone()).collect();
    assert_eq!(texts, ["sorry", "hello"]);

    let session = moderator.get(&format!("/players/{id}/sessions")).well();
    assert_eq!(
        (&session["items"][0]["address"], &session["items"][0]["connected"]),
        (&json!("127.0.0.1"), &json!(true))
    );
    let form = json!({ "reason": REASON, "reason_shown": "take a break" });
    assert_eq!(moderator.post(&format!("/players/{id}/kick"), &form).well()["kicked"], true);
    assert_eq!(guest.read_to_end(), Some(4003));
    assert_eq!(guest.bye.as_ref().unwrap().reason, "take a break");
    let (error, _) =
        Player::resume(&server, Encoding::MessagePack, &guest.welcome.resume_token, guest.seen).err().unwrap();
    assert_eq!(error.code, "not_authenticated", "there is nothing to resume");
    Player::hello(&server, Encoding::Json, with_token(&access)).unwrap();
    let grant = json!({ "kind": "grant", "credits": 5 });
    assert_eq!(change(&moderator, &id, grant).problem(), (403, "not_allowed".to_owned()));
}

#[test]
fn a_name_that_is_taken_is_not_given_and_a_new_one_is_known_at_once() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let (bob, ..) = register(&server, "Bob");
    register(&server, "Eve");
    let rename = |name: &str| change(&admin, &bob, json!({ "kind": "rename", "name": name }));
    assert_eq!(rename("EVE").problem(), (409, "name_taken".to_owned()));
    let renamed = rename("Robert").well();
    assert_eq!((log_in(&server, "Bob").0, log_in(&server, "Robert").0), (401, 200));
    assert_eq!(admin.get("/players?text=rob").well()["items"][0]["id"], json!(bob));
    undo(&admin, &renamed["audit"]).well();
    assert_eq!(log_in(&server, "Bob").0, 200);
}

#[test]
fn a_ship_is_put_elsewhere_with_whoever_looks_through_it() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let mut guest = Player::guest(&server);
    let id = guest.welcome.player.to_string();
    let before = show(&admin, &id);
    let worlds = admin.get("/worlds").well();
    let worlds = worlds["items"].as_array().unwrap();
    let other = worlds.iter().map(|world| &world["key"]).find(|key| **key != before["world"]).unwrap().clone();
    let mut entries = Vec::new();
    for (world, x, y) in [(&other, 100.0, 120.5), (&other, 50.0, 60.0)] {
        let moved = change(&admin, &id, json!({ "kind": "move", "world": world, "x": x, "y": y })).well();
        assert_eq!(moved["after"]["place"], json!({ "world": world, "x": x, "y": y }));
        let ServerMessage::Entered(entered) = guest.event("entered") else { panic!("not entered") };
        assert_eq!((json!(entered.world), f64::from(entered.position.x) / 256.0), (world.clone(), x));
        until("the operators see it there", || show(&admin, &id)["position"] == json!({ "x": x, "y": y }));
        entries.push(moved["audit"].clone());
    }
    let outside = change(&admin, &id, json!({ "kind": "move", "world": other, "x": -1.0, "y": 0.0 }));
    assert_eq!(outside.problem(), (400, "bad_request".to_owned()));
    let back = undo(&admin, &entries[1]).well();
    assert_eq!(back["after"]["place"], json!({ "world": other, "x": 100.0, "y": 120.5 }));
}

#[test]
fn an_erased_player_leaves_nothing_personal_and_an_export_has_everything() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let (bob, access, _) = register(&server, "Bob");
    let mut here = Player::hello(&server, Encoding::Json, with_token(&access)).unwrap();
    say(&mut here, "sector", "my secret").unwrap();
    change(&admin, &bob, json!({ "kind": "grant", "credits": 50, "goods": { "ice": 3 } })).well();
    let exported = admin.get(&format!("/players/{bob}/export")).well();
    assert_eq!((&exported["account"]["name"], &exported["player"]["credits"]), (&json!("Bob"), &json!(250)));
    assert_eq!(exported["chat"][0]["line"]["text"], "my secret");
    assert_eq!(exported["ledger"].as_array().unwrap().len(), 3, "start, credits, ice");
    assert_eq!(exported["notifications"][0]["notice"]["granted"]["credits"], 50);
    let exports = admin.get("/audit?action=export").well();
    assert_eq!(exports["items"][0]["target"], json!(format!("player:{bob}")));

    change(&admin, &bob, json!({ "kind": "rename", "name": "Robert" })).well();
    change(&admin, &bob, json!({ "kind": "rename", "name": "Bob" })).well();
    let renames = admin.get(&format!("/audit?action=rename&target=player:{bob}")).well();
    assert_eq!(renames["items"][0]["before"]["name"], "Robert");
    let erase = |name: &str| json!({ "kind": "erase", "confirm": name });
    assert_eq!(change(&admin, &bob, erase("bob")).problem(), (409, "not_confirmed".to_owned()));
    let erased = change(&admin, &bob, erase("Bob")).well();
    assert_eq!(erased["can_undo"], false);
    assert_eq!(here.read_to_end(), Some(4003));
    assert_eq!(log_in(&server, "Bob").0, 401);
    assert_eq!(server.http().get_as(&access, "/api/v1/me/status").status, 401);
    let seen = show(&admin, &bob);
    assert!(seen["name"].as_str().unwrap().starts_with("erased#"), "{seen}");
    assert_eq!((&seen["credits"], &seen["cargo"]), (&json!(0), &json!({})));
    let said = || admin.get(&format!("/players/{bob}/chat")).well()["items"][0]["text"].clone();
    until("the logs have forgotten what Bob has said", || said() == "");
    let after = admin.get(&format!("/players/{bob}/export"));
    assert!(!after.text.contains("my secret"), "{}", after.text);
    let entry = format!("/audit/{}", renames["items"][0]["seq"]);
    for path in [&format!("/players/{bob}/audit"), "/audit", &entry] {
        let answer = admin.get(path);
        assert!(
            answer.status == 200 && answer.text.contains(seen["name"].as_str().unwrap()),
            "{path}: {}",
            answer.text
        );
        assert!(!answer.text.contains("Robert") && !answer.text.contains("\"Bob\""), "{path}: {}", answer.text);
    }
    register(&server, "Bob");
    server.stop_and_export();
}
