//! W6: one value, every item, a filter and a scan by compiled JSONPaths.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use tollgate_bench::allocations::count;
use tollgate_bench::jsonpath::{PATHS, body, hand};
use tollgate_runtime::json::{Heap, Lent, Mode, parse};
use tollgate_runtime::{Scratch, Src, Text, Value, jsonpath};

/// A payload that values point into.
struct Payload(Vec<u8>);

impl Lent for Payload {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        self.0.get(text.off as usize..)?.get(..text.len as usize)
    }

    fn lent_body(&self) -> &[u8] {
        &self.0
    }
}

fn jsonpath(criterion: &mut Criterion) {
    let tree = body();
    let payload = Payload(tree.to_string().into_bytes());
    for (row, path, finds) in PATHS {
        let mut group = criterion.benchmark_group(format!("W6-{row}"));
        let mut found = Vec::with_capacity(64);
        hand(row, &tree, &mut found);
        assert_eq!(found.len(), finds);
        group.bench_function("hand", |bencher| {
            bencher.iter(|| {
                hand(row, black_box(&tree), &mut found);
                found.len()
            })
        });

        let mut code = Vec::new();
        jsonpath::compile(path.as_bytes(), &mut code).expect("a path");
        let mut scratch = Scratch::new(1 << 20);
        let mut heap = Heap::new(&payload, &mut scratch, u64::MAX);
        let whole = Text::whole(Src::Body, &payload.0);
        let document = parse(&mut heap, whole, Mode::Lenient).expect("JSON");
        let mark = heap.scratch.mark();
        let mut find = || {
            heap.scratch.rewind(mark);
            let found = jsonpath::find(&mut heap, &code, black_box(document));
            found.expect("applicable").expect("something")
        };
        assert_eq!(count(&mut find), 0, "a warm scratch allocates nothing");
        group.bench_function("tollgate", |bencher| bencher.iter(&mut find));
        let ours = find();
        let ours = match ours {
            Value::List(_) => heap.object(ours).map_or(0, |list| list.len() as usize),
            _ => 1,
        };
        assert_eq!(ours, finds);

        let peer = serde_json_path::JsonPath::parse(path).expect("a path");
        assert_eq!(peer.query(&tree).len(), finds);
        group.bench_function("serde_json_path", |bencher| {
            bencher.iter(|| peer.query(black_box(&tree)).len())
        });
        let peer = parse_json_path(path).expect("a path");
        assert_eq!(js_path_process(&peer, &tree).expect("found").len(), finds);
        group.bench_function("jsonpath-rust", |bencher| {
            bencher.iter(|| js_path_process(&peer, black_box(&tree)).map(|found| found.len()))
        });
        let peer = jsonpath_lib::Compiled::compile(path).expect("a path");
        assert_eq!(peer.select(&tree).expect("found").len(), finds);
        group.bench_function("jsonpath_lib", |bencher| {
            bencher.iter(|| peer.select(black_box(&tree)).map(|found| found.len()))
        });
        group.finish();
    }
}

criterion_group!(benches, jsonpath);
criterion_main!(benches);
