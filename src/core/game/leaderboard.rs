//! A leaderboard: who stands where, at any time, in O(log n) per change and per question, for 100,000 and more.
//!
//! A treap whose nodes know the sizes of their subtrees. The priorities that keep it balanced are drawn by a fixed
//! formula from the number of the node, so the same changes give the same tree. Used by missions and seasons.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::types::economy::mission::{RankView, Ranks};
use crate::types::{PlayerId, Refusal};

/// How many of the first a question may ask for.
const TOP: RangeInclusive<u16> = 1..=100;
/// How many above and below the player a question may ask for.
const AROUND: RangeInclusive<u16> = 0..=50;

/// Somebody's standing. The order of standings is the order of ranks: the higher score first, then who has had it for
/// longer, then the older account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The score.
    pub score: u64,
    /// Since when, in whatever the owner of the board counts: a smaller number was there before.
    pub since: u64,
    /// Who.
    pub player: PlayerId,
}

impl Standing {
    fn key(&self) -> (Reverse<u64>, u64, PlayerId) {
        (Reverse(self.score), self.since, self.player)
    }
}

impl PartialOrd for Standing {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Standing {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

type Link = Option<u32>;

#[derive(Clone, Debug)]
struct Node {
    standing: Standing,
    priority: u64,
    size: u32,
    left: Link,
    right: Link,
}

/// Standings in their order. At most 2^32 - 1 of them. Two are equal when the same players stand in the same places.
#[derive(Clone, Debug, Default)]
pub struct Leaderboard {
    standings: BTreeMap<PlayerId, Standing>,
    nodes: Vec<Node>,
    free: Vec<u32>,
    root: Link,
    drawn: u64,
}

impl PartialEq for Leaderboard {
    fn eq(&self, other: &Self) -> bool {
        self.standings == other.standings
    }
}

impl Leaderboard {
    /// How many are on it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.standings.len()
    }

    /// Whether nobody is on it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.standings.is_empty()
    }

    /// Somebody's standing.
    #[must_use]
    pub fn standing(&self, player: PlayerId) -> Option<Standing> {
        self.standings.get(&player).copied()
    }

    /// Puts somebody in a place, and out of the one before.
    pub fn put(&mut self, standing: Standing) {
        if let Some(before) = self.standings.insert(standing.player, standing) {
            if before == standing {
                return;
            }
            self.take_out(&before);
        }
        let node = self.new_node(standing);
        let (before, after) = self.split(self.root, &standing);
        let before = self.merge(before, Some(node));
        self.root = self.merge(before, after);
    }

    /// Takes somebody off it.
    pub fn remove(&mut self, player: PlayerId) {
        if let Some(standing) = self.standings.remove(&player) {
            self.take_out(&standing);
        }
    }

    /// Somebody's rank, from 1.
    #[must_use]
    pub fn rank(&self, player: PlayerId) -> Option<u64> {
        let standing = self.standings.get(&player)?;
        let (mut before, mut link) = (0, self.root);
        while let Some(node) = link.map(|index| self.node(index)) {
            match standing.cmp(&node.standing) {
                Ordering::Less => link = node.left,
                order => {
                    before += self.size(node.left);
                    if order == Ordering::Equal {
                        return Some(u64::from(before) + 1);
                    }
                    before += 1;
                    link = node.right;
                }
            }
        }
        None
    }

    /// Who has this rank.
    #[must_use]
    pub fn at(&self, rank: u64) -> Option<Standing> {
        let (mut rest, mut link) = (rank.checked_sub(1)?, self.root);
        while let Some(node) = link.map(|index| self.node(index)) {
            let left = u64::from(self.size(node.left));
            match rest.cmp(&left) {
                Ordering::Less => link = node.left,
                Ordering::Equal => return Some(node.standing),
                Ordering::Greater => {
                    rest -= left + 1;
                    link = node.right;
                }
            }
        }
        None
    }

