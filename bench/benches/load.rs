//! W8: from the bytes of a bundle of about 1 MB to the first decision.

use std::hint::black_box;
use std::net::IpAddr;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate_bench::route::{paths, source, templates};
use tollgate_bench::tollgate::{bytes, world};
use tollgate_runtime::{Loaded, Scratch, Session};

/// The same routes as a table of structs, for general formats.
#[derive(serde::Serialize, serde::Deserialize, rkyv::Archive, rkyv::Serialize)]
struct Table {
    routes: Vec<Route>,
}

#[derive(serde::Serialize, serde::Deserialize, rkyv::Archive, rkyv::Serialize)]
struct Route {
    method: String,
    path: String,
    statements: Vec<Statement>,
}

#[derive(serde::Serialize, serde::Deserialize, rkyv::Archive, rkyv::Serialize)]
struct Statement {
    allow: bool,
    resource: String,
    first: u32,
    last: u32,
}

/// Bytes that every competitor comes near.
const WANTED: usize = 1 << 20;

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("W8");
    let mut count = 2_000;
    let ours = loop {
        let bytes = bytes(&source(&templates(count)));
        if bytes.len() >= WANTED {
            break bytes;
        }
        count += 1_000;
    };
    let target = format!("/s{}", paths(count)[17]);
    let mut scratch = Scratch::new(1 << 16);
    group.bench_function("tollgate", |bencher| {
        bencher.iter(|| {
            let loaded = Loaded::verify(black_box(ours.as_slice())).expect("a bundle");
            let view = loaded.view();
            let site = view.site(b"Api", target.as_bytes());
            let world = world(view, "GET", &target, &[], IpAddr::from([10, 0, 0, 1]));
            Session::begin(site).screen(&world, &mut scratch).route
        })
    });

    let table = |count: usize| Table {
        routes: (0..count)
            .map(|n| Route {
                method: "GET".into(),
                path: format!("/svc{}/items{}/{{id}}", n / 30, n % 30),
                statements: vec![Statement {
                    allow: true,
                    resource: format!("svc{}/*", n / 30),
                    first: 0x0a00_0000,
                    last: 0x0aff_ffff,
                }],
            })
            .collect(),
    };
    let mut count = 1_000;
    let archived = loop {
        let bytes = rkyv::to_bytes::<rkyv::rancor::Error>(&table(count)).expect("bytes");
        if bytes.len() >= WANTED {
            break bytes;
        }
        count += 1_000;
    };
    group.bench_function("rkyv-checked", |bencher| {
        bencher.iter(|| {
            let table = rkyv::access::<ArchivedTable, rkyv::rancor::Error>(black_box(&archived)).expect("a table");
            table.routes[17].path.len()
        })
    });
    let mut count = 1_000;
    let packed = loop {
        let bytes = postcard::to_allocvec(&table(count)).expect("bytes");
        if bytes.len() >= WANTED {
            break bytes;
        }
        count += 1_000;
    };
    group.bench_function("postcard", |bencher| {
        bencher.iter(|| {
            let table: Table = postcard::from_bytes(black_box(&packed)).expect("a table");
            table.routes[17].path.len()
        })
    });
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
