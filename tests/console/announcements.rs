//! Announcements, from the console to the sockets of players.

use std::time::{SystemTime, UNIX_EPOCH};

use orrery::protocol::{Encoding, ServerMessage};
use orrery::types::{Announcement, AnnouncementLevel};
use serde_json::{Value, json};

use crate::operator::{Answer, Operator, REASON, server};
use crate::support::{Player, command};

fn announce(operator: &Operator, text: &str, until_ms: Option<u64>) -> Answer {
    let change = json!({ "kind": "announce", "text": text, "level": "warning", "until_ms": until_ms });
    operator.post("/announcements", &json!({ "change": change, "reason": REASON }))
}

fn heard(player: &mut Player) -> Announcement {
    match player.event("announcement") {
        ServerMessage::Announcement(announcement) => announcement,
        other => panic!("{other:?}"),
    }
}

fn end(operator: &Operator, id: &Value, version: u64) -> Answer {
    let path = format!("/announcements/{}/changes", id.as_str().unwrap());
    let body = json!({ "change": { "kind": "end" }, "reason": REASON });
    Operator::send(operator.request("POST", &path).json(&body).header("if-match", format!("\"{version}\"")))
}

fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

#[test]
fn everybody_hears_it_at_once_and_late_comers_hear_it_until_it_ends() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let mut players = vec![Player::guest_in(&server, Encoding::Json), Player::guest(&server), Player::guest(&server)];
    let made = announce(&moderator, " Free ice at Luna ", None).well();
    let id = made["after"]["id"].clone();
    players.push(Player::guest(&server));
    for player in &mut players {
        let announcement = heard(player);
        assert_eq!((announcement.text.as_str(), announcement.level), ("Free ice at Luna", AnnouncementLevel::Warning));
        assert!(json!(announcement.announcement) == id && !announcement.over, "{announcement:?}");
    }
    let (token, seen) = players.remove(0).vanish();
    let mut resumed = Player::resume(&server, Encoding::Json, &token, seen).unwrap();
    assert_eq!(json!(heard(&mut resumed).announcement), id, "it is told again after a welcome");
    players.push(resumed);

    let listed = admin.get("/announcements").well();
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["by"]), (&id, &json!("The moderator")));
    assert_eq!(end(&moderator, &id, 7).problem(), (412, "version_conflict".to_owned()));
    let seq = end(&moderator, &id, 1).well()["audit"].clone();
    for player in &mut players {
        assert!(heard(player).over);
    }
    assert_eq!(end(&moderator, &id, 1).problem(), (404, "not_found".to_owned()));
    let mut later = Player::guest(&server);
    later.command(command::status()).unwrap();
    assert!(later.unasked().all(|envelope| envelope.message.name() != "announcement"));

    admin.post(&format!("/audit/{seq}/undo"), &json!({ "reason": "too early" })).well();
    assert_eq!(
        (json!(heard(&mut later).announcement), admin.get("/announcements").well()["items"].as_array().unwrap().len()),
        (id, 1)
    );
}

#[test]
fn it_ends_at_its_time_and_what_lasts_survives_a_crash() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let mut player = Player::guest(&server);
    announce(&admin, "For ever", None).well();
    announce(&admin, "For a moment", Some(now_ms() + 1_500)).well();
    let texts = [heard(&mut player).text, heard(&mut player).text];
    assert_eq!(texts, ["For ever", "For a moment"]);
    let over = heard(&mut player);
    assert!(over.over && over.text == "For a moment", "{over:?}");

    let server = server.crash_and_start();
    let mut late = Player::guest(&server);
    assert_eq!(heard(&mut late).text, "For ever");
    late.command(command::status()).unwrap();
    assert!(late.unasked().all(|envelope| envelope.message.name() != "announcement"), "one is all that lasts");
}

#[test]
fn rules_and_roles_hold() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let viewer = Operator::with_role(&server, &admin, "viewer");
    assert_eq!(announce(&viewer, "Hello", None).problem(), (403, "not_allowed".to_owned()));
    for (text, until) in [("", None), ("two\nlines", None), (&*"x".repeat(501), None), ("late", Some(1))] {
        assert_eq!(announce(&admin, text, until).problem().0, 400, "{text}");
    }
    let change = json!({ "kind": "announce", "text": "Tried", "level": "info" });
    let tried = admin.post("/announcements", &json!({ "change": change, "reason": REASON, "dry_run": true })).well();
    assert_eq!((&tried["audit"], &tried["after"]["text"]), (&Value::Null, &json!("Tried")));
    for number in 0..10 {
        announce(&admin, &format!("Number {number}"), None).well();
    }
    assert_eq!(announce(&admin, "One too many", None).problem(), (409, "limit_reached".to_owned()));
    let audited = viewer.get("/audit?action=announce&limit=100").well();
    assert_eq!(audited["items"].as_array().unwrap().len(), 10, "what was tried or refused is not in it");
}
