//! Somebody who comes with the storm, as often as needed, and stays until it is over.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::{Empty, Guest, Hello, Resume};
use orrery_core::protocol::server_message::Welcome;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::{Kind, PATIENCE, Storm, beginning, until};
use crate::connection::Connection;
use crate::dice::Dice;
use crate::entering::{NotIn, enter, enter_patiently, stretched};
use crate::profile::resident::stay;
use crate::stats::Timing;

/// How long one attempt may take.
const WELCOME_WAIT: Duration = Duration::from_secs(15);
/// Before another attempt when the server says nothing about it.
const PAUSE: Duration = Duration::from_millis(500);

/// One visitor.
pub(super) struct Visitor {
    storm: Arc<Storm>,
    index: usize,
    dice: Dice,
    hello: Hello,
    /// The session that is to be resumed.
    session: Option<(Connection, Box<Welcome>)>,
}

impl Visitor {
    pub(super) fn new(storm: Arc<Storm>, index: usize) -> Self {
        let guest = Some(Guest { name: Some(format!("storm{index}")) });
        let dice = Dice::of(storm.options.seed, index, 0);
        Self { storm, index, dice, hello: Hello { guest, ..Hello::default() }, session: None }
    }

    /// Gets what it comes with.
    pub(super) async fn prepare(mut self) -> anyhow::Result<Self> {
        let kind = Kind::of(self.index);
        if kind == Kind::Guest {
            return Ok(self);
        }
        let options = &self.storm.options;
        let entering = enter_patiently(&options.server, options.encoding, self.hello, &mut self.dice);
        let (mut connection, welcome) = entering.await?;
        let token = welcome.account.as_ref().map(|account| account.access_token.clone());
        self.hello = Hello { token, ..Hello::default() };
        if kind == Kind::Resume {
            self.hello.resume = Some(Resume { token: welcome.resume_token.clone(), seen: 0 });
            self.session = Some((connection, welcome));
        } else {
            connection.send(&ClientMessage::Leave(Empty {}).into())?;
            connection.framing.close()?;
        }
        Ok(self)
    }

    /// Comes when it is due, and stays until told to go.
    pub(super) async fn come(mut self, mut begins: watch::Receiver<Option<Instant>>, mut stop: watch::Receiver<bool>) {
        let due = self.await_turn(&mut begins).await;
        let entered = self.get_in(due).await;
        let Some((mut connection, welcome)) = entered else {
            self.storm.never.fetch_add(1, Relaxed);
            return;
        };
        self.storm.entered[Kind::of(self.index) as usize].time(Timing::Connect, due.elapsed());
        self.storm.everybody.time(Timing::Connect, due.elapsed());
        self.storm.resumed.fetch_add(usize::from(welcome.resumed), Relaxed);
        self.storm.inside.fetch_add(1, Relaxed);
        let stopped = async { drop(stop.wait_for(|stop| *stop).await) };
        if stay(&mut connection, &welcome, &mut self.dice, stopped).await.is_err() {
            self.storm.lost.fetch_add(1, Relaxed);
        }
        let _ = connection.send(&ClientMessage::Leave(Empty {}).into());
    }

    /// Keeps the session that it has until then, and loses it; when that was.
    async fn await_turn(&mut self, begins: &mut watch::Receiver<Option<Instant>>) -> Instant {
        let options = &self.storm.options;
        let later = options.within.mul_f64(self.index as f64 / options.logins as f64);
        match self.session.take() {
            Some((mut connection, welcome)) => {
                let turn = async { until(beginning(begins).await + later).await };
                // One that is lost before is resumed all the same.
                let _ = stay(&mut connection, &welcome, &mut self.dice, turn).await;
            }
            None => until(beginning(begins).await + later).await,
        }
        beginning(begins).await + later
    }

    async fn get_in(&mut self, due: Instant) -> Option<(Connection, Box<Welcome>)> {
        let last = due + PATIENCE;
        until(due).await;
        while Instant::now() < last {
            let (options, salt) = (&self.storm.options, self.dice.bits() as u32);
            let entering = enter(&options.server, options.encoding, self.hello.clone(), salt);
            let not_in = match timeout(WELCOME_WAIT, entering).await {
                Ok(Ok(entered)) => return Some(entered),
                Ok(Err(not_in)) => not_in,
                Err(_) => NotIn::Lost(io::ErrorKind::TimedOut.into()),
            };
            self.count(&not_in);
            match not_in.retry_after() {
                Some(asked) => sleep(stretched(asked, &mut self.dice)).await,
                None => sleep(self.dice.pause(PAUSE)).await,
            }
        }
        None
    }

    fn count(&self, not_in: &NotIn) {
        match (not_in, not_in.is_crowded()) {
            (NotIn::Handshake(_), true) => drop(self.storm.unavailable.fetch_add(1, Relaxed)),
            (_, true) => drop(self.storm.busy.fetch_add(1, Relaxed)),
            (_, false) => self.storm.everybody.code(&not_in.code()),
        }
    }
}
