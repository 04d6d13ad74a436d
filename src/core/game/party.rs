//! The contract of an actor that owns value and deals with players: market, mission, guild. One shell in
//! `actors::party` runs them all.

use serde_json::Value;
use uuid::Uuid;

use super::{Effects, PartTable, Transfer};
use crate::catalog::Catalog;
use crate::types::economy::Ask;
use crate::types::{Holdings, Millis, Party, PlayerId, Refusal};

/// What a rule is told about the world around it.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    /// The content, the economy's settings among it.
    pub catalog: &'a Catalog,
    /// The wall clock.
    pub now: Millis,
    /// An id that was never used, should one be needed.
    pub fresh: Uuid,
}

/// The state of such an actor.
pub trait PartyRules: Sized {
    /// The state that parts in the store add up to; `None` when there is no such actor. A market always is, also
    /// without parts.
    ///
    /// # Errors
    /// A part cannot be understood; says which, and why.
    fn load(party: &Party, parts: Vec<(PartTable, String, Value)>, rule: &Rule<'_>) -> Result<Option<Self>, String>;

    /// What a transfer makes begin that comes to where nobody is: a guild, by the request that founds it. The transfer
    /// is then received as any other.
    fn found(party: &Party, transfer: &Transfer, rule: &Rule<'_>) -> Option<Self> {
        let _ = (party, transfer, rule);
        None
    }

    /// What a request is refused with that comes to where nobody is.
    fn unknown() -> Refusal;

    /// Its account.
    fn party(&self) -> Party;

    /// What people call it; empty when it has no name but its id.
    fn name(&self) -> &str {
        ""
    }

    /// Takes a transfer in. Called once for each. A [`super::Purpose::Request`] is answered by exactly one
    /// [`Effects::reply`] in the same call; one that is refused gets all its value back. Begins with
    /// [`Effects::receive`].
    fn receive(&mut self, transfer: &Transfer, rule: &Rule<'_>, fx: &mut Effects);

    /// Answers a question of a player's.
    ///
    /// # Errors
    /// What is asked for does not exist, or is not for this player.
    fn answer(&self, ask: &Ask, player: PlayerId, rule: &Rule<'_>) -> Result<Value, Refusal>;

    /// When [`PartyRules::on_due`] wants to be called next, if no transfer comes before.
    fn due(&self) -> Option<Millis>;

    /// Does what is due: expiries, deadlines, payments. Bounded work: what is left is due at once.
    fn on_due(&mut self, rule: &Rule<'_>, fx: &mut Effects);

    /// A part as it is to be stored; `None` when it is gone. Asked for what [`Effects::parts`] names.
    fn part(&self, table: PartTable, id: &str) -> Option<Value>;

    /// Everything it holds: what the ledger must say as well.
    fn holdings(&self) -> Holdings;

    /// Whether it has nothing left to do and can be forgotten.
    fn is_over(&self) -> bool {
        false
    }
}
