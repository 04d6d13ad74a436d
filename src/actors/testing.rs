//! A node over the store's double, for the actors' tests.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use actix::Arbiter;
use orrery_core::catalog::Catalog;
use orrery_core::types::{By, OperatorId};
use uuid::Uuid;

use super::node::Node;
use super::operation::Operation;
use super::persister::Persister;
use crate::config::Config;
use crate::store::Store as _;
use crate::store::memory::MemoryStore;
use crate::telemetry::Metrics;

/// The project's own content.
pub(crate) fn catalog() -> Catalog {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalog");
    crate::catalog::load(&folder).unwrap()
}

/// An operator's order.
pub(crate) fn operation() -> Operation {
    let by = By { operator: OperatorId(Uuid::nil()), name: "Grace".to_owned(), address: "local".to_owned() };
    Operation { by, reason: "because".to_owned(), dry_run: false, expected: None, undoes: None }
}

/// A server without its gateway. Nobody is live yet.
pub(crate) async fn node(store: Arc<MemoryStore>, catalog: Catalog, config: Config) -> Arc<Node> {
    let (metrics, config) = (Arc::new(Metrics::new()), Arc::new(config));
    let epoch = store.claim().await.unwrap();
    let persister = Persister::start(store.clone(), epoch, &config.store, Arc::clone(&metrics), drop);
    let arbiters = vec![Arbiter::new().handle()];
    Arc::new(Node::new(config, Arc::new(catalog), metrics, store, persister, arbiters))
}
