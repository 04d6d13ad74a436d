//! What operators' changes promise: the ledger explains every credit and piece, a refusal leaves no trace, what a change
//! names as its undoing undoes it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::catalog::Catalog;
use crate::game::LedgerReason;
use crate::game::player::{Inventory, Membership};
use crate::game::testing::own_catalog;
use crate::types::{Account as Owner, External, GuildId, Party, PlayerId, Volume};

const NOW: Millis = Millis(1_000_000);

/// Somebody with a few things, and what the ledger has said so far.
struct Somebody {
    catalog: std::sync::Arc<Catalog>,
    account: Account,
    player: Player,
    ledger: Holdings,
    place: Place,
}

impl Somebody {
    fn new() -> Self {
        let (catalog, mut fx) = (own_catalog(), Effects::default());
        let player = Player::new(PlayerId(Uuid::from_u128(7)), &catalog, NOW, &mut fx);
        let account = Account::new("Ada".to_owned(), Some("hash".to_owned()), NOW);
        let place = Place { world: catalog.start.sector.clone(), at: crate::types::Point::new(300, 77) };
        let ledger = player.holdings();
        Self { catalog, account, player, ledger, place }
    }

    /// Carries a change out, books what the ledger says, and checks what must always hold.
    fn operate(&mut self, change: &OperatorChange) -> Result<Operated, OperateRefusal> {
        let rule = Rule { catalog: &self.catalog, now: NOW, fresh: Uuid::nil() };
        let cx = OperateContext { rule, by: "Grace", place: Some(&self.place) };
        let (before, mut fx) = ((self.account.clone(), self.player.clone()), Effects::default());
        let operated = operate(&mut self.account, &mut self.player, change, &cx, &mut fx);
        match &operated {
            Err(refusal) => {
                assert_eq!((&self.account, &self.player), (&before.0, &before.1), "{refusal}: it left a trace");
                assert!(fx.is_empty(), "{refusal}: it left {fx:?}");
            }
            Ok(_) => assert_eq!(self.account.moderation.revision, before.0.moderation.revision + 1),
        }
        if let (Ok(_), OperatorChange::Move { world, x, y }) = (&operated, change) {
            self.place = Place::of_units(world, *x, *y);
        }
        self.book(&fx);
        assert_eq!(self.player.holdings(), self.ledger, "left: held; right: what the ledger says");
        operated
    }

    fn book(&mut self, fx: &Effects) {
        let own = Owner::from(self.player.id);
        for entry in &fx.ledger {
            assert_eq!(entry.reason, LedgerReason::Operator);
            let sign = match (entry.from == own, entry.to == own) {
                (true, false) => -1,
                (false, true) => 1,
                _ => panic!("{entry:?} is none of the player's"),
            };
            let others = [&entry.from, &entry.to].into_iter().filter(|side| **side != own);
            others.for_each(|other| assert_eq!(*other, Owner::External(External::Operators)));
            let sum = |held: u64| u64::try_from(i128::from(held) + sign * i128::from(entry.amount)).unwrap();
            match &entry.item {
                None => self.ledger.credits = Credits(sum(self.ledger.credits.0)),
                Some(item) => {
                    let held = self.ledger.goods.remove(item).unwrap_or_default();
                    let sum = Quantity(sum(held.0));
                    self.ledger = std::mem::take(&mut self.ledger).and_goods(item.clone(), sum);
                }
            }
        }
    }

    fn refused(&mut self, change: Value) -> &'static str {
        let change: OperatorChange = serde_json::from_value(change).unwrap();
        self.operate(&change).unwrap_err().code()
    }

    fn done(&mut self, change: Value) -> Operated {
        let change: OperatorChange = serde_json::from_value(change).unwrap();
        self.operate(&change).unwrap()
    }

    /// What an undoing brings back: everything but what counts up, and since when and by whom a sanction holds.
    fn essence(&self) -> (Account, Player, Place) {
        let (mut account, mut player) = (self.account.clone(), self.player.clone());
        account.moderation.revision = 0;
        for sanction in [&mut account.moderation.ban, &mut account.moderation.mute].into_iter().flatten() {
            sanction.at = NOW;
        }
        player.inbox = super::super::Inbox::default();
        player.crafting.slots_changed = None;
        (account, player, self.place.clone())
    }
}

fn first_tech(catalog: &Catalog) -> TechKey {
    catalog.techs.values().find(|tech| tech.requires.is_empty()).unwrap().key.clone()
}

