//! What the operators' console reads.

use std::sync::LazyLock;

use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::failure::failure;
use super::parts::clamped;
use super::read::{document, number, snapshot, value, versioned};
use super::session::Session;
use crate::store::console::{AUDIT_COLUMNS, AuditColumns, LedgerColumns, Sought, held_before};
use crate::store::record::{OperatorRecord, PlayerRecord, SnapshotRecord};
use crate::store::rows::{corrupt, unsigned};
use crate::store::{
    AuditFilter, AuditLine, Counted, LedgerLine, PlayerLine, PlayerSearch, SnapshotRow, StoreError, StoreSize,
    TableSize, Versioned,
};
use orrery_core::game::conservation::Balance;
use orrery_core::types::{Account, Credits, ItemKey, Millis, OperatorId, PlayerId};

const OPERATORS: &str = "SELECT version, doc::text, id FROM operator ORDER BY id";
const CONSOLE_STATE: &str = "SELECT version, doc::text, key FROM console_state ORDER BY key COLLATE \"C\"";
const AUDIT: &str = "SELECT seq, at_ms, operator, operator_name, action, target, undoes, doc::text,
    (SELECT min(later.seq) FROM audit_log AS later WHERE later.undoes = audit_log.seq) FROM audit_log";
pub(super) const SNAPSHOT_AT: &str = "SELECT at_ms, doc::text FROM player_snapshot WHERE player = $1 AND at_ms <= $2
    ORDER BY at_ms DESC LIMIT 1";
pub(super) const SNAPSHOTS: &str = "SELECT at_ms FROM player_snapshot WHERE player = $1 AND at_ms < $2
    ORDER BY at_ms DESC LIMIT $3";
const LEDGER_AT: &str = "SELECT at_ms FROM ledger WHERE seq = $1";
/// Both sides by their own index; a row from an account to itself comes once.
pub(super) const LEDGER: &str =
    "SELECT seq, at_ms, reason, from_account, to_account, item, amount, command, transfer FROM (
        (SELECT * FROM ledger WHERE from_account = $1 AND (at_ms, seq) < ($2, $3)
            ORDER BY at_ms DESC, seq DESC LIMIT $4)
        UNION ALL
        (SELECT * FROM ledger WHERE to_account = $1 AND from_account <> $1 AND (at_ms, seq) < ($2, $3)
            ORDER BY at_ms DESC, seq DESC LIMIT $4)
    ) AS sides ORDER BY at_ms DESC, seq DESC LIMIT $4";
const PLAYER: &str = "SELECT doc::text FROM player WHERE id = $1";
pub(super) const MOVED_SINCE: &str = "SELECT item, sum(amount)::bigint FROM (
        SELECT item, amount FROM ledger WHERE to_account = $1 AND at_ms > $2
        UNION ALL
        SELECT item, -amount FROM ledger WHERE from_account = $1 AND at_ms > $2
    ) AS moved GROUP BY item";
const PLAYERS: &str = "SELECT a.id, a.name_key, a.doc ->> 'name', a.doc ->> 'password_hash' IS NULL,
    (a.doc ->> 'created_ms')::bigint, a.banned_until_ms, a.muted_until_ms, (p.doc ->> 'credits')::bigint
    FROM account AS a LEFT JOIN player AS p ON p.id = a.id";
/// What the database's own statistics say; -1 stands for a table that they do not know yet.
const SIZES: &str = "SELECT c.relname::text, greatest(c.reltuples::bigint, coalesce(s.n_live_tup, 0)),
    pg_total_relation_size(c.oid), pg_database_size(current_database())
    FROM pg_class AS c LEFT JOIN pg_stat_user_tables AS s ON s.relid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname";

