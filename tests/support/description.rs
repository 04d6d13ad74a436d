//! The protocol's description as what holds messages against it: the JSON Schema of every message in `asyncapi.json`.
//! Used by the tests of the description itself, and by those that hold a running server against it.

use std::collections::BTreeMap;

use serde_json::Value;

/// A place for the document, so that its references have something to be relative to. Nothing is fetched.
const PLACE: &str = "https://orrery.invalid/asyncapi.json";

/// The schemas of all messages.
pub(crate) struct Description {
    schemas: boon::Schemas,
    messages: BTreeMap<String, boon::SchemaIndex>,
}

impl Description {
    /// The schemas in an `AsyncAPI` document.
    pub(crate) fn new(document: Value) -> Self {
        let names: Vec<String> = document["components"]["messages"].as_object().unwrap().keys().cloned().collect();
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.set_default_draft(boon::Draft::V7);
        compiler.add_resource(PLACE, document).unwrap();
        let compile = |name: String| {
            let place = format!("{PLACE}#/components/messages/{name}/payload");
            let index = compiler.compile(&place, &mut schemas).unwrap_or_else(|error| panic!("{name}: {error:#}"));
            (name, index)
        };
        let messages = names.into_iter().map(compile).collect();
        Self { schemas, messages }
    }

    /// What the messages are called: `client.navigate`, `server.ok.navigate`.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }

    /// Holds a message against the schema of that name.
    ///
    /// # Errors
    /// What is not as described.
    pub(crate) fn check(&self, name: &str, message: &Value) -> Result<(), String> {
        let index = *self.messages.get(name).unwrap_or_else(|| panic!("{name} is not described: {message}"));
        self.schemas.validate(message, index).map_err(|error| format!("{error:#}"))
    }
}
