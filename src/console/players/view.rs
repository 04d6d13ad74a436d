//! `GET /players/{id}`: a player as it is now, the same for those who are here and those who are not.

use std::collections::BTreeMap;

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, get, web};
use orrery_core::game::moderation::Sanction;
use orrery_core::game::player::{Inventory, Membership, Player, Tally};
use serde::Serialize;
use utoipa::ToSchema;

use super::player;
use crate::actors::node::{Node, now};
use crate::actors::oversight;
use crate::actors::player::Dossier;
use crate::console::Console;
use crate::console::access::Viewer;
use crate::console::change::tag;
use crate::http::problem::Problem;
use crate::types::economy::Ask;
use crate::types::economy::guild::{AskGuild, GuildView};
use crate::types::{Party, PlayerId};

/// What stands for "for good" where a time is expected.
pub(super) const FOR_GOOD_MS: u64 = (1 << 53) - 1;

/// Goods, by item.
type Goods = BTreeMap<String, u64>;

/// A player.
#[derive(Serialize, ToSchema)]
pub(super) struct PlayerView {
    /// The player.
    id: String,
    /// The name.
    name: String,
    /// Whether the account is a guest's.
    guest: bool,
    /// Whether the player is here, or may still take up an interrupted session.
    online: bool,
    /// Whether the player's actor was in memory before it was asked.
    in_memory: bool,
    /// When the account was made.
    created_ms: u64,
    /// Counts the operators' changes: the ETag.
    revision: u64,
    /// The ban that holds.
    ban: Option<SanctionView>,
    /// The mute that holds.
    mute: Option<SanctionView>,
    /// When everything personal was erased.
    erased_ms: Option<u64>,
    /// The world the ship is in, or was last.
    world: Option<String>,
    /// Where it is, or was last.
    position: Option<PositionView>,
    /// The wallet.
    credits: u64,
    /// The kind of ship.
    ship: String,
    /// The hold.
    cargo: Goods,
    /// What is stored, by hub.
    storage: BTreeMap<String, Goods>,
    /// Technologies.
    known: Vec<String>,
    /// What is being researched.
    research: Option<ResearchView>,
    /// Crafting jobs.
    crafting: Vec<JobView>,
    /// The guild.
    guild: Option<MembershipView>,
    /// Running missions the player takes part in.
    missions: Vec<MissionPart>,
    /// Unread notifications.
    unread: u64,
    /// Since the account exists.
    lifetime: LifetimeView,
    /// In the season in which the player has scored last.
    season: SeasonView,
    /// Log-ins that can still be refreshed.
    log_ins: usize,
}

/// Something a player may not do.
#[derive(Serialize, ToSchema)]
pub(super) struct SanctionView {
    /// Until when; `null`: for good.
    until_ms: Option<u64>,
    /// What the player is told.
    reason: String,
    /// The operator's name.
    by: String,
    /// Since when.
    at_ms: u64,
}

/// A point, in units from the world's corner.
#[derive(Serialize, ToSchema)]
pub(super) struct PositionView {
    x: f64,
    y: f64,
}

/// A research under way.
#[derive(Serialize, ToSchema)]
pub(super) struct ResearchView {
    tech: String,
    due_ms: u64,
}

/// A crafting job.
#[derive(Serialize, ToSchema)]
pub(super) struct JobView {
    id: u64,
    hub: String,
    blueprint: String,
    runs: u32,
    output: String,
    quantity: u64,
    starts_ms: u64,
    due_ms: u64,
}

/// A guild, from its member's point of view.
#[derive(Serialize, ToSchema)]
pub(super) struct MembershipView {
    id: String,
    /// `null` while the guild has not answered.
    name: Option<String>,
    /// `leader`, `officer` or `member`; `null` while the guild has not answered.
    role: Option<String>,
}

/// A part in a mission.
#[derive(Serialize, ToSchema)]
pub(super) struct MissionPart {
    id: String,
    score: u64,
    rank: u64,
}

/// What was done since the account exists.
#[derive(Serialize, ToSchema)]
pub(super) struct LifetimeView {
    objects_collected: u64,
    pieces_sold: u64,
    credits_earned: u64,
    credits_spent: u64,
    techs_researched: u64,
    jumps: u64,
}

/// What was scored in a season.
#[derive(Serialize, ToSchema)]
pub(super) struct SeasonView {
    number: u64,
    collected: u64,
    traded: u64,
    missions: u64,
}

impl PlayerView {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// A player as it is now.
#[utoipa::path(
    tag = "players",
    params(("id" = String, Path, description = "The player")),
    responses((status = 200, body = PlayerView, headers(("ETag" = String, description = "The revision"))))
)]
#[get("/players/{id}")]
pub(super) async fn show(
    _who: Viewer,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = view(&console, player(&id)?).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tag(view.revision))).json(view))
}

