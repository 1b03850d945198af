//! Stages: variables against the API's declarations, settings made complete.

use std::collections::HashMap;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Block, Item, Sentence, Value, ValueKind};
use tollgate_model::api::{Api, ApiKind, Method, RouteKey, Variable};
use tollgate_model::integration::Source;
use tollgate_model::stage::{
    AccessLog, AccessLogFormat, Canary, LogLevel, MethodSelector, Settings, Stage,
    UnauthorizedInvalidation,
};
use tollgate_model::text::Text;
use tollgate_model::{NodeId, ScalarType};

use super::cx::{Cx, entry, items, sentence};
use super::names::Decl;
use super::operands::{Operands, name_of};
use super::source::Side;
use super::text::Holes;
use crate::diagnostic::codes::{
    BadLogFormat, BadName, CacheSize, RepeatedWord, UnknownMethod, UnknownVariable,
    VariableNotGiven, VariableType, WrongType,
};
use crate::diagnostic::{Diagnostic, Finding, did_you_mean};
use crate::words::{CanaryWord, MethodWord, StageWord, Vocabulary};

/// The sizes of cache clusters, in gigabytes.
const CACHE_SIZES: [f64; 8] = [0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118.0, 237.0];

/// Settings of a method that says nothing, as the reference makes them.
fn default_settings() -> Settings {
    Settings {
        cache_ttl_s: 300,
        invalidation_auth: true,
        ..Settings::default()
    }
}

/// Reads one stage.
pub(crate) fn stage<'a>(
    cx: &Cx<'a>,
    decl: &Decl<'a>,
    apis: &HashMap<&str, &Api>,
) -> (Option<Stage>, Vec<Diagnostic>) {
    let mut cx = cx.of_tree(decl.tree);
    let stage = cx.stage(decl, apis);
    (stage, cx.found)
}

impl<'a> Cx<'a> {
    fn stage(&mut self, decl: &Decl<'a>, apis: &HashMap<&str, &Api>) -> Option<Stage> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let kind = name_of(decl.sentence.operands.get(2)?)
            .and_then(|api| apis.get(api))
            .map_or(ApiKind::Rest, |api| api.kind);
        self.kind = kind;
        let at_root = kind == ApiKind::Http && decl.name == "$default";
        if !at_root && (decl.name.len() > 128 || !decl.name.chars().all(allowed)) {
            self.report(
                BadName {
                    kind: "stage",
                    name: decl.name.to_owned(),
                    rule: "a stage has 1 to 128 letters, digits, `_` and `-`",
                }
                .at(decl.span),
            );
        }
        // `prod of Orders`: the third operand, as `declare` has seen.
        let api_value = decl.sentence.operands.get(2)?;
        let api_name = name_of(api_value)?;
        if decl.sentence.block.is_none() {
            self.missing_block(decl.sentence);
        }
        let Some(api) = apis.get(api_name) else {
            if self.names.apis.get(api_name).is_none() {
                let span = self.span(api_value.id);
                let known = self.names.apis.names();
                self.unknown_name("API", api_name, span, known);
            }
            return None;
        };
        let words = self.words::<StageWord>(items(&decl.sentence.block));
        let mut stage = Stage {
            name: decl.name.to_owned(),
            api: api_name.to_owned(),
            doc: decl.item.docs.join("\n"),
            variables: Vec::new(),
            settings: default_settings(),
            methods: Vec::new(),
            cache_gb: None,
            canary: None,
            access_log: None,
            tracing: false,
            client_certificate: None,
            tags: Vec::new(),
            node: self.node(decl.item.id),
        };
        let mut given = Vec::new();
        for (word, item) in &words {
            match word {
                StageWord::Variables => {
                    given = self.values(sentence(item).and_then(|s| s.block.as_ref()), api)
                }
                StageWord::Method => {}
                _ => {
                    self.stage_part(*word, item, api, &mut stage);
                }
            }
        }
        stage.variables = self.complete(given, api, decl);
        let methods: Vec<&'a Item> = words
            .iter()
            .filter(|(word, _)| *word == StageWord::Method)
            .map(|(_, item)| *item)
            .collect();
        self.method_settings(&methods, api, &mut stage);
        Some(stage)
    }

