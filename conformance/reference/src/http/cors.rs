//! Built-in CORS.

use tollgate_model::api::{Cors, Method, Route, RouteKey};
use tollgate_model::authorizer::Auth;

use crate::exchange::{Answer, Request};
use crate::headers::{self, Headers};

/// The gateway's own answer to a preflight. A route for OPTIONS, and one for any verb that asks who calls, take it
/// themselves.
pub(super) fn preflight(cors: &Cors, request: &Request, route: Option<&Route>) -> Option<Answer> {
    let asks = request.method == "OPTIONS"
        && request.header("origin").is_some()
        && request.header("access-control-request-method").is_some();
    let taken = route.is_some_and(|route| {
        let options =
            matches!(&route.key, RouteKey::Http { method, .. } if *method == Method::Options);
        options || route.auth != Auth::None
    });
    if !asks || taken {
        return None;
    }
    let mut answer = Answer {
        status: 204,
        headers: Vec::new(),
        body: Vec::new(),
        refusal: None,
    };
    if let Some(origin) = shown(cors, request) {
        add_origin(cors, &origin, &mut answer.headers);
        for (name, value) in [
            ("access-control-allow-methods", cors.methods.join(",")),
            ("access-control-allow-headers", cors.headers.join(",")),
            (
                "access-control-max-age",
                cors.max_age_s.map_or_else(String::new, |s| s.to_string()),
            ),
        ] {
            headers::replace(&mut answer.headers, name, &value);
        }
    }
    Some(answer)
}

/// The configured headers in place of those that came.
pub(super) fn finish(cors: &Cors, request: &Request, answer: &mut Answer) {
    answer
        .headers
        .retain(|(name, _)| !name.to_ascii_lowercase().starts_with("access-control-"));
    if let Some(origin) = shown(cors, request) {
        add_origin(cors, &origin, &mut answer.headers);
        let expose = cors.expose.join(",");
        headers::replace(
            &mut answer.headers,
            "access-control-expose-headers",
            &expose,
        );
    }
}

/// What an answer says of the origin, if it is one of the configured ones.
fn shown(cors: &Cors, request: &Request) -> Option<String> {
    let origin = request.header("origin")?;
    if cors.origins == ["*"] {
        return Some("*".into());
    }
    let fits = |configured: &String| match configured.as_str() {
        "*" => true,
        "https://*" => origin.starts_with("https://"),
        "http://*" => origin.starts_with("http://"),
        one => one == origin,
    };
    cors.origins.iter().any(fits).then(|| origin.to_owned())
}

fn add_origin(cors: &Cors, origin: &str, headers: &mut Headers) {
    headers::replace(headers, "access-control-allow-origin", origin);
    if cors.credentials {
        headers::replace(headers, "access-control-allow-credentials", "true");
    }
    if origin != "*" {
        let before = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("vary"));
        let vary = match before {
            Some((_, before)) => format!("{before}, origin"),
            None => "origin".to_owned(),
        };
        headers::replace(headers, "vary", &vary);
    }
}
