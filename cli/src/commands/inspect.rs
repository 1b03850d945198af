//! `tollgate inspect`: what a bundle holds, and what each route costs.

use clap::Args;
use serde_json::{Map, Value, json};
use tollgate_runtime::bundle::ImageKind;
use tollgate_runtime::bundle::records as r;
use tollgate_runtime::bundle::{FORMAT, Section};

use crate::Outcome;
use crate::compile::{self, Input};
use crate::failure::Failure;
use crate::laid_open::{Api, LaidOpen, Line, Named, Route, Stage, sections, shown};
use crate::terminal;

/// Show what a program compiles to, or what a bundle holds.
///
/// Images and sections with their sizes, and for each route its policy class and how many instructions a request
/// executes at most. `--json` is sorted, and holds nothing that changes without the program changing: the
/// difference of two of them is what a change does.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Only this route, with its programs and what is left of the policy: 'GET /orders/{id}'.
    #[arg(long, value_name = "ROUTE")]
    route: Option<String>,
    /// Also list the programs of every route.
    #[arg(long)]
    code: bool,
    /// Print the program with what short forms stand for written out.
    #[arg(long, conflicts_with_all = ["route", "code", "json"])]
    expand: bool,
    /// Print one JSON document, with every program.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    if arguments.expand {
        return expand(&arguments.input);
    }
    let Some(bundle) = compile::bundle(&arguments.input)? else {
        return Ok(Outcome::Findings);
    };
    let open = LaidOpen::new(bundle.view());
    let chosen = match &arguments.route {
        Some(wanted) => Some(find(&open, wanted)?),
        None => None,
    };
    let text = match (arguments.json, &chosen) {
        (true, chosen) => {
            let mut document = match chosen {
                Some(routes) => routes_document(&open, routes),
                None => document(&open, bundle.view().behaviour()),
            };
            document.sort_all_objects();
            format!("{document:#}\n")
        }
        (false, Some(routes)) => {
            let told: Vec<String> = routes
                .iter()
                .map(|(api, route)| one_route(&open, api, route))
                .collect();
            told.join("\n")
        }
        (false, None) => overview(&open, &bundle, arguments.code),
    };
    terminal::print(&text);
    Ok(Outcome::Fine)
}

