//! The stored form of a player.

use std::collections::{BTreeMap, BTreeSet};

use orrery_core::game::player::{
    Crafting, Inbox, Inventory, Lifetime, Membership, Player, RunningResearch, SeasonScore, Social,
};
use orrery_core::types::{Credits, HubKey, ItemKey, Millis, PlayerId, Quantity, ShipKindKey, TechKey};
use serde::{Deserialize, Serialize};

/// A player as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum PlayerRecord {
    /// Since 0.1.
    #[serde(rename = "1")]
    V1(PlayerV1),
    /// Since 0.2: with what the economy added.
    #[serde(rename = "2")]
    V2(Box<PlayerV2>),
}

/// Version 2: version 1, and what the economy added. The added structures are those of the rules: a change of one of
/// them beyond new fields with a default takes a version 3 and a copy of the old structure here. Written out rather
/// than flattened into, because a flattened structure is read by way of a buffer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayerV2 {
    credits: Credits,
    ship: ShipKindKey,
    cargo: BTreeMap<ItemKey, Quantity>,
    known: BTreeSet<TechKey>,
    research: Option<ResearchV1>,
    lifetime: LifetimeV1,
    #[serde(default)]
    storage: BTreeMap<HubKey, BTreeMap<ItemKey, Quantity>>,
    #[serde(default)]
    crafting: Crafting,
    #[serde(default)]
    membership: Membership,
    #[serde(default)]
    social: Social,
    #[serde(default)]
    inbox: Inbox,
    #[serde(default)]
    season: SeasonScore,
}

/// Version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayerV1 {
    credits: Credits,
    ship: ShipKindKey,
    cargo: BTreeMap<ItemKey, Quantity>,
    known: BTreeSet<TechKey>,
    research: Option<ResearchV1>,
    lifetime: LifetimeV1,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ResearchV1 {
    tech: TechKey,
    cost: Credits,
    started_ms: Millis,
    due_ms: Millis,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct LifetimeV1 {
    objects_collected: u64,
    pieces_sold: u64,
    credits_earned: Credits,
    credits_spent: Credits,
    techs_researched: u64,
    jumps: u64,
}

impl From<&Player> for PlayerRecord {
    fn from(player: &Player) -> Self {
        let life = &player.lifetime;
        let goods = |inventory: &Inventory| inventory.iter().map(|(item, quantity)| (item.clone(), quantity)).collect();
        Self::V2(Box::new(PlayerV2 {
            credits: player.credits,
            ship: player.ship.clone(),
            cargo: goods(&player.cargo),
            known: player.known.clone(),
            research: player.research.as_ref().map(|running| ResearchV1 {
                tech: running.tech.clone(),
                cost: running.cost,
                started_ms: running.started,
                due_ms: running.due,
            }),
            lifetime: LifetimeV1 {
                objects_collected: life.objects_collected,
                pieces_sold: life.pieces_sold,
                credits_earned: life.credits_earned,
                credits_spent: life.credits_spent,
                techs_researched: life.techs_researched,
                jumps: life.jumps,
            },
            storage: player.storage.iter().map(|(hub, inventory)| (hub.clone(), goods(inventory))).collect(),
            crafting: player.crafting.clone(),
            membership: player.membership,
            social: player.social.clone(),
            inbox: player.inbox,
            season: player.season,
        }))
    }
}

impl From<PlayerV1> for PlayerV2 {
    fn from(old: PlayerV1) -> Self {
        Self {
            credits: old.credits,
            ship: old.ship,
            cargo: old.cargo,
            known: old.known,
            research: old.research,
            lifetime: old.lifetime,
            storage: BTreeMap::new(),
            crafting: Crafting::default(),
            membership: Membership::default(),
            social: Social::default(),
            inbox: Inbox::default(),
            season: SeasonScore::default(),
        }
    }
}

impl PlayerRecord {
    /// The state of the player with this id.
    #[must_use]
    pub fn into_player(self, id: PlayerId) -> Player {
        let record: PlayerV2 = match self {
            Self::V1(record) => record.into(),
            Self::V2(record) => *record,
        };
        let life = record.lifetime;
        Player {
            id,
            credits: record.credits,
            ship: record.ship,
            cargo: Inventory::from_goods(record.cargo),
            storage: record.storage.into_iter().map(|(hub, goods)| (hub, Inventory::from_goods(goods))).collect(),
            known: record.known,
            research: record.research.map(|running| RunningResearch {
                tech: running.tech,
                cost: running.cost,
                started: running.started_ms,
                due: running.due_ms,
            }),
            crafting: record.crafting,
            membership: record.membership,
            social: record.social,
            inbox: record.inbox,
            season: record.season,
            lifetime: Lifetime {
                objects_collected: life.objects_collected,
                pieces_sold: life.pieces_sold,
                credits_earned: life.credits_earned,
                credits_spent: life.credits_spent,
                techs_researched: life.techs_researched,
                jumps: life.jumps,
            },
        }
    }
}
