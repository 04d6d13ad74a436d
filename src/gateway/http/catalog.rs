//! `GET /api/v1/catalog`: the content of the game. Large, the same for all and as long as the server runs: encoded
//! once, and a client that has it already is told so.

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::catalog::{Catalog, content_version};
use crate::http::entity_tag::has_it;

/// The catalogue as it is sent.
#[derive(Clone, Debug)]
pub struct CatalogDocument {
    json: web::Bytes,
    tag: EntityTag,
}

impl CatalogDocument {
    /// Encodes a catalogue.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which a catalogue that was loaded can.
    pub fn new(catalog: &Catalog) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_vec(catalog)?.into();
        Ok(Self { json, tag: EntityTag::new_strong(content_version(catalog)) })
    }
}

pub(super) async fn show(request: HttpRequest, document: web::Data<CatalogDocument>) -> HttpResponse {
    let mut response = if has_it(&request, &document.tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // It may be kept by anybody, but must be asked for again: the next start may bring other content.
    response.insert_header((CACHE_CONTROL, "public, no-cache")).insert_header((ETAG, document.tag.to_string()));
    if has_it(&request, &document.tag) {
        return response.finish();
    }
    response.content_type("application/json").body(document.json.clone())
}
