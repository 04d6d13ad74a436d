//! Keys of content: the short names (`iron_ore`, `sol`) by which assets, wire and store speak of kinds and places.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that cannot be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key has 1 to 48 characters of a-z, 0-9 and _, and starts with a letter")]
pub struct KeyError;

fn check(text: &str) -> Result<(), KeyError> {
    let starts_well = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
    let all_allowed = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if starts_well && all_allowed && text.len() <= 48 { Ok(()) } else { Err(KeyError) }
}

macro_rules! keys {
    ($($(#[$doc:meta])* $key:ident),* $(,)?) => {$(
        $(#[$doc])*
        /// Cheap to clone. 1 to 48 characters of a-z, 0-9 and `_`, the first a letter.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $key(Arc<str>);

        impl $key {
            /// Checks the text's form; whether the catalogue knows the key is another question.
            ///
            /// # Errors
            /// [`KeyError`] when the text is not of a key's form.
            pub fn parse(text: &str) -> Result<Self, KeyError> {
                check(text).map(|()| Self(text.into()))
            }

            /// The key as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $key {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $key {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Borrow<str> for $key {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $key {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $key {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($key).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let about = crate::types::doc_text(&[$(stringify!($doc)),*]);
                schemars::json_schema!({ "description": about, "type": "string", "pattern": "^[a-z][a-z0-9_]{0,47}$" })
            }
        }

        impl<'de> Deserialize<'de> for $key {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(|error| serde::de::Error::custom(format_args!("{text:.60?}: {error}")))
            }
        }
    )*};
}

keys! {
    /// A world (a sector of the galaxy).
    WorldKey,
    /// A hub: a trading place in a world.
    HubKey,
    /// A jump gate.
    GateKey,
    /// A kind of goods.
    ItemKey,
    /// A kind of ship.
    ShipKindKey,
    /// A kind of object in space.
    ObjectKindKey,
    /// A technology.
    TechKey,
    /// A way to make goods out of goods.
    BlueprintKey,
    /// A kind of mission: what running missions are made from.
    MissionKey,
    /// A running mission: its kind's key, `_`, and the number of its slot in the schedule. Never used again.
    MissionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_lower_case_names_are_keys() {
        assert_eq!(ItemKey::parse("iron_ore2").map(|key| key.as_str().to_owned()), Ok("iron_ore2".to_owned()));
        for wrong in ["", "Iron", "2iron", "iron-ore", "_iron", "é", &"x".repeat(49)] {
            assert_eq!(ItemKey::parse(wrong), Err(KeyError), "{wrong}");
        }
    }
}
