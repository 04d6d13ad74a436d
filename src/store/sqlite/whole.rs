//! What reads whole tables: `export`, audits, and every player at the start.

use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::failure;
use super::parts::{clamped, part};
use super::read::{each, last_batch, outbox, player_id, rows, value};
use crate::store::auditing::Auditing;
use crate::store::exporting::Exporting;
use crate::store::record::{AccountRecord, PlayerRecord};
use crate::store::rows::{from_json, unsigned};
use crate::store::{AuditFacts, AuditScope, Export, StoreError};
use orrery_core::game::PartTable;
use orrery_core::types::{CommandId, PlayerId, TransferId};

/// What the ledger after a row adds up to, by account and item.
const LEDGER_SUMS: &str = "SELECT account, item, sum(amount) FROM (
        SELECT to_account AS account, item, amount FROM ledger WHERE seq > ?1
        UNION ALL
        SELECT from_account, item, -amount FROM ledger WHERE seq > ?1
    ) GROUP BY account, item";
/// What was collected before 0.2 came straight from space.
const ARRIVALS: &str = "SELECT DISTINCT to_account, transfer FROM ledger
    WHERE transfer IS NOT NULL AND from_account IN ('transit', 'space')";

pub(super) fn all_players(connection: &Connection) -> Result<Vec<(PlayerId, String, PlayerRecord)>, StoreError> {
    let sql = "SELECT player.id, player.doc, account.doc FROM player JOIN account ON account.id = player.id
        ORDER BY player.id";
    rows(connection, sql, [], |row| {
        let (id, record) = player(row)?;
        let account: AccountRecord = from_json("account", &id, &value::<String>("account", &id, row, 2)?)?;
        Ok((id, account.name().to_owned(), record))
    })
}

pub(super) fn audit(connection: &Connection, scope: AuditScope) -> Result<AuditFacts, StoreError> {
    let mut auditing = Auditing::new(scope);
    let sql = "SELECT coalesce(max(seq), 0) FROM ledger";
    let last: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(failure)?;
    auditing.last_row(unsigned("ledger", &"last", "seq", last)?);
    let after = clamped(auditing.after());
    sums(connection, after, |account, item, sum| auditing.moved(account, item, sum))?;
    audit_players(connection, &mut auditing)?;
    audit_parts(connection, &mut auditing)?;
    Ok(auditing.finish(outbox(connection)?))
}

fn audit_players(connection: &Connection, auditing: &mut Auditing) -> Result<(), StoreError> {
    let Some(named) = auditing.named_players() else {
        return each(connection, "SELECT id, doc FROM player", [], |row| {
            let (id, record) = player(row)?;
            auditing.player(id, record);
            Ok(())
        });
    };
    for id in named {
        each(connection, "SELECT id, doc FROM player WHERE id = ?1", [id.0.as_bytes()], |row| {
            auditing.player(id, player(row)?.1);
            Ok(())
        })?;
    }
    let Some((resting, max)) = auditing.resting() else { return Ok(()) };
    let sql = "SELECT id, doc FROM player WHERE id > ?1 ORDER BY id LIMIT ?2";
    let resting = resting.map_or(Uuid::nil(), |id| id.0);
    let mut count = 0;
    each(connection, sql, params![resting.as_bytes(), clamped(max as u64)], |row| {
        let (id, record) = player(row)?;
        count += 1;
        auditing.resting_player(id, record, count == max);
        Ok(())
    })
}

fn audit_parts(connection: &Connection, auditing: &mut Auditing) -> Result<(), StoreError> {
    let owners = auditing.named_owners();
    for table in PartTable::ALL {
        let all = format!("SELECT owner, id, doc FROM {}", table.as_str());
        let mut read = |row: &Row<'_>| {
            let (key, doc) = part(*table, row)?;
            auditing.part(key, doc);
            Ok(())
        };
        match &owners {
            None => each(connection, &all, [], &mut read)?,
            Some(owners) => {
                let one = format!("{all} WHERE owner = ?1");
                for owner in owners {
                    each(connection, &one, [owner.to_string()], &mut read)?;
                }
            }
        }
    }
    Ok(())
}

pub(super) fn export(connection: &Connection) -> Result<Export, StoreError> {
    let mut exporting = Exporting::default();
    each(connection, "SELECT id, doc FROM account", [], |row| {
        let id = player_id("account", &"?", row)?;
        exporting.account(id, &from_json("account", &id, &value::<String>("account", &id, row, 1)?)?);
        Ok(())
    })?;
    each(connection, "SELECT id, doc FROM player", [], |row| {
        let (id, record) = player(row)?;
        exporting.player(id, record);
        Ok(())
    })?;
    sums(connection, 0, |account, item, sum| exporting.moved(account, item, sum))?;
    export_ids(connection, &mut exporting)?;
    for table in PartTable::ALL {
        each(connection, &format!("SELECT owner, id, doc FROM {}", table.as_str()), [], |row| {
            let (key, doc) = part(*table, row)?;
            exporting.part(&key, doc);
            Ok(())
        })?;
    }
    let outbox = outbox(connection)?.into_iter().map(|row| row.id).collect();
    let objects: i64 = connection.query_row("SELECT count(*) FROM object", [], |row| row.get(0)).map_err(failure)?;
    Ok(exporting.finish(last_batch(connection)?, outbox, objects.unsigned_abs()))
}

fn export_ids(connection: &Connection, exporting: &mut Exporting) -> Result<(), StoreError> {
    each(connection, "SELECT player, id FROM command WHERE applied", [], |row| {
        let id = player_id("command", &"?", row)?;
        exporting.command(id, CommandId(unsigned("command", &id, "id", value("command", &id, row, 1)?)?));
        Ok(())
    })?;
    each(connection, ARRIVALS, [], |row| {
        let account: String = value("ledger", &"?", row, 0)?;
        exporting.transfer(&account, TransferId::from_stored(value("ledger", &account, row, 1)?))
    })
}

fn sums(
    connection: &Connection,
    after: i64,
    mut read: impl FnMut(&str, Option<&str>, i64) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    each(connection, LEDGER_SUMS, [after], |row| {
        let account: String = value("ledger", &"?", row, 0)?;
        let item: Option<String> = value("ledger", &account, row, 1)?;
        read(&account, item.as_deref(), value("ledger", &account, row, 2)?)
    })
}

/// A player, from the columns id and doc.
fn player(row: &Row<'_>) -> Result<(PlayerId, PlayerRecord), StoreError> {
    let id = player_id("player", &"?", row)?;
    Ok((id, from_json("player", &id, &value::<String>("player", &id, row, 1)?)?))
}
