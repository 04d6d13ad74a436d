//! One bot: keeps its session alive across connections, acts by its schedule, and settles its books at the end.
//!
//! The schedule is open-loop: when an action is due does not depend on the server's answers, and an answer is timed
//! from when its command was due. A slow server cannot slow its own test down. Where a bot has to wait for an answer
//! all the same (it cannot sell twice what it has once), the actions it holds back meanwhile are timed from when they
//! were due until that answer, as if they had queued behind it; what was due without a connection is counted.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use orrery_core::protocol::client_message::{Empty, Guest, Hello, Resume};
use orrery_core::protocol::server_message::Welcome;
use orrery_core::protocol::{ClientMessage, Envelope, ServerMessage};
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until, timeout};

use crate::behaviour::{self, Act, Behaviour};
use crate::connection::{Connection, Received};
use crate::dice::Dice;
use crate::entering::{self, NotIn, stretched};
use crate::http::{self, Tokens};
use crate::session::{Session, Settling};
use crate::stats::Timing;
use crate::swarm::Swarm;

/// How long a handshake may take until the welcome.
const WELCOME_WAIT: Duration = Duration::from_secs(15);
/// How long a bot tries to settle its books at the end.
const SETTLE_WAIT: Duration = Duration::from_secs(30);
/// How often it looks whether there is something to do for that.
const SETTLE_EVERY: Duration = Duration::from_millis(50);
/// The longest pause between two attempts to connect.
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// An action this late (the swarm was stopped for a while, say) is left out instead of being made up for.
const ACTION_LATE_MAX: Duration = Duration::from_secs(10);

/// Why a connection ended.
#[derive(Debug)]
enum End {
    /// Everything is done.
    Finished,
    /// Dropped on purpose.
    Dropped,
    /// Lost without a plan; not to be taken up again before this long.
    Lost(Duration),
}

/// One bot.
pub struct Bot {
    swarm: Arc<Swarm>,
    index: usize,
    behaviour: Box<dyn Behaviour>,
    registers: bool,
    tokens: Option<Tokens>,
    /// Paces actions; nothing else draws from it.
    schedule: Dice,
    next_action: Instant,
    actions: u64,
    /// Since when actions can be sent.
    online_since: Instant,
    /// When the first attempt to connect was due.
    first_due: Option<Instant>,
    session: Session,
    stop: watch::Receiver<bool>,
    settle_until: Option<Instant>,
    next_settle: Instant,
}

impl Bot {
    /// The bot of this number, which was to come at `due`; its role, plans and schedule follow from the swarm's seed.
    #[must_use]
    pub fn new(swarm: Arc<Swarm>, index: usize, due: Instant, stop: watch::Receiver<bool>) -> Self {
        let mut schedule = Dice::of(swarm.options.seed, index, u64::MAX);
        let role = swarm.options.scenario.deal(&mut schedule);
        let registers = schedule.unit() < swarm.options.scenario.registered_share;
        let first = schedule.pause(swarm.options.scenario.pause());
        Self {
            session: Session::new(swarm.clone(), index),
            behaviour: behaviour::of(role),
            registers,
            tokens: None,
            schedule,
            next_action: due + first,
            actions: 0,
            online_since: due,
            first_due: Some(due),
            index,
            stop,
            settle_until: None,
            next_settle: Instant::now(),
            swarm,
        }
    }

    /// Plays until the swarm stops.
    pub async fn run(mut self) {
        let mut failures = 0;
        while !self.given_up() {
            match self.connect().await {
                Ok((mut connection, welcome)) => {
                    failures = 0;
                    self.swarm.stats.connected_by(1);
                    let end = self.play(&mut connection, welcome).await;
                    self.swarm.stats.connected_by(-1);
                    self.session.disconnected();
                    match end {
                        End::Finished => return,
                        End::Dropped => self.pause_offline().await,
                        End::Lost(_) if self.swarm.options.until_disconnect => return self.swarm.server_is_gone(),
                        End::Lost(wait) => self.backoff(1, wait).await,
                    }
                }
                Err(_) if self.session.was_connected() && self.swarm.options.until_disconnect => {
                    return self.swarm.server_is_gone();
                }
                Err(not_in) => {
                    failures += 1;
                    let wait = self.not_in(not_in).await;
                    self.backoff(failures, wait).await;
                }
            }
        }
        if self.session.has_books() {
            self.swarm.stats.accounts_unverified(1);
        }
    }

    fn given_up(&mut self) -> bool {
        if !*self.stop.borrow() {
            return false;
        }
        let until = *self.settle_until.get_or_insert_with(|| Instant::now() + SETTLE_WAIT);
        !self.session.has_books() || Instant::now() > until || self.swarm.options.until_disconnect
    }

