//! What players rely on in guilds, one by one.

use serde_json::{Value, json};

use super::Guild;
use crate::game::player::Membership;
use crate::game::testing::{Galaxy, own_catalog, player_id};
use crate::types::economy::event::Notice;
use crate::types::economy::guild::{
    Amount, AskGuild, FoundGuild, GuildView, Member, Nothing, Role, SetLimit, SetMotd, SetRole, Which,
};
use crate::types::economy::social::Other;
use crate::types::economy::{Ask, Deal};
use crate::types::{Credits, ErrorCode, External, GuildId, Holdings, Party, Refusal};

const LEADER: usize = 0;
const OFFICER: usize = 1;
const MEMBER: usize = 2;
const STRANGER: usize = 3;
const DAY_MS: u64 = 86_400_000;

/// A guild with a leader, an officer and a member, who joined in this order, a second apart.
struct Hall {
    galaxy: Galaxy<Guild>,
    guild: GuildId,
}

impl Hall {
    fn new() -> Self {
        let mut galaxy = Galaxy::new(own_catalog(), 4);
        for player in 0..4 {
            galaxy.endow(player, &Holdings::of_credits(Credits(20_000)), None);
        }
        galaxy.act(LEADER, Deal::FoundGuild(FoundGuild { name: "Night Shift".to_owned() })).unwrap();
        let Membership::In(guild) = galaxy.players[LEADER].membership else { unreachable!("founded") };
        let mut hall = Self { galaxy, guild };
        for player in [OFFICER, MEMBER] {
            hall.galaxy.pass(1_000);
            hall.join(player);
        }
        hall.set_role(OFFICER, Role::Officer);
        hall.galaxy.notices.clear();
        hall
    }

    fn act(&mut self, player: usize, deal: Deal) -> Result<Value, Refusal> {
        self.galaxy.act(player, deal)
    }

    fn join(&mut self, player: usize) {
        self.act(LEADER, invite(player)).unwrap();
        self.act(player, Deal::AcceptInvite(Which { guild: self.guild })).unwrap();
    }

    fn set_role(&mut self, player: usize, role: Role) {
        self.act(LEADER, Deal::SetRole(SetRole { player: player_id(player), role })).unwrap();
    }

    fn deposit(&mut self, player: usize, credits: u64) {
        self.act(player, Deal::GuildDeposit(Amount { credits: Credits(credits) })).unwrap();
    }

    fn withdraw(&mut self, player: usize, credits: u64) -> Result<Value, Refusal> {
        self.act(player, Deal::GuildWithdraw(Amount { credits: Credits(credits) }))
    }

    fn view(&self, player: usize) -> GuildView {
        let ask = Ask::Guild(AskGuild { guild: None });
        let view = self.galaxy.question(&Party::Guild(self.guild), player, &ask).unwrap();
        serde_json::from_value(view).unwrap()
    }

    fn role(&self, player: usize) -> Role {
        self.galaxy.party().members[&player_id(player)].role
    }
}

fn invite(player: usize) -> Deal {
    Deal::Invite(Member { player: player_id(player) })
}

fn kick(player: usize) -> Deal {
    Deal::Kick(Member { player: player_id(player) })
}

fn leave() -> Deal {
    Deal::LeaveGuild(Nothing {})
}

#[test]
fn founding_costs_its_fee_and_makes_a_leader() {
    let hall = Hall::new();
    assert_eq!(hall.galaxy.balance(External::Services, None), 5_000);
    assert_eq!((hall.role(LEADER), hall.role(OFFICER), hall.role(MEMBER)), (Role::Leader, Role::Officer, Role::Member));
    let line = hall.galaxy.party().line();
    assert_eq!((line.name.as_str(), line.members, line.leader), ("Night Shift", 3, Some(player_id(LEADER))));
    assert_eq!(
        Guild::line_of(super::PartyRules::part(hall.galaxy.party(), super::PartTable::Guild, "state").unwrap()),
        Ok(hall.galaxy.party().line())
    );
}

#[test]
fn who_cannot_pay_founds_nothing_and_may_try_again() {
    let mut galaxy: Galaxy<Guild> = Galaxy::new(own_catalog(), 1);
    let found = |name: &str| Deal::FoundGuild(FoundGuild { name: name.to_owned() });
    assert_eq!(galaxy.act(0, found("Night Shift")).unwrap_err().code, ErrorCode::NotEnoughCredits);
    assert_eq!(galaxy.act(0, found("x")).unwrap_err().code, ErrorCode::BadRequest);
    assert_eq!((galaxy.players[0].membership, galaxy.parties.len()), (Membership::None, 0));
}

