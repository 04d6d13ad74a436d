//! The audit log, and taking back what was done.

use serde_json::{Value, json};

use crate::operator::{Answer, Operator, PASSWORD, REASON, server};
use crate::support::social::token;
use crate::support::{Player, Server};

#[test]
fn a_change_is_told_with_its_reason_and_taken_back_once() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let bob = admin.make("Bob", "viewer").well();
    let target = format!("operator:{}", bob["id"].as_str().unwrap());
    let seq = admin.change("Bob", &json!({ "kind": "role", "role": "moderator" })).well()["audit"].as_u64().unwrap();
    let entry = admin.get(&format!("/audit/{seq}")).well();
    assert_eq!((entry["action"].as_str(), entry["target"].as_str()), (Some("operator_change"), Some(target.as_str())));
    assert_eq!((entry["reason"].as_str(), entry["by"]["name"].as_str()), (Some(REASON), Some("Ada")));
    assert_eq!((&entry["before"], &entry["after"]), (&json!({ "role": "viewer" }), &json!({ "role": "moderator" })));

    let undo = |body| admin.post(&format!("/audit/{seq}/undo"), &body);
    assert_eq!(undo(json!({})).problem().0, 400);
    let tried = undo(json!({ "reason": "a mistake", "dry_run": true })).well();
    assert_eq!((tried["dry_run"].as_bool(), &tried["after"]), (Some(true), &json!({ "role": "viewer" })));
    assert_eq!(admin.account("Bob")["role"], "moderator");
    let undone = undo(json!({ "reason": "a mistake" })).well()["audit"].as_u64().unwrap();
    assert_eq!(admin.account("Bob")["role"], "viewer");
    assert_eq!(admin.get(&format!("/audit/{undone}")).well()["undoes"], seq);
    assert_eq!(admin.get(&format!("/audit/{seq}")).well()["undone_by"], undone);
    assert_eq!(undo(json!({ "reason": "again" })).problem(), (409, "already_undone".to_owned()));

    let log_in = admin.get("/audit?action=log_in").well()["items"][0]["seq"].as_u64().unwrap();
    let never = admin.post(&format!("/audit/{log_in}/undo"), &json!({ "reason": "a mistake" }));
    assert_eq!(never.problem(), (409, "cannot_be_undone".to_owned()));
    for path in ["/audit/0", "/audit/99999", "/audit/x", "/audit/18446744073709551615"] {
        assert_eq!(admin.get(path).problem(), (404, "unknown_entry".to_owned()), "{path}");
    }
}

#[test]
fn many_undo_the_same_at_once_and_one_does() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    admin.make("Bob", "viewer").well();
    let seq = admin.change("Bob", &json!({ "kind": "role", "role": "moderator" })).well()["audit"].as_u64().unwrap();
    let path = format!("/audit/{seq}/undo");
    let all = std::thread::scope(|scope| {
        let undo = || admin.post(&path, &json!({ "reason": "a mistake" })).status;
        let racing: Vec<_> = (0..8).map(|_| scope.spawn(undo)).collect();
        racing.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 1, "{all:?}");
    assert_eq!(all.iter().filter(|status| **status == 409).count(), 7, "{all:?}");
}

#[test]
fn the_log_is_read_page_by_page_and_only_by_admins_undone_where_admins_are_needed() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    for name in ["One", "Two", "Three"] {
        admin.make(name, "viewer").well();
    }
    let first = admin.get("/audit?action=operator_create&limit=2").well();
    let cursor = first["next_cursor"].as_u64().unwrap();
    let second = admin.get(&format!("/audit?action=operator_create&limit=2&cursor={cursor}")).well();
    let names = |page: &serde_json::Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|l| l["target_name"].as_str().unwrap().to_owned()).collect()
    };
    // The first admin was made by the settings.
    assert_eq!((names(&first), names(&second)), (vec!["Three".into(), "Two".into()], vec!["One".into(), "Ada".into()]));
    assert!(second["next_cursor"].is_null());
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let seq = first["items"][0]["seq"].as_u64().unwrap();
    let refused = moderator.post(&format!("/audit/{seq}/undo"), &json!({ "reason": "a mistake" }));
    assert_eq!(refused.problem(), (403, "not_allowed".to_owned()));
    for wrong in ["limit=0", "limit=101", "cursor=x", "operator=x", "color=red"] {
        assert_eq!(admin.get(&format!("/audit?{wrong}")).problem().0, 400, "{wrong}");
    }
}

