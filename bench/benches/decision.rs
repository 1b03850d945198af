//! W3b: everything before the cache and the backend: route, policy, key, limits, parameters, the cache's key.

use std::hint::black_box;
use std::net::IpAddr;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate_bench::decision::{HEADERS, SOURCE, TARGET, hand};
use tollgate_bench::tollgate::{bundle, world};
use tollgate_runtime::bundle::Bundle;
use tollgate_runtime::{Event, Header, Outcome, Scratch, Session, Site, Step, Verify};

const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

/// Decides the request up to its key in the cache. The host memoizes the digest of the client's key: that step is
/// answered at once.
fn decide(bundle: Bundle, site: Site, headers: &[Header], scratch: &mut Scratch) -> u32 {
    let world = world(bundle, "GET", TARGET, headers, PEER);
    let mut session = Session::begin(site);
    let mut outcome = Outcome::Begin(Event::Http);
    let mut steps = 0;
    loop {
        steps += 1;
        outcome = match session.advance(&world, scratch, outcome) {
            Step::Verify(Verify::ApiKey { .. }) => Outcome::Key(0),
            Step::Spend { charges } => {
                black_box(charges);
                Outcome::Spent
            }
            Step::CacheGet { key, .. } => {
                black_box(key);
                return steps;
            }
            step => panic!("the request is refused: {step:?}"),
        };
    }
}

fn decision(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("W3b");
    let mut key = Vec::with_capacity(256);
    group.bench_function("hand", |bencher| {
        bencher.iter(|| hand(black_box(PEER), black_box(TARGET), black_box(&HEADERS), &mut key).is_some())
    });

    let bundle = bundle(SOURCE);
    let bundle = bundle.view();
    let site = bundle.site(b"abcdefghij", TARGET.as_bytes());
    let headers = HEADERS.map(|(name, value)| Header {
        name: name.as_bytes(),
        value: value.as_bytes(),
    });
    let mut scratch = Scratch::new(1 << 20);
    assert!(
        decide(bundle, site, &headers, &mut scratch) >= 3,
        "the key and the limits are asked for"
    );
    group.bench_function("tollgate", |bencher| {
        bencher.iter(|| decide(bundle, site, &headers, &mut scratch))
    });
    // What a decision costs while as many are made beside it: half of one thread's time is all that two can reach.
    group.bench_function("tollgate, a share of two threads", |bencher| {
        bencher.iter_custom(|count| {
            let begun = Instant::now();
            std::thread::scope(|scope| {
                for half in [count / 2, count - count / 2] {
                    scope.spawn(move || {
                        let mut scratch = Scratch::new(1 << 20);
                        for _ in 0..half {
                            black_box(decide(bundle, site, &headers, &mut scratch));
                        }
                    });
                }
            });
            begun.elapsed()
        })
    });
    group.finish();
}

criterion_group!(benches, decision);
criterion_main!(benches);
