//! The forms of all bodies: those of clients as a server reads them, those of the server as it writes them.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::protocol::conformance::replies::REPLIES;
use crate::protocol::{ClientMessage, ServerMessage};
use crate::types::{CommandId, Described};

/// Where definitions stand in the document.
const DEFINITIONS: &str = "/components/schemas";

/// A message's body, and what is said of the message.
pub(super) struct Body {
    pub(super) name: &'static str,
    pub(super) about: String,
    pub(super) schema: Value,
}

/// Everything that is known of bodies.
pub(super) struct Schemas {
    pub(super) client: Vec<Body>,
    /// All but `ok`.
    pub(super) server: Vec<Body>,
    /// The bodies of `ok`, by command.
    pub(super) replies: Vec<Body>,
    pub(super) definitions: Map<String, Value>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = SchemaSettings::draft07().with(|settings| settings.definitions_path = DEFINITIONS.into());
        let mut reading = settings.clone().for_deserialize().into_generator();
        let mut writing = settings.for_serialize().into_generator();
        let client = ClientMessage::described(&mut reading).into_iter().map(strict).collect();
        let server = ServerMessage::described(&mut writing).into_iter().filter(|message| message.name != "ok");
        let server = server.map(open).collect();
        let replies = REPLIES.iter().map(|reply| {
            let schema = opened(normal((reply.schema)(&mut writing).into()));
            // The empty body of clients is closed; that of an answer may get fields.
            let is_empty = schema["$ref"].as_str().is_some_and(|place| place.ends_with("/Empty"));
            let schema = if is_empty { json!({ "type": "object" }) } else { schema };
            Body { name: reply.command, about: format!("Answers `{}`.", reply.command), schema }
        });
        let replies = replies.collect();
        Self { client, server, replies, definitions: merged(reading, writing) }
    }
}

fn strict(message: Described) -> Body {
    Body { name: message.name, about: message.about, schema: normal(message.body.into()) }
}

fn open(message: Described) -> Body {
    let body = strict(message);
    Body { schema: opened(body.schema), ..body }
}

/// Both sides' definitions. What clients send may have no other fields; what servers send may get more.
fn merged(mut reading: SchemaGenerator, mut writing: SchemaGenerator) -> Map<String, Value> {
    let mut all: Map<String, Value> =
        reading.take_definitions(true).into_iter().map(|(name, schema)| (name, normal(schema))).collect();
    for (name, schema) in writing.take_definitions(true) {
        let schema = normal(schema);
        if let Some(known) = all.get(&name) {
            assert_eq!(
                known, &schema,
                "{name} is read in another form than it is written, or two types have this name"
            );
        } else {
            all.insert(name, opened(schema));
        }
    }
    all
}

/// The bounds of numbers as this protocol has them, and descriptions without the marks of Rust's documentation.
fn normal(mut schema: Value) -> Value {
    each_object(&mut schema, &mut |object| {
        let bounds = match object.get("format").and_then(Value::as_str) {
            Some("uint64") => Some((0, CommandId::MAX as i64)),
            Some("uint32") => Some((0, i64::from(u32::MAX))),
            Some("uint16") => Some((0, i64::from(u16::MAX))),
            Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
            _ => None,
        };
        if let Some((least, most)) = bounds {
            object.remove("format");
            object.insert("minimum".to_owned(), least.into());
            object.insert("maximum".to_owned(), most.into());
        }
        if let Some(Value::String(text)) = object.get_mut("description") {
            *text = text.replace("[`", "`").replace("`]", "`").replace('\n', " ").replace(" (`Self::MAX`)", "");
        }
    });
    schema
}

/// Lets objects have fields that are not known.
fn opened(mut schema: Value) -> Value {
    each_object(&mut schema, &mut |object| {
        if object.get("additionalProperties") == Some(&Value::Bool(false)) {
            object.remove("additionalProperties");
        }
    });
    schema
}

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|value| each_object(value, change));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| each_object(value, change)),
        _ => {}
    }
}
