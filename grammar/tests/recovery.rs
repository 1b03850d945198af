//! One bad item never hides another: laws over every example program.

mod common;
#[path = "common/tokens.rs"]
mod tokens;

use common::fixtures;
use tokens::{Kind, Token, tokens};
use tollgate_grammar::ast::{Block, Item, ItemKind};
use tollgate_grammar::{FileId, Lines, Parsed, Tree, parse, strip};

/// An item without the items of its block: how deep it is, what it says, and the lines
/// of its own text.
#[derive(Debug)]
struct Flat {
    depth: usize,
    says: String,
    lines: Vec<(u32, u32)>,
}

fn flatten(text: &str, tree: &Tree) -> Vec<Flat> {
    let lines = Lines::new(text);
    let mut flat = Vec::new();
    let stripped = strip(tree);
    for (item, bare) in tree.items.iter().zip(&stripped.items) {
        flatten_item(
            tree,
            &|at| lines.at(text, at).line,
            item,
            bare,
            0,
            &mut flat,
        );
    }
    flat
}

fn blocks(item: &Item) -> Vec<&Block> {
    match &item.kind {
        ItemKind::Entry(_) => Vec::new(),
        ItemKind::Sentence(it) => it.block.iter().collect(),
        ItemKind::Choice(it) => std::iter::once(&it.then).chain(&it.otherwise).collect(),
        ItemKind::Broken(it) => it.iter().collect(),
    }
}

fn flatten_item(
    tree: &Tree,
    line: &dyn Fn(u32) -> u32,
    item: &Item,
    bare: &Item,
    depth: usize,
    flat: &mut Vec<Flat>,
) {
    let mut alone = bare.clone();
    match &mut alone.kind {
        ItemKind::Sentence(it) => it.block.iter_mut().for_each(|it| it.items.clear()),
        ItemKind::Choice(it) => {
            it.then.items.clear();
            it.otherwise.iter_mut().for_each(|it| it.items.clear());
        }
        _ => {}
    }
    let span = tree.span(item.id);
    let mut lines = Vec::new();
    let mut from = line(span.start);
    for block in blocks(item) {
        let inner = tree.span(block.id);
        lines.push((from, line(inner.start)));
        from = line(inner.end);
    }
    if lines.is_empty() || matches!(&item.kind, ItemKind::Choice(it) if it.otherwise.is_some()) {
        lines.push((from, line(span.end)));
    }
    if !matches!(item.kind, ItemKind::Broken(_)) {
        let says = format!("{alone:?}");
        flat.push(Flat { depth, says, lines });
    }
    for (block, bare) in blocks(item).into_iter().zip(blocks(bare)) {
        for (item, bare) in block.items.iter().zip(&bare.items) {
            flatten_item(tree, line, item, bare, depth + 1, flat);
        }
    }
}

/// Every item whose own text does not touch the lines `damage` is still there, in order
/// and as deep as it was.
fn nothing_else_lost(before: &[Flat], after: &[Flat], damage: (u32, u32)) -> Result<(), String> {
    let mut after = after.iter();
    for item in before {
        let touched = |(start, end): &(u32, u32)| *start <= damage.1 && *end >= damage.0;
        if item.lines.iter().any(touched) {
            continue;
        }
        if !after.any(|other| other.depth == item.depth && other.says == item.says) {
            return Err(format!("lost line {:?}: {}", item.lines, item.says));
        }
    }
    Ok(())
}

struct Damage<'t> {
    text: &'t str,
    flat: &'t [Flat],
    lines: &'t Lines,
}

impl Damage<'_> {
    /// Replaces a range and checks the laws; `at` is a place of the line that is told.
    fn check(&self, start: usize, end: usize, by: &str, told: usize) -> Result<(), String> {
        let text = format!("{}{by}{}", &self.text[..start], &self.text[end..]);
        let parsed = parse(FileId(0), &text);
        let line = |at: usize| self.lines.at(self.text, at as u32).line;
        let damage = (line(start), line(end));
        let told = line(told);
        let found = Lines::new(&text);
        let error_there = parsed.errors.iter().any(|error| {
            let first = found.at(&text, error.span.start).line;
            let last = found.at(&text, error.span.end).line;
            (first..=last).contains(&told)
        });
        if !error_there {
            return Err(format!("no error on line {told}: {:?}", parsed.errors));
        }
        nothing_else_lost(self.flat, &flatten(&text, &parsed.tree), damage)
    }
}

