//! The outgoing side: a response body that hands the connection what waits in the session's lane.
//!
//! actix-http polls it while the socket takes more, and puts all it gets in one poll into one write. It is only as much
//! alive as the connection: nothing else lives in here.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use crate::actors::fanout::Lane;
use crate::telemetry::Metrics;

/// A connection's outgoing body.
pub(super) struct SessionBody {
    lane: Rc<Lane>,
    metrics: Arc<Metrics>,
}

impl SessionBody {
    pub(super) fn new(lane: Rc<Lane>, metrics: Arc<Metrics>) -> Self {
        metrics.connections.inc();
        Self { lane, metrics }
    }
}

impl Drop for SessionBody {
    fn drop(&mut self) {
        self.metrics.connections.dec();
    }
}

impl MessageBody for SessionBody {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let next = self.lane.poll_next(context);
        if let Poll::Ready(Some(frame)) = &next {
            self.metrics.bytes_sent.inc_by(frame.len() as u64);
        }
        next.map(|frame| frame.map(Ok))
    }
}
