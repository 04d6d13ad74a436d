//! From a connection's bytes to whole WebSocket messages, with a guard in front of the codec.
//!
//! The guard looks at each frame's header before its payload is there: a declared length beyond the limit is refused at
//! the header, not after everything was buffered. It bounds the fragments of a message in number, bytes and time, and
//! counts every frame, empty ones and pings too.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_http::ws::{Codec, Frame, Item, ProtocolError};
use actix_web::web::{Bytes, BytesMut};
use futures_util::Stream;
use orrery_core::protocol::CloseCode;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::codec::Decoder;

/// Bytes taken from a socket at once.
const READ_BYTES: usize = 16 * 1024;
/// Fragments of one message at most: what a client with 1 KiB buffers needs for the largest message.
const FRAGMENTS_MAX: usize = 64;
/// From a message's first fragment to its last at most.
const FRAGMENTS_TIME: Duration = Duration::from_secs(10);
/// How much the frame rate may exceed its limit for a second before the connection is closed: a burst after a stall.
const BURST: u32 = 2;

/// A whole message, or a control frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// A message.
    Message { is_text: bool, bytes: Bytes },
    /// To be answered by a pong.
    Ping(Bytes),
    /// The answer to a ping.
    Pong,
    /// The peer closes.
    Close(Option<u16>),
}

/// Why a connection's bytes are refused: the code to close with, and the rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FrameFault {
    pub(super) code: CloseCode,
    pub(super) rule: &'static str,
}

fn fault(code: CloseCode, rule: &'static str) -> FrameFault {
    FrameFault { code, rule }
}

/// What one connection may send.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameLimits {
    /// Of a frame and of a whole message.
    pub(super) bytes_max: usize,
    /// Frames of any kind.
    pub(super) per_second: u32,
}

thread_local! {
    /// Bytes are read into one buffer per thread, so that a silent connection owns none.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into_boxed_slice());
}

/// A stream of messages over the reading half of a connection. Ends when the connection ends. What comes behind the
/// first fault is read and thrown away: a socket that is closed with bytes unread would take the farewell with it.
pub(super) struct Frames<R> {
    reader: R,
    /// `None` after the first fault.
    assembler: Option<Assembler>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// The messages of a connection; `early` is what came behind the handshake.
    pub(super) fn new(reader: R, early: BytesMut, limits: FrameLimits) -> Self {
        let mut assembler = Assembler::new(limits);
        assembler.take_in(&early);
        Self { reader, assembler: Some(assembler) }
    }

    /// Takes in what has arrived; `false` at the end of the connection. A peer that vanishes is a normal end.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            let read = ready!(Pin::new(&mut self.reader).poll_read(context, &mut buffer));
            if let Some(assembler) = &mut self.assembler {
                assembler.take_in(buffer.filled());
            }
            Poll::Ready(read.is_ok() && !buffer.filled().is_empty())
        })
    }
}

impl<R: AsyncRead + Unpin> Stream for Frames<R> {
    type Item = Result<Incoming, FrameFault>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match this.assembler.as_mut().map_or(Ok(None), |assembler| assembler.next(Instant::now())) {
                Ok(Some(message)) => return Poll::Ready(Some(Ok(message))),
                Ok(None) => {
                    if !ready!(this.poll_read(context)) {
                        return Poll::Ready(None);
                    }
                }
                Err(fault) => {
                    this.assembler = None;
                    return Poll::Ready(Some(Err(fault)));
                }
            }
        }
    }
}

struct Assembler {
    limits: FrameLimits,
    codec: Codec,
    buffer: BytesMut,
    /// Whether the header at the buffer's start has passed.
    header_passed: bool,
    fragments: Option<Fragments>,
    second: Option<Instant>,
    frames_this_second: u32,
}

struct Fragments {
    is_text: bool,
    bytes: BytesMut,
    count: usize,
    began: Instant,
}

impl Assembler {
    fn new(limits: FrameLimits) -> Self {
        Self {
            limits,
            codec: Codec::new().max_size(limits.bytes_max),
            buffer: BytesMut::new(),
            header_passed: false,
            fragments: None,
            second: None,
            frames_this_second: 0,
        }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        // One that has grown is given back rather than kept for the next time.
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
        self.buffer.extend_from_slice(bytes);
    }

