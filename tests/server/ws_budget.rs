//! The byte budget: who is sent more than it may gets less detail, and still ends with the true picture.

use orrery::types::Tick;

use crate::support::player::Player;
use crate::support::{Server, command, until};

#[test]
fn over_its_budget_a_client_is_told_less_often_and_ends_with_the_true_picture() {
    let settings = [
        ("world.tick_hz", "60"),
        // Less than a message per cycle: any change is too much.
        ("session.cells_bytes_per_second", "16"),
        ("limits.flight_per_second", "1000"),
        ("limits.frames_per_second", "10000"),
    ];
    let server = Server::with(&settings);
    let mut watcher = Player::guest(&server);
    let mut pilot = Player::guest(&server);
    let mut turn = 0;
    until("both get the least detail", || {
        turn += 1;
        pilot.command(command::fly_to(1_000 + turn % 20, 1_000)).unwrap();
        server.metric("orrery_sessions_at_level{level=\"3\"}") == 2.0
    });
    // Across a border, from near cells to the far ring.
    pilot.command(command::fly_to(1_290, 1_040)).unwrap();
    let goal = |player: &Player| {
        let places = player.picture.ships.values().map(|ship| ship.course.position(Tick(u64::MAX)));
        places.collect::<Vec<_>>()
    };
    watcher.read_until("where the pilot goes", |watcher| goal(watcher).contains(&(1_290 * 256, 1_040 * 256).into()));
    pilot.read_until("the same", |pilot| goal(pilot) == goal(&watcher));
    assert_eq!(watcher.picture.ships.len(), 2);
    until("everybody gets all detail again", || server.metric("orrery_sessions_at_level{level=\"0\"}") == 2.0);
    let staleness = |period: &str| server.metric(&format!("orrery_entry_staleness_ticks_total{{period=\"{period}\"}}"));
    assert!(staleness("1") == 0.0 && staleness("4") > 0.0, "near cells were told of at every 4th tick");
    assert_eq!(server.metric("orrery_entities_outside_radius_total "), 0.0);
}
