//! A mapping template alone, rendered by the specification.

use serde_json::Value;
use tollgate_conformance::subjects::Reference;
use tollgate_conformance::{Engines, Missing, TemplateInput, TemplateOutput};
use tollgate_grammar::{Lines, vtl};
use tollgate_model::{Given, TestStep};

/// Texts as JSON members.
pub(crate) fn members(pairs: &[(String, String)]) -> Vec<(String, Value)> {
    pairs
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect()
}

/// What a step of a test renders, with what; none for other steps.
pub(crate) fn of_step(step: &TestStep, given: &Given) -> Option<TemplateInput> {
    let TestStep::Render {
        template,
        body,
        headers,
        path,
        query,
        context,
        ..
    } = step
    else {
        return None;
    };
    let object = |text: &str| serde_json::from_str(text).unwrap_or_default();
    let context = context.as_deref().unwrap_or("{}");
    Some(TemplateInput {
        // Blanks around a template are no part of it.
        template: template.text.trim().to_owned(),
        body: String::from_utf8_lossy(body).into_owned(),
        path: members(path),
        query: members(query),
        headers: members(headers),
        context: object(context),
        stage_variables: Value::Object(members(&given.variables).into_iter().collect()),
        variables: Vec::new(),
    })
}

/// What the template renders.
pub(crate) fn render(input: &TemplateInput) -> TemplateOutput {
    Reference::default()
        .template(input)
        .unwrap_or_else(|Missing(what)| {
            TemplateOutput::RuntimeError(format!("{what} is not supported"))
        })
}

/// Why there is no text.
pub(crate) fn told(output: &TemplateOutput) -> String {
    match output {
        TemplateOutput::Rendered { text, .. } => format!("the template renders `{text}`"),
        TemplateOutput::ParseError(why) => format!("the template cannot be read: {why}"),
        TemplateOutput::RuntimeError(why) => format!("the template fails: {why}"),
    }
}

/// What is wrong in a template before it is rendered, a line each with its place.
pub(crate) fn faults(name: &str, text: &str) -> Option<String> {
    let before = (text.len() - text.trim_start().len()) as u32;
    let errors = vtl::parse(text.trim()).err()?;
    let lines = Lines::new(text);
    let told = errors.iter().map(|error| {
        let at = lines.at(text, before + error.span.start);
        let help = error.help.as_ref().map(|help| format!("\n  help: {help}"));
        format!(
            "{name}:{}:{}: error: {}{}\n",
            at.line,
            at.column,
            error.message,
            help.unwrap_or_default()
        )
    });
    Some(told.collect())
}
