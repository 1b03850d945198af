//! A program of many routes, as one API: text to tree.

use divan::counter::BytesCount;
use tollgate_grammar::{FileId, parse};

fn main() {
    divan::main();
}

/// About 345 bytes a route, so that a megabyte is about 2 900 routes.
fn program(routes: usize) -> String {
    let mut text = String::from("edition 2026\n\nrest api Orders {\n  version: \"1.4.0\"\n\n");
    for route in 0..routes {
        text.push_str(&format!(
            r#"  /// Order lines of shop {route}.
  GET /shops-{route}/orders/{{id}}/lines {{
    auth: Shopper(scopes: ["orders.read"])
    query.expand: "lines" | "all"?   # how much to show
    cache 60s by [path.id, query.expand]
    throttle 50/s burst 100
    integrate http "@{{stage.backend}}/v{route}/orders/{{id}}" {{ timeout: 3s, header.x-tenant = context.authorizer.claims.sub }}
    respond 200
  }}
"#
        ));
    }
    text.push_str("}\n");
    text
}

#[divan::bench(args = [290, 2900], threads = false)]
fn one_core(bencher: divan::Bencher, routes: usize) {
    let text = program(routes);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.expect("one thread can be had");
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| pool.install(|| parse(FileId(0), &text)));
}

#[divan::bench(args = [2900, 10_000])]
fn all_cores(bencher: divan::Bencher, routes: usize) {
    let text = program(routes);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| parse(FileId(0), &text));
}
