//! Where a player's ship is, and which session is the player's.
//!
//! The worlds know where ships are; the player's actor knows which world that is. Messages of two worlds may come in
//! either order, so each stay of a ship in a world has a number, and each session of the player too: the larger one is
//! the later one, whichever is heard of first.

use std::sync::Arc;

use actix::{Context, Handler, Recipient, ResponseFuture};
use orrery_core::game::space::ShipSpec;
use orrery_core::protocol::{ErrorBody, ServerMessage};
use orrery_core::types::economy::event::Presence;
use orrery_core::types::{Point, WorldKey};

use super::actor::{PlayerActor, State, load};
use super::messages::{Attach, AttachHow, AttachRefusal, Attached, Place, PlayerMessage, WhereIsShip};
use crate::actors::answers::of_shut_out;
use crate::actors::node::now;
use crate::actors::session_link::Note;
use crate::actors::world::{Evict, Leave, WorldHandle};
use crate::store::ShipRow;

/// What the player's actor knows of ship and session.
#[derive(Default)]
pub(super) struct Whereabouts {
    pub(super) session: Option<LinkedSession>,
    /// The number of the last session.
    attachment: u64,
    pub(super) stay: Option<Stay>,
    /// The number of the last stay heard of.
    last_stay: u64,
    /// Where the ship was last, as far as this actor knows.
    pub(super) place: Option<(WorldKey, Point)>,
}

/// The player's session.
pub(super) struct LinkedSession {
    note: Recipient<Note>,
    resume_token: String,
    /// The token that this session itself resumed with: good until the client has surely got the new one, which it
    /// shows by using it.
    previous_token: Option<String>,
}

/// A stay of the ship in a world.
pub(super) struct Stay {
    pub(super) number: u64,
    pub(super) world: WorldHandle,
}

impl Whereabouts {
    pub(super) fn at(place: Option<(WorldKey, Point)>) -> Self {
        Self { place, ..Self::default() }
    }

    /// The session, if it is alive.
    pub(super) fn session(&self) -> Option<&Recipient<Note>> {
        self.session.as_ref().map(|session| &session.note).filter(|note| note.connected())
    }

    /// The world the ship is in, if it is alive.
    pub(super) fn world(&self) -> Option<&WorldHandle> {
        self.stay.as_ref().map(|stay| &stay.world).filter(|world| world.is_live())
    }

    fn place(&self) -> Place {
        match (self.world(), &self.place) {
            (Some(world), _) => Place::InSpace(world.key.clone()),
            (None, Some((world, at))) => Place::Last(world.clone(), *at),
            (None, None) => Place::Nowhere,
        }
    }
}

impl PlayerActor {
    pub(super) fn world(&self) -> Option<&WorldHandle> {
        self.whereabouts.world()
    }

    pub(super) fn tell(&self, note: Note) {
        if let Some(session) = self.whereabouts.session() {
            session.do_send(note);
        }
    }

    pub(super) fn ship_in(&mut self, world: WorldHandle, number: u64, at: Point) {
        let (player, here) = (self.id, &mut self.whereabouts);
        if number < here.last_stay {
            return world.addr().do_send(Evict { player, stay: number });
        }
        here.last_stay = number;
        here.place = Some((world.key.clone(), at));
        if let Some(old) = here.stay.replace(Stay { number, world })
            && old.number != number
        {
            old.world.addr().do_send(Evict { player, stay: old.number });
        }
        if here.session().is_none() {
            self.leave_space();
        }
        self.tune_in();
    }

    pub(super) fn ship_left(&mut self, row: ShipRow, number: u64) {
        if self.whereabouts.stay.take_if(|stay| stay.number == number).is_some() {
            self.whereabouts.place = Some((row.world, row.at));
            self.tune_in();
        }
    }

    /// No world took the ship in. Unless it is in space again by now, its session is to look for it, as after a world has
    /// failed: that one waits for the world to be ready.
    pub(super) fn stranded(&mut self, row: ShipRow, number: u64) {
        self.ship_left(row, number);
        if self.whereabouts.stay.is_none() {
            self.tell(Note::Rejoin);
        }
    }

    /// A session is over. If it was the player's, the ship leaves space, wherever its last jump has brought it.
    pub(super) fn detach(&mut self, session: &Recipient<Note>) {
        if self.whereabouts.session.take_if(|current| current.note == *session).is_some() {
            self.go_offline();
        }
    }

    /// A session that failed has said nothing.
    pub(super) fn drop_dead_session(&mut self) {
        if self.whereabouts.session.take_if(|session| !session.note.connected()).is_some() {
            self.go_offline();
        }
    }

    /// Sends the player away, if there is a session: connected, or waiting to be resumed.
    pub(super) fn expel(&mut self, error: Option<ErrorBody>, reason: &str) -> bool {
        let Some(session) = self.whereabouts.session.take() else { return false };
        let here = session.note.connected();
        session.note.do_send(Note::Expelled { error, reason: reason.to_owned() });
        self.go_offline();
        here
    }

