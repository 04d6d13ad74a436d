//! The protocol's description against the real server: two players try nearly every command, and whatever the server
//! sends them must be as `asyncapi.json` says.

use std::collections::{BTreeMap, BTreeSet};

use orrery::protocol::{ASYNCAPI, Encoding};
use serde_json::{Value, json};

use crate::described::Description;
use crate::support::arena::Arena;
use crate::support::economy::{HUB, ITEM, without_limits};
use crate::support::wire::TEXT;
use crate::support::{Server, Wire};

/// What the two players do not get done: the arena has neither inputs nor another ship for them.
const NOT_TRIED: &[&str] = &["buy_ship", "craft", "cancel_craft"];

/// One mission at the hub that has always just begun: those of the galaxy have pauses.
const MISSION: &str = r#"
[[entry]]
key = "ice_run"
name = "Ice run"
about = "Luna's reservoirs are low."
hub = "luna_exchange"
every_seconds = 604800
seconds = 604800
reward = 3600
rank_permille = [200, 100, 50]
phases = [{ needs = { ice = 200 } }]
"#;

/// Holds what the server sent against the description.
fn check(description: &Description, name: &str, message: &Value) {
    assert_eq!(description.check(name, message), Ok(()), "{name} is not as described: {message}");
}

/// A client that takes every message as JSON and holds it against the description.
struct Client<'a> {
    description: &'a Description,
    wire: Wire,
    id: u64,
    /// The commands under way, by id.
    asked: BTreeMap<u64, &'static str>,
    /// The player, and where messages began.
    welcome: Value,
    objects: Vec<u64>,
    /// Messages by type that came unasked, and commands that were carried out.
    came: BTreeSet<String>,
    done: BTreeSet<&'static str>,
}

impl<'a> Client<'a> {
    fn guest(server: &Server, description: &'a Description) -> Self {
        let wire = Wire::open(server.address, Encoding::Json);
        let (asked, objects) = (BTreeMap::new(), Vec::new());
        let (came, done, welcome) = (BTreeSet::new(), BTreeSet::new(), Value::Null);
        let mut client = Self { description, wire, id: 0, asked, welcome, objects, came, done };
        client.send(&json!(["hello", { "guest": {} }]));
        while client.welcome.is_null() {
            client.read();
        }
        client
    }

    fn send(&mut self, message: &Value) {
        self.wire.send(TEXT, message.to_string().as_bytes());
    }

    /// Takes one message in.
    fn read(&mut self) -> Value {
        let frame = loop {
            let frame = self.wire.next().expect("the connection stays");
            if frame.opcode == TEXT {
                break frame;
            }
        };
        let message: Value = serde_json::from_slice(&frame.payload).unwrap();
        let name = message[0].as_str().unwrap();
        let command = message.get(2).and_then(Value::as_u64).and_then(|id| self.asked.get(&id)).copied();
        match (name, command) {
            ("ok", Some(command)) => check(self.description, &format!("server.ok.{command}"), &message),
            _ => check(self.description, &format!("server.{name}"), &message),
        }
        match name {
            "welcome" => self.welcome = message[1].clone(),
            "cells" => self.objects.extend(objects(&message)),
            _ => {}
        }
        self.came.insert(name.to_owned());
        message
    }

    /// Sends a command; what answers it, `ok`'s body or an error's.
    fn ask(&mut self, command: &'static str, body: Value) -> Value {
        self.id += 1;
        let id = self.id;
        self.asked.insert(id, command);
        self.send(&json!([command, body, id]));
        loop {
            let message = self.read();
            if message.get(2).and_then(Value::as_u64) == Some(id) {
                if message[0] == "ok" {
                    self.done.insert(command);
                }
                return message[1].clone();
            }
        }
    }

    fn until(&mut self, name: &str) -> Value {
        loop {
            let message = self.read();
            if message[0] == name {
                return message[1].clone();
            }
        }
    }

    fn me(&self) -> Value {
        json!({ "player": self.welcome["player"] })
    }
}

