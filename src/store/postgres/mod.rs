//! postgres
use super::*;
pub struct PostgresStore;
impl PostgresStore {
    pub fn new(_url: &str, _c: &crate::config::StoreConfig) -> Result<Self, StoreError> {
        Err(StoreError::Refused(super::open::masked(_url)))
    }
}
#[async_trait]
impl Store for PostgresStore {
    async fn claim(&self) -> Result<u64, StoreError> {
        todo!()
    }
    async fn release(&self) {
        todo!()
    }
    async fn write(&self, _: &Batch) -> Result<(), StoreError> {
        todo!()
    }
    async fn last_batch(&self) -> Result<BatchMark, StoreError> {
        todo!()
    }
    async fn ping(&self) -> Result<(), StoreError> {
        todo!()
    }
    async fn load_player(&self, _: PlayerId) -> Result<Option<StoredPlayer>, StoreError> {
        todo!()
    }
    async fn account_by_name(&self, _: &str) -> Result<Option<(PlayerId, AccountRecord)>, StoreError> {
        todo!()
    }
    async fn load_world(&self, _: &WorldKey) -> Result<StoredWorld, StoreError> {
        todo!()
    }
    async fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        todo!()
    }
    async fn export(&self) -> Result<Export, StoreError> {
        todo!()
    }
}