    /// Up to `count` standings from this rank on, each with its rank.
    pub fn from_rank(&self, rank: u64, count: usize) -> impl Iterator<Item = (u64, Standing)> + '_ {
        let first = rank.max(1);
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        (first..first.saturating_add(count)).map_while(|rank| self.at(rank).map(|standing| (rank, standing)))
    }

    /// The standings around somebody, up to `count` above and as many below.
    pub fn around(&self, player: PlayerId, count: usize) -> impl Iterator<Item = (u64, Standing)> + '_ {
        let rank = self.rank(player);
        let first = rank.map_or(1, |rank| rank.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX)).max(1));
        let wanted = rank.map_or(0, |rank| usize::try_from(rank - first).unwrap_or(count) + 1 + count);
        self.from_rank(first, wanted)
    }

    /// The page of ranks that `mission_ranks` and `season_ranks` are answered with.
    #[must_use]
    pub fn ranks(&self, page: RankPage, player: PlayerId, view: impl Fn(u64, Standing) -> RankView) -> Ranks {
        Ranks {
            participants: u64::try_from(self.len()).unwrap_or(u64::MAX),
            top: self.from_rank(1, page.top).map(|(rank, standing)| view(rank, standing)).collect(),
            around: self.around(player, page.around).map(|(rank, standing)| view(rank, standing)).collect(),
        }
    }

    fn node(&self, index: u32) -> &Node {
        &self.nodes[index as usize]
    }

    fn size(&self, link: Link) -> u32 {
        link.map_or(0, |index| self.node(index).size)
    }

    fn new_node(&mut self, standing: Standing) -> u32 {
        self.drawn = self.drawn.wrapping_add(1);
        let node = Node { standing, priority: scatter(self.drawn), size: 1, left: None, right: None };
        if let Some(index) = self.free.pop() {
            self.nodes[index as usize] = node;
            return index;
        }
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).expect("there are fewer than 2^32 players")
    }

    fn take_out(&mut self, standing: &Standing) {
        let (before, rest) = self.split(self.root, standing);
        let (taken, after) = self.split_first(rest);
        self.free.extend(taken);
        self.root = self.merge(before, after);
    }

    fn set_children(&mut self, index: u32, left: Link, right: Link) -> Link {
        let size = 1 + self.size(left) + self.size(right);
        let node = &mut self.nodes[index as usize];
        (node.left, node.right, node.size) = (left, right, size);
        Some(index)
    }

    /// Those before this standing, and the others.
    fn split(&mut self, link: Link, at: &Standing) -> (Link, Link) {
        let Some(index) = link else { return (None, None) };
        let Node { standing, left, right, .. } = *self.node(index);
        if standing < *at {
            let (before, after) = self.split(right, at);
            (self.set_children(index, left, before), after)
        } else {
            let (before, after) = self.split(left, at);
            (before, self.set_children(index, after, right))
        }
    }

    /// The first one, and the others.
    fn split_first(&mut self, link: Link) -> (Link, Link) {
        let Some(index) = link else { return (None, None) };
        let Node { left, right, .. } = *self.node(index);
        if left.is_none() {
            return (Some(index), right);
        }
        let (first, rest) = self.split_first(left);
        (first, self.set_children(index, rest, right))
    }

    /// All of both; all of `before` are before all of `after`.
    fn merge(&mut self, before: Link, after: Link) -> Link {
        let (Some(first), Some(second)) = (before, after) else { return before.or(after) };
        if self.node(first).priority > self.node(second).priority {
            let Node { left, right, .. } = *self.node(first);
            let right = self.merge(right, after);
            self.set_children(first, left, right)
        } else {
            let Node { left, right, .. } = *self.node(second);
            let left = self.merge(before, left);
            self.set_children(second, left, right)
        }
    }
}

/// A well-scattered number for each number (the finalizer of SplitMix64).
fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// How much of a leaderboard is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankPage {
    /// So many of the first.
    pub top: usize,
    /// So many above and below the player.
    pub around: usize,
}

