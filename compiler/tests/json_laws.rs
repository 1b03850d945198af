//! What the verdict on a template's output promises.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value as Json, json};
use tollgate_compiler::template::{self, JsonVerdict, json_verdict};
use tollgate_grammar::vtl;
use tollgate_runtime::Scratch;
use tollgate_runtime::vtl::{Kept, MapHost, Program, Settings, render};

/// Values that break what does not escape them, and some that do not.
fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        prop::sample::select(vec![
            "plain", "\"", "\\", "'", "a\nb", "</x>", "ä", "", "{}"
        ])
        .prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map(prop::sample::select(vec!["a", "b", "items"]), inner, 0..3)
                .prop_map(|members| {
                    let members = members.into_iter().map(|(k, v)| (k.to_owned(), v));
                    Json::Object(members.collect())
                }),
        ]
    })
}

fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        r#""a": "$input.params('q')""#,
        r#""b": $input.json('$.a')"#,
        r#""c": "$util.base64Encode($input.params('q'))""#,
        r#""d": "$util.urlEncode($input.body)""#,
        r#""e": [#foreach($i in $input.path('$.items'))$foreach.index#if($foreach.hasNext), #end#end]"#,
        r#""f": "$context.requestId""#,
        r#""g": #if($input.params('q') == 'plain')1#{else}{"x": []}#end"#,
        r#""h": $context.requestTimeEpoch"#,
        r#""i": "$util.escapeJavaScript($input.params('q'))""#,
        r#""j": $input.path('$.a')"#,
        r#""k": $input.path('$.items').size()"#,
        r#""l": "$stageVariables.v""#,
        r#""m": true"#,
        r#""n": "$util.escapeJavaScript($input.params('q')).replaceAll("\\'", "'")""#,
        r#""o": "$context.identity.userAgent""#,
        r##""p": [#foreach($i in $input.path('$.items'))"$i"#if($foreach.hasNext), #end#end]"##,
        r#""$util.urlEncode($input.params('q'))": "$nobody""#,
    ])
    .prop_map(str::to_owned)
}

fn written() -> impl Strategy<Value = String> {
    (
        prop::collection::vec(piece(), 1..5),
        prop::sample::select(vec![", ", ",\n", " "]),
    )
        .prop_map(|(pieces, between)| format!("{{{}}}", pieces.join(between)))
}

/// What a template renders; `None`: it fails.
fn rendered(text: &str, body: &Json, query: &Json) -> Option<String> {
    let tree = vtl::parse(text).ok()?;
    let blob = template::compile(&tree).ok()?.blob;
    let host = MapHost {
        program: blob.clone(),
        body: body.to_string().into_bytes(),
        query: json!({"q": query}).to_string(),
        context: json!({
            "requestId": "a-b",
            "requestTimeEpoch": 7,
            "stage": "s",
            "identity": {"userAgent": query},
        })
        .to_string(),
        stage_variables: json!({"v": "1.2/x"}).to_string(),
        ..MapHost::default()
    };
    let mut scratch = Scratch::new(1 << 22);
    let program = Program::open(&blob, 0).ok()?;
    let text = render(
        program,
        &host,
        &mut scratch,
        &Settings::default(),
        &mut Kept::default(),
    )
    .ok()?;
    let bytes = scratch.bytes(text.off, text.len)?;
    String::from_utf8(bytes.to_vec()).ok()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Json>(text).is_ok()
}

/// How many inputs a law is held to: 2000, or as many as `PROPTEST_CASES` says.
fn cases() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 2000;
    }
    config
}

proptest! {
    #![proptest_config(cases())]

    /// "Always" is JSON for every input, "never" for none, and "only if escaped" not for all.
    #[test]
    fn verdicts_hold_for_every_input(text in written(), body in value(), query in value()) {
        let verdict = json_verdict(&vtl::parse(&text).unwrap());
        let query = match query {
            Json::String(text) => Json::from(text),
            other => Json::from(other.to_string()),
        };
        if let Some(output) = rendered(&text, &body, &query) {
            match verdict {
                JsonVerdict::Always => prop_assert!(is_json(&output), "{} gave {}", text, output),
                JsonVerdict::Never => prop_assert!(!is_json(&output), "{} gave {}", text, output),
                _ => {}
            }
        }
        if verdict == JsonVerdict::OnlyIfEscaped {
            let breaks = |body: &Json, query: &str| {
                rendered(&text, body, &Json::from(query)).is_some_and(|output| !is_json(&output))
            };
            let bodies = [json!({}), json!({"items": ["\""]})];
            let broken = bodies.iter().any(|body| ["\"", "'"].iter().any(|query| breaks(body, query)));
            prop_assert!(broken, "nothing breaks {}", text);
        }
    }
}

/// Each way of printing that only works for some values has a value that breaks it.
#[test]
fn only_if_escaped_has_an_input_that_breaks_it() {
    for (text, body, query) in [
        (r#"{"a": "$input.params('q')"}"#, json!({}), "\""),
        (
            r#"{"a": "$util.escapeJavaScript($input.params('q'))"}"#,
            json!({}),
            "'",
        ),
        (r#"{"a": $input.path('$.a')}"#, json!({"a": "x"}), ""),
        (r#"{"a": "$input.json('$.a')"}"#, json!({"a": "x"}), ""),
        (r#"{"a": $input.path('$.a').size()}"#, json!({}), ""),
    ] {
        let verdict = json_verdict(&vtl::parse(text).unwrap());
        assert_eq!(verdict, JsonVerdict::OnlyIfEscaped, "{text}");
        let broken = rendered(text, &body, &Json::from(query)).unwrap();
        assert!(!is_json(&broken), "{text} gave {broken}");
        let good = rendered(text, &json!({"a": [1]}), &Json::from("plain")).unwrap();
        let good_too = rendered(text, &json!({"a": 1}), &Json::from("plain")).unwrap();
        assert!(
            is_json(&good) || is_json(&good_too),
            "{text} gave {good}, {good_too}"
        );
    }
}

/// The templates of real projects that are always JSON are, whatever they are asked.
#[test]
fn templates_of_real_projects_keep_their_promise() {
    let root = std::env::var_os("TOLLGATE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let Ok(folder) = std::fs::read_dir(root.join("corpus/vtl/open")) else {
        println!("skipped: no corpus/vtl; set TOLLGATE_SHARED");
        return;
    };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for file in folder.flatten() {
        let Ok(text) = std::fs::read_to_string(file.path()) else {
            continue;
        };
        let text = text.trim();
        let Ok(tree) = vtl::parse(text) else { continue };
        if json_verdict(&tree) != JsonVerdict::Always {
            continue;
        }
        for _ in 0..20 {
            let body = value().new_tree(&mut runner).unwrap().current();
            if let Some(output) = rendered(text, &body, &Json::from("\"'\\")) {
                assert!(is_json(&output), "{}: {output}", file.path().display());
            }
        }
    }
}
