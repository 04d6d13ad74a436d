//! Every error of the API as `application/problem+json` (RFC 9457): `status`, `title`, `detail` for people, `code` for
//! programs, and where they apply `errors` (field by field), `retry_after_ms`, and the numbers of a refusal.

use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::gateway::auth::AuthError;
use crate::protocol::{ErrorBody, ErrorCode};
use serde_json::{Map, Value};

/// When to try again what the server cannot do now, where nobody knows better.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// A field of a request's body, and the rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FieldFault {
    /// The field's name.
    pub(super) field: String,
    /// What it must be; follows the name in a sentence.
    pub(super) rule: String,
}

/// An error as the client sees it.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldFault>,
    /// Boxed: few problems have any.
    numbers: Box<Map<String, Value>>,
    retry_after: Option<Duration>,
    allow: Option<&'static str>,
}

/// The document in the body. `about:blank` says that the title is the status in words; `code` tells problems apart.
#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldFault],
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u128>,
    #[serde(flatten)]
    numbers: &'a Map<String, Value>,
}

impl Problem {
    /// A problem with code and explanation.
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let (errors, numbers) = (Vec::new(), Box::default());
        Self { status, code, detail: detail.into(), errors, numbers, retry_after: None, allow: None }
    }

    /// A command was refused, or could not be read.
    pub(super) fn of_command(error: ErrorBody) -> Self {
        Self::of_error(error, |_| StatusCode::CONFLICT)
    }

    /// A question was refused, or could not be answered.
    pub(super) fn of_question(error: ErrorBody) -> Self {
        Self::of_error(error, |code| match code {
            ErrorCode::NotAllowed => StatusCode::FORBIDDEN,
            _ => StatusCode::NOT_FOUND,
        })
    }

    /// What has the same status whatever it was about; the game's own refusals as `refusal` says.
    fn of_error(error: ErrorBody, refusal: impl FnOnce(ErrorCode) -> StatusCode) -> Self {
        let code = ErrorCode::ALL.iter().copied().find(|code| code.as_str() == error.code);
        let code = code.unwrap_or(ErrorCode::Internal);
        let status = match code {
            ErrorCode::BadRequest | ErrorCode::UnknownType | ErrorCode::IdRequired => StatusCode::BAD_REQUEST,
            ErrorCode::NotAuthenticated => StatusCode::UNAUTHORIZED,
            ErrorCode::Disabled => StatusCode::FORBIDDEN,
            ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::Busy | ErrorCode::StorageUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            refused => refusal(refused),
        };
        let pause = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(BUSY_PAUSE);
        let retry_after = error.retry_after_ms.map(Duration::from_millis).or(pause);
        Self { numbers: Box::new(error.details), retry_after, ..Self::new(status, code.as_str(), error.message) }
    }

    /// Something about the request is wrong.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::BadRequest.as_str(), detail)
    }

    /// Fields of the body are wrong; there is at least one.
    pub(super) fn bad_fields(errors: Vec<FieldFault>) -> Self {
        let sentences = errors.iter().map(|error| format!("{} {}", error.field, error.rule));
        let detail = sentences.collect::<Vec<_>>().join("; ");
        Self { errors, ..Self::bad_request(detail) }
    }

    /// There is nothing at this address.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address")
    }

    /// The address exists, but not for this method.
    pub(super) fn method_not_allowed(allow: &'static str) -> Self {
        let detail = format!("this address answers to {allow} only");
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            errors: &self.errors,
            retry_after_ms: self.retry_after.map(|pause| pause.as_millis()),
            numbers: &self.numbers,
        };
        let mut response = HttpResponse::build(self.status);
        if let Some(pause) = self.retry_after {
            response.insert_header((RETRY_AFTER, whole_seconds(pause).to_string()));
        }
        if let Some(allow) = self.allow {
            response.insert_header((ALLOW, allow));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        // Texts and numbers always make JSON.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        response.content_type("application/problem+json").body(body)
    }
}

