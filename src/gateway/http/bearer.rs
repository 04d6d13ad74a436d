//! The access token that a request must bring.

use actix_web::HttpRequest;

use crate::gateway::auth::AuthError;
use crate::http::who::bearer;

/// The access token.
///
/// # Errors
/// There is none.
pub(super) fn needed_bearer(request: &HttpRequest) -> Result<&str, AuthError> {
    bearer(request).ok_or(AuthError::Token("an access token is needed: Authorization: Bearer …"))
}
