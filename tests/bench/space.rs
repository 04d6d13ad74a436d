//! The grid, and whole ticks.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use orrery::types::Point;

use crate::ships::Crowd;

pub(crate) fn bench(criterion: &mut Criterion) {
    grid(criterion);
    ticks(criterion);
}

fn grid(criterion: &mut Criterion) {
    let crowd = Crowd::of(1);
    let (interest, grid) = (crowd.sector.interest(), crowd.sector.interest().grid());
    let points: Vec<Point> = (0..1_000).map(|index| Point::new(index * 509, 511_000 - index * 509)).collect();
    let mut group = criterion.benchmark_group("grid");
    group.throughput(Throughput::Elements(points.len() as u64));
    group.bench_function("cell_of", |bencher| {
        bencher.iter(|| points.iter().map(|point| u64::from(grid.cell_of(black_box(*point)))).sum::<u64>());
    });
    group.throughput(Throughput::Elements(1));
    let anchor = grid.cell_of(Point::from_units(1_000, 1_000));
    group.bench_function("neighbourhood", |bencher| bencher.iter(|| interest.neighbourhood(black_box(anchor))));
    group.finish();
}

/// Five headings per ship and second, everybody looks: what the world's own thread does but for what it hands on.
fn ticks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick");
    group.sample_size(20);
    for ships in [100, 1_000, 5_000] {
        let mut crowd = Crowd::of(ships);
        group.throughput(Throughput::Elements(ships as u64));
        group.bench_function(BenchmarkId::from_parameter(ships), |bencher| bencher.iter(|| crowd.tick()));
    }
    group.finish();
}
