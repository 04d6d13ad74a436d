//! Log-in, sessions, lock-out, cookies, and what a page of another site cannot do.

use serde_json::json;

use crate::operator::{ADMIN, API, Operator, PASSWORD, server};
use crate::support::{Server, until};

const OTHER: &str = "eight red barges";

#[test]
fn without_operators_nobody_is_let_in() {
    let server = Server::start();
    let mut nobody = Operator::outside(&server);
    assert_eq!(nobody.get("/session").problem(), (401, "not_authenticated".to_owned()));
    for (name, password) in [("admin", "admin"), ("", ""), (ADMIN, PASSWORD)] {
        assert_eq!(nobody.log_in(name, password, None).problem(), (401, "wrong_login".to_owned()), "{name}");
    }
    let forged = Operator { cookie: "orrery_console=".to_owned(), ..nobody.clone() };
    assert_eq!(forged.get("/session").status, 401);
    let forged = Operator { token: Some("orrery_".to_owned()), ..nobody };
    assert_eq!(forged.get("/session").status, 401);
}

#[test]
fn a_session_is_a_cookie_that_no_script_sees_and_ends_with_log_out() {
    let server = server(&[]);
    let mut ada = Operator::outside(&server);
    let answer = ada.log_in("ADA", PASSWORD, None);
    let cookie = answer.header("set-cookie").to_owned();
    for flag in ["orrery_console=", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(flag), "{flag}: {cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain HTTP: {cookie}");
    let session = answer.well();
    assert_eq!(session["operator"]["name"], ADMIN);
    assert_eq!(
        (session["operator"]["role"].as_str(), session["operator"]["totp"].as_bool()),
        (Some("admin"), Some(false))
    );
    assert_eq!(ada.get("/session").well(), session);
    let before = ada.clone();
    ada.log_in(ADMIN, PASSWORD, None);
    assert_ne!(before.cookie, ada.cookie, "an id of its own with each log-in");
    assert_eq!(before.get("/session").status, 401, "the one before has ended");
    assert_eq!(ada.delete("/session").status, 204);
    assert_eq!(ada.get("/session").status, 401);
}

#[test]
fn behind_https_the_cookie_is_for_https_only_and_browsers_are_told_to_stay() {
    let server = server(&[("console.secure_cookies", "true")]);
    let mut ada = Operator::outside(&server);
    let answer = ada.log_in(ADMIN, PASSWORD, None);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-orrery_console=") && cookie.contains("Secure"), "{cookie}");
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
    assert_eq!(ada.get("/session").status, 200);
}

#[test]
fn what_changes_something_needs_the_sessions_token_and_our_own_page() {
    let server = server(&[]);
    let ada = Operator::admin(&server);
    let body = json!({ "name": "bot", "scope": "viewer" });
    let without = Operator { csrf: String::new(), ..ada.clone() };
    assert_eq!(without.post("/tokens", &body).problem(), (403, "csrf".to_owned()));
    let others = Operator { csrf: Operator::admin(&server).csrf, ..ada.clone() };
    assert_eq!(others.post("/tokens", &body).problem(), (403, "csrf".to_owned()));
    for (header, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        for (path, body) in [("/tokens", &body), ("/session", &json!({ "name": ADMIN, "password": PASSWORD }))] {
            let answer = Operator::send(ada.request("POST", path).header(header, value).json(body));
            assert_eq!(answer.problem(), (403, "csrf".to_owned()), "{header} {path}");
        }
    }
    assert_eq!(ada.get("/tokens").well()["items"], json!([]), "nothing came of it");
    let origin = format!("http://{}", server.console);
    let same = ada.request("POST", "/tokens").header("origin", origin).header("sec-fetch-site", "same-origin");
    assert_eq!(Operator::send(same.json(&body)).status, 201);
}

