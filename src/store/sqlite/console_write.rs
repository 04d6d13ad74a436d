//! The part of a batch that the operators' console makes.

use rusqlite::{Transaction, params};

use super::write::{at_ms, execute};
use crate::store::record::{AuditRecord, SnapshotRecord};
use crate::store::rows::{signed, to_json};
use crate::store::{Batch, Row, SNAPSHOTS_PRUNED_MAX, SnapshotRow, StoreError};
use orrery_core::types::{AuditEntry, Millis};

/// Writes everything of the batch that the console has made.
pub(super) fn write_console(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    write_operators(transaction, batch)?;
    write_state(transaction, batch)?;
    for entry in &batch.audit {
        append_audit(transaction, entry)?;
    }
    for row in batch.snapshots.values() {
        put_snapshot(transaction, row)?;
    }
    batch.prune_snapshots.map_or(Ok(()), |before| prune_snapshots(transaction, before))
}

fn write_operators(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    // Out with all before the first is in, as with accounts: names may change hands.
    for id in batch.operators.keys() {
        execute(transaction, "DELETE FROM operator WHERE id = ?1", params![id.0.as_bytes()])?;
    }
    for (id, row) in &batch.operators {
        let Row::Put(row) = row else { continue };
        let sql = "INSERT INTO operator (id, version, doc) VALUES (?1, ?2, ?3)";
        let version = signed("operator", id, "version", row.version)?;
        execute(transaction, sql, params![id.0.as_bytes(), version, to_json("operator", id, &row.record)?])?;
    }
    Ok(())
}

fn write_state(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    for (key, row) in &batch.console_state {
        let Row::Put(row) = row else {
            execute(transaction, "DELETE FROM console_state WHERE key = ?1", params![key])?;
            continue;
        };
        let sql = "INSERT INTO console_state (key, version, doc) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET version = excluded.version, doc = excluded.doc";
        let version = signed("console_state", key, "version", row.version)?;
        execute(transaction, sql, params![key, version, to_json("console_state", key, &row.record)?])?;
    }
    Ok(())
}

fn append_audit(transaction: &Transaction<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit_log (seq, at_ms, operator, operator_name, action, target, undoes, doc)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let seq = signed("audit_log", &entry.seq, "seq", entry.seq)?;
    let undoes = entry.undoes.map(|undoes| signed("audit_log", &entry.seq, "undoes", undoes)).transpose()?;
    let doc = to_json("audit_log", &entry.seq, &AuditRecord::from(entry))?;
    let (at, operator) = (at_ms("audit_log", entry.at_ms)?, entry.by.operator.0.as_bytes());
    execute(transaction, sql, params![seq, at, operator, entry.by.name, entry.action, entry.target, undoes, doc])
}

fn put_snapshot(transaction: &Transaction<'_>, row: &SnapshotRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO player_snapshot (player, at_ms, doc) VALUES (?1, ?2, ?3)
        ON CONFLICT (player, at_ms) DO UPDATE SET doc = excluded.doc";
    let doc = to_json("player_snapshot", &row.player, &SnapshotRecord::from(row))?;
    execute(transaction, sql, params![row.player.0.as_bytes(), at_ms("player_snapshot", row.at)?, doc])
}

fn prune_snapshots(transaction: &Transaction<'_>, before: Millis) -> Result<(), StoreError> {
    let sql = "DELETE FROM player_snapshot WHERE rowid IN
        (SELECT rowid FROM player_snapshot WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)";
    let most = signed("player_snapshot", &"pruned", "count", SNAPSHOTS_PRUNED_MAX as u64)?;
    execute(transaction, sql, params![at_ms("player_snapshot", before)?, most])
}
