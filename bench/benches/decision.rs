//! W3b: everything before the backend: route, policy, key, limits, parameters, the request to the backend.

use std::hint::black_box;
use std::net::IpAddr;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate_bench::decision::{HEADERS, SOURCE, TARGET, hand};
use tollgate_bench::tollgate::{bundle, world};
use tollgate_runtime::{Event, Header, Outcome, Scratch, Session, Step, Verify};

fn decision(criterion: &mut Criterion) {
    let peer = IpAddr::from([203, 0, 113, 9]);
    let mut group = criterion.benchmark_group("W3b");
    let mut url = String::with_capacity(256);
    group.bench_function("hand", |bencher| {
        bencher.iter(|| hand(black_box(peer), black_box(TARGET), black_box(&HEADERS), &mut url).is_some())
    });

    let bundle = bundle(SOURCE);
    let site = bundle.view().site(b"abcdefghij", TARGET.as_bytes());
    let headers = HEADERS.map(|(name, value)| Header {
        name: name.as_bytes(),
        value: value.as_bytes(),
    });
    let mut scratch = Scratch::new(1 << 20);
    // The host memoizes the key's digest: the step is answered at once.
    let mut decide = || {
        let world = world(bundle.view(), "GET", TARGET, &headers, peer);
        let mut session = Session::begin(site);
        let mut outcome = Outcome::Begin(Event::Http);
        let mut steps = 0;
        loop {
            steps += 1;
            outcome = match session.advance(&world, &mut scratch, outcome) {
                Step::Verify(Verify::ApiKey { .. }) => Outcome::Key(0),
                Step::Spend { charges } => {
                    black_box(charges);
                    Outcome::Spent
                }
                Step::CacheGet { .. } => Outcome::Miss,
                Step::Integrate(call) => {
                    black_box(call);
                    return steps;
                }
                step => panic!("the request is refused: {step:?}"),
            };
        }
    };
    assert!(decide() >= 3, "the key and the limits are asked for");
    group.bench_function("tollgate", |bencher| bencher.iter(&mut decide));
    group.finish();
}

criterion_group!(benches, decision);
criterion_main!(benches);