#[test]
fn what_is_granted_can_be_taken_again_and_no_more() {
    let mut ada = Somebody::new();
    let granted = ada.done(json!({ "kind": "grant", "credits": 5, "goods": { "ice": 3 } }));
    assert_eq!(granted.before, json!({ "credits": 200, "cargo": { "ice": 0 } }));
    assert_eq!(granted.after, json!({ "credits": 205, "cargo": { "ice": 3 } }));
    assert_eq!(ada.refused(json!({ "kind": "revoke", "goods": { "ice": 4 } })), "not_enough_goods");
    assert_eq!(ada.refused(json!({ "kind": "revoke", "credits": 206 })), "not_enough_credits");
    let hub = ada.catalog.hubs().next().unwrap().key.clone();
    assert_eq!(ada.refused(json!({ "kind": "revoke", "goods": { "ice": 1 }, "hub": hub })), "not_enough_goods");
    ada.operate(&granted.undo.unwrap()).unwrap();
    assert_eq!(ada.player.credits, Credits(200));
    assert_eq!(ada.player.cargo, Inventory::default());
}

#[test]
fn goods_that_do_not_fit_into_the_hold_go_to_a_hub() {
    let mut ada = Somebody::new();
    let room = ada.player.free_volume(&ada.catalog);
    assert!(room > Volume::ZERO);
    let too_many = json!({ "ice": room.0 + 1 });
    assert_eq!(ada.refused(json!({ "kind": "grant", "goods": too_many })), "cargo_full");
    let hub = ada.catalog.hubs().next().unwrap().key.clone();
    let stored = ada.done(json!({ "kind": "grant", "goods": too_many, "hub": hub }));
    assert_eq!(stored.after, json!({ "storage": { hub.as_str(): too_many } }));
    ada.operate(&stored.undo.unwrap()).unwrap();
    assert!(ada.player.storage.is_empty(), "no hub is there with nothing in it");
}

#[test]
fn what_breaks_a_rule_is_refused_by_name() {
    let mut ada = Somebody::new();
    for (change, code) in [
        (json!({ "kind": "grant" }), "bad_request"),
        (json!({ "kind": "grant", "goods": { "ice": 0 } }), "bad_request"),
        (json!({ "kind": "grant", "credits": u64::MAX }), "bad_request"),
        (json!({ "kind": "grant", "credits": Credits::MAX }), "amount_too_large"),
        (json!({ "kind": "grant", "goods": { "moon_dust": 1 } }), "unknown_item"),
        (json!({ "kind": "grant", "goods": { "ice": 1 }, "hub": "atlantis" }), "unknown_hub"),
        (json!({ "kind": "ban", "until_ms": NOW, "reason_shown": "x" }), "bad_request"),
        (json!({ "kind": "ban", "reason_shown": " " }), "bad_request"),
        (json!({ "kind": "mute", "reason_shown": "x".repeat(501) }), "bad_request"),
        (json!({ "kind": "unban" }), "not_banned"),
        (json!({ "kind": "unmute" }), "not_muted"),
        (json!({ "kind": "rename", "name": "A<b>" }), "bad_request"),
        (json!({ "kind": "rename", "name": "Ada" }), "no_change"),
        (json!({ "kind": "move", "world": "nowhere", "x": 1.0, "y": 1.0 }), "unknown_world"),
        (json!({ "kind": "move", "world": "sol", "x": -0.1, "y": 1.0 }), "bad_request"),
        (json!({ "kind": "move", "world": "sol", "x": 1e12, "y": 1.0 }), "bad_request"),
        (json!({ "kind": "grant_tech", "tech": "magic" }), "unknown_tech"),
        (json!({ "kind": "revoke_tech", "tech": "magic" }), "not_known"),
        (json!({ "kind": "erase", "confirm": "ada" }), "not_confirmed"),
    ] {
        assert_eq!(ada.refused(change.clone()), code, "{change}");
    }
    for unknown in [json!({ "kind": "grant", "credit": 5 }), json!({ "kind": "bless" }), json!({ "credits": 5 })] {
        assert!(serde_json::from_value::<OperatorChange>(unknown.clone()).is_err(), "{unknown}");
    }
}

