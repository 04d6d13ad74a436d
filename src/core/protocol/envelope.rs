//! The envelope around every message: `[type, body]`, `[type, body, id]` or `[type, body, id, number]`.
//!
//! `id` is a command's id, on the command and on its answer. `number` counts the reliable messages of a session from
//! 1 (answers and events, not cell frames); a reliable message without id has `null` in the id's place.

use crate::types::CommandId;

/// A message with what travels around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope<M> {
    /// The message.
    pub message: M,
    /// The id of the command that this is, or answers.
    pub id: Option<CommandId>,
    /// The reliable message's number in its session.
    pub number: Option<u64>,
}

impl<M> From<M> for Envelope<M> {
    fn from(message: M) -> Self {
        Self { message, id: None, number: None }
    }
}

/// Reads what follows a message's body.
pub(crate) fn finish<'de, M, A: serde::de::SeqAccess<'de>>(mut seq: A, message: M) -> Result<Envelope<M>, A::Error> {
    use serde::de::Error as _;
    let id = seq.next_element()?.flatten();
    let number = seq.next_element()?.flatten();
    if seq.next_element::<serde::de::IgnoredAny>()?.is_some() {
        return Err(A::Error::invalid_length(5, &"at most 4 elements"));
    }
    Ok(Envelope { message, id, number })
}

/// Declares the messages of one direction: an enum with a variant per message, each with a body, and its encoding
/// in an [`Envelope`]. After `also`, variants that are families of messages themselves.
macro_rules! messages {
    (
        $(#[$doc:meta])* $enum:ident { $($(#[$variant_doc:meta])* $name:literal => $variant:ident($body:ty),)* }
        $(also { $($(#[$family_doc:meta])* $family:ident,)* })?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $enum {
            $($(#[$variant_doc])* $variant($body),)*
            $($($(#[$family_doc])* $family($family),)*)?
        }

        impl $enum {
            /// Every message type of this direction, as named on the wire.
            #[must_use]
            pub fn names() -> Vec<&'static str> {
                #[allow(unused_mut, reason = "not every direction has families")]
                let mut names = vec![$($name),*];
                $($(names.extend($family::NAMES);)*)?
                names
            }

            /// Every message of this direction, for the generated description.
            #[cfg(test)]
            pub(crate) fn described(generator: &mut schemars::SchemaGenerator) -> Vec<$crate::types::Described> {
                #[allow(unused_mut, reason = "not every direction has families")]
                let mut all = vec![$($crate::types::Described {
                    name: $name,
                    about: $crate::types::doc_text(&[$(stringify!($variant_doc)),*]),
                    body: generator.subschema_for::<$body>(),
                }),*];
                $($(all.extend($family::described(generator));)*)?
                all
            }

            /// The message's type, as named on the wire.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    $($(Self::$family(body) => body.name(),)*)?
                }
            }
        }

        impl serde::Serialize for $crate::protocol::Envelope<$enum> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeSeq as _;
                let length = match (self.id, self.number) { (_, Some(_)) => 4, (Some(_), None) => 3, (None, None) => 2 };
                let mut seq = serializer.serialize_seq(Some(length))?;
                seq.serialize_element(self.message.name())?;
                match &self.message {
                    $($enum::$variant(body) => seq.serialize_element(body)?,)*
                    $($($enum::$family(body) => body.write_body(&mut seq)?,)*)?
                }
                if length > 2 { seq.serialize_element(&self.id)?; }
                if length > 3 { seq.serialize_element(&self.number)?; }
                seq.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $crate::protocol::Envelope<$enum> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl<'de> serde::de::Visitor<'de> for Visitor {
                    type Value = $crate::protocol::Envelope<$enum>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an array [type, body] or [type, body, id]")
                    }

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                        use serde::de::Error as _;
                        let name: String = seq.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                        let no_body = || A::Error::invalid_length(1, &"a body after the type");
                        let message = match name.as_str() {
                            $($name => $enum::$variant(seq.next_element::<$body>()?.ok_or_else(no_body)?),)*
                            other => {
                                $($(if let Some(body) = $family::read_body(other, &mut seq)? {
                                    return $crate::protocol::envelope::finish(seq, $enum::$family(body));
                                })*)?
                                let shown = other.get(..40).unwrap_or(other);
                                return Err(A::Error::custom(format_args!("unknown message type {shown:?}")));
                            }
                        };
                        $crate::protocol::envelope::finish(seq, message)
                    }
                }
                deserializer.deserialize_seq(Visitor)
            }
        }
    };
}
pub(crate) use messages;
