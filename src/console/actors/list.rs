//! The list of live actors: filtered, sorted, page by page. Figures change between two pages; what a page before showed
//! may come again, or not at all, when its place in the order has changed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actors::stats::{self, LiveActor, Summary};
use crate::console::Console;
use crate::console::access::Viewer;
use crate::console::paging::ROWS;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;

/// A page of actors.
#[derive(Serialize, ToSchema)]
pub(super) struct Actors {
    items: Vec<ActorLine>,
    next_cursor: Option<String>,
    /// How many there are of each kind, whatever was filtered.
    totals: BTreeMap<&'static str, u64>,
}

/// A live actor.
#[derive(Serialize, ToSchema)]
struct ActorLine {
    kind: &'static str,
    id: String,
    /// Empty when it has none but its id.
    name: String,
    /// Messages that wait.
    depth: u64,
    /// Messages handled since it was loaded.
    handled: u64,
    /// The same per second, over the last 10 seconds.
    per_second: f64,
    /// How long the slowest handler took, in µs, of the last minute or two.
    slowest_us: u32,
    /// What that handled.
    slowest_message: &'static str,
    /// When it handed its last commit to the persister, in Unix milliseconds.
    last_commit_ms: Option<u64>,
    /// Since it handled a message, in milliseconds.
    idle_ms: u64,
}

/// The order of the list: the largest first, those of one figure by kind and id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActorSort {
    Depth,
    Rate,
    Slowest,
    Commit,
    #[default]
    Id,
}

impl ActorSort {
    fn figure(self, summary: &Summary) -> u64 {
        match self {
            Self::Depth => summary.depth,
            // A thousandth more or less means nothing.
            Self::Rate => (summary.per_second * 1_000.0) as u64,
            Self::Slowest => summary.slowest_us.into(),
            Self::Commit => summary.last_commit.map_or(0, |at| at.0),
            Self::Id => 0,
        }
    }
}

/// An actor's place in the order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    figure: Reverse<u64>,
    kind: String,
    id: String,
}

impl Place {
    fn of(actor: &LiveActor, summary: &Summary, sort: ActorSort) -> Self {
        let figure = Reverse(sort.figure(summary));
        Self { figure, kind: actor.id.kind().to_owned(), id: actor.id.id() }
    }

    fn cursor(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {} {}", self.figure.0, self.kind, self.id))
    }

    fn of_cursor(text: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.splitn(3, ' ');
        let (figure, kind, id) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
        Some(Self { figure: Reverse(figure), kind: kind.to_owned(), id: id.to_owned() })
    }
}

/// What is asked for.
struct Wanted {
    kind: Option<String>,
    /// In lower case.
    text: Option<String>,
    sort: ActorSort,
    limit: usize,
    after: Option<Place>,
}

impl Wanted {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut query = Parameters::of(request)?;
        let kind: Option<String> = query.text("kind", "must be a kind of actor");
        let text: Option<String> = query.text("text", "must be a text");
        let sort: Option<ActorSort> = query.text("sort", "must be depth, rate, slowest, commit or id");
        let limit = query.limit().unwrap_or(ROWS);
        let cursor: Option<String> = query.text("cursor", "must be the cursor of the page before");
        query.done()?;
        let after = cursor.map(|text| {
            Place::of_cursor(&text).ok_or_else(|| Problem::bad_request("cursor must be the cursor of the page before"))
        });
        Ok(Self {
            kind,
            text: text.map(|text| text.to_lowercase()),
            sort: sort.unwrap_or_default(),
            limit: limit.into(),
            after: after.transpose()?,
        })
    }

    fn is_wanted(&self, actor: &LiveActor) -> bool {
        let is_like = |text: &String| actor.id.id().to_lowercase().contains(text) || actor.meter.is_named_like(text);
        self.kind.as_ref().is_none_or(|kind| *kind == *actor.id.kind()) && self.text.as_ref().is_none_or(is_like)
    }

    fn page(&self, all: Vec<LiveActor>) -> Actors {
        let mut totals: BTreeMap<&'static str, u64> = BTreeMap::new();
        all.iter().for_each(|actor| *totals.entry(actor.id.kind()).or_default() += 1);
        let found = all.into_iter().filter(|actor| self.is_wanted(actor)).map(|actor| {
            let summary = actor.summary();
            (Place::of(&actor, &summary, self.sort), actor, summary)
        });
        let mut found: Vec<_> =
            found.filter(|(place, ..)| self.after.as_ref().is_none_or(|after| place > after)).collect();
        found.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        let next_cursor = found.get(self.limit).and(found.get(self.limit - 1)).map(|(last, ..)| last.cursor());
        found.truncate(self.limit);
        Actors { items: found.into_iter().map(line).collect(), next_cursor, totals }
    }
}

