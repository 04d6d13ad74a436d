//! Questions about the economy over HTTP.

use serde_json::{Value, json};

use crate::support::{Http, Player, Server, command};

const PUBLIC: &[&str] = &[
    "/api/v1/markets/luna_exchange",
    "/api/v1/markets/luna_exchange?item=ice&limit=5",
    "/api/v1/markets/luna_exchange/auctions",
    "/api/v1/markets/luna_exchange/auctions?limit=100&cursor=0",
    "/api/v1/markets/luna_exchange/contracts?limit=1",
    "/api/v1/markets/luna_exchange/prices?item=ice&span=minute",
    "/api/v1/markets/luna_exchange/prices?item=ice&span=day&before=1795188137834&limit=500",
    "/api/v1/missions",
    "/api/v1/missions?past=true&limit=5",
    "/api/v1/seasons/current/wealth",
    "/api/v1/seasons/current/missions?top=100",
];
const OWN: &[&str] = &[
    "/api/v1/markets/luna_exchange/offers",
    "/api/v1/me/status",
    "/api/v1/me/storage",
    "/api/v1/me/jobs",
    "/api/v1/me/notifications",
    "/api/v1/me/notifications?limit=1&cursor=7",
    "/api/v1/me/friends",
    "/api/v1/chat/sector/history",
    "/api/v1/chat/01a1f98d-11a2-73d5-9ab8-090683b41d2d/history?limit=3&cursor=9",
];

fn token(player: &Player) -> String {
    player.welcome.account.clone().unwrap().access_token
}

fn refused(http: &Http, token: &str, path: &str) -> (u16, String, String) {
    let answer = http.get_as(token, path);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}: {}", answer.text());
    (answer.status, answer.field("code"), answer.field("detail"))
}

#[test]
fn what_concerns_everybody_is_told_everybody() {
    let server = Server::start();
    let http = server.http();
    let ada = token(&Player::guest(&server));
    // Leaderboards are loaded after the server has begun to listen.
    crate::support::until("leaderboards are there", || http.get("/api/v1/seasons/current/wealth").status == 200);
    for path in PUBLIC {
        let answer = http.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("public, max-age=1"), "{path}");
        let as_player = http.get_as(&ada, path);
        assert_eq!((as_player.status, as_player.header("cache-control")), (200, Some("private, no-store")), "{path}");
    }
    let book = http.get(PUBLIC[0]).json();
    assert_eq!(book["hub"], json!("luna_exchange"));
    for path in &PUBLIC[2..8] {
        let page = http.get(path).json();
        assert!(page["items"].is_array() && page.get("next_cursor").is_some(), "{path}: {page}");
    }
    let ranks = http.get_as(&ada, "/api/v1/seasons/current/wealth?top=3&around=0").json();
    assert!(ranks["participants"].is_number() && ranks["top"].is_array() && ranks["around"].is_array(), "{ranks}");
}

