//! Guilds against a simple model: random deals of a few players, delivered in any order that keeps what goes from one
//! account to another in its own. The model says what each request must be answered; the galaxy checks the ledger and
//! that refusals leave no trace after each step.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::Guild;
use crate::catalog::Catalog;
use crate::game::player::Membership;
use crate::game::testing::{Galaxy, own_catalog, player_id};
use crate::game::{Outcome, Purpose, Request, Transfer};
use crate::types::economy::Deal;
use crate::types::economy::event::Notice;
use crate::types::economy::guild::{Amount, FoundGuild, Member, Nothing, Role, SetLimit, SetRole, Which};
use crate::types::{Credits, ErrorCode, GuildId, Holdings, Party, PlayerId, TransferId};

const PLAYERS: usize = 5;
const FEE: u64 = 500;
const INVITE_SECONDS: u64 = 3_600;
const MEMBERS_MAX: usize = 4;
const INVITES_MAX: usize = 2;
const DAY_MS: u64 = 86_400_000;

/// The project's catalogue with bounds that a few players reach.
fn catalog() -> Arc<Catalog> {
    let mut catalog = (*own_catalog()).clone();
    let rules = &mut catalog.economy.guild;
    rules.founding_fee = Credits(FEE);
    rules.invite_seconds = INVITE_SECONDS;
    (rules.members_max, rules.invites_max) = (MEMBERS_MAX, INVITES_MAX);
    (rules.member_limit, rules.officer_limit) = (Credits(100), Credits(300));
    Arc::new(catalog)
}

/// A guild as a child would keep it.
#[derive(Clone, Debug)]
struct Book {
    /// In the order in which they became members.
    members: Vec<(PlayerId, Role, u64)>,
    invited: BTreeMap<PlayerId, u64>,
    treasury: u64,
    limits: BTreeMap<Role, u64>,
    /// By player and day.
    used: BTreeMap<(PlayerId, u64), u64>,
}

type Verdict = Result<u64, ErrorCode>;

impl Book {
    fn founded(by: PlayerId, now: u64) -> Self {
        Self {
            members: vec![(by, Role::Leader, now)],
            invited: BTreeMap::new(),
            treasury: 0,
            limits: BTreeMap::from([(Role::Member, 100), (Role::Officer, 300)]),
            used: BTreeMap::new(),
        }
    }

    fn role(&self, player: PlayerId) -> Option<Role> {
        self.members.iter().find(|member| member.0 == player).map(|member| member.1)
    }

    fn set(&mut self, player: PlayerId, role: Role) {
        self.members.iter_mut().filter(|member| member.0 == player).for_each(|member| member.1 = role);
    }

    /// What must be answered: the credits that come back, or why not.
    fn decide(&mut self, request: &Request, now: u64) -> Verdict {
        use ErrorCode as E;
        let me = request.player;
        match &request.deal {
            Deal::AcceptInvite(_) | Deal::DeclineInvite(_)
                if self.invited.get(&me).is_none_or(|expires| *expires <= now) =>
            {
                return Err(E::NotInvited);
            }
            Deal::AcceptInvite(_) if self.members.len() >= MEMBERS_MAX => return Err(E::LimitReached),
            Deal::AcceptInvite(_) => {
                self.invited.remove(&me);
                self.members.push((me, Role::Member, now));
                return Ok(0);
            }
            Deal::DeclineInvite(_) => {
                self.invited.remove(&me);
                return Ok(0);
            }
            _ => {}
        }
        let role = self.role(me).ok_or(E::NoGuild)?;
        let need = |least| if role < least { Err(E::NotAllowed) } else { Ok(()) };
        match &request.deal {
            Deal::Invite(body) => {
                need(Role::Officer)?;
                let open = self.invited.values().filter(|expires| **expires > now).count();
                if self.role(body.player).is_some() {
                    return Err(E::InGuild);
                }
                if self.invited.get(&body.player).is_some_and(|expires| *expires > now) {
                    return Ok(0);
                }
                if open >= INVITES_MAX || self.members.len() >= MEMBERS_MAX {
                    return Err(E::LimitReached);
                }
                self.invited.insert(body.player, now + INVITE_SECONDS * 1_000);
            }
            Deal::LeaveGuild(_) => return Ok(self.leave(me)),
            Deal::Kick(body) => {
                need(Role::Officer)?;
                let whom = self.role(body.player).ok_or(E::NotFound)?;
                need(if whom == Role::Member { Role::Officer } else { Role::Leader })?;
                if whom == Role::Leader {
                    return Err(E::NotAllowed);
                }
                self.members.retain(|member| member.0 != body.player);
            }
            Deal::SetRole(body) => {
                need(Role::Leader)?;
                if body.player == me {
                    return Err(E::BadRequest);
                }
                self.role(body.player).ok_or(E::NotFound)?;
                if body.role == Role::Leader {
                    self.set(me, Role::Officer);
                }
                self.set(body.player, body.role);
            }
            Deal::GuildDeposit(body) => self.treasury += body.credits.0,
            Deal::GuildWithdraw(body) => {
                let used = self.used.entry((me, now / DAY_MS)).or_default();
                if self.limits.get(&role).is_some_and(|limit| *used + body.credits.0 > *limit) {
                    return Err(E::LimitReached);
                }
                if self.treasury < body.credits.0 {
                    return Err(E::NotEnoughCredits);
                }
                *used += body.credits.0;
                self.treasury -= body.credits.0;
                return Ok(body.credits.0);
            }
            Deal::SetLimit(body) => {
                need(Role::Leader)?;
                if body.role == Role::Leader {
                    return Err(E::BadRequest);
                }
                self.limits.insert(body.role, body.credits.0);
            }
            Deal::DisbandGuild(_) => {
                need(Role::Leader)?;
                self.members.clear();
                return Ok(std::mem::take(&mut self.treasury));
            }
            other => unreachable!("{other:?} is not among the steps"),
        }
        Ok(0)
    }

