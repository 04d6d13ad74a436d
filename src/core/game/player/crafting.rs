//! Crafting: goods are made of goods at hubs, in jobs that queue for slots. Inputs and fee are paid when a job is
//! queued; what it makes comes into the storage at the hub when it is done, whoever is looking.

use std::collections::BTreeMap;

use super::deal::check_quantity;
use super::job_queue::Job;
use super::storage::{too_large, unknown_hub};
use super::{DealContext, Player, Prepared};
use crate::catalog::{Blueprint, Catalog, Stat};
use crate::game::{Cause, Effects, LedgerReason, Rule};
use crate::types::economy::craft::{CancelCraft, Craft, CraftCancelled, CraftQueued, JobView, Jobs};
use crate::types::economy::event::Notice;
use crate::types::{Credits, ErrorCode, External, Holdings, ItemKey, JobId, Millis, Quantity, Refusal};

impl Player {
    /// Queues a job and takes inputs and fee for all its runs.
    pub(super) fn craft(&mut self, body: &Craft, cx: &DealContext<'_>, fx: &mut Effects) -> Result<Prepared, Refusal> {
        let now = cx.rule.now;
        let blueprint = self.check_craft(body, cx.rule.catalog)?;
        let job = self.new_job(blueprint, body, cx)?;
        let inputs = Holdings { credits: Credits::ZERO, goods: job.inputs.clone() };
        self.check_has(&inputs.clone().with_credits(job.fee), Some(&body.hub))?;

        self.take_out(&inputs, Some(&body.hub));
        self.spend(job.fee);
        fx.touched = true;
        let cause = Cause::from(cx.command);
        fx.moved(self.id, External::Workshop, &inputs, LedgerReason::Craft, &cause, now);
        fx.moved(self.id, External::Services, &Holdings::of_credits(job.fee), LedgerReason::Craft, &cause, now);
        let (id, starts, due, fee) = (job.id, job.starts, job.due, job.fee);
        self.crafting.last = id.0;
        self.crafting.jobs.push(job);
        Ok(Prepared::done(&CraftQueued { job: id, starts_ms: starts, due_ms: due, fee, balance: self.credits }))
    }

    /// Gives a job up. One that has not begun comes back whole; of one that has, the catalogue's share does, rounded
    /// down for each item. Those behind it move up.
    pub(super) fn cancel_craft(
        &mut self,
        body: &CancelCraft,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        let now = cx.rule.now;
        let gone = || Refusal::new(ErrorCode::NotFound, format!("there is no job {}", body.job));
        let index = self.crafting.jobs.iter().position(|job| job.id == body.job).ok_or_else(gone)?;
        let job = self.crafting.jobs[index].clone();
        if job.due <= now {
            return Err(Refusal::new(ErrorCode::Ended, format!("job {} is done", body.job)));
        }
        let permille = if job.starts > now { 1_000 } else { cx.rule.catalog.economy.craft.refund_permille };
        let back = refund(&job, permille);
        self.put_in(&back, Some(&job.hub)).ok_or_else(too_large)?;

        self.crafting.jobs.remove(index);
        self.crafting.move_up(self.craft_slots(cx.rule.catalog), now);
        fx.touched = true;
        let (goods, credits) = (back.clone().with_credits(Credits::ZERO), Holdings::of_credits(back.credits));
        let cause = Cause::from(cx.command);
        fx.moved(External::Workshop, self.id, &goods, LedgerReason::CraftRefund, &cause, now);
        fx.moved(External::Services, self.id, &credits, LedgerReason::CraftRefund, &cause, now);
        let (goods, refund) = (back.goods, back.credits);
        Ok(Prepared::done(&CraftCancelled { job: body.job, goods, refund, balance: self.credits }))
    }

    /// Finishes the jobs that are due, in the order in which they were done. To be called when the player is loaded,
    /// before each command, and when [`Player::crafting_due`] comes. However late it is called, the jobs that follow
    /// begin and end when they would have if it had been called in time.
    pub fn finish_due_jobs(&mut self, rule: &Rule<'_>, fx: &mut Effects) {
        // A research that is due as well may have brought a slot in between.
        self.finish_due_research(rule.now, fx);
        if let Some(at) = self.crafting.slots_changed.take() {
            self.crafting.move_up(self.craft_slots(rule.catalog), at);
            fx.touched = true;
        }
        for job in self.crafting.take_done(rule.now) {
            self.deliver_job(job, rule.now, fx);
        }
    }

    /// When [`Player::finish_due_jobs`] is to be called next.
    #[must_use]
    pub fn crafting_due(&self) -> Option<Millis> {
        self.crafting.jobs.iter().map(|job| job.due).chain(self.crafting.slots_changed).min()
    }

