//! W7: a megabyte of gate (2 900 routes) to a tree with trivia on one core; what the compiler
//! does with it; 10 000 routes from text to bundle.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use logos::Logos;
use pest::Parser as _;
use tollgate_bench::parse::{program, scan};
use tollgate_bench::tollgate::bytes;
use tollgate_grammar::{FileId, parse};

mod generated {
    #[derive(pest_derive::Parser)]
    #[grammar = "gate.pest"]
    pub struct Gate;
}

/// The tokens of gate, as a generated lexer sees them.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r]+")]
enum Token {
    #[regex(r"[$_A-Za-z][A-Za-z0-9_-]*(\.[$_A-Za-z0-9][A-Za-z0-9_-]*)*")]
    Place,
    #[regex(r#""([^"\\]|\\.)*""#)]
    Text,
    #[regex(r"[0-9]+(\.[0-9]+)?([A-Za-z]+|%)?(/[0-9]*[A-Za-z]+)?")]
    Amount,
    #[regex(r"/[A-Za-z0-9\-._*{}+/]*")]
    Path,
    #[regex(r"#[^\n]*", allow_greedy = true)]
    #[regex(r"///[^\n]*", allow_greedy = true, priority = 100)]
    Comment,
    #[regex(r"[\[\]{}(),:=|?*\n]")]
    Sign,
}

fn texts(criterion: &mut Criterion) {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one = one.expect("one thread can be had");
    let text = program(2_900);
    let mut group = criterion.benchmark_group("W7-parse");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("tollgate", |bencher| {
        bencher.iter(|| one.install(|| parse(FileId(0), black_box(&text))))
    });
    assert_eq!(parse(FileId(0), &text).errors, []);
    group.bench_function("hand", |bencher| bencher.iter(|| scan(black_box(&text)).len()));
    group.bench_function("logos (tokens)", |bencher| {
        bencher.iter(|| Token::lexer(black_box(&text)).filter(Result::is_ok).count())
    });
    assert!(Token::lexer(&text).all(|token| token.is_ok()));
    group.bench_function("pest (pairs)", |bencher| {
        bencher.iter(|| {
            let pairs = generated::Gate::parse(generated::Rule::file, black_box(&text));
            pairs.expect("the program").next().is_some()
        })
    });
    group.finish();
}

fn programs(criterion: &mut Criterion) {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one = one.expect("one thread can be had");
    let text = program(2_900);
    let mut group = criterion.benchmark_group("W7-program");
    group.sample_size(10);
    group.bench_function("tollgate", |bencher| {
        bencher.iter(|| one.install(|| bytes(black_box(&text)).len()))
    });
    group.bench_function("check alone", |bencher| {
        bencher.iter(|| one.install(|| tollgate_compiler::check_text(black_box(&text)).0.is_some()))
    });
    group.finish();

    let text = program(10_000);
    let mut group = criterion.benchmark_group("W7-10000-routes");
    group.sample_size(10);
    group.bench_function("tollgate", |bencher| bencher.iter(|| bytes(black_box(&text)).len()));
    group.finish();
}

criterion_group!(benches, texts, programs);
criterion_main!(benches);
