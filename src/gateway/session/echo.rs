//! `/debug/echo`: sends every message back as it came, on the same frames, codec and lane as a session. For
//! conformance suites of the WebSocket protocol; off unless `debug.echo` is on.

use std::rc::Rc;

use futures_util::StreamExt as _;
use orrery_core::protocol::CloseCode;
use tokio::io::AsyncRead;

use super::frames::{Frames, Incoming};
use crate::actors::fanout::Lane;
use crate::actors::ws_frame;

/// Echoes until the connection ends.
pub(super) async fn run<R: AsyncRead + Unpin>(mut frames: Frames<R>, lane: Rc<Lane>) {
    while let Some(next) = frames.next().await {
        let fits = match next {
            // What comes after a farewell is read and thrown away.
            _ if lane.is_closed() => true,
            Ok(Incoming::Message { is_text, bytes }) => lane.push_reliable(ws_frame::echo(is_text, &bytes)),
            Ok(Incoming::Ping(bytes)) => lane.push_reliable(ws_frame::pong(&bytes)),
            Ok(Incoming::Pong) => true,
            Ok(Incoming::Close(code)) => {
                lane.close_after([ws_frame::close(code, "")]);
                true
            }
            Err(fault) => {
                lane.close_after([ws_frame::close(Some(fault.code.as_u16()), fault.rule)]);
                true
            }
        };
        if !fits {
            lane.close_after([ws_frame::close(Some(CloseCode::TooSlow.as_u16()), "read faster")]);
        }
    }
    lane.hang_up();
}
