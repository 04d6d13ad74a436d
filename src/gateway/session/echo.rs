//! `/debug/echo`: sends every message back as it came, on the same frames, codec and lane as a session. For
//! conformance suites of the WebSocket protocol; off unless `debug.echo` is on.

use std::rc::Rc;

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};
use orrery_core::protocol::CloseCode;

use super::frames::{Frames, Incoming};
use crate::actors::fanout::Lane;
use crate::actors::ws_frame;

/// Echoes until the connection ends.
pub(super) async fn run<S>(mut frames: Frames<S>, lane: Rc<Lane>)
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    while let Some(next) = frames.next().await {
        let fits = match next {
            Ok(Incoming::Message { is_text, bytes }) => lane.push_reliable(ws_frame::echo(is_text, &bytes)),
            Ok(Incoming::Ping(bytes)) => lane.push_reliable(ws_frame::pong(&bytes)),
            Ok(Incoming::Pong) => true,
            Ok(Incoming::Close(code)) => return lane.close_after([ws_frame::close(code, "")]),
            Err(fault) => return lane.close_after([ws_frame::close(Some(fault.code.as_u16()), fault.rule)]),
        };
        if !fits {
            return lane.close_after([ws_frame::close(Some(CloseCode::TooSlow.as_u16()), "read faster")]);
        }
    }
    lane.close_after([]);
}
