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

/// Many of them.
fn small_guests(server: &Server, count: usize) -> Vec<Player> {
    std::thread::scope(|scope| {
        let share = |first| (first..count).step_by(MOVERS).map(|_| small_guest(server)).collect::<Vec<_>>();
        let threads: Vec<_> = (0..MOVERS).map(|first| scope.spawn(move || share(first))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Players who change their course with every tick, each waiting for its answer.
struct Neighbours {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Player>>,
}

impl Neighbours {
    fn start(server: &Server) -> Self {
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

    fn settle(self) -> Vec<Player> {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    }
}

const SETTINGS: [(&str, &str); 7] = [
    ("world.tick_hz", "60"),
    ("session.cells_bytes_max", "16384"),
    ("session.send_buffer_bytes", "8192"),
    ("session.resume_window_ms", "100"),
    ("limits.flight_per_second", "1000"),
    ("limits.frames_per_second", "10000"),
    ("limits.query_per_second", "1000"),
];

/// Clients that never read; `ORRERY_SLOW_CLIENTS` says otherwise.
const NEVER_READING: usize = 50;
/// What each of them may cost the server: what waits for it, the session, the connection's buffers.
const MIB_PER_CLIENT: f64 = 0.125;
/// What else may come and go meanwhile.
const MIB_BESIDE: f64 = 16.0;
/// How long the stalling client stalls: 6 s of ticks.
const STALL_TICKS: u64 = 6 * 60;

fn never_reading() -> usize {
    std::env::var("ORRERY_SLOW_CLIENTS").ok().map_or(NEVER_READING, |count| count.parse().expect("a number"))
}

#[test]
fn clients_that_never_read_are_cut_and_disturb_nobody() {
    let count = never_reading();
    // Long enough that most of them are there before the first is cut; the kernel gives up after 20 s.
    let slow_limit = (1_000 + 20 * count).min(15_000).to_string();
    let settings = [&SETTINGS[..], &[("session.slow_limit_ms", &*slow_limit)]].concat();
    let server = Server::with(&settings);
    let neighbours = Neighbours::start(&server);
    let answered = || neighbours.answers.load(Ordering::Relaxed);
    until("everybody flies", || answered() > MOVERS * 10);
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
    let bound = before + MIB_BESIDE + MIB_PER_CLIENT * count as f64;
    assert!(highest < bound, "{before:.1} MiB before, {highest:.1} MiB at most; {bound:.1} MiB are allowed");
}

#[test]
fn a_client_that_stalled_for_six_seconds_ends_with_the_true_picture() {
    let settings = [&SETTINGS[..], &[("session.slow_limit_ms", "600000")]].concat();
    let server = Server::with(&settings);
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
