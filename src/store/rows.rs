//! What both backends do with a row: documents to and from text, numbers that must not be negative, and errors that
//! name table and key. Nothing here panics, whatever a row holds.

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

use orrery_core::game::PartTable;
use orrery_core::types::Party;

use super::{PartKey, StoreError};

/// The error for a row that cannot be understood.
pub(super) fn corrupt(table: &str, key: &dyn Display, why: &dyn Display) -> StoreError {
    StoreError::Corrupt(format!("table {table}, row {key}: {why}"))
}

/// A document as text.
pub(super) fn to_json<T: Serialize>(table: &str, key: &dyn Display, document: &T) -> Result<String, StoreError> {
    serde_json::to_string(document).map_err(|error| StoreError::Refused(format!("table {table}, row {key}: {error}")))
}

/// A document from text.
pub(super) fn from_json<T: DeserializeOwned>(table: &str, key: &dyn Display, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(table, key, &error))
}

/// A number that is never negative, from a signed column.
pub(super) fn unsigned(table: &str, key: &dyn Display, column: &str, stored: i64) -> Result<u64, StoreError> {
    u64::try_from(stored).map_err(|_| corrupt(table, key, &format_args!("{column} is {stored}")))
}

/// A coordinate, from a wider column.
pub(super) fn coordinate(table: &str, key: &dyn Display, column: &str, stored: i64) -> Result<i32, StoreError> {
    i32::try_from(stored).map_err(|_| corrupt(table, key, &format_args!("{column} is {stored}")))
}

/// A number for a signed column.
pub(super) fn signed(table: &str, key: &dyn Display, column: &str, value: u64) -> Result<i64, StoreError> {
    let too_large = |_| StoreError::Refused(format!("table {table}, row {key}: {column} {value} is too large"));
    i64::try_from(value).map_err(too_large)
}

/// A part's key, from its columns.
pub(super) fn part_key(table: PartTable, owner: &str, id: String) -> Result<PartKey, StoreError> {
    let owner = Party::parse(owner).map_err(|error| corrupt(table.as_str(), &format_args!("{owner}/{id}"), &error))?;
    Ok(PartKey { table, owner, id })
}
