//! One server per store: a second one is refused and changes nothing; one that lost its data to another stops loudly.

use orrery::protocol::ClientMessage;
use orrery::protocol::client_message::Research;
use orrery::types::{CommandId, TechKey};

use crate::client::Client;
use crate::postgres::{self, Cluster, execute};
use crate::server::{Home, Server, error_text};

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused() {
    let home = Home::on_sqlite();
    let other = Home::on(&format!("sqlite:{}", home.path("data/orrery.db").display()));
    a_second_server_is_refused(&home, &other).await;
}

#[tokio::test]
async fn a_second_server_on_the_same_database_is_refused() {
    let Some(cluster) = postgres::shared() else { return };
    let url = cluster.create_database().await;
    a_second_server_is_refused(&Home::on(&url), &Home::on(&url)).await;
}

async fn a_second_server_is_refused(home: &Home, other: &Home) {
    let server = home.start_server();
    let mut client = Client::enter_as_guest(&server, "Ada").await;
    let before = home.export();
    for arguments in [&["serve"][..], &["migrate"][..]] {
        let refused = other.run(arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        assert!(error_text(&refused).contains("another server is using this data"), "{}", error_text(&refused));
        assert!(refused.stdout.is_empty(), "{}", String::from_utf8_lossy(&refused.stdout));
    }
    let after = home.export();
    assert_eq!((after.epoch(), &after.all["players"]), (before.epoch(), &before.all["players"]));
    assert_eq!(client.status().await["credits"], 200, "the first one serves on");
}

#[tokio::test]
async fn a_server_whose_file_was_taken_over_stops_loudly() {
    let home = Home::on_sqlite();
    let server = home.start_server();
    let file = home.path("data/orrery.db");
    stops_loudly(server, async move {
        let connection = rusqlite::Connection::open(file).unwrap();
        connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        connection.execute("UPDATE node SET epoch = epoch + 1, batch = 0", []).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_server_whose_database_was_taken_over_during_an_outage_stops_loudly() {
    let Some(cluster) = Cluster::new() else { return };
    let url = cluster.create_database().await;
    let home = Home::on(&url);
    let server = home.start_server();
    stops_loudly(server, async {
        cluster.stop_immediate();
        cluster.start();
        execute(&url, "UPDATE node SET epoch = epoch + 1, batch = 0").await;
    })
    .await;
}

async fn stops_loudly(mut server: Server, taken_over: impl Future<Output = ()>) {
    let mut client = Client::enter_as_guest(&server, "Ada").await;
    taken_over.await;
    let research = ClientMessage::Research(Research { tech: TechKey::parse("ion_tuning").unwrap() });
    client.send(CommandId(9), research);
    let status = server.wait_for_end().await;
    assert_eq!(status.code(), Some(1), "{}", server.log());
    assert!(server.log().contains("another server has taken over the data"), "{}", server.log());
    assert!(!client.was_told_ok(CommandId(9)).await, "what was not stored is not acknowledged");
}
