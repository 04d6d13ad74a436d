//! `GET /players`: who there is, by name. Found by the store's indexes; those who are here, by the actors in memory.

use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::future::join_all;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::sanction_end;
use crate::actors::node::now;
use crate::actors::oversight;
use crate::console::Console;
use crate::console::access::Viewer;
use crate::console::paging::{Page, ROWS};
use crate::console::unreadable::unreadable;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::store::{PlayerLine, PlayerSearch};
use crate::types::{Millis, PlayerId};

/// Pages of the store's that one answer looks through for those who are here.
const PAGES_MAX: usize = 10;

/// A player, as a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PlayerItem {
    /// The player.
    id: String,
    /// The name.
    name: String,
    /// Whether the account is a guest's.
    guest: bool,
    /// Whether the player is here, or may still take up an interrupted session.
    online: bool,
    /// The wallet, as it was stored last.
    credits: Option<u64>,
    /// Until when the player is banned; 9007199254740991 for good.
    banned_until_ms: Option<u64>,
    /// Until when the player may not speak; 9007199254740991 for good.
    muted_until_ms: Option<u64>,
    /// When the account was made.
    created_ms: u64,
}

/// Finds players.
///
/// They come by name; those who are here, when all of them are asked for, by age.
#[utoipa::path(
    tag = "players",
    params(
        ("text" = Option<String>, Query, description = "The name's beginning, or an id"),
        ("online" = Option<bool>, Query, description = "Only those who are here"),
        ("banned" = Option<bool>, Query, description = "Only those who are banned now"),
        ("muted" = Option<bool>, Query, description = "Only those who are muted now"),
        ("limit" = Option<u16>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Of the page before"),
    ),
    responses((status = 200, body = Page<PlayerItem>))
)]
#[get("/players")]
pub(super) async fn list(
    _who: Viewer,
    request: HttpRequest,
    console: web::Data<Console>,
) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let text: Option<String> = query.text("text", "must be a text");
    let (online, banned, muted) = (query.flag("online"), query.flag("banned"), query.flag("muted"));
    let limit = usize::from(query.limit().unwrap_or(ROWS));
    let cursor: Option<String> = query.text("cursor", "must be the next_cursor of the page before");
    query.done()?;
    let search = PlayerSearch { text, banned, muted, now: now() };
    let page = if online && search.text.is_none() && !banned && !muted {
        all_who_are_here(&console, cursor.as_deref(), limit).await?
    } else {
        found(&console, search, online, cursor, limit).await?
    };
    Ok(HttpResponse::Ok().json(page))
}

async fn found(
    console: &Console,
    search: PlayerSearch,
    online: bool,
    mut cursor: Option<String>,
    limit: usize,
) -> Result<Page<PlayerItem>, Problem> {
    let (node, mut items) = (&console.node, Vec::new());
    for _ in 0..PAGES_MAX {
        // One more tells whether there is another page.
        let lines = node.store.search_players(search.clone(), cursor.as_deref(), limit + 1).await;
        let lines = lines.map_err(|error| unreadable(node, "players", &error))?;
        let is_last = lines.len() <= limit;
        for line in lines.into_iter().take(limit) {
            cursor = Some(line.name_key.clone());
            let here = node.topics.is_online(line.id);
            if here || !online {
                items.push(item(line, here, search.now));
                if items.len() == limit && (online || !is_last) {
                    return Ok(Page { items, next_cursor: cursor });
                }
            }
        }
        if is_last {
            return Ok(Page { items, next_cursor: None });
        }
    }
    Ok(Page { items, next_cursor: cursor })
}

fn item(line: PlayerLine, online: bool, now: Millis) -> PlayerItem {
    let end = |until: Option<Millis>| until.filter(|until| *until > now).map(|until| until.0);
    PlayerItem {
        id: line.id.to_string(),
        name: line.name,
        guest: line.guest,
        online,
        credits: line.credits.map(|credits| credits.0),
        banned_until_ms: end(line.banned_until),
        muted_until_ms: end(line.muted_until),
        created_ms: line.created.0,
    }
}

/// Everybody who is here is in memory: nobody is looked up.
async fn all_who_are_here(console: &Console, cursor: Option<&str>, limit: usize) -> Result<Page<PlayerItem>, Problem> {
    let node = &console.node;
    let after = cursor.map(|text| Uuid::try_parse(text).map(PlayerId)).transpose();
    let after = after.map_err(|_| Problem::bad_request("cursor must be the next_cursor of the page before"))?;
    let mut here = node.topics.online_players();
    here.retain(|player| after.is_none_or(|after| *player > after));
    here.sort_unstable();
    let next_cursor = (here.len() > limit).then(|| here[limit - 1].to_string());
    here.truncate(limit);
    let now = now();
    let items = here.into_iter().map(|player| async move {
        let seen = oversight::look_at(node, player).await.ok()?;
        let moderation = &seen.account.moderation;
        Some(PlayerItem {
            id: player.to_string(),
            guest: seen.account.is_guest(),
            online: true,
            credits: Some(seen.player.credits.0),
            banned_until_ms: moderation.ban(now).map(sanction_end),
            muted_until_ms: moderation.mute(now).map(sanction_end),
            created_ms: seen.account.created.0,
            name: seen.account.name,
        })
    });
    Ok(Page { items: join_all(items).await.into_iter().flatten().collect(), next_cursor })
}
