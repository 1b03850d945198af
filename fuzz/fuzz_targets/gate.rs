//! Any text is parsed, checked and reported; what has no errors is formatted to a text that says the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_compiler::report::{Color, human};
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check, emit};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(formatted) = tollgate_grammar::format_text(text)
    {
        let again = tollgate_grammar::format_text(&formatted);
        assert_eq!(
            again.as_ref(),
            Ok(&formatted),
            "formatting twice changes the text"
        );
    }
    let checked = check(
        vec![Source::new("main.gate", bytes)],
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
