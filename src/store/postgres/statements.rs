//! A batch as statements: one per table, each row an element of the columns' arrays.

use std::fmt::Display;

use serde::Serialize;
use serde_json::Value;
use tokio_postgres::types::ToSql;

use crate::store::rows::{signed, to_json};
use crate::store::{Batch, ObjectRow, OutboxRow, Row, ShipRow, StoreError, Versioned};
use orrery_core::game::LedgerEntry;
use orrery_core::types::{ObjectId, TransferId};

/// Changes the mark only when the batch is the next one. An attempt that was cut off may still be under way on its old
/// connection: this waits for it, and then does not write the batch a second time.
pub(super) const MARK: &str =
    "UPDATE node SET batch = $2::bigint WHERE id = 1 AND epoch = $1 AND batch = $2::bigint - 1";
const ACCOUNTS: &str = "INSERT INTO account (id, version, doc)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::jsonb[])
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc";
const PLAYERS: &str = "INSERT INTO player (id, version, doc)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::jsonb[])
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc";
const WORLDS: &str = "INSERT INTO world (key, version, doc)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::jsonb[])
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, doc = excluded.doc";
const SHIPS: &str = "INSERT INTO ship (player, world, x, y)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[])
    ON CONFLICT (player) DO UPDATE SET world = excluded.world, x = excluded.x, y = excluded.y";
const OBJECTS: &str = "INSERT INTO object (id, world, kind, x, y, quantity)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::bigint[])
    ON CONFLICT (id) DO UPDATE SET world = excluded.world, kind = excluded.kind, x = excluded.x, y = excluded.y,
        quantity = excluded.quantity";
const OBJECTS_GONE: &str = "DELETE FROM object WHERE id = ANY ($1::bigint[])";
const OUTBOX: &str = "INSERT INTO outbox (id, doc)
    SELECT id, doc FROM unnest($1::text[], $2::jsonb[]) WITH ORDINALITY AS new (id, doc, place) ORDER BY place
    ON CONFLICT (id) DO UPDATE SET doc = excluded.doc";
const OUTBOX_GONE: &str = "DELETE FROM outbox WHERE id = ANY ($1::text[])";
const INBOX: &str = "INSERT INTO inbox (player, id, at_ms)
    SELECT player, id, at_ms FROM unnest($1::uuid[], $2::text[], $3::bigint[])
        WITH ORDINALITY AS new (player, id, at_ms, place) ORDER BY place";
const COMMANDS: &str = "INSERT INTO command (player, id, fingerprint, applied, answer, at_ms)
    SELECT player, id, fingerprint, applied, answer, at_ms
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::boolean[], $5::text[], $6::bigint[])
        WITH ORDINALITY AS new (player, id, fingerprint, applied, answer, at_ms, place) ORDER BY place
    ON CONFLICT (player, id) DO UPDATE SET seq = DEFAULT, fingerprint = excluded.fingerprint,
        applied = excluded.applied, answer = excluded.answer, at_ms = excluded.at_ms";
const LEDGER: &str = "INSERT INTO ledger (player, at_ms, reason, command, transfer, item, quantity, credits)
    SELECT player, at_ms, reason, command, transfer, item, quantity, credits
    FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
        WITH ORDINALITY AS new (player, at_ms, reason, command, transfer, item, quantity, credits, place)
    ORDER BY place";

/// Everything that a writing session prepares when it is made.
pub(super) const PREPARED: [&str; 12] =
    [MARK, ACCOUNTS, PLAYERS, WORLDS, SHIPS, OBJECTS, OBJECTS_GONE, OUTBOX, OUTBOX_GONE, INBOX, COMMANDS, LEDGER];

type Column = Box<dyn ToSql + Sync + Send>;

/// A prepared statement's text and its values.
pub(super) struct Insert {
    pub(super) sql: &'static str,
    pub(super) values: Vec<Column>,
    row_count: usize,
}

/// The statements that write the batch, without those for tables that it does not touch.
pub(super) fn inserts(batch: &Batch) -> Result<Vec<Insert>, StoreError> {
    let all = [
        documents(ACCOUNTS, "account", batch.accounts.iter().map(|(id, row)| (id.0, row)))?,
        documents(PLAYERS, "player", batch.players.iter().map(|(id, row)| (id.0, row)))?,
        documents(WORLDS, "world", batch.worlds.iter().map(|(key, row)| (key.to_string(), row)))?,
        ships(batch),
        put_objects(batch)?,
        delete_objects(batch)?,
        put_outbox(batch)?,
        delete_outbox(batch),
        inbox(batch)?,
        commands(batch)?,
        ledger(batch)?,
    ];
    Ok(all.into_iter().filter(|insert| insert.row_count > 0).collect())
}

fn documents<'a, K, T>(
    sql: &'static str,
    table: &str,
    rows: impl Iterator<Item = (K, &'a Versioned<T>)>,
) -> Result<Insert, StoreError>
where
    K: Display,
    Vec<K>: ToSql + Sync + Send + 'static,
    T: Serialize + 'a,
{
    let (mut keys, mut versions, mut documents) = (Vec::new(), Vec::new(), Vec::new());
    for (key, row) in rows {
        versions.push(signed(table, &key, "version", row.version)?);
        documents.push(to_value(table, &key, &row.record)?);
        keys.push(key);
    }
    let row_count = keys.len();
    Ok(Insert { sql, values: vec![Box::new(keys), Box::new(versions), Box::new(documents)], row_count })
}

