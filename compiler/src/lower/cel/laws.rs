//! Conditions on the machine against CEL's own interpreter.

use std::sync::Arc;

use cel_interpreter::{Context, Env, Value, extensions};
use proptest::prelude::*;
use tollgate_runtime::{Event, Head, Header, Loaded, Outcome, Scratch, Session, Step, World};

use crate::{Options, Source, build, source::NoFiles};

/// What a condition comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    False,
    True,
    Error,
}

/// A request: what the conditions below read of it.
#[derive(Clone, Debug)]
struct Asked {
    path: &'static str,
    query: Option<&'static str>,
    header: Option<&'static str>,
    secure: bool,
    /// Seconds since 1970.
    now: u64,
}

fn asked() -> impl Strategy<Value = Asked> {
    let text = || {
        prop::option::of(prop::sample::select(vec![
            "a", "b", "ab", "ba", "a*b", "ä", "abc", "AB", "3", "-7", "2.5", "007",
        ]))
    };
    let path = prop::sample::select(vec!["/a", "/ab/a*b", "/ä"]);
    (path, text(), text(), any::<bool>()).prop_map(|(path, query, header, secure)| Asked {
        path,
        query,
        header,
        secure,
        now: 0,
    })
}

/// A text: of the request or known.
fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "request.path",
        "request.query.q",
        r#"request.headers["x-h"]"#,
        "request.method",
        "stage.name",
        r#""a""#,
        r#""ab""#,
        r#""a*b""#,
        r#""ä""#,
        r#""""#,
        r#"("/" + request.query.q)"#,
        r#"("/a" + request.headers["x-h"] + "*b")"#,
        r#"(request.secure ? request.path : "/a")"#,
        r#"("a" + (1 < 2 ? "b" : "c"))"#,
        r#"["a", request.query.q][0]"#,
        r#"{"k": "ab"}.k"#,
        r#"string(1 / 0)"#,
    ])
    .prop_map(str::to_owned)
}

