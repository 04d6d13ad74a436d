//! Against a server of a few lines.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::*;

/// Answers for ever; with `token` only who brings it. `/slow` takes a while, `/gone` is not there, `/tagged` has a tag.
fn start(token: &'static str) -> ServerUrl {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            std::thread::spawn(move || serve(&stream, token));
        }
    });
    ServerUrl::parse(&url).unwrap()
}

fn serve(mut stream: &TcpStream, token: &str) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let lower = head.to_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink()).ok()?;
        let path = head.split(' ').nth(1)?;
        let tokens = r#"{"access_token":"mine","refresh_token":"x"}"#;
        let (status, tag, body) = match path {
            "/api/v1/auth/register" => ("201 Created", "", tokens),
            _ if !lower.contains(&format!("authorization: bearer {token}\r")) => ("401 Unauthorized", "", "{}"),
            "/gone" => ("404 Not Found", "", "{}"),
            "/tagged" if lower.contains("if-none-match: \"7\"") => ("304 Not Modified", "etag: \"7\"\r\n", ""),
            "/tagged" => ("200 OK", "etag: \"7\"\r\n", "{}"),
            "/slow" => {
                std::thread::sleep(Duration::from_millis(40));
                ("200 OK", "", "{}")
            }
            _ => ("200 OK", "", "{}"),
        };
        write!(stream, "HTTP/1.1 {status}\r\n{tag}content-length: {}\r\n\r\n{body}", body.len()).ok()?;
    }
}

fn options(paths: &[&str]) -> ReadOptions {
    ReadOptions {
        server: start("mine"),
        console: Some((start("theirs"), "theirs".to_owned())),
        connections: 4,
        per_second: 100,
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        duration: Duration::from_millis(600),
        server_pid: None,
    }
}

#[test]
fn every_reading_that_is_due_is_done_counted_and_timed() {
    let paths = ["/fast", "/slow", "/gone", "/tagged", "/console/api/v1/store"];
    let report = run(options(&paths)).unwrap();
    assert_eq!(report.all.count, 60, "{report}");
    let of = |path: &str| report.paths.iter().find(|report| report.path == path).unwrap();
    assert_eq!(report.errors, of("/gone").count, "{report}");
    assert_eq!(of("/fast").statuses.keys().collect::<Vec<_>>(), [&200]);
    assert_eq!(of("/tagged").statuses.keys().collect::<Vec<_>>(), [&304], "since the warm-up: {report}");
    assert_eq!(of("/console/api/v1/store").statuses.keys().collect::<Vec<_>>(), [&200]);
    assert!(of("/slow").p50_ms >= 40.0, "{report}");
}

#[test]
fn a_server_that_is_too_slow_is_charged_with_what_was_due_meanwhile() {
    let slow = ReadOptions { connections: 1, per_second: 50, console: None, ..options(&["/slow"]) };
    let report = run(slow).unwrap();
    assert_eq!(report.all.count, 30);
    // Thirty that take 40 ms each are due within 600 ms: the last one is done after 1,200 ms at the earliest.
    assert!(report.all.max_ms >= 600.0 && report.to_string().contains("doubt"), "{report}");
}

#[test]
fn paths_that_cannot_be_read_are_refused() {
    let without = ReadOptions { console: None, ..options(&["/console/api/v1/store"]) };
    assert!(run(without).unwrap_err().to_string().contains("--console-token"));
    assert!(run(options(&["me/status"])).unwrap_err().to_string().contains("begins with /"));
}
