//! Content that many ask for and that stays the same for long: files of the pages, the catalogue, the protocol's
//! description. It is compressed once; who has it already is told so.

use std::io::Write as _;

use actix_web::http::header::{
    AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, ETAG, Encoding, EntityTag, Header as _, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};

use super::entity_tag::has_it;

/// Bytes of the hash in a version.
const VERSION_BYTES: usize = 12;

/// A content in the forms it is sent in: as it is, and compressed.
///
/// Both have one entity tag, a weak one: it means the same content, not the same bytes (RFC 9110, 8.8.1). So who knows a
/// version can ask for what is newer, in whatever form.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    version: String,
    content_type: &'static str,
    plain: Bytes,
    gzip: Option<Bytes>,
}

impl Content {
    /// A version made from a hash of the content.
    pub(crate) fn version_of(bytes: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&digest(&SHA256, bytes).as_ref()[..VERSION_BYTES])
    }

    /// A content and its version, of letters, digits, `-` and `_`; `text` is compressed, if that makes it smaller.
    pub(crate) fn new(bytes: impl Into<Bytes>, version: String, content_type: &'static str, text: bool) -> Self {
        let plain = bytes.into();
        let gzip = if text { compressed(&plain) } else { None };
        Self { version, content_type, plain, gzip: gzip.map(Bytes::from) }
    }

    /// Whether it is this version.
    pub(crate) fn is(&self, version: &str) -> bool {
        self.version == version
    }

    /// The answer to a request for it, in the form that the client prefers; 304 if it has it already.
    pub(crate) fn answer(&self, request: &HttpRequest, cache_control: &'static str) -> HttpResponse {
        let tag = EntityTag::new_weak(self.version.clone());
        let known = has_it(request, &tag);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((ETAG, tag.to_string())).insert_header((CACHE_CONTROL, cache_control));
        if self.gzip.is_some() {
            response.insert_header((VARY, "accept-encoding"));
        }
        if known {
            return response.finish();
        }
        response.content_type(self.content_type);
        match &self.gzip {
            Some(gzip) if takes_gzip(request) => response.insert_header((CONTENT_ENCODING, "gzip")).body(gzip.clone()),
            _ => response.body(self.plain.clone()),
        }
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let wanted = AcceptEncoding::parse(request).ok();
    let best = wanted.and_then(|wanted| wanted.negotiate([Encoding::identity(), Encoding::gzip()].iter()));
    best == Some(Encoding::gzip())
}

/// As small as gzip can; it is done once. Brotli would save another tenth and cost a dependency: browsers take it over
/// HTTPS only, so the proxy that speaks that can.
fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let smaller = encoder.finish().ok()?;
    (smaller.len() < bytes.len()).then_some(smaller)
}
