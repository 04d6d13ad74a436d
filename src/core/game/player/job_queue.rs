//! The queue of a player's crafting jobs: when each begins and is done. Jobs begin in the order in which they were
//! queued, each as soon as a slot is free; all times are known from the start and hold across restarts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::types::{BlueprintKey, Credits, HubKey, ItemKey, JobId, Millis, Quantity};

/// A player's crafting jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crafting {
    /// In the order in which they were queued.
    pub jobs: Vec<Job>,
    /// The number of the last job.
    pub last: u64,
    /// A research ended then that may have brought slots, and the times were not looked at since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots_changed: Option<Millis>,
}

/// A job. It says for itself what went in and what comes out, so that it ends as it began when the content changes.
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
    /// What went in, for all runs.
    pub inputs: BTreeMap<ItemKey, Quantity>,
    /// What was paid.
    pub fee: Credits,
    /// What comes out.
    pub output: ItemKey,
    /// How many pieces of it, of all runs.
    pub output_quantity: Quantity,
    /// When it begins or began.
    pub starts: Millis,
    /// When it is done.
    pub due: Millis,
}

impl Crafting {
    /// When a job could begin that is queued behind the first `ahead` jobs at a time.
    pub(super) fn free_from(&self, ahead: usize, slots: u32, at: Millis) -> Millis {
        let mut dues: Vec<Millis> = self.jobs[..ahead].iter().map(|job| job.due).filter(|due| *due > at).collect();
        dues.sort_unstable();
        // As soon as all but so many are done that one slot is free.
        let slots = usize::try_from(slots).unwrap_or(usize::MAX).max(1);
        match dues.len().checked_sub(slots) {
            None => at,
            Some(others) => dues[others],
        }
    }

    /// Lets the jobs that have not begun at a time move up.
    pub(super) fn move_up(&mut self, slots: u32, at: Millis) {
        for index in 0..self.jobs.len() {
            if self.jobs[index].starts > at {
                let starts = self.free_from(index, slots, at);
                let job = &mut self.jobs[index];
                job.due = Millis(starts.0.saturating_add(job.due.since(job.starts)));
                job.starts = starts;
            }
        }
    }

    /// Takes the jobs away that are done at a time, in the order in which they were done.
    pub(super) fn take_done(&mut self, at: Millis) -> Vec<Job> {
        let (mut done, left): (Vec<Job>, Vec<Job>) =
            std::mem::take(&mut self.jobs).into_iter().partition(|job| job.due <= at);
        self.jobs = left;
        done.sort_by_key(|job| (job.due, job.id));
        done
    }
}
