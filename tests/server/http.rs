//! The HTTP API over real sockets.

use orrery::protocol::Encoding;
use serde_json::{Value, json};

use crate::support::player::{Player, with_token};
use crate::support::{Http, Server};

fn who(name: &str, password: &str) -> Value {
    json!({ "name": name, "password": password })
}

fn refresh(http: &Http, token: &str) -> crate::support::http::Answer {
    http.post("/api/v1/auth/refresh", &json!({ "refresh_token": token }))
}

#[test]
fn refresh_tokens_rotate_and_a_stolen_one_ends_the_log_in() {
    let server = Server::start();
    let http = server.http();
    let registered = http.post("/api/v1/auth/register", &who("Ada", "difference engine"));
    assert_eq!((registered.status, registered.header("cache-control")), (201, Some("no-store")));
    let first = registered.field("refresh_token");
    let second = refresh(&http, &first).field("refresh_token");
    let third = refresh(&http, &second).field("refresh_token");
    assert_eq!(refresh(&http, &first).status, 401, "its successor was used");
    assert_eq!(refresh(&http, &third).status, 401, "so the log-in has ended");
    let again = http.post("/api/v1/auth/login", &who("ada", "difference engine"));
    let token = again.field("refresh_token");
    assert_eq!(http.post("/api/v1/auth/logout", &json!({ "refresh_token": token })).status, 204);
    assert_eq!(refresh(&http, &token).status, 401);
    assert_eq!(http.post("/api/v1/auth/register", &who("ADA", "another password")).status, 409);
    assert_eq!(http.post("/api/v1/auth/register", &who("x", "short")).status, 400);
}

#[test]
fn a_refresh_whose_answer_was_lost_can_be_repeated() {
    let server = Server::start();
    let http = server.http();
    let first = http.post("/api/v1/auth/register", &who("Ada", "difference engine")).field("refresh_token");
    let lost = refresh(&http, &first).field("refresh_token");
    let second = refresh(&http, &first).field("refresh_token");
    let third = refresh(&http, &second);
    assert_eq!(third.status, 200, "{}", third.text());
    assert_eq!(refresh(&http, &lost).status, 401, "only the last answer counts");
    assert_eq!(refresh(&http, &third.field("refresh_token")).status, 401, "so somebody else has a token");
}

#[test]
fn unknown_names_and_wrong_passwords_are_answered_alike() {
    let server = Server::with(&[("limits.login_failures_per_account", "3")]);
    let http = server.http();
    http.post("/api/v1/auth/register", &who("Ada", "difference engine"));
    let mut answers = Vec::new();
    for name in ["Ada", "Nobody"] {
        let tries: Vec<_> = (0..4).map(|_| http.post("/api/v1/auth/login", &who(name, "guess number one"))).collect();
        assert_eq!(tries.iter().map(|answer| answer.status).collect::<Vec<_>>(), [401, 401, 401, 429]);
        let wait: u64 = tries[3].header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait));
        answers.push(tries[0].json());
    }
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn limits_by_address_say_when_to_come_back() {
    let server = Server::with(&[("limits.exempt_loopback", "false")]);
    let http = server.http();
    let statuses = |path: &str, count: usize| -> Vec<u16> {
        let answers: Vec<_> =
            (0..count).map(|n| http.post(path, &who(&format!("Ada {n}"), "difference engine"))).collect();
        let last = answers.last().unwrap();
        assert!(last.header("retry-after").unwrap().parse::<u64>().unwrap() <= 60);
        assert_eq!(
            (last.header("content-type"), last.field("code")),
            (Some("application/problem+json"), "rate_limited".to_owned())
        );
        answers.iter().map(|answer| answer.status).collect()
    };
    assert_eq!(statuses("/api/v1/auth/register", 3), [201, 201, 429]);
    assert_eq!(statuses("/api/v1/auth/login", 6), [200, 200, 401, 401, 401, 429]);
}

#[test]
fn a_guest_claims_its_account_and_keeps_what_it_has() {
    let server = Server::start();
    let http = server.http();
    let mut guest = Player::guest(&server);
    let object = guest.objects()[0];
    guest.command(crate::support::command::collect(object)).unwrap();
    let account = guest.welcome.account.clone().unwrap();
    let claimed = http.post_as(&account.access_token, "/api/v1/auth/claim", &who("Grace", "nanoseconds"));
    assert_eq!(claimed.status, 200, "{}", claimed.text());
    assert_eq!(http.post_as(&account.access_token, "/api/v1/auth/claim", &who("Hopper", "nanoseconds")).status, 409);
    assert_eq!(refresh(&http, &account.refresh_token).status, 401, "the guest's log-in has ended");
    let token = http.post("/api/v1/auth/login", &who("Grace", "nanoseconds")).field("access_token");
    let mut named = Player::hello(&server, Encoding::Json, with_token(&token)).unwrap();
    assert_eq!((named.welcome.name.as_str(), named.welcome.guest), ("Grace", false));
    let status = named.command(crate::support::command::status()).unwrap();
    assert_eq!(status["lifetime"]["objects_collected"], json!(1));
    assert_eq!(http.post("/api/v1/auth/claim", &who("Nobody", "no token at all")).status, 401);
}

#[test]
fn the_catalogue_is_sent_once() {
    let server = Server::start();
    let http = server.http();
    let whole = http.get("/api/v1/catalog");
    let tag = whole.header("etag").unwrap().to_owned();
    assert!(whole.json()["sectors"]["sol"].is_object());
    let known = http.get_with("/api/v1/catalog", ("if-none-match", &tag));
    assert_eq!((known.status, known.text().as_str(), known.header("etag")), (304, "", Some(tag.as_str())));
    assert_eq!(http.get_with("/api/v1/catalog", ("if-none-match", "\"other\"")).status, 200);
    let welcome = Player::guest(&server).welcome;
    assert!(tag.contains(&welcome.catalog), "{tag} is {}", welcome.catalog);
}

#[test]
fn operators_tools_are_answered() {
    let server = Server::start();
    let http = server.http();
    assert_eq!(http.get("/healthz").status, 200);
    let ready = http.get("/readyz");
    assert_eq!((ready.status, &ready.json()["ok"]), (200, &json!(true)));
    let metrics = http.get("/metrics");
    assert!(metrics.text().ends_with("# EOF\n") && metrics.text().contains("orrery_ticks_total{"));
    assert_eq!((http.get("/nowhere").status, http.get("/api/v1/auth/login").status), (404, 405));
    assert_eq!(http.get("/debug/echo").status, 404);
}
