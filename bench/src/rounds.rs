//! Requests of a bench, decided round and round.

use std::hint::black_box;

use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;

/// Walks the requests round and round.
pub fn turn<'r, T>(requests: &'r [T]) -> impl FnMut() -> &'r T {
    let mut at = 0;
    move || {
        at = (at + 1) % requests.len();
        &requests[at]
    }
}

/// Measures a peer's decision.
///
/// # Panics
/// The peer decides one of the requests otherwise than `hand`: what it does is not the same work.
pub fn peer<'r, T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    requests: &'r [T],
    hand: impl Fn(&T) -> bool,
    decide: impl Fn(&'r T) -> bool,
) {
    for request in requests {
        assert_eq!(decide(request), hand(request), "{name}");
    }
    group.bench_function(name, |bencher| {
        let mut next = turn(requests);
        bencher.iter(|| decide(black_box(next())))
    });
}
