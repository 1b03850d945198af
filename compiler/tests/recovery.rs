//! A mistake costs what it stands in: laws over every example, as far as findings go. That
//! no item is lost is held by the parser's own tests.

#[path = "../../grammar/tests/common/tokens.rs"]
mod tokens;

mod examples;

use std::path::PathBuf;

use rayon::prelude::*;
use tokens::{Kind, Token, tokens};
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Severity, Source, check};
use tollgate_grammar::ast::{Item, ItemKind, Tree};
use tollgate_grammar::{FileId, parse};

const METHODS: [&str; 8] = [
    "GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY",
];

/// Says that a route is open where another one is not: it hangs on the other one.
const OPEN_ROUTE: &str = "TG0410";

/// A finding: where it stands, and where everything stands that it speaks of.
#[derive(Clone, Debug)]
struct Found {
    code: String,
    line: usize,
    error: bool,
    places: Vec<(usize, usize)>,
}

fn found(text: &str) -> Vec<Found> {
    let source = vec![Source::new("main.gate", text)];
    let checked = check(source, &NoFiles, &Options::default());
    let labels = |diagnostic: &tollgate_compiler::Diagnostic| -> Vec<(usize, usize)> {
        let all = std::iter::once(diagnostic.primary()).chain(diagnostic.secondary());
        all.map(|label| (label.span().start as usize, label.span().end as usize))
            .collect()
    };
    checked
        .diagnostics
        .iter()
        .map(|diagnostic| Found {
            code: diagnostic.code().to_string(),
            line: line(text, diagnostic.primary().span().start as usize),
            error: diagnostic.severity() == Severity::Error,
            places: labels(diagnostic),
        })
        .collect()
}

fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// A part of a program that is read by itself: a route, another item of an API, an item of
/// the top level that is no API.
#[derive(Clone, Copy, Debug)]
struct Region {
    start: usize,
    end: usize,
    route: bool,
}

impl Region {
    fn has(&self, at: usize) -> bool {
        (self.start..self.end).contains(&at)
    }

    fn touches(&self, found: &Found) -> bool {
        let overlaps = |(start, end): &(usize, usize)| *start < self.end && *end > self.start;
        found.places.iter().any(overlaps)
    }
}

fn regions(tree: &Tree) -> Vec<Region> {
    let mut all = Vec::new();
    for item in &tree.items {
        match &item.kind {
            ItemKind::Sentence(sentence) if sentence.word.name() == Some("rest") => {
                let items = sentence.block.iter().flat_map(|block| &block.items);
                all.extend(items.map(|item| region(tree, item)));
            }
            _ => all.push(region(tree, item)),
        }
    }
    all
}

fn region(tree: &Tree, item: &Item) -> Region {
    let span = tree.span(item.id);
    let route = match &item.kind {
        ItemKind::Sentence(it) => it.word.name().is_some_and(|word| METHODS.contains(&word)),
        _ => false,
    };
    Region {
        start: span.start as usize,
        end: span.end as usize,
        route,
    }
}

/// An example that parses, with what is found in it.
struct Example {
    name: PathBuf,
    text: String,
    tokens: Vec<Token>,
    regions: Vec<Region>,
    found: Vec<Found>,
}

fn examples() -> Vec<Example> {
    examples::all()
        .into_par_iter()
        .map(|(name, text)| Example {
            tokens: tokens(&text),
            regions: regions(&parse(FileId(0), &text).tree),
            found: found(&text),
            name,
            text,
        })
        .collect()
}

/// A change of an example: where, by what, and whose findings must stay.
struct Damage {
    start: usize,
    end: usize,
    by: &'static str,
    /// A place of the line that must have an error.
    told: usize,
    /// Only what stands before this place must stay.
    until: usize,
}

