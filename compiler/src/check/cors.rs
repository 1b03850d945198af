//! `cors` in a REST API: nothing is synthesised at run time, so it becomes what a person
//! would write by hand: OPTIONS methods that answer by themselves, headers on every
//! mapped response, and headers on the gateway's own.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Ix, Sentence, Value, ValueKind};
use tollgate_model::NodeId;
use tollgate_model::api::{
    Api, Cors, GatewayResponse, GatewayResponseType, Method, MethodSettings, PathTemplate, Route,
    RouteKey, Validate,
};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::{
    HeaderMapping, IntegrationResponse, MappingOp, MethodResponse, Source, Target,
};
use tollgate_model::text::Text;

use super::body::made_template;
use super::cx::{Cx, entry, items, says, sentence};
use super::integrate::is_proxy;
use super::operands::Operands;
use crate::cover::glob_covers;
use crate::diagnostic::codes::{CorsOrigins, CorsRefused, CorsUnused, UnknownChoice};
use crate::diagnostic::{Finding, one_of};
use crate::words::{ApiWord, CorsWord, Vocabulary};

/// One `cors`.
#[derive(Clone, Debug)]
pub(crate) struct CorsRule {
    glob: String,
    /// The glob is a path template, compared as it is.
    exact: bool,
    origins: Vec<String>,
    methods: Option<Vec<String>>,
    headers: Vec<String>,
    expose: Vec<String>,
    max_age_s: Option<u32>,
    credentials: bool,
    node: NodeId,
}

impl CorsRule {
    /// Where it stands.
    pub(crate) fn span(&self, cx: &Cx<'_>) -> Span {
        cx.tree.span(self.node.index)
    }
}

impl<'a> Cx<'a> {
    /// `cors /* { … }`; of an HTTP API without paths.
    pub(crate) fn cors_rule(&mut self, item: &'a Item) -> Option<CorsRule> {
        let sentence = sentence(item)?;
        let mut operands = Operands::of(self, sentence, ApiWord::Cors.word().form);
        if self.is_http() {
            // It is the whole API's.
            operands.refuse_rest(self);
            return self.cors_block(sentence, "/*".to_owned(), false, item.id);
        }
        let glob = operands.need(self, "the paths")?;
        let glob = match glob.kind {
            ValueKind::Star => "/*".to_owned(),
            _ => self.path_text(glob)?,
        };
        operands.refuse_rest(self);
        self.cors_block(sentence, glob, false, item.id)
    }

    /// What stands in the braces.
    pub(crate) fn cors_block(
        &mut self,
        sentence: &'a Sentence,
        glob: String,
        exact: bool,
        id: Ix,
    ) -> Option<CorsRule> {
        let mut rule = CorsRule {
            glob,
            exact,
            origins: Vec::new(),
            methods: None,
            headers: Vec::new(),
            expose: Vec::new(),
            max_age_s: None,
            credentials: false,
            node: self.node(id),
        };
        for (word, item) in self.words::<CorsWord>(items(&sentence.block)) {
            if let Some(entry) = entry(item) {
                self.cors_setting(word, &entry.value, &mut rule);
            }
        }
        let span = self.head_span(sentence);
        if rule.origins.is_empty() {
            // Origins that are there and wrong were told already.
            if !says(&sentence.block, "origins") {
                self.missing("cors", "`origins`", span);
            }
            return None;
        }
        let any = rule.origins.iter().any(|origin| origin == "*");
        if any && (rule.credentials || rule.origins.len() > 1 && !self.is_http()) {
            let why = if rule.credentials {
                "a browser refuses `*` together with credentials"
            } else {
                "`*` stands alone"
            };
            let finding = CorsRefused {
                why: why.to_owned(),
            }
            .at(span);
            self.report(match self.is_http() {
                true => {
                    finding.with_note("allow-credentials is not supported if 'allow-origin' is *")
                }
                false => finding,
            });
            return None;
        }
        if rule.origins.len() > 1 && !self.is_http() {
            self.report(CorsOrigins {}.at(span));
        }
        Some(rule)
    }