#[test]
fn withdrawals_end_at_the_days_limit_and_begin_anew_at_midnight() {
    let mut hall = Hall::new();
    hall.deposit(LEADER, 3_000);
    hall.withdraw(MEMBER, 60).unwrap();
    let refusal = hall.withdraw(MEMBER, 41).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::LimitReached);
    assert_eq!(Value::from(refusal.details), json!({ "limit": 100, "used": 60 }));
    assert_eq!(hall.withdraw(MEMBER, 40).unwrap()["treasury"], 2_900);

    hall.act(LEADER, Deal::SetLimit(SetLimit { role: Role::Member, credits: Credits(150) })).unwrap();
    hall.withdraw(MEMBER, 50).unwrap();
    hall.act(MEMBER, leave()).unwrap();
    hall.join(MEMBER);
    assert!(hall.withdraw(MEMBER, 1).is_err(), "who leaves and comes back has used it");

    let until_midnight = DAY_MS - hall.galaxy.now.0 % DAY_MS;
    hall.galaxy.pass(until_midnight);
    hall.withdraw(MEMBER, 150).unwrap();
    hall.withdraw(OFFICER, 1_000).unwrap();
    let refusal = hall.withdraw(LEADER, 1_701).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::NotEnoughCredits);
    assert_eq!(Value::from(refusal.details), json!({ "needed": 1_701, "have": 1_700 }));
    hall.withdraw(LEADER, 1_700).unwrap();
}

#[test]
fn a_leader_who_leaves_is_followed_by_the_officer_then_by_the_oldest_member() {
    let mut hall = Hall::new();
    hall.join(STRANGER);
    hall.set_role(OFFICER, Role::Member);
    hall.set_role(STRANGER, Role::Officer);
    hall.galaxy.notices.clear();
    hall.act(LEADER, leave()).unwrap();
    assert_eq!(hall.role(STRANGER), Role::Leader, "an officer, though here for less long than the members");
    hall.act(STRANGER, leave()).unwrap();
    assert_eq!(hall.role(OFFICER), Role::Leader, "nobody but members: who is here longest");
    let told: Vec<_> = hall.galaxy.notices.iter().map(|(player, _)| *player).collect();
    assert_eq!(told, [player_id(STRANGER), player_id(OFFICER)]);
}

#[test]
fn the_last_one_takes_the_treasury_along_and_the_guild_ends() {
    let mut hall = Hall::new();
    hall.deposit(MEMBER, 700);
    for player in [LEADER, OFFICER] {
        hall.act(player, leave()).unwrap();
    }
    let before = hall.galaxy.players[MEMBER].credits.0;
    hall.act(MEMBER, leave()).unwrap();
    assert_eq!(hall.galaxy.players[MEMBER].credits.0, before + 700);
    assert!(hall.galaxy.parties.is_empty());
    let gone = hall.act(MEMBER, Deal::AcceptInvite(Which { guild: hall.guild })).unwrap_err();
    assert_eq!((gone.code, hall.galaxy.players[MEMBER].membership), (ErrorCode::UnknownGuild, Membership::None));
}

#[test]
fn a_disbanded_guild_tells_its_members_and_pays_its_leader() {
    let mut hall = Hall::new();
    hall.deposit(MEMBER, 700);
    assert_eq!(hall.act(OFFICER, Deal::DisbandGuild(Nothing {})).unwrap_err().code, ErrorCode::NotAllowed);
    let before = hall.galaxy.players[LEADER].credits.0;
    hall.act(LEADER, Deal::DisbandGuild(Nothing {})).unwrap();
    assert_eq!(hall.galaxy.players[LEADER].credits.0, before + 700);
    assert!(hall.galaxy.parties.is_empty());
    assert!(hall.galaxy.players.iter().all(|player| player.membership == Membership::None));
    let left = Notice::GuildLeft { guild: hall.guild, name: "Night Shift".to_owned() };
    assert_eq!(hall.galaxy.notices, [(player_id(OFFICER), left.clone()), (player_id(MEMBER), left)]);
}

