//! Expressions of CEL that are well typed and read nothing: what evaluates them when a program is built, the
//! specification, and CEL's own interpreter agree.

use std::sync::Arc;

use cel_interpreter::{Context, Env, Value, extensions, objects::Key};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value as Json, json};
use tollgate_conformance::subjects::{Bundle, Reference};
use tollgate_conformance::{CelInput, CelOutput, Engines};

/// How deep expressions nest.
const DEPTH: u32 = 3;

fn one(list: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(list).prop_map(str::to_owned).boxed()
}

fn two(
    left: BoxedStrategy<String>,
    operators: &'static [&'static str],
    right: BoxedStrategy<String>,
) -> BoxedStrategy<String> {
    (left, prop::sample::select(operators), right)
        .prop_map(|(left, operator, right)| format!("({left} {operator} {right})"))
        .boxed()
}

fn choice(truth: BoxedStrategy<String>, of: BoxedStrategy<String>) -> BoxedStrategy<String> {
    (truth, of.clone(), of)
        .prop_map(|(c, a, b)| format!("({c} ? {a} : {b})"))
        .boxed()
}

/// `f(x)` for one of some forms, in which `_` stands for what is generated.
fn formed(forms: &'static [&'static str], inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    (prop::sample::select(forms), inner)
        .prop_map(|(form, inner)| form.replace('_', &inner))
        .boxed()
}

fn int(depth: u32) -> BoxedStrategy<String> {
    let known = one(&[
        "0",
        "1",
        "-1",
        "2",
        "7",
        "10",
        "(-9223372036854775808)",
        "9223372036854775807",
        "x",
    ]);
    if depth == 0 {
        return known;
    }
    let inner = || int(depth - 1);
    prop_oneof![
        known,
        two(inner(), &["+", "-", "*", "/", "%"], inner()),
        inner().prop_map(|a| format!("(-{a})")),
        formed(
            &["size(_)", "int(_)", "_.indexOf('a')", "_.lastIndexOf('b')"],
            text(depth - 1)
        ),
        formed(
            &["size(_)", "_[0]", "math.greatest([0] + _)"],
            list(depth - 1)
        ),
        formed(&["int(_)", "math.sign(int(_))"], double(depth - 1)),
        formed(&["int(_)"], uint(depth - 1)),
        formed(
            &[
                "math.abs(_)",
                "math.bitNot(_)",
                "dyn(_)",
                "{'a': _}.a",
                "{1: _}[1]"
            ],
            inner()
        ),
        (inner(), inner()).prop_map(|(a, b)| format!("math.bitAnd({a}, {b})")),
        choice(bool(depth - 1), inner()),
    ]
    .boxed()
}

fn uint(depth: u32) -> BoxedStrategy<String> {
    let known = one(&["0u", "1u", "3u", "18446744073709551615u"]);
    if depth == 0 {
        return known;
    }
    prop_oneof![
        known,
        two(uint(depth - 1), &["+", "-", "*", "/", "%"], uint(depth - 1)),
        formed(&["uint(_)"], int(depth - 1)),
    ]
    .boxed()
}

fn double(depth: u32) -> BoxedStrategy<String> {
    let known = one(&["0.0", "-0.0", "1.5", "-2.5", "1e300", "9007199254740993.0"]);
    if depth == 0 {
        return known;
    }
    prop_oneof![
        known,
        two(double(depth - 1), &["+", "-", "*", "/"], double(depth - 1)),
        formed(&["double(_)"], int(depth - 1)),
        formed(
            &[
                "math.round(_)",
                "math.floor(_)",
                "math.ceil(_)",
                "math.trunc(_)"
            ],
            double(depth - 1)
        ),
    ]
    .boxed()
}

fn text(depth: u32) -> BoxedStrategy<String> {
    let known = one(&[
        "''", "'a'", "'ab'", "'bäb'", "'A b'", "'12'", "'-3'", "'%s|%d'",
    ]);
    if depth == 0 {
        return known;
    }
    let inner = || text(depth - 1);
    prop_oneof![
        known,
        two(inner(), &["+"], inner()),
        formed(
            &["string(_)", "'<%s>'.format([_])", "'%x'.format([_])"],
            int(depth - 1)
        ),
        formed(&["string(_)"], bool(depth - 1)),
        formed(
            &[
                "_.lowerAscii()",
                "_.upperAscii()",
                "_.trim()",
                "_.reverse()",
                "strings.quote(_)",
                "_.split('b').join('-')",
                "_.charAt(1)"
            ],
            inner(),
        ),
        (inner(), int(depth - 1)).prop_map(|(a, n)| format!("{a}.substring({n})")),
        (inner(), inner(), inner()).prop_map(|(a, b, c)| format!("{a}.replace({b}, {c})")),
        choice(bool(depth - 1), inner()),
    ]
    .boxed()
}

