//! Any template is parsed or refused, and what is compiled by way of a program as well.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check, emit};

fuzz_target!(|text: &str| {
    let _ = tollgate_grammar::vtl::parse(text);
    // As JSON, so that quotes of any kind may stand in it.
    let Ok(quoted) = serde_json::to_string(text) else {
        return;
    };
    let document = format!(
        "{{\"openapi\": \"3.0.1\", \"info\": {{\"title\": \"t\", \"version\": \"1\"}}, \"paths\": {{\"/\": {{\"get\": {{\
         \"responses\": {{\"200\": {{\"description\": \"\"}}}}, \"x-amazon-apigateway-integration\": {{\
         \"type\": \"mock\", \"requestTemplates\": {{\"application/json\": {quoted}}}, \
         \"responses\": {{\"default\": {{\"statusCode\": \"200\"}}}}}}}}}}}}}}"
    );
    let checked = check(
        vec![Source::new("main.json", document)],
        &NoFiles,
        &Options::default(),
    );
    if let Some(program) = checked.program {
        let _ = emit::bundle(&program);
    }
});
