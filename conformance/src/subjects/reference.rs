//! The executable specification as a subject.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value as Json, json};
use tollgate_model::policy::{Effect, Patterns, ResourcePattern, Resources};
use tollgate_reference::cel::{self, Cel};
use tollgate_reference::json::{from_serde, to_serde};
use tollgate_reference::jsonpath::PathError;
use tollgate_reference::policy::clause::KeyValue;
use tollgate_reference::policy::together::{self, Decision};
use tollgate_reference::policy::{self, Caller, Meaning, Question, Truth};
use tollgate_reference::value::Value;
use tollgate_reference::vtl::{Failure, Host};
use tollgate_reference::{
    ControlPlane, Request, TestInvoke, TestInvoked, json as lenient, jsonpath, regex, vtl,
};
use tollgate_runtime::policy::Kind;

use crate::engines::{
    CelInput, CelOutput, ConditionClause, Engines, PathOutput, PolicyCaller, PolicyDecision,
    PolicyDocument, PolicyRequest, PrincipalMatch, TemplateInput, TemplateOutput,
};
use crate::script::{Memory, Scripted};
use crate::subject::{Deployment, Exchanged, Script, Subject};
use crate::subjects::bundle::expression::{self, double};
use crate::subjects::bundle::policies::BOUNDS;
use crate::verdict::Missing;

/// The executable specification.
#[derive(Debug, Default)]
pub struct Reference {
    deployment: Option<Deployment>,
    memory: Memory,
    now_ms: Option<u64>,
}

impl Reference {
    /// A subject whose clock stands still: milliseconds since 1970 UTC.
    pub fn at(now_ms: u64) -> Reference {
        Reference {
            now_ms: Some(now_ms),
            ..Reference::default()
        }
    }
}

impl Subject for Reference {
    fn name(&self) -> String {
        "reference".into()
    }

    fn deploy(&mut self, deployment: &Deployment) -> Result<(), Missing> {
        self.deployment = Some(deployment.clone());
        self.memory = Memory::default();
        Ok(())
    }

    fn serves_http_apis(&self) -> bool {
        true
    }

    fn exchange(&mut self, request: &Request, script: &Script) -> Result<Exchanged, Missing> {
        let Some(deployment) = &self.deployment else {
            return Err(Missing("a deployment".into()));
        };
        let mut world = Scripted::new(&mut self.memory, script, self.now_ms.unwrap_or_else(now_ms));
        let answer = tollgate_reference::answer(
            &deployment.program,
            &deployment.api,
            &deployment.stage,
            request,
            &mut world,
            &mut (),
        );
        Ok(Exchanged {
            answer,
            integrations: world.integrations,
            authorizers: world.authorizers,
        })
    }

    fn test_invoke(
        &mut self,
        invoke: &TestInvoke,
        script: &Script,
    ) -> Result<TestInvoked, Missing> {
        let Some(deployment) = &self.deployment else {
            return Err(Missing("a deployment".into()));
        };
        let mut world = Scripted::new(&mut self.memory, script, self.now_ms.unwrap_or_else(now_ms));
        let (program, api) = (&deployment.program, &deployment.api);
        tollgate_reference::test_invoke(program, api, invoke, &mut world)
            .ok_or_else(|| Missing(format!("a method {} {}", invoke.method, invoke.resource)))
    }

    fn control_plane(&mut self, deployments: &[&str]) -> Result<ControlPlane, Missing> {
        Ok(ControlPlane::new(deployments))
    }
}

/// The present, for times that cases only look at by their form.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}