fn list(depth: u32) -> BoxedStrategy<String> {
    let known = one(&["[]", "[1]", "[3, 1, 2]", "[1, 1]"]);
    if depth == 0 {
        return known;
    }
    let inner = || list(depth - 1);
    prop_oneof![
        known,
        prop::collection::vec(int(depth - 1), 0..4)
            .prop_map(|items| format!("[{}]", items.join(", "))),
        two(inner(), &["+"], inner()),
        formed(
            &[
                "_.sort()",
                "_.distinct()",
                "_.reverse()",
                "[_, [4]].flatten()"
            ],
            inner()
        ),
        (inner(), bool(depth - 1)).prop_map(|(l, p)| format!("{l}.filter(x, {p})")),
        (inner(), int(depth - 1)).prop_map(|(l, e)| format!("{l}.map(x, {e})")),
        (inner(), bool(depth - 1), int(depth - 1))
            .prop_map(|(l, p, e)| format!("{l}.map(x, {p}, {e})")),
        (inner(), int(depth - 1), int(depth - 1))
            .prop_map(|(l, a, b)| format!("{l}.slice({a}, {b})")),
    ]
    .boxed()
}

fn bool(depth: u32) -> BoxedStrategy<String> {
    let known = one(&["true", "false"]);
    if depth == 0 {
        return known;
    }
    let inner = || bool(depth - 1);
    const ORDER: &[&str] = &["==", "!=", "<", "<=", ">", ">="];
    prop_oneof![
        known,
        two(inner(), &["&&", "||", "==", "!=", "<"], inner()),
        inner().prop_map(|a| format!("(!{a})")),
        two(int(depth - 1), ORDER, int(depth - 1)),
        two(
            formed(&["dyn(_)"], int(depth - 1)),
            ORDER,
            double(depth - 1)
        ),
        two(uint(depth - 1), ORDER, formed(&["dyn(_)"], int(depth - 1))),
        two(text(depth - 1), ORDER, text(depth - 1)),
        two(list(depth - 1), &["==", "!="], list(depth - 1)),
        two(int(depth - 1), &["in"], list(depth - 1)),
        two(
            formed(&["dyn(_)"], text(depth - 1)),
            &["==", "!="],
            int(depth - 1)
        ),
        (
            text(depth - 1),
            one(&["startsWith", "endsWith", "contains"]),
            text(depth - 1)
        )
            .prop_map(|(a, f, b)| format!("{a}.{f}({b})")),
        (
            list(depth - 1),
            one(&["all", "exists", "exists_one"]),
            inner()
        )
            .prop_map(|(l, m, p)| format!("{l}.{m}(x, {p})")),
        formed(
            &[
                "has({'a': _}.a)",
                "('a' in {'a': _})",
                "([?optional.of(_)] == [1])",
                "optional.of(_).hasValue()",
                "({'a': _}.?b.orValue(2) == 2)"
            ],
            int(depth - 1)
        ),
        choice(inner(), inner()),
    ]
    .boxed()
}

fn duration(depth: u32) -> BoxedStrategy<String> {
    let known = one(&[
        "duration('90s')",
        "duration('-1h30m')",
        "duration('1.5ms')",
        "duration('315576000000s')",
    ]);
    match depth {
        0 => known,
        _ => prop_oneof![
            known,
            two(duration(depth - 1), &["+", "-"], duration(depth - 1)),
            two(moment(depth - 1), &["-"], moment(depth - 1)),
        ]
        .boxed(),
    }
}

fn moment(depth: u32) -> BoxedStrategy<String> {
    let known = one(&[
        "timestamp('2026-11-23T10:00:00.25Z')",
        "timestamp('0001-01-01T00:00:00Z')",
        "timestamp('9999-12-30T23:59:59.999999999Z')",
        "timestamp('2024-02-29T23:30:00-02:30')",
        "timestamp(0)",
        "timestamp(-1)",
        "timestamp(1700000000)",
        "timestamp(4102444800)",
    ]);
    match depth {
        0 => known,
        _ => prop_oneof![
            known,
            two(moment(depth - 1), &["+", "-"], duration(depth - 1))
        ]
        .boxed(),
    }
}