fn line((place, actor, summary): (Place, LiveActor, Summary)) -> ActorLine {
    ActorLine {
        kind: actor.id.kind(),
        id: place.id,
        name: actor.meter.name(),
        depth: summary.depth,
        handled: summary.handled,
        per_second: (summary.per_second * 10.0).round() / 10.0,
        slowest_us: summary.slowest_us,
        slowest_message: summary.slowest_message,
        last_commit_ms: summary.last_commit.map(|at| at.0),
        idle_ms: u64::try_from(summary.idle.as_millis()).unwrap_or(u64::MAX),
    }
}

/// The live actors, sessions excepted.
#[utoipa::path(
    tag = "galaxy",
    params(
        ("kind" = Option<String>, Query, description = "Only this kind"),
        ("text" = Option<String>, Query, description = "Only those whose id or name contains this"),
        ("sort" = Option<ActorSort>, Query, description = "`depth`, `rate`, `slowest`, `commit`: the largest first; `id` (as when left out)"),
        ("limit" = Option<u16>, Query, description = "1 to 100; 50 when left out"),
        ("cursor" = Option<String>, Query, description = "What the page before said"),
    ),
    responses((status = 200, body = Actors))
)]
#[get("/actors")]
pub(super) async fn list_actors(
    request: HttpRequest,
    _viewer: Viewer,
    console: web::Data<Console>,
) -> Result<HttpResponse, Problem> {
    let wanted = Wanted::of(&request)?;
    Ok(HttpResponse::Ok().json(wanted.page(stats::all(&console.node))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::stats::{ActorId, Meter};
    use crate::telemetry::Metrics;
    use crate::types::WorldKey;

    fn actors() -> Vec<LiveActor> {
        let metrics = Metrics::new();
        let world = |number: u32| {
            let id = ActorId::World(WorldKey::parse(&format!("w{number}")).unwrap());
            LiveActor::new(id, &Meter::new("world", &metrics), Some(u64::from(number % 3)))
        };
        (0..10).map(world).collect()
    }

    fn wanted(sort: ActorSort, after: Option<Place>) -> Wanted {
        Wanted { kind: None, text: None, sort, limit: 4, after }
    }

    #[test]
    fn pages_follow_each_other_without_a_gap_or_a_repetition() {
        for sort in [ActorSort::Id, ActorSort::Depth] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = wanted(sort, after).page(actors());
                assert_eq!(page.totals["world"], 10);
                seen.extend(page.items.into_iter().map(|line| (Reverse(line.depth), line.id)));
                let Some(cursor) = page.next_cursor else { break };
                after = Some(Place::of_cursor(&cursor).unwrap());
            }
            assert_eq!(seen.len(), 10);
            if sort == ActorSort::Depth {
                assert!(seen.is_sorted(), "{seen:?}");
            } else {
                assert!(seen.is_sorted_by_key(|(_, id)| id), "{seen:?}");
            }
        }
    }

    #[test]
    fn only_what_is_wanted_is_listed() {
        let by_text = Wanted { text: Some("w7".to_owned()), ..wanted(ActorSort::Id, None) };
        let ids = |wanted: Wanted| wanted.page(actors()).items.into_iter().map(|line| line.id).collect::<Vec<_>>();
        assert_eq!(ids(by_text), ["w7"]);
        assert!(ids(Wanted { kind: Some("player".to_owned()), ..wanted(ActorSort::Id, None) }).is_empty());
    }

    #[test]
    fn a_cursor_that_is_none_is_refused() {
        for text in ["", "!", "YWJj", &URL_SAFE_NO_PAD.encode("x world sol")] {
            assert_eq!(Place::of_cursor(text), None, "{text}");
        }
    }
}
