//! Parsing is total: whatever the bytes, a tree, bounded errors, in bounded time.

mod common;

use std::time::{Duration, Instant};

use common::fixtures;
use proptest::prelude::*;
use tollgate_grammar::{
    FileId, MAX_DEPTH, MAX_ERRORS, MAX_SIZE, Parsed, SyntaxErrorKind, parse, parse_bytes,
};

/// What must hold of any result: spans are in the text and on its characters.
fn check(text: &str, parsed: &Parsed) {
    assert!(parsed.errors.len() <= MAX_ERRORS + 1);
    let sound = |start: u32, end: u32| {
        assert!(start <= end, "{start}..{end}");
        assert!(
            text.get(start as usize..end as usize).is_some(),
            "{start}..{end} of {text:?}"
        );
    };
    for error in &parsed.errors {
        sound(
            error.span.start,
            (error.span.end as usize).min(text.len()) as u32,
        );
    }
    for ix in 0..parsed.tree.origins.len() as u32 {
        let span = parsed.tree.span(ix);
        sound(span.start, span.end);
    }
}

fn kinds(parsed: &Parsed) -> Vec<SyntaxErrorKind> {
    parsed.errors.iter().map(|error| error.kind).collect()
}

/// Pieces that the scanner and the grammar have rules for.
fn piece() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "\n",
        "\n  ",
        "\n    ",
        " ",
        ",",
        ":",
        "=",
        "+=",
        "|",
        "?",
        "..",
        "\"",
        "\"\"\"",
        "\"\"\"\"",
        "`",
        "'",
        "\\",
        "#",
        "//",
        "///",
        "/",
        "/{id}",
        "@{",
        "@@{",
        "${",
        "when",
        "unless",
        "if",
        "else",
        "a",
        "b.c",
        "r",
        "vtl",
        "1",
        "50/s",
        "2026-11",
        "-",
        "*",
        "é",
        "\t",
        "\r\n",
        "😀",
        "\\u{1F600}",
        "\\ud83d",
        "\u{feff}",
        "\0",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_tree(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let parsed = parse_bytes(FileId(0), &bytes);
        prop_assert_eq!(
            kinds(&parsed).contains(&SyntaxErrorKind::NotUtf8),
            std::str::from_utf8(&bytes).is_err()
        );
    }

    #[test]
    fn any_text_gives_a_tree(text in "\\PC*") {
        check(&text, &parse(FileId(0), &text));
    }

    #[test]
    fn any_mixture_of_signs_gives_a_tree(pieces in proptest::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        check(&text, &parse(FileId(0), &text));
    }

    #[test]
    fn any_part_of_an_example_gives_a_tree(file in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let all = fixtures();
        let (_, text) = file.get(&all);
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let (from, to) = (*from.get(&places), *to.get(&places));
        let part = &text[from.min(to)..from.max(to)];
        check(part, &parse(FileId(0), part));
    }
}

#[test]
fn brackets_nest_as_deep_as_the_limit() {
    for (open, close) in [
        ("a {", "}"),
        ("a: [", "]"),
        ("a: {b: ", "}"),
        ("a: f(", ")"),
    ] {
        let nest = |depth: usize| match open {
            "a {" => format!("{}{}", "a {".repeat(depth), "}".repeat(depth)),
            "a: [" => format!("a: {}{}", "[".repeat(depth), "]".repeat(depth)),
            "a: f(" => format!("a: {}b{}", "f(".repeat(depth), ")".repeat(depth)),
            _ => format!("a: {}c{}", "{b: ".repeat(depth), close.repeat(depth)),
        };
        assert_eq!(kinds(&parse(FileId(0), &nest(MAX_DEPTH))), [], "{open}");
        let deeper = kinds(&parse(FileId(0), &nest(MAX_DEPTH + 1)));
        assert_eq!(deeper, [SyntaxErrorKind::TooDeep], "{open}");
    }
}

#[test]
fn many_brackets_are_an_error_and_no_crash() {
    for bracket in ["{", "[", "(", "a{", "a:{", "when{", "\"@{"] {
        let text = bracket.repeat(100_000);
        let parsed = parse(FileId(0), &text);
        assert!(
            kinds(&parsed).contains(&SyntaxErrorKind::TooDeep) || bracket.contains('"'),
            "{bracket}"
        );
        assert!(!parsed.errors.is_empty(), "{bracket}");
    }
}

#[test]
fn a_text_past_the_limit_is_one_error() {
    let large = vec![b'a'; MAX_SIZE + 1];
    let begin = Instant::now();
    let parsed = parse_bytes(FileId(0), &large);
    assert_eq!(kinds(&parsed), [SyntaxErrorKind::TooLarge]);
    assert!(parsed.tree.items.is_empty());
    assert!(
        begin.elapsed() < Duration::from_millis(100),
        "nothing of it is read"
    );
}

#[test]
fn what_stands_before_a_bad_byte_is_parsed() {
    let parsed = parse_bytes(FileId(0), b"a: 1\nb: 2\nc: \xff\nd: 4\n");
    assert_eq!(parsed.tree.items.len(), 2);
    assert_eq!(parsed.errors.len(), 1);
    assert_eq!(parsed.errors[0].message, "byte 13 (0xff) is not UTF-8");
    assert_eq!(parsed.errors[0].span.start, 13);
}

/// Twice the text takes about twice the time, however bad the text is.
#[test]
fn time_is_linear_in_the_text() {
    let shapes = [
        "}",
        "{",
        "\"",
        "\"\"\"",
        "\"\"\"\n",
        "`",
        "a\"\n",
        "a {\n",
        "  }\n",
        "a \"\"\"\n",
        "when {'''\\\n",
        "x{'''\n\\",
        "a ] ",
        "{\n]",
        "a { \"\n",
        "a { ' }\n",
        "//",
        "a #",
        "a: [\n",
        ",",
        "a,",
        "[{(",
        "@{",
        "a: \"@{",
        "a \"\"\"\"\n\"\"\"\n",
    ];
    for shape in shapes {
        let time = |bytes: usize| {
            let text = format!("k {{\n{}", shape.repeat(bytes / shape.len()));
            let begin = Instant::now();
            let parsed = parse(FileId(0), &text);
            assert!(parsed.errors.len() <= MAX_ERRORS);
            begin.elapsed()
        };
        // generous, for a machine that does other things too: a quadratic walk takes minutes
        let took = time(100_000);
        assert!(took < Duration::from_secs(10), "{shape:?} took {took:?}");
    }
}
