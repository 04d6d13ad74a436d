//! The page for operators: the files in `console/` and `shared/` in `server.assets`.

use std::path::Path;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::Console;
use super::security_headers::PAGE_POLICY;
use crate::http::page::Page;
use crate::http::problem::Problem;

/// The page in the folder of pages.
pub(super) fn of(assets: &Path) -> Arc<Page> {
    Arc::new(Page::new(assets.to_owned(), "console", "private, no-cache", PAGE_POLICY))
}

/// A file of the page; `/` is `index.html`.
///
/// # Errors
/// There is no such file.
pub(super) async fn show(request: HttpRequest, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    Arc::clone(&console.page).show(&request).await
}
