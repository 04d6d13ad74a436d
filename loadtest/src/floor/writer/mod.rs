//! The bare writer: what no server can avoid, and nothing else. A hidden subcommand of its own process for
//! `compare-floor`; nobody else calls it.
//!
//! One thread and one epoll: accept, answer the handshake and `hello`, read and forget what clients send, and at each
//! tick one write per client of bytes that are encoded once per recording ([`Player`]) and shared. Sockets are set
//! up as the real server's: no delay, a send buffer of 64 KiB. As with the real server, a tick that comes too late is
//! left out. Its catalogue and its metrics page have the names of the real server's, so that the swarm asks both alike.

mod client;
mod counters;
mod player;

use std::io::{self, ErrorKind, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use orrery_core::protocol::{Encoding, Envelope, SUBPROTOCOL_MSGPACK, ServerMessage, encode_server};
use rustix::event::epoll::{self, Event, EventData, EventFlags};
use rustix::net::sockopt::set_socket_send_buffer_size;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

use self::client::{Client, Wish, Written};
use self::counters::Counters;
use self::player::Player;
use super::tape::Tape;

/// As `session.send_buffer_bytes` of the real server.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// Events that are taken at once.
const EVENTS: usize = 256;
/// How long a document may take to be read by whom it is for.
const DOCUMENT_WAIT: Duration = Duration::from_secs(5);

const LISTENER: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;
const STOP: u64 = u64::MAX - 2;

/// Plays the tape in a file until standard input ends; says first where it listens.
///
/// # Errors
/// The tape cannot be read, or the system refuses something.
pub fn serve_file(path: &Path) -> anyhow::Result<()> {
    let file = std::fs::File::open(path).with_context(|| format!("failed to open {}", path.display()))?;
    let tape = Tape::read(io::BufReader::new(file)).with_context(|| format!("{} is no tape", path.display()))?;
    let writer = Writer::bind(tape)?;
    println!("The bare writer is listening on http://{}", writer.address()?);
    writer.serve(io::stdin()).context("the bare writer failed")
}

/// The bare writer.
pub struct Writer {
    epoll: OwnedFd,
    listener: TcpListener,
    timer: OwnedFd,
    period: Duration,
    player: Player,
    welcome: Vec<u8>,
    catalog: Vec<u8>,
    clients: Vec<Option<Client>>,
    vacant: Vec<usize>,
    scratch: Vec<u8>,
    counters: Counters,
}

impl Writer {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// The system refuses a socket, a timer or the epoll.
    pub fn bind(tape: Tape) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let welcome = ServerMessage::Welcome(Box::new(tape.welcome.clone()));
        let counters = Counters { tick_hz: tape.welcome.tick_hz, ..Counters::default() };
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            listener,
            timer: timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?,
            period: Duration::from_secs(1) / tape.welcome.tick_hz.max(1),
            welcome: framed(&encode_server(Encoding::MessagePack, &Envelope::from(welcome))),
            catalog: serde_json::to_vec(&tape.catalog)?,
            player: Player::new(tape),
            clients: Vec::new(),
            vacant: Vec::new(),
            scratch: vec![0; 64 * 1024],
            counters,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` can be read, which its end makes it.
    ///
    /// # Errors
    /// The system refuses what it must not refuse: a wait, an accept.
    pub fn serve(mut self, stop: impl AsFd) -> io::Result<()> {
        let watch =
            |source: &dyn AsFd, name| epoll::add(&self.epoll, source.as_fd(), EventData::new_u64(name), EventFlags::IN);
        watch(&self.listener, LISTENER)?;
        watch(&self.timer, TIMER)?;
        watch(&stop, STOP)?;
        let begun = Instant::now();
        self.start_timer()?;
        let mut events = Vec::<Event>::with_capacity(EVENTS);
        loop {
            events.clear();
            match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), None) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                match event.data.u64() {
                    STOP => return Ok(()),
                    LISTENER => self.accept()?,
                    TIMER => self.tick(begun)?,
                    client => self.read(usize::try_from(client).unwrap_or(usize::MAX)),
                }
            }
        }
    }

    fn start_timer(&self) -> io::Result<()> {
        let period = Timespec { tv_sec: self.period.as_secs() as i64, tv_nsec: i64::from(self.period.subsec_nanos()) };
        let every = Itimerspec { it_interval: period, it_value: period };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &every)?;
        Ok(())
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            match self.listener.accept() {
                // A client that is gone before it is set up is nobody's loss.
                Ok((stream, _)) => drop(self.admit(stream)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn admit(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        set_socket_send_buffer_size(&stream, SEND_BUFFER_BYTES)?;
        let number = self.vacant.last().copied().unwrap_or(self.clients.len());
        epoll::add(&self.epoll, &stream, EventData::new_u64(number as u64), EventFlags::IN)?;
        let client = Some(Client::new(stream, self.player.recording(number)));
        match self.vacant.pop() {
            Some(place) => self.clients[place] = client,
            None => self.clients.push(client),
        }
        Ok(())
    }

    fn read(&mut self, number: usize) {
        let Some(client) = self.clients.get_mut(number).and_then(Option::as_mut) else { return };
        let stays = match client.read(&mut self.scratch) {
            Ok(Wish::Nothing) => true,
            Ok(Wish::Upgrade) => client.upgrade(upgrade().as_bytes()).is_ok(),
            Ok(Wish::Welcome) => client.welcome(&self.welcome).is_ok(),
            Ok(Wish::Document(path)) => {
                // Whether it was read to its end is its reader's concern.
                let _ = send_document(&client.stream, &path, &self.catalog, &self.counters);
                false
            }
            Err(_) => false,
        };
        if !stays {
            self.remove(number);
        }
    }

    /// Closing the socket takes it out of the epoll.
    fn remove(&mut self, number: usize) {
        self.clients[number] = None;
        self.vacant.push(number);
    }

    fn tick(&mut self, begun: Instant) -> io::Result<()> {
        let mut due = [0; 8];
        match rustix::io::read(&self.timer, &mut due) {
            Ok(_) => self.counters.due += u64::from_ne_bytes(due),
            Err(rustix::io::Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let now = Instant::now();
        let late = now.saturating_duration_since(begun).saturating_sub(self.period.mul_f64(self.counters.due as f64));
        self.counters.late += u64::from(late > self.period / 2);
        self.counters.ticks += 1;
        self.write_all();
        self.counters.overruns += u64::from(now.elapsed() > self.period);
        Ok(())
    }

    /// The floor itself.
    fn write_all(&mut self) {
        self.player.step(self.clients.len());
        for (number, place) in self.clients.iter_mut().enumerate() {
            let Some(client) = place.as_mut().filter(|client| client.is_playing()) else { continue };
            let frames = self.player.frames(client.recording);
            if frames.is_empty() {
                continue;
            }
            match client.write(frames) {
                Ok(Written::Bytes(bytes)) => {
                    self.counters.writes += 1;
                    self.counters.bytes += bytes as u64;
                }
                Ok(Written::Full) => self.counters.skipped += 1,
                Err(_) => {
                    *place = None;
                    self.vacant.push(number);
                }
            }
        }
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    player::append_header(message.len(), &mut frame);
    frame.extend_from_slice(message);
    frame
}

/// Without `Sec-WebSocket-Accept`: the swarm does not look at it, and no browser comes here.
fn upgrade() -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: \
         {SUBPROTOCOL_MSGPACK}\r\n\r\n"
    )
}

/// Answers a question outside the measured path; nobody else is served meanwhile.
fn send_document(mut stream: &TcpStream, path: &str, catalog: &[u8], counters: &Counters) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(DOCUMENT_WAIT))?;
    let metrics = counters.to_string();
    let (status, body) = match path {
        "/api/v1/catalog" => ("200 OK", catalog),
        "/metrics" => ("200 OK", metrics.as_bytes()),
        _ => ("404 Not Found", &b""[..]),
    };
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}
