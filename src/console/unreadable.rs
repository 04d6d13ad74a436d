//! What an operator is told when the store cannot be read.

use std::time::Duration;

use actix_web::http::StatusCode;

use crate::actors::node::Node;
use crate::http::problem::Problem;
use crate::store::StoreError;

/// 503. Counted; `what` could not be read is for the log.
pub(super) fn unreadable(node: &Node, what: &str, error: &StoreError) -> Problem {
    node.metrics.store_errors.inc();
    tracing::error!(what, error = %error, "the console cannot read");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "storage_unavailable", "the store does not answer")
        .retry_after(Some(Duration::from_secs(1)))
}
