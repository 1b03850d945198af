//! `tollgate routes`: who reaches what.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tollgate_runtime::bundle::Section;
use tollgate_runtime::bundle::records as r;

use crate::Outcome;
use crate::compile::{self, Input};
use crate::failure::Failure;
use crate::laid_open::{Api, LaidOpen, Route, Stage, Stranger, shown};
use crate::terminal;

/// List every route: how its callers prove who they are, what the resource policy says of a stranger, what limits
/// it, and where it is declared.
///
/// The policy's verdict is over callers without credentials: allowed and denied hold for each of their requests;
/// otherwise the list says what of a request decides.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Only routes that a caller without credentials and API key reaches, or may reach.
    #[arg(long)]
    open: bool,
    /// How the list is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Columns.
    Text,
    /// A table for a review or a page.
    Md,
    /// One JSON document, sorted.
    Json,
}

const COLUMNS: [&str; 7] = [
    "api", "route", "auth", "key", "stranger", "limits", "declared",
];

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let Some(bundle) = compile::bundle(&arguments.input)? else {
        return Ok(Outcome::Findings);
    };
    let open = LaidOpen::new(bundle.view());
    let mut rows = Vec::new();
    let mut documents = Vec::new();
    for api in &open.apis {
        for (index, route) in api.routes.iter().enumerate() {
            let stranger = api.stranger(route);
            if arguments.open && !is_open(route, &stranger) {
                continue;
            }
            match arguments.format {
                Format::Json => documents.push(document(&open, api, index, route, &stranger)),
                _ => rows.push(row(&open, api, index, route, &stranger)),
            }
        }
    }
    let text = match arguments.format {
        Format::Text if rows.is_empty() => String::new(),
        Format::Text => {
            rows.insert(0, COLUMNS.map(str::to_owned));
            terminal::columns(&rows)
        }
        Format::Md => markdown(&rows),
        Format::Json => {
            let mut document = json!({"version": 1, "routes": documents});
            document.sort_all_objects();
            format!("{document:#}\n")
        }
    };
    terminal::print(&text);
    if rows.is_empty() && documents.is_empty() && !matches!(arguments.format, Format::Json) {
        eprintln!("no route{}", if arguments.open { " is open" } else { "" });
    }
    Ok(Outcome::Fine)
}

/// Whether a caller without credentials and key may reach it.
fn is_open(route: &Route, stranger: &Stranger) -> bool {
    route.record.auth == 0 && !needs_key(route) && !stranger.is_denied()
}

fn needs_key(route: &Route) -> bool {
    route.record.flags & 1 != 0
}

fn row(
    open: &LaidOpen<'_>,
    api: &Api<'_>,
    index: usize,
    route: &Route,
    stranger: &Stranger,
) -> [String; 7] {
    let auth = match api.auth(route) {
        (kind, Some(name)) => match api.scopes(route).as_slice() {
            [] => format!("{name} ({kind})"),
            scopes => format!("{name} ({kind}: {})", scopes.join(", ")),
        },
        (kind, None) => kind.to_owned(),
    };
    let key = if needs_key(route) { "required" } else { "-" };
    [
        api.name.clone(),
        route.key.clone(),
        auth,
        key.to_owned(),
        verdict(open, stranger),
        limits(open, api, index, route),
        route.place.clone().unwrap_or_else(|| "-".into()),
    ]
}

fn verdict(open: &LaidOpen<'_>, stranger: &Stranger) -> String {
    let by = |statements: &[u32]| {
        let places: Vec<String> = statements
            .iter()
            .filter_map(|s| open.statement_place(*s))
            .collect();
        match places.as_slice() {
            [] => String::new(),
            places => format!(" ({})", places.join(", ")),
        }
    };
    match stranger {
        Stranger::NoPolicy | Stranger::NotAllowed => stranger.word().to_owned(),
        Stranger::Allowed(statement) | Stranger::Denied(statement) => {
            format!("{}{}", stranger.word(), by(&[*statement]))
        }
        Stranger::Depends(on, statements) => {
            let on: Vec<&str> = on.iter().map(String::as_str).collect();
            format!("depends on {}{}", on.join(", "), by(statements))
        }
    }
}

/// Requests per second and burst: `50/s burst 100`.
fn rate(milli: u64, burst: u64) -> String {
    let whole = milli / 1000;
    match milli % 1000 {
        0 => format!("{whole}/s burst {burst}"),
        rest => {
            let rest = format!("{rest:03}");
            format!("{whole}.{}/s burst {burst}", rest.trim_end_matches('0'))
        }
    }
}

