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

mod economy {
    use super::*;
    use orrery_core::catalog::Catalog;
    use orrery_core::types::economy::market::PlaceOrder;
    use orrery_core::types::economy::mission::Contribute;
    use orrery_core::types::economy::social::Other;
    use orrery_core::types::economy::storage::MyOffers;
    use serde_json::Value;

    fn catalog() -> Catalog {
        serde_json::from_value(crate::fake_server::catalog()).unwrap()
    }

    fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    /// Books with 1,000 credits and 10 ore in the hold.
    fn books() -> Account {
        Account::opening(&status(1_000, 10))
    }

    fn list(quantity: u64, price: u64) -> Deal {
        Deal::List(of(json!({"hub": "sol_hub", "item": "ore", "quantity": quantity, "price": price})))
    }

    fn placed(order: u64, filled: u64, credits: u64, open: u64, fee: u64) -> Value {
        json!({"order": order, "filled": filled, "credits": credits, "open": open, "expires_ms": 9, "fee": fee})
    }

    fn hear(books: &mut Account, notice: Value) -> Result<(), String> {
        books.notice(&catalog(), &of(notice))
    }

    #[test]
    fn a_listing_sells_in_parts_and_the_rest_comes_back() {
        let mut books = books();
        books.settle(&catalog(), &list(6, 100), &placed(1, 1, 98, 5, 3)).unwrap();
        assert_eq!((books.credits, books.everything().values().sum::<i64>()), (1_095, 4));
        let sold = json!({"sold": {"hub": "sol_hub", "order": 1, "item": "ore", "quantity": 2, "credits": 196}});
        hear(&mut books, sold).unwrap();
        hear(&mut books, json!({"order_expired": {"hub": "sol_hub", "order": 1}})).unwrap();
        assert_eq!((books.credits, books.stored(&of(json!("sol_hub")), &of(json!("ore")))), (1_291, 3));
        assert!(books.orders.is_empty());
    }

    #[test]
    fn a_wrong_fee_and_lost_pieces_are_told() {
        assert!(books().settle(&catalog(), &list(6, 100), &placed(1, 0, 0, 6, 4)).unwrap_err().contains("fee"));
        assert!(books().settle(&catalog(), &list(6, 100), &placed(1, 0, 0, 5, 3)).unwrap_err().contains("missing"));
    }

    #[test]
    fn a_notification_may_come_before_the_answer_that_explains_it() {
        let (mut books, order) =
            (books(), Deal::Order(of(json!({"hub": "sol_hub", "item": "ore", "quantity": 4, "price": 10}))));
        let filled =
            json!({"order_filled": {"hub": "sol_hub", "order": 7, "item": "ore", "quantity": 1, "credits": 10}});
        hear(&mut books, filled).unwrap();
        hear(&mut books, json!({"order_expired": {"hub": "sol_hub", "order": 7}})).unwrap();
        assert_eq!(books.unexplained(), 1);
        books.settle(&catalog(), &order, &placed(7, 0, 0, 4, 0)).unwrap();
        assert_eq!((books.unexplained(), books.credits), (0, 990));
        assert_eq!(books.everything().values().sum::<i64>(), 11);
    }

    #[test]
    fn who_is_outbid_has_the_bid_back_and_who_wins_the_goods() {
        let mut books = books();
        let page = json!([{"auction": 3, "owner": uuid::Uuid::nil(), "item": "ore", "quantity": 5, "minimum": 50,
                           "buy_out": null, "bid": null, "bidder": null, "ends_ms": 9}]);
        books.saw_auctions(&of(json!("sol_hub")), &of::<Vec<_>>(page));
        let bid = |amount: u64| Deal::Bid(of(json!({"hub": "sol_hub", "auction": 3, "amount": amount})));
        let answer = |amount: u64| json!({"auction": 3, "amount": amount, "won": false, "ends_ms": 9});
        books.settle(&catalog(), &bid(50), &answer(50)).unwrap();
        assert_eq!(books.credits, 950);
        hear(&mut books, json!({"outbid": {"hub": "sol_hub", "auction": 3, "bid": 60}})).unwrap();
        books.settle(&catalog(), &bid(70), &answer(70)).unwrap();
        assert_eq!(books.credits, 930);
        let won = json!({"auction_won": {"hub": "sol_hub", "auction": 3, "item": "ore", "quantity": 5, "paid": 71}});
        assert!(hear(&mut books, won).unwrap_err().contains("another price"));
        assert_eq!(books.everything().values().sum::<i64>(), 15);
    }

