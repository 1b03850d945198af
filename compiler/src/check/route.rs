//! A route: what it asks of a request, where it sends it, what it answers.

use std::collections::HashMap;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Sentence, Value};
use tollgate_model::ScalarType;
use tollgate_model::api::{
    Method, MethodSettings, Parameter, ParameterPlace, PathTemplate, Route, RouteKey, Segment,
    Validate,
};
use tollgate_model::integration::{Integration, RequestTarget, Source};

use super::cors::CorsRule;
use super::cx::{Cx, entry, items, second, sentence};
use super::operands::Operands;
use super::source::Side;
use crate::diagnostic::codes::{
    BadName, ParameterNameTwice, RepeatedWord, ResponseReplaced, SecondDefaultResponse,
    UndeclaredParameter, UnknownPathParameter,
};
use crate::diagnostic::{Edit, Finding, Fix, did_you_mean};
use crate::words::{ApiWord, RouteWord, Vocabulary};

/// A route and what the API's checks ask of it.
pub(crate) struct CheckedRoute {
    pub(crate) route: Route,
    /// Where verb and path stand.
    pub(crate) path_span: Span,
    /// Its own `cors`.
    pub(crate) cors: Option<CorsRule>,
    /// Whether it says itself how callers prove who they are.
    pub(crate) says_auth: bool,
}

impl<'a> Cx<'a> {
    /// Reads a route. None if nothing of it can be kept.
    pub(crate) fn route(&mut self, item: &'a Item) -> Option<CheckedRoute> {
        let sentence = sentence(item)?;
        let Keyed {
            key,
            path,
            span: path_span,
        } = self.route_key(sentence)?;

        let words = self.words::<RouteWord>(items(&sentence.block));
        if sentence.block.is_none() {
            self.missing_block(sentence);
        }
        let defaults = self.api.map(|api| api.defaults.clone()).unwrap_or_default();
        let mut route = Route {
            key,
            doc: item.docs.join("\n"),
            auth: defaults.auth,
            api_key: defaults.api_key,
            validate: defaults.validate,
            parameters: Vec::new(),
            body: Vec::new(),
            settings: MethodSettings::default(),
            integration: self.no_integration(item.id),
            responses: Vec::new(),
            operation: None,
            tags: Vec::new(),
            node: self.node(item.id),
        };
        let mut parts = Parts::default();
        for (word, item) in &words {
            self.part(*word, item, &mut route, &mut parts);
        }
        self.path_parameters(&mut route, path.as_ref(), path_span);
        self.unique_parameters(&route);

        let Some(integrate) = parts.integrate else {
            if sentence.block.is_some() {
                self.missing(sentence.word.head(), "`integrate`", path_span);
            }
            return None;
        };
        let integration = self.integrate(integrate);
        let mut integration = match integration {
            Some(integration) => integration,
            None => {
                // The responses are read all the same, for what may be wrong in themselves;
                // what is wrong with them together depends on the integration.
                let before = self.found.len();
                let mut scratch = self.no_integration(item.id);
                self.responds(&parts.responds, &mut route, &mut scratch);
                let consequences = [
                    SecondDefaultResponse::INFO.code(),
                    ResponseReplaced::INFO.code(),
                ];
                let late = self.found.split_off(before);
                self.found.extend(
                    late.into_iter()
                        .filter(|finding| !consequences.contains(&finding.code())),
                );
                return None;
            }
        };
        if let Some(cache) = parts.cache {
            integration.cache_key = cache.parameters;
            integration.cache_namespace = cache.namespace;
        }
        let sound = self.responds(&parts.responds, &mut route, &mut integration);
        self.bind(&mut integration, path.as_ref(), path_span);
        self.finish_mock(&mut integration);
        self.undeclared(&route, &integration, sentence);
        let responds = sound.then_some(parts.responds.as_slice());
        self.integration_lints(&route, &integration, responds);
        route.integration = integration;
        path?;
        Some(CheckedRoute {
            route,
            path_span,
            cors: parts.cors,
            says_auth: words.iter().any(|(word, _)| *word == RouteWord::Auth),
        })
    }

