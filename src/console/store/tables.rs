//! The tables' sizes, which take the store a moment to tell: asked for at most every ten seconds, whoever looks.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::actors::node::Node;
use crate::store::StoreSize;

/// How long the answer is good.
const GOOD_FOR: Duration = Duration::from_secs(10);
/// How long a request waits for it. The answer is kept for the next one.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last answer, and when it was asked for.
#[derive(Default)]
pub(in crate::console) struct SizeCache(Mutex<(Option<Instant>, StoreSize)>);

impl SizeCache {
    /// The sizes; those of before, or none, as long as the store does not tell.
    pub(super) async fn sizes(&self, node: &Node) -> StoreSize {
        // Held while the store is asked, so that it is asked once.
        let mut last = self.0.lock().await;
        if last.0.is_none_or(|asked| asked.elapsed() >= GOOD_FOR) {
            last.0 = Some(Instant::now());
            match tokio::time::timeout(PATIENCE, node.store.table_sizes()).await {
                Ok(Ok(sizes)) => last.1 = sizes,
                Ok(Err(error)) => tracing::debug!(error = %error, "the tables' sizes cannot be read"),
                Err(_) => tracing::debug!("the store takes long to tell the tables' sizes"),
            }
        }
        last.1.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::actors::testing;
    use crate::config::Config;
    use crate::store::memory::MemoryStore;

    #[actix_web::test]
    async fn the_store_is_not_asked_again_at_once_and_its_failure_is_no_error() {
        let store = Arc::new(MemoryStore::new());
        let node = testing::node(Arc::clone(&store), testing::catalog(), Config::default()).await;
        let cache = SizeCache::default();
        assert!(!cache.sizes(&node).await.tables.is_empty());
        store.set_down(true);
        assert!(!cache.sizes(&node).await.tables.is_empty(), "it was not asked");
        assert_eq!(SizeCache::default().sizes(&node).await, StoreSize::default());
    }
}
