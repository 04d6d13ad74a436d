//! Bytes to messages and back, in both encodings. Nothing a stranger sends can make this panic, recurse deeply or
//! allocate more than in proportion to what was really sent.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::{ClientMessage, Envelope, ServerMessage};
use crate::types::CommandId;

/// How deeply arrays and maps may be nested. The protocol's own messages need 6.
pub const NESTING_MAX: usize = 32;

/// How much is said of what is wrong with a message.
const REASON_CHARS_MAX: usize = 200;

/// How a session's messages become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Binary frames.
    MessagePack,
    /// Text frames.
    Json,
}

/// Bytes that are no message.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not well-formed in the encoding at all.
    #[error("malformed: {0}")]
    Malformed(String),
    /// Well-formed, but no message of this type exists.
    #[error("unknown message type {name:?}")]
    UnknownType {
        /// What was sent, shortened.
        name: String,
        /// The command's id, so that it can be answered.
        id: Option<CommandId>,
    },
    /// Well-formed, but the body or the id is not what the type needs.
    #[error("{reason}")]
    BadBody {
        /// Names the field and the rule.
        reason: String,
        /// The command's id, so that it can be answered.
        id: Option<CommandId>,
    },
}

impl Encoding {
    /// Appends a value's bytes.
    pub(super) fn append<T: Serialize>(self, value: &T, out: &mut Vec<u8>) {
        // Neither can fail: the writer is memory, and our own types have string keys only.
        match self {
            Self::MessagePack => {
                // Human readable, so that a UUID is the same text in both encodings.
                let mut serializer = rmp_serde::Serializer::new(out).with_struct_map().with_human_readable();
                let _ = value.serialize(&mut serializer);
            }
            Self::Json => {
                let _ = serde_json::to_writer(out, value);
            }
        }
    }

    fn parse<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, String> {
        match self {
            Self::MessagePack => {
                let mut rest = bytes;
                let mut deserializer = rmp_serde::Deserializer::new(&mut rest).with_human_readable();
                deserializer.set_max_depth(NESTING_MAX);
                let value = T::deserialize(&mut deserializer).map_err(|error| error.to_string())?;
                if rest.is_empty() { Ok(value) } else { Err("bytes after the message's end".to_owned()) }
            }
            Self::Json => {
                check_json_depth(bytes)?;
                serde_json::from_slice(bytes).map_err(|error| error.to_string())
            }
        }
    }
}

/// serde_json's own limit is 128, too deep for a debug build's stack with our types.
fn check_json_depth(bytes: &[u8]) -> Result<(), String> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_MAX {
            return Err(format!("nested deeper than {NESTING_MAX}"));
        }
    }
    Ok(())
}

/// A client's message from the bytes of one WebSocket message.
///
/// # Errors
/// [`DecodeError`], which carries the command's id where it can be found.
pub fn decode_client(encoding: Encoding, bytes: &[u8]) -> Result<Envelope<ClientMessage>, DecodeError> {
    let envelope: Envelope<ClientMessage> =
        encoding.parse(bytes).map_err(|reason| why(encoding, bytes, &ClientMessage::names(), reason))?;
    match envelope.id {
        Some(id) if id.0 > CommandId::MAX => {
            Err(DecodeError::BadBody { reason: format!("id: at most {}", CommandId::MAX), id: None })
        }
        _ => Ok(envelope),
    }
}

/// A server's message from the bytes of one WebSocket message.
///
/// # Errors
/// [`DecodeError`].
pub fn decode_server(encoding: Encoding, bytes: &[u8]) -> Result<Envelope<ServerMessage>, DecodeError> {
    encoding.parse(bytes).map_err(|reason| why(encoding, bytes, &ServerMessage::names(), reason))
}

/// Bytes of a client's message.
#[must_use]
pub fn encode_client(encoding: Encoding, envelope: &Envelope<ClientMessage>) -> Vec<u8> {
    encode(encoding, envelope)
}

/// Bytes of a server's message.
#[must_use]
pub fn encode_server(encoding: Encoding, envelope: &Envelope<ServerMessage>) -> Vec<u8> {
    encode(encoding, envelope)
}

fn encode<T: Serialize>(encoding: Encoding, value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    encoding.append(value, &mut out);
    out
}

/// Decodes once more, loosely, to tell garbage from a wrong body and to find the id.
fn why(encoding: Encoding, bytes: &[u8], names: &[&str], mut reason: String) -> DecodeError {
    #[derive(Deserialize)]
    struct WithId(String, IgnoredAny, Option<CommandId>);
    #[derive(Deserialize)]
    struct WithWrongId(String, IgnoredAny, IgnoredAny);
    #[derive(Deserialize)]
    struct WithoutId(String, IgnoredAny);

    // It may quote all of what was sent, and goes back to the sender, and into what is kept for a resume.
    if let Some((end, _)) = reason.char_indices().nth(REASON_CHARS_MAX) {
        reason.truncate(end);
    }
    let with_id = encoding.parse::<WithId>(bytes).map(|WithId(name, _, id)| (name, id));
    let found = with_id
        .or_else(|_| encoding.parse::<WithWrongId>(bytes).map(|WithWrongId(name, ..)| (name, None)))
        .or_else(|_| encoding.parse::<WithoutId>(bytes).map(|WithoutId(name, _)| (name, None)));
    let Ok((name, id)) = found else { return DecodeError::Malformed(reason) };
    let id = id.filter(|id| id.0 <= CommandId::MAX);
    if names.contains(&name.as_str()) {
        DecodeError::BadBody { reason: format!("{name}: {reason}"), id }
    } else {
        DecodeError::UnknownType { name: name.chars().take(40).collect(), id }
    }
}