    async fn pause_offline(&mut self) {
        self.swarm.stats.drops(1);
        let pause = Duration::from_millis(50 + self.session.chance.below(1_500));
        sleep(pause).await;
    }

    /// Waits for as long as the server asks, or, when it does not, longer with each failure.
    async fn backoff(&mut self, failures: u32, asked: Duration) {
        let grown = Duration::from_millis(100) * 2_u32.pow(failures.min(6));
        let pause = if asked.is_zero() {
            self.session.chance.pause(grown.min(BACKOFF_MAX))
        } else {
            stretched(asked, &mut self.session.chance)
        };
        let stopped = *self.stop.borrow();
        tokio::select! {
            () = sleep(pause) => {}
            // A bot that has nothing to settle need not wait to be told to go.
            _ = self.stop.wait_for(|stop| *stop), if !stopped => {}
        }
    }

    /// Connects and says hello.
    async fn connect(&mut self) -> Result<(Connection, Box<Welcome>), NotIn> {
        if self.registers && self.tokens.is_none() {
            self.register().await;
        }
        // Later attempts are due when the pause is over, which is now.
        let begun = self.first_due.take().unwrap_or_else(Instant::now);
        let (hello, salt) = (self.hello(), self.session.chance.bits() as u32);
        let options = &self.swarm.options;
        let entering = entering::enter(&options.server, options.encoding, hello, salt);
        let late = |_| NotIn::Lost(io::ErrorKind::TimedOut.into());
        let welcome = timeout(WELCOME_WAIT, entering).await.map_err(late)??;
        self.swarm.stats.time(Timing::Connect, begun.elapsed());
        Ok(welcome)
    }

    fn hello(&self) -> Hello {
        let token = self.tokens.as_ref().map(|tokens| tokens.access.clone());
        let resume = self.session.resume().map(|(token, seen)| Resume { token, seen });
        let name = Some(format!("bot{}", self.index));
        let guest = (token.is_none() && resume.is_none()).then_some(Guest { name });
        Hello { token, guest, resume, client: Some(concat!("loadtest/", env!("CARGO_PKG_VERSION")).to_owned()) }
    }

    async fn register(&mut self) {
        let mut chance = Dice::seeded(self.session.chance.bits() ^ crate::swarm::now_ms());
        let name = format!("bot{}_{:x}", self.index, chance.bits() & 0xffff_ffff);
        let password = format!("{:016x}{:016x}", chance.bits(), chance.bits());
        match http::register(&self.swarm.options.server, &name, &password).await {
            Ok(Ok(tokens)) => {
                self.swarm.stats.registered(1);
                self.tokens = Some(tokens);
            }
            Ok(Err(status)) => {
                self.swarm.stats.code(&format!("register_{status}"));
                self.registers = false;
            }
            Err(_) => {}
        }
    }

    /// What to do about a failed attempt; how long the server asks to wait.
    async fn not_in(&mut self, not_in: NotIn) -> Duration {
        self.swarm.stats.failed_connects(1);
        self.session.drop_was_planned = false;
        match &not_in {
            NotIn::Lost(_) => {}
            NotIn::Undecodable(error) => {
                self.swarm.oracle.violation(format!("bot {}: undecodable instead of welcome: {error}", self.index));
            }
            NotIn::Handshake(_) | NotIn::Refused(_) => self.swarm.stats.code(&not_in.code()),
        }
        if matches!(&not_in, NotIn::Refused(error) if error.code == "not_authenticated") {
            self.session.forget_resume();
            self.renew_tokens().await;
        }
        not_in.retry_after().unwrap_or_default()
    }

    /// Access tokens are short-lived; without a way back the bot comes as somebody new.
    async fn renew_tokens(&mut self) {
        let Some(tokens) = self.tokens.take() else { return };
        match http::refresh(&self.swarm.options.server, &tokens.refresh).await {
            Ok(Ok(renewed)) => self.tokens = Some(renewed),
            Ok(Err(_)) => {}
            Err(_) => self.tokens = Some(tokens),
        }
    }

