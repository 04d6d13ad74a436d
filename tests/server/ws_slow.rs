//! Clients that do not read: they cost bounded memory, disturb nobody, and are cut; one that comes back to itself in
//! time sees what is true.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use orrery::protocol::Encoding;
use orrery::types::{ShipId, Tick};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::support::player::{Player, guest, say_hello};
use crate::support::wire::subprotocol;
use crate::support::{Server, Wire, command, until};

const JSON: Encoding = Encoding::Json;
const MOVERS: usize = 8;

/// Connects with a small receive buffer, so that the kernel does not read on the client's behalf.
fn small_connection(address: SocketAddr) -> Wire {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4 * 1_024).unwrap();
    socket.connect(&SockAddr::from(address)).unwrap();
    let headers = format!("Sec-WebSocket-Protocol: {}\r\n", subprotocol(JSON));
    Wire::handshake_over(socket.into(), address, "/ws", &headers).unwrap().0
}

fn small_guest(server: &Server) -> Player {
    let mut wire = small_connection(server.address);
    say_hello(&mut wire, JSON, guest());
    Player::welcomed(wire, JSON, 0).unwrap()
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
                    for part in 0..20 {
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

#[test]
fn clients_that_never_read_are_cut_and_disturb_nobody() {
    let settings = [&SETTINGS[..], &[("session.slow_limit_ms", "1000")]].concat();
    let server = Server::with(&settings);
    let neighbours = Neighbours::start(&server);
    until("everybody flies", || neighbours.answers.load(Ordering::Relaxed) > MOVERS * 10);
    let before = server.resident_mib();
    let mut slow: Vec<Player> = (0..20).map(|_| small_guest(&server)).collect();
    let mut highest = before;
    until("all are closed as too slow", || {
        highest = highest.max(server.resident_mib());
        server.metric("orrery_closes_total{reason=\"4008\"}") == 20.0
    });
    server.until_metric("orrery_connections ", MOVERS as f64);
    highest = highest.max(server.resident_mib());
    for player in &mut slow {
        // What the kernel had is still there to be read; then the connection has ended.
        while player.wire.next().is_some() {}
    }
    let answered = neighbours.answers.load(Ordering::Relaxed);
    until("the others are answered as before", || neighbours.answers.load(Ordering::Relaxed) > answered + MOVERS * 10);
    neighbours.settle();
    println!("resident: {before:.1} MiB before, {highest:.1} MiB at most, with 20 clients that never read");
    assert!(highest < before + 20.0, "{before:.1} MiB before, {highest:.1} MiB at most");
}

#[test]
fn a_client_that_stalled_ends_with_the_true_picture() {
    let settings = [&SETTINGS[..], &[("session.slow_limit_ms", "600000")]].concat();
    let server = Server::with(&settings);
    let neighbours = Neighbours::start(&server);
    let mut stalled = small_guest(&server);
    until("frames for it are dropped", || server.metric("orrery_slow_clients_total ") >= 1.0);
    let mut others = neighbours.settle();
    let fresh = others.pop().unwrap();
    drop(others);
    let mut fresh = {
        let token = fresh.welcome.account.clone().unwrap().access_token;
        Player::hello(&server, JSON, crate::support::player::with_token(&token)).unwrap()
    };
    // Those who left, their windows over, are out of space; two ships are left.
    fresh.read_until("two ships", |fresh| fresh.picture.ships.len() == 2);
    server.until_metric("orrery_ships{", 2.0);
    stalled.read_until("the same picture", |stalled| places(stalled) == places(&fresh));
    assert_eq!(stalled.picture.objects, fresh.picture.objects);
    stalled.command(command::status()).unwrap();
    assert_eq!(places(&stalled), places(&fresh), "nothing older comes later");
}

/// Where everything is when all courses have ended.
fn places(player: &Player) -> Vec<(ShipId, String, orrery::types::Point)> {
    let ships = player.picture.ships.iter();
    ships.map(|(id, ship)| (*id, ship.name.clone(), ship.course.position(Tick(u64::MAX)))).collect()
}
