//! `GET /api/v1/catalog`: the content of the game.

use actix_web::{HttpRequest, HttpResponse, web};

use super::document;
use crate::catalog::{Catalog, content_version};
use crate::http::content::Content;

/// The catalogue as it is sent.
#[derive(Clone, Debug)]
pub struct CatalogDocument(Content);

impl CatalogDocument {
    /// Encodes a catalogue.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which a catalogue that was loaded can.
    pub fn new(catalog: &Catalog) -> Result<Self, serde_json::Error> {
        Ok(Self(document::json(serde_json::to_vec(catalog)?, content_version(catalog))))
    }
}

pub(super) async fn show(request: HttpRequest, catalog: web::Data<CatalogDocument>) -> HttpResponse {
    document::answer(&catalog.0, &request)
}
