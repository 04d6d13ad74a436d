//! Lanes over real sockets.

use std::io::Read as _;

use tokio::net::{TcpListener, TcpStream};

use super::*;

const LIMITS: LaneLimits = LaneLimits { reliable_bytes: 100_000_000, cells_bytes: 100_000 };

/// A lane, and the other end of its connection.
async fn connected() -> (Rc<Lane>, std::net::TcpStream, tokio::net::tcp::OwnedReadHalf) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (far, _) = listener.accept().await.unwrap();
    SockRef::from(&near).set_send_buffer_size(4_096).unwrap();
    let (read, write) = near.into_split();
    let far = far.into_std().unwrap();
    far.set_nonblocking(false).unwrap();
    (Rc::new(Lane::new(LIMITS, write, Arc::new(Metrics::new()))), far, read)
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
    while !lane.queues.borrow().is_empty() {
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
    assert!(lane.blocked_for(Instant::now() + Duration::from_secs(5)) >= Duration::from_secs(5));
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
    let (lane, far, _read) = connected().await;
    let small = LaneLimits { reliable_bytes: 5, ..LIMITS };
    let lane = Rc::new(Lane { limits: small, ..Rc::into_inner(lane).unwrap() });
    assert!(lane.push_reliable(Bytes::from_static(b"first")));
    assert!(!lane.push_reliable(Bytes::from_static(b"second")), "over the limit");
    lane.close_after([]);
    assert_eq!(read_all(far).await.unwrap(), b"firstsecond");
}

#[actix::test]
async fn a_lane_that_was_cut_counts_its_connection_no_longer() {
    let (lane, far, read) = connected().await;
    let metrics = Arc::clone(&lane.socket.borrow().as_ref().unwrap().metrics);
    assert_eq!(metrics.connections.get(), 1);
    lane.cut();
    assert_eq!(metrics.connections.get(), 0);
    assert!(!lane.push_cells(Bytes::from_static(b"cells")));
    assert!(read_all(far).await.unwrap().is_empty());
    drop(read);
}
