//! A command's trace: one id from the socket over player and world until it is durable, in spans and in log lines.

use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::{Value, json};

use crate::collector::{Collector, attribute, hex};
use crate::support::{Player, Server, command, until};

/// The trace that a client of the HTTP API began.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Names of spans from a span up to the trace's first.
fn ancestry<'a>(span: &'a Span, trace: &'a [Span]) -> Vec<&'a str> {
    let parent = trace.iter().find(|other| other.span_id == span.parent_span_id);
    let mut names = parent.map(|parent| ancestry(parent, trace)).unwrap_or_default();
    names.push(&span.name);
    names
}

#[test]
fn a_collect_is_one_trace_from_the_socket_until_it_is_durable() {
    let collector = Collector::start();
    let server = Server::with(&[
        ("telemetry.trace_per_mille", "1000"),
        ("telemetry.otlp_endpoint", &collector.url()),
        ("log.filter", "orrery=debug,info"),
        ("log.format", "json"),
    ]);
    let mut player = Player::guest(&server);
    let object = player.objects()[0];
    player.command(command::collect(object)).unwrap();

    let trace = collector.until_trace(6, |span| attribute(span, "command") == Some("collect"));
    let paths: Vec<String> = trace.iter().map(|span| ancestry(span, &trace).join(" ")).collect();
    for path in [
        "socket",
        "socket player",
        "socket player world",
        "socket player world commit",
        "socket player world player",
        "socket player world player commit",
    ] {
        assert!(paths.iter().any(|found| found == path), "{path} is missing: {paths:#?}");
    }
    for (span, path) in trace.iter().zip(&paths) {
        assert!(path.starts_with("socket"), "{path} hangs in the air");
        assert!(span.end_time_unix_nano > span.start_time_unix_nano, "{path} takes no time");
        assert!(span.start_time_unix_nano >= trace[0].start_time_unix_nano, "{path} begins before the command came");
    }

    let id = hex(&trace[0].trace_id);
    let lines = server.log().lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).collect::<Vec<_>>();
    let decided = lines.iter().find(|line| line["message"] == "a command is decided" && line["command"] == "1");
    let told = &decided.unwrap_or_else(|| panic!("no line: {}", server.log()))["spans"][0]["trace_id"];
    assert_eq!(told, &json!(id));
    assert_eq!(server.metric("orrery_trace_exports_failed_total"), 0.0);
}

#[test]
fn a_request_goes_on_with_the_trace_of_whoever_sent_it() {
    let collector = Collector::start();
    // One of a thousand: all but never by chance.
    let server = Server::with(&[
        ("telemetry.trace_per_mille", "1"),
        ("telemetry.otlp_endpoint", &collector.url()),
        ("log.filter", "orrery=debug,info"),
    ]);
    let player = Player::guest(&server);
    let token = player.welcome.account.as_ref().unwrap().access_token.clone();
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    let sell = json!(["sell", { "hub": "luna_exchange", "item": "ice", "quantity": 1 }, 7]);
    let answer = server.http().command_in_trace(&token, &sell, &traceparent);
    assert!([200, 409, 422].contains(&answer.status), "{answer:?}");

    let trace = collector.until_trace(4, |span| attribute(span, "request") == Some("sell"));
    let first = trace.iter().find(|span| span.name == "http").unwrap();
    assert_eq!((hex(&first.trace_id), hex(&first.parent_span_id)), (TRACE.to_owned(), PARENT.to_owned()));
    for name in ["player", "world", "commit"] {
        assert!(trace.iter().any(|span| span.name == name), "{name} is missing");
    }
    let told = format!("trace_id={TRACE}");
    until("a line of text has the id", || server.log().lines().any(|line| line.contains(&told)));
}

#[test]
fn without_the_setting_no_line_has_a_trace() {
    let server = Server::with(&[("log.filter", "orrery=debug,info")]);
    let mut player = Player::guest(&server);
    let object = player.objects()[0];
    player.command(command::collect(object)).unwrap();
    let log = server.log();
    assert!(log.contains("a command is decided") && !log.contains("trace_id"), "{log}");
}