    fn stage_part(
        &mut self,
        word: StageWord,
        item: &'a Item,
        api: &Api,
        stage: &mut Stage,
    ) -> Option<()> {
        match word {
            StageWord::Cache => {
                let mut operands = Operands::of(self, sentence(item)?, word.word().form);
                let size = operands.need(self, "a size")?;
                let bytes = self.size(size)?;
                let gigabytes = bytes as f64 / 1e9;
                if CACHE_SIZES.contains(&gigabytes) {
                    stage.cache_gb = Some(gigabytes);
                } else {
                    let span = self.span(size.id);
                    self.report(
                        CacheSize {
                            sizes: CACHE_SIZES.map(|size| format!("`{size}GB`")).join(", "),
                        }
                        .at(span),
                    );
                }
                stage.settings.caching = true;
                if operands.take("for") {
                    let ttl = operands.need(self, "a duration")?;
                    stage.settings.cache_ttl_s = self.duration_s(ttl, "a cache duration", 3600)?;
                }
                operands.refuse_rest(self);
            }
            StageWord::Throttle => {
                let mut operands = Operands::of(self, sentence(item)?, word.word().form);
                stage.settings.throttle = self.throttle(&mut operands);
            }
            StageWord::Canary => stage.canary = self.canary(sentence(item)?, item, api),
            StageWord::Log => stage.access_log = self.access_log(sentence(item)?, item),
            StageWord::Trace => {
                let value = &entry(item)?.value;
                let ValueKind::Call(call) = &value.kind else {
                    return self.wrong_type(value, "`xray(active: true)`");
                };
                match (call.place.name(), call.args.as_slice()) {
                    (Some("xray"), [arg])
                        if arg.name.as_ref().is_some_and(|name| name.text == "active") =>
                    {
                        stage.tracing = self.truth(&arg.value)?;
                    }
                    _ => return self.wrong_type(value, "`xray(active: true)`"),
                }
            }
            StageWord::ClientCertificate => {
                stage.client_certificate = self.literal(&entry(item)?.value);
            }
            StageWord::Tags => stage.tags = self.text_map(&entry(item)?.value)?,
            StageWord::Variables | StageWord::Method => {}
        }
        Some(())
    }

    /// `name: value` for each variable, checked against its declaration.
    fn values(&mut self, block: Option<&'a Block>, api: &Api) -> Vec<(String, Text)> {
        let mut flat = Vec::new();
        if let Some(block) = block {
            self.flatten(&block.items, &mut flat);
        }
        let mut values: Vec<(String, Text)> = Vec::with_capacity(flat.len());
        for item in flat {
            let Some((place, value, _)) = self.declaration(item) else {
                continue;
            };
            let Some(name) = self.plain_name(place, "stage variable") else {
                continue;
            };
            let span = self.span(place.id);
            let Ok(at) = api
                .variables
                .binary_search_by(|variable| variable.name.as_str().cmp(&name))
            else {
                let known = api.variables.iter().map(|variable| variable.name.as_str());
                let help = did_you_mean(&name, known).unwrap_or_else(|| {
                    format!("declare it: `variables {{ {name}: String }}` in the API")
                });
                self.report(
                    UnknownVariable {
                        variable: name,
                        api: api.name.clone(),
                    }
                    .at(span)
                    .with_help(help),
                );
                continue;
            };
            if values.iter().any(|(other, _)| *other == name) {
                self.report(RepeatedWord { word: name }.at(span));
                continue;
            }
            if let Some(text) = self.variable_value(value, &api.variables[at]) {
                values.push((name, text));
            }
        }
        values
    }