#[test]
fn the_tree_of_technologies_stays_sound() {
    let mut ada = Somebody::new();
    let techs = ada.catalog.techs.clone();
    let later = techs.values().find(|tech| tech.requires.len() == 1).unwrap();
    let (first, later) = (later.requires[0].clone(), later.key.clone());
    let above = techs[&first].requires.clone();
    ada.player.known.extend(above);
    assert_eq!(ada.refused(json!({ "kind": "grant_tech", "tech": later })), "requirement_missing");
    ada.done(json!({ "kind": "grant_tech", "tech": first }));
    ada.done(json!({ "kind": "grant_tech", "tech": later }));
    assert_eq!(ada.refused(json!({ "kind": "grant_tech", "tech": later })), "already_known");
    assert_eq!(ada.refused(json!({ "kind": "revoke_tech", "tech": first })), "required");
}

#[test]
fn a_second_ban_takes_the_first_ones_place_and_undoing_it_brings_that_back() {
    let mut ada = Somebody::new();
    ada.done(json!({ "kind": "ban", "until_ms": NOW.0 + 10, "reason_shown": "first" }));
    let second = ada.done(json!({ "kind": "ban", "reason_shown": "second" }));
    assert_eq!(second.before, json!({ "ban": { "until_ms": NOW.0 + 10, "reason": "first" } }));
    assert_eq!(second.after, json!({ "ban": { "until_ms": null, "reason": "second" } }));
    ada.operate(&second.undo.unwrap()).unwrap();
    let ban = ada.account.moderation.ban(NOW).unwrap();
    assert_eq!((ban.until, ban.reason.as_str()), (Some(Millis(NOW.0 + 10)), "first"));
}

#[test]
fn the_same_ban_or_mute_again_changes_nothing() {
    let mut ada = Somebody::new();
    for kind in ["ban", "mute"] {
        let sentence = |until_ms, reason| json!({ "kind": kind, "until_ms": until_ms, "reason_shown": reason });
        ada.done(sentence(json!(null), "spam"));
        assert_eq!(ada.refused(sentence(json!(null), " spam ")), "no_change");
        ada.done(sentence(json!(NOW.0 + 10), "spam"));
        ada.done(sentence(json!(NOW.0 + 10), "insults"));
    }
}

#[test]
fn undoing_a_ban_whose_predecessor_is_over_lifts_it() {
    let mut ada = Somebody::new();
    ada.done(json!({ "kind": "ban", "until_ms": NOW.0 + 10, "reason_shown": "first" }));
    let undo = ada.done(json!({ "kind": "ban", "reason_shown": "second" })).undo.unwrap();
    assert_eq!(undo.clone().as_of(Millis(NOW.0 + 9)), undo);
    let undo = undo.as_of(Millis(NOW.0 + 10));
    assert_eq!(undo, OperatorChange::Unban {});
    ada.operate(&undo).unwrap();
    assert!(ada.account.moderation.ban(NOW).is_none());
}

#[test]
fn nothing_personal_is_left_of_an_erased_player_and_its_value_is_the_operators() {
    let mut ada = Somebody::new();
    ada.account.open_family([1; 32], NOW, Millis(NOW.0 + 1));
    ada.player.membership = Membership::In(GuildId(Uuid::from_u128(1)));
    ada.done(json!({ "kind": "grant", "credits": 5, "goods": { "ice": 3 } }));
    let rule = Rule { catalog: &own_catalog(), now: NOW, fresh: Uuid::nil() };
    let (cx, mut fx) = (OperateContext { rule, by: "Grace", place: None }, Effects::default());
    let erase = OperatorChange::Erase { confirm: "Ada".to_owned() };
    let erased = operate(&mut ada.account, &mut ada.player, &erase, &cx, &mut fx).unwrap();

    assert_eq!(erased.undo, None);
    let told = serde_json::to_string(&(&erased.before, &erased.after)).unwrap();
    assert!(!told.contains("Ada"), "the audit log keeps it for ever: {told}");
    assert_eq!(ada.player.holdings(), Holdings::default());
    assert_eq!((&ada.account.password_hash, ada.account.families.len()), (&None, 0));
    assert!(ada.account.name.starts_with("erased#") && !crate::game::account::is_valid_name(&ada.account.name));
    assert!(fx.sent.iter().any(|letter| matches!(letter.to, Party::Guild(_))), "the guild hears of it");
    ada.ledger = Holdings::default();
    assert_eq!(ada.refused(json!({ "kind": "grant", "credits": 5 })), "erased");
    assert_eq!(ada.refused(json!({ "kind": "revoke", "credits": 5 })), "not_enough_credits");
}

