//! A body that is a form: what it must be says a type, and what is wrong with it is said in words that somebody
//! understands who has never seen that type: the field, by its path, and the rule that it breaks. No value is ever
//! repeated: it may be a password. Used by the console's forms; the players' API reads texts by hand (`json_body`).

use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor, value};
use serde_json::{Map, Value};

use super::problem::FieldFault;

/// How much of a name of the client's own making is repeated, in characters.
const NAME_CHARS_MAX: usize = 32;
/// The field that says which of several forms an object has.
const KIND: &str = "kind";

/// A fault of the field with this path.
pub(crate) fn fault<S: AsRef<str>>(path: &[S], rule: &str) -> FieldFault {
    let clipped = |name: &S| name.as_ref().chars().take(NAME_CHARS_MAX).collect::<String>();
    let names: Vec<String> = path.iter().map(clipped).collect();
    let field = if names.is_empty() { "the body".to_owned() } else { names.join(".") };
    FieldFault { field, rule: rule.to_owned() }
}

/// Names as they stand in a sentence: `a, b and c`.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => "no fields".to_owned(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// Reads a form that stands at a path of the body.
///
/// # Errors
/// The first field that is not as it must be, and what it must be.
pub(crate) fn read<T: DeserializeOwned>(form: &Value, at: &[&str]) -> Result<T, FieldFault> {
    // Of a list, serde would take the items for fields.
    if !form.is_object() {
        return Err(fault(at, &format!("must be an object with {}", listed(fields_of::<T>()))));
    }
    let error = match serde_path_to_error::deserialize::<_, T>(form.clone()) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    let message = error.inner().to_string();
    let mut path: Vec<String> = at.iter().map(|name| (*name).to_owned()).collect();
    if let Some(name) = missing(&message) {
        let outer = error.path().iter().map(ToString::to_string);
        path.extend(outer.filter(|step| step != "."));
        path.push(name.to_owned());
        return Err(fault(&path, "is missing"));
    }
    path.extend(first_fault::<T>(form));
    Err(fault(&path, &rule(&message)))
}

/// Where the first value is that is wrong. What has a kind is put aside by serde until it knows the kind, and then no
/// path is known any more. So the form is put together once more, field by field, until it becomes wrong.
fn first_fault<T: DeserializeOwned>(form: &Value) -> Vec<String> {
    let is_wrong = |form: &Value| T::deserialize(form).is_err_and(|error| missing(&error.to_string()).is_none());
    let (mut form, mut path) = (form.clone(), Vec::new());
    loop {
        let Some(steps) = form.pointer(&pointer(&path)).map(steps) else { return path };
        let with = |count: usize| with_first(&form, &path, &steps[..count]);
        let counts: Vec<usize> = (0..=steps.len()).collect();
        // Once it is wrong it stays so with more of them.
        let enough = counts.partition_point(|count| !is_wrong(&with(*count)));
        if enough == 0 || enough > steps.len() {
            return path;
        }
        form = with(enough);
        path.push(steps[enough - 1].clone());
    }
}

/// The fields or items of a value, in the order in which they are read; the kind first, without which nothing else can be.
fn steps(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let (kind, others): (Vec<&String>, Vec<&String>) = fields.keys().partition(|name| *name == KIND);
            kind.into_iter().chain(others).cloned().collect()
        }
        Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// A form of which, at a path, only these fields or items are left.
fn with_first(form: &Value, path: &[String], left: &[String]) -> Value {
    let mut form = form.clone();
    match form.pointer_mut(&pointer(path)) {
        Some(Value::Object(fields)) => {
            let all: Map<String, Value> = std::mem::take(fields);
            *fields = all.into_iter().filter(|(name, _)| left.contains(name)).collect();
        }
        Some(Value::Array(items)) => items.truncate(left.len()),
        _ => {}
    }
    form
}

/// A path as a JSON pointer (RFC 6901).
fn pointer(path: &[String]) -> String {
    path.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}

/// The field that serde misses, if that is what it says.
fn missing(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// What serde says, in words, and without the value that it found.
fn rule(message: &str) -> String {
    match message.rsplit_once(", expected ") {
        Some((found, _)) if found.starts_with("unknown field") => "is not known".to_owned(),
        Some((found, expected)) if found.starts_with("invalid ") || found.starts_with("unknown variant") => {
            format!("must be {}", in_words(expected))
        }
        _ if message.starts_with("unknown field") => "is not known".to_owned(),
        _ => format!("is wrong: {message}"),
    }
}

/// What serde calls by the names of types.
fn in_words(expected: &str) -> String {
    let words = match expected {
        "u64" | "u128" | "usize" => "a whole number, 0 or more",
        "u32" => "a whole number, 0 to 4294967295",
        "u16" => "a whole number, 0 to 65535",
        "u8" => "a whole number, 0 to 255",
        "i64" | "i32" | "i16" | "i8" | "i128" | "isize" => "a whole number",
        "f64" | "f32" => "a number",
        "a boolean" => "true or false",
        "a string" | "a borrowed string" => "text",
        "a sequence" => "a list",
        "a map" => "an object",
        "variant identifier" | "string or map" => "text, one of the names that the description lists",
        _ if expected.contains("tagged enum ") => "an object with kind",
        _ if expected.starts_with("struct ") => "an object",
        other => return other.replace('`', ""),
    };
    words.to_owned()
}

/// The names of the fields of a form.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // It fails always: there is nothing to read.
    let _ = T::deserialize(Fields(&mut fields));
    fields
}

