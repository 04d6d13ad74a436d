//! One connection: TCP, the WebSocket handshake, and messages in the chosen encoding.

use std::io::{self, ErrorKind};

use orrery_core::protocol::{
    ClientMessage, DecodeError, Encoding, Envelope, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK, ServerMessage,
    decode_server, encode_client,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::framing::{Framing, Incoming};
use crate::http::ServerUrl;

/// The longest answer to a handshake.
const HANDSHAKE_BYTES_MAX: usize = 16 * 1024;

/// What came in.
pub enum Received {
    /// A message, and the bytes it took.
    Message(Box<Envelope<ServerMessage>>),
    /// Bytes that are no message of the protocol: a fault of the server.
    Undecodable(DecodeError),
    /// The server closed.
    Closed(Option<u16>),
}

/// An open connection.
pub struct Connection {
    /// The frames.
    pub framing: Framing,
    encoding: Encoding,
}

impl Connection {
    /// Connects and shakes hands. `salt` makes the masks differ between connections.
    ///
    /// # Errors
    /// The server cannot be reached, or does not switch to the subprotocol that was asked for.
    pub async fn open(server: &ServerUrl, encoding: Encoding, salt: u32) -> io::Result<Self> {
        let mut stream = TcpStream::connect(&server.authority).await?;
        stream.set_nodelay(true)?;
        let subprotocol = match encoding {
            Encoding::MessagePack => SUBPROTOCOL_MSGPACK,
            Encoding::Json => SUBPROTOCOL_JSON,
        };
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: \
             13\r\nSec-WebSocket-Key: b3JyZXJ5IGxvYWR0ZXN0IQ==\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n",
            server.authority
        );
        stream.write_all(request.as_bytes()).await?;
        let (head, rest) = read_head(&mut stream).await?;
        check_head(&head, subprotocol)?;
        let framing = Framing::new(stream, &rest, encoding == Encoding::MessagePack, salt);
        Ok(Self { framing, encoding })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn send(&mut self, envelope: &Envelope<ClientMessage>) -> io::Result<()> {
        self.framing.send(&encode_client(self.encoding, envelope))
    }

    /// The next message. May be dropped while waiting.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn next(&mut self) -> io::Result<Received> {
        match self.framing.next().await? {
            Incoming::Close(code) => Ok(Received::Closed(code)),
            Incoming::Message(bytes) => Ok(match decode_server(self.encoding, &bytes) {
                Ok(envelope) => Received::Message(Box::new(envelope)),
                Err(error) => Received::Undecodable(error),
            }),
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut received = Vec::with_capacity(512);
    loop {
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = received.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&received).into_owned(), rest));
        }
        if received.len() > HANDSHAKE_BYTES_MAX {
            return Err(io::Error::new(ErrorKind::InvalidData, "the answer to the handshake is too long"));
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}

fn check_head(head: &str, subprotocol: &str) -> io::Result<()> {
    let refused = |why: String| Err(io::Error::new(ErrorKind::ConnectionRefused, why));
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("101") {
        return refused(format!("the handshake was answered {status:?}"));
    }
    let chosen = lines
        .filter_map(|line| line.split_once(':'))
        .any(|(name, value)| name.eq_ignore_ascii_case("sec-websocket-protocol") && value.trim() == subprotocol);
    if chosen { Ok(()) } else { refused(format!("the server did not choose {subprotocol}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_needs_101_and_the_subprotocol() {
        let good = "HTTP/1.1 101 Switching Protocols\r\nSec-Websocket-Protocol: orrery.v1.json\r\n\r\n";
        assert!(check_head(good, SUBPROTOCOL_JSON).is_ok());
        assert!(check_head(good, SUBPROTOCOL_MSGPACK).is_err());
        assert!(check_head("HTTP/1.1 503 Service Unavailable\r\n\r\n", SUBPROTOCOL_JSON).is_err());
    }
}
