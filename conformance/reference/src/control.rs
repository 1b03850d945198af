//! The control plane's view of one API: its deployments, a stage and a usage plan, changed call by call.
//!
//! A refused call changes nothing. Messages are the service's, letter by letter.

use serde_json::{Map, Value as Json, json};

/// What the service says of a patch path that it does not know.
const KNOWN_PATHS: &str = "[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, \
/clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, \
/{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, \
/{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit\
/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, \
/{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, \
/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, \
/{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, \
/*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit \
/*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, \
/*/*/caching/requireAuthorizationForCacheControl, \
/*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]";

const NO_DEPLOYMENT: &str = "Deployment id does not exist";

/// One API's control plane.
#[derive(Clone, Debug)]
pub struct ControlPlane {
    deployments: Vec<String>,
    stage: Option<Map<String, Json>>,
    /// The stages of the usage plan, `api:stage`.
    plan: Vec<String>,
}

impl ControlPlane {
    /// An API with these deployments, without stages and plans.
    pub fn new(deployments: &[&str]) -> ControlPlane {
        ControlPlane {
            deployments: deployments.iter().map(|id| (*id).to_owned()).collect(),
            stage: None,
            plan: Vec::new(),
        }
    }

    /// The stage, as GetStage shows it.
    pub fn stage(&self) -> Json {
        self.stage.clone().map_or(Json::Null, Json::Object)
    }

    fn check_deployment(&self, id: &Json) -> Result<(), String> {
        match id.as_str() {
            Some(id) if self.deployments.iter().any(|known| known == id) => Ok(()),
            _ => Err(NO_DEPLOYMENT.into()),
        }
    }

    /// Makes a stage.
    ///
    /// # Errors
    ///
    /// A deployment does not exist.
    pub fn create_stage(&mut self, input: &Json) -> Result<(), String> {
        self.check_deployment(&input["deploymentId"])?;
        let mut stage = Map::new();
        for name in ["stageName", "deploymentId", "description", "variables"] {
            if let Some(value) = input.get(name) {
                stage.insert(name.into(), value.clone());
            }
        }
        stage.insert("methodSettings".into(), json!({}));
        let traced = input["tracingEnabled"].as_bool().unwrap_or(false);
        stage.insert("tracingEnabled".into(), traced.into());
        if let Some(given) = input.get("canarySettings") {
            let id = given.get("deploymentId").unwrap_or(&input["deploymentId"]);
            self.check_deployment(id)?;
            stage.insert("canarySettings".into(), canary(id, given));
        }
        self.stage = Some(stage);
        Ok(())
    }

