//! `/chat`: channels, what is said in them now, and what was said. What two players say to one another is for moderators.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use orrery_core::types::economy::chat::Line;
use orrery_core::types::{GuildId, PlayerId, WorldKey};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::Console;
use super::access::{Moderator, Viewer};
use super::names::names;
use super::operated::{refused, shown};
use super::paging::{NumberedPage, Page};
use crate::actors::chat::Stream;
use crate::http::parameters::{Parameters, unknown};
use crate::http::problem::{FieldFault, Problem};
use crate::store::LogRow;

#[derive(OpenApi)]
#[openapi(paths(list, show))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(show);
}

/// Who speaks in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChatKind)]
enum Kind {
    /// Everybody in a world.
    Sector,
    /// A guild.
    Guild,
    /// Two players.
    Direct,
}

/// A channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChatChannel)]
struct Channel {
    stream: String,
    kind: Kind,
    name: String,
    /// About how many lines were ever said.
    lines: u64,
    /// Who hears it now; `null` for two players.
    listeners: Option<usize>,
    /// When something was said last.
    last_at_ms: Option<u64>,
}

/// A line of chat.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChatLine {
    seq: u64,
    at_ms: u64,
    player: String,
    name: String,
    text: String,
}

/// Whose a stream is.
enum Whose {
    World(WorldKey),
    Guild(GuildId),
    Two(PlayerId, PlayerId),
}

impl Whose {
    fn parse(stream: &str) -> Option<Self> {
        let player = |text: &str| Uuid::try_parse(text).ok().map(PlayerId);
        match stream.split_once(':')? {
            ("sector", world) => WorldKey::parse(world).ok().map(Self::World),
            ("guild", guild) => Uuid::try_parse(guild).ok().map(|guild| Self::Guild(GuildId(guild))),
            ("direct", both) => both.split_once(':').and_then(|(a, b)| Some(Self::Two(player(a)?, player(b)?))),
            _ => None,
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::World(_) => Kind::Sector,
            Self::Guild(_) => Kind::Guild,
            Self::Two(..) => Kind::Direct,
        }
    }
}

/// Channels: every world's, and those of guilds and, for moderators, of two players that were used lately.
#[utoipa::path(
    tag = "chat",
    params(("limit" = Option<u16>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Channel>))
)]
#[get("/chat")]
async fn list(
    _: Viewer,
    moderator: Option<Moderator>,
    console: web::Data<Console>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let limit = usize::from(query.limit().unwrap_or(100));
    let cursor = query.text::<String>("cursor", "must be what the page before said");
    query.done()?;
    let node = &console.node;
    let worlds = node.catalog.sectors.keys().map(|world| format!("sector:{world}"));
    let mut streams: Vec<String> = worlds.chain(node.channels.live_chats()).collect();
    streams.sort_unstable_by_key(|stream| order(stream));
    streams.dedup();
    let after = cursor.as_deref().map(order);
    let sees = |stream: &String| {
        may_read(moderator.is_some(), stream) && after.as_ref().is_none_or(|after| order(stream) > *after)
    };
    let mut rest = streams.into_iter().filter(sees);
    let shown_now: Vec<String> = rest.by_ref().take(limit).collect();
    let next_cursor = rest.next().and_then(|_| shown_now.last().cloned());
    Ok(shown(&Page { items: channels(&console, shown_now).await, next_cursor }))
}

/// Worlds first, then guilds, then those of two; each by its name.
fn order(stream: &str) -> (Option<Kind>, String) {
    (Whose::parse(stream).map(|whose| whose.kind()), stream.to_owned())
}

fn may_read(is_moderator: bool, stream: &str) -> bool {
    match Whose::parse(stream) {
        Some(Whose::Two(..)) => is_moderator,
        Some(_) => true,
        None => false,
    }
}

async fn channels(console: &Console, streams: Vec<String>) -> Vec<Channel> {
    let node = &console.node;
    let people = streams.iter().filter_map(|stream| match Whose::parse(stream) {
        Some(Whose::Two(one, other)) => Some([one, other]),
        _ => None,
    });
    let names = names(node, people.flatten()).await;
    let glances = node.channels.glances(node, &streams).await;
    let channel = |(stream, glance): (String, crate::actors::chat::Glance)| {
        let whose = Whose::parse(&stream)?;
        let name = match &whose {
            Whose::World(world) => {
                node.catalog.sectors.get(world).map_or(world.to_string(), |sector| sector.name.clone())
            }
            Whose::Guild(guild) => node.guild_names.line(*guild).map_or(guild.to_string(), |line| line.name),
            Whose::Two(one, other) => [one, other].map(|player| names.of(*player).name).join(" and "),
        };
        let (lines, last_at_ms) = (glance.lines, glance.last_at.map(|at| at.0));
        let listeners = (whose.kind() != Kind::Direct).then(|| node.channels.audience.count(&stream));
        Some(Channel { kind: whose.kind(), name, lines, listeners, last_at_ms, stream })
    };
    streams.into_iter().zip(glances).filter_map(channel).collect()
}

/// Lines of a channel: the newest, those `before` a number (newest first), or those `after` one (oldest first).
///
/// `next_cursor` is the next `before`; `null` for lines `after`.
#[utoipa::path(
    tag = "chat",
    params(
        ("stream" = String, Path, description = "`sector:<key>`, `guild:<id>` or `direct:<id>:<id>`"),
        ("after" = Option<u64>, Query), ("before" = Option<u64>, Query),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 100)
    ),
    responses((status = 200, body = NumberedPage<ChatLine>))
)]
#[get("/chat/{stream}")]
async fn show(
    _: Viewer,
    moderator: Option<Moderator>,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let whose = Whose::parse(&path).ok_or_else(|| unknown("not_found", "channel", &path))?;
    if !may_read(moderator.is_some(), &path) {
        let private = "what two players say to one another is for moderators";
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", private));
    }
    if let Whose::World(world) = &whose
        && !console.node.catalog.sectors.contains_key(world)
    {
        return Err(unknown("not_found", "channel", &path));
    }
    let mut query = Parameters::of(&request)?;
    let (after, before) = (query.cursor("after"), query.cursor("before"));
    let limit = usize::from(query.limit().unwrap_or(50));
    query.done()?;
    let (node, stream) = (&console.node, Stream::chat(path.into_inner()));
    let (rows, next_cursor) = match (after, before) {
        (Some(_), Some(_)) => {
            let rule = "must not stand beside before".to_owned();
            return Err(Problem::bad_fields(vec![FieldFault { field: "after".to_owned(), rule }]));
        }
        (Some(after), None) => (node.channels.page_on(node, stream, after, limit).await.map_err(refused)?, None),
        (None, before) => {
            let rows = node.channels.page(node, stream, before, limit).await.map_err(refused)?;
            let next = rows.last().map(|row| row.seq).filter(|seq| rows.len() == limit && *seq > 1);
            (rows, next)
        }
    };
    Ok(shown(&NumberedPage { items: rows.into_iter().filter_map(line).collect(), next_cursor }))
}

fn line(row: LogRow) -> Option<ChatLine> {
    ChatLine::of(row.doc)
}

impl ChatLine {
    /// A line as it is stored; `None` when it is not understood.
    pub(super) fn of(doc: serde_json::Value) -> Option<Self> {
        let line: Line = super::asking::read(doc).ok()?;
        let (player, name, text) = (line.player.to_string(), line.name, line.text);
        Some(Self { seq: line.seq, at_ms: line.at_ms.0, player, name, text })
    }
}
