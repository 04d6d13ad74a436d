//! A small galaxy for tests of rules: players, parties of one kind, and the transfers under way between them. Every step
//! is committed as the server would, and then everything is checked that must hold at any commit: the ledger explains
//! what everybody holds, a refusal has left no trace, each request has one answer.
//!
//! ```text
//! let mut galaxy = Galaxy::new(own_catalog(), 3);
//! galaxy.add(party);                                       // or none, if a request founds it
//! galaxy.endow(0, &Holdings::of_credits(Credits(100)), None);
//! let receipt = galaxy.act(0, deal)?;                      // asks, and pumps until all is quiet
//! galaxy.pass(1_000);                                      // a second later, with everything that is due
//! galaxy.reload();                                         // as after a restart
//! ```

mod self_tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Debug;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use uuid::Uuid;

use super::player::{DealContext, Player, Prepared, Settled};
use super::{
    Effects, Intervened, Intervention, LedgerEntry, LedgerReason, Outcome, Parcel, PartTable, PartyRules, Purpose,
    Reply, ReplyParts, Request, Rule, Transfer,
};
use crate::catalog::{self, Catalog};
use crate::types::economy::event::{Event, Notice, Topic};
use crate::types::economy::{Ask, Deal};
use crate::types::{
    Account, CommandId, External, Holdings, HubKey, ItemKey, Millis, Party, PlayerId, Refusal, TransferId,
};

/// When a new galaxy begins.
pub(crate) const START: Millis = Millis(1_700_000_000_000);
/// So many calls of `on_due` in a row mean that a party never comes to rest.
const DUE_CALLS_MAX: usize = 10_000;

/// The project's own catalogue.
pub(crate) fn own_catalog() -> Arc<Catalog> {
    static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalog");
    let load = || Arc::new(catalog::load(&folder).expect("the project's own catalogue is sound"));
    CATALOG.get_or_init(load).clone()
}

/// The id of the player with this index.
pub(crate) fn player_id(index: usize) -> PlayerId {
    PlayerId(Uuid::from_u128(index as u128 + 1))
}

/// Credits (`None`) and pieces; what there is nothing of is not in it.
type Balance = BTreeMap<Option<ItemKey>, i128>;

/// Players and parties of one kind.
pub(crate) struct Galaxy<P> {
    /// The content.
    pub(crate) catalog: Arc<Catalog>,
    /// The wall clock.
    pub(crate) now: Millis,
    /// The players; their ids are those of [`player_id`].
    pub(crate) players: Vec<Player>,
    /// The parties that live.
    pub(crate) parties: BTreeMap<Party, P>,
    /// The outbox.
    pub(crate) under_way: VecDeque<Transfer>,
    /// What players were told, in this order. Tests may empty it.
    pub(crate) notices: Vec<(PlayerId, Notice)>,
    /// What followers of topics were told. Tests may empty it.
    pub(crate) events: Vec<(Topic, Event)>,
    /// Every row that was written. Tests may empty it: balances are kept apart.
    pub(crate) ledger: Vec<LedgerEntry>,
    balances: BTreeMap<Account, Balance>,
    stored: BTreeMap<Party, BTreeMap<(PartTable, String), Value>>,
    answers: BTreeMap<(PlayerId, CommandId), Outcome>,
    pending: BTreeSet<(PlayerId, CommandId)>,
    sent: BTreeSet<TransferId>,
    commands: u64,
    fresh: u128,
}

impl<P: PartyRules + Clone + PartialEq + Debug> Galaxy<P> {
    /// New players, and nobody else.
    pub(crate) fn new(catalog: Arc<Catalog>, players: usize) -> Self {
        let mut galaxy = Self {
            catalog: catalog.clone(),
            now: START,
            players: Vec::new(),
            parties: BTreeMap::new(),
            under_way: VecDeque::new(),
            notices: Vec::new(),
            events: Vec::new(),
            ledger: Vec::new(),
            balances: BTreeMap::new(),
            stored: BTreeMap::new(),
            answers: BTreeMap::new(),
            pending: BTreeSet::new(),
            sent: BTreeSet::new(),
            commands: 0,
            fresh: 1 << 64,
        };
        for index in 0..players {
            let mut fx = Effects::default();
            galaxy.players.push(Player::new(player_id(index), &catalog, START, &mut fx));
            galaxy.commit(None, fx);
        }
        galaxy
    }

    /// Adds what the store has no parts of: a market, or a mission that begins now. Its parts must be touched by what
    /// it does, or by `fx`.
    pub(crate) fn add(&mut self, party: P, fx: Effects) {
        let name = party.party();
        self.parties.insert(name.clone(), party);
        self.commit(Some(&name), fx);
        self.check();
    }

