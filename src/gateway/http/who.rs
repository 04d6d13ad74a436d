//! Who sends a request: the token it brings, the address it comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

use crate::gateway::auth::AuthError;

/// The connection's address. Connections without one, which only tests have, count as one address.
pub(super) fn address(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip())
}

/// The access token, if there is one.
pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The access token.
///
/// # Errors
/// There is none.
pub(super) fn needed_bearer(request: &HttpRequest) -> Result<&str, AuthError> {
    bearer(request).ok_or(AuthError::Token("an access token is needed: Authorization: Bearer …"))
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
