//! Deadlines, bids and what becomes of them.

use super::setup::{CREDITS, galaxy, hub, item, read, small_catalog};
use crate::game::market::Market;
use crate::game::testing::{Galaxy, player_id};
use crate::types::economy::Deal;
use crate::types::economy::event::Notice;
use crate::types::economy::market::{AuctionOpened, Bid, BidPlaced, CancelAuction, OpenAuction};
use crate::types::{AuctionId, Credits, ErrorCode, External, Quantity};

fn opened(buy_out: Option<u64>) -> (Galaxy<Market>, AuctionOpened) {
    let mut galaxy = galaxy(small_catalog(0), 3);
    let body = OpenAuction {
        hub: hub(),
        item: item(0),
        quantity: Quantity(5),
        start: Credits(100),
        increment: Credits(10),
        buy_out: buy_out.map(Credits),
        seconds: 300,
    };
    let opened = read(galaxy.act(0, Deal::Auction(body)));
    (galaxy, opened)
}

fn bid(auction: AuctionId, amount: u64) -> Deal {
    Deal::Bid(Bid { hub: hub(), auction, amount: Credits(amount) })
}

#[test]
fn a_bid_at_the_last_moment_leaves_the_others_a_minute() {
    let (mut galaxy, opened) = opened(None);
    let early: BidPlaced = read(galaxy.act(1, bid(opened.auction, 100)));
    assert_eq!(early.ends_ms, opened.ends_ms, "there is time enough");
    galaxy.pass(299_999);
    let late: BidPlaced = read(galaxy.act(2, bid(opened.auction, 110)));
    assert_eq!(late.ends_ms, galaxy.now.plus_seconds(60));
    galaxy.pass(59_999);
    assert_eq!(galaxy.party().auctions.len(), 1);
    galaxy.pass(1);
    assert_eq!(galaxy.party().auctions.len(), 0);
    assert_eq!(galaxy.players[2].credits, Credits(CREDITS - 110));
}

#[test]
fn a_deadline_that_passes_while_nobody_is_there_counts_all_the_same() {
    let (mut galaxy, opened) = opened(None);
    read::<BidPlaced>(galaxy.act(1, bid(opened.auction, 100)));
    galaxy.reload();
    galaxy.now = galaxy.now.plus_seconds(300);
    let late = galaxy.act(2, bid(opened.auction, 1_000)).unwrap_err();
    assert_eq!(late.code, ErrorCode::Ended, "also before the market has looked");
    galaxy.notices.clear();
    galaxy.pass(0);
    // 100 less 7 of tax.
    let (hub, auction) = (hub(), opened.auction);
    let won =
        Notice::AuctionWon { hub: hub.clone(), auction, item: item(0), quantity: Quantity(5), paid: Credits(100) };
    let sold = Notice::AuctionSold { hub, auction, credits: Credits(93) };
    assert_eq!(galaxy.notices, [(player_id(1), won), (player_id(0), sold)]);
    assert_eq!(galaxy.balance(External::Treasury, None), 3 + 7);
    assert_eq!(galaxy.act(2, bid(opened.auction, 1_000)).unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn who_is_outbid_has_the_bid_back_and_who_raises_the_old_one() {
    let (mut galaxy, opened) = opened(None);
    read::<BidPlaced>(galaxy.act(1, bid(opened.auction, 100)));
    let low = galaxy.act(2, bid(opened.auction, 109)).unwrap_err();
    assert_eq!((low.code, &low.details["minimum"]), (ErrorCode::BidTooLow, &110.into()));
    read::<BidPlaced>(galaxy.act(1, bid(opened.auction, 150)));
    assert_eq!(galaxy.players[1].credits, Credits(CREDITS - 150));
    assert_eq!(galaxy.notices, [], "nobody was outbid");
    read::<BidPlaced>(galaxy.act(2, bid(opened.auction, 160)));
    assert_eq!(galaxy.players[1].credits, Credits(CREDITS));
    let outbid = Notice::Outbid { hub: hub(), auction: opened.auction, bid: Credits(160) };
    assert_eq!(galaxy.notices, [(player_id(1), outbid)]);
    assert_eq!(galaxy.act(0, bid(opened.auction, 500)).unwrap_err().code, ErrorCode::OwnOffer);
    let cancel = CancelAuction { hub: hub(), auction: opened.auction };
    assert_eq!(galaxy.act(0, Deal::CancelAuction(cancel)).unwrap_err().code, ErrorCode::Committed);
}

#[test]
fn the_buy_out_wins_at_once_and_costs_no_more_than_it_says() {
    let (mut galaxy, opened) = opened(Some(105));
    read::<BidPlaced>(galaxy.act(1, bid(opened.auction, 100)));
    let low = galaxy.act(2, bid(opened.auction, 104)).unwrap_err();
    assert_eq!(low.details["minimum"], 105, "the increment does not go beyond what wins at once");
    let won: BidPlaced = read(galaxy.act(2, bid(opened.auction, 400)));
    assert_eq!((won.won, won.amount), (true, Credits(105)));
    assert_eq!(galaxy.players[2].credits, Credits(CREDITS - 105));
    assert_eq!(galaxy.players[1].credits, Credits(CREDITS));
    assert_eq!(galaxy.party().auctions.len(), 0);
}

#[test]
fn of_many_bids_of_the_same_amount_the_first_stands() {
    let mut galaxy = galaxy(small_catalog(0), 50);
    let body = OpenAuction {
        hub: hub(),
        item: item(0),
        quantity: Quantity(1),
        start: Credits(100),
        increment: Credits(1),
        buy_out: None,
        seconds: 300,
    };
    let opened: AuctionOpened = read(galaxy.act(0, Deal::Auction(body)));
    for player in 1..50 {
        galaxy.ask(player, bid(opened.auction, 100));
    }
    galaxy.pump();
    let paid = galaxy.players.iter().filter(|player| player.credits == Credits(CREDITS - 100)).count();
    assert_eq!((paid, galaxy.players[1].credits), (1, Credits(CREDITS - 100)));
}