impl RankPage {
    /// What a question asks for: 10 and 5, when it says nothing.
    ///
    /// # Errors
    /// More or fewer than [`TOP`] of the first, or [`AROUND`].
    pub fn new(top: Option<u16>, around: Option<u16>) -> Result<Self, Refusal> {
        let (top, around) = (top.unwrap_or(10), around.unwrap_or(5));
        if !TOP.contains(&top) {
            return Err(Refusal::bad_request(format!("top: must be {} to {}", TOP.start(), TOP.end())));
        }
        if !AROUND.contains(&around) {
            return Err(Refusal::bad_request(format!("around: must be {} to {}", AROUND.start(), AROUND.end())));
        }
        Ok(Self { top: top.into(), around: around.into() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn player(number: u128) -> PlayerId {
        PlayerId(Uuid::from_u128(number))
    }

    fn standing(number: u128, score: u64, since: u64) -> Standing {
        Standing { score, since, player: player(number) }
    }

    #[test]
    fn among_equal_scores_who_was_there_first_is_before() {
        let mut board = Leaderboard::default();
        board.put(standing(1, 10, 5));
        board.put(standing(2, 10, 4));
        board.put(standing(3, 20, 6));
        let order: Vec<_> = board.from_rank(1, 9).map(|(rank, standing)| (rank, standing.player)).collect();
        assert_eq!(order, [(1, player(3)), (2, player(2)), (3, player(1))]);
        board.put(standing(2, 10, 7));
        assert_eq!((board.rank(player(1)), board.rank(player(2))), (Some(2), Some(3)));
    }

    #[test]
    fn neighbours_are_cut_off_at_both_ends() {
        let mut board = Leaderboard::default();
        for number in 1..=5 {
            board.put(standing(number, 0, u64::try_from(number).unwrap()));
        }
        let ranks = |number, count| board.around(player(number), count).map(|(rank, _)| rank).collect::<Vec<_>>();
        assert_eq!(ranks(1, 2), [1, 2, 3]);
        assert_eq!(ranks(3, 1), [2, 3, 4]);
        assert_eq!(ranks(5, 2), [3, 4, 5]);
        assert_eq!(ranks(9, 2), [0; 0]);
    }

    /// The deepest branch: what makes every operation O(log n).
    fn depth(board: &Leaderboard, link: Link) -> usize {
        link.map_or(0, |index| {
            let node = board.node(index);
            1 + depth(board, node.left).max(depth(board, node.right))
        })
    }

    #[test]
    fn it_stays_flat_also_when_scores_come_in_order() {
        let mut board = Leaderboard::default();
        for number in 0..100_000_u128 {
            board.put(standing(number, u64::try_from(number).unwrap(), 0));
        }
        assert!(depth(&board, board.root) < 64, "{}", depth(&board, board.root));
        assert_eq!(board.rank(player(0)), Some(100_000));
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_sorted_list(
            changes in prop::collection::vec((0..40_u128, 0..6_u64, 0..4_u64, prop::bool::weighted(0.2)), 1..200)
        ) {
            let (mut board, mut model) = (Leaderboard::default(), Vec::<Standing>::new());
            for (number, score, since, leaves) in changes {
                model.retain(|standing| standing.player != player(number));
                if leaves {
                    board.remove(player(number));
                } else {
                    board.put(standing(number, score, since));
                    model.push(standing(number, score, since));
                    model.sort();
                }
                prop_assert_eq!(board.len(), model.len());
                let all: Vec<_> = board.from_rank(1, usize::MAX).map(|(_, standing)| standing).collect();
                prop_assert_eq!(&all, &model);
                for (index, standing) in model.iter().enumerate() {
                    prop_assert_eq!(board.rank(standing.player), Some(index as u64 + 1));
                }
            }
            prop_assert!(board.nodes.len() <= 41, "nodes are used again");
        }
    }
}
