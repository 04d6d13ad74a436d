//! A player: a connection that speaks the protocol, keeps the picture that the frames add up to, and checks what every
//! client relies on: frames that make sense, reliable messages numbered without a gap.

use std::collections::VecDeque;
use std::time::Duration;

use orrery::protocol::client_message::{Collect, Empty, Guest, Hello, Jump, Navigate, Research, Resume, Sell};
use orrery::protocol::picture::Picture;
use orrery::protocol::server_message::{Bye, Welcome};
use orrery::protocol::{ClientMessage, Encoding, Envelope, ErrorBody, ServerMessage, decode_server, encode_client};
use orrery::types::{CommandId, ObjectId, Point};
use serde_json::Value;

use super::wire::{BINARY, CLOSE, Refused, TEXT};
use super::{Server, Wire};

/// Commands, as tests write them.
pub(crate) mod command {
    use super::*;

    pub(crate) fn collect(object: ObjectId) -> ClientMessage {
        ClientMessage::Collect(Collect { object })
    }

    pub(crate) fn sell(hub: &str, item: &str, quantity: u64) -> ClientMessage {
        let body = serde_json::json!({ "hub": hub, "item": item, "quantity": quantity });
        ClientMessage::Sell(serde_json::from_value::<Sell>(body).unwrap())
    }

    pub(crate) fn research(tech: &str) -> ClientMessage {
        ClientMessage::Research(serde_json::from_value::<Research>(serde_json::json!({ "tech": tech })).unwrap())
    }

    pub(crate) fn cancel_research() -> ClientMessage {
        ClientMessage::CancelResearch(Empty {})
    }

    pub(crate) fn jump(gate: &str) -> ClientMessage {
        ClientMessage::Jump(serde_json::from_value::<Jump>(serde_json::json!({ "gate": gate })).unwrap())
    }

    pub(crate) fn fly_to(x: i32, y: i32) -> ClientMessage {
        ClientMessage::Navigate(Navigate { to: Some(Point::from_units(x, y)), ..Navigate::default() })
    }

    pub(crate) fn stop() -> ClientMessage {
        ClientMessage::Navigate(Navigate { stop: Some(true), ..Navigate::default() })
    }

    /// A deal, by its name on the wire.
    pub(crate) fn deal(name: &str, body: Value) -> ClientMessage {
        ClientMessage::Deal(serde_json::from_value(serde_json::json!({ name: body })).unwrap())
    }

    /// A question, by its name on the wire.
    pub(crate) fn ask(name: &str, body: Value) -> ClientMessage {
        ClientMessage::Ask(serde_json::from_value(serde_json::json!({ name: body })).unwrap())
    }

    pub(crate) fn status() -> ClientMessage {
        ClientMessage::Status(Empty {})
    }
}

/// An answer to a command.
pub(crate) type Answered = Result<Value, ErrorBody>;

/// A player who is let in.
pub(crate) struct Player {
    pub(crate) wire: Wire,
    encoding: Encoding,
    /// What it was welcomed with.
    pub(crate) welcome: Welcome,
    /// What it sees.
    pub(crate) picture: Picture,
    /// The number of the last reliable message.
    pub(crate) seen: u64,
    waiting: VecDeque<Envelope<ServerMessage>>,
    last_id: u64,
    /// The farewell, once it came.
    pub(crate) bye: Option<Bye>,
    /// The close frame's code, once it came.
    pub(crate) closed: Option<u16>,
}

/// What `hello` says for a guest.
pub(crate) fn guest() -> Hello {
    Hello { guest: Some(Guest::default()), ..Hello::default() }
}

/// What `hello` says for an account.
pub(crate) fn with_token(token: &str) -> Hello {
    Hello { token: Some(token.to_owned()), ..Hello::default() }
}

/// What `hello` says for an interrupted session.
pub(crate) fn resuming(token: &str, seen: u64) -> Hello {
    Hello { resume: Some(Resume { token: token.to_owned(), seen }), ..Hello::default() }
}

impl Player {
    /// A new guest.
    pub(crate) fn guest(server: &Server) -> Self {
        Self::guest_in(server, Encoding::MessagePack)
    }

    /// A new guest with this encoding.
    pub(crate) fn guest_in(server: &Server, encoding: Encoding) -> Self {
        Self::hello(server, encoding, guest()).unwrap()
    }

