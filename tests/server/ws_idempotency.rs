//! A command takes effect once, however often and from wherever it is sent.

use orrery::protocol::Encoding;
use serde_json::json;

use crate::support::player::with_token;
use crate::support::{Player, Server, command};

#[test]
fn a_repeated_command_is_answered_alike_and_has_no_second_effect() {
    let server = Server::start();
    let mut ada = Player::guest(&server);
    let objects = ada.objects();
    let collected = ada.command_as(command::collect(objects[0]), 7).unwrap();
    let quantity = collected["quantity"].as_u64().unwrap();
    let begun = ada.command_as(command::research("ion_tuning"), 8).unwrap();
    let refused = ada.command_as(command::research("cargo_nets"), 9).unwrap_err();
    let sold = ada.command_as(command::sell("luna_exchange", "ice", quantity), 10).unwrap();
    let wallet = ada.command(command::status()).unwrap()["credits"].clone();
    let repeat = |ada: &mut Player| {
        assert_eq!(ada.command_as(command::collect(objects[0]), 7).unwrap(), collected);
        assert_eq!(ada.command_as(command::research("ion_tuning"), 8).unwrap(), begun);
        assert_eq!(ada.command_as(command::research("cargo_nets"), 9).unwrap_err(), refused);
        assert_eq!(ada.command_as(command::sell("luna_exchange", "ice", quantity), 10).unwrap(), sold);
        let status = ada.command_as(command::status(), 11).unwrap();
        assert_eq!((&status["credits"], &status["cargo"]), (&wallet, &json!([])));
    };
    repeat(&mut ada);
    let token = ada.welcome.account.clone().unwrap().access_token;
    let (resume_token, seen) = ada.vanish();
    let mut resumed = Player::resume(&server, Encoding::MessagePack, &resume_token, seen).unwrap();
    assert!(resumed.welcome.resumed);
    repeat(&mut resumed);
    let mut anew = Player::hello(&server, Encoding::Json, with_token(&token)).unwrap();
    assert!(!anew.welcome.resumed);
    repeat(&mut anew);
    let player = json!(anew.welcome.player);
    let export = server.stop_and_export();
    let stored = export["players"].as_array().unwrap().iter().find(|other| other["player"] == player).unwrap();
    assert_eq!(stored["commands"], json!([7, 8, 10]), "what was applied");
    assert_eq!(stored["transfers"].as_array().unwrap().len(), 1);
    assert_eq!(stored["credits"], stored["ledger_credits"]);
}

#[test]
fn a_command_repeated_before_its_answer_has_one_effect() {
    let server = Server::start();
    let mut ada = Player::guest(&server);
    let object = ada.objects()[0];
    for _ in 0..5 {
        ada.send(command::collect(object), Some(1));
    }
    let first = ada.answer(1).unwrap();
    ada.command_as(command::status(), 2).unwrap();
    let later: Vec<_> = ada.unasked().filter(|other| other.id.map(|id| id.0) == Some(1)).collect();
    for other in &later {
        assert_eq!(other.message, orrery::protocol::ServerMessage::Ok(first.clone()));
    }
    let status = ada.command_as(command::status(), 3).unwrap();
    assert_eq!(status["lifetime"]["objects_collected"], json!(1));
}

#[test]
fn an_id_stands_for_one_command_and_economic_commands_need_one() {
    let server = Server::start();
    let mut ada = Player::guest(&server);
    let objects = ada.objects();
    ada.command_as(command::research("ion_tuning"), 1).unwrap();
    for other in [command::research("cargo_nets"), command::cancel_research(), command::collect(objects[0])] {
        assert_eq!(ada.command_as(other, 1).unwrap_err().code, "id_reused");
    }
    // While the first is under way, too.
    ada.send(command::collect(objects[0]), Some(2));
    ada.send(command::collect(objects[1]), Some(2));
    let answers = [ada.answer(2), ada.answer(2)];
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert!(answers.iter().flat_map(|answer| answer.as_ref().err()).all(|error| error.code == "id_reused"));
    for economic in [
        command::collect(objects[2]),
        command::sell("luna_exchange", "ice", 1),
        command::research("cargo_nets"),
        command::cancel_research(),
    ] {
        ada.send(economic, None);
        assert_eq!(ada.error().code, "id_required");
    }
}