/// Any change that can be undone, with amounts around what somebody has.
fn any_change() -> impl Strategy<Value = OperatorChange> {
    let catalog = own_catalog();
    let items: Vec<ItemKey> = catalog.items.keys().take(3).cloned().collect();
    let mut hubs: Vec<Option<HubKey>> = catalog.hubs().take(2).map(|hub| Some(hub.key.clone())).collect();
    hubs.push(None);
    let goods = prop::collection::btree_map(prop::sample::select(items), (1..30_u64).prop_map(Quantity), 0..3);
    let amounts = (0..300_u64, goods, prop::sample::select(hubs)).prop_map(|(credits, goods, hub)| Amounts {
        credits: Credits(credits),
        goods,
        hub,
    });
    let sentence = (prop::option::of(NOW.0 + 1..NOW.0 + 100), "[a-z]{1,8}")
        .prop_map(|(until, reason_shown)| Sentence { until_ms: until.map(Millis), reason_shown });
    let techs: Vec<TechKey> = catalog.techs.keys().take(6).cloned().chain([first_tech(&catalog)]).collect();
    let tech = prop::sample::select(techs);
    let worlds: Vec<WorldKey> = catalog.sectors.keys().cloned().collect();
    let place = (prop::sample::select(worlds), 0..=500_i32, 0..=500_i32);
    prop_oneof![
        3 => amounts.clone().prop_map(OperatorChange::Grant),
        3 => amounts.prop_map(OperatorChange::Revoke),
        1 => sentence.clone().prop_map(OperatorChange::Ban),
        1 => Just(OperatorChange::Unban {}),
        1 => sentence.prop_map(OperatorChange::Mute),
        1 => Just(OperatorChange::Unmute {}),
        1 => "[A-Za-z]{3,8}".prop_map(|name| OperatorChange::Rename { name }),
        1 => place.prop_map(|(world, x, y)| OperatorChange::Move { world, x: f64::from(x) / 4.0, y: f64::from(y) / 4.0 }),
        1 => tech.clone().prop_map(|tech| OperatorChange::GrantTech { tech }),
        1 => tech.prop_map(|tech| OperatorChange::RevokeTech { tech }),
    ]
}

proptest! {
    #[test]
    fn whatever_is_changed_the_books_balance_and_undoing_brings_back_what_was(
        changes in prop::collection::vec((any_change(), any::<bool>()), 1..20),
    ) {
        let mut ada = Somebody::new();
        for (change, undone) in changes {
            let before = ada.essence();
            let Ok(operated) = ada.operate(&change) else { continue };
            let stored = serde_json::to_value(operated.undo.as_ref().unwrap()).unwrap();
            let undo: OperatorChange = serde_json::from_value(stored).unwrap();
            prop_assert_eq!(&undo, operated.undo.as_ref().unwrap(), "as the audit log keeps it");
            if undone {
                let back = ada.operate(&undo).unwrap();
                prop_assert_eq!((&back.before, &back.after), (&operated.after, &operated.before));
                prop_assert_eq!(ada.essence(), before);
            }
        }
    }
}

#[test]
fn friends_and_guild_learn_the_new_name() {
    let (mut ada, mut bob) = (Somebody::new(), Somebody::new());
    bob.player.id = PlayerId(Uuid::from_u128(8));
    let catalog = own_catalog();
    let rule = Rule { catalog: &catalog, now: NOW, fresh: Uuid::nil() };
    let asked = |from: &mut Somebody, to: PlayerId| {
        let (name, command) = (from.account.name.clone(), crate::types::CommandId(1));
        let cx = crate::game::player::DealContext { rule, command, fingerprint: 0, name: &name };
        let (deal, mut fx) = (json!({ "player": to }), Effects::default());
        let deal = crate::types::economy::Deal::Befriend(serde_json::from_value(deal).unwrap());
        from.player.deal(&deal, &cx, &mut fx).unwrap();
        fx.sent
    };
    for letter in asked(&mut ada, bob.player.id) {
        bob.player.receive(&letter, &rule, &mut Effects::default()).unwrap();
    }
    ada.player.membership = Membership::In(GuildId(Uuid::from_u128(1)));
    let (cx, mut fx) = (OperateContext { rule, by: "Grace", place: None }, Effects::default());
    let rename = OperatorChange::Rename { name: "Countess".to_owned() };
    operate(&mut ada.account, &mut ada.player, &rename, &cx, &mut fx).unwrap();
    let to: BTreeMap<Party, _> = fx.sent.iter().map(|letter| (letter.to.clone(), letter.clone())).collect();
    assert_eq!(to.len(), 2, "{to:?}");
    bob.player.receive(&to[&Party::Player(bob.player.id)], &rule, &mut Effects::default()).unwrap();
    assert_eq!(bob.player.social.view(|_| false).requests[0].name, "Countess");
}
