//! A few requests that a person can try at once.

use tollgate_model::api::{Api, Method, ParameterPlace, Route, RouteKey, Segment};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::Target;
use tollgate_model::{Function, FunctionTarget, Program};

/// How many lines there are at most.
const LINES: usize = 3;

/// Lines of curl: for each of a few routes, with what the route requires. Open routes first, since they answer
/// without more.
pub(crate) fn lines(program: &Program, url: impl Fn(&str, &str) -> String) -> Vec<String> {
    let mut found: Vec<(u32, String)> = Vec::new();
    for stage in &program.stages {
        let Some(api) = program.api(&stage.api) else {
            continue;
        };
        for route in &api.routes {
            if let Some(line) = line(api, route, &url(&api.name, &stage.name)) {
                found.push((effort(program, route), line));
            }
        }
    }
    // The order of the program among equals.
    found.sort_by_key(|(effort, _)| *effort);
    found.dedup_by(|a, b| a.1 == b.1);
    found
        .into_iter()
        .map(|(_, line)| line)
        .take(LINES)
        .collect()
}

/// How much a person has to know for the route to answer.
fn effort(program: &Program, route: &Route) -> u32 {
    let integration = match &route.integration.target {
        Target::Mock => 0,
        Target::Lambda { function, .. } => {
            let called = |f: &&Function| Some(&f.name) == function.as_ref();
            match program.functions.iter().find(called).map(|f| &f.target) {
                Some(FunctionTarget::Command(_) | FunctionTarget::Url(_)) => 1,
                _ => 32,
            }
        }
        Target::Http { .. } => 2,
        Target::Aws { .. } => 32,
    };
    let auth = match &route.auth {
        Auth::None => 0,
        Auth::Authorizer { .. } => 4,
        Auth::Iam => 8,
    };
    let method = match &route.key {
        RouteKey::Http {
            method: Method::Get | Method::Any,
            ..
        } => 0,
        RouteKey::Http {
            method: Method::Options,
            ..
        } => 16,
        _ => 1,
    };
    integration + auth + method + u32::from(route.api_key) * 2
}

fn line(api: &Api, route: &Route, base: &str) -> Option<String> {
    let RouteKey::Http { path, method } = &route.key else {
        return None;
    };
    let mut target = String::new();
    for segment in &path.segments {
        target.push('/');
        target.push_str(match segment {
            Segment::Literal(literal) => literal,
            Segment::Parameter(_) => "1",
            Segment::Greedy(_) => "a/b",
        });
    }
    if target.is_empty() {
        target.push('/');
    }
    let mut options = String::new();
    let mut query = Vec::new();
    for parameter in route.parameters.iter().filter(|p| p.required) {
        match parameter.place {
            ParameterPlace::Query => query.push(format!("{}=1", parameter.name)),
            ParameterPlace::Header => options.push_str(&format!(" -H '{}: 1'", parameter.name)),
            ParameterPlace::Path => {}
        }
    }
    if !query.is_empty() {
        target.push('?');
        target.push_str(&query.join("&"));
    }
    if route.api_key {
        options.push_str(" -H 'x-api-key: KEY'");
    }
    if let Auth::Authorizer { name, .. } = &route.auth
        && let Some(header) = header_of(api, name)
    {
        options.push_str(&format!(" -H '{header}: TOKEN'"));
    }
    match method {
        Method::Get | Method::Any => {}
        Method::Head => options.push_str(" --head"),
        Method::Post | Method::Put | Method::Patch => {
            let verb = method.as_str();
            options.push_str(&format!(
                " -X {verb} -H 'content-type: application/json' -d '{{}}'"
            ));
        }
        other => options.push_str(&format!(" -X {}", other.as_str())),
    }
    Some(format!("curl -i{options} '{base}{target}'"))
}

fn header_of(api: &Api, authorizer: &str) -> Option<String> {
    use tollgate_model::authorizer::AuthorizerKind;
    let found = api.authorizers.iter().find(|a| a.name == authorizer)?;
    match &found.kind {
        AuthorizerKind::Token { header, .. } | AuthorizerKind::Cognito { header, .. } => {
            Some(header.clone())
        }
        _ => None,
    }
}
