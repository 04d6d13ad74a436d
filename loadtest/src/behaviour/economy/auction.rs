//! Auctions, from both sides: short ones, because bots have little patience.

use orrery_core::catalog::Hub;
use orrery_core::types::economy::market::{AskPage, Bid, CancelAuction, OpenAuction};
use orrery_core::types::economy::{Ask, Deal};
use orrery_core::types::{ItemKey, Quantity};

use super::{Act, Dice, View, ask, can_spend, credits, deal, worth};

/// Auctions at a hub beyond which one without a bid is taken back.
const AUCTIONS_MAX: usize = 3;

/// Puts some goods up.
pub(super) fn open(view: &View<'_>, hub: &Hub, item: &ItemKey, there: u64, dice: &mut Dice) -> Act {
    let own: Vec<_> = view.account.auctions.iter().filter(|((at, _), auction)| *at == hub.key && auction.own).collect();
    if let Some(((_, auction), _)) = own.first().filter(|_| own.len() >= AUCTIONS_MAX) {
        return deal(Deal::CancelAuction(CancelAuction { hub: hub.key.clone(), auction: *auction }));
    }
    let quantity = 1 + dice.below(there.min(5));
    let value = worth(view, item).saturating_mul(quantity);
    let start = credits(value / 2);
    let buy_out = (dice.below(2) == 0).then(|| credits(value.saturating_mul(2)).max(start));
    let seconds = view.catalog.economy.auction.seconds_min + dice.below(30);
    let increment = credits(value / 20);
    let (hub, item) = (hub.key.clone(), item.clone());
    deal(Deal::Auction(OpenAuction { hub, item, quantity: Quantity(quantity), start, increment, buy_out, seconds }))
}

/// Bids in somebody's auction as long as it is worth it; looks for one otherwise.
pub(super) fn bid(view: &View<'_>, hub: &Hub) -> Act {
    let there = view.news.auctions.get(&hub.key).into_iter().flatten();
    let good = there.filter(|auction| {
        let strangers = auction.owner != view.player && auction.bidder != Some(view.player);
        let value = worth(view, &auction.item).saturating_mul(auction.quantity.0);
        let led = view.account.auctions.contains_key(&(hub.key.clone(), auction.auction));
        strangers && !led && auction.minimum.0 <= value && can_spend(view, auction.minimum.0)
    });
    match good.min_by_key(|auction| auction.ends_ms) {
        Some(auction) => {
            let (hub, auction, amount) = (hub.key.clone(), auction.auction, auction.minimum);
            deal(Deal::Bid(Bid { hub, auction, amount }))
        }
        None => ask(Ask::Auctions(AskPage { hub: hub.key.clone(), limit: Some(50), cursor: None })),
    }
}
