//! Encoding and decoding: inputs, cells, and a neighbourhood's message.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use orrery::game::space::RecentNews;
use orrery::protocol::cell_frame::{self, CellsBody};
use orrery::protocol::client_message::Navigate;
use orrery::protocol::{
    CellFrame, ClientMessage, Encoding, Envelope, ServerMessage, decode_client, decode_server, encode_client,
    encode_server,
};
use orrery::types::{CommandId, Point};

use crate::ships::Crowd;

/// Ships in the world whose frames are encoded.
const SHIPS: usize = 1_000;
const ENCODINGS: [(&str, Encoding); 2] = [("msgpack", Encoding::MessagePack), ("json", Encoding::Json)];

pub(crate) fn bench(criterion: &mut Criterion) {
    inputs(criterion);
    let mut crowd = Crowd::of(SHIPS);
    let mut news = RecentNews::default();
    news.push(crowd.tick().news);
    cells(criterion, &crowd, &news);
    neighbourhood(criterion, &crowd, &news);
}

fn inputs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("input");
    let navigate = Navigate { to: None, heading: Some(Point::new(-3_000, 12_000)), stop: None };
    let input = Envelope { message: ClientMessage::Navigate(navigate), id: Some(CommandId(4_711)), number: None };
    for (name, encoding) in ENCODINGS {
        let bytes = encode_client(encoding, &input);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(format!("decode {name}"), |bencher| {
            bencher.iter(|| decode_client(encoding, black_box(&bytes)).unwrap());
        });
    }
    group.finish();
}

/// All that changed in a tick, as one message.
fn cells(criterion: &mut Criterion, crowd: &Crowd, news: &RecentNews) {
    let mut group = criterion.benchmark_group("cells");
    let deltas: Vec<CellFrame> = news.changed_cells(1).map(|cell| news.delta(cell, 1).frame).collect();
    let entries: usize = deltas.iter().map(|delta| delta.entries.len()).sum();
    group.throughput(Throughput::Elements(entries as u64));
    for (name, encoding) in ENCODINGS {
        let mut buffer = Vec::new();
        group.bench_function(format!("encode deltas {name}"), |bencher| {
            bencher.iter(|| {
                buffer.clear();
                let deltas = news.changed_cells(1).map(|cell| news.delta(cell, 1).frame);
                deltas.for_each(|delta| delta.encode(encoding, &mut buffer));
                buffer.len()
            });
        });
        let body = CellsBody(crowd.sector.number(), news.tick(), deltas.clone());
        let message = encode_server(encoding, &Envelope::from(ServerMessage::Cells(body)));
        group.bench_function(format!("decode message {name}"), |bencher| {
            bencher.iter(|| decode_server(encoding, black_box(&message)).unwrap());
        });
    }
    group.finish();
}

/// What all who are anchored to a cell in the middle are sent, from frames that are encoded already.
fn neighbourhood(criterion: &mut Criterion, crowd: &Crowd, news: &RecentNews) {
    let interest = crowd.sector.interest();
    let seen = interest.neighbourhood(interest.grid().cell_of(Point::from_units(1_000, 1_000)));
    let in_view = news.changed_cells(1).filter(|cell| seen.binary_search(cell).is_ok());
    let frames: Vec<Vec<u8>> = in_view
        .map(|cell| {
            let mut bytes = Vec::new();
            news.delta(cell, 1).frame.encode(Encoding::MessagePack, &mut bytes);
            bytes
        })
        .collect();
    let mut group = criterion.benchmark_group("neighbourhood");
    group.throughput(Throughput::Bytes(frames.iter().map(|frame| frame.len() as u64).sum()));
    let mut message = Vec::new();
    group.bench_function("join", |bencher| {
        bencher.iter(|| {
            message.clear();
            let parts = frames.iter().map(Vec::as_slice);
            cell_frame::join(Encoding::MessagePack, crowd.sector.number(), news.tick(), parts, &mut message);
            message.len()
        });
    });
    group.finish();
}
