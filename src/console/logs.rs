//! `GET /logs`: the last log records, filtered; followed live by asking again with `after`. From memory.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::Level;
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::Viewer;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::telemetry::log_ring::{LogFilter, LogRecord, LogRing};

/// How many are shown when nothing is said, and at most.
const LIMIT: u16 = 200;
const LIMIT_MAX: u16 = 1_000;

#[derive(OpenApi)]
#[openapi(paths(show), components(schemas(Logs, Record)))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(show);
}

/// The wanted records, oldest first: the first after `after`, or the newest.
#[derive(Serialize, ToSchema)]
struct Logs {
    items: Vec<Record>,
    /// The number of the last record there is. Who got as many as asked for goes on after the last of those instead.
    last: u64,
}

/// A log record.
#[derive(Serialize, ToSchema)]
struct Record {
    seq: u64,
    at_ms: u64,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    level: String,
    target: &'static str,
    message: String,
    #[schema(value_type = Object)]
    fields: Map<String, Value>,
    /// The trace it belongs to, in 32 hexadecimal digits.
    trace: Option<String>,
}

impl From<&LogRecord> for Record {
    fn from(record: &LogRecord) -> Self {
        let (level, trace) = (record.level.as_str().to_lowercase(), record.trace.as_ref().map(ToString::to_string));
        let (message, fields) = (record.message.clone(), record.fields.clone());
        Self { seq: record.seq, at_ms: record.at_ms, level, target: record.target, message, fields, trace }
    }
}

/// The last log records. What is never logged, because of `log.filter`, is not here either.
#[utoipa::path(
    tag = "logs",
    params(
        ("after" = Option<u64>, Query, description = "Only records after this number, the first of them first; when left out, the newest"),
        ("level" = Option<String>, Query, description = "Only records at least so bad: `error`, `warn`, `info`, `debug`"),
        ("target" = Option<String>, Query, description = "Only records of modules whose names begin so"),
        ("text" = Option<String>, Query, description = "Only records with this in message or fields, in any case"),
        ("trace" = Option<String>, Query, description = "Only records of this trace"),
        ("limit" = Option<u16>, Query, description = "1 to 1000; 200 when left out", minimum = 1, maximum = 1000),
    ),
    responses((status = 200, body = Logs))
)]
#[get("/logs")]
async fn show(request: HttpRequest, _viewer: Viewer, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let after = query.cursor("after");
    let level = query.text("level", "must be error, warn, info or debug").map_or(Level::TRACE, Worst::level);
    let mut text = |name| query.text::<String>(name, "must be text");
    let (target, wanted, trace) = (text("target"), text("text"), text("trace"));
    let limit = query.small("limit", 1..=LIMIT_MAX).unwrap_or(LIMIT);
    query.done()?;
    let (target, text) = (target.unwrap_or_default(), wanted.unwrap_or_default().to_lowercase());
    let trace = trace.filter(|trace| !trace.is_empty());
    let filter = LogFilter { after, level, target, text, trace };
    let ring = LogRing::of_process(console.node.config.log.keep_records);
    let (records, last) = ring.read(&filter, usize::from(limit));
    Ok(HttpResponse::Ok().json(Logs { items: records.iter().map(|record| Record::from(&**record)).collect(), last }))
}

/// The level that records must be at least as bad as.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Worst {
    Error,
    Warn,
    Info,
    Debug,
}

impl Worst {
    fn level(self) -> Level {
        match self {
            Self::Error => Level::ERROR,
            Self::Warn => Level::WARN,
            Self::Info => Level::INFO,
            Self::Debug => Level::DEBUG,
        }
    }
}
