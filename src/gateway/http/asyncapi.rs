//! `GET /api/v1/asyncapi.json`: the protocol of sessions, for programs that read or generate code from it.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use orrery_core::protocol::ASYNCAPI;

use super::document;
use crate::http::content::Content;

static DOCUMENT: LazyLock<Content> =
    LazyLock::new(|| document::json(ASYNCAPI, Content::version_of(ASYNCAPI.as_bytes())));

pub(super) async fn show(request: HttpRequest) -> HttpResponse {
    document::answer(&DOCUMENT, &request)
}
