//! Laws of the printer: it keeps what a tree says, and prints its own result as it is.

mod common;
#[path = "common/tokens.rs"]
mod tokens;

use common::fixtures;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use tokens::{Kind, Token, tokens};
use tollgate_grammar::ast::*;
use tollgate_grammar::{FileId, Tree, format, format_text, parse, same_meaning};

#[test]
fn examples_are_printed_as_they_are() {
    for (path, text) in fixtures() {
        match format_text(&text) {
            Ok(printed) => assert_eq!(printed, text, "{}", path.display()),
            Err(errors) => panic!("{}: {errors:?}", path.display()),
        }
    }
}

/// `before` is printed as `after`, and `after` as itself.
fn check(before: &str, after: &str) {
    let printed = format_text(before).unwrap_or_else(|errors| panic!("{before}: {errors:?}"));
    assert_eq!(printed, after, "of {before}");
    assert_eq!(format_text(&printed).as_deref(), Ok(after), "of {printed}");
}

#[test]
fn the_layout_is_one() {
    check("", "");
    check(
        "\n\n# only a comment\n\n\n#another\n",
        "# only a comment\n\n# another\n",
    );
    check(
        "edition   2026 ,behaviour:2026-11",
        "edition 2026\nbehaviour: 2026-11\n",
    );
    check("a: [ 1,2 , ]", "a: [1, 2]\n");
    check("a: [\n1,2 ]", "a: [\n  1\n  2\n]\n");
    check("a {b:1,c{},}", "a { b: 1, c {} }\n");
    check(
        "a {b:1,c{d:2\n},}",
        "a {\n  b: 1\n  c {\n    d: 2\n  }\n}\n",
    );
    check(
        "a { b: 1, c: 2, d: 3, e: 4, f: 5 }",
        "a {\n  b: 1\n  c: 2\n  d: 3\n  e: 4\n  f: 5\n}\n",
    );
    check(
        "throttle 10000/s burst 5_000",
        "throttle 10_000/s burst 5000\n",
    );
    check("a: schema( {\nb : 1 } )", "a: schema({\n  b: 1\n})\n");
    check("a b unless{c}{d: 1}", "a b unless { c } { d: 1 }\n");
    check("a when {\n b &&\n  c\n}", "a when {\n  b &&\n  c\n}\n");
    check("a when {b // c\n}", "a when {\n  b // c\n}\n");
    check(
        "if{a}{b: 1\n}else{c: 2}",
        "if { a } {\n  b: 1\n} else {\n  c: 2\n}\n",
    );
    check("a: \"b\"|\"c\"?", "a: \"b\" | \"c\"?\n");
    check("a /b : c", "a /b : c\n");
    check("`if`: `a b`.`c`", "`if`: `a b`.c\n");
    check("///x\n\n///  y\na: 1", "/// x\n///  y\na: 1\n");
}

#[test]
fn comments_stay_with_what_they_are_about() {
    check(
        "# first\n\n# a\na: 1 # one\n\n\n\nb { # in b\n c: 2, # two\n # last\n} # after b\n# end",
        "# first\n\n# a\na: 1  # one\n\nb {\n  # in b\n  c: 2  # two\n  # last\n}  # after b\n# end\n",
    );
    check(
        "a: [ # first\n  1, # one\n\n # two\n 2 # more\n # last\n]",
        "a: [\n  # first\n  1  # one\n\n  # two\n  2  # more\n  # last\n]\n",
    );
    check(
        "a b # why\n # more\n unless { c } # then\n",
        "# why\n# more\na b unless { c }  # then\n",
    );
    check("a: { # x\n}", "a: {\n  # x\n}\n");
    check("a: [b # x\n | c]", "# x\na: [\n  b | c\n]\n");
}

#[test]
fn a_text_takes_the_form_that_keeps_it() {
    check(
        "a: \"\"\"\n  x\n    y\n  \"\"\"",
        "a: \"\"\"\n  x\n    y\n  \"\"\"\n",
    );
    check(
        "a {\nb: \"\"\"\nx\n\ny\n\"\"\"\n}",
        "a {\n  b: \"\"\"\n    x\n\n    y\n    \"\"\"\n}\n",
    );
    check("a: \"\"\"{\"b\": 1}\"\"\"", "a: \"\"\"{\"b\": 1}\"\"\"\n");
    check("a: \"x\\ny\\u0041\"", "a: \"x\\nyA\"\n");
    check("a: r\"\\d\"", "a: r\"\\d\"\n");
    check("a: r\"\"\"a\"b\"\"\"", "a: r\"\"\"a\"b\"\"\"\n");
}