    #[test]
    fn a_mission_pays_once_what_the_score_says() {
        let mut catalog = crate::fake_server::catalog();
        catalog["missions"] = json!({"rush": {"key": "rush", "name": "Rush", "about": "", "hub": "sol_hub",
            "every_seconds": 60, "seconds": 50, "reward": 10, "phases": [{"needs": {"ore": 9}, "points": {"ore": 3}}]}});
        let (catalog, mut books) = (of::<Catalog>(catalog), books());
        let contribute =
            Deal::Contribute(of(json!({"mission": "rush_1", "hub": "sol_hub", "item": "ore", "quantity": 4})));
        let answer = |taken: u64, score: u64| json!({"mission": "rush_1", "item": "ore", "taken": taken, "score": score, "rank": 1, "phase": 0});
        books.settle(&catalog, &contribute, &answer(4, 12)).unwrap();
        assert!(books.settle(&catalog, &contribute, &answer(2, 19)).unwrap_err().contains("score grew"));
        let over = |score: u64| json!({"mission_over": {"mission": "rush_1", "rank": 1, "score": score, "credits": 10, "goods": {}}});
        books.notice(&catalog, &of(over(19))).unwrap();
        assert!(books.notice(&catalog, &of(over(19))).unwrap_err().contains("second time"));
        assert_eq!(books.credits, 1_020, "paid twice, and noticed");
    }

    #[test]
    fn offers_that_the_server_does_not_know_are_a_difference() {
        let mut books = books();
        books.settle(&catalog(), &list(5, 10), &placed(1, 0, 0, 5, 1)).unwrap();
        let nothing = MyOffers { orders: vec![], auctions: vec![], contracts: vec![] };
        let hub: HubKey = of(json!("sol_hub"));
        let statement = Statement { offers: BTreeMap::from([(hub, nothing)]), ..Statement::default() };
        assert!(books.compare(&statement).unwrap_err().contains("orders"));
    }

    #[test]
    fn goods_whose_place_is_unknown_are_compared_in_sum() {
        let mut books = books();
        let (ore, hub): (ItemKey, HubKey) = (of(json!("ore")), of(json!("sol_hub")));
        books.put(Some(&hub), &ore, 5);
        books.take(&hub, &ore, 7);
        assert_eq!((books.quantity(&ore), books.stored(&hub, &ore)), (8, 0));
        books.blur(std::slice::from_ref(&ore));
        let theirs = of(json!({"items": [{"hub": "sol_hub", "item": "ore", "quantity": 2}]}));
        let mut statement = stated(status(1_000, 6));
        statement.storage = Some(theirs);
        assert_eq!(books.compare(&statement), Ok(()));
        books.sharpen(statement.storage.as_ref().unwrap());
        assert_eq!((books.quantity(&ore), books.stored(&hub, &ore)), (6, 2));
        statement.status = Some(status(1_000, 7));
        assert!(books.compare(&statement).is_err());
    }

    #[test]
    fn every_deal_is_economic_and_names_what_it_takes() {
        let contribute: Contribute = of(json!({"mission": "rush_1", "hub": "sol_hub", "item": "ore", "quantity": 4}));
        let order: PlaceOrder = of(json!({"hub": "sol_hub", "item": "ore", "quantity": 4, "price": 1}));
        let other: Other = of(json!({"player": uuid::Uuid::nil()}));
        let takes = |deal: &Deal| (is_economic(deal.name()), items_taken(&catalog(), deal).len());
        assert_eq!(takes(&Deal::Contribute(contribute)), (true, 1));
        assert_eq!(takes(&Deal::Order(order)), (true, 0));
        assert_eq!(takes(&Deal::Mute(other)), (true, 0));
    }
}
