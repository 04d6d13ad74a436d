//! A document that is the same for all as long as the server runs: encoded once, and a client that has it already is
//! told so.

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use crate::http::entity_tag::has_it;

/// A JSON document and what tells it from other versions of it.
#[derive(Clone, Debug)]
pub(super) struct Document {
    json: Bytes,
    tag: EntityTag,
}

impl Document {
    pub(super) fn new(json: impl Into<Bytes>, version: String) -> Self {
        Self { json: json.into(), tag: EntityTag::new_strong(version) }
    }

    pub(super) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let known = has_it(request, &self.tag);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        // It may be kept by anybody, but must be asked for again: the next start may bring another one.
        response.insert_header((CACHE_CONTROL, "public, no-cache")).insert_header((ETAG, self.tag.to_string()));
        if known {
            return response.finish();
        }
        response.content_type("application/json").body(self.json.clone())
    }
}
