//! An API: what its routes share, then its routes.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, ItemKind, Op, Place, Sentence, Value, ValueKind};
use tollgate_model::api::{Api, ApiKind, Endpoint, KeySource, Validate, Variable};
use tollgate_model::authorizer::{Auth, Authorizer};

use super::cx::{Cx, entry, items, sentence};
use super::names::Decl;
use super::operands::name_of;
use super::route::CheckedRoute;
use super::{cors, paths};
use crate::diagnostic::codes::{
    BadName, DefinedTwice, DualstackOnly, MissingPart, RepeatedWord, TooMany,
};
use crate::diagnostic::{Diagnostic, Finding};
use crate::words::{ApiWord, DefaultsWord, Vocabulary};

/// From this many routes on, they are checked in parallel.
const PARALLEL: usize = 64;

/// What the routes of an API share.
#[derive(Default)]
pub(crate) struct ApiScope<'a> {
    pub(crate) name: &'a str,
    pub(crate) variables: Vec<Variable>,
    by_name: HashMap<String, usize>,
    pub(crate) authorizers: Vec<Authorizer>,
    /// Authorizers whose declaration has a mistake: their use is none.
    broken: HashSet<&'a str>,
    /// Shared integrations: their sentences, read again for every route.
    pub(crate) integrations: HashMap<&'a str, (&'a Sentence, Span)>,
    pub(crate) defaults: Defaults,
}

impl ApiScope<'_> {
    pub(crate) fn variable(&self, name: &str) -> Option<&Variable> {
        self.by_name
            .get(name)
            .and_then(|at| self.variables.get(*at))
    }

    /// Whether an authorizer of this name was declared and refused.
    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }

    pub(crate) fn authorizer(&self, name: &str) -> Option<&Authorizer> {
        self.authorizers
            .iter()
            .find(|authorizer| authorizer.name == name)
    }
}

/// What a route has that does not say otherwise.
#[derive(Clone, Default)]
pub(crate) struct Defaults {
    pub(crate) auth: Auth,
    pub(crate) api_key: bool,
    pub(crate) validate: Validate,
}

/// Reads one API.
pub(crate) fn api<'a>(cx: &Cx<'a>, decl: &Decl<'a>) -> (Api, Vec<Diagnostic>) {
    let mut cx = cx.of_tree(decl.tree);
    cx.kind = match decl.sentence.word.head() {
        "http" => ApiKind::Http,
        _ => ApiKind::Rest,
    };
    let words = cx.words::<ApiWord>(items(&decl.sentence.block));
    if decl.sentence.block.is_none() {
        cx.missing_block(decl.sentence);
    }
    let of = |wanted: ApiWord| {
        words
            .iter()
            .filter(move |(word, _)| *word == wanted)
            .map(|(_, item)| *item)
    };

    let mut scope = ApiScope {
        name: decl.name,
        ..ApiScope::default()
    };
    of(ApiWord::Variables).for_each(|item| cx.variables(item, &mut scope));
    of(ApiWord::Integration).for_each(|item| cx.shared_integration(item, &mut scope));
    // Authorizers may read stage variables, and defaults name authorizers.
    let mut inner = cx.scoped(&scope);
    let authorizers: Vec<_> = of(ApiWord::Authorizer)
        .filter_map(|item| inner.authorizer(item))
        .collect();
    let found = inner.found;
    cx.found.extend(found);
    scope.broken = of(ApiWord::Authorizer)
        .filter_map(|item| name_of(sentence(item)?.operands.first()?))
        .collect();
    scope.authorizers = cx.unique_authorizers(authorizers);
    let mut inner = cx.scoped(&scope);
    let defaults = of(ApiWord::Defaults)
        .next()
        .map(|item| inner.defaults(item))
        .unwrap_or_default();
    let found = inner.found;
    cx.found.extend(found);
    scope.defaults = defaults;

    let mut inner = cx.scoped(&scope);
    let mut api = inner.settings(decl, &words);
    let mut rules: Vec<_> = of(ApiWord::Cors)
        .filter_map(|item| inner.cors_rule(item))
        .collect();
    let methods: Vec<_> = of(ApiWord::Method).chain(of(ApiWord::Route)).collect();
    let mut routes = inner.routes(&methods);
    let broken = |item: &Item| matches!(item.kind, ItemKind::Broken(_));
    let whole = routes.len() == methods.len() && !items(&decl.sentence.block).iter().any(broken);
    inner.unnamed_integrations(&methods, whole);
    paths::conflicts(&mut inner, &mut routes);
    inner.open_routes(&routes);
    rules.extend(routes.iter_mut().filter_map(|route| route.cors.take()));
    api.routes = routes.into_iter().map(|checked| checked.route).collect();
    if inner.is_http() {
        api.cors = inner.only_cors(rules).map(cors::built_in);
    } else {
        cors::expand(&mut inner, &mut api, &rules);
    }
    api.routes.sort_by(|a, b| a.key.cmp(&b.key));
    api.gateway_responses
        .sort_by_key(|response| response.ty.name());
    inner.api_lints(&api);
    let found = inner.found;
    cx.found.extend(found);
    (api, cx.found)
}