    fn next(&mut self, now: Instant) -> Result<Option<Incoming>, FrameFault> {
        loop {
            if let Some(fragments) = &self.fragments
                && now.duration_since(fragments.began) > FRAGMENTS_TIME
            {
                return Err(fault(CloseCode::TooLarge, "a message's fragments must all come within 10 s"));
            }
            if !self.header_passed {
                match declared_length(&self.buffer) {
                    None => return Ok(None),
                    Some(length) if length > self.limits.bytes_max as u64 => {
                        return Err(fault(CloseCode::TooLarge, "the frame is larger than allowed"));
                    }
                    Some(_) => self.header_passed = true,
                }
                self.count_frame(now)?;
            }
            let decoded = self.codec.decode(&mut self.buffer).map_err(|error| match error {
                ProtocolError::Overflow => fault(CloseCode::TooLarge, "the frame is larger than allowed"),
                _ => fault(CloseCode::Protocol, "the frame breaks RFC 6455"),
            })?;
            let Some(frame) = decoded else { return Ok(None) };
            self.header_passed = false;
            if let Some(message) = self.take(frame, now)? {
                return Ok(Some(message));
            }
        }
    }

    fn count_frame(&mut self, now: Instant) -> Result<(), FrameFault> {
        if self.second.is_none_or(|began| now.duration_since(began) >= Duration::from_secs(1)) {
            self.second = Some(now);
            self.frames_this_second = 0;
        }
        self.frames_this_second += 1;
        if self.frames_this_second > self.limits.per_second.saturating_mul(BURST) {
            return Err(fault(CloseCode::RateLimit, "far too many frames"));
        }
        Ok(())
    }

    fn take(&mut self, frame: Frame, now: Instant) -> Result<Option<Incoming>, FrameFault> {
        Ok(Some(match frame {
            Frame::Text(bytes) => whole(true, bytes)?,
            Frame::Binary(bytes) => whole(false, bytes)?,
            Frame::Ping(bytes) => Incoming::Ping(bytes),
            Frame::Pong(_) => Incoming::Pong,
            Frame::Close(reason) => Incoming::Close(reason.map(|reason| reason.code.into())),
            Frame::Continuation(item) => return self.take_fragment(item, now),
        }))
    }