#[test]
fn failures_in_a_row_lock_an_account_as_they_lock_a_name_that_nobody_has() {
    let server = server(&[("console.lock_after_failures", "3")]);
    let admin = Operator::admin(&server);
    admin.make("Bob", "viewer").well();
    let mut anybody = Operator::outside(&server);
    for name in ["Bob", "Nobody"] {
        for _ in 0..3 {
            assert_eq!(anybody.log_in(name, OTHER, None).problem(), (401, "wrong_login".to_owned()), "{name}");
        }
        let locked = anybody.log_in(name, PASSWORD, None);
        assert_eq!(locked.problem(), (429, "locked".to_owned()), "{name}");
        let pause = locked.json()["retry_after_ms"].as_u64().unwrap();
        assert!((800_000..=900_000).contains(&pause), "{name}: {pause}");
    }
    let lines = admin.get("/audit?action=locked_out").well();
    let names: Vec<&str> =
        lines["items"].as_array().unwrap().iter().map(|l| l["target_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["(unknown name)", "Bob"], "what was typed is not kept");
    let failed = admin.get("/audit?action=log_in_failed&limit=100").well();
    assert_eq!(failed["items"].as_array().unwrap().len(), 4);
    assert_eq!(failed["items"][0]["by"]["address"], "127.0.0.1");
    let kept = admin.get("/audit?limit=100").text;
    assert!(!kept.contains("Nobody"), "{kept}");
    assert!(admin.account("Bob")["locked_until_ms"].as_u64().is_some());
    admin.change("Bob", &json!({ "kind": "unlock" })).well();
    assert!(admin.account("Bob")["locked_until_ms"].is_null());
    assert_eq!(anybody.log_in("Bob", PASSWORD, None).status, 200);
}

#[test]
fn who_guesses_from_one_address_keeps_nobody_out_who_comes_from_another() {
    let server = server(&[("console.lock_after_failures", "3")]);
    let inside = Operator::admin(&server);
    let mut stranger = Operator::from(&server, "127.0.0.2");
    for _ in 0..4 {
        stranger.log_in(ADMIN, OTHER, None);
    }
    assert_eq!(stranger.log_in(ADMIN, PASSWORD, None).problem(), (429, "locked".to_owned()));
    Operator::admin(&server);
    let own = inside.post("/session/password", &json!({ "current": PASSWORD, "new": OTHER }));
    assert_eq!(own.status, 204, "{own:?}");
}

#[test]
fn guesses_from_many_addresses_lock_an_account_everywhere_but_not_for_who_is_inside() {
    let server = server(&[("console.lock_after_failures", "3")]);
    let inside = Operator::admin(&server);
    for last in 1..=10 {
        let mut stranger = Operator::from(&server, &format!("127.0.1.{last}"));
        for _ in 0..3 {
            assert_eq!(stranger.log_in(ADMIN, OTHER, None).problem(), (401, "wrong_login".to_owned()));
        }
    }
    assert_eq!(Operator::outside(&server).log_in(ADMIN, PASSWORD, None).problem(), (429, "locked".to_owned()));
    let own = inside.post("/session/password", &json!({ "current": PASSWORD, "new": OTHER }));
    assert_eq!(own.status, 204, "{own:?}");
    Operator::inside(&server, ADMIN, OTHER);
}

#[test]
fn an_address_may_try_so_often() {
    let server = server(&[("console.logins_per_address", "2")]);
    let mut anybody = Operator::outside(&server);
    let tries = [(); 3].map(|()| anybody.log_in("Nobody", OTHER, None).problem());
    assert_eq!(tries.map(|(status, _)| status), [401, 401, 429]);
    assert_eq!(anybody.log_in(ADMIN, PASSWORD, None).problem(), (429, "rate_limited".to_owned()));
}

#[test]
fn another_password_ends_the_other_sessions() {
    let server = server(&[]);
    let (one, other) = (Operator::admin(&server), Operator::admin(&server));
    let change = |current: &str, new: &str| one.post("/session/password", &json!({ "current": current, "new": new }));
    for (current, new, problem) in [
        (OTHER, "nine blue canoes", (403, "wrong_password")),
        (PASSWORD, "short", (400, "bad_request")),
        (PASSWORD, "ada!ada!ada!", (400, "bad_request")),
        (PASSWORD, "password12345", (400, "bad_request")),
    ] {
        assert_eq!(change(current, new).problem(), (problem.0, problem.1.to_owned()), "{new}");
    }
    assert_eq!(change(PASSWORD, OTHER).status, 204);
    assert_eq!((one.get("/session").status, other.get("/session").status), (200, 401));
    assert_eq!(Operator::outside(&server).log_in(ADMIN, PASSWORD, None).status, 401);
    Operator::inside(&server, ADMIN, OTHER);
}

#[test]
fn a_session_that_does_nothing_ends() {
    // The shortest times that can be set are a minute: their arithmetic is tested beside the code. Here: a restart ends
    // them too, and what is stored is there again.
    let server = server(&[]);
    let ada = Operator::admin(&server);
    let token = ada.with_token("viewer").token;
    let server = server.crash_and_start();
    let again = Operator { cookie: ada.cookie, csrf: ada.csrf, ..Operator::outside(&server) };
    assert_eq!(again.get("/session").status, 401);
    let program = Operator { token, ..Operator::outside(&server) };
    until("the operators are read", || program.get("/session").status == 200);
    Operator::admin(&server);
}

#[test]
fn the_last_admin_stays() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    for change in [json!({ "kind": "disable" }), json!({ "kind": "role", "role": "viewer" })] {
        assert_eq!(admin.change(ADMIN, &change).problem(), (409, "last_admin".to_owned()), "{change}");
    }
    let second = Operator::with_role(&server, &admin, "admin");
    second.change(ADMIN, &json!({ "kind": "role", "role": "viewer" })).well();
    assert_eq!(admin.get("/session").status, 401, "sessions end with the role");
    let ada = Operator::inside(&server, ADMIN, PASSWORD);
    assert_eq!(ada.get("/operators").problem(), (403, "not_allowed".to_owned()));
    assert_eq!(second.change("The admin", &json!({ "kind": "disable" })).problem().1, "last_admin");
}

#[test]
fn an_edit_says_what_it_was_decided_on() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let bob = admin.make("Bob", "viewer").well();
    let path = format!("/operators/{}/changes", bob["id"].as_str().unwrap());
    let body = json!({ "change": { "kind": "role", "role": "moderator" }, "reason": "promoted" });
    assert_eq!(admin.post(&path, &body).problem(), (428, "precondition_required".to_owned()));
    let edit = |tag: &str| Operator::send(admin.request("POST", &path).header("if-match", tag).json(&body));
    let stale = edit("\"7\"");
    assert_eq!((stale.problem().1.as_str(), stale.json()["current_version"].as_u64()), ("version_conflict", Some(1)));
    let mut tried = body.clone();
    tried["dry_run"] = true.into();
    let tried = admin.post(&path, &tried).well();
    assert_eq!(
        (tried["before"].clone(), tried["after"].clone()),
        (json!({"role": "viewer"}), json!({"role": "moderator"}))
    );
    assert!(tried["audit"].is_null() && tried["can_undo"] == true, "{tried}");
    assert_eq!(admin.account("Bob")["role"], "viewer", "only tried");
    let done = edit("\"1\"");
    assert_eq!(done.header("etag"), "\"2\"");
    assert_eq!(done.well()["version"], 2);
    assert_eq!(admin.account("Bob")["role"], "moderator");
    assert_eq!(admin.make("BOB", "viewer").problem(), (409, "name_taken".to_owned()));
    assert_eq!(admin.get(&format!("{API}/nothing")).status, 404);
}
