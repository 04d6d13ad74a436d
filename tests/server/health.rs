//! `orrery health`: what a running server says of itself to whoever can read its data folder.

use std::net::TcpListener;

use serde_json::Value;

use crate::support::{Player, Server, until};

const PARTS: [&str; 7] = ["store", "persister", "worlds", "sessions", "memory", "descriptors", "audit"];

/// A server whose console is where its settings say, and that place.
fn server(settings: &[(&str, &str)]) -> (Server, String) {
    // Somebody else may take it before the server does; that would fail the test loudly.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let server = Server::with(&[&[("console.listen", &*free)], settings].concat());
    (server, format!("http://{free}"))
}

/// The report of the server of these settings, and the program's exit code.
fn report(server: &Server) -> (Value, Option<i32>) {
    let output = server.call(&["health", "--json"]);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}")), output.status.code())
}

fn part<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

#[test]
fn every_part_is_judged_and_the_exit_code_says_how_it_is() {
    let (server, _) = server(&[("audit.every_ms", "0")]);
    let _player = Player::guest(&server);
    until("the worlds are measured", || part(&report(&server).0, "worlds")["figures"]["sol.tick_p99_ms"].is_number());
    let (told, code) = report(&server);
    let names: Vec<&str> =
        told["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, PARTS);
    assert_eq!((part(&told, "audit")["status"].as_str(), code), (Some("warn"), Some(1)), "audits are off: {told}");
    assert_eq!(part(&told, "audit")["advice"][0], "set audit.every_ms");
    assert_eq!(part(&told, "sessions")["figures"]["connections"], 1.0);
    assert!(told["score"].as_u64().unwrap() <= 95 && part(&told, "descriptors")["figures"]["open_fds"].is_number());

    let text = String::from_utf8(server.call(&["health"]).stdout).unwrap();
    assert!(PARTS.iter().all(|name| text.lines().any(|line| line.starts_with(name))), "{text}");
}

#[test]
fn only_who_has_the_data_folders_key_is_answered() {
    let ((server, url), other) = (server(&[]), Server::start());
    let output = other.call(&["health", "--url", &url]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("does not know this data folder's key"), "{said}");

    let output = server.call(&["health", "--url", "http://127.0.0.1:1"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("http://127.0.0.1:1 does not answer"), "{said}");
}
