//! Request bodies: JSON, most of them objects whose fields are texts. Those are read by hand, so that everything wrong
//! is reported at once, by field, and no value is ever repeated in an error: it may be a password.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpMessage as _, HttpRequest, web};
use serde_json::{Map, Value};

use super::form::{fault, listed};
use super::problem::{FieldFault, Problem};
use super::strict_json::parse;

/// The largest body, in bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// How long a body may take to arrive: whoever sends a byte now and then holds no connection for ever.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);
/// How many unknown fields are named.
const FOREIGN_NAMES_MAX: usize = 8;

/// The named fields of the body, in the order of `names`. Each must be there, and no other.
///
/// # Errors
/// A problem that names all fields that are wrong; or one about size, time or form of the body.
pub(crate) async fn texts<const N: usize>(
    request: &HttpRequest,
    body: web::Payload,
    names: [&'static str; N],
) -> Result<[String; N], Problem> {
    let bytes = bytes(request, body).await?;
    match parse(&bytes)? {
        Value::Object(fields) => take(fields, names).map_err(Problem::bad_fields),
        _ => Err(Problem::bad_request(format!("the body must be an object with {}", listed(&names)))),
    }
}

/// The body's bytes, declared to be JSON.
///
/// # Errors
/// A problem about the body's type, size or time.
pub(crate) async fn bytes(request: &HttpRequest, body: web::Payload) -> Result<web::Bytes, Problem> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        let detail = "the body must be sent as content-type application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
    }
    read(body).await
}

async fn read(body: web::Payload) -> Result<web::Bytes, Problem> {
    match tokio::time::timeout(BODY_TIME_MAX, body.to_bytes_limited(BODY_BYTES_MAX)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(_))) => Err(Problem::bad_request("the body ended early or is not encoded as it says")),
        Ok(Err(_)) => {
            let detail = format!("the body must have at most {BODY_BYTES_MAX} bytes");
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", detail))
        }
        Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the body took too long to arrive")),
    }
}

fn take<const N: usize>(
    mut fields: Map<String, Value>,
    names: [&'static str; N],
) -> Result<[String; N], Vec<FieldFault>> {
    let mut faults = Vec::new();
    let texts = names.map(|name| match fields.remove(name) {
        Some(Value::String(text)) => text,
        Some(_) => {
            faults.push(fault(&[name], "must be text"));
            String::new()
        }
        None => {
            faults.push(fault(&[name], "is missing"));
            String::new()
        }
    });
    faults.extend(fields.keys().take(FOREIGN_NAMES_MAX).map(|name| fault(&[name], "is not known")));
    if faults.is_empty() { Ok(texts) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, test};

    use super::*;

    async fn login(request: HttpRequest, body: web::Payload) -> Result<HttpResponse, Problem> {
        let [name, password] = texts(&request, body, ["name", "password"]).await?;
        Ok(HttpResponse::Ok().json([name, password]))
    }

    /// Status and, for a problem, its detail.
    async fn answer(content_type: &str, body: impl Into<web::Bytes>) -> (u16, String) {
        let app = test::init_service(App::new().route("/", web::post().to(login))).await;
        let request = test::TestRequest::post().insert_header(("content-type", content_type)).set_payload(body);
        let response = test::call_service(&app, request.to_request()).await;
        let status = response.status().as_u16();
        let body: Value = test::read_body_json(response).await;
        (status, body["detail"].as_str().unwrap_or_default().to_owned())
    }

    #[actix_web::test]
    async fn wrong_bodies_are_problems_that_name_field_and_rule() {
        for (body, detail) in [
            ("", "the body is not JSON (line 1, column 0)"),
            ("{\"name\":\n}", "the body is not JSON (line 2, column 1)"),
            ("[]", "the body must be an object with name and password"),
            ("{} {}", "the body is not JSON (line 1, column 4)"),
            ("{}", "name is missing; password is missing"),
            (r#"{"name":"Ada","password":12345678}"#, "password must be text"),
            (r#"{"name":null,"password":"x"}"#, "name must be text"),
            (r#"{"name":"Ada","password":"x","admin":true}"#, "admin is not known"),
            (r#"{"name":"Ada","name":"Bob","password":"x"}"#, "name is given twice"),
        ] {
            assert_eq!(answer("application/json", body).await, (400, detail.to_owned()), "{body}");
        }
    }

    #[actix_web::test]
    async fn right_bodies_are_read() {
        let body = r#"{"password":"x","name":"Ada"}"#;
        for content_type in ["application/json", "Application/JSON; charset=utf-8"] {
            assert_eq!(answer(content_type, body).await.0, 200);
        }
    }

    #[actix_web::test]
    async fn other_content_types_are_refused() {
        for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
            assert_eq!(answer(content_type, "{}").await.0, 415);
        }
    }

    #[actix_web::test]
    async fn large_bodies_are_refused() {
        let (status, detail) = answer("application/json", vec![b' '; BODY_BYTES_MAX + 1]).await;
        assert_eq!((status, detail.as_str()), (413, "the body must have at most 16384 bytes"));
        assert_eq!(answer("application/json", vec![b' '; BODY_BYTES_MAX]).await.0, 400);
    }
}
