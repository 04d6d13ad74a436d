//! What a refused log-in, registration or token is over HTTP.

use actix_web::http::StatusCode;

use crate::gateway::auth::AuthError;
use crate::http::problem::{FieldFault, Problem};

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let status = match &error {
            AuthError::Invalid { field, rule } => {
                return Self::bad_fields(vec![FieldFault { field: (*field).to_owned(), rule: (*rule).to_owned() }]);
            }
            AuthError::NameTaken | AuthError::AlreadyClaimed => StatusCode::CONFLICT,
            AuthError::WrongLogin | AuthError::Token(_) => StatusCode::UNAUTHORIZED,
            AuthError::Banned(_) | AuthError::NotOperator => StatusCode::FORBIDDEN,
            AuthError::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            AuthError::Busy | AuthError::StorageUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            AuthError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let problem = Self::new(status, error.code(), error.to_string()).retry_after(error.retry_after());
        error.details().into_iter().fold(problem, |problem, (name, value)| problem.with(&name, value))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::body::MessageBody as _;
    use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
    use actix_web::{HttpResponse, ResponseError as _};
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