/// Renders a template; whether a reference led to nothing on the way.
pub(crate) fn template(input: &TemplateInput) -> (TemplateOutput, bool) {
    let map = |pairs: &[(String, Json)]| {
        Value::map(pairs.iter().map(|(name, value)| (name, from_serde(value))))
    };
    let context = from_serde(&input.context);
    for (side, places) in [
        ("requestOverride", &["header", "path", "querystring"][..]),
        ("responseOverride", &["header"][..]),
    ] {
        let overrides = context
            .member(side)
            .unwrap_or_else(|| Value::map::<&str>([]));
        for place in places {
            if overrides.member(place).is_none() {
                overrides.set_member(place, Value::map::<&str>([]));
            }
        }
        context.set_member(side, overrides);
    }
    let host = Host {
        body: input.body.clone(),
        params: Value::map([
            ("path", map(&input.path)),
            ("querystring", map(&input.query)),
            ("header", map(&input.headers)),
        ]),
        context: context.clone(),
        stage_variables: from_serde(&input.stage_variables),
        variables: input
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), java(value)))
            .collect(),
    };
    match vtl::render(&input.template, &host) {
        Ok(rendered) => (
            TemplateOutput::Rendered {
                text: rendered.text,
                overrides: overrides(&context),
            },
            rendered.unresolved,
        ),
        Err(Failure::Parse(message)) => (TemplateOutput::ParseError(message), false),
        Err(Failure::Runtime(message)) => (TemplateOutput::RuntimeError(message), false),
    }
}

impl Engines for Reference {
    fn template(&mut self, input: &TemplateInput) -> Result<TemplateOutput, Missing> {
        Ok(template(input).0)
    }

    fn json_path(&mut self, document: &str, path: &str) -> Result<PathOutput, Missing> {
        let Some(document) = lenient::read(document) else {
            return Ok(PathOutput::InvalidDocument);
        };
        Ok(match jsonpath::read(&document, path) {
            Ok(Some(value)) => PathOutput::Value(to_serde(&value)),
            Ok(None) => PathOutput::NotFound,
            Err(PathError::Invalid(message)) => PathOutput::InvalidPath(message),
            Err(PathError::Other(message)) => PathOutput::Other(message),
        })
    }

    fn pattern_matches(&mut self, pattern: &str, text: &str) -> Result<Option<bool>, Missing> {
        Ok(regex::compile(pattern)
            .ok()
            .map(|_| regex::matches(pattern, text)))
    }

    fn pattern_replace(
        &mut self,
        pattern: &str,
        text: &str,
        with: &str,
        all: bool,
    ) -> Result<Option<String>, Missing> {
        Ok(regex::replace(pattern, text, with, all).ok())
    }

    fn pattern_split(
        &mut self,
        pattern: &str,
        text: &str,
        limit: i32,
    ) -> Result<Option<Vec<String>>, Missing> {
        Ok(regex::split(pattern, text, limit).ok())
    }

    fn schema_accepts(&mut self, schema: &Json, document: &Json) -> Result<bool, Missing> {
        tollgate_reference::accepts(schema, document)
            .map(|result| result.is_ok())
            .map_err(|error| Missing(format!("this schema: {error}")))
    }

    fn cel(&mut self, input: &CelInput) -> Result<CelOutput, Missing> {
        let expression = match expression::read(input, &expression::bound(input)?)? {
            Ok(expression) => expression,
            Err(why) => return Ok(CelOutput::Error(why)),
        };
        let fields: Result<cel::Fields, Missing> = input
            .bound
            .iter()
            .map(|(name, value)| Ok((name.clone(), untagged(value)?)))
            .collect();
        Ok(match cel::evaluate(&expression, &fields?) {
            Ok(value) => CelOutput::Value(tagged(&value)?),
            Err(failed) => CelOutput::Error(format!("{failed:?}")),
        })
    }

    fn condition_holds(
        &mut self,
        clauses: &[ConditionClause],
        request: &PolicyRequest,
    ) -> Result<Option<bool>, Missing> {
        let question = question(request);
        let mut truth = Truth::True;
        for clause in clauses {
            let Ok(clause) =
                tollgate_reference::read_clause(&clause.operator, &clause.key, &clause.values)
            else {
                return Ok(None);
            };
            truth = truth.and(policy::clause::evaluate(&clause, &question));
        }
        Ok(match truth {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Error => None,
        })
    }

