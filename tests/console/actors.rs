//! Live actors as operators see them, and ending one: nothing that was acknowledged is lost by it.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::operator::{Operator, REASON, server};
use crate::support::economy::{HUB, books_agree, buying, collect, list, stored, without_limits};
use crate::support::{Player, Server, command, until};

fn end(operator: &Operator, what: &str, kind: &str, id: &str) -> crate::operator::Answer {
    operator.post(&format!("/actors/{kind}/{id}/{what}"), &json!({ "reason": REASON }))
}

fn find(operator: &Operator, query: &str) -> Vec<Value> {
    operator.get(&format!("/actors?{query}")).well()["items"].as_array().unwrap().clone()
}

/// The newest entry of the audit log about an actor.
fn noted(operator: &Operator, kind: &str, id: &str) -> Value {
    operator.get(&format!("/audit?target=actor:{kind}:{id}")).well()["items"][0].clone()
}

fn with_limits_off() -> Server {
    server(&without_limits(&[("world.position_flush_ms", "60000")]))
}

#[test]
fn every_kind_of_actor_is_listed_with_what_it_does() {
    let server = with_limits_off();
    let admin = Operator::admin(&server);
    let mut ada = Player::guest(&server);
    collect(&mut ada, 1);
    let order = list(&mut ada, 1, 5);
    assert!(order > 0);
    let own = ada.welcome.player.to_string();
    let lines = find(&admin, &format!("kind=player&text={own}"));
    let [player] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&player["name"], &player["depth"]), (&json!(ada.welcome.name), &json!(0)));
    assert!(player["handled"].as_u64() >= Some(3) && player["slowest_us"].as_u64() > Some(0), "{player}");
    assert!(player["last_commit_ms"].as_u64() > Some(0) && player["slowest_message"].as_str() != Some(""), "{player}");
    let by_name = find(&admin, &format!("text={}", ada.welcome.name.to_uppercase()));
    assert_eq!(by_name[0]["id"], own);
    let totals = admin.get("/actors").well()["totals"].clone();
    for kind in ["world", "market", "mission", "player", "persister", "season", "outbox", "auditor"] {
        assert!(totals[kind].as_u64() > Some(0), "{kind}: {totals}");
    }
    let busiest = find(&admin, "sort=slowest&limit=3");
    assert!(busiest.windows(2).all(|pair| pair[0]["slowest_us"].as_u64() >= pair[1]["slowest_us"].as_u64()));
    for wrong in ["sort=size", "limit=0", "limit=101", "cursor=x", "colour=red"] {
        assert_eq!(admin.get(&format!("/actors?{wrong}")).problem().0, 400, "{wrong}");
    }
}