    /// Whether the operators let the player in.
    fn check_door(&mut self, attach: &Attach) -> Result<(), AttachRefusal> {
        let Some(live) = self.live() else { return Ok(()) };
        let Err(shut_out) = live.account.moderation.check(now()) else { return Ok(()) };
        match attach.how {
            AttachHow::New => {}
            // What there was to be resumed has ended with the ban; who only guesses a token learns nothing.
            AttachHow::Resume(_) => return Err(AttachRefusal::NothingToResume),
            AttachHow::Again(_) => {
                let (error, reason) = (Some(of_shut_out(&shut_out)), shut_out.to_string());
                attach.session.do_send(Note::Expelled { error, reason });
            }
        }
        Err(shut_out.into())
    }

    /// The session is over for good.
    fn go_offline(&mut self) {
        self.leave_space();
        self.node.topics.forget(self.id);
        self.be_online(false);
        self.tune_in();
    }

    /// Tells the friends who are here, if it is news.
    pub(super) fn be_online(&self, online: bool) {
        let State::Live(live) = &self.state else { return };
        if self.node.topics.set_online(self.id, online) {
            for friend in live.player.social.friends() {
                let presence = Presence { player: self.id, online };
                self.node.directory.tell_if_live(friend, PlayerMessage::FriendIs(presence));
            }
        }
    }

    /// A player who thinks to be a friend has come or gone.
    pub(super) fn friend_is(&self, presence: Presence) {
        if matches!(&self.state, State::Live(live) if live.player.social.is_friend(presence.player)) {
            self.tell(Note::Event(ServerMessage::Presence(presence)));
        }
    }

    fn leave_space(&self) {
        if let Some(world) = self.world() {
            world.addr().do_send(Leave { player: self.id, attachment: self.whereabouts.attachment });
        }
    }

    fn link(&mut self, attach: Attach, attachment: u64) -> Result<bool, AttachRefusal> {
        let old = self.whereabouts.session.take_if(|_| true);
        let connected = old.as_ref().is_some_and(|old| old.note.connected());
        let previous_token = match (&attach.how, &old) {
            (AttachHow::New, _) => None,
            (AttachHow::Resume(token), Some(old))
                if connected && (*token == old.resume_token || Some(token) == old.previous_token.as_ref()) =>
            {
                Some(token.clone())
            }
            (AttachHow::Again(_), _) if !connected => None,
            (AttachHow::Resume(_) | AttachHow::Again(_), _) => {
                self.whereabouts.session = old;
                return Err(AttachRefusal::NothingToResume);
            }
        };
        let resumed = previous_token.is_some();
        if let Some(old) = old {
            old.note.do_send(if resumed { Note::HandOver(attach.session.clone()) } else { Note::Replaced });
        }
        let resume_token = attach.resume_token;
        self.whereabouts.session = Some(LinkedSession { note: attach.session, resume_token, previous_token });
        self.whereabouts.attachment = attachment;
        Ok(resumed)
    }
}

impl Handler<Attach> for PlayerActor {
    type Result = Result<Attached, AttachRefusal>;

    fn handle(&mut self, attach: Attach, _: &mut Context<Self>) -> Self::Result {
        let _timing = self.touch("attach");
        let again = match attach.how {
            AttachHow::Again(attachment) => Some(attachment),
            AttachHow::New | AttachHow::Resume(_) => None,
        };
        let attachment = again.unwrap_or_else(|| self.node.next_number());
        match &self.state {
            State::Live(_) => {}
            State::Missing => return Err(AttachRefusal::Unknown),
            State::Loading | State::Unreadable | State::Left => {
                if again.is_some() {
                    // So that what it asks is answered, if only with the reason why it cannot be.
                    let _ = self.link(attach, attachment);
                }
                return Err(AttachRefusal::StorageUnavailable);
            }
        }
        let note = attach.session.clone();
        self.check_door(&attach)?;
        let resumed = self.link(attach, attachment).inspect_err(|_| {
            if again.is_some() {
                // A later session has come while this one did not know that the actor had failed.
                note.do_send(Note::Replaced);
            }
        })?;
        let account = self.live().map(|live| (live.account.name.clone(), live.account.is_guest()));
        let (name, guest) = account.ok_or(AttachRefusal::Unknown)?;
        if !resumed && again.is_none() {
            // What an earlier session followed was that session's.
            self.node.topics.forget(self.id);
        }
        self.be_online(true);
        self.tune_in();
        if again.is_none() {
            self.tell_unread();
        }
        Ok(Attached { name, guest, attachment, resumed })
    }
}

impl Handler<WhereIsShip> for PlayerActor {
    type Result = ResponseFuture<Option<(ShipSpec, Place)>>;

    fn handle(&mut self, question: WhereIsShip, _: &mut Context<Self>) -> Self::Result {
        let _timing = self.touch("where_is_ship");
        let is_lost = question.is_lost && self.whereabouts.stay.take().is_some();
        let (spec, place) = (self.ship_spec(), self.whereabouts.place());
        // A world that failed took the ship's last seconds with it: the store knows better than this actor.
        let in_failed_world = is_lost || (self.whereabouts.stay.is_some() && self.world().is_none());
        let (node, id) = (Arc::clone(&self.node), self.id);
        Box::pin(async move {
            let stored = if in_failed_world { load(node, id).await.ok().flatten() } else { None };
            let last = stored.and_then(|stored| stored.ship).map(|ship| Place::Last(ship.world, ship.at));
            Some((spec?, last.unwrap_or(place)))
        })
    }
}
