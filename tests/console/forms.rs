//! The forms of requests: whatever the description says can be sent, a field more is refused, and the description says
//! that too. A mistyped field that is passed over would be a change other than the one that was meant.

use serde_json::{Map, Value, json};

use crate::operator::{Operator, REASON, server};

/// A path parameter that is an id of nothing.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// A description, and how forms are made from it.
struct Described(Value);

impl Described {
    /// Every operation that takes a form: path, method, schema of the form.
    fn forms(&self) -> Vec<(String, String, Value)> {
        let mut found = Vec::new();
        for (path, item) in self.0["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                if !schema.is_null() {
                    found.push((path.clone(), method.to_uppercase(), schema.clone()));
                }
            }
        }
        found
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolved(self.0.pointer(reference.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }

    /// The objects that a schema stands for: itself, or each of its variants.
    fn variants<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolved(schema);
        match schema["oneOf"].as_array() {
            Some(variants) => variants.iter().flat_map(|variant| self.variants(variant)).collect(),
            None => vec![schema],
        }
    }

    /// Something that is of this schema, with what is needed and nothing more.
    fn sample(&self, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        if let Some(variants) = schema["oneOf"].as_array() {
            return self.sample(&variants[0]);
        }
        if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
            return value.clone();
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema),
            Some("string") => json!(REASON),
            Some("boolean") => json!(true),
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("array") => json!([]),
            other => panic!("{other:?} in {schema}"),
        }
    }

    fn object(&self, schema: &Value) -> Value {
        let needed = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
        let fields = needed.map(|name| (name.to_owned(), self.sample(&schema["properties"][name])));
        fields.collect::<Map<_, _>>().into()
    }

    /// A form for each kind of change that it can hold, with that change's schema; or just the form.
    fn samples(&self, schema: &Value) -> Vec<(Value, Option<Value>)> {
        let form = self.resolved(schema);
        let change = &form["properties"]["change"];
        if change.is_null() {
            return vec![(self.object(form), None)];
        }
        let with = |variant: &Value| {
            let mut sample = self.object(form);
            sample["change"] = self.object(variant);
            (sample, Some(variant.clone()))
        };
        self.variants(change).into_iter().map(with).collect()
    }
}

/// The same with a field that nobody knows.
fn mistyped(mut form: Value) -> Value {
    form["surplus"] = json!(1);
    form
}

#[test]
fn no_form_takes_a_field_that_it_does_not_know() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let described = Described(admin.get("/openapi.json").well());
    let mut tried = Vec::new();
    let mut faults = Vec::new();
    for (path, method, schema) in described.forms() {
        let at: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part }).collect();
        let mut send = |body: Value| {
            let answer = Operator::send(admin.request(&method, &at.join("/")).json(&body));
            if answer.status != 400 || !answer.text.contains("surplus is not known") {
                faults.push(format!("{method} {path} with {body}: {} {}", answer.status, answer.text));
            }
            tried.push(body);
        };
        let mut closed = vec![(schema.clone(), path.clone())];
        for (form, change) in described.samples(&schema) {
            send(mistyped(form.clone()));
            if let Some(variant) = change {
                send(json!({ "change": mistyped(form["change"].clone()), "reason": REASON, "dry_run": true }));
                closed.push((variant, format!("{path} {}", form["change"]["kind"])));
            }
        }
        for (schema, what) in closed {
            if described.resolved(&schema)["additionalProperties"] != json!(false) {
                faults.push(format!("{what} is described as open: {schema}"));
            }
        }
    }
    let kinds = |kind: &str| tried.iter().filter(|body| body["change"]["kind"] == kind).count();
    for kind in ["end", "cancel", "reopen", "open", "unban", "unmute", "disable", "grant"] {
        assert!(kinds(kind) >= 2, "{kind} was not tried: {tried:#?}");
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
