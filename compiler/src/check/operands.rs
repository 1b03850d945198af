//! A cursor over what stands behind a word: `50/s burst 100`.

use std::borrow::Cow;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Sentence, Value, ValueKind};

use super::cx::Cx;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{MissingOperand, UnexpectedOperand};

/// The operands of one sentence, read from left to right.
pub(crate) struct Operands<'a> {
    values: &'a [Value],
    at: usize,
    /// How the sentence is written, for the help.
    form: Cow<'static, str>,
    word: String,
    /// Where a missing operand is reported: the sentence without its block.
    pub(crate) span: Span,
}

impl<'a> Operands<'a> {
    pub(crate) fn of(cx: &Cx<'a>, sentence: &'a Sentence, form: &'static str) -> Self {
        Operands {
            values: &sentence.operands,
            at: 0,
            form: form.into(),
            word: sentence.word.head().to_owned(),
            span: cx.head_span(sentence),
        }
    }

    /// Over values that stand elsewhere, behind `=`.
    pub(crate) fn over(values: &'a [Value], word: &str, form: &'static str, span: Span) -> Self {
        Operands {
            values,
            at: 0,
            form: form.into(),
            word: word.to_owned(),
            span,
        }
    }

    /// Puts what is known by now in the place of `part` of the form: the help names what may follow a
    /// kind, not that there are kinds.
    pub(crate) fn narrow(&mut self, part: &str, known: &str) {
        self.form = self.form.replace(part, known).into();
    }

    pub(crate) fn peek(&self) -> Option<&'a Value> {
        self.values.get(self.at)
    }

    pub(crate) fn next(&mut self) -> Option<&'a Value> {
        let value = self.values.get(self.at)?;
        self.at += 1;
        Some(value)
    }

    /// The next operand, or the finding that it is missing.
    pub(crate) fn need(&mut self, cx: &mut Cx<'a>, what: &'static str) -> Option<&'a Value> {
        let value = self.next();
        if value.is_none() {
            cx.report(
                MissingOperand {
                    word: self.word.clone(),
                    what,
                    form: self.form.to_string(),
                }
                .at(self.span),
            );
        }
        value
    }

    /// The next operand, if it is this name.
    pub(crate) fn take(&mut self, name: &str) -> bool {
        let is = self.peek().and_then(name_of) == Some(name);
        self.at += usize::from(is);
        is
    }

    /// The name that must come next: `of` in `stage prod of Orders`.
    pub(crate) fn need_word(&mut self, cx: &mut Cx<'a>, name: &'static str) -> Option<()> {
        if self.take(name) {
            return Some(());
        }
        match self.peek() {
            Some(_) => self.refuse_rest(cx),
            None => {
                self.need(cx, name);
            }
        }
        None
    }

    /// Reports the first operand that nobody took.
    pub(crate) fn refuse_rest(&mut self, cx: &mut Cx<'a>) {
        if let Some(value) = self.next() {
            let span = cx.span(value.id);
            let written = cx.written(value.id).to_owned();
            cx.report(
                UnexpectedOperand {
                    word: self.word.clone(),
                    written,
                    form: self.form.to_string(),
                }
                .at(span),
            );
            self.at = self.values.len();
        }
    }
}

/// The name, if the value is one name alone.
pub(crate) fn name_of(value: &Value) -> Option<&str> {
    match &value.kind {
        ValueKind::Place(place) if !value.optional => place.name(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_help_names_what_follows_the_kind() {
        for (written, expected) in [
            ("authorizer", "authorizer NAME = KIND { … }"),
            (
                "authorizer A = lambda",
                "authorizer NAME = lambda token | request { … }",
            ),
            (
                "authorizer A = lambda token as",
                "authorizer NAME = lambda token | request as ROLE { … }",
            ),
            (
                "authorizer A = cognito pool",
                "authorizer NAME = cognito { … }",
            ),
            ("authorizer A = jwt token", "authorizer NAME = jwt { … }"),
            ("integration A = http", "integration NAME = http URL { … }"),
            (
                "GET / { integrate lambda proxy }",
                "integrate lambda FUNCTION { … }",
            ),
            (
                "GET / { integrate aws }",
                "integrate aws \"SERVICE:ACTION\" { … }",
            ),
            ("GET / { integrate mock twice }", "integrate mock { … }"),
        ] {
            let (_, found) = crate::check_text(&format!("rest api A {{ {written} }}"));
            let helps: Vec<_> = found.iter().filter_map(|found| found.help()).collect();
            let expected = format!("write `{expected}`");
            assert!(
                helps.contains(&expected.as_str()),
                "`{written}` has {helps:?}"
            );
        }
    }
}
