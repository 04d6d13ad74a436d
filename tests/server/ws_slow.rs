//! Clients that do not read: they cost bounded memory, disturb nobody, and are cut; one that comes back to itself in
//! time sees what is true.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use orrery::protocol::Encoding;
use orrery::types::{ShipId, Tick};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::support::player::{Player, guest};
use crate::support::wire::{Refused, subprotocol};
use crate::support::{Server, Wire, command, until};

const JSON: Encoding = Encoding::Json;
const MOVERS: usize = 8;

/// Connects with a small receive buffer, so that the kernel does not read on the client's behalf.
fn small_connection(address: SocketAddr) -> Result<Wire, Refused> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4 * 1_024).unwrap();
    socket.connect(&SockAddr::from(address)).unwrap();
    let headers = format!("Sec-WebSocket-Protocol: {}\r\n", subprotocol(JSON));
    Wire::handshake_over(socket.into(), address, "/ws", &headers).map(|(wire, _)| wire)
}

fn small_guest(server: &Server) -> Player {
    Player::patiently(|| small_connection(server.address), JSON, &guest()).0.unwrap()
}

/// A server with these settings, and one on top.
fn server_with(key: &str, value: &str) -> Server {
    let cells_bytes_max = CELLS_BYTES_MAX.to_string();
    Server::with(&[&SETTINGS[..], &[("session.cells_bytes_max", &*cells_bytes_max), (key, value)]].concat())
}

