use super::*;
use proptest::prelude::*;

/// The tree in a line: text in quotes, references as `$name.path`, directives by their word.
fn sketch(text: &str) -> String {
    match parse(text) {
        Ok(template) => block(&template.block),
        Err(errors) => errors
            .iter()
            .map(|error| {
                format!(
                    "{}..{}: {}",
                    error.span.start, error.span.end, error.message
                )
            })
            .collect::<Vec<_>>()
            .join("; "),
    }
}

fn block(block: &Block) -> String {
    block.nodes.iter().map(node).collect::<Vec<_>>().join(" ")
}

fn node(node: &Node) -> String {
    match node {
        Node::Text { text, .. } => format!("{text:?}"),
        Node::Print {
            before,
            escaped,
            reference: shown,
            ..
        } => {
            format!(
                "{before}{}{}",
                if *escaped { "raw " } else { "" },
                reference(shown)
            )
        }
        Node::Set { target, value, .. } => format!("set({} = {})", reference(target), expr(value)),
        Node::If {
            arms, otherwise, ..
        } => {
            let arms: Vec<_> = arms
                .iter()
                .map(|(condition, body)| format!("{} => {}", expr(condition), block(body)))
                .collect();
            format!(
                "if({}{})",
                arms.join(", "),
                otherwise
                    .as_ref()
                    .map_or(String::new(), |body| format!(", else {}", block(body)))
            )
        }
        Node::Foreach {
            item, items, body, ..
        } => format!("foreach({} in {}: {})", item.text, expr(items), block(body)),
        Node::Define { name, body, .. } => format!("define({}: {})", name.text, block(body)),
        Node::Break { scope, .. } => scope.as_ref().map_or("break".into(), |scope| {
            format!("break({})", reference(scope))
        }),
        Node::Stop { .. } => "stop".into(),
    }
}

fn reference(shown: &Reference) -> String {
    let steps = shown.path.iter().map(|step| match step {
        Access::Property(name) => format!(".{}", name.text),
        Access::Method {
            name, arguments, ..
        } => {
            format!(
                ".{}({})",
                name.text,
                arguments.iter().map(expr).collect::<Vec<_>>().join(", ")
            )
        }
        Access::Index { index, .. } => format!("[{}]", expr(index)),
    });
    format!("${}{}", shown.name.text, steps.collect::<String>())
}

