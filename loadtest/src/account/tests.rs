//! The books' arithmetic.

use super::*;
use orrery_core::protocol::answer::{Goods, Lifetime};
use orrery_core::types::{Credits, Quantity, ShipKindKey, Volume};
use serde_json::json;

fn status(credits: u64, ore: u64) -> Status {
    let item = ItemKey::parse("ore").unwrap();
    Status {
        name: "Ada".to_owned(),
        credits: Credits(credits),
        ship: ShipKindKey::parse("sloop").unwrap(),
        cargo_used: Volume(0),
        cargo_capacity: Volume(9),
        cargo: vec![Goods { item, quantity: Quantity(ore) }],
        research: None,
        known: vec![],
        lifetime: Lifetime::default(),
    }
}

#[test]
fn answers_add_up_to_the_status() {
    let mut account = Account::opening(&status(100, 0));
    let answers = [
        ("collect", json!({"object": 7, "item": "ore", "quantity": 5, "transfer": "collect-7"})),
        ("sell", json!({"hub": "sol_hub", "item": "ore", "quantity": 2, "paid": 14, "balance": 114})),
        ("research", json!({"tech": "drive", "cost": 40, "due_ms": 5, "balance": 74})),
        ("cancel_research", json!({"tech": "drive", "refund": 39, "balance": 113})),
        ("status", json!({})),
    ];
    for (command, answer) in answers {
        account.apply(&effect_of(command, &answer).unwrap());
    }
    assert_eq!(account.compare(&stated(status(113, 3))), Ok(()));
    let difference = account.compare(&stated(status(113, 4))).unwrap_err();
    assert!(difference.contains("113 credits"), "{difference}");
}

#[test]
fn a_malformed_answer_is_told() {
    assert!(effect_of("sell", &json!({"paid": "much"})).unwrap_err().contains("malformed"));
}

fn stated(status: Status) -> Statement {
    Statement { status: Some(status), ..Statement::default() }
}
