//! What a sound program says and probably did not mean. Lints read the finished model, so
//! they hold for gate and for imported documents alike; those that would only scold a
//! foreign author's style keep quiet there.

mod cache;
mod limits;
mod names;
mod policy;
mod responses;

use tollgate_grammar::Span;
use tollgate_model::{NodeId, Places, Program};

use crate::diagnostic::Diagnostic;
use crate::source::SourceMap;

/// What lints know beside the program.
pub(crate) struct Lints<'a> {
    pub(crate) program: &'a Program,
    pub(crate) map: &'a SourceMap,
    pub(crate) foreign: &'a [bool],
    pub(crate) found: Vec<Diagnostic>,
}

impl Lints<'_> {
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

/// Runs every lint over a program without errors.
pub(crate) fn run(program: &Program, map: &SourceMap, foreign: &[bool]) -> Vec<Diagnostic> {
    let mut lints = Lints {
        program,
        map,
        foreign,
        found: Vec::new(),
    };
    lints.policies();
    lints.caches();
    lints.responses();
    lints.limits();
    lints.names();
    lints.found
}
