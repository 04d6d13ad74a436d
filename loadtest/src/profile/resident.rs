//! A client that only keeps its session: it reads whatever comes without looking at it, and sends heartbeats. For the
//! profiles `storm` and `idle`.

use std::future::Future;
use std::io;
use std::time::Duration;

use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::ClientHeartbeat;
use orrery_core::protocol::server_message::Welcome;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::connection::Connection;
use crate::dice::Dice;
use crate::framing::Skipper;

/// Keeps a session until `end` is ready.
///
/// # Errors
/// The connection is lost, or the server closes it.
pub(super) async fn stay(
    connection: &mut Connection,
    welcome: &Welcome,
    dice: &mut Dice,
    end: impl Future<Output = ()>,
) -> io::Result<()> {
    let every = Duration::from_millis(welcome.heartbeat_ms.max(100));
    // Each at its own time: thousands must not beat in step.
    let mut beats = interval_at(Instant::now() + every.mul_f64(dice.unit()), every);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut skipper = Skipper::default();
    tokio::pin!(end);
    loop {
        tokio::select! {
            closed = connection.framing.skip(&mut skipper, |_| ()) => {
                if closed?.is_some() {
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
            }
            _ = beats.tick() => connection.send(&ClientMessage::Heartbeat(ClientHeartbeat { seen: 0 }).into())?,
            () = &mut end => return Ok(()),
        }
    }
}
