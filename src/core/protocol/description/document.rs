//! The AsyncAPI 3.0 document. It speaks as the server: `receive` is what clients send.

use serde_json::{Map, Value, json};

use super::schemas::{Body, Schemas};
use crate::protocol::{ErrorCode, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK, ServerMessage};
use crate::types::CommandId;
use crate::types::economy::Deal;

const ABOUT: &str = "The protocol of the Orrery game server. Every message is an array: type, body, command id, number. In \
    JSON that is a text frame; in MessagePack, a binary frame with the same message, texts as keys. PROTOCOL.md beside this \
    document explains what messages mean, which codes refuse which command, and how to come back after a lost connection; \
    LIMITS.md has every bound; vectors/ has examples of everything. Clients send no other fields than these; servers may add \
    fields and types of messages, which clients ignore.";

/// Commands that need an id besides deals: they have an effect that is remembered.
const REMEMBERED: &[&str] = &["collect", "sell", "research", "cancel_research"];
/// What the server sends without a number.
const NOT_NUMBERED: &[&str] = &["welcome", "cells", "dilation", "announcement", "heartbeat", "bye"];

/// The whole document.
pub(super) fn document() -> Value {
    let schemas = Schemas::new();
    let messages = messages(&schemas);
    let in_channel: Map<String, Value> =
        messages.keys().map(|name| (name.clone(), reference(&format!("components/messages/{name}")))).collect();
    let mut definitions = schemas.definitions.clone();
    definitions.insert("CommandId".to_owned(), command_id());
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Orrery: the protocol orrery.v1",
            "version": "1",
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": { "players": {
            "host": "{host}",
            "protocol": "ws",
            "description": "The listener for players. Behind a proxy with TLS it is wss.",
            "variables": { "host": { "default": "127.0.0.1:8080" } },
        } },
        "channels": { "session": {
            "address": "/ws",
            "title": "A player's session",
            "description": "A WebSocket without extensions. The subprotocol says which encoding; without one it is JSON.",
            "messages": in_channel,
            "bindings": { "ws": { "method": "GET", "headers": headers(), "bindingVersion": "0.1.0" } },
        } },
        "operations": operations(&schemas),
        "components": { "messages": messages, "schemas": definitions },
    })
}

fn reference(path: &str) -> Value {
    json!({ "$ref": format!("#/{path}") })
}

fn headers() -> Value {
    let subprotocols = [SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK];
    json!({ "type": "object", "properties": { "Sec-WebSocket-Protocol": { "type": "string", "enum": subprotocols } } })
}

pub(super) fn needs_id(name: &str) -> bool {
    Deal::NAMES.contains(&name) || REMEMBERED.contains(&name)
}

fn messages(schemas: &Schemas) -> Map<String, Value> {
    let client = schemas.client.iter().map(|body| (format!("client.{}", body.name), from_client(body)));
    let server = schemas.server.iter().map(|body| (format!("server.{}", body.name), from_server(body)));
    let replies = schemas.replies.iter().map(|body| (format!("server.ok.{}", body.name), reply(body)));
    client.chain(server).chain(replies).collect()
}

/// A message: its array has these elements, of which so many must be there.
fn message(name: &str, title: String, about: &str, elements: &[&Value], least: usize) -> Value {
    let mut items = vec![json!({ "const": name })];
    items.extend(elements.iter().map(|element| (*element).clone()));
    let mut message = json!({ "name": name, "title": title, "summary": about, "payload": {
        "type": "array", "items": items, "additionalItems": false, "minItems": least, "maxItems": items.len(),
    } });
    if elements.len() > 1 {
        message["correlationId"] = json!({ "description": "The command's id.", "location": "$message.payload#/2" });
    }
    message
}

fn id() -> Value {
    reference("components/schemas/CommandId")
}

fn id_or_null() -> Value {
    json!({ "anyOf": [id(), { "type": "null" }] })
}

fn number() -> Value {
    let about = "Counts the session's reliable messages.";
    json!({ "description": about, "type": "integer", "minimum": 1, "maximum": CommandId::MAX })
}

fn from_client(body: &Body) -> Value {
    let title = format!("{} from the client", body.name);
    let mut message = match needs_id(body.name) {
        true => message(body.name, title, &body.about, &[&body.schema, &id()], 3),
        false => message(body.name, title, &body.about, &[&body.schema, &id_or_null()], 2),
    };
    message["x-needs-id"] = needs_id(body.name).into();
    message
}

fn from_server(body: &Body) -> Value {
    let title = format!("{} from the server", body.name);
    match body.name {
        // Without a number before the welcome.
        "error" => message(body.name, title, &body.about, &[&body.schema, &id_or_null(), &number()], 2),
        name if NOT_NUMBERED.contains(&name) => message(name, title, &body.about, &[&body.schema], 2),
        name => message(name, title, &body.about, &[&body.schema, &json!({ "type": "null" }), &number()], 4),
    }
}

fn reply(body: &Body) -> Value {
    let title = format!("ok: {} was carried out", body.name);
    message("ok", title, &body.about, &[&body.schema, &id_or_null(), &number()], 4)
}

fn operations(schemas: &Schemas) -> Map<String, Value> {
    let in_channel = |name: &str| reference(&format!("channels/session/messages/{name}"));
    let channel = || reference("channels/session");
    let mut operations = Map::new();
    for body in &schemas.client {
        let mut operation = json!({
            "action": "receive", "channel": channel(), "title": body.name, "summary": body.about,
            "messages": [in_channel(&format!("client.{}", body.name))],
        });
        let replies: Vec<Value> = replies(body.name).iter().map(|name| in_channel(name)).collect();
        operation["reply"] = json!({ "channel": channel(), "messages": replies });
        operations.insert(format!("receive.{}", body.name), operation);
    }
    for body in &schemas.server {
        let messages = [in_channel(&format!("server.{}", body.name))];
        let operation = json!({
            "action": "send", "channel": channel(), "title": body.name, "summary": body.about, "messages": messages,
        });
        operations.insert(format!("send.{}", body.name), operation);
    }
    operations
}

/// What a message of a client may be answered with.
fn replies(name: &str) -> Vec<String> {
    let names: &[&str] = match name {
        "hello" => &["welcome", "error", "bye"],
        "heartbeat" => &["heartbeat"],
        "leave" => &["bye"],
        "debug_panic" => &["error"],
        _ => return vec![format!("server.ok.{name}"), "server.error".to_owned()],
    };
    names.iter().map(|name| format!("server.{name}")).collect()
}

fn command_id() -> Value {
    json!({
        "description": "Chosen by the client, and never used for two different commands of a player.",
        "type": "integer", "minimum": 0, "maximum": CommandId::MAX,
    })
}

#[test]
fn the_description_has_every_message_once() {
    let schemas = Schemas::new();
    let mut names: Vec<&str> = schemas.server.iter().map(|body| body.name).chain(["ok"]).collect();
    let mut wanted = ServerMessage::names();
    names.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
    assert!(schemas.client.iter().chain(&schemas.server).all(|body| !body.about.is_empty()));
    let codes = schemas.definitions["ErrorCode"]["oneOf"].as_array().expect("each code is described");
    let codes: Vec<&str> = codes.iter().filter_map(|code| code["const"].as_str()).collect();
    assert_eq!(codes, ErrorCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>());
}
