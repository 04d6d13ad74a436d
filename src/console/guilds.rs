//! `/guilds`: all guilds by name, from memory, and one guild as its members see it.

use actix_web::{HttpRequest, HttpResponse, get, web};
use orrery_core::game::Inspect;
use orrery_core::types::economy::guild::{GuildView, Role};
use orrery_core::types::{GuildId, Party};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::Console;
use super::access::Viewer;
use super::asking::read;
use super::names::names;
use super::operated::{Person, refused, shown};
use super::paging::Page;
use crate::http::parameters::{Parameters, unknown};
use crate::http::problem::Problem;

#[derive(OpenApi)]
#[openapi(paths(list, show))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(show);
}

/// A guild in the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuildItem)]
struct Guild {
    id: String,
    name: String,
    members: usize,
    leader: Option<Person>,
    treasury: u64,
}

/// What a member may do.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GuildRole)]
enum RoleView {
    /// Deposits, and withdraws what the limit allows.
    Member,
    /// Also invites and throws out.
    Officer,
    /// Everything.
    Leader,
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuildMember)]
struct Member {
    player: String,
    name: String,
    role: RoleView,
    joined_ms: u64,
}

/// A guild.
#[derive(Debug, Serialize, ToSchema)]
struct GuildDetail {
    id: String,
    name: String,
    motd: String,
    treasury: u64,
    members: Vec<Member>,
    /// What a member may withdraw a day.
    member_limit: u64,
    /// What an officer may withdraw a day.
    officer_limit: u64,
}

/// Guilds by name.
#[utoipa::path(
    tag = "guilds",
    params(
        ("text" = Option<String>, Query, description = "The beginning of a name, or an id"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, body = Page<Guild>))
)]
#[get("/guilds")]
async fn list(_: Viewer, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let text = query.text::<String>("text", "must be a text").unwrap_or_default();
    let limit = usize::from(query.limit().unwrap_or(20));
    let after = query.text::<String>("cursor", "must be what the page before said");
    query.done()?;
    let known = &console.node.guild_names;
    let (found, next_cursor) = match Uuid::try_parse(&text).map(GuildId) {
        Ok(guild) => (known.line(guild).map(|line| (guild, line)).into_iter().collect(), None),
        Err(_) => known.page(&text, after.as_deref(), limit),
    };
    let names = names(&console.node, found.iter().filter_map(|(_, line)| line.leader)).await;
    let items = found.into_iter().map(|(id, line)| Guild {
        id: id.to_string(),
        name: line.name,
        members: line.members,
        leader: line.leader.map(|leader| names.of(leader)),
        treasury: line.treasury.0,
    });
    Ok(shown(&Page { items: items.collect(), next_cursor }))
}

/// A guild with its members.
#[utoipa::path(tag = "guilds", params(("id" = String, Path)), responses((status = 200, body = GuildDetail)))]
#[get("/guilds/{id}")]
async fn show(_: Viewer, console: web::Data<Console>, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = Uuid::try_parse(&path).map_err(|_| unknown("unknown_guild", "guild", &path))?;
    let (node, party) = (&console.node, Party::Guild(GuildId(id)));
    let seen: GuildView = read(node.directory.inspect_party(node, &party, Inspect::Whole).await.map_err(refused)?)?;
    let members = seen.members.into_iter().map(|member| Member {
        player: member.player.to_string(),
        name: member.name,
        role: match member.role {
            Role::Member => RoleView::Member,
            Role::Officer => RoleView::Officer,
            Role::Leader => RoleView::Leader,
        },
        joined_ms: member.joined_ms.0,
    });
    Ok(shown(&GuildDetail {
        id: seen.guild.to_string(),
        name: seen.name,
        motd: seen.motd,
        treasury: seen.treasury.0,
        members: members.collect(),
        member_limit: seen.member_limit.0,
        officer_limit: seen.officer_limit.0,
    }))
}
