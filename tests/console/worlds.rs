//! The galaxy as operators see it is the one that players fly in.

use std::collections::BTreeSet;

use orrery::types::Tick;
use serde_json::Value;

use crate::operator::{Operator, server};
use crate::support::economy::without_limits;
use crate::support::{Player, command, until};

/// The start sector of the catalogue.
const WORLD: &str = "sol";

fn picture(operator: &Operator) -> Value {
    operator.get(&format!("/worlds/{WORLD}/picture")).well()
}

fn ship_of<'a>(picture: &'a Value, player: &Player) -> Option<&'a Value> {
    let id = player.welcome.player.to_string();
    picture["ships"].as_array().unwrap().iter().find(|ship| ship["player"] == id)
}

/// A place of a picture in fixed-point steps, which it must be a whole number of.
fn steps(thing: &Value) -> (i64, i64) {
    let step = |axis: &str| {
        let steps = thing[axis].as_f64().unwrap() * 256.0;
        assert_eq!(steps.fract(), 0.0, "{thing}");
        steps as i64
    };
    (step("x"), step("y"))
}

#[test]
fn a_picture_shows_every_ship_exactly_where_its_player_sees_it() {
    let server = server(&without_limits(&[("server.workers", "2")]));
    let admin = Operator::admin(&server);
    let mut pilots = Player::crowd(&server, 8);
    for (index, pilot) in (0..).zip(&mut pilots) {
        // Some rest, some fly, each to somewhere else.
        let to = 900 + index * 25;
        pilot.command(if index % 4 == 0 { command::stop() } else { command::fly_to(to, 1_950 - to) }).unwrap();
    }
    // Everybody's client has been told of everybody's last course when it has heard of a tick after the picture's.
    let picture = picture(&admin);
    let tick = Tick(picture["tick"].as_u64().unwrap());
    for pilot in &mut pilots {
        let own = pilot.welcome.world.ship;
        pilot.command(command::status()).unwrap();
        pilot.read_until("its own ship is in the picture", |pilot| pilot.picture.ships.contains_key(&own));
        let shown = ship_of(&picture, pilot).unwrap_or_else(|| panic!("{} is not in {picture}", pilot.welcome.name));
        let seen = &pilot.picture.ships[&own];
        let at = seen.course.position(tick);
        assert_eq!(steps(shown), (i64::from(at.x), i64::from(at.y)), "{shown} at {tick:?}, {:?}", seen.course);
        assert_eq!((shown["name"].as_str(), shown["kind"].as_str()), (Some(&*seen.name), Some(seen.kind.as_str())));
        let flies = seen.course.arrives > tick;
        assert_eq!(flies, (shown["vx"].as_f64(), shown["vy"].as_f64()) != (Some(0.0), Some(0.0)), "{shown}");
    }
    let objects = picture["objects"].as_array().unwrap();
    for object in pilots[0].objects() {
        let shown = objects.iter().find(|shown| shown["id"] == object.0).expect("what a player sees is there");
        let at = pilots[0].picture.objects[&object].at;
        assert_eq!(steps(shown), (i64::from(at.x), i64::from(at.y)));
    }
}

#[test]
fn the_cells_of_a_picture_add_up_and_cost_something_while_ships_turn() {
    let server = server(&without_limits(&[]));
    let admin = Operator::admin(&server);
    let mut pilots = Player::crowd(&server, 4);
    let seen = picture(&admin);
    let sum = |picture: &Value, field: &str| -> u64 {
        picture["cells"].as_array().unwrap().iter().filter_map(|cell| cell[field].as_u64()).sum()
    };
    let things = seen["ships"].as_array().unwrap().len() + seen["objects"].as_array().unwrap().len();
    assert_eq!((sum(&seen, "entities"), seen["ships"].as_array().unwrap().len()), (things as u64, 4));
    let mut turn = 0;
    until("turning ships cost their cells bytes", || {
        turn += 1;
        for pilot in &mut pilots {
            // Too many at once are refused; the others are enough.
            let _ = pilot.command(command::fly_to(950 + turn % 100, 1_000));
        }
        sum(&picture(&admin), "bytes_per_s") > 0
    });
}

#[test]
fn a_world_without_ships_is_shown_and_one_that_is_not_there_is_not() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let worlds = admin.get("/worlds").well();
    let keys: Vec<&str> = worlds["items"].as_array().unwrap().iter().map(|w| w["key"].as_str().unwrap()).collect();
    assert!(keys.len() >= 6 && keys.contains(&WORLD), "{keys:?}");
    for key in keys {
        until("the world is loaded", || admin.get(&format!("/worlds/{key}/picture")).status == 200);
        let picture = admin.get(&format!("/worlds/{key}/picture")).well();
        assert_eq!(picture["ships"], serde_json::json!([]));
        assert!(!picture["objects"].as_array().unwrap().is_empty() && !picture["gates"].as_array().unwrap().is_empty());
        assert!(picture["cells"].as_array().unwrap().iter().all(|cell| cell["subscribers"] == 0));
    }
    for unknown in ["nowhere", "Sol", "so%20l"] {
        let answer = admin.get(&format!("/worlds/{unknown}/picture"));
        assert_eq!(answer.problem(), (404, "unknown_world".to_owned()), "{unknown}");
    }
}

#[test]
fn who_is_not_logged_in_sees_no_world_and_every_operator_does() {
    let server = server(&[]);
    let (admin, outside) = (Operator::admin(&server), Operator::outside(&server));
    let viewer = Operator::with_role(&server, &admin, "viewer");
    for path in ["/worlds", "/worlds/sol/picture", "/actors"] {
        assert_eq!(outside.get(path).status, 401, "{path}");
        until("the world is loaded", || viewer.get(path).status == 200);
    }
}

#[test]
fn many_who_look_at_once_see_the_same_picture() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let _pilots = Player::crowd(&server, 3);
    let ticks: Vec<u64> = std::thread::scope(|scope| {
        let looking: Vec<_> = (0..10).map(|_| scope.spawn(|| picture(&admin)["tick"].as_u64().unwrap())).collect();
        looking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    // However slow the machine is, nobody waits half a second behind another.
    let pressed = admin.request("GET", "/worlds/sol/picture").header("accept-encoding", "gzip");
    assert_eq!(Operator::send(pressed).header("content-encoding"), "gzip");
    let pictures: BTreeSet<u64> = ticks.iter().copied().collect();
    assert!(pictures.len() < ticks.len(), "{ticks:?}");
}
