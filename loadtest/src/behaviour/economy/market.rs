//! A merchant: watches a hub's order book, lists what it has above the hub's price, buys what is offered below it,
//! leaves buy orders and takes stale ones back; a part of its goods it auctions, and it bids in others' auctions.

use orrery_core::catalog::Hub;
use orrery_core::types::economy::event::Topic;
use orrery_core::types::economy::market::{AskMarket, Buy, CancelOrder, PlaceOrder, Side};
use orrery_core::types::economy::storage::AtHub;
use orrery_core::types::economy::{Ask, Deal, guild::Nothing};
use orrery_core::types::{Credits, HubKey, ItemKey, Quantity};

use super::{
    Act, Dice, View, approach, ask, auction, can_spend, cash_in, credits, deal, earn, is_waiting, nearest_hub, pick,
    some_goods, worth,
};
use crate::behaviour::Behaviour;

/// Orders at a hub beyond which old ones are taken back.
const ORDERS_MAX: usize = 6;

/// Trades on a market.
#[derive(Default)]
pub(in crate::behaviour) struct Merchant {
    /// Where it trades: the hub that was nearest at first.
    home: Option<HubKey>,
}

impl Behaviour for Merchant {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        let Some(hub) = self.hub(view) else { return earn(view, dice) };
        if is_waiting(view) {
            return Act::Nothing;
        }
        let goods = view.cargo_used() * 8 >= view.cargo_capacity || view.account.storage.contains_key(&hub.key);
        // Credits alone reach a market from everywhere; goods must be carried there.
        match dice.below(12) {
            0 | 1 => watch(view, hub, dice),
            2 => bargain(view, hub).unwrap_or_else(|| watch(view, hub, dice)),
            3 => wish(view, hub, dice).unwrap_or_else(|| earn(view, dice)),
            4 => tidy_up(view, hub).unwrap_or_else(|| auction::bid(view, hub)),
            5 => auction::bid(view, hub),
            6..=8 if goods => approach(view, &hub.key, dice).unwrap_or_else(|| offer(view, hub, dice)),
            9 if goods => approach(view, &hub.key, dice).or_else(|| cash_in(view, hub)).unwrap_or(Act::Nothing),
            _ => earn(view, dice),
        }
    }
}

impl Merchant {
    fn hub<'v>(&mut self, view: &View<'v>) -> Option<&'v Hub> {
        if self.home.is_none() {
            self.home = nearest_hub(view).map(|hub| hub.key.clone());
        }
        view.catalog.hub(self.home.as_ref()?)
    }
}

/// Looks around: all prices, one item's orders, its own offers, its goods.
fn watch(view: &View<'_>, hub: &Hub, dice: &mut Dice) -> Act {
    let key = hub.key.clone();
    let items: Vec<&ItemKey> =
        view.news.quotes.get(&key).into_iter().flat_map(|book| &book.quotes).map(|q| &q.item).collect();
    match dice.below(12) {
        0..=3 => ask(Ask::Market(AskMarket { hub: key, item: None, limit: None })),
        4..=8 => {
            let item = pick(&items, dice).copied().or_else(|| hub.buys.keys().next()).cloned();
            ask(Ask::Market(AskMarket { hub: key, item, limit: Some(20) }))
        }
        9 => ask(Ask::MyOffers(AtHub { hub: key })),
        10 => ask(Ask::Storage(Nothing {})),
        _ => ask(Ask::Subscribe(Topic::Ticker(key))),
    }
}

/// Offers goods: to who pays more than the hub, or for a little more than it pays.
fn offer(view: &View<'_>, hub: &Hub, dice: &mut Dice) -> Act {
    let Some((item, there)) = some_goods(view, &hub.key, dice) else { return earn(view, dice) };
    if dice.below(5) == 0 {
        return auction::open(view, hub, item, there, dice);
    }
    let floor = hub.buys.get(item).map_or_else(|| worth(view, item), |price| price.0);
    let best = view.news.quotes.get(&hub.key).and_then(|book| book.quotes.iter().find(|quote| quote.item == *item));
    let bid = best.and_then(|quote| quote.bid).map_or(0, |bid| bid.0);
    let price = if bid > floor { bid } else { floor + 1 + floor * dice.below(40) / 100 };
    let quantity = Quantity(1 + dice.below(there.min(12)));
    let (hub, item) = (hub.key.clone(), item.clone());
    deal(Deal::List(PlaceOrder { hub, item, quantity, price: credits(price) }))
}

/// Buys what somebody offers for less than it is worth.
fn bargain(view: &View<'_>, hub: &Hub) -> Option<Act> {
    let book = view.news.books.get(&hub.key)?;
    let cheap = book.sells.iter().find(|order| {
        let own = order.owner == view.player;
        !own && order.price.0 <= worth(view, &order.item).saturating_mul(13) / 10 && can_spend(view, order.price.0)
    })?;
    let affordable = u64::try_from(view.account.credits).unwrap_or(0) / 2 / cheap.price.0.max(1);
    let quantity = Quantity(cheap.open.0.min(affordable).clamp(1, 5));
    let (hub, order, price) = (hub.key.clone(), cheap.order, cheap.price);
    Some(deal(Deal::Buy(Buy { hub, order, quantity, price })))
}

/// Leaves an order for what the hub would take.
fn wish(view: &View<'_>, hub: &Hub, dice: &mut Dice) -> Option<Act> {
    let items: Vec<&ItemKey> = hub.buys.keys().collect();
    let item = *pick(&items, dice)?;
    let price = worth(view, item).saturating_mul(80 + dice.below(40)) / 100;
    let quantity = 1 + dice.below(5);
    let affordable = can_spend(view, price.max(1).saturating_mul(quantity));
    let (hub, item) = (hub.key.clone(), item.clone());
    let order = PlaceOrder { hub, item, quantity: Quantity(quantity), price: credits(price) };
    affordable.then(|| deal(Deal::Order(order)))
}

/// Takes the oldest order back when there are many; a sell order outlives buy orders.
fn tidy_up(view: &View<'_>, hub: &Hub) -> Option<Act> {
    let own: Vec<_> = view.account.orders.iter().filter(|((at, _), _)| *at == hub.key).collect();
    let buys = own.iter().find(|(_, order)| matches!(order.terms, Some((Side::Buy, _, Credits(_)))));
    let ((_, order), _) = buys.or_else(|| own.first()).filter(|_| own.len() > ORDERS_MAX)?;
    Some(deal(Deal::CancelOrder(CancelOrder { hub: hub.key.clone(), order: *order })))
}
