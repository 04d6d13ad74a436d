//! What a bot has learnt by asking: order books, auctions, contracts, missions, its guild. Behaviours decide by it; it
//! may be old.

use std::collections::BTreeMap;
use std::sync::Mutex;

use orrery_core::types::economy::contract::{ContractPage, ContractView};
use orrery_core::types::economy::event::Notice;
use orrery_core::types::economy::guild::GuildView;
use orrery_core::types::economy::market::{AuctionPage, AuctionView, Book};
use orrery_core::types::economy::mission::{MissionPage, MissionView};
use orrery_core::types::economy::{Ask, Deal};
use orrery_core::types::{GuildId, HubKey, PlayerId};
use serde_json::Value;

use crate::account::Account;
use crate::dice::Dice;
use crate::stats::lock;

/// Invitations and requests that are remembered.
const WAITING_MAX: usize = 20;

/// What was learnt last.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// The best prices of all items, by hub.
    pub quotes: BTreeMap<HubKey, Book>,
    /// One item's order book, by hub: the last that was asked for.
    pub books: BTreeMap<HubKey, Book>,
    /// Auctions, by hub.
    pub auctions: BTreeMap<HubKey, Vec<AuctionView>>,
    /// Contracts, by hub.
    pub contracts: BTreeMap<HubKey, Vec<ContractView>>,
    /// Running missions.
    pub missions: Vec<MissionView>,
    /// The own guild.
    pub guild: Option<GuildView>,
    /// Guilds that have invited the player.
    pub invitations: Vec<GuildId>,
    /// Players who ask to be friends.
    pub friend_requests: Vec<PlayerId>,
    /// The last notification.
    pub last_notification: u64,
}

impl News {
    /// Takes an answer in. What cannot be read is told.
    ///
    /// # Errors
    /// The answer has not the form that the protocol promises.
    pub(super) fn learn(&mut self, ask: &Ask, answer: &Value, account: &mut Account) -> Result<(), String> {
        fn read<T: serde::de::DeserializeOwned>(ask: &Ask, answer: &Value) -> Result<T, String> {
            let malformed = |error| format!("the answer to {} is malformed: {error}", ask.name());
            serde_json::from_value(answer.clone()).map_err(malformed)
        }
        match ask {
            Ask::Market(body) => {
                let book: Book = read(ask, answer)?;
                let place = if body.item.is_some() { &mut self.books } else { &mut self.quotes };
                place.insert(body.hub.clone(), book);
            }
            Ask::Auctions(body) => {
                let page: AuctionPage = read(ask, answer)?;
                account.saw_auctions(&body.hub, &page.items);
                self.auctions.insert(body.hub.clone(), page.items);
            }
            Ask::Contracts(body) => {
                let page: ContractPage = read(ask, answer)?;
                account.saw_contracts(&body.hub, &page.items);
                self.contracts.insert(body.hub.clone(), page.items);
            }
            Ask::Missions(body) if !body.past => self.missions = read::<MissionPage>(ask, answer)?.items,
            Ask::Guild(body) if body.guild.is_none() => self.guild = Some(read(ask, answer)?),
            _ => {}
        }
        Ok(())
    }

    /// A deal was refused: what it was about is gone, or not as it was thought to be.
    pub(super) fn forget(&mut self, deal: &Deal) {
        match deal {
            Deal::Buy(body) => drop(self.books.remove(&body.hub)),
            Deal::Bid(body) => {
                let auctions = self.auctions.entry(body.hub.clone()).or_default();
                auctions.retain(|view| view.auction != body.auction);
            }
            Deal::AcceptContract(body) => {
                let contracts = self.contracts.entry(body.hub.clone()).or_default();
                contracts.retain(|view| view.contract != body.contract);
            }
            Deal::AcceptInvite(body) | Deal::DeclineInvite(body) => {
                self.invitations.retain(|guild| *guild != body.guild);
            }
            Deal::JoinMission(_) | Deal::Contribute(_) => self.missions.clear(),
            _ => {}
        }
    }

    /// Takes a notification in.
    pub(super) fn hear(&mut self, notice: &Notice) {
        self.last_notification += 1;
        match notice {
            Notice::GuildInvited { guild, .. } => remember(&mut self.invitations, *guild),
            Notice::FriendAsked { player, .. } => remember(&mut self.friend_requests, *player),
            Notice::GuildLeft { .. } => self.guild = None,
            _ => {}
        }
    }
}

fn remember<T>(waiting: &mut Vec<T>, newest: T) {
    if waiting.len() == WAITING_MAX {
        waiting.remove(0);
    }
    waiting.push(newest);
}

/// The players of one process's bots, for gifts, invitations and talk.
#[derive(Default)]
pub struct Peers(Mutex<Vec<PlayerId>>);

impl Peers {
    /// A bot is here.
    pub fn add(&self, player: PlayerId) {
        lock(&self.0).push(player);
    }

    /// Some other bot's player.
    #[must_use]
    pub fn draw(&self, own: PlayerId, dice: &mut Dice) -> Option<PlayerId> {
        let players = lock(&self.0);
        let drawn = usize::try_from(dice.below(players.len() as u64)).unwrap_or(0);
        players.get(drawn).copied().filter(|player| *player != own)
    }
}
