//! The form of a close code on the wire, with what each code says.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::protocol::CloseCode;

/// A [`CloseCode`] as a number.
pub(crate) struct CloseCodeNumber;

impl JsonSchema for CloseCodeNumber {
    fn schema_name() -> Cow<'static, str> {
        "CloseCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let documented = schemars::schema_for!(CloseCode);
        let variants = documented.get("oneOf").and_then(Value::as_array).cloned().unwrap_or_default();
        assert_eq!(variants.len(), CloseCode::ALL.len(), "every close code is described");
        let code = |code: &CloseCode| {
            let name = format!("{code:?}");
            let about =
                variants.iter().find(|variant| variant["const"] == name.as_str()).map(|found| &found["description"]);
            json!({
                "const": code.as_u16(), "title": name, "description": about,
                "x-reconnect": code.reconnect(), "x-retry-after-ms": code.retry_after_ms(),
            })
        };
        let codes: Vec<Value> = CloseCode::ALL.iter().map(code).collect();
        json_schema!({
            "description": "Why the server closes a connection. `x-reconnect`: whether a client comes back by itself, \
                            not before `x-retry-after-ms`, or as long as `bye` says.",
            "oneOf": codes,
        })
    }
}