    /// Verb and path, or `$default`.
    fn route_key(&mut self, sentence: &'a Sentence) -> Option<Keyed> {
        let Some(method) = Method::parse(sentence.word.head()) else {
            let mut operands = Operands::of(self, sentence, ApiWord::Route.word().form);
            let value = operands.need(self, "`$default`")?;
            self.choice(value, &[("$default", ())])?;
            operands.refuse_rest(self);
            return Some(Keyed {
                key: RouteKey::Named("$default".to_owned()),
                path: Some(PathTemplate::default()),
                span: operands.span,
            });
        };
        let mut operands = Operands::of(self, sentence, ApiWord::Method.word().form);
        let path = operands.need(self, "a path")?;
        let path = self.path_template(path);
        operands.refuse_rest(self);
        Some(Keyed {
            key: RouteKey::Http {
                path: path.clone().unwrap_or_default(),
                method,
            },
            path,
            span: operands.span,
        })
    }

    fn part(
        &mut self,
        word: RouteWord,
        item: &'a Item,
        route: &mut Route,
        parts: &mut Parts<'a>,
    ) -> Option<()> {
        match word {
            RouteWord::Integrate => parts.integrate = sentence(item),
            RouteWord::Respond => parts.responds.push(item),
            RouteWord::Cache => {
                let (ttl_s, cache) = self.route_cache(sentence(item)?)?;
                route.settings.cache_ttl_s = ttl_s;
                parts.cache = Some(cache);
            }
            RouteWord::Throttle => {
                let form = RouteWord::Throttle.word().form;
                let mut operands = Operands::of(self, sentence(item)?, form);
                route.settings.throttle = self.throttle(&mut operands);
            }
            RouteWord::Cors => {
                if let RouteKey::Http { path, .. } = &route.key {
                    let glob = path.text();
                    parts.cors = self.cors_block(sentence(item)?, glob, true, item.id);
                }
            }
            RouteWord::Auth => {
                if let Some(auth) = self.auth(&entry(item)?.value) {
                    route.auth = auth;
                }
            }
            RouteWord::ApiKey => route.api_key = self.api_key(&entry(item)?.value)?,
            RouteWord::Validate => route.validate = self.validate(&entry(item)?.value)?,
            RouteWord::Path => self.parameter(item, ParameterPlace::Path, route)?,
            RouteWord::Query => self.parameter(item, ParameterPlace::Query, route)?,
            RouteWord::Header => self.parameter(item, ParameterPlace::Header, route)?,
            RouteWord::Body => {
                let entry = entry(item)?;
                let media_type = self.body_media_type(&entry.place)?;
                let model = self.model_name(&entry.value)?;
                if route.body.iter().any(|(other, _)| *other == media_type) {
                    let span = self.word_span(item);
                    self.report(
                        RepeatedWord {
                            word: "body".to_owned(),
                        }
                        .at(span),
                    );
                    return None;
                }
                route.body.push((media_type, model));
            }
            RouteWord::Operation => route.operation = self.literal(&entry(item)?.value),
            RouteWord::Tags => {
                let tags = self.names_list(&entry(item)?.value, "texts")?;
                route.tags = tags.into_iter().map(|(tag, _)| tag).collect();
            }
            RouteWord::Reply => {}
        }
        Some(())
    }

    /// `cache 60s by [path.id] in "ns"`.
    fn route_cache(&mut self, sentence: &'a Sentence) -> Option<(Option<u32>, CacheKey)> {
        let mut operands = Operands::of(self, sentence, RouteWord::Cache.word().form);
        let mut ttl_s = None;
        if !matches!(
            operands.peek().and_then(super::operands::name_of),
            Some("by" | "in")
        ) {
            let value = operands.need(self, "a duration, `by` or `in`")?;
            ttl_s = Some(self.duration_s(value, "a cache duration", 3600)?);
        }
        let mut cache = CacheKey::default();
        if operands.take("by") {
            let value = operands.need(self, "a list of sources")?;
            cache.parameters = self.sources(value, Side::CacheKey)?;
        }
        if operands.take("in") {
            let value = operands.need(self, "a namespace")?;
            cache.namespace = match super::operands::name_of(value) {
                Some(name) => Some(name.to_owned()),
                None => self.literal(value),
            };
        }
        operands.refuse_rest(self);
        Some((ttl_s, cache))
    }

