//! Economic commands over HTTP: the same player, answers and limits as over WebSocket.

use orrery::protocol::{ClientMessage, Encoding};
use orrery::types::Credits;
use orrery::types::PlayerId;
use orrery::types::economy::Deal;
use orrery::types::economy::storage::Give;
use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::player::with_token;
use crate::support::{Http, Player, Server, command};

fn token(player: &Player) -> String {
    player.welcome.account.clone().unwrap().access_token
}

fn give(to: PlayerId, credits: u64, id: u64) -> Value {
    json!(["give", { "to": to, "credits": credits }, id])
}

fn give_message(to: PlayerId, credits: u64) -> ClientMessage {
    ClientMessage::Deal(Deal::Give(Give { to, credits: Credits(credits) }))
}

fn credits(http: &Http, token: &str) -> u64 {
    http.get_as(token, "/api/v1/me/status").json()["credits"].as_u64().unwrap()
}

fn refused(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.text());
    (answer.status, answer.field("code"))
}

#[test]
fn a_command_has_one_effect_and_one_answer_whichever_way_it_comes() {
    let server = Server::start();
    let http = server.http();
    let (mut ada, bob) = (Player::guest(&server), Player::guest(&server));
    let (ada_token, bob_id) = (token(&ada), bob.welcome.player);
    let start = credits(&http, &ada_token);

    let over_http = http.command(&ada_token, &give(bob_id, 30, 7));
    assert_eq!((over_http.status, over_http.header("cache-control")), (200, Some("no-store")), "{}", over_http.text());
    assert_eq!(over_http.json(), json!({ "to": bob_id, "credits": 30, "balance": start - 30 }));
    let over_socket = ada.command_as(give_message(bob_id, 20), 8).unwrap();
    for _ in 0..3 {
        assert_eq!(http.command(&ada_token, &give(bob_id, 30, 7)).json(), over_http.json());
        assert_eq!(ada.command_as(give_message(bob_id, 30), 7).unwrap(), over_http.json());
        assert_eq!(http.command(&ada_token, &give(bob_id, 20, 8)).json(), over_socket);
    }
    assert_eq!(refused(&http.command(&ada_token, &give(bob_id, 31, 7))), (409, "id_reused".to_owned()));

    let refusal = http.command(&ada_token, &give(bob_id, start, 9));
    assert_eq!(refused(&refusal), (409, "not_enough_credits".to_owned()));
    assert_eq!((&refusal.json()["needed"], &refusal.json()["have"]), (&json!(start), &json!(start - 50)));
    let same = ada.command_as(give_message(bob_id, start), 9).unwrap_err();
    assert_eq!((same.code.as_str(), same.message), ("not_enough_credits", refusal.field("detail")));

    assert_eq!(credits(&http, &ada_token), start - 50);
    crate::support::until("Bob has what was given", || credits(&http, &token(&bob)) == start + 50);
}

#[test]
fn the_same_credits_are_not_spent_twice_by_two_sessions_and_http() {
    let server = Server::start();
    let http = server.http();
    let (mut ada, bob) = (Player::guest(&server), Player::guest(&server));
    let (ada_token, bob_id) = (token(&ada), bob.welcome.player);
    let start = credits(&http, &ada_token);
    // All at once: half of it each, from eight requests, while the socket does the same.
    let half = start / 2;
    let paid: usize = std::thread::scope(|scope| {
        let requests: Vec<_> = (0..8)
            .map(|id| {
                let (server, ada_token) = (&server, &ada_token);
                scope.spawn(move || server.http().command(ada_token, &give(bob_id, half, 100 + id)).status)
            })
            .collect();
        let over_socket = (0..4).filter(|id| ada.command_as(give_message(bob_id, half), 200 + id).is_ok()).count();
        let statuses: Vec<u16> = requests.into_iter().map(|request| request.join().unwrap()).collect();
        assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
        over_socket + statuses.iter().filter(|status| **status == 200).count()
    });
    assert_eq!(paid, 2);
    assert_eq!(credits(&http, &ada_token), start - 2 * half);
    crate::support::until("all has arrived", || credits(&http, &token(&bob)) == start + 2 * half);
}

#[test]
fn who_has_no_ship_in_space_does_what_works_from_everywhere() {
    let server = Server::start();
    let http = server.http();
    let account = json!({ "name": "Ada", "password": "difference engine" });
    let ada = http.post("/api/v1/auth/register", &account).field("access_token");
    let bob = Player::guest(&server).welcome.player;
    assert_eq!(http.command(&ada, &give(bob, 5, 1)).status, 200);
    let load = json!(["load", { "hub": "luna_exchange", "item": "ice", "quantity": 1 }, 2]);
    assert_eq!(refused(&http.command(&ada, &load)), (409, "in_transit".to_owned()));
    // Nothing was decided: in space the same command is.
    let mut session = Player::hello(&server, Encoding::Json, with_token(&ada)).unwrap();
    session.command(command::status()).unwrap();
    assert_eq!(refused(&http.command(&ada, &load)), (409, "not_enough_goods".to_owned()));
}

