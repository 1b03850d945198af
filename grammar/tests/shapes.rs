//! What each shape of the language becomes.

use tollgate_grammar::ast::{ItemKind, Op, Piece, Step, TextForm, ValueKind};
use tollgate_grammar::{FileId, Parsed, parse};

fn sound(text: &str) -> Parsed {
    let parsed = parse(FileId(0), text);
    assert_eq!(parsed.errors, [], "{text}");
    parsed
}

/// The one value of `x: …`.
fn value(text: &str) -> ValueKind {
    let parsed = sound(&format!("x: {text}"));
    match &parsed.tree.items[0].kind {
        ItemKind::Entry(entry) => entry.value.kind.clone(),
        other => panic!("{text} is {other:?}"),
    }
}

#[test]
fn an_entry_sets_maps_or_appends() {
    for (text, op, default) in [
        ("a: 1", Op::Set, false),
        ("a = 1", Op::Map, false),
        ("a += 1", Op::Append, false),
        ("a: T = 1", Op::Set, true),
        ("header.x-y = none", Op::Map, false),
    ] {
        match &sound(text).tree.items[0].kind {
            ItemKind::Entry(entry) => {
                assert_eq!((entry.op, entry.default.is_some()), (op, default), "{text}");
            }
            other => panic!("{text} is {other:?}"),
        }
    }
}

#[test]
fn a_sentence_has_parts() {
    // operands, annotation, what stands after `=`, guard, items of the block
    for (text, operands, annotation, equals, guard, items) in [
        ("throttle 50/s burst 100", 3, false, None, None, None),
        ("param p: Url = \"x\"", 1, true, Some(1), None, None),
        (
            "authorizer A = lambda request { ttl: 5min }",
            1,
            false,
            Some(2),
            None,
            Some(1),
        ),
        (
            "deny anyone to invoke /a/* unless { b }",
            4,
            false,
            None,
            Some(false),
            None,
        ),
        (
            "deny anyone to invoke /a/*\n  unless { b }",
            4,
            false,
            None,
            Some(false),
            None,
        ),
        ("deny when { a == '}' }", 0, false, None, Some(true), None),
        (
            "rule R to A.b when { c } { d: 1, e: 2 }",
            3,
            false,
            None,
            Some(true),
            Some(2),
        ),
        ("policy { }", 0, false, None, None, Some(0)),
        ("model Kind = \"a\" | \"b\"", 1, false, Some(1), None, None),
    ] {
        match &sound(text).tree.items[0].kind {
            ItemKind::Sentence(it) => {
                assert_eq!(it.operands.len(), operands, "{text}");
                assert_eq!(it.annotation.is_some(), annotation, "{text}");
                assert_eq!(it.equals.as_ref().map(Vec::len), equals, "{text}");
                assert_eq!(it.guard.as_ref().map(|guard| guard.when), guard, "{text}");
                assert_eq!(
                    it.block.as_ref().map(|block| block.items.len()),
                    items,
                    "{text}"
                );
            }
            other => panic!("{text} is {other:?}"),
        }
    }
}

#[test]
fn values_are_told_apart_by_their_shape() {
    let cases = [
        ("200", "Quantity"),
        ("-1.5e3", "Quantity"),
        ("2_000/5min", "Quantity"),
        ("0.5GB", "Quantity"),
        ("2026-11", "Date"),
        ("2026-11-23", "Date"),
        ("1..100", "Range"),
        ("..100", "Range"),
        ("1..", "Range"),
        ("/orders/{id}/*", "Path"),
        ("/{proxy+}", "Path"),
        ("/", "Path"),
        ("*", "Star"),
        ("a.b[0][\"c d\"].`e f`.1", "Place"),
        ("$default", "Place"),
        ("`chat/send`", "Place"),
        ("schema(file(\"x\"))", "Call"),
        ("[a, \"b\", 3,]", "List"),
        ("[Line](min: 1)", "ListCall"),
        ("{ a: 1, \"b\": [{}], c }", "Object"),
        ("{ a: 1\n  b: 2 }", "Object"),
        ("\"a\" | \"b\" | c?", "Union"),
        ("\"a\"", "Text"),
        ("\"\"", "Text"),
        ("r\"\\d+\"", "Tagged"),
        ("vtl\"\"\"$x\"\"\"", "Tagged"),
    ];
    for (text, kind) in cases {
        let found = format!("{:?}", value(text));
        assert!(
            found.starts_with(&format!("{kind}(")) || found == kind,
            "{text} is {found}"
        );
    }
}

#[test]
fn a_string_is_its_pieces() {
    let pieces = |text: &str| match value(text) {
        ValueKind::Text(text) | ValueKind::Tagged(_, text) => text
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.clone(),
                Piece::Hole(place) => format!("<{}>", place.head()),
            })
            .collect::<Vec<_>>(),
        other => panic!("{text} is {other:?}"),
    };
    let cases: [(&str, &[&str]); 13] = [
        (r#""""#, &[]),
        (r#""a\tb\"c""#, &["a\tb\"c"]),
        (r#""@{stage.x}/v2/{id}""#, &["<stage>", "/v2/{id}"]),
        (r#""a@@{b}""#, &["a@{b}"]),
        (r#""a\@@{b}""#, &["a@", "<b>"]),
        (r#""${x} me@example.com""#, &["${x} me@example.com"]),
        (r#""@{a[\"}\"]}b""#, &["<a>", "b"]),
        (r#"r"\d\@{x}""#, &["\\d\\", "<x>"]),
        (r#"vtl"a\nb""#, &["a\nb"]),
        ("\"\"\"\n  a\\n\n    b\n  \"\"\"", &["a\\n\n  b"]),
        ("\"\"\"say \"hi\"\"\"\"", &["say \"hi\""]),
        ("\"\"\"\"a\"\"\"b\"\"\"\"", &["a\"\"\"b"]),
        (
            "vtl\"\"\"\n  $x\n  @{stage.name}\"\"\"",
            &["$x\n", "<stage>"],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(pieces(text), expected, "{text}");
    }
}

#[test]
fn a_hole_in_a_fence_knows_its_place() {
    let text = "x: \"\"\"\n    one\n    a @{stage.name} b\n    \"\"\"";
    let parsed = sound(text);
    let ItemKind::Entry(entry) = &parsed.tree.items[0].kind else {
        panic!("an entry")
    };
    let ValueKind::Text(string) = &entry.value.kind else {
        panic!("a text")
    };
    assert_eq!(string.form, TextForm::Fence(3));
    let Piece::Hole(place) = &string.pieces[1] else {
        panic!("a hole")
    };
    let Step::Name(name) = &place.steps[1] else {
        panic!("a name")
    };
    let span = parsed.tree.span(name.id);
    assert_eq!(&text[span.start as usize..span.end as usize], "name");
}

#[test]
fn nodes_are_numbered_in_document_order_parents_first() {
    let parsed = sound("a x { b: [1, { c: d.e }] }\nif { p } { q } else { r }\n");
    let spans: Vec<_> = (0..parsed.tree.origins.len() as u32)
        .map(|ix| parsed.tree.span(ix))
        .collect();
    for pair in spans.windows(2) {
        let key = |span: &tollgate_grammar::Span| (span.start, std::cmp::Reverse(span.end));
        assert!(key(&pair[0]) <= key(&pair[1]), "{pair:?}");
    }
    assert_eq!(spans.len(), 29);
}