    /// Makes a deployment of this id: the stage's own, or its canary's.
    ///
    /// # Errors
    ///
    /// A canary needs a stage that exists.
    pub fn create_deployment(&mut self, id: &str, input: &Json) -> Result<(), String> {
        let name = input["stageName"].as_str();
        let own = self
            .stage
            .as_mut()
            .filter(|stage| stage.get("stageName").and_then(Json::as_str) == name);
        if let Some(given) = input.get("canarySettings") {
            const REFUSED: &str = "Invalid deployment content specified.";
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                return Err(format!(
                    "{REFUSED}Non null and non empty stageName must be provided for canary deployment. \
                     Provided value is {}",
                    name.unwrap_or("null")
                ));
            };
            let Some(stage) = own else {
                return Err(format!(
                    "{REFUSED}Stage {name} must already be created before making a canary release \
                     deployment"
                ));
            };
            stage.insert("canarySettings".into(), canary(&id.into(), given));
        } else if let Some(stage) = own {
            stage.insert("deploymentId".into(), id.into());
        }
        self.deployments.push(id.to_owned());
        Ok(())
    }

    /// Changes the stage by patch operations, all or none.
    ///
    /// # Errors
    ///
    /// One of them is refused.
    pub fn update_stage(&mut self, patch: &[Json]) -> Result<(), String> {
        let mut stage = self
            .stage
            .clone()
            .ok_or("Invalid stage identifier specified")?;
        for operation in patch {
            self.operate(&mut stage, operation)?;
        }
        self.stage = Some(stage);
        Ok(())
    }

    fn operate(&self, stage: &mut Map<String, Json>, operation: &Json) -> Result<(), String> {
        let text = |name: &str| operation[name].as_str().unwrap_or_default();
        let (op, path, value) = (text("op"), text("path"), text("value"));
        if op == "copy" {
            return promote(stage, path, text("from"));
        }
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            ["canarySettings"] if op == "remove" => {
                stage.remove("canarySettings");
            }
            ["canarySettings", "deploymentId"] if op != "replace" => {
                return Err(format!("Invalid {op} operation with path: {path}"));
            }
            ["canarySettings", member, rest @ ..] => {
                let own = stage.get("deploymentId").cloned().unwrap_or_default();
                let settings = stage
                    .entry("canarySettings")
                    .or_insert_with(|| canary(&own, &Json::Null));
                match (*member, rest) {
                    ("deploymentId", []) => {
                        self.check_deployment(&value.into())?;
                        settings["deploymentId"] = value.into();
                    }
                    ("percentTraffic", []) => settings["percentTraffic"] = number(value)?,
                    ("useStageCache", []) => settings["useStageCache"] = truth(value).into(),
                    ("stageVariableOverrides", [name]) => {
                        change(&mut settings["stageVariableOverrides"], op, name, value);
                    }
                    _ => return Err(unknown(path)),
                }
            }
            ["deploymentId"] => {
                self.check_deployment(&value.into())?;
                stage.insert("deploymentId".into(), value.into());
            }
            ["description" | "clientCertificateId" | "cacheClusterSize"] => {
                stage.insert(parts[0].into(), value.into());
            }
            ["tracingEnabled" | "cacheClusterEnabled"] => {
                stage.insert(parts[0].into(), truth(value).into());
            }
            ["variables", name] => {
                change(
                    stage.entry("variables").or_insert(json!({})),
                    op,
                    name,
                    value,
                );
            }
            [resource @ .., method, group, member] if !resource.is_empty() => {
                let (name, value) = setting(group, member, value)?.ok_or_else(|| unknown(path))?;
                let key = format!("{}/{method}", resource.join("/").replace("~1", "/"));
                let settings = stage.entry("methodSettings").or_insert(json!({}));
                if settings.get(&key).is_none() {
                    // A new entry starts from that of all methods.
                    let all = settings.get("*/*").cloned();
                    settings[&key] = all.unwrap_or_else(defaults);
                }
                settings[&key][name] = value;
            }
            _ => return Err(unknown(path)),
        }
        Ok(())
    }

    /// Makes the usage plan.
    pub fn create_usage_plan(&mut self, input: &Json) {
        let stages = input["apiStages"].as_array().into_iter().flatten();
        let text = |entry: &Json, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        self.plan = stages
            .map(|entry| format!("{}:{}", text(entry, "apiId"), text(entry, "stage")))
            .collect();
    }

    /// Attaches stages to the plan and detaches them.
    ///
    /// # Errors
    ///
    /// A stage to detach is not named, or not attached.
    pub fn update_usage_plan(&mut self, patch: &[Json]) -> Result<(), String> {
        let mut plan = self.plan.clone();
        for operation in patch
            .iter()
            .filter(|operation| operation["path"] == "/apiStages")
        {
            let Some((api, stage)) = operation["value"].as_str().and_then(|v| v.split_once(':'))
            else {
                return Err("Invalid API Stage specified".into());
            };
            let entry = format!("{api}:{stage}");
            if operation["op"] == "remove" {
                let attached = plan.iter().position(|other| *other == entry);
                let at = attached.ok_or_else(|| {
                    format!(
                        "Invalid API Stage {{api: {api}, stage: {stage}}} specified for usageplan plan"
                    )
                })?;
                plan.remove(at);
            } else {
                plan.push(entry);
            }
        }
        self.plan = plan;
        Ok(())
    }
}

