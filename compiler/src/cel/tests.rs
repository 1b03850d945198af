//! What conditions are accepted, as what, and what is said of the others.

use tollgate_model::condition::{Expr, ExprKind, Type};

use super::*;

fn known(name: &str) -> Option<Constant> {
    match name {
        "env" => Some(Constant::Text("dev".to_owned())),
        "size" => Some(Constant::Int(3)),
        _ => None,
    }
}

/// An expression as nested words.
fn show(expression: &Expr) -> String {
    let all = |expressions: &[Expr]| expressions.iter().map(show).collect::<Vec<_>>().join(" ");
    match &expression.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Uint(value) => format!("{value}u"),
        ExprKind::Double(value) => format!("{value:?}"),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Bytes(bytes) => format!("b{bytes:?}"),
        ExprKind::List(elements) => format!("[{}]", all(elements)),
        ExprKind::Map(_) => "{}".to_owned(),
        ExprKind::Maybe(inner) => format!("(? {})", show(inner)),
        ExprKind::TypeName(name) | ExprKind::Field(name) => name.clone(),
        ExprKind::Local(name) => format!("${name}"),
        ExprKind::Member(operand, name) => format!("(. {} {name})", show(operand)),
        ExprKind::Index(operand, index) => format!("(at {} {})", show(operand), show(index)),
        ExprKind::Has(operand, name) => format!("(has {} {name})", show(operand)),
        ExprKind::Call(name, operands) => format!("({name} {})", all(operands)),
        ExprKind::Let(name, value, body) => format!("(let {name} {} {})", show(value), show(body)),
        ExprKind::Comprehension(walk) => format!(
            "({:?} {} {} {})",
            walk.which,
            show(&walk.range),
            walk.variable,
            show(&walk.body)
        ),
    }
}

fn read(text: &str) -> Result<Expr, Fault> {
    parse(text, &Scope::Request(&known))
}