    fn take_fragment(&mut self, item: Item, now: Instant) -> Result<Option<Incoming>, FrameFault> {
        let (bytes, is_last) = match item {
            Item::FirstText(bytes) | Item::FirstBinary(bytes) if self.fragments.is_some() => (bytes, false),
            Item::FirstText(bytes) => (self.begin(true, bytes, now), false),
            Item::FirstBinary(bytes) => (self.begin(false, bytes, now), false),
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let Some(fragments) = &mut self.fragments else {
            return Err(fault(CloseCode::Protocol, "a continuation without a beginning"));
        };
        fragments.count += 1;
        if fragments.count > FRAGMENTS_MAX || fragments.bytes.len() + bytes.len() > self.limits.bytes_max {
            return Err(fault(CloseCode::TooLarge, "the message has too many fragments or bytes"));
        }
        fragments.bytes.extend_from_slice(&bytes);
        if !is_last {
            return Ok(None);
        }
        let Some(Fragments { is_text, bytes, .. }) = self.fragments.take() else { return Ok(None) };
        whole(is_text, bytes.freeze()).map(Some)
    }

    fn begin(&mut self, is_text: bool, bytes: Bytes, now: Instant) -> Bytes {
        self.fragments = Some(Fragments { is_text, bytes: BytesMut::new(), count: 0, began: now });
        bytes
    }
}

fn whole(is_text: bool, bytes: Bytes) -> Result<Incoming, FrameFault> {
    if is_text && std::str::from_utf8(&bytes).is_err() {
        return Err(fault(CloseCode::Malformed, "text must be UTF-8"));
    }
    Ok(Incoming::Message { is_text, bytes })
}

/// The payload length that a frame's header declares; `None` while the header is not all there.
fn declared_length(buffer: &[u8]) -> Option<u64> {
    match buffer.get(1)? & 0x7f {
        126 => Some(u64::from(u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?))),
        127 => Some(u64::from_be_bytes(buffer.get(2..10)?.try_into().ok()?)),
        short => Some(u64::from(short)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: FrameLimits = FrameLimits { bytes_max: 1_000, per_second: 100 };

    /// A client's frame: masked with zeroes.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = vec![first];
        match payload.len() {
            length @ 0..=125 => out.push(0x80 | length as u8),
            length => {
                out.push(0x80 | 126);
                out.extend_from_slice(&(length as u16).to_be_bytes());
            }
        }
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(payload);
        out
    }

    fn feed(bytes: &[u8]) -> Result<Vec<Incoming>, FrameFault> {
        let mut assembler = Assembler::new(LIMITS);
        let mut messages = Vec::new();
        // Byte by byte: every border is a possible border between two reads.
        for byte in bytes {
            assembler.buffer.extend_from_slice(&[*byte]);
            while let Some(message) = assembler.next(Instant::now())? {
                messages.push(message);
            }
        }
        Ok(messages)
    }

    fn code_of(bytes: &[u8]) -> Option<CloseCode> {
        feed(bytes).err().map(|fault| fault.code)
    }

    #[test]
    fn messages_and_fragments_become_whole() {
        let bytes = [frame(0x82, b"one"), frame(0x01, b"tw"), frame(0x89, b"p"), frame(0x80, b"o")].concat();
        let expected = vec![
            Incoming::Message { is_text: false, bytes: Bytes::from_static(b"one") },
            Incoming::Ping(Bytes::from_static(b"p")),
            Incoming::Message { is_text: true, bytes: Bytes::from_static(b"two") },
        ];
        assert_eq!(feed(&bytes), Ok(expected));
    }

    #[test]
    fn a_declared_length_is_refused_at_the_header() {
        assert_eq!(code_of(&[0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0]), Some(CloseCode::TooLarge));
        assert_eq!(code_of(&[0x82, 0xfe, 0x04, 0x00]), Some(CloseCode::TooLarge));
        assert_eq!(code_of(&[0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Some(CloseCode::TooLarge));
    }

    #[test]
    fn what_breaks_the_protocol_is_refused() {
        for (bytes, code) in [
            (vec![0x82, 0x01, b'x'], CloseCode::Protocol),
            (frame(0xc2, b"reserved bit"), CloseCode::Protocol),
            (frame(0x83, b"reserved opcode"), CloseCode::Protocol),
            (frame(0x80, b"continues nothing"), CloseCode::Protocol),
            (frame(0x09, b"a ping in fragments"), CloseCode::Protocol),
            (frame(0x81, b"\xff\xfe"), CloseCode::Malformed),
            (frame(0x88, b"\x03"), CloseCode::Protocol),
        ] {
            assert_eq!(code_of(&bytes), Some(code), "{bytes:?}");
        }
    }

    #[test]
    fn fragments_are_bounded_in_number_bytes_and_time() {
        let flood = [frame(0x02, b""), frame(0x00, b"").repeat(FRAGMENTS_MAX)].concat();
        assert_eq!(code_of(&flood), Some(CloseCode::TooLarge));
        let large = [frame(0x02, &[0; 900]), frame(0x00, &[0; 900])].concat();
        assert_eq!(code_of(&large), Some(CloseCode::TooLarge));
        let mut assembler = Assembler::new(LIMITS);
        assembler.buffer.extend_from_slice(&frame(0x02, b"begun"));
        let began = Instant::now();
        assert_eq!(assembler.next(began), Ok(None));
        assert!(assembler.next(began + FRAGMENTS_TIME + Duration::from_millis(1)).is_err());
    }

    #[test]
    fn floods_of_empty_frames_and_pings_end_the_connection() {
        assert_eq!(code_of(&frame(0x82, b"").repeat(201)), Some(CloseCode::RateLimit));
        assert_eq!(code_of(&frame(0x89, b"").repeat(201)), Some(CloseCode::RateLimit));
        assert_eq!(code_of(&frame(0x82, b"").repeat(200)), None);
    }
}
