//! What a sound program says and probably did not mean. Lints read the finished model, so
//! they hold for gate and for imported documents alike; those that would only scold a
//! foreign author's style keep quiet there.

mod cache;
mod limits;
mod names;
mod policy;
mod responses;
mod templates;

use tollgate_grammar::Span;
use tollgate_model::api::{Api, Route};
use tollgate_model::{NodeId, Places, Program};

use crate::check::Templates;
use crate::diagnostic::Diagnostic;
use crate::source::SourceMap;

/// What lints know beside the program.
pub(crate) struct Lints<'a> {
    pub(crate) program: &'a Program,
    pub(crate) map: &'a SourceMap,
    pub(crate) foreign: &'a [bool],
    pub(crate) templates: &'a Templates,
    /// Where the errors are, in rising order.
    errors: Vec<Span>,
    pub(crate) found: Vec<Diagnostic>,
}

impl<'a> Lints<'a> {
    /// The routes without errors, each with its API.
    fn routes(&self) -> impl Iterator<Item = (&'a Api, &'a Route)> + use<'a> {
        let (map, errors) = (self.map, self.errors.clone());
        let program = self.program;
        let all = program
            .apis
            .iter()
            .flat_map(|api| api.routes.iter().map(move |route| (api, route)));
        all.filter(move |(_, route)| {
            let Some(span) = map.span(route.node).filter(|_| !errors.is_empty()) else {
                return true;
            };
            let before =
                errors.partition_point(|error| (error.file, error.start) < (span.file, span.start));
            errors
                .get(before)
                .is_none_or(|error| error.file != span.file || error.start >= span.end)
        })
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// The place of a node, without its block.
    fn head(&self, node: NodeId) -> Span {
        let span = self.map.span(node).unwrap_or(Span::new(node.file, 0, 0));
        let text = self.map.slice(span);
        let end = text.find(['{', '\n']).unwrap_or(text.len());
        // The brace of a path parameter is no block.
        let end = match text.find(" {") {
            Some(block) => block.min(text.find('\n').unwrap_or(text.len())),
            None => end,
        };
        let length = text.get(..end).map_or(0, |head| head.trim_end().len());
        Span::new(span.file, span.start, span.start + length as u32)
    }

    fn is_foreign(&self, node: NodeId) -> bool {
        self.foreign
            .get(node.file.0 as usize)
            .copied()
            .unwrap_or(false)
    }
}

/// Runs the lints over what was read of a program. Where there are errors, they are those
/// that look at one route, and the routes those without an error: what follows from an error
/// would be said twice, and what seems to be unused may be used where nothing was read.
pub(crate) fn run(
    program: &Program,
    map: &SourceMap,
    foreign: &[bool],
    templates: &Templates,
    errors: Vec<Span>,
) -> Vec<Diagnostic> {
    let whole = errors.is_empty();
    let mut lints = Lints {
        program,
        map,
        foreign,
        templates,
        errors,
        found: Vec::new(),
    };
    lints.errors.sort_by_key(|error| (error.file, error.start));
    lints.caches();
    lints.responses();
    lints.mapping_templates();
    lints.headers();
    lints.credentials();
    if whole {
        lints.policies();
        lints.limits();
        lints.names();
    }
    lints.found
}