#[test]
fn what_is_too_long_is_broken_at_its_brackets() {
    let word = "x".repeat(45);
    check(
        &format!("a: [\"{word}\", \"{word}\", 1]"),
        &format!("a: [\n  \"{word}\"\n  \"{word}\"\n  1\n]\n"),
    );
    check(
        &format!("deny anyone to invoke /{word} unless {{ \"{word}\" == a.b }}"),
        &format!("deny anyone to invoke /{word}\n  unless {{ \"{word}\" == a.b }}\n"),
    );
    check(
        &format!("a {{ b: \"{word}\", c: \"{word}\", d: 3 }}"),
        &format!("a {{\n  b: \"{word}\"\n  c: \"{word}\"\n  d: 3\n}}\n"),
    );
}

#[test]
fn a_tree_without_layout_gets_blank_lines_where_blocks_meet() {
    let mut tree = parse(
        FileId(0),
        "a: 1\nb {\n c: 1\n d: 1\n e: 1\n f: 1\n g: 1\n}\nh: 1\ni: 1\n",
    )
    .tree;
    tree.trivia = Trivia::default();
    assert_eq!(
        format(&tree),
        "a: 1\n\nb {\n  c: 1\n  d: 1\n  e: 1\n  f: 1\n  g: 1\n}\n\nh: 1\ni: 1\n"
    );
}

// Any tree: what an importer may build.

fn name() -> impl Strategy<Value = Name> {
    let text = prop_oneof![
        8 => "[a-z$_][a-zA-Z0-9_-]{0,8}",
        1 => select(vec!["if", "else", "when", "unless", "r", "vtl", "", "a b", "`", "\\", "a\nb", "1x", "-", "/x"])
            .prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ];
    text.prop_map(|text| Name { id: 0, text })
}