    fn element_matches(
        &mut self,
        element: &str,
        value: &Json,
        kind: Kind,
        request: &PolicyRequest,
    ) -> Result<bool, Missing> {
        let mut question = question(request);
        question.kind = of(kind);
        let texts: Vec<String> = match value {
            Json::Array(items) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            Json::String(text) => vec![text.clone()],
            _ => Vec::new(),
        };
        let resources = || {
            texts
                .iter()
                .map(|text| match text.as_str() {
                    "*" => ResourcePattern::Any,
                    text => ResourcePattern::Arn(text.to_owned()),
                })
                .collect()
        };
        let resource = |resources| policy::resources_match(&resources, &question) == Truth::True;
        Ok(match element {
            "Action" => policy::actions_match(&Patterns::Only(texts), &request.action),
            "NotAction" => policy::actions_match(&Patterns::Except(texts), &request.action),
            "Resource" => resource(Resources::Only(resources())),
            "NotResource" => resource(Resources::Except(resources())),
            other => return Err(Missing(format!("the element `{other}`"))),
        })
    }

    fn principal_matches(
        &mut self,
        element: &str,
        value: &Json,
        request: &PolicyRequest,
    ) -> Result<PrincipalMatch, Missing> {
        let mut statement = serde_json::Map::new();
        statement.insert(element.to_owned(), value.clone());
        let principals = policy::document::read_principals(&statement)
            .map_err(|why| Missing(format!("a principal: {why}")))?;
        let caller = question(request).caller;
        Ok(match policy::meaning(&principals, Effect::Allow, &caller) {
            Meaning::Nobody => PrincipalMatch::No,
            Meaning::Account => PrincipalMatch::Account,
            Meaning::Role => PrincipalMatch::Role,
            Meaning::Caller => PrincipalMatch::Caller,
        })
    }

    fn policies_decide(
        &mut self,
        policies: &[PolicyDocument],
        request: &PolicyRequest,
    ) -> Result<PolicyDecision, Missing> {
        let held = policies
            .iter()
            .map(|policy| together::read(of(policy.kind), policy.level, &policy.document))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|why| Missing(format!("a policy that can be read: {why}")))?;
        let question = question(request);
        let decision = together::decide(&held, &question, &request.owner, false);
        let (explicit, kinds) = match &decision {
            Decision::Allowed => (false, Vec::new()),
            Decision::Denied(kinds) => (true, kinds.clone()),
            Decision::NotAllowed(kinds) => (false, kinds.clone()),
        };
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| kinds.contains(&of(*kind)));
        let kinds = kinds.filter(|kind| explicit || BOUNDS.contains(kind));
        Ok(PolicyDecision {
            allowed: decision == Decision::Allowed,
            explicit,
            blocked_by: kinds.collect(),
        })
    }

    fn identity_policy_reads(&mut self, text: &str) -> Result<Result<(), String>, Missing> {
        Ok(policy::validity::identity_policy(text))
    }

    fn arn_patterns_overlap(&mut self, one: &str, other: &str) -> Result<bool, Missing> {
        Ok(policy::validity::overlap(one, other))
    }
}

/// The reference's name of a kind.
pub(crate) fn of(kind: Kind) -> together::Kind {
    match kind {
        Kind::Identity => together::Kind::Identity,
        Kind::Boundary => together::Kind::Boundary,
        Kind::Session => together::Kind::Session,
        Kind::ServiceControl => together::Kind::ServiceControl,
        Kind::ResourceControl => together::Kind::ResourceControl,
        Kind::Endpoint => together::Kind::Endpoint,
        Kind::Resource => together::Kind::Resource,
    }
}

fn question(request: &PolicyRequest) -> Question {
    Question {
        caller: match &request.caller {
            PolicyCaller::Anonymous => Caller::Anonymous,
            PolicyCaller::Other(kind, name) => Caller::Other(kind.clone(), name.clone()),
            PolicyCaller::Iam(arn) => Caller::Iam {
                arn: arn.clone(),
                role: request.caller.role(),
                account: request.caller.account().to_owned(),
                unique_id: String::new(),
            },
        },
        action: request.action.clone(),
        resource: request.resource.clone(),
        of_api: None,
        keys: request
            .context
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    Json::Array(items) => KeyValue::Many(
                        items
                            .iter()
                            .map(|item| item.as_str().unwrap_or_default().to_owned())
                            .collect(),
                    ),
                    Json::String(text) => KeyValue::One(text.clone()),
                    other => KeyValue::One(other.to_string()),
                };
                (name.clone(), value)
            })
            .collect(),
        fields: Vec::new(),
        variables: request.variables,
        kind: together::Kind::Identity,
        bounded: false,
    }
}

