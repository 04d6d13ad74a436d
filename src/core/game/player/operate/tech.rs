//! Technologies, taught and forgotten. The tree stays sound: nothing is known whose requirements are not.

use serde_json::{Value, json};

use super::{OperateContext, OperateRefusal, Operated, OperatorChange};
use crate::catalog::Tech;
use crate::game::Effects;
use crate::game::player::Player;
use crate::types::TechKey;
use crate::types::economy::event::Notice;

impl Player {
    pub(super) fn be_taught(
        &mut self,
        tech: &TechKey,
        cx: &OperateContext<'_>,
        fx: &mut Effects,
    ) -> Result<Operated, OperateRefusal> {
        let kind = kind(tech, cx)?;
        if self.known.contains(tech) {
            return Err(OperateRefusal::AlreadyKnown(tech.clone()));
        }
        if self.research.as_ref().is_some_and(|running| running.tech == *tech) {
            return Err(OperateRefusal::Researching(tech.clone()));
        }
        if let Some(missing) = kind.requires.iter().find(|required| !self.known.contains(*required)) {
            return Err(OperateRefusal::RequirementMissing { missing: missing.clone() });
        }
        self.known.insert(tech.clone());
        // It may have brought a crafting slot.
        self.crafting.slots_changed = (!self.crafting.jobs.is_empty()).then_some(cx.rule.now);
        self.be_told(Notice::TechGranted { tech: tech.clone() }, cx, fx);
        let undo = Some(OperatorChange::RevokeTech { tech: tech.clone() });
        Ok(Operated { before: known(tech, false), after: known(tech, true), undo })
    }

    /// Crafting jobs that began earlier because of it stay as they are.
    pub(super) fn be_untaught(
        &mut self,
        tech: &TechKey,
        cx: &OperateContext<'_>,
        fx: &mut Effects,
    ) -> Result<Operated, OperateRefusal> {
        if !self.known.contains(tech) {
            return Err(OperateRefusal::NotKnown(tech.clone()));
        }
        let running = self.research.as_ref().map(|running| &running.tech);
        let requires =
            |other: &&TechKey| cx.rule.catalog.techs.get(*other).is_some_and(|other| other.requires.contains(tech));
        if let Some(by) = self.known.iter().chain(running).find(requires) {
            return Err(OperateRefusal::Required { by: by.clone() });
        }
        self.known.remove(tech);
        self.be_told(Notice::TechRevoked { tech: tech.clone() }, cx, fx);
        let undo = Some(OperatorChange::GrantTech { tech: tech.clone() });
        Ok(Operated { before: known(tech, true), after: known(tech, false), undo })
    }
}

fn kind<'a>(tech: &TechKey, cx: &OperateContext<'a>) -> Result<&'a Tech, OperateRefusal> {
    cx.rule.catalog.techs.get(tech).ok_or_else(|| OperateRefusal::UnknownTech(tech.clone()))
}

fn known(tech: &TechKey, known: bool) -> Value {
    json!({ "known": { tech.as_str(): known } })
}