impl<'a> Cx<'a> {
    /// The same view with an API's names in sight.
    pub(crate) fn scoped<'s>(&self, scope: &'s ApiScope<'s>) -> Cx<'s>
    where
        'a: 's,
    {
        Cx {
            world: self.world,
            names: self.names,
            tree: self.tree,
            kind: self.kind,
            api: Some(scope),
            found: Vec::new(),
        }
    }

    pub(crate) fn missing_block(&mut self, sentence: &Sentence) {
        let span = self.head_span(sentence);
        self.missing(sentence.word.head(), "its block", span);
    }

    pub(crate) fn missing(&mut self, word: &str, part: &str, span: Span) {
        self.report(
            MissingPart {
                word: word.to_owned(),
                part: part.to_owned(),
            }
            .at(span),
        );
    }

    /// The one `cors` of an HTTP API.
    fn only_cors(&mut self, rules: Vec<cors::CorsRule>) -> Option<cors::CorsRule> {
        let mut rules = rules.into_iter();
        let first = rules.next();
        for more in rules {
            let span = self.until_block(more.span(self));
            let word = "cors".to_owned();
            self.report(RepeatedWord { word }.at(span));
        }
        first
    }

    fn routes(&mut self, methods: &[&'a Item]) -> Vec<CheckedRoute> {
        let one = |item: &&'a Item| {
            let mut cx = self.of_tree(self.tree);
            let route = cx.route(item);
            (route, cx.found)
        };
        let checked: Vec<_> = if methods.len() < PARALLEL {
            methods.iter().map(one).collect()
        } else {
            methods.par_iter().map(one).collect()
        };
        let mut routes = Vec::with_capacity(checked.len());
        for (route, found) in checked {
            routes.extend(route);
            self.found.extend(found);
        }
        routes
    }

    /// `variables { name: Type = default }`.
    fn variables(&mut self, item: &'a Item, scope: &mut ApiScope<'a>) {
        let Some(block) = sentence(item).and_then(|sentence| sentence.block.as_ref()) else {
            let span = self.word_span(item);
            self.missing("variables", "its block", span);
            return;
        };
        let mut flat = Vec::new();
        self.flatten(&block.items, &mut flat);
        let mut places: HashMap<String, Span> = HashMap::new();
        for item in flat {
            let Some((place, value, default)) = self.declaration(item) else {
                continue;
            };
            let Some(name) = self.plain_name(place, "variable") else {
                continue;
            };
            let span = self.span(place.id);
            let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.len() > 64 || !name.chars().all(allowed) {
                self.report(
                    BadName {
                        kind: "stage variable",
                        name: name.clone(),
                        rule: "a stage variable has 1 to 64 letters, digits and `_`",
                    }
                    .at(span),
                );
            }
            let Some((ty, optional)) = self.scalar_type(value) else {
                continue;
            };
            let default = default.and_then(|value| self.scalar_literal(value, &ty));
            if let Some(first) = places.insert(name.clone(), span) {
                self.report(
                    DefinedTwice {
                        kind: "stage variable",
                        name,
                    }
                    .at(span)
                    .also(first, "first here"),
                );
                continue;
            }
            scope.by_name.insert(name.clone(), scope.variables.len());
            scope.variables.push(Variable {
                name,
                ty,
                optional,
                default,
                node: self.node(item.id),
            });
        }
        if scope.variables.len() > 100 {
            let span = self.word_span(item);
            self.report(
                TooMany {
                    what: "stage variables",
                    count: scope.variables.len(),
                    limit: 100,
                }
                .at(span),
            );
        }
    }

    /// `name: Type = default`, in blocks whose names are free.
    pub(crate) fn declaration(
        &mut self,
        item: &'a Item,
    ) -> Option<(&'a Place, &'a Value, Option<&'a Value>)> {
        if let ItemKind::Entry(entry) = &item.kind
            && entry.op == Op::Set
        {
            return Some((&entry.place, &entry.value, entry.default.as_ref()));
        }
        let span = self.word_span(item);
        self.report(
            crate::diagnostic::codes::WrongForm {
                word: crate::words::head(item).to_owned(),
                form: "NAME: VALUE",
            }
            .at(span),
        );
        None
    }

