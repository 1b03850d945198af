//! The grammar for editors, `docs/editor/gate.tmLanguage.json`: it colours every token of
//! every example as what it is, and knows the words of the table. To write its list of words
//! anew: `UPDATE_DOCS=1 cargo test -p tollgate-compiler --test editor`.

#[path = "../../grammar/tests/common/tokens.rs"]
mod tokens;

mod examples;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use fancy_regex::{Captures, Regex};
use rayon::prelude::*;
use serde_json::Value;
use tokens::{Kind, Token, tokens};
use tollgate_compiler::words;
use tollgate_grammar::ast::{Item, ItemKind, Place, Step, Tree};
use tollgate_grammar::{FileId, parse};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/editor/gate.tmLanguage.json")
}

/// All words of all contexts, the longer of two that begin alike first.
fn table() -> BTreeSet<&'static str> {
    words::contexts()
        .iter()
        .flat_map(|context| context.words())
        .flat_map(|word| word.names().iter().copied())
        .collect()
}

#[test]
fn the_words_are_those_of_the_table() {
    let text = std::fs::read_to_string(path()).unwrap();
    let words: Vec<&str> = table().into_iter().rev().collect();
    let (before, rest) = text
        .split_once("(?<=[{,])\\\\s*)(")
        .expect("the rule of words");
    let (found, after) = rest.split_once(')').unwrap();
    let expected = words.join("|");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let text = format!("{before}(?<=[{{,])\\\\s*)({expected}){after}");
        std::fs::write(path(), text).unwrap();
        return;
    }
    assert_eq!(found, expected);
}

/// A pattern of a TextMate grammar: one regular expression, or a pair around others.
struct Rule {
    name: Option<String>,
    content: Option<String>,
    start: Regex,
    captures: HashMap<usize, String>,
    end: Option<(Regex, HashMap<usize, String>)>,
    inside: Vec<usize>,
}

/// The part of TextMate's way of reading that the grammar uses: `match`, `begin` and `end`
/// with captures and `contentName`, `include` of the repository; line by line, the first
/// match wins, of two at one place the end and then the earlier rule.
struct Grammar {
    rules: Vec<Rule>,
    root: Vec<usize>,
}

/// The scopes of one byte, outermost first.
type Scopes = Vec<String>;

impl Grammar {
    fn read() -> Grammar {
        let text = std::fs::read_to_string(path()).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let mut grammar = Grammar {
            rules: Vec::new(),
            root: Vec::new(),
        };
        let mut known = BTreeMap::new();
        let mut later = Vec::new();
        let root = grammar.list(&document, &document["patterns"], &mut known, &mut later);
        grammar.root = root;
        while let Some((rule, patterns)) = later.pop() {
            let inside = grammar.list(&document, &patterns, &mut known, &mut later);
            grammar.rules[rule].inside = inside;
        }
        grammar
    }

    /// The rules of a list, includes resolved; what is inside of them comes `later`.
    fn list(
        &mut self,
        document: &Value,
        patterns: &Value,
        known: &mut BTreeMap<String, Vec<usize>>,
        later: &mut Vec<(usize, Value)>,
    ) -> Vec<usize> {
        let mut rules = Vec::new();
        for pattern in patterns.as_array().into_iter().flatten() {
            if let Some(name) = pattern["include"].as_str() {
                let name = name.strip_prefix('#').expect("the repository");
                let included = &document["repository"][name];
                assert!(included.is_object(), "`{name}` is not in the repository");
                let group = included["match"].is_null() && included["begin"].is_null();
                let found = match known.get(name) {
                    Some(found) => found.clone(),
                    None if group => self.list(document, &included["patterns"], known, later),
                    None => vec![self.rule(included, later)],
                };
                rules.extend(&found);
                known.insert(name.to_owned(), found);
            } else {
                rules.push(self.rule(pattern, later));
            }
        }
        rules
    }

