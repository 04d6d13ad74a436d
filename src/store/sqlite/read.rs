//! The reading side. Each function is called within a transaction of its own, so that it sees one moment.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::failure;
use crate::store::record::AccountRecord;
use crate::store::rows::{coordinate, corrupt, from_json, unsigned};
use crate::store::{
    BatchMark, CommandRow, ObjectRow, OutboxRow, REMEMBERED_PER_PLAYER, ShipRow, StoreError, StoredPlayer, StoredWorld,
    Versioned, whole_player,
};
use orrery_core::types::{CommandId, Millis, ObjectId, ObjectKindKey, PlayerId, Point, Quantity, TransferId, WorldKey};

pub(super) fn last_batch(connection: &Connection) -> Result<BatchMark, StoreError> {
    let mut statement = connection.prepare_cached("SELECT epoch, batch FROM node WHERE id = 1").map_err(failure)?;
    let stored = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(failure)?;
    let (epoch, batch) = stored.ok_or_else(|| corrupt("node", &1, &"it is missing"))?;
    Ok(BatchMark { epoch: unsigned("node", &1, "epoch", epoch)?, number: unsigned("node", &1, "batch", batch)? })
}

pub(super) fn load_player(connection: &Connection, id: PlayerId) -> Result<Option<StoredPlayer>, StoreError> {
    let account = document(connection, "account", "SELECT version, doc FROM account WHERE id = ?1", id)?;
    let player = document(connection, "player", "SELECT version, doc FROM player WHERE id = ?1", id)?;
    let Some((account, player)) = whole_player(id, account, player)? else { return Ok(None) };
    Ok(Some(StoredPlayer { account, player, ship: ship(connection, id)?, commands: commands(connection, id)? }))
}

pub(super) fn player_exists(connection: &Connection, id: PlayerId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM player WHERE id = ?1").map_err(failure)?;
    statement.exists([id.0.as_bytes()]).map_err(failure)
}

pub(super) fn account_by_name(
    connection: &Connection,
    name_key: &str,
) -> Result<Option<(PlayerId, AccountRecord)>, StoreError> {
    let sql = "SELECT id, doc FROM account WHERE name_key = ?1";
    let found = rows(connection, sql, [name_key], |row| {
        let id = player_id("account", &name_key, row)?;
        Ok((id, from_json("account", &id, &value::<String>("account", &id, row, 1)?)?))
    })?;
    Ok(found.into_iter().next())
}

pub(super) fn load_world(connection: &Connection, key: &WorldKey) -> Result<StoredWorld, StoreError> {
    let sql = "SELECT version, doc FROM world WHERE key = ?1";
    let world = rows(connection, sql, [key.as_str()], |row| versioned("world", key, row))?;
    let sql = "SELECT id, kind, x, y, quantity FROM object WHERE world = ?1 ORDER BY id";
    let objects = rows(connection, sql, [key.as_str()], |row| object(key, row))?;
    Ok(StoredWorld { world: world.into_iter().next(), objects })
}

pub(super) fn outbox(connection: &Connection) -> Result<Vec<OutboxRow>, StoreError> {
    rows(connection, "SELECT id, doc FROM outbox ORDER BY seq", [], |row| {
        let id = TransferId::from_stored(value("outbox", &"?", row, 0)?);
        let record = from_json("outbox", &id, &value::<String>("outbox", &id, row, 1)?)?;
        Ok(OutboxRow { id, record })
    })
}

fn document<T: DeserializeOwned>(
    connection: &Connection,
    table: &str,
    sql: &str,
    id: PlayerId,
) -> Result<Option<Versioned<T>>, StoreError> {
    let found = rows(connection, sql, [id.0.as_bytes()], |row| versioned(table, &id, row))?;
    Ok(found.into_iter().next())
}