fn condition() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![r#""a""#, r#""b""#, r#""a*b""#, r#""""#]);
    let leaf = prop_oneof![
        (
            text(),
            prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]),
            text()
        )
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (
            text(),
            prop::sample::select(vec!["startsWith", "endsWith", "contains"]),
            text()
        )
            .prop_map(|(a, f, b)| format!("{a}.{f}({b})")),
        (text(), prop::collection::vec(known.clone(), 1..4))
            .prop_map(|(a, list)| format!("{a} in [{}]", list.join(", "))),
        (text(), 0..4i64).prop_map(|(a, n)| format!("size({a}) >= {n}")),
        (
            prop::sample::select(vec!["int", "double"]),
            text(),
            prop::sample::select(vec!["==", "!=", "<", ">="]),
            -7..4i64
        )
            .prop_map(|(f, a, op, n)| format!("{f}({a}) {op} {f}({n})")),
        (
            text(),
            prop::sample::select(vec!["lowerAscii", "upperAscii"]),
            text()
        )
            .prop_map(|(a, f, b)| format!("{a}.{f}() == {b}")),
        (text(), text(), text()).prop_map(|(a, b, c)| format!("{a}.replace({b}, {c}) == {c}")),
        (text(), 0..4i64).prop_map(|(a, n)| format!(r#"{a}.split("a").size() > {n}"#)),
        (text(), 0..3i64, text()).prop_map(|(a, n, b)| format!("{a}.substring({n}) == {b}")),
        (text(), text(), -1..3i64).prop_map(|(a, b, n)| format!("{a}.indexOf({b}) <= {n}")),
        (text(), text(), -3..9i64)
            .prop_map(|(a, b, n)| format!("size({a}) * 2 - size({b}) >= {n} % 4")),
        (text(), text()).prop_map(|(a, b)| format!("double(size({a})) / 2.0 < double({b}) + 1.5")),
        (text(), text(), text())
            .prop_map(|(a, b, c)| format!("[{a}, {b}].map(x, x + {c}).exists(x, x == {a})")),
        (text(), text(), 0..3i64)
            .prop_map(|(a, b, n)| format!("[{a}, {b}].filter(x, x.contains({b})).size() == {n}")),
        (text(), text(), text())
            .prop_map(|(a, b, c)| format!("({a}.lowerAscii() + {b}.trim()).contains({c})")),
        Just("request.secure".to_owned()),
        Just(
            r#"["a", "b"].map(x, x + request.query.q).exists(x, request.path.endsWith(x))"#
                .to_owned()
        ),
        Just(r#"request.query.q in ["a", "b"] + [request.path]"#.to_owned()),
        Just(r#"request.path in {"/a": 1, "/ab": 2}"#.to_owned()),
        (
            prop::sample::select(vec!["all", "exists", "exists_one"]),
            prop::collection::vec(known, 1..4),
            text()
        )
            .prop_map(|(m, list, t)| format!(
                "[{}].{m}(x, {t}.contains(x) || x == {t})",
                list.join(", ")
            )),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) == ({b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
        ]
    })
}

/// The bundle of an API whose policy has the condition; `None`: it is refused by name.
fn built(effect: &str, condition: &str) -> Option<Vec<u8>> {
    let text = format!(
        "rest api A {{\n  policy {{ {effect} {{ {condition} }} }}\n  ANY /{{p+}} {{ integrate mock, respond 200 }}\n}}\nstage s of A {{}}\n"
    );
    let built = build(
        vec![Source::new("a.gate", text)],
        &NoFiles,
        &Options::default(),
    );
    if built.bundle.is_none() {
        let known = |code: String| ["TG0804", "TG0803", "TG0815"].contains(&code.as_str());
        assert!(
            built
                .diagnostics
                .iter()
                .any(|d| known(d.code().to_string())),
            "{condition}: {:?}",
            built.diagnostics
        );
    }
    built.bundle
}

/// The status of the answer.
fn status(bundle: &[u8], asked: &Asked) -> u16 {
    let loaded = Loaded::verify(bundle).unwrap();
    let view = loaded.view();
    let query = asked.query.map(|q| {
        let encoded: String = q.bytes().map(|b| format!("%{b:02x}")).collect();
        format!("?q={encoded}")
    });
    let target = format!("/s{}{}", asked.path, query.unwrap_or_default());
    let headers: Vec<Header<'_>> = asked
        .header
        .iter()
        .map(|h| Header {
            name: b"X-H",
            value: h.as_bytes(),
        })
        .collect();
    let head = Head {
        headers: &headers,
        secure: asked.secure,
        ..Head::plain(b"GET", target.as_bytes())
    };
    let world = World {
        body: Some(&[]),
        now_ms: asked.now * 1000,
        ..World::plain(view, head)
    };
    let site = view.stage(b"A", b"s").unwrap().mapped(2);
    let mut session = Session::begin(site);
    let mut scratch = Scratch::new(1 << 20);
    match session.advance(&world, &mut scratch, Outcome::Begin(Event::Http)) {
        Step::Respond(response) => response.status,
        other => panic!("{other:?}"),
    }
}

fn on_the_machine(condition: &str, asked: &Asked) -> Option<Truth> {
    let allows = status(&built("allow anyone to invoke * when", condition)?, asked) != 403;
    let denies = built(
        "allow anyone to invoke *\n deny anyone to invoke * when",
        condition,
    )?;
    // An error lets no allowance hold, and every denial.
    Some(match (allows, status(&denies, asked) == 403) {
        (true, true) => Truth::True,
        (false, true) => Truth::Error,
        (false, false) => Truth::False,
        (true, false) => panic!("{condition} both holds and does not for {asked:?}"),
    })
}

fn by_the_interpreter(condition: &str, asked: &Asked) -> Truth {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings).unwrap();
    let program = env.compile(condition).unwrap();
    let mut context = Context::with_env(Arc::new(env));
    let or_null = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let map = |entries: Vec<(&str, Value)>| -> std::collections::HashMap<String, Value> {
        entries
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    };
    let request = map(vec![
        ("path", Value::from(asked.path)),
        ("method", Value::from("GET")),
        ("secure", Value::from(asked.secure)),
        ("query", Value::from(map(vec![("q", or_null(asked.query))]))),
        (
            "headers",
            Value::from(map(vec![("x-h", or_null(asked.header))])),
        ),
    ]);
    context.add_variable_from_value("request", request);
    context.add_variable_from_value("stage", map(vec![("name", Value::from("s"))]));
    match program.execute(&context) {
        Ok(Value::Bool(true)) => Truth::True,
        Ok(Value::Bool(false)) => Truth::False,
        _ => Truth::Error,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// What the interpreter decides, the machine decides alike; what it cannot, only connectives decide.
    #[test]
    fn the_machine_and_the_interpreter_agree(condition in condition(), asked in asked()) {
        let Some(own) = on_the_machine(&condition, &asked) else { return Ok(()) };
        let other = by_the_interpreter(&condition, &asked);
        let connected = ["&&", "||", "?", "all(", "exists"].iter().any(|c| condition.contains(c));
        if other != Truth::Error || !connected {
            prop_assert_eq!(own, other, "{} for {:?}", condition, asked);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// A clock that is read at a request shows what the same clock shows of a moment that is known.
    #[test]
    fn clocks_show_what_is_evaluated(
        now in 200_000..4_102_444_800_u64,
        getter in prop::sample::select(vec![
            "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getHours", "getMinutes",
            "getSeconds",
        ]),
        zone in prop::sample::select(vec!["", r#""UTC""#, r#""+05:45""#, r#""-09:30""#]),
        ahead in prop::sample::select(vec!["0s", "36h", "-90m"]),
    ) {
        let known = format!(r#"(timestamp({now}) + duration("{ahead}")).{getter}({zone})"#);
        let known = crate::cel::expression(&known, crate::cel::Host::default()).unwrap();
        let Ok(crate::cel::Constant::Int(known)) = crate::cel::evaluate(&known, &[]) else {
            panic!("a clock shows a number");
        };
        let asked = Asked { path: "/a", query: None, header: None, secure: false, now };
        let read = format!(r#"(now + duration("{ahead}")).{getter}({zone})"#);
        for (operator, expected) in [("==", Truth::True), ("<", Truth::False), (">=", Truth::True)] {
            let condition = format!("{read} {operator} {known}");
            prop_assert_eq!(on_the_machine(&condition, &asked), Some(expected), "{} at {}", condition, now);
        }
    }
}
