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

/// Holds patterns to all that they match in a text; tells every one that does not.
fn held(cases: &[(&str, &str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .map(|(pattern, text, want)| (*pattern, matches(pattern, text), *want))
        .filter(|(_, got, want)| got != want)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_preferred_match_is_found() {
    held(&[
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
    ]);
}

#[test]
fn what_stands_around_a_place_is_looked_at() {
    held(&[
        ("^(?!.*timed out).*$", "it timed out", ""),
        ("^(?!.*timed out).*$", "it failed", r#""it failed""#),
        ("(?=.*\\d)(?=.*[a-z]).+", "ab1", r#""ab1""#),
        ("(?=.*\\d)(?=.*[a-z]).+", "ABC1", ""),
        ("(?<=,)b", "b,b", r#""b""#),
        ("(?<!ä)b", "äb b", r#""b""#),
        ("a(?=b(?!c))", "abc ab", r#""a""#),
        ("(?<=(?<!x)a)b", "xab ab", r#""b""#),
        ("(?=a)*a", "aa", r#""a" "a""#),
        ("\\d{3}(?!\\d)", "1234", r#""234""#),
        // Possessive, atomic: nothing is given back.
        ("a*+a", "aaa", ""),
        ("a?+a", "aa", r#""aa""#),
        ("[ab]{1,2}+b", "abb ab", r#""abb""#),
        ("(?>a|ab)c", "abc", ""),
        ("(?>ab|a)c", "ac abc", r#""ac" "abc""#),
        ("(?>ab*)b", "abb", ""),
        ("\\Ga", "aab", r#""a" "a""#),
        ("(?d)a.$", "a\r\n", r#""a\r""#),
        ("(?md)^b$", "a\rb\nb", r#""b""#),
        ("(?iu)ς[^k]", "Σa ΣK", r#""Σa""#),
        ("(?iu)[é-ê]k", "Ék", r#""Ék""#),
    ]);
}

#[test]
fn looks_are_linear_and_bounded_too() {
    let mut code = Vec::new();
    compile(b"(?:a(?=.*b)|aa)*c", Flags::default(), &mut code).unwrap();
    let mut scratch = Scratch::new(1 << 20);
    let mut heap = Heap::new(&Nothing, &mut scratch, 1 << 20);
    let own = heap.scratch.push(&[b'a'; 10_000]).unwrap();
    assert_eq!(whole(&mut heap, &code, own), Ok(false));
    let spent = (1 << 20) - heap.work;
    assert!(spent < 400_000, "{spent}");
    let mut small = Scratch::new(10_100);
    let mut heap = Heap::new(&Nothing, &mut small, 1 << 20);
    let own = heap.scratch.push(&[b'a'; 10_000]).unwrap();
    assert_eq!(
        whole(&mut heap, &code, own),
        Err(RunError::Bound(Bound::Memory))
    );
}

#[test]
fn patterns_are_bounded() {
    let many = std::format!("(?>{})", "a|".repeat(40));
    let long = "a".repeat(40_000);
    let looks = "(?=a)".repeat(17);
    for (pattern, bad) in [
        (many, BadPattern::Unsupported(3)),
        (long, BadPattern::TooLarge),
        (looks, BadPattern::TooLarge),
    ] {
        let compiled = compile(pattern.as_bytes(), Flags::default(), &mut Vec::new());
        assert_eq!(compiled, Err(bad));
    }
}

#[test]
fn groups_are_known_by_name() {
    let mut code = Vec::new();
    compile(b"(a)(?<host>b)(?:(?<u>c))", Flags::default(), &mut code).unwrap();
    assert_eq!(named(&code, b"host"), Some(2));
    assert_eq!(named(&code, b"u"), Some(3));
    assert_eq!(named(&code, b"v"), None);
    assert_eq!(named(b"", b"u"), None);
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
        ("(?=(a))", BadPattern::Unsupported(3)),
        ("(?<=a+)b", BadPattern::Syntax(4)),
        ("(?:a|b)*+", BadPattern::Unsupported(8)),
        ("(?>a*b)", BadPattern::Unsupported(3)),
        ("(?U)a", BadPattern::Unsupported(2)),
        ("\\N{DIGIT ONE}", BadPattern::Unsupported(1)),
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
