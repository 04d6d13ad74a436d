//! What follows from a rule, as data. Actors carry it out: commit first, then messages.

use std::collections::BTreeSet;

use super::{Cause, LedgerEntry, LedgerReason, Outcome, PlayerChange, Purpose, Reply, Request, Transfer};
use crate::types::economy::event::{Event, Topic};
use crate::types::economy::mission::MissionView;
use crate::types::economy::social::Notification;
use crate::types::{Account, AuditEntry, Holdings, HubKey, Millis, ObjectId, Party, TechKey, TransferId};

macro_rules! tables {
    ($($(#[$doc:meta])* $table:ident = $text:literal,)*) => {
        /// A table of parts: rows that belong to an actor and are stored each by itself, so that a change of one does
        /// not write them all.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PartTable { $($(#[$doc])* $table,)* }

        impl PartTable {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$table),*];

            /// The table's name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$table => $text,)* }
            }
        }
    };
}

tables! {
    /// A market's counters. One row a market, with id `state`.
    Market = "market",
    /// A market's orders.
    Order = "market_order",
    /// A market's auctions.
    Auction = "auction",
    /// A market's contracts.
    Contract = "contract",
    /// A market's price ticks.
    Price = "price",
    /// A mission. One row a mission, with id `state`.
    Mission = "mission",
    /// A mission's participants.
    Participant = "participant",
    /// A guild, members and all. One row a guild, with id `state`.
    Guild = "guild",
}

/// What one or more rules want to have done. Collected by the caller, carried out as one commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// The state of the actor itself changed and must be stored.
    pub touched: bool,
    /// Objects of the world that appeared or went.
    pub objects: BTreeSet<ObjectId>,
    /// Parts of the actor that appeared, changed or went: table and id.
    pub parts: BTreeSet<(PartTable, String)>,
    /// Movements of goods and credits.
    pub ledger: Vec<LedgerEntry>,
    /// Transfers that begin here.
    pub sent: Vec<Transfer>,
    /// Transfers that end here.
    pub received: Vec<TransferId>,
    /// Technologies that were finished.
    pub research_done: Vec<TechKey>,
    /// What the player is to be told and can read again.
    pub notifications: Vec<Notification>,
    /// What followers of a topic are to be told.
    pub events: Vec<(Topic, Event)>,
    /// Missions that are over, each with its number: for the list of past ones.
    pub missions_over: Vec<(u64, MissionView)>,
    /// What operators did that this follows from: for the audit log.
    pub audit: Vec<AuditEntry>,
}

impl Effects {
    /// Whether nothing follows at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A part appeared, changed or went.
    pub fn touch_part(&mut self, table: PartTable, id: impl ToString) {
        self.parts.insert((table, id.to_string()));
    }

    /// Value moves within the states that this commit writes, or from or to outside. The caller changes the states.
    pub fn moved(
        &mut self,
        from: impl Into<Account>,
        to: impl Into<Account>,
        holdings: &Holdings,
        reason: LedgerReason,
        cause: &Cause,
        now: Millis,
    ) {
        self.ledger.extend(LedgerEntry::of(&from.into(), &to.into(), holdings, reason, cause, now));
    }

    /// A transfer begins. The caller takes its value out of the sender's state.
    pub fn send(&mut self, transfer: Transfer, now: Millis) {
        let cause = Cause { command: transfer.purpose.command(), transfer: Some(transfer.id.clone()) };
        let (from, holdings, reason) = (&transfer.from, &transfer.holdings, transfer.reason);
        self.ledger.extend(LedgerEntry::of(from, &Account::Transit, holdings, reason, &cause, now));
        self.sent.push(transfer);
    }

    /// A transfer ends. The caller puts its value into the receiver's state.
    pub fn receive(&mut self, transfer: &Transfer, now: Millis) {
        let cause = Cause { command: transfer.purpose.command(), transfer: Some(transfer.id.clone()) };
        let to = Account::Party(transfer.to.clone());
        let (holdings, reason) = (&transfer.holdings, transfer.reason);
        self.ledger.extend(LedgerEntry::of(&Account::Transit, &to, holdings, reason, &cause, now));
        self.received.push(transfer.id.clone());
    }

    /// Answers a request, and sends this much along. The caller takes it out of the sender's state.
    pub fn reply(&mut self, from: &Party, request: &Request, reply: ReplyParts, now: Millis) {
        let ReplyParts { outcome, holdings, reason, hub, changes } = reply;
        let (command, fingerprint) = (request.command, request.fingerprint);
        let reply = Reply { command, fingerprint, outcome, hub, changes };
        let transfer = Transfer {
            id: TransferId::of_reply(request.player, command),
            from: from.clone().into(),
            to: Party::Player(request.player),
            holdings,
            reason,
            purpose: Purpose::Reply(Box::new(reply)),
        };
        self.send(transfer, now);
    }
}

/// What [`Effects::reply`] sends.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplyParts {
    /// What became of the request.
    pub outcome: Outcome,
    /// What goes to the player with the answer.
    pub holdings: Holdings,
    /// Why, for the ledger.
    pub reason: LedgerReason,
    /// The hub in whose storage goods are put.
    pub hub: Option<HubKey>,
    /// What changes for the player besides.
    pub changes: Vec<PlayerChange>,
}

impl Purpose {
    /// The command behind it.
    #[must_use]
    pub fn command(&self) -> Option<crate::types::CommandId> {
        match self {
            Self::Collected { command, .. } => Some(*command),
            Self::Request(request) => Some(request.command),
            Self::Reply(reply) => Some(reply.command),
            Self::Parcel(_) => None,
        }
    }
}
