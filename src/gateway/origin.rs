//! Which web pages may speak for a player: the same answer for the HTTP API and for WebSocket handshakes, where
//! browsers ask nobody else.

use actix_web::http::header::HeaderValue;

/// Whether a request with these headers may be served. It may when it has no Origin (no browser sent it), when the
/// page came from this very host, or when `allowed` (the setting `session.allowed_origins`) has the origin or `*`.
#[must_use]
pub fn origin_allowed(origin: Option<&HeaderValue>, host: Option<&HeaderValue>, allowed: &[String]) -> bool {
    let Some(origin) = origin else { return true };
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let (origin, host) = (text(origin), host.map(text).unwrap_or_default());
    let own = origin.split_once("://").is_some_and(|(_, place)| !place.is_empty() && place.eq_ignore_ascii_case(&host));
    own || allowed.iter().any(|other| other == "*" || other.eq_ignore_ascii_case(&origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allow_list_the_own_host_and_clients_without_origin_may() {
        let listed = ["https://game.example".to_owned()];
        let all = ["*".to_owned()];
        for (origin, host, allowed, may) in [
            (None, Some("play.example"), &[][..], true),
            (Some("https://play.example"), Some("play.example"), &[], true),
            (Some("http://127.0.0.1:8080"), Some("127.0.0.1:8080"), &[], true),
            (Some("http://127.0.0.1:8081"), Some("127.0.0.1:8080"), &[], false),
            (Some("https://evil.example"), Some("play.example"), &[], false),
            (Some("https://play.example.evil.example"), Some("play.example"), &[], false),
            (Some("https://game.example"), Some("play.example"), &listed, true),
            (Some("HTTPS://Game.Example"), Some("play.example"), &listed, true),
            (Some("http://game.example"), Some("play.example"), &listed, false),
            (Some("https://game.example:444"), Some("play.example"), &listed, false),
            (Some("null"), Some("play.example"), &listed, false),
            (Some("null"), None, &[], false),
            (Some("https://"), Some(""), &[], false),
            (Some(""), Some(""), &[], false),
            (Some("https://evil.example"), None, &all, true),
        ] {
            let header = |text: Option<&'static str>| text.map(HeaderValue::from_static);
            let answer = origin_allowed(header(origin).as_ref(), header(host).as_ref(), allowed);
            assert_eq!(answer, may, "{origin:?} at {host:?}");
        }
    }

    #[test]
    fn an_origin_that_is_no_text_may_not() {
        let origin = HeaderValue::from_bytes(b"https://\xff").unwrap();
        assert!(!origin_allowed(Some(&origin), None, &[]));
    }
}
