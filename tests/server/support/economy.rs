//! What tests of the economy are written with: limits out of the way, goods to trade, and books that must agree.

use orrery::types::CommandId;
use serde_json::{Value, json};

use super::player::Answered;
use super::{Player, command};

/// A hub that is in everybody's reach.
pub(crate) const HUB: &str = "luna_exchange";
/// What all objects of the arena hold.
pub(crate) const ITEM: &str = "ice";

/// Settings under which no limit is in a test's way, and a slow machine takes its time.
pub(crate) fn without_limits<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let ours = [
        ("limits.economy_per_second", "1000"),
        ("limits.query_per_second", "1000"),
        ("limits.deals_per_minute", "1000000"),
        ("limits.trades_per_minute", "1000000"),
        ("limits.frames_per_second", "10000"),
        ("store.answer_timeout_ms", "60000"),
    ];
    ours.into_iter().chain(more.iter().copied()).collect()
}

/// Collects until this many pieces are in the hold.
pub(crate) fn collect(player: &mut Player, pieces: u64) {
    let mut have = 0;
    for object in player.objects() {
        if have >= pieces {
            return;
        }
        // Somebody else may have been faster.
        if let Ok(collected) = player.command(command::collect(object)) {
            have += collected["quantity"].as_u64().unwrap();
        }
    }
    assert!(have >= pieces, "only {have} pieces in sight");
}

/// Offers goods at the hub; the order's id.
pub(crate) fn list(player: &mut Player, quantity: u64, price: u64) -> u64 {
    let body = json!({ "hub": HUB, "item": ITEM, "quantity": quantity, "price": price });
    player.command(command::deal("list", body)).unwrap()["order"].as_u64().unwrap()
}

/// The body of `buy`.
pub(crate) fn buying(order: u64, quantity: u64, price: u64) -> Value {
    json!({ "hub": HUB, "order": order, "quantity": quantity, "price": price })
}

/// The wallet.
pub(crate) fn credits(player: &mut Player) -> u64 {
    player.command(command::status()).unwrap()["credits"].as_u64().unwrap()
}

/// How many pieces are in the storage at the hub.
pub(crate) fn stored(player: &mut Player) -> u64 {
    let storage = player.command(command::ask("storage", json!({}))).unwrap();
    let items = storage["items"].as_array().unwrap();
    items.iter().filter(|stored| stored["item"] == ITEM).map(|stored| stored["quantity"].as_u64().unwrap()).sum()
}

/// A player as exported.
pub(crate) fn exported<'a>(export: &'a Value, player: &Player) -> &'a Value {
    let id = json!(player.welcome.player);
    export["players"].as_array().unwrap().iter().find(|other| other["player"] == id).expect("a stored player")
}

/// Everybody holds what the ledger says, and nothing is under way.
pub(crate) fn books_agree(export: &Value) {
    assert_eq!(export["outbox"], json!([]), "nothing is under way");
    for player in export["players"].as_array().unwrap() {
        assert_eq!(player["credits"], player["ledger_credits"], "{player}");
        let mut goods: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
        let storage = player["storage"].as_object().unwrap().values();
        for held in std::iter::once(&player["goods"]).chain(storage) {
            for (item, quantity) in held.as_object().unwrap() {
                *goods.entry(item.clone()).or_default() += quantity.as_u64().unwrap();
            }
        }
        assert_eq!(json!(goods), player["ledger_goods"], "{player}");
    }
}

/// The sum of all wallets.
pub(crate) fn all_credits(export: &Value) -> u64 {
    export["players"].as_array().unwrap().iter().map(|player| player["credits"].as_u64().unwrap()).sum()
}

/// The command ids that were carried out.
pub(crate) fn carried_out(export: &Value, player: &Player) -> Vec<CommandId> {
    serde_json::from_value(exported(export, player)["commands"].clone()).unwrap()
}

/// The codes of refusals.
pub(crate) fn code(answered: &Answered) -> &str {
    answered.as_ref().err().map_or("ok", |error| error.code.as_str())
}
