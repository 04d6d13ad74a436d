//! A player's side of guilds: in which one the player is, and what the player asks it for. The guild itself decides.

use serde::{Deserialize, Serialize};

use super::{DealContext, Player, Prepared};
use crate::game::account::is_valid_name;
use crate::game::{Effects, LedgerReason, PlayerChange};
use crate::types::economy::Deal;
use crate::types::economy::guild::Amount;
use crate::types::{CommandId, Credits, ErrorCode, GuildId, Holdings, Party, Refusal};

/// In which guild the player is, as far as its transfers have come. Only [`Membership::None`] lets a player found or
/// join one, and it is left in the commit that sends the request: nobody joins two at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// In none.
    #[default]
    None,
    /// About to join or found this one: the guild has not answered yet.
    Joining {
        /// Which.
        guild: GuildId,
        /// By this command: its answer ends this, one way or the other.
        command: CommandId,
    },
    /// In this one.
    In(GuildId),
}

impl Player {
    pub(super) fn guild_deal(
        &mut self,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        match deal {
            Deal::FoundGuild(body) => {
                if !is_valid_name(&body.name) {
                    return Err(Refusal::bad_request(
                        "name: must be 3 to 24 letters, digits, '_', '-' or inner spaces",
                    ));
                }
                let fee = cx.rule.catalog.economy.guild.founding_fee;
                self.join(GuildId(cx.rule.fresh), Holdings::of_credits(fee), deal, cx, fx)
            }
            Deal::AcceptInvite(body) => self.join(body.guild, Holdings::default(), deal, cx, fx),
            Deal::DeclineInvite(body) => self.ask_guild(body.guild, Holdings::default(), deal, cx, fx),
            Deal::GuildDeposit(body) => {
                check_amount(body)?;
                let guild = self.own_guild()?;
                self.ask_guild(guild, Holdings::of_credits(body.credits), deal, cx, fx)
            }
            Deal::GuildWithdraw(body) => {
                check_amount(body)?;
                let guild = self.own_guild()?;
                self.ask_guild(guild, Holdings::default(), deal, cx, fx)
            }
            _ => {
                let guild = self.own_guild()?;
                self.ask_guild(guild, Holdings::default(), deal, cx, fx)
            }
        }
    }

    /// The guild the player is in.
    ///
    /// # Errors
    /// In none; says so as the player is told.
    pub fn own_guild(&self) -> Result<GuildId, Refusal> {
        match self.membership {
            Membership::In(guild) => Ok(guild),
            Membership::None | Membership::Joining { .. } => {
                Err(Refusal::new(ErrorCode::NoGuild, "you are in no guild"))
            }
        }
    }

    fn join(
        &mut self,
        guild: GuildId,
        holdings: Holdings,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        if self.membership != Membership::None {
            return Err(Refusal::new(ErrorCode::InGuild, "you are in a guild, or about to be"));
        }
        let asked = self.ask_guild(guild, holdings, deal, cx, fx)?;
        self.membership = Membership::Joining { guild, command: cx.command };
        fx.touched = true;
        Ok(asked)
    }

    fn ask_guild(
        &mut self,
        guild: GuildId,
        holdings: Holdings,
        deal: &Deal,
        cx: &DealContext<'_>,
        fx: &mut Effects,
    ) -> Result<Prepared, Refusal> {
        self.ask(Party::Guild(guild), holdings, None, LedgerReason::Guild, deal, cx, fx)
    }

    /// A guild has said that the player belongs to it, or not any more.
    pub(super) fn guild_change(&mut self, change: &PlayerChange) {
        match change {
            PlayerChange::JoinedGuild(guild) => self.membership = Membership::In(*guild),
            PlayerChange::LeftGuild(guild) if self.membership == Membership::In(*guild) => {
                self.membership = Membership::None;
            }
            _ => {}
        }
    }

    /// A command was answered, and what came with the answer is done: if it was to join a guild and did not, the player
    /// is in none.
    pub(super) fn end_joining(&mut self, answered: CommandId) {
        if matches!(self.membership, Membership::Joining { command, .. } if command == answered) {
            self.membership = Membership::None;
        }
    }
}

fn check_amount(body: &Amount) -> Result<(), Refusal> {
    if body.credits == Credits::ZERO || body.credits > Credits::MAX {
        return Err(Refusal::bad_request("credits: must be 1 to 2^53 - 1"));
    }
    Ok(())
}