    fn rule(&mut self, pattern: &Value, later: &mut Vec<(usize, Value)>) -> usize {
        let text = |key: &str| pattern[key].as_str().map(str::to_owned);
        let regex = |key: &str| text(key).map(|text| Regex::new(&format!("(?m){text}")).unwrap());
        let captures = |key: &str| -> HashMap<usize, String> {
            let captures = pattern[key].as_object().into_iter().flatten();
            captures
                .map(|(group, scope)| {
                    let name = scope["name"].as_str().unwrap();
                    (group.parse().unwrap(), name.to_owned())
                })
                .collect()
        };
        let single = regex("match");
        let begins = single.is_none();
        self.rules.push(Rule {
            name: text("name"),
            content: text("contentName"),
            start: single.unwrap_or_else(|| regex("begin").expect("`match` or `begin`")),
            captures: captures(if begins { "beginCaptures" } else { "captures" }),
            end: begins.then(|| (regex("end").unwrap(), captures("endCaptures"))),
            inside: Vec::new(),
        });
        let at = self.rules.len() - 1;
        if begins {
            later.push((at, pattern["patterns"].clone()));
        }
        at
    }

    /// The scopes of every byte.
    fn colour(&self, text: &str) -> Vec<Scopes> {
        let mut scopes: Vec<Scopes> = vec![Vec::new(); text.len()];
        let mut open: Vec<usize> = Vec::new();
        let mut base = 0;
        for line in text.split_inclusive('\n') {
            let mut at = 0;
            while at <= line.len() {
                let inside = open
                    .last()
                    .map_or(&self.root, |rule| &self.rules[*rule].inside);
                let end = open.last().and_then(|rule| self.rules[*rule].end.as_ref());
                let end = end.and_then(|(end, _)| end.captures_from_pos(line, at).unwrap());
                let mut best: Option<(usize, Option<usize>, Captures<'_, str>)> =
                    end.map(|found| (found.get(0).unwrap().start(), None, found));
                for rule in inside {
                    let found = self.rules[*rule].start.captures_from_pos(line, at).unwrap();
                    if let Some(found) = found.filter(|it| !it.get(0).unwrap().range().is_empty()) {
                        let start = found.get(0).unwrap().start();
                        if best.as_ref().is_none_or(|(first, ..)| start < *first) {
                            best = Some((start, Some(*rule), found));
                        }
                    }
                }
                let outer = self.scopes(&open, true);
                let Some((start, rule, found)) = best else {
                    give(&mut scopes[base + at..base + line.len()], &outer);
                    break;
                };
                give(&mut scopes[base + at..base + start], &outer);
                let whole = found.get(0).unwrap().range();
                let (names, captures) = match rule {
                    Some(rule) => {
                        let mut names = outer;
                        names.extend(self.rules[rule].name.clone());
                        if self.rules[rule].end.is_some() {
                            open.push(rule);
                        }
                        (names, &self.rules[rule].captures)
                    }
                    None => {
                        let names = self.scopes(&open, false);
                        let rule = open.pop().unwrap();
                        (names, &self.rules[rule].end.as_ref().unwrap().1)
                    }
                };
                give(&mut scopes[base + whole.start..base + whole.end], &names);
                for (group, scope) in captures {
                    if let Some(part) = found.get(*group) {
                        for scopes in &mut scopes[base + part.start()..base + part.end()] {
                            scopes.push(scope.clone());
                        }
                    }
                }
                if whole.end == at && rule.is_none() && at >= line.len() {
                    break;
                }
                at = whole.end;
            }
            base += line.len();
        }
        scopes
    }

    /// The scopes of what is open, with or without that of the last one's content.
    fn scopes(&self, open: &[usize], content: bool) -> Scopes {
        let mut scopes = Vec::new();
        for (at, rule) in open.iter().enumerate() {
            scopes.extend(self.rules[*rule].name.clone());
            if content || at + 1 < open.len() {
                scopes.extend(self.rules[*rule].content.clone());
            }
        }
        scopes
    }
}

fn give(bytes: &mut [Scopes], scopes: &Scopes) {
    for byte in bytes {
        byte.clone_from(scopes);
    }
}

/// Where the words of the table stand as the words of items.
fn keywords(tree: &Tree) -> HashSet<usize> {
    fn items(tree: &Tree, list: &[Item], table: &BTreeSet<&str>, found: &mut HashSet<usize>) {
        let mut word = |place: &Place| {
            if let Some(Step::Name(name)) = place.steps.first()
                && table.contains(name.text.as_str())
            {
                found.insert(tree.span(name.id).start as usize);
            }
        };
        for item in list {
            match &item.kind {
                ItemKind::Entry(entry) => word(&entry.place),
                ItemKind::Sentence(sentence) => word(&sentence.word),
                ItemKind::Choice(_) | ItemKind::Broken(_) => {}
            }
        }
        for item in list {
            match &item.kind {
                ItemKind::Sentence(sentence) => {
                    if let Some(block) = &sentence.block {
                        items(tree, &block.items, table, found);
                    }
                }
                ItemKind::Choice(choice) => {
                    for block in std::iter::once(&choice.then).chain(&choice.otherwise) {
                        items(tree, &block.items, table, found);
                    }
                }
                ItemKind::Entry(_) | ItemKind::Broken(_) => {}
            }
        }
    }
    let mut found = HashSet::new();
    items(tree, &tree.items, &table(), &mut found);
    found
}

/// Whether the scopes of a byte are those of its token.
fn fits(token: Token, text: &str, keywords: &HashSet<usize>, scopes: &[String]) -> bool {
    let within = |family: &str| scopes.iter().any(|scope| scope.starts_with(family));
    let last = scopes.last().map_or("", String::as_str);
    let one_of = |families: &[&str]| families.iter().any(|family| last.starts_with(family));
    let reserved = ["if", "when", "unless", "else"].contains(&text);
    match token.kind {
        Kind::Comment => last == "comment.line.number-sign.gate",
        Kind::Doc => last == "comment.line.documentation.gate",
        Kind::Text => within("string.quoted.") || within("string.regexp."),
        Kind::Number | Kind::Date => last.starts_with("constant.numeric."),
        Kind::Path => last == "string.unquoted.path.gate",
        Kind::Condition => within("meta.condition.gate") && within("meta.embedded.cel.gate"),
        Kind::Name if keywords.contains(&token.start) => last == "keyword.other.gate",
        Kind::Name if reserved && !text.starts_with('`') => last == "keyword.control.gate",
        Kind::Name => one_of(&[
            "variable.",
            "entity.",
            "support.",
            "constant.language.",
            "storage.",
        ]),
        Kind::Sign if text.starts_with(|c: char| c.is_ascii_digit()) => {
            last == "constant.numeric.index.gate"
        }
        Kind::Sign => one_of(&["punctuation.", "keyword.operator."]),
    }
}

/// Editors colour no line that is much longer; one fixture is nothing but its size.
const MAX_LINE: usize = 2000;

fn examples() -> Vec<(PathBuf, String)> {
    let mut all = examples::all();
    all.retain(|(_, text)| text.lines().all(|line| line.len() <= MAX_LINE));
    all
}

/// The kinds of an example's tokens, and those tokens that have another colour.
fn colours_of(grammar: &Grammar, path: &Path, text: &str) -> (Vec<Kind>, Vec<String>) {
    let scopes = grammar.colour(text);
    let keywords = keywords(&parse(FileId(0), text).tree);
    let tokens = tokens(text);
    let wrong = tokens.iter().filter_map(|token| {
        let own = &text[token.start..token.end];
        let at = (token.start..token.end).find(|at| {
            !text.as_bytes()[*at].is_ascii_whitespace()
                && !fits(*token, own, &keywords, &scopes[*at])
        })?;
        let line = text[..at].matches('\n').count() + 1;
        let (name, kind, scopes) = (path.display(), token.kind, &scopes[at]);
        Some(format!("{name}:{line} {kind:?} `{own}`: {scopes:?}"))
    });
    (
        tokens.iter().map(|token| token.kind).collect(),
        wrong.collect(),
    )
}

#[test]
fn every_token_of_every_example_has_its_colour() {
    let grammar = Grammar::read();
    let results: Vec<(Vec<Kind>, Vec<String>)> = examples()
        .par_iter()
        .map(|(path, text)| colours_of(&grammar, path, text))
        .collect();
    let kinds: BTreeSet<Kind> = results
        .iter()
        .flat_map(|(kinds, _)| kinds)
        .copied()
        .collect();
    let wrong: Vec<&String> = results.iter().flat_map(|(_, wrong)| wrong).collect();
    assert_eq!(kinds.len(), 9, "every kind of token occurs: {kinds:?}");
    assert!(
        wrong.is_empty(),
        "{} tokens\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(40)
            .map(|it| it.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn what_is_not_closed_ends_with_its_line() {
    let grammar = Grammar::read();
    let text = "title: \"open\nversion: \"1\"\n";
    let scopes = grammar.colour(text);
    let version = text.find("version").unwrap();
    assert_eq!(scopes[version], ["keyword.other.gate"]);
}