    fn cors_setting(
        &mut self,
        word: CorsWord,
        value: &'a Value,
        rule: &mut CorsRule,
    ) -> Option<()> {
        match word {
            CorsWord::Origins => {
                for (origin, ix) in self.names_list(value, "origins")? {
                    let good = origin == "*"
                        || origin.split_once("://").is_some_and(|(scheme, host)| {
                            !scheme.is_empty() && !host.is_empty() && !host.contains('/')
                        });
                    if !good {
                        let span = self.span(ix);
                        self.report(
                            CorsRefused {
                                why: format!(
                                    "`{origin}` is no origin: a scheme and a host, without a path"
                                ),
                            }
                            .at(span),
                        );
                        continue;
                    }
                    rule.origins.push(origin);
                }
            }
            CorsWord::Methods => {
                let mut methods = Vec::new();
                for (method, ix) in self.names_list(value, "methods")? {
                    let names = || Method::ALL.into_iter().map(Method::as_str);
                    match Method::parse(&method) {
                        Some(Method::Any) => methods.extend(
                            Method::ALL
                                .into_iter()
                                .filter(|method| *method != Method::Any)
                                .map(|method| method.as_str().to_owned()),
                        ),
                        Some(_) => methods.push(method),
                        None if method == "*" => methods.push(method),
                        None => {
                            let span = self.span(ix);
                            self.report(
                                UnknownChoice {
                                    expected: one_of(names()),
                                    written: method.clone(),
                                }
                                .at(span)
                                .or_near(&method, names(), span),
                            );
                        }
                    }
                }
                rule.methods = Some(methods);
            }
            CorsWord::Headers => rule.headers = self.plain_list(value, "header names")?,
            CorsWord::Expose => rule.expose = self.plain_list(value, "header names")?,
            CorsWord::MaxAge => {
                rule.max_age_s = Some(self.duration_s(value, "`max_age`", 86_400)?)
            }
            CorsWord::Credentials => rule.credentials = self.truth(value)?,
        }
        Some(())
    }

    fn plain_list(&mut self, value: &'a Value, of: &str) -> Option<Vec<String>> {
        let list = self.names_list(value, of)?;
        Some(list.into_iter().map(|(name, _)| name).collect())
    }
}

/// What HTTP APIs do at run time.
pub(crate) fn built_in(rule: CorsRule) -> Cors {
    Cors {
        origins: rule.origins,
        methods: rule.methods.unwrap_or_default(),
        headers: rule.headers,
        expose: rule.expose,
        max_age_s: rule.max_age_s,
        credentials: rule.credentials,
    }
}

/// Adds what the rules stand for. A path takes the first rule that covers it.
pub(crate) fn expand(cx: &mut Cx<'_>, api: &mut Api, rules: &[CorsRule]) {
    if rules.is_empty() {
        return;
    }
    let mut verbs: BTreeMap<PathTemplate, BTreeSet<Method>> = BTreeMap::new();
    for route in &api.routes {
        if let RouteKey::Http { path, method } = &route.key {
            verbs.entry(path.clone()).or_default().insert(*method);
        }
    }
    let mut used = vec![false; rules.len()];
    for (path, verbs) in &verbs {
        let text = path.text();
        // A route's own rule is nearer than the API's.
        let rule = rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| {
                if rule.exact {
                    rule.glob == text
                } else {
                    glob_covers(&rule.glob, &text)
                }
            })
            .max_by_key(|(at, rule)| (rule.exact, std::cmp::Reverse(*at)));
        let Some((at, rule)) = rule else { continue };
        used[at] = true;
        if !verbs.contains(&Method::Options) {
            api.routes.push(preflight(cx, path, verbs, rule));
        }
    }
    for (rule, used) in rules.iter().zip(used) {
        if !used {
            let span = cx.until_block(cx.tree.span(rule.node.index));
            cx.report(
                CorsUnused {
                    glob: rule.glob.clone(),
                }
                .at(span),
            );
        }
    }
    for route in &mut api.routes {
        let RouteKey::Http { path, method } = &route.key else {
            continue;
        };
        let text = path.text();
        let rule = rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| {
                if rule.exact {
                    rule.glob == text
                } else {
                    glob_covers(&rule.glob, &text)
                }
            })
            .max_by_key(|(at, rule)| (rule.exact, std::cmp::Reverse(*at)));
        if let Some((_, rule)) = rule
            && *method != Method::Options
            && !is_proxy(&route.integration.target)
        {
            on_responses(route, rule);
        }
    }
    // The gateway's own answers know no path: they take the widest rule.
    let widest = rules
        .iter()
        .min_by_key(|rule| (rule.exact, rule.glob.len()));
    if let Some(rule) = widest {
        for ty in [
            GatewayResponseType::Default4xx,
            GatewayResponseType::Default5xx,
        ] {
            on_gateway_response(api, ty, rule);
        }
    }
}

