//! Who sends a request: the token it brings, the address it comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

/// The connection's address. Connections without one, which only tests have, count as one address.
pub(crate) fn address(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip())
}

/// The access token, if there is one.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_bearer_tokens_are_taken() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("abc", None),
        ] {
            let request = TestRequest::default().insert_header((AUTHORIZATION, header)).to_http_request();
            assert_eq!(bearer(&request), token, "{header}");
        }
        assert_eq!(bearer(&TestRequest::default().to_http_request()), None);
    }
}
