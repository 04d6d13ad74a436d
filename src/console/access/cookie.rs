//! The session's cookie, and what a request that comes by cookie must bring besides: browsers send cookies along with
//! whatever any page makes them send, so what changes something needs a token that only our own page has.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, ORIGIN};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::hmac;

use super::COOKIE;
use crate::http::problem::Problem;

/// The header with the session's token.
const CSRF_HEADER: &str = "x-csrf-token";

fn name(secure: bool) -> String {
    // Browsers take a cookie of this name only from HTTPS, for this very host and for every path.
    if secure { format!("__Host-{COOKIE}") } else { COOKIE.to_owned() }
}

/// The session's secret that a request brings.
pub(super) fn read(request: &HttpRequest, secure: bool) -> Option<String> {
    request.cookie(&name(secure)).map(|cookie| cookie.value().to_owned())
}

/// The cookie of a session. Ends with the browser; the server ends it earlier.
pub(super) fn set(secret: String, secure: bool) -> Cookie<'static> {
    let cookie = Cookie::build(name(secure), secret).path("/").http_only(true).same_site(SameSite::Strict);
    cookie.secure(secure).finish()
}

/// Takes the cookie away.
pub(super) fn unset(secure: bool) -> Cookie<'static> {
    let mut cookie = set(String::new(), secure);
    cookie.make_removal();
    cookie
}

/// The token of a session: it follows from its secret, which no other page can read.
pub(super) fn csrf(secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"csrf"))
}

/// Whether a request that changes something comes from our own page.
///
/// # Errors
/// It does not, or does not show that it does.
pub(super) fn check_csrf(request: &HttpRequest, secret: &str) -> Result<(), Problem> {
    check_origin(request)?;
    let brought = request.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = BASE64_URL_SAFE_NO_PAD.decode(brought).unwrap_or_default();
    hmac::verify(&key, b"csrf", &tag).map_err(|_| refusal("X-CSRF-Token must be the csrf of the session"))
}

/// Whether a request comes from a page of another origin, as far as the browser tells.
///
/// # Errors
/// It does.
pub(super) fn check_origin(request: &HttpRequest) -> Result<(), Problem> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(refusal("pages of other sites may not do this"));
    }
    let Some(origin) = request.headers().get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    let same = origin.is_some_and(|origin| header(HOST.as_str()).is_some_and(|host| host.eq_ignore_ascii_case(origin)));
    if same { Ok(()) } else { Err(refusal("pages of other origins may not do this")) }
}

fn refusal(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "csrf", detail)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn request(headers: &[(&'static str, &str)]) -> HttpRequest {
        let request = TestRequest::post().insert_header(("host", "console.example:8081"));
        headers.iter().fold(request, |request, header| request.insert_header(*header)).to_http_request()
    }

    #[test]
    fn only_our_own_page_may_change_something() {
        let token = csrf("secret");
        let other = csrf("another");
        for (headers, good) in [
            (&[("x-csrf-token", token.as_str())][..], true),
            (&[("x-csrf-token", token.as_str()), ("origin", "https://console.example:8081")], true),
            (&[("x-csrf-token", token.as_str()), ("sec-fetch-site", "same-origin")], true),
            (&[("x-csrf-token", token.as_str()), ("origin", "https://evil.example")], false),
            (&[("x-csrf-token", token.as_str()), ("origin", "null")], false),
            (&[("x-csrf-token", token.as_str()), ("sec-fetch-site", "cross-site")], false),
            (&[("x-csrf-token", token.as_str()), ("sec-fetch-site", "same-site")], false),
            (&[("x-csrf-token", other.as_str())], false),
            (&[("x-csrf-token", "")], false),
            (&[], false),
        ] {
            assert_eq!(check_csrf(&request(headers), "secret").is_ok(), good, "{headers:?}");
        }
    }

    #[test]
    fn the_cookie_is_for_this_host_and_no_script() {
        assert_eq!(
            set("abc".to_owned(), true).to_string(),
            "__Host-orrery_console=abc; HttpOnly; SameSite=Strict; Secure; Path=/"
        );
        assert_eq!(set("abc".to_owned(), false).to_string(), "orrery_console=abc; HttpOnly; SameSite=Strict; Path=/");
        assert!(unset(true).to_string().contains("Max-Age=0"));
    }
}