#[cfg(test)]
mod tests {
    use super::super::client_message::{Collect, Empty, Hello, Navigate};
    use super::*;
    use crate::types::{ObjectId, Point};
    use proptest::prelude::*;

    const BOTH: [Encoding; 2] = [Encoding::MessagePack, Encoding::Json];

    fn command(message: ClientMessage) -> Envelope<ClientMessage> {
        Envelope { message, id: Some(CommandId(77)), number: None }
    }

    #[test]
    fn messages_come_back_as_they_went() {
        let to = Navigate { to: Some(Point::new(-1, 512_000)), ..Navigate::default() };
        for encoding in BOTH {
            for envelope in [
                command(ClientMessage::Collect(Collect { object: ObjectId(5) })),
                command(ClientMessage::Navigate(to.clone())),
                Envelope::from(ClientMessage::Hello(Hello::default())),
                Envelope::from(ClientMessage::Leave(Empty {})),
            ] {
                let bytes = encode_client(encoding, &envelope);
                assert_eq!(decode_client(encoding, &bytes), Ok(envelope), "{encoding:?}");
            }
        }
    }

    #[test]
    fn a_wrong_body_still_tells_which_command_it_was() {
        let wrong = br#"["collect",{"object":"five"},9]"#;
        let Err(DecodeError::BadBody { reason, id }) = decode_client(Encoding::Json, wrong) else { unreachable!() };
        assert_eq!(id, Some(CommandId(9)));
        assert!(reason.contains("collect"), "{reason}");
    }

    #[test]
    fn a_field_that_stands_twice_is_refused_by_its_name() {
        let twice = br#"["collect",{"object":5,"object":6},9]"#;
        let Err(DecodeError::BadBody { reason, .. }) = decode_client(Encoding::Json, twice) else { unreachable!() };
        assert!(reason.contains("duplicate field `object`"), "{reason}");
    }

    #[test]
    fn a_long_mistake_is_not_quoted_at_length() {
        let wrong = format!(r#"["collect",{{"object":"{}"}},9]"#, "é".repeat(30_000));
        let Err(error) = decode_client(Encoding::Json, wrong.as_bytes()) else { unreachable!() };
        assert!(error.to_string().len() < 500, "{} bytes", error.to_string().len());
    }

    #[test]
    fn an_unknown_type_is_told_from_garbage() {
        let unknown = decode_client(Encoding::Json, br#"["dance",{},3]"#);
        assert_eq!(unknown, Err(DecodeError::UnknownType { name: "dance".to_owned(), id: Some(CommandId(3)) }));
        assert!(matches!(decode_client(Encoding::Json, b"[\"dance\""), Err(DecodeError::Malformed(_))));
        assert!(matches!(decode_client(Encoding::MessagePack, b"\xc1"), Err(DecodeError::Malformed(_))));
    }

    #[test]
    fn what_follows_the_message_makes_it_malformed() {
        for encoding in BOTH {
            let mut bytes = encode_client(encoding, &Envelope::from(ClientMessage::Leave(Empty {})));
            bytes.extend_from_slice(&bytes.clone());
            assert!(matches!(decode_client(encoding, &bytes), Err(DecodeError::Malformed(_))), "{encoding:?}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
        let json = ["[".repeat(60_000), "]".repeat(60_000)].concat();
        assert!(matches!(decode_client(Encoding::Json, json.as_bytes()), Err(DecodeError::Malformed(_))));
        let mut msgpack = vec![0x91_u8; 60_000];
        msgpack.push(0xc0);
        assert!(matches!(decode_client(Encoding::MessagePack, &msgpack), Err(DecodeError::Malformed(_))));
        // Nested in a body that is being skipped.
        let mut in_body = vec![0x92, 0xa5];
        in_body.extend_from_slice(b"dance");
        in_body.extend_from_slice(&msgpack);
        assert!(matches!(decode_client(Encoding::MessagePack, &in_body), Err(DecodeError::Malformed(_))));
    }

    #[test]
    fn declared_lengths_are_not_believed() {
        for declared in
            [&[0xdd, 0xff, 0xff, 0xff, 0xff][..], &[0xdb, 0xff, 0xff, 0xff, 0xf0], &[0xdf, 0xff, 0xff, 0xff, 0xff]]
        {
            assert!(matches!(decode_client(Encoding::MessagePack, declared), Err(DecodeError::Malformed(_))));
        }
    }

    #[test]
    fn ids_beyond_a_browsers_numbers_are_refused() {
        let decoded = decode_client(Encoding::Json, br#"["status",{},9007199254740992]"#);
        assert!(matches!(decoded, Err(DecodeError::BadBody { id: None, .. })), "{decoded:?}");
    }

    #[test]
    fn an_id_of_the_wrong_type_is_a_wrong_message_not_garbage() {
        for wrong in ["[\"status\",{},-1]", "[\"status\",{},\"a\"]", "[\"status\",{},1.5]"] {
            let decoded = decode_client(Encoding::Json, wrong.as_bytes());
            assert!(matches!(decoded, Err(DecodeError::BadBody { id: None, .. })), "{wrong}: {decoded:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for encoding in BOTH {
                let _ = decode_client(encoding, &bytes);
                let _ = decode_server(encoding, &bytes);
            }
        }
    }
}
