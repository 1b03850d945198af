//! From sources to a checked program.

use rayon::prelude::*;
use tollgate_grammar::{Origins, Tree, parse_bytes};
use tollgate_model::Program;

use crate::check::{self, Input, data::DataFiles};
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::project::Options;
use crate::source::{NoFiles, Source, SourceMap, SourceProvider};

/// What checking gives.
#[derive(Debug)]
pub struct Checked {
    /// The program, if nothing in it is an error.
    pub program: Option<Program>,
    /// What was found, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts, for places and lines.
    pub sources: SourceMap,
}

/// Checks a program: all its sources together, in whatever order they come. The same
/// sources give the same program and the same findings, at every number of threads.
///
/// ```
/// use tollgate_compiler::{Options, Source, check, source::NoFiles};
///
/// let source = Source::new("shop.gate", "rest api Shop { GET / { integrate mock, respond 200 } }");
/// let checked = check(vec![source], &NoFiles, &Options::default());
/// assert!(checked.diagnostics.is_empty());
/// assert_eq!(checked.program.unwrap().apis[0].routes.len(), 1);
/// ```
pub fn check(
    mut sources: Vec<Source>,
    _provider: &dyn SourceProvider,
    options: &Options,
) -> Checked {
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    let mut map = SourceMap::default();
    let files: Vec<_> = sources
        .iter()
        .map(|source| (map.add(&source.name, &source.bytes), source))
        .collect();
    let parsed: Vec<_> = files
        .par_iter()
        .map(|(file, source)| parse_bytes(*file, &source.bytes))
        .collect();
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut trees: Vec<Tree> = Vec::with_capacity(parsed.len());
    for parsed in parsed {
        found.extend(parsed.errors.into_iter().map(codes::syntax));
        map.set_origins(parsed.tree.file, copy(&parsed.tree.origins));
        trees.push(parsed.tree);
    }
    let data = DataFiles::default();
    let foreign = vec![false; sources.len()];
    let (program, messages) = check::program(&Input {
        options,
        map: &map,
        data: &data,
        foreign: &foreign,
        trees: &trees,
    });
    found.extend(messages);
    found.sort_by(|a, b| a.order().cmp(&b.order()));
    let sound = found
        .iter()
        .all(|diagnostic| diagnostic.severity() != Severity::Error);
    Checked {
        program: sound.then_some(program),
        diagnostics: found,
        sources: map,
    }
}

/// The places of a tree stay with the sources when the tree is gone.
fn copy(origins: &Origins) -> Origins {
    origins.clone()
}

/// Checks one text: the shortest way from gate to a program, for tests.
pub fn check_text(text: &str) -> (Option<Program>, Vec<Diagnostic>) {
    let source = Source::new("main.gate", text);
    let checked = check(vec![source], &NoFiles, &Options::default());
    (checked.program, checked.diagnostics)
}
