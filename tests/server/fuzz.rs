//! The decoder against mutated messages: structure-aware, seeded, and as long as `ORRERY_FUZZ_SECONDS` says (one second
//! by default). `tests/fuzz` has the same targets for cargo-fuzz.

use std::time::{Duration, Instant};

use orrery::protocol::{Encoding, decode_client, decode_server, encode_client};
use serde_json::{Value, json};

/// A small generator (SplitMix64): the same seed, the same messages.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)) % sides.max(1) as u64) as usize
    }
}

/// One valid message of each kind, of both directions.
fn valid() -> Vec<Value> {
    vec![
        json!(["hello", { "guest": { "name": "Ada" }, "client": "fuzz" }]),
        json!(["hello", { "resume": { "token": "0.1", "seen": 7 }, "token": "a.b.c" }]),
        json!(["heartbeat", { "seen": 3 }]),
        json!(["leave", {}]),
        json!(["navigate", { "to": [512_000, -1] }, 1]),
        json!(["navigate", { "heading": [1, 2] }, 2]),
        json!(["jump", { "gate": "sol_vega" }, 3]),
        json!(["collect", { "object": 4_294_967_297_u64 }, 4]),
        json!(["sell", { "hub": "luna_exchange", "item": "ice", "quantity": 5 }, 5]),
        json!(["research", { "tech": "ion_tuning" }, 6]),
        json!(["list", { "hub": "luna_exchange", "item": "ice", "quantity": 5, "price": 12 }, 7]),
        json!(["buy", { "hub": "luna_exchange", "order": 17, "quantity": 3, "price": 12 }, 8]),
        json!([
            "auction",
            { "hub": "luna_exchange", "item": "ice", "quantity": 5, "start": 5, "increment": 1, "buy_out": 9, "seconds": 60 },
            9,
        ]),
        json!([
            "offer_contract",
            { "hub": "luna_exchange", "item": "ice", "quantity": 5, "reward": 5, "collateral": 0, "seconds": 60 },
            10,
        ]),
        json!(["give", { "to": "01a1f98d-11a2-73d5-9ab8-090683b41d2d", "credits": 5 }, 11]),
        json!(["craft", { "hub": "luna_exchange", "blueprint": "iron_plates", "runs": 2 }, 12]),
        json!(["contribute", { "mission": "ice_run_7", "hub": "luna_exchange", "item": "ice", "quantity": 5 }, 13]),
        json!(["set_role", { "player": "01a1f98d-11a2-73d5-9ab8-090683b41d2d", "role": "officer" }, 14]),
        json!(["leave_guild", {}, 15]),
        json!(["say", { "channel": { "direct": "01a1f98d-11a2-73d5-9ab8-090683b41d2d" }, "text": "o7" }, 16]),
        json!(["say", { "channel": "sector", "text": "o7" }, 17]),
        json!(["price_history", { "hub": "luna_exchange", "item": "ice", "span": "hour", "before_ms": 7, "limit": 5 }]),
        json!(["season_ranks", { "board": "wealth", "season": 4, "top": 3, "around": 2 }, 18]),
        json!(["subscribe", { "ticker": "luna_exchange" }, 19]),
        json!(["ok", { "balance": 7 }, 7, 1]),
        json!(["notification", { "seq": 1, "at_ms": 2, "notice": { "research_done": { "tech": "ion_tuning" } } }, null, 3]),
        json!(["chat", {
            "channel": "guild",
            "line": { "seq": 1, "at_ms": 2, "player": "01a1f98d-11a2-73d5-9ab8-090683b41d2d", "name": "Ada", "text": "o7" },
        }, null, 4]),
        json!(["error", { "code": "busy", "message": "later", "retry_after_ms": 5, "have": 3 }, 8, 2]),
        json!(["cells", [1, 99, [[5, 1, [[1, 2, 0, 0, 9, 9, 1, 4, "sloop", "Ada"], [3, 7, 1, 1, "wreck"]]]]]]),
        json!(["cells", [1, 100, [[5, 0, [[0, 2, 0, 0, 9, 9, 1, 4], [2, 2], [4, 7]]], [6, 2, []], [0, 3, []]]]]),
        json!(["research_done", { "tech": "ion_tuning" }, null, 9]),
        json!(["bye", { "code": 4008, "reason": "slow", "reconnect": true, "retry_after_ms": 1 }]),
    ]
}

