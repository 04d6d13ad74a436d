//! How long contributions and questions take with 100,000 participants. Not a check but a figure:
//! `cargo test -p orrery-core --release -- --ignored --nocapture ranks`.

use std::time::Instant;

use uuid::Uuid;

use super::tests::{give, id, join, kind, needs};
use super::*;
use crate::game::testing::{START, own_catalog};
use crate::game::{LedgerReason, Request};
use crate::types::economy::Deal;
use crate::types::economy::mission::AskRanks;
use crate::types::{CommandId, TransferId};

const PARTICIPANTS: u32 = 100_000;
const SAMPLES: usize = 200_000;

fn player(number: u32) -> PlayerId {
    PlayerId(Uuid::from_u128(u128::from(number) + 1))
}

fn request(number: u32, command: u64, deal: Deal, goods: Holdings) -> Transfer {
    let (player, command) = (player(number), CommandId(command));
    let request = Request { player, name: format!("Player {number}"), command, fingerprint: 0, deal };
    Transfer {
        id: TransferId::of_request(player, command),
        from: player.into(),
        to: Party::Mission(id()),
        holdings: goods,
        reason: LedgerReason::Mission,
        purpose: Purpose::Request(Box::new(request)),
    }
}

/// Runs it so many times and prints median, 99th percentile and maximum.
#[allow(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn measure(what: &str, mut run: impl FnMut(u32)) {
    let mut times: Vec<_> = (0..SAMPLES as u32)
        .map(|sample| {
            // Scattered over the participants.
            let number = sample.wrapping_mul(2_654_435_761) % PARTICIPANTS;
            let before = Instant::now();
            run(number);
            before.elapsed()
        })
        .collect();
    times.sort();
    let (median, p99, max) = (times[SAMPLES / 2], times[SAMPLES * 99 / 100], times[SAMPLES - 1]);
    println!("{what}: median {median:?}, p99 {p99:?}, max {max:?} ({SAMPLES} samples, {PARTICIPANTS} participants)");
}

#[test]
#[ignore = "a measurement, for release builds"]
fn ranks_of_a_hundred_thousand_participants() {
    let catalog = own_catalog();
    let rule = Rule { catalog: &catalog, now: START, fresh: Uuid::nil() };
    let kind = MissionKind { phases: vec![needs(&[("ice", 1 << 40)], &[])], ..kind() };
    let mut mission = Mission::begin(id(), &kind, 1, START, &mut Effects::default());
    for number in 0..PARTICIPANTS {
        mission.receive(&request(number, 0, join(), Holdings::default()), &rule, &mut Effects::default());
    }
    let mut command = 0;
    measure("contribute, with the parts to be stored", |number| {
        command += 1;
        let quantity = u64::from(number % 7) + 1;
        let goods = Holdings::of_goods(super::tests::item("ice"), crate::types::Quantity(quantity));
        let mut fx = Effects::default();
        mission.receive(&request(number, command, give("ice", quantity), goods), &rule, &mut fx);
        for (table, part) in &fx.parts {
            assert!(mission.part(*table, part).is_some());
        }
    });
    measure("rank of one player", |number| assert!(mission.board.rank(player(number)).is_some()));
    measure("mission_ranks: 10 first, 5 around", |number| {
        let ask = Ask::MissionRanks(AskRanks { mission: id(), top: None, around: None });
        assert!(mission.answer(&ask, player(number), &rule).is_ok());
    });
    measure("mission_ranks: 100 first, 50 around", |number| {
        let ask = Ask::MissionRanks(AskRanks { mission: id(), top: Some(100), around: Some(50) });
        assert!(mission.answer(&ask, player(number), &rule).is_ok());
    });
}
