//! The treasury, and how much of it each member may take a day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Granted, Guild, not_allowed};
use crate::game::Rule;
use crate::types::economy::guild::{Role, SetLimit};
use crate::types::{Credits, ErrorCode, Holdings, Millis, PlayerId, Refusal};

const DAY_MS: u64 = 86_400_000;

/// What the leader has said that a member of a role may withdraw a day; the catalogue's, as long as nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Limits {
    member: Option<Credits>,
    officer: Option<Credits>,
}

/// What was withdrawn on a day. Kept by player and not by member: who leaves and comes back has used it all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Withdrawn {
    /// Days since 1970, in UTC.
    day: u64,
    by_player: BTreeMap<PlayerId, Credits>,
}

impl Withdrawn {
    fn used(&self, player: PlayerId, now: Millis) -> Credits {
        let today = self.by_player.get(&player).filter(|_| self.day == now.0 / DAY_MS);
        today.copied().unwrap_or(Credits::ZERO)
    }

    fn use_up(&mut self, player: PlayerId, used: Credits, now: Millis) {
        if self.day != now.0 / DAY_MS {
            *self = Self { day: now.0 / DAY_MS, by_player: BTreeMap::new() };
        }
        self.by_player.insert(player, used);
    }
}

impl Guild {
    pub(super) fn deposit(&mut self, credits: Credits) -> Result<Granted, Refusal> {
        let too_large = || Refusal::new(ErrorCode::AmountTooLarge, "the treasury would hold too much");
        self.treasury = self.treasury.checked_add(credits).ok_or_else(too_large)?;
        Ok(self.changed())
    }

    pub(super) fn withdraw(
        &mut self,
        player: PlayerId,
        by: Role,
        credits: Credits,
        rule: &Rule<'_>,
    ) -> Result<Granted, Refusal> {
        let used = self.withdrawn.used(player, rule.now);
        let after = used.checked_add(credits).unwrap_or(Credits::MAX);
        if let Some(limit) = self.limit(by, rule)
            && after > limit
        {
            let text = format!("{used} of {limit} credits a day are used");
            let refusal = Refusal::new(ErrorCode::LimitReached, text);
            return Err(refusal.with("limit", limit.0).with("used", used.0));
        }
        if self.treasury < credits {
            let text = format!("{credits} credits needed, {} in the treasury", self.treasury);
            let refusal = Refusal::new(ErrorCode::NotEnoughCredits, text);
            return Err(refusal.with("needed", credits.0).with("have", self.treasury.0));
        }
        self.treasury = Credits(self.treasury.0 - credits.0);
        self.withdrawn.use_up(player, after, rule.now);
        Ok(Granted { holdings: Holdings::of_credits(credits), ..self.changed() })
    }

    pub(super) fn set_limit(&mut self, by: Role, body: &SetLimit) -> Result<Granted, Refusal> {
        if by < Role::Leader {
            return Err(not_allowed("only the leader sets limits"));
        }
        if body.credits > Credits::MAX {
            return Err(Refusal::bad_request("credits: must be at most 2^53 - 1"));
        }
        match body.role {
            Role::Member => self.limits.member = Some(body.credits),
            Role::Officer => self.limits.officer = Some(body.credits),
            Role::Leader => return Err(Refusal::bad_request("role: the leader has no limit")),
        }
        Ok(self.changed())
    }

    /// What a member of this role may withdraw a day; `None`: everything.
    pub(super) fn limit(&self, role: Role, rule: &Rule<'_>) -> Option<Credits> {
        let rules = &rule.catalog.economy.guild;
        match role {
            Role::Member => Some(self.limits.member.unwrap_or(rules.member_limit)),
            Role::Officer => Some(self.limits.officer.unwrap_or(rules.officer_limit)),
            Role::Leader => None,
        }
    }
}
