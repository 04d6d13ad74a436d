//! The contract of an actor that owns value and deals with players: market, mission, guild. One shell in
//! `actors::party` runs them all.

use serde_json::Value;
use uuid::Uuid;

use super::{Effects, PartTable, Transfer};
use crate::catalog::Catalog;
use crate::types::economy::Ask;
use crate::types::{Credits, ErrorCode, Holdings, ItemKey, Millis, OrderId, Party, PlayerId, Refusal};

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

/// What an operator looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspect {
    /// All that is worth a page of its own: counts, best prices, members.
    Whole,
    /// A market's orders by id.
    Orders {
        /// Of one item only.
        item: Option<ItemKey>,
        /// The last one of the page before.
        after: Option<OrderId>,
        /// At most so many.
        limit: usize,
    },
}

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intervention {
    /// It ends now, as if its time were up.
    End,
    /// The same, if nobody has contributed anything: it might as well not have begun.
    Cancel,
}

/// What an [`Intervention`] changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervened {
    /// What it was.
    pub before: Value,
    /// What it becomes.
    pub after: Value,
}

/// A guild's line in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuildLine {
    /// Its name.
    pub name: String,
    /// How many members it has.
    pub members: usize,
    /// Who leads it.
    pub leader: Option<PlayerId>,
    /// What is in the treasury.
    pub treasury: Credits,
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

    /// Answers an operator's question.
    ///
    /// # Errors
    /// There is nothing of the kind here.
    fn inspect(&self, what: &Inspect, rule: &Rule<'_>) -> Result<Value, Refusal> {
        let _ = (what, rule);
        Err(Refusal::new(ErrorCode::NotFound, "there is nothing of the kind here"))
    }

    /// Counts what operators must know of before they interfere.
    fn version(&self) -> u64 {
        0
    }

    /// Carries out what an operator does, or, on a dry run, only tells what would come of it.
    ///
    /// # Errors
    /// It cannot be done; nothing has changed.
    fn intervene(
        &mut self,
        how: Intervention,
        dry_run: bool,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<Intervened, Refusal> {
        let _ = (how, dry_run, rule, fx);
        Err(Refusal::new(ErrorCode::NotAllowed, "operators cannot end this"))
    }

    /// Its line in the list of all guilds; for guilds.
    fn guild_line(&self) -> Option<GuildLine> {
        None
    }

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