/// What clocks and calendars say.
fn times() -> BoxedStrategy<String> {
    let getter = one(&[
        "getFullYear",
        "getMonth",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getHours",
        "getMinutes",
        "getSeconds",
        "getMilliseconds",
    ]);
    let zone = one(&[
        "",
        "'UTC'",
        "'Europe/Berlin'",
        "'America/New_York'",
        "'Australia/Sydney'",
        "'-09:30'",
        "'Asia/Kathmandu'",
        "'America/Sao_Paulo'",
        "'Africa/Casablanca'",
        "'Nowhere/Else'",
    ]);
    prop_oneof![
        (moment(1), getter, zone).prop_map(|(t, g, z)| format!("{t}.{g}({z})")),
        (
            duration(1),
            one(&["getHours", "getMinutes", "getSeconds", "getMilliseconds"])
        )
            .prop_map(|(d, g)| format!("{d}.{g}()")),
        formed(
            &["string(_)", "int(_)", "(timestamp(string(_)) == _)"],
            moment(1)
        ),
        formed(&["string(_)", "(duration(string(_)) == _)"], duration(1)),
        two(moment(1), &["==", "<", ">="], moment(1)),
        two(duration(1), &["==", "<", ">="], duration(1)),
    ]
    .boxed()
}

/// Entries of maps in one order.
fn ordered(value: Json) -> Json {
    match value {
        Json::Object(members) => members
            .into_iter()
            .map(|(tag, inner)| {
                let inner = match ordered(inner) {
                    Json::Array(mut items) if tag == "map" => {
                        items.sort_by_key(Json::to_string);
                        Json::Array(items)
                    }
                    inner => inner,
                };
                (tag, inner)
            })
            .collect(),
        Json::Array(items) => items.into_iter().map(ordered).collect(),
        other => other,
    }
}

/// A value, or none where the expression fails.
fn told(output: CelOutput) -> Option<Json> {
    match output {
        CelOutput::Value(value) => Some(ordered(value)),
        CelOutput::Error(_) => None,
    }
}

/// What the interpreter says; `Err`: a value that is not compared.
fn interpreted(expression: &str) -> Result<Option<Json>, ()> {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings).unwrap();
    env.add_extension(extensions::math).unwrap();
    env.add_extension(extensions::lists).unwrap();
    let program = env
        .compile(expression)
        .unwrap_or_else(|why| panic!("{expression}: {why}"));
    let mut context = Context::with_env(Arc::new(env));
    context.add_variable_from_value("x", 5_i64);
    match program.execute(&context) {
        Ok(value) => tagged(&value).map(|value| Some(ordered(value))),
        Err(_) => Ok(None),
    }
}

fn tagged(value: &Value) -> Result<Json, ()> {
    Ok(match value {
        Value::Null => json!({"null": null}),
        Value::Bool(value) => json!({"bool": value}),
        Value::Int(value) => json!({"int": value.to_string()}),
        Value::UInt(value) => json!({"uint": value.to_string()}),
        Value::Float(value) if value.is_nan() => json!({"double": "NaN"}),
        Value::Float(value) if value.is_infinite() && *value > 0.0 => json!({"double": "Infinity"}),
        Value::Float(value) if value.is_infinite() => json!({"double": "-Infinity"}),
        Value::Float(value) => json!({"double": format!("{value:?}")}),
        Value::String(text) => json!({"string": text.as_str()}),
        Value::List(items) => {
            json!({"list": items.iter().map(tagged).collect::<Result<Vec<_>, ()>>()?})
        }
        Value::Map(map) => {
            let mut pairs = Vec::new();
            for (key, value) in map.map.iter() {
                let key = match key {
                    Key::Int(key) => json!({"int": key.to_string()}),
                    Key::Uint(key) => json!({"uint": key.to_string()}),
                    Key::Bool(key) => json!({"bool": key}),
                    Key::String(key) => json!({"string": key.as_str()}),
                };
                pairs.push(json!([key, tagged(value)?]));
            }
            json!({"map": pairs})
        }
        _ => return Err(()),
    })
}

/// What the product and the specification say, the same.
fn agreed(expression: &str) -> Result<Option<Json>, TestCaseError> {
    let input = CelInput {
        expression: expression.to_owned(),
        bound: vec![("x".to_owned(), json!({"int": "5"}))],
        ..CelInput::default()
    };
    let mut answers = [None, None];
    let bundle = Bundle::default().cel(&input);
    let reference = Reference::default().cel(&input);
    for (place, output) in answers.iter_mut().zip([bundle, reference]) {
        let output = output.map_err(|missing| TestCaseError::fail(missing.0))?;
        *place = told(output);
    }
    let [own, other] = answers;
    prop_assert_eq!(&own, &other, "{}", expression);
    Ok(own)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        // The same on every run.
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn three_evaluators_agree(
        expression in prop_oneof![int(DEPTH), bool(DEPTH), text(DEPTH), list(DEPTH), double(DEPTH)],
    ) {
        let own = agreed(&expression)?;
        if let Ok(other) = interpreted(&expression) {
            prop_assert_eq!(own, other, "{}", expression);
        }
    }

    /// The interpreter is built without its calendar.
    #[test]
    fn two_calendars_agree(expression in times()) {
        agreed(&expression)?;
    }
}