    fn leave(&mut self, player: PlayerId) -> u64 {
        let role = self.role(player);
        self.members.retain(|member| member.0 != player);
        if self.members.is_empty() {
            return std::mem::take(&mut self.treasury);
        }
        if role == Some(Role::Leader) {
            let officers = self.members.iter().filter(|member| member.1 == Role::Officer);
            let oldest = |members: Vec<&(PlayerId, Role, u64)>| members.into_iter().map(|m| (m.2, m.0)).min();
            let next = oldest(officers.collect()).or_else(|| oldest(self.members.iter().collect()));
            self.set(next.expect("somebody is left").1, Role::Leader);
        }
        0
    }
}

#[derive(Clone, Debug)]
enum Step {
    Ask(usize, Kind, usize, u64),
    Deliver(usize),
    Pump,
    Wait(u64),
    Reload,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Found,
    Invite,
    Accept,
    Decline,
    Leave,
    Kick,
    SetRole(Role),
    Deposit,
    Withdraw,
    SetLimit(Role),
    Disband,
}

fn kind() -> impl Strategy<Value = Kind> {
    let role = || prop::sample::select(vec![Role::Member, Role::Officer, Role::Officer, Role::Leader]);
    prop_oneof![
        2 => Just(Kind::Found),
        6 => Just(Kind::Invite),
        6 => Just(Kind::Accept),
        1 => Just(Kind::Decline),
        2 => Just(Kind::Leave),
        2 => Just(Kind::Kick),
        3 => role().prop_map(Kind::SetRole),
        4 => Just(Kind::Deposit),
        4 => Just(Kind::Withdraw),
        1 => role().prop_map(Kind::SetLimit),
        1 => Just(Kind::Disband),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..PLAYERS, kind(), 0..PLAYERS, 1..400_u64)
            .prop_map(|(player, kind, other, amount)| Step::Ask(player, kind, other, amount)),
        6 => (0..20_usize).prop_map(Step::Deliver),
        3 => Just(Step::Pump),
        1 => (1..DAY_MS).prop_map(Step::Wait),
        1 => Just(Step::Reload),
    ]
}

struct Game {
    galaxy: Galaxy<Guild>,
    books: BTreeMap<Party, Book>,
}

impl Game {
    fn new() -> Self {
        let mut galaxy = Galaxy::new(catalog(), PLAYERS);
        for player in 0..PLAYERS {
            galaxy.endow(player, &Holdings::of_credits(Credits(2_000)), None);
        }
        Self { galaxy, books: BTreeMap::new() }
    }

    /// A guild to begin with: one in which the first players are members already.
    fn gather(&mut self, members: usize) {
        for member in 0..members {
            if member > 0 {
                self.run(Step::Ask(0, Kind::Invite, member, 1));
                self.pump();
            }
            self.run(Step::Ask(member, if member == 0 { Kind::Found } else { Kind::Accept }, 0, 1));
            self.pump();
        }
    }

    /// Some guild: one that there is, or was, or never was.
    fn guild(&self, nth: usize) -> GuildId {
        let known = self.books.keys().nth_back(nth % 3);
        match known {
            Some(Party::Guild(id)) => *id,
            _ => GuildId(uuid::Uuid::from_u128(9)),
        }
    }

