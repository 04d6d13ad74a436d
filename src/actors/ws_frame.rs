//! Server-to-client WebSocket frames (RFC 6455, section 5.2): never masked, never fragmented. Written by hand because
//! a frame that goes to many sessions is framed once and shared.

use bytes::{Buf, Bytes};
use orrery_core::protocol::Encoding;

const FINAL: u8 = 0x80;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PONG: u8 = 0xA;

/// The longest header.
const HEADER_MAX: usize = 10;

/// A data frame: binary for MessagePack, text for JSON.
#[must_use]
pub fn data(encoding: Encoding, payload: &[u8]) -> Bytes {
    frame(opcode(encoding), payload)
}

/// A buffer to append a payload of about this many bytes to, for [`data_in_place`].
#[must_use]
pub fn with_room_for_header(payload_bytes: usize) -> Vec<u8> {
    let mut buffer = Vec::with_capacity(HEADER_MAX + payload_bytes);
    buffer.resize(HEADER_MAX, 0);
    buffer
}

/// A data frame out of a buffer that [`with_room_for_header`] made and a payload was appended to; nothing is copied.
#[must_use]
pub fn data_in_place(encoding: Encoding, mut buffer: Vec<u8>) -> Bytes {
    let mut header = Vec::with_capacity(HEADER_MAX);
    put_header(opcode(encoding), buffer.len().saturating_sub(HEADER_MAX), &mut header);
    let start = HEADER_MAX - header.len();
    buffer[start..HEADER_MAX].copy_from_slice(&header);
    let mut frame = Bytes::from(buffer);
    frame.advance(start);
    frame
}

fn opcode(encoding: Encoding) -> u8 {
    match encoding {
        Encoding::MessagePack => BINARY,
        Encoding::Json => TEXT,
    }
}

/// A binary or text frame, for the echo route.
#[must_use]
pub fn echo(text: bool, payload: &[u8]) -> Bytes {
    frame(if text { TEXT } else { BINARY }, payload)
}

/// The answer to a ping.
#[must_use]
pub fn pong(payload: &[u8]) -> Bytes {
    frame(PONG, payload)
}

/// A close frame; `None`: without a code, in answer to one without.
#[must_use]
pub fn close(code: Option<u16>, reason: &str) -> Bytes {
    let mut payload = Vec::new();
    if let Some(code) = code {
        payload.extend_from_slice(&code.to_be_bytes());
        // A control frame's payload is at most 125 bytes.
        let end = (0..=reason.len().min(123)).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
        payload.extend_from_slice(&reason.as_bytes()[..end]);
    }
    frame(CLOSE, &payload)
}

fn frame(opcode: u8, payload: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(payload.len() + HEADER_MAX);
    put_header(opcode, payload.len(), &mut out);
    out.extend_from_slice(payload);
    out.into()
}

fn put_header(opcode: u8, payload_bytes: usize, out: &mut Vec<u8>) {
    out.push(FINAL | opcode);
    match payload_bytes {
        // The match arms bound the length, so the narrow casts lose nothing.
        length @ 0..=125 => out.push(length as u8),
        length @ 126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        for (length, header) in [
            (0, vec![0x82, 0]),
            (125, vec![0x82, 125]),
            (126, vec![0x82, 126, 0, 126]),
            (65_535, vec![0x82, 126, 255, 255]),
            (65_536, vec![0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let frame = data(Encoding::MessagePack, &vec![7; length]);
            assert_eq!((&frame[..header.len()], frame.len()), (&header[..], header.len() + length));
            let mut buffer = with_room_for_header(0);
            buffer.resize(buffer.len() + length, 7);
            assert_eq!(data_in_place(Encoding::MessagePack, buffer), frame);
        }
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let frame = close(Some(4000), &"é".repeat(100));
        assert_eq!(frame.len(), 2 + 2 + 122);
        assert!(std::str::from_utf8(&frame[4..]).is_ok());
    }
}