    fn variable_value(&mut self, value: &'a Value, variable: &Variable) -> Option<Text> {
        let text = match &value.kind {
            ValueKind::Quantity(_) => match self.scalar_literal(value, &variable.ty) {
                Some(literal) => Text {
                    node: self.node(value.id),
                    ..Text::literal(literal)
                },
                None => return None,
            },
            ValueKind::Place(place) if matches!(place.name(), Some("true" | "false")) => Text {
                node: self.node(value.id),
                ..Text::literal(place.name().unwrap_or_default())
            },
            _ => self.text(value, Holes::Build)?,
        };
        if let Some(literal) = text.as_literal() {
            let why = match scalar_fault(literal, &variable.ty) {
                Some(why) => Some(why),
                None if literal.len() > 512 => Some("it has more than 512 characters".to_owned()),
                None => literal
                    .chars()
                    .find(|c| !(c.is_ascii_alphanumeric() || "-._~:/?#&=,".contains(*c)))
                    .map(|c| format!("a stage variable cannot hold `{c}`")),
            };
            if let Some(why) = why {
                let span = self.span(value.id);
                self.report(
                    VariableType {
                        variable: variable.name.clone(),
                        why,
                    }
                    .at(span)
                    .also(self.tree_span(variable.node), "declared here"),
                );
                return None;
            }
        }
        Some(text)
    }

    /// The place of a node of any tree.
    pub(crate) fn tree_span(&self, node: NodeId) -> Span {
        use tollgate_model::Places;
        self.world
            .map
            .span(node)
            .unwrap_or(Span::new(node.file, 0, 0))
    }

    /// Adds defaults, and reports what has neither value nor default.
    fn complete(
        &mut self,
        given: Vec<(String, Text)>,
        api: &Api,
        decl: &Decl<'a>,
    ) -> Vec<(String, Text)> {
        let mut given: HashMap<String, Text> = given.into_iter().collect();
        let mut complete = Vec::with_capacity(api.variables.len());
        for variable in &api.variables {
            if let Some(text) = given.remove(&variable.name) {
                complete.push((variable.name.clone(), text));
            } else if let Some(default) = &variable.default {
                complete.push((
                    variable.name.clone(),
                    Text {
                        node: variable.node,
                        ..Text::literal(default.clone())
                    },
                ));
            } else if !variable.optional && !self.was_written(&variable.name, decl) {
                self.report(
                    VariableNotGiven {
                        variable: variable.name.clone(),
                        stage: decl.name.to_owned(),
                    }
                    .at(decl.span)
                    .also(self.tree_span(variable.node), "declared here"),
                );
            }
        }
        complete
    }

    /// Whether a stage writes a variable, though its value was refused.
    fn was_written(&self, name: &str, decl: &Decl<'a>) -> bool {
        let mut flat = Vec::new();
        self.flatten(items(&decl.sentence.block), &mut flat);
        flat.iter()
            .filter(|item| crate::words::head(item) == "variables")
            .filter_map(|item| sentence(item)?.block.as_ref())
            .flat_map(|block| &block.items)
            .any(|item| crate::words::head(item) == name)
    }

    fn canary(&mut self, sentence: &'a Sentence, item: &'a Item, api: &Api) -> Option<Canary> {
        let mut operands = Operands::of(self, sentence, StageWord::Canary.word().form);
        let share = operands.need(self, "a share")?;
        let share = self.share(share)?;
        operands.refuse_rest(self);
        let mut canary = Canary {
            share,
            variables: Vec::new(),
            use_stage_cache: false,
            deployment: None,
            node: self.node(item.id),
        };
        for (word, item) in self.words::<CanaryWord>(items(&sentence.block)) {
            match word {
                CanaryWord::Variables => {
                    let block =
                        super::cx::sentence(item).and_then(|sentence| sentence.block.as_ref());
                    canary.variables = self.values(block, api);
                }
                CanaryWord::Cache => {
                    let choices = [("shared", true), ("own", false)];
                    canary.use_stage_cache = self.choice(&entry(item)?.value, &choices)?;
                }
                CanaryWord::Api => {
                    let value = &entry(item)?.value;
                    let Some(name) = name_of(value) else {
                        return self.wrong_type(value, "the name of an API");
                    };
                    if self.names.apis.get(name).is_none() {
                        let span = self.span(value.id);
                        let known = self.names.apis.names();
                        self.unknown_name("API", name, span, known);
                        return None;
                    }
                    canary.deployment = Some(name.to_owned());
                }
            }
        }
        canary.variables.sort_by(|a, b| a.0.cmp(&b.0));
        Some(canary)
    }