/// A host's value: lists are Java's, not a JSON reader's.
fn java(value: &Json) -> Value {
    match value {
        Json::Array(items) => Value::list(items.iter().map(java).collect()),
        Json::Object(map) => Value::map(map.iter().map(|(name, value)| (name, java(value)))),
        other => from_serde(other),
    }
}

/// The members of the override maps that are not empty objects.
fn overrides(context: &Value) -> Json {
    let mut found = serde_json::Map::new();
    for side in ["requestOverride", "responseOverride"] {
        let Some(Json::Object(map)) = context.member(side).map(|value| to_serde(&value)) else {
            continue;
        };
        let kept: serde_json::Map<String, Json> = map
            .into_iter()
            .filter(|(_, value)| *value != json!({}))
            .collect();
        if !kept.is_empty() {
            found.insert(side.to_owned(), Json::Object(kept));
        }
    }
    Json::Object(found)
}

/// A value of CEL with its type.
fn tagged(value: &Cel) -> Result<Json, Missing> {
    Ok(match value {
        Cel::Null => json!({"null": null}),
        Cel::Bool(value) => json!({ "bool": value }),
        Cel::Int(value) => json!({"int": value.to_string()}),
        Cel::Uint(value) => json!({"uint": value.to_string()}),
        Cel::Double(value) => json!({"double": double(*value)}),
        Cel::Text(text) => json!({ "string": text }),
        Cel::Bytes(bytes) => json!({"bytes_base64": crate::bytes::encode(bytes)}),
        Cel::Type(name) => json!({ "type": name }),
        Cel::Time(ns) => json!({"timestamp": {
            "seconds": ns.div_euclid(1_000_000_000).to_string(),
            "nanos": ns.rem_euclid(1_000_000_000),
        }}),
        Cel::Duration(ns) => json!({"duration": {
            "seconds": (ns / 1_000_000_000).to_string(),
            "nanos": ns % 1_000_000_000,
        }}),
        Cel::List(items) => {
            json!({"list": items.iter().map(tagged).collect::<Result<Vec<_>, _>>()?})
        }
        Cel::Entries(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, value)| Ok(json!([tagged(key)?, tagged(value)?])));
            json!({"map": pairs.collect::<Result<Vec<_>, Missing>>()?})
        }
        _ => return Err(Missing("CEL: a result of this type".into())),
    })
}

/// The value of CEL that a tagged one is.
fn untagged(value: &Json) -> Result<Cel, Missing> {
    let number = |tag: &str| value[tag].as_str().unwrap_or_default().to_owned();
    let missing = || Missing(format!("CEL: a variable with the value {value}"));
    let members = value.as_object().ok_or_else(missing)?;
    Ok(match members.keys().next().map(String::as_str) {
        Some("null") => Cel::Null,
        Some("bool") => Cel::Bool(value["bool"] == true),
        Some("int") => Cel::Int(number("int").parse().map_err(|_| missing())?),
        Some("uint") => Cel::Uint(number("uint").parse().map_err(|_| missing())?),
        Some("double") => Cel::Double(number("double").parse().map_err(|_| missing())?),
        Some("string") => Cel::Text(number("string")),
        Some("bytes_base64") => {
            Cel::Bytes(crate::bytes::decode(&number("bytes_base64")).ok_or_else(missing)?)
        }
        Some("list") => {
            let items = value["list"].as_array().ok_or_else(missing)?;
            Cel::List(items.iter().map(untagged).collect::<Result<_, _>>()?)
        }
        Some("map") => {
            let pairs = value["map"].as_array().ok_or_else(missing)?;
            let pair = |pair: &Json| Ok((untagged(&pair[0])?, untagged(&pair[1])?));
            Cel::Entries(pairs.iter().map(pair).collect::<Result<_, Missing>>()?)
        }
        _ => return Err(missing()),
    })
}
