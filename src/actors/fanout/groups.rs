//! Groups: the sessions of one worker that see the same bytes of one world.
//!
//! Everybody with the same anchor cell, encoding and level of detail is sent the same message, so it is put together
//! once per group. Who is in which group stands in one table, in the order of the worker's sessions: that is about the
//! order in which their connections were made, and so the order in which the kernel's side of them lies in memory. To
//! write to them in that order, rather than group by group, saves more than the look at each costs. Sessions whose
//! client does not keep up sit apart until everything is sent anew.

use std::collections::HashMap;

use orrery_core::game::space::{Interest, Level, Tier};
use orrery_core::protocol::{CellIndex, Encoding};
use orrery_core::types::Tick;

/// A session, by its place among its worker's.
pub(super) type Member = u32;

/// What the members of a group have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct GroupKey {
    /// The cell that their views are anchored to.
    pub(super) anchor: CellIndex,
    /// How they are spoken to.
    pub(super) encoding: Encoding,
    /// How much detail they get.
    pub(super) level: Level,
}

/// A cell that a group sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SeenCell {
    /// Which.
    pub(super) cell: CellIndex,
    /// How far away it is.
    pub(super) tier: Tier,
    /// Ticks between its frames.
    pub(super) period: u64,
}

/// Sessions that see the same.
#[derive(Debug)]
pub(super) struct Group {
    key: GroupKey,
    cells: Vec<SeenCell>,
    /// The shortest period of its cells: at other ticks there is nothing to do.
    fastest: u64,
    members: u32,
}

impl Group {
    /// What its members have in common.
    pub(super) fn key(&self) -> GroupKey {
        self.key
    }

    /// Whether nobody belongs to it.
    pub(super) fn is_empty(&self) -> bool {
        self.members == 0
    }

    /// Its cells that are due at a tick.
    pub(super) fn due(&self, tick: Tick) -> impl Iterator<Item = &SeenCell> {
        let cells = if tick.0.is_multiple_of(self.fastest) { &self.cells[..] } else { &[] };
        cells.iter().filter(move |cell| tick.0.is_multiple_of(cell.period))
    }
}

/// Where a session sits.
#[derive(Clone, Debug)]
enum Seat<L> {
    /// Nowhere: it does not look into this world.
    Nowhere,
    /// In the group of this number, with its lane: whoever tells the group something needs no more of it.
    In(u32, L),
    /// Apart from all groups.
    Apart,
}

/// The groups that look into one world.
#[derive(Debug)]
pub(super) struct Groups<L> {
    /// Those without members are used again.
    all: Vec<Group>,
    empty: Vec<u32>,
    by_key: HashMap<GroupKey, u32>,
    /// By member.
    seats: Vec<Seat<L>>,
    apart: usize,
}

impl<L> Default for Groups<L> {
    fn default() -> Self {
        Self { all: Vec::new(), empty: Vec::new(), by_key: HashMap::new(), seats: Vec::new(), apart: 0 }
    }
}

impl<L> Groups<L> {
    /// Gives a session a seat in the group of this key, instead of the one it has.
    pub(super) fn join(&mut self, key: GroupKey, member: Member, lane: L, interest: &Interest) {
        // Joined before the other one is left, which may be the same.
        let number = match self.by_key.get(&key) {
            Some(number) => *number,
            None => self.open(key, interest),
        };
        self.all[number as usize].members += 1;
        self.leave(member);
        *self.seat(member) = Seat::In(number, lane);
    }

    /// Gives a session a seat apart: it is sent nothing for now.
    pub(super) fn sit_apart(&mut self, member: Member) {
        self.leave(member);
        *self.seat(member) = Seat::Apart;
        self.apart += 1;
    }

    /// Takes a session's seat back, if it has one.
    pub(super) fn leave(&mut self, member: Member) {
        match std::mem::replace(self.seat(member), Seat::Nowhere) {
            Seat::Nowhere => {}
            Seat::Apart => self.apart -= 1,
            Seat::In(number, _) => {
                let group = &mut self.all[number as usize];
                group.members -= 1;
                if group.is_empty() {
                    self.by_key.remove(&group.key);
                    self.empty.push(number);
                }
            }
        }
    }

    fn seat(&mut self, member: Member) -> &mut Seat<L> {
        let index = member as usize;
        if index >= self.seats.len() {
            self.seats.resize_with(index + 1, || Seat::Nowhere);
        }
        &mut self.seats[index]
    }

    /// All groups, by number; some without members.
    pub(super) fn all(&self) -> &[Group] {
        &self.all
    }

    /// The group that a session is in.
    pub(super) fn of(&self, member: Member) -> Option<&Group> {
        match self.seats.get(member as usize)? {
            Seat::In(number, _) => self.all.get(*number as usize),
            Seat::Nowhere | Seat::Apart => None,
        }
    }

