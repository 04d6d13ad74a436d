//! What reads whole tables: `export`, audits, and every player at the start.

use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::failure::failure;
use super::parts::{clamped, part};
use super::read::{LAST_BATCH, OUTBOX, document, mark_of, number, outbox_of, snapshot, value};
use super::session::Session;
use crate::store::auditing::Auditing;
use crate::store::exporting::Exporting;
use crate::store::record::{AccountRecord, PlayerRecord};
use crate::store::{AuditFacts, AuditScope, Export, OutboxRow, StoreError};
use orrery_core::game::PartTable;
use orrery_core::types::{CommandId, PlayerId, TransferId};

/// What the ledger after a row adds up to, by account and item.
const LEDGER_SUMS: &str = "SELECT account, item, sum(amount)::bigint FROM (
        SELECT to_account AS account, item, amount FROM ledger WHERE seq > $1
        UNION ALL
        SELECT from_account, item, -amount FROM ledger WHERE seq > $1
    ) AS moved GROUP BY account, item";
/// What was collected before 0.2 came straight from space.
const ARRIVALS: &str = "SELECT DISTINCT to_account, transfer FROM ledger
    WHERE transfer IS NOT NULL AND from_account IN ('transit', 'space')";

pub(super) async fn all_players(session: &mut Session) -> Result<Vec<(PlayerId, String, PlayerRecord)>, StoreError> {
    let snapshot = whole_tables(session).await?;
    let sql = "SELECT player.id, player.doc::text, account.doc::text FROM player
        JOIN account ON account.id = player.id ORDER BY player.id";
    let rows = snapshot.query(sql, &[]).await.map_err(failure)?;
    let named = rows.iter().map(|row| {
        let (id, record) = player(row)?;
        let account: AccountRecord = document("account", &id, row, 2)?;
        Ok((id, account.name().to_owned(), record))
    });
    named.collect()
}

pub(super) async fn audit(session: &mut Session, scope: AuditScope) -> Result<AuditFacts, StoreError> {
    let snapshot = whole_tables(session).await?;
    let mut auditing = Auditing::new(scope);
    let last = snapshot.query_one("SELECT coalesce(max(seq), 0) FROM ledger", &[]).await.map_err(failure)?;
    auditing.last_row(number("ledger", &"last", "seq", &last, 0)?);
    let after = clamped(auditing.after());
    sums(&snapshot, after, |account, item, sum| auditing.moved(account, item, sum)).await?;
    audit_players(&snapshot, &mut auditing).await?;
    audit_parts(&snapshot, &mut auditing).await?;
    Ok(auditing.finish(outbox(&snapshot).await?))
}

async fn audit_players(snapshot: &Transaction<'_>, auditing: &mut Auditing) -> Result<(), StoreError> {
    let sql = "SELECT id, doc::text FROM player WHERE $1::uuid[] IS NULL OR id = ANY ($1)";
    let named = auditing.named_players().map(|named| named.into_iter().map(|id| id.0).collect::<Vec<Uuid>>());
    for row in snapshot.query(sql, &[&named]).await.map_err(failure)? {
        let (id, record) = player(&row)?;
        auditing.player(id, record);
    }
    let Some((resting, max)) = auditing.resting() else { return Ok(()) };
    let sql = "SELECT id, doc::text FROM player WHERE id > $1 ORDER BY id LIMIT $2";
    let resting = resting.map_or(Uuid::nil(), |id| id.0);
    let rows = snapshot.query(sql, &[&resting, &clamped(max as u64)]).await.map_err(failure)?;
    for (count, row) in rows.iter().enumerate() {
        let (id, record) = player(row)?;
        auditing.resting_player(id, record, count + 1 == max);
    }
    Ok(())
}

async fn audit_parts(snapshot: &Transaction<'_>, auditing: &mut Auditing) -> Result<(), StoreError> {
    let owners = auditing.named_owners();
    let owners: Option<Vec<String>> = owners.map(|owners| owners.iter().map(ToString::to_string).collect());
    for table in PartTable::ALL {
        let sql =
            format!("SELECT owner, id, doc::text FROM {} WHERE $1::text[] IS NULL OR owner = ANY ($1)", table.as_str());
        for row in snapshot.query(&sql, &[&owners]).await.map_err(failure)? {
            let (key, doc) = part(*table, &row)?;
            auditing.part(key, doc);
        }
    }
    Ok(())
}