type Chosen<'o, 'b> = Vec<(&'o Api<'b>, &'o Route)>;

/// The routes of this key; one per API that has it.
fn find<'o, 'b>(open: &'o LaidOpen<'b>, wanted: &str) -> Result<Chosen<'o, 'b>, Failure> {
    let all = || {
        open.apis
            .iter()
            .flat_map(|api| api.routes.iter().map(move |route| (api, route)))
    };
    let found: Chosen<'o, 'b> = all().filter(|(_, route)| route.key == wanted).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let failure = Failure::new(format!("there is no route `{wanted}`"));
    let path = wanted.split_once(' ').map_or(wanted, |(_, path)| path);
    let near: Vec<String> = all()
        .filter(|(_, route)| route.key.split(' ').next_back() == Some(path))
        .map(|(_, route)| format!("`{}`", route.key))
        .collect();
    Err(failure.help(match near.as_slice() {
        [] => "`tollgate routes` lists them all".to_owned(),
        near => format!("its resource has {}", near.join(", ")),
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn kind(kind: ImageKind) -> &'static str {
    match kind {
        ImageKind::Edge => "edge",
        ImageKind::Deployment => "deployment",
        ImageKind::Keyring => "keyring",
        ImageKind::Debug => "debug",
    }
}

fn date(behaviour: u32) -> String {
    format!("{}-{:02}", behaviour / 100, behaviour % 100)
}

fn overview(
    open: &LaidOpen<'_>,
    bundle: &tollgate_runtime::Loaded<std::sync::Arc<[u8]>>,
    code: bool,
) -> String {
    let view = bundle.view();
    let mut out = format!(
        "bundle of {} bytes, format {FORMAT}, behaviour {}\n",
        view.bytes().len(),
        date(view.behaviour()),
    );
    let mut apis = open.apis.iter();
    for image in &open.images {
        let name = match image.kind() {
            ImageKind::Deployment => match apis.next() {
                Some(api) => format!("deployment {} ({})", api.name, api.id),
                None => "deployment".to_owned(),
            },
            other => kind(other).to_owned(),
        };
        let digest = hex(image.digest().get(..6).unwrap_or_default());
        out += &format!("\n{name}, {} bytes, {digest}\n", image.size());
        let rows: Vec<[String; 3]> = sections(image)
            .into_iter()
            .map(|(section, size)| ["  ".to_owned(), section.to_owned(), format!("{size:>8}")])
            .collect();
        out += &terminal::columns(&rows);
    }
    if !open.stages.is_empty() {
        out += "\nstages\n";
    }
    for stage in &open.stages {
        out += &format!("  {}.{}{}\n", stage.api, stage.name, canary(stage));
    }
    for api in &open.apis {
        out += &format!("\nroutes of {}\n", api.name);
        let mut rows = vec![["  route", "policy", "steps", "declared"].map(str::to_owned)];
        for route in &api.routes {
            let worst = open.worst_case(api, route);
            rows.push([
                format!("  {}", route.key),
                class(api, route),
                worst.total.to_string(),
                route.place.clone().unwrap_or_else(|| "-".into()),
            ]);
        }
        out += &terminal::columns(&rows);
    }
    if code {
        for api in &open.apis {
            for route in &api.routes {
                out.push('\n');
                out += &one_route(open, api, route);
            }
            for response in api.gateway_responses() {
                out += &format!("\n{} of {}\n", response.name, api.name);
                out += &lines(&open.listing(api, &response.steps));
            }
        }
        for stage in &open.stages {
            if let Some(log) = stage.log() {
                out += &format!("\nlog of {}.{}\n", stage.api, stage.name);
                out += &lines(&open.edge_listing(&log.steps));
            }
        }
    }
    out
}

fn canary(stage: &Stage<'_>) -> String {
    let record = &stage.record;
    if record.flags & 1 == 0 {
        return String::new();
    }
    let (whole, rest) = (record.share / 100, record.share % 100);
    format!("  canary {whole}.{rest:02}%")
}

/// `class 1, 2 of 6 statements`.
fn class(api: &Api<'_>, route: &Route) -> String {
    let Some(class) = route.class else {
        return "-".to_owned();
    };
    let kept = api.kept(route).len();
    match api.statements {
        Some(all) => format!("class {class}, {kept} of {all} statements"),
        None => format!("class {class}, {kept} statements"),
    }
}

fn one_route(open: &LaidOpen<'_>, api: &Api<'_>, route: &Route) -> String {
    let place = route
        .place
        .as_ref()
        .map(|place| format!("  ({place})"))
        .unwrap_or_default();
    let mut out = format!("{} of {}{place}\n", route.key, api.name);
    if let Some(class) = route.class {
        let kept = api.kept(route);
        let others = api.sharing(route.class) - 1;
        let shared = match others {
            0 => "of this route alone".to_owned(),
            1 => "shared with 1 other route".to_owned(),
            others => format!("shared with {others} other routes"),
        };
        out += &format!(
            "policy class {class}, {shared}: {}",
            plural(kept.len(), "statement")
        );
        if let Some(all) = api.statements {
            let fell = (all as usize).saturating_sub(kept.len());
            out += &format!(" of {all} left, {fell} fell away");
        }
        out.push('\n');
        for kept in kept {
            let effect = kept.effect.word();
            let when = match kept.always {
                true => "every request".to_owned(),
                false => {
                    let reads: Vec<&str> = kept.reads.iter().map(String::as_str).collect();
                    format!("by {}", reads.join(", "))
                }
            };
            let place = open
                .statement_place(kept.statement)
                .map(|place| format!("  ({place})"))
                .unwrap_or_default();
            let number = api.statement_number(kept.statement);
            out += &format!("  {effect} statement {number}: {when}{place}\n");
        }
    }
    let worst = open.worst_case(api, route);
    let parts: Vec<String> = worst
        .parts
        .iter()
        .filter(|(_, steps)| *steps > 0)
        .map(|(name, steps)| format!("{name} {steps}"))
        .collect();
    out += &format!(
        "at most {} ({})",
        plural(worst.total as usize, "step"),
        parts.join(", ")
    );
    if worst.templates > 0 {
        out += &format!(
            ", and {} within their own limit",
            plural(worst.templates, "template")
        );
    }
    out.push('\n');
    for program in api.programs(route) {
        out += &format!("\n  {}\n", program.name);
        out += &lines(&open.listing(api, &program.steps));
    }
    out
}

fn plural(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

fn lines(listing: &[Line]) -> String {
    listing
        .iter()
        .map(|line| {
            let note = line.place.as_ref().or(line.note.as_ref());
            let note = note.map(|note| format!("  ; {note}")).unwrap_or_default();
            format!("  {:>5}  {}{note}\n", line.at, line.text)
        })
        .collect()
}

/// A program as JSON: a line per instruction. Places of sources are left out: any line above changes them.
fn listed(listing: &[Line]) -> Value {
    listing
        .iter()
        .map(|line| {
            let note = line.note.as_ref().map(|note| format!("  ; {note}"));
            format!("{:>5}  {}{}", line.at, line.text, note.unwrap_or_default())
        })
        .collect()
}

fn programs(open: &LaidOpen<'_>, api: &Api<'_>, programs: &[Named]) -> Value {
    let named: Map<String, Value> = programs
        .iter()
        .map(|program| {
            let listing = open.listing(api, &program.steps);
            (program.name.clone(), listed(&listing))
        })
        .collect();
    Value::Object(named)
}

fn route_document(open: &LaidOpen<'_>, api: &Api<'_>, route: &Route) -> Value {
    let worst = open.worst_case(api, route);
    let (auth, authorizer) = api.auth(route);
    let kept: Vec<Value> = api
        .kept(route)
        .iter()
        .map(|kept| {
            json!({
                "effect": kept.effect.word(),
                "statement": api.statement_number(kept.statement),
                "always": kept.always,
                "reads": kept.reads,
            })
        })
        .collect();
    let fell = api
        .statements
        .map(|all| (all as usize).saturating_sub(kept.len()));
    json!({
        "auth": {"kind": auth, "authorizer": authorizer, "scopes": api.scopes(route)},
        "api_key": route.record.flags & 1 != 0,
        "policy": route.class.map(|_| json!({
            "left": kept,
            "fell_away": fell,
            "shared_by": api.sharing(route.class),
        })),
        "steps": {
            "total": worst.total,
            "parts": worst.parts.iter().map(|(name, steps)| ((*name).to_owned(), json!(steps))).collect::<Map<_, _>>(),
            "templates": worst.templates,
        },
        "programs": programs(open, api, &api.programs(route)),
    })
}

fn routes_document(open: &LaidOpen<'_>, routes: &[(&Api<'_>, &Route)]) -> Value {
    let mut apis = Map::new();
    for (api, route) in routes {
        let one: Map<String, Value> = [(route.key.clone(), route_document(open, api, route))]
            .into_iter()
            .collect();
        apis.insert(api.name.clone(), json!({"routes": one}));
    }
    json!({"version": 1, "apis": apis})
}

fn document(open: &LaidOpen<'_>, behaviour: u32) -> Value {
    let sizes = |image| -> Map<String, Value> {
        let sizes = sections(image).into_iter();
        sizes
            .map(|(name, size)| (name.to_owned(), json!(size)))
            .collect()
    };
    // Places for people change with any line; what the gateway runs does not.
    let images = open.images.iter().filter(|i| i.kind() != ImageKind::Debug);
    let mut edge = Value::Null;
    let mut deployments = images.filter_map(|image| {
        let document = json!({"bytes": image.size(), "sha256": hex(&image.digest()), "sections": sizes(image)});
        match image.kind() {
            ImageKind::Edge => {
                edge = document;
                None
            }
            ImageKind::Deployment => Some(document),
            _ => None,
        }
    });
    let mut apis = Map::new();
    for api in &open.apis {
        let routes: Map<String, Value> = api
            .routes
            .iter()
            .map(|route| (route.key.clone(), route_document(open, api, route)))
            .collect();
        apis.insert(
            api.name.clone(),
            json!({
                "id": api.id,
                "image": deployments.next(),
                "policy": {"statements": api.statements, "classes": api.classes.len()},
                "routes": routes,
                "gateway_responses": programs(open, api, &api.gateway_responses()),
            }),
        );
    }
    drop(deployments);
    let stages: Map<String, Value> = open
        .stages
        .iter()
        .map(|stage| {
            (
                format!("{}.{}", stage.api, stage.name),
                stage_document(open, stage),
            )
        })
        .collect();
    json!({
        "version": 1,
        "format": FORMAT,
        "behaviour": date(behaviour),
        "edge": edge,
        "apis": apis,
        "stages": stages,
    })
}

fn stage_document(open: &LaidOpen<'_>, stage: &Stage<'_>) -> Value {
    let edge = &stage.edge;
    let record = &stage.record;
    let side = |constants, variables| {
        let constants: Vec<String> = edge
            .records::<tollgate_runtime::bundle::wire::Str>(Section::Constants, constants)
            .map(|text| shown(edge.text(text)))
            .collect();
        let variables: Map<String, Value> = edge
            .records::<r::Variable>(Section::Variables, variables)
            .map(|v| (shown(edge.text(v.name)), json!(shown(edge.text(v.value)))))
            .collect();
        json!({"constants": constants, "variables": variables})
    };
    let canary = (record.flags & 1 != 0).then(|| {
        let mut document = side(record.canary_constants, record.canary_variables);
        document["percent"] = json!(f64::from(record.share) / 100.0);
        document
    });
    let mut document = side(record.constants, record.variables);
    document["canary"] = json!(canary);
    document["tracing"] = json!(record.flags & 4 != 0);
    document["cache"] = json!(record.flags & 8 != 0);
    document["log"] = match stage.log() {
        Some(log) => listed(&open.edge_listing(&log.steps)),
        None => Value::Null,
    };
    let api = open.apis.iter().find(|api| api.name == stage.api);
    let routes = api.map(|api| api.routes.as_slice()).unwrap_or_default();
    let settings: Map<String, Value> = routes
        .iter()
        .enumerate()
        .filter_map(|(index, route)| {
            let setting = stage.setting(index)?;
            let throttle = (setting.flags & 1 != 0).then(
                || json!({"rate": setting.rate_milli as f64 / 1000.0, "burst": setting.burst}),
            );
            let cached = (setting.flags & 2 != 0).then_some(setting.ttl_s);
            if throttle.is_none() && cached.is_none() {
                return None;
            }
            Some((
                route.key.clone(),
                json!({"throttle": throttle, "cache_s": cached}),
            ))
        })
        .collect();
    document["settings"] = Value::Object(settings);
    document
}

fn expand(input: &Input) -> Result<Outcome, Failure> {
    if compile::is_bundle(&input.path) {
        return Err(Failure::new("a bundle holds no source to expand")
            .help("name the project that it was built from"));
    }
    let checked = compile::check(&compile::open(&input.path)?, input)?;
    crate::report::print(&checked, tollgate_compiler::Severity::Error);
    let Some(program) = &checked.program else {
        return Ok(Outcome::Findings);
    };
    terminal::print(&crate::expand::gate(program));
    Ok(Outcome::Fine)
}
