//! How large the tables are. SQLite keeps no counts, so tables whose rows are numbered tell by the span of their
//! numbers, and the others are counted up to a bound.

use rusqlite::Connection;

use super::failure;
use super::read::{rows, value};
use crate::store::{Counted, StoreError, StoreSize, TableSize};

/// The most rows that are counted in one table: a few milliseconds.
const COUNTED_MAX: i64 = 100_000;
/// Tables whose rows get numbers that count up, and that lose rows from the old end only, if at all. A row of
/// `command` that is replaced leaves a hole.
const NUMBERED: [&str; 4] = ["audit_log", "command", "ledger", "player_snapshot"];

pub(super) fn table_sizes(connection: &Connection) -> Result<StoreSize, StoreError> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
        ORDER BY name";
    let names = rows(connection, sql, [], |row| value::<String>("sqlite_schema", &"name", row, 0))?;
    let tables = names.into_iter().map(|name| table_size(connection, name)).collect::<Result<_, _>>()?;
    let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let bytes = one(connection, sql)?;
    Ok(StoreSize { bytes: Some(bytes.unsigned_abs()), tables })
}

fn table_size(connection: &Connection, table: String) -> Result<TableSize, StoreError> {
    let (count, counted) = if NUMBERED.contains(&table.as_str()) {
        let sql = format!("SELECT coalesce(max(rowid) + 1, 0) FROM {table}");
        let end = one(connection, &sql)?;
        let start = one(connection, &format!("SELECT coalesce(min(rowid), 0) FROM {table}"))?;
        (end - start, Counted::Estimate)
    } else {
        let bound = COUNTED_MAX + 1;
        let count = one(connection, &format!("SELECT count(*) FROM (SELECT 1 FROM \"{table}\" LIMIT {bound})"))?;
        (count.min(COUNTED_MAX), if count > COUNTED_MAX { Counted::AtLeast } else { Counted::Exact })
    };
    Ok(TableSize { table, rows: count.unsigned_abs(), counted, bytes: None })
}

fn one(connection: &Connection, sql: &str) -> Result<i64, StoreError> {
    connection.query_row(sql, [], |row| row.get(0)).map_err(failure)
}
