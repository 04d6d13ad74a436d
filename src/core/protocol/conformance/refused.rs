//! What a server must refuse while it decodes, and spellings that it must understand although it writes none of them.

use super::hex;
use crate::protocol::{DecodeError, Encoding, decode_client, encode_client};

/// How a message is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// No message at all: close 1007.
    Malformed,
    /// `error` with this code and id; before the welcome, close 4000.
    Code(&'static str, Option<u64>),
}
use Fault::{Code, Malformed};

const fn bad(id: u64) -> Fault {
    Code("bad_request", Some(id))
}

/// The id cannot be read.
const BAD: Fault = Code("bad_request", None);

const JSON: &[(&str, &str, Fault)] = &[
    ("nothing", "", Malformed),
    ("no JSON", "hello", Malformed),
    ("cut off", r#"["status",{}"#, Malformed),
    ("two messages", r#"["status",{}]["status",{}]"#, Malformed),
    ("a map instead of an array", r#"{"type":"status"}"#, Malformed),
    ("an empty array", "[]", Malformed),
    ("no body", r#"["status"]"#, Malformed),
    ("a number as type", r#"[7,{}]"#, Malformed),
    ("five elements", r#"["status",{},1,null,null]"#, Malformed),
    ("an unknown type", r#"["dance",{},3]"#, Code("unknown_type", Some(3))),
    ("an unknown type without an id", r#"["dance",{}]"#, Code("unknown_type", None)),
    ("a type in other letters", r#"["Status",{},3]"#, Code("unknown_type", Some(3))),
    ("a message of the server", r#"["welcome",{},3]"#, Code("unknown_type", Some(3))),
    ("null as body", r#"["status",null,9]"#, bad(9)),
    ("a text as body", r#"["status","now",9]"#, bad(9)),
    ("a field too few", r#"["collect",{},9]"#, bad(9)),
    ("a field too many", r#"["collect",{"object":5,"fast":true},9]"#, bad(9)),
    ("a field in a body that has none", r#"["status",{"all":true},9]"#, bad(9)),
    ("a field twice", r#"["collect",{"object":5,"object":6},9]"#, bad(9)),
    ("a text for a number", r#"["collect",{"object":"5"},9]"#, bad(9)),
    ("a broken number", r#"["collect",{"object":5.5},9]"#, bad(9)),
    ("a whole number written as a broken one", r#"["collect",{"object":5.0},9]"#, bad(9)),
    ("a negative id of an object", r#"["collect",{"object":-5},9]"#, bad(9)),
    ("a negative quantity", r#"["sell",{"hub":"h","item":"i","quantity":-1},9]"#, bad(9)),
    ("null for a field that must be there", r#"["jump",{"gate":null},9]"#, bad(9)),
    ("a key in capital letters", r#"["jump",{"gate":"Sol"},9]"#, bad(9)),
    ("an empty key", r#"["jump",{"gate":""},9]"#, bad(9)),
    ("a key that begins with a digit", r#"["jump",{"gate":"1st"},9]"#, bad(9)),
    ("a key of 49 characters", r#"["jump",{"gate":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},9]"#, bad(9)),
    ("a player who is no UUID", r#"["mute",{"player":"Ada"},9]"#, bad(9)),
    ("a point of three", r#"["navigate",{"to":[1,2,3]},9]"#, bad(9)),
    ("a point of one", r#"["navigate",{"to":[1]},9]"#, bad(9)),
    ("a point that is a map", r#"["navigate",{"to":{"x":1,"y":2}},9]"#, bad(9)),
    ("a point beyond 32 bits", r#"["navigate",{"to":[2147483648,0]},9]"#, bad(9)),
    ("a channel that is not there", r#"["say",{"channel":"world","text":"o7"},9]"#, bad(9)),
    ("a channel that is two", r#"["subscribe",{"ticker":"luna_exchange","auctions":"luna_exchange"},9]"#, bad(9)),
    ("a negative id", r#"["status",{},-1]"#, BAD),
    ("an id beyond 2^53 - 1", r#"["status",{},9007199254740992]"#, BAD),
    ("a text as id", r#"["status",{},"7"]"#, BAD),
];

/// MessagePack, in hex.
const MESSAGE_PACK: &[(&str, &str, Fault)] = &[
    ("nothing", "", Malformed),
    ("the byte that is never used", "c1", Malformed),
    ("cut off", "92a6737461747573", Malformed),
    ("two messages", "92a67374617475738092a673746174757380", Malformed),
    ("more elements than there are bytes", "ddffffffff", Malformed),
    ("a text longer than the message", "92dbfffffff061", Malformed),
    ("an unknown type", "93a564616e63658003", Code("unknown_type", Some(3))),
    ("null as body", "93a6737461747573c009", bad(9)),
    ("a floating-point number for a whole one", "93a7636f6c6c65637481a66f626a656374cb401400000000000009", bad(9)),
    ("a negative number for one from 0", "93a7636f6c6c65637481a66f626a656374ff09", bad(9)),
    ("a field too many", "93a673746174757381a3616c6cc309", bad(9)),
    ("an id beyond 2^53 - 1", "93a673746174757380cf0020000000000000", BAD),
];

/// Well-formed commands that break a rule: the server answers with this code.
const RULES: &[(&str, &str, &str)] = &[
    ("an economic command without an id", r#"["collect",{"object":5}]"#, "id_required"),
    ("a deal with null for an id", r#"["leave_guild",{},null]"#, "id_required"),
    ("a flight to nowhere", r#"["navigate",{},9]"#, "bad_request"),
    ("a flight to a point and in a direction", r#"["navigate",{"to":[1,2],"heading":[1,0]},9]"#, "bad_request"),
    ("a direction without length", r#"["navigate",{"heading":[0,0]},9]"#, "bad_request"),
    ("a stop that is none", r#"["navigate",{"stop":false},9]"#, "bad_request"),
    ("a gate that is not there", r#"["jump",{"gate":"nowhere"},9]"#, "unknown_gate"),
    ("an object that is not there", r#"["collect",{"object":9007199254740991},10]"#, "object_gone"),
    ("a technology that is not there", r#"["research",{"tech":"magic"},11]"#, "unknown_tech"),
    ("a hub that is not there", r#"["market",{"hub":"nowhere"},9]"#, "unknown_hub"),
    ("an empty line of chat", r#"["say",{"channel":"sector","text":"  "},12]"#, "bad_request"),
    ("a page of nothing", r#"["notifications",{"limit":0},9]"#, "bad_request"),
    ("a command that is switched off", r#"["debug_panic",{"world":true},9]"#, "disabled"),
];

/// First messages that are no way in: the code of the `error`, if there is one, and the close.
const HANDSHAKES: &[(&str, &str, Option<&str>, u16)] = &[
    ("a command before hello", r#"["status",{},1]"#, None, 4000),
    ("an unknown type", r#"["dance",{}]"#, None, 4000),
    ("a hello with a field that is not known", r#"["hello",{"guest":{},"as":"admin"}]"#, None, 4000),
    ("a hello that says nothing", r#"["hello",{}]"#, Some("bad_request"), 4000),
    ("a hello that says two things", r#"["hello",{"guest":{},"token":"t"}]"#, Some("bad_request"), 4000),
    ("a guest and a resume", r#"["hello",{"guest":{},"resume":{"token":"r","seen":0}}]"#, Some("bad_request"), 4000),
    ("a wrong token", r#"["hello",{"token":"t"}]"#, Some("not_authenticated"), 4001),
    ("nothing to resume", r#"["hello",{"resume":{"token":"r","seen":0}}]"#, Some("not_authenticated"), 4001),
    (
        "nothing to resume, and a wrong token",
        r#"["hello",{"token":"t","resume":{"token":"r","seen":0}}]"#,
        Some("not_authenticated"),
        4001,
    ),
    ("a guest's name that is too short", r#"["hello",{"guest":{"name":"A"}}]"#, Some("bad_request"), 4001),
];

/// Two texts that mean the same: another spelling, and what the server would write.
const SPELLINGS: &[(&str, &str, &str)] = &[
    ("spaces and line breaks", "[ \"status\" ,\n{ } ,\t7 ]", r#"["status",{},7]"#),
    ("letters as numbers", r#"["j\u0075mp",{"gate":"\u0073ol_vega"}]"#, r#"["jump",{"gate":"sol_vega"}]"#),
    (
        "a character beyond 16 bits as two numbers",
        r#"["say",{"channel":"local","text":"\ud83d\ude80"},7]"#,
        r#"["say",{"channel":"local","text":"🚀"},7]"#,
    ),
    (
        "fields in another order",
        r#"["sell",{"quantity":1,"item":"ice","hub":"luna"},7]"#,
        r#"["sell",{"hub":"luna","item":"ice","quantity":1},7]"#,
    ),
    ("null for an optional field", r#"["market",{"hub":"luna","item":null}]"#, r#"["market",{"hub":"luna"}]"#),
    ("null for an id", r#"["status",{},null]"#, r#"["status",{}]"#),
    ("a field left out that has a default", r#"["heartbeat",{}]"#, r#"["heartbeat",{"seen":0}]"#),
    (
        "a UUID in capital letters",
        r#"["mute",{"player":"01A1F98D-11A2-73D5-9AB8-090683B41D2D"},7]"#,
        r#"["mute",{"player":"01a1f98d-11a2-73d5-9ab8-090683b41d2d"},7]"#,
    ),
];

/// The same for MessagePack, in hex.
const SPELLINGS_PACKED: &[(&str, &str, &str)] = &[
    (
        "lengths and numbers wider than they need to be",
        "dd00000003d907636f6c6c656374de0001da00066f626a656374cf0000000000000005d30000000000000007",
        r#"["collect",{"object":5},7]"#,
    ),
    ("an empty map of 32 bits", "92a6737461747573df00000000", r#"["status",{}]"#),
    ("null for an id", "93a673746174757380c0", r#"["status",{}]"#),
];

fn bytes_of(encoding: Encoding, text: &str) -> Vec<u8> {
    if encoding == Encoding::Json {
        return text.as_bytes().to_vec();
    }
    let digits: Vec<char> = text.chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn field(encoding: Encoding) -> &'static str {
    if encoding == Encoding::Json { "json" } else { "msgpack" }
}

fn fault_of(error: &DecodeError) -> (Option<&'static str>, Option<u64>) {
    match error {
        DecodeError::Malformed(_) => (None, None),
        DecodeError::UnknownType { id, .. } => (Some("unknown_type"), id.map(|id| id.0)),
        DecodeError::BadBody { id, .. } => (Some("bad_request"), id.map(|id| id.0)),
    }
}

fn expected(fault: Fault) -> (Option<&'static str>, Option<u64>) {
    match fault {
        Malformed => (None, None),
        Code(code, id) => (Some(code), id),
    }
}

/// The list of messages that must be refused.
pub(super) fn refused() -> Vec<String> {
    let both = [(Encoding::Json, JSON), (Encoding::MessagePack, MESSAGE_PACK)];
    let mut vectors = Vec::new();
    for (encoding, samples) in both {
        for (name, text, fault) in samples {
            let (code, id) = expected(*fault);
            let code = code.map_or("null".to_owned(), |code| format!("\"{code}\""));
            let id = id.map_or("null".to_owned(), |id| id.to_string());
            let close = if *fault == Malformed { "1007" } else { "null" };
            let sent = serde_json::Value::from(*text);
            let field = field(encoding);
            vectors.push(format!(
                "{{\"name\":\"{name}\",\"{field}\":{sent},\"code\":{code},\"id\":{id},\"close\":{close}}}"
            ));
        }
    }
    vectors
}

/// The list of commands that break a rule.
pub(super) fn rules() -> Vec<String> {
    let line = |(name, text, code): &(&str, &str, &str)| {
        format!(
            "{{\"name\":\"{name}\",\"json\":{},\"value\":{text},\"code\":\"{code}\"}}",
            serde_json::Value::from(*text)
        )
    };
    RULES.iter().map(line).collect()
}

/// The list of first messages that are refused.
pub(super) fn handshakes() -> Vec<String> {
    let line = |(name, text, code, close): &(&str, &str, Option<&str>, u16)| {
        let (sent, code) = (serde_json::Value::from(*text), serde_json::json!(code));
        format!("{{\"name\":\"{name}\",\"json\":{sent},\"value\":{text},\"code\":{code},\"close\":{close}}}")
    };
    HANDSHAKES.iter().map(line).collect()
}

/// The list of other spellings of messages.
pub(super) fn spellings() -> Vec<String> {
    let both = [(Encoding::Json, SPELLINGS), (Encoding::MessagePack, SPELLINGS_PACKED)];
    let mut vectors = Vec::new();
    for (encoding, samples) in both {
        for (name, text, plain) in samples {
            let (sent, field) = (serde_json::Value::from(*text), field(encoding));
            vectors.push(format!("{{\"name\":\"{name}\",\"{field}\":{sent},\"value\":{plain}}}"));
        }
    }
    vectors
}

#[test]
fn every_message_that_must_be_refused_is_refused_as_it_must_be() {
    let mut wrong = Vec::new();
    for (encoding, samples) in [(Encoding::Json, JSON), (Encoding::MessagePack, MESSAGE_PACK)] {
        for (name, text, fault) in samples {
            let found = decode_client(encoding, &bytes_of(encoding, text));
            if found.as_ref().err().map(fault_of) != Some(expected(*fault)) {
                wrong.push(format!("{encoding:?}: {name}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn other_spellings_mean_the_same() {
    for (encoding, samples) in [(Encoding::Json, SPELLINGS), (Encoding::MessagePack, SPELLINGS_PACKED)] {
        for (name, text, plain) in samples {
            let envelope = decode_client(encoding, &bytes_of(encoding, text)).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(String::from_utf8(encode_client(Encoding::Json, &envelope)).unwrap(), *plain, "{name}");
        }
    }
}

#[test]
fn hex_is_read_as_it_is_written() {
    assert_eq!(hex(&bytes_of(Encoding::MessagePack, "00ff7f80")), "00ff7f80");
}