#[test]
fn conditions_are_resolved() {
    for (text, expected) in [
        (
            r#"source.ip in cidr("10.0.0.0/8", "2001:db8::/32")"#,
            r#"(in source.ip (cidr "10.0.0.0/8" "2001:db8::/32"))"#,
        ),
        (r#"source.vpce == "vpce-1""#, r#"(== source.vpce "vpce-1")"#),
        (r#"source.vpce != null"#, "(!= source.vpce null)"),
        (
            r#"request.headers["user-agent"].contains("sqlmap")"#,
            r#"(contains (. request.headers user-agent) "sqlmap")"#,
        ),
        (
            r#"request.headers.host == "a" || !(1 < 2)"#,
            r#"(|| (== (. request.headers host) "a") (! (< 1 2)))"#,
        ),
        (
            r#"now < timestamp("2027-01-01T00:00:00Z") + duration("1h")"#,
            r#"(< now (+ (timestamp "2027-01-01T00:00:00Z") (duration "1h")))"#,
        ),
        (
            r#"principal.account in ["1", "2"]"#,
            r#"(in principal.account ["1" "2"])"#,
        ),
        (
            r#"has(claims.scope) && claims.scope == "a""#,
            r#"(&& (has claims scope) (== (. claims scope) "a"))"#,
        ),
        (
            r#"claims.groups.exists(g, g == "admin")"#,
            r#"(Exists (. claims groups) g (== $g "admin"))"#,
        ),
        (
            r#"["a", "b"].all(x, x in request.query)"#,
            r#"(All ["a" "b"] x (in $x request.query))"#,
        ),
        (
            r#"param.env == "dev" && stage.name == "x""#,
            r#"(&& (== "dev" "dev") (== stage.name "x"))"#,
        ),
        (
            "request.secure ? true : false",
            "(?: request.secure true false)",
        ),
    ] {
        match read(text) {
            Ok(expression) => {
                assert_eq!(show(&expression), expected, "{text}");
                assert_eq!(expression.ty, Type::Bool, "{text}");
            }
            Err(fault) => panic!("{text}: {fault:?}"),
        }
    }
}

#[test]
fn faults_stand_at_their_place() {
    for (text, kind, at) in [
        (
            "sourc.ip == null",
            FaultKind::Unknown("sourc".into(), Some("source".into())),
            "sourc",
        ),
        (
            "source.ipp == null",
            FaultKind::Unknown("source.ipp".into(), Some("source.ip".into())),
            "source.ipp",
        ),
        (
            "1 == \"a\"",
            FaultKind::Type("a number and text are never equal".into()),
            "1 == \"a\"",
        ),
        (
            "request.method",
            FaultKind::Type("a condition is true or false, this is text".into()),
            "request.method",
        ),
        (
            "source.ip in cidr(\"10.0.0.0/99\")",
            FaultKind::Literal("`10.0.0.0/99` is no address range".into()),
            "\"10.0.0.0/99\"",
        ),
        (
            "1 + \"a\" == 2",
            FaultKind::Type("`+` does not take a number and text".into()),
            "1 + \"a\"",
        ),
        (
            "type(pets.Cat{}) == int",
            FaultKind::Unsupported("a message literal".into()),
            "{",
        ),
        (
            "request.path.startWith(\"/a\")",
            FaultKind::Unknown("startWith".into(), Some("startsWith".into())),
            "request.path.startWith(\"/a\")",
        ),
        (
            "source == null",
            FaultKind::Type("`source` alone is no value: read one of its fields".into()),
            "source",
        ),
    ] {
        let fault = read(text).expect_err(text);
        assert_eq!(fault.kind, kind, "{text}");
        let written = &text[fault.at.0 as usize..fault.at.1 as usize];
        assert_eq!(written, at, "{text}");
    }
}

#[test]
fn text_that_is_no_cel_is_refused_with_a_place() {
    for text in [
        "",
        "a &&",
        "a b",
        "(",
        "\"",
        "😀",
        "a.b.😀 == 1",
        "1 ==== 2",
        "{",
        "[1,,2]",
    ] {
        let fault = read(text).expect_err(text);
        assert!(
            matches!(fault.kind, FaultKind::Syntax(_)),
            "{text}: {fault:?}"
        );
        assert!(
            text.get(fault.at.0 as usize..fault.at.1 as usize).is_some(),
            "{text}: {fault:?}"
        );
    }
}

#[test]
fn no_text_exhausts_the_stack() {
    for (open, middle, close) in [
        ("(", "true", ")"),
        ("[", "1", "]"),
        ("!", "true", ""),
        ("-", "1", ""),
        ("true ? true : ", "true", ""),
        ("", "1", " + 1"),
        ("", "1", " == 1"),
        ("", "a", ".b"),
        ("", "a", "[0]"),
        ("", "a", ".b()"),
        ("[1].all(x, ", "true", ")"),
        ("", "true", " && true"),
        ("{1: ", "1", "}"),
        ("[", "1", "].map(x, x)[0]"),
        ("cel.bind(x, 1, ", "x", ")"),
        ("[?", "a", "]"),
    ] {
        for count in [40, 200, 1000] {
            let text = format!("{}{middle}{}", open.repeat(count), close.repeat(count));
            let _ = read(&text);
            let host = Host {
                is_checked: false,
                ..Host::default()
            };
            if let Ok(expression) = expression(&text, host) {
                let _ = evaluate(&expression, &[]);
            }
        }
    }
    // What opens like a string and is none hides no bracket.
    for open in ["'", "\"", "`", "'\n", "`'`", "r'\\", "// '\n", "''"] {
        let text = format!("{open}{}", "(".repeat(1000));
        let _ = read(&text);
    }
    // Long is not deep.
    let ranges: Vec<String> = (0..200).map(|at| format!("\"10.{at}.0.0/16\"")).collect();
    read(&format!("source.ip in cidr({})", ranges.join(", "))).unwrap();
    let many = vec!["request.method == \"GET\""; 200].join(" || ");
    read(&many).unwrap();
}

#[test]
fn choices_are_decided_by_parameters() {
    let decide = |text: &str| constant(&parse(text, &Scope::Params(&known)).ok()?);
    for (text, expected) in [
        ("param.env == \"dev\"", Some(true)),
        ("param.env in [\"a\", \"b\"]", Some(false)),
        (
            "param.size >= 3 && !(param.env.startsWith(\"prod\"))",
            Some(true),
        ),
        ("param.env.matches(\"^d.v$\") ? false : true", Some(false)),
        ("param.other == \"x\"", None),
        ("source.vpce == \"x\"", None),
    ] {
        assert_eq!(decide(text), expected.map(Constant::Bool), "{text}");
    }
}

#[test]
fn what_is_known_is_reckoned() {
    let of = |text: &str| constant(&expression(text, Host::default()).expect(text));
    for (text, value) in [
        ("7 / 2 * 2 + 7 % 2", Constant::Int(7)),
        ("-(3 - 5)", Constant::Int(2)),
        ("1u + 2u", Constant::Uint(3)),
        ("1.5 * 2.0 - 0.5", Constant::Double(2.5)),
        ("false < true && !(true <= false)", Constant::Bool(true)),
        ("\"a\" + \"b\"", Constant::Text("ab".into())),
        ("[1] + [2] == [1u, 2.0]", Constant::Bool(true)),
    ] {
        assert_eq!(of(text), Some(value), "{text}");
    }
    for text in ["9223372036854775807 + 1", "1 / 0", "1u - 2u", "5 % 0"] {
        assert_eq!(of(text), None, "{text}");
    }
    for text in ["1 + 1u", "1.5 % 1.0", "1 * \"a\"", "-1u"] {
        let refusal = expression(text, Host::default()).expect_err(text);
        assert!(!refusal.is_unsupported, "{text}: {refusal:?}");
    }
}

#[test]
fn evaluation_is_bounded() {
    for text in [
        "lists.range(1000000).map(x, lists.range(1000000)).size()",
        "lists.range(5000).map(a, lists.range(5000).exists(b, a + b < 0)).size()",
        "cel.bind(a, lists.range(1000).map(x, 'aaaaaaaaaaaaaaaa').join(), a.replace('', a)).size()",
        "cel.bind(a, [1, 1, 1, 1], cel.bind(b, [a, a, a, a], cel.bind(c, [b, b, b, b, b], [c, c, c, c])))\
         .map(x, x.map(y, y.map(z, z.map(w, lists.range(100000))))).size()",
        "'%.999999f'.format([1.0])",
        "lists.range(100000).distinct().size()",
        "lists.range(9223372036854775807).size()",
    ] {
        let expression = expression(text, Host::default()).expect(text);
        let found = evaluate(&expression, &[]);
        assert!(matches!(found, Err(Failure::Error(_))), "{text}: {found:?}");
    }
}

#[test]
fn what_fails_is_told_from_what_a_request_decides() {
    let of = |text: &str| {
        let expression = read(text).expect(text);
        match evaluate(&expression, &[]) {
            Ok(Constant::Bool(value)) => value.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(Failure::Request) => "request".to_owned(),
            Err(Failure::Error(_)) => "error".to_owned(),
        }
    };
    for (text, expected) in [
        ("request.secure && 1 > 2", "false"),
        ("request.secure || 1 < 2", "true"),
        ("1 / 0 == 1 || request.secure", "request"),
        ("1 / 0 == 1 && 1 < 2", "error"),
        ("request.path == string(1 / 0)", "error"),
        ("[1, 2].exists(x, x == 2 || request.secure)", "true"),
        ("[1, 2].all(x, request.secure)", "request"),
        ("request.secure ? 1 < 2 : 1 < 2", "request"),
        ("cel.bind(x, 1 / 0, 1 < 2)", "true"),
    ] {
        assert_eq!(of(text), expected, "{text}");
    }
}

#[test]
fn clocks_follow_their_zones() {
    let alone = |text: &str| {
        let expression = expression(text, Host::default()).expect(text);
        evaluate(&expression, &[])
    };
    for (zone, at, minutes) in [
        ("UTC", 0, 0),
        ("America/New_York", 1_700_000_000, -300),
        ("America/New_York", 1_690_000_000, -240),
        // Beyond the table of the zone's file.
        ("America/New_York", 4_100_000_000, -300),
        ("Europe/Berlin", 4_118_000_000, 120),
        ("Australia/Sydney", 1_234_567_890, 660),
        ("Asia/Kathmandu", 1_234_567_890, 345),
        ("+02:30", 0, 150),
        ("-9:30", 0, -570),
    ] {
        let shown = format!(
            "timestamp({at}).getHours({zone:?}) * 60 + timestamp({at}).getMinutes({zone:?})"
        );
        let expected = i64::rem_euclid(at / 60 + minutes, 1440);
        assert_eq!(alone(&shown), Ok(Constant::Int(expected)), "{zone} {at}");
    }
    for zone in ["Nowhere/At_All", "+24:00", "+1:60", "", "2"] {
        let shown = format!("timestamp(0).getHours({zone:?})");
        assert!(matches!(alone(&shown), Err(Failure::Error(_))), "{zone}");
    }
}

#[test]
fn code_is_printed_as_what_it_says() {
    for (text, expected, reads) in [
        (
            r#"request.headers.exists(h, h.startsWith("x-")) ? claims.a.b == [1, 2u] : now > timestamp(0)"#,
            r#"(request.headers.exists(v0, v0.startsWith("x-")) ? (claims["a"]["b"] == [1, 2u]) : (now > timestamp("1970-01-01T00:00:00Z")))"#,
            &[r#"claims["a"]"#, "now", "request.headers"][..],
        ),
        (
            r#"!has(request.query.a) || size(request.query[request.method]) + 2 * 3 in {7: true}"#,
            r#"(!(request.query["a"] != null) || ((size(request.query[request.method]) + 6) in {7: true}))"#,
            &["request.method", "request.query", r#"request.query["a"]"#],
        ),
        (
            r#"cel.bind(p, request.path.split("/"), p.transformList(i, x, x + string(i)).join("-") == "") && claims.?a.orValue(dyn(-1.5)) != null"#,
            r#"(cel.bind(v0, request.path.split("/"), (v0.transformList(v1, v2, (v2 + string(v1))).join("-") == "")) && (claims[?"a"].orValue(-1.5) != null))"#,
            &["claims", "request.path"],
        ),
        (
            r#"source.ip in cidr("10.0.0.0/8", request.path) && cidr("10.0.0.0/8").containsIP(ip(request.path))"#,
            r#"(source.ip in cidr("10.0.0.0/8", request.path) && cidr("10.0.0.0/8").containsIP(ip(request.path)))"#,
            &["request.path", "source.ip"],
        ),
    ] {
        let expression = read(text).expect(text);
        let code = carried(&expression, &mut 1_000_000).expect(text);
        let listing = tollgate_runtime::cel::listing(&code);
        assert_eq!(listing.text, expected);
        assert_eq!(Vec::from_iter(&listing.reads), reads, "{text}");
    }
}
