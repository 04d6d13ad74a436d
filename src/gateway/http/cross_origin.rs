//! Which web pages of other origins may read the API's answers (CORS): those that may open sessions. Browsers ask
//! first (preflight) before they send JSON or a token; cookies play no part.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderValue, ORIGIN,
    VARY,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError as _, web};

use crate::gateway::origin::origin_allowed;
use crate::http::problem::Problem;

/// The setting `session.allowed_origins`.
#[derive(Clone, Debug, Default)]
pub struct AllowedOrigins(pub Vec<String>);

/// A middleware: answers preflights, and marks answers that a foreign page may read.
pub(super) async fn share(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed = is_allowed(&request);
    let mut response = if is_preflight(&request) {
        let answer = if allowed { preflight() } else { refusal() };
        request.into_response(answer)
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    mark(&mut response, origin.filter(|_| allowed));
    Ok(response)
}

fn is_allowed(request: &ServiceRequest) -> bool {
    let allowed = request.app_data::<web::Data<AllowedOrigins>>().map_or(&[][..], |origins| &origins.0);
    origin_allowed(request.headers().get(ORIGIN), request.headers().get(HOST), allowed)
}

fn is_preflight(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, if-none-match"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "600"))
        .finish()
}

fn refusal() -> HttpResponse {
    let detail = "pages of this origin may not use the API: see the setting session.allowed_origins";
    Problem::new(StatusCode::FORBIDDEN, "origin_not_allowed", detail).error_response()
}

/// The origin itself rather than `*`, also when all are allowed: then a cache cannot mix answers up.
fn mark(response: &mut ServiceResponse<BoxBody>, allowed_origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed_origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag, retry-after"));
    }
}
