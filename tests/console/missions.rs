//! Missions, begun and ended by operators.

use orrery::protocol::Encoding;
use serde_json::{Value, json};

use crate::operator::{ADMIN, Answer, Operator, PASSWORD, REASON};
use crate::support::arena::Arena;
use crate::support::economy::{HUB, books_agree, credits, without_limits};
use crate::support::player::with_token;
use crate::support::{Player, Server, command, until};

/// Never begins by itself.
const KIND: &str = r#"
[[entry]]
key = "haul"
name = "Haul"
about = "Carry."
hub = "luna_exchange"
every_seconds = 0
seconds = 3600
reward = 1000
rank_permille = [200, 100]
phases = [{ needs = { coolant = 4 } }, { needs = { coolant = 1000 } }]
"#;

fn server() -> Server {
    let arena = Arena { missions: Some(KIND), ..Arena::default() };
    let ours = [("console.admin_name", ADMIN), ("console.admin_password", PASSWORD), ("store.flush_delay_ms", "20")];
    Server::in_arena(arena, &without_limits(&ours))
}

fn begin(operator: &Operator, dry_run: bool) -> Answer {
    let change = json!({ "kind": "create", "mission": "haul" });
    operator.post("/missions", &json!({ "change": change, "reason": REASON, "dry_run": dry_run }))
}

fn end(operator: &Operator, mission: &str, version: u64) -> Answer {
    let body = json!({ "change": { "kind": "end" }, "reason": REASON });
    let request = operator.request("POST", &format!("/missions/{mission}/changes")).json(&body);
    Operator::send(request.header("if-match", format!("\"{version}\"")))
}

fn running(operator: &Operator) -> Vec<Value> {
    operator.get("/missions").well()["items"].as_array().unwrap().clone()
}

fn rewards(player: &mut Player) -> Vec<u64> {
    let page = player.command(command::ask("notifications", json!({ "limit": 100 }))).unwrap();
    let items = page["items"].as_array().unwrap();
    items.iter().filter_map(|item| item["notice"]["mission_over"]["credits"].as_u64()).collect()
}

#[test]
fn a_mission_that_is_ended_pays_once_also_through_a_crash() {
    let server = server();
    let admin = Operator::admin(&server);
    let kinds = admin.get("/mission-kinds").well();
    assert_eq!(kinds["items"][0]["key"], "haul");
    let tried = begin(&admin, true).well();
    assert_eq!((&tried["before"], &tried["after"]["state"]), (&Value::Null, &json!("running")));
    assert!(running(&admin).is_empty(), "it was only tried");
    let made = begin(&admin, false).well();
    let mission = made["after"]["mission"].as_str().unwrap().to_owned();
    assert_eq!(running(&admin)[0]["mission"], json!(mission));

    let mut player = Player::guest(&server);
    let token = player.welcome.account.clone().unwrap().access_token;
    player.command(command::deal("supply", json!({ "hub": HUB, "item": "coolant", "quantity": 4 }))).unwrap();
    player.command(command::deal("join_mission", json!({ "mission": mission }))).unwrap();
    let give = json!({ "mission": mission, "hub": HUB, "item": "coolant", "quantity": 4 });
    player.command(command::deal("contribute", give)).unwrap();
    let seen = admin.get(&format!("/missions/{mission}?top=5"));
    assert_eq!(seen.header("etag"), "\"1\"");
    assert_eq!((&seen.json()["top"][0]["score"], &seen.json()["name"]), (&json!(4), &json!("Haul")));
    let undo = admin.post(&format!("/audit/{}/undo", made["audit"]), &json!({ "reason": "a mistake" }));
    assert_eq!(undo.problem(), (409, "committed".to_owned()), "somebody has contributed");

    assert_eq!(end(&admin, &mission, 2).problem(), (412, "version_conflict".to_owned()));
    let ended = end(&admin, &mission, 1).well();
    assert_eq!((&ended["after"]["pays_credits"], &ended["can_undo"]), (&json!(500), &json!(false)));
    drop(player);
    let server = server.crash_and_start();
    let admin = Operator::admin(&server);
    let mut player = Player::hello(&server, Encoding::MessagePack, with_token(&token)).unwrap();
    until("the reward comes", || !rewards(&mut player).is_empty());
    assert_eq!((rewards(&mut player), credits(&mut player)), (vec![500], 200 - 4 * 7 + 500));
    until("it is in the list of past ones", || {
        admin.get("/missions?past=true").well()["items"][0]["mission"] == json!(mission)
    });
    assert_eq!(end(&admin, &mission, 3).problem(), (409, "ended".to_owned()));
    let audited = admin.get(&format!("/audit?target=mission:{mission}")).well();
    let actions: Vec<&str> =
        audited["items"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["mission_end", "mission_create"]);
    drop(player);
    books_agree(&server.stop_and_export());
}

#[test]
fn beginning_one_is_undone_as_long_as_nobody_has_contributed() {
    let server = server();
    let admin = Operator::admin(&server);
    let made = begin(&admin, false).well();
    let undone = admin.post(&format!("/audit/{}/undo", made["audit"]), &json!({ "reason": "a mistake" })).well();
    assert_eq!(undone["after"]["pays_credits"], 0);
    until("it is over", || running(&admin).is_empty());
    let moderator = Operator::with_role(&server, &admin, "moderator");
    assert_eq!(begin(&moderator, false).problem(), (403, "not_allowed".to_owned()));
    let unknown = json!({ "change": { "kind": "create", "mission": "nothing" }, "reason": REASON });
    assert_eq!(admin.post("/missions", &unknown).problem(), (404, "unknown_mission".to_owned()));
}
