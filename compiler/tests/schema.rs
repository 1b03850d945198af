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
