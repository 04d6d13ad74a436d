//! The stored form of a player.

use std::collections::{BTreeMap, BTreeSet};

use orrery_core::game::player::{Inventory, Lifetime, Player, RunningResearch};
use orrery_core::types::{Credits, ItemKey, Millis, PlayerId, Quantity, ShipKindKey, TechKey};
use serde::{Deserialize, Serialize};

/// A player as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum PlayerRecord {
    /// Since 0.1.
    #[serde(rename = "1")]
    V1(PlayerV1),
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
        Self::V1(PlayerV1 {
            credits: player.credits,
            ship: player.ship.clone(),
            cargo: player.cargo.iter().map(|(item, quantity)| (item.clone(), quantity)).collect(),
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
        })
    }
}

impl PlayerRecord {
    /// The state of the player with this id.
    #[must_use]
    pub fn into_player(self, id: PlayerId) -> Player {
        let Self::V1(record) = self;
        let life = record.lifetime;
        Player {
            id,
            credits: record.credits,
            ship: record.ship,
            cargo: Inventory::from_goods(record.cargo),
            known: record.known,
            research: record.research.map(|running| RunningResearch {
                tech: running.tech,
                cost: running.cost,
                started: running.started_ms,
                due: running.due_ms,
            }),
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
