use tollgate_grammar::FileId;

use super::*;

fn read_text(text: &str) -> Result<Document, ReadError> {
    read(FileId(3), text, &Limits::default())
}

fn document(text: &str) -> Document {
    read_text(text).unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

/// A document on one line: kind initials before scalars, `&` before what an alias stands for.
fn show(node: Node<'_>) -> String {
    let alias = if node.at != node.ix { "&" } else { "" };
    let body = match node.kind() {
        Kind::Null => format!("-{}", node.text()),
        Kind::Bool => format!("b{}", node.text()),
        Kind::Number => format!("n{}", node.text()),
        Kind::String => format!("s{:?}", node.text()),
        Kind::Sequence => format!(
            "[{}]",
            node.elements().map(show).collect::<Vec<_>>().join(" ")
        ),
        Kind::Mapping => {
            let members = node
                .members()
                .map(|(key, value)| format!("{}={}", key.text(), show(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(" "))
        }
    };
    let tag = node.tag().map(|tag| format!("{tag} ")).unwrap_or_default();
    format!("{alias}{tag}{body}")
}

#[track_caller]
fn reads(text: &str, expected: &str) {
    assert_eq!(show(document(text).root()), expected, "{text}");
}

#[test]
fn json_keeps_the_text_of_scalars() {
    reads(
        r#"{"a": 1.0, "b": [true, null, -0.5e+3], "c": {}}"#,
        "{a=n1.0 b=[btrue -null n-0.5e+3] c={}}",
    );
    reads(
        r#" ["x\"\u00e9\ud83d\ude00\ud800\/\n"] "#,
        r#"[s"x\"é😀�/\n"]"#,
    );
    reads("\u{feff}[]", "[]");
}

#[test]
fn yaml_is_read_as_version_1_1_with_textual_keys() {
    reads(
        "200: yes\non: ~\nv: 1.0\nd: 2012-10-17\nempty:\n",
        "{200=byes on=-~ v=n1.0 d=s\"2012-10-17\" empty=-}",
    );
    reads(
        "a: 'it''s'\nb: \"x\\ty\"\nc: |\n  one\n  two\nd: >-\n  one\n  two\n",
        r#"{a=s"it's" b=s"x\ty" c=s"one\ntwo\n" d=s"one two"}"#,
    );
    reads(
        "n: [0x1F, 1_000, .5, +3, 1e3, 12:30, v1, '1', .inf]",
        "{n=[n0x1F n1_000 n.5 n+3 n1e3 s\"12:30\" sv1 s\"1\" n.inf]}"
            .replace("sv1", "s\"v1\"")
            .as_str(),
    );
    reads(
        "u: !Sub 'a${B}'\nr: !GetAtt [A, B]\ns: !!str 1",
        "{u=!Sub s\"a${B}\" r=!GetAtt [s\"A\" s\"B\"] s=s\"1\"}",
    );
}

#[test]
fn aliases_and_merges_stand_for_their_anchors() {
    reads(
        "a: &x {k: 1, m: 2}\nb: *x\nc: {<<: *x, k: 3}\n",
        "{a={k=n1 m=n2} b=&{k=n1 m=n2} c={k=n3 m=n2}}",
    );
    let text = "a: &x {k: 1}\nc: {<<: [*x, {k: 2, z: 4}], y: 3}\n";
    reads(text, "{a={k=n1} c={y=n3 k=n1 z=n4}}");
    let read = document(text);
    let merged = read.root().get("c").and_then(|c| c.get("z"));
    assert_eq!(merged.map(Node::text), Some("4"));
}

#[test]
fn json_with_a_trailing_comma_or_a_comment_is_read_as_yaml() {
    reads("{\"a\": [1,], }", "{a=[n1]}");
    reads("{\"a\": 1 # why\n}", "{a=n1}");
}

#[test]
fn every_node_knows_its_place() {
    for text in [
        "{\"kéy\": [\"vä\", 12], \"b\": {}}",
        "kéy: [vä, 12]\nb: {}\n",
    ] {
        let read = document(text);
        let slice = |node: Node<'_>| &text[node.span().start as usize..node.span().end as usize];
        let list = read.root().get("kéy").expect("the key is there");
        assert!(
            ["[\"vä\", 12]", "[vä, 12]"].contains(&slice(list)),
            "{}",
            slice(list)
        );
        let elements: Vec<&str> = list.elements().map(slice).collect();
        assert!(
            [["\"vä\"", "12"], ["vä", "12"]]
                .iter()
                .any(|wanted| elements == wanted),
            "{elements:?}"
        );
        assert_eq!(slice(read.root().get("b").expect("the key is there")), "{}");
        assert_eq!(read.root().span().file, FileId(3));
    }
}

#[test]
fn lines_in_brackets_and_quotes_may_stand_too_far_left() {
    let text = "a:\n    b:\n        c: [é,\n    2,\n ]\n        d: \"one\n two \\\n    three\"\n    e: {x: 'it''s\n\n y',\nz: 1}\nf: 2\n";
    let expected = "{a={b={c=[s\"é\" n2] d=s\"one two three\"} e={x=s\"it's\\ny\" z=n1}} f=n2}";
    reads(text, expected);
    let read = document(text);
    let z = read
        .root()
        .get("a")
        .and_then(|a| a.get("e"))
        .and_then(|e| e.get("z"))
        .expect("the key is there");
    let span = z.span();
    assert_eq!(&text[span.start as usize - 3..span.end as usize], "z: 1");
    let f = read.root().get("f").expect("the key is there").span();
    assert_eq!(&text[f.start as usize - 3..f.end as usize], "f: 2");
    assert!(read_text("a:\n    b:\n  - c\n d: e\n").is_err());
}

#[test]
fn duplicate_keys_are_kept_listed_and_the_last_counts() {
    let text = "{\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}, \"a\": 3}";
    reads(text, "{a=n1 b={c=n1 c=n2} a=n3}");
    let read = document(text);
    assert_eq!(read.root().get("a").map(Node::text), Some("3"));
    let pairs: Vec<_> = read
        .duplicates()
        .map(|(first, second)| (first.span().start, second.span().start))
        .collect();
    assert_eq!(pairs, [(1, 32), (15, 23)]);
    let many: String = (0..40)
        .map(|count| format!("k{}: {count}\n", count % 39))
        .collect();
    assert_eq!(document(&many).duplicates().count(), 1);
}

#[test]
fn broken_text_is_one_error_with_a_place() {
    let cases = [
        (
            "{'key:value}",
            1,
            "found `'` where a key in double quotes should stand",
        ),
        (
            "{\"a\": 1",
            7,
            "the text ends where `,` or `}` should stand",
        ),
        (
            "{\"a\" 1}",
            5,
            "found `1` where `:` after the key should stand",
        ),
        ("[1 2}", 3, "found `2` where `,` or `]` should stand"),
        (
            "{\"a\": 01, \"b\": tru}",
            7,
            "found `1` where `,` or `}` should stand",
        ),
        ("[\"\\x\"", 2, "JSON has no such escape"),
        ("[\"\\u12\"}", 2, "`\\u` needs four hexadecimal digits"),
        ("[\"a", 1, "this text is not closed"),
        (
            "{} {",
            3,
            "found `{` where the end of the text should stand",
        ),
    ];
    // Where neither JSON nor YAML, the error is JSON's.
    assert_eq!(
        read_text(cases[0].0).map(|_| ()),
        json::read(FileId(3), cases[0].0, &Limits::default()).map(|_| ())
    );
    for (text, start, message) in cases {
        let error = json::read(FileId(3), text, &Limits::default()).expect_err(text);
        assert_eq!(
            (error.span.start, error.message.as_str()),
            (start, message),
            "{text}"
        );
        assert_eq!(error.kind, ReadErrorKind::Syntax);
    }
    for text in [
        "a: 'x",
        "a: [1",
        "? {a: b}\n: c",
        "{{ name }}: x",
        "a: *nobody",
        "---\na\n---\nb",
        "a: &x [*x]",
    ] {
        let error = read_text(text).expect_err(text);
        assert_eq!(error.kind, ReadErrorKind::Syntax, "{text}");
    }
}

#[test]
fn bounds_hold() {
    let limits = Limits {
        bytes: 3_000,
        depth: 20,
        nodes: 1_000,
    };
    let read = |text: &str| {
        read(FileId(0), text, &limits)
            .map(|_| ())
            .map_err(|error| error.kind)
    };
    assert_eq!(read(&"[".repeat(21)), Err(ReadErrorKind::Limit));
    assert_eq!(
        read(&format!("a: {}", "[".repeat(21))),
        Err(ReadErrorKind::Limit)
    );
    assert_eq!(
        read(&format!("{}{}", "[".repeat(20), "]".repeat(20))),
        Ok(())
    );
    assert_eq!(
        read(&format!("[{}]", "1,".repeat(1_000))),
        Err(ReadErrorKind::Limit)
    );
    assert_eq!(read(&" ".repeat(3_001)), Err(ReadErrorKind::Limit));
    // Nine levels of nine aliases each: a few hundred bytes that stand for 387 million nodes.
    let mut bomb = String::from("a0: &a0 [1,1,1,1,1,1,1,1,1]\n");
    for level in 1..9 {
        bomb += &format!(
            "a{level}: &a{level} [{}]\n",
            vec![format!("*a{}", level - 1); 9].join(",")
        );
    }
    assert_eq!(read(&bomb), Err(ReadErrorKind::Limit));
    // Thirty levels, each an alias of the one before in a list: deep only by what they stand for.
    let mut tower = String::from("a0: &a0 [1]\n");
    for level in 1..30 {
        tower += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    assert_eq!(read(&tower), Err(ReadErrorKind::Limit));
    assert_eq!(read(tower.split("a19").next().unwrap_or_default()), Ok(()));
}

#[test]
fn what_was_not_read_is_known() {
    let read = document(
        "{\"a\": {\"b\": 1, \"c\": [1, {\"d\": 2}]}, \"e\": {\"f\": 1}, \"g\": 2, \"g\": null, \"a/x\": 3}",
    );
    let reads = Reads::new(&read);
    let root = reads.root(&read);
    let a = root.get("a").expect("the key is there");
    for element in a.get("c").expect("the key is there").elements() {
        element.scalar();
    }
    root.get("e").map(Cursor::take);
    assert!(root.get("g").is_none());
    let unread: Vec<String> = reads
        .unread(&read)
        .into_iter()
        .map(|(key, _)| read.path(key.at))
        .collect();
    assert_eq!(unread, ["a.b", "a.c.1", "a/x"]);
}

#[test]
fn holes_are_pieces() {
    use holes::{Piece, pieces};
    let show = |text: &str| {
        let shown = pieces(text).into_iter().map(|piece| match piece {
            Piece::Literal(text) => format!("[{text}]"),
            Piece::Hole { name, .. } => format!("<{name}>"),
        });
        shown.collect::<String>()
    };
    let cases = [
        ("", ""),
        ("plain $x {y} $", "[plain $x {y} $]"),
        ("a${b}${c.d}e", "[a]<b><c.d>[e]"),
        ("${open", "[${open]"),
        ("${a${b}", "[${a]<b>"),
        ("${}", "<>"),
        ("${a\n}", "[${a\n}]"),
    ];
    for (text, expected) in cases {
        assert_eq!(show(text), expected, "{text}");
        let joined: String = pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text,
                Piece::Hole { written, .. } => written,
            })
            .collect();
        assert_eq!(joined, text);
    }
}

#[test]
fn intrinsics_have_two_spellings() {
    use holes::{Intrinsic, intrinsic};
    let show = |text: &str| {
        let read = document(text);
        match intrinsic(read.root()) {
            None => "none".to_owned(),
            Some(Intrinsic::Ref(name)) => format!("ref {name}"),
            Some(Intrinsic::GetAtt(node)) => format!(
                "getatt {}",
                super::tests::show(node).replace("!GetAtt ", "")
            ),
            Some(Intrinsic::Sub(text, locals)) => {
                format!("sub {text} {}", locals.map_or(0, Node::len))
            }
            Some(Intrinsic::Join(separator, parts)) => {
                format!("join {separator:?} {}", parts.len())
            }
            Some(Intrinsic::Other(name, _)) => format!("other {name}"),
        }
    };
    let pairs = [
        ("{\"Ref\": \"A\"}", "!Ref A", "ref A"),
        ("{\"Fn::Sub\": \"x${A}\"}", "!Sub x${A}", "sub x${A} 0"),
        (
            "{\"Fn::Sub\": [\"x${A}\", {\"A\": 1}]}",
            "!Sub ['x${A}', {A: 1}]",
            "sub x${A} 1",
        ),
        (
            "{\"Fn::GetAtt\": [\"A\", \"Arn\"]}",
            "!GetAtt [A, Arn]",
            "getatt [s\"A\" s\"Arn\"]",
        ),
        (
            "{\"Fn::Join\": [\"\", [\"a\", 1]]}",
            "!Join ['', [a, 1]]",
            "join \"\" 2",
        ),
        ("{\"Fn::If\": [\"C\", 1, 2]}", "!If [C, 1, 2]", "other If"),
        ("{\"a\": 1}", "a: 1", "none"),
    ];
    for (long, short, expected) in pairs {
        assert_eq!(show(long), expected);
        assert_eq!(show(short), expected);
    }
}

#[test]
fn json_comes_out_as_it_went_in() {
    use write::{Part, json};
    let text = r#"{"a":1.0,"b":[1,"x\n\u0001é"],"c":{"d":{},"e":null,"$ref":"old"},"a":2}"#;
    let printed = json(document(text).root(), &mut |keys, node| {
        (keys == ["c", "$ref"])
            .then(|| vec![Part::Literal(format!("\"{}", node.text())), Part::Hole(7)])
    });
    let before = "{\n  \"a\": 1.0,\n  \"b\": [1, \"x\\n\\u0001é\"],\n  \"c\": { \"d\": {}, \"e\": null, \"$ref\": \"\\\"old";
    let before = before.replace(
        "{ \"d\": {}, \"e\": null, ",
        "{\n    \"d\": {},\n    \"e\": null,\n    ",
    );
    let after = "\"\n  },\n  \"a\": 2\n}";
    assert_eq!(
        printed,
        [
            Part::Literal(before),
            Part::Hole(7),
            Part::Literal(after.into())
        ]
    );

    let yaml = "n: [0x1F, 1_000, .5, +3, 010, 1e3, .inf, on, 2012-10-17]";
    let expected = "{ \"n\": [31, 1000, 0.5, 3, 8, 1e3, \".inf\", true, \"2012-10-17\"] }";
    assert_eq!(
        json::<()>(document(yaml).root(), &mut |_, _| None),
        [Part::Literal(expected.into())]
    );
}
