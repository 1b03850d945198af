//! Plain substitution: the text of gateway responses and access logs. No directives, no methods.

use crate::ir::{Instruction, Load, Program};

use super::source::context;

/// How a value is put into the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Nothing if there is no value: gateway responses.
    Plain,
    /// `-` if there is no value: access logs.
    Dash,
}

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part<'t> {
    Text(&'t str),
    /// A reference; `None`: to something that never has a value.
    Value(Option<Load>),
}

/// Appends instructions that write the text with its references filled in.
pub(super) fn substitute(text: &str, manner: Manner, program: &mut Program) {
    for part in parts(text, manner) {
        match part {
            Part::Text(text) => program.push(Instruction::OutText(text.to_string())),
            Part::Value(Some(load)) => {
                program.push(Instruction::Load(load));
                program.push(match manner {
                    Manner::Plain => Instruction::OutValue,
                    Manner::Dash => Instruction::OutDash,
                });
            }
            Part::Value(None) if manner == Manner::Dash => {
                program.push(Instruction::OutText("-".into()))
            }
            Part::Value(None) => {}
        }
    }
}

fn parts(text: &str, manner: Manner) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('$')) {
        let dollar = at + found;
        match reference(text.get(dollar + 1..).unwrap_or_default(), manner) {
            Some((load, len)) => {
                if plain < dollar {
                    parts.push(Part::Text(text.get(plain..dollar).unwrap_or_default()));
                }
                parts.push(Part::Value(load));
                at = dollar + 1 + len;
                plain = at;
            }
            None => at = dollar + 1,
        }
    }
    if plain < text.len() {
        parts.push(Part::Text(text.get(plain..).unwrap_or_default()));
    }
    parts
}

/// The reference behind a `$`, and how long it is.
fn reference(text: &str, manner: Manner) -> Option<(Option<Load>, usize)> {
    if let Some(inner) = text.strip_prefix('{') {
        let end = inner.find('}')?;
        let (load, len) = reference(inner.get(..end)?, manner)?;
        return (len == end).then_some((load, end + 2));
    }
    let rest = |prefix: &str| text.strip_prefix(prefix).map(|rest| (rest, prefix.len()));
    if let Some((rest, skip)) = rest("context.") {
        let dashes = rest.starts_with("authorizer.");
        let name = name(rest, dashes);
        return (!name.is_empty()).then(|| (context(name), skip + name.len()));
    }
    if manner == Manner::Dash {
        // Access logs know the context only.
        return None;
    }
    if let Some((rest, skip)) = rest("stageVariables.") {
        let name = name(rest, false);
        return (!name.is_empty()).then(|| (Some(Load::Variable(name.into())), skip + name.len()));
    }
    for (prefix, load) in [
        ("method.request.header.", Load::Header as fn(String) -> Load),
        ("method.request.path.", Load::Path),
        ("method.request.querystring.", Load::Query),
    ] {
        if let Some((rest, skip)) = rest(prefix) {
            let name = name(rest, true);
            return (!name.is_empty()).then(|| (Some(load(name.into())), skip + name.len()));
        }
    }
    None
}

/// The longest name at the start; a dot or hyphen at its end belongs to the text around it.
fn name(text: &str, dashes: bool) -> &str {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.' || (dashes && c == '-');
    let end = text.find(|c: char| !part(c)).unwrap_or(text.len());
    text.get(..end)
        .unwrap_or_default()
        .trim_end_matches(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::ContextVariable;
    use tollgate_runtime::Variable;

    #[test]
    fn references_are_found_in_their_text() {
        let context = |v| Part::Value(Some(Load::Context(ContextVariable(v))));
        assert_eq!(
            parts(
                "$context.requestId [$context.nope] $context.stage.",
                Manner::Dash
            ),
            [
                context(Variable::RequestId),
                Part::Text(" ["),
                Part::Value(None),
                Part::Text("] "),
                context(Variable::Stage),
                Part::Text("."),
            ]
        );
        assert_eq!(
            parts(
                "a$stageVariables.b-${context.stage}$$method.request.header.X-Y!",
                Manner::Plain
            ),
            [
                Part::Text("a"),
                Part::Value(Some(Load::Variable("b".into()))),
                Part::Text("-"),
                context(Variable::Stage),
                Part::Text("$"),
                Part::Value(Some(Load::Header("X-Y".into()))),
                Part::Text("!"),
            ]
        );
        assert_eq!(
            parts("$input.body ${context", Manner::Plain),
            [Part::Text("$input.body ${context")]
        );
    }
}
