//! Documents that are the same for all as long as the server runs.

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use crate::http::content::Content;

/// A JSON document and what tells it from other versions of it.
pub(super) fn json(text: impl Into<Bytes>, version: String) -> Content {
    Content::new(text, version, "application/json", true)
}

/// It may be kept by anybody, but must be asked for again: the next start may bring another one.
pub(super) fn answer(document: &Content, request: &HttpRequest) -> HttpResponse {
    document.answer(request, "public, no-cache")
}
