//! Conformance vectors: the protocol as examples, for clients in any language. They are made here, from the real types,
//! and committed under `vectors/`; a test fails when one is stale, and writes it instead when [`WRITE`] is set.
//! PROTOCOL.md tells strangers how to use them. Tests only: nothing here is part of the crate.

use std::path::Path;

mod client_samples;
mod courses;
mod messages;
pub(crate) mod pictures;
mod refused;
pub(crate) mod replies;
mod reply_samples;
mod server_samples;

/// Set to 1, it lets tests write the generated files of this folder's parent instead of comparing them.
const WRITE: &str = "ORRERY_WRITE_VECTORS";

/// Compares a generated file of the protocol's folder with the committed one, or writes it.
pub(crate) fn settle(path: &str, text: &str) {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocol").join(path);
    if std::env::var(WRITE).is_ok_and(|value| value == "1") {
        std::fs::write(&place, text).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
        return;
    }
    let committed = std::fs::read_to_string(&place).unwrap_or_default();
    if let Some(line) = first_difference(&committed, text) {
        panic!("{path} is stale from line {line} on; write it with {WRITE}=1 and look at what changes");
    }
}

/// A generated file of the protocol's folder as it is committed.
pub(crate) fn committed(path: &str) -> String {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocol").join(path);
    std::fs::read_to_string(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()))
}

fn first_difference(one: &str, other: &str) -> Option<usize> {
    let differ = one.lines().zip(other.lines()).position(|(one, other)| one != other);
    let shorter = one.lines().count().min(other.lines().count());
    differ.or((one != other).then_some(shorter)).map(|index| index + 1)
}

/// A file of vectors: what it is, then its lists, with one vector, as JSON, in each line.
pub(crate) fn vector_file(about: &str, lists: &[(&str, Vec<String>)]) -> String {
    let mut text = format!("{{\n\"about\": {}", serde_json::Value::from(about));
    for (name, vectors) in lists {
        text += &format!(",\n\"{name}\": [\n{}\n]", vectors.join(",\n"));
    }
    text + "\n}\n"
}

/// Bytes as they stand in a vector.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