/// Many of them.
pub(crate) fn small_guests(server: &Server, count: usize) -> Vec<Player> {
    std::thread::scope(|scope| {
        let share = |first| (first..count).step_by(MOVERS).map(|_| small_guest(server)).collect::<Vec<_>>();
        let threads: Vec<_> = (0..MOVERS).map(|first| scope.spawn(move || share(first))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Players who change their course with every tick, each waiting for its answer.
pub(crate) struct Neighbours {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Player>>,
}

impl Neighbours {
    pub(crate) fn start(server: &Server) -> Self {
        let (stop, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let threads = (0..MOVERS).map(|_| {
            let (mut player, stop, answers) = (Player::guest(server), Arc::clone(&stop), Arc::clone(&answers));
            std::thread::spawn(move || {
                let mut turn = 0;
                while !stop.load(Ordering::Relaxed) {
                    turn += 1;
                    // Many at once fill the neighbours' buffers sooner than one per tick.
                    for part in 0..12 {
                        player.send(command::fly_to(1_000 + turn % 20, 1_000 + part), None);
                    }
                    player.command(command::fly_to(1_000 - turn % 20, 1_000)).unwrap();
                    answers.fetch_add(1, Ordering::Relaxed);
                }
                player.command(command::stop()).unwrap();
                player
            })
        });
        let threads = threads.collect();
        Self { stop, answers, threads }
    }

    pub(crate) fn settle(self) -> Vec<Player> {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    }
}

/// Cell frames that may wait for a client, in bytes.
const CELLS_BYTES_MAX: usize = 16_384;
pub(crate) const SETTINGS: [(&str, &str); 6] = [
    ("world.tick_hz", "60"),
    ("session.send_buffer_bytes", "8192"),
    ("session.resume_window_ms", "100"),
    ("limits.flight_per_second", "1000"),
    ("limits.frames_per_second", "10000"),
    ("limits.query_per_second", "1000"),
];

/// Clients that never read; `ORRERY_SLOW_CLIENTS` says otherwise.
const NEVER_READING: usize = 50;
/// What each of them may cost the server besides what waits for it: the session, and the connection's buffers.
const SESSION_BYTES: usize = 32 * 1_024;
/// What else may come and go meanwhile, once the server is warm.
const MIB_BESIDE: f64 = 2.0;
/// Clients that read, come and go before the server's memory is measured.
const WARMING: usize = 8;
/// How long the stalling client stalls: 6 s of ticks.
const STALL_TICKS: u64 = 6 * 60;

fn never_reading() -> usize {
    std::env::var("ORRERY_SLOW_CLIENTS").ok().map_or(NEVER_READING, |count| count.parse().expect("a number"))
}

/// What clients that never read may cost the server at most, in MiB: of cell frames what may wait for each of them, and
/// as much again that is being written, beside the session.
fn mib_allowed(count: usize) -> f64 {
    let per_client = 2 * CELLS_BYTES_MAX + SESSION_BYTES;
    MIB_BESIDE + (count * per_client) as f64 / (1_024.0 * 1_024.0)
}

/// Lets clients that read come, see something, and go: what the first of all cost is paid then.
fn warm_up(server: &Server) {
    std::thread::scope(|scope| {
        let come_and_go = || {
            let mut guest = small_guest(server);
            let seen = guest.picture.tick.after(30);
            guest.read_until("half a second", |guest| guest.picture.tick >= seen);
        };
        (0..WARMING).for_each(|_| drop(scope.spawn(come_and_go)));
    });
    server.until_metric("orrery_connections ", MOVERS as f64);
}

#[test]
fn clients_that_never_read_are_cut_and_disturb_nobody() {
    let count = never_reading();
    // Long enough that most of them are there before the first is cut; the kernel gives up after 20 s.
    let slow_limit = (1_000 + 20 * count).min(15_000).to_string();
    let server = server_with("session.slow_limit_ms", &slow_limit);
    let neighbours = Neighbours::start(&server);
    let answered = || neighbours.answers.load(Ordering::Relaxed);
    until("everybody flies", || answered() > MOVERS * 10);
    warm_up(&server);
    let (before, sockets) = (server.resident_mib(), server.sockets());
    let (mut highest, begun) = (before, answered());
    let mut slow = small_guests(&server, count);
    until("the others are answered as before", || {
        highest = highest.max(server.resident_mib());
        answered() > begun + MOVERS * 10
    });
    until("all are closed as too slow", || {
        highest = highest.max(server.resident_mib());
        server.metric("orrery_closes_total{reason=\"4008\"}") == count as f64
    });
    server.until_metric("orrery_connections ", MOVERS as f64);
    until("their sockets are gone", || server.sockets() <= sockets);
    for player in &mut slow {
        // What the kernel had is still there to be read; then the connection has ended.
        while player.wire.next().is_some() {}
    }
    let ended = answered();
    until("the others are still answered", || answered() > ended + MOVERS * 10);
    neighbours.settle();
    println!("resident: {before:.1} MiB before, {highest:.1} MiB at most, with {count} clients that never read");
    let bound = before + mib_allowed(count);
    assert!(highest < bound, "{before:.1} MiB before, {highest:.1} MiB at most; {bound:.1} MiB are allowed");
}

#[test]
fn a_client_that_stalled_for_six_seconds_ends_with_the_true_picture() {
    let server = server_with("session.slow_limit_ms", "600000");
    let neighbours = Neighbours::start(&server);
    let mut witness = Player::guest(&server);
    let mut stalled = small_guest(&server);
    let begun = stalled.welcome.world.tick;
    witness.read_until("six seconds of ticks", |witness| witness.picture.tick.0 >= begun.0 + STALL_TICKS);
    let mut more = witness.picture.tick;
    while server.metric("orrery_slow_clients_total ") < 1.0 {
        more = more.after(60);
        witness.read_until("its frames are dropped", |witness| witness.picture.tick >= more);
    }
    let mut others = neighbours.settle();
    let fresh = others.pop().unwrap();
    drop(others);
    let mut fresh = {
        let token = fresh.welcome.account.clone().unwrap().access_token;
        Player::hello(&server, JSON, crate::support::player::with_token(&token)).unwrap()
    };
    // Those who left, their windows over, are out of space; three ships are left.
    fresh.read_until("three ships", |fresh| fresh.picture.ships.len() == 3);
    server.until_metric("orrery_ships{", 3.0);
    // Every frame is decoded and checked on the way.
    for player in [&mut stalled, &mut witness] {
        player.read_until("the same picture", |player| places(player) == places(&fresh));
        assert_eq!(player.picture.objects, fresh.picture.objects);
        player.command(command::status()).unwrap();
        assert_eq!(places(player), places(&fresh), "nothing older comes later");
        assert_eq!((player.bye.as_ref(), player.closed), (None, None));
    }
}

/// Where everything is when all courses have ended.
fn places(player: &Player) -> Vec<(ShipId, String, orrery::types::Point)> {
    let ships = player.picture.ships.iter();
    ships.map(|(id, ship)| (*id, ship.name.clone(), ship.course.position(Tick(u64::MAX)))).collect()
}