#[test]
fn bodies_that_are_no_command_are_told_what_is_wrong() {
    let server = Server::start();
    let http = server.http();
    let ada = token(&Player::guest(&server));
    let post = |body: &str| http.post_bytes(&ada, "/api/v1/commands", "application/json", body);
    for (body, code, said) in [
        ("", "bad_request", "EOF"),
        ("{}", "bad_request", "array"),
        ("[]", "bad_request", ""),
        (r#"["dance",{},1]"#, "unknown_type", "dance"),
        (r#"["give",{"to":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","credits":1}]"#, "id_required", "id"),
        (r#"["give",{"credits":1},1]"#, "bad_request", "to"),
        (r#"["give",{"to":"Bob","credits":1},1]"#, "bad_request", "give"),
        (r#"["give",{"to":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","credits":-1},1]"#, "bad_request", "give"),
        (r#"["give",{"to":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","credits":1,"tip":1},1]"#, "bad_request", "tip"),
        (r#"["give",{"to":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","credits":1},-1]"#, "bad_request", "give"),
        (r#"["supply",{"hub":"Luna!","item":"ice","quantity":1},1]"#, "bad_request", "supply"),
        (r#"["status",{},1]"#, "bad_request", "status"),
        (r#"["market",{"hub":"luna_exchange"},1]"#, "bad_request", "market"),
        (r#"["hello",{"guest":{}}]"#, "bad_request", "hello"),
    ] {
        let answer = post(body);
        assert_eq!(refused(&answer), (400, code.to_owned()), "{body}: {}", answer.text());
        assert!(answer.field("detail").contains(said), "{body}: {}", answer.text());
    }
    assert_eq!(post(&"[".repeat(10_000)).status, 400);
    assert_eq!(post(&format!("[\"say\",{{\"text\":\"{}\"}},1]", "x".repeat(20_000))).status, 413);
    assert_eq!(http.post_bytes(&ada, "/api/v1/commands", "text/plain", "[]").status, 415);
    assert_eq!(http.get_as(&ada, "/api/v1/commands").status, 405);
}

#[test]
fn a_command_needs_a_players_token() {
    let server = Server::start();
    let http = server.http();
    let bob = Player::guest(&server).welcome.player;
    let body = give(bob, 1, 1);
    let without = http.post("/api/v1/commands", &body);
    assert_eq!(
        (refused(&without), without.header("www-authenticate")),
        ((401, "not_authenticated".to_owned()), Some("Bearer"))
    );
    let operator = server.print(&["token", "--operator", "Grace"]);
    for token in ["nonsense", "a.b.c", &operator] {
        assert_eq!(refused(&http.command(token, &body)), (401, "not_authenticated".to_owned()), "{token}");
    }
    let (error, code) = Player::hello(&server, Encoding::Json, with_token(&operator)).err().unwrap();
    assert_eq!((error.code.as_str(), code), ("not_authenticated", 4001), "an operator plays for nobody");
}

#[test]
fn both_ways_share_one_limit_and_it_takes_no_answer_away() {
    let server = Server::with(&[("limits.trades_per_minute", "60")]);
    let http = server.http();
    let (mut ada, bob) = (Player::guest(&server), Player::guest(&server));
    let (ada_token, bob_id) = (token(&ada), bob.welcome.player);
    let first = http.command(&ada_token, &give(bob_id, 1, 1)).json();
    let limited = (2..90).find_map(|id| ada.command_as(give_message(bob_id, 1), id).err()).expect("a limit");
    assert_eq!(limited.code, "rate_limited");
    let repeat = || http.command(&ada_token, &give(bob_id, 1, 1));
    // It grows back once a second; one of two must be refused.
    let answers = [repeat(), repeat()];
    let refusal = answers.iter().find(|answer| answer.status != 200).expect("a limit for HTTP, too");
    assert_eq!(refused(refusal), (429, "rate_limited".to_owned()));
    assert_eq!(refusal.header("retry-after"), Some("1"));
    assert!((1..=1_000).contains(&refusal.json()["retry_after_ms"].as_u64().unwrap()));
    let load = json!(["load", { "hub": "luna_exchange", "item": "ice", "quantity": 1 }, 500]);
    assert_eq!(http.command(&ada_token, &load).status, 409, "another class of deals");
    crate::support::until("the answer is given again", || repeat().status == 200);
    crate::support::until("the answer is the same", || {
        let answer = repeat();
        answer.status != 200 || answer.json() == first
    });
}
