//! Models, and bodies that mostly do not fit them.

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Map, Value as Json, json};

/// Names that Java sorts in another way than by bytes, and that have to be escaped.
const NAMES: [&str; 12] = [
    "a", "b", "zeta", "b1", "aa", "Q", "é", "😀", "ｚ", "q\"x", "A", "a b",
];

/// Values as they are written: numbers keep no more of it than is told.
const SCALARS: [&str; 20] = [
    "1",
    "0",
    "-3",
    "2.50",
    "1.0",
    "7",
    "1e2",
    "12.5e-9",
    "120.0",
    "-0.0",
    "12345678901234567890123",
    "\"a\"",
    "\"a\\\"b\"",
    "\"\\u0001é\\u001f/\"",
    "\"😀😀😀\"",
    "\"abcdef\"",
    "\"\"",
    "null",
    "true",
    "\"12\"",
];

/// A model with the text of a body.
pub fn bodies() -> impl Strategy<Value = (Json, String)> {
    let member = (name(), value(2));
    let object = proptest::collection::vec(member, 0..=6).prop_map(object);
    (schema(3), prop_oneof![3 => object, 2 => value(3)])
}

fn name() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&NAMES[..])
}

fn names(most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(NAMES.to_vec(), 1..=most).prop_shuffle()
}

/// A name comes once: which of two counts is another question.
fn object(members: Vec<(&'static str, String)>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for (name, value) in members {
        if !seen.contains(&name) {
            seen.push(name);
            told.push(format!("{}: {value}", Json::from(name)));
        }
    }
    format!("{{{}}}", told.join(", "))
}

fn value(depth: u32) -> impl Strategy<Value = String> {
    let scalar = proptest::sample::select(&SCALARS[..]).prop_map(str::to_owned);
    scalar.prop_recursive(depth, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            proptest::collection::vec((name(), inner), 0..4).prop_map(object),
        ]
    })
}

fn limit() -> impl Strategy<Value = Json> {
    proptest::sample::select(vec![
        json!(1),
        json!(5),
        json!(0),
        json!(2.5),
        json!(100.0),
        json!(-1),
        json!(0.5),
    ])
}

fn read(values: Vec<String>) -> Json {
    let mut read: Vec<Json> = Vec::new();
    for value in values {
        if let Ok(value) = serde_json::from_str(&value)
            && !read.contains(&value)
        {
            read.push(value);
        }
    }
    Json::Array(read)
}

/// Some keywords that stand for themselves.
fn plain() -> impl Strategy<Value = Map<String, Json>> {
    let types = [
        "null", "boolean", "object", "array", "string", "number", "integer",
    ];
    let one = prop_oneof![
        3 => subsequence(types.to_vec(), 1..=3).prop_map(|types| match types[..] {
            [one] => json!({"type": one}),
            _ => json!({"type": types}),
        }),
        2 => proptest::collection::vec(value(1), 1..3).prop_map(|values| json!({"enum": read(values)})),
        2 => (limit(), any::<bool>())
            .prop_map(|(limit, strict)| json!({"minimum": limit, "exclusiveMinimum": strict})),
        2 => (limit(), any::<bool>())
            .prop_map(|(limit, strict)| json!({"maximum": limit, "exclusiveMaximum": strict})),
        1 => proptest::sample::select(vec![json!(2), json!(0.5), json!(7.0)])
            .prop_map(|unit| json!({"multipleOf": unit})),
        1 => (0..4u8).prop_map(|n| json!({"minLength": n})),
        1 => (0..4u8).prop_map(|n| json!({"maxLength": n})),
        1 => proptest::sample::select(vec!["^a", "^\\d+$", "b\"?$"])
            .prop_map(|pattern| json!({"pattern": pattern})),
        1 => proptest::sample::select(vec!["ipv4", "email", "date-time", "hostname"])
            .prop_map(|format| json!({"format": format})),
        1 => (0..4u8).prop_map(|n| json!({"minItems": n})),
        1 => (0..3u8).prop_map(|n| json!({"maxItems": n})),
        1 => Just(json!({"uniqueItems": true})),
        2 => names(3).prop_map(|names| json!({"required": names})),
        1 => (0..4u8).prop_map(|n| json!({"minProperties": n})),
        1 => (0..3u8).prop_map(|n| json!({"maxProperties": n})),
    ];
    proptest::collection::vec(one, 0..4).prop_map(together)
}

fn together(parts: Vec<Json>) -> Map<String, Json> {
    let mut all = Map::new();
    for part in parts {
        if let Json::Object(part) = part {
            for (name, argument) in part {
                all.entry(name).or_insert(argument);
            }
        }
    }
    all
}

fn schema(depth: u32) -> impl Strategy<Value = Json> {
    plain()
        .prop_map(Json::Object)
        .prop_recursive(depth, 24, 5, |inner| {
            let schemas = || proptest::collection::vec(inner.clone(), 1..3);
            let extra = prop_oneof![
                2 => Just(json!({})),
                2 => Just(json!({"additionalProperties": false, "additionalItems": false})),
                1 => inner.clone().prop_map(
                    |schema| json!({"additionalProperties": schema, "additionalItems": schema})
                ),
            ];
            let named = (names(5), proptest::collection::vec(inner.clone(), 5)).prop_map(
                |(names, schemas)| {
                    let named: Map<String, Json> =
                        names.into_iter().map(str::to_owned).zip(schemas).collect();
                    json!({"properties": named})
                },
            );
            let part = prop_oneof![
                2 => inner.clone().prop_map(|schema| json!({"items": schema})),
                1 => schemas().prop_map(|schemas| json!({"items": schemas})),
                1 => schemas().prop_map(|schemas| {
                    let patterns = ["b", "^a"].map(str::to_owned);
                    json!({"patternProperties": patterns.into_iter().zip(schemas).collect::<Map<_, _>>()})
                }),
                1 => (names(4), inner.clone(), names(2)).prop_map(|(names, schema, others)| {
                    let of = |(at, name): (usize, &str)| {
                        let of = if at % 3 == 1 { schema.clone() } else { json!(others) };
                        (name.to_owned(), of)
                    };
                    json!({"dependencies": names.into_iter().enumerate().map(of).collect::<Map<_, _>>()})
                }),
                1 => schemas().prop_map(|schemas| json!({"allOf": schemas})),
                1 => schemas().prop_map(|schemas| json!({"anyOf": schemas})),
                1 => schemas().prop_map(|schemas| json!({"oneOf": schemas})),
                1 => inner.clone().prop_map(|schema| json!({"not": schema})),
            ];
            (plain(), named, extra, proptest::collection::vec(part, 0..3)).prop_map(
                |(plain, named, extra, parts)| {
                    let all = [Json::Object(plain), named, extra];
                    Json::Object(together(all.into_iter().chain(parts).collect()))
                },
            )
        })
}