    /// Whether a session sits apart.
    pub(super) fn is_apart(&self, member: Member) -> bool {
        matches!(self.seats.get(member as usize), Some(Seat::Apart))
    }

    /// Who is in a group, with the group's number.
    pub(super) fn seated(&self) -> impl Iterator<Item = (Member, usize, &L)> {
        (0..).zip(&self.seats).filter_map(|(member, seat)| match seat {
            Seat::In(number, lane) => Some((member, *number as usize, lane)),
            Seat::Nowhere | Seat::Apart => None,
        })
    }

    /// Those who do not keep up.
    pub(super) fn apart(&self) -> impl Iterator<Item = Member> {
        let seats = if self.apart > 0 { &self.seats[..] } else { &[] };
        (0..).zip(seats).filter_map(|(member, seat)| matches!(seat, Seat::Apart).then_some(member))
    }

    fn open(&mut self, key: GroupKey, interest: &Interest) -> u32 {
        let tiers = interest.tiers(key.anchor).into_iter();
        let cells: Vec<_> = tiers.map(|(cell, tier)| SeenCell { cell, tier, period: key.level.period(tier) }).collect();
        let fastest = cells.iter().map(|cell| cell.period).min().unwrap_or(1);
        let number = match self.empty.pop() {
            Some(number) => {
                let group = &mut self.all[number as usize];
                (group.key, group.cells, group.fastest) = (key, cells, fastest);
                number
            }
            None => {
                self.all.push(Group { key, cells, fastest, members: 0 });
                // There are not as many cells.
                u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.by_key.insert(key, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orrery_core::game::space::{Grid, TierBounds};
    use orrery_core::types::units_to_fixed;

    fn interest() -> Interest {
        let tiers = TierBounds { near: units_to_fixed(150), middle: units_to_fixed(190) };
        Interest::new(Grid::new(2_000, 100), units_to_fixed(200), units_to_fixed(10), tiers)
    }

    fn key(anchor: CellIndex, level: usize) -> GroupKey {
        GroupKey { anchor, encoding: Encoding::Json, level: Level::ALL[level] }
    }

    #[test]
    fn everybody_is_where_it_went_last_and_nowhere_else() {
        let (interest, mut groups) = (interest(), Groups::default());
        let mut expected: HashMap<Member, Option<GroupKey>> = HashMap::new();
        for step in 0..2_000_u32 {
            let member = step * 7 % 101;
            match step % 5 {
                0 => {
                    groups.sit_apart(member);
                    expected.insert(member, None);
                }
                1 => {
                    groups.leave(member);
                    expected.remove(&member);
                }
                _ => {
                    let key = key(210 + step % 3, step as usize % 2);
                    groups.join(key, member, (), &interest);
                    expected.insert(member, Some(key));
                }
            }
        }
        for member in 0..101 {
            let is_apart = expected.get(&member).is_some_and(Option::is_none);
            assert_eq!(groups.is_apart(member), is_apart);
            assert_eq!(groups.of(member).map(Group::key), expected.get(&member).copied().flatten());
        }
        let seated = groups.seated().inspect(|(member, number, ())| {
            assert_eq!(Some(groups.all()[*number].key()), expected[member]);
        });
        assert_eq!(seated.count() + groups.apart().count(), expected.len());
        let counted: u32 = groups.all().iter().map(|group| group.members).sum();
        assert_eq!(counted as usize, groups.seated().count());
    }

    #[test]
    fn a_group_without_members_is_used_again_for_another_key() {
        let (interest, mut groups) = (interest(), Groups::default());
        groups.join(key(210, 0), 1, (), &interest);
        groups.join(key(210, 0), 1, (), &interest);
        assert_eq!(groups.all().len(), 1, "to join again changes nothing");
        groups.leave(1);
        assert!(groups.all()[0].is_empty());
        groups.join(key(0, 1), 1, (), &interest);
        assert_eq!((groups.all().len(), groups.of(1).unwrap().key()), (1, key(0, 1)));
        groups.join(key(210, 0), 2, (), &interest);
        assert_eq!(groups.of(2).unwrap().key(), key(210, 0));
    }

    #[test]
    fn far_cells_are_due_less_often_and_nothing_is_due_between_the_periods() {
        let (interest, mut groups) = (interest(), Groups::default());
        groups.join(key(210, 0), 0, (), &interest);
        groups.join(key(210, 3), 3, (), &interest);
        let due = |member, tick| groups.of(member).unwrap().due(Tick(tick)).count();
        assert_eq!([1, 2, 4].map(|tick| due(0, tick)), [25, 25, 37]);
        assert_eq!([1, 2, 4, 16].map(|tick| due(3, tick)), [0, 0, 25, 37]);
    }
}
