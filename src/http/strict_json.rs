//! JSON from outside, as a value. An object in which a name stands twice is refused: which of the two was meant nobody
//! knows, and a reader that takes the last one does something other than one that takes the first. Read by `json_body`
//! for the players' API and by the console's forms.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::form::fault;
use super::problem::Problem;

/// Reads a body.
///
/// # Errors
/// A problem: it is not JSON, or a name stands twice in an object of it, which is named.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let raw: Raw = serde_json::from_slice(bytes).map_err(|error| {
        Problem::bad_request(format!("the body is not JSON (line {}, column {})", error.line(), error.column()))
    })?;
    let mut path = Vec::new();
    raw.into_value(&mut path).ok_or_else(|| Problem::bad_fields(vec![fault(&path, "is given twice")]))
}

/// JSON with all that was written.
enum Raw {
    Leaf(Value),
    List(Vec<Raw>),
    Object(Vec<(String, Raw)>),
}

impl Raw {
    /// The value; `None` when a name stands twice, and `path` then leads to it.
    fn into_value(self, path: &mut Vec<String>) -> Option<Value> {
        match self {
            Self::Leaf(value) => Some(value),
            Self::List(items) => {
                let item = |(index, item): (usize, Self)| within(path, index.to_string(), |path| item.into_value(path));
                items.into_iter().enumerate().map(item).collect::<Option<Vec<_>>>().map(Value::Array)
            }
            Self::Object(fields) => {
                let mut seen = BTreeSet::new();
                let mut names = fields.iter().map(|(name, _)| name);
                if let Some(twice) = names.find(|name| !seen.insert(*name)) {
                    path.push(twice.clone());
                    return None;
                }
                let field = |(name, value): (String, Self)| {
                    let value = within(path, name.clone(), |path| value.into_value(path))?;
                    Some((name, value))
                };
                fields.into_iter().map(field).collect::<Option<Map<_, _>>>().map(Value::Object)
            }
        }
    }
}

/// Goes one step down the path; back again, unless nothing comes of it.
fn within<T>(path: &mut Vec<String>, step: String, go: impl FnOnce(&mut Vec<String>) -> Option<T>) -> Option<T> {
    path.push(step);
    let found = go(path)?;
    path.pop();
    Some(found)
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Leaf(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Leaf(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Leaf(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Leaf(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Leaf(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Leaf(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Leaf(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = entries.next_entry()? {
            fields.push(field);
        }
        Ok(Raw::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn complaint(body: &str) -> String {
        parse(body.as_bytes()).map_or_else(|problem| problem.to_string(), |value| value.to_string())
    }

    #[test]
    fn what_stands_twice_is_named_wherever_it_is() {
        for (body, field) in [
            (r#"{"reason":"spam","reason":"spam"}"#, "reason"),
            (r#"{"change":{"kind":"grant","goods":{"ice":1,"ore":2,"ice":3}}}"#, "change.goods.ice"),
            (r#"[{"a":1},{"b":{"c":1,"c":null}}]"#, "1.b.c"),
            // The same name, written otherwise.
            (r#"{"a":1,"\u0061":2}"#, "a"),
        ] {
            assert_eq!(complaint(body), format!("bad_request: {field} is given twice"), "{body}");
        }
        let long = "n".repeat(9_000);
        assert!(complaint(&format!(r#"{{"{long}":1,"{long}":2}}"#)).len() < 100);
    }

    #[test]
    fn everything_else_is_read_as_it_is() {
        let whole = json!({"a": [1, -1, 1.5, true, null, "é\u{0}", [], {}], "b": {"a": 18446744073709551615_u64}});
        assert_eq!(parse(whole.to_string().as_bytes()).unwrap(), whole);
        assert_eq!(complaint("{} {}"), "bad_request: the body is not JSON (line 1, column 4)");
        let deep = ["[".repeat(16_000), "]".repeat(16_000)].concat();
        assert!(complaint(&deep).starts_with("bad_request: the body is not JSON"));
    }
}
