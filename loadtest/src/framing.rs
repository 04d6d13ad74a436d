//! WebSocket frames of a client over a plain TCP stream (RFC 6455), just what bots need.
//!
//! Written by hand because a bot waits for the next frame *and* for its schedule in one task: [`Framing::next`] may
//! be dropped at any await without losing bytes, and it costs one timer and no second task per bot. Bots that only
//! count let [`Skipper`] walk over the frames without storing them. Checks of the handshake that protect browsers
//! (`Sec-WebSocket-Accept`) are left out: the peer is the server under test.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;

/// The largest message a bot takes in: far above any snapshot of a neighbourhood.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// What may wait to be sent; a server that takes no input for that long is broken.
const OUTBOX_BYTES_MAX: usize = 1024 * 1024;
/// An empty inbox larger than this is given back: thousands of bots should not keep the memory of their first snapshot.
const INBOX_BYTES_KEPT: usize = 4 * 1024;

/// What a message that is skipped shows of itself: enough for the tick of a cell frame in any encoding.
pub const HEAD_BYTES: usize = 40;

thread_local! {
    /// Bytes are read into one buffer per thread, so that an idle connection owns none.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; 64 * 1024].into_boxed_slice());
}

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// What the server sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A whole message.
    Message(Bytes),
    /// A close frame, with its code if it has one.
    Close(Option<u16>),
}

/// The frames of one connection.
pub struct Framing {
    stream: TcpStream,
    inbox: BytesMut,
    outbox: BytesMut,
    fragments: BytesMut,
    mask: u32,
    opcode: u8,
    /// Payload and header bytes received.
    pub bytes: u64,
    /// Data frames received.
    pub frames: u64,
}

impl Framing {
    /// Frames over a stream whose handshake is done; `received` is what came behind the handshake's answer.
    #[must_use]
    pub fn new(stream: TcpStream, received: &[u8], binary: bool, mask: u32) -> Self {
        Self {
            stream,
            inbox: BytesMut::from(received),
            outbox: BytesMut::new(),
            fragments: BytesMut::new(),
            mask,
            opcode: if binary { BINARY } else { TEXT },
            bytes: received.len() as u64,
            frames: 0,
        }
    }

    /// Sends a message: at once when the kernel takes it, otherwise while [`Framing::next`] is waited for.
    ///
    /// # Errors
    /// The connection is lost, or the server has read nothing for too long.
    pub fn send(&mut self, payload: &[u8]) -> io::Result<()> {
        self.queue(self.opcode, payload);
        self.flush()
    }

    /// Says goodbye.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn close(&mut self) -> io::Result<()> {
        self.queue(CLOSE, &1000_u16.to_be_bytes());
        self.flush()
    }

    /// The next message or close frame. Nothing is lost when it is dropped before it is ready.
    ///
    /// # Errors
    /// The connection is lost, or a frame breaks the protocol.
    pub async fn next(&mut self) -> io::Result<Incoming> {
        loop {
            if let Some(incoming) = self.parse()? {
                return Ok(incoming);
            }
            if self.inbox.is_empty() && self.inbox.capacity() > INBOX_BYTES_KEPT {
                self.inbox = BytesMut::new();
            }
            let Self { stream, outbox, inbox, bytes, .. } = self;
            pull(stream, outbox, |received| {
                *bytes += received.len() as u64;
                inbox.extend_from_slice(received);
            })
            .await?;
        }
    }

    /// Reads once and walks over the frames without storing them; the close code when the server closes. Each message
    /// that is complete shows `on_message` its first [`HEAD_BYTES`].
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn skip(
        &mut self,
        skipper: &mut Skipper,
        mut on_message: impl FnMut(&[u8]),
    ) -> io::Result<Option<Incoming>> {
        if !self.inbox.is_empty() {
            skipper.feed(&std::mem::take(&mut self.inbox), &mut on_message);
        }
        let Self { stream, outbox, bytes, .. } = self;
        pull(stream, outbox, |received| {
            *bytes += received.len() as u64;
            skipper.feed(received, &mut on_message);
        })
        .await?;
        self.frames += std::mem::take(&mut skipper.frames);
        if let Some(payload) = skipper.ping.take() {
            self.queue(PONG, &payload);
            self.flush()?;
        }
        Ok(skipper.closed.then_some(Incoming::Close(None)))
    }

    fn queue(&mut self, opcode: u8, payload: &[u8]) {
        self.mask = self.mask.wrapping_mul(0x9e37_79b1).wrapping_add(1);
        write_frame(&mut self.outbox, opcode, self.mask, payload);
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.outbox.is_empty() {
            match self.stream.try_write(&self.outbox) {
                Ok(written) => self.outbox.advance(written),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if self.outbox.len() > OUTBOX_BYTES_MAX {
            return Err(io::Error::new(ErrorKind::TimedOut, "the server does not read"));
        }
        Ok(())
    }

    fn parse(&mut self) -> io::Result<Option<Incoming>> {
        while let Some(header) = Header::parse(&self.inbox)? {
            if self.inbox.len() < header.bytes + header.payload {
                return Ok(None);
            }
            self.inbox.advance(header.bytes);
            let payload = self.inbox.split_to(header.payload);
            if let Some(incoming) = self.take(&header, payload)? {
                return Ok(Some(incoming));
            }
        }
        Ok(None)
    }

    fn take(&mut self, header: &Header, payload: BytesMut) -> io::Result<Option<Incoming>> {
        match header.opcode {
            CLOSE => {
                let code = payload.get(..2).map(|code| u16::from_be_bytes([code[0], code[1]]));
                return Ok(Some(Incoming::Close(code)));
            }
            PING => {
                self.queue(PONG, &payload);
                self.flush()?;
            }
            0..=BINARY => {
                self.frames += 1;
                if header.last && self.fragments.is_empty() {
                    return Ok(Some(Incoming::Message(payload.freeze())));
                }
                self.fragments.extend_from_slice(&payload);
                if header.last {
                    return Ok(Some(Incoming::Message(std::mem::take(&mut self.fragments).freeze())));
                }
            }
            _ => {}
        }
        Ok(None)
    }
}

/// Writes what waits and hands over what arrives, once something has.
async fn pull(stream: &mut TcpStream, outbox: &mut BytesMut, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    poll_fn(|cx| {
        while !outbox.is_empty() {
            match Pin::new(&mut *stream).poll_write(cx, outbox) {
                Poll::Ready(Ok(written)) => outbox.advance(written),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => break,
            }
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            ready!(Pin::new(&mut *stream).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
            }
            take(buffer.filled());
            Poll::Ready(Ok(()))
        })
    })
    .await
}

