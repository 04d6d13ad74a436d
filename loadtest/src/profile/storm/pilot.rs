//! A pilot: takes a new course five times a second and times the answers.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use orrery_core::protocol::client_message::{ClientHeartbeat, Empty, Guest, Hello, Navigate};
use orrery_core::protocol::server_message::Welcome;
use orrery_core::protocol::{ClientMessage, Envelope};
use orrery_core::types::CommandId;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::{Storm, StormOptions};
use crate::connection::{Connection, Received};
use crate::dice::Dice;
use crate::entering::{NotIn, enter_patiently};
use crate::stats::Timing;

/// A new course this often.
const TURN_EVERY: Duration = Duration::from_millis(200);

/// Gets in.
///
/// # Errors
/// [`NotIn`].
pub(super) async fn board(options: &StormOptions, index: usize) -> Result<(Connection, Box<Welcome>), NotIn> {
    let hello = Hello { guest: Some(Guest { name: Some(format!("pilot{index}")) }), ..Hello::default() };
    enter_patiently(&options.server, options.encoding, hello, &mut Dice::of(options.seed, index, 1)).await
}

/// Flies until told to stop.
pub(super) async fn fly(
    storm: Arc<Storm>,
    (mut connection, welcome): (Connection, Box<Welcome>),
    index: usize,
    mut stop: watch::Receiver<bool>,
) {
    let pilot =
        Pilot { dice: Dice::of(storm.options.seed, index, 2), storm: Arc::clone(&storm), due: Vec::new(), seen: 0 };
    let flown = tokio::select! {
        flown = pilot.fly(&mut connection, &welcome) => flown,
        _ = stop.wait_for(|stop| *stop) => Ok(()),
    };
    if flown.is_err() {
        storm.pilots_lost.fetch_add(1, Relaxed);
    }
    let _ = connection.send(&ClientMessage::Leave(Empty {}).into());
}

struct Pilot {
    storm: Arc<Storm>,
    dice: Dice,
    /// When each command was due, by its id.
    due: Vec<Instant>,
    seen: u64,
}

impl Pilot {
    /// Ends when the connection is lost.
    async fn fly(mut self, connection: &mut Connection, welcome: &Welcome) -> io::Result<()> {
        let mut beats = interval(Duration::from_millis(welcome.heartbeat_ms.max(100)));
        let mut turns = interval(TURN_EVERY);
        // Late turns are made up for, and count from when they were due.
        turns.set_missed_tick_behavior(MissedTickBehavior::Burst);
        loop {
            tokio::select! {
                received = connection.next() => self.received(received?)?,
                due = turns.tick() => self.turn(connection, due.into())?,
                _ = beats.tick() => connection.send(&ClientMessage::Heartbeat(ClientHeartbeat { seen: self.seen }).into())?,
            }
        }
    }

    fn turn(&mut self, connection: &mut Connection, due: Instant) -> io::Result<()> {
        let id = CommandId(self.due.len() as u64);
        self.due.push(due);
        let navigate = Navigate { heading: Some(self.dice.heading()), ..Navigate::default() };
        connection.send(&Envelope { message: ClientMessage::Navigate(navigate), id: Some(id), number: None })
    }

    fn received(&mut self, received: Received) -> io::Result<()> {
        let Received::Message(envelope) = received else { return Err(io::ErrorKind::ConnectionAborted.into()) };
        self.seen = envelope.number.unwrap_or(self.seen);
        let index = envelope.id.and_then(|id| usize::try_from(id.0).ok());
        if let Some(due) = index.and_then(|index| self.due.get(index)) {
            // Only one of the two measures at a time.
            self.storm.calm.time(Timing::Answer, due.elapsed());
            self.storm.stormy.time(Timing::Answer, due.elapsed());
        }
        Ok(())
    }
}
