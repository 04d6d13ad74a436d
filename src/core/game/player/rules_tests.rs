//! What a player's rules promise: refusals leave no trace, and the ledger explains every credit and every piece.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use uuid::Uuid;

use super::{Player, PlayerRefusal, Receipt, SellOrder};
use crate::catalog::{self, Catalog, Hub};
use crate::game::{Effects, LedgerReason, Purpose, Rule, Transfer};
use crate::types::{
    Account, CommandId, Credits, External, Holdings, ItemKey, Millis, ObjectId, Party, PlayerId, Quantity, TechKey,
    TransferId, Volume,
};

const COMMAND: CommandId = CommandId(1);
const NOW: Millis = Millis(1_000_000);

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalog");
    CATALOG.get_or_init(|| catalog::load(&folder).expect("the project's own catalogue is sound"))
}

fn hub() -> &'static Hub {
    &catalog().sectors[&catalog().start.sector].hubs[0]
}

fn new_player(fx: &mut Effects) -> Player {
    Player::new(PlayerId(Uuid::from_u128(7)), catalog(), NOW, fx)
}

fn item(key: &str) -> ItemKey {
    ItemKey::parse(key).unwrap()
}

fn tech(key: &str) -> TechKey {
    TechKey::parse(key).unwrap()
}

fn transfer(number: u64, goods: &str, quantity: u64) -> Transfer {
    let object = ObjectId(number);
    Transfer {
        id: TransferId::of_collected(object),
        from: External::Space.into(),
        to: Party::Player(PlayerId(Uuid::from_u128(7))),
        holdings: Holdings::of_goods(item(goods), Quantity(quantity)),
        reason: LedgerReason::Collect,
        purpose: Purpose::Collected { command: COMMAND, object },
    }
}

fn at(now: Millis) -> Rule<'static> {
    Rule { catalog: catalog(), now, fresh: Uuid::nil() }
}

fn order(goods: &str, quantity: u64) -> SellOrder {
    SellOrder { item: item(goods), quantity: Quantity(quantity) }
}

#[test]
fn a_refused_sale_leaves_no_trace() {
    let mut player = new_player(&mut Effects::default());
    player.receive(&transfer(1, "ice", 5), &at(NOW), &mut Effects::default()).unwrap();
    let before = player.clone();
    let mut fx = Effects::default();
    for (wrong, refusal) in [
        (order("ice", 6), PlayerRefusal::NotEnoughGoods { have: Quantity(5) }),
        (order("ice", 0), PlayerRefusal::NothingToSell),
        (order("relics", 1), PlayerRefusal::NotBought(item("relics"))),
        (order("moon_dust", 1), PlayerRefusal::UnknownItem(item("moon_dust"))),
    ] {
        assert_eq!(player.sell(catalog(), hub(), &wrong, COMMAND, NOW, &mut fx), Err(refusal));
    }
    player.credits = Credits::MAX;
    let too_rich = player.sell(catalog(), hub(), &order("ice", 1), COMMAND, NOW, &mut fx);
    assert_eq!(too_rich, Err(PlayerRefusal::AmountTooLarge));
    player.credits = before.credits;
    assert_eq!((player, fx), (before, Effects::default()));
}

#[test]
fn hubs_money_is_taxed_by_the_brackets_it_comes_to_lie_in() {
    let economy = &catalog().economy;
    let [first, second, ..] = economy.hub_tax.as_slice() else { unreachable!("the catalogue has brackets") };
    assert_eq!(economy.hub_tax(Credits::ZERO, first.above), Credits::ZERO);
    // 100 in the first bracket; all of the first and 1,000 in the second.
    assert_eq!(economy.hub_tax(Credits(first.above.0 - 900), Credits(1_000)), Credits(100 * first.permille / 1_000));
    let whole = (second.above.0 - first.above.0) * first.permille / 1_000 + second.permille;
    assert_eq!(economy.hub_tax(Credits::ZERO, Credits(second.above.0 + 1_000)), Credits(whole));

    let (mut player, mut fx) = (new_player(&mut Effects::default()), Effects::default());
    player.receive(&transfer(1, "iron_ore", 50), &at(NOW), &mut Effects::default()).unwrap();
    player.credits = second.above;
    let receipt = player.sell(catalog(), hub(), &order("iron_ore", 50), COMMAND, NOW, &mut fx).unwrap();
    let Receipt::Sold { paid, tax, balance, .. } = receipt else { unreachable!("it was sold") };
    assert_eq!((paid.0 + tax.0, tax.0), (400, 400 * second.permille / 1_000));
    assert_eq!(balance, Credits(second.above.0 + paid.0));
    let treasury: Vec<_> = fx.ledger.iter().filter(|entry| entry.to == External::Treasury.into()).collect();
    assert_eq!(
        treasury.iter().map(|entry| (entry.reason, entry.amount)).collect::<Vec<_>>(),
        vec![(LedgerReason::Tax, tax.0)]
    );
}

proptest! {
    /// However a sale is cut up, the tax is the same but for rounding, and earning more never leaves less.
    #[test]
    fn the_tax_does_not_depend_on_how_a_sale_is_cut_up(wallet in 0..3_000_000_u64, first in 0..500_000_u64, rest in 0..500_000_u64) {
        let tax = |wallet: u64, paid: u64| catalog().economy.hub_tax(Credits(wallet), Credits(paid)).0;
        let once = tax(wallet, first + rest);
        let net = first - tax(wallet, first);
        prop_assert!(once <= first + rest && first + rest - once >= net);
        prop_assert!(tax(wallet, first) + tax(wallet + first, rest) <= once);
        prop_assert!(tax(wallet, first) + tax(wallet + first, rest) + 1 >= once);
    }
}