/// A change of a player, as it is now; its entry.
fn change_player(operator: &Operator, player: &str, change: &Value) -> u64 {
    let path = format!("/players/{player}");
    let revision = operator.get(&path).well()["revision"].clone();
    let request = operator.request("POST", &format!("{path}/changes"));
    let request = request.json(&json!({ "change": change, "reason": REASON }));
    let done = Operator::send(request.header("if-match", format!("\"{revision}\""))).well();
    done["audit"].as_u64().unwrap()
}

/// An undo, meant or only tried.
fn undo(operator: &Operator, entry: u64, dry_run: bool) -> Answer {
    operator.post(&format!("/audit/{entry}/undo"), &json!({ "reason": "a mistake", "dry_run": dry_run }))
}

/// Refused, tried or meant, since this entry changed it again.
fn superseded(operator: &Operator, entry: u64, by: u64) {
    for dry_run in [true, false] {
        let refused = undo(operator, entry, dry_run);
        assert_eq!(refused.problem(), (409, "superseded".to_owned()), "{refused:?}");
        assert_eq!(refused.json()["superseded_by"], by);
    }
}

/// Somebody with an account: the id.
fn register(server: &Server, name: &str) -> String {
    let form = json!({ "name": name, "password": "correct horse" });
    let answer = server.http().post("/api/v1/auth/register", &form);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.field("player")
}

#[test]
fn an_undo_of_ones_own_change_leaves_anothers_later_one_alone() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let bob = register(&server, "Bob");
    let seen = |what: &str| admin.get(&format!("/players/{bob}")).well()[what].clone();
    for (kind, lift) in [("ban", "unban"), ("mute", "unmute")] {
        let sentence = |reason: &str| json!({ "kind": kind, "until_ms": null, "reason_shown": reason });
        let first = change_player(&moderator, &bob, &sentence("spam"));
        let second = change_player(&admin, &bob, &sentence("fraud"));
        superseded(&moderator, first, second);
        assert_eq!(seen(kind)["reason"], "fraud", "it stands");
        // The same after it was lifted in between, and when it is the very same again.
        change_player(&admin, &bob, &json!({ "kind": lift }));
        let third = change_player(&admin, &bob, &sentence("spam"));
        superseded(&moderator, first, third);
        assert_eq!(seen(kind)["reason"], "spam", "it stands");
        // What was taken back is no obstacle.
        let (longer, other) = (sentence("more spam"), json!({ "kind": "grant", "credits": 5 }));
        let fourth = change_player(&admin, &bob, &longer);
        superseded(&admin, third, fourth);
        undo(&admin, fourth, false).well();
        change_player(&admin, &bob, &other);
        assert_eq!(undo(&admin, third, true).well()["after"][kind], Value::Null);
        undo(&admin, third, false).well();
        assert_eq!(seen(kind), Value::Null);
    }
    assert_eq!(
        admin.get("/audit?action=unban").well()["items"].as_array().unwrap().len(),
        2,
        "nothing that was refused"
    );
}

