//! Responses: what becomes of a backend's answer, and what the gateway itself answers.

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Op, Sentence, Value, ValueKind};
use tollgate_model::api::{GatewayResponse, GatewayResponseType, Route};
use tollgate_model::integration::{
    ContentHandling, HeaderMapping, Integration, IntegrationResponse, MappingOp, MethodResponse,
    RequestTarget, Target,
};

use super::body::{Language, made_template};
use super::cx::{Cx, entry, items, sentence};
use super::integrate::is_proxy;
use super::operands::{Operands, name_of};
use super::source::Side;
use crate::diagnostic::codes::{
    BadPattern, IgnoredByProxy, NoDefaultResponse, NotInRest, RepeatedWord, ResponseReplaced,
    SecondDefaultResponse, UnescapedClass, UnknownChoice,
};
use crate::diagnostic::{Finding, Fix};
use crate::words::{ApiWord, GatewayResponseWord, RespondWord, RouteWord, Vocabulary};

/// What selects a response.
enum Matching {
    /// Nothing else does.
    Default,
    /// A pattern.
    Pattern(String),
    /// Nothing: it is only declared.
    Nothing,
}

impl<'a> Cx<'a> {
    /// All `respond`s of a route; whether each of them could be read.
    pub(crate) fn responds(
        &mut self,
        responds: &[&'a Item],
        route: &mut Route,
        integration: &mut Integration,
    ) -> bool {
        let mut default: Option<Span> = None;
        let mut sound = true;
        for item in responds {
            if let Some(sentence) = sentence(item) {
                let read = self.respond(sentence, item, route, integration, &mut default);
                sound &= read.is_some();
            }
        }
        route.responses.sort_by_key(|response| response.status);
        sound
    }

    fn respond(
        &mut self,
        sentence: &'a Sentence,
        item: &'a Item,
        route: &mut Route,
        integration: &mut Integration,
        default: &mut Option<Span>,
    ) -> Option<()> {
        let mut operands = Operands::of(self, sentence, RouteWord::Respond.word().form);
        let status = operands.need(self, "a status")?;
        let status = self.status(status)?;
        let undeclared = operands.take("undeclared");
        let proxy = is_proxy(&integration.target);
        let mut matching = match proxy {
            // A proxy's answer passes through: its responses are only declared.
            true => Matching::Nothing,
            false => Matching::Default,
        };
        if operands.take("matching") {
            let value = operands.need(self, "a pattern `r\"…\"`")?;
            matching = self.matching(value)?;
        }
        operands.refuse_rest(self);

        let node = self.node(item.id);
        let mut declared = MethodResponse {
            status,
            headers: Vec::new(),
            models: Vec::new(),
            node,
        };
        let mut mapped = IntegrationResponse {
            status,
            pattern: None,
            content: ContentHandling::default(),
            headers: Vec::new(),
            templates: Vec::new(),
            node,
        };
        for (word, item) in self.words::<RespondWord>(items(&sentence.block)) {
            self.respond_part(word, item, &mut declared, &mut mapped);
        }
        let maps = !mapped.headers.is_empty() || !mapped.templates.is_empty();
        if proxy && maps && matches!(matching, Matching::Nothing) {
            let span = operands.span;
            self.report(
                IgnoredByProxy {
                    what: "the mapping of this response",
                }
                .at(span),
            );
        }
        if !undeclared {
            let known = route
                .responses
                .iter_mut()
                .find(|response| response.status == status);
            match known {
                Some(known) => {
                    for (name, sure) in declared.headers {
                        if !known.headers.iter().any(|(other, _)| *other == name) {
                            known.headers.push((name, sure));
                        }
                    }
                    known.models.extend(declared.models);
                }
                None => route.responses.push(declared),
            }
        }
        match matching {
            Matching::Nothing => return Some(()),
            Matching::Default => {
                if let Some(first) = default {
                    let span = operands.span;
                    self.report(
                        SecondDefaultResponse {}
                            .at(span)
                            .also(*first, "the first is here"),
                    );
                    return None;
                }
                *default = Some(operands.span);
            }
            Matching::Pattern(pattern) => mapped.pattern = Some(pattern),
        }
        let same = integration
            .responses
            .iter()
            .position(|response| response.status == status);
        if let Some(at) = same {
            // The reference keys integration responses by status.
            let first = self.tree.span(integration.responses[at].node.index);
            let first = self.until_block(first);
            self.report(
                ResponseReplaced { status }
                    .at(operands.span)
                    .also(first, "this one is replaced"),
            );
            integration.responses.remove(at);
        }
        integration.responses.push(mapped);
        Some(())
    }

    /// The part of an item before its block.
    pub(crate) fn until_block(&self, span: Span) -> Span {
        let text = self.world.map.slice(span);
        let end = text.find(['{', '\n']).unwrap_or(text.len());
        let length = text.get(..end).map_or(0, |head| head.trim_end().len());
        Span::new(span.file, span.start, span.start + length as u32)
    }

    fn matching(&mut self, value: &'a Value) -> Option<Matching> {
        match &value.kind {
            ValueKind::Tagged(tag, text) if tag.text == "r" => {
                let pattern = self.pattern_text(text)?;
                // An empty pattern is the default response of the reference.
                Some(match pattern.is_empty() {
                    true => Matching::Default,
                    false => Matching::Pattern(pattern),
                })
            }
            _ => match name_of(value) {
                Some("none") => Some(Matching::Nothing),
                Some("default") => Some(Matching::Default),
                _ => self.wrong_type(value, "a pattern `r\"…\"`"),
            },
        }
    }

    /// A regular expression.
    pub(crate) fn pattern_text(&mut self, text: &'a tollgate_grammar::ast::Text) -> Option<String> {
        let pattern = self.literal_text(text)?;
        let span = self.span(text.id);
        if let Err(why) = super::pattern::java(&pattern) {
            self.report(BadPattern { why }.at(span));
            return None;
        }
        if let Some(class) = unescaped_class(&pattern) {
            let escaped = format!("\\[{class}\\]");
            let plain = format!("[{class}]");
            let mut finding = UnescapedClass {
                class: class.to_owned(),
            }
            .at(span);
            if let Some(at) = self.written(text.id).find(&plain) {
                let start = span.start + at as u32;
                let place = Span::new(span.file, start, start + plain.len() as u32);
                finding = finding.with_fix(
                    Fix::replace(format!("write `{escaped}`"), place, escaped).uncertain(),
                );
            }
            self.report(finding);
        }
        Some(pattern)
    }

    fn respond_part(
        &mut self,
        word: RespondWord,
        item: &'a Item,
        declared: &mut MethodResponse,
        mapped: &mut IntegrationResponse,
    ) -> Option<()> {
        let entry = entry(item)?;
        match word {
            RespondWord::Content => mapped.content = self.content(&entry.value)?,
            RespondWord::Header if entry.op == Op::Set => {
                let name = self.target(&entry.place)?;
                let (_, optional) = self.scalar_type(&entry.value)?;
                if !declared.headers.iter().any(|(other, _)| *other == name) {
                    declared.headers.push((name, !optional));
                }
            }
            RespondWord::Header => {
                let mapping = self.header_mapping(item, Side::Response, &mapped.headers)?;
                if !declared
                    .headers
                    .iter()
                    .any(|(name, _)| *name == mapping.name)
                {
                    declared.headers.push((mapping.name.clone(), false));
                }
                mapped.headers.push(mapping);
            }
            RespondWord::Body if entry.op == Op::Set => {
                let media_type = self.body_media_type(&entry.place)?;
                let model = self.model_name(&entry.value)?;
                declared.models.push((media_type, model));
            }
            RespondWord::Body => {
                self.body_mapping(entry, Language::Vtl, &mut mapped.templates)?;
            }
        }
        Some(())
    }

    /// `header.x = SOURCE` of a response.
    fn header_mapping(
        &mut self,
        item: &'a Item,
        side: Side,
        known: &[HeaderMapping],
    ) -> Option<HeaderMapping> {
        let entry = entry(item)?;
        let span = self.span(entry.place.id);
        let name = self.target(&entry.place)?;
        if entry.op == Op::Append || Self::is_none_word(&entry.value) {
            self.report(
                NotInRest {
                    what: "`+=` and `= none`".to_owned(),
                    instead: "a header that no mapping names is not there",
                }
                .at(span),
            );
            return None;
        }
        let source = self.source(&entry.value, side)?;
        if let Some(first) = known.iter().find(|other| other.name == name) {
            let first = self.tree.span(first.node.index);
            self.report(
                RepeatedWord {
                    word: format!("header.{name}"),
                }
                .at(span)
                .also(first, "first here"),
            );
            return None;
        }
        Some(HeaderMapping {
            name,
            source,
            op: MappingOp::Overwrite,
            node: self.node(item.id),
        })
    }

    /// A mock without a request template answers with its default response's status.
    pub(crate) fn finish_mock(&mut self, integration: &mut Integration) {
        if integration.target != Target::Mock {
            return;
        }
        let Some((media_type, template)) = integration.templates.first_mut() else {
            return;
        };
        if !media_type.is_empty() {
            return;
        }
        let status = integration
            .responses
            .iter()
            .find(|response| response.pattern.is_none())
            .or(integration.responses.first())
            .map_or(200, |response| response.status);
        *media_type = "application/json".to_owned();
        *template = made_template(format!("{{\"statusCode\": {status}}}"), integration.node);
    }

    /// What an integration says to no effect.
    pub(crate) fn integration_lints(
        &mut self,
        route: &Route,
        integration: &Integration,
        responds: Option<&[&'a Item]>,
    ) {
        let at = self.tree.span(integration.node.index);
        if !is_proxy(&integration.target) {
            let has_default = integration
                .responses
                .iter()
                .any(|response| matches!(response.pattern.as_deref(), None | Some(".*")));
            // Of responses that were refused, one might have been the default.
            if let Some(responds) = responds
                && !has_default
            {
                let span = responds.first().map_or(at, |item| self.word_span(item));
                self.report(NoDefaultResponse {}.at(span));
            }
            return;
        }
        if let Some((_, template)) = integration.templates.first() {
            let span = self.tree.span(template.node.index);
            self.report(IgnoredByProxy { what: "a template" }.at(span));
        }
        let lambda = !matches!(integration.target, Target::Http { .. });
        let mapping = integration.mappings.iter().find(|mapping| {
            !matches!(mapping.target, RequestTarget::Path(_)) && mapping.node != route.node
        });
        if lambda && let Some(mapping) = mapping {
            let span = self.tree.span(mapping.node.index);
            self.report(IgnoredByProxy { what: "a mapping" }.at(span));
        }
    }

    /// `on ACCESS_DENIED 403 { … }`.
    pub(crate) fn gateway_response(
        &mut self,
        item: &'a Item,
        responses: &mut Vec<GatewayResponse>,
    ) -> Option<()> {
        let sentence = sentence(item)?;
        let mut operands = Operands::of(self, sentence, ApiWord::On.word().form);
        let value = operands.need(self, "a type")?;
        let Some(name) = name_of(value) else {
            return self.wrong_type(value, "a type of gateway response");
        };
        let all = GatewayResponseType::ALL;
        let Some(ty) = all.iter().copied().find(|ty| ty.name() == name) else {
            let span = self.span(value.id);
            let names = || all.iter().map(|ty| ty.name());
            self.report(
                UnknownChoice {
                    written: name.to_owned(),
                    expected: crate::diagnostic::one_of(names()),
                }
                .at(span)
                .or_near(name, names(), span),
            );
            return None;
        };
        let status = match operands.next() {
            Some(status) => Some(self.status(status)?),
            None => None,
        };
        operands.refuse_rest(self);
        let mut response = GatewayResponse {
            ty,
            status,
            headers: Vec::new(),
            templates: Vec::new(),
            node: self.node(item.id),
        };
        for (word, item) in self.words::<GatewayResponseWord>(items(&sentence.block)) {
            match word {
                GatewayResponseWord::Header => {
                    if let Some(mapping) =
                        self.header_mapping(item, Side::Gateway, &response.headers)
                    {
                        response.headers.push(mapping);
                    }
                }
                GatewayResponseWord::Body => {
                    if let Some(entry) = entry(item) {
                        self.body_mapping(entry, Language::Plain, &mut response.templates);
                    }
                }
            }
        }
        if let Some(first) = responses.iter().find(|other| other.ty == ty) {
            let first = self.until_block(self.tree.span(first.node.index));
            self.report(
                RepeatedWord {
                    word: format!("on {name}"),
                }
                .at(operands.span)
                .also(first, "first here"),
            );
            return None;
        }
        responses.push(response);
        Some(())
    }
}

/// `^[Error].*` means one letter of `Error`; `^\[Error\].*` was meant. A class at the start
/// that holds a word of letters without a range.
fn unescaped_class(pattern: &str) -> Option<&str> {
    let rest = pattern.trim_start_matches(['^', '(']);
    let rest = rest.strip_prefix(".*").unwrap_or(rest);
    let class = rest.strip_prefix('[')?;
    let class = &class[..class.find(']')?];
    let word = class.len() >= 4
        && class.chars().all(|c| c.is_ascii_alphabetic() || c == ' ')
        && class.chars().next().is_some_and(char::is_uppercase);
    word.then_some(class)
}

#[cfg(test)]
mod tests {
    use super::unescaped_class;

    #[test]
    fn a_class_that_spells_a_word_was_meant_as_text() {
        for (pattern, expected) in [
            ("^[Error].*", Some("Error")),
            ("[BadRequest].*", Some("BadRequest")),
            (r"^\[Error\].*", None),
            ("[45]\\d{2}", None),
            ("[a-zA-Z]+", None),
            ("4\\d\\d", None),
        ] {
            assert_eq!(unescaped_class(pattern), expected, "{pattern}");
        }
    }
}
