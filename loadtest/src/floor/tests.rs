//! Clients against the bare writer.

#![allow(clippy::panic)]

use std::io::PipeWriter;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use orrery_core::protocol::client_message::Hello;
use orrery_core::protocol::{ClientMessage, Encoding, ServerMessage, cell_frame};
use orrery_core::types::Tick;
use tokio::task::JoinSet;

use super::report::{Conditions, FloorReport};
use super::tape::{Recorder, Recording, Tape, Taping};
use super::writer::Writer;
use crate::cells_head::CellsHead;
use crate::connection::{Connection, Received};
use crate::fake_server;
use crate::framing::Incoming;
use crate::http::{self, ServerUrl};
use crate::report::Report;
use crate::scenario::Scenario;
use crate::swarm::{self, Options};

/// A bare writer on a thread of its own; it stops when this is dropped.
struct Running {
    url: ServerUrl,
    stop: Option<PipeWriter>,
    thread: Option<thread::JoinHandle<std::io::Result<()>>>,
}

impl Running {
    fn start(tape: Tape) -> Self {
        let writer = Writer::bind(tape).unwrap();
        let address: SocketAddr = writer.address().unwrap();
        let (stopped, stop) = std::io::pipe().unwrap();
        let thread = Some(thread::spawn(move || writer.serve(stopped)));
        Self { url: ServerUrl::parse(&format!("http://{address}")).unwrap(), stop: Some(stop), thread }
    }

    /// What it counted under a name.
    async fn counted(&self, name: &str) -> u64 {
        let page = http::get(&self.url, "/metrics").await.unwrap();
        let text = String::from_utf8(page.body.to_vec()).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().unwrap().join().unwrap();
        assert!(ended.is_ok() || thread::panicking(), "{ended:?}");
    }
}

fn message(tick: u64, letter: u8, length: usize) -> Vec<u8> {
    let (frame, mut out) = (vec![letter; length], Vec::new());
    cell_frame::join(Encoding::MessagePack, 1, Tick(tick), [frame.as_slice()].into_iter(), &mut out);
    out
}

/// Two members' recordings of three ticks: one got a message at each tick, the other two at the first and none after,
/// the second of them this long.
fn tape(long: usize) -> Tape {
    let (mut first, mut second) = (Recording::blank(3), Recording::blank(3));
    (0..3).for_each(|slot| first.add(slot, message(100_000 + slot, b'a' + slot as u8, 10)));
    second.add(0, message(100_000, b'x', 200));
    second.add(0, message(100_000, b'y', long));
    let catalog = serde_json::from_value(fake_server::catalog()).unwrap();
    Tape { welcome: fake_server::welcome(), catalog, ticks: 3, recordings: vec![first, second] }
}

async fn come(writer: &Running) -> Connection {
    let mut connection = Connection::open(&writer.url, Encoding::MessagePack, 7).await.unwrap();
    connection.send(&ClientMessage::Hello(Hello::default()).into()).unwrap();
    let Received::Message(envelope) = connection.next().await.unwrap() else { panic!("no message") };
    let ServerMessage::Welcome(welcome) = envelope.message else { panic!("no welcome") };
    assert_eq!(*welcome, fake_server::welcome());
    connection
}

async fn next(connection: &mut Connection) -> (u64, Vec<u8>) {
    let Incoming::Message(message) = connection.framing.next().await.unwrap() else { panic!("closed") };
    (CellsHead::parse(&message).unwrap().tick, message.to_vec())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Reads the client's recording three times over.
async fn follow(mut connection: Connection, client: usize) {
    let first_tick = fake_server::welcome().world.tick.0 + 1;
    let mut last = None;
    for _ in 0..9 {
        let (tick, received) = next(&mut connection).await;
        let apart = match (client % 2, (tick - first_tick) % 3) {
            (0, slot) => {
                assert_eq!(received, message(tick, b'a' + slot as u8, 10));
                1
            }
            (_, 0) => {
                assert_eq!(received, message(tick, b'x', 200));
                assert_eq!(next(&mut connection).await, (tick, message(tick, b'y', 300)));
                3
            }
            _ => panic!("a message at a silent tick"),
        };
        assert!(last.is_none_or(|last| tick == last + apart), "{last:?}, {tick}");
        last = Some(tick);
    }
}

#[test]
fn every_client_gets_its_recording_in_order_with_ticks_that_run_on() {
    let writer = Running::start(tape(300));
    block_on(async {
        let mut followers = JoinSet::new();
        for client in 0..4 {
            followers.spawn(follow(come(&writer).await, client));
        }
        while let Some(ended) = followers.join_next().await {
            ended.unwrap();
        }
    });
}

#[test]
fn who_does_not_read_goes_without_and_later_gets_whole_frames() {
    let writer = Running::start(tape(70_000));
    block_on(async {
        let _first = come(&writer).await;
        let mut slow = come(&writer).await;
        while writer.counted("orrery_slow_clients_total").await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let (mut last, mut gap) = (0, false);
        while !gap {
            let (tick, received) = next(&mut slow).await;
            assert!(received == message(tick, b'x', 200) || received == message(tick, b'y', 70_000), "{tick}");
            gap = last > 0 && tick > last + 3;
            last = tick;
        }
    });
}

fn play(server: &ServerUrl, taping: Taping) -> Report {
    let (scenario, duration) = (Scenario::load("fly").unwrap(), Duration::from_secs(1));
    let like_others = fake_server::options_for(&format!("http://{}", server.authority));
    swarm::run(Options { scenario, duration, neighbours: true, taping, ..like_others }).unwrap()
}

#[test]
fn members_play_against_what_others_recorded() {
    let recorder = Arc::new(Recorder::default());
    let real = play(&ServerUrl::parse(&fake_server::start_honest()).unwrap(), Taping::Record(recorder.clone()));
    let tape = recorder.into_tape(serde_json::from_value(fake_server::catalog()).unwrap()).unwrap();
    let writer = Running::start(tape.clone());
    let floor = play(&writer.url, Taping::Replayed);

    let conditions = Conditions { bots: 30, seed: 5, server_core: None, swarm_core: None, shares_machine: true };
    let report = FloorReport::of(conditions, &real, &floor, tape.recordings.len());
    assert!(report.is_sound() && report.recordings == 30, "{report}");
    // The fake server answers heartbeats, five a second; the bare writer does not.
    let ratio = report.server.frames_per_client_tick / report.floor.frames_per_client_tick;
    assert!((0.9..1.6).contains(&ratio), "{report}");
    assert!(report.floor.delivery.count > 100 && report.server.delivery.count > 100, "{report}");
    assert!(report.to_string().contains("doubt: the real server went on running"), "{report}");
}