#[test]
fn what_is_a_players_own_needs_the_players_token() {
    let server = Server::start();
    let http = server.http();
    let mut ada = Player::guest(&server);
    let (ada_token, operator) = (token(&ada), server.print(&["token", "--operator", "Grace"]));
    let status = ada.command(command::status()).unwrap();
    for path in OWN.iter().copied().chain(["/api/v1/me/guild"]) {
        let without = http.get(path);
        assert_eq!((without.status, without.field("code").as_str()), (401, "not_authenticated"), "{path}");
        for wrong in ["nonsense", &operator] {
            assert_eq!(http.get_as(wrong, path).status, 401, "{path}");
        }
    }
    for path in OWN {
        let answer = http.get_as(&ada_token, path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{path}");
    }
    assert_eq!(http.get_as(&ada_token, "/api/v1/me/status").json(), status);
    let (code, no_guild, _) = refused(&http, &ada_token, "/api/v1/me/guild");
    assert_eq!((code, no_guild.as_str()), (404, "no_guild"));
    // A wrong token is no less wrong where none is needed.
    assert_eq!(http.get_as("nonsense", PUBLIC[0]).status, 401);
}

#[test]
fn what_is_stored_is_what_was_unloaded() {
    let server = Server::start();
    let http = server.http();
    let mut ada = Player::guest(&server);
    let token = token(&ada);
    let object = ada.objects()[0];
    let collected = ada.command(command::collect(object)).unwrap();
    let (item, quantity) = (&collected["item"], &collected["quantity"]);
    let unload = json!(["unload", { "hub": "luna_exchange", "item": item, "quantity": quantity }, 4_711]);
    let moved = http.command(&token, &unload);
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert_eq!((&moved.json()["hold"], &moved.json()["stored"]), (&json!(0), quantity));
    let stored = http.get_as(&token, "/api/v1/me/storage").json();
    assert_eq!(stored, json!({ "items": [{ "hub": "luna_exchange", "item": item, "quantity": quantity }] }));
}

#[test]
fn wrong_addresses_and_parameters_are_told_by_name() {
    let server = Server::start();
    let http = server.http();
    let ada = token(&Player::guest(&server));
    for (path, status, code, said) in [
        ("/api/v1/markets/Luna", 404, "unknown_hub", "Luna"),
        ("/api/v1/markets/atlantis", 404, "unknown_hub", "atlantis"),
        ("/api/v1/markets/atlantis/offers", 404, "unknown_hub", "atlantis"),
        ("/api/v1/markets/luna_exchange?limit=0", 400, "bad_request", "limit must be a whole number from 1 to 100"),
        ("/api/v1/markets/luna_exchange?limit=101&item=Ice", 400, "bad_request", "item must be a key"),
        ("/api/v1/markets/luna_exchange?color=red", 400, "bad_request", "color is not known"),
        ("/api/v1/markets/luna_exchange/auctions?cursor=first", 400, "bad_request", "cursor must be"),
        ("/api/v1/markets/luna_exchange/prices", 400, "bad_request", "item is missing; span is missing"),
        ("/api/v1/markets/luna_exchange/prices?item=ice&span=week", 400, "bad_request", "span must be minute, hour"),
        ("/api/v1/markets/luna_exchange/prices?item=ice&span=day&limit=501", 400, "bad_request", "from 1 to 500"),
        ("/api/v1/missions?past=maybe", 400, "bad_request", "past must be true or false"),
        ("/api/v1/missions?limit=1&limit=2", 400, "bad_request", "limit must be given once"),
        ("/api/v1/missions/nonsense_7/ranks", 404, "unknown_mission", ""),
        ("/api/v1/missions/No-Key/ranks", 404, "unknown_mission", "No-Key"),
        ("/api/v1/missions/nonsense_7/ranks?top=0", 400, "bad_request", "top must be"),
        ("/api/v1/missions/nonsense_7/ranks?around=51", 400, "bad_request", "around must be"),
        ("/api/v1/seasons/current/beauty", 404, "not_found", "beauty"),
        ("/api/v1/seasons/next/wealth", 404, "not_found", "next"),
        ("/api/v1/guilds/barons", 404, "unknown_guild", "barons"),
        ("/api/v1/guilds/01a1f98d-11a2-73d5-9ab8-090683b41d2d", 404, "unknown_guild", ""),
        ("/api/v1/me/notifications?cursor=-1", 400, "bad_request", "cursor must be"),
        ("/api/v1/me/storage?limit=3", 400, "bad_request", "limit is not known"),
        ("/api/v1/chat/local/history", 404, "not_found", "local"),
        ("/api/v1/markets", 404, "not_found", ""),
    ] {
        let answer = refused(&http, &ada, path);
        assert_eq!((answer.0, answer.1.as_str()), (status, code), "{path}: {}", answer.2);
        assert!(answer.2.contains(said), "{path}: {}", answer.2);
    }
    let fields = http.get("/api/v1/markets/luna_exchange/auctions?limit=x&cursor=y").json()["errors"].clone();
    let names: Vec<&Value> = fields.as_array().unwrap().iter().map(|fault| &fault["field"]).collect();
    assert_eq!(names, [&json!("limit"), &json!("cursor")]);
    let without_token = http.get("/api/v1/seasons/current/wealth?around=3");
    assert_eq!((without_token.status, without_token.field("detail")), (400, "around is not known".to_owned()));
    let posted = http.post_as(&ada, "/api/v1/me/status", &json!({}));
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD")));
}

#[test]
fn questions_are_limited_by_address_or_by_player() {
    let server = Server::with(&[
        ("limits.exempt_loopback", "false"),
        ("limits.reads_per_address", "3"),
        ("limits.query_per_second", "2"),
    ]);
    let http = server.http();
    let ada = token(&Player::guest(&server));
    let statuses = |ask: &dyn Fn() -> crate::support::http::Answer| -> Vec<u16> {
        let answers: Vec<_> = (0..5).map(|_| ask()).collect();
        let limited = answers.iter().filter(|answer| answer.status == 429);
        limited.for_each(|answer| {
            assert!(answer.header("retry-after").is_some() && answer.field("code") == "rate_limited")
        });
        answers.iter().map(|answer| answer.status).collect()
    };
    assert_eq!(statuses(&|| http.get(PUBLIC[0])), [200, 200, 200, 429, 429]);
    assert_eq!(http.get("/api/v1/catalog").status, 200, "that is one document for all");
    let as_player = statuses(&|| http.get_as(&ada, PUBLIC[0]));
    assert!(as_player.starts_with(&[200, 200, 200, 200]), "{as_player:?}");
    let many: Vec<u16> = (0..10).map(|_| http.get_as(&ada, "/api/v1/me/storage").status).collect();
    assert!(many.contains(&429), "{many:?}");
}

#[test]
fn operators_begin_missions_and_nobody_else_does() {
    let server = Server::start();
    let http = server.http();
    let ada = token(&Player::guest(&server));
    let operator = server.print(&["token", "--operator", "Grace"]);
    let catalog = http.get("/api/v1/catalog").json();
    let kind = catalog["missions"].as_object().unwrap().keys().next().unwrap().clone();
    let body = json!({ "kind": kind });
    assert_eq!(http.post("/api/v1/missions", &body).status, 401);
    let forbidden = http.post_as(&ada, "/api/v1/missions", &body);
    assert_eq!((forbidden.status, forbidden.field("code")), (403, "not_allowed".to_owned()));
    let begun = http.post_as(&operator, "/api/v1/missions", &body);
    assert_eq!(begun.status, 201, "{}", begun.text());
    let mission = begun.field("mission");
    assert_eq!(begun.json()["kind"], json!(kind));
    let running = http.get("/api/v1/missions?limit=100").json();
    assert!(running["items"].as_array().unwrap().iter().any(|view| view["mission"] == json!(mission)), "{running}");
    assert_eq!(http.get(&format!("/api/v1/missions/{mission}/ranks")).json()["participants"], json!(0));
    for (body, status, said) in [
        (json!({}), 400, "kind is missing"),
        (json!({ "kind": 7 }), 400, "kind must be text"),
        (json!({ "kind": kind, "reward": 1 }), 400, "reward is not known"),
        (json!({ "kind": "tea_party" }), 404, "tea_party"),
        (json!({ "kind": "Tea Party" }), 404, "Tea Party"),
    ] {
        let answer = http.post_as(&operator, "/api/v1/missions", &body);
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        assert!(answer.field("detail").contains(said), "{body}: {}", answer.text());
    }
}
