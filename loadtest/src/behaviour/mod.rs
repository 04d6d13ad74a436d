//! What bots do. A behaviour is asked when its bot's schedule says so; it looks at the view, draws from the dice of
//! that one action and says what to send. It keeps little state, and never waits for an answer: refusals are normal.
//!
//! To add a behaviour: a file here, a variant in [`crate::scenario::Role`], a line in [`of`].

mod collect;
mod economy;
mod fly;
mod jump;
mod reconnect;
mod research;
mod trade;

use std::collections::BTreeSet;

use orrery_core::catalog::{Catalog, Sector};
use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::Navigate;
use orrery_core::protocol::picture::Picture;
use orrery_core::types::{ObjectId, PlayerId, Point, TechKey, units_to_fixed};

use crate::account::Account;
use crate::dice::Dice;
use crate::scenario::Role;
use crate::session::news::{News, Peers};

/// What a bot knows when it decides.
pub struct View<'a> {
    /// Where its ship is now, as far as it can tell.
    pub position: Point,
    /// Everything in view.
    pub picture: &'a Picture,
    /// The content.
    pub catalog: &'a Catalog,
    /// The world its ship is in.
    pub sector: &'a Sector,
    /// Its books.
    pub account: &'a Account,
    /// Its player.
    pub player: PlayerId,
    /// What it has learnt by asking.
    pub news: &'a News,
    /// The players of the other bots.
    pub peers: &'a Peers,
    /// How far its ship collects, in fixed-point steps.
    pub collect_range: i32,
    /// The room in the hold.
    pub cargo_capacity: u64,
    /// What it knows.
    pub known: &'a BTreeSet<TechKey>,
    /// Objects that are not worth a try: asked for already, or refused.
    pub tried: &'a BTreeSet<ObjectId>,
    /// Economic commands that wait for their answers.
    pub economic_pending: usize,
}

/// What a bot does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Nothing, this time.
    Nothing,
    /// Nothing, because an answer has to come first.
    Wait,
    /// Sends a command and wants its answer.
    Command(ClientMessage),
    /// Sends a flight command and wants no answer.
    Forget(Navigate),
    /// Drops the TCP connection without a word.
    Drop,
}

/// A role's way to play.
pub trait Behaviour: Send {
    /// What to do now.
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act;
}

/// The behaviour of a role.
#[must_use]
pub fn of(role: Role) -> Box<dyn Behaviour> {
    match role {
        Role::Fly => Box::new(fly::Fly),
        Role::Collect => Box::new(collect::Collector),
        Role::Trade => Box::new(trade::Trader),
        Role::Jump => Box::new(jump::Jumper),
        Role::Research => Box::new(research::Researcher),
        Role::Reconnect => Box::new(reconnect::Reconnecter),
        Role::Merchant => Box::<economy::Merchant>::default(),
        Role::Craft => Box::<economy::Crafter>::default(),
        Role::Contract => Box::<economy::Contractor>::default(),
        Role::Mission => Box::<economy::Runner>::default(),
        Role::Chat => Box::<economy::Chatterer>::default(),
        Role::Guild => Box::<economy::Member>::default(),
        Role::Give => Box::<economy::Giver>::default(),
    }
}

/// Ranges are judged a little too small: the server decides some ticks later than the bot.
const RANGE_MARGIN: i32 = 2 * 256;

impl View<'_> {
    /// Whether a place is in range, with a margin for the time until the server judges.
    fn reaches(&self, at: Point, range: i32) -> bool {
        self.position.within(at, (range - RANGE_MARGIN).max(1))
    }

    /// The room the goods take.
    fn cargo_used(&self) -> u64 {
        let volume = |item| self.catalog.items.get(item).map_or(0, |kind| kind.volume.0);
        self.account.goods.keys().map(|item| volume(item).saturating_mul(self.account.quantity(item))).sum()
    }
}

/// Flies to a point.
fn fly_to(point: Point) -> Act {
    Act::Command(ClientMessage::Navigate(Navigate { to: Some(point), ..Navigate::default() }))
}

/// Flies to a point nearby rather than across the world, so that something comes of it.
fn wander(view: &View<'_>, dice: &mut Dice) -> Act {
    let reach = units_to_fixed(150);
    let near = dice.point(reach * 2);
    let size = view.sector.size();
    let along = |from: i32, step: i32| from.saturating_add(step - reach).clamp(0, size);
    fly_to(Point::new(along(view.position.x, near.x), along(view.position.y, near.y)))
}