    /// The jobs, in the order in which they were queued.
    #[must_use]
    pub fn jobs_view(&self, catalog: &Catalog) -> Jobs {
        let view = |job: &Job| JobView {
            job: job.id,
            hub: job.hub.clone(),
            blueprint: job.blueprint.clone(),
            runs: job.runs,
            starts_ms: job.starts,
            due_ms: job.due,
        };
        Jobs { items: self.crafting.jobs.iter().map(view).collect(), slots: self.craft_slots(catalog) }
    }

    fn check_craft<'a>(&self, body: &Craft, catalog: &'a Catalog) -> Result<&'a Blueprint, Refusal> {
        let rules = &catalog.economy.craft;
        if body.runs == 0 || body.runs > rules.runs_max {
            let text = format!("runs: must be 1 to {}", rules.runs_max);
            return Err(Refusal::bad_request(text).with("limit", rules.runs_max));
        }
        let key = &body.blueprint;
        let unknown = || Refusal::new(ErrorCode::UnknownBlueprint, format!("there is no blueprint {key}"));
        let blueprint = catalog.blueprints.get(key).ok_or_else(unknown)?;
        if catalog.hub(&body.hub).is_none() {
            return Err(unknown_hub(&body.hub));
        }
        if !blueprint.hubs.is_empty() && !blueprint.hubs.contains(&body.hub) {
            return Err(Refusal::new(ErrorCode::NotSold, format!("{} does not make {key}", body.hub)));
        }
        if let Some(missing) = blueprint.requires.iter().find(|tech| !self.known.contains(*tech)) {
            let refusal = Refusal::new(ErrorCode::RequirementMissing, format!("{missing} must be known"));
            return Err(refusal.with("missing", missing.as_str()));
        }
        if self.crafting.jobs.len() >= rules.jobs_max {
            let refusal = Refusal::new(ErrorCode::LimitReached, format!("only {} jobs may wait", rules.jobs_max));
            return Err(refusal.with("limit", rules.jobs_max));
        }
        Ok(blueprint)
    }

    fn new_job(&self, blueprint: &Blueprint, body: &Craft, cx: &DealContext<'_>) -> Result<Job, Refusal> {
        let runs = u64::from(body.runs);
        let all_runs = |(item, quantity): (&ItemKey, &Quantity)| Some((item.clone(), quantity.checked_mul(runs)?));
        let inputs: Option<BTreeMap<_, _>> = blueprint.inputs.iter().map(all_runs).collect();
        let output_quantity = blueprint.output_quantity.checked_mul(runs).ok_or_else(too_large)?;
        check_quantity(output_quantity)?;
        let slots = self.craft_slots(cx.rule.catalog);
        let starts = self.crafting.free_from(self.crafting.jobs.len(), slots, cx.rule.now);
        Ok(Job {
            id: JobId(self.crafting.last + 1),
            hub: body.hub.clone(),
            blueprint: blueprint.key.clone(),
            runs: body.runs,
            inputs: inputs.ok_or_else(too_large)?,
            fee: blueprint.fee.checked_mul(runs).ok_or_else(too_large)?,
            output: blueprint.output.clone(),
            output_quantity,
            starts,
            due: starts.plus_seconds(blueprint.seconds.saturating_mul(runs)),
        })
    }

    fn deliver_job(&mut self, job: Job, now: Millis, fx: &mut Effects) {
        // A storage holds 2^53 - 1 pieces of an item; nobody has ever seen a fuller one.
        let stored = self.storage.get(&job.hub).map_or(Quantity::ZERO, |stored| stored.quantity(&job.output));
        let quantity = Quantity(Quantity::MAX.0 - stored.0).min(job.output_quantity);
        let goods = Holdings::of_goods(job.output.clone(), quantity);
        let fits = self.put_in(&goods, Some(&job.hub));
        debug_assert!(fits.is_some(), "there is room for this many");
        fx.touched = true;
        fx.moved(External::Workshop, self.id, &goods, LedgerReason::Craft, &Cause::default(), now);
        self.notify(Notice::Crafted { job: job.id, hub: job.hub, item: job.output, quantity }, now, fx);
    }

    /// How many jobs run at the same time.
    fn craft_slots(&self, catalog: &Catalog) -> u32 {
        let percent = self.tech_percent(Stat::CraftSlots, catalog);
        catalog.economy.craft.slots.saturating_add(u32::try_from(percent / 100).unwrap_or(u32::MAX))
    }
}

/// A share of what a job cost.
fn refund(job: &Job, permille: u64) -> Holdings {
    let share = |amount: u64| u64::try_from(u128::from(amount) * u128::from(permille) / 1_000).unwrap_or(amount);
    let parts = job.inputs.iter().map(|(item, quantity)| (item.clone(), Quantity(share(quantity.0))));
    let goods = parts.filter(|(_, quantity)| *quantity > Quantity::ZERO).collect();
    Holdings { credits: Credits(share(job.fee.0)), goods }
}
