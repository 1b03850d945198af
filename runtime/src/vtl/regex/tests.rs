use std::string::String;
use std::vec::Vec;

use super::*;
use crate::json::Heap;
use crate::scratch::Scratch;

struct Nothing;

impl crate::json::Lent for Nothing {
    fn lent(&self, _: crate::value::Text) -> Option<&[u8]> {
        None
    }
}

/// All matches of a pattern, as `from-to` with the groups behind; or why there are none.
fn matches(pattern: &str, text: &str) -> String {
    let mut code = Vec::new();
    if let Err(bad) = compile(pattern.as_bytes(), Flags::default(), &mut code) {
        return std::format!("{bad:?}");
    }
    let mut scratch = Scratch::new(1 << 20);
    let mut heap = Heap::new(&Nothing, &mut scratch, 1 << 24);
    let own = heap.scratch.push(text.as_bytes()).unwrap();
    let mut found = Vec::new();
    let mut from = 0;
    let mut captures = Captures::default();
    while from <= own.len && find(&mut heap, &code, own, from, &mut captures).unwrap() {
        let groups: Vec<_> = (0..captures.groups())
            .map(|group| {
                captures.group(group).map_or("-".into(), |(from, to)| {
                    std::format!("{:?}", &text[from as usize..to as usize])
                })
            })
            .collect();
        found.push(groups.join(","));
        let (start, end) = captures.group(0).unwrap();
        from = if end > start { end } else { end + 1 };
    }
    found.join(" ")
}

#[test]
fn the_preferred_match_is_found() {
    let cases = [
        ("a|ab", "ab", r#""a""#),
        ("ab|a", "ab", r#""ab""#),
        ("(a+)(a*)", "aaa", r#""aaa","aaa","""#),
        ("(a+?)(a*)", "aaa", r#""aaa","a","aa""#),
        ("(a)|(b)", "ba", r#""b",-,"b" "a","a",-"#),
        ("x*", "axb", r#""" "x" "" """#),
        ("(?i)HeL+o", "hello HELO", r#""hello" "HELO""#),
        ("[^a-c&&[^x]]", "abxy", r#""x" "y""#),
        ("\\d{2,3}", "1 22 3333", r#""22" "333""#),
        ("\\Qa.b\\E+", "a.bb a.b", r#""a.bb" "a.b""#),
        (
            "(?<year>\\d+)-(\\d+)",
            "2020-10",
            r#""2020-10","2020","10""#,
        ),
        ("^.*$", "a\nb", ""),
        ("(?m)^.*$", "a\nb", r#""a" "b""#),
        ("a$", "a\n", r#""a""#),
        ("\\bé\\b", "é eé", r#""é""#),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|(pattern, text, want)| (*pattern, matches(pattern, text), *want))
        .filter(|(_, got, want)| got != want)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_no_pattern_or_needs_backtracking_is_refused() {
    let cases = [
        ("(", BadPattern::Syntax(1)),
        ("*a", BadPattern::Syntax(0)),
        ("[a", BadPattern::Syntax(2)),
        ("a{2,1}", BadPattern::Syntax(5)),
        ("\\y", BadPattern::Syntax(1)),
        ("(a)\\1", BadPattern::Unsupported(4)),
        ("(?=a)", BadPattern::Unsupported(3)),
        ("a*+", BadPattern::Unsupported(2)),
        ("(a{1000}){1000}", BadPattern::TooLarge),
        ("a)", BadPattern::Syntax(1)),
    ];
    for (pattern, bad) in cases {
        assert_eq!(
            compile(pattern.as_bytes(), Flags::default(), &mut Vec::new()),
            Err(bad),
            "{pattern}"
        );
    }
}

#[test]
fn a_pattern_that_backtracks_elsewhere_is_linear_here() {
    let mut code = Vec::new();
    compile(b"(a|aa)*(a|aa)*c", Flags::default(), &mut code).unwrap();
    let mut scratch = Scratch::new(1 << 20);
    let mut heap = Heap::new(&Nothing, &mut scratch, 1 << 20);
    let own = heap.scratch.push(&[b'a'; 10_000]).unwrap();
    assert_eq!(whole(&mut heap, &code, own), Ok(false));
}
