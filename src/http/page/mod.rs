//! The files of a page, for players (`gateway`) and for operators (`console`): `index.html` and what it loads, from the
//! page's folder, and at `/shared/` what all pages are built with, from the folder `shared` beside it. A module thus finds
//! those by the same relative address on disk and in a browser. Each request reads its file, so that an edited one is
//! seen with the next request; who has a file already is told so, and text is compressed once for as long as it stays the
//! same.
//!
//! All of it is `no-cache`: kept, but asked for again each time. The modules name each other without hashes, since there
//! is no build step; kept without asking, old ones would meet new ones, and a page a server that it does not fit.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use super::content::Content;
use super::problem::Problem;

/// A kind of files that are shown; others are not there.
struct Kind {
    extension: &'static str,
    content_type: &'static str,
    /// Whether compression makes it smaller.
    text: bool,
}

const KINDS: &[Kind] = &[
    Kind { extension: "html", content_type: "text/html; charset=utf-8", text: true },
    Kind { extension: "js", content_type: "text/javascript; charset=utf-8", text: true },
    Kind { extension: "css", content_type: "text/css; charset=utf-8", text: true },
    Kind { extension: "svg", content_type: "image/svg+xml", text: true },
    Kind { extension: "json", content_type: "application/json", text: true },
    Kind { extension: "txt", content_type: "text/plain; charset=utf-8", text: true },
    Kind { extension: "png", content_type: "image/png", text: false },
    Kind { extension: "ico", content_type: "image/x-icon", text: false },
    Kind { extension: "woff2", content_type: "font/woff2", text: false },
];

/// The folder, and the address, of what all pages are built with.
const SHARED: &str = "shared";

/// The files of one page. Made once, and shared by the workers.
pub(crate) struct Page {
    assets: PathBuf,
    name: &'static str,
    cache_control: &'static str,
    policy: &'static str,
    /// What was asked for and is there, as it was last.
    kept: Mutex<HashMap<PathBuf, Arc<Content>>>,
}

impl Page {
    /// The page with this name, which is its folder's in the folder of pages and need not be there; with the
    /// `Cache-Control` and the content security policy of its files.
    pub(crate) fn new(assets: PathBuf, name: &'static str, cache_control: &'static str, policy: &'static str) -> Self {
        Self { assets, name, cache_control, policy, kept: Mutex::default() }
    }

    /// A file, for `GET` and `HEAD`; `/` is `index.html`.
    ///
    /// # Errors
    /// There is no such file; or there is, and the method is another one.
    pub(crate) async fn show(self: Arc<Self>, request: &HttpRequest) -> Result<HttpResponse, Problem> {
        let (path, kind) = self.file(request.path()).ok_or_else(Problem::not_found)?;
        let page = Arc::clone(&self);
        // It reads, and it may compress.
        let content = tokio::task::spawn_blocking(move || page.content(&path, kind)).await.ok().flatten();
        let content = content.ok_or_else(Problem::not_found)?;
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(Problem::method_not_allowed("GET, HEAD"));
        }
        let mut response = content.answer(request, self.cache_control);
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(self.policy));
        Ok(response)
    }

    /// The file for an address and what it is; `None` for what cannot be one, such as a way out of the folders.
    fn file(&self, address: &str) -> Option<(PathBuf, &'static Kind)> {
        let name = if address == "/" { "index.html" } else { address.strip_prefix('/')? };
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        };
        if !name.split('/').all(plain) {
            return None;
        }
        let extension = name.rsplit_once('.')?.1;
        let kind = KINDS.iter().find(|kind| kind.extension == extension)?;
        let shared = name.split('/').next() == Some(SHARED);
        let folder = if shared { self.assets.clone() } else { self.assets.join(self.name) };
        Some((folder.join(name), kind))
    }

    /// What a file has in it now; `None` if it cannot be read.
    fn content(&self, path: &Path, kind: &Kind) -> Option<Arc<Content>> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(bytes) = fs::read(path) else {
            kept().remove(path);
            return None;
        };
        let version = Content::version_of(&bytes);
        if let Some(known) = kept().get(path).filter(|known| known.is(&version)) {
            return Some(Arc::clone(known));
        }
        let content = Arc::new(Content::new(bytes, version, kind.content_type, kind.text));
        kept().insert(path.to_owned(), Arc::clone(&content));
        Some(content)
    }
}

#[cfg(test)]
mod tests;
