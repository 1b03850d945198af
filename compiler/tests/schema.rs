//! Schemas compiled and run on documents.

use serde_json::Value as Json;
use tollgate_compiler::schema::{self, SchemaOptions};
use tollgate_runtime::json::{Heap, Lent, Mode, parse};
use tollgate_runtime::{Scratch, Src, Text};

struct Body(Vec<u8>);

impl Lent for Body {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        self.0.get(text.off as usize..)?.get(..text.len as usize)
    }
}

fn admits(code: &[u8], data: &Json) -> bool {
    let body = Body(data.to_string().into_bytes());
    let mut scratch = Scratch::new(16 << 20);
    let mut heap = Heap::new(&body, &mut scratch, 1 << 26);
    let value = parse(&mut heap, Text::whole(Src::Body, &body.0), Mode::Strict).unwrap();
    tollgate_runtime::schema::validate(&mut heap, code, value) == Ok(None)
}

#[test]
fn models_refer_to_each_other_by_name() {
    let pet = serde_json::json!({"type": "object", "required": ["name"], "properties": {"friend": {"$ref": "#/models/Pet"}}});
    let list = serde_json::json!({"type": "array", "items": {"$ref": "#/models/Pet"}});
    let options = SchemaOptions {
        resolve: &|name| (name == "#/models/Pet").then(|| pet.clone()),
        array_limits: true,
    };
    let code = schema::compile(&list, &options).unwrap();
    let cases = [
        (
            serde_json::json!([{"name": "a", "friend": {"name": "b"}}]),
            true,
        ),
        (
            serde_json::json!([{"name": "a", "friend": {"x": "b"}}]),
            false,
        ),
        (serde_json::json!([1]), false),
        (serde_json::json!([]), true),
    ];
    for (data, expected) in cases {
        assert_eq!(admits(&code, &data), expected, "{data}");
    }
    let lost = schema::compile(
        &serde_json::json!({"items": {"$ref": "#/models/Cat"}}),
        &options,
    )
    .unwrap_err();
    assert_eq!(
        (lost[0].pointer.as_str(), lost[0].message.as_str()),
        ("/items/$ref", "`#/models/Cat` leads to no schema")
    );
}

/// A model that is read in one pass, and a body that fits it.
const MODEL: &str = r#"{
  "type": "object", "required": ["id", "lines"], "additionalProperties": false,
  "properties": {
    "id": {"type": "string", "minLength": 2, "maxLength": 6, "pattern": "^[a-z]"},
    "state": {"enum": ["open", "shut"]},
    "rate": {"type": "number", "minimum": 0, "maximum": 10, "exclusiveMaximum": true},
    "live": {"type": "boolean"},
    "extra": {},
    "rest": {"additionalProperties": {"type": ["integer", "null"]}},
    "lines": {"type": "array", "minItems": 1, "maxItems": 3, "items": {
      "type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}, "t": {"format": "ipv4"}}
    }}
  }
}"#;
const BODY: &str = concat!(
    r#"{"id": "abc", "state":"open","rate" :2.50,"live":true,"extra":[{"a":null,"b":"\\u0041"},-1.5e3],"#,
    r#""rest":{"x":1,"y":null}, "lines":[{"n":12,"t":"10.0.0.1","free":[]},{"n":-3}]}"#
);

/// What reading in one pass says, what reading and then validating says, and whether anything was kept.
fn both(code: &[u8], body: &[u8]) -> (bool, bool, bool) {
    let body = Body(body.to_vec());
    let whole = Text::whole(Src::Body, &body.0);
    let mut scratch = Scratch::new(1 << 20);
    let judged = {
        let mut heap = Heap::new(&body, &mut scratch, 1 << 26);
        tollgate_runtime::schema::judge(&mut heap, code, whole) == Ok(None)
    };
    let kept = scratch.used() > 0;
    let mut heap = Heap::new(&body, &mut scratch, 1 << 26);
    let validated = parse(&mut heap, whole, Mode::Strict)
        .is_ok_and(|value| tollgate_runtime::schema::validate(&mut heap, code, value) == Ok(None));
    (judged, validated, kept)
}

