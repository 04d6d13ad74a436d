//! The part of a batch that the operators' console makes, as statements.

use super::statements::{Column, Insert, checked, column, documents, put};
use crate::store::record::{AuditRecord, SnapshotRecord};
use crate::store::rows::{signed, to_json};
use crate::store::{Batch, SNAPSHOTS_PRUNED_MAX, SnapshotRow, StoreError};
use orrery_core::types::Millis;

const OPERATORS: &str = "INSERT INTO operator (id, version, doc)
    SELECT id, version, doc::json FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS new (id, version, doc)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc";
const OPERATORS_GONE: &str = "DELETE FROM operator WHERE id = ANY ($1::uuid[])";
const STATE: &str = "INSERT INTO console_state (key, version, doc)
    SELECT key, version, doc::json FROM unnest($1::text[], $2::bigint[], $3::text[]) AS new (key, version, doc)
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, doc = excluded.doc";
const STATE_GONE: &str = "DELETE FROM console_state WHERE key = ANY ($1::text[])";
const AUDIT: &str = "INSERT INTO audit_log (seq, at_ms, operator, operator_name, action, target, undoes, doc)
    SELECT seq, at_ms, operator, operator_name, action, target, undoes, doc::json
    FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[])
        AS new (seq, at_ms, operator, operator_name, action, target, undoes, doc)";
const SNAPSHOTS: &str = "INSERT INTO player_snapshot (player, at_ms, doc)
    SELECT player, at_ms, doc::json FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS new (player, at_ms, doc)
    ON CONFLICT (player, at_ms) DO UPDATE SET doc = excluded.doc";
const PRUNE: &str = "DELETE FROM player_snapshot WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM player_snapshot WHERE at_ms < $1 ORDER BY at_ms LIMIT $2))";

/// Everything that a writing session prepares for these.
pub(super) const PREPARED: [&str; 7] = [OPERATORS, OPERATORS_GONE, STATE, STATE_GONE, AUDIT, SNAPSHOTS, PRUNE];

/// The statements that write what the console has made.
pub(super) fn inserts(batch: &Batch) -> Result<Vec<Insert>, StoreError> {
    let operators = batch.operators.iter().filter_map(|(id, row)| Some((id.0, put(row)?)));
    let operators_gone: Vec<_> =
        batch.operators.iter().filter(|(_, row)| put(row).is_none()).map(|(id, _)| id.0).collect();
    let state = batch.console_state.iter().filter_map(|(key, row)| Some((key.clone(), put(row)?)));
    let state_gone: Vec<String> =
        batch.console_state.iter().filter(|(_, row)| put(row).is_none()).map(|(key, _)| key.clone()).collect();
    Ok(vec![
        // Out before in, though names are compared at the end only.
        Insert { sql: OPERATORS_GONE, row_count: operators_gone.len(), values: vec![Box::new(operators_gone)] },
        documents(OPERATORS, "operator", operators)?,
        Insert { sql: STATE_GONE, row_count: state_gone.len(), values: vec![Box::new(state_gone)] },
        documents(STATE, "console_state", state)?,
        audit(batch)?,
        snapshots(batch)?,
        prune(batch.prune_snapshots)?,
    ])
}

fn audit(batch: &Batch) -> Result<Insert, StoreError> {
    let (table, rows) = ("audit_log", &batch.audit);
    let values = vec![
        checked(rows, |entry| signed(table, &entry.seq, "seq", entry.seq))?,
        checked(rows, |entry| signed(table, &entry.seq, "at_ms", entry.at_ms.0))?,
        column(rows, |entry| entry.by.operator.0),
        column(rows, |entry| entry.by.name.clone()),
        column(rows, |entry| entry.action.clone()),
        column(rows, |entry| entry.target.clone()),
        checked(rows, |entry| entry.undoes.map(|undoes| signed(table, &entry.seq, "undoes", undoes)).transpose())?,
        checked(rows, |entry| to_json(table, &entry.seq, &AuditRecord::from(entry)))?,
    ];
    Ok(Insert { sql: AUDIT, values, row_count: rows.len() })
}

fn snapshots(batch: &Batch) -> Result<Insert, StoreError> {
    let table = "player_snapshot";
    let rows: Vec<&SnapshotRow> = batch.snapshots.values().collect();
    let values = vec![
        column(&rows, |row| row.player.0),
        checked(&rows, |row| signed(table, &row.player, "at_ms", row.at.0))?,
        checked(&rows, |row| to_json(table, &row.player, &SnapshotRecord::from(*row)))?,
    ];
    Ok(Insert { sql: SNAPSHOTS, values, row_count: rows.len() })
}

fn prune(before: Option<Millis>) -> Result<Insert, StoreError> {
    let table = "player_snapshot";
    let at = signed(table, &"pruned", "at_ms", before.unwrap_or_default().0)?;
    let most = signed(table, &"pruned", "count", SNAPSHOTS_PRUNED_MAX as u64)?;
    let values: Vec<Column> = vec![Box::new(at), Box::new(most)];
    Ok(Insert { sql: PRUNE, values, row_count: usize::from(before.is_some()) })
}
