//! `asyncapi.json`: the protocol for machines, generated from the wire types, and checked with the conformance vectors.
//! Tests only: what is committed is what the server serves.

mod cells;
mod close_codes;
mod document;
mod schemas;
mod validation_tests;

#[path = "../../../../tests/support/description.rs"]
mod described;

use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::conformance::settle;
pub(crate) use close_codes::CloseCodeNumber;

#[test]
fn the_description_is_current() {
    // One space: the lines are for those who compare versions, and the document is large.
    let mut text = Vec::new();
    let mut writer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b" "));
    document::document().serialize(&mut writer).unwrap();
    settle("asyncapi.json", &(String::from_utf8(text).unwrap() + "\n"));
}
