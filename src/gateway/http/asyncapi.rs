//! `GET /api/v1/asyncapi.json`: the protocol of sessions, for programs that read or generate code from it.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use orrery_core::protocol::ASYNCAPI;
use ring::digest::{SHA256, digest};

use super::document::Document;

/// Bytes of the document's hash that are its version.
const VERSION_BYTES: usize = 12;

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let hash = digest(&SHA256, ASYNCAPI.as_bytes());
    Document::new(ASYNCAPI, BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..VERSION_BYTES]))
});

pub(super) async fn show(request: HttpRequest) -> HttpResponse {
    DOCUMENT.answer(&request)
}