/// The statements for each set of an [`AuditFilter`]'s columns.
static AUDIT_ENTRIES: LazyLock<Vec<String>> = LazyLock::new(|| (0..1 << AUDIT_COLUMNS.len()).map(audit_sql).collect());
static AUDIT_ENTRY: LazyLock<String> = LazyLock::new(|| format!("{AUDIT} WHERE seq = $1"));
static AUDIT_ON: LazyLock<String> =
    LazyLock::new(|| format!("{AUDIT} WHERE action = $1 AND target = ANY($2) ORDER BY seq"));
static PLAYER_BY_ID: LazyLock<String> = LazyLock::new(|| format!("{PLAYERS} WHERE a.id = $1 LIMIT $2"));
/// The statements for each kind of search by name: see [`search_at`].
static PLAYERS_BY_NAME: LazyLock<Vec<String>> = LazyLock::new(|| {
    let each = (0..8).map(|bits| search_sql(bits & 1 != 0, bits & 2 != 0, bits & 4 != 0));
    each.collect()
});

pub(super) fn audit_sql(columns: usize) -> String {
    let mut sql = format!("{AUDIT} WHERE seq < $1");
    let given = AUDIT_COLUMNS.iter().enumerate().filter(|(bit, _)| columns & (1 << bit) != 0);
    let mut count = 1;
    for (_, column) in given {
        count += 1;
        sql += &format!(" AND {column} = ${count}");
    }
    sql + &format!(" ORDER BY seq DESC LIMIT ${}", count + 1)
}

pub(super) fn search_sql(with_start: bool, banned: bool, muted: bool) -> String {
    let from = if with_start { ">=" } else { ">" };
    let banned = if banned { " AND a.banned_until_ms > $4" } else { "" };
    let muted = if muted { " AND a.muted_until_ms > $4" } else { "" };
    format!(
        "{PLAYERS} WHERE a.name_key COLLATE \"C\" {from} $1 AND a.name_key COLLATE \"C\" < $2{banned}{muted}
         ORDER BY a.name_key COLLATE \"C\" LIMIT $3"
    )
}

fn search_at(with_start: bool, banned: bool, muted: bool) -> usize {
    usize::from(with_start) | usize::from(banned) << 1 | usize::from(muted) << 2
}

async fn rows(
    session: &mut Session,
    sql: &'static str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, StoreError> {
    session.prepare(&[sql]).await?;
    let statement = session.statement(sql)?;
    session.client.query(&statement, values).await.map_err(failure)
}

pub(super) async fn operators(
    session: &mut Session,
) -> Result<Vec<(OperatorId, Versioned<OperatorRecord>)>, StoreError> {
    let found = rows(session, OPERATORS, &[]).await?;
    let operators = found.iter().map(|row| {
        let id = OperatorId(value("operator", &"?", row, 2)?);
        Ok((id, versioned("operator", &id, row)?))
    });
    operators.collect()
}

pub(super) async fn console_state(session: &mut Session) -> Result<Vec<(String, Versioned<Value>)>, StoreError> {
    let found = rows(session, CONSOLE_STATE, &[]).await?;
    let states = found.iter().map(|row| {
        let key: String = value("console_state", &"?", row, 2)?;
        let state = versioned("console_state", &key, row)?;
        Ok((key, state))
    });
    states.collect()
}

pub(super) async fn audit_entries(
    session: &mut Session,
    filter: AuditFilter,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<AuditLine>, StoreError> {
    if filter.is_impossible() {
        return Ok(Vec::new());
    }
    let (before, limit) = (before.map_or(i64::MAX, clamped), clamped(limit as u64));
    let (operator, undoes) = (filter.operator.map(|id| id.0), filter.undoes.map(clamped));
    let given: [&(dyn ToSql + Sync); 4] = [&operator, &filter.action, &filter.target, &undoes];
    let used = given.into_iter().enumerate().filter(|(bit, _)| filter.columns() & (1 << bit) != 0);
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&before];
    values.extend(used.map(|(_, value)| value));
    values.push(&limit);
    let Some(sql) = AUDIT_ENTRIES.get(filter.columns()) else { return Ok(Vec::new()) };
    rows(session, sql, &values).await?.iter().map(audit_line).collect()
}

