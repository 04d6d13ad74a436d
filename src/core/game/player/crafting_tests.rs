//! What crafting promises: nothing is made of nothing, slots are never exceeded, and it does not matter when somebody
//! looks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use uuid::Uuid;

use super::{DealContext, Player, Prepared};
use crate::catalog::{self, Blueprint, Catalog, Stat, StatEffect};
use crate::game::{Effects, Rule};
use crate::types::economy::Deal;
use crate::types::economy::craft::{CancelCraft, Craft, CraftCancelled, CraftQueued};
use crate::types::economy::event::Notice;
use crate::types::{
    Account, BlueprintKey, CommandId, Credits, ErrorCode, Holdings, HubKey, ItemKey, JobId, Millis, PlayerId, Quantity,
    Refusal, TechKey,
};

const NOW: Millis = Millis(1_000_000);
const HUB: &str = "luna_exchange";

/// The project's catalogue with two blueprints of known numbers, and a technology that brings a slot.
fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalog");
        let mut catalog = catalog::load(&folder).expect("the project's own catalogue is sound");
        catalog.economy.craft = catalog::CraftRules { slots: 1, jobs_max: 4, runs_max: 10, refund_permille: 500 };
        catalog.blueprints = BTreeMap::new();
        for (key, input, requires, hubs) in
            [("bricks", "silicates", vec![], vec![]), ("lenses", "crystals", vec![tech("cargo_nets")], vec![hub()])]
        {
            let blueprint = Blueprint {
                key: BlueprintKey::parse(key).unwrap(),
                name: key.to_owned(),
                inputs: BTreeMap::from([(item(input), Quantity(3)), (item("ice"), Quantity(1))]),
                output: item("salvage"),
                output_quantity: Quantity(2),
                fee: Credits(5),
                seconds: 10,
                requires,
                hubs,
            };
            catalog.blueprints.insert(blueprint.key.clone(), blueprint);
        }
        let bench = catalog.techs.get_mut("ion_tuning").unwrap();
        bench.effects = vec![StatEffect { stat: Stat::CraftSlots, percent: 100 }];
        catalog
    })
}

fn item(key: &str) -> ItemKey {
    ItemKey::parse(key).unwrap()
}

fn tech(key: &str) -> TechKey {
    TechKey::parse(key).unwrap()
}

fn hub() -> HubKey {
    HubKey::parse(HUB).unwrap()
}

fn after(seconds: u64) -> Millis {
    NOW.plus_seconds(seconds)
}

fn at(now: Millis) -> Rule<'static> {
    Rule { catalog: catalog(), now, fresh: Uuid::nil() }
}

fn cx(now: Millis) -> DealContext<'static> {
    DealContext { rule: at(now), command: CommandId(1), fingerprint: 1, name: "Ada" }
}

/// 200 credits, 20 silicates and 20 ice in the storage at the hub, 100 silicates and 30 ice in the hold.
fn player() -> Player {
    let mut player = Player::new(PlayerId(Uuid::from_u128(7)), catalog(), NOW, &mut Effects::default());
    let goods = |silicates, ice| {
        Holdings::of_goods(item("silicates"), Quantity(silicates)).and_goods(item("ice"), Quantity(ice))
    };
    player.put_in(&goods(20, 20), Some(&hub())).unwrap();
    player.put_in(&goods(100, 30), None).unwrap();
    player
}

fn craft(player: &mut Player, key: &str, runs: u32, now: Millis, fx: &mut Effects) -> Result<CraftQueued, Refusal> {
    let body = Craft { hub: hub(), blueprint: BlueprintKey::parse(key).unwrap(), runs };
    player.deal(&Deal::Craft(body), &cx(now), fx).map(receipt)
}

fn cancel(player: &mut Player, job: u64, now: Millis, fx: &mut Effects) -> Result<CraftCancelled, Refusal> {
    player.deal(&Deal::CancelCraft(CancelCraft { job: JobId(job) }), &cx(now), fx).map(receipt)
}

fn receipt<T: serde::de::DeserializeOwned>(prepared: Prepared) -> T {
    let Prepared::Done(answer) = prepared else { unreachable!("crafting asks nobody") };
    serde_json::from_value(answer).unwrap()
}

fn stored(player: &Player, key: &str) -> u64 {
    player.storage.get(&hub()).map_or(0, |stored| stored.quantity(&item(key)).0)
}

/// When each job begins and is done, in seconds.
fn times(player: &Player) -> Vec<(u64, u64)> {
    player.crafting.jobs.iter().map(|job| (job.starts.since(NOW) / 1_000, job.due.since(NOW) / 1_000)).collect()
}

