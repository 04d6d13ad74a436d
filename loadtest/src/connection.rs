//! One connection: TCP, the WebSocket handshake, and messages in the chosen encoding.

use std::fmt;
use std::io::{self, ErrorKind};
use std::time::Duration;

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

/// A handshake that was answered with another status than 101; inside an [`io::Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// When another try makes sense, if the server tells.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the handshake was answered with status {}", self.status)
    }
}

impl std::error::Error for Refusal {}

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
    /// The server cannot be reached, refuses (then a [`Refusal`] is inside), or does not switch to the subprotocol that
    /// was asked for.
    pub async fn open(server: &ServerUrl, encoding: Encoding, salt: u32) -> io::Result<Self> {
        let subprotocol = match encoding {
            Encoding::MessagePack => SUBPROTOCOL_MSGPACK,
            Encoding::Json => SUBPROTOCOL_JSON,
        };
        let (stream, rest) = upgrade(server, "/ws", Some(subprotocol)).await?;
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
            Incoming::Message(bytes) => Ok(self.decode(&bytes)),
        }
    }

    /// What a message says that [`Framing::next`] gave out.
    #[must_use]
    pub fn decode(&self, message: &[u8]) -> Received {
        match decode_server(self.encoding, message) {
            Ok(envelope) => Received::Message(Box::new(envelope)),
            Err(error) => Received::Undecodable(error),
        }
    }
}

/// Connects and asks for a WebSocket at a path; the stream, and what came behind the answer.
///
/// # Errors
/// The server cannot be reached, does not switch, or does not choose the subprotocol that was asked for.
pub(crate) async fn upgrade(
    server: &ServerUrl,
    path: &str,
    subprotocol: Option<&str>,
) -> io::Result<(TcpStream, Vec<u8>)> {
    let mut stream = TcpStream::connect(&server.authority).await?;
    stream.set_nodelay(true)?;
    let asked = subprotocol.map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n")).unwrap_or_default();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: \
         13\r\nSec-WebSocket-Key: b3JyZXJ5IGxvYWR0ZXN0IQ==\r\n{asked}\r\n",
        server.authority
    );
    stream.write_all(request.as_bytes()).await?;
    let (head, rest) = read_head(&mut stream).await?;
    check_head(&head, subprotocol)?;
    Ok((stream, rest))
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

fn check_head(head: &str, subprotocol: Option<&str>) -> io::Result<()> {
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse::<u16>().ok());
    let mut headers = lines.filter_map(|line| line.split_once(':'));
    let mut header = |wanted: &str| {
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim().to_owned())
    };
    match (status, subprotocol) {
        (Some(101), None) => Ok(()),
        (Some(101), Some(asked)) if header("sec-websocket-protocol").as_deref() == Some(asked) => Ok(()),
        (Some(101), Some(asked)) => {
            Err(io::Error::new(ErrorKind::ConnectionRefused, format!("the server did not choose {asked}")))
        }
        (Some(status), _) => {
            let retry_after = header("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs);
            Err(io::Error::new(ErrorKind::ConnectionRefused, Refusal { status, retry_after }))
        }
        (None, _) => Err(io::Error::new(ErrorKind::InvalidData, "the handshake was not answered in HTTP")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_needs_101_and_the_subprotocol() {
        let good = "HTTP/1.1 101 Switching Protocols\r\nSec-Websocket-Protocol: orrery.v1.json\r\n\r\n";
        assert!(check_head(good, Some(SUBPROTOCOL_JSON)).is_ok());
        assert!(check_head(good, None).is_ok());
        assert!(check_head(good, Some(SUBPROTOCOL_MSGPACK)).is_err());
        for subprotocol in [None, Some(SUBPROTOCOL_JSON)] {
            let full = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n\r\n";
            let refused = check_head(full, subprotocol).unwrap_err();
            let refusal = refused.get_ref().unwrap().downcast_ref::<Refusal>();
            assert_eq!(refusal, Some(&Refusal { status: 503, retry_after: Some(Duration::from_secs(7)) }));
        }
    }
}
