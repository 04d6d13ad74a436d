//! What refused log-ins and changes of accounts are over HTTP.

use std::time::Duration;

use actix_web::http::StatusCode;

use crate::actors::node::now;
use crate::actors::operators::{LogInError, OperatorError};
use crate::console::change::version_conflict;
use crate::game::operator::{LogInRefusal, OperatorRefusal};
use crate::http::password::PasswordError;
use crate::http::problem::{FieldFault, Problem};
use crate::types::Millis;

/// When to try again what the server cannot do now.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

impl From<OperatorError> for Problem {
    fn from(error: OperatorError) -> Self {
        let detail = error.to_string();
        match error {
            OperatorError::Refused(OperatorRefusal::Conflict { current }) => version_conflict(current),
            OperatorError::Refused(OperatorRefusal::Unknown) => {
                Self::new(StatusCode::NOT_FOUND, "unknown_operator", detail)
            }
            OperatorError::Refused(OperatorRefusal::NoChange) => Self::new(StatusCode::CONFLICT, "no_change", detail),
            OperatorError::Refused(OperatorRefusal::LastAdmin) => Self::new(StatusCode::CONFLICT, "last_admin", detail),
            OperatorError::Refused(OperatorRefusal::ScopeTooLarge) => {
                Self::new(StatusCode::FORBIDDEN, "scope_too_large", detail)
            }
            OperatorError::Refused(OperatorRefusal::TooManyTokens) => {
                Self::new(StatusCode::CONFLICT, "too_many_tokens", detail)
            }
            OperatorError::NameTaken => Self::new(StatusCode::CONFLICT, "name_taken", detail),
            OperatorError::BadName => bad_field("name", detail.trim_start_matches("a name ")),
            OperatorError::WrongPassword => Self::new(StatusCode::FORBIDDEN, "wrong_password", detail),
            OperatorError::WrongCode => Self::new(StatusCode::FORBIDDEN, "wrong_code", detail),
            OperatorError::CodeRequired => Self::new(StatusCode::FORBIDDEN, "code_required", detail),
            OperatorError::TotpNotBegun => Self::new(StatusCode::CONFLICT, "totp_not_begun", detail),
            OperatorError::Locked(until) => locked(detail, until),
            OperatorError::UnknownToken => Self::new(StatusCode::NOT_FOUND, "unknown_token", detail),
            OperatorError::Busy => unavailable("busy", detail),
            OperatorError::StorageUnavailable => unavailable("storage_unavailable", detail),
        }
    }
}

impl From<LogInError> for Problem {
    fn from(error: LogInError) -> Self {
        let refusal = match error {
            LogInError::Refused(refusal) => refusal,
            LogInError::Failed(failed) => return failed.into(),
        };
        let detail = refusal.to_string();
        match refusal {
            LogInRefusal::Wrong => Self::new(StatusCode::UNAUTHORIZED, "wrong_login", detail),
            LogInRefusal::CodeRequired => Self::new(StatusCode::UNAUTHORIZED, "code_required", detail),
            LogInRefusal::WrongCode => Self::new(StatusCode::UNAUTHORIZED, "wrong_code", detail),
            LogInRefusal::Locked { until } => locked(detail, until),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => unavailable("busy", error.to_string()),
            PasswordError::Failed => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error.to_string()),
        }
    }
}

fn locked(detail: String, until: Millis) -> Problem {
    let pause = Duration::from_millis(until.since(now()).max(1));
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "locked", detail).retry_after(Some(pause))
}

fn unavailable(code: &'static str, detail: String) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(Some(BUSY_PAUSE))
}

/// 400: one field breaks a rule.
pub(super) fn bad_field(field: &str, rule: &str) -> Problem {
    Problem::bad_fields(vec![FieldFault { field: field.to_owned(), rule: rule.to_owned() }])
}
