//! Lanes over real sockets.

use std::io::Read as _;

use socket2::SockRef;
use tokio::io::AsyncReadExt as _;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};

use super::*;

const LIMITS: LaneLimits = LaneLimits { reliable_bytes: 100_000_000, cells_bytes: 100_000 };

/// A lane with these limits, the other end of its connection, and what the lane's own end reads from.
async fn connected_with(limits: LaneLimits) -> (Rc<Lane>, std::net::TcpStream, OwnedReadHalf) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (far, _) = listener.accept().await.unwrap();
    SockRef::from(&near).set_send_buffer_size(4_096).unwrap();
    let (reader, half) = near.into_split();
    let lane = Rc::new(Lane::new(limits, half, Arc::new(Metrics::new())));
    let far = far.into_std().unwrap();
    far.set_nonblocking(false).unwrap();
    (lane, far, reader)
}

async fn connected() -> (Rc<Lane>, std::net::TcpStream, OwnedReadHalf) {
    connected_with(LIMITS).await
}

/// All that comes until the end of the stream, read on a thread of its own.
fn read_all(mut far: std::net::TcpStream) -> tokio::task::JoinHandle<Vec<u8>> {
    tokio::task::spawn_blocking(move || {
        let mut received = Vec::new();
        far.read_to_end(&mut received).unwrap();
        received
    })
}

#[actix::test]
async fn what_waits_is_sent_and_then_the_stream_ends() {
    let (lane, far, _read) = connected().await;
    lane.hold_cells();
    assert!(lane.push_cells(Bytes::from_static(b"cells ")));
    assert!(lane.push_reliable(Bytes::from_static(b"welcome ")));
    lane.release_cells();
    assert!(lane.push_cells(Bytes::from_static(b"more ")));
    assert!(lane.push_reliable(Bytes::from_static(b"answer ")));
    let received = read_all(far);
    while !lane.queues.borrow().is_idle() {
        tokio::task::yield_now().await;
    }
    lane.close_after([Bytes::from_static(b"bye")]);
    assert_eq!(received.await.unwrap(), b"welcome cells more answer bye");
}

#[actix::test]
async fn a_reader_that_stalls_makes_its_lane_stale_and_gets_whole_frames_afterwards() {
    let (lane, far, _read) = connected().await;
    let frame = Bytes::from(vec![b'c'; 10_000]);
    let mut taken = 0;
    while lane.push_cells(frame.clone()) {
        taken += 1;
        assert!(taken < 100_000, "the socket must be full at some time");
    }
    assert!(lane.is_stale() && !lane.is_drained());
    let (now, limit) = (Instant::now(), Duration::from_secs(5));
    assert!(!lane.is_stuck(now, limit) && lane.is_stuck(now + limit * 2, limit));
    assert!(lane.push_reliable(Bytes::from_static(b"answer")));
    let received = read_all(far);
    while !lane.is_drained() {
        tokio::task::yield_now().await;
    }
    lane.begin_anew();
    assert!(lane.push_cells(Bytes::from_static(b"snapshot")));
    lane.close_after([]);
    let received = received.await.unwrap();
    let (frames, rest) = received.split_at(received.len() - b"answersnapshot".len());
    assert_eq!(rest, b"answersnapshot");
    assert_eq!(frames.len() % frame.len(), 0, "no frame is cut");
}

#[actix::test]
async fn reliable_messages_are_never_dropped_but_their_number_is_reported() {
    let (lane, far, _read) = connected_with(LaneLimits { reliable_bytes: 5, ..LIMITS }).await;
    assert!(lane.push_reliable(Bytes::from_static(b"first")));
    assert!(!lane.push_reliable(Bytes::from_static(b"second")), "over the limit");
    lane.close_after([]);
    assert_eq!(read_all(far).await.unwrap(), b"firstsecond");
}

#[actix::test]
async fn who_reads_slowly_but_steadily_is_not_stuck_until_it_has_had_long_enough_to_catch_up() {
    let (lane, mut far, _read) = connected().await;
    while lane.push_cells(Bytes::from(vec![b'c'; 10_000])) {}
    let limit = Duration::from_secs(5);
    let since = lane.blocked.get().unwrap().since;
    let took = lane.blocked.get().unwrap().took;
    let mut some = vec![0; 100_000];
    while lane.blocked.get().is_some_and(|blocked| blocked.took == took) {
        far.read_exact(&mut some[..1_000]).unwrap();
        tokio::task::yield_now().await;
    }
    let Some(blocked) = lane.blocked.get() else { return };
    assert!(blocked.took > took && blocked.since == since);
    assert!(!lane.is_stuck(blocked.took + limit, limit) && lane.is_stuck(since + limit * 7, limit));
}

#[actix::test]
async fn a_view_and_what_follows_it_share_a_write_and_only_the_latter_counts() {
    let (lane, far, _read) = connected().await;
    assert!(lane.push_view(Bytes::from_static(b"snapshot ")));
    assert_eq!(bytes_sent(&lane), 0, "not yet");
    assert!(lane.push_cells(Bytes::from_static(b"deltas ")));
    assert_eq!((bytes_sent(&lane), lane.take_cell_bytes(), lane.take_cell_bytes()), (16, 7, 0));
    assert!(lane.push_view(Bytes::from_static(b"alone")));
    while !lane.queues.borrow().is_idle() {
        tokio::task::yield_now().await;
    }
    lane.close_after([]);
    assert_eq!(read_all(far).await.unwrap(), b"snapshot deltas alone");
}

fn bytes_sent(lane: &Lane) -> u64 {
    lane.socket.borrow().as_ref().unwrap().metrics().bytes_sent.get()
}

#[actix::test]
async fn a_peer_that_has_said_its_last_word_still_gets_what_waits() {
    let (lane, far, read) = connected().await;
    let metrics = Arc::clone(lane.socket.borrow().as_ref().unwrap().metrics());
    assert_eq!(metrics.connections.get(), 1);
    assert!(lane.push_reliable(Bytes::from_static(b"answer")));
    drop(read);
    lane.hang_up();
    assert_eq!(read_all(far).await.unwrap(), b"answer");
    assert_eq!(metrics.connections.get(), 0, "and is not counted any longer");
    assert!(!lane.push_cells(Bytes::from_static(b"cells")));
}

#[actix::test]
async fn a_lane_that_was_cut_ends_both_directions() {
    let (lane, far, mut read) = connected().await;
    lane.cut();
    assert!(read_all(far).await.unwrap().is_empty());
    assert_eq!(read.read(&mut [0; 8]).await.unwrap(), 0);
}
