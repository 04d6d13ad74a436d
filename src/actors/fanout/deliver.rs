//! A world's tick on one worker: who is told what.

use std::rc::Rc;
use std::time::Instant;

use orrery_core::game::space::{CYCLE, ViewChange};
use orrery_core::types::Point;

use super::groups::{Group, GroupKey, Groups, Member, SeenCell};
use super::meters::{Reason, UpdatesByTier};
use super::{CellLoad, EncodedTick, Fanout, Place, Slot, SlotId, TickFrames, WorldSeen, message};
use crate::actors::session_link::Note;
use crate::actors::world::{WorldHandle, WorldInput};

impl Fanout {
    /// Hands a tick to this worker's sessions.
    pub(super) fn deliver(&mut self, tick: TickFrames) {
        let TickFrames { world, frames, views, checked, notes, tick_ms, load, receipt: _delivered } = tick;
        let number = frames.world_number();
        let stranded = self.begin_anew_if_restarted(&world, number);
        let seen = self.worlds.entry(number).or_insert_with(|| WorldSeen {
            world: world.clone(),
            last_tick: Instant::now(),
            tick_ms,
            groups: Groups::default(),
        });
        seen.last_tick = Instant::now();
        let has_new_pace = std::mem::replace(&mut seen.tick_ms, tick_ms) != tick_ms;
        for (id, note) in notes {
            if let Some(slot) = self.slot(id) {
                slot.note.do_send(note);
            }
        }
        if has_new_pace {
            let is_there = |slot: &&mut Slot| slot.place.as_ref().is_some_and(|place| place.world == number);
            self.slots.iter_mut().flatten().filter(is_there).for_each(|slot| slot.tell_pace(number, tick_ms));
        }
        for (id, view) in views {
            self.move_view(id, number, &view, &frames, load.as_deref());
            if let Some(slot) = self.slot(id).filter(|_| view.fresh) {
                slot.tell_pace(number, tick_ms);
            }
        }
        self.send_back(&stranded);
        let outside = checked.into_iter().map(|(id, at)| self.due_outside(id, number, at, &frames)).sum();
        self.meters.metrics.entities_outside_radius.inc_by(outside);
        self.deliver_deltas(number, &frames, load.as_deref());
        self.ask_anew(&world, number);
        if self.budget.is_set() && frames.tick().0.is_multiple_of(CYCLE) {
            self.adjust_levels(number, tick_ms, &frames);
        }
    }

    /// A world that failed and is there again knows nothing of those who saw it before, unless they joined it. Returns
    /// those whose view it was.
    fn begin_anew_if_restarted(&mut self, world: &WorldHandle, number: u16) -> Vec<Member> {
        if self.worlds.get(&number).is_none_or(|seen| seen.world.addr() == world.addr()) {
            return Vec::new();
        }
        let sees_it = |slot: &Slot| slot.place.as_ref().is_some_and(|place| place.world == number);
        let members = (0..).zip(&self.slots).filter(|(_, slot)| slot.as_ref().is_some_and(sees_it));
        let stranded: Vec<Member> = members.map(|(member, _)| member).collect();
        stranded.iter().for_each(|member| self.unseat(*member));
        self.worlds.remove(&number);
        stranded
    }

    /// Sends those to look for their ship who see nothing any longer.
    fn send_back(&mut self, stranded: &[Member]) {
        for member in stranded {
            if let Some(slot) = self.member(*member).filter(|slot| slot.place.is_none()) {
                slot.note.do_send(Note::Rejoin);
            }
        }
    }

    fn member(&mut self, member: Member) -> Option<&mut Slot> {
        self.slots.get_mut(member as usize)?.as_mut()
    }

    /// Shows a session what came into its view, and seats it with those who see the same.
    fn move_view(&mut self, id: SlotId, world: u16, view: &ViewChange, frames: &EncodedTick, load: Option<&CellLoad>) {
        let Some(slot) = self.slot(id) else { return };
        // Without the view that this one begins from the client could make nothing of it; it will see everything anew.
        let (is_there, is_closed) =
            (slot.place.as_ref().is_some_and(|place| place.world == world), slot.lane.is_closed());
        let follows = is_there && self.worlds.get(&world).is_some_and(|seen| !seen.groups.is_apart(id.index));
        if is_closed || !(view.fresh || follows) {
            return;
        }
        let Some(slot) = self.slot(id) else { return };
        let key = GroupKey { anchor: view.anchor, encoding: slot.encoding, level: slot.level };
        self.unseat(id.index);
        let shown = message::view(frames, key.encoding, key.level, view, &self.meters, load);
        self.meters.metrics.entities_outside_radius.inc_by(shown.outside);
        let Some(slot) = self.member(id.index) else { return };
        if view.fresh {
            slot.lane.begin_anew();
            slot.asked_anew = false;
        }
        let lane = Rc::clone(&slot.lane);
        let taken = lane.push_view(shown.bytes);
        if taken {
            self.meters.metrics.updates_sent.inc_by(shown.updates);
        }
        let Some(seen) = self.worlds.get_mut(&world) else { return };
        let groups = &mut seen.groups;
        if taken {
            groups.join(key, id.index, lane, frames.interest());
        } else {
            groups.sit_apart(id.index);
        }
        if let Some(slot) = self.member(id.index) {
            slot.place = Some(Place { world, ship: view.ship });
            self.meters.begins(key.level);
        }
    }