impl Example {
    fn holds(&self, damage: &Damage) -> Result<(), String> {
        let Some(hurt) = self.regions.iter().find(|region| region.has(damage.start)) else {
            return Ok(());
        };
        let (head, tail) = (&self.text[..damage.start], &self.text[damage.end..]);
        let text = format!("{head}{}{tail}", damage.by);
        let after = found(&text);
        let told = line(&self.text, damage.told);
        if !after.iter().any(|found| found.error && found.line == told) {
            return Err(format!("no error on line {told}: {after:?}"));
        }
        let first = line(&self.text, damage.start);
        let lost = self.text[damage.start..damage.end].matches('\n').count();
        for before in &self.found {
            let place = before.places[0].0;
            if hurt.touches(before) || before.line == first || place >= damage.until {
                continue;
            }
            let moved = if before.line > first { lost } else { 0 };
            // What a declaration says, others read; what is only probably wrong is told of
            // routes by themselves.
            let in_route = self
                .regions
                .iter()
                .any(|region| region.route && region.has(place));
            let stays = hurt.route && (before.error || in_route) && before.code != OPEN_ROUTE;
            let is = |found: &Found| found.code == before.code && found.line + moved == before.line;
            if stays && !after.iter().any(is) {
                return Err(format!("lost {} of line {}", before.code, before.line));
            }
        }
        Ok(())
    }
}

/// Holds a law over all tokens of all examples that `damage` changes.
fn law(name: &str, damage: impl Fn(&Example, usize) -> Option<Damage> + Sync) {
    let examples = examples();
    let results: Vec<Result<(), String>> = examples
        .par_iter()
        .flat_map_iter(|example| (0..example.tokens.len()).map(move |at| (example, at)))
        .filter_map(|(example, at)| {
            let damage = damage(example, at)?;
            let result = example.holds(&damage);
            let token = example.tokens[at];
            Some(result.map_err(|why| {
                let at = line(&example.text, token.start);
                let token = &example.text[token.start..token.end];
                format!("{}:{at} `{token}`: {why}", example.name.display())
            }))
        })
        .collect();
    let count = results.len();
    let wrong: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(count > 5, "{name}: only {count} cases");
    assert!(
        wrong.is_empty(),
        "{name}: {} of {count} failed\n{}",
        wrong.len(),
        wrong[..wrong.len().min(60)].join("\n")
    );
}

fn is_fence(text: &str) -> bool {
    text.starts_with("\"\"\"")
}

#[test]
fn a_token_that_makes_no_sense_hides_no_finding_of_another_route() {
    law("`??` for a token", |example, at| {
        let token = example.tokens[at];
        let code = !matches!(token.kind, Kind::Comment | Kind::Doc | Kind::Condition);
        code.then_some(Damage {
            start: token.start,
            end: token.end,
            by: "??",
            told: token.start,
            until: usize::MAX,
        })
    });
}

#[test]
fn a_string_that_is_not_closed_hides_no_finding_of_another_route() {
    law("an unclosed string", |example, at| {
        let token = example.tokens[at];
        let text = &example.text[token.start..token.end];
        (token.kind == Kind::Text && !is_fence(text)).then_some(Damage {
            start: token.end - 1,
            end: token.end,
            by: "",
            told: token.start,
            until: usize::MAX,
        })
    });
}

#[test]
fn a_fence_that_is_not_closed_hides_no_finding_of_another_route() {
    law("an unclosed fence", |example, at| {
        let token = example.tokens[at];
        let text = &example.text[token.start..token.end];
        let quotes = text.chars().rev().take_while(|c| *c == '"').count();
        (token.kind == Kind::Text && is_fence(text)).then_some(Damage {
            start: token.end - quotes,
            end: token.end,
            by: "",
            told: token.start,
            until: usize::MAX,
        })
    });
}

#[test]
fn a_brace_that_is_not_closed_hides_no_finding_before_it() {
    law("an unclosed brace", |example, at| {
        let sign = |token: &Token| &example.text[token.start..token.end];
        let token = example.tokens[at];
        if token.kind != Kind::Sign || sign(&token) != "}" {
            return None;
        }
        let mut depth = 0;
        let opener = example.tokens[..=at].iter().rev().find(|token| {
            if token.kind == Kind::Sign {
                match sign(token) {
                    "}" => depth += 1,
                    "{" => depth -= 1,
                    _ => {}
                }
            }
            depth == 0
        })?;
        Some(Damage {
            start: token.start,
            end: token.end,
            by: "",
            told: opener.start,
            until: opener.start,
        })
    });
}
