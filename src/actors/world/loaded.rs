//! A world as it is in memory, and as it is in the store: read once, then written row by row as effects change it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use orrery_core::catalog::Sector as SectorContent;
use orrery_core::game::Effects;
use orrery_core::game::space::{Interest, RecentNews, Sector, TickNews, ViewChange};

use crate::actors::fanout::EncodedTick;
use crate::actors::node::Node;
use crate::store::record::WorldRecord;
use crate::store::{Commit, ObjectRow, ShipRow, StoredWorld, Versioned, Write};

/// A world that is loaded.
pub(super) struct Loaded {
    pub(super) sector: Sector,
    pub(super) interest: Arc<Interest>,
    news: RecentNews,
    version: u64,
    positions_stored: Instant,
}

/// Reads the world, if it takes several attempts.
pub(super) async fn read(node: Arc<Node>, content: SectorContent) -> StoredWorld {
    node.read_at_last(&content.key.to_string(), async || node.store.load_world(&content.key).await).await
}

impl Loaded {
    /// The world that was stored; one that was not is filled for the first time, and that committed.
    pub(super) fn begin(node: &Node, content: &SectorContent, stored: StoredWorld) -> Self {
        let is_new = stored.world.is_none();
        let (version, seed, last_object) = match stored.world {
            Some(Versioned { version, record: WorldRecord::V1 { seed, last_object } }) => (version, seed, last_object),
            None => (0, node.config.world.seed ^ u64::from(content.number), 0),
        };
        let mut sector = Sector::new(content, node.sector_settings(), seed, last_object);
        for object in stored.objects {
            sector.insert_object(object.id, object.kind, object.at, object.quantity);
        }
        let mut fx = Effects::default();
        if is_new {
            sector.fill(&node.catalog, &mut fx);
        }
        tracing::info!(world = %content.key, objects = sector.objects().len(), new = is_new, "world loaded");
        let interest = Arc::new(sector.interest().clone());
        let mut loaded =
            Self { sector, interest, news: RecentNews::default(), version, positions_stored: Instant::now() };
        let commit = loaded.commit_of(&fx);
        if !commit.is_empty() {
            node.persister.enqueue(commit);
        }
        loaded
    }

    /// The rows of the world that effects changed.
    pub(super) fn commit_of(&mut self, fx: &Effects) -> Commit {
        let sector = &self.sector;
        let mut commit: Commit = fx
            .objects
            .iter()
            .map(|id| match sector.objects().get(id) {
                Some(object) => Write::PutObject(ObjectRow {
                    id: *id,
                    world: sector.key().clone(),
                    kind: object.kind.clone(),
                    at: object.at,
                    quantity: object.quantity,
                }),
                None => Write::DeleteObject(*id),
            })
            .collect();
        if fx.touched {
            self.version += 1;
            let record = WorldRecord::V1 { seed: sector.seed(), last_object: sector.last_object() };
            commit.push(Write::World(sector.key().clone(), Versioned { version: self.version, record }));
        }
        commit
    }

    /// Stores where ships have moved to: when it is time and the store keeps up, or `at_once`.
    pub(super) fn store_positions(&mut self, node: &Node, at_once: bool) {
        let interval = Duration::from_millis(node.config.world.position_flush_ms);
        if !at_once && (self.positions_stored.elapsed() < interval || !node.persister.has_room()) {
            return;
        }
        self.positions_stored = Instant::now();
        let world = self.sector.key().clone();
        let moved = self.sector.take_unsaved().into_iter();
        let commit: Commit =
            moved.map(|(player, at)| Write::Ship(ShipRow { player, world: world.clone(), at })).collect();
        if !commit.is_empty() {
            node.persister.enqueue(commit);
        }
    }

    /// A tick's frames, with snapshots of the cells that came into a view.
    pub(super) fn frames(&mut self, news: TickNews, moved: &[ViewChange]) -> Arc<EncodedTick> {
        self.news.push(news);
        let mut entered: Vec<_> = moved.iter().flat_map(|view| view.entered.iter().copied()).collect();
        entered.sort_unstable();
        entered.dedup();
        let snapshots = entered.into_iter().map(|cell| self.sector.snapshot(cell)).collect();
        let (number, interest) = (self.sector.number(), Arc::clone(&self.interest));
        Arc::new(EncodedTick::new(number, interest, self.news.clone(), snapshots))
    }
}
