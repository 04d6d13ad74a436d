//! What operators see of a player: the same whether the player is here or not.

use actix::{Context, Recipient};
use orrery_core::game::account::Account;
use orrery_core::game::player::{Place, Player};

use super::actor::{PlayerActor, State};
use crate::actors::session_link::Note;
use crate::actors::world::WorldHandle;

/// A player as its actor knows it.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The account.
    pub account: Account,
    /// The player.
    pub player: Player,
    /// Counts the changes of what is stored of the player.
    pub player_version: u64,
    /// The session: connected, or waiting to be resumed.
    pub session: Option<Recipient<Note>>,
    /// The world the ship is in, and the number of its stay there; that world knows where.
    pub in_space: Option<(WorldHandle, u64)>,
    /// Where the ship came into that world, or was last.
    pub place: Option<Place>,
}

impl PlayerActor {
    /// What there is to see now, with everything done that is due.
    pub(super) fn dossier(&mut self, context: &mut Context<Self>) -> Option<Dossier> {
        self.finish_due(context);
        let State::Live(live) = &self.state else { return None };
        let here = &self.whereabouts;
        let stay = here.stay.as_ref().filter(|stay| stay.world.is_live());
        Some(Dossier {
            account: live.account.clone(),
            player: live.player.clone(),
            player_version: live.player_version,
            session: here.session().cloned(),
            in_space: stay.map(|stay| (stay.world.clone(), stay.number)),
            place: here.place.clone().map(|(world, at)| Place { world, at }),
        })
    }
}