#[test]
fn officers_throw_out_members_but_not_each_other() {
    let mut hall = Hall::new();
    hall.join(STRANGER);
    hall.set_role(STRANGER, Role::Officer);
    for (by, whom, code) in [
        (MEMBER, STRANGER, ErrorCode::NotAllowed),
        (OFFICER, STRANGER, ErrorCode::NotAllowed),
        (OFFICER, LEADER, ErrorCode::NotAllowed),
        (LEADER, LEADER, ErrorCode::NotAllowed),
    ] {
        assert_eq!(hall.act(by, kick(whom)).unwrap_err().code, code, "{by} {whom}");
    }
    hall.act(OFFICER, kick(MEMBER)).unwrap();
    hall.act(LEADER, kick(STRANGER)).unwrap();
    assert_eq!(hall.galaxy.players[MEMBER].membership, Membership::None);
    assert_eq!(hall.act(MEMBER, leave()).unwrap_err().code, ErrorCode::NoGuild);
    assert_eq!(hall.act(LEADER, kick(MEMBER)).unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn who_is_thrown_out_while_a_deposit_is_under_way_gets_it_back() {
    let mut hall = Hall::new();
    let before = hall.galaxy.players[MEMBER].clone();
    hall.galaxy.ask(LEADER, kick(MEMBER));
    let deposit = hall.galaxy.ask(MEMBER, Deal::GuildDeposit(Amount { credits: Credits(500) }));
    hall.galaxy.pump();
    let Some(crate::game::Outcome::Refused(refusal)) = hall.galaxy.answer_to(MEMBER, deposit) else {
        unreachable!("the guild does not know the player any more")
    };
    assert_eq!(refusal.code, ErrorCode::NoGuild);
    assert_eq!(hall.galaxy.players[MEMBER].credits, before.credits);
    assert_eq!(hall.galaxy.players[MEMBER].membership, Membership::None);
}

#[test]
fn nobody_joins_two_guilds_at_once() {
    let mut hall = Hall::new();
    hall.act(LEADER, invite(STRANGER)).unwrap();
    hall.galaxy.ask(STRANGER, Deal::AcceptInvite(Which { guild: hall.guild }));
    for deal in
        [Deal::FoundGuild(FoundGuild { name: "Other".to_owned() }), Deal::AcceptInvite(Which { guild: hall.guild })]
    {
        let asked = hall.galaxy.ask(STRANGER, deal);
        let Some(crate::game::Outcome::Refused(refusal)) = hall.galaxy.answer_to(STRANGER, asked) else {
            unreachable!("the first one is under way")
        };
        assert_eq!(refusal.code, ErrorCode::InGuild);
    }
    hall.galaxy.pump();
    assert_eq!(hall.galaxy.players[STRANGER].membership, Membership::In(hall.guild));
}

#[test]
fn an_invitation_expires_and_comes_to_whoever_did_not_block_its_sender() {
    let mut hall = Hall::new();
    hall.act(OFFICER, invite(STRANGER)).unwrap();
    hall.act(OFFICER, invite(STRANGER)).unwrap();
    let invited = Notice::GuildInvited { guild: hall.guild, name: "Night Shift".to_owned(), by: player_id(OFFICER) };
    assert_eq!(hall.galaxy.notices, [(player_id(STRANGER), invited)], "once");
    hall.galaxy.pass(604_800_000);
    let late = hall.act(STRANGER, Deal::AcceptInvite(Which { guild: hall.guild })).unwrap_err();
    assert_eq!((late.code, hall.galaxy.players[STRANGER].membership), (ErrorCode::NotInvited, Membership::None));

    hall.galaxy.notices.clear();
    hall.act(STRANGER, Deal::Block(Other { player: player_id(OFFICER) })).unwrap();
    hall.act(OFFICER, invite(STRANGER)).unwrap();
    assert_eq!(hall.galaxy.notices, []);
}

#[test]
fn strangers_see_who_is_in_a_guild_and_not_what_it_has() {
    let mut hall = Hall::new();
    hall.deposit(LEADER, 10);
    hall.act(OFFICER, Deal::SetMotd(SetMotd { text: " Raid at nine ".to_owned() })).unwrap();
    assert_eq!(
        hall.act(MEMBER, Deal::SetMotd(SetMotd { text: String::new() })).unwrap_err().code,
        ErrorCode::NotAllowed
    );
    let inside = hall.view(MEMBER);
    assert_eq!(
        (inside.motd.as_str(), inside.treasury, inside.officer_limit),
        ("Raid at nine", Credits(10), Credits(1_000))
    );
    let roles: Vec<_> = inside.members.iter().map(|member| member.role).collect();
    assert_eq!(roles, [Role::Leader, Role::Officer, Role::Member]);
    let outside = hall.view(STRANGER);
    assert_eq!((outside.motd.as_str(), outside.treasury, outside.officer_limit), ("", Credits(0), Credits(0)));
    assert_eq!(outside.members, inside.members);
}
