//! Every error of the API as `application/problem+json` (RFC 9457): `status`, `title`, `detail` for people, `code` for
//! programs, and where they apply `errors` (field by field), `retry_after_ms`, and the numbers of a refusal.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::protocol::{ErrorBody, ErrorCode};

/// When to try again what the server cannot do now, where nobody knows better.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// A field of a request's body, and the rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldFault {
    /// The field's name.
    pub(crate) field: String,
    /// What it must be; follows the name in a sentence.
    pub(crate) rule: String,
}

/// An error as the client sees it.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldFault>,
    /// Boxed: few problems have any.
    numbers: Box<Map<String, Value>>,
    retry_after: Option<Duration>,
    allow: Option<Cow<'static, str>>,
}

/// An error. What else belongs to it stands in further fields.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Document<'a> {
    /// Always `about:blank`.
    r#type: &'static str,
    /// The status in words.
    title: &'a str,
    /// The status.
    status: u16,
    /// What programs tell errors apart by.
    code: &'a str,
    /// What people read.
    detail: &'a str,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<FieldFault>, required = false)]
    errors: &'a [FieldFault],
    /// When to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    retry_after_ms: Option<u128>,
    #[serde(flatten)]
    #[schema(ignore)]
    numbers: &'a Map<String, Value>,
}

impl Problem {
    /// A problem with code and explanation.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let (errors, numbers) = (Vec::new(), Box::default());
        Self { status, code, detail: detail.into(), errors, numbers, retry_after: None, allow: None }
    }

    /// A command was refused, or could not be read.
    pub(crate) fn of_command(error: ErrorBody) -> Self {
        Self::of_error(error, |_| StatusCode::CONFLICT)
    }

    /// A question was refused, or could not be answered.
    pub(crate) fn of_question(error: ErrorBody) -> Self {
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
            ErrorCode::Disabled | ErrorCode::Banned => StatusCode::FORBIDDEN,
            ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::Busy | ErrorCode::Maintenance | ErrorCode::StorageUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            refused => refusal(refused),
        };
        let pause = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(BUSY_PAUSE);
        let retry_after = error.retry_after_ms.map(Duration::from_millis).or(pause);
        Self { numbers: Box::new(error.details), retry_after, ..Self::new(status, code.as_str(), error.message) }
    }

    /// Something about the request is wrong.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::BadRequest.as_str(), detail)
    }

    /// Fields of the body are wrong; there is at least one.
    pub(crate) fn bad_fields(errors: Vec<FieldFault>) -> Self {
        let sentences = errors.iter().map(|error| format!("{} {}", error.field, error.rule));
        let detail = sentences.collect::<Vec<_>>().join("; ");
        Self { errors, ..Self::bad_request(detail) }
    }

    /// The same, with the time after which to try again.
    #[must_use]
    pub(crate) fn retry_after(self, pause: Option<Duration>) -> Self {
        Self { retry_after: pause, ..self }
    }

    /// The same, with a number or text that belongs to it, as a field of its own.
    #[must_use]
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.numbers.insert(field.to_owned(), value.into());
        self
    }

    /// There is nothing at this address.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address")
    }

    /// The address exists, but not for this method.
    pub(crate) fn method_not_allowed(allow: impl Into<Cow<'static, str>>) -> Self {
        let allow = allow.into();
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
        if let Some(allow) = &self.allow {
            response.insert_header((ALLOW, allow.as_ref()));
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

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody as _;
    use serde_json::json;

    use super::*;

    fn document(response: HttpResponse) -> Value {
        serde_json::from_slice(&response.into_body().try_into_bytes().unwrap()).unwrap()
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
            (ErrorCode::Maintenance, 503, 503),
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
}
