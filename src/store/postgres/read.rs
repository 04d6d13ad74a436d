//! The reading side. What reads more than one table does so in one snapshot.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use tokio_postgres::types::FromSql;
use tokio_postgres::{IsolationLevel, Row, Statement, Transaction};

use super::failure::{describe, failure};
use super::session::Session;
use crate::store::record::AccountRecord;
use crate::store::rows::{corrupt, from_json, unsigned};
use crate::store::{
    BatchMark, CommandRow, ObjectRow, OutboxRow, REMEMBERED_PER_PLAYER, ShipRow, StoreError, StoredPlayer, StoredWorld,
    Versioned, whole_player,
};
use orrery_core::types::{CommandId, Millis, ObjectId, ObjectKindKey, PlayerId, Point, Quantity, TransferId, WorldKey};

pub(super) const LAST_BATCH: &str = "SELECT epoch, batch FROM node WHERE id = 1";
const ACCOUNT: &str = "SELECT version, doc::text FROM account WHERE id = $1";
const ACCOUNT_BY_NAME: &str = "SELECT id, doc::text FROM account WHERE name_key = $1";
const PLAYER: &str = "SELECT version, doc::text FROM player WHERE id = $1";
const SHIP: &str = "SELECT world, x, y FROM ship WHERE player = $1";
const COMMANDS: &str = "SELECT id, fingerprint, applied, answer, at_ms FROM command WHERE player = $1
    ORDER BY seq DESC LIMIT $2";
const EXISTS: &str = "SELECT 1 FROM player WHERE id = $1";
const WORLD: &str = "SELECT version, doc::text FROM world WHERE key = $1";
const OBJECTS: &str = "SELECT id, kind, x, y, quantity FROM object WHERE world = $1 ORDER BY id";
pub(super) const OUTBOX: &str = "SELECT id, doc::text FROM outbox ORDER BY seq";

pub(super) async fn ping(session: &mut Session) -> Result<(), StoreError> {
    session.client.simple_query("SELECT 1").await.map(drop).map_err(failure)
}

pub(super) async fn last_batch(session: &mut Session) -> Result<BatchMark, StoreError> {
    session.prepare(&[LAST_BATCH]).await?;
    let statement = session.statement(LAST_BATCH)?;
    mark_of(session.client.query_opt(&statement, &[]).await.map_err(failure)?)
}

pub(super) async fn load_player(session: &mut Session, id: PlayerId) -> Result<Option<StoredPlayer>, StoreError> {
    let (snapshot, statements) = snapshot(session, [ACCOUNT, PLAYER, SHIP, COMMANDS]).await?;
    let [account, player, ship, commands] = &statements;
    let account = snapshot.query_opt(account, &[&id.0]).await.map_err(failure)?;
    let account = account.map(|row| versioned("account", &id, &row)).transpose()?;
    let player = snapshot.query_opt(player, &[&id.0]).await.map_err(failure)?;
    let player = player.map(|row| versioned("player", &id, &row)).transpose()?;
    let Some((account, player)) = whole_player(id, account, player)? else { return Ok(None) };
    let ship = snapshot.query_opt(ship, &[&id.0]).await.map_err(failure)?;
    let remembered = i64::try_from(REMEMBERED_PER_PLAYER).unwrap_or(i64::MAX);
    let commands = snapshot.query(commands, &[&id.0, &remembered]).await.map_err(failure)?;
    Ok(Some(StoredPlayer {
        account,
        player,
        ship: ship.map(|row| ship_of(id, &row)).transpose()?,
        commands: commands.iter().rev().map(|row| command_of(id, row)).collect::<Result<_, _>>()?,
    }))
}

pub(super) async fn player_exists(session: &mut Session, id: PlayerId) -> Result<bool, StoreError> {
    session.prepare(&[EXISTS]).await?;
    let statement = session.statement(EXISTS)?;
    session.client.query_opt(&statement, &[&id.0]).await.map(|row| row.is_some()).map_err(failure)
}

pub(super) async fn account_by_name(
    session: &mut Session,
    name_key: String,
) -> Result<Option<(PlayerId, AccountRecord)>, StoreError> {
    session.prepare(&[ACCOUNT_BY_NAME]).await?;
    let statement = session.statement(ACCOUNT_BY_NAME)?;
    let Some(row) = session.client.query_opt(&statement, &[&name_key]).await.map_err(failure)? else {
        return Ok(None);
    };
    let id = PlayerId(value("account", &name_key, &row, 0)?);
    Ok(Some((id, document("account", &id, &row, 1)?)))
}

