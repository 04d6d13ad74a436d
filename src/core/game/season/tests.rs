//! What leaders rely on, season by season.

use uuid::Uuid;

use super::*;
use crate::game::player::Tally;
use crate::types::Millis;

const PAGE: RankPage = RankPage { top: 10, around: 1 };

fn player(number: u128) -> PlayerId {
    PlayerId(Uuid::from_u128(number))
}

fn scores(name: &str, wealth: u64, last: Tally, before: Option<Tally>) -> Scores {
    Scores { name: name.to_owned(), wealth: Credits(wealth), season: SeasonScore { last, before } }
}

fn collected(season: u64, collected: u64, at: u64) -> Tally {
    Tally { season, collected, collected_ms: Millis(at), ..Tally::default() }
}

fn names(ranks: &[RankView]) -> Vec<(u64, &str, u64)> {
    ranks.iter().map(|view| (view.rank, view.name.as_str(), view.score)).collect()
}

#[test]
fn each_board_has_those_who_have_a_score_on_it() {
    let mut boards = Boards::new(7);
    boards.put(player(1), scores("Ada", 500, collected(7, 2, 20), None));
    boards.put(player(2), scores("Bob", 500, collected(7, 2, 10), None));
    boards.put(player(3), scores("Cyd", 900, collected(6, 9, 5), None));
    let ranks = boards.ranks(Board::Collected, PAGE, player(1));
    assert_eq!(names(&ranks.top), [(1, "Bob", 2), (2, "Ada", 2)], "last season's are not on it");
    let wealth = boards.ranks(Board::Wealth, PAGE, player(3));
    assert_eq!(names(&wealth.top), [(1, "Cyd", 900), (2, "Ada", 500), (3, "Bob", 500)], "the older account is before");
    assert_eq!((names(&wealth.around), wealth.participants), (vec![(1, "Cyd", 900), (2, "Ada", 500)], 3));
}

#[test]
fn a_new_season_begins_with_who_has_scored_in_it_already() {
    let mut boards = Boards::new(7);
    boards.put(player(1), scores("Ada", 1, collected(8, 1, 99), Some(collected(7, 4, 9))));
    boards.put(player(2), scores("Bob", 1, collected(7, 3, 9), None));
    assert_eq!(names(&boards.ranks(Board::Collected, PAGE, player(1)).top), [(1, "Ada", 4), (2, "Bob", 3)]);
    let boards = boards.turned(8);
    assert_eq!(names(&boards.ranks(Board::Collected, PAGE, player(1)).top), [(1, "Ada", 1)]);
    assert_eq!(boards.ranks(Board::Wealth, PAGE, player(1)).participants, 2);
}

#[test]
fn the_result_is_kept_and_read_page_by_page() {
    let mut boards = Boards::new(7);
    for number in 1..=20_u64 {
        boards.put(player(number.into()), scores(&format!("P{number}"), 100 - number, Tally::default(), None));
    }
    let lines: Vec<_> = (1..).zip(boards.result(Board::Wealth, 15)).collect();
    assert_eq!(lines.len(), 15);
    let ranks = past_ranks(&lines, RankPage { top: 2, around: 1 }, player(15));
    assert_eq!(names(&ranks.top), [(1, "P1", 99), (2, "P2", 98)]);
    assert_eq!((names(&ranks.around), ranks.participants), (vec![(14, "P14", 86), (15, "P15", 85)], 20));
    assert!(past_ranks(&lines, PAGE, player(16)).around.is_empty());
    assert!(past_ranks(&[], PAGE, player(1)).top.is_empty());
}

#[test]
fn the_first_ten_of_each_board_get_a_letter_of_their_own() {
    let mut boards = Boards::new(7);
    for number in 1..=12_u64 {
        boards.put(player(number.into()), scores("P", number, collected(7, number, 1), None));
    }
    let letters = boards.letters();
    let ids: std::collections::BTreeSet<_> = letters.iter().map(|letter| letter.id.clone()).collect();
    assert_eq!((letters.len(), ids.len()), (20, 20), "ten by wealth, ten by what they collected");
    assert_eq!(letters, boards.clone().letters(), "the same letters have the same ids");
}

#[test]
fn past_ranks_of_the_first_version_stay_readable() {
    let stored = serde_json::json!({
        "v": "1", "player": player(1), "name": "Ada", "score": 7, "participants": 9,
    });
    let read: PastRank = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), stored);
}
