//! From sources to a checked program.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use tollgate_grammar::ast::{Item, ItemKind, Value, ValueKind};
use tollgate_grammar::{FileId, MAX_SIZE, Span, SyntaxErrorKind, Tree, parse, parse_bytes};
use tollgate_model::Program;

use crate::check::data::{DataFile, DataFiles};
use crate::check::{self, Input, files};
use crate::diagnostic::codes::{self, FileNotFound, UnreadableData};
use crate::diagnostic::{Diagnostic, Finding, Severity};
use crate::import;
use crate::lint;
use crate::project::{self, Allowed, Options};
use crate::source::{NoFiles, Source, SourceKind, SourceMap, SourceProvider, join};

/// What checking gives.
#[derive(Debug)]
pub struct Checked {
    /// The program, if nothing in it is an error.
    pub program: Option<Program>,
    /// What was found, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// What was found and is accepted, by a comment or a baseline.
    pub allowed: Vec<Allowed>,
    /// The texts, for places and lines.
    pub sources: SourceMap,
}

impl Checked {
    /// How many findings have a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity() == severity)
            .count()
    }
}

/// Checks a program: all its sources together, in whatever order they come. The same
/// sources give the same program and the same findings, at every number of threads.
///
/// The provider is asked for what the sources name: `use "…"`, `schema(file("…"))`. It is
/// never asked for what is secret: `env(…)`, `file(…)` and `secret(…)` of a key are
/// resolved when a bundle is loaded.
///
/// ```
/// use tollgate_compiler::{Options, Source, check, source::NoFiles};
///
/// let source = Source::new("shop.gate", "rest api Shop { GET / { integrate mock, respond 200 } }");
/// let checked = check(vec![source], &NoFiles, &Options::default());
/// assert!(checked.diagnostics.is_empty());
/// assert_eq!(checked.program.unwrap().apis[0].routes.len(), 1);
/// ```
pub fn check(sources: Vec<Source>, provider: &dyn SourceProvider, options: &Options) -> Checked {
    let mut session = Session {
        provider,
        options,
        map: SourceMap::default(),
        trees: Vec::new(),
        foreign: Vec::new(),
        found: Vec::new(),
    };
    session.read(sources);
    let data = session.data();
    let templates = check::Templates::default();
    let (program, messages) = check::program(&Input {
        options,
        map: &session.map,
        data: &data,
        foreign: &session.foreign,
        trees: &session.trees,
        templates: &templates,
    });
    let mut found = session.found;
    let mut map = session.map;
    found.extend(messages);
    let errors = found
        .iter()
        .filter(|diagnostic| diagnostic.severity() == Severity::Error)
        .map(|diagnostic| diagnostic.primary().span())
        .collect();
    found.extend(lint::run(
        &program,
        &map,
        &session.foreign,
        &templates,
        errors,
    ));
    let mut allowed = project::apply_allows(&map, &session.trees, &mut found);
    if let Some(baseline) = &options.baseline {
        allowed.extend(project::apply_baseline(&mut map, baseline, &mut found));
    }
    found.sort_by(|a, b| a.order().cmp(&b.order()));
    let sound = found
        .iter()
        .all(|diagnostic| diagnostic.severity() != Severity::Error);
    Checked {
        program: sound.then_some(program),
        diagnostics: found,
        allowed,
        sources: map,
    }
}

/// Checks one text: the shortest way from gate to a program, for tests.
pub fn check_text(text: &str) -> (Option<Program>, Vec<Diagnostic>) {
    let source = Source::new("main.gate", text);
    let checked = check(vec![source], &NoFiles, &Options::default());
    (checked.program, checked.diagnostics)
}

/// A text that became a tree.
struct Read {
    tree: Tree,
    foreign: bool,
    found: Vec<Diagnostic>,
}

struct Session<'s> {
    provider: &'s dyn SourceProvider,
    options: &'s Options,
    map: SourceMap,
    trees: Vec<Tree>,
    foreign: Vec<bool>,
    found: Vec<Diagnostic>,
}

