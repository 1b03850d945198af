//! Integrations: whether a route's own or shared, and what is sent to the target.

use std::collections::HashSet;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Ix, Op, Sentence, Value};
use tollgate_model::api::ApiKind;
use tollgate_model::integration::{
    ContentHandling, Integration, MappingOp, Passthrough, Payload, RequestMapping, RequestTarget,
    Target,
};

use super::body::Language;
use super::cx::{Cx, entry, items, second, sentence};
use super::operands::{Operands, name_of};
use super::placeholder::keep_braces;
use super::route::target_name;
use super::source::Side;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{
    BadName, ForbiddenHeader, NotInRest, RepeatedWord, StreamNeedsProxy, Unused,
};
use crate::words::{ApiWord, IntegrationWord, RouteWord, TlsWord, Vocabulary};

/// The shortest time that an integration may take, in milliseconds.
const SHORTEST: u64 = 50;

/// The longest time that an integration may take, and has if it says nothing, in milliseconds.
fn longest(kind: ApiKind) -> u64 {
    match kind {
        ApiKind::Http => 30_000,
        ApiKind::Rest | ApiKind::WebSocket => 29_000,
    }
}

/// Headers that no mapping may set: the reference answers 500, even to a request that
/// does not use them.
const FORBIDDEN: [&str; 4] = [
    "content-length",
    "transfer-encoding",
    "x-amzn-trace-id",
    "x-amzn-apigateway-api-id",
];
/// The same, for `aws` and `lambda`.
const FORBIDDEN_AWS: [&str; 5] = [
    "authorization",
    "connection",
    "expect",
    "proxy-authenticate",
    "te",
];

impl<'a> Cx<'a> {
    /// An integration that does nothing yet.
    pub(crate) fn no_integration(&self, id: Ix) -> Integration {
        Integration {
            target: Target::Mock,
            credentials: None,
            timeout_ms: longest(self.kind) as u32,
            passthrough: Passthrough::default(),
            content: ContentHandling::default(),
            mappings: Vec::new(),
            templates: Vec::new(),
            responses: Vec::new(),
            cache_key: Vec::new(),
            cache_namespace: None,
            skip_verification: false,
            stream: false,
            node: self.node(id),
        }
    }

    /// `integrate …`.
    pub(crate) fn integrate(&mut self, sentence: &'a Sentence) -> Option<Integration> {
        let mut operands = Operands::of(self, sentence, RouteWord::Integrate.word().form);
        let kind = operands.need(self, "a kind or the name of an integration")?;
        let Some(name) = name_of(kind) else {
            return self.wrong_type(kind, "a kind or the name of an integration");
        };
        if matches!(name, "http" | "lambda" | "aws" | "mock") {
            let mut settings = Settings::new(self.no_integration(sentence.word.id));
            self.settings_of(items(&sentence.block), &mut settings);
            return self.kind(name, &mut operands, settings);
        }
        operands.refuse_rest(self);
        let scope = self.api?;
        let Some((shared, _)) = scope.integrations.get(name) else {
            let span = self.span(kind.id);
            let known = scope
                .integrations
                .keys()
                .copied()
                .chain(["http", "lambda", "aws", "mock"]);
            self.unknown_name("integration", name, span, known);
            return None;
        };
        self.shared(shared, items(&sentence.block))
    }

    /// A shared integration, and what a route adds to it.
    fn shared(&mut self, shared: &'a Sentence, more: &'a [Item]) -> Option<Integration> {
        let equals = shared.equals.as_deref().unwrap_or(&[]);
        let span = self.head_span(shared);
        let mut operands = Operands::over(
            equals,
            "integration",
            ApiWord::Integration.word().form,
            span,
        );
        let mut settings = Settings::new(self.no_integration(shared.word.id));
        self.settings_of(items(&shared.block), &mut settings);
        settings.shared = settings.integration.mappings.len();
        // What the route adds comes on top.
        self.settings_of(more, &mut settings);
        let kind = operands.need(self, "a kind")?;
        match name_of(kind) {
            Some(name @ ("http" | "lambda" | "aws" | "mock")) => {
                self.kind(name, &mut operands, settings)
            }
            _ => {
                self.choice(
                    kind,
                    &[("http", ()), ("lambda", ()), ("aws", ()), ("mock", ())],
                );
                None
            }
        }
    }

