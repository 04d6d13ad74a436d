//! The page for players: the files in `client/` and `shared/` in `server.assets`, at every address that nothing else has.

use std::path::Path;
use std::sync::Arc;

use actix_web::http::header::{HeaderName, HeaderValue, X_FRAME_OPTIONS};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::page::Page;
use crate::http::problem::Problem;

/// Its own scripts, styles and pictures, the API and the WebSocket of the same host, which `'self'` means for both;
/// nothing else, and nothing in the text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// What else its files carry: no frame of others, no ear or hand in other windows, nothing of the machine.
const HEADERS: [(HeaderName, &str); 4] = [
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The page for players. One per server, for all its workers.
pub struct ClientPage(Arc<Page>);

impl ClientPage {
    /// The page in the folder of pages; if there is none, the log says so, and its addresses are not found.
    #[must_use]
    pub fn of(assets: &Path) -> Self {
        if !assets.join("client/index.html").is_file() {
            tracing::warn!(assets = %assets.display(), "there is no page for players: no client/index.html");
        }
        Self(Arc::new(Page::new(assets.to_owned(), "client", "public, no-cache", POLICY)))
    }
}

/// A file of the page; `/` is `index.html`.
///
/// # Errors
/// There is no such file.
pub(super) async fn show(request: HttpRequest, page: web::Data<ClientPage>) -> Result<HttpResponse, Problem> {
    let mut response = Arc::clone(&page.0).show(&request).await?;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
