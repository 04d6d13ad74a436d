//! What a member takes in: observers decode, recorders keep, all others only count; every one of them tells when a
//! tick's frame has come.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use crate::cells_head::CellsHead;
use crate::connection::{Connection, Received};
use crate::floor::tape::Recorder;
use crate::framing::{Incoming, Skipper};
use crate::swarm::Swarm;

/// A member's side of receiving.
pub(super) struct Intake {
    member: usize,
    recorder: Option<Arc<Recorder>>,
    skipper: Skipper,
    world: u16,
    last: u64,
}

impl Intake {
    /// For the member of this number, in the world of this number.
    pub(super) fn new(swarm: &Swarm, member: usize, world: u16) -> Self {
        let recorder = swarm.options.taping.recorder(member, swarm.options.bots);
        Self { member, recorder, skipper: Skipper::default(), world, last: 0 }
    }

    /// The next message for an observer; for everybody else some bytes, counted. May be dropped while waiting.
    ///
    /// # Errors
    /// The connection is lost.
    pub(super) async fn receive(&mut self, connection: &mut Connection, swarm: &Swarm) -> io::Result<Option<Received>> {
        let lost = || Err(io::ErrorKind::ConnectionAborted.into());
        // A member may be told to look no longer, when there are enough others.
        let observes = swarm.is_sampled(self.member);
        if !observes && self.recorder.is_none() {
            let Self { skipper, world, last, .. } = self;
            let on_message = |head: &[u8]| {
                arrived(head, *world, last, swarm);
            };
            return match connection.framing.skip(skipper, on_message).await? {
                Some(_) => lost(),
                None => Ok(None),
            };
        }
        let Incoming::Message(message) = connection.framing.next().await? else { return lost() };
        let tick = arrived(&message, self.world, &mut self.last, swarm);
        if let (Some(tick), Some(recorder)) = (tick, &self.recorder)
            && swarm.neighbourhood.is_measuring()
        {
            recorder.record(self.member, tick, &message);
        }
        Ok(observes.then(|| connection.decode(&message)))
    }
}

/// Notes the arrival of a tick's first message; the tick, if the message is of one.
fn arrived(message: &[u8], world: u16, last: &mut u64, swarm: &Swarm) -> Option<u64> {
    let head = CellsHead::parse(message).filter(|head| head.world == world)?;
    if head.tick > *last {
        *last = head.tick;
        swarm.neighbourhood.arrived(head.tick, Instant::now());
    }
    Some(head.tick)
}