    /// The one party there is.
    pub(crate) fn party(&self) -> &P {
        assert_eq!(self.parties.len(), 1, "there is one party");
        self.parties.values().next().expect("there is one party")
    }

    /// Gives a player something, as an operator.
    pub(crate) fn endow(&mut self, player: usize, holdings: &Holdings, hub: Option<&HubKey>) {
        self.commands += 1;
        let transfer = Transfer {
            id: TransferId::from_stored(format!("endow-{}", self.commands)),
            from: External::Operators.into(),
            to: Party::Player(player_id(player)),
            holdings: holdings.clone(),
            reason: LedgerReason::Operator,
            purpose: Purpose::Parcel(Box::new(Parcel { hub: hub.cloned(), ..Parcel::default() })),
        };
        let mut fx = Effects::default();
        fx.send(transfer, self.now);
        self.commit(None, fx);
        self.deliver(self.under_way.len() - 1);
    }

    /// A player's deal, until all is quiet again.
    pub(crate) fn act(&mut self, player: usize, deal: Deal) -> Result<Value, Refusal> {
        let command = self.ask(player, deal);
        self.pump();
        match self.answer_to(player, command).expect("every deal is answered").clone() {
            Outcome::Done(receipt) => Ok(receipt),
            Outcome::Refused(refusal) => Err(refusal),
        }
    }

    /// A player's deal. What it asks for is under way afterwards, at the end.
    pub(crate) fn ask(&mut self, player: usize, deal: Deal) -> CommandId {
        self.commands += 1;
        let (command, fingerprint) = (CommandId(self.commands), deal.fingerprint());
        let (catalog, fresh) = (self.catalog.clone(), self.fresh());
        let rule = Rule { catalog: &catalog, now: self.now, fresh };
        let name = format!("Player {player}");
        let cx = DealContext { rule, command, fingerprint, name: &name };
        let mut fx = Effects::default();
        let before = self.players[player].clone();
        let prepared = self.players[player].deal(&deal, &cx, &mut fx);
        let key = (player_id(player), command);
        match prepared {
            Ok(Prepared::Done(receipt)) => drop(self.answers.insert(key, Outcome::Done(receipt))),
            Ok(Prepared::Asked) => assert!(self.pending.insert(key), "asked once"),
            Err(refusal) => {
                assert!(fx.is_empty() && self.players[player] == before, "{deal:?}: a refusal leaves no trace");
                self.answers.insert(key, Outcome::Refused(refusal));
            }
        }
        self.commit(None, fx);
        self.check();
        command
    }

    /// The answer to a deal, if there is one yet.
    pub(crate) fn answer_to(&self, player: usize, command: CommandId) -> Option<&Outcome> {
        self.answers.get(&(player_id(player), command))
    }

    /// Delivers one after the other until nothing is under way. Then no request may be without an answer.
    pub(crate) fn pump(&mut self) {
        while !self.under_way.is_empty() {
            self.deliver(0);
        }
        assert!(self.pending.is_empty(), "not answered: {:?}", self.pending);
    }

    /// Delivers the transfer at this place of those under way.
    pub(crate) fn deliver(&mut self, index: usize) {
        let transfer = self.under_way.remove(index).expect("it is under way");
        let (catalog, fresh) = (self.catalog.clone(), self.fresh());
        let rule = Rule { catalog: &catalog, now: self.now, fresh };
        let mut fx = Effects::default();
        match &transfer.to {
            Party::Player(id) => {
                self.player_receives(*id, &transfer, &rule, &mut fx);
                self.commit(None, fx);
            }
            party => {
                self.party_receives(party, &transfer, &rule, &mut fx);
                self.commit(Some(party), fx);
            }
        }
        self.check();
    }