/// Runs a law over all tokens of all examples that `wanted` picks.
fn law(name: &str, check: impl Fn(&Damage, &[Token], usize) -> Option<Result<(), String>>) {
    let mut count = 0;
    let mut failures = Vec::new();
    for (path, text) in fixtures() {
        let Parsed { tree, errors } = parse(FileId(0), &text);
        assert_eq!(errors, [], "{}", path.display());
        let flat = flatten(&text, &tree);
        let lines = Lines::new(&text);
        let tokens = tokens(&text);
        let damage = Damage {
            text: &text,
            flat: &flat,
            lines: &lines,
        };
        for at in 0..tokens.len() {
            let token = tokens[at];
            if let Some(result) = check(&damage, &tokens, at) {
                count += 1;
                if let Err(problem) = result {
                    let place = lines.at(&text, token.start as u32);
                    failures.push(format!(
                        "{}:{}:{} `{}`: {problem}",
                        path.file_name().unwrap_or_default().display(),
                        place.line,
                        place.column,
                        &text[token.start..token.end],
                    ));
                }
            }
        }
    }
    assert!(count > 5, "{name} was tried {count} times");
    assert!(
        failures.is_empty(),
        "{name}: {} of {count} failed\n{}",
        failures.len(),
        failures
            .iter()
            .take(20)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n"),
    );
}

fn is_code(token: Token) -> bool {
    !matches!(token.kind, Kind::Comment | Kind::Doc | Kind::Condition)
}

#[test]
fn a_token_that_makes_no_sense_costs_its_line_only() {
    law("`??` for a token", |damage, tokens, at| {
        let token = tokens[at];
        is_code(token).then(|| damage.check(token.start, token.end, "??", token.start))
    });
}

#[test]
fn a_string_without_its_last_quote_costs_its_line_only() {
    law("an unclosed string", |damage, tokens, at| {
        let token = tokens[at];
        let text = &damage.text[token.start..token.end];
        let fence = text.starts_with("\"\"\"");
        if token.kind != Kind::Text || fence {
            return None;
        }
        Some(damage.check(token.end - 1, token.end, "", token.start))
    });
}

#[test]
fn a_fence_without_its_last_quotes_costs_its_item_only() {
    law("an unclosed fence", |damage, tokens, at| {
        let token = tokens[at];
        let text = &damage.text[token.start..token.end];
        if token.kind != Kind::Text || !text.starts_with("\"\"\"") {
            return None;
        }
        let quotes = text.chars().rev().take_while(|c| *c == '"').count();
        Some(damage.check(token.end - quotes, token.end, "", token.start))
    });
}

#[test]
fn a_string_without_its_first_quote_costs_its_line_only() {
    law("an unopened string", |damage, tokens, at| {
        let token = tokens[at];
        let text = &damage.text[token.start..token.end];
        if token.kind != Kind::Text || text.starts_with("\"\"\"") {
            return None;
        }
        Some(damage.check(token.start, token.start + 1, "", token.start))
    });
}

#[test]
fn a_bracket_that_is_not_closed_is_named_where_it_opened() {
    law("a lost closing bracket", |damage, tokens, at| {
        let token = tokens[at];
        let sign = &damage.text[token.start..token.end];
        if token.kind != Kind::Sign || !["}", "]", ")"].contains(&sign) {
            return None;
        }
        let mut depth = 0;
        let opener = tokens[..=at].iter().rev().find(|token| {
            if token.kind == Kind::Sign {
                match &damage.text[token.start..token.end] {
                    "}" | "]" | ")" => depth += 1,
                    "{" | "[" | "(" => depth -= 1,
                    _ => {}
                }
            }
            depth == 0
        });
        let opener = opener.expect("an example's brackets match");
        Some(damage.check(token.start, token.end, "", opener.start))
    });
}

#[test]
fn a_bracket_that_is_lost_where_it_opens_costs_its_line_only() {
    law("a lost opening bracket", |damage, tokens, at| {
        let token = tokens[at];
        let sign = &damage.text[token.start..token.end];
        if token.kind != Kind::Sign || !["{", "[", "("].contains(&sign) {
            return None;
        }
        let text = format!(
            "{}{}",
            &damage.text[..token.start],
            &damage.text[token.end..]
        );
        let parsed = parse(FileId(0), &text);
        let line = damage.lines.at(damage.text, token.start as u32).line;
        if parsed.errors.is_empty() {
            return Some(Err("no error".to_owned()));
        }
        let after = flatten(&text, &parsed.tree);
        Some(nothing_else_lost(damage.flat, &after, (line, line)))
    });
}