/// A document, from the columns version and doc.
pub(super) fn versioned<T: DeserializeOwned>(
    table: &str,
    key: &dyn std::fmt::Display,
    row: &Row<'_>,
) -> Result<Versioned<T>, StoreError> {
    let version = unsigned(table, key, "version", value(table, key, row, 0)?)?;
    Ok(Versioned { version, record: from_json(table, key, &value::<String>(table, key, row, 1)?)? })
}

fn ship(connection: &Connection, player: PlayerId) -> Result<Option<ShipRow>, StoreError> {
    let sql = "SELECT world, x, y FROM ship WHERE player = ?1";
    let found = rows(connection, sql, [player.0.as_bytes()], |row| {
        let world: String = value("ship", &player, row, 0)?;
        let world = WorldKey::parse(&world).map_err(|error| corrupt("ship", &player, &error))?;
        Ok(ShipRow { player, world, at: point("ship", &player, row, 1)? })
    })?;
    Ok(found.into_iter().next())
}

fn commands(connection: &Connection, player: PlayerId) -> Result<Vec<CommandRow>, StoreError> {
    let sql = "SELECT id, fingerprint, applied, answer, at_ms FROM command WHERE player = ?1
        ORDER BY seq DESC LIMIT ?2";
    let mut newest_first = rows(connection, sql, params![player.0.as_bytes(), remembered()], |row| {
        let id = CommandId(unsigned("command", &player, "id", value("command", &player, row, 0)?)?);
        Ok(CommandRow {
            player,
            id,
            fingerprint: value::<i64>("command", &id, row, 1)?.cast_unsigned(),
            applied: value("command", &id, row, 2)?,
            answer: from_json("command", &id, &value::<String>("command", &id, row, 3)?)?,
            at: Millis(unsigned("command", &id, "at_ms", value("command", &id, row, 4)?)?),
        })
    })?;
    newest_first.reverse();
    Ok(newest_first)
}

fn object(world: &WorldKey, row: &Row<'_>) -> Result<ObjectRow, StoreError> {
    let id = ObjectId(unsigned("object", world, "id", value("object", world, row, 0)?)?);
    let kind: String = value("object", &id, row, 1)?;
    Ok(ObjectRow {
        id,
        world: world.clone(),
        kind: ObjectKindKey::parse(&kind).map_err(|error| corrupt("object", &id, &error))?,
        at: point("object", &id, row, 2)?,
        quantity: Quantity(unsigned("object", &id, "quantity", value("object", &id, row, 4)?)?),
    })
}

fn point(table: &str, key: &dyn std::fmt::Display, row: &Row<'_>, x_at: usize) -> Result<Point, StoreError> {
    let x = coordinate(table, key, "x", value(table, key, row, x_at)?)?;
    Ok(Point::new(x, coordinate(table, key, "y", value(table, key, row, x_at + 1)?)?))
}

fn remembered() -> i64 {
    i64::try_from(REMEMBERED_PER_PLAYER).unwrap_or(i64::MAX)
}

/// The player's id in a row's first column; `key` is what is known of the row besides.
pub(super) fn player_id(table: &str, key: &dyn std::fmt::Display, row: &Row<'_>) -> Result<PlayerId, StoreError> {
    let bytes: [u8; 16] = value(table, key, row, 0)?;
    Ok(PlayerId(Uuid::from_bytes(bytes)))
}

pub(super) fn value<T: FromSql>(
    table: &str,
    key: &dyn std::fmt::Display,
    row: &Row<'_>,
    column: usize,
) -> Result<T, StoreError> {
    row.get(column).map_err(|error| corrupt(table, key, &error))
}

pub(super) fn rows<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    each(connection, sql, values, |row| {
        found.push(read(row)?);
        Ok(())
    })?;
    Ok(found)
}

pub(super) fn each(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failure)?;
    let mut rows = statement.query(values).map_err(failure)?;
    while let Some(row) = rows.next().map_err(failure)? {
        read(row)?;
    }
    Ok(())
}
