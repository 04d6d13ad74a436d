//! A batch as statements: one per table, each row an element of the columns' arrays.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use serde::Serialize;
use tokio_postgres::types::ToSql;

use super::{console_statements, erase};
use crate::store::rows::{signed, to_json};
use crate::store::{Batch, Log, LogRow, ObjectRow, OutboxRow, Row, ShipRow, StoreError, Versioned};
use orrery_core::game::{LedgerEntry, PartTable};
use orrery_core::types::{ItemKey, ObjectId, TransferId};

/// Changes the mark only when the batch is the next one. An attempt that was cut off may still be under way on its old
/// connection: this waits for it, and then does not write the batch a second time.
pub(super) const MARK: &str =
    "UPDATE node SET batch = $2::bigint WHERE id = 1 AND epoch = $1 AND batch = $2::bigint - 1";
const ACCOUNTS: &str = "INSERT INTO account (id, version, doc)
    SELECT id, version, doc::jsonb FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS new (id, version, doc)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc";
const PLAYERS: &str = "INSERT INTO player (id, version, doc)
    SELECT id, version, doc::json FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS new (id, version, doc)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc";
const WORLDS: &str = "INSERT INTO world (key, version, doc)
    SELECT key, version, doc::jsonb FROM unnest($1::text[], $2::bigint[], $3::text[]) AS new (key, version, doc)
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
    SELECT id, doc::json FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS new (id, doc, place) ORDER BY place
    ON CONFLICT (id) DO UPDATE SET doc = excluded.doc";
const OUTBOX_GONE: &str = "DELETE FROM outbox WHERE id = ANY ($1::text[])";
const COMMANDS: &str = "INSERT INTO command (player, id, fingerprint, applied, answer, at_ms)
    SELECT player, id, fingerprint, applied, answer, at_ms
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::boolean[], $5::text[], $6::bigint[])
        WITH ORDINALITY AS new (player, id, fingerprint, applied, answer, at_ms, place) ORDER BY place
    ON CONFLICT (player, id) DO UPDATE SET seq = DEFAULT, fingerprint = excluded.fingerprint,
        applied = excluded.applied, answer = excluded.answer, at_ms = excluded.at_ms";
const LEDGER: &str = "INSERT INTO ledger (at_ms, reason, from_account, to_account, item, amount, command, transfer)
    SELECT at_ms, reason, from_account, to_account, item, amount, command, transfer
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[])
        WITH ORDINALITY AS new (at_ms, reason, from_account, to_account, item, amount, command, transfer, place)
    ORDER BY place";

/// The statements of each table of parts: to put and to delete.
static PARTS: LazyLock<BTreeMap<PartTable, [String; 2]>> = LazyLock::new(|| {
    let of_table = |table: &PartTable| {
        let name = table.as_str();
        let put = format!(
            "INSERT INTO {name} AS old (owner, id, version, doc)
             SELECT owner, id, 1, doc::json FROM unnest($1::text[], $2::text[], $3::text[]) AS new (owner, id, doc)
             ON CONFLICT (owner, id) DO UPDATE SET version = old.version + 1, doc = excluded.doc"
        );
        let delete = format!(
            "DELETE FROM {name} AS old USING unnest($1::text[], $2::text[]) AS gone (owner, id)
             WHERE old.owner = gone.owner AND old.id = gone.id"
        );
        (*table, [put, delete])
    };
    PartTable::ALL.iter().map(of_table).collect()
});
/// The statement of each log.
static LOGS: LazyLock<BTreeMap<Log, String>> = LazyLock::new(|| {
    let of_log = |log: Log| {
        let append = format!(
            "INSERT INTO {} (stream, seq, at_ms, doc)
             SELECT stream, seq, at_ms, doc::json
             FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) AS new (stream, seq, at_ms, doc)
             ON CONFLICT (stream, seq) DO NOTHING",
            log.as_str()
        );
        (log, append)
    };
    Log::ALL.into_iter().map(of_log).collect()
});