fn literal() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[ -~]{0,12}",
        2 => select(vec![
            "@", "@{", "@@{", "@{a}", "\"", "\"\"\"", "\"\"\"\"", "\n", "\n\n", "  ", "\n  ", "\t", "\r", "\r\n", "\\", "\\n",
            "${x}", "#", "}", "'", "é", "😀", "\0", "\u{85}", "\u{2028}", "\u{feff}", "`",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

fn text_of(place: impl Strategy<Value = Place> + 'static) -> impl Strategy<Value = Text> {
    let place = place.boxed();
    let piece = prop_oneof![
        3 => literal().prop_map(Piece::Literal),
        1 => place.prop_map(Piece::Hole),
    ];
    let form = select(vec![
        TextForm::Quoted,
        TextForm::Quoted,
        TextForm::Fence(3),
        TextForm::Fence(4),
    ]);
    (vec(piece, 0..4), form).prop_map(|(pieces, form)| {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (piece, joined.last_mut()) {
                (Piece::Literal(text), _) if text.is_empty() => {}
                (Piece::Literal(text), Some(Piece::Literal(last))) => last.push_str(&text),
                (piece, _) => joined.push(piece),
            }
        }
        Text {
            id: 0,
            pieces: joined,
            form,
        }
    })
}

fn place_of(key: impl Strategy<Value = Text> + 'static) -> impl Strategy<Value = Place> {
    let step = prop_oneof![
        4 => name().prop_map(Step::Name),
        1 => any::<u32>().prop_map(Step::Index),
        1 => key.prop_map(Step::Key),
    ];
    (name(), vec(step, 0..3)).prop_map(|(first, rest)| {
        let mut steps = vec![Step::Name(first)];
        steps.extend(rest);
        Place { id: 0, steps }
    })
}

fn plain_place() -> impl Strategy<Value = Place> {
    place_of(text_of(name().prop_map(|name| Place {
        id: 0,
        steps: vec![Step::Name(name)],
    })))
}

fn text() -> impl Strategy<Value = Text> {
    text_of(plain_place())
}

fn place() -> impl Strategy<Value = Place> {
    place_of(text())
}

fn quantity() -> impl Strategy<Value = Quantity> {
    let number = || "(0|[1-9][0-9]{0,8})(\\.[0-9]{1,3})?";
    let unit = select(vec!["", "s", "ms", "GB", "%", "min"]).prop_map(str::to_owned);
    let sign = select(vec!["", "-"]);
    let exponent = select(vec!["", "e5", "E-3"]);
    let per_unit = select(vec!["s", "min", "month"]).prop_map(str::to_owned);
    let per = option::of((prop_oneof![Just(String::new()), number()], per_unit));
    (sign, number(), exponent, unit, per).prop_map(|(sign, number, exponent, unit, per)| Quantity {
        number: format!("{sign}{number}{exponent}"),
        unit,
        per,
    })
}

/// A string that its tag can hold without becoming an argument.
fn tagged() -> impl Strategy<Value = ValueKind> {
    let tag = select(vec!["vtl", "fmt", "r"]);
    (tag, text()).prop_map(|(tag, mut text)| {
        if tag == "r" {
            for piece in &mut text.pieces {
                if let Piece::Literal(literal) = piece {
                    literal.retain(|c| (!c.is_control() || c == '\n') && !matches!(c, '@' | '"'));
                }
            }
            text.pieces
                .retain(|piece| matches!(piece, Piece::Literal(text) if !text.is_empty()));
            text.pieces.truncate(1);
        }
        ValueKind::Tagged(
            Name {
                id: 0,
                text: tag.to_owned(),
            },
            text,
        )
    })
}

fn scalar() -> impl Strategy<Value = Value> {
    let boxed = |quantity: Option<Quantity>| quantity.map(Box::new);
    let kind = prop_oneof![
        text().prop_map(ValueKind::Text),
        tagged(),
        quantity().prop_map(ValueKind::Quantity),
        (quantity(), option::of(quantity()))
            .prop_map(move |(from, to)| ValueKind::Range(boxed(Some(from)), boxed(to))),
        quantity().prop_map(|to| ValueKind::Range(None, Some(Box::new(to)))),
        select(vec!["2026-11", "1999-01-31"]).prop_map(|date| ValueKind::Date(date.to_owned())),
        place().prop_map(ValueKind::Place),
        Just(ValueKind::Star),
    ];
    let path = "/([a-z0-9.*~%$-]{1,6}|\\{[a-z]{1,3}\\+?\\})?(/[a-z0-9?=&:@-]{0,5}){0,2}";
    prop_oneof![
        8 => (kind, any::<bool>()).prop_map(|(kind, optional)| Value { id: 0, optional, kind }),
        1 => path.prop_filter("is a path", |path| tollgate_grammar::is_path(path))
            .prop_map(|path| Value { id: 0, optional: false, kind: ValueKind::Path(path) }),
    ]
}

fn field(value: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Field> {
    let value = value.boxed();
    prop_oneof![
        (name(), option::of(value.clone())).prop_map(|(name, value)| (Key::Name(name), value)),
        (text(), value.prop_map(Some)).prop_map(|(text, value)| (Key::Text(text), value)),
    ]
    .prop_map(|(key, value)| Field { id: 0, key, value })
}

/// Values within brackets and after `:` and `=`.
fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 16, 4, |inner| {
        let arg = (option::of(name()), inner.clone()).prop_map(|(name, value)| Arg { name, value });
        let args = vec(arg, 0..3).boxed();
        let union = |mut parts: Vec<Value>| {
            parts.retain(|part| !matches!(part.kind, ValueKind::Union(_)));
            let last = parts.last_mut();
            last.into_iter().for_each(|last| {
                last.optional = false;
                if matches!(last.kind, ValueKind::Path(_)) {
                    last.kind = ValueKind::Star; // its `?` would be the path's
                }
            });
            ValueKind::Union(parts)
        };
        let kind = prop_oneof![
            vec(inner.clone(), 0..4).prop_map(ValueKind::List),
            (vec(inner.clone(), 0..3), args.clone())
                .prop_map(|(list, args)| ValueKind::ListCall(list, args)),
            (place(), args).prop_map(|(place, args)| ValueKind::Call(Call { place, args })),
            vec(field(inner.clone()), 0..4).prop_map(ValueKind::Object),
            vec(inner, 2..4).prop_map(union),
        ];
        (kind, any::<bool>())
            .prop_map(|(kind, optional)| Value {
                id: 0,
                optional,
                kind,
            })
            .prop_filter(
                "a union has two sides",
                |value| !matches!(&value.kind, ValueKind::Union(parts) if parts.len() < 2),
            )
    })
}

/// Values that may stand on the line of a sentence, where `{` opens a block and `|` nothing.
fn operand() -> impl Strategy<Value = Value> {
    value().prop_filter("no object, no union", |value| {
        !matches!(value.kind, ValueKind::Object(_) | ValueKind::Union(_))
    })
}

fn island() -> impl Strategy<Value = Island> {
    select(vec![
        "a == 'b}'",
        "x in [\"{\"] // why",
        "a &&\n      b",
        "",
        "r'\\' == {'k': 1}.k",
    ])
    .prop_map(|text| Island {
        id: 0,
        text: text.to_owned(),
    })
}