/// Seconds, rounded up: who waits that long does not come too early.
fn whole_seconds(pause: Duration) -> u64 {
    (pause.as_secs() + u64::from(pause.subsec_nanos() > 0)).max(1)
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let status = match &error {
            AuthError::Invalid { field, rule } => {
                return Self::bad_fields(vec![FieldFault { field: (*field).to_owned(), rule: (*rule).to_owned() }]);
            }
            AuthError::NameTaken | AuthError::AlreadyClaimed => StatusCode::CONFLICT,
            AuthError::WrongLogin | AuthError::Token(_) => StatusCode::UNAUTHORIZED,
            AuthError::NotOperator => StatusCode::FORBIDDEN,
            AuthError::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            AuthError::Busy | AuthError::StorageUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            AuthError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { retry_after: error.retry_after(), ..Self::new(status, error.code(), error.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody as _;
    use serde_json::{Value, json};

    use super::*;

    fn document(response: HttpResponse) -> Value {
        serde_json::from_slice(&response.into_body().try_into_bytes().unwrap()).unwrap()
    }

    #[test]
    fn a_limit_says_when_to_try_again() {
        let error = AuthError::RateLimited { retry_after: Duration::from_millis(11_001) };
        let response = Problem::from(error).error_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), "12");
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        let expected = json!({
            "type": "about:blank", "title": "Too Many Requests", "status": 429, "code": "rate_limited",
            "detail": "too many attempts; try again later", "retry_after_ms": 11_001,
        });
        assert_eq!(document(response), expected);
    }

    #[test]
    fn a_broken_rule_names_the_field() {
        let error = AuthError::Invalid { field: "name", rule: "must be short" };
        let document = document(Problem::from(error).error_response());
        assert_eq!(document["detail"], "name must be short");
        assert_eq!(document["errors"], json!([{ "field": "name", "rule": "must be short" }]));
    }

    #[test]
    fn a_refusal_brings_its_numbers() {
        let error = ErrorBody::new(ErrorCode::BidTooLow, "55 at least").with("minimum", 55);
        let response = Problem::of_command(error).error_response();
        let expected = json!({
            "type": "about:blank", "title": "Conflict", "status": 409, "code": "bid_too_low",
            "detail": "55 at least", "minimum": 55,
        });
        assert_eq!(document(response), expected);
    }

    #[test]
    fn refusals_have_the_status_of_what_they_are_about() {
        for (code, of_command, of_question) in [
            (ErrorCode::BadRequest, 400, 400),
            (ErrorCode::IdRequired, 400, 400),
            (ErrorCode::IdReused, 409, 404),
            (ErrorCode::UnknownHub, 409, 404),
            (ErrorCode::NotAllowed, 409, 403),
            (ErrorCode::RateLimited, 429, 429),
            (ErrorCode::Busy, 503, 503),
            (ErrorCode::StorageUnavailable, 503, 503),
            (ErrorCode::Internal, 500, 500),
        ] {
            let error = ErrorBody::new(code, "…").retry_after_ms(1_500);
            let command = Problem::of_command(error.clone()).error_response();
            assert_eq!(command.status(), of_command, "{code:?}");
            assert_eq!(command.headers().get(RETRY_AFTER).unwrap(), "2", "{code:?}");
            assert_eq!(Problem::of_question(error).error_response().status(), of_question, "{code:?}");
        }
    }

    #[test]
    fn every_auth_error_has_its_status() {
        for (error, status) in [
            (AuthError::NameTaken, 409),
            (AuthError::AlreadyClaimed, 409),
            (AuthError::WrongLogin, 401),
            (AuthError::Token("expired"), 401),
            (AuthError::NotOperator, 403),
            (AuthError::Busy, 503),
            (AuthError::StorageUnavailable, 503),
            (AuthError::Internal, 500),
        ] {
            let code = error.code();
            let response = Problem::from(error).error_response();
            assert_eq!(response.status(), status, "{code}");
            assert_eq!(response.headers().contains_key(WWW_AUTHENTICATE), status == 401, "{code}");
            assert_eq!(response.headers().contains_key(RETRY_AFTER), status == 503, "{code}");
            assert_eq!(document(response)["code"], code);
        }
    }
}
