//! Groups: the sessions of one worker that see the same bytes of one world.
//!
//! Everybody with the same anchor cell, encoding and level of detail is sent the same message, so it is put together
//! once per group. Who joins or leaves a group costs the same however many members it has: members are swapped into
//! gaps, and know their seat. Sessions whose client does not keep up sit apart until everything is sent anew.

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

/// A member on its seat, and its lane: whoever tells the group something needs no more of it.
#[derive(Clone, Debug)]
pub(super) struct Seated<L> {
    /// Who.
    pub(super) member: Member,
    /// What it is told by.
    pub(super) lane: L,
}

/// Sessions that see the same.
#[derive(Debug)]
pub(super) struct Group<L> {
    key: GroupKey,
    cells: Vec<SeenCell>,
    /// The shortest period of its cells: at other ticks there is nothing to do.
    fastest: u64,
    members: Vec<Seated<L>>,
}

impl<L> Group<L> {
    /// What its members have in common.
    pub(super) fn key(&self) -> GroupKey {
        self.key
    }

    /// Who belongs to it.
    pub(super) fn members(&self) -> &[Seated<L>] {
        &self.members
    }

    /// Its cells that are due at a tick.
    pub(super) fn due(&self, tick: Tick) -> impl Iterator<Item = &SeenCell> {
        let cells = if tick.0.is_multiple_of(self.fastest) { &self.cells[..] } else { &[] };
        cells.iter().filter(move |cell| tick.0.is_multiple_of(cell.period))
    }
}

/// Where a session sits; moves when others leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    /// `None`: among those who do not keep up.
    group: Option<u32>,
    index: u32,
}

impl Seat {
    /// Whether it is apart from all groups.
    pub(super) fn is_apart(self) -> bool {
        self.group.is_none()
    }
}

/// The groups that look into one world.
#[derive(Debug)]
pub(super) struct Groups<L> {
    /// Those without members are used again.
    all: Vec<Group<L>>,
    empty: Vec<u32>,
    by_key: HashMap<GroupKey, u32>,
    apart: Vec<Member>,
}

impl<L> Default for Groups<L> {
    fn default() -> Self {
        Self { all: Vec::new(), empty: Vec::new(), by_key: HashMap::new(), apart: Vec::new() }
    }
}

impl<L> Groups<L> {
    /// Gives a session a seat in the group of this key.
    pub(super) fn join(&mut self, key: GroupKey, member: Member, lane: L, interest: &Interest) -> Seat {
        let number = match self.by_key.get(&key) {
            Some(number) => *number,
            None => self.open(key, interest),
        };
        let members = &mut self.all[number as usize].members;
        members.push(Seated { member, lane });
        Seat { group: Some(number), index: last_index(members.len()) }
    }

    /// Gives a session a seat apart: it is sent nothing for now.
    pub(super) fn sit_apart(&mut self, member: Member) -> Seat {
        self.apart.push(member);
        Seat { group: None, index: last_index(self.apart.len()) }
    }

    /// Takes a seat back. Returns the session that got the seat instead, if one had to move.
    pub(super) fn leave(&mut self, seat: Seat) -> Option<Member> {
        let index = seat.index as usize;
        let Some(number) = seat.group else {
            if index < self.apart.len() {
                self.apart.swap_remove(index);
            }
            return self.apart.get(index).copied();
        };
        let members = &mut self.all.get_mut(number as usize)?.members;
        if index >= members.len() {
            return None;
        }
        members.swap_remove(index);
        let moved = members.get(index).map(|seated| seated.member);
        if members.is_empty() {
            self.by_key.remove(&self.all[number as usize].key);
            self.empty.push(number);
        }
        moved
    }

    /// All groups; some without members.
    pub(super) fn all(&self) -> &[Group<L>] {
        &self.all
    }

    /// The group of a seat, unless it is apart.
    pub(super) fn of(&self, seat: Seat) -> Option<&Group<L>> {
        self.all.get(seat.group? as usize)
    }

    /// Those who do not keep up.
    pub(super) fn apart(&self) -> &[Member] {
        &self.apart
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
                self.all.push(Group { key, cells, fastest, members: Vec::new() });
                last_index(self.all.len())
            }
        };
        self.by_key.insert(key, number);
        number
    }
}

/// One worker never has 2^32 sessions, nor a world as many cells.
fn last_index(length: usize) -> u32 {
    u32::try_from(length - 1).unwrap_or(u32::MAX)
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
    fn members_keep_their_seats_true_whoever_leaves() {
        let (interest, mut groups) = (interest(), Groups::<()>::default());
        let mut seats: HashMap<Member, Seat> = HashMap::new();
        for member in 0..300 {
            seats.insert(member, groups.join(key(210 + member % 3, 0), member, (), &interest));
        }
        for member in (0..300).filter(|member| member % 7 != 0) {
            let seat = seats.remove(&member).unwrap();
            if let Some(moved) = groups.leave(seat) {
                seats.insert(moved, seat);
            }
            if member % 5 == 0 {
                seats.insert(member, groups.sit_apart(member));
            }
        }
        for (member, seat) in &seats {
            let index = seat.index as usize;
            let sits = groups.of(*seat).map_or_else(|| groups.apart()[index], |group| group.members()[index].member);
            assert_eq!(sits, *member);
        }
        let seated: usize = groups.all().iter().map(|group| group.members().len()).sum();
        assert_eq!(seated + groups.apart().len(), seats.len());
    }

    #[test]
    fn a_group_without_members_is_used_again_for_another_key() {
        let (interest, mut groups) = (interest(), Groups::<()>::default());
        let seat = groups.join(key(210, 0), 1, (), &interest);
        assert_eq!(groups.leave(seat), None);
        let seat = groups.join(key(0, 1), 1, (), &interest);
        assert_eq!((groups.all().len(), groups.of(seat).unwrap().key()), (1, key(0, 1)));
        let other = groups.join(key(210, 0), 2, (), &interest);
        assert_eq!(groups.of(other).unwrap().members()[0].member, 2);
    }

    #[test]
    fn far_cells_are_due_less_often_and_nothing_is_due_between_the_periods() {
        let (interest, mut groups) = (interest(), Groups::<()>::default());
        let [all, least] = [0, 3].map(|level| groups.join(key(210, level), 1, (), &interest));
        let due = |seat, tick| groups.of(seat).unwrap().due(Tick(tick)).count();
        assert_eq!([1, 2, 4].map(|tick| due(all, tick)), [25, 25, 37]);
        assert_eq!([1, 2, 4, 16].map(|tick| due(least, tick)), [0, 0, 25, 37]);
    }
}
