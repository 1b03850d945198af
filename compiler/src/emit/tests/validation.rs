//! Bodies against models.

use tollgate_model::schema::Model;

use super::drive::*;
use super::*;

fn model(name: &str, schema: &str) -> Model {
    Model {
        name: name.into(),
        doc: String::new(),
        content_type: "application/json".into(),
        schema: schema.into(),
        node: NodeId::default(),
    }
}

/// A program whose one route checks bodies of these media types, and tells what was wrong.
fn checking(body: &[(&str, &str)]) -> Program {
    let mut route = mock(Method::Post, "/pets", "fine");
    route.validate.body = true;
    route.integration.templates[0].0 = "$default".into();
    route.body = body
        .iter()
        .map(|(media, name)| ((*media).to_string(), (*name).to_string()))
        .collect();
    let mut program = program(vec![route]);
    program.models = vec![
        model(
            "Pet",
            r##"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "owner": {"$ref": "#/models/Person"}}}"##,
        ),
        model(
            "Person",
            r#"{"type": "object", "properties": {"age": {"minimum": 18}, "pets": {"items": {"$ref": "https://apigateway.amazonaws.com/restapis/x/models/Pet"}}}, "additionalProperties": false}"#,
        ),
    ];
    program.apis[0]
        .gateway_responses
        .push(tollgate_model::api::GatewayResponse {
            ty: tollgate_model::api::GatewayResponseType::BadRequestBody,
            status: None,
            headers: vec![],
            templates: vec![(
                "application/json".into(),
                template("$context.error.message: $context.error.validationErrorString"),
            )],
            node: NodeId::default(),
        });
    program
}

fn post(bundle: &[u8], media: Option<&str>, body: &str) -> (u16, String) {
    let headers = media.map(|m| ("Content-Type", m)).into_iter().collect();
    let told = ask(
        bundle,
        &Ask {
            method: "POST",
            target: "/dev/pets",
            headers,
            body,
            ..Ask::default()
        },
    );
    (told.status, told.body)
}

#[test]
fn a_body_must_fit_the_model_of_its_type() {
    let bundle = crate::emit::bundle(&checking(&[("application/json", "Pet")])).unwrap();
    let invalid = "Invalid request body: ";
    for (media, body, want) in [
        (None, r#"{"name": "Rex"}"#, None),
        (
            Some("Application/JSON; charset=utf-8"),
            r#"{"name": "Rex"}"#,
            None,
        ),
        (
            None,
            "",
            Some(r#"[object has missing required properties (["name"])]"#),
        ),
        (None, "{", Some("[Unknown error parsing request body]")),
        (
            None,
            r#"{"name": 1}"#,
            Some(
                r#"[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]"#,
            ),
        ),
        (
            None,
            r#"{"name": "Rex", "owner": {"age": 17}}"#,
            Some("[numeric instance is lower than the required minimum (minimum: 18, found: 17)]"),
        ),
        (
            None,
            r#"{"name": "Rex", "owner": {"pets": [{"name": "Tom"}, {}]}}"#,
            Some(r#"[object has missing required properties (["name"])]"#),
        ),
        (
            None,
            r#"{"name": "Rex", "owner": {"a": 1, "b\"": 2}}"#,
            Some(
                r#"[object instance has properties which are not allowed by the schema: ["a","b\""]]"#,
            ),
        ),
        (
            None,
            r#"{"name": 7.50, "owner": {"pets": 1}}"#,
            Some(
                r#"[instance type (number) does not match any allowed primitive type (allowed: ["string"])]"#,
            ),
        ),
        (
            None,
            r#"{"owner": {"pets": [{"name": 2}], "age": 17.50}, "name": "Rex"}"#,
            Some(
                "[numeric instance is lower than the required minimum (minimum: 18, found: 17.5)]",
            ),
        ),
        (
            None,
            r#"{"owner": {"pets": [{"name": 2}, {"name": 1e2}]}, "name": "Rex"}"#,
            Some(
                r#"[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]"#,
            ),
        ),
        // Of the last of two equal names.
        (None, r#"{"name": 1, "name": "Rex"}"#, None),
        (Some("application/xml"), "<pet/>", None),
    ] {
        let want = match want {
            None => (200, "fine".to_string()),
            Some(detail) => (400, format!("{invalid}{detail}")),
        };
        assert_eq!(post(&bundle, media, body), want, "{media:?} {body}");
    }
}

#[test]
fn other_types_are_checked_by_the_default_model() {
    let bundle = crate::emit::bundle(&checking(&[
        ("application/json", "Person"),
        ("$default", "Pet"),
    ]))
    .unwrap();
    for (media, body, want) in [
        (None, "{}", 200),
        (Some("application/json"), r#"{"age": 1}"#, 400),
        (Some("text/plain"), "{}", 400),
        (Some("text/plain"), "hello", 400),
        (Some("text/plain"), r#"{"name": "Rex"}"#, 200),
    ] {
        assert_eq!(post(&bundle, media, body).0, want, "{media:?} {body}");
    }
}

#[test]
fn a_body_of_a_binary_type_is_not_looked_at() {
    let mut program = checking(&[("$default", "Pet")]);
    program.apis[0].binary = vec!["image/*".into()];
    program.apis[0].routes[0].integration.content = ContentHandling::Text;
    let bundle = crate::emit::bundle(&program).unwrap();
    assert_eq!(post(&bundle, Some("image/png"), "?").0, 200);
    assert_eq!(post(&bundle, Some("text/plain"), "?").0, 400);
}

#[test]
fn missing_parameters_are_told_before_the_body_is_looked_at() {
    let mut program = checking(&[("$default", "Pet")]);
    program.apis[0].routes[0].validate.parameters = true;
    program.apis[0].routes[0]
        .parameters
        .push(tollgate_model::api::Parameter {
            place: tollgate_model::api::ParameterPlace::Query,
            name: "q".into(),
            required: true,
            ty: tollgate_model::ScalarType::String,
            node: NodeId::default(),
        });
    let bundle = crate::emit::bundle(&program).unwrap();
    let (status, body) = post(&bundle, None, "{");
    assert_eq!(status, 400);
    assert!(
        body.contains("Missing required request parameters: [q]"),
        "{body}"
    );
}

#[test]
fn a_schema_that_cannot_be_compiled_is_no_bundle() {
    for (schema, why) in [
        (r#"{"type": "text"}"#, "at `/type`"),
        (r##"{"$ref": "#/models/Nobody"}"##, "leads to no schema"),
        ("{", "no JSON"),
    ] {
        let mut program = checking(&[("$default", "Pet")]);
        program.models[0].schema = schema.into();
        let refused = crate::emit::bundle(&program).unwrap_err();
        assert!(refused[0].message.contains(why), "{schema}: {refused:?}");
    }
}

#[test]
fn nesting_of_a_checked_body_is_bounded() {
    let mut program = checking(&[("application/json", "Tree")]);
    let schema = r##"{"properties": {"a": {"$ref": "#/models/Tree"}}}"##;
    program.models.push(model("Tree", schema));
    let bundle = crate::emit::bundle(&program).unwrap();
    let nested = |depth: usize| format!("{}{{}}{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    // A member and the reference that it is are a level each.
    assert_eq!(post(&bundle, None, &nested(100)).0, 200);
    let (status, body) = post(&bundle, None, &nested(101));
    assert_eq!(status, 400);
    assert!(body.ends_with("[instance nests too deep]"), "{body}");
}