fn item() -> impl Strategy<Value = Item> {
    let entry = (
        plain_place(),
        value(),
        select(vec![Op::Set, Op::Map, Op::Append]),
        option::of(value()),
    )
        .prop_map(|(place, value, op, default)| {
            let default = default.filter(|_| op == Op::Set);
            ItemKind::Entry(Entry {
                place,
                op,
                value,
                default,
            })
        });
    let guard = (any::<bool>(), island()).prop_map(|(when, cel)| Guard { when, cel });
    let head = (
        plain_place(),
        vec(operand(), 0..3),
        option::of(value()),
        option::of(vec(operand(), 1..3)),
    );
    let head = (head, option::of(guard)).boxed();
    let leaf = prop_oneof![
        entry,
        head.clone()
            .prop_map(|(head, guard)| sentence(head, guard, None))
    ];
    let docs = vec(
        "[ -~]{0,20}".prop_map(|doc| doc.trim_end().to_owned()),
        0..2,
    );
    let leaf = (docs.clone(), leaf).prop_map(|(docs, kind)| Item { id: 0, docs, kind });
    leaf.prop_recursive(3, 12, 4, move |inner| {
        let block = || vec(inner.clone(), 0..4).prop_map(|items| Block { id: 0, items });
        let kind = prop_oneof![
            3 => (head.clone(), block()).prop_map(|((head, guard), block)| sentence(head, guard, Some(block))),
            1 => (island(), block(), option::of(block())).prop_map(|(condition, then, otherwise)| {
                ItemKind::Choice(Choice { condition, then, otherwise })
            }),
        ];
        (docs.clone(), kind).prop_map(|(docs, kind)| Item { id: 0, docs, kind })
    })
}

type Head = (Place, Vec<Value>, Option<Value>, Option<Vec<Value>>);

fn sentence(
    (word, operands, annotation, equals): Head,
    guard: Option<Guard>,
    block: Option<Block>,
) -> ItemKind {
    // without parts of its own, `a: b` and `a = b` are entries
    let alone = operands.is_empty() && guard.is_none() && block.is_none();
    ItemKind::Sentence(Sentence {
        word,
        operands,
        annotation: annotation.filter(|_| !alone),
        equals: equals.filter(|_| !alone),
        guard,
        block,
    })
}

fn tree() -> impl Strategy<Value = Tree> {
    vec(item(), 0..5).prop_map(|items| Tree {
        items,
        ..Tree::default()
    })
}

/// The ends of those lines where a comment may be put: not in a fence or a condition.
fn line_ends_in_code(text: &str) -> Vec<usize> {
    let verbatim = |token: &&Token| matches!(token.kind, Kind::Text | Kind::Condition);
    let tokens = tokens(text);
    let verbatim: Vec<&Token> = tokens.iter().filter(verbatim).collect();
    let ends = text.match_indices('\n').map(|(at, _)| at);
    ends.filter(|at| {
        !verbatim
            .iter()
            .any(|token| token.start <= *at && *at < token.end)
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsing_what_is_printed_gives_the_same_tree(tree in tree()) {
        let printed = format(&tree);
        let parsed = parse(FileId(0), &printed);
        prop_assert_eq!(&parsed.errors, &[], "{}", printed);
        prop_assert!(same_meaning(&parsed.tree, &tree), "{}\n{:?}\n{:?}", printed, parsed.tree.items, tree.items);
    }

    #[test]
    fn printing_is_idempotent(tree in tree()) {
        let once = format(&parse(FileId(0), &format(&tree)).tree);
        let twice = format(&parse(FileId(0), &once).tree);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn any_string_is_printed_byte_for_byte(text in text()) {
        let value = Value { id: 0, optional: false, kind: ValueKind::Text(text) };
        let place = Place { id: 0, steps: vec![Step::Name(Name { id: 0, text: "a".to_owned() })] };
        let entry = Entry { place, op: Op::Set, value, default: None };
        let item = Item { id: 0, docs: Vec::new(), kind: ItemKind::Entry(entry) };
        let tree = Tree { items: vec![item], ..Tree::default() };
        let printed = format(&tree);
        let parsed = parse(FileId(0), &printed);
        prop_assert_eq!(&parsed.errors, &[], "{}", printed);
        prop_assert!(same_meaning(&parsed.tree, &tree), "{}", printed);
    }

    /// Comments put anywhere into an example are all there once, and keep their places.
    #[test]
    fn no_comment_is_lost(file in any::<prop::sample::Index>(), places in vec(any::<prop::sample::Index>(), 1..8)) {
        let all = fixtures();
        let (_, text) = file.get(&all);
        let ends = line_ends_in_code(text);
        let mut places: Vec<usize> = places.iter().map(|place| *place.get(&ends)).collect();
        places.sort_unstable();
        places.dedup();
        let mut changed = text.clone();
        for (number, at) in places.iter().enumerate().rev() {
            changed.insert_str(*at, &format!(" # inserted {number}."));
        }
        let parsed = parse(FileId(0), &changed);
        prop_assert_eq!(&parsed.errors, &[], "{}", changed);
        let printed = format(&parsed.tree);
        for number in 0..places.len() {
            prop_assert_eq!(printed.matches(&format!("inserted {number}.")).count(), 1, "{}", printed);
        }
        let again = parse(FileId(0), &printed);
        prop_assert_eq!(&again.errors, &[], "{}", printed);
        prop_assert!(same_meaning(&again.tree, &parsed.tree), "{}", printed);
        prop_assert_eq!(&format(&again.tree), &printed);
    }
}
