//! `GET /store`: all from memory, but the tables' sizes.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actors::node::Node;
use crate::console::Console;
use crate::console::access::Viewer;
use crate::http::problem::Problem;
use crate::store::{Counted, StoreSize, TableSize};

/// The persister and the store. Medians (`p50`) and the longest but one in a hundred (`p99`) are those of the last two
/// minutes; `null` when there was nothing in them.
#[derive(Serialize, ToSchema)]
struct StoreView {
    /// `sqlite` or `postgres`.
    backend: &'static str,
    /// Whether the last attempt to write succeeded.
    up: bool,
    /// The number of the last batch that is durable, counted from the server's start.
    batch_mark: u64,
    /// Commits that are not durable yet.
    queue_commits: usize,
    /// How many there may be; beyond, economic commands are refused.
    queue_max: usize,
    /// How long the oldest of them has waited; 0 when none waits.
    oldest_wait_ms: f64,
    /// Of the last 10 to 20 seconds.
    batches_per_s: f64,
    /// Of the last 10 to 20 seconds.
    commits_per_s: f64,
    rows_per_batch_p50: Option<u64>,
    /// How long a batch took to be written.
    batch_p50_ms: Option<f64>,
    batch_p99_ms: Option<f64>,
    /// From the change to its being durable.
    durable_lag_p50_ms: Option<f64>,
    durable_lag_p99_ms: Option<f64>,
    /// Failed attempts to read or write, since the start.
    store_errors: u64,
    /// Why it failed to write last, since the start.
    last_error: Option<StoreErrorView>,
    outbox: OutboxSummary,
    /// The whole database; `null` when it does not tell.
    bytes: Option<u64>,
    /// By name; at most 10 seconds old while the store answers.
    tables: Vec<TableView>,
}

/// A failure of the store.
#[derive(Serialize, ToSchema)]
struct StoreErrorView {
    at_ms: u64,
    text: String,
}

/// Transfers under way.
#[derive(Serialize, ToSchema)]
struct OutboxSummary {
    rows: usize,
    /// How long the oldest has been under way; `null` when there is none.
    oldest_ms: Option<u64>,
}

/// The size of a table.
#[derive(Serialize, ToSchema)]
struct TableView {
    table: String,
    rows: u64,
    counted: CountedView,
    /// With its indexes; `null` when the store does not tell.
    bytes: Option<u64>,
}

/// How well a number of rows is known: counted, the database's own estimate, or counted up to a bound.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CountedView {
    Exact,
    Estimate,
    AtLeast,
}

impl From<Counted> for CountedView {
    fn from(counted: Counted) -> Self {
        match counted {
            Counted::Exact => Self::Exact,
            Counted::Estimate => Self::Estimate,
            Counted::AtLeast => Self::AtLeast,
        }
    }
}

/// The persister and the store.
#[utoipa::path(tag = "ops", responses((status = 200, body = StoreView)))]
#[get("/store")]
pub(super) async fn show_store(_who: Viewer, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    let sizes = console.sizes.sizes(&console.node).await;
    Ok(HttpResponse::Ok().json(view(&console.node, sizes)))
}

fn view(node: &Node, sizes: StoreSize) -> StoreView {
    let figures = node.persister.figures();
    let ms = |time: Option<Duration>| time.map(millis);
    let oldest = node.outbox.oldest();
    StoreView {
        backend: if node.config.store.url.starts_with("postgres") { "postgres" } else { "sqlite" },
        up: node.persister.store_error().is_none(),
        batch_mark: figures.batch_mark,
        queue_commits: node.persister.queue_len(),
        queue_max: node.persister.queue_max(),
        oldest_wait_ms: figures.oldest_wait.map_or(0.0, millis),
        batches_per_s: figures.batches_per_s,
        commits_per_s: figures.commits_per_s,
        rows_per_batch_p50: figures.rows_per_batch_p50,
        batch_p50_ms: ms(figures.batch_p50),
        batch_p99_ms: ms(figures.batch_p99),
        durable_lag_p50_ms: ms(figures.durable_lag_p50),
        durable_lag_p99_ms: ms(figures.durable_lag_p99),
        store_errors: node.metrics.store_errors.get(),
        last_error: figures.last_error.map(|(at, text)| StoreErrorView { at_ms: at.0, text }),
        outbox: OutboxSummary {
            rows: node.outbox.len(),
            oldest_ms: oldest.map(|since| crate::actors::node::now().since(since)),
        },
        bytes: sizes.bytes,
        tables: sizes.tables.into_iter().map(table).collect(),
    }
}

fn table(TableSize { table, rows, counted, bytes }: TableSize) -> TableView {
    TableView { table, rows, counted: counted.into(), bytes }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
