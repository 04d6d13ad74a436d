//! One client of the bare writer: from the handshake on it is a socket that is written to.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

/// No request is longer.
const REQUEST_BYTES_MAX: usize = 16 * 1024;

enum Stage {
    /// The request, as far as it has come.
    Request(Vec<u8>),
    /// Whatever it says first is its `hello`.
    Hello,
    Playing,
}

/// What a client wants.
pub(super) enum Wish {
    /// Nothing that concerns anybody.
    Nothing,
    /// A document, by the path it named.
    Document(String),
    /// To be upgraded.
    Upgrade,
    /// To be welcomed.
    Welcome,
}

/// What became of a tick's frames.
pub(super) enum Written {
    /// So many bytes went out with one write.
    Bytes(usize),
    /// The socket is full: this tick is left out for it.
    Full,
}

pub(super) struct Client {
    pub(super) stream: TcpStream,
    stage: Stage,
    /// The tail of a frame that the socket had no room for; it must follow before anything else.
    rest: Vec<u8>,
    pub(super) recording: usize,
}

impl Client {
    pub(super) fn new(stream: TcpStream, recording: usize) -> Self {
        Self { stream, stage: Stage::Request(Vec::new()), rest: Vec::new(), recording }
    }

    pub(super) fn is_playing(&self) -> bool {
        matches!(self.stage, Stage::Playing)
    }

    /// Reads what has come, once, and throws it away unless it is a request.
    ///
    /// # Errors
    /// The client has gone, or its request is endless.
    pub(super) fn read(&mut self, scratch: &mut [u8]) -> io::Result<Wish> {
        let received = match self.stream.read(scratch) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(received) => &scratch[..received],
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Wish::Nothing),
            Err(error) => return Err(error),
        };
        match &mut self.stage {
            Stage::Playing => Ok(Wish::Nothing),
            Stage::Hello => Ok(Wish::Welcome),
            Stage::Request(request) => {
                request.extend_from_slice(received);
                wish_of(request)
            }
        }
    }

    /// Answers the handshake.
    ///
    /// # Errors
    /// The client has gone.
    pub(super) fn upgrade(&mut self, answer: &[u8]) -> io::Result<()> {
        self.stage = Stage::Hello;
        self.write_new(answer).map(drop)
    }

    /// Answers `hello`; ticks follow.
    ///
    /// # Errors
    /// The client has gone.
    pub(super) fn welcome(&mut self, welcome: &[u8]) -> io::Result<()> {
        self.stage = Stage::Playing;
        self.write_new(welcome).map(drop)
    }

    /// Writes a tick's frames: one write.
    ///
    /// # Errors
    /// The client has gone.
    pub(super) fn write(&mut self, frames: &[u8]) -> io::Result<Written> {
        if self.rest.is_empty() {
            return self.write_new(frames);
        }
        match self.stream.write(&self.rest) {
            Ok(written) => drop(self.rest.drain(..written)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(Written::Full)
    }

    fn write_new(&mut self, bytes: &[u8]) -> io::Result<Written> {
        match self.stream.write(bytes) {
            Ok(written) => {
                self.rest.extend_from_slice(&bytes[written..]);
                Ok(Written::Bytes(bytes.len()))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Written::Full),
            Err(error) => Err(error),
        }
    }
}

fn wish_of(request: &[u8]) -> io::Result<Wish> {
    if !request.ends_with(b"\r\n\r\n") {
        let endless = request.len() > REQUEST_BYTES_MAX;
        return if endless { Err(ErrorKind::InvalidData.into()) } else { Ok(Wish::Nothing) };
    }
    let text = String::from_utf8_lossy(request);
    match text.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()) {
        Some("/ws") => Ok(Wish::Upgrade),
        Some(path) => Ok(Wish::Document(path.to_owned())),
        None => Err(ErrorKind::InvalidData.into()),
    }
}