/// Changes something of a message that stays well-formed.
fn bend(value: &mut Value, dice: &mut Dice) {
    let strange =
        [json!(null), json!(-1), json!(u64::MAX), json!(1.5), json!("é".repeat(300)), json!([[[]]]), json!({})];
    match value {
        Value::Array(items) if !items.is_empty() && dice.roll(6) > 0 => {
            let index = dice.roll(items.len());
            match dice.roll(8) {
                0 => drop(items.remove(index)),
                1 => items.push(items[index].clone()),
                _ => bend(&mut items[index], dice),
            }
        }
        Value::Object(fields) if !fields.is_empty() && dice.roll(6) > 0 => {
            let key = fields.keys().nth(dice.roll(fields.len())).unwrap().clone();
            match dice.roll(8) {
                0 => drop(fields.remove(&key)),
                1 => drop(fields.insert(format!("{key}x"), json!(1))),
                _ => bend(&mut fields[&key], dice),
            }
        }
        other => *other = strange[dice.roll(strange.len())].clone(),
    }
}

/// Changes some bytes, after which they need not be well-formed.
fn break_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..dice.roll(4) {
        if bytes.is_empty() {
            return;
        }
        let index = dice.roll(bytes.len());
        match dice.roll(5) {
            0 => bytes.truncate(index),
            1 => bytes.insert(index, dice.roll(256) as u8),
            2 => bytes[index] ^= 1 << dice.roll(8),
            // Prefixes of long arrays, maps, texts: lengths that are not there.
            3 => bytes[index] = [0xdd, 0xdf, 0xdb, 0xc6, 0xc9, 0x9f, 0x8f, b'[', b'{', b'"'][dice.roll(10)],
            _ => {
                let from = dice.roll(index + 1);
                let part = bytes[from..index].to_vec();
                bytes.extend(part);
            }
        }
    }
}

/// Decodes in both directions; what is a client's message must come back from its own encoding.
fn check(encoding: Encoding, bytes: &[u8]) -> bool {
    let _ = decode_server(encoding, bytes);
    match decode_client(encoding, bytes) {
        Ok(envelope) => {
            assert_eq!(decode_client(encoding, &encode_client(encoding, &envelope)), Ok(envelope));
            true
        }
        Err(error) => {
            assert!(error.to_string().len() < 1_200, "an error is no echo: {error}");
            false
        }
    }
}

#[test]
fn no_mutation_of_a_message_harms_the_decoder() {
    let seconds = std::env::var("ORRERY_FUZZ_SECONDS").map_or(1, |text| text.parse().expect("a number of seconds"));
    let (began, mut dice, valid) = (Instant::now(), Dice(1), valid());
    let (mut iterations, mut accepted) = (0_u64, 0_u64);
    while began.elapsed() < Duration::from_secs(seconds) {
        for message in &valid {
            let mut value = message.clone();
            for _ in 0..dice.roll(3) {
                bend(&mut value, &mut dice);
            }
            let both = [
                (Encoding::Json, serde_json::to_vec(&value).unwrap()),
                (Encoding::MessagePack, rmp_serde::to_vec(&value).unwrap()),
            ];
            for (encoding, mut bytes) in both {
                break_bytes(&mut bytes, &mut dice);
                accepted += u64::from(check(encoding, &bytes));
                iterations += 1;
            }
        }
    }
    println!("{iterations} mutations in {seconds} s, {accepted} of them client messages");
    assert!(accepted > 0 && accepted < iterations);
}
