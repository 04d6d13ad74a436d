//! What all actors of one process share. Immutable but for the handles' own insides.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix::ArbiterHandle;
use orrery_core::catalog::{Catalog, content_version};
use orrery_core::game::Rule;
use orrery_core::game::space::SectorSettings;
use orrery_core::types::Millis;
use uuid::Uuid;

use super::audit::AuditNumbers;
use super::chat::Channels;
use super::console_state::ConsoleState;
use super::directory::Directory;
use super::fanout::{FanoutHandle, FanoutMessage};
use super::guild_names::GuildNames;
use super::maintenance::Doors;
use super::missions::MissionNumbers;
use super::notices::Notices;
use super::operators::OperatorAccounts;
use super::outbox::Outbox;
use super::persister::Persister;
use super::season::Seasons;
use super::stats::OnlyMeters;
use super::topics::Topics;
use crate::config::Config;
use crate::store::{Store, StoreError};
use crate::telemetry::{History, Metrics};

/// Between attempts to read what an actor cannot be without.
const LOAD_RETRY: Duration = Duration::from_millis(500);

/// One server process, from its actors' point of view.
pub struct Node {
    /// The settings.
    pub config: Arc<Config>,
    /// The content.
    pub catalog: Arc<Catalog>,
    /// The content's version.
    pub catalog_version: String,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The key figures of the last 24 hours.
    pub history: Arc<History>,
    /// For reads only.
    pub store: Arc<dyn Store>,
    /// For writes.
    pub persister: Persister,
    /// Who is live, and where.
    pub directory: Directory,
    /// Transfers under way.
    pub outbox: Outbox,
    /// Who follows what, and who is here.
    pub topics: Topics,
    /// What is said.
    pub channels: Channels,
    /// Which names guilds have.
    pub guild_names: GuildNames,
    /// The missions' numbers.
    pub missions: MissionNumbers,
    /// The season's leaderboards.
    pub seasons: Seasons,
    /// What those show of themselves of which there is one each.
    pub only: OnlyMeters,
    /// Operators' accounts, and who is inside.
    pub operators: OperatorAccounts,
    /// The audit log's numbers.
    pub audit: AuditNumbers,
    /// What operators have set.
    pub console_state: ConsoleState,
    /// What is announced.
    pub notices: Notices,
    /// Whether players may come in.
    pub doors: Doors,
    /// The HTTP workers' fan-outs. Touched when a worker starts and when the server stops.
    workers: Mutex<Vec<FanoutHandle>>,
    last_number: AtomicU64,
}

impl Node {
    /// A node with nobody live yet. Players are spread over `player_arbiters`.
    #[must_use]
    pub fn new(
        config: Arc<Config>,
        catalog: Arc<Catalog>,
        metrics: Arc<Metrics>,
        store: Arc<dyn Store>,
        persister: Persister,
        player_arbiters: Vec<ArbiterHandle>,
    ) -> Self {
        let catalog_version = content_version(&catalog);
        let history = Arc::new(History::new(config.world.tick_hz, catalog.sectors.keys().map(ToString::to_string)));
        let directory = Directory::new(player_arbiters);
        let (outbox, topics) = (Outbox::default(), Topics::default());
        let (workers, last_number) = (Mutex::default(), AtomicU64::new(0));
        Self {
            config,
            catalog,
            catalog_version,
            metrics,
            history,
            store,
            persister,
            directory,
            outbox,
            topics,
            channels: Channels::default(),
            guild_names: GuildNames::default(),
            missions: MissionNumbers::default(),
            seasons: Seasons::default(),
            only: OnlyMeters::default(),
            operators: OperatorAccounts::default(),
            audit: AuditNumbers::default(),
            console_state: ConsoleState::default(),
            notices: Notices::default(),
            doors: Doors::default(),
            workers,
            last_number,
        }
    }

    /// What rules are told of the world around them, now.
    #[must_use]
    pub fn rule(&self) -> Rule<'_> {
        Rule { catalog: &self.catalog, now: now(), fresh: Uuid::now_v7() }
    }

    /// A number larger than every one given out before in this process. What was caused later has the larger one:
    /// tells attachments, stays and attempts apart, and which of two is out of date.
    pub fn next_number(&self) -> u64 {
        self.last_number.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// A worker's fan-out has started.
    pub fn register_worker(&self, handle: FanoutHandle) {
        self.workers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(handle);
    }

    /// Waits until everything that was ever committed is in the store: whoever then reads it finds it.
    ///
    /// # Errors
    /// It takes longer than `store.answer_timeout_ms`, or the persister has stopped for good.
    pub async fn all_durable(&self) -> Result<(), StoreError> {
        let patience = Duration::from_millis(self.config.store.answer_timeout_ms);
        let durable = self.persister.wait_durable(self.persister.last_enqueued());
        match tokio::time::timeout(patience, durable).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable("earlier commits are not durable yet".to_owned())),
        }
    }

    /// Reads what an actor cannot be without: when everything that was ever committed is in the store, and again until
    /// it succeeds. `what` is for the log.
    pub async fn read_at_last<T>(&self, what: &str, read: impl AsyncFn() -> Result<T, StoreError>) -> T {
        loop {
            let found = match self.persister.wait_durable(self.persister.last_enqueued()).await {
                Ok(()) => read().await,
                Err(gone) => Err(StoreError::Unavailable(gone.to_string())),
            };
            match found {
                Ok(found) => return found,
                Err(error) => {
                    self.metrics.store_errors.inc();
                    tracing::error!(what, error = %error, "failed to load; trying again");
                    tokio::time::sleep(LOAD_RETRY).await;
                }
            }
        }
    }

    /// Tells every worker's fan-out something, without waiting. One that is too far behind is told when it has room.
    pub fn tell_workers(&self, message: impl Fn() -> FanoutMessage) {
        let workers = self.workers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        for worker in workers {
            if let Err(message) = worker.try_send(message()) {
                actix::spawn(async move { worker.send(message).await });
            }
        }
    }

    /// Tells every session that the server is about to stop.
    pub async fn tell_sessions_to_leave(&self) {
        let workers = self.workers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        for worker in workers {
            worker.send(FanoutMessage::Shutdown).await;
        }
    }

    /// The settings of worlds.
    #[must_use]
    pub fn sector_settings(&self) -> SectorSettings {
        let world = &self.config.world;
        SectorSettings {
            tick_hz: world.tick_hz,
            cell_units: world.cell_units,
            interest_radius_units: world.interest_radius_units,
            hysteresis_units: world.hysteresis_units,
            near_units: world.every_tick_within_units,
            middle_units: world.every_2nd_tick_within_units,
        }
    }
}

/// The wall clock.
#[must_use]
pub fn now() -> Millis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}

/// What `debug_panic` asks for. Refused by the session unless `debug.commands` is on.
#[allow(clippy::panic, reason = "this is the point of it")]
pub(super) fn deliberate_panic(why: &'static str) {
    panic!("{why}");
}