#[test]
fn one_pass_over_a_body_says_what_validation_says() {
    let model: Json = serde_json::from_str(MODEL).unwrap();
    let code = schema::compile(&model, &SchemaOptions::default()).unwrap();
    let body = BODY.as_bytes();
    // The number with an exponent needs the longer way; without it nothing is kept.
    let short = BODY.replace("-1.5e3", "-1.5");
    assert_eq!(both(&code, body), (true, true, true));
    assert_eq!(both(&code, short.as_bytes()), (true, true, false));
    let mut admitted = 0;
    for at in 0..body.len() {
        let mut changed: Vec<Vec<u8>> = [
            &b"\""[..],
            b",",
            b"}",
            b"]",
            b"0",
            b"-",
            b"a",
            b" ",
            b"\\",
            b"\x01",
            b"",
        ]
        .iter()
        .map(|with| [&body[..at], with, &body[at + 1..]].concat())
        .collect();
        changed.push([&body[..at], &body[at..at + 1], &body[at..]].concat());
        for body in changed {
            let (judged, validated, _) = both(&code, &body);
            assert_eq!(judged, validated, "{}", String::from_utf8_lossy(&body));
            admitted += usize::from(judged);
        }
    }
    assert!(admitted > 200, "{admitted}");
    let twice = BODY.replace(r#""live":true"#, r#""live":1,"live":true"#);
    assert_eq!(both(&code, twice.as_bytes()), (true, true, true));
}

/// What is told of a body that does not fit.
fn told(schema: &str, body: &str, work: u64) -> String {
    let schema: Json = serde_json::from_str(schema).unwrap();
    let code = schema::compile(&schema, &SchemaOptions::default()).unwrap();
    let body = Body(body.as_bytes().to_vec());
    let mut scratch = Scratch::new(16 << 20);
    let mut heap = Heap::new(&body, &mut scratch, work);
    let whole = Text::whole(Src::Body, &body.0);
    let told = tollgate_runtime::schema::report(&mut heap, &code, whole).unwrap();
    String::from_utf8(heap.bytes(told).to_vec()).unwrap()
}

/// The lists are what json-schema-validator 2.2 says of these.
#[test]
fn everything_that_does_not_fit_is_told() {
    for (schema, body, want) in [
        // Keywords by their names, `format` last.
        (
            r#"{"format": "email", "maxLength": 2, "type": "integer", "pattern": "^\\d$", "minLength": 5}"#,
            r#""\"abc""#,
            r#"[string ""abc" is too long (length: 4, maximum allowed: 2), string ""abc" is too short (length: 4, required minimum: 5), ECMA 262 regex "^\d$" does not match input string ""abc", instance type (string) does not match any allowed primitive type (allowed: ["integer"]), string ""abc" is not a valid email address]"#,
        ),
        // Members by their names; nothing inside them once something is refused.
        (
            r#"{"properties": {"d": {"properties": {"x": {"type": "string"}}}, "a": {"type": "string"}, "z": {"type": "string"}}}"#,
            r#"{"z": 3, "d": {"x": 1}, "a": 1}"#,
            r#"[instance type (integer) does not match any allowed primitive type (allowed: ["string"]), instance type (integer) does not match any allowed primitive type (allowed: ["string"])]"#,
        ),
        (
            r#"{"type": "object", "required": ["b", "a"], "properties": {"x": {"type": "number"}}}"#,
            r#"{"x": "a"}"#,
            r#"[object has missing required properties (["a","b"])]"#,
        ),
        // A member's own schema, then those of patterns by the patterns.
        (
            r#"{"patternProperties": {"z": {"type": "null"}, "a": {"type": "string"}}, "properties": {"az": {"type": "boolean"}}, "additionalProperties": {"type": "array"}}"#,
            r#"{"az": 1, "q": 2}"#,
            r#"[instance type (integer) does not match any allowed primitive type (allowed: ["boolean"]), instance type (integer) does not match any allowed primitive type (allowed: ["string"]), instance type (integer) does not match any allowed primitive type (allowed: ["null"]), instance type (integer) does not match any allowed primitive type (allowed: ["array"])]"#,
        ),
        // By UTF-16 units.
        (
            r#"{"type": ["number", "null"], "minProperties": 5, "maxProperties": 1, "additionalProperties": false}"#,
            r#"{"b": 1, "a": 2, "ｚ": 1, "😀": 2}"#,
            r#"[object instance has properties which are not allowed by the schema: ["a","b","😀","ｚ"], object has too many properties (found 4 but schema requires at most 1), object has too few properties (found 4 but schema requires at least 5), instance type (object) does not match any allowed primitive type (allowed: ["integer","null","number"])]"#,
        ),
        (
            r#"{"items": [{"type": "string"}], "additionalItems": false, "maxItems": 1, "minItems": 5, "uniqueItems": true}"#,
            r#"[1, 1.0, "x"]"#,
            "[schema only allows 1 elements in array but instance has 3 elements, array is too long: must have at most 1 elements but instance has 3 elements, array is too short: must have at least 5 elements but instance has 3 elements, array must not contain duplicate elements]",
        ),
        (
            r#"{"items": [{"type": "string"}], "additionalItems": {"type": "null"}}"#,
            "[1, 2]",
            r#"[instance type (integer) does not match any allowed primitive type (allowed: ["string"]), instance type (integer) does not match any allowed primitive type (allowed: ["null"])]"#,
        ),
        // One entry for whatever is wrong in an alternative.
        (
            r#"{"not": {}, "anyOf": [{"type": "string"}, {"type": "null"}], "oneOf": [{}, {}], "allOf": [{}, {"type": "null"}], "enum": [[1.50, 100.0, "\u001f/é"]]}"#,
            r#"{"n": [1.0, 2e5, -0.0, 12.50e-9, 12345678901234567890123, "\u001F\/"]}"#,
            r#"[instance failed to match all required schemas (matched only 1 out of 2), instance failed to match at least one required schema among 2, instance value ({"n":[1,2E+5,0,1.25E-8,12345678901234567890123,"\u001F/"]}) not found in enum (possible values: [[1.5,1E+2,"\u001F/é"]]), instance matched a schema which it should not have, instance failed to match exactly one schema (matched 2 out of 2)]"#,
        ),
        // Those on names, in a hash map's order, then those on schemas.
        (
            r#"{"dependencies": {"zeta": ["q"], "k": {"required": ["y"]}, "b1": ["x", "b"], "aa": ["x"], "Q": ["x"]}}"#,
            r#"{"zeta": 1, "b1": 2, "aa": 3, "Q": 1, "b": 1, "k": 1}"#,
            r#"[property "zeta" of object has missing property dependencies (schema requires ["q"]; missing: ["q"]), property "aa" of object has missing property dependencies (schema requires ["x"]; missing: ["x"]), property "Q" of object has missing property dependencies (schema requires ["x"]; missing: ["x"]), property "b1" of object has missing property dependencies (schema requires ["b","x"]; missing: ["x"]), object has missing required properties (["y"])]"#,
        ),
        (
            r#"{"maximum": 1200e-1, "minimum": 2e5, "multipleOf": 0.40}"#,
            "1200.50",
            "[numeric instance is greater than the required maximum (maximum: 120, found: 1200.5), numeric instance is lower than the required minimum (minimum: 200000, found: 1200.5), remainder of division is not zero (1200.5 / 0.4)]",
        ),
        (
            r#"{"minimum": 3, "maximum": 3, "exclusiveMaximum": true, "exclusiveMinimum": true}"#,
            "3.0",
            "[numeric instance is not strictly lower than the required maximum 3, numeric instance is not strictly greater than the required minimum 3]",
        ),
        (
            r##"{"definitions": {"q": {"type": "string", "maxLength": 1}}, "properties": {"a": {"$ref": "#/definitions/q", "minLength": 9}, "b": {"$ref": "#/definitions/q"}}}"##,
            r#"{"b": "xx", "a": "😀😀"}"#,
            r#"[string "😀😀" is too long (length: 2, maximum allowed: 1), string "xx" is too long (length: 2, maximum allowed: 1)]"#,
        ),
        (r#"{"type": "string"}"#, r#""fits""#, "[]"),
    ] {
        assert_eq!(told(schema, body, 1 << 20), want, "{schema} {body}");
    }
}

/// By entries, bytes and work: what was told so far stays.
#[test]
fn a_list_ends_where_a_bound_is_met() {
    let entry =
        "instance type (integer) does not match any allowed primitive type (allowed: [\"string\"])";
    let strings = r#"{"items": {"type": "string"}}"#;
    let many = format!("[{}1]", "1,".repeat(200));
    let all = told(strings, &many, 1 << 20);
    assert_eq!(all, format!("[{}]", [entry; 100].join(", ")));
    let few = told(strings, &many, 1000);
    assert!(
        few.len() < all.len() && few.ends_with(r#""string"])]"#),
        "{few}"
    );
    let short = r#"{"items": {"maxLength": 1}}"#;
    let long = format!(r#"["xx", "{}", "yy"]"#, "x".repeat(64 << 10));
    assert_eq!(
        told(short, &long, 1 << 20),
        r#"[string "xx" is too long (length: 2, maximum allowed: 1)]"#
    );
}
