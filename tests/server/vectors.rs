//! The protocol's conformance vectors against the real server: what must be refused is refused so, in both encodings.

use orrery::protocol::{Encoding, decode_server, encode_server};
use serde_json::Value;

use crate::support::player::Player;
use crate::support::wire::{BINARY, TEXT};
use crate::support::{Server, Wire};

const BOTH: [Encoding; 2] = [Encoding::Json, Encoding::MessagePack];

fn vectors(list: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../src/core/protocol/vectors/messages.json")).unwrap();
    file[list].as_array().unwrap().clone()
}

fn bytes_of_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A vector's bytes in an encoding, if it has any.
fn bytes(vector: &Value, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Json => vector["json"].as_str().map(|text| text.as_bytes().to_vec()),
        Encoding::MessagePack => match vector["msgpack"].as_str() {
            Some(hex) => Some(bytes_of_hex(hex)),
            None => vector.get("value").map(|value| rmp_serde::to_vec(value).unwrap()),
        },
    }
}

#[test]
fn what_must_be_refused_is_answered_with_its_code_or_closed() {
    let server = Server::start();
    for encoding in BOTH {
        let mut player = Player::guest_in(&server, encoding);
        for vector in vectors("refused") {
            let Some(bytes) = bytes(&vector, encoding) else { continue };
            let name = &vector["name"];
            if vector["close"].is_null() {
                player.send_payload(&bytes);
                let (error, id) = player.refusal();
                assert_eq!((Value::from(error.code), id), (vector["code"].clone(), vector["id"].as_u64()), "{name}");
            } else {
                let mut stranger = Wire::open(server.address, encoding);
                stranger.send(if encoding == Encoding::Json { TEXT } else { BINARY }, &bytes);
                assert_eq!(
                    stranger.close_code().map(Value::from),
                    Some(vector["close"].clone()),
                    "{encoding:?}: {name}"
                );
            }
        }
    }
}

#[test]
fn what_breaks_a_rule_is_refused_with_its_code() {
    let server = Server::start();
    for encoding in BOTH {
        let mut player = Player::guest_in(&server, encoding);
        for vector in vectors("rules") {
            player.send_payload(&bytes(&vector, encoding).unwrap());
            let (error, id) = player.refusal();
            let sent = vector["value"].get(2).and_then(Value::as_u64);
            assert_eq!(
                (Value::from(error.code), id),
                (vector["code"].clone(), sent),
                "{encoding:?}: {}",
                vector["name"]
            );
        }
    }
}

#[test]
fn who_does_not_come_in_rightly_is_sent_away_with_the_right_code() {
    let server = Server::start();
    for encoding in BOTH {
        for vector in vectors("handshakes") {
            let mut wire = Wire::open(server.address, encoding);
            let opcode = if encoding == Encoding::Json { TEXT } else { BINARY };
            wire.send(opcode, &bytes(&vector, encoding).unwrap());
            let name = &vector["name"];
            if let Some(code) = vector["code"].as_str() {
                let first = decode_server(encoding, &wire.next().expect("an error").payload).unwrap();
                let first: Value = serde_json::from_slice(&encode_server(Encoding::Json, &first)).unwrap();
                assert_eq!((&first[0], &first[1]["code"]), (&"error".into(), &code.into()), "{encoding:?}: {name}");
            }
            assert_eq!(wire.close_code().map(Value::from), Some(vector["close"].clone()), "{encoding:?}: {name}");
        }
    }
}