    /// Many new guests, all let in at once; every fourth speaks JSON.
    pub(crate) fn crowd(server: &Server, count: usize) -> Vec<Self> {
        let encoding = |index: usize| if index.is_multiple_of(4) { Encoding::Json } else { Encoding::MessagePack };
        let mut wires: Vec<Wire> = (0..count).map(|index| Wire::open(server.address, encoding(index))).collect();
        wires.iter_mut().enumerate().for_each(|(index, wire)| say_hello(wire, encoding(index), guest()));
        let welcomed = wires.into_iter().enumerate();
        let let_in = |(index, wire)| match Self::welcomed(wire, encoding(index), 0) {
            Ok(player) => player,
            Err(_) => Self::guest_in(server, encoding(index)),
        };
        welcomed.map(let_in).collect()
    }

    /// Whoever this is, coming back while the server is busy.
    pub(crate) fn hello(server: &Server, encoding: Encoding, hello: Hello) -> Result<Self, (ErrorBody, u16)> {
        Self::patiently(|| Wire::try_open(server.address, encoding), encoding, &hello).0
    }

    /// The same over any kind of connection; also, after how long each time it was told to come back.
    pub(crate) fn patiently(
        open: impl Fn() -> Result<Wire, Refused>,
        encoding: Encoding,
        hello: &Hello,
    ) -> (Result<Self, (ErrorBody, u16)>, Vec<Duration>) {
        let seen = hello.resume.as_ref().map_or(0, |resume| resume.seen);
        let mut told = Vec::new();
        loop {
            let asked = match open() {
                Err(refused) => refused.retry_after().expect("a refused handshake tells when to come back"),
                Ok(mut wire) => {
                    say_hello(&mut wire, encoding, hello.clone());
                    match Self::welcomed(wire, encoding, seen) {
                        Err((error, code)) if error.code == "busy" => {
                            assert_eq!(code, 1013, "{error:?}");
                            Duration::from_millis(error.retry_after_ms.expect("busy tells when to come back"))
                        }
                        decided => return (decided, told),
                    }
                }
            };
            told.push(asked);
            std::thread::sleep(asked);
        }
    }

    /// Takes an interrupted session up, having seen this much.
    pub(crate) fn resume(
        server: &Server,
        encoding: Encoding,
        token: &str,
        seen: u64,
    ) -> Result<Self, (ErrorBody, u16)> {
        let mut wire = Wire::open(server.address, encoding);
        say_hello(&mut wire, encoding, resuming(token, seen));
        Self::welcomed(wire, encoding, seen)
    }

    /// Reads the answer to a hello: a welcome, or an error and a close.
    pub(crate) fn welcomed(mut wire: Wire, encoding: Encoding, seen: u64) -> Result<Self, (ErrorBody, u16)> {
        let first = decode_server(encoding, &wire.next().expect("an answer to hello").payload).unwrap();
        match first.message {
            ServerMessage::Welcome(welcome) => Ok(Self {
                wire,
                encoding,
                seen: if welcome.resumed { seen } else { 0 },
                welcome: *welcome,
                picture: Picture::default(),
                waiting: VecDeque::new(),
                last_id: 0,
                bye: None,
                closed: None,
            }),
            ServerMessage::Error(error) => Err((error, wire.close_code().expect("a close code"))),
            other => panic!("hello was answered with {other:?}"),
        }
    }

    /// Sends a message under an id; waits for nothing.
    pub(crate) fn send(&mut self, message: ClientMessage, id: Option<u64>) {
        let envelope = Envelope { message, id: id.map(CommandId), number: None };
        self.send_payload(&encode_client(self.encoding, &envelope));
    }

    /// Sends any bytes as a message of the right kind.
    pub(crate) fn send_payload(&mut self, payload: &[u8]) {
        let opcode = if self.encoding == Encoding::Json { TEXT } else { BINARY };
        self.wire.send(opcode, payload);
    }

    /// Sends a command under the next id and waits for its answer.
    pub(crate) fn command(&mut self, message: ClientMessage) -> Answered {
        self.last_id += 1;
        self.command_as(message, self.last_id)
    }

    /// Sends a command under this id and waits for its answer.
    pub(crate) fn command_as(&mut self, message: ClientMessage, id: u64) -> Answered {
        self.last_id = self.last_id.max(id);
        self.send(message, Some(id));
        self.answer(id)
    }

