//! Markets, guilds and leaderboards, as operators see them while players trade.

use serde_json::{Value, json};

use crate::operator::{ADMIN, Operator, PASSWORD};
use crate::support::arena::Arena;
use crate::support::economy::{HUB, ITEM, buying, collect, list, without_limits};
use crate::support::{Player, Server, command, until};

fn server() -> Server {
    let ours = [("console.admin_name", ADMIN), ("console.admin_password", PASSWORD)];
    Server::in_arena(Arena::default(), &without_limits(&ours))
}

fn market(admin: &Operator) -> Value {
    let markets = admin.get("/markets").well();
    markets["items"].as_array().unwrap().iter().find(|market| market["hub"] == HUB).unwrap().clone()
}

#[test]
fn a_market_shows_orders_with_their_owners_and_what_was_traded() {
    let server = server();
    let admin = Operator::admin(&server);
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    collect(&mut ada, 6);
    let first = list(&mut ada, 2, 3);
    let second = list(&mut ada, 2, 4);
    assert_eq!((&market(&admin)["sells"], &market(&admin)["buys"]), (&json!(2), &json!(0)));
    bob.command(command::deal("buy", buying(first, 2, 3))).unwrap();
    let now = market(&admin);
    assert_eq!((&now["sells"], &now["volume_day"], &now["quotes"][0]["last"]), (&json!(1), &json!(2), &json!(3)));

    until("the name is known", || {
        admin.get(&format!("/markets/{HUB}/orders")).well()["items"][0]["owner"]["name"] == json!(ada.welcome.name)
    });
    list(&mut ada, 1, 5);
    let page = admin.get(&format!("/markets/{HUB}/orders?item={ITEM}&limit=1")).well();
    assert_eq!((&page["items"][0]["order"], &page["next_cursor"]), (&json!(second), &json!(second.to_string())));
    let rest = admin.get(&format!("/markets/{HUB}/orders?limit=1&cursor={second}")).well();
    assert_eq!((&rest["items"][0]["price"], &rest["next_cursor"]), (&json!(5), &Value::Null));
    assert!(admin.get(&format!("/markets/{HUB}/orders?item=steel")).well()["items"].as_array().unwrap().is_empty());
    let prices = admin.get(&format!("/markets/{HUB}/prices?item={ITEM}&span=day")).well();
    assert_eq!((&prices["items"][0]["close"], &prices["items"][0]["volume"]), (&json!(3), &json!(2)));
    assert_eq!(admin.get("/markets/nowhere/orders").problem(), (404, "unknown_hub".to_owned()));
    for kind in ["auctions", "contracts"] {
        admin.get(&format!("/markets/{HUB}/{kind}?limit=5")).well();
    }

    let boards = admin.get("/leaderboards").well();
    assert_eq!(boards["items"].as_array().unwrap().len(), 4);
    until("the trade counts", || admin.get("/leaderboards/traded?top=1").well()["participants"] == json!(2));
    assert_eq!(admin.get("/leaderboards/beauty").problem().0, 404);
}

#[test]
fn guilds_are_found_by_the_beginning_of_their_names_also_after_a_crash() {
    let server = server();
    let admin = Operator::admin(&server);
    let mut founder = Player::guest(&server);
    let founded = founder.command(command::deal("found_guild", json!({ "name": "Night Shift" }))).unwrap();
    founder.command(command::deal("guild_deposit", json!({ "credits": 7 }))).unwrap();
    let mut other = Player::guest(&server);
    other.command(command::deal("found_guild", json!({ "name": "Ore Barons" }))).unwrap();
    let all = admin.get("/guilds?limit=1").well();
    assert_eq!((&all["items"][0]["name"], &all["next_cursor"]), (&json!("Night Shift"), &json!("night shift")));
    let server = server.crash_and_start();
    let admin = Operator::admin(&server);
    let found = admin.get("/guilds?text=NIGHT").well();
    let guild = &found["items"][0];
    assert_eq!((&guild["id"], &guild["members"], &guild["treasury"]), (&founded["guild"], &json!(1), &json!(7)));
    let detail = admin.get(&format!("/guilds/{}", guild["id"].as_str().unwrap())).well();
    assert_eq!((&detail["treasury"], &detail["members"][0]["role"]), (&json!(7), &json!("leader")));
    assert_eq!(admin.get("/guilds/x").problem().0, 404);
    let made_up = admin.get("/guilds/00000000-0000-0000-0000-000000000001");
    assert_eq!(made_up.problem(), (404, "unknown_guild".to_owned()));
}
