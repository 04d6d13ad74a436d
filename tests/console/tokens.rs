//! Tokens of programs.

use serde_json::json;

use crate::operator::{ADMIN, Operator, PASSWORD, server};

#[test]
fn a_token_may_do_what_its_scope_says_and_ends_with_its_owner() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let second = Operator::with_role(&server, &admin, "admin");
    let (viewer, moderator, all) =
        (second.with_token("viewer"), second.with_token("moderator"), second.with_token("admin"));
    for (program, status) in [(&viewer, 403), (&moderator, 403), (&all, 200)] {
        assert_eq!(program.get("/operators").status, status);
        assert_eq!(program.get("/audit").status, 200);
    }
    let password = all.post("/session/password", &json!({ "current": "", "new": "nine blue canoes" }));
    assert_eq!(password.problem(), (403, "session_needed".to_owned()), "a stolen token does not take the account over");
    admin.change("The admin", &json!({ "kind": "role", "role": "moderator" })).well();
    assert_eq!(all.get("/session").status, 401, "more than its owner may do");
    assert_eq!(moderator.get("/session").well()["operator"]["role"], "moderator");
    admin.change("The admin", &json!({ "kind": "disable" })).well();
    assert_eq!(moderator.get("/session").status, 401);
}

#[test]
fn one_sees_and_deletes_ones_own_tokens_and_an_admin_all() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let program = moderator.with_token("viewer");
    let of_admin = admin.with_token("viewer");
    let larger = moderator.post("/tokens", &json!({ "name": "more", "scope": "admin" }));
    assert_eq!(larger.problem(), (403, "scope_too_large".to_owned()));
    let own = moderator.get("/tokens").well();
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
    assert!(own["items"][0].get("token").is_none(), "shown once");
    assert_eq!(admin.get("/tokens").well()["items"].as_array().unwrap().len(), 2);
    let id_of = |owner: &str| {
        let all = admin.get("/tokens").well();
        let token = all["items"].as_array().unwrap().iter().find(|token| token["operator"]["name"] == owner).cloned();
        token.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let foreign = moderator.delete(&format!("/tokens/{}", id_of(ADMIN)));
    assert_eq!(foreign.problem(), (404, "unknown_token".to_owned()));
    assert_eq!(of_admin.get("/session").status, 200);
    assert_eq!(admin.delete(&format!("/tokens/{}", id_of("The moderator"))).status, 204);
    assert_eq!(program.get("/session").status, 401);
    for (name, days) in [("", 1), ("x", 0), ("x", 3_651)] {
        assert_eq!(
            moderator.post("/tokens", &json!({ "name": name, "scope": "viewer", "days": days })).problem().0,
            400
        );
    }
}

#[test]
fn a_token_neither_makes_nor_deletes_tokens() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let (all, viewer) = (admin.with_token("admin"), admin.with_token("viewer"));
    let ids: Vec<String> = {
        let own = admin.get("/tokens").well();
        own["items"].as_array().unwrap().iter().map(|token| token["id"].as_str().unwrap().to_owned()).collect()
    };
    let more = all.post("/tokens", &json!({ "name": "more", "scope": "viewer" }));
    assert_eq!(more.problem(), (403, "session_needed".to_owned()));
    for id in &ids {
        assert_eq!(all.delete(&format!("/tokens/{id}")).problem(), (403, "session_needed".to_owned()));
        assert_eq!(viewer.delete(&format!("/tokens/{id}")).problem(), (403, "not_allowed".to_owned()));
    }
    assert_eq!(admin.get("/tokens").well()["items"].as_array().unwrap().len(), 2);
}

#[test]
fn another_password_ends_the_tokens_that_the_old_one_made() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let programs = [moderator.with_token("viewer"), admin.with_token("admin")];
    let new = json!({ "kind": "reset_password", "password": "eight red barges" });
    admin.change("The moderator", &new).well();
    assert_eq!(programs.each_ref().map(|program| program.get("/session").status), [401, 200]);
    let own = json!({ "current": PASSWORD, "new": "eight red barges" });
    assert_eq!(admin.post("/session/password", &own).status, 204);
    assert_eq!((programs[1].get("/session").status, admin.get("/session").status), (401, 200));
    assert_eq!(admin.get("/tokens").well()["items"], json!([]));
}
