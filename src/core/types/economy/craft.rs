//! Crafting.

use super::wire;
use crate::types::{BlueprintKey, Credits, HubKey, ItemKey, JobId, Millis, Quantity};

wire! {
    /// `craft`: the inputs (from the storage at the hub first, then from the hold) and the fee are taken now; the
    /// output comes into the storage at the hub when the job is done.
    Craft {
        /// The hub.
        hub: HubKey,
        /// The blueprint.
        blueprint: BlueprintKey,
        /// How many times; 1 to the catalogue's bound.
        runs: u32,
    }
    /// `cancel_craft`: all of a job that has not begun comes back, of one that has begun what the catalogue says.
    CancelCraft {
        /// The job.
        job: JobId,
    }
    /// Answers `craft`.
    CraftQueued {
        /// Its id.
        job: JobId,
        /// When it begins: at once, if a slot is free.
        starts_ms: Millis,
        /// When it is done.
        due_ms: Millis,
        /// What it cost.
        fee: Credits,
        /// The wallet after it.
        balance: Credits,
    }
    /// Answers `cancel_craft`.
    CraftCancelled {
        /// The job.
        job: JobId,
        /// What came back, into the storage at the hub.
        goods: std::collections::BTreeMap<ItemKey, Quantity>,
        /// What came back of the fee.
        refund: Credits,
        /// The wallet after it.
        balance: Credits,
    }
    /// A job.
    JobView {
        /// Its id.
        job: JobId,
        /// The hub.
        hub: HubKey,
        /// The blueprint.
        blueprint: BlueprintKey,
        /// How many times.
        runs: u32,
        /// When it begins or began.
        starts_ms: Millis,
        /// When it is done.
        due_ms: Millis,
    }
    /// Answers `jobs`.
    Jobs {
        /// In their order.
        items: Vec<JobView>,
        /// How many run at the same time.
        slots: u32,
    }
}