    /// A place that must be one name.
    pub(crate) fn plain_name(&mut self, place: &Place, kind: &'static str) -> Option<String> {
        if let Some(name) = place.name() {
            return Some(name.to_owned());
        }
        let span = self.span(place.id);
        let name = self.written(place.id).to_owned();
        self.report(
            BadName {
                kind,
                name,
                rule: "it is one name, without parts",
            }
            .at(span),
        );
        None
    }

    fn shared_integration(&mut self, item: &'a Item, scope: &mut ApiScope<'a>) {
        let Some(sentence) = sentence(item) else {
            return;
        };
        let form = ApiWord::Integration.word().form;
        let mut operands = super::operands::Operands::of(self, sentence, form);
        let Some((name, value)) = operands
            .need(self, "a name")
            .and_then(|value| Some((super::operands::name_of(value)?, value)))
        else {
            return;
        };
        operands.refuse_rest(self);
        let span = self.span(value.id);
        if sentence.equals.is_none() {
            self.missing("integration", "`=` and what it is", operands.span);
            return;
        }
        if let Some((_, first)) = scope.integrations.get(name) {
            self.report(
                DefinedTwice {
                    kind: "integration",
                    name: name.to_owned(),
                }
                .at(span)
                .also(*first, "first here"),
            );
            return;
        }
        scope.integrations.insert(name, (sentence, span));
    }

    fn unique_authorizers(&mut self, authorizers: Vec<(Authorizer, Span)>) -> Vec<Authorizer> {
        let mut places: HashMap<String, Span> = HashMap::new();
        let mut unique = Vec::with_capacity(authorizers.len());
        for (at, (authorizer, span)) in authorizers.into_iter().enumerate() {
            if let Some(first) = places.get(&authorizer.name) {
                self.report(
                    DefinedTwice {
                        kind: "authorizer",
                        name: authorizer.name,
                    }
                    .at(span)
                    .also(*first, "first here"),
                );
                continue;
            }
            if at == 10 {
                self.report(
                    TooMany {
                        what: "authorizers of an API",
                        count: at + 1,
                        limit: 10,
                    }
                    .at(span),
                );
            }
            places.insert(authorizer.name.clone(), span);
            unique.push(authorizer);
        }
        unique.sort_by(|a, b| a.name.cmp(&b.name));
        unique
    }

    fn defaults(&mut self, item: &'a Item) -> Defaults {
        let mut defaults = Defaults::default();
        let Some(sentence) = sentence(item) else {
            return defaults;
        };
        for (word, item) in self.words::<DefaultsWord>(items(&sentence.block)) {
            let Some(entry) = entry(item) else { continue };
            match word {
                DefaultsWord::Auth => {
                    if let Some(auth) = self.auth(&entry.value) {
                        defaults.auth = auth;
                    }
                }
                DefaultsWord::ApiKey => {
                    defaults.api_key = self.api_key(&entry.value).unwrap_or_default();
                }
                DefaultsWord::Validate => {
                    defaults.validate = self.validate(&entry.value).unwrap_or_default();
                }
            }
        }
        defaults
    }