    /// `query.expand: "lines" | "all"?`.
    fn parameter(
        &mut self,
        item: &'a Item,
        place: ParameterPlace,
        route: &mut Route,
    ) -> Option<()> {
        let entry = entry(item)?;
        let span = self.span(entry.place.id);
        let Some(name) = second(&entry.place) else {
            let written = self.written(entry.place.id).to_owned();
            self.report(
                BadName {
                    kind: "parameter",
                    name: written,
                    rule: "a parameter is written `query.NAME`, `header.NAME` or `path.NAME`",
                }
                .at(span),
            );
            return None;
        };
        let (ty, optional) = self.scalar_type(&entry.value)?;
        let known = route
            .parameters
            .iter()
            .find(|known| known.place == place && known.name == name);
        if let Some(known) = known {
            let first = self.tree.span(known.node.index);
            self.report(
                RepeatedWord {
                    word: format!("{}.{name}", entry.place.head()),
                }
                .at(span)
                .also(first, "first here"),
            );
            return None;
        }
        route.parameters.push(Parameter {
            place,
            name,
            required: !optional,
            ty,
            node: self.node(entry.place.id),
        });
        Some(())
    }

    /// Path parameters declare themselves; one that is declared must be in the path.
    fn path_parameters(&mut self, route: &mut Route, path: Option<&PathTemplate>, span: Span) {
        let Some(path) = path else { return };
        let in_path: Vec<&str> = parameter_names(path).collect();
        for parameter in &route.parameters {
            if parameter.place == ParameterPlace::Path
                && !in_path.contains(&parameter.name.as_str())
            {
                let at = self.tree.span(parameter.node.index);
                let help = did_you_mean(&parameter.name, in_path.iter().copied());
                self.report(
                    UnknownPathParameter {
                        name: parameter.name.clone(),
                        path: path.text(),
                    }
                    .at(at)
                    .also(span, "the path is here")
                    .maybe_help(help),
                );
            }
        }
        for name in in_path {
            let declared = route
                .parameters
                .iter()
                .any(|known| known.place == ParameterPlace::Path && known.name == name);
            if !declared {
                route.parameters.push(Parameter {
                    place: ParameterPlace::Path,
                    name: name.to_owned(),
                    required: true,
                    ty: ScalarType::String,
                    node: route.node,
                });
            }
        }
    }

    fn unique_parameters(&mut self, route: &Route) {
        let mut places: HashMap<&str, &Parameter> = HashMap::new();
        for parameter in &route.parameters {
            let Some(first) = places.insert(&parameter.name, parameter) else {
                continue;
            };
            // A path parameter that declared itself stands at the route.
            let (late, early) = if parameter.node == route.node {
                (first, parameter)
            } else {
                (parameter, first)
            };
            let (late, early) = (
                self.tree.span(late.node.index),
                self.tree.span(early.node.index),
            );
            let early = if early.end - early.start > 200 {
                self.first_line(early)
            } else {
                early
            };
            self.report(
                ParameterNameTwice {
                    name: parameter.name.clone(),
                }
                .at(late)
                .also(early, "the other one is here"),
            );
        }
    }

    fn first_line(&self, span: Span) -> Span {
        let text = self.world.map.slice(span);
        let length = text.find(['\n', '{']).unwrap_or(text.len());
        Span::new(span.file, span.start, span.start + length as u32)
    }

