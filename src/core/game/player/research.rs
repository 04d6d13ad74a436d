//! Research: one technology at a time, paid for at the start, due at a wall-clock time that survives restarts.

use super::{Player, PlayerRefusal, Receipt};
use crate::catalog::Catalog;
use crate::game::{Cause, Effects, LedgerReason};
use crate::types::economy::event::Notice;
use crate::types::{CommandId, Credits, External, Holdings, Millis, TechKey};

/// A research under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningResearch {
    /// What.
    pub tech: TechKey,
    /// What was paid.
    pub cost: Credits,
    /// When it began.
    pub started: Millis,
    /// When it is done.
    pub due: Millis,
}

impl Player {
    /// Begins a research and pays for it.
    ///
    /// # Errors
    /// Unknown, known, running, requirement missing, or too expensive.
    pub fn start_research(
        &mut self,
        catalog: &Catalog,
        tech: &TechKey,
        command: CommandId,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<Receipt, PlayerRefusal> {
        let kind = catalog.techs.get(tech).ok_or_else(|| PlayerRefusal::UnknownTech(tech.clone()))?;
        if self.known.contains(tech) {
            return Err(PlayerRefusal::AlreadyKnown(tech.clone()));
        }
        if let Some(running) = &self.research {
            return Err(PlayerRefusal::ResearchRunning { tech: running.tech.clone(), due: running.due });
        }
        if let Some(missing) = kind.requires.iter().find(|required| !self.known.contains(*required)) {
            return Err(PlayerRefusal::RequirementMissing { missing: missing.clone() });
        }
        let (needed, have) = (kind.cost, self.credits);
        let balance = have.checked_sub(needed).ok_or(PlayerRefusal::NotEnoughCredits { needed, have })?;
        let spent = self.lifetime.credits_spent.checked_add(needed).ok_or(PlayerRefusal::AmountTooLarge)?;

        self.credits = balance;
        self.lifetime.credits_spent = spent;
        let due = now.plus_seconds(kind.seconds);
        self.research = Some(RunningResearch { tech: tech.clone(), cost: needed, started: now, due });
        fx.touched = true;
        let (cost, cause) = (Holdings::of_credits(needed), Cause::from(command));
        fx.moved(self.id, External::Services, &cost, LedgerReason::Research, &cause, now);
        Ok(Receipt::ResearchStarted { tech: tech.clone(), cost: needed, due, balance })
    }

    /// Gives up the running research. What comes back is the share of the price that belongs to the time left.
    ///
    /// # Errors
    /// None is running, or the wallet is too full for what comes back.
    pub fn cancel_research(
        &mut self,
        command: CommandId,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<Receipt, PlayerRefusal> {
        let running = self.research.as_ref().ok_or(PlayerRefusal::NoResearch)?;
        let (left, total) = (running.due.since(now), running.due.since(running.started).max(1));
        let share = u128::from(running.cost.0) * u128::from(left.min(total)) / u128::from(total);
        let refund = Credits(u64::try_from(share).unwrap_or(running.cost.0));
        let balance = self.credits.checked_add(refund).ok_or(PlayerRefusal::AmountTooLarge)?;

        let tech = running.tech.clone();
        self.research = None;
        self.credits = balance;
        fx.touched = true;
        let (back, cause) = (Holdings::of_credits(refund), Cause::from(command));
        fx.moved(External::Services, self.id, &back, LedgerReason::ResearchRefund, &cause, now);
        Ok(Receipt::ResearchCancelled { tech, refund, balance })
    }

    /// Finishes the research if it is due. To be called when the player is loaded, before each command, and when the
    /// due time comes.
    pub fn finish_due_research(&mut self, now: Millis, fx: &mut Effects) {
        if let Some(running) = self.research.take_if(|running| running.due <= now) {
            self.known.insert(running.tech.clone());
            // It may have brought a crafting slot, from the moment at which it was due.
            self.crafting.slots_changed = (!self.crafting.jobs.is_empty()).then_some(running.due);
            self.lifetime.techs_researched += 1;
            fx.touched = true;
            fx.research_done.push(running.tech.clone());
            self.notify(Notice::ResearchDone { tech: running.tech }, now, fx);
        }
    }
}
