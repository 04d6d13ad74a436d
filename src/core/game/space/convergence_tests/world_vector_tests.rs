//! `vectors/worlds.json` of the protocol: all that one client is sent of a world that lives, and what is true there.

use serde_json::{Value, json};

use super::*;
use crate::game::Rng;
use crate::protocol::conformance::pictures::shown;
use crate::protocol::conformance::{settle, vector_file};

const ABOUT: &str = "Worlds of orrery.v1: all the cells messages that one client is sent while others fly, come and go around it, \
    tick by tick. Begin with an empty picture. At ticks with a `picture` every period is due, and what the client has is what \
    is in the world; `later` is where the ships are some ticks later if nobody does anything, as `[ship, tick, x, y]`. The \
    client's level of detail is `level`: it need not know it.";

const SEED: u64 = 6;
const CYCLES: u64 = 8;
const WATCHER: u128 = 0;

fn place(rng: &mut Rng) -> Point {
    Point::from_units(rng.between(0, 500) as i32, rng.between(0, 500) as i32)
}

/// What happens in a tick: first all come, then they do this and that.
fn script(round: u64, rng: &mut Rng) -> Vec<(u128, Action)> {
    match round {
        1 => return (0..PLAYERS).map(|player| (player, Action::Join(Point::from_units(250, 240)))).collect(),
        2 => return vec![(WATCHER, Action::OpenView)],
        _ => {}
    }
    let mut actions = Vec::new();
    for player in 0..PLAYERS {
        let action = match rng.below(40) {
            0..=3 => Action::Navigate(Goal::To(place(rng))),
            4..=6 => Action::Navigate(Goal::Heading(Point::new(rng.between(-3, 3) as i32, rng.between(-3, 3) as i32))),
            7 => Action::Navigate(Goal::Stop),
            8 => Action::Refit(rng.between(1_000, 20_000) as u32),
            9 if player != WATCHER => Action::Leave,
            10..=14 if player != WATCHER => Action::Join(place(rng)),
            15 if player == WATCHER => Action::Detail(Level::ALL[rng.below(4) as usize]),
            _ => continue,
        };
        actions.push((player, action));
    }
    actions
}

fn later(picture: &Picture) -> Vec<Value> {
    let of_ship = |(id, ship): (&ShipId, &crate::protocol::picture::SeenShip)| {
        let (id, course, now) = (*id, ship.course, picture.tick);
        [1, 7, 50].map(|ticks| {
            let at = course.position(now.after(ticks));
            json!([id, now.after(ticks), at.x, at.y])
        })
    };
    picture.ships.iter().flat_map(of_ship).collect()
}

fn line(tick: u64, client: &mut Client) -> String {
    let heard = client.heard.replace(Vec::new()).unwrap_or_default();
    let level = client.level.number();
    let truth = match tick.is_multiple_of(CYCLE) {
        true => format!(",\n \"picture\":{},\"later\":{}", shown(&client.picture), json!(later(&client.picture))),
        false => String::new(),
    };
    format!("{{\"tick\":{tick},\"level\":{level},\"messages\":{}{truth}}}", json!(heard))
}

fn lines() -> Vec<String> {
    let mut content = catalog().sectors.values().next().expect("there is a sector").clone();
    // Its own objects would tie the vectors to the catalogue.
    content.spawns.clear();
    content.number = 1;
    let (mut sector, mut clients, mut history) = (sector_of(content), Clients::new(), History::default());
    let mut rng = Rng::seeded(SEED);
    let mut lines = Vec::new();
    for round in 1..CYCLES * CYCLE {
        if round == 2 {
            clients.insert(WATCHER, Client { heard: Some(Vec::new()), slow: true, ..Client::default() });
        }
        // It also asserts that the picture is right.
        step(&mut sector, &mut clients, &mut history, script(round, &mut rng), None);
        if let Some(client) = clients.get_mut(&WATCHER) {
            lines.push(line(sector.tick().0, client));
        }
    }
    lines
}

#[test]
fn the_file_of_worlds_is_current() {
    settle("vectors/worlds.json", &vector_file(ABOUT, &[("ticks", lines())]));
}
