//! What traces cost a command while they are off: nothing but looks at one number. All that one `collect` asks for.

use std::hint::black_box;

use criterion::Criterion;
use orrery::telemetry::trace;

pub(crate) fn bench(criterion: &mut Criterion) {
    criterion.bench_function("trace of a command, off", |bencher| {
        bencher.iter(|| {
            let socket = trace::begin(black_box("collect")).entered();
            let sent = trace::current();
            drop(socket);
            let player = trace::player(&sent, 7, "collect").entered();
            let sent = trace::current();
            drop(player);
            let world = trace::world(&sent, "sol", "collect");
            world.in_scope(|| black_box(trace::current()));
            let player = trace::player(&world, 7, "deliver").entered();
            black_box(trace::commit(&trace::current(), 4));
            drop(player);
        });
    });
}
