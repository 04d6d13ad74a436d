//! A player's mailbox.

use actix::{Addr, Message, Recipient};
use orrery_core::game::Transfer;
use orrery_core::game::account::TokenHash;
use orrery_core::game::moderation::ShutOut;
use orrery_core::game::player::SellOrder;
use orrery_core::game::space::{ShipSpec, WorldRefusal};
use orrery_core::protocol::ServerMessage;
use orrery_core::types::economy::chat::Channel;
use orrery_core::types::economy::event::Presence;
use orrery_core::types::economy::{Ask, Deal};
use orrery_core::types::{CommandId, HubKey, Millis, ObjectId, PlayerId, Point, Refusal, TechKey, WorldKey};

use tokio::sync::oneshot;

use super::PlayerActor;
use super::dossier::Dossier;
use super::operate::{Kick, Operate};
use crate::actors::accounts::AccountError;
use crate::actors::chat::Said;
use crate::actors::ending::End;
use crate::actors::session_link::{Answer, Note};
use crate::actors::stats::Handle;
use crate::actors::world::WorldHandle;
use crate::store::ShipRow;

/// A command that moves goods or credits.
#[derive(Clone, Debug)]
pub enum EconomyCommand {
    /// Collect an object.
    Collect(ObjectId),
    /// Sell goods.
    Sell(HubKey, SellOrder),
    /// Begin a research.
    Research(TechKey),
    /// Give up the running research.
    CancelResearch,
    /// A deal of the economy.
    Deal(Box<Deal>),
}

/// A question; its answer has no effect.
#[derive(Clone, Debug)]
pub enum Query {
    /// Wallet, cargo, research, statistics.
    Status,
    /// What the ship can do.
    ShipStats,
    /// The tech tree.
    TechTree,
    /// About the economy.
    Economy(Box<Ask>),
}

/// Who asks, and so is answered.
#[derive(Debug)]
pub enum Via {
    /// The player's session, whichever that is when the answer is ready.
    Session,
    /// A request of its own, which waits. When its sender is dropped without an answer, the player's actor has failed: the
    /// effect of a command is unknown, and it is to be repeated with the same id.
    Http(oneshot::Sender<Answer>),
}

/// A message that nobody waits for.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub enum PlayerMessage {
    /// An economic command. One that is repeated is answered alike, wherever it comes from.
    Execute {
        /// The idempotency key.
        id: CommandId,
        /// A hash of the command as it was sent.
        fingerprint: u64,
        /// What to do.
        command: EconomyCommand,
        /// Who asks.
        via: Via,
    },
    /// A question.
    Ask {
        /// To be repeated in the answer.
        id: Option<CommandId>,
        /// What.
        query: Query,
        /// Who asks.
        via: Via,
    },
    /// A world's answer to what this player asked of it.
    WorldVerdict {
        /// For which command.
        command: CommandId,
        /// For which attempt at it.
        attempt: u64,
        /// Go on, or why not.
        verdict: Result<(), WorldRefusal>,
    },
    /// An answer for the session, from a world that the ship has left meanwhile.
    PassOn {
        /// To which command.
        id: Option<CommandId>,
        /// What became of it.
        answer: Answer,
    },
    /// Something for the session to tell its client; reliable.
    Event(ServerMessage),
    /// Something was said.
    Hear {
        /// In a channel that one listens to.
        stream: Option<String>,
        /// Which, from this player's point of view.
        channel: Channel,
        /// What, and by whom.
        line: Said,
    },
    /// May this player be written to?
    MayReach {
        /// Who would like to.
        from: PlayerId,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<(), Refusal>>,
    },
    /// A friend has come or gone.
    FriendIs(Presence),
    /// A transfer arrives.
    Deliver(Transfer),
    /// The ship is in this world now.
    ShipIn {
        /// Which.
        world: WorldHandle,
        /// Numbers this stay; later stays have larger numbers.
        stay: u64,
        /// Where it was when it came.
        at: Point,
    },
    /// The ship went through a gate.
    Jumped,
    /// The ship was taken out of space.
    ShipLeft {
        /// Where.
        row: ShipRow,
        /// Which stay has ended.
        stay: u64,
    },
    /// The ship has left a world for another, which was not ready to take it in: it is in none, and its place is where
    /// it was going to.
    Stranded {
        /// Where that is.
        row: ShipRow,
        /// Which stay had ended.
        stay: u64,
    },
    /// The session is over.
    Detach(Recipient<Note>),
    /// An operator changes the player, or tries to.
    Operate(Box<Operate>),
    /// An operator sends the player away.
    Kick(Box<Kick>),
    /// An operator looks at the player; `None`: there is no such player, or the store does not answer.
    Describe(oneshot::Sender<Option<Dossier>>),
    /// Leave memory if possible: others need the room.
    MakeRoom,
    /// An operator wants it to end.
    End(End),
    /// Panic, for tests of containment.
    Panic,
}

