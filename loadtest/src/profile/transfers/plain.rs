//! The plain client: `pgbench` with a transaction per transfer (two updates, two inserts into a ledger), 64
//! connections, prepared statements, on tables of its own in the same PostgreSQL.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, anyhow, bail};
use serde::Serialize;

use super::{CLIENTS, HOT_ACCOUNTS, HOT_PERCENT, TransferOptions};

const SCHEMA: &str = "plain_transfers";

/// What pgbench measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PlainFigures {
    /// Transactions a second.
    pub transfers_per_second: f64,
    /// A transaction's mean, in ms.
    pub latency_mean_ms: f64,
}

/// Makes its tables, measures, and drops them.
///
/// # Errors
/// There is no `psql` or `pgbench`, or it fails.
pub(super) fn run(url: &str, options: &TransferOptions) -> anyhow::Result<PlainFigures> {
    // libpq knows no other parameters than its own.
    let url = url.split('?').next().unwrap_or(url);
    eprintln!("the plain client on the same PostgreSQL");
    psql(url, &tables(options.accounts))?;
    let measured = bench(url, options);
    psql(url, &format!("DROP SCHEMA {SCHEMA} CASCADE;"))?;
    measured
}

fn tables(accounts: usize) -> String {
    format!(
        "DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA};
         CREATE TABLE {SCHEMA}.account (id bigint PRIMARY KEY, credits bigint NOT NULL);
         CREATE TABLE {SCHEMA}.ledger (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), transfer text
             NOT NULL, account bigint NOT NULL, amount bigint NOT NULL);
         CREATE INDEX ON {SCHEMA}.ledger (account, id);
         INSERT INTO {SCHEMA}.account SELECT n, 1000000 FROM generate_series(1, {accounts}) n;
         ANALYZE {SCHEMA}.account;"
    )
}

/// Accounts are updated in the order of their ids, as a careful client does it: nothing deadlocks.
fn script(options: &TransferOptions) -> String {
    let accounts = options.accounts;
    let even = format!("random(1, {accounts})");
    let to = if options.hot_spot {
        format!("case when random(1, 100) <= {HOT_PERCENT} then random(1, {HOT_ACCOUNTS}) else {even} end")
    } else {
        even
    };
    format!(
        "\\set from random(1, {accounts})
\\set to {to}
\\set low least(:from, :to)
\\set high greatest(:from, :to)
\\set change case when :from < :to then -1 else 1 end
\\set number random(1, 9000000000000000)
BEGIN;
UPDATE {SCHEMA}.account SET credits = credits + :change WHERE id = :low;
UPDATE {SCHEMA}.account SET credits = credits - :change WHERE id = :high;
INSERT INTO {SCHEMA}.ledger (transfer, account, amount) VALUES (:number::text, :from, -1);
INSERT INTO {SCHEMA}.ledger (transfer, account, amount) VALUES (:number::text, :to, 1);
COMMIT;
"
    )
}

fn bench(url: &str, options: &TransferOptions) -> anyhow::Result<PlainFigures> {
    let path = std::env::temp_dir().join(format!("orrery-plain-{}.sql", std::process::id()));
    std::fs::write(&path, script(options))?;
    let seconds = options.duration.as_secs().max(1).to_string();
    let clients = CLIENTS.to_string();
    let mut command = Command::new(program("pgbench")?);
    command.args(["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-T", &seconds, "-f"]).arg(&path).arg(url);
    let output = command.stdin(Stdio::null()).output().context("failed to run pgbench");
    let _ = std::fs::remove_file(&path);
    let output = output?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
    }
    figures(&text).ok_or_else(|| anyhow!("pgbench said nothing of tps: {text}"))
}

fn figures(text: &str) -> Option<PlainFigures> {
    let after = |prefix: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(prefix))?;
        line.trim_start_matches([' ', '=']).split(' ').next()?.parse().ok()
    };
    Some(PlainFigures { transfers_per_second: after("tps")?, latency_mean_ms: after("latency average")? })
}

fn psql(url: &str, sql: &str) -> anyhow::Result<()> {
    let mut command = Command::new(program("psql")?);
    command.args(["-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("no way to psql")?.write_all(sql.as_bytes())?;
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    bail!("psql: {}", String::from_utf8_lossy(&output.stderr))
}

/// A program of PostgreSQL: the newest installed one, or that of `PATH`.
fn program(name: &str) -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| anyhow!("there is no {name} in /usr/lib/postgresql/*/bin or PATH"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pgbench_prints_is_read() {
        let text = "transaction type: x.sql\nlatency average = 12.345 ms\ninitial connection time = 80.1 ms\n\
                    tps = 5184.250000 (without initial connection time)\n";
        let read = PlainFigures { transfers_per_second: 5184.25, latency_mean_ms: 12.345 };
        assert_eq!(figures(text), Some(read));
        assert_eq!(figures("nothing"), None);
    }
}
