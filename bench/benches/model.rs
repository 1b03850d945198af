//! W4: from the bytes of a body to the verdict of its model.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate_bench::allocations::count;
use tollgate_bench::model::{BODY, SCHEMA, hand, typed};
use tollgate_compiler::schema::{SchemaOptions, compile};
use tollgate_runtime::json::Heap;
use tollgate_runtime::{Scratch, Src, Text, World, schema};

fn model(criterion: &mut Criterion) {
    let document: serde_json::Value = serde_json::from_str(SCHEMA).expect("the model is JSON");
    let mut group = criterion.benchmark_group("W4");
    assert!(hand(BODY.as_bytes()) && typed(BODY.as_bytes()));
    group.bench_function("hand", |bencher| bencher.iter(|| hand(black_box(BODY.as_bytes()))));

    let code = compile(&document, &SchemaOptions::default()).expect("a model");
    let bundle = tollgate_bench::tollgate::bundle(tollgate_bench::decision::SOURCE);
    let world = World {
        body: Some(BODY.as_bytes()),
        ..tollgate_bench::tollgate::world(bundle.view(), "POST", "/", &[], [10, 0, 0, 1].into())
    };
    let mut scratch = Scratch::new(1 << 20);
    let mut verdict = || {
        scratch.clear();
        let mut heap = Heap::new(&world, &mut scratch, 1 << 20);
        let body = Text::whole(Src::Body, BODY.as_bytes());
        schema::judge(&mut heap, &code, black_box(body)).expect("JSON, within bounds")
    };
    assert_eq!(verdict(), None);
    assert_eq!(count(&mut verdict), 0, "a warm scratch allocates nothing");
    group.bench_function("tollgate", |bencher| bencher.iter(&mut verdict));

    group.bench_function("serde, typed", |bencher| {
        bencher.iter(|| typed(black_box(BODY.as_bytes())))
    });

    let peer = jsonschema::draft4::new(&document).expect("a model");
    group.bench_function("serde_json and jsonschema", |bencher| {
        bencher.iter(|| {
            let value: serde_json::Value =
                serde_json::from_slice(black_box(BODY.as_bytes())).expect("JSON");
            peer.is_valid(&value)
        })
    });
    group.finish();
}

criterion_group!(benches, model);
criterion_main!(benches);