impl Session<'_> {
    /// Reads sources, and what they `use`, round by round, each round in the order of names.
    fn read(&mut self, mut round: Vec<Source>) {
        let mut known: BTreeSet<String> = BTreeSet::new();
        while !round.is_empty() {
            round.sort_by(|a, b| a.name.cmp(&b.name));
            round.dedup_by(|a, b| a.name == b.name);
            known.extend(round.iter().map(|source| source.name.clone()));
            let files: Vec<(FileId, &Source)> = round
                .iter()
                .map(|source| {
                    // Of a text that nobody will read no lines are needed.
                    let shown = match source.bytes.len() > MAX_SIZE {
                        true => &[],
                        false => source.bytes.as_slice(),
                    };
                    (self.map.add(&source.name, shown), source)
                })
                .collect();
            let read: Vec<Read> = files
                .par_iter()
                .map(|(file, source)| read(*file, source, &self.options.import))
                .collect();
            let mut next = Vec::new();
            for read in read {
                self.found.extend(read.found);
                for (name, span) in uses(&read.tree) {
                    self.follow(&name, span, &mut known, &mut next);
                }
                self.map
                    .set_origins(read.tree.file, read.tree.origins.clone());
                let at = read.tree.file.0 as usize;
                if self.foreign.len() <= at {
                    self.foreign.resize(at + 1, false);
                }
                self.foreign[at] = read.foreign;
                self.trees.push(read.tree);
            }
            round = next;
        }
    }

    /// `use "name"`.
    fn follow(
        &mut self,
        name: &str,
        span: Span,
        known: &mut BTreeSet<String>,
        next: &mut Vec<Source>,
    ) {
        use tollgate_model::Places;
        let full = join(self.map.name(span.file), name);
        if let Some(full) = &full {
            if known.contains(full) {
                return;
            }
            if let Some(bytes) = self.provider.read(full) {
                known.insert(full.clone());
                next.push(Source::new(full.clone(), bytes));
                return;
            }
        }
        self.found.push(
            FileNotFound {
                name: name.to_owned(),
            }
            .at(span),
        );
    }

    /// The texts that trees name with `file("…")`.
    fn data(&mut self) -> DataFiles {
        use tollgate_model::Places;
        let mut names: BTreeMap<String, Span> = BTreeMap::new();
        for tree in &self.trees {
            // A text without the word names no file: most have none.
            if !self.map.text(tree.file).contains("file(") {
                continue;
            }
            let from = self.map.name(tree.file).to_owned();
            each_value(&tree.items, &mut |value| {
                if let ValueKind::Call(call) = &value.kind
                    && matches!(call.place.name(), Some("schema" | "vtl" | "fmt" | "iam"))
                    && let Some(name) = files::named_file(call)
                    && let Some(full) = join(&from, name)
                {
                    names.entry(full).or_insert(tree.span(value.id));
                }
            });
        }
        let mut data = DataFiles::default();
        for (name, span) in names {
            let Some(bytes) = self.provider.read(&name) else {
                continue;
            };
            let file = self.map.add(&name, &bytes);
            match String::from_utf8(bytes) {
                Ok(text) => {
                    data.by_name.insert(name, DataFile { file, text });
                }
                Err(_) => self.found.push(
                    UnreadableData {
                        what: "text",
                        why: format!("`{name}` is not UTF-8"),
                    }
                    .at(span),
                ),
            }
        }
        data
    }
}

fn read(file: FileId, source: &Source, options: &import::Options) -> Read {
    if source.kind == SourceKind::OpenApi {
        let text = match std::str::from_utf8(&source.bytes) {
            Ok(text) if text.len() <= MAX_SIZE => text,
            _ => return refused(file, &source.bytes),
        };
        let imported = import::openapi(file, text, options);
        return Read {
            tree: imported.tree,
            foreign: true,
            found: imported.findings.into_iter().map(codes::imported).collect(),
        };
    }
    let parsed = parse_bytes(file, &source.bytes);
    Read {
        tree: parsed.tree,
        foreign: false,
        found: parsed.errors.into_iter().map(codes::syntax).collect(),
    }
}

/// A foreign text that is no text, or too large: refused as gate is, and nothing else is said of it.
fn refused(file: FileId, bytes: &[u8]) -> Read {
    let mut errors = parse_bytes(file, bytes).errors;
    errors.retain(|error| {
        matches!(
            error.kind,
            SyntaxErrorKind::NotUtf8 | SyntaxErrorKind::TooLarge
        )
    });
    Read {
        tree: parse(file, "").tree,
        foreign: true,
        found: errors.into_iter().map(codes::syntax).collect(),
    }
}

/// What a tree `use`s, with the place of the name.
fn uses(tree: &Tree) -> Vec<(String, Span)> {
    tree.items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Sentence(sentence) if sentence.word.name() == Some("use") => {
                let value = sentence.operands.first()?;
                match &value.kind {
                    ValueKind::Text(text) => {
                        Some((text.literal()?.to_owned(), tree.span(value.id)))
                    }
                    _ => None,
                }
            }
            _ => None,
        })
        .collect()
}

/// Visits every value of a tree.
fn each_value(items: &[Item], visit: &mut impl FnMut(&Value)) {
    for item in items {
        match &item.kind {
            ItemKind::Entry(entry) => {
                // A file stands for a whole value, never inside a list or an object.
                visit(&entry.value);
            }
            ItemKind::Sentence(sentence) => {
                let equals = sentence.equals.iter().flatten();
                let all = sentence
                    .operands
                    .iter()
                    .chain(&sentence.annotation)
                    .chain(equals);
                all.for_each(&mut *visit);
                if let Some(block) = &sentence.block {
                    each_value(&block.items, visit);
                }
            }
            ItemKind::Choice(choice) => {
                each_value(&choice.then.items, visit);
                if let Some(block) = &choice.otherwise {
                    each_value(&block.items, visit);
                }
            }
            ItemKind::Broken(block) => {
                if let Some(block) = block {
                    each_value(&block.items, visit);
                }
            }
        }
    }
}
