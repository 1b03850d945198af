use super::*;

fn verdict(text: &str) -> JsonVerdict {
    json_verdict(&tollgate_grammar::vtl::parse(text).unwrap())
}

#[test]
fn templates_are_judged() {
    use JsonVerdict::{Always, Never, OnlyIfEscaped, Unknown};
    for (text, want) in [
        (r#"{"a": 1, "b": [true, null, -1.5e3, "\u00e4"]}"#, Always),
        (r#"{"a": $input.json('$.a')}"#, Always),
        (r#"$input.json('$')"#, Always),
        (
            r#"{"id": "$context.requestId", "at": $context.requestTimeEpoch}"#,
            Always,
        ),
        (r#"{"a": "$input.params('a')"}"#, OnlyIfEscaped),
        (
            r#"{"a": "$util.escapeJavaScript($input.params('a'))"}"#,
            OnlyIfEscaped,
        ),
        (r#"{"a": $input.path('$.a')}"#, OnlyIfEscaped),
        (
            r#"#set($r = $input.path('$')){"a": "$r.name", "n": $r.items.size()}"#,
            OnlyIfEscaped,
        ),
        (r#"{"a": "$input.json('$.a')"}"#, OnlyIfEscaped),
        (r#"{"a": 1,}"#, Never),
        ("<xml/>", Never),
        ("{'a': 1}", Never),
        (r#"{"a": 1"#, Never),
        ("", Never),
        (
            r#"[#foreach($i in $input.path('$'))$input.json('$')#if($foreach.hasNext),#end#end]"#,
            Always,
        ),
        (
            r#"[#foreach($i in $input.path('$')){"x": "$i"}#if($foreach.count < $x.size()),#end#end]"#,
            OnlyIfEscaped,
        ),
        (r#"[#foreach($i in $input.path('$'))1,#end]"#, Unknown),
        (
            r#"{#if($input.params('a') == '')"a": 1#else"b": 2#end}"#,
            Always,
        ),
        (r#"{"a": 1#if($x), "b": 2#end}"#, Always),
        (r#"#if($x){"a": 1}#{else}oops#end"#, Unknown),
        (r#"{"a": 1 $input.path('$.x')}"#, Unknown),
        (r#"#set($c = ','){"a": 1$c "b": 2}"#, Always),
        (r#"{"a": 1}#stop }"#, Always),
        (r#"#if($y)#set($x = 1)#end{"a": $x}"#, OnlyIfEscaped),
        (r#"#set($x = 1)#if($y)#set($x = 2)#end{"a": $x}"#, Always),
    ] {
        assert_eq!(verdict(text), want, "{text}");
    }
}

#[test]
fn few_templates_of_real_projects_are_unknown() {
    let root = std::env::var_os("TOLLGATE_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        std::path::PathBuf::from,
    );
    let Ok(folder) = std::fs::read_dir(root.join("corpus/vtl/open")) else {
        println!("skipped: no corpus/vtl; set TOLLGATE_SHARED");
        return;
    };
    let mut counts: HashMap<JsonVerdict, usize> = HashMap::new();
    let mut all = 0;
    for file in folder.flatten() {
        let Ok(text) = std::fs::read_to_string(file.path()) else {
            continue;
        };
        let Ok(tree) = tollgate_grammar::vtl::parse(text.trim()) else {
            continue;
        };
        let verdict = json_verdict(&tree);
        if verdict == JsonVerdict::Unknown {
            println!("unknown: {}", file.path().display());
        }
        *counts.entry(verdict).or_default() += 1;
        all += 1;
    }
    println!("{counts:?} of {all}");
    let unknown = counts.get(&JsonVerdict::Unknown).copied().unwrap_or(0);
    assert!(unknown * 5 <= all, "{unknown} of {all} are unknown");
}

#[test]
fn places_tell_what_breaks_it() {
    let report = |text: &str| json_report(&tollgate_grammar::vtl::parse(text).unwrap());
    let slices = |text: &str, spans: &[VtlSpan]| -> Vec<String> {
        let slice = |span: &VtlSpan| text[span.start as usize..span.end as usize].to_owned();
        spans.iter().map(slice).collect()
    };
    for (text, broken) in [
        (r#"{"a": 1,}"#, "}"),
        ("<a/>", "<"),
        (r#"{"a": 1} x"#, "x"),
        (r#"#if($x)[1]]#else{"a" 1}#end"#, "1"),
    ] {
        let found = report(text);
        assert_eq!(found.verdict, JsonVerdict::Never, "{text}");
        assert_eq!(slices(text, found.broken.as_slice()), [broken], "{text}");
        assert!(!found.may_be_blank, "{text}");
    }
    let open = report(r#"{"a": 1"#);
    assert_eq!((open.verdict, open.broken), (JsonVerdict::Never, None));
    assert!(report("#set($x = 1)").may_be_blank);
    let text = r#"{"a": "$input.params('a') and ${context.path}", "b": $input.path('$.b'), "$util.urlEncode($x)": "$context.stage"}"#;
    let found = report(text);
    assert_eq!(found.verdict, JsonVerdict::OnlyIfEscaped);
    assert_eq!(
        slices(text, &found.unescaped),
        ["$input.params('a')", "${context.path}"]
    );
    assert_eq!(slices(text, &found.bare), ["path"]);
}

#[test]
fn what_javascript_escapes_too_much_can_be_taken_back() {
    for (text, want) in [
        (
            r#"{"a": "$util.escapeJavaScript($x).replaceAll("\\'", "'")"}"#,
            JsonVerdict::Always,
        ),
        // One backslash makes a pattern of the quote alone, which keeps the backslash.
        (
            r#"{"a": "$util.escapeJavaScript($x).replaceAll("\'", "'")"}"#,
            JsonVerdict::OnlyIfEscaped,
        ),
        (
            r#"{"a": "$util.urlDecode($x).replaceAll("\\'", "'")"}"#,
            JsonVerdict::OnlyIfEscaped,
        ),
    ] {
        assert_eq!(verdict(text), want, "{text}");
    }
}