    /// `log to stdout { … }`, `log to stdout as fmt"…"`.
    fn access_log(&mut self, sentence: &'a Sentence, item: &'a Item) -> Option<AccessLog> {
        let mut operands = Operands::of(self, sentence, StageWord::Log.word().form);
        operands.need_word(self, "to")?;
        let value = operands.need(self, "a destination")?;
        let destination = match name_of(value) {
            Some("stdout") => Text {
                node: self.node(value.id),
                ..Text::literal("stdout")
            },
            Some(_) => return self.wrong_type(value, "`stdout`, a file or an ARN"),
            None => self.text(value, Holes::Build)?,
        };
        let head = operands.span;
        let format = if operands.take("as") {
            let value = operands.need(self, "a format `fmt\"…\"`")?;
            let text = match &value.kind {
                ValueKind::Tagged(tag, text) if tag.text == "fmt" => self.literal_text(text)?,
                _ => return self.wrong_type(value, "a format `fmt\"…\"`"),
            };
            let why = if text.len() > 3072 {
                Some("it has more than 3072 characters")
            } else if !text.contains("$context.requestId")
                && !text.contains("$context.extendedRequestId")
            {
                Some("it has neither `$context.requestId` nor `$context.extendedRequestId`")
            } else if text.contains('\n') {
                Some("it is one line")
            } else {
                None
            };
            if let Some(why) = why {
                let span = self.span(value.id);
                self.report(BadLogFormat { why }.at(span));
            }
            AccessLogFormat::Text(text)
        } else {
            AccessLogFormat::Json(self.log_members(sentence))
        };
        operands.refuse_rest(self);
        if matches!(&format, AccessLogFormat::Json(members) if members.is_empty()) {
            self.missing("log", "its members or `as fmt\"…\"`", head);
            return None;
        }
        Some(AccessLog {
            destination,
            format,
            node: self.node(item.id),
        })
    }

    fn log_members(&mut self, sentence: &'a Sentence) -> Vec<(String, Source)> {
        let mut flat = Vec::new();
        self.flatten(items(&sentence.block), &mut flat);
        let mut members = Vec::with_capacity(flat.len());
        for item in flat {
            let Some((place, value, _)) = self.declaration(item) else {
                continue;
            };
            let name = place
                .name()
                .map(str::to_owned)
                .or_else(|| super::cx::second(place));
            if let (Some(name), Some(source)) = (name, self.source(value, Side::Log)) {
                members.push((name, source));
            }
        }
        members
    }