fn expr(shown: &Expr) -> String {
    let all = |items: &[Expr]| items.iter().map(expr).collect::<Vec<_>>().join(", ");
    match &shown.kind {
        ExprKind::Null => "null".into(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Integer(digits) | ExprKind::Decimal(digits) => digits.clone(),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Interpolated(inside) => format!("<{}>", block(inside)),
        ExprKind::Reference(inner) => reference(inner),
        ExprKind::List(items) => format!("[{}]", all(items)),
        ExprKind::Range(from, to) => format!("[{}..{}]", expr(from), expr(to)),
        ExprKind::Map(entries) => {
            format!(
                "{{{}}}",
                entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", expr(key), expr(value)))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
        ExprKind::Not(inner) => format!("!{}", expr(inner)),
        ExprKind::Binary(operator, left, right) => {
            format!("({} {operator:?} {})", expr(left), expr(right))
        }
    }
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .map(|(text, expected)| (*text, sketch(text), *expected))
        .filter(|(_, got, want)| got != want)
        .collect();
    assert!(wrong.is_empty(), "template, got, want: {wrong:#?}");
}

#[test]
fn references() {
    check(&[
        ("a $x b", r#""a " $x " b""#),
        ("$!{x.y}z", r#"$x.y "z""#),
        (
            "$input.params('id').length()",
            r#"$input.params("id").length()"#,
        ),
        ("$m[\"k\"][0][$i].z", r#"$m["k"][0][$i].z"#),
        ("$x-y_1.z-2", "$x-y_1.z-2"),
        ("$x. $x.1", r#"$x ". " $x ".1""#),
        ("$ $1 $$x ${} $[0] $.a", r#""$ $1 $" $x " ${} $[0] $.a""#),
        (
            "#$x ##{c}\n#",
            "10..11: a template cannot end in `$` or `#`",
        ),
        ("$x{a}", r#"$x "{""#),
        ("${x}{a}", r#"$x "{a}""#),
    ]);
    assert_eq!(
        sketch("\\$x|\\\\$x|\\\\\\$x"),
        "raw $x \"|\" \\$x \"|\" \\raw $x"
    );
    check(&[
        (
            "${x y}",
            "3..4: the reference that begins with `${x` cannot go on with ` `",
        ),
        (
            "$x.f(1, )",
            "8..9: the reference that begins with `$x` cannot go on with `)`",
        ),
        (
            "$x[1+1]",
            "3..4: the reference that begins with `$x` cannot go on with `1`",
        ),
        ("$x.true", "3..7: `true` cannot be a name"),
    ]);
}

#[test]
fn expressions() {
    check(&[
        (
            "#set($x = 1 + 2 * 3 == 7 && !$a || $b)",
            "set($x = ((((1 Add (2 Multiply 3)) Equal 7) And !$a) Or $b))",
        ),
        (
            "#set($x = 8 - 2 - 1)",
            "set($x = ((8 Subtract 2) Subtract 1))",
        ),
        (
            "#set($x = (8 - (2 - 1)))",
            "set($x = (8 Subtract (2 Subtract 1)))",
        ),
        ("#set($x=1--1)", "set($x = (1 Subtract -1))"),
        ("#set($x = $a-1)", "set($x = $a-1)"),
        (
            "#set($x = [1, [], {}, {'a': 1.5e3, \"b\": true}])",
            r#"set($x = [1, [], {}, {"a": 1.5e3, "b": true}])"#,
        ),
        ("#set($x = [$a..3])", "set($x = [$a..3])"),
        ("#set($x = 'a''b')", r#"set($x = "a'b")"#),
        ("#set($x = \"a\"\"$b\")", r#"set($x = <"a\"" $b>)"#),
        (
            "#set($x = \"#if($a)Y#end$\")",
            r#"set($x = <if($a => "Y") "$">)"#,
        ),
        (
            "#set($x.y['z'] = $n lt 3 and not $m ge 2)",
            r#"set($x.y["z"] = (($n Less 3) And (!$m GreaterOrEqual 2)))"#,
        ),
        ("#set($x = 3 -1)", "12..13: `#set` cannot go on with `-`"),
        ("#set($x == 1)", "8..9: `#set` cannot go on with `=`"),
        (
            "#set($x = [1.5..2])",
            "11..14: the ends of a range are whole numbers or references",
        ),
        (
            "#set($x = \"a$b[\")",
            "15..15: the reference that begins with `$b` cannot go on with the end of the text",
        ),
    ]);
}

#[test]
fn blocks_and_what_they_eat() {
    check(&[
        ("a\n  #set($x = 1)  \nb", r#""a\n  " set($x = 1) "b""#),
        ("$x #set($y = 1)b", r#"$x set($y = 1) "b""#),
        (
            "#if(true)\r\nY\n#else\nN\n#end \nz",
            r#"if(true => "Y\n", else "N\n") "z""#,
        ),
        (
            "#if($a)A#elseif($b)B#{else}C#{end}D",
            r#"if($a => "A", $b => "B", else "C") "D""#,
        ),
        (
            "#foreach( $i in $l )$i#if($foreach.hasNext),#end#end",
            r#"foreach(i in $l: $i if($foreach.hasNext => ","))"#,
        ),
        (
            "#foreach($i in [1..3])#break#end#stop x",
            r#"foreach(i in [1..3]: break) stop " x""#,
        ),
        ("#define($b)x$y#end$b", r#"define(b: "x" $y) $b"#),
        ("a ## c\nb #* d\n*# #[[ $x #if ]]#", r#""a b   $x #if ""#),
        (
            "#foo #bar(1, $x) #1 #endx",
            r##""#foo #bar(1, $x) #1 #endx""##,
        ),
        (
            "\\#if(1) \\\\#if(true)Y#end \\#foo",
            r##""#if(1) \\" if(true => "Y") " \\#foo""##,
        ),
        ("cost $#if(true)5#end", r#""cost " if(true => "5")"#),
    ]);
}

#[test]
fn every_mistake_has_its_place() {
    check(&[
        ("#if($x) a #end #end", "15..19: `#end` closes nothing"),
        (
            "#foreach($i in $l)#if($i) a #end",
            "0..18: `#foreach` has no `#end`",
        ),
        ("#else", "0..5: `#else` outside of an `#if`"),
        (
            "#if($a)#else#elseif($b)#end",
            "12..23: `#elseif` after the `#else` of the same `#if`",
        ),
        (
            "#foreach($i in $l)#else#end",
            "18..23: `#else` belongs to no `#if`: the innermost block is a `#foreach`",
        ),
        (
            "#macro(m $a)x#end #include('f')",
            "0..6: `#macro` does not exist in mapping templates; 18..26: `#include` does not exist in mapping templates",
        ),
        ("#[[ a", "0..3: `#[[` is never closed"),
        (
            "#if(1 2)a#end #set($x)",
            "6..7: `#if` cannot go on with `2`; 21..22: `#set` cannot go on with `)`",
        ),
        ("#if(foo)x#end", "4..7: `foo` is no value"),
        ("#foo(a.b)", "6..7: `#foo` cannot go on with `.`"),
        (
            "#set($x = \"$a + ${b\")",
            "19..19: the reference that begins with `${b` cannot go on with the end of the text",
        ),
    ]);
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{}x{}", "#if(true)".repeat(200), "#end".repeat(200));
    assert_eq!(parse(&deep).unwrap_err()[0].kind, VtlErrorKind::TooDeep);
    let deep = format!("#set($x = {}1{})", "(".repeat(150), ")".repeat(150));
    assert_eq!(parse(&deep).unwrap_err()[0].kind, VtlErrorKind::TooDeep);
    let deep = format!("#set($x = {}1{})", "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(parse(&deep).unwrap_err()[0].kind, VtlErrorKind::TooDeep);
    assert_eq!(
        parse(&" ".repeat(MAX_BYTES + 1)).unwrap_err()[0].kind,
        VtlErrorKind::TooLarge
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_places_inside_it(parts in prop::collection::vec(prop::sample::select(vec![
        "$x", "${x", "}", "$!", "$", "#", "#if(", "#set(", "#foreach(", "$i in ", "#end", "#else", ")", "(", "[", "]", "{", "\"", "'", "\\",
        "a", " ", "\n", "\r\n", ".", ",", "..", "1", "-", "=", "==", "&&", "not ", "##", "#*", "*#", "#[[", "]]#", "\\u00e9", "é", "#foo", "@", ":",
    ]), 0..40)) {
        let text = parts.concat();
        if let Err(errors) = parse(&text) {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(error.span.start <= error.span.end && error.span.end as usize <= text.len(), "{text:?} {error:?}");
                prop_assert!(text.is_char_boundary(error.span.start as usize) && text.is_char_boundary(error.span.end as usize));
            }
        }
    }
}
