//! A player's actor that panics costs that actor's memory, nothing else.

use orrery::protocol::client_message::DebugPanic;
use orrery::protocol::{ClientMessage, ServerMessage};
use serde_json::json;

use crate::support::{Player, Server, command};

const PANICS: &str = "orrery_actor_panics_total{kind=\"player\"}";

#[test]
fn a_panic_stays_with_its_player_and_nothing_durable_is_lost() {
    let server = Server::with(&[("debug.commands", "true"), ("limits.economy_per_second", "1000")]);
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    let objects = ada.objects();
    let collected = ada.command_as(command::collect(objects[0]), 1).unwrap();
    ada.send(ClientMessage::DebugPanic(Default::default()), None);
    server.until_metric(PANICS, 1.0);
    bob.command(command::status()).unwrap();
    let status = ada.command_as(command::status(), 2).unwrap();
    assert_eq!(status["cargo"][0]["quantity"], collected["quantity"]);
    assert_eq!(ada.command_as(command::collect(objects[0]), 1).unwrap(), collected, "it is remembered");
    ada.command_as(command::collect(objects[1]), 3).unwrap();
    ada.command_as(command::fly_to(1_001, 1_000), 4).unwrap();
    bob.command(command::collect(objects[2])).unwrap();
}

#[test]
fn commands_under_way_in_a_panic_take_effect_once() {
    let server = Server::with(&[("debug.commands", "true"), ("limits.economy_per_second", "1000")]);
    let mut ada = Player::guest(&server);
    let objects = ada.objects();
    let mut collected = 0;
    for (round, object) in objects.into_iter().take(10).enumerate() {
        let id = round as u64 + 1;
        ada.send(command::collect(object), Some(id));
        ada.send(ClientMessage::DebugPanic(Default::default()), None);
        server.until_metric(PANICS, id as f64);
        // Its answer may have been lost with the actor: whoever repeats it gets it.
        collected += ada.command_as(command::collect(object), id).unwrap()["quantity"].as_u64().unwrap();
    }
    let status = ada.command_as(command::status(), 1_000).unwrap();
    assert_eq!(
        (&status["cargo"][0]["quantity"], &status["lifetime"]["objects_collected"]),
        (&json!(collected), &json!(10))
    );
    let id = json!(ada.welcome.player);
    let export = server.stop_and_export();
    let stored = export["players"].as_array().unwrap().iter().find(|player| player["player"] == id).unwrap();
    assert_eq!(stored["ledger_goods"]["ice"], json!(collected));
    assert_eq!(stored["transfers"].as_array().unwrap().len(), 10);
}

#[test]
fn a_world_that_panics_is_started_anew_and_its_ships_come_back() {
    let settings = [
        ("debug.commands", "true"),
        ("limits.economy_per_second", "1000"),
        ("world.position_flush_ms", "100"),
        ("server.workers", "1"),
    ];
    let server = Server::with(&settings);
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    let objects = ada.objects();
    ada.command_as(command::collect(objects[0]), 1).unwrap();
    ada.send(ClientMessage::DebugPanic(DebugPanic { world: true, ..DebugPanic::default() }), None);
    server.until_metric("orrery_actor_panics_total{kind=\"world\"}", 1.0);
    // For whom the new world ticks on this worker long before the old one's silence is noticed.
    let _newcomer = Player::guest(&server);
    for player in [&mut ada, &mut bob] {
        let ServerMessage::Entered(entered) = player.event("entered") else { panic!("not that event") };
        player
            .read_until("the ship is in the picture again", |player| player.picture.ships.contains_key(&entered.ship));
    }
    let gone = ada.command_as(command::collect(objects[0]), 2).unwrap_err();
    assert_eq!(gone.code, "object_gone", "what was collected stays so");
    bob.command(command::collect(objects[1])).unwrap();
    ada.read_until("the other's object is gone", |player| !player.picture.objects.contains_key(&objects[1]));
}