    /// Lets time pass, then does everything that is due, and delivers what follows.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.now = Millis(self.now.0 + millis);
        self.settle();
        self.pump();
    }

    /// Does everything that is due. What follows is under way afterwards.
    pub(crate) fn settle(&mut self) {
        for _ in 0..DUE_CALLS_MAX {
            if !self.settle_once() {
                return;
            }
        }
        panic!("something stays due for ever");
    }

    /// Does the first thing that is due, if there is one.
    pub(crate) fn settle_once(&mut self) -> bool {
        let now = self.now;
        let due = self.parties.iter().find(|(_, party)| party.due().is_some_and(|due| due <= now));
        let Some(name) = due.map(|(name, _)| name.clone()) else { return false };
        let (catalog, fresh) = (self.catalog.clone(), self.fresh());
        let rule = Rule { catalog: &catalog, now, fresh };
        let mut fx = Effects::default();
        if let Some(party) = self.parties.get_mut(&name) {
            party.on_due(&rule, &mut fx);
        }
        self.commit(Some(&name), fx);
        self.check();
        true
    }

    /// What an operator does to the one party there is, or only tries. What follows is under way afterwards.
    pub(crate) fn intervene(&mut self, how: Intervention, dry_run: bool) -> Result<Intervened, Refusal> {
        let name = self.party().party();
        let (catalog, now, fresh) = (self.catalog.clone(), self.now, self.fresh());
        let rule = Rule { catalog: &catalog, now, fresh };
        let mut fx = Effects::default();
        let party = self.parties.get_mut(&name).expect("it is there");
        let before = party.clone();
        let done = party.intervene(how, dry_run, &rule, &mut fx);
        if dry_run || done.is_err() {
            assert!(*party == before && fx.is_empty(), "what is not done leaves no trace");
        }
        self.commit(Some(&name), fx);
        self.check();
        done
    }

    /// Every party is what its stored parts add up to, and goes on as that.
    pub(crate) fn reload(&mut self) {
        for name in self.parties.keys().cloned().collect::<Vec<_>>() {
            let loaded = self.load(&name).expect("what lives is stored");
            assert_eq!(self.parties[&name], loaded, "{name}: left: what lived; right: what was stored");
            self.parties.insert(name, loaded);
        }
    }

    /// A player's question to a party.
    pub(crate) fn question(&self, party: &Party, player: usize, ask: &Ask) -> Result<Value, Refusal> {
        let rule = Rule { catalog: &self.catalog, now: self.now, fresh: Uuid::nil() };
        self.parties[party].answer(ask, player_id(player), &rule)
    }

    /// What the ledger says that an account has, of credits (`None`) or of an item. Negative for sources.
    pub(crate) fn balance(&self, account: impl Into<Account>, item: Option<&ItemKey>) -> i128 {
        let balance = self.balances.get(&account.into());
        balance.and_then(|balance| balance.get(&item.cloned())).copied().unwrap_or_default()
    }

    /// The ledger's balance of every account is what its owner holds, or what is under way.
    pub(crate) fn check(&self) {
        let mut held: BTreeMap<Account, Balance> = BTreeMap::new();
        for player in &self.players {
            held.insert(player.id.into(), add_up([player.holdings()]));
        }
        for (name, party) in &self.parties {
            held.insert(name.clone().into(), add_up([party.holdings()]));
        }
        let under_way = self.under_way.iter().map(|transfer| transfer.holdings.clone());
        held.insert(Account::Transit, add_up(under_way));
        let nothing = Balance::new();
        let owned = self.balances.keys().filter(|account| !matches!(account, Account::External(_)));
        let differences: Vec<_> = held
            .keys()
            .chain(owned)
            .map(|name| (name, held.get(name).unwrap_or(&nothing), self.balances.get(name).unwrap_or(&nothing)))
            .filter(|(_, held, balance)| held != balance)
            .collect();
        assert!(differences.is_empty(), "(account, held, ledger): {differences:?}");
    }

    fn player_receives(&mut self, id: PlayerId, transfer: &Transfer, rule: &Rule<'_>, fx: &mut Effects) {
        let player = self.players.iter_mut().find(|player| player.id == id).expect("transfers go to players there are");
        let settled = player.receive(transfer, rule, fx).expect("nobody becomes that rich here");
        if let Some(Settled::Deal { command, outcome, .. }) = settled {
            assert!(self.pending.remove(&(id, command)), "{command}: answered twice, or never asked");
            self.answers.insert((id, command), outcome);
        }
        self.notices.extend(fx.notifications.iter().map(|notification| (id, notification.notice.clone())));
    }

    fn party_receives(&mut self, name: &Party, transfer: &Transfer, rule: &Rule<'_>, fx: &mut Effects) {
        if !self.parties.contains_key(name) {
            let there = self.load(name).or_else(|| P::found(name, transfer, rule));
            match (there, &transfer.purpose) {
                (Some(party), _) => drop(self.parties.insert(name.clone(), party)),
                (None, Purpose::Request(request)) => return nobody_answers::<P>(name, transfer, request, rule, fx),
                (None, _) => panic!("{transfer:?} comes to where nobody is"),
            }
        }
        let party = self.parties.get_mut(name).expect("it is there now");
        let before = party.clone();
        party.receive(transfer, rule, fx);
        if let Purpose::Request(request) = &transfer.purpose
            && let Outcome::Refused(refusal) = &the_reply(transfer, request, fx).outcome
        {
            assert!(*party == before, "{refusal} {:?}: the refusal left a trace in the state", request.deal);
            assert!(fx.parts.is_empty() && fx.events.is_empty() && fx.sent.len() == 1, "{refusal}: it left {fx:?}");
            assert_eq!(fx.sent[0].holdings, transfer.holdings, "{refusal}: all comes back");
        }
    }

    /// The parts that a party has in the store.
    pub(crate) fn stored_parts(&self, name: &Party) -> Vec<(PartTable, String, Value)> {
        let stored = self.stored.get(name).into_iter().flatten();
        stored.map(|((table, id), value)| (*table, id.clone(), value.clone())).collect()
    }

    fn load(&self, name: &Party) -> Option<P> {
        let rule = Rule { catalog: &self.catalog, now: self.now, fresh: Uuid::nil() };
        P::load(name, self.stored_parts(name), &rule).expect("what was stored can be read")
    }

    fn fresh(&mut self) -> Uuid {
        self.fresh += 1;
        Uuid::from_u128(self.fresh)
    }

    /// What the store does with the effects of an actor: of the party with this name, or of a player.
    fn commit(&mut self, party: Option<&Party>, fx: Effects) {
        for entry in &fx.ledger {
            assert!(entry.amount > 0 && entry.from != entry.to, "{entry:?} moves nothing");
            self.book(&entry.from, entry, -1);
            self.book(&entry.to, entry, 1);
        }
        self.ledger.extend(fx.ledger);
        for transfer in fx.sent {
            assert!(self.sent.insert(transfer.id.clone()), "{}: an id is used once", transfer.id);
            self.under_way.push_back(transfer);
        }
        self.events.extend(fx.events);
        match party {
            Some(name) => self.store(name, fx.parts),
            None => assert!(fx.parts.is_empty(), "a player has no parts"),
        }
    }

    fn book(&mut self, account: &Account, entry: &LedgerEntry, sign: i128) {
        let balance = self.balances.entry(account.clone()).or_default();
        let amount = balance.entry(entry.item.clone()).or_default();
        *amount += sign * i128::from(entry.amount);
        if *amount == 0 {
            balance.remove(&entry.item);
        }
    }

    fn store(&mut self, name: &Party, parts: BTreeSet<(PartTable, String)>) {
        let Some(party) = self.parties.get(name) else {
            assert!(parts.is_empty(), "nobody is there who has parts");
            return;
        };
        let stored = self.stored.entry(name.clone()).or_default();
        for (table, id) in parts {
            match party.part(table, &id) {
                Some(value) => stored.insert((table, id), value),
                None => stored.remove(&(table, id)),
            };
        }
        if party.is_over() {
            assert!(party.holdings().is_empty(), "{name} is over and holds {:?}", party.holdings());
            self.parties.remove(name);
        }
    }
}

