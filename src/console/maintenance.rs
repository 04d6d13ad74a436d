//! `/maintenance`: whether players may come in.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use futures_util::future::join_all;
use orrery_core::game::maintenance::{Allowed, MaintenanceChange, Mode};
use orrery_core::types::{Millis, Role};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::{Admin, Viewer};
use super::audit::Undo;
use super::change::{self, Change, Changed};
use super::operated::{changed, edited, undoing, versioned};
use crate::actors::accounts::Accounts;
use crate::actors::maintenance;
use crate::actors::operation::Operation;
use crate::http::problem::{FieldFault, Problem};

/// Names in a request, at most: each is looked up.
const NAMES_MAX: usize = 100;

#[derive(OpenApi)]
#[openapi(paths(show, edit))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(show).service(edit);
}

/// A change of maintenance.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum MaintenanceRequest {
    /// It closes at a time, by itself; until then players come and go, and are told.
    Announce {
        /// When, in Unix ms.
        starts_ms: u64,
        /// What players are told.
        #[schema(min_length = 1, max_length = 500)]
        message: String,
        /// Names of players who may come in then.
        #[serde(default)]
        #[schema(max_items = 100)]
        allow: Vec<String>,
    },
    /// It closes now: who is inside stays, nobody else comes in but those who are allowed.
    Close {
        /// What players are told.
        #[schema(min_length = 1, max_length = 500)]
        message: String,
        /// Names of players who may come in all the same.
        #[serde(default)]
        #[schema(max_items = 100)]
        allow: Vec<String>,
    },
    /// Everybody is sent away, but for those who are allowed.
    Drain {
        /// What players are told.
        #[schema(min_length = 1, max_length = 500)]
        message: String,
        /// How long that is to take.
        #[schema(minimum = 1, maximum = 3600)]
        seconds: u64,
    },
    /// It opens.
    Open {},
}

/// Whether players may come in.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MaintenanceMode)]
enum ModeView {
    /// They may.
    Off,
    /// They may, until the time that was announced.
    Announced,
    /// They may not.
    Closed,
    /// They may not, and those inside are sent away.
    Draining,
}

/// How things stand.
#[derive(Debug, Serialize, ToSchema)]
struct MaintenanceView {
    mode: ModeView,
    message: String,
    /// When it closes, or since when it has been closed.
    starts_ms: Option<u64>,
    /// When everybody is to be away.
    ends_ms: Option<u64>,
    /// Who may come in all the same.
    allow: Vec<String>,
    players_online: usize,
    version: u64,
}

/// How things stand.
#[utoipa::path(tag = "maintenance", responses((status = 200, body = MaintenanceView)))]
#[get("/maintenance")]
async fn show(_: Viewer, console: web::Data<Console>) -> HttpResponse {
    let node = &console.node;
    // The version first: what is newer than it is refused to be written over, and looked at again.
    let version = maintenance::version(node);
    let state = node.doors.current();
    let view = MaintenanceView {
        mode: match state.mode {
            Mode::Off => ModeView::Off,
            Mode::Announced => ModeView::Announced,
            Mode::Closed => ModeView::Closed,
            Mode::Draining => ModeView::Draining,
        },
        message: state.message.clone(),
        starts_ms: state.starts_ms.map(|starts| starts.0),
        ends_ms: state.ends_ms.map(|ends| ends.0),
        allow: state.allow.values().cloned().collect(),
        players_online: node.topics.online_count(),
        version,
    };
    versioned(version, &view)
}

/// Announces, closes, drains or opens.
#[utoipa::path(
    tag = "maintenance",
    extensions(("x-role" = json!("admin"))),
    params(("If-Match" = Option<String>, Header)),
    request_body = Change<MaintenanceRequest>,
    responses((status = 200, body = Changed))
)]
#[post("/maintenance/changes")]
async fn edit(
    who: Admin,
    console: web::Data<Console>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (change, operation) = edited(&who, change::edit::<MaintenanceRequest>(&request, body).await?);
    apply(&console, change, &operation).await.map(|changed| changed.response())
}

/// Takes an entry of the audit log back.
pub(super) async fn undo(console: &Console, wanted: Undo) -> Result<Changed, Problem> {
    let (change, operation) = undoing(wanted, Role::Admin)?;
    apply(console, change, &operation).await
}

async fn apply(console: &Console, change: MaintenanceRequest, operation: &Operation) -> Result<Changed, Problem> {
    let change = match change {
        MaintenanceRequest::Announce { starts_ms, message, allow } => {
            let allow = find(console, allow).await?;
            MaintenanceChange::Announce { starts_ms: Millis(starts_ms), message, allow }
        }
        MaintenanceRequest::Close { message, allow } => {
            MaintenanceChange::Close { message, allow: find(console, allow).await? }
        }
        MaintenanceRequest::Drain { message, seconds } => MaintenanceChange::Drain { message, seconds },
        MaintenanceRequest::Open {} => MaintenanceChange::Open,
    };
    let outcome = maintenance::change(&console.node, &change, operation).await?;
    Ok(changed(operation, outcome))
}

/// The players with these names, all looked up at once.
async fn find(console: &Console, names: Vec<String>) -> Result<Allowed, Problem> {
    let fault = |rule: String| Problem::bad_fields(vec![FieldFault { field: "allow".to_owned(), rule }]);
    if names.len() > NAMES_MAX {
        return Err(fault(format!("must have at most {NAMES_MAX} names")));
    }
    let accounts = Accounts::new(std::sync::Arc::clone(&console.node));
    let found = join_all(names.iter().map(|name| accounts.find(name))).await;
    let mut allowed = Allowed::new();
    for (name, found) in names.iter().zip(found) {
        let account = found.map_err(|error| {
            let error =
                orrery_core::types::Refusal::new(orrery_core::types::ErrorCode::StorageUnavailable, error.to_string());
            super::operated::refused(error)
        })?;
        let shown: String = name.chars().take(32).collect();
        let account = account.ok_or_else(|| fault(format!("names nobody: there is no player {shown:?}")))?;
        allowed.insert(account.player, account.name);
    }
    Ok(allowed)
}