/// A canary on a deployment, with the defaults of what is not given.
fn canary(deployment: &Json, given: &Json) -> Json {
    let mut settings = json!({
        "deploymentId": deployment,
        "percentTraffic": given["percentTraffic"].as_f64().unwrap_or(0.0),
        "useStageCache": given["useStageCache"].as_bool().unwrap_or(false),
    });
    if let Some(overrides) = given.get("stageVariableOverrides") {
        settings["stageVariableOverrides"] = overrides.clone();
    }
    settings
}

/// Promotion: the canary's deployment becomes the stage's, its overrides go over the stage's variables.
fn promote(stage: &mut Map<String, Json>, path: &str, from: &str) -> Result<(), String> {
    let known = matches!(
        (path, from),
        ("/deploymentId", "/canarySettings/deploymentId")
            | ("/variables", "/canarySettings/stageVariableOverrides")
    );
    if !known {
        return Err(format!(
            "Invalid copy operation with path: {path} and from {from}. Valid copy:path are \
             [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, \
             /canarySettings/stageVariableOverrides]"
        ));
    }
    let Some(canary) = stage.get("canarySettings").cloned() else {
        return Err("Promotion not available. Canary does not exist.".into());
    };
    if path == "/deploymentId" {
        stage.insert("deploymentId".into(), canary["deploymentId"].clone());
        return Ok(());
    }
    if let Some(Json::Object(overrides)) = canary.get("stageVariableOverrides") {
        let variables = stage.entry("variables").or_insert(json!({}));
        for (name, value) in overrides {
            variables[name] = value.clone();
        }
    }
    Ok(())
}

fn change(map: &mut Json, op: &str, name: &str, value: &str) {
    if op == "remove" {
        if let Json::Object(map) = map {
            map.remove(name);
        }
    } else {
        map[name] = value.into();
    }
}

/// A method setting's name and value; none if it has none of this name.
fn setting(group: &str, member: &str, value: &str) -> Result<Option<(&'static str, Json)>, String> {
    Ok(Some(match (group, member) {
        ("metrics", "enabled") => ("metricsEnabled", truth(value).into()),
        ("logging", "dataTrace") => ("dataTraceEnabled", truth(value).into()),
        ("logging", "loglevel") => ("loggingLevel", value.into()),
        ("throttling", "burstLimit") => ("throttlingBurstLimit", whole(value)?),
        ("throttling", "rateLimit") => ("throttlingRateLimit", number(value)?),
        ("caching", "ttlInSeconds") => ("cacheTtlInSeconds", whole(value)?),
        ("caching", "enabled") => ("cachingEnabled", truth(value).into()),
        ("caching", "dataEncrypted") => ("cacheDataEncrypted", truth(value).into()),
        ("caching", "requireAuthorizationForCacheControl") => {
            ("requireAuthorizationForCacheControl", truth(value).into())
        }
        ("caching", "unauthorizedCacheControlHeaderStrategy") => {
            ("unauthorizedCacheControlHeaderStrategy", value.into())
        }
        _ => return Ok(None),
    }))
}

/// What a method's settings are once one of them is set.
fn defaults() -> Json {
    json!({
        "cacheDataEncrypted": false,
        "cacheTtlInSeconds": 300,
        "cachingEnabled": false,
        "dataTraceEnabled": false,
        "metricsEnabled": false,
        "requireAuthorizationForCacheControl": true,
        "throttlingBurstLimit": 5000,
        "throttlingRateLimit": 10000.0,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    })
}

fn truth(value: &str) -> bool {
    value.eq_ignore_ascii_case("true")
}

fn number(value: &str) -> Result<Json, String> {
    let parsed: Result<f64, _> = value.parse();
    parsed
        .map(Json::from)
        .map_err(|_| format!("`{value}` is no number"))
}

fn whole(value: &str) -> Result<Json, String> {
    let parsed: Result<u64, _> = value.parse();
    parsed
        .map(Json::from)
        .map_err(|_| format!("`{value}` is no whole number"))
}

fn unknown(path: &str) -> String {
    format!("Invalid method setting path: {path}. Must be one of: {KNOWN_PATHS}")
}
