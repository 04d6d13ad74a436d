//! The description against the conformance vectors: what is right is valid, and what is wrong is not.

use serde_json::{Map, Value};

use super::described::Description;
use super::document::document;
use crate::protocol::conformance::committed;
use crate::protocol::{Encoding, decode_client};

/// What a schema over JSON values cannot see: both are whole numbers to it, and both have one field.
const BEYOND_SCHEMAS: &[&str] = &["a whole number written as a broken one", "a field twice"];

fn description() -> Description {
    Description::new(document())
}

/// Whether any message of clients looks like this.
fn is_from_client(description: &Description, payload: &Value) -> bool {
    let mut client = description.names().filter(|name| name.starts_with("client."));
    client.any(|name| description.check(name, payload).is_ok())
}

fn vectors(list: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(&committed("vectors/messages.json")).unwrap();
    file[list].as_array().unwrap().clone()
}

/// Which message of the description a vector is.
fn message_of(vector: &Value) -> String {
    let text = |field: &Value| field.as_str().unwrap().to_owned();
    match &vector["answers"] {
        Value::String(command) => format!("server.ok.{command}"),
        _ => format!("{}.{}", text(&vector["from"]), text(&vector["value"][0])),
    }
}

/// Every way to add a field that nobody knows to one of the maps in a value, whose own keys are not free.
fn with_a_surplus_field(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => {
            let mut here = fields.clone();
            here.insert("surplus".to_owned(), Value::Bool(true));
            let put = |key: &str, inner: Value| {
                let mut fields: Map<String, Value> = fields.clone();
                fields.insert(key.to_owned(), inner);
                Value::Object(fields)
            };
            let within = fields.iter().flat_map(|(key, inner)| {
                with_a_surplus_field(inner).into_iter().map(move |inner| put(key, inner)).collect::<Vec<_>>()
            });
            [Value::Object(here)].into_iter().chain(within).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn every_message_vector_is_valid() {
    let description = description();
    for vector in vectors("messages") {
        let valid = description.check(&message_of(&vector), &vector["value"]);
        assert_eq!(valid, Ok(()), "{}", vector["name"]);
    }
    for vector in vectors("spellings") {
        assert!(is_from_client(&description, &vector["value"]), "{}", vector["name"]);
    }
}

#[test]
fn every_message_of_the_description_has_a_vector() {
    let seen: Vec<String> = vectors("messages").iter().map(message_of).collect();
    for name in description().names() {
        assert!(seen.iter().any(|seen| seen == name), "no vector is a {name}");
    }
}

#[test]
fn what_is_refused_is_not_valid() {
    let description = description();
    for vector in vectors("refused") {
        let Some(Ok(sent)) = vector["json"].as_str().map(serde_json::from_str::<Value>) else { continue };
        let name = vector["name"].as_str().unwrap();
        assert_eq!(is_from_client(&description, &sent), BEYOND_SCHEMAS.contains(&name), "{name}");
    }
}

#[test]
fn fields_that_are_not_known_are_refused_by_codec_and_description_alike() {
    let description = description();
    for vector in vectors("messages").iter().filter(|vector| vector["from"] == "client") {
        for body in with_a_surplus_field(&vector["value"][1]) {
            let mut sent = vector["value"].clone();
            sent[1] = body;
            assert!(description.check(&message_of(vector), &sent).is_err(), "the description lets {sent} pass");
            let decoded = decode_client(Encoding::Json, sent.to_string().as_bytes());
            assert!(decoded.is_err(), "the codec lets {sent} pass");
        }
    }
}

#[test]
fn a_field_that_is_left_out_is_refused_by_codec_and_description_alike() {
    let description = description();
    for vector in vectors("messages").iter().filter(|vector| vector["from"] == "client") {
        let fields = vector["value"][1].as_object().unwrap();
        for left_out in fields.keys() {
            let mut sent = vector["value"].clone();
            sent[1].as_object_mut().unwrap().remove(left_out);
            let decoded = decode_client(Encoding::Json, sent.to_string().as_bytes());
            let valid = description.check(&message_of(vector), &sent);
            assert_eq!(decoded.is_ok(), valid.is_ok(), "without {left_out}: {sent}");
        }
    }
}

#[test]
fn clients_that_validate_put_up_with_fields_of_later_servers() {
    let description = description();
    for vector in vectors("messages").iter().filter(|vector| vector["from"] == "server") {
        let mut sent = vector["value"].clone();
        let Some(body) = sent[1].as_object_mut() else { continue };
        body.insert("surplus".to_owned(), Value::Bool(true));
        assert_eq!(description.check(&message_of(vector), &sent), Ok(()), "{sent}");
    }
}