pub(super) async fn export(session: &mut Session) -> Result<Export, StoreError> {
    let snapshot = whole_tables(session).await?;
    let mut exporting = Exporting::default();
    export_players(&snapshot, &mut exporting).await?;
    sums(&snapshot, 0, |account, item, sum| exporting.moved(account, item, sum)).await?;
    export_ids(&snapshot, &mut exporting).await?;
    for table in PartTable::ALL {
        let sql = format!("SELECT owner, id, doc::text FROM {}", table.as_str());
        for row in snapshot.query(&sql, &[]).await.map_err(failure)? {
            let (key, doc) = part(*table, &row)?;
            exporting.part(&key, doc);
        }
    }
    let outbox = outbox(&snapshot).await?;
    let objects = snapshot.query_one("SELECT count(*) FROM object", &[]).await.map_err(failure)?;
    let objects: i64 = value("object", &"count", &objects, 0)?;
    let mark = mark_of(snapshot.query_opt(LAST_BATCH, &[]).await.map_err(failure)?)?;
    Ok(exporting.finish(mark, outbox.into_iter().map(|row| row.id).collect(), objects.unsigned_abs()))
}

async fn export_players(snapshot: &Transaction<'_>, exporting: &mut Exporting) -> Result<(), StoreError> {
    for row in snapshot.query("SELECT id, doc::text FROM account", &[]).await.map_err(failure)? {
        let id = PlayerId(value("account", &"?", &row, 0)?);
        exporting.account(id, &document("account", &id, &row, 1)?);
    }
    for row in snapshot.query("SELECT id, doc::text FROM player", &[]).await.map_err(failure)? {
        let (id, record) = player(&row)?;
        exporting.player(id, record);
    }
    Ok(())
}

async fn export_ids(snapshot: &Transaction<'_>, exporting: &mut Exporting) -> Result<(), StoreError> {
    for row in snapshot.query("SELECT player, id FROM command WHERE applied", &[]).await.map_err(failure)? {
        let id = PlayerId(value("command", &"?", &row, 0)?);
        exporting.command(id, CommandId(number("command", &id, "id", &row, 1)?));
    }
    for row in snapshot.query(ARRIVALS, &[]).await.map_err(failure)? {
        let account: &str = value("ledger", &"?", &row, 0)?;
        exporting.transfer(account, TransferId::from_stored(value("ledger", &account, &row, 1)?))?;
    }
    Ok(())
}

/// Begins a transaction that sees one moment and may take its time: its end resets the limit.
async fn whole_tables(session: &mut Session) -> Result<Transaction<'_>, StoreError> {
    let (snapshot, []) = snapshot(session, []).await?;
    snapshot.batch_execute("SET LOCAL statement_timeout = 0").await.map_err(failure)?;
    Ok(snapshot)
}

async fn sums(
    snapshot: &Transaction<'_>,
    after: i64,
    mut read: impl FnMut(&str, Option<&str>, i64) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for row in snapshot.query(LEDGER_SUMS, &[&after]).await.map_err(failure)? {
        let account: &str = value("ledger", &"?", &row, 0)?;
        read(account, value("ledger", &account, &row, 1)?, value("ledger", &account, &row, 2)?)?;
    }
    Ok(())
}

async fn outbox(snapshot: &Transaction<'_>) -> Result<Vec<OutboxRow>, StoreError> {
    let rows = snapshot.query(OUTBOX, &[]).await.map_err(failure)?;
    rows.iter().map(outbox_of).collect()
}

/// A player, from the columns id and doc.
fn player(row: &Row) -> Result<(PlayerId, PlayerRecord), StoreError> {
    let id = PlayerId(value("player", &"?", row, 0)?);
    Ok((id, document("player", &id, row, 1)?))
}
