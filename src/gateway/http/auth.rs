//! `/api/v1/auth/…`: register, login, refresh, logout, claim. Each takes a JSON object and, but for logout, answers
//! with `{player, name, access_token, refresh_token, expires_in}`.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL};
use actix_web::{HttpRequest, HttpResponse, web};

use super::json_body::texts;
use super::problem::Problem;
use crate::gateway::auth::{Auth, AuthError, Tokens};

/// `{name, password}` → 201.
pub(super) async fn register(
    request: HttpRequest,
    auth: web::Data<Auth>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let [name, password] = texts(&request, body, ["name", "password"]).await?;
    Ok(answer(StatusCode::CREATED, &auth.register(address(&request), name, password).await?))
}

/// `{name, password}` → 200.
pub(super) async fn login(
    request: HttpRequest,
    auth: web::Data<Auth>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let [name, password] = texts(&request, body, ["name", "password"]).await?;
    Ok(answer(StatusCode::OK, &auth.login(address(&request), name, password).await?))
}

/// `{refresh_token}` → 200.
pub(super) async fn refresh(
    request: HttpRequest,
    auth: web::Data<Auth>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let [refresh_token] = texts(&request, body, ["refresh_token"]).await?;
    Ok(answer(StatusCode::OK, &auth.refresh(&refresh_token).await?))
}

/// `{refresh_token}` → 204.
pub(super) async fn logout(
    request: HttpRequest,
    auth: web::Data<Auth>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let [refresh_token] = texts(&request, body, ["refresh_token"]).await?;
    auth.logout(&refresh_token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `{name, password}` with a guest's access token as `Authorization: Bearer` → 200.
pub(super) async fn claim(
    request: HttpRequest,
    auth: web::Data<Auth>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let access_token =
        bearer(&request).ok_or(AuthError::Token("an access token is needed: Authorization: Bearer …"))?;
    let [name, password] = texts(&request, body, ["name", "password"]).await?;
    Ok(answer(StatusCode::OK, &auth.claim(access_token, name, password).await?))
}

fn answer(status: StatusCode, tokens: &Tokens) -> HttpResponse {
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(tokens)
}

/// The connection's address. Connections without one, which only tests have, count as one address.
fn address(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip())
}

fn bearer(request: &HttpRequest) -> Option<&str> {
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
