//! Bytes that no client should send: each has its close code, costs the server next to nothing, and harms nobody else.

use orrery::protocol::Encoding;

use crate::support::player::Player;
use crate::support::wire::{BINARY, PING, PONG, TEXT, frame};
use crate::support::{Server, Wire};

const MSGPACK: Encoding = Encoding::MessagePack;
const JSON: Encoding = Encoding::Json;

/// Sends bytes on a connection of their own, before any hello, and expects this close code.
fn expect_close(server: &Server, encoding: Encoding, what: &str, bytes: &[u8], code: u16) {
    let mut wire = Wire::open(server.address, encoding);
    wire.send_bytes(bytes);
    assert_eq!(wire.close_code(), Some(code), "{what}, {encoding:?}");
}

/// What is no message of the encoding, with a name.
fn malformed() -> Vec<(&'static str, Encoding, Vec<u8>)> {
    let deep_json = "[".repeat(60_000).into_bytes();
    let deep = [vec![0x91; 60_000], vec![0xc0]].concat();
    let in_body = [&[0x92, 0xa5][..], b"hello", &deep].concat();
    vec![
        ("garbage", MSGPACK, vec![0xc1, 0xff, 0x00]),
        ("nothing", MSGPACK, vec![]),
        ("truncated", MSGPACK, vec![0x92, 0xa5, b'h', b'e', b'l']),
        ("a number", MSGPACK, vec![7]),
        ("nested 60,000 deep", MSGPACK, deep),
        ("a body nested 60,000 deep", MSGPACK, in_body),
        ("2^32 elements", MSGPACK, vec![0xdd, 0xff, 0xff, 0xff, 0xff]),
        ("2^32 entries", MSGPACK, [&[0x92, 0xa5][..], b"hello", &[0xdf, 0xff, 0xff, 0xff, 0xff]].concat()),
        ("a text of 4 GiB", MSGPACK, vec![0x92, 0xdb, 0xff, 0xff, 0xff, 0xf0, b'x']),
        ("bytes of 4 GiB", MSGPACK, [&[0x92, 0xa5][..], b"hello", &[0xc6, 0xff, 0xff, 0xff, 0xf0]].concat()),
        ("garbage", JSON, b"}{".to_vec()),
        ("nothing", JSON, vec![]),
        ("truncated", JSON, br#"["hello",{"guest":"#.to_vec()),
        ("two messages", JSON, br#"["leave",{}]["leave",{}]"#.to_vec()),
        ("nested 60,000 deep", JSON, deep_json.clone()),
        ("a body nested 60,000 deep", JSON, [&br#"["hello","#[..], &deep_json].concat()),
    ]
}

#[test]
fn what_is_no_message_is_malformed() {
    let server = Server::start();
    for (what, encoding, payload) in malformed() {
        let opcode = if encoding == JSON { TEXT } else { BINARY };
        expect_close(&server, encoding, what, &frame(0x80 | opcode, &payload), 1007);
        let mut player = Player::guest_in(&server, encoding);
        player.send_payload(&payload);
        assert_eq!(player.read_to_end(), Some(1007), "{what} after the welcome, {encoding:?}");
    }
    expect_close(&server, JSON, "invalid UTF-8", &frame(0x80 | TEXT, b"[\"\xff\xfe\"]"), 1007);
    let split = [frame(TEXT, b"[\"\xc3"), frame(0x80, b"(\"]")].concat();
    expect_close(&server, JSON, "invalid UTF-8 in two fragments", &split, 1007);
}

#[test]
fn wrong_fields_are_named_and_the_session_lives() {
    let server = Server::start();
    for encoding in [MSGPACK, JSON] {
        let mut player = Player::guest_in(&server, encoding);
        for (text, code, named) in [
            (r#"["collect",{"object":"seven"},1]"#, "bad_request", "collect"),
            (r#"["collect",{},1]"#, "bad_request", "object"),
            (r#"["collect",{"object":-1},1]"#, "bad_request", "collect"),
            (r#"["collect",{"object":7,"for":"free"},1]"#, "bad_request", "for"),
            (r#"["collect",null,1]"#, "bad_request", "collect"),
            (r#"["sell",{"hub":"Luna Exchange!","item":"ice","quantity":1},1]"#, "bad_request", "sell"),
            (r#"["sell",{"hub":"luna_exchange","item":"ice","quantity":1.5},1]"#, "bad_request", "sell"),
            (r#"["navigate",{"to":[1,2,3]},1]"#, "bad_request", "navigate"),
            (r#"["navigate",{},1]"#, "bad_request", "navigate"),
            (r#"["navigate",{"to":[1,2],"stop":true},1]"#, "bad_request", "navigate"),
            (r#"["navigate",{"heading":[0,0]},1]"#, "bad_request", "heading"),
            (r#"["dance",{"wildly":true},1]"#, "unknown_type", "dance"),
            (r#"["debug_panic",{},1]"#, "disabled", "debug.commands"),
        ] {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let msgpack = rmp_serde::to_vec(&value).unwrap();
            player.send_payload(if encoding == JSON { text.as_bytes() } else { &msgpack });
            let error = player.answer(1).unwrap_err();
            assert_eq!(error.code, code, "{text}");
            assert!(error.message.contains(named), "{text}: {}", error.message);
        }
        player.send_payload(&match encoding {
            JSON => br#"["status",{},9007199254740992]"#.to_vec(),
            MSGPACK => rmp_serde::to_vec(&("status", serde_json::json!({}), 9_007_199_254_740_992_u64)).unwrap(),
        });
        assert_eq!(player.error().code, "bad_request");
        player.command(crate::support::command::status()).unwrap();
    }
}

#[test]
fn frames_that_break_the_rules_are_refused_by_their_header() {
    let server = Server::with(&[("session.heartbeat_ms", "300000")]);
    let unmasked = [&[0x82, 5][..], b"hello"].concat();
    let flood = [frame(BINARY, b""), frame(0, b"").repeat(500)].concat();
    let large = [frame(BINARY, &[0; 40_000]), frame(0, &[0; 40_000])].concat();
    for (what, bytes, code) in [
        ("a text on a binary subprotocol", frame(0x80 | TEXT, b"[]"), 1003),
        ("1 GiB is declared", vec![0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0], 1009),
        ("2^64 - 1 is declared", [vec![0x82], vec![0xff; 9]].concat(), 1009),
        ("one byte too many is declared", vec![0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 1], 1009),
        ("a flood of fragments", flood, 1009),
        ("fragments too large together", large, 1009),
        ("not masked", unmasked, 1002),
        ("a reserved bit", frame(0xc2, b"x"), 1002),
        ("another reserved bit", frame(0x92, b"x"), 1002),
        ("a reserved opcode", frame(0x83, b"x"), 1002),
        ("a reserved control opcode", frame(0x8b, b"x"), 1002),
        ("a ping in fragments", frame(PING, b"x"), 1002),
        ("a ping of 126 bytes", frame(0x80 | PING, &[0; 126]), 1002),
        ("the middle of nothing", frame(0x80, b"x"), 1002),
        ("a beginning within a message", [frame(BINARY, b"x"), frame(0x82, b"y")].concat(), 1002),
        ("a flood of pings", frame(0x80 | PING, b"x").repeat(2_000), 4029),
        ("a flood of pongs", frame(0x80 | PONG, b"").repeat(2_000), 4029),
    ] {
        expect_close(&server, MSGPACK, what, &bytes, code);
        let mut player = Player::guest(&server);
        player.wire.send_bytes(&bytes);
        assert_eq!(player.read_to_end(), Some(code), "{what}, after the welcome");
        assert_eq!(player.bye.map(|bye| bye.code), Some(code), "{what}: why is said before");
    }
    expect_close(&server, JSON, "a binary on a text subprotocol", &frame(0x82, b"[]"), 1003);
    // Each empty frame is no message, so already the first is refused.
    expect_close(&server, MSGPACK, "a flood of empty frames", &frame(0x82, b"").repeat(2_000), 1007);
    Player::guest(&server);
}

#[test]
fn the_memory_for_bad_frames_is_bounded() {
    let server = Server::with(&[("session.resume_window_ms", "100")]);
    Player::guest(&server);
    let before = server.resident_mib();
    let declared = [vec![0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0], vec![0; 64 * 1_024]].concat();
    let begun = frame(BINARY, &[0x91; 60_000]);
    for _ in 0..5 {
        let mut wires: Vec<Wire> = (0..60).map(|_| Wire::open(server.address, MSGPACK)).collect();
        for (index, wire) in wires.iter_mut().enumerate() {
            wire.send_bytes(if index % 2 == 0 { &declared } else { &begun });
        }
        for wire in wires.iter_mut().step_by(2) {
            assert_eq!(wire.close_code(), Some(1009));
        }
    }
    let mut player = Player::guest_in(&server, JSON);
    let long = format!(r#"["collect",{{"object":"{}"}},1]"#, "x".repeat(60_000));
    for _ in 0..100 {
        player.send_payload(long.as_bytes());
        assert!(player.answer(1).unwrap_err().message.len() < 1_000, "an error is no echo");
    }
    drop(player);
    server.until_metric("orrery_connections ", 0.0);
    let after = server.resident_mib();
    assert!(after < before + 60.0, "{before:.0} MiB before, {after:.0} MiB after");
    println!("resident: {before:.1} MiB before, {after:.1} MiB after 300 bad connections");
}