/// The objects that a `cells` message speaks of first.
fn objects(message: &Value) -> Vec<u64> {
    let frames = message[1][2].as_array().unwrap();
    let entries = frames.iter().flat_map(|frame| frame[2].as_array().unwrap());
    entries.filter(|entry| entry[0] == 3).filter_map(|entry| entry[1].as_u64()).collect()
}

fn gather(client: &mut Client<'_>) {
    while client.objects.len() < 8 {
        client.read();
    }
    for _ in 0..8 {
        let object = client.objects.pop().unwrap();
        client.ask("collect", json!({ "object": object }));
    }
}

fn try_flight_and_questions(one: &mut Client<'_>) {
    for command in ["status", "ship_stats", "tech_tree", "storage", "jobs", "friends", "notifications", "missions"] {
        one.ask(command, json!({}));
    }
    one.ask("navigate", json!({ "to": [1, 1] }));
    one.ask("navigate", json!({ "stop": true }));
    for command in ["market", "auctions", "contracts", "my_offers"] {
        one.ask(command, json!({ "hub": HUB }));
    }
    one.ask("price_history", json!({ "hub": HUB, "item": ITEM, "span": "minute" }));
    one.ask("season_ranks", json!({ "board": "wealth" }));
    one.ask("chat_history", json!({ "channel": "sector" }));
    for topic in [json!({ "ticker": HUB }), json!({ "auctions": HUB })] {
        one.ask("subscribe", topic);
    }
    one.send(&json!(["heartbeat", { "seen": 0 }]));
    one.until("heartbeat");
}

fn try_trade(one: &mut Client<'_>, other: &mut Client<'_>) {
    gather(one);
    gather(other);
    one.ask("sell", json!({ "hub": HUB, "item": ITEM, "quantity": 1 }));
    one.ask("research", json!({ "tech": "cargo_nets" }));
    one.ask("cancel_research", json!({}));
    let order = one.ask("list", json!({ "hub": HUB, "item": ITEM, "quantity": 2, "price": 5 }))["order"].clone();
    other.ask("buy", json!({ "hub": HUB, "order": order, "quantity": 1, "price": 5 }));
    one.until("notification");
    one.ask("cancel_order", json!({ "hub": HUB, "order": order }));
    other.ask("order", json!({ "hub": HUB, "item": ITEM, "quantity": 1, "price": 1 }));
    one.ask("market", json!({ "hub": HUB, "item": ITEM }));
    let auction = json!({ "hub": HUB, "item": ITEM, "quantity": 1, "start": 2, "increment": 1, "seconds": 60 });
    let first = one.ask("auction", auction.clone())["auction"].clone();
    other.ask("bid", json!({ "hub": HUB, "auction": first, "amount": 3 }));
    one.ask("auctions", json!({ "hub": HUB }));
    let second = one.ask("auction", auction)["auction"].clone();
    one.ask("cancel_auction", json!({ "hub": HUB, "auction": second }));
    let offer = json!({ "hub": HUB, "item": ITEM, "quantity": 1, "reward": 2, "collateral": 1, "seconds": 60 });
    let contract = one.ask("offer_contract", offer.clone())["contract"].clone();
    one.ask("contracts", json!({ "hub": HUB }));
    other.ask("accept_contract", json!({ "hub": HUB, "contract": contract, "collateral": 1 }));
    other.ask("deliver", json!({ "hub": HUB, "contract": contract, "item": ITEM, "quantity": 1 }));
    let second = one.ask("offer_contract", offer)["contract"].clone();
    one.ask("cancel_contract", json!({ "hub": HUB, "contract": second }));
    one.ask("my_offers", json!({ "hub": HUB }));
    one.ask("load", json!({ "hub": HUB, "item": ITEM, "quantity": 1 }));
    one.ask("unload", json!({ "hub": HUB, "item": ITEM, "quantity": 1 }));
    one.ask("supply", json!({ "hub": HUB, "item": "coolant", "quantity": 1 }));
    one.ask("give", json!({ "to": other.welcome["player"], "credits": 1 }));
    one.ask("notifications", json!({}));
    one.ask("read_notifications", json!({ "up_to": 1 }));
    one.ask("price_history", json!({ "hub": HUB, "item": ITEM, "span": "minute" }));
    one.ask("unsubscribe", json!({ "ticker": HUB }));
}