fn add_up(all: impl IntoIterator<Item = Holdings>) -> Balance {
    let mut sum = Balance::new();
    for Holdings { credits, goods } in all {
        let goods = goods.into_iter().map(|(item, quantity)| (Some(item), quantity.0));
        for (item, amount) in goods.chain((credits.0 > 0).then_some((None, credits.0))) {
            *sum.entry(item).or_default() += i128::from(amount);
        }
    }
    sum
}

fn nobody_answers<P: PartyRules>(
    name: &Party,
    transfer: &Transfer,
    request: &Request,
    rule: &Rule<'_>,
    fx: &mut Effects,
) {
    fx.receive(transfer, rule.now);
    let (holdings, reason) = (transfer.holdings.clone(), transfer.reason);
    let outcome = Outcome::Refused(P::unknown());
    fx.reply(name, request, ReplyParts { outcome, holdings, reason, hub: None, changes: Vec::new() }, rule.now);
}

/// The one reply to a request.
fn the_reply<'a>(transfer: &Transfer, request: &Request, fx: &'a Effects) -> &'a Reply {
    assert_eq!(fx.received, std::slice::from_ref(&transfer.id), "it was received");
    let mut replies = fx.sent.iter().filter_map(|sent| match &sent.purpose {
        Purpose::Reply(reply) => Some((&sent.id, &**reply)),
        _ => None,
    });
    let (id, reply) = replies.next().unwrap_or_else(|| panic!("{:?}: no answer", request.deal));
    assert!(replies.next().is_none(), "{:?}: two answers", request.deal);
    assert_eq!(*id, TransferId::of_reply(request.player, request.command));
    reply
}
