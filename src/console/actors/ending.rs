//! Passivating and restarting an actor: asked of the actor itself, noted in the audit log before it is done.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::actors::audit::Deed;
use crate::actors::ending::{EndRefusal, Ending, Stays, end, may_end};
use crate::actors::stats::{self, ActorId, Summary};
use crate::console::Console;
use crate::console::access::Admin;
use crate::console::change::{self, Reason};
use crate::http::problem::Problem;

/// What was done, or would be.
#[derive(Serialize, ToSchema)]
pub(super) struct Ended {
    /// Whether it was only tried.
    dry_run: bool,
    /// The actor as it was.
    #[schema(value_type = Object)]
    before: Value,
    /// The actor as it is then.
    #[schema(value_type = Object)]
    after: Value,
    /// The entry in the audit log; `null` when it was only tried.
    audit: Option<u64>,
    /// Never: what is gone from memory comes back by itself.
    can_undo: bool,
}

/// Lets an actor leave memory that nobody needs now. It is loaded again when somebody does.
#[utoipa::path(
    tag = "galaxy",
    params(("kind" = String, Path, description = "player, mission, guild or channel"), ("id" = String, Path)),
    request_body = Reason,
    extensions(("x-role" = json!("admin"))),
    responses((status = 200, body = Ended))
)]
#[post("/actors/{kind}/{id}/passivate")]
pub(super) async fn passivate_actor(
    request: HttpRequest,
    who: Admin,
    console: web::Data<Console>,
    path: web::Path<(String, String)>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let reason = change::reason(&request, body).await?;
    carry_out(&console, &who, Ending::Passivate, &path, reason).await
}

/// Drops an actor from memory and loads it anew from what is stored. Nothing that was acknowledged is lost, and sessions
/// go on.
#[utoipa::path(
    tag = "galaxy",
    params(("kind" = String, Path, description = "world, player, market, mission, guild or channel"), ("id" = String, Path)),
    request_body = Reason,
    extensions(("x-role" = json!("admin"))),
    responses((status = 200, body = Ended))
)]
#[post("/actors/{kind}/{id}/restart")]
pub(super) async fn restart_actor(
    request: HttpRequest,
    who: Admin,
    console: web::Data<Console>,
    path: web::Path<(String, String)>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let reason = change::reason(&request, body).await?;
    carry_out(&console, &who, Ending::Restart, &path, reason).await
}

async fn carry_out(
    console: &Console,
    who: &Admin,
    how: Ending,
    (kind, id): &(String, String),
    Reason { reason, dry_run }: Reason,
) -> Result<HttpResponse, Problem> {
    let node = &console.node;
    let actor = ActorId::parse(kind, id).ok_or(EndRefusal::NotThere).map_err(problem)?;
    // Before there is an entry: the audit log's numbers have no holes.
    may_end(node, &actor, how).await.map_err(problem)?;
    let meter = stats::of(node, &actor).ok_or(EndRefusal::NotThere).map_err(problem)?;
    let Summary { handled, depth, .. } = meter.read();
    let before = json!({ "in_memory": true, "handled": handled, "waiting": depth });
    let after = json!({ "in_memory": how == Ending::Restart, "handled": 0, "waiting": 0 });
    let ended = Ended { dry_run, before, after, audit: None, can_undo: false };
    if dry_run {
        return Ok(HttpResponse::Ok().json(ended));
    }
    let deed = Deed {
        action: match how {
            Ending::Passivate => "passivate",
            Ending::Restart => "restart",
        },
        target: format!("actor:{}:{}", actor.kind(), actor.id()),
        target_name: meter.name(),
        reason,
        before: ended.before.clone(),
        after: ended.after.clone(),
        ..Deed::default()
    };
    let entry = node.audit.entry(who, deed);
    let audit = Some(entry.seq);
    end(node, &actor, how, entry).await.map_err(problem)?;
    Ok(HttpResponse::Ok().json(Ended { audit, ..ended }))
}

fn problem(refusal: EndRefusal) -> Problem {
    let detail = refusal.to_string();
    let stays = |stays| Problem::new(StatusCode::CONFLICT, code(stays), detail.clone());
    match refusal {
        EndRefusal::NotThere => Problem::new(StatusCode::NOT_FOUND, "unknown_actor", detail),
        EndRefusal::Stays(why) => stays(why),
        EndRefusal::StaysAfterAll(why, audit) => stays(why).with("audit", audit),
        EndRefusal::Silent => {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "storage_unavailable", detail);
            problem.retry_after(Some(Duration::from_secs(1)))
        }
    }
}

fn code(stays: Stays) -> &'static str {
    match stays {
        Stays::HasSession => "has_session",
        Stays::InSpace => "in_space",
        Stays::UnderWay => "under_way",
        Stays::Kept => "kept",
        Stays::Only => "part_of_server",
        Stays::NotLoaded => "not_loaded",
    }
}