    async fn play(&mut self, connection: &mut Connection, welcome: Box<Welcome>) -> End {
        if let Some(account) = &welcome.account {
            let (access, refresh) = (account.access_token.clone(), account.refresh_token.clone());
            self.tokens = Some(Tokens { access, refresh });
        }
        self.online_since = Instant::now();
        let mut ended = self.session.welcomed(*welcome, connection).err().map(|_| End::Lost(Duration::ZERO));
        let timer = sleep_until(Instant::now().into());
        tokio::pin!(timer);
        let mut stop = self.stop.clone();
        loop {
            if let Some(end) = ended {
                return end;
            }
            let wake = self.next_wake().into();
            if timer.deadline() != wake {
                timer.as_mut().reset(wake);
            }
            let stopped = self.settle_until.is_some();
            ended = tokio::select! {
                received = connection.next() => self.received(connection, received),
                () = &mut timer => self.due(connection),
                _ = stop.wait_for(|stop| *stop), if !stopped => {
                    self.settle_until = Some(Instant::now() + SETTLE_WAIT);
                    None
                }
            };
            self.session.take_traffic(connection);
        }
    }

    fn received(&mut self, connection: &mut Connection, received: io::Result<Received>) -> Option<End> {
        match received {
            Ok(Received::Message(envelope)) => match envelope.message {
                ServerMessage::Bye(bye) => Some(self.bye(bye.code, bye.retry_after_ms)),
                _ => self.session.received(*envelope, connection).err().map(|_| self.lost("write")),
            },
            Ok(Received::Undecodable(error)) => {
                self.swarm.oracle.violation(format!("bot {}: undecodable message: {error}", self.index));
                None
            }
            Ok(Received::Closed(code)) => Some(self.bye(code.unwrap_or(1005), 0)),
            Err(_) => Some(self.lost("tcp")),
        }
    }

    fn bye(&mut self, code: u16, retry_after_ms: u64) -> End {
        self.lost(&format!("close_{code}"));
        End::Lost(Duration::from_millis(retry_after_ms))
    }

    fn lost(&mut self, how: &str) -> End {
        self.swarm.stats.disconnects(1);
        self.swarm.stats.code(&format!("lost_{how}"));
        self.session.drop_was_planned = false;
        End::Lost(Duration::ZERO)
    }

    fn next_wake(&self) -> Instant {
        let next = self.session.next_heartbeat.min(self.session.next_retry());
        match self.settle_until {
            Some(until) => next.min(until).min(self.next_settle),
            None => next.min(self.next_action),
        }
    }

    fn due(&mut self, connection: &mut Connection) -> Option<End> {
        let now = Instant::now();
        if self.session.is_silent(now) {
            return Some(self.lost("silent"));
        }
        let written = self.session.heartbeat(connection, now).and_then(|()| self.session.retry(connection, now));
        if written.is_err() {
            return Some(self.lost("write"));
        }
        match self.settle_until {
            Some(until) => self.settle(connection, now, until),
            None => self.act_if_due(connection, now),
        }
    }

    fn settle(&mut self, connection: &mut Connection, now: Instant, until: Instant) -> Option<End> {
        self.next_settle = now + SETTLE_EVERY;
        match self.session.settle(connection, now, now >= until) {
            Ok(Settling::Done) => {
                let _ = connection.send(&ClientMessage::Leave(Empty {}).into());
                Some(End::Finished)
            }
            Ok(Settling::Waiting) => None,
            Err(_) => Some(self.lost("write")),
        }
    }

    fn act_if_due(&mut self, connection: &mut Connection, now: Instant) -> Option<End> {
        while self.next_action <= now {
            let due = self.next_action;
            self.next_action += self.schedule.pause(self.swarm.options.scenario.pause());
            self.actions += 1;
            if due < self.online_since {
                self.swarm.stats.missed(1);
                continue;
            }
            self.swarm.stats.time(Timing::Lag, now.duration_since(due));
            if now.duration_since(due) > ACTION_LATE_MAX {
                self.swarm.stats.missed(1);
                continue;
            }
            let mut dice = Dice::of(self.swarm.options.seed, self.index, self.actions);
            let Some(act) = self.session.view(now).map(|view| self.behaviour.act(&view, &mut dice)) else { continue };
            match self.perform(connection, act, due) {
                Ok(None) => {}
                Ok(end) => return end,
                Err(_) => return Some(self.lost("write")),
            }
        }
        None
    }

    fn perform(&mut self, connection: &mut Connection, act: Act, due: Instant) -> io::Result<Option<End>> {
        match act {
            Act::Nothing => {}
            Act::Wait => self.session.holds_back(due),
            Act::Command(command) => self.session.command(connection, command, due)?,
            Act::Forget(navigate) => {
                self.session.steers(&navigate, due);
                self.swarm.stats.sent(1);
                connection.send(&Envelope::from(ClientMessage::Navigate(navigate)))?;
            }
            Act::Drop => {
                self.session.drop_was_planned = true;
                return Ok(Some(End::Dropped));
            }
        }
        Ok(None)
    }
}
