//! Cross-origin requests: what a gateway emits, and what a browser makes of it.

use serde_json::{Map, Value as Json, json};
use tollgate_reference::{BackendAnswer, Request};

use super::{Suite, members, text};
use crate::case::program;
use crate::matching;
use crate::subject::{Exchanged, Script, Subject};
use crate::verdict::{Missing, Outcome};

pub(super) struct Cors;

impl Suite for Cors {
    fn run(
        &mut self,
        name: &str,
        case: &Json,
        subject: &mut dyn Subject,
    ) -> Result<Outcome, Missing> {
        match name {
            "server" => server(case, subject),
            "fetch-client" => client(case, subject),
            other => Err(Missing(format!("a reader of `{other}`"))),
        }
    }
}

/// An HTTP API with this configuration of CORS, and one request to it.
fn server(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    if !subject.serves_http_apis() {
        return Err(Missing("HTTP APIs".into()));
    }
    let config = &case["config"];
    let mut cors = Map::new();
    for (ours, theirs) in [
        ("allowOrigins", "allow_origins"),
        ("allowMethods", "allow_methods"),
        ("allowHeaders", "allow_headers"),
        ("exposeHeaders", "expose_headers"),
        ("maxAge", "max_age"),
        ("allowCredentials", "allow_credentials"),
    ] {
        if let Some(value) = config.get(theirs).filter(|value| !value.is_null()) {
            cors.insert(ours.into(), value.clone());
        }
    }
    let document = json!({
        "api_type": "http",
        "stage": {"name": "stage"},
        "api": {
            "openapi": "3.0.1",
            "info": {"title": "case", "version": "1"},
            "x-amazon-apigateway-cors": cors,
            "paths": {"/": {"x-amazon-apigateway-any-method": {
                "responses": {"default": {"description": "proxied"}},
                "x-amazon-apigateway-integration": {
                    "type": "http_proxy", "httpMethod": "ANY", "payloadFormatVersion": "1.0",
                    "uri": "https://backend.example.com/",
                },
            }}},
        },
    });
    let expect = &case["expect"];
    let deployment = program::deployment(&document);
    if expect.get("config_error").is_some() {
        const REFUSAL: &str = "allow-credentials is not supported if 'allow-origin' is *";
        return Ok(match deployment {
            Err(messages) if messages.contains(REFUSAL) => Outcome::Passed,
            Err(messages) => Outcome::failed("refusal", REFUSAL, messages),
            Ok(_) => Outcome::failed("compilation", format!("a refusal: {REFUSAL}"), "a program"),
        });
    }
    let deployment = match deployment {
        Ok(deployment) => deployment,
        Err(messages) => return Ok(Outcome::failed("compilation", "a program", messages)),
    };
    subject.deploy(&deployment)?;
    let given = &case["request"];
    let mut request = Request::new(text(given, "method"), "/stage/");
    for (name, value) in members(given.get("headers")) {
        request
            .headers
            .push((name, value.as_str().unwrap_or_default().to_owned()));
    }
    let exchanged = subject.exchange(&request, &script(200, Vec::new()))?;
    Ok(emitted(expect, &exchanged))
}

/// The headers that the client got: lists compare without blanks, in any order.
fn emitted(expect: &Json, exchanged: &Exchanged) -> Outcome {
    let got = &exchanged.answer.headers;
    let called = !exchanged.integrations.is_empty();
    if expect["is_preflight"] == json!(called) {
        let expected = if called {
            "an answer of the gateway's own"
        } else {
            "a call"
        };
        return Outcome::failed("backend", expected, if called { "a call" } else { "none" });
    }
    let list = |value: &str| {
        let mut items: Vec<String> = value
            .split(',')
            .map(|item| item.trim().to_owned())
            .collect();
        items.sort();
        items
    };
    for (name, wanted) in members(expect.get("headers")) {
        let found = matching::joined(got, &name);
        let fits = match (&wanted, &found) {
            (Json::Null, None) => true,
            (Json::String(wanted), Some(found)) => list(wanted) == list(found),
            _ => false,
        };
        if !fits {
            let found = found.unwrap_or_else(|| "no such header".into());
            return Outcome::failed(format!("header {name}"), wanted.to_string(), found);
        }
    }
    if expect["vary_includes_origin"] == json!(true) {
        let vary = matching::joined(got, "vary").unwrap_or_default();
        if !vary
            .split(',')
            .any(|name| name.trim().eq_ignore_ascii_case("origin"))
        {
            return Outcome::failed("header vary", "with `origin`", vary);
        }
    }
    Outcome::Passed
}

