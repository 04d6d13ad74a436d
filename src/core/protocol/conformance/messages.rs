//! `vectors/messages.json`: each message of both sides as a value, as JSON and as MessagePack.

use serde_json::Value;

use super::client_samples::Sample;
use super::{client_samples, hex, refused, replies, reply_samples, server_samples, settle, vector_file};
use crate::protocol::{
    ClientMessage, Encoding, Envelope, ServerMessage, decode_client, decode_server, encode_client, encode_server,
};
use crate::types::CommandId;

const ABOUT: &str = "Messages of orrery.v1. `messages`: decoding `json` and `msgpack` (hex) gives `value`; encoding \
    `value` with its fields in their order gives `json` and `msgpack` again, byte for byte. `from` says who sends it, \
    `answers` the command that an `ok` answers. `spellings`: a server reads them as `value`. `refused`: a server answers \
    them with an error of this `code` and `id`, or closes the connection with `close`. `rules`: it understands them and refuses them with `code`. `handshakes`: \
    first messages after which it closes the connection, after an error with `code` if there is one. `ignored`: what a client must put \
    up with, because later servers may send it.";

/// What servers of another version may send: a client must ignore what it does not know.
const IGNORED: &[Sample] = &[
    ("a message of a type that is not known", r#"["fireworks",{"colour":"red"},null,5]"#),
    ("a field that is not known", r#"["research_done",{"tech":"cargo_nets","cost":50},null,6]"#),
    ("a notice of a kind that is not known", r#"["notification",{"seq":9,"at_ms":1,"notice":{"knighted":{}}},null,7]"#),
    ("an error with a code that is not known", r#"["error",{"code":"too_dark","message":"it is too dark"},7,8]"#),
    (
        "a farewell with a close code that is not known",
        r#"["bye",{"code":4999,"reason":"","reconnect":false,"retry_after_ms":0}]"#,
    ),
];

/// A message, and its place in the file.
struct Vector {
    name: String,
    from: &'static str,
    answers: Option<&'static str>,
    json: String,
    msgpack: Vec<u8>,
}

impl Vector {
    fn line(&self) -> String {
        let name = Value::from(self.name.as_str());
        let answers = self.answers.map(|command| format!(",\"answers\":\"{command}\"")).unwrap_or_default();
        let (from, json, text) = (self.from, &self.json, Value::from(self.json.as_str()));
        let packed = hex(&self.msgpack);
        format!(
            "{{\"name\":{name},\"from\":\"{from}\"{answers},\"value\":{json},\"json\":{text},\"msgpack\":\"{packed}\"}}"
        )
    }
}

fn from_client((name, text): &Sample) -> Vector {
    let envelope = decode_client(Encoding::Json, text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let json = String::from_utf8(encode_client(Encoding::Json, &envelope)).unwrap();
    let msgpack = encode_client(Encoding::MessagePack, &envelope);
    Vector { name: (*name).to_owned(), from: "client", answers: None, json, msgpack }
}

fn from_server(name: String, answers: Option<&'static str>, envelope: &Envelope<ServerMessage>) -> Vector {
    let json = String::from_utf8(encode_server(Encoding::Json, envelope)).unwrap();
    Vector { name, from: "server", answers, json, msgpack: encode_server(Encoding::MessagePack, envelope) }
}

fn spoken((name, text): &Sample) -> Vector {
    let envelope = decode_server(Encoding::Json, text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    from_server((*name).to_owned(), None, &envelope)
}

fn notified((index, (name, notice)): (usize, &Sample)) -> Vector {
    let number = index as u64 + 1;
    let text =
        format!("[\"notification\",{{\"seq\":{number},\"at_ms\":1795262725351,\"notice\":{notice}}},null,{number}]");
    let envelope = decode_server(Encoding::Json, text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    from_server(format!("a notice: {name}"), None, &envelope)
}

fn answered((index, (command, body)): (usize, &Sample)) -> Vector {
    let reply = replies::REPLIES.iter().find(|reply| reply.command == *command).expect("the command has an answer");
    let message = ServerMessage::Ok((reply.read)(body).unwrap_or_else(|error| panic!("{command}: {error}")));
    let number = index as u64 + 1;
    // Questions may come without an id; then their answers have none either.
    let id = (*command != "status" || index % 2 == 0).then_some(CommandId(4_710 + number));
    let envelope = Envelope { message, id, number: Some(number) };
    from_server(format!("an answer to {command}, no. {number}"), Some(reply.command), &envelope)
}

fn all() -> Vec<Vector> {
    let client = client_samples::SAMPLES.iter().map(from_client);
    let server = server_samples::SAMPLES.iter().map(spoken);
    let notices = server_samples::NOTICES.iter().enumerate().map(notified);
    let answers = reply_samples::SAMPLES.iter().enumerate().map(answered);
    client.chain(server).chain(notices).chain(answers).collect()
}

fn ignored() -> Vec<String> {
    let line =
        |(name, json): &Sample| format!("{{\"name\":\"{name}\",\"json\":{},\"value\":{json}}}", Value::from(*json));
    IGNORED.iter().map(line).collect()
}

fn file() -> String {
    let messages = all().iter().map(Vector::line).collect();
    let lists = [
        ("messages", messages),
        ("spellings", refused::spellings()),
        ("refused", refused::refused()),
        ("rules", refused::rules()),
        ("handshakes", refused::handshakes()),
        ("ignored", ignored()),
    ];
    vector_file(ABOUT, &lists)
}

#[test]
fn the_file_of_messages_is_current() {
    settle("vectors/messages.json", &file());
}

#[test]
fn samples_are_written_as_the_codec_writes_them() {
    for (vector, (_, text)) in all().iter().zip(client_samples::SAMPLES.iter().chain(server_samples::SAMPLES)) {
        assert_eq!(vector.json, *text, "{}", vector.name);
    }
}

#[test]
fn every_message_in_the_file_is_the_same_in_both_encodings() {
    let file: Value = serde_json::from_str(&file()).unwrap();
    for vector in file["messages"].as_array().unwrap() {
        let (json, packed) = (vector["json"].as_str().unwrap(), vector["msgpack"].as_str().unwrap());
        let packed: Vec<u8> =
            (0..packed.len()).step_by(2).map(|at| u8::from_str_radix(&packed[at..at + 2], 16).unwrap()).collect();
        let name = &vector["name"];
        if vector["from"] == "client" {
            let one = decode_client(Encoding::Json, json.as_bytes()).unwrap();
            assert_eq!(decode_client(Encoding::MessagePack, &packed).as_ref(), Ok(&one), "{name}");
            assert_eq!(encode_client(Encoding::MessagePack, &one), packed, "{name}");
        } else {
            let one = decode_server(Encoding::Json, json.as_bytes()).unwrap();
            assert_eq!(decode_server(Encoding::MessagePack, &packed).as_ref(), Ok(&one), "{name}");
            assert_eq!(encode_server(Encoding::MessagePack, &one), packed, "{name}");
        }
        assert_eq!(serde_json::from_str::<Value>(json).unwrap(), vector["value"], "{name}");
        assert_eq!(rmp_serde::from_slice::<Value>(&packed).unwrap(), vector["value"], "{name}");
    }
}

#[test]
fn every_type_of_message_and_every_answer_has_a_vector_and_names_are_unique() {
    let vectors = all();
    let types_of = |from: &str| -> Vec<String> {
        let mine = vectors.iter().filter(|vector| vector.from == from);
        mine.map(|vector| serde_json::from_str::<Value>(&vector.json).unwrap()[0].as_str().unwrap().to_owned())
            .collect()
    };
    for (from, names) in [("client", ClientMessage::names()), ("server", ServerMessage::names())] {
        let there = types_of(from);
        let lacking: Vec<_> = names.iter().filter(|name| !there.iter().any(|there| there == *name)).collect();
        assert!(lacking.is_empty(), "{from}: no vector for {lacking:?}");
    }
    for reply in replies::REPLIES {
        assert!(vectors.iter().any(|vector| vector.answers == Some(reply.command)), "{}", reply.command);
    }
    let mut names: Vec<&str> = vectors.iter().map(|vector| vector.name.as_str()).collect();
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
