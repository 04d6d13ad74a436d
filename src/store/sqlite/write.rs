//! The writing side: one batch, one transaction.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::console_write::write_console;
use super::erase::write_erasures;
use super::failure;
use super::ledger;
use super::read::last_batch;
use crate::store::rows::{signed, to_json};
use crate::store::{
    Batch, CommandRow, LogRow, MarkCheck, ObjectRow, OutboxRow, PartKey, Row, ShipRow, StoreError, check_mark,
};
use orrery_core::types::{Millis, ObjectId, TransferId};
use serde_json::Value;

/// Counts the epoch up and begins its batches anew.
pub(super) fn claim(connection: &mut Connection) -> Result<u64, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)?;
    execute(&transaction, "UPDATE node SET epoch = epoch + 1, batch = 0", &[])?;
    let mark = last_batch(&transaction)?;
    transaction.commit().map_err(failure)?;
    Ok(mark.epoch)
}

/// Writes the batch, or nothing.
pub(super) fn write(connection: &mut Connection, batch: &Batch) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)?;
    if check_mark(last_batch(&transaction)?, batch)? == MarkCheck::AlreadyIn {
        return Ok(());
    }
    let number = signed("node", &batch.number, "batch", batch.number)?;
    let epoch = signed("node", &batch.number, "epoch", batch.epoch)?;
    let sql = "UPDATE node SET batch = ?1 WHERE epoch = ?2";
    execute(&transaction, sql, params![number, epoch])?;
    write_documents(&transaction, batch)?;
    write_rows(&transaction, batch)?;
    append_logs(&transaction, batch)?;
    write_console(&transaction, batch)?;
    write_erasures(&transaction, batch)?;
    transaction.commit().map_err(failure)
}

fn write_documents(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    // Out with all before the first is in: within one batch an account may take the name that another one gave up.
    for id in batch.accounts.keys() {
        execute(transaction, "DELETE FROM account WHERE id = ?1", params![id.0.as_bytes()])?;
    }
    for (id, row) in &batch.accounts {
        let sql = "INSERT INTO account (id, version, doc) VALUES (?1, ?2, ?3)";
        let version = signed("account", id, "version", row.version)?;
        execute(transaction, sql, params![id.0.as_bytes(), version, to_json("account", id, &row.record)?])?;
    }
    for (id, row) in &batch.players {
        let sql = "INSERT INTO player (id, version, doc) VALUES (?1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc";
        let version = signed("player", id, "version", row.version)?;
        execute(transaction, sql, params![id.0.as_bytes(), version, to_json("player", id, &row.record)?])?;
    }
    for (key, row) in &batch.worlds {
        let sql = "INSERT INTO world (key, version, doc) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET version = excluded.version, doc = excluded.doc";
        let version = signed("world", key, "version", row.version)?;
        execute(transaction, sql, params![key.as_str(), version, to_json("world", key, &row.record)?])?;
    }
    Ok(())
}

fn write_rows(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    for ship in batch.ships.values() {
        put_ship(transaction, ship)?;
    }
    for (id, row) in &batch.objects {
        match row {
            Row::Put(object) => put_object(transaction, object)?,
            Row::Delete => delete_object(transaction, *id)?,
        }
    }
    for (id, row) in &batch.outbox {
        if *row == Row::Delete {
            delete_outbox(transaction, id)?;
        }
    }
    for transfer in batch.begun_transfers() {
        put_outbox(transaction, transfer)?;
    }
    for (key, row) in &batch.parts {
        match row {
            Row::Put(doc) => put_part(transaction, key, doc)?,
            Row::Delete => delete_part(transaction, key)?,
        }
    }
    Ok(())
}

fn append_logs(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    for row in &batch.logs {
        append_log(transaction, row)?;
    }
    for row in &batch.commands {
        append_command(transaction, row)?;
    }
    ledger::append(transaction, &batch.ledger)
}

fn put_ship(transaction: &Transaction<'_>, ship: &ShipRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO ship (player, world, x, y) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (player) DO UPDATE SET world = excluded.world, x = excluded.x, y = excluded.y";
    execute(transaction, sql, params![ship.player.0.as_bytes(), ship.world.as_str(), ship.at.x, ship.at.y])
}

fn put_object(transaction: &Transaction<'_>, object: &ObjectRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO object (id, world, kind, x, y, quantity) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (id) DO UPDATE SET world = excluded.world, kind = excluded.kind, x = excluded.x, y = excluded.y,
            quantity = excluded.quantity";
    let id = signed("object", &object.id, "id", object.id.0)?;
    let quantity = signed("object", &object.id, "quantity", object.quantity.0)?;
    let (world, kind) = (object.world.as_str(), object.kind.as_str());
    execute(transaction, sql, params![id, world, kind, object.at.x, object.at.y, quantity])
}

fn delete_object(transaction: &Transaction<'_>, id: ObjectId) -> Result<(), StoreError> {
    let number = signed("object", &id, "id", id.0)?;
    execute(transaction, "DELETE FROM object WHERE id = ?1", params![number])
}

fn put_outbox(transaction: &Transaction<'_>, row: &OutboxRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO outbox (id, doc) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc";
    execute(transaction, sql, params![row.id.as_str(), to_json("outbox", &row.id, &row.record)?])
}

fn delete_outbox(transaction: &Transaction<'_>, id: &TransferId) -> Result<(), StoreError> {
    execute(transaction, "DELETE FROM outbox WHERE id = ?1", params![id.as_str()])
}

fn put_part(transaction: &Transaction<'_>, key: &PartKey, doc: &Value) -> Result<(), StoreError> {
    let table = key.table.as_str();
    let sql = format!(
        "INSERT INTO {table} (owner, id, version, doc) VALUES (?1, ?2, 1, ?3)
         ON CONFLICT (owner, id) DO UPDATE SET version = version + 1, doc = excluded.doc"
    );
    execute(transaction, &sql, params![key.owner.to_string(), key.id, to_json(table, &key.id, doc)?])
}

fn delete_part(transaction: &Transaction<'_>, key: &PartKey) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM {} WHERE owner = ?1 AND id = ?2", key.table.as_str());
    execute(transaction, &sql, params![key.owner.to_string(), key.id])
}

fn append_log(transaction: &Transaction<'_>, row: &LogRow) -> Result<(), StoreError> {
    let table = row.log.as_str();
    let sql = format!(
        "INSERT INTO {table} (stream, seq, at_ms, doc) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (stream, seq) DO NOTHING"
    );
    let seq = signed(table, &row.stream, "seq", row.seq)?;
    execute(transaction, &sql, params![row.stream, seq, at_ms(table, row.at)?, to_json(table, &row.stream, &row.doc)?])
}

fn append_command(transaction: &Transaction<'_>, row: &CommandRow) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO command (player, id, fingerprint, applied, answer, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let id = signed("command", &row.id, "id", row.id.0)?;
    let answer = to_json("command", &row.id, &row.answer)?;
    let (player, at) = (row.player.0.as_bytes(), at_ms("command", row.at)?);
    execute(transaction, sql, params![player, id, row.fingerprint.cast_signed(), row.applied, answer, at])
}

pub(super) fn at_ms(table: &str, at: Millis) -> Result<i64, StoreError> {
    signed(table, &"new", "at_ms", at.0)
}

pub(super) fn execute(transaction: &Transaction<'_>, sql: &str, values: &[&dyn ToSql]) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(sql).map_err(failure)?;
    statement.execute(values).map(drop).map_err(failure)
}