#[test]
fn research_needs_its_requirements_money_and_time() {
    let catalog = catalog();
    let mut fx = Effects::default();
    let mut player = new_player(&mut fx);
    let start = |player: &mut Player, key, now| {
        player.start_research(catalog, &tech(key), COMMAND, now, &mut Effects::default())
    };
    let missing = PlayerRefusal::RequirementMissing { missing: tech("ion_tuning") };
    assert_eq!(start(&mut player, "fusion_drive", NOW), Err(missing));
    let Ok(Receipt::ResearchStarted { due, balance, .. }) = start(&mut player, "ion_tuning", NOW) else {
        unreachable!("it can be afforded")
    };
    assert_eq!((due, balance), (Millis(NOW.0 + 20_000), Credits(150)));
    assert!(matches!(start(&mut player, "cargo_nets", NOW), Err(PlayerRefusal::ResearchRunning { .. })));

    let slow = player.ship_stats(catalog).speed;
    player.finish_due_research(Millis(due.0 - 1), &mut fx);
    assert!(fx.research_done.is_empty());
    player.finish_due_research(due, &mut fx);
    assert_eq!(fx.research_done, vec![tech("ion_tuning")]);
    assert_eq!(player.ship_stats(catalog).speed, slow * 110 / 100);
    assert_eq!(start(&mut player, "ion_tuning", due), Err(PlayerRefusal::AlreadyKnown(tech("ion_tuning"))));
    let poor = PlayerRefusal::NotEnoughCredits { needed: Credits(400), have: Credits(150) };
    assert_eq!(start(&mut player, "fusion_drive", due), Err(poor));
}

#[test]
fn giving_up_a_research_returns_the_share_of_the_time_left() {
    let mut player = new_player(&mut Effects::default());
    let mut fx = Effects::default();
    assert_eq!(player.cancel_research(COMMAND, NOW, &mut fx), Err(PlayerRefusal::NoResearch));
    player.start_research(catalog(), &tech("ion_tuning"), COMMAND, NOW, &mut fx).unwrap();
    let receipt = player.cancel_research(COMMAND, Millis(NOW.0 + 15_000), &mut fx);
    let expected = Receipt::ResearchCancelled { tech: tech("ion_tuning"), refund: Credits(12), balance: Credits(162) };
    assert_eq!(receipt, Ok(expected));
}

#[test]
fn a_full_hold_has_no_room_left() {
    let mut player = new_player(&mut Effects::default());
    player.receive(&transfer(1, "iron_ore", 50), &at(NOW), &mut Effects::default()).unwrap();
    assert_eq!(player.free_volume(catalog()), Volume::ZERO);
}

/// What the ledger says the player has.
fn balance(fx: &Effects) -> Holdings {
    let account = Account::from(PlayerId(Uuid::from_u128(7)));
    let mut sums: BTreeMap<Option<ItemKey>, i64> = BTreeMap::new();
    for entry in &fx.ledger {
        let amount = i64::try_from(entry.amount).unwrap();
        let sum = sums.entry(entry.item.clone()).or_default();
        *sum += amount * (i64::from(entry.to == account) - i64::from(entry.from == account));
    }
    let mut holdings = Holdings::default();
    for (item, sum) in sums {
        let sum = u64::try_from(sum).expect("nobody can have less than nothing");
        match item {
            None => holdings.credits = Credits(sum),
            Some(item) => holdings = holdings.and_goods(item, Quantity(sum)),
        }
    }
    holdings
}

#[derive(Clone, Debug)]
enum Step {
    Receive(&'static str, u64),
    Sell(&'static str, u64),
    Research(&'static str),
    Cancel,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let goods = || prop::sample::select(vec!["ice", "iron_ore", "silicates", "relics"]);
    let techs = prop::sample::select(vec!["ion_tuning", "cargo_nets", "fusion_drive", "modular_holds"]);
    prop_oneof![
        3 => (goods(), 1..40_u64).prop_map(|(goods, quantity)| Step::Receive(goods, quantity)),
        3 => (goods(), 0..40_u64).prop_map(|(goods, quantity)| Step::Sell(goods, quantity)),
        2 => techs.prop_map(Step::Research),
        1 => Just(Step::Cancel),
        1 => (1..400_000_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn the_ledger_explains_every_credit_and_every_piece(steps in prop::collection::vec(step(), 0..60)) {
        let mut fx = Effects::default();
        let mut player = new_player(&mut fx);
        let mut now = NOW;
        for (number, step) in steps.into_iter().enumerate() {
            let before = (player.clone(), fx.clone());
            let refused = match step {
                Step::Receive(goods, quantity) => {
                    player.receive(&transfer(number as u64, goods, quantity), &at(now), &mut fx).is_err()
                }
                Step::Sell(goods, quantity) => {
                    player.sell(catalog(), hub(), &order(goods, quantity), COMMAND, now, &mut fx).is_err()
                }
                Step::Research(key) => player.start_research(catalog(), &tech(key), COMMAND, now, &mut fx).is_err(),
                Step::Cancel => player.cancel_research(COMMAND, now, &mut fx).is_err(),
                Step::Wait(millis) => {
                    now = Millis(now.0 + millis);
                    player.finish_due_research(now, &mut fx);
                    false
                }
            };
            if refused {
                prop_assert_eq!(&(player.clone(), fx.clone()), &before, "a refusal leaves no trace");
            }
            prop_assert_eq!(balance(&fx), player.holdings());
        }
    }
}