/// Hears which fields somebody would read.
struct Fields<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom("nothing to read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only what is refused is looked at")]
    struct Form {
        change: Kind,
        reason: String,
        #[serde(default)]
        days: Option<u16>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
    #[allow(dead_code, reason = "only what is refused is looked at")]
    enum Kind {
        Grant {
            #[serde(default)]
            credits: u64,
            #[serde(default)]
            goods: BTreeMap<String, u64>,
            #[serde(default)]
            hub: Option<String>,
        },
        Place {
            x: f64,
            y: f64,
            #[serde(default)]
            allow: Vec<String>,
            level: Option<Level>,
        },
        Open {},
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Level {
        Info,
        Warning,
    }

    fn complaint(change: Value) -> String {
        said(json!({ "change": change, "reason": "spam" }))
    }

    fn said(form: Value) -> String {
        let FieldFault { field, rule } = read::<Form>(&form, &[]).unwrap_err();
        assert!(!format!("{field} {rule}").contains("hunter2"), "{field} {rule}");
        format!("{field} {rule}")
    }

    #[test]
    fn every_wrong_value_is_named_by_its_path_and_its_rule() {
        let of_kind = "must be text, one of the names that the description lists";
        for (change, expected) in [
            (json!({ "kind": "grant", "credits": "hunter2" }), "change.credits must be a whole number, 0 or more"),
            (json!({ "kind": "grant", "credits": -1 }), "change.credits must be a whole number, 0 or more"),
            (
                json!({ "kind": "grant", "credits": 1.5, "hub": "x" }),
                "change.credits must be a whole number, 0 or more",
            ),
            (json!({ "kind": "grant", "goods": ["hunter2"] }), "change.goods must be an object"),
            (
                json!({ "kind": "grant", "credits": 1, "goods": { "ice": 1, "ore/~x": "hunter2", "zinc": "hunter2" } }),
                "change.goods.ore/~x must be a whole number, 0 or more",
            ),
            (json!({ "kind": "grant", "hub": { "hunter2": 1 } }), "change.hub must be text"),
            (json!({ "kind": "grant", "credit": 1 }), "change.credit is not known"),
            (json!({ "kind": "place", "x": "hunter2", "y": "hunter2" }), "change.x must be a number"),
            (json!({ "kind": "place", "x": 1, "y": true }), "change.y must be a number"),
            (json!({ "kind": "place", "x": 1, "y": 1, "allow": ["a", 5, "b"] }), "change.allow.1 must be text"),
            (json!({ "kind": "place", "x": 1, "y": 1, "allow": "hunter2" }), "change.allow must be a list"),
            (json!({ "kind": "place", "x": 1, "y": 1, "level": "hunter2" }), "change.level must be info or warning"),
            (json!({ "kind": "place", "x": 1 }), "change.y is missing"),
            (json!({ "kind": "hunter2" }), "change.kind must be one of grant, place, open"),
            (json!({ "kind": ", expected hunter2" }), "change.kind must be one of grant, place, open"),
            (json!({ "kind": null }), &format!("change.kind {of_kind}")),
            (json!({ "kind": "open", "x": 1 }), "change.x is not known"),
            (json!({}), "change.kind is missing"),
            (json!("hunter2"), "change must be an object with kind"),
        ] {
            assert_eq!(complaint(change.clone()), expected, "{change}");
        }
    }

    #[test]
    fn so_is_every_field_beside_the_change() {
        let open = json!({ "kind": "open" });
        for (form, expected) in [
            (json!({ "change": open }), "reason is missing"),
            (json!({ "reason": "spam" }), "change is missing"),
            (json!({ "change": open, "reason": null }), "reason must be text"),
            (json!({ "change": open, "reason": "spam", "days": 65_536 }), "days must be a whole number, 0 to 65535"),
            (json!({ "change": open, "reason": "spam", "x": "hunter2" }), "x is not known"),
            (json!([open, "spam", null]), "the body must be an object with change, reason and days"),
            (json!("hunter2"), "the body must be an object with change, reason and days"),
        ] {
            assert_eq!(said(form.clone()), expected, "{form}");
        }
        let long = Value::Object([("n".repeat(9_000), json!(1))].into_iter().collect());
        assert!(said(long).len() < 100);
        let within = read::<Kind>(&json!({ "kind": "grant", "credits": "x" }), &["change"]).unwrap_err();
        assert_eq!(within.field, "change.credits");
    }
}