/// Everything that a writing session prepares when it is made.
pub(super) static PREPARED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let fixed = [MARK, ACCOUNTS, PLAYERS, WORLDS, SHIPS, OBJECTS, OBJECTS_GONE, OUTBOX, OUTBOX_GONE, COMMANDS, LEDGER];
    let parts = PARTS.values().flatten().chain(LOGS.values()).map(String::as_str);
    fixed.into_iter().chain(console_statements::PREPARED).chain(erase::prepared()).chain(parts).collect()
});

pub(super) type Column = Box<dyn ToSql + Sync + Send>;

/// A prepared statement's text and its values.
pub(super) struct Insert {
    pub(super) sql: &'static str,
    pub(super) values: Vec<Column>,
    pub(super) row_count: usize,
}

/// The statements that write the batch, without those for tables that it does not touch.
pub(super) fn inserts(batch: &Batch) -> Result<Vec<Insert>, StoreError> {
    let mut all = vec![
        documents(ACCOUNTS, "account", batch.accounts.iter().map(|(id, row)| (id.0, row)))?,
        documents(PLAYERS, "player", batch.players.iter().map(|(id, row)| (id.0, row)))?,
        documents(WORLDS, "world", batch.worlds.iter().map(|(key, row)| (key.to_string(), row)))?,
        ships(batch),
        put_objects(batch)?,
        delete_objects(batch)?,
        put_outbox(batch)?,
        delete_outbox(batch),
        commands(batch)?,
        ledger(batch)?,
    ];
    for (table, [put, delete]) in PARTS.iter() {
        all.extend(parts(batch, *table, put, delete)?);
    }
    for (log, append) in LOGS.iter() {
        all.push(lines(batch, *log, append)?);
    }
    all.extend(console_statements::inserts(batch)?);
    all.extend(erase::erasures(batch)?);
    all.retain(|insert| insert.row_count > 0);
    Ok(all)
}

pub(super) fn documents<'a, K, T>(
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
        documents.push(to_json(table, &key, &row.record)?);
        keys.push(key);
    }
    let row_count = keys.len();
    Ok(Insert { sql, values: vec![Box::new(keys), Box::new(versions), Box::new(documents)], row_count })
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
        checked(&rows, |object| signed("object", &object.id, "id", object.id.0))?,
        column(&rows, |object| object.world.to_string()),
        column(&rows, |object| object.kind.to_string()),
        column(&rows, |object| object.at.x),
        column(&rows, |object| object.at.y),
        checked(&rows, |object| signed("object", &object.id, "quantity", object.quantity.0))?,
    ];
    Ok(Insert { sql: OBJECTS, values, row_count: rows.len() })
}

fn delete_objects(batch: &Batch) -> Result<Insert, StoreError> {
    let ids: Vec<ObjectId> = batch.objects.iter().filter(|(_, row)| put(row).is_none()).map(|(id, _)| *id).collect();
    let values = vec![checked(&ids, |id| signed("object", id, "id", id.0))?];
    Ok(Insert { sql: OBJECTS_GONE, values, row_count: ids.len() })
}

fn put_outbox(batch: &Batch) -> Result<Insert, StoreError> {
    let rows: Vec<&OutboxRow> = batch.begun_transfers();
    let documents = rows.iter().map(|row| to_json("outbox", &row.id, &row.record)).collect::<Result<Vec<_>, _>>()?;
    let values = vec![column(&rows, |row| row.id.to_string()), Box::new(documents)];
    Ok(Insert { sql: OUTBOX, values, row_count: rows.len() })
}

fn delete_outbox(batch: &Batch) -> Insert {
    let gone = batch.outbox.iter().filter(|(_, row)| put(row).is_none());
    let ids: Vec<String> = gone.map(|(id, _)| id.to_string()).collect();
    Insert { sql: OUTBOX_GONE, row_count: ids.len(), values: vec![Box::new(ids)] }
}

