//! Rates, origins, and how many connections there may be.

use orrery::protocol::{ClientMessage, Encoding, decode_client};
use serde_json::json;

use crate::support::player::{Player, guest, say_hello};
use crate::support::{Server, Wire, command};

#[test]
fn commands_are_limited_by_class_and_player() {
    let limits =
        [("limits.flight_per_second", "2"), ("limits.economy_per_second", "1"), ("limits.query_per_second", "3")];
    let server = Server::with(&limits);
    let mut ada = Player::guest(&server);
    let flight = || command::stop();
    let economy = || command::research("perpetual_motion");
    for (message, burst) in [(&flight as &dyn Fn() -> ClientMessage, 4), (&economy, 2), (&command::status, 6)] {
        // A class with its burst used up; another class does not notice.
        let answers: Vec<_> = (0..burst * 5).map(|_| ada.command(message())).collect();
        let limited: Vec<_> =
            answers.iter().filter_map(|a| a.as_ref().err().filter(|error| error.code == "rate_limited")).collect();
        assert!(limited.len() >= burst && limited.len() <= burst * 4, "{} of {}", limited.len(), burst * 5);
        for error in limited {
            assert!((1..=1_000).contains(&error.retry_after_ms.unwrap()), "{error:?}");
        }
    }
    // Coming back does not help.
    let token = ada.welcome.account.clone().unwrap().access_token;
    ada.send(economy(), Some(1_000));
    let mut again = Player::hello(&server, Encoding::Json, crate::support::player::with_token(&token)).unwrap();
    let answers: Vec<_> = (0..4).map(|id| again.command_as(economy(), 2_000 + id)).collect();
    assert!(answers.iter().flatten().next().is_none());
    assert!(answers.iter().any(|answer| answer.as_ref().is_err_and(|error| error.code == "rate_limited")));
}

#[test]
fn deals_are_limited_by_the_minute_in_their_class_and_together() {
    let limits = [
        ("limits.deals_per_minute", "7"),
        ("limits.trades_per_minute", "2"),
        ("limits.crafting_per_minute", "1"),
        ("limits.contributions_per_minute", "1"),
        ("limits.chat_per_minute", "1"),
    ];
    let server = Server::with(&limits);
    let mut ada = Player::guest(&server);
    // What comes of them does not matter: each is refused by a rule at once, or done.
    let trade = r#"["buy",{"hub":"luna_exchange","order":1,"quantity":0,"price":1},ID]"#;
    let craft = r#"["cancel_craft",{"job":1},ID]"#;
    let contribute = r#"["contribute",{"mission":"m_1","hub":"luna_exchange","item":"ice","quantity":0},ID]"#;
    let say = r#"["say",{"channel":"local","text":"o7"},ID]"#;
    let other = r#"["read_notifications",{"up_to":0},ID]"#;
    let mut id = 0;
    for (message, allowed) in [(trade, 2), (craft, 1), (contribute, 1), (say, 1), (other, 2)] {
        for nth in 0..allowed + 2 {
            id += 1;
            let bytes = message.replace("ID", &id.to_string());
            let deal = decode_client(Encoding::Json, bytes.as_bytes()).unwrap().message;
            let limited = ada.command_as(deal, id).err().filter(|error| error.code == "rate_limited");
            assert_eq!(limited.is_some(), nth >= allowed, "{bytes}");
            if let Some(error) = limited {
                assert!((1..=60_000).contains(&error.retry_after_ms.unwrap()), "{error:?}");
            }
        }
    }
    // Neither questions nor what is collected and sold counts as a deal.
    ada.command_as(command::status(), 1_000).unwrap();
    ada.command_as(command::research("ion_tuning"), 1_001).unwrap();
}

#[test]
fn new_guests_are_limited_by_address() {
    let server = Server::with(&[("limits.exempt_loopback", "false")]);
    let mut guests: Vec<_> = (0..3).map(|_| Player::hello(&server, Encoding::Json, guest())).collect();
    let (error, code) = guests.pop().unwrap().err().unwrap();
    assert_eq!((error.code.as_str(), code), ("rate_limited", 4029));
    assert!((20_000..=30_000).contains(&error.retry_after_ms.unwrap()), "{error:?}");
    assert!(guests.iter().all(Result::is_ok));
}

#[test]
fn foreign_pages_are_refused() {
    let server = Server::with(&[("session.allowed_origins", "https://game.example")]);
    let own = format!("http://{}", server.address);
    for (origin, status) in [
        ("https://game.example", 101),
        (own.as_str(), 101),
        ("https://evil.example", 403),
        ("http://game.example", 403),
        ("https://game.example.evil.example", 403),
        ("null", 403),
    ] {
        let answer = Wire::handshake(server.address, "/ws", &format!("Origin: {origin}\r\n"));
        assert_eq!(answer.map_or_else(|refused| refused.status, |_| 101), status, "{origin}");
    }
}

#[test]
fn a_full_server_says_when_to_come_back() {
    let server = Server::with(&[("session.connections_max", "2")]);
    let ada = Player::guest(&server);
    let bob = Player::guest(&server);
    let refused = Wire::handshake(server.address, "/ws", "").err().unwrap();
    assert_eq!(refused.status, 503);
    assert!(refused.head.contains("retry-after: 5\r\n"), "{}", refused.head);
    assert_eq!(server.http().get("/healthz").status, 200);
    drop(bob);
    server.until_metric("orrery_connections ", 1.0);
    Player::guest(&server);
    drop(ada);
}

#[test]
fn the_first_known_subprotocol_is_spoken_and_json_without_any() {
    let server = Server::start();
    for (asked, spoken) in [
        ("orrery.v1.json", Some("orrery.v1.json")),
        ("orrery.v1.msgpack", Some("orrery.v1.msgpack")),
        ("orrery.v9, orrery.v1.msgpack, orrery.v1.json", Some("orrery.v1.msgpack")),
        ("orrery.v1.json,orrery.v1.msgpack", Some("orrery.v1.json")),
        ("chat", None),
        ("", None),
    ] {
        let header = if asked.is_empty() { String::new() } else { format!("Sec-WebSocket-Protocol: {asked}\r\n") };
        let (mut wire, head) = Wire::handshake(server.address, "/ws", &header).unwrap();
        let named = head.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: "));
        assert_eq!(named, spoken, "{asked}");
        let encoding = if spoken == Some("orrery.v1.msgpack") { Encoding::MessagePack } else { Encoding::Json };
        say_hello(&mut wire, encoding, guest());
        let mut player = Player::welcomed(wire, encoding, 0).unwrap();
        assert_eq!(player.command(command::status()).unwrap()["credits"], json!(200));
    }
}