/// What the ledger says has come to the player since, and has gone.
fn flow(fx: &Effects) -> BTreeMap<Option<ItemKey>, i64> {
    let account = Account::from(PlayerId(Uuid::from_u128(7)));
    let mut sums = BTreeMap::new();
    for entry in &fx.ledger {
        let amount = i64::try_from(entry.amount).unwrap();
        *sums.entry(entry.item.clone()).or_default() +=
            amount * (i64::from(entry.to == account) - i64::from(entry.from == account));
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// By how much what the player holds has changed.
fn change(before: &Player, after: &Player) -> BTreeMap<Option<ItemKey>, i64> {
    let (before, after) = (before.holdings(), after.holdings());
    let signed = |amount: u64| i64::try_from(amount).unwrap();
    let mut sums = BTreeMap::from([(None, signed(after.credits.0) - signed(before.credits.0))]);
    for (sign, holdings) in [(-1, before), (1, after)] {
        for (item, quantity) in holdings.goods {
            *sums.entry(Some(item)).or_default() += sign * signed(quantity.0);
        }
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

#[test]
fn inputs_come_from_the_storage_first_and_the_output_goes_there() {
    let (mut player, mut fx) = (player(), Effects::default());
    let before = player.clone();
    let queued = craft(&mut player, "bricks", 10, NOW, &mut fx).unwrap();
    assert_eq!(
        (queued.starts_ms, queued.due_ms, queued.fee, queued.balance),
        (NOW, after(100), Credits(50), Credits(150))
    );
    assert_eq!((stored(&player, "silicates"), stored(&player, "ice")), (0, 10));
    assert_eq!(
        (player.cargo.quantity(&item("silicates")), player.cargo.quantity(&item("ice"))),
        (Quantity(90), Quantity(30))
    );

    player.finish_due_jobs(&at(after(99)), &mut fx);
    assert_eq!((stored(&player, "salvage"), player.crafting_due()), (0, Some(after(100))));
    player.finish_due_jobs(&at(after(100)), &mut fx);
    assert_eq!((stored(&player, "salvage"), player.crafting_due()), (20, None));
    assert_eq!(flow(&fx), change(&before, &player));
    let notices: Vec<&Notice> = fx.notifications.iter().map(|notification| &notification.notice).collect();
    let crafted = Notice::Crafted { job: queued.job, hub: hub(), item: item("salvage"), quantity: Quantity(20) };
    assert_eq!(notices, vec![&crafted]);
}

#[test]
fn a_refused_job_leaves_no_trace() {
    let (mut player, mut fx) = (player(), Effects::default());
    for _ in 0..3 {
        craft(&mut player, "bricks", 1, NOW, &mut Effects::default()).unwrap();
    }
    let before = player.clone();
    for (key, runs, code) in [
        ("bricks", 0, ErrorCode::BadRequest),
        ("bricks", 11, ErrorCode::BadRequest),
        ("gold", 1, ErrorCode::UnknownBlueprint),
        ("lenses", 1, ErrorCode::RequirementMissing),
    ] {
        assert_eq!(craft(&mut player, key, runs, NOW, &mut fx).unwrap_err().code, code, "{key} {runs}");
    }
    player.known.insert(tech("cargo_nets"));
    assert_eq!(craft(&mut player, "lenses", 1, NOW, &mut fx).unwrap_err().code, ErrorCode::NotEnoughGoods);
    let elsewhere = |hub: &str| Craft {
        hub: HubKey::parse(hub).unwrap(),
        blueprint: BlueprintKey::parse("lenses").unwrap(),
        runs: 1,
    };
    for (hub, code) in [("nowhere", ErrorCode::UnknownHub), ("ceres_depot", ErrorCode::NotSold)] {
        let refusal = player.deal(&Deal::Craft(elsewhere(hub)), &cx(NOW), &mut fx).unwrap_err();
        assert_eq!(refusal.code, code);
    }
    player.known.clear();
    player.credits = Credits(9);
    assert_eq!(craft(&mut player, "bricks", 2, NOW, &mut fx).unwrap_err().code, ErrorCode::NotEnoughCredits);
    player.credits = before.credits;
    assert_eq!(cancel(&mut player, 9, NOW, &mut fx).unwrap_err().code, ErrorCode::NotFound);
    assert_eq!((&player, &fx), (&before, &Effects::default()));

    craft(&mut player, "bricks", 1, NOW, &mut fx).unwrap();
    let full = craft(&mut player, "bricks", 1, NOW, &mut fx).unwrap_err();
    assert_eq!((full.code, full.details["limit"].as_u64()), (ErrorCode::LimitReached, Some(4)));
}

#[test]
fn a_job_that_has_not_begun_comes_back_whole_and_those_behind_it_move_up() {
    let (mut player, mut fx) = (player(), Effects::default());
    for runs in [1, 2, 3] {
        craft(&mut player, "bricks", runs, NOW, &mut Effects::default()).unwrap();
    }
    assert_eq!(times(&player), vec![(0, 10), (10, 30), (30, 60)]);
    let before = player.clone();
    let back = cancel(&mut player, 2, after(4), &mut fx).unwrap();
    assert_eq!(
        (back.refund, back.goods[&item("silicates")], back.goods[&item("ice")]),
        (Credits(10), Quantity(6), Quantity(2))
    );
    assert_eq!(times(&player), vec![(0, 10), (10, 40)]);
    assert_eq!(flow(&fx), change(&before, &player));

    // The one that runs comes back by half, rounded down for each item, and the next begins at once.
    let back = cancel(&mut player, 1, after(4), &mut fx).unwrap();
    assert_eq!((back.refund, back.goods), (Credits(2), BTreeMap::from([(item("silicates"), Quantity(1))])));
    assert_eq!(times(&player), vec![(4, 34)]);
    assert_eq!(cancel(&mut player, 3, after(34), &mut fx).unwrap_err().code, ErrorCode::Ended);
}

#[test]
fn a_research_that_ends_unseen_brings_its_slot_when_it_was_due() {
    let mut seen = player();
    for _ in 0..3 {
        craft(&mut seen, "bricks", 2, NOW, &mut Effects::default()).unwrap();
    }
    // Due after 20 seconds, in the middle of nothing; the third job need not wait for the second.
    seen.start_research(catalog(), &tech("ion_tuning"), CommandId(2), after(5), &mut Effects::default()).unwrap();
    let mut late = seen.clone();
    assert_eq!(times(&seen), vec![(0, 20), (20, 40), (40, 60)]);
    seen.finish_due_jobs(&at(after(25)), &mut Effects::default());
    assert_eq!(times(&seen), vec![(20, 40), (25, 45)]);
    seen.finish_due_jobs(&at(after(45)), &mut Effects::default());
    assert_eq!(stored(&seen, "salvage"), 12);

    let mut fx = Effects::default();
    late.finish_due_research(after(45), &mut fx);
    late.finish_due_jobs(&at(after(45)), &mut fx);
    assert_eq!(late, seen);
}

#[derive(Clone, Debug)]
enum Step {
    Craft(u32),
    Cancel(u64),
    Research,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..6_u32).prop_map(Step::Craft),
        2 => (1..12_u64).prop_map(Step::Cancel),
        1 => Just(Step::Research),
        4 => (1..90_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// One player is looked at every second, the other only before commands: they end alike. At any time no more jobs
    /// run than there are slots, and the ledger explains everything.
    #[test]
    fn it_does_not_matter_when_somebody_looks(steps in prop::collection::vec(step(), 1..40)) {
        let start = player();
        let (mut watched, mut alone) = (start.clone(), start.clone());
        let (mut watched_fx, mut alone_fx) = (Effects::default(), Effects::default());
        let mut seconds = 0;
        for step in steps {
            if let Step::Wait(wait) = step {
                for second in seconds..=seconds + wait {
                    watched.finish_due_jobs(&at(after(second)), &mut watched_fx);
                }
                seconds += wait;
                continue;
            }
            for (player, fx) in [(&mut watched, &mut watched_fx), (&mut alone, &mut alone_fx)] {
                player.finish_due_jobs(&at(after(seconds)), fx);
                let before = (player.clone(), fx.clone());
                let now = after(seconds);
                let refused = match step {
                    Step::Craft(runs) => craft(player, "bricks", runs, now, fx).is_err(),
                    Step::Cancel(job) => cancel(player, job, now, fx).is_err(),
                    Step::Research => {
                        player.start_research(catalog(), &tech("ion_tuning"), CommandId(2), now, fx).is_err()
                    }
                    Step::Wait(_) => unreachable!("handled above"),
                };
                if refused {
                    prop_assert_eq!(&(player.clone(), fx.clone()), &before, "a refusal leaves no trace");
                }
            }
            prop_assert_eq!(&watched, &alone);
            slots_hold(&alone, after(seconds))?;
        }
        prop_assert_eq!(flow(&alone_fx), change(&start, &alone));
        prop_assert_eq!(flow(&watched_fx), change(&start, &watched));
    }
}

/// At no moment do more jobs run than there are slots, and no slot is free while a job waits.
fn slots_hold(player: &Player, now: Millis) -> Result<(), TestCaseError> {
    let jobs = &player.crafting.jobs;
    let slots = player.jobs_view(catalog()).slots as usize;
    let running = |at: Millis| jobs.iter().filter(|job| job.starts <= at && at < job.due).count();
    for job in jobs {
        prop_assert!(running(job.starts) <= slots, "{jobs:?}");
    }
    prop_assert!(running(now) == slots || jobs.iter().all(|job| job.starts <= now), "{jobs:?}");
    Ok(())
}