    /// A mapping reads only what the route declares.
    fn undeclared(&mut self, route: &Route, integration: &Integration, sentence: &Sentence) {
        let mappings = integration
            .mappings
            .iter()
            .map(|mapping| (&mapping.source, mapping.node));
        let keys = integration
            .cache_key
            .iter()
            .map(|source| (source, route.node));
        let mut missing: Vec<(ParameterPlace, &str, Span)> = Vec::new();
        for (source, node) in mappings.chain(keys) {
            let (place, name) = match source {
                Source::RequestHeader(name) | Source::RequestHeaders(name) => {
                    (ParameterPlace::Header, name)
                }
                Source::RequestQuery(name) | Source::RequestQueries(name) => {
                    (ParameterPlace::Query, name)
                }
                Source::RequestPath(name) => (ParameterPlace::Path, name),
                _ => continue,
            };
            let declared = route
                .parameters
                .iter()
                .any(|known| known.place == place && known.name == *name);
            if !declared {
                let span = match node == route.node {
                    true => self.head_span(sentence),
                    false => self.tree.span(node.index),
                };
                missing.push((place, name, span));
            }
        }
        for (place, name, span) in missing {
            let known: Vec<&str> = route
                .parameters
                .iter()
                .filter(|known| known.place == place)
                .map(|known| known.name.as_str())
                .collect();
            let word = match place {
                ParameterPlace::Header => "header",
                ParameterPlace::Query => "query",
                ParameterPlace::Path => "path",
            };
            let mut finding = UndeclaredParameter {
                parameter: format!("{word}.{name}"),
                reference: format!("method.request.{}.{name}", place.as_str()),
            }
            .at(span);
            if let Some(help) = did_you_mean(name, known) {
                finding = finding.with_help(help);
            } else if place != ParameterPlace::Path
                && let Some(block) = &sentence.block
            {
                let open = self.span(block.id);
                let edit = Edit {
                    span: Span::new(open.file, open.start + 1, open.start + 1),
                    text: format!(" {word}.{}: String?,", quoted_name(name)),
                };
                finding = finding.with_fix(Fix {
                    title: format!("declare `{word}.{name}`"),
                    edits: vec![edit],
                    certain: true,
                });
            }
            self.report(finding);
        }
    }

    /// `required` or `none`.
    pub(crate) fn api_key(&mut self, value: &Value) -> Option<bool> {
        self.choice(value, &[("required", true), ("none", false)])
    }

    /// `all`, `body`, `params`, `none`.
    pub(crate) fn validate(&mut self, value: &Value) -> Option<Validate> {
        let validate = |parameters, body| Validate { parameters, body };
        self.choice(
            value,
            &[
                ("all", validate(true, true)),
                ("body", validate(false, true)),
                ("params", validate(true, false)),
                ("none", validate(false, false)),
            ],
        )
    }

    /// The `{name}`s of the URI: mapped, bound to the path parameter of that name, or an error.
    fn bind(&mut self, integration: &mut Integration, path: Option<&PathTemplate>, span: Span) {
        let Some(path) = path else { return };
        let names: Vec<&str> = parameter_names(path).collect();
        super::placeholder::bind_placeholders(self, integration, &names, span);
    }
}

/// What a route serves, as its sentence says it.
struct Keyed {
    key: RouteKey,
    /// The path, if it can be read; of `$default` that of nothing.
    path: Option<PathTemplate>,
    span: Span,
}

/// What a route's block says, until it is put together.
#[derive(Default)]
struct Parts<'a> {
    integrate: Option<&'a Sentence>,
    responds: Vec<&'a Item>,
    cache: Option<CacheKey>,
    cors: Option<CorsRule>,
}

/// What keeps the cached answers of a route apart.
#[derive(Default)]
struct CacheKey {
    parameters: Vec<Source>,
    namespace: Option<String>,
}

/// The names of a path's parameters.
pub(crate) fn parameter_names(path: &PathTemplate) -> impl Iterator<Item = &str> {
    path.segments.iter().filter_map(|segment| match segment {
        Segment::Literal(_) => None,
        Segment::Parameter(name) | Segment::Greedy(name) => Some(name.as_str()),
    })
}

/// A name as gate writes it.
pub(crate) fn quoted_name(name: &str) -> String {
    let plain = name.chars().enumerate().all(|(at, c)| {
        c.is_ascii_alphabetic()
            || c == '_'
            || c == '$'
            || (at > 0 && (c.is_ascii_digit() || c == '-'))
    });
    if plain && !name.is_empty() {
        name.to_owned()
    } else {
        format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
    }
}

/// The target's own name.
pub(crate) fn target_name(target: &RequestTarget) -> &str {
    match target {
        RequestTarget::Header(name) | RequestTarget::Query(name) | RequestTarget::Path(name) => {
            name
        }
    }
}
