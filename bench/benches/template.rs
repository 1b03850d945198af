//! W5: rendering a mapping template, over a payload that is parsed and with parsing it.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use minijinja::{AutoEscape, Environment, context};
use tollgate_bench::allocations::count;
use tollgate_bench::template::{BODY, JINJA, Order, RENDERED, TEMPLATE, escape, hand, parsed};
use tollgate_runtime::json::{Heap, Kind, Mode, parse};
use tollgate_runtime::vtl::{Kept, MapHost, Program, Settings, render};
use tollgate_runtime::{Scratch, Src, Text};

fn host(template: &str) -> MapHost {
    let tree = tollgate_grammar::vtl::parse(template).expect("a template");
    let compiled = tollgate_compiler::template::compile(&tree).expect("a program");
    MapHost {
        program: compiled.blob,
        body: BODY.as_bytes().to_vec(),
        ..MapHost::default()
    }
}

fn template(criterion: &mut Criterion) {
    let expected = RENDERED.trim_end();
    let order: Order = serde_json::from_str(BODY).expect("an order");
    let mut out = String::with_capacity(4096);
    hand(&order, &mut out);
    assert_eq!(out.trim_end(), expected);

    let mut jinja = Environment::new();
    jinja.set_auto_escape_callback(|_| AutoEscape::None);
    jinja.add_filter("escape_text", |text: &str| {
        let mut out = String::with_capacity(text.len());
        escape(text, &mut out);
        out
    });
    jinja.add_template("order", JINJA).expect("a template");
    let jinja = jinja.get_template("order").expect("a template");
    let payload: serde_json::Value = serde_json::from_str(BODY).expect("JSON");
    let read = || minijinja::Value::from_serialize(&payload);
    let rendered = jinja.render(context! { order => read() }).expect("rendered");
    assert_eq!(rendered.trim_end(), expected);

    let mut scratch = Scratch::new(1 << 20);
    let mut group = criterion.benchmark_group("W5");
    group.bench_function("hand", |bencher| bencher.iter(|| hand(black_box(&order), &mut out)));
    {
        let host = host(&parsed());
        let program = Program::open(&host.program, 0).expect("a program");
        let mut heap = Heap::new(&host, &mut scratch, 1 << 20);
        let payload = Text::whole(Src::Body, &host.body);
        let payload = parse(&mut heap, payload, Mode::Lenient).expect("JSON");
        let context = heap.map(Kind::Context).expect("a map");
        heap.put_member(context, b"order", payload).expect("a member");
        let mark = scratch.mark();
        let mut run = || {
            scratch.rewind(mark);
            let mut kept = Kept { context };
            let text = render(program, black_box(&host), &mut scratch, &Settings::default(), &mut kept);
            text.expect("rendered")
        };
        assert_eq!(count(&mut run), 0, "a warm scratch allocates nothing");
        group.bench_function("tollgate", |bencher| bencher.iter(&mut run));
        let text = run();
        let text = scratch.bytes(text.off, text.len).expect("the text");
        assert_eq!(String::from_utf8_lossy(text).trim_end(), expected);
    }
    let value = read();
    group.bench_function("minijinja", |bencher| {
        bencher.iter(|| jinja.render(context! { order => black_box(&value) }))
    });
    group.finish();

    let mut group = criterion.benchmark_group("W5-parsing");
    group.bench_function("hand", |bencher| {
        bencher.iter(|| {
            let order: Order = serde_json::from_str(black_box(BODY)).expect("an order");
            hand(&order, &mut out)
        })
    });
    let host = host(TEMPLATE);
    let program = Program::open(&host.program, 0).expect("a program");
    let mut run = || {
        scratch.clear();
        let mut kept = Kept::default();
        let text = render(program, black_box(&host), &mut scratch, &Settings::default(), &mut kept);
        text.expect("rendered")
    };
    assert_eq!(count(&mut run), 0, "a warm scratch allocates nothing");
    group.bench_function("tollgate", |bencher| bencher.iter(&mut run));
    let text = run();
    let text = scratch.bytes(text.off, text.len).expect("the text");
    assert_eq!(String::from_utf8_lossy(text).trim_end(), expected);
    group.bench_function("minijinja", |bencher| {
        bencher.iter(|| {
            let payload: minijinja::Value = serde_json::from_str(black_box(BODY)).expect("JSON");
            jinja.render(context! { order => payload })
        })
    });
    group.finish();
}

criterion_group!(benches, template);
criterion_main!(benches);