pub(super) async fn view(console: &Console, id: PlayerId) -> Result<PlayerView, Problem> {
    let node = &console.node;
    let in_memory = node.directory.live_player(id).is_some();
    let seen = oversight::look_at(node, id).await?;
    let guild = guild(node, &seen.player).await;
    let missions = oversight::missions_of(node, id).await.into_iter();
    let missions = missions.map(|(id, own)| MissionPart { id: id.to_string(), score: own.score, rank: own.rank });
    Ok(PlayerView { in_memory, guild, missions: missions.collect(), ..of_dossier(node, seen) })
}

fn of_dossier(node: &Node, seen: Dossier) -> PlayerView {
    let Dossier { account, player, place, .. } = seen;
    let (now, moderation) = (now(), &account.moderation);
    let tally: Tally = player.season.last;
    PlayerView {
        id: player.id.to_string(),
        guest: account.is_guest(),
        online: node.topics.is_online(player.id),
        in_memory: true,
        created_ms: account.created.0,
        revision: moderation.revision,
        ban: moderation.ban(now).map(sanction),
        mute: moderation.mute(now).map(sanction),
        erased_ms: moderation.erased.map(|erased| erased.0),
        world: place.as_ref().map(|place| place.world.to_string()),
        position: place.map(|place| {
            let (x, y) = place.units();
            PositionView { x, y }
        }),
        credits: player.credits.0,
        ship: player.ship.to_string(),
        cargo: goods(&player.cargo),
        storage: player.storage.iter().map(|(hub, stored)| (hub.to_string(), goods(stored))).collect(),
        known: player.known.iter().map(ToString::to_string).collect(),
        research: player
            .research
            .as_ref()
            .map(|running| ResearchView { tech: running.tech.to_string(), due_ms: running.due.0 }),
        crafting: jobs(&player),
        guild: None,
        missions: Vec::new(),
        unread: player.inbox.unread(),
        lifetime: LifetimeView {
            objects_collected: player.lifetime.objects_collected,
            pieces_sold: player.lifetime.pieces_sold,
            credits_earned: player.lifetime.credits_earned.0,
            credits_spent: player.lifetime.credits_spent.0,
            techs_researched: player.lifetime.techs_researched,
            jumps: player.lifetime.jumps,
        },
        season: SeasonView {
            number: tally.season,
            collected: tally.collected,
            traded: tally.traded,
            missions: tally.missions,
        },
        log_ins: account.families.iter().filter(|family| family.expires > now).count(),
        name: account.name,
    }
}

fn sanction(sanction: &Sanction) -> SanctionView {
    SanctionView {
        until_ms: sanction.until.map(|until| until.0),
        reason: sanction.reason.clone(),
        by: sanction.by.clone(),
        at_ms: sanction.at.0,
    }
}

/// When a sanction ends, as lists tell it.
pub(super) fn sanction_end(sanction: &Sanction) -> u64 {
    sanction.until.map_or(FOR_GOOD_MS, |until| until.0)
}

fn goods(inventory: &Inventory) -> Goods {
    inventory.iter().map(|(item, quantity)| (item.to_string(), quantity.0)).collect()
}

fn jobs(player: &Player) -> Vec<JobView> {
    let view = |job: &orrery_core::game::player::Job| JobView {
        id: job.id.0,
        hub: job.hub.to_string(),
        blueprint: job.blueprint.to_string(),
        runs: job.runs,
        output: job.output.to_string(),
        quantity: job.output_quantity.0,
        starts_ms: job.starts.0,
        due_ms: job.due.0,
    };
    player.crafting.jobs.iter().map(view).collect()
}

/// The guild knows its name and the member's role.
async fn guild(node: &std::sync::Arc<Node>, player: &Player) -> Option<MembershipView> {
    let id = match player.membership {
        Membership::None => return None,
        Membership::Joining { guild, .. } => {
            return Some(MembershipView { id: guild.to_string(), name: None, role: None });
        }
        Membership::In(guild) => guild,
    };
    let ask = Ask::Guild(AskGuild { guild: Some(id) });
    let answer = node.directory.ask_party(node, &Party::Guild(id), ask, player.id).await.ok();
    let guild: Option<GuildView> = answer.and_then(|answer| serde_json::from_value(answer).ok());
    let member = guild.as_ref().and_then(|guild| guild.members.iter().find(|member| member.player == player.id));
    let role = member.and_then(|member| serde_json::to_value(member.role).ok()?.as_str().map(str::to_owned));
    Some(MembershipView { id: id.to_string(), name: guild.as_ref().map(|guild| guild.name.clone()), role })
}
