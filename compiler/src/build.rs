//! From sources to a bundle.

use tollgate_grammar::Span;
use tollgate_model::{Places, Program};

use crate::diagnostic::{Diagnostic, Finding, codes};
use crate::emit;
use crate::project::Options;
use crate::session::check;
use crate::source::{Source, SourceMap, SourceProvider};

/// What building gives.
#[derive(Debug)]
pub struct Built {
    /// The program, if nothing in it is an error.
    pub program: Option<Program>,
    /// The bundle, if there is a program and all of it fits one.
    pub bundle: Option<Vec<u8>>,
    /// What was found, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts, for places and lines.
    pub sources: SourceMap,
}

/// Checks a program and compiles it. The same sources give the same bytes, in whatever
/// order they come and at every number of threads.
///
/// ```
/// use tollgate_compiler::{Options, Source, build, source::NoFiles};
///
/// let source = Source::new("shop.gate", "rest api Shop { GET / { integrate mock, respond 200 } }");
/// let built = build(vec![source], &NoFiles, &Options::default());
/// let bundle = tollgate_runtime::Loaded::verify(built.bundle.unwrap()).unwrap();
/// assert!(bundle.view().stage(b"Shop", b"live").is_none());
/// ```
pub fn build(sources: Vec<Source>, provider: &dyn SourceProvider, options: &Options) -> Built {
    let checked = check(sources, provider, options);
    let (program, mut diagnostics, sources) =
        (checked.program, checked.diagnostics, checked.sources);
    let bundle = match program
        .as_ref()
        .map(|program| emit::bundle_with_places(program, &sources))
    {
        Some(Ok(bundle)) => Some(bundle),
        Some(Err(unsupported)) => {
            diagnostics.extend(unsupported.into_iter().map(|part| {
                let span = sources.span(part.node).unwrap_or_default();
                let what = part.message;
                match part.part {
                    Some((start, end)) if span.start + end <= span.end => {
                        let span = Span::new(span.file, span.start + start, span.start + end);
                        codes::CelUnsupported { what }.at(span)
                    }
                    Some(_) => codes::CelUnsupported { what }.at(span),
                    None => codes::NotSupportedYet { what }.at(span),
                }
            }));
            diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
            None
        }
        None => None,
    };
    Built {
        program,
        bundle,
        diagnostics,
        sources,
    }
}
