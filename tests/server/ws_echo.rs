//! `/debug/echo`, for conformance suites: off by default, and honest when it is on.

use crate::support::wire::{BINARY, CLOSE, PING, PONG, TEXT, frame};
use crate::support::{Frame, Server, Wire};

fn echo(server: &Server) -> Wire {
    Wire::handshake(server.address, "/debug/echo", "").unwrap().0
}

fn whole(opcode: u8, payload: &[u8]) -> Option<Frame> {
    Some(Frame { last: true, opcode, payload: payload.to_vec() })
}

#[test]
fn the_route_is_not_there_unless_it_is_switched_on() {
    let server = Server::start();
    assert_eq!(Wire::handshake(server.address, "/debug/echo", "").err().unwrap().status, 404);
}

#[test]
fn messages_come_back_as_they_went() {
    let server = Server::with(&[("debug.echo", "true")]);
    let mut wire = echo(&server);
    for length in [0, 1, 125, 126, 127, 65_535, 65_536] {
        for opcode in [TEXT, BINARY] {
            let payload = vec![b'x'; length];
            wire.send(opcode, &payload);
            assert_eq!(wire.next(), whole(opcode, &payload), "{length} bytes");
        }
    }
    wire.send_bytes(
        &[frame(TEXT, "κό".as_bytes()), frame(0x80 | PING, b"?"), frame(0, b"\xce"), frame(0x80, b"\xb1")].concat(),
    );
    assert_eq!(wire.next(), whole(PONG, b"?"));
    assert_eq!(wire.next(), whole(TEXT, "κόα".as_bytes()));
    // Byte by byte.
    frame(0x80 | BINARY, b"slowly").iter().for_each(|byte| wire.send_bytes(&[*byte]));
    assert_eq!(wire.next(), whole(BINARY, b"slowly"));
    wire.send(PONG, b"unasked for");
    wire.send(BINARY, b"on we go");
    assert_eq!(wire.next(), whole(BINARY, b"on we go"));
}

#[test]
fn close_codes_are_returned_and_wrong_ones_refused() {
    let server = Server::with(&[("debug.echo", "true")]);
    for code in [1000_u16, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        let mut wire = echo(&server);
        wire.send(CLOSE, &code.to_be_bytes());
        assert_eq!(wire.close_code(), Some(code));
    }
    for code in [0_u16, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535] {
        let mut wire = echo(&server);
        wire.send(CLOSE, &code.to_be_bytes());
        assert_eq!(wire.close_code(), Some(1002), "{code} must not be sent");
    }
    let mut wire = echo(&server);
    wire.send(CLOSE, b"");
    assert_eq!(wire.close_code(), None);
    let mut wire = echo(&server);
    wire.send(CLOSE, b"\x03\xe8\xff\xfe");
    // RFC 6455 would have 1007; the codec does not tell this fault from others of a close frame.
    assert_eq!(wire.close_code(), Some(1002), "a reason must be UTF-8");
}