#[test]
fn pages_of_actors_show_each_once() {
    let server = with_limits_off();
    let admin = Operator::admin(&server);
    let pilots = Player::crowd(&server, 7);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/actors?kind=player&limit=3{cursor}")).well();
        seen.extend(page["items"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let mut expected: Vec<String> = pilots.iter().map(|pilot| pilot.welcome.player.to_string()).collect();
    expected.sort();
    assert_eq!(seen, expected);
}

#[test]
fn only_admins_end_actors_and_only_with_a_reason_and_what_is_refused_leaves_no_entry() {
    let server = with_limits_off();
    let admin = Operator::admin(&server);
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let ada = Player::guest(&server);
    let own = ada.welcome.player.to_string();
    let refused = |operator: &Operator, what, kind, id: &str| end(operator, what, kind, id).problem();
    assert_eq!(refused(&moderator, "restart", "player", &own), (403, "not_allowed".to_owned()));
    assert_eq!(refused(&admin, "passivate", "player", &own), (409, "has_session".to_owned()));
    assert_eq!(refused(&admin, "passivate", "market", HUB), (409, "kept".to_owned()));
    assert_eq!(refused(&admin, "passivate", "world", "sol"), (409, "kept".to_owned()));
    assert_eq!(refused(&admin, "restart", "persister", "node"), (409, "part_of_server".to_owned()));
    for (kind, id) in [("player", "00000000-0000-0000-0000-000000000000"), ("player", "ada"), ("ship", "1")] {
        assert_eq!(refused(&admin, "restart", kind, id), (404, "unknown_actor".to_owned()), "{kind} {id}");
    }
    let no_reason = admin.post(&format!("/actors/player/{own}/restart"), &json!({ "reason": "" }));
    assert_eq!(no_reason.problem().0, 400);
    let tried = json!({ "reason": REASON, "dry_run": true });
    let tried = admin.post(&format!("/actors/player/{own}/restart"), &tried).well();
    assert_eq!((&tried["dry_run"], &tried["audit"], &tried["can_undo"]), (&json!(true), &Value::Null, &json!(false)));
    assert_eq!((&tried["before"]["in_memory"], &tried["after"]["in_memory"]), (&json!(true), &json!(true)));
    assert!(tried["before"]["handled"].as_u64() > Some(0) && tried["after"]["handled"] == 0, "{tried}");
    assert!(noted(&admin, "player", &own).is_null());
}

#[test]
fn a_player_who_left_is_passivated_and_comes_back_whole() {
    let server = server(&without_limits(&[("session.resume_window_ms", "1000")]));
    let admin = Operator::admin(&server);
    let mut ada = Player::guest(&server);
    collect(&mut ada, 3);
    let (own, token) = (ada.welcome.player.to_string(), ada.welcome.account.clone().unwrap().access_token);
    drop(ada);
    until("nobody needs the actor", || end(&admin, "passivate", "player", &own).status == 200);
    assert!(find(&admin, &format!("kind=player&text={own}")).is_empty());
    let entry = noted(&admin, "player", &own);
    assert_eq!((&entry["action"], &entry["reason"]), (&json!("passivate"), &json!(REASON)));
    assert_eq!((&entry["before"]["in_memory"], &entry["after"]["in_memory"]), (&json!(true), &json!(false)));
    let status = server.http().get_as(&token, "/api/v1/me/status").json();
    assert!(status["cargo"][0]["quantity"].as_u64() >= Some(3), "loaded for it: {status}");
    books_agree(&server.stop_and_export());
}

#[test]
fn a_world_that_is_restarted_keeps_every_ship_where_it_was() {
    let server = with_limits_off();
    let admin = Operator::admin(&server);
    let mut pilots = Player::crowd(&server, 5);
    for (index, pilot) in (0..).zip(&mut pilots) {
        pilot.command(command::fly_to(960 + index * 20, 1_040)).unwrap();
        let own = pilot.welcome.world.ship;
        pilot.read_until("it has set out", |pilot| {
            pilot.picture.ships.get(&own).is_some_and(|ship| ship.course.from != ship.course.to)
        });
        pilot.command(command::stop()).unwrap();
    }
    let places = || -> Vec<(String, f64, f64)> {
        let picture = admin.get("/worlds/sol/picture").well();
        let place = |ship: &Value| {
            (ship["player"].as_str().unwrap().to_owned(), ship["x"].as_f64().unwrap(), ship["y"].as_f64().unwrap())
        };
        let mut places: Vec<_> = picture["ships"].as_array().unwrap().iter().map(place).collect();
        places.sort_by(|one, other| one.0.cmp(&other.0));
        places
    };
    until("all rest", || {
        let picture = admin.get("/worlds/sol/picture").well();
        let rests = |ship: &Value| ship["vx"] == 0.0 && ship["vy"] == 0.0;
        picture["ships"].as_array().unwrap().iter().filter(|ship| rests(ship)).count() == 5
    });
    let before = places();
    assert!(end(&admin, "restart", "world", "sol").well()["audit"].as_u64() > Some(0));
    for pilot in &mut pilots {
        let entered = pilot.event("entered");
        assert!(matches!(entered, orrery::protocol::ServerMessage::Entered(_)));
    }
    until("all are there again", || admin.get("/worlds/sol/picture").status == 200 && places().len() == 5);
    assert_eq!(places(), before, "stored before the world went");
    assert_eq!(noted(&admin, "world", "sol")["action"], "restart");
    for pilot in &mut pilots {
        pilot.command(command::fly_to(1_000, 1_000)).unwrap();
    }
}

/// One piece after the other is bought, while the market, both players and the world are started anew again and again.
#[test]
fn restarts_under_load_lose_and_double_nothing() {
    let server = with_limits_off();
    let admin = Operator::admin(&server);
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    const PIECES: u64 = 30;
    collect(&mut ada, PIECES);
    let order = list(&mut ada, PIECES, 1);
    let (seller, buyer) = (ada.welcome.player.to_string(), bob.welcome.player.to_string());
    let is_over = AtomicBool::new(false);
    let restarts = std::thread::scope(|scope| {
        let restarting = scope.spawn(|| {
            let actors = [("market", HUB), ("player", seller.as_str()), ("player", buyer.as_str()), ("world", "sol")];
            let mut done = [0; 4];
            for (index, (kind, id)) in actors.into_iter().enumerate().cycle() {
                if is_over.load(Ordering::Relaxed) && done.iter().all(|done| *done > 0) {
                    return done;
                }
                let answer = end(&admin, "restart", kind, id);
                assert!(matches!(answer.status, 200 | 404 | 409), "{answer:?}");
                done[index] += u32::from(answer.status == 200);
            }
            done
        });
        let mut bought = 0;
        for id in 1..=PIECES {
            // Whatever happens to an answer: whoever repeats the command gets the one there is.
            loop {
                match bob.command_as(command::deal("buy", buying(order, 1, 1)), id) {
                    Ok(answer) => break bought += answer["quantity"].as_u64().unwrap(),
                    Err(error) if error.retry_after_ms.is_some() || error.code == "internal" => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
        assert_eq!(bought, PIECES);
        is_over.store(true, Ordering::Relaxed);
        restarting.join().unwrap()
    });
    assert!(restarts.iter().all(|count| *count > 0), "{restarts:?}");
    until("the goods are there", || stored(&mut bob) == PIECES);
    assert_eq!(admin.get("/audit?action=restart").well()["items"].as_array().unwrap()[0]["reason"], REASON);
    books_agree(&server.stop_and_export());
}