    /// Takes a session out of its group: it sees nothing.
    pub(super) fn unseat(&mut self, member: Member) {
        let Some(slot) = self.member(member) else { return };
        let (level, place) = (slot.level, slot.place.take());
        if let Some(place) = place {
            self.meters.ends(level);
            if let Some(seen) = self.worlds.get_mut(&place.world) {
                seen.groups.leave(member);
            }
        }
    }

    fn deliver_deltas(&mut self, number: u16, frames: &EncodedTick, load: Option<&CellLoad>) {
        let Some(seen) = self.worlds.get(&number) else { return };
        let of_group =
            |group: &Group| (!group.is_empty()).then(|| message::deltas(frames, group, &self.meters)).flatten();
        self.messages.extend(seen.groups.all().iter().map(of_group));
        let (mut messages, mut sent) = (0, UpdatesByTier::default());
        let mut receivers = vec![0_u32; if load.is_some() { self.messages.len() } else { 0 }];
        for (member, group, lane) in seen.groups.seated() {
            let Some(Some((bytes, updates))) = self.messages.get(group) else { continue };
            if lane.push_cells(bytes.clone()) {
                messages += 1;
                receivers.get_mut(group).into_iter().for_each(|count| *count += 1);
                sent.iter_mut().zip(updates).for_each(|(sum, updates)| *sum += updates);
            } else {
                self.moving.push(member);
            }
        }
        self.messages.clear();
        if let Some(load) = load {
            for (group, count) in seen.groups.all().iter().zip(receivers).filter(|(_, count)| *count > 0) {
                message::count_deltas(frames, group, count, load, &self.meters);
            }
        }
        self.meters.sent(messages, &sent);
        let mut dropped = std::mem::take(&mut self.moving);
        dropped.drain(..).for_each(|member| self.sit_apart(number, member));
        self.moving = dropped;
    }

    /// A session's frames were dropped: it is slow, or about to go.
    fn sit_apart(&mut self, world: u16, member: Member) {
        let Some(slot) = self.member(member) else { return };
        if slot.lane.is_closed() {
            return self.unseat(member);
        }
        self.meters.metrics.slow_clients.inc();
        if let Some(seen) = self.worlds.get_mut(&world) {
            seen.groups.sit_apart(member);
        }
    }

    /// Those who were too slow and have caught up are shown everything anew, from the world's next tick on. If its
    /// inbox is full, the tick after.
    fn ask_anew(&mut self, world: &WorldHandle, number: u16) {
        let Some(seen) = self.worlds.get(&number) else { return };
        for member in seen.groups.apart() {
            let Some(slot) = self.slots.get_mut(member as usize).and_then(Option::as_mut) else { continue };
            if slot.asked_anew || !slot.lane.is_drained() {
                continue;
            }
            if let Some(place) = &slot.place {
                slot.asked_anew = world.try_send(WorldInput::Resync(place.ship)).is_ok();
            }
        }
    }

    /// Once per cycle, when everybody has been told everything: who gets less detail, and who more.
    fn adjust_levels(&mut self, number: u16, tick_ms: u32, frames: &EncodedTick) {
        let Some(seen) = self.worlds.get(&number) else { return };
        for (member, _, lane) in seen.groups.seated() {
            let Some(slot) = self.slots.get_mut(member as usize).and_then(Option::as_mut) else { continue };
            let before = slot.level;
            slot.level = self.budget.next_level(before, lane.take_cell_bytes(), tick_ms);
            if slot.level != before {
                self.meters.ends(before);
                self.meters.begins(slot.level);
                self.moving.push(member);
            }
        }
        let mut moving = std::mem::take(&mut self.moving);
        moving.drain(..).for_each(|member| self.change_group(number, member, frames));
        self.moving = moving;
    }

    /// Seats a session with those of its level.
    fn change_group(&mut self, world: u16, member: Member, frames: &EncodedTick) {
        let Some(slot) = self.member(member) else { return };
        let (level, lane) = (slot.level, Rc::clone(&slot.lane));
        let Some(groups) = self.worlds.get_mut(&world).map(|seen| &mut seen.groups) else { return };
        let Some(key) = groups.of(member).map(|group| GroupKey { level, ..group.key() }) else { return };
        groups.join(key, member, lane, frames.interest());
    }

    /// How many entries a session is about to be sent although they are farther away than anybody may see, given where
    /// its ship truly is: not how views are computed, but what its group really gets.
    fn due_outside(&mut self, id: SlotId, world: u16, at: Point, frames: &EncodedTick) -> u64 {
        let place = self.slot(id).and_then(|slot| slot.place.as_ref());
        if place.is_none_or(|place| place.world != world) {
            return 0;
        }
        let Some(group) = self.worlds.get(&world).and_then(|seen| seen.groups.of(id.index)) else { return 0 };
        let outside = group.due(frames.tick()).filter(|seen| !frames.interest().may_see(seen.cell, at));
        let frame = |seen: &SeenCell| {
            frames.delta(group.key().encoding, seen.cell, seen.period, Reason::Due(seen.period), &self.meters)
        };
        outside.filter_map(frame).map(|frame| frame.entries).sum()
    }
}