/// A backend's headers of CORS, through a gateway that has none of its own, to a browser.
fn client(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let document = json!({"stage": {"name": "stage"}, "api": {
        "openapi": "3.0.1",
        "info": {"title": "case", "version": "1"},
        "paths": {"/": {"x-amazon-apigateway-any-method": {
            "responses": {"200": {"description": "proxied"}},
            "x-amazon-apigateway-integration": {
                "type": "http_proxy", "httpMethod": "ANY", "uri": "https://backend.example.com/",
            },
        }}},
    }});
    let deployment = match program::deployment(&document) {
        Ok(deployment) => deployment,
        Err(messages) => return Ok(Outcome::failed("compilation", "a program", messages)),
    };
    subject.deploy(&deployment)?;
    let asked = Fetch::of(&case["request"]);
    let request = asked.request();
    let headers = members(case.get("response_headers"))
        .into_iter()
        .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let status = case["response_status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let exchanged = subject.exchange(&request, &script(status.unwrap_or(200), headers))?;
    let answer = &exchanged.answer;
    let decided = match asked.admits(answer.status, &answer.headers) {
        true => "allow",
        false => "network error",
    };
    Ok(Outcome::equal("browser", text(case, "expect"), decided))
}

fn script(status: u16, headers: Vec<(String, String)>) -> Script {
    Script {
        backend: Some(BackendAnswer::Answered {
            status,
            headers,
            body: Vec::new(),
        }),
        authorizer: None,
        ..Script::default()
    }
}

/// A cross-origin request of a page, as the Fetch standard has it.
struct Fetch {
    origin: String,
    with_credentials: bool,
    preflight: bool,
    method: String,
    /// Names outside the safelist.
    headers: Vec<String>,
}

impl Fetch {
    fn of(given: &Json) -> Fetch {
        let method = text(given, "method");
        let folded = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(method));
        let names = given["headers"].as_array().into_iter().flatten();
        Fetch {
            origin: text(given, "origin").to_owned(),
            with_credentials: text(given, "credentials") == "include",
            preflight: given["preflight"].as_bool().unwrap_or(false),
            method: folded.unwrap_or(method).to_owned(),
            headers: names
                .filter_map(|name| Some(name.as_str()?.to_owned()))
                .collect(),
        }
    }

    /// What the browser sends: the preflight, or the request itself.
    fn request(&self) -> Request {
        let method = if self.preflight {
            "OPTIONS"
        } else {
            &self.method
        };
        let mut request = Request::new(method, "/stage/");
        request.headers.push(("Origin".into(), self.origin.clone()));
        if self.preflight {
            let asked = ("Access-Control-Request-Method".into(), self.method.clone());
            request.headers.push(asked);
            if !self.headers.is_empty() {
                let asked = (
                    "Access-Control-Request-Headers".into(),
                    self.headers.join(","),
                );
                request.headers.push(asked);
            }
        }
        request
    }

    /// Whether the page gets the answer, or after a preflight its request is sent.
    fn admits(&self, status: u16, headers: &[(String, String)]) -> bool {
        if !self.checks(headers) {
            return false;
        }
        if !self.preflight {
            return true;
        }
        if !(200..300).contains(&status) {
            return false;
        }
        let list = |name: &str| {
            let value = matching::joined(headers, name).unwrap_or_default();
            let items = value.split(',').map(|item| item.trim().to_owned());
            items
                .filter(|item| !item.is_empty())
                .collect::<Vec<String>>()
        };
        let (methods, names) = (
            list("access-control-allow-methods"),
            list("access-control-allow-headers"),
        );
        // With credentials `*` is a method and a header of that name, and no wildcard.
        let any = |list: &[String]| !self.with_credentials && list.iter().any(|item| item == "*");
        let safe = matches!(self.method.as_str(), "GET" | "HEAD" | "POST");
        if !safe && !methods.contains(&self.method) && !any(&methods) {
            return false;
        }
        self.headers.iter().all(|name| {
            let listed = names.iter().any(|other| other.eq_ignore_ascii_case(name));
            listed || any(&names) && !name.eq_ignore_ascii_case("authorization")
        })
    }

    /// The CORS check of the standard.
    fn checks(&self, headers: &[(String, String)]) -> bool {
        let Some(origin) = matching::joined(headers, "access-control-allow-origin") else {
            return false;
        };
        if !self.with_credentials && origin == "*" {
            return true;
        }
        if origin != self.origin {
            return false;
        }
        let allowed = matching::joined(headers, "access-control-allow-credentials");
        !self.with_credentials || allowed.as_deref() == Some("true")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method, header names, with credentials, preflight; what the answer says; whether the page gets through.
    type Row<'r> = (
        &'r str,
        &'r [&'r str],
        bool,
        bool,
        &'r [(&'r str, &'r str)],
        bool,
    );

    #[test]
    fn a_browser_decides_as_the_fetch_standard_says() {
        const ORIGIN: (&str, &str) = ("Access-Control-Allow-Origin", "https://a.example.com");
        const ANY: (&str, &str) = ("Access-Control-Allow-Origin", "*");
        const CREDENTIALS: (&str, &str) = ("Access-Control-Allow-Credentials", "true");
        let methods = |list| ("Access-Control-Allow-Methods", list);
        let names = |list| ("Access-Control-Allow-Headers", list);
        let rows: &[Row<'_>] = &[
            ("GET", &[], false, false, &[], false),
            ("GET", &[], false, false, &[ANY], true),
            ("GET", &[], true, false, &[ANY, CREDENTIALS], false),
            ("GET", &[], true, false, &[ORIGIN], false),
            ("GET", &[], true, false, &[ORIGIN, CREDENTIALS], true),
            ("GET", &[], false, false, &[ORIGIN, ORIGIN], false),
            // Safelisted methods need no leave, and the others' letters count.
            ("post", &[], false, true, &[ANY], true),
            (
                "delete",
                &[],
                false,
                true,
                &[ANY, methods("GET, DELETE")],
                true,
            ),
            ("patch", &[], false, true, &[ANY, methods("PATCH")], false),
            ("PUT", &[], false, true, &[ANY, methods("*")], true),
            (
                "PUT",
                &[],
                true,
                true,
                &[ORIGIN, CREDENTIALS, methods("*")],
                false,
            ),
            ("GET", &["X-A"], false, true, &[ANY, names("x-b,x-a")], true),
            ("GET", &["X-A"], false, true, &[ANY, names("x-b")], false),
            (
                "GET",
                &["authorization"],
                false,
                true,
                &[ANY, names("*")],
                false,
            ),
            ("GET", &["x-a"], false, true, &[ANY, names("*")], true),
        ];
        for (method, headers, with_credentials, preflight, answer, expected) in rows {
            let credentials = if *with_credentials { "include" } else { "omit" };
            let asked = Fetch::of(&json!({
                "origin": "https://a.example.com", "credentials": credentials,
                "preflight": preflight, "method": method, "headers": headers,
            }));
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let answer: Vec<_> = answer.iter().map(owned).collect();
            assert_eq!(
                asked.admits(204, &answer),
                *expected,
                "{method} {headers:?} {answer:?}"
            );
        }
    }

    #[test]
    fn a_preflight_needs_a_good_status() {
        let asked = Fetch::of(&json!({"origin": "null", "preflight": true, "method": "GET"}));
        let answer = [("access-control-allow-origin".to_owned(), "*".to_owned())];
        for (status, expected) in [(200, true), (204, true), (302, false), (403, false)] {
            assert_eq!(asked.admits(status, &answer), expected, "{status}");
        }
        assert_eq!(asked.request().method, "OPTIONS");
    }
}
