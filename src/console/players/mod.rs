//! Players: found by name or id, looked at, changed, sent away, exported. On line and off line alike: the player's actor
//! answers and carries changes out, loaded for it if need be; lists come from the store's indexes.

mod changes;
mod export;
mod form;
mod list;
mod records;
mod view;

use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;
use uuid::Uuid;

pub(super) use self::changes::undo;
use crate::actors::player::OperateError;
use crate::console::change::version_conflict;
use crate::http::parameters::unknown;
use crate::http::problem::{FieldFault, Problem};
use crate::types::PlayerId;
use orrery_core::game::player::OperateRefusal;

#[derive(OpenApi)]
#[openapi(paths(
    list::list,
    view::show,
    changes::change_player,
    changes::kick_player,
    export::export,
    records::notifications,
    records::chat,
    records::sessions,
    records::audit,
))]
pub(super) struct Doc;

/// Adds the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(list::list)
        .service(view::show)
        .service(changes::change_player)
        .service(changes::kick_player)
        .service(export::export)
        .service(records::notifications)
        .service(records::chat)
        .service(records::sessions)
        .service(records::audit);
}

/// The player that a path names.
///
/// # Errors
/// 404 for what is no id.
fn player(text: &str) -> Result<PlayerId, Problem> {
    Uuid::try_parse(text).map(PlayerId).map_err(|_| unknown("unknown_player", "player", text))
}

impl From<OperateError> for Problem {
    fn from(error: OperateError) -> Self {
        let text = error.to_string();
        match error {
            OperateError::Unknown => Self::new(StatusCode::NOT_FOUND, "unknown_player", text),
            OperateError::Conflict { current } => version_conflict(current),
            OperateError::Refused(OperateRefusal::Invalid { field, rule }) => {
                Self::bad_fields(vec![FieldFault { field: format!("change.{field}"), rule }])
            }
            OperateError::Refused(refusal) => {
                let problem = Self::new(StatusCode::CONFLICT, refusal.code(), text);
                refusal.details().into_iter().fold(problem, |problem, (name, value)| problem.with(&name, value))
            }
            OperateError::NameTaken => Self::new(StatusCode::CONFLICT, "name_taken", text),
            OperateError::InTransit => Self::new(StatusCode::CONFLICT, "in_transit", text),
            OperateError::WorldNotReady(_) => Self::new(StatusCode::CONFLICT, "world_not_ready", text),
            OperateError::AlreadyUndone { by } => {
                Self::new(StatusCode::CONFLICT, "already_undone", text).with("undone_by", by)
            }
            OperateError::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text),
            OperateError::StorageUnavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage_unavailable", text),
        }
    }
}