    /// `method …` of a stage, and what routes say themselves: each is complete.
    fn method_settings(&mut self, methods: &[&'a Item], api: &Api, stage: &mut Stage) {
        let mut selected: Vec<(Option<MethodSelector>, &'a Sentence, Span)> = Vec::new();
        for item in methods {
            let Some(sentence) = sentence(item) else {
                continue;
            };
            let mut operands = Operands::of(self, sentence, StageWord::Method.word().form);
            if let Some(selector) = self.selector(&mut operands, api) {
                let same = selected.iter().find(|(other, ..)| *other == selector);
                if let Some((_, _, first)) = same {
                    self.report(
                        RepeatedWord {
                            word: "method".to_owned(),
                        }
                        .at(operands.span)
                        .also(*first, "first here"),
                    );
                    continue;
                }
                selected.push((selector, sentence, operands.span));
            }
        }
        for (_, sentence, _) in selected.iter().filter(|(selector, ..)| selector.is_none()) {
            let mut all = stage.settings.clone();
            self.method_block(sentence, &mut all);
            stage.settings = all;
        }
        // A route's own wishes: the stage's `method` wins over them.
        let mut settings: HashMap<MethodSelector, Settings> = HashMap::new();
        for route in &api.routes {
            let wishes = &route.settings;
            if wishes.throttle.is_some() || wishes.cache_ttl_s.is_some() {
                let mut own = stage.settings.clone();
                own.throttle = wishes.throttle.or(own.throttle);
                if let Some(ttl) = wishes.cache_ttl_s {
                    own.caching = ttl > 0;
                    own.cache_ttl_s = ttl;
                }
                settings.insert(MethodSelector::of(&route.key), own);
            }
        }
        for (selector, sentence, _) in selected {
            let Some(selector) = selector else { continue };
            let mut own = settings
                .remove(&selector)
                .unwrap_or_else(|| stage.settings.clone());
            self.method_block(sentence, &mut own);
            settings.insert(selector, own);
        }
        stage.methods = settings.into_iter().collect();
        stage.methods.sort_by(|a, b| a.0.cmp(&b.0));
    }

    /// `*`, `* /path` or `METHOD /path`; the outer none is a mistake, the inner one is all methods.
    pub(crate) fn selector(
        &mut self,
        operands: &mut Operands<'a>,
        api: &Api,
    ) -> Option<Option<MethodSelector>> {
        let value = operands.need(self, "`*` or a method")?;
        let method = match (&value.kind, name_of(value)) {
            (ValueKind::Star, _) => "*",
            (_, Some(name)) => match Method::parse(name) {
                Some(method) => method.as_str(),
                None => return self.wrong_type(value, "`*` or a method"),
            },
            _ => return self.wrong_type(value, "`*` or a method"),
        };
        let Some(path) = operands.next() else {
            if method == "*" {
                return Some(None);
            }
            operands.need(self, "a path")?;
            return None;
        };
        operands.refuse_rest(self);
        let template = self.path_template(path)?;
        let text = template.text();
        let text = if text.is_empty() {
            "/".to_owned()
        } else {
            text
        };
        let exists = api.routes.iter().any(|route| match &route.key {
            RouteKey::Http { path, method: verb } => {
                *path == template
                    && (method == "*" || verb.as_str() == method || *verb == Method::Any)
            }
            RouteKey::Named(_) => false,
        });
        if !exists {
            let span = self.span(value.id).to(self.span(path.id));
            let written = format!("{method} {text}");
            let known: Vec<String> = api.routes.iter().map(|route| route.key.display()).collect();
            let help = did_you_mean(&written, known.iter().map(String::as_str));
            self.report(
                UnknownMethod {
                    route: written,
                    api: api.name.clone(),
                }
                .at(span)
                .maybe_help(help),
            );
            return None;
        }
        Some(Some(MethodSelector {
            path: text,
            method: method.to_owned(),
        }))
    }

    fn method_block(&mut self, sentence: &'a Sentence, settings: &mut Settings) {
        for (word, item) in self.words::<MethodWord>(items(&sentence.block)) {
            self.method_setting(word, item, settings);
        }
    }

    fn method_setting(
        &mut self,
        word: MethodWord,
        item: &'a Item,
        settings: &mut Settings,
    ) -> Option<()> {
        match word {
            MethodWord::Throttle => {
                let mut operands = Operands::of(self, sentence(item)?, word.word().form);
                settings.throttle = self.throttle(&mut operands);
            }
            MethodWord::Cache => {
                let mut operands = Operands::of(self, sentence(item)?, word.word().form);
                if operands.take("none") {
                    settings.caching = false;
                } else {
                    let value = operands.need(self, "a duration or `none`")?;
                    settings.cache_ttl_s = self.duration_s(value, "a cache duration", 3600)?;
                    settings.caching = settings.cache_ttl_s > 0;
                }
                operands.refuse_rest(self);
            }
            MethodWord::Encrypted => settings.cache_encrypted = self.truth(&entry(item)?.value)?,
            MethodWord::Invalidation => {
                use UnauthorizedInvalidation as U;
                let choices = [
                    ("anyone", None),
                    ("deny", Some(U::Fail)),
                    ("warn", Some(U::IgnoreWithWarning)),
                    ("ignore", Some(U::Ignore)),
                ];
                let chosen = self.choice(&entry(item)?.value, &choices)?;
                settings.invalidation_auth = chosen.is_some();
                settings.unauthorized_invalidation = chosen.unwrap_or_default();
            }
            MethodWord::LogLevel => {
                let choices = [
                    ("off", LogLevel::Off),
                    ("error", LogLevel::Error),
                    ("info", LogLevel::Info),
                ];
                settings.log_level = self.choice(&entry(item)?.value, &choices)?;
            }
            MethodWord::DataTrace => settings.data_trace = self.truth(&entry(item)?.value)?,
            MethodWord::Metrics => {
                let choices = [("detailed", true), ("basic", false)];
                settings.metrics = self.choice(&entry(item)?.value, &choices)?;
            }
        }
        Some(())
    }

    /// A value of a type, as text: `5`, `true`, `"x"`.
    pub(crate) fn scalar_literal(&mut self, value: &'a Value, ty: &ScalarType) -> Option<String> {
        let text = match &value.kind {
            ValueKind::Quantity(quantity) if quantity.unit.is_empty() && quantity.per.is_none() => {
                quantity.number.clone()
            }
            ValueKind::Place(place) if matches!(place.name(), Some("true" | "false")) => {
                place.name().unwrap_or_default().to_owned()
            }
            _ => self.literal(value)?,
        };
        if let Some(why) = scalar_fault(&text, ty) {
            let span = self.span(value.id);
            self.report(
                WrongType {
                    expected: type_name(ty),
                    found: super::value::describe(value),
                }
                .at(span)
                .with_help(why),
            );
            return None;
        }
        Some(text)
    }
}

/// Why a text is no value of a type.
pub(crate) fn scalar_fault(text: &str, ty: &ScalarType) -> Option<String> {
    match ty {
        ScalarType::String => None,
        ScalarType::Int => text
            .parse::<i64>()
            .is_err()
            .then(|| "it is no whole number".to_owned()),
        ScalarType::Number => text
            .parse::<f64>()
            .map_or(true, |number| !number.is_finite())
            .then(|| "it is no number".to_owned()),
        ScalarType::Bool => (text != "true" && text != "false")
            .then(|| "it is neither `true` nor `false`".to_owned()),
        ScalarType::Url => super::arn::http_fault(&Text::literal(text)).map(str::to_owned),
        ScalarType::Arn => (!text.starts_with("arn:") || text.split(':').count() < 6)
            .then(|| "it is no ARN".to_owned()),
        ScalarType::OneOf(texts) => (!texts.iter().any(|known| known == text)).then(|| {
            format!(
                "it is not {}",
                crate::diagnostic::one_of(texts.iter().map(String::as_str))
            )
        }),
    }
}

/// A type as gate writes it.
pub(crate) fn type_name(ty: &ScalarType) -> String {
    match ty {
        ScalarType::String => "`String`".to_owned(),
        ScalarType::Int => "`Int`".to_owned(),
        ScalarType::Number => "`Number`".to_owned(),
        ScalarType::Bool => "`Bool`".to_owned(),
        ScalarType::Url => "`Url`".to_owned(),
        ScalarType::Arn => "`Arn`".to_owned(),
        ScalarType::OneOf(texts) => crate::diagnostic::one_of(texts.iter().map(String::as_str)),
    }
}
