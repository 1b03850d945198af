//! Tests of a program: what they send, script and expect.

use std::net::IpAddr;

use tollgate_grammar::ast::{Item, Sentence, Value, ValueKind};
use tollgate_model::api::Method;
use tollgate_model::{ExpectedBody, Given, Test, TestStep};

use super::body::Language;
use super::cx::{Cx, entry, items, sentence};
use super::operands::{Operands, name_of};
use crate::cel::timestamp_ms;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{HoleNotHere, MissingPart};
use crate::words::{
    ExpectedWord, FileWord, GivenWord, InputWord, MessageWord, TestWord, Vocabulary,
};

/// Headers and a body.
type Message = (Vec<(String, String)>, Option<Vec<u8>>);
/// Headers and a body that are compared.
type Expected = (Vec<(String, String)>, Option<ExpectedBody>);

/// `vtl"…"`, `vtl(file("…"))`.
fn is_template(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Tagged(tag, _) => tag.text == "vtl",
        ValueKind::Call(call) => call.place.name() == Some("vtl"),
        _ => false,
    }
}

impl<'a> Cx<'a> {
    /// `test "…" { … }`.
    pub(crate) fn test(&mut self, item: &'a Item) -> Option<Test> {
        let sentence = sentence(item)?;
        let mut operands = Operands::of(self, sentence, FileWord::Test.word().form);
        let title = operands.need(self, "a title")?;
        let title = self.literal(title)?;
        operands.refuse_rest(self);
        let mut test = Test {
            title,
            given: Given::default(),
            steps: Vec::new(),
            node: self.node(item.id),
        };
        for (word, item) in self.words::<TestWord>(items(&sentence.block)) {
            let Some(sentence) = super::cx::sentence(item) else {
                continue;
            };
            match word {
                TestWord::Given => {
                    self.given(sentence, &mut test.given);
                }
                TestWord::Send => test.steps.extend(self.send(sentence, item)),
                TestWord::Backend => test.steps.extend(self.scripted(sentence, item)),
                TestWord::Expect => test.steps.extend(self.expectation(sentence, item)),
            }
        }
        Some(test)
    }

    fn given(&mut self, sentence: &'a Sentence, given: &mut Given) -> Option<()> {
        for (word, item) in self.words::<GivenWord>(items(&sentence.block)) {
            let value = &entry(item)?.value;
            match word {
                GivenWord::Claims => {
                    let ValueKind::Object(_) = &value.kind else {
                        return self.wrong_type(value, "an object");
                    };
                    let mut text = String::new();
                    self.json(value, None, &mut text)?;
                    given.claims = Some(text);
                }
                GivenWord::Keys => {
                    for value in self.list(value, "keys")? {
                        let Some(name) = name_of(value) else {
                            return self.wrong_type(value, "the name of a key");
                        };
                        if self.names.keys.get(name).is_none() {
                            let span = self.span(value.id);
                            let known: Vec<&str> = self.names.keys.names().collect();
                            self.unknown_name("key", name, span, known);
                            continue;
                        }
                        given.keys.push(name.to_owned());
                    }
                }
                GivenWord::Vars => given.variables = self.text_map(value)?,
                GivenWord::Now => {
                    let text = self.literal(value)?;
                    match timestamp_ms(&text) {
                        Some(now) => given.now_ms = Some(now),
                        None => {
                            return self.malformed(
                                value.id,
                                "time",
                                "it is not like `2026-11-23T10:00:00Z`",
                            );
                        }
                    }
                }
            }
        }
        Some(())
    }

    /// `send GET /orders/A-1 at Orders.prod from "203.0.113.9" { … }`.
    fn send(&mut self, sentence: &'a Sentence, item: &'a Item) -> Option<TestStep> {
        let mut operands = Operands::of(self, sentence, TestWord::Send.word().form);
        let method = operands.need(self, "a method or a template")?;
        if is_template(method) {
            operands.refuse_rest(self);
            return self.render(method, sentence, item);
        }
        let Some(verb) = name_of(method) else {
            return self.wrong_type(method, "a method or a template");
        };
        let target = operands.need(self, "a path")?;
        let target = self.path_text(target)?;
        operands.need_word(self, "at")?;
        let at = operands.need(self, "a stage")?;
        let (api, stage) = self.stage_name(at)?;
        if self.names.stage(&api, &stage).is_none() {
            self.unknown_stage(&api, &stage, self.span(at.id));
            return None;
        }
        let mut from = None;
        if operands.take("from") {
            let value = operands.need(self, "an address")?;
            let text = self.literal(value)?;
            match text.parse::<IpAddr>() {
                Ok(address) => from = Some(address),
                Err(_) => return self.malformed(value.id, "address", "it is no IP address"),
            }
        }
        operands.refuse_rest(self);
        let (headers, body) = self.message(sentence)?;
        Some(TestStep::Send {
            method: verb.to_owned(),
            target,
            api,
            stage,
            from,
            headers,
            body,
            node: self.node(item.id),
        })
    }

