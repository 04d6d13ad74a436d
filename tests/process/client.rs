//! One player, who does what a test says.

use loadtest::connection::{Connection, Received};
use loadtest::dice::Dice;
use loadtest::entering::enter_patiently;
use orrery::protocol::client_message::{Empty, Guest, Hello};
use orrery::protocol::server_message::{Bye, Welcome};
use orrery::protocol::{ClientMessage, Encoding, Envelope, ServerMessage};
use orrery::types::{CommandId, Tick};
use serde_json::Value;
use tokio::time::timeout;

use crate::server::{PATIENCE, Server};

pub struct Client {
    connection: Connection,
    pub welcome: Welcome,
    /// For coming back.
    pub token: String,
    next_id: u64,
}

impl Client {
    /// Comes as somebody new.
    pub async fn enter_as_guest(server: &Server, name: &str) -> Self {
        let guest = Some(Guest { name: Some(name.to_owned()) });
        Self::enter(server, Hello { guest, ..Hello::default() }).await
    }

    /// Comes as the token's player.
    pub async fn enter_with(server: &Server, token: &str) -> Self {
        Self::enter(server, Hello { token: Some(token.to_owned()), ..Hello::default() }).await
    }

    async fn enter(server: &Server, hello: Hello) -> Self {
        let token = hello.token.clone().unwrap_or_default();
        let (url, mut dice) = (server.url(), Dice::seeded(7));
        let entering = enter_patiently(&url, Encoding::Json, hello, &mut dice);
        let (connection, welcome) = timeout(PATIENCE, entering).await.expect("nothing comes").expect("no welcome");
        let token = welcome.account.as_ref().map_or(token, |account| account.access_token.clone());
        Self { connection, welcome: *welcome, token, next_id: 1 }
    }

    /// Sends a command with an id of its own and returns its answer, which must be `ok`.
    pub async fn do_well(&mut self, message: ClientMessage) -> Value {
        let id = CommandId(self.next_id);
        self.next_id += 1;
        self.ask(id, message).await.expect("refused")
    }

    /// Sends a command and returns its answer.
    pub async fn ask(&mut self, id: CommandId, message: ClientMessage) -> Result<Value, Value> {
        self.send(id, message);
        loop {
            let envelope = next(&mut self.connection).await;
            match envelope.message {
                ServerMessage::Ok(body) if envelope.id == Some(id) => return Ok(body),
                ServerMessage::Error(body) if envelope.id == Some(id) => {
                    return Err(serde_json::to_value(body).unwrap());
                }
                _ => {}
            }
        }
    }

    /// Sends a command without waiting for anything.
    pub fn send(&mut self, id: CommandId, message: ClientMessage) {
        self.connection.send(&Envelope { message, id: Some(id), number: None }).unwrap();
    }

    /// Whether a command was answered `ok` before the connection ended.
    pub async fn was_told_ok(&mut self, id: CommandId) -> bool {
        while let Ok(Received::Message(envelope)) = self.connection.next().await {
            if envelope.id == Some(id) && matches!(envelope.message, ServerMessage::Ok(_)) {
                return true;
            }
        }
        false
    }

    /// The player's status.
    pub async fn status(&mut self) -> Value {
        self.do_well(ClientMessage::Status(Empty {})).await
    }

    /// Returns when the world has come to a tick, as far as this client is told.
    pub async fn wait_for_tick(&mut self, tick: Tick) {
        loop {
            if let ServerMessage::Cells(body) = next(&mut self.connection).await.message
                && body.1 >= tick
            {
                return;
            }
        }
    }

    /// Reads on until the server says farewell.
    pub async fn wait_for_bye(&mut self) -> Bye {
        loop {
            if let ServerMessage::Bye(bye) = next(&mut self.connection).await.message {
                return bye;
            }
        }
    }
}

async fn next(connection: &mut Connection) -> Envelope<ServerMessage> {
    match timeout(PATIENCE, connection.next()).await.expect("nothing comes").unwrap() {
        Received::Message(envelope) => *envelope,
        Received::Undecodable(error) => panic!("undecodable: {error}"),
        Received::Closed(code) => panic!("closed: {code:?}"),
    }
}
