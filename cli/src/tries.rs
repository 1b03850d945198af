//! A few requests that a person can try at once.

use tollgate_model::api::{Api, Method, ParameterPlace, Route, RouteKey, Segment};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::Target;
use tollgate_model::{Function, FunctionTarget, Program};

/// How many lines there are at most.
const LINES: usize = 3;

/// A request that a person can try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Try {
    pub(crate) api: String,
    pub(crate) stage: String,
    pub(crate) method: Method,
    /// Path and query behind the stage.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
}

/// A few requests with what their routes require. Open routes first, since they answer without more.
pub(crate) fn tries(program: &Program) -> Vec<Try> {
    let mut found: Vec<(u32, Try)> = Vec::new();
    for stage in &program.stages {
        let Some(api) = program.api(&stage.api) else {
            continue;
        };
        for route in &api.routes {
            if let Some(one) = one(api, &stage.name, route) {
                found.push((effort(program, route), one));
            }
        }
    }
    // The order of the program among equals.
    found.sort_by_key(|(effort, _)| *effort);
    found.into_iter().map(|(_, one)| one).collect()
}

/// Lines of curl for a few requests.
pub(crate) fn lines(program: &Program, url: impl Fn(&str, &str) -> String) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for one in tries(program) {
        let line = curl(&one, &url(&one.api, &one.stage));
        if !lines.contains(&line) {
            lines.push(line);
        }
        if lines.len() == LINES {
            break;
        }
    }
    lines
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

fn one(api: &Api, stage: &str, route: &Route) -> Option<Try> {
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
    let mut headers = Vec::new();
    let mut query = Vec::new();
    for parameter in route.parameters.iter().filter(|p| p.required) {
        match parameter.place {
            ParameterPlace::Query => query.push(format!("{}=1", parameter.name)),
            ParameterPlace::Header => headers.push((parameter.name.clone(), "1".to_owned())),
            ParameterPlace::Path => {}
        }
    }
    if !query.is_empty() {
        target.push('?');
        target.push_str(&query.join("&"));
    }
    if route.api_key {
        headers.push(("x-api-key".to_owned(), "KEY".to_owned()));
    }
    if let Auth::Authorizer { name, .. } = &route.auth
        && let Some(header) = header_of(api, name)
    {
        headers.push((header, "TOKEN".to_owned()));
    }
    Some(Try {
        api: api.name.clone(),
        stage: stage.to_owned(),
        method: *method,
        target,
        headers,
    })
}

fn curl(one: &Try, base: &str) -> String {
    let mut options = String::new();
    for (name, value) in &one.headers {
        options.push_str(&format!(" -H '{name}: {value}'"));
    }
    match one.method {
        Method::Get | Method::Any => {}
        Method::Head => options.push_str(" --head"),
        Method::Post | Method::Put | Method::Patch => {
            let verb = one.method.as_str();
            options.push_str(&format!(
                " -X {verb} -H 'content-type: application/json' -d '{{}}'"
            ));
        }
        other => options.push_str(&format!(" -X {}", other.as_str())),
    }
    format!("curl -i{options} '{base}{}'", one.target)
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
