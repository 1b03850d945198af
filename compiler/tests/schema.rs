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
