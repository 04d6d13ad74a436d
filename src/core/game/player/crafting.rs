//! Crafting: jobs at hubs, queued by slots, due at wall-clock times that survive restarts.

use serde::{Deserialize, Serialize};

use super::{DealContext, Player, Prepared};
use crate::game::{Effects, Rule};
use crate::types::economy::craft::{CancelCraft, Craft};
use crate::types::{BlueprintKey, Credits, ErrorCode, HubKey, JobId, Millis, Refusal};

/// A player's crafting jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crafting {
    /// In the order in which they were queued.
    pub jobs: Vec<Job>,
    /// The number of the last job.
    pub last: u64,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Where.
    pub hub: HubKey,
    /// What.
    pub blueprint: BlueprintKey,
    /// How many times.
    pub runs: u32,
    /// What was paid.
    pub fee: Credits,
    /// When it begins or began.
    pub starts: Millis,
    /// When it is done.
    pub due: Millis,
}

impl Player {
    pub(super) fn craft(&mut self, _: &Craft, _: &DealContext<'_>, _: &mut Effects) -> Result<Prepared, Refusal> {
        Err(Refusal::new(ErrorCode::Disabled, "not built yet"))
    }

    pub(super) fn cancel_craft(
        &mut self,
        _: &CancelCraft,
        _: &DealContext<'_>,
        _: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        Err(Refusal::new(ErrorCode::Disabled, "not built yet"))
    }

    /// Finishes the jobs that are due. To be called when the player is loaded, before each command, and when
    /// [`Player::crafting_due`] comes.
    pub fn finish_due_jobs(&mut self, _: &Rule<'_>, _: &mut Effects) {}

    /// When the next job is done.
    #[must_use]
    pub fn crafting_due(&self) -> Option<Millis> {
        self.crafting.jobs.iter().map(|job| job.due).min()
    }
}