fn try_people(one: &mut Client<'_>, other: &mut Client<'_>) {
    let (me, you) = (one.me(), other.me());
    one.ask("befriend", you.clone());
    other.ask("friends", json!({}));
    other.ask("befriend", me);
    one.ask("friends", json!({}));
    let line = one.ask("say", json!({ "channel": "sector", "text": "o7" }))["seq"].clone();
    other.until("chat");
    other.ask("report", json!({ "channel": "sector", "seq": line, "reason": "too short" }));
    one.ask("chat_history", json!({ "channel": "sector" }));
    for command in ["mute", "unmute", "unfriend", "block", "unblock"] {
        one.ask(command, you.clone());
    }
    let guild = one.ask("found_guild", json!({ "name": "Described" }))["guild"].clone();
    one.ask("guild", json!({}));
    one.ask("invite", you.clone());
    other.ask("decline_invite", json!({ "guild": guild }));
    one.ask("invite", you.clone());
    other.ask("accept_invite", json!({ "guild": guild }));
    one.ask("set_role", json!({ "player": you["player"], "role": "officer" }));
    one.ask("set_limit", json!({ "role": "member", "credits": 5 }));
    one.ask("set_motd", json!({ "text": "as described" }));
    one.ask("guild_deposit", json!({ "credits": 2 }));
    one.ask("guild_withdraw", json!({ "credits": 1 }));
    one.ask("guild", json!({}));
    one.ask("kick", you.clone());
    one.ask("invite", you);
    other.ask("accept_invite", json!({ "guild": guild }));
    other.ask("leave_guild", json!({}));
    one.ask("disband_guild", json!({}));
}

fn try_missions_and_leave(one: &mut Client<'_>) {
    let missions = one.ask("missions", json!({}));
    let mission = missions["items"][0].clone();
    let which = json!({ "mission": mission["mission"] });
    one.ask("subscribe", which.clone());
    one.ask("join_mission", which.clone());
    let needed = mission["needs"][0]["item"].clone();
    one.ask("contribute", json!({ "mission": mission["mission"], "hub": HUB, "item": needed, "quantity": 1 }));
    one.ask("mission_ranks", which);
    one.ask("jump", json!({ "gate": "sol_vega" }));
    one.until("entered");
    one.send(&json!(["leave", {}]));
    one.until("bye");
}

#[test]
fn what_the_server_sends_is_as_described() {
    let description = Description::new(serde_json::from_str(ASYNCAPI).unwrap());
    let arena = Arena { missions: Some(MISSION), ..Arena::default() };
    let server = Server::in_arena(arena, &without_limits(&[]));
    let (mut one, mut other) = (Client::guest(&server, &description), Client::guest(&server, &description));
    try_flight_and_questions(&mut one);
    try_trade(&mut one, &mut other);
    try_people(&mut one, &mut other);
    try_missions_and_leave(&mut one);
    let done: BTreeSet<&str> = one.done.union(&other.done).copied().collect();
    let answered = description.names().filter_map(|name| name.strip_prefix("server.ok."));
    let lacking: Vec<&str> = answered.filter(|name| !done.contains(name) && !NOT_TRIED.contains(name)).collect();
    assert!(lacking.is_empty(), "not carried out: {lacking:?}");
    let came: BTreeSet<&String> = one.came.union(&other.came).collect();
    for name in ["welcome", "unread", "cells", "chat", "ticker", "auction_changed", "notification", "entered"] {
        assert!(came.iter().any(|came| *came == name), "no {name} came: {came:?}");
    }
}