pub(super) async fn audit_entry(session: &mut Session, seq: u64) -> Result<Option<AuditLine>, StoreError> {
    let found = rows(session, &AUDIT_ENTRY, &[&clamped(seq)]).await?;
    found.first().map(audit_line).transpose()
}

pub(super) async fn audit_on(
    session: &mut Session,
    action: String,
    targets: Vec<String>,
) -> Result<Vec<AuditLine>, StoreError> {
    rows(session, &AUDIT_ON, &[&action, &targets]).await?.iter().map(audit_line).collect()
}

fn audit_line(row: &Row) -> Result<AuditLine, StoreError> {
    let table = "audit_log";
    let seq = number(table, &"?", "seq", row, 0)?;
    let columns = AuditColumns {
        seq,
        at: Millis(number(table, &seq, "at_ms", row, 1)?),
        operator: OperatorId(value(table, &seq, row, 2)?),
        operator_name: value(table, &seq, row, 3)?,
        action: value(table, &seq, row, 4)?,
        target: value(table, &seq, row, 5)?,
        undoes: maybe(table, &seq, "undoes", row, 6)?,
        undone_by: maybe(table, &seq, "seq", row, 8)?,
    };
    Ok(columns.with(document(table, &seq, row, 7)?))
}

fn maybe(
    table: &str,
    key: &dyn std::fmt::Display,
    name: &str,
    row: &Row,
    column: usize,
) -> Result<Option<u64>, StoreError> {
    let stored: Option<i64> = value(table, key, row, column)?;
    stored.map(|stored| unsigned(table, key, name, stored)).transpose()
}

pub(super) async fn snapshot_at(
    session: &mut Session,
    player: PlayerId,
    at: Millis,
) -> Result<Option<SnapshotRow>, StoreError> {
    let found = rows(session, SNAPSHOT_AT, &[&player.0, &clamped(at.0)]).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let at = Millis(number("player_snapshot", &player, "at_ms", row, 0)?);
    let SnapshotRecord::V1 { account_name, player: record } = document("player_snapshot", &player, row, 1)?;
    Ok(Some(SnapshotRow { player, at, account_name, record }))
}

pub(super) async fn snapshots(
    session: &mut Session,
    player: PlayerId,
    before: Option<Millis>,
    limit: usize,
) -> Result<Vec<Millis>, StoreError> {
    let before = before.map_or(i64::MAX, |before| clamped(before.0));
    let found = rows(session, SNAPSHOTS, &[&player.0, &before, &clamped(limit as u64)]).await?;
    found.iter().map(|row| number("player_snapshot", &player, "at_ms", row, 0).map(Millis)).collect()
}

