//! From a case's documents to a program: import and check by the compiler, then the stage,
//! plans and keys that the case describes.

use serde_json::Value as Json;
use tollgate_compiler::import::{BasePath, Kind, Mode};
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check};
use tollgate_model::NodeId;
use tollgate_model::stage::{Canary, Settings, Stage};
use tollgate_model::text::Text;
use tollgate_model::traffic::{Key, Period, Plan, PlanStage, Quota, Secret, Throttle};
use tollgate_model::{Account, Program};

use crate::subject::Deployment;
use crate::suite::text;

/// The name of a case's API, and of its canary's.
const API: &str = "case";
const CANARY: &str = "canary";

/// What the compiler made of a document.
pub(crate) struct Compiled {
    /// The program; none if it was refused.
    pub program: Option<Program>,
    /// Every message and note, errors first.
    pub messages: Vec<String>,
}

/// Compiles a case's document alone.
pub(crate) fn compile(case: &Json) -> Compiled {
    compile_document(&document(case), API, case)
}

/// The text of a case's document.
fn document(case: &Json) -> String {
    match case.get("api_text").and_then(Json::as_str) {
        Some(text) => text.to_owned(),
        None => case["api"].to_string(),
    }
}

fn compile_document(document: &str, name: &str, case: &Json) -> Compiled {
    let given = &case["import_options"];
    let mut options = Options::default();
    options.clear_secrets = true;
    options.import.name = Some(name.to_owned());
    options.import.region = Some(account().region);
    options.import.kind = Some(match text(case, "api_type") {
        "http" => Kind::Http,
        _ => Kind::Rest,
    });
    options.import.base_path = match text(given, "basepath") {
        "prepend" => BasePath::Prepend,
        "split" => BasePath::Split,
        _ => BasePath::Ignore,
    };
    let binary_media_types = given["existing"]["binaryMediaTypes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.as_str().map(str::to_owned))
        .collect();
    options.import.mode = match text(given, "mode") {
        "merge" => Mode::Merge { binary_media_types },
        "overwrite" => Mode::Overwrite,
        _ => Mode::New,
    };
    let source = Source::new("case.json", document);
    let checked = check(vec![source], &NoFiles, &options);
    let messages = checked
        .diagnostics
        .iter()
        .flat_map(|found| {
            [Some(found.message()), found.note(), found.help()]
                .into_iter()
                .flatten()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    Compiled {
        program: checked.program.map(|mut program| {
            program.account = account();
            program
        }),
        messages,
    }
}

/// The world in which every case happens.
fn account() -> Account {
    Account {
        id: "111111111111".into(),
        region: "us-east-1".into(),
        partition: "aws".into(),
        throttle: None,
    }
}

/// The deployment that a case describes by its `api`, `stage`, `plans` and `keys`.
///
/// # Errors
///
/// The compiler refuses it; what it said.
pub fn deployment(case: &Json) -> Result<Deployment, String> {
    let compiled = compile(case);
    let mut program = compiled
        .program
        .ok_or_else(|| compiled.messages.join("; "))?;
    let given = &case["stage"];
    let name = match text(given, "name") {
        "" => "stage",
        name => name,
    };
    let canary = match given.get("canary") {
        Some(canary) => Some(canary_of(canary, case, &mut program)?),
        None => None,
    };
    program.stages.push(Stage {
        name: name.to_owned(),
        api: API.into(),
        doc: String::new(),
        variables: variables(given.get("variables")),
        settings: Settings::default(),
        methods: Vec::new(),
        cache_gb: None,
        canary,
        access_log: None,
        tracing: false,
        client_certificate: None,
        tags: Vec::new(),
        node: NodeId::default(),
    });
    plans(case, name, &mut program);
    Ok(Deployment {
        program,
        api: API.into(),
        stage: name.to_owned(),
        // How a document is imported is no matter of a gateway that serves it.
        document: case.get("import_options").is_none().then(|| document(case)),
    })
}

fn variables(given: Option<&Json>) -> Vec<(String, Text)> {
    let mut variables: Vec<(String, Text)> = crate::suite::members(given)
        .into_iter()
        .map(|(name, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name, Text::literal(value))
        })
        .collect();
    variables.sort_by(|a, b| a.0.cmp(&b.0));
    variables
}

/// A canary; its own document becomes another API of the program.
fn canary_of(given: &Json, case: &Json, program: &mut Program) -> Result<Canary, String> {
    let deployment = match given.get("api") {
        Some(document) => {
            let compiled = compile_document(&document.to_string(), CANARY, case);
            let other = compiled
                .program
                .ok_or_else(|| compiled.messages.join("; "))?;
            for mut api in other.apis {
                // The canary is a deployment of the same API.
                if let Some(own) = program.api(API) {
                    api.id.clone_from(&own.id);
                }
                program.apis.push(api);
            }
            for model in other.models {
                if program.model(&model.name).is_none() {
                    program.models.push(model);
                }
            }
            Some(CANARY.to_owned())
        }
        None => None,
    };
    let percent = given["percentTraffic"].as_f64().unwrap_or(0.0);
    Ok(Canary {
        share: (percent * 100.0).round().clamp(0.0, 10_000.0) as u16,
        variables: variables(given.get("stageVariableOverrides")),
        use_stage_cache: given["useStageCache"].as_bool().unwrap_or(false),
        deployment,
        node: NodeId::default(),
    })
}

/// Usage plans and keys, those without a plan included.
fn plans(case: &Json, stage: &str, program: &mut Program) {
    let list = |value: &Json, name: &str| -> Vec<Json> {
        value
            .get(name)
            .and_then(Json::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let mut keys: Vec<Key> = Vec::new();
    let mut add_key = |given: &Json, plan: Option<&str>| {
        let id = text(given, "id").to_owned();
        if let Some(key) = keys.iter_mut().find(|key| key.id == id) {
            key.plans.extend(plan.map(str::to_owned));
            return;
        }
        keys.push(Key {
            name: match text(given, "name") {
                "" => id.clone(),
                name => name.to_owned(),
            },
            id,
            enabled: given["enabled"].as_bool().unwrap_or(true),
            plans: plan.map(str::to_owned).into_iter().collect(),
            value: Secret::Clear(text(given, "value").to_owned()),
            node: NodeId::default(),
        });
    };
    for plan in list(case, "plans") {
        let name = text(&plan, "name").to_owned();
        for key in list(&plan, "keys") {
            add_key(&key, Some(&name));
        }
        program.plans.push(Plan {
            stages: list(&plan, "apiStages")
                .iter()
                .map(|entry| PlanStage {
                    api: API.into(),
                    stage: match text(entry, "stage") {
                        "" => stage.to_owned(),
                        stage => stage.to_owned(),
                    },
                    methods: Vec::new(),
                })
                .collect(),
            throttle: throttle(&plan["throttle"]),
            quota: quota(&plan["quota"]),
            name,
            node: NodeId::default(),
        });
    }
    for key in list(case, "keys") {
        add_key(&key, None);
    }
    keys.sort_by(|a, b| a.name.cmp(&b.name));
    program.plans.sort_by(|a, b| a.name.cmp(&b.name));
    program.keys = keys;
}

fn throttle(given: &Json) -> Option<Throttle> {
    Some(Throttle {
        rate_milli: (given["rateLimit"].as_f64()? * 1000.0).round() as u64,
        burst: given["burstLimit"].as_u64().unwrap_or(0),
    })
}

fn quota(given: &Json) -> Option<Quota> {
    Some(Quota {
        limit: given["limit"].as_u64()?,
        offset: given["offset"].as_u64().unwrap_or(0),
        period: match text(given, "period") {
            "DAY" => Period::Day,
            "WEEK" => Period::Week,
            _ => Period::Month,
        },
    })
}
