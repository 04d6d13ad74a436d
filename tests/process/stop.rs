//! SIGTERM: clients are told, everything is stored, and the next server goes on where this one stopped.

use orrery::protocol::ClientMessage;
use orrery::protocol::answer::Navigated;
use orrery::protocol::client_message::{Navigate, Research};
use orrery::types::{Point, TechKey, units_to_fixed};

use crate::client::Client;
use crate::server::{Home, Server};
use crate::{postgres, swarm};

const BOTS: usize = 50;

#[tokio::test]
async fn sqlite_server_stops_in_order() {
    stops_in_order(Home::on_sqlite()).await;
}

#[tokio::test]
async fn postgres_server_stops_in_order() {
    let Some(cluster) = postgres::shared() else { return };
    stops_in_order(Home::on(&cluster.create_database().await)).await;
}

async fn stops_in_order(home: Home) {
    let _turn = swarm::TURN.lock().await;
    // So that only the stop itself can have stored where ships are.
    let mut home = home.with("world.position_flush_ms", 600_000);
    let acks = home.path("acks.jsonl");
    let mut server = home.start_server();
    let flight = swarm::send_traders(&server, BOTS, 5, &acks).await;
    flight.wait_for_all().await.unwrap();
    let mut parked = [park(&server, "Ada", 30).await, park(&server, "Bea", -40).await];
    for (client, _) in &mut parked {
        client.do_well(research()).await;
    }

    server.terminate();
    for (client, _) in &mut parked {
        let bye = client.wait_for_bye().await;
        assert_eq!((bye.code, bye.reconnect), (1012, true), "{bye:?}");
    }
    assert_eq!(server.wait_for_end().await.code(), Some(0), "{}", server.log());
    let told = flight.swarm().stats.codes().get("lost_close_1012").copied();
    assert_eq!(told, Some(BOTS as u64), "bots that were told: {:?}", flight.swarm().stats.codes());
    let stored = home.export();
    swarm::judge(&acks, &stored, "after the stop");
    for (client, _) in &parked {
        let player = stored.compared.players.iter().find(|player| player.player == client.welcome.player).unwrap();
        assert_eq!((player.credits, player.commands.len()), (150, 1), "200 credits less what Ion tuning costs");
    }

    let server = home.restart_server(server.address);
    for (client, place) in &parked {
        let back = Client::enter_with(&server, &client.token).await;
        assert_eq!(back.welcome.world.position, *place);
    }
    swarm::settle(flight).await;
    swarm::judge(&acks, &home.export(), "after the restart");
}

/// A player whose ship has come to rest some units from where it entered.
async fn park(server: &Server, name: &str, units: i32) -> (Client, Point) {
    let mut client = Client::enter_as_guest(server, name).await;
    let entry = client.welcome.world.position;
    let place = Point::new(entry.x + units_to_fixed(units), entry.y + 77);
    let navigate = Navigate { to: Some(place), ..Navigate::default() };
    let answer = client.do_well(ClientMessage::Navigate(navigate)).await;
    let course: Navigated = serde_json::from_value(answer).unwrap();
    client.wait_for_tick(course.arrives).await;
    (client, place)
}

fn research() -> ClientMessage {
    ClientMessage::Research(Research { tech: TechKey::parse("ion_tuning").unwrap() })
}