/// The parts in one table that are there from now on, and those that are gone.
fn parts(
    batch: &Batch,
    table: PartTable,
    put_sql: &'static str,
    delete_sql: &'static str,
) -> Result<[Insert; 2], StoreError> {
    let (mut owners, mut ids, mut documents) = (Vec::new(), Vec::new(), Vec::new());
    let (mut gone_owners, mut gone_ids) = (Vec::new(), Vec::new());
    for (key, row) in batch.parts.iter().filter(|(key, _)| key.table == table) {
        let (owner, id) = (key.owner.to_string(), key.id.clone());
        if let Some(doc) = put(row) {
            documents.push(to_json(table.as_str(), &format_args!("{owner}/{id}"), doc)?);
            owners.push(owner);
            ids.push(id);
        } else {
            gone_owners.push(owner);
            gone_ids.push(id);
        }
    }
    let (count, gone_count) = (ids.len(), gone_ids.len());
    let values: Vec<Column> = vec![Box::new(owners), Box::new(ids), Box::new(documents)];
    let gone: Vec<Column> = vec![Box::new(gone_owners), Box::new(gone_ids)];
    Ok([
        Insert { sql: put_sql, values, row_count: count },
        Insert { sql: delete_sql, values: gone, row_count: gone_count },
    ])
}

fn lines(batch: &Batch, log: Log, sql: &'static str) -> Result<Insert, StoreError> {
    let rows: Vec<&LogRow> = batch.logs.iter().filter(|row| row.log == log).collect();
    let table = log.as_str();
    let values = vec![
        column(&rows, |row| row.stream.clone()),
        checked(&rows, |row| signed(table, &row.stream, "seq", row.seq))?,
        checked(&rows, |row| signed(table, &row.stream, "at_ms", row.at.0))?,
        checked(&rows, |row| to_json(table, &row.stream, &row.doc))?,
    ];
    Ok(Insert { sql, values, row_count: rows.len() })
}

fn commands(batch: &Batch) -> Result<Insert, StoreError> {
    let rows = &batch.commands;
    let answers = rows.iter().map(|row| to_json("command", &row.id, &row.answer)).collect::<Result<Vec<_>, _>>()?;
    let values = vec![
        column(rows, |row| row.player.0),
        checked(rows, |row| signed("command", &row.id, "id", row.id.0))?,
        column(rows, |row| row.fingerprint.cast_signed()),
        column(rows, |row| row.applied),
        Box::new(answers),
        checked(rows, |row| signed("command", &row.id, "at_ms", row.at.0))?,
    ];
    Ok(Insert { sql: COMMANDS, values, row_count: rows.len() })
}

fn ledger(batch: &Batch) -> Result<Insert, StoreError> {
    let rows = &batch.ledger;
    let command = |entry: &LedgerEntry| entry.command.map(|id| signed("ledger", &id, "command", id.0)).transpose();
    let values = vec![
        checked(rows, |entry| signed("ledger", &"new", "at_ms", entry.at.0))?,
        column(rows, |entry| entry.reason.as_str()),
        column(rows, |entry| entry.from.to_string()),
        column(rows, |entry| entry.to.to_string()),
        column(rows, |entry| entry.item.as_ref().map(ItemKey::to_string)),
        checked(rows, |entry| signed("ledger", &"new", "amount", entry.amount))?,
        checked(rows, command)?,
        column(rows, |entry| entry.transfer.as_ref().map(TransferId::to_string)),
    ];
    Ok(Insert { sql: LEDGER, values, row_count: rows.len() })
}

pub(super) fn put<T>(row: &Row<T>) -> Option<&T> {
    match row {
        Row::Put(row) => Some(row),
        Row::Delete => None,
    }
}

pub(super) fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Column
where
    Vec<T>: ToSql + Sync + Send + 'static,
{
    Box::new(rows.iter().map(value).collect::<Vec<T>>())
}

/// A column of values that may not fit into it.
pub(super) fn checked<R, T>(rows: &[R], value: impl Fn(&R) -> Result<T, StoreError>) -> Result<Column, StoreError>
where
    Vec<T>: ToSql + Sync + Send + 'static,
{
    Ok(Box::new(rows.iter().map(value).collect::<Result<Vec<T>, _>>()?))
}