#[test]
fn one_rule_holds_for_every_kind_of_change() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let bob = register(&server, "Bob");
    let rename = |name: &str| json!({ "kind": "rename", "name": name });
    let first = change_player(&admin, &bob, &rename("Robert"));
    let second = change_player(&admin, &bob, &rename("Rob"));
    superseded(&admin, first, second);
    undo(&admin, second, false).well();
    undo(&admin, first, false).well();

    // Amounts add up: whatever came since, what was given can be taken again. One technology is not another.
    let grant = json!({ "kind": "grant", "credits": 5, "goods": { "ice": 2 } });
    let [first, _] = [(), ()].map(|()| change_player(&admin, &bob, &grant));
    undo(&admin, first, false).well();
    assert_eq!(admin.get(&format!("/players/{bob}")).well()["credits"], 205);

    admin.make("Eve", "viewer").well();
    let role = |role: &str| admin.change("Eve", &json!({ "kind": "role", "role": role })).well()["audit"].clone();
    let [first, second] = ["moderator", "admin"].map(|name| role(name).as_u64().unwrap());
    superseded(&admin, first, second);
    assert_eq!(admin.account("Eve")["role"], "admin");

    let maintenance = |change: Value| {
        let version = admin.get("/maintenance").well()["version"].clone();
        let request = admin.request("POST", "/maintenance/changes");
        let request = request.json(&json!({ "change": change, "reason": REASON }));
        Operator::send(request.header("if-match", format!("\"{version}\""))).well()["audit"].as_u64().unwrap()
    };
    let first = maintenance(json!({ "kind": "close", "message": "Mending" }));
    let second = maintenance(json!({ "kind": "close", "message": "Still mending" }));
    superseded(&admin, first, second);
    undo(&admin, second, false).well();
    assert_eq!(admin.get("/maintenance").well()["message"], "Mending");
    undo(&admin, first, false).well();
    assert_eq!(admin.get("/maintenance").well()["mode"], "off");
}

#[test]
fn a_name_that_the_player_has_chosen_since_is_left_alone() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let guest = Player::guest(&server);
    let (id, access) = (guest.welcome.player.to_string(), token(&guest.welcome));
    let renamed = change_player(&admin, &id, &json!({ "kind": "rename", "name": "Robert" }));
    let form = json!({ "name": "Bobby", "password": "correct horse" });
    assert_eq!(server.http().post_as(&access, "/api/v1/auth/claim", &form).status, 200);
    for dry_run in [true, false] {
        assert_eq!(undo(&admin, renamed, dry_run).problem(), (409, "superseded".to_owned()));
    }
    assert_eq!(admin.get(&format!("/players/{id}")).well()["name"], "Bobby");
}

#[test]
fn no_role_undoes_what_it_could_not_do_itself() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let bob = register(&server, "Bob");
    let by_admins = [
        change_player(&admin, &bob, &json!({ "kind": "grant", "credits": 5 })),
        change_player(&admin, &bob, &json!({ "kind": "rename", "name": "Robert" })),
        admin.change("The moderator", &json!({ "kind": "disable" })).well()["audit"].as_u64().unwrap(),
    ];
    admin.change("The moderator", &json!({ "kind": "enable" })).well();
    let mut moderator = moderator;
    assert_eq!(moderator.log_in("The moderator", PASSWORD, None).status, 200);
    for entry in by_admins {
        for dry_run in [true, false] {
            assert_eq!(undo(&moderator, entry, dry_run).problem(), (403, "not_allowed".to_owned()), "{entry}");
        }
    }
}

#[test]
fn a_change_that_changes_nothing_is_said_to_and_leaves_no_entry() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    admin.make("Eve", "viewer").well();
    let before = admin.get("/audit?action=operator_change").well();
    for change in [
        json!({ "kind": "role", "role": "viewer" }),
        json!({ "kind": "enable" }),
        json!({ "kind": "unlock" }),
        json!({ "kind": "reset_totp" }),
    ] {
        assert_eq!(admin.change("Eve", &change).problem(), (409, "no_change".to_owned()), "{change}");
    }
    assert_eq!(admin.get("/audit?action=operator_change").well(), before);
    let open = admin.request("POST", "/maintenance/changes").header("if-match", "\"0\"");
    let open = Operator::send(open.json(&json!({ "change": { "kind": "open" }, "reason": REASON })));
    assert_eq!(open.problem(), (409, "no_change".to_owned()));
    assert_eq!(admin.get("/audit?action=maintenance").well()["items"], json!([]));
}
