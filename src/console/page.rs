//! The page: files from `console/` in `server.assets`, each with an entity tag. They are few and read from the disk each
//! time, so that an edited file is seen with the next request; who has a file already is told so.

use std::path::{Path, PathBuf};

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, EntityTag};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use super::Console;
use super::security_headers::PAGE_POLICY;
use crate::http::entity_tag::has_it;
use crate::http::problem::Problem;

/// The kinds of files that are shown; others are not there.
const KINDS: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("ico", "image/x-icon"),
    ("json", "application/json"),
    ("woff2", "font/woff2"),
    ("txt", "text/plain; charset=utf-8"),
];
/// Bytes of the content's hash in a tag.
const TAG_BYTES: usize = 12;

/// A file of the page; `/` is `index.html`.
///
/// # Errors
/// There is no such file.
pub(super) async fn show(request: HttpRequest, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::method_not_allowed("GET, HEAD"));
    }
    let (path, kind) = file(&console.page, request.path()).ok_or_else(Problem::not_found)?;
    let content = tokio::fs::read(&path).await.map_err(|_| Problem::not_found())?;
    let tag = EntityTag::new_strong(BASE64_URL_SAFE_NO_PAD.encode(&digest(&SHA256, &content).as_ref()[..TAG_BYTES]));
    let known = has_it(&request, &tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag.to_string()))
        // Kept, but asked for again each time: page and server must fit.
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY));
    if known {
        return Ok(response.finish());
    }
    Ok(response.content_type(kind).body(content))
}

/// The file for an address and what it is; `None` for what cannot be one, such as a way out of the folder.
fn file(folder: &Path, address: &str) -> Option<(PathBuf, &'static str)> {
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
    let (_, kind) = KINDS.iter().find(|(known, _)| *known == extension)?;
    Some((folder.join(name), kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_of_known_kinds_are_files() {
        let folder = Path::new("page");
        for (address, expected) in [
            ("/", Some("page/index.html")),
            ("/js/main.js", Some("page/js/main.js")),
            ("/vendor/uplot-1.6.css", Some("page/vendor/uplot-1.6.css")),
            ("/../orrery.toml", None),
            ("/js/../../secret.txt", None),
            ("/%2e%2e/secret.txt", None),
            ("/.hidden.txt", None),
            ("//index.html", None),
            ("/key.pem", None),
            ("/js", None),
            ("/js/", None),
            ("", None),
        ] {
            assert_eq!(file(folder, address).map(|found| found.0), expected.map(PathBuf::from), "{address}");
        }
    }
}