    /// What stands in the API itself, without its routes.
    fn settings(&mut self, decl: &Decl<'a>, words: &[(ApiWord, &'a Item)]) -> Api {
        let mut api = Api {
            name: decl.name.to_owned(),
            id: api_id(decl.name),
            kind: self.kind,
            title: decl.name.to_owned(),
            version: None,
            doc: decl.item.docs.join("\n"),
            endpoint: Endpoint::Regional,
            default_endpoint: true,
            binary: Vec::new(),
            key_source: KeySource::Header,
            compress: None,
            tags: Vec::new(),
            variables: self
                .api
                .map(|scope| scope.variables.clone())
                .unwrap_or_default(),
            authorizers: self
                .api
                .map(|scope| scope.authorizers.clone())
                .unwrap_or_default(),
            policy: None,
            routes: Vec::new(),
            gateway_responses: Vec::new(),
            cors: None,
            node: self.node(decl.item.id),
        };
        api.variables.sort_by(|a, b| a.name.cmp(&b.name));
        for (word, item) in words {
            if *word == ApiWord::On {
                self.gateway_response(item, &mut api.gateway_responses);
            } else if *word == ApiWord::Policy {
                api.policy = self.policy(item);
            } else if let Some(entry) = entry(item) {
                self.setting(*word, &entry.value, &mut api);
            }
        }
        api
    }

    fn setting(&mut self, word: ApiWord, value: &'a Value, api: &mut Api) {
        match word {
            ApiWord::Title => api.title = self.shown(value).unwrap_or_default(),
            ApiWord::Version => api.version = self.literal(value),
            ApiWord::Id => {
                if let Some(id) = self.literal(value) {
                    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
                    if id.len() != 10 || !id.chars().all(allowed) {
                        let _: Option<()> = self.malformed(
                            value.id,
                            "API id",
                            "it has ten lower-case letters and digits",
                        );
                    }
                    api.id = id;
                }
            }
            ApiWord::Endpoint => {
                if let Some(endpoint) = self.endpoint(value) {
                    api.endpoint = endpoint;
                }
            }
            ApiWord::DefaultEndpoint => {
                api.default_endpoint = self.truth(value).unwrap_or(true);
            }
            // Carried by the document only: how TLS is ended is the host's business.
            ApiWord::Tls => {
                if let Some(name) = self.literal(value)
                    && !["TLS_1_0", "TLS_1_2"].contains(&name.as_str())
                    && !name.starts_with("SecurityPolicy_")
                {
                    let why = "it is `TLS_1_0`, `TLS_1_2` or begins with `SecurityPolicy_`";
                    let _: Option<()> = self.malformed(value.id, "security policy", why);
                }
            }
            ApiWord::AccessMode => {
                self.choice(value, &[("basic", ()), ("strict", ())]);
            }
            ApiWord::KeySource => {
                let choices = [
                    ("header", KeySource::Header),
                    ("authorizer", KeySource::Authorizer),
                ];
                if let Some(source) = self.choice(value, &choices) {
                    api.key_source = source;
                }
            }
            ApiWord::Binary => {
                if let Some(types) = self.names_list(value, "media types") {
                    for (ty, ix) in types {
                        self.media_type(&ty, ix, true);
                        api.binary.push(ty);
                    }
                }
            }
            ApiWord::Compress => api.compress = self.compress(value),
            ApiWord::Tags => api.tags = self.text_map(value).unwrap_or_default(),
            // Read before, or sentences.
            ApiWord::Variables
            | ApiWord::Defaults
            | ApiWord::Authorizer
            | ApiWord::Policy
            | ApiWord::Integration
            | ApiWord::Cors
            | ApiWord::On
            | ApiWord::Method
            | ApiWord::Route
            | ApiWord::Select => {}
        }
    }

    fn compress(&mut self, value: &'a Value) -> Option<u32> {
        const LIMIT: u64 = 10_485_760;
        let size = self.size(value)?;
        if size > LIMIT {
            let span = self.span(value.id);
            self.report(
                crate::diagnostic::codes::OutOfRange {
                    what: "the minimum compression size".to_owned(),
                    min: "0B".to_owned(),
                    max: format!("{LIMIT}B"),
                }
                .at(span)
                .with_note(format!(
                    "Invalid minimum compression size, must be between 0 and {LIMIT}"
                )),
            );
            return None;
        }
        Some(size as u32)
    }

    /// `edge`, `regional(ip: dualstack)`, `private(["vpce-…"])`.
    fn endpoint(&mut self, value: &'a Value) -> Option<Endpoint> {
        let (name, args) = match &value.kind {
            ValueKind::Place(place) => (place, &[][..]),
            ValueKind::Call(call) => (&call.place, call.args.as_slice()),
            _ => return self.wrong_type(value, "`edge`, `regional` or `private`"),
        };
        let as_value = Value {
            id: name.id,
            optional: false,
            kind: ValueKind::Place(name.clone()),
        };
        let choices = [("edge", 'e'), ("regional", 'r'), ("private", 'p')];
        let kind = self.choice(&as_value, &choices)?;
        let mut endpoints = Vec::new();
        for arg in args {
            match &arg.name {
                None if kind == 'p' => {
                    let list = self.names_list(&arg.value, "VPC endpoints")?;
                    endpoints = list.into_iter().map(|(id, _)| id).collect();
                }
                Some(name) if name.text == "ip" => {
                    let choices = [("ipv4", true), ("dualstack", false)];
                    let ipv4 = self.choice(&arg.value, &choices)?;
                    if ipv4 && kind == 'p' {
                        let span = self.span(arg.value.id);
                        self.report(DualstackOnly {}.at(span).with_fix(
                            crate::diagnostic::Fix::replace("write `dualstack`", span, "dualstack"),
                        ));
                    }
                }
                _ => {
                    return self.wrong_type(&arg.value, "`ip: ipv4` or `ip: dualstack`");
                }
            }
        }
        Some(match kind {
            'e' => Endpoint::Edge,
            'p' => Endpoint::Private(endpoints),
            _ => Endpoint::Regional,
        })
    }
}

/// Ten lower-case letters and digits that follow from the name, the same on every machine.
fn api_id(name: &str) -> String {
    // FNV-1a: no secret depends on it, and no two APIs of one program should collide.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in name.bytes() {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0100_0000_01b3);
    }
    const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..10)
        .map(|_| {
            let digit = DIGITS[(hash % 36) as usize];
            hash /= 36;
            char::from(digit)
        })
        .collect()
}