    /// `send vtl"…" { … }`.
    fn render(
        &mut self,
        value: &'a Value,
        sentence: &'a Sentence,
        item: &'a Item,
    ) -> Option<TestStep> {
        let template = self.template(value, Language::Vtl)?;
        self.template_faults(&template);
        if template.pieces.is_some() {
            let span = self.span(value.id);
            self.report(
                HoleNotHere {
                    hole: "stage".to_owned(),
                    expected: "a value that is known when the program is built",
                }
                .at(span),
            );
            return None;
        }
        let (mut headers, mut path, mut query) = (Vec::new(), Vec::new(), Vec::new());
        let (mut body, mut context) = (Vec::new(), None);
        for (word, item) in self.words::<InputWord>(items(&sentence.block)) {
            let entry = entry(item)?;
            let place = match word {
                InputWord::Header => &mut headers,
                InputWord::Path => &mut path,
                InputWord::Query => &mut query,
                InputWord::Body => {
                    body = self.body_text(&entry.value)?.into_bytes();
                    continue;
                }
                InputWord::Context => {
                    let ValueKind::Object(_) = &entry.value.kind else {
                        return self.wrong_type(&entry.value, "an object");
                    };
                    let mut text = String::new();
                    self.json(&entry.value, None, &mut text)?;
                    context = Some(text);
                    continue;
                }
            };
            let name = self.target(&entry.place)?;
            place.push((name, self.literal(&entry.value)?));
        }
        Some(TestStep::Render {
            template: Box::new(template),
            body,
            headers,
            path,
            query,
            context,
            node: self.node(item.id),
        })
    }

    /// `backend 200 { … }`.
    fn scripted(&mut self, sentence: &'a Sentence, item: &'a Item) -> Option<TestStep> {
        let mut operands = Operands::of(self, sentence, TestWord::Backend.word().form);
        let status = operands.need(self, "a status")?;
        let status = self.status(status)?;
        operands.refuse_rest(self);
        let (headers, body) = self.message(sentence)?;
        Some(TestStep::Backend {
            status,
            headers,
            body,
            node: self.node(item.id),
        })
    }

    /// `expect 200 { … }`, `expect backend GET "https://…" { … }`.
    fn expectation(&mut self, sentence: &'a Sentence, item: &'a Item) -> Option<TestStep> {
        let mut operands = Operands::of(self, sentence, TestWord::Expect.word().form);
        let node = self.node(item.id);
        if operands.take("backend") {
            let method = operands.need(self, "a method")?;
            let known = name_of(method).and_then(Method::parse);
            let Some(verb) = known.filter(|verb| *verb != Method::Any) else {
                return self.wrong_type(method, "a method");
            };
            let url = operands.need(self, "a URL")?;
            let url = self.literal(url)?;
            operands.refuse_rest(self);
            let (headers, body) = self.expected(sentence)?;
            return Some(TestStep::ExpectBackend {
                method: verb.as_str().to_owned(),
                url,
                headers,
                body,
                node,
            });
        }
        if operands.take("rendered") {
            operands.refuse_rest(self);
            let (headers, body) = self.expected(sentence)?;
            let Some(body) = body.filter(|_| headers.is_empty()) else {
                let missing = MissingPart {
                    word: "expect rendered".to_owned(),
                    part: "a body alone".to_owned(),
                };
                self.report(missing.at(operands.span));
                return None;
            };
            return Some(TestStep::ExpectRendered { body, node });
        }
        let status = operands.need(self, "a status, `backend`, `rendered` or a text")?;
        if let ValueKind::Text(_) = status.kind {
            operands.refuse_rest(self);
            let body = ExpectedBody::Text(self.literal(status)?);
            return Some(TestStep::ExpectRendered { body, node });
        }
        let status = self.status(status)?;
        operands.refuse_rest(self);
        let (headers, body) = self.expected(sentence)?;
        Some(TestStep::Expect {
            status,
            headers,
            body,
            node,
        })
    }

    fn message(&mut self, sentence: &'a Sentence) -> Option<Message> {
        let mut headers = Vec::new();
        let mut body = None;
        for (word, item) in self.words::<MessageWord>(items(&sentence.block)) {
            let entry = entry(item)?;
            match word {
                MessageWord::Header => {
                    let name = self.target(&entry.place)?;
                    headers.push((name, self.literal(&entry.value)?));
                }
                MessageWord::Body => body = Some(self.body_text(&entry.value)?.into_bytes()),
            }
        }
        Some((headers, body))
    }

    /// Text as it is, or JSON.
    fn body_text(&mut self, value: &'a Value) -> Option<String> {
        match &value.kind {
            ValueKind::Object(_) | ValueKind::List(_) => {
                let mut text = String::new();
                self.json(value, None, &mut text)?;
                Some(text)
            }
            _ => self.literal(value),
        }
    }

    fn expected(&mut self, sentence: &'a Sentence) -> Option<Expected> {
        let mut headers = Vec::new();
        let mut body = None;
        for (word, item) in self.words::<ExpectedWord>(items(&sentence.block)) {
            let entry = entry(item)?;
            match word {
                ExpectedWord::Header => {
                    let name = self.target(&entry.place)?;
                    headers.push((name, self.literal(&entry.value)?));
                }
                ExpectedWord::Body => {
                    let text = self.body_text(&entry.value)?;
                    body = Some(match &entry.value.kind {
                        ValueKind::Object(_) | ValueKind::List(_) => ExpectedBody::Json(text),
                        _ => ExpectedBody::Text(text),
                    });
                }
            }
        }
        Some((headers, body))
    }
}