    /// Waits for the answer to a command.
    pub(crate) fn answer(&mut self, id: u64) -> Answered {
        let of_it = |envelope: &Envelope<ServerMessage>| envelope.id == Some(CommandId(id));
        match self.await_message(&format!("the answer to {id}"), of_it) {
            ServerMessage::Ok(body) => Ok(body),
            ServerMessage::Error(error) => Err(error),
            other => panic!("{other:?} answers {id}"),
        }
    }

    /// Waits for an error, whatever it answers; with the id of the command, if it answers one.
    pub(crate) fn refusal(&mut self) -> (ErrorBody, Option<u64>) {
        let is_error = |envelope: &Envelope<ServerMessage>| matches!(envelope.message, ServerMessage::Error(_));
        self.read_until("an error", |player| player.waiting.iter().any(is_error));
        let index = self.waiting.iter().position(is_error).unwrap();
        match self.waiting.remove(index).unwrap() {
            Envelope { message: ServerMessage::Error(error), id, .. } => (error, id.map(|id| id.0)),
            other => panic!("{other:?}"),
        }
    }

    /// Waits for an error that answers no command.
    pub(crate) fn error(&mut self) -> ErrorBody {
        match self.await_message("an error", |envelope| matches!(envelope.message, ServerMessage::Error(_))) {
            ServerMessage::Error(error) => error,
            other => panic!("{other:?}"),
        }
    }

    /// Waits for a message of this type that answers no command.
    pub(crate) fn event(&mut self, name: &str) -> ServerMessage {
        self.await_message(name, |envelope| envelope.id.is_none() && envelope.message.name() == name)
    }

    fn await_message(&mut self, what: &str, wanted: impl Fn(&Envelope<ServerMessage>) -> bool) -> ServerMessage {
        loop {
            if let Some(index) = self.waiting.iter().position(&wanted) {
                return self.waiting.remove(index).unwrap().message;
            }
            assert!(self.read(), "the connection ended before {what}: {:?} {:?}", self.closed, self.bye);
        }
    }

    /// Reads until something is so.
    pub(crate) fn read_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = std::time::Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < super::PATIENCE, "waited in vain: {what}; {:?}", self.picture);
            assert!(self.read(), "the connection ended before: {what}");
        }
    }

    /// Reads until the connection ends; the close code.
    pub(crate) fn read_to_end(&mut self) -> Option<u16> {
        while self.read() {}
        self.closed
    }

    /// The messages that were read and nobody asked for.
    pub(crate) fn unasked(&self) -> impl Iterator<Item = &Envelope<ServerMessage>> {
        self.waiting.iter()
    }

    /// An object in sight, or the first after waiting for one.
    pub(crate) fn objects(&mut self) -> Vec<ObjectId> {
        self.read_until("objects are in sight", |player| !player.picture.objects.is_empty());
        self.picture.objects.keys().copied().collect()
    }

    /// Drops the connection without a word. The session's token, and what was seen of it.
    pub(crate) fn vanish(self) -> (String, u64) {
        (self.welcome.resume_token.clone(), self.seen)
    }

    /// Takes one frame in; `false` at the end.
    pub(crate) fn read(&mut self) -> bool {
        let Some(frame) = self.wire.next() else { return false };
        match frame.opcode {
            CLOSE => self.closed = frame.payload.get(..2).map(|code| u16::from_be_bytes([code[0], code[1]])),
            TEXT | BINARY => {
                assert_eq!(frame.opcode == TEXT, self.encoding == Encoding::Json, "the wrong kind of frame");
                let envelope = decode_server(self.encoding, &frame.payload).expect("a message of the protocol");
                self.take(envelope);
            }
            _ => {}
        }
        true
    }

    fn take(&mut self, envelope: Envelope<ServerMessage>) {
        if let Some(number) = envelope.number {
            assert_eq!(number, self.seen + 1, "reliable messages have no gaps: {envelope:?}");
            self.seen = number;
        }
        match envelope.message {
            ServerMessage::Cells(cells) => self.picture.apply(&cells).expect("frames that make sense"),
            ServerMessage::Bye(bye) => self.bye = Some(bye),
            _ => self.waiting.push_back(envelope),
        }
    }
}

/// Says hello on a bare connection.
pub(crate) fn say_hello(wire: &mut Wire, encoding: Encoding, hello: Hello) {
    let bytes = encode_client(encoding, &Envelope::from(ClientMessage::Hello(hello)));
    wire.send(if encoding == Encoding::Json { TEXT } else { BINARY }, &bytes);
}
