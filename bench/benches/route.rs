//! W3: route match among 10, 1 000 and 10 000 routes.

use std::hint::black_box;
use std::net::IpAddr;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate_bench::route::{Hand, paths, source, templates};
use tollgate_bench::tollgate::{bundle, world};
use tollgate_runtime::{Scratch, Session};

fn route(criterion: &mut Criterion) {
    for count in [10, 1_000, 10_000] {
        let mut group = criterion.benchmark_group(format!("W3-{count}"));
        let (templates, paths) = (templates(count), paths(count));
        let mut turn = 0usize;
        let mut next = move || {
            turn = (turn + 1) & 63;
            turn
        };

        let hand = Hand::new(&templates);
        group.bench_function("hand", |bencher| {
            let mut captures = [(0, 0); 8];
            bencher.iter(|| hand.find(black_box(&paths[next()]), &mut captures))
        });

        let bundle = bundle(&source(&templates));
        let site = bundle.view().stage(b"Api", b"s").expect("a stage");
        let targets: Vec<String> = paths.iter().map(|path| format!("/s{path}")).collect();
        let worlds: Vec<_> = targets
            .iter()
            .map(|target| world(bundle.view(), "GET", target, &[], IpAddr::from([10, 0, 0, 1])))
            .collect();
        let mut scratch = Scratch::new(1 << 16);
        // Beside the route: the size limits, the stage, the stages' canary draw.
        group.bench_function("tollgate", |bencher| {
            bencher.iter(|| {
                let world = black_box(&worlds[next()]);
                Session::begin(site.mapped(2)).screen(world, &mut scratch).route
            })
        });

        let mut matchit = matchit::Router::new();
        for (number, template) in templates.iter().enumerate() {
            matchit.insert(template.clone(), number).expect("a route");
        }
        group.bench_function("matchit", |bencher| {
            bencher.iter(|| matchit.at(black_box(&paths[next()])).map(|hit| *hit.value))
        });

        let mut wayfind = wayfind::RouterBuilder::new();
        for (number, template) in templates.iter().enumerate() {
            wayfind
                .insert(&template.replace('{', "<").replace('}', ">"), number)
                .expect("a route");
        }
        let wayfind = wayfind.build();
        group.bench_function("wayfind", |bencher| {
            bencher.iter(|| {
                wayfind
                    .search(black_box(&paths[next()]))
                    .map(|hit| *hit.data())
            })
        });

        let mut path_tree = path_tree::PathTree::new();
        for (number, template) in templates.iter().enumerate() {
            let _ = path_tree.insert(&template.replace('{', ":").replace('}', ""), number);
        }
        group.bench_function("path-tree", |bencher| {
            bencher.iter(|| path_tree.find(black_box(&paths[next()])).map(|hit| *hit.0))
        });
        group.finish();
    }
}

criterion_group!(benches, route);
criterion_main!(benches);
