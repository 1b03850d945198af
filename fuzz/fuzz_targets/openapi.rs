//! Any YAML or JSON is imported, checked and reported; what comes out is compiled or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_compiler::report::{Color, human};
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check, emit};

fuzz_target!(|bytes: &[u8]| {
    let checked = check(
        vec![Source::new("main.yaml", bytes)],
        &NoFiles,
        &Options::default(),
    );
    for diagnostic in &checked.diagnostics {
        human(&checked.sources, diagnostic, Color::Never);
    }
    if let Some(program) = checked.program {
        let _ = emit::bundle(&program);
    }
});