fn quota(plan: &r::Plan) -> Option<String> {
    let period = ["day", "week", "month"].get(usize::from(plan.period))?;
    (plan.flags & 2 != 0).then(|| format!("{}/{period}", plan.quota))
}

/// The throttle of a route at a stage.
fn throttle(setting: Option<r::Setting>) -> Option<(u64, u64)> {
    let setting = setting?;
    (setting.flags & 1 != 0).then_some((setting.rate_milli, setting.burst))
}

/// What limits a route's requests, stage by stage where stages differ.
fn limits(open: &LaidOpen<'_>, api: &Api<'_>, index: usize, route: &Route) -> String {
    let mut by_stage: Vec<(String, String)> = Vec::new();
    for stage in open.stages_of(api) {
        let mut parts = Vec::new();
        if let Some((milli, burst)) = throttle(stage.setting(index)) {
            parts.push(rate(milli, burst));
        }
        if needs_key(route) {
            parts.extend(stage.plans().iter().map(|plan| shown_plan(stage, plan)));
        }
        let text = match parts.is_empty() {
            true => "-".to_owned(),
            false => parts.join(", "),
        };
        by_stage.push((stage.name.clone(), text));
    }
    match by_stage.as_slice() {
        [] => "-".to_owned(),
        [(_, first), rest @ ..] if rest.iter().all(|(_, text)| text == first) => first.clone(),
        all => {
            let named: Vec<String> = all
                .iter()
                .map(|(stage, text)| format!("{stage}: {text}"))
                .collect();
            named.join("; ")
        }
    }
}

fn shown_plan(stage: &Stage<'_>, plan: &r::Plan) -> String {
    let mut text = format!("plan {}", shown(stage.edge.text(plan.name)));
    if plan.flags & 1 != 0 {
        text += &format!(" {}", rate(plan.rate_milli, plan.burst));
    }
    if let Some(quota) = quota(plan) {
        text += &format!(" {quota}");
    }
    text
}

fn document(
    open: &LaidOpen<'_>,
    api: &Api<'_>,
    index: usize,
    route: &Route,
    stranger: &Stranger,
) -> Value {
    let (kind, authorizer) = api.auth(route);
    let (on, statements) = match stranger {
        Stranger::NoPolicy | Stranger::NotAllowed => (None, Vec::new()),
        Stranger::Allowed(statement) | Stranger::Denied(statement) => (None, vec![*statement]),
        Stranger::Depends(on, statements) => (Some(on), statements.clone()),
    };
    let places: Vec<_> = statements
        .iter()
        .filter_map(|s| open.statement_place(*s))
        .collect();
    let tokens =
        |(milli, burst): (u64, u64)| json!({"rate": milli as f64 / 1000.0, "burst": burst});
    let stages: serde_json::Map<String, Value> = open
        .stages_of(api)
        .map(|stage| {
            let setting = stage.setting(index);
            let plans: serde_json::Map<String, Value> = match needs_key(route) {
                false => Default::default(),
                true => stage
                    .plans()
                    .iter()
                    .map(|plan| {
                        let throttle = (plan.flags & 1 != 0).then_some((plan.rate_milli, plan.burst));
                        (
                            shown(stage.edge.text(plan.name)),
                            json!({"throttle": throttle.map(tokens), "quota": quota(plan)}),
                        )
                    })
                    .collect(),
            };
            let cached = setting.filter(|s| s.flags & 2 != 0).map(|s| s.ttl_s);
            (
                stage.name.clone(),
                json!({"throttle": throttle(setting).map(tokens), "cache_s": cached, "plans": plans}),
            )
        })
        .collect();
    json!({
        "api": api.name,
        "route": route.key,
        "at": route.place,
        "auth": {"kind": kind, "authorizer": authorizer, "scopes": api.scopes(route)},
        "api_key": needs_key(route),
        "stranger": {"verdict": stranger.word(), "on": on, "at": places},
        "open": is_open(route, stranger),
        "stages": stages,
        "account": account(open).map(tokens),
    })
}

/// The throttle over all stages of the account.
fn account(open: &LaidOpen<'_>) -> Option<(u64, u64)> {
    let record: r::Account = open.images.first()?.record(Section::Account, 0)?;
    Some((record.rate_milli, record.burst))
}

fn markdown(rows: &[[String; 7]]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&COLUMNS.map(str::to_owned));
    text += &format!("|{}\n", "---|".repeat(COLUMNS.len()));
    for row in rows {
        let escaped = row.each_ref().map(|cell| cell.replace('|', "\\|"));
        text += &line(&escaped);
    }
    text
}