/// How others reach a player's actor.
pub type PlayerHandle = Handle<Addr<PlayerActor>>;

impl PlayerHandle {
    /// Sends a message that nobody waits for. Not the mailbox bounds what waits there, but the limits on what players may
    /// send.
    pub fn tell(&self, message: PlayerMessage) {
        self.do_send(self.post(message));
    }
}

impl PlayerMessage {
    /// Its name, for the figures of its handlers, for incidents and traces.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Execute { command, .. } => command.name(),
            Self::Ask { query, .. } => query.name(),
            Self::WorldVerdict { .. } => "world_verdict",
            Self::PassOn { .. } => "pass_on",
            Self::Event(_) => "event",
            Self::Hear { .. } => "hear",
            Self::MayReach { .. } => "may_reach",
            Self::FriendIs(_) => "friend_is",
            Self::Deliver(_) => "deliver",
            Self::ShipIn { .. } => "ship_in",
            Self::Jumped => "jumped",
            Self::ShipLeft { .. } => "ship_left",
            Self::Stranded { .. } => "stranded",
            Self::Detach(_) => "detach",
            Self::Operate(_) => "operate",
            Self::Kick(_) => "kick",
            Self::Describe(_) => "describe",
            Self::MakeRoom => "make_room",
            Self::End(_) => "end",
            Self::Panic => "debug_panic",
        }
    }
}

impl EconomyCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Collect(_) => "collect",
            Self::Sell(..) => "sell",
            Self::Research(_) => "research",
            Self::CancelResearch => "cancel_research",
            Self::Deal(deal) => deal.name(),
        }
    }
}

impl Query {
    fn name(&self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::ShipStats => "ship_stats",
            Self::TechTree => "tech_tree",
            Self::Economy(ask) => ask.name(),
        }
    }
}

/// How a session becomes a player's session.
#[derive(Clone, Debug)]
pub enum AttachHow {
    /// As a new one.
    New,
    /// It takes up the session with this resume token.
    Resume(String),
    /// It was the session, with this number, before the player's actor failed.
    Again(u64),
}

/// A session wants to be this player's session.
#[derive(Message)]
#[rtype(result = "Result<Attached, AttachRefusal>")]
pub struct Attach {
    /// Where to send notes.
    pub session: Recipient<Note>,
    /// What the session will accept for a resume.
    pub resume_token: String,
    /// How.
    pub how: AttachHow,
}

/// Where a player's ship is.
#[derive(Clone, Debug)]
pub enum Place {
    /// In space, in this world.
    InSpace(WorldKey),
    /// Not in space; it was here last.
    Last(WorldKey, Point),
    /// It never was anywhere.
    Nowhere,
}

/// What ship has the player, and where is it? `None` when the player is not in memory.
#[derive(Message)]
#[rtype(result = "Option<(ShipSpec, Place)>")]
pub struct WhereIsShip {
    /// The world it was said to be in has not had it for a while: it was lost on its way between two worlds.
    pub is_lost: bool,
}

/// A session is this player's session now.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The player's name.
    pub name: String,
    /// Whether its account can be claimed.
    pub guest: bool,
    /// Numbers the player's sessions; later ones have larger numbers.
    pub attachment: u64,
    /// Whether the old session's state follows in a [`Note::TakeOver`].
    pub resumed: bool,
}

/// A session that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachRefusal {
    /// There is no such player.
    #[error("there is no such player")]
    Unknown,
    /// There is no session with this resume token any more.
    #[error("there is nothing to resume")]
    NothingToResume,
    /// The player cannot be loaded now.
    #[error("the store does not answer")]
    StorageUnavailable,
    /// The operators do not let the player in.
    #[error(transparent)]
    ShutOut(#[from] ShutOut),
}

/// A change of the account. Answered when it is durable.
#[derive(Message)]
#[rtype(result = "Result<AccountReply, AccountError>")]
pub enum AccountChange {
    /// Nothing but to wait until the account is durable: it was made just now.
    Created,
    /// Begin a log-in.
    OpenFamily {
        /// Its first refresh token.
        token: TokenHash,
        /// Until when.
        expires: Millis,
    },
    /// Replace a log-in's refresh token.
    Rotate {
        /// Which log-in.
        family: u64,
        /// The token that was presented.
        presented: TokenHash,
        /// The next one.
        next: TokenHash,
        /// Until when.
        expires: Millis,
    },
    /// End a log-in.
    CloseFamily(u64),
    /// Make a guest's account a named one.
    Claim {
        /// The name.
        name: String,
        /// The password's hash.
        password_hash: String,
    },
}

/// What came of an [`AccountChange`].
#[derive(Clone, Debug)]
pub struct AccountReply {
    /// The account's name.
    pub name: String,
    /// The number of the log-in that was begun; 0 otherwise.
    pub family: u64,
}
