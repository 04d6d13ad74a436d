//! What every answer of the console carries: nothing is sniffed, framed, told to other sites, kept by caches, or loaded
//! from elsewhere. A handler that may be cached, or shows a page, brings its own `Cache-Control` and policy.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;

/// Data, not pages: nothing in it may run or load anything.
const API_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The page: its own scripts, styles and pictures, and the API.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// What the page could ask the browser for, and does not.
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/// The headers; with `https`, browsers are told never to come without it.
#[must_use]
pub fn headers(https: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((X_FRAME_OPTIONS, "DENY"))
        .add((REFERRER_POLICY, "no-referrer"))
        .add((CONTENT_SECURITY_POLICY, API_POLICY))
        .add((CACHE_CONTROL, "no-store"))
        .add(("permissions-policy", PERMISSIONS))
        .add(("cross-origin-opener-policy", "same-origin"))
        .add(("cross-origin-resource-policy", "same-origin"));
    if https { headers.add((STRICT_TRANSPORT_SECURITY, "max-age=31536000")) } else { headers }
}
