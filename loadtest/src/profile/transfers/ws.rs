//! A client over WebSocket: one sender, 40 gifts under way.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use orrery_core::protocol::client_message::{ClientHeartbeat, Hello};
use orrery_core::protocol::{ClientMessage, Envelope, ServerMessage};
use orrery_core::types::economy::Deal;
use orrery_core::types::economy::storage::Give;
use orrery_core::types::{CommandId, Credits};
use tokio::sync::watch;
use tokio::time::interval;

use super::accounts::enter;
use super::{IN_FLIGHT, Workload};
use crate::connection::{Connection, Received};
use crate::dice::Dice;
use crate::stats::Timing;
use crate::swarm::now_ms;

/// Keeps its gifts under way until it is told to stop.
pub(super) async fn client(
    workload: Arc<Workload>,
    index: usize,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let token = Some(workload.purses[index].token.clone());
    let (mut connection, welcome) = enter(&workload.options.server, Hello { token, ..Hello::default() }, index).await?;
    let mut beats = interval(Duration::from_millis(welcome.heartbeat_ms.max(100)));
    let dice = Dice::of(workload.options.seed ^ now_ms(), index, 0);
    let mut sender = Sender { workload, index, next: 0, under_way: HashMap::new(), dice, seen: 0 };
    sender.next = sender.dice.below(1 << 52);
    for _ in 0..IN_FLIGHT {
        sender.give(&mut connection)?;
    }
    loop {
        tokio::select! {
            received = connection.next() => sender.received(received?, &mut connection)?,
            _ = beats.tick() => connection.send(&ClientMessage::Heartbeat(ClientHeartbeat { seen: sender.seen }).into())?,
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        }
    }
}

struct Sender {
    workload: Arc<Workload>,
    index: usize,
    next: u64,
    under_way: HashMap<CommandId, Instant>,
    dice: Dice,
    seen: u64,
}

impl Sender {
    fn give(&mut self, connection: &mut Connection) -> std::io::Result<()> {
        let to = self.workload.receiver(self.index, &mut self.dice);
        let message = ClientMessage::Deal(Deal::Give(Give { to, credits: Credits(1) }));
        let id = CommandId(self.next);
        self.next += 1;
        self.under_way.insert(id, Instant::now());
        connection.send(&Envelope { message, id: Some(id), number: None })
    }

    fn received(&mut self, received: Received, connection: &mut Connection) -> anyhow::Result<()> {
        let Received::Message(envelope) = received else { bail!("sender {}: the connection ended", self.index) };
        self.seen = envelope.number.unwrap_or(self.seen);
        let ok = match &envelope.message {
            ServerMessage::Ok(_) => true,
            ServerMessage::Error(error) => {
                self.workload.stats.code(&error.code);
                false
            }
            _ => return Ok(()),
        };
        let Some(sent) = envelope.id.and_then(|id| self.under_way.remove(&id)) else { return Ok(()) };
        if ok {
            self.workload.stats.acknowledged(1);
            self.workload.stats.time(Timing::Ack, sent.elapsed());
        } else {
            self.workload.stats.errors(1);
        }
        self.give(connection)?;
        Ok(())
    }
}