/// The OPTIONS method of a path.
fn preflight(cx: &Cx<'_>, path: &PathTemplate, verbs: &BTreeSet<Method>, rule: &CorsRule) -> Route {
    let methods = rule.methods.clone().unwrap_or_else(|| {
        let all = verbs.contains(&Method::Any);
        Method::ALL
            .into_iter()
            .filter(|method| {
                *method != Method::Any
                    && (all || verbs.contains(method) || *method == Method::Options)
            })
            .map(|method| method.as_str().to_owned())
            .collect()
    });
    let mut headers = origin_headers(rule);
    headers.push(("Access-Control-Allow-Methods", methods.join(",")));
    if !rule.headers.is_empty() {
        headers.push(("Access-Control-Allow-Headers", rule.headers.join(",")));
    }
    if let Some(seconds) = rule.max_age_s {
        headers.push(("Access-Control-Max-Age", seconds.to_string()));
    }
    let mut integration = cx.no_integration(rule.node.index);
    integration.target = Target::Mock;
    integration.templates.push((
        "application/json".to_owned(),
        made_template("{\"statusCode\": 200}", rule.node),
    ));
    let mut response = IntegrationResponse {
        status: 200,
        pattern: None,
        content: Default::default(),
        headers: headers
            .iter()
            .map(|(name, value)| literal_header(name, value, rule.node))
            .collect(),
        templates: Vec::new(),
        node: rule.node,
    };
    if let Some(template) = origin_template(rule) {
        response.templates.push((
            "application/json".to_owned(),
            made_template(template, rule.node),
        ));
    }
    integration.responses.push(response);
    Route {
        key: RouteKey::Http {
            path: path.clone(),
            method: Method::Options,
        },
        doc: String::new(),
        auth: Auth::None,
        api_key: false,
        validate: Validate::default(),
        parameters: Vec::new(),
        body: Vec::new(),
        settings: MethodSettings::default(),
        integration,
        responses: vec![MethodResponse {
            status: 200,
            headers: headers
                .iter()
                .map(|(name, _)| ((*name).to_owned(), false))
                .collect(),
            models: Vec::new(),
            node: rule.node,
        }],
        operation: None,
        tags: Vec::new(),
        node: rule.node,
    }
}

/// The headers that every answer has.
fn origin_headers(rule: &CorsRule) -> Vec<(&'static str, String)> {
    let mut headers = Vec::new();
    if let Some(origin) = rule.origins.first() {
        headers.push(("Access-Control-Allow-Origin", origin.clone()));
    }
    if rule.credentials {
        headers.push(("Access-Control-Allow-Credentials", "true".to_owned()));
    }
    headers
}

/// With several origins the caller's own is answered, if it is one of them: a header is
/// one literal, so the preflight's template overrides it.
fn origin_template(rule: &CorsRule) -> Option<String> {
    if rule.origins.len() < 2 {
        return None;
    }
    let tests: Vec<String> = rule
        .origins
        .iter()
        .map(|origin| format!("$origin == \"{origin}\""))
        .collect();
    Some(format!(
        "#set($origin = $input.params().header.get(\"origin\"))\
         #if($origin == \"\")#set($origin = $input.params().header.get(\"Origin\"))#end\
         #if({})#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end",
        tests.join(" || ")
    ))
}

fn literal_header(name: &str, value: &str, node: NodeId) -> HeaderMapping {
    HeaderMapping {
        name: name.to_owned(),
        source: Source::Static(Text {
            node,
            ..Text::literal(value)
        }),
        op: MappingOp::Overwrite,
        node,
    }
}

fn on_responses(route: &mut Route, rule: &CorsRule) {
    let mut headers = origin_headers(rule);
    if !rule.expose.is_empty() {
        headers.push(("Access-Control-Expose-Headers", rule.expose.join(",")));
    }
    for response in &mut route.integration.responses {
        for (name, value) in &headers {
            if !response
                .headers
                .iter()
                .any(|header| header.name.eq_ignore_ascii_case(name))
            {
                response
                    .headers
                    .push(literal_header(name, value, rule.node));
            }
        }
    }
    for response in &mut route.responses {
        for (name, _) in &headers {
            if !response
                .headers
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                response.headers.push(((*name).to_owned(), false));
            }
        }
    }
}

fn on_gateway_response(api: &mut Api, ty: GatewayResponseType, rule: &CorsRule) {
    let at = match api
        .gateway_responses
        .iter()
        .position(|response| response.ty == ty)
    {
        Some(at) => at,
        None => {
            api.gateway_responses.push(GatewayResponse {
                ty,
                status: None,
                headers: Vec::new(),
                templates: Vec::new(),
                node: rule.node,
            });
            api.gateway_responses.len() - 1
        }
    };
    let headers = &mut api.gateway_responses[at].headers;
    for (name, value) in origin_headers(rule) {
        if !headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case(name))
        {
            headers.push(literal_header(name, &value, rule.node));
        }
    }
}