    /// Reads the shared integrations that no route names, for what is wrong in them; that
    /// they are not used is said if every route could be read.
    pub(crate) fn unnamed_integrations(&mut self, routes: &[&'a Item], whole: bool) {
        let Some(scope) = self.api else { return };
        let named: HashSet<&str> = routes
            .iter()
            .filter_map(|route| sentence(route))
            .flat_map(|route| items(&route.block))
            .filter_map(sentence)
            .filter(|said| said.word.name() == Some("integrate"))
            .filter_map(|said| name_of(said.operands.first()?))
            .collect();
        let mut unnamed: Vec<_> = scope
            .integrations
            .iter()
            .filter(|(name, _)| !named.contains(**name))
            .collect();
        unnamed.sort_by_key(|(name, _)| **name);
        for (name, (shared, span)) in unnamed {
            let before = self.found.len();
            self.shared(shared, &[]);
            if whole && self.found.len() == before {
                self.report(
                    Unused {
                        kind: "integration",
                        name: (*name).to_owned(),
                    }
                    .at(*span),
                );
            }
        }
    }

    fn kind(
        &mut self,
        kind: &str,
        operands: &mut Operands<'a>,
        settings: Settings,
    ) -> Option<Integration> {
        let Settings {
            mut integration,
            verbatim,
            no_body,
            stream_at,
            payload,
            ..
        } = settings;
        integration.target = self.target_of(kind, operands, integration.stream, payload)?;
        self.as_and_via(operands, &mut integration)?;
        operands.refuse_rest(self);

        if let Some(span) = stream_at
            && !is_proxy(&integration.target)
        {
            self.report(StreamNeedsProxy {}.at(span));
        }
        for name in &verbatim {
            keep_braces(&mut integration.target, name);
        }
        if no_body {
            integration.templates.clear();
        } else if integration.target == Target::Mock && integration.templates.is_empty() {
            // Filled in when the default response is known.
            integration.templates.push((
                String::new(),
                super::body::made_template("", Default::default()),
            ));
        }
        self.forbidden_headers(&integration);
        Some(integration)
    }

    fn settings_of(&mut self, items: &'a [Item], settings: &mut Settings) {
        for (word, item) in self.words::<IntegrationWord>(items) {
            self.setting_of(word, item, settings);
        }
    }

    fn setting_of(
        &mut self,
        word: IntegrationWord,
        item: &'a Item,
        settings: &mut Settings,
    ) -> Option<()> {
        let integration = &mut settings.integration;
        match word {
            IntegrationWord::Timeout => {
                let value = &entry(item)?.value;
                let ms = self.duration_ms(value)?;
                let longest = longest(self.kind);
                if !(SHORTEST..=longest).contains(&ms) {
                    let longest = format!("{}s", longest / 1000);
                    return self.out_of_range(
                        value.id,
                        "an integration's timeout",
                        "50ms",
                        &longest,
                    );
                }
                integration.timeout_ms = ms as u32;
            }
            IntegrationWord::Passthrough => {
                let choices = [
                    ("when_no_match", Passthrough::WhenNoMatch),
                    ("when_no_templates", Passthrough::WhenNoTemplates),
                    ("never", Passthrough::Never),
                ];
                integration.passthrough = self.choice(&entry(item)?.value, &choices)?;
            }
            IntegrationWord::Content => integration.content = self.content(&entry(item)?.value)?,
            IntegrationWord::Stream => {
                integration.stream = self.truth(&entry(item)?.value)?;
                if integration.stream {
                    settings.stream_at = Some(self.word_span(item));
                }
            }
            IntegrationWord::Tls => {
                for (word, item) in self.words::<TlsWord>(items(&sentence(item)?.block)) {
                    if word == TlsWord::InsecureSkipVerification {
                        integration.skip_verification = self.truth(&entry(item)?.value)?;
                    }
                }
            }
            IntegrationWord::Header => self.mapping(item, RequestTarget::Header, settings)?,
            IntegrationWord::Query => self.mapping(item, RequestTarget::Query, settings)?,
            IntegrationWord::Path => self.mapping(item, RequestTarget::Path, settings)?,
            IntegrationWord::Body => {
                let entry = entry(item)?;
                if entry.place.steps.len() == 1 && Self::is_none_word(&entry.value) {
                    settings.no_body = true;
                    return Some(());
                }
                self.body_mapping(entry, Language::Vtl, &mut integration.templates)?;
            }
            IntegrationWord::Payload => {
                let value = &entry(item)?.value;
                settings.payload = Some((self.payload(value)?, value.id));
            }
            IntegrationWord::Target => {}
        }
        Some(())
    }

    /// `payload: "1.0"`, `payload: "2.0"`.
    pub(crate) fn payload(&mut self, value: &'a Value) -> Option<Payload> {
        match self.literal(value)?.as_str() {
            "1.0" => Some(Payload::V1),
            "2.0" => Some(Payload::V2),
            _ => self.malformed(value.id, "payload", "it is `\"1.0\"` or `\"2.0\"`"),
        }
    }

    /// `content: text`, `content: binary`.
    pub(crate) fn content(&mut self, value: &Value) -> Option<ContentHandling> {
        self.choice(
            value,
            &[
                ("text", ContentHandling::Text),
                ("binary", ContentHandling::Binary),
            ],
        )
    }

    /// `header.x = …`.
    fn mapping(
        &mut self,
        item: &'a Item,
        make: fn(String) -> RequestTarget,
        settings: &mut Settings,
    ) -> Option<()> {
        let entry = entry(item)?;
        let name = self.target(&entry.place)?;
        let target = make(name);
        let none = Self::is_none_word(&entry.value);
        if none && let RequestTarget::Path(name) = target {
            settings.verbatim.push(name);
            return Some(());
        }
        if entry.op == Op::Append || none {
            let span = self.span(entry.place.id);
            let (what, instead) = if none {
                ("`= none`", "a header that no mapping names is not sent")
            } else {
                ("`+=`", "a `rest api` replaces: write `=`")
            };
            self.report(
                NotInRest {
                    what: what.to_owned(),
                    instead,
                }
                .at(span),
            );
            return None;
        }
        let source = self.source(&entry.value, Side::Request)?;
        let mapping = RequestMapping {
            target,
            source,
            op: MappingOp::Overwrite,
            node: self.node(item.id),
        };
        let integration = &mut settings.integration;
        let same = integration
            .mappings
            .iter()
            .position(|other| other.target == mapping.target);
        match same {
            // A route's own mapping wins over that of the integration which it names.
            Some(at) if at < settings.shared => integration.mappings[at] = mapping,
            Some(at) => {
                let first = self.tree.span(integration.mappings[at].node.index);
                self.report(
                    RepeatedWord {
                        word: format!("{}.{}", entry.place.head(), target_name(&mapping.target)),
                    }
                    .at(self.span(entry.place.id))
                    .also(first, "first here"),
                );
                return None;
            }
            None => integration.mappings.push(mapping),
        }
        Some(())
    }

    /// The name behind `header.`, `query.` or `path.`, which must be one that mappings may set.
    pub(crate) fn target(&mut self, place: &'a tollgate_grammar::ast::Place) -> Option<String> {
        let name = second(place);
        let fits = |name: &String| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "._$-".contains(c))
        };
        match name {
            Some(name) if fits(&name) => Some(name),
            name => {
                let span = self.span(place.id);
                let name = name.unwrap_or_else(|| self.written(place.id).to_owned());
                self.report(
                    BadName {
                        kind: "mapping target",
                        name,
                        rule: "a target is one name of letters, digits and `.`, `_`, `$`, `-`",
                    }
                    .at(span),
                );
                None
            }
        }
    }

    fn forbidden_headers(&mut self, integration: &Integration) {
        let aws = matches!(
            integration.target,
            Target::Lambda { .. } | Target::Aws { .. }
        );
        let mut found = Vec::new();
        for mapping in &integration.mappings {
            if let RequestTarget::Header(name) = &mapping.target {
                let lower = name.to_ascii_lowercase();
                if FORBIDDEN.contains(&lower.as_str())
                    || (aws && FORBIDDEN_AWS.contains(&lower.as_str()))
                {
                    found.push((name.clone(), self.tree.span(mapping.node.index)));
                }
            }
        }
        for (header, span) in found {
            self.report(ForbiddenHeader { header }.at(span));
        }
    }
}

/// An integration that is being read, and what only its target can decide.
struct Settings {
    integration: Integration,
    /// `path.x = none`: the braces stay.
    verbatim: Vec<String>,
    /// `body = none`: no template at all.
    no_body: bool,
    stream_at: Option<Span>,
    /// `payload:`, and where its value stands.
    payload: Option<(Payload, Ix)>,
    /// How many of the mappings are those of a shared integration.
    shared: usize,
}

impl Settings {
    fn new(integration: Integration) -> Self {
        Settings {
            integration,
            verbatim: Vec::new(),
            no_body: false,
            stream_at: None,
            payload: None,
            shared: 0,
        }
    }
}

/// The format of what a function gets, where nothing is said.
pub(crate) fn usual_payload(kind: ApiKind) -> Payload {
    match kind {
        ApiKind::Http => Payload::V2,
        ApiKind::Rest | ApiKind::WebSocket => Payload::V1,
    }
}

/// Whether request and answer pass through.
pub(crate) fn is_proxy(target: &Target) -> bool {
    match target {
        Target::Mock => false,
        Target::Http { proxy, .. } | Target::Lambda { proxy, .. } | Target::Aws { proxy, .. } => {
            *proxy
        }
    }
}
