//! Storms of log-ins: they are let in in order, and those who play do not notice.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use orrery::protocol::ClientMessage;
use orrery::protocol::Encoding;
use orrery::protocol::client_message::Empty;
use orrery::types::Tick;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::support::player::{Player, guest, resuming, say_hello, with_token};
use crate::support::wire::Refused;
use crate::support::{Server, Wire, command, until};

const BINARY: Encoding = Encoding::MessagePack;
/// Log-ins of the storm; `ORRERY_STORM_LOGINS` says otherwise.
const LOGINS: usize = 300;
/// How many of them come at once, at most, one after the other on each of so many threads.
const AT_ONCE: usize = 1_500;
const FLYING: usize = 20;
/// The longest a hint may be, chance included; and the shortest.
const HINTS: std::ops::RangeInclusive<Duration> = Duration::from_millis(200)..=Duration::from_secs(10);

fn logins() -> usize {
    std::env::var("ORRERY_STORM_LOGINS").ok().map_or(LOGINS, |count| count.parse().expect("a number"))
}

/// Says so when it goes.
struct OnDrop<'a>(&'a AtomicBool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Flies until told to stop. Every course must be answered, and seen in a frame of its tick or a later one.
fn fly(mut player: Player, calm: &AtomicBool, courses: &AtomicUsize) {
    let mut turn = 0;
    while !calm.load(Ordering::Relaxed) {
        turn += 1;
        let course = player.command(command::fly_to(900 + turn % 200, 1_100)).unwrap();
        let departs = Tick(course["departs"].as_u64().unwrap());
        player.read_until("the tick of its course", |player| player.picture.tick >= departs);
        courses.fetch_add(1, Ordering::Relaxed);
    }
    player.command(command::stop()).unwrap();
    assert_eq!((player.bye.as_ref(), player.closed), (None, None));
}

/// Comes, and goes for good; every fourth loses its connection before that, and takes its session up again.
fn come_and_go(server: &Server, number: usize, token: Option<&String>) -> usize {
    let hello = token.map_or_else(guest, |token| with_token(token));
    let come = |hello| Player::patiently(|| Wire::try_open(server.address, BINARY), BINARY, hello);
    let (player, mut told) = come(&hello);
    let mut player = player.unwrap();
    if number.is_multiple_of(4) {
        let (token, seen) = player.vanish();
        let (back, told_then) = come(&resuming(&token, seen));
        player = back.unwrap();
        assert!(player.welcome.resumed);
        told.extend(told_then);
    }
    player.send(ClientMessage::Leave(Empty {}), None);
    assert!(told.iter().all(|hint| HINTS.contains(hint)), "{told:?}");
    told.len()
}

/// Lets `work` be done for each number below `count`, many at once.
fn at_once(count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..(count / 3).clamp(1, AT_ONCE) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    work(number);
                }
            });
        }
    });
}

#[test]
fn a_storm_is_shed_in_order_and_all_get_in_by_keeping_to_their_hints() {
    let limits = [
        ("limits.logins_at_once", "8"),
        ("limits.login_target_ms", "60000"),
        ("limits.flight_per_second", "1000"),
        ("limits.frames_per_second", "10000"),
    ];
    let server = Server::with(&limits);
    let tokens: Vec<String> = (0..FLYING).map(|_| token(&Player::guest(&server))).collect();
    let flying: Vec<Player> = (0..FLYING).map(|_| Player::guest(&server)).collect();
    let (calm, courses, refused) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let flown = || courses.load(Ordering::Relaxed);
    std::thread::scope(|scope| {
        // Also when the storm fails: nobody would wait for its end otherwise.
        let _calm = OnDrop(&calm);
        flying.into_iter().for_each(|player| drop(scope.spawn(|| fly(player, &calm, &courses))));
        until("all fly", || flown() > FLYING * 5);
        let before = flown();
        at_once(logins(), |number| {
            refused.fetch_add(come_and_go(&server, number, tokens.get(number)), Ordering::Relaxed);
        });
        until("they flew on", || flown() > before + FLYING * 5);
    });
    let refused = refused.into_inner();
    assert!(refused > 0, "a hundred at once at six places");
    assert_eq!(server.metric("orrery_logins_shed_total{"), refused as f64);
    server.until_metric("orrery_logins_under_way ", 0.0);
    println!("{} log-ins, {refused} times sent away", logins());
}

fn token(player: &Player) -> String {
    player.welcome.account.clone().unwrap().access_token
}

#[test]
fn strangers_beyond_their_bound_are_refused_at_the_door_and_make_room_when_they_speak_or_go() {
    let server = Server::with(&[("limits.strangers_max", "3"), ("session.hello_timeout_ms", "60000")]);
    let mut strangers: Vec<Wire> = (0..3).map(|_| Wire::open(server.address, BINARY)).collect();
    let refused = Wire::try_open(server.address, BINARY).err().unwrap();
    assert_eq!(refused.status, 503);
    assert!((1..=11).contains(&refused.retry_after().unwrap().as_secs()), "{}", refused.head);
    assert_eq!(server.metric("orrery_logins_shed_total{reason=\"handshake\"}"), 1.0);
    // One speaks, one goes: two more have room.
    let mut spoken = strangers.pop().unwrap();
    say_hello(&mut spoken, BINARY, guest());
    let _inside = Player::welcomed(spoken, BINARY, 0).unwrap();
    strangers.pop();
    until("room for two", || {
        strangers.extend(Wire::try_open(server.address, BINARY).ok());
        strangers.len() == 3
    });
    assert!(Wire::try_open(server.address, BINARY).is_err());
    drop(strangers);
    until("nobody stands at the door", || Wire::try_open(server.address, BINARY).is_ok());
}

/// Connects from another address of the loopback range.
fn open_from(host: Ipv4Addr, server: &Server) -> Result<Wire, Refused> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SockAddr::from(SocketAddr::from((host, 0)))).unwrap();
    socket.connect(&SockAddr::from(server.address)).unwrap();
    Wire::handshake_over(socket.into(), server.address, "/ws", "").map(|(wire, _)| wire)
}

#[test]
fn one_address_cannot_shut_the_door_for_all() {
    let limits =
        [("limits.strangers_max", "16"), ("limits.exempt_loopback", "false"), ("session.hello_timeout_ms", "60000")];
    let server = Server::with(&limits);
    let [here, elsewhere] = [Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::new(127, 0, 0, 3)];
    let mut strangers: Vec<Wire> = (0..2).map(|_| open_from(here, &server).unwrap()).collect();
    let refused = open_from(here, &server).err().unwrap();
    assert_eq!(refused.status, 503);
    assert!((5..=10).contains(&refused.retry_after().unwrap().as_secs()), "{}", refused.head);
    assert_eq!(server.metric("orrery_logins_shed_total{reason=\"address\"}"), 1.0);
    open_from(elsewhere, &server).unwrap();
    strangers.pop();
    until("one of them is gone", || open_from(here, &server).is_ok());
}