pub(super) async fn ledger(
    session: &mut Session,
    account: Account,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<LedgerLine>, StoreError> {
    let seq = before.map_or(i64::MAX, clamped);
    let at = match before {
        None => i64::MAX,
        Some(_) => match rows(session, LEDGER_AT, &[&seq]).await?.first() {
            Some(row) => value("ledger", &seq, row, 0)?,
            None => return Ok(Vec::new()),
        },
    };
    let values: [&(dyn ToSql + Sync); 4] = [&account.to_string(), &at, &seq, &clamped(limit as u64)];
    rows(session, LEDGER, &values).await?.iter().map(ledger_line).collect()
}

fn ledger_line(row: &Row) -> Result<LedgerLine, StoreError> {
    let table = "ledger";
    let seq = number(table, &"?", "seq", row, 0)?;
    let columns = LedgerColumns {
        seq,
        at: Millis(number(table, &seq, "at_ms", row, 1)?),
        reason: value(table, &seq, row, 2)?,
        from: value(table, &seq, row, 3)?,
        to: value(table, &seq, row, 4)?,
        item: value(table, &seq, row, 5)?,
        amount: number(table, &seq, "amount", row, 6)?,
        command: maybe(table, &seq, "command", row, 7)?,
        transfer: value(table, &seq, row, 8)?,
    };
    columns.line()
}

pub(super) async fn holdings_at(
    session: &mut Session,
    player: PlayerId,
    at: Millis,
) -> Result<Option<Balance>, StoreError> {
    let (snapshot, [today, moved]) = snapshot(session, [PLAYER, MOVED_SINCE]).await?;
    let Some(row) = snapshot.query_opt(&today, &[&player.0]).await.map_err(failure)? else { return Ok(None) };
    let record: PlayerRecord = document("player", &player, &row, 0)?;
    let account = Account::from(player).to_string();
    let mut since = Vec::new();
    for row in snapshot.query(&moved, &[&account, &clamped(at.0)]).await.map_err(failure)? {
        let item: Option<&str> = value("ledger", &account, &row, 0)?;
        let item = item.map(ItemKey::parse).transpose().map_err(|error| corrupt("ledger", &account, &error))?;
        since.push((item, value::<i64>("ledger", &account, &row, 1)?));
    }
    Ok(Some(held_before(Balance::from(&record.into_player(player).holdings()), since)))
}

pub(super) async fn search_players(
    session: &mut Session,
    search: PlayerSearch,
    after: Option<String>,
    limit: usize,
) -> Result<Vec<PlayerLine>, StoreError> {
    let (now, limit) = (clamped(search.now.0), clamped(limit as u64));
    match search.sought(after.as_deref()) {
        Sought::Nobody => Ok(Vec::new()),
        Sought::One(id) => {
            let found = rows(session, &PLAYER_BY_ID, &[&id.0, &limit]).await?;
            let mut found = found.iter().map(player_line).collect::<Result<Vec<_>, _>>()?;
            found.retain(|line| search.keeps(line, after.as_deref()));
            Ok(found)
        }
        Sought::Named { start, with_start, end } => {
            let at = search_at(with_start, search.banned, search.muted);
            let Some(sql) = PLAYERS_BY_NAME.get(at) else { return Ok(Vec::new()) };
            let mut values: Vec<&(dyn ToSql + Sync)> = vec![&start, &end, &limit];
            if search.banned || search.muted {
                values.push(&now);
            }
            rows(session, sql, &values).await?.iter().map(player_line).collect()
        }
    }
}

fn player_line(row: &Row) -> Result<PlayerLine, StoreError> {
    let id = PlayerId(value("account", &"?", row, 0)?);
    Ok(PlayerLine {
        id,
        name_key: value("account", &id, row, 1)?,
        name: value("account", &id, row, 2)?,
        guest: value("account", &id, row, 3)?,
        created: Millis(maybe("account", &id, "created_ms", row, 4)?.unwrap_or_default()),
        banned_until: maybe("account", &id, "banned_until_ms", row, 5)?.map(Millis),
        muted_until: maybe("account", &id, "muted_until_ms", row, 6)?.map(Millis),
        credits: maybe("player", &id, "credits", row, 7)?.map(Credits),
    })
}

pub(super) async fn table_sizes(session: &mut Session) -> Result<StoreSize, StoreError> {
    let mut size = StoreSize::default();
    for row in rows(session, SIZES, &[]).await? {
        let table: String = value("pg_class", &"?", &row, 0)?;
        let count: i64 = value("pg_class", &table, &row, 1)?;
        let bytes = number("pg_class", &table, "bytes", &row, 2)?;
        size.bytes = Some(number("pg_class", &table, "bytes", &row, 3)?);
        let rows = u64::try_from(count).unwrap_or(0);
        size.tables.push(TableSize { table, rows, counted: Counted::Estimate, bytes: Some(bytes) });
    }
    Ok(size)
}
