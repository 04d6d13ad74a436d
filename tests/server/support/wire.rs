//! A WebSocket connection by hand: it sends what a well-behaved library never would.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use orrery::protocol::{Encoding, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK};

use super::PATIENCE;

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) last: bool,
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

/// A connection.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    inbox: Vec<u8>,
}

/// An answer to a handshake that is not 101.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) head: String,
}

impl Refused {
    /// When it says that another try makes sense.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.head.lines().find_map(|line| line.strip_prefix("retry-after: "))?;
        seconds.trim().parse().ok().map(Duration::from_secs)
    }
}

pub(crate) fn subprotocol(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::MessagePack => SUBPROTOCOL_MSGPACK,
        Encoding::Json => SUBPROTOCOL_JSON,
    }
}

/// A frame of a client, masked.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        short @ 0..=125 => out.push(0x80 | short as u8),
        middle @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(middle as u16).to_be_bytes());
        }
        long => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    let mask = [7_u8, 77, 0, 177];
    out.extend_from_slice(&mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    out
}

impl Wire {
    /// A connection to `/ws` in this encoding.
    pub(crate) fn open(address: SocketAddr, encoding: Encoding) -> Self {
        Self::try_open(address, encoding).unwrap()
    }

    /// The same, where the server may refuse.
    pub(crate) fn try_open(address: SocketAddr, encoding: Encoding) -> Result<Self, Refused> {
        let headers = format!("Sec-WebSocket-Protocol: {}\r\n", subprotocol(encoding));
        Self::handshake(address, "/ws", &headers).map(|(wire, _)| wire)
    }

    /// A connection to any path with any headers; also returns the head of the answer.
    pub(crate) fn handshake(address: SocketAddr, path: &str, headers: &str) -> Result<(Self, String), Refused> {
        let stream = TcpStream::connect(address).unwrap();
        Self::handshake_over(stream, address, path, headers)
    }

    /// The same, over a stream that was opened before.
    pub(crate) fn handshake_over(
        mut stream: TcpStream,
        address: SocketAddr,
        path: &str,
        headers: &str,
    ) -> Result<(Self, String), Refused> {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            assert_eq!(stream.read(&mut byte).unwrap(), 1, "the handshake was not answered");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status != 101 {
            return Err(Refused { status, head });
        }
        assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        Ok((Self { stream, inbox: Vec::new() }, head))
    }

    /// Sends bytes as they are. A server that has closed meanwhile takes none: what it said is still to be read.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Sends a whole frame.
    pub(crate) fn send(&mut self, opcode: u8, payload: &[u8]) {
        self.send_bytes(&frame(0x80 | opcode, payload));
    }

    /// The next frame; `None` when the connection has ended.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.parse() {
                return Some(frame);
            }
            let mut buffer = [0; 16 * 1_024];
            match self.stream.read(&mut buffer) {
                Ok(0) => return None,
                Ok(count) => self.inbox.extend_from_slice(&buffer[..count]),
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                    return None;
                }
                Err(error) => panic!("waited in vain for the server: {error}"),
            }
        }
    }

    fn parse(&mut self) -> Option<Frame> {
        let [first, second, rest @ ..] = &self.inbox[..] else { return None };
        assert_eq!(first & 0x70, 0, "reserved bits");
        assert_eq!(second & 0x80, 0, "servers do not mask");
        let (wide, short) = match second & 0x7f {
            126 => (2, 0),
            127 => (8, 0),
            short => (0, usize::from(short)),
        };
        let length = rest.get(..wide)?.iter().fold(short, |sum, byte| (sum << 8) | usize::from(*byte));
        let payload = rest.get(wide..wide + length)?.to_vec();
        let frame = Frame { last: first & 0x80 != 0, opcode: first & 0x0f, payload };
        self.inbox.drain(..2 + wide + length);
        Some(frame)
    }

    /// Reads until the server closes; the close code. The connection must really end after it.
    pub(crate) fn close_code(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some(frame) = self.next() {
            if frame.opcode == CLOSE && code.is_none() {
                code = frame.payload.get(..2).map(|code| u16::from_be_bytes([code[0], code[1]]));
            }
        }
        code
    }
}
