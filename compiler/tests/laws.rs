//! What holds for every program: the order of files, the spread of mistakes.

use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check};

#[test]
fn five_mistakes_on_five_lines_are_five_codes_on_those_lines() {
    let text = "\
rest api Shop {
  titel: \"Shop\"
  compress: 20MiB
  GET /a { auth: Nobody, integrate mock, respond 200 }
  GET /b { integrate http \"ftp://example.com\" }
  GET /c { integrate mock, respond 999 }
}
";
    let source = Source::new("main.gate", text);
    let checked = check(vec![source], &NoFiles, &Options::default());
    let found: Vec<(String, u32)> = checked
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let span = diagnostic.primary().span();
            let line = checked.sources.line_column(span.file, span.start).line;
            (diagnostic.code().to_string(), line)
        })
        .collect();
    let expected = [
        ("TG0201", 2),
        ("TG0213", 3),
        ("TG0901", 4),
        ("TG0504", 5),
        ("TG0213", 6),
    ];
    let found: Vec<(&str, u32)> = found
        .iter()
        .map(|(code, line)| (code.as_str(), *line))
        .collect();
    assert_eq!(found, expected);
    assert!(checked.program.is_none());
}

const ROUTES: [&str; 5] = [
    "  GET /a { integrate http \"https://example.com/{missing}\" }",
    "  PUT /b/{id} { query.id: String, integrate mock, respond 200 }",
    "  POST /c { body: Nothing, integrate mock, respond 201 }",
    "  DELETE /d { integrate lambda custom \"f\", respond 404 matching r\"4(\" }",
    "  PATCH /e { integrate http custom \"https://example.com/\", respond 200 { header.x = header.y } }",
];

#[test]
fn a_broken_token_hides_no_finding_of_another_route() {
    let program = |routes: &[String]| format!("rest api Shop {{\n{}\n}}\n", routes.join("\n"));
    let whole: Vec<String> = ROUTES.iter().map(|route| (*route).to_owned()).collect();
    let found_on = |text: &str| {
        let checked = check(
            vec![Source::new("main.gate", text)],
            &NoFiles,
            &Options::default(),
        );
        let lines: Vec<(u32, String)> = checked
            .diagnostics
            .iter()
            .map(|diagnostic| {
                let span = diagnostic.primary().span();
                let line = checked.sources.line_column(span.file, span.start).line;
                (line, diagnostic.code().to_string())
            })
            .collect();
        lines
    };
    let before = found_on(&program(&whole));
    assert!(before.len() >= ROUTES.len());
    for at in 0..ROUTES.len() {
        let words: Vec<&str> = ROUTES[at].split(' ').collect();
        for word in 2..words.len() {
            // A bracket that is gone changes what the lines behind it belong to.
            if words[word].contains(['{', '}', '"']) {
                continue;
            }
            let mut broken = words.clone();
            broken[word] = "??";
            let mut routes = whole.clone();
            routes[at] = broken.join(" ");
            let text = program(&routes);
            let after = found_on(&text);
            let line = at as u32 + 2;
            for finding in before.iter().filter(|(other, _)| *other != line) {
                assert!(
                    after.contains(finding),
                    "{finding:?} is lost in\n{text}\n{after:?}"
                );
            }
        }
    }
}

#[test]
fn the_order_of_files_changes_nothing() {
    let files = [
        ("a.gate", "model Order { id: String }\n"),
        (
            "b.gate",
            "rest api Shop { POST / { body: Order, integrate mock, respond 201 } }\n",
        ),
        ("c.gate", "stage prod of Shop { }\nstage prod of Shop { }\n"),
        ("d.gate", "plan Basic { stages: [Shop.prod, Shop.test] }\n"),
    ];
    let sources = |order: &[usize]| -> Vec<Source> {
        order
            .iter()
            .map(|at| Source::new(files[*at].0, files[*at].1))
            .collect()
    };
    let show = |order: &[usize]| {
        let checked = check(sources(order), &NoFiles, &Options::default());
        let found: Vec<String> = checked
            .diagnostics
            .iter()
            .map(|diagnostic| format!("{:?} {}", diagnostic.primary(), diagnostic.message()))
            .collect();
        (format!("{:?}", checked.program), found)
    };
    let first = show(&[0, 1, 2, 3]);
    assert_eq!(first.1.len(), 2);
    for order in [[3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]] {
        assert_eq!(show(&order), first);
    }
}

/// A small generator, the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides.max(1)
    }
}

/// All examples of all pages, as programs to spoil.
fn examples() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for info in tollgate_compiler::diagnostic::all() {
        let page = tollgate_compiler::diagnostic::page(info);
        for part in page.split("\n```") {
            match part.split_once('\n') {
                Some(("gate", text)) => all.push(("main.gate", text.to_owned())),
                Some(("yaml", text)) => all.push(("main.yaml", text.to_owned())),
                _ => {}
            }
        }
    }
    all
}

#[test]
fn no_text_makes_the_checker_or_a_report_fail() {
    use tollgate_compiler::report::{Color, github, human, json, sarif};

    let examples = examples();
    let words: Vec<&str> = examples
        .iter()
        .flat_map(|(_, text)| {
            text.split_inclusive(|c: char| c.is_whitespace() || "{}[](),:=\"".contains(c))
        })
        .collect();
    let mut dice = Dice(7);
    for round in 0..1500 {
        let (name, text) = &examples[round % examples.len()];
        let mut parts: Vec<&str> = text
            .split_inclusive(|c: char| c.is_whitespace() || "{}[](),:=\"".contains(c))
            .collect();
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(parts.len());
            match dice.roll(4) {
                0 => {
                    parts.remove(at);
                }
                1 => parts.insert(at, words[dice.roll(words.len())]),
                2 => parts[at] = words[dice.roll(words.len())],
                _ => parts.insert(
                    at,
                    [
                        "é",
                        "\u{1b}[31m",
                        "}",
                        "\"",
                        "99999999999999999999",
                        "-1",
                        "@{",
                        "\r",
                    ][dice.roll(8)],
                ),
            }
            if parts.is_empty() {
                break;
            }
        }
        let text = parts.concat();
        let checked = check(
            vec![Source::new(*name, text.as_str())],
            &NoFiles,
            &Options::default(),
        );
        for diagnostic in &checked.diagnostics {
            let shown = human(&checked.sources, diagnostic, Color::Never);
            assert!(!shown.contains('\u{1b}'), "{shown}");
            for label in diagnostic.secondary().iter().chain([diagnostic.primary()]) {
                let span = label.span();
                assert!(
                    span.start <= span.end && span.end as usize <= text.len(),
                    "{label:?} in {text}"
                );
            }
        }
        json(&checked.sources, &checked.diagnostics, &checked.allowed);
        sarif(&checked.sources, &checked.diagnostics, &checked.allowed);
        github(&checked.sources, &checked.diagnostics);
    }
}