fn write_frame(out: &mut BytesMut, opcode: u8, mask: u32, payload: &[u8]) {
    out.extend_from_slice(&[0x80 | opcode]);
    match payload.len() {
        short @ 0..=125 => out.extend_from_slice(&[0x80 | short as u8]),
        middle @ 126..=0xffff => {
            out.extend_from_slice(&[0x80 | 126]);
            out.extend_from_slice(&(middle as u16).to_be_bytes());
        }
        long => {
            out.extend_from_slice(&[0x80 | 127]);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    let mask = mask.to_be_bytes();
    out.extend_from_slice(&mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
}

struct Header {
    last: bool,
    opcode: u8,
    bytes: usize,
    payload: usize,
}

impl Header {
    /// The header at the start of these bytes, if it is all there.
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let wide = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let Some(length) = rest.get(..wide) else { return Ok(None) };
        let declared = match wide {
            0 => u64::from(second & 0x7f),
            _ => length.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
        };
        let payload = usize::try_from(declared).unwrap_or(usize::MAX);
        if first & 0x70 != 0 || second & 0x80 != 0 || payload > MESSAGE_BYTES_MAX {
            return Err(io::Error::new(ErrorKind::InvalidData, "a frame header that a server must not send"));
        }
        Ok(Some(Self { last: first & 0x80 != 0, opcode: first & 0x0f, bytes: 2 + wide, payload }))
    }
}

/// Walks over frames as their bytes come, counting and forgetting all but the beginning of each.
#[derive(Debug, Default)]
pub struct Skipper {
    header: Vec<u8>,
    head: Vec<u8>,
    left: usize,
    control: Option<(u8, Vec<u8>)>,
    frames: u64,
    ping: Option<Vec<u8>>,
    closed: bool,
}

impl Skipper {
    fn feed(&mut self, mut bytes: &[u8], on_message: &mut impl FnMut(&[u8])) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let (now, later) = bytes.split_at(self.left.min(bytes.len()));
                match &mut self.control {
                    Some((_, payload)) => payload.extend_from_slice(now),
                    None => self.head.extend_from_slice(&now[..now.len().min(HEAD_BYTES - self.head.len())]),
                }
                self.left -= now.len();
                bytes = later;
            } else {
                self.header.push(bytes[0]);
                bytes = &bytes[1..];
                self.begin();
            }
            if self.left == 0 && self.header.is_empty() {
                self.end(on_message);
            }
        }
    }

    fn begin(&mut self) {
        match Header::parse(&self.header) {
            Ok(Some(header)) => {
                self.header.clear();
                self.head.clear();
                self.left = header.payload;
                if header.opcode >= CLOSE {
                    self.control = Some((header.opcode, Vec::new()));
                } else {
                    self.frames += 1;
                }
            }
            Ok(None) => {}
            Err(_) => self.closed = true,
        }
    }

    fn end(&mut self, on_message: &mut impl FnMut(&[u8])) {
        match self.control.take() {
            Some((PING, payload)) => self.ping = Some(payload),
            Some((CLOSE, _)) => self.closed = true,
            Some(_) => {}
            None => on_message(&self.head),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipper_counts_frames_however_their_bytes_are_cut() {
        let mut stream = vec![0x82, 3, 1, 2, 3];
        stream.extend_from_slice(&[0x82, 126, 1, 0]);
        stream.extend_from_slice(&[9; 256]);
        stream.extend_from_slice(&[0x89, 2, 7, 8, 0x82, 0, 0x88, 0]);
        for piece in [1, 2, 3, 7, 1000] {
            let (mut skipper, mut heads) = (Skipper::default(), Vec::new());
            stream.chunks(piece).for_each(|chunk| skipper.feed(chunk, &mut |head| heads.push(head.to_vec())));
            assert_eq!((skipper.frames, skipper.ping, skipper.closed), (3, Some(vec![7, 8]), true), "{piece}");
            assert_eq!(heads, [vec![1, 2, 3], vec![9; HEAD_BYTES], vec![]], "{piece}");
        }
    }

    #[test]
    fn frames_are_masked_and_say_their_length() {
        for length in [0_usize, 125, 126, 70_000] {
            let payload = vec![5_u8; length];
            let mut out = BytesMut::new();
            write_frame(&mut out, BINARY, 0x0102_0304, &payload);
            assert_eq!(out[0], 0x82);
            assert_eq!(out[1] & 0x80, 0x80);
            let masked = &out[out.len() - length..];
            assert!(masked.iter().zip([1_u8, 2, 3, 4].iter().cycle()).all(|(byte, key)| byte ^ key == 5));
        }
    }
}