pub(super) async fn load_world(session: &mut Session, key: WorldKey) -> Result<StoredWorld, StoreError> {
    let (snapshot, [world, objects]) = snapshot(session, [WORLD, OBJECTS]).await?;
    let world = snapshot.query_opt(&world, &[&key.as_str()]).await.map_err(failure)?;
    let objects = snapshot.query(&objects, &[&key.as_str()]).await.map_err(failure)?;
    Ok(StoredWorld {
        world: world.map(|row| versioned("world", &key, &row)).transpose()?,
        objects: objects.iter().map(|row| object_of(&key, row)).collect::<Result<_, _>>()?,
    })
}

pub(super) async fn outbox(session: &mut Session) -> Result<Vec<OutboxRow>, StoreError> {
    session.prepare(&[OUTBOX]).await?;
    let statement = session.statement(OUTBOX)?;
    let rows = session.client.query(&statement, &[]).await.map_err(failure)?;
    rows.iter().map(outbox_of).collect()
}

/// Begins a transaction that sees one moment, with its statements prepared.
pub(super) async fn snapshot<'a, const N: usize>(
    session: &'a mut Session,
    texts: [&'static str; N],
) -> Result<(Transaction<'a>, [Statement; N]), StoreError> {
    session.prepare(&texts).await?;
    let mut statements = Vec::with_capacity(N);
    for text in texts {
        statements.push(session.statement(text)?);
    }
    let statements = statements.try_into().map_err(|_| StoreError::Refused("not all prepared".to_owned()))?;
    let builder = session.client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    Ok((builder.start().await.map_err(failure)?, statements))
}

pub(super) fn mark_of(row: Option<Row>) -> Result<BatchMark, StoreError> {
    let row = row.ok_or_else(|| corrupt("node", &1, &"it is missing"))?;
    Ok(BatchMark { epoch: number("node", &1, "epoch", &row, 0)?, number: number("node", &1, "batch", &row, 1)? })
}

fn ship_of(player: PlayerId, row: &Row) -> Result<ShipRow, StoreError> {
    let world: String = value("ship", &player, row, 0)?;
    let world = WorldKey::parse(&world).map_err(|error| corrupt("ship", &player, &error))?;
    Ok(ShipRow { player, world, at: Point::new(value("ship", &player, row, 1)?, value("ship", &player, row, 2)?) })
}

fn command_of(player: PlayerId, row: &Row) -> Result<CommandRow, StoreError> {
    let id = CommandId(number("command", &player, "id", row, 0)?);
    Ok(CommandRow {
        player,
        id,
        fingerprint: value::<i64>("command", &id, row, 1)?.cast_unsigned(),
        applied: value("command", &id, row, 2)?,
        answer: from_json("command", &id, value("command", &id, row, 3)?)?,
        at: Millis(number("command", &id, "at_ms", row, 4)?),
    })
}

fn object_of(world: &WorldKey, row: &Row) -> Result<ObjectRow, StoreError> {
    let id = ObjectId(number("object", world, "id", row, 0)?);
    let kind: String = value("object", &id, row, 1)?;
    Ok(ObjectRow {
        id,
        world: world.clone(),
        kind: ObjectKindKey::parse(&kind).map_err(|error| corrupt("object", &id, &error))?,
        at: Point::new(value("object", &id, row, 2)?, value("object", &id, row, 3)?),
        quantity: Quantity(number("object", &id, "quantity", row, 4)?),
    })
}

pub(super) fn outbox_of(row: &Row) -> Result<OutboxRow, StoreError> {
    let id = TransferId::from_stored(value("outbox", &"?", row, 0)?);
    let record = document("outbox", &id, row, 1)?;
    Ok(OutboxRow { id, record })
}

/// A document, from the columns version and doc.
pub(super) fn versioned<T: DeserializeOwned>(
    table: &str,
    key: &dyn Display,
    row: &Row,
) -> Result<Versioned<T>, StoreError> {
    Ok(Versioned { version: number(table, key, "version", row, 0)?, record: document(table, key, row, 1)? })
}

pub(super) fn document<T: DeserializeOwned>(
    table: &str,
    key: &dyn Display,
    row: &Row,
    column: usize,
) -> Result<T, StoreError> {
    from_json(table, key, value(table, key, row, column)?)
}

pub(super) fn number(table: &str, key: &dyn Display, name: &str, row: &Row, column: usize) -> Result<u64, StoreError> {
    unsigned(table, key, name, value(table, key, row, column)?)
}

pub(super) fn value<'a, T: FromSql<'a>>(
    table: &str,
    key: &dyn Display,
    row: &'a Row,
    column: usize,
) -> Result<T, StoreError> {
    row.try_get(column).map_err(|error| corrupt(table, key, &describe(&error)))
}