fn to_value<T: Serialize>(table: &str, key: &dyn Display, document: &T) -> Result<Value, StoreError> {
    serde_json::to_value(document).map_err(|error| StoreError::Refused(format!("table {table}, row {key}: {error}")))
}

fn ships(batch: &Batch) -> Insert {
    let rows: Vec<&ShipRow> = batch.ships.values().collect();
    let values = vec![
        column(&rows, |ship| ship.player.0),
        column(&rows, |ship| ship.world.to_string()),
        column(&rows, |ship| ship.at.x),
        column(&rows, |ship| ship.at.y),
    ];
    Insert { sql: SHIPS, values, row_count: rows.len() }
}

fn put_objects(batch: &Batch) -> Result<Insert, StoreError> {
    let rows: Vec<&ObjectRow> = batch.objects.values().filter_map(put).collect();
    let values = vec![
        numbers(&rows, |object| signed("object", &object.id, "id", object.id.0))?,
        column(&rows, |object| object.world.to_string()),
        column(&rows, |object| object.kind.to_string()),
        column(&rows, |object| object.at.x),
        column(&rows, |object| object.at.y),
        numbers(&rows, |object| signed("object", &object.id, "quantity", object.quantity.0))?,
    ];
    Ok(Insert { sql: OBJECTS, values, row_count: rows.len() })
}

fn delete_objects(batch: &Batch) -> Result<Insert, StoreError> {
    let ids: Vec<ObjectId> = batch.objects.iter().filter(|(_, row)| put(row).is_none()).map(|(id, _)| *id).collect();
    let values = vec![numbers(&ids, |id| signed("object", id, "id", id.0))?];
    Ok(Insert { sql: OBJECTS_GONE, values, row_count: ids.len() })
}

fn put_outbox(batch: &Batch) -> Result<Insert, StoreError> {
    let rows: Vec<&OutboxRow> = batch.outbox.values().filter_map(put).collect();
    let documents = rows.iter().map(|row| to_value("outbox", &row.id, &row.record)).collect::<Result<Vec<_>, _>>()?;
    let values = vec![column(&rows, |row| row.id.to_string()), Box::new(documents)];
    Ok(Insert { sql: OUTBOX, values, row_count: rows.len() })
}

fn delete_outbox(batch: &Batch) -> Insert {
    let gone = batch.outbox.iter().filter(|(_, row)| put(row).is_none());
    let ids: Vec<String> = gone.map(|(id, _)| id.to_string()).collect();
    Insert { sql: OUTBOX_GONE, row_count: ids.len(), values: vec![Box::new(ids)] }
}

fn inbox(batch: &Batch) -> Result<Insert, StoreError> {
    let rows = &batch.inbox;
    let values = vec![
        column(rows, |row| row.player.0),
        column(rows, |row| row.id.to_string()),
        numbers(rows, |row| signed("inbox", &row.id, "at_ms", row.at.0))?,
    ];
    Ok(Insert { sql: INBOX, values, row_count: rows.len() })
}

fn commands(batch: &Batch) -> Result<Insert, StoreError> {
    let rows = &batch.commands;
    let answers = rows.iter().map(|row| to_json("command", &row.id, &row.answer)).collect::<Result<Vec<_>, _>>()?;
    let values = vec![
        column(rows, |row| row.player.0),
        numbers(rows, |row| signed("command", &row.id, "id", row.id.0))?,
        column(rows, |row| row.fingerprint.cast_signed()),
        column(rows, |row| row.applied),
        Box::new(answers),
        numbers(rows, |row| signed("command", &row.id, "at_ms", row.at.0))?,
    ];
    Ok(Insert { sql: COMMANDS, values, row_count: rows.len() })
}

fn ledger(batch: &Batch) -> Result<Insert, StoreError> {
    let rows = &batch.ledger;
    let command = |entry: &LedgerEntry| entry.command.map(|id| signed("ledger", &id, "command", id.0)).transpose();
    let values = vec![
        column(rows, |entry| entry.player.0),
        numbers(rows, |entry| signed("ledger", &entry.player, "at_ms", entry.at.0))?,
        column(rows, |entry| entry.reason.as_str()),
        numbers(rows, command)?,
        column(rows, |entry| entry.transfer.as_ref().map(TransferId::to_string)),
        column(rows, |entry| entry.goods.as_ref().map(|(item, _)| item.to_string())),
        column(rows, |entry| entry.goods.as_ref().map(|(_, quantity)| *quantity)),
        column(rows, |entry| entry.credits),
    ];
    Ok(Insert { sql: LEDGER, values, row_count: rows.len() })
}

fn put<T>(row: &Row<T>) -> Option<&T> {
    match row {
        Row::Put(row) => Some(row),
        Row::Delete => None,
    }
}

fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Column
where
    Vec<T>: ToSql + Sync + Send + 'static,
{
    Box::new(rows.iter().map(value).collect::<Vec<T>>())
}

/// A column of numbers that may be too large for it.
fn numbers<R, T>(rows: &[R], value: impl Fn(&R) -> Result<T, StoreError>) -> Result<Column, StoreError>
where
    Vec<T>: ToSql + Sync + Send + 'static,
{
    Ok(Box::new(rows.iter().map(value).collect::<Result<Vec<T>, _>>()?))
}