    fn deal(&self, kind: Kind, other: usize, amount: u64) -> Deal {
        let (player, credits) = (player_id(other), Credits(amount));
        match kind {
            Kind::Found => Deal::FoundGuild(FoundGuild { name: format!("Guild {amount}") }),
            Kind::Invite => Deal::Invite(Member { player }),
            Kind::Accept => Deal::AcceptInvite(Which { guild: self.guild(other) }),
            Kind::Decline => Deal::DeclineInvite(Which { guild: self.guild(other) }),
            Kind::Leave => Deal::LeaveGuild(Nothing {}),
            Kind::Kick => Deal::Kick(Member { player }),
            Kind::SetRole(role) => Deal::SetRole(SetRole { player, role }),
            Kind::Deposit => Deal::GuildDeposit(Amount { credits }),
            Kind::Withdraw => Deal::GuildWithdraw(Amount { credits }),
            Kind::SetLimit(role) => Deal::SetLimit(SetLimit { role, credits }),
            Kind::Disband => Deal::DisbandGuild(Nothing {}),
        }
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Ask(player, kind, other, amount) => {
                let deal = self.deal(kind, other, amount);
                self.galaxy.ask(player, deal);
            }
            Step::Deliver(nth) => {
                let firsts = self.firsts();
                if !firsts.is_empty() {
                    self.deliver(firsts[nth % firsts.len()]);
                }
            }
            Step::Pump => self.pump(),
            Step::Wait(millis) => self.galaxy.now.0 += millis,
            Step::Reload => self.galaxy.reload(),
        }
    }

    fn pump(&mut self) {
        while !self.galaxy.under_way.is_empty() {
            self.deliver(0);
        }
    }

    /// What may come next: of each sender to each receiver the oldest.
    fn firsts(&self) -> Vec<usize> {
        let under_way = &self.galaxy.under_way;
        let way = |transfer: &Transfer| (transfer.from.clone(), transfer.to.clone());
        let is_first = |index: &usize| !under_way.iter().take(*index).any(|t| way(t) == way(&under_way[*index]));
        (0..under_way.len()).filter(is_first).collect()
    }

    fn deliver(&mut self, index: usize) {
        let transfer = self.galaxy.under_way[index].clone();
        let Purpose::Request(request) = &transfer.purpose else { return self.galaxy.deliver(index) };
        let expected = self.expect(&transfer, request);
        self.galaxy.deliver(index);
        let reply = TransferId::of_reply(request.player, request.command);
        let answer = self.galaxy.under_way.iter().find(|transfer| transfer.id == reply).expect("an answer");
        let Purpose::Reply(reply) = &answer.purpose else { unreachable!("an answer is a reply") };
        let given = match &reply.outcome {
            Outcome::Done(_) => Ok(answer.holdings.credits.0),
            Outcome::Refused(refusal) => Err(refusal.code),
        };
        assert_eq!(given, expected, "{request:?} at {:?}", self.books.get(&transfer.to));
        self.compare(&transfer.to);
    }

    fn expect(&mut self, transfer: &Transfer, request: &Request) -> Verdict {
        let now = self.galaxy.now.0;
        if matches!(request.deal, Deal::FoundGuild(_)) {
            assert_eq!(transfer.holdings, Holdings::of_credits(Credits(FEE)));
            self.books.insert(transfer.to.clone(), Book::founded(request.player, now));
            return Ok(0);
        }
        let lives = |book: &&mut Book| !book.members.is_empty();
        self.books
            .get_mut(&transfer.to)
            .filter(lives)
            .map_or(Err(ErrorCode::UnknownGuild), |book| book.decide(request, now))
    }

    fn compare(&self, name: &Party) {
        let Some(book) = self.books.get(name) else { return };
        let Some(guild) = self.galaxy.parties.get(name) else {
            assert!(book.members.is_empty() && book.treasury == 0, "{name} has ended too early: {book:?}");
            return;
        };
        assert_eq!(guild.treasury, Credits(book.treasury));
        let mut expected: Vec<_> = book.members.iter().map(|(player, role, _)| (*player, *role)).collect();
        expected.sort();
        let members: Vec<_> = guild.members.iter().map(|(player, member)| (*player, member.role)).collect();
        assert_eq!(members, expected);
        let leaders = members.iter().filter(|(_, role)| *role == Role::Leader).count();
        assert_eq!(leaders, 1, "a guild has one leader");
    }

    /// When nothing is under way, what players believe is what guilds say.
    fn check_memberships(&self) {
        for player in &self.galaxy.players {
            let listed = |(_, guild): &(&Party, &Guild)| guild.members.contains_key(&player.id);
            let guilds: Vec<_> = self.galaxy.parties.iter().filter(listed).map(|(_, guild)| guild.id).collect();
            let expected: &[GuildId] = match &player.membership {
                Membership::None => &[],
                Membership::In(guild) => &[*guild],
                joining @ Membership::Joining { .. } => unreachable!("{}: {joining:?} for ever", player.id),
            };
            assert_eq!(guilds, expected, "{}: left: who has the player, right: what the player believes", player.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, max_shrink_iters: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn guilds_do_what_their_books_say(members in 0..=MEMBERS_MAX, steps in prop::collection::vec(step(), 0..50)) {
        let mut game = Game::new();
        game.gather(members);
        for step in steps {
            game.run(step);
        }
        game.pump();
        game.check_memberships();
        game.galaxy.reload();
        for (player, notice) in &game.galaxy.notices {
            prop_assert!(
                !matches!(notice, Notice::GuildInvited { by, .. } if by == player),
                "nobody invites themselves"
            );
        }
    }
}
