//! What is in a file, in the forms it is sent in: as it is, and compressed. Each form has an entity tag of its own, made
//! from a hash of the content: a strong tag means the very same bytes.

use std::io::Write as _;

use actix_web::http::header::EntityTag;
use actix_web::web::Bytes;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};

/// Bytes of the content's hash in a tag.
const TAG_BYTES: usize = 12;

/// A content in all its forms.
pub(super) struct Content {
    hash: String,
    plain: Form,
    gzip: Option<Form>,
}

/// The bytes that are sent, and their tag.
pub(super) struct Form {
    pub(super) bytes: Bytes,
    pub(super) tag: EntityTag,
}

impl Content {
    /// What tells one content from another.
    pub(super) fn digest(bytes: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&digest(&SHA256, bytes).as_ref()[..TAG_BYTES])
    }

    /// A content, with its digest; `text` is compressed, if that makes it smaller.
    pub(super) fn new(bytes: Vec<u8>, hash: String, text: bool) -> Self {
        let gzip = if text { compressed(&bytes) } else { None };
        let gzip = gzip.map(|bytes| Form { bytes: bytes.into(), tag: EntityTag::new_strong(format!("{hash}-gzip")) });
        let plain = Form { bytes: bytes.into(), tag: EntityTag::new_strong(hash.clone()) };
        Self { hash, plain, gzip }
    }

    /// Whether it has this digest.
    pub(super) fn is(&self, hash: &str) -> bool {
        self.hash == hash
    }

    /// As it is.
    pub(super) fn plain(&self) -> &Form {
        &self.plain
    }

    /// Compressed; `None` for what does not get smaller.
    pub(super) fn gzip(&self) -> Option<&Form> {
        self.gzip.as_ref()
    }
}

/// As small as gzip can; it is done once. Brotli would save another tenth and cost a dependency: browsers take it over
/// HTTPS only, so the proxy that speaks that can.
fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let smaller = encoder.finish().ok()?;
    (smaller.len() < bytes.len()).then_some(smaller)
}
