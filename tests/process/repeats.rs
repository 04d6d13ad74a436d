//! A command that comes again with the same id, after a restart.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use loadtest::acks::{Line, SentCommand};
use orrery::protocol::ClientMessage;
use orrery::protocol::client_message::{Collect, Empty};
use orrery::types::{CommandId, ObjectId, PlayerId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::server::{Exported, Home, Server};
use crate::swarm;

/// Commands of each kind that are repeated.
const PER_KIND: usize = 5;

struct Answered {
    player: PlayerId,
    id: CommandId,
    command: SentCommand,
    ok: bool,
    answer: Value,
}

/// Repeats, as the players they belong to, some commands out of a log that were carried out.
pub async fn are_answered_alike_and_not_applied(home: &Home, server: &Server, acks: &Path) {
    let before = home.export();
    let names = names(&before);
    for (kind, latest) in latest_by_kind(acks) {
        eprintln!("{} times {kind} repeated", latest.len());
        for first in latest {
            let token = home.run_well(&["token", "--player", &names[&first.player]]);
            let mut client = Client::enter_with(server, token.trim()).await;
            assert_eq!(client.welcome.player, first.player);
            let again = client.ask(first.id, message_of(&first.command)).await;
            let expected = if first.ok { Ok(first.answer.clone()) } else { Err(first.answer.clone()) };
            assert_eq!(again, expected, "{kind} {} of {}", first.id, first.player);
            let other = ClientMessage::Collect(Collect { object: ObjectId(u64::from(u32::MAX)) });
            let refused = client.ask(first.id, other).await.unwrap_err();
            assert_eq!(refused["code"], "id_reused", "{refused}");
        }
    }
    assert_eq!(possessions(&home.export()), possessions(&before));
}

fn names(exported: &Exported) -> HashMap<PlayerId, String> {
    let players = exported.compared.players.iter().zip(exported.all["players"].as_array().unwrap());
    players.map(|(player, all)| (player.player, all["name"].as_str().unwrap().to_owned())).collect()
}

/// What a repeat must not change. Research goes on by itself and is not part of it.
fn possessions(exported: &Exported) -> Vec<Value> {
    let of = |player: &Value| {
        ["player", "credits", "goods", "commands", "transfers", "ledger_credits", "ledger_goods"]
            .map(|field| player[field].clone())
    };
    exported.all["players"].as_array().unwrap().iter().map(|player| json!(of(player))).collect()
}

/// The latest commands that were decided, by kind and outcome; of each kind that a swarm of traders uses there is one.
fn latest_by_kind(acks: &Path) -> BTreeMap<String, Vec<Answered>> {
    let mut sent = HashMap::new();
    let mut decided: BTreeMap<String, Vec<Answered>> = BTreeMap::new();
    for line in swarm::read_log(acks) {
        match line {
            Line::Start { .. } => {}
            Line::Sent { player, id, command, .. } => drop(sent.insert((player, id), command)),
            Line::Answered { player, id, ok, answer } => {
                let command = sent[&(player, id)].clone();
                let remembered = ok || answer["code"] == "object_gone" || answer["code"] == "not_enough_credits";
                let kind = format!("{} {}", command.kind, if ok { "ok" } else { "refused" });
                if remembered {
                    decided.entry(kind).or_default().push(Answered { player, id, command, ok, answer });
                }
            }
        }
    }
    for kind in ["collect ok", "sell ok", "research ok"] {
        assert!(decided.contains_key(kind), "nobody did: {kind}");
    }
    decided.values_mut().for_each(|all| drop(all.drain(..all.len().saturating_sub(PER_KIND))));
    decided
}

fn message_of(command: &SentCommand) -> ClientMessage {
    let body = command.body.clone();
    match command.kind.as_str() {
        "collect" => ClientMessage::Collect(serde_json::from_value(body).unwrap()),
        "sell" => ClientMessage::Sell(serde_json::from_value(body).unwrap()),
        "research" => ClientMessage::Research(serde_json::from_value(body).unwrap()),
        "cancel_research" => ClientMessage::CancelResearch(Empty {}),
        other => panic!("{other} does not move anything"),
    }
}
