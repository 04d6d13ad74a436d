//! What the contract's tests need of a backend besides the store: fresh data, a second process, damage.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use orrery::config::StoreConfig;
use orrery::store::memory::MemoryStore;
use orrery::store::{Store, open, open_for_reading};
use orrery_core::types::PlayerId;

use crate::postgres;

/// Makes each function that takes a `&dyn Backend` a test on every backend.
macro_rules! on_every_backend {
    ($($test:ident),* $(,)?) => {
        on_every_backend!(@ memory Memory: $($test),*);
        on_every_backend!(@ sqlite Sqlite: $($test),*);
        on_every_backend!(@ postgres Postgres: $($test),*);
    };
    (@ $module:ident $backend:ident: $($test:ident),*) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(backend) = crate::backend::$backend::fresh().await {
                    super::$test(&backend).await;
                }
            })*
        }
    };
}
pub(crate) use on_every_backend;

#[async_trait]
pub(crate) trait Backend: Send + Sync {
    /// A handle to the data, as another process would have it.
    fn process(&self) -> Arc<dyn Store>;
    /// A handle for reading only.
    fn reader(&self) -> Arc<dyn Store>;
    /// Makes a player's row unreadable.
    async fn corrupt_player(&self, id: PlayerId);
    /// Counts the epoch up behind the owner's back.
    async fn steal(&self);
}

pub(crate) struct Memory(MemoryStore);

impl Memory {
    pub(crate) async fn fresh() -> Option<Self> {
        Some(Self(MemoryStore::new()))
    }
}

#[async_trait]
impl Backend for Memory {
    fn process(&self) -> Arc<dyn Store> {
        Arc::new(self.0.another_process())
    }

    fn reader(&self) -> Arc<dyn Store> {
        self.process()
    }

    async fn corrupt_player(&self, id: PlayerId) {
        self.0.corrupt_player(id);
    }

    async fn steal(&self) {
        self.0.steal();
    }
}

pub(crate) struct Sqlite(tempfile::TempDir);

impl Sqlite {
    pub(crate) async fn fresh() -> Option<Self> {
        Some(Self(tempfile::tempdir().unwrap()))
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("made/for/it/orrery.db")
    }

    fn config(&self) -> StoreConfig {
        StoreConfig { url: format!("sqlite:{}", self.path().display()), ..StoreConfig::default() }
    }

    pub(crate) fn execute(&self, sql: &str) {
        rusqlite::Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }
}

#[async_trait]
impl Backend for Sqlite {
    fn process(&self) -> Arc<dyn Store> {
        open(&self.config(), Path::new("unused")).unwrap()
    }

    fn reader(&self) -> Arc<dyn Store> {
        open_for_reading(&self.config(), Path::new("unused")).unwrap()
    }

    async fn corrupt_player(&self, id: PlayerId) {
        let id = id.0.simple();
        self.execute(&format!(r#"UPDATE player SET doc = '{{"v":"999"}}' WHERE id = x'{id}'"#));
    }

    async fn steal(&self) {
        self.execute("UPDATE node SET epoch = epoch + 1, batch = 0");
    }
}

pub(crate) struct Postgres(String);

impl Postgres {
    pub(crate) async fn fresh() -> Option<Self> {
        Some(Self::at(postgres::shared()?.create_database().await))
    }

    pub(crate) fn at(url: String) -> Self {
        Self(url)
    }

    pub(crate) fn url(&self) -> &str {
        &self.0
    }
}

#[async_trait]
impl Backend for Postgres {
    fn process(&self) -> Arc<dyn Store> {
        let config = StoreConfig { url: self.0.clone(), ..StoreConfig::default() };
        open(&config, Path::new("unused")).unwrap()
    }

    fn reader(&self) -> Arc<dyn Store> {
        let config = StoreConfig { url: self.0.clone(), ..StoreConfig::default() };
        open_for_reading(&config, Path::new("unused")).unwrap()
    }

    async fn corrupt_player(&self, id: PlayerId) {
        let sql = format!(r#"UPDATE player SET doc = '{{"v":"999"}}' WHERE id = '{id}'"#);
        postgres::execute(&self.0, &sql).await;
    }

    async fn steal(&self) {
        postgres::execute(&self.0, "UPDATE node SET epoch = epoch + 1, batch = 0").await;
    }
}
