//! Sorts PostgreSQL's errors by what the caller can do about them.

use std::error::Error as _;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::WrongType;

use crate::store::StoreError;

pub(super) fn failure(error: tokio_postgres::Error) -> StoreError {
    let text = describe(&error);
    match error.code() {
        Some(code) if is_passing(code) => StoreError::Unavailable(text),
        Some(code) if code.code().starts_with("XX") => StoreError::Corrupt(text),
        Some(_) => StoreError::Refused(text),
        // A fault of ours, which another try repeats.
        None if error.source().is_some_and(|cause| cause.is::<WrongType>()) => StoreError::Refused(text),
        // Not an answer of the server: the connection failed, or could not be made.
        None => StoreError::Unavailable(text),
    }
}

/// Whether the state that the code tells of passes: connection trouble (08), a transaction that lost against another
/// (40), no resources (53), an operator or a timeout (57), the system below (58), a lock, a standby.
fn is_passing(code: &SqlState) -> bool {
    let class = code.code().get(..2).unwrap_or_default();
    matches!(class, "08" | "40" | "53" | "57" | "58")
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
}

/// The error with its causes; its own text alone says no more than "db error".
pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
