//! What functions are told: events of formats 1.0 and 2.0.

use serde_json::{Map, Value as Json, json};
use tollgate_model::integration::Payload;

use crate::admission::method_arn;
use crate::base64;
use crate::headers::Headers;
use crate::json::to_serde;
use crate::lambda_proxy::{multiple, single};
use crate::mapping;
use crate::state::State;

/// Who calls, where an authorizer said so.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// The holder of a token; its scopes where the route asks for some.
    Token {
        claims: Vec<(String, String)>,
        scopes: Option<Vec<String>>,
    },
    /// Whoever a function lets through.
    Function {
        principal: Option<String>,
        context: Map<String, Json>,
    },
}

/// Headers of one connection alone.
pub(super) fn of_connection(name: &str) -> bool {
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    ]
    .iter()
    .any(|other| name.eq_ignore_ascii_case(other))
}

/// The event of an integration.
pub(super) fn of_integration(state: &State<'_>, payload: Payload) -> Json {
    let body = body(state);
    match payload {
        Payload::V1 => {
            let mut event = first(state);
            let headers = headers(state);
            event["version"] = "1.0".into();
            event["multiValueHeaders"] = multiple(&headers);
            event["multiValueQueryStringParameters"] = multiple(&state.target.query);
            event["requestContext"] = first_context(state);
            event["isBase64Encoded"] = body.as_ref().is_some_and(|(_, coded)| *coded).into();
            event["body"] = body.map_or(Json::Null, |(text, _)| text.into());
            event
        }
        Payload::V2 => {
            let mut event = second(state);
            event["requestContext"] = second_context(state, true);
            event["isBase64Encoded"] = false.into();
            if let Some((text, coded)) = body {
                event["body"] = text.into();
                event["isBase64Encoded"] = coded.into();
            }
            event
        }
    }
}

/// The event of an authorizer, with the values that identify the caller.
pub(super) fn of_authorizer(state: &State<'_>, payload: Payload, sources: &[String]) -> Json {
    match payload {
        Payload::V1 => {
            let mut event = first(state);
            // Unlike an integration's, its empty maps are empty objects.
            for value in event.as_object_mut().into_iter().flat_map(Map::values_mut) {
                if value.is_null() {
                    *value = json!({});
                }
            }
            let joined = sources.join(",");
            event["version"] = "1.0".into();
            event["type"] = "REQUEST".into();
            event["methodArn"] = method_arn(state).into();
            event["identitySource"] = joined.as_str().into();
            event["authorizationToken"] = joined.into();
            event["requestContext"] = json!({
                "path": known(state, &["path"]),
                "accountId": known(state, &["accountId"]),
                "stage": known(state, &["stage"]),
                "requestId": known(state, &["requestId"]),
                "resourcePath": known(state, &["resourcePath"]),
                "httpMethod": known(state, &["httpMethod"]),
                "apiId": known(state, &["apiId"]),
                "resourceId": null,
                "identity": {"sourceIp": known(state, &["identity", "sourceIp"])},
            });
            event
        }
        Payload::V2 => {
            let mut event = second(state);
            event["type"] = "REQUEST".into();
            event["routeArn"] = method_arn(state).into();
            event["identitySource"] = match sources {
                [] => Json::Null,
                some => some.into(),
            };
            event["requestContext"] = second_context(state, false);
            event
        }
    }
}

/// A context variable; null if it has no value.
fn known(state: &State<'_>, path: &[&str]) -> Json {
    mapping::context(state, path).map_or(Json::Null, |value| to_serde(&value))
}

fn first(state: &State<'_>) -> Json {
    let headers = headers(state);
    json!({
        "resource": state.resource_path(),
        "path": known(state, &["path"]),
        "httpMethod": state.method,
        "headers": single(&headers),
        "queryStringParameters": single(&state.target.query),
        "pathParameters": single(&state.path_parameters),
        "stageVariables": single(&state.variables),
    })
}

fn first_context(state: &State<'_>) -> Json {
    let authorizer = match &state.http_caller {
        Some(Caller::Function { principal, context }) => {
            let mut members = context.clone();
            if let Some(principal) = principal {
                members.insert("principalId".into(), principal.as_str().into());
            }
            Json::Object(members)
        }
        Some(Caller::Token { claims, scopes }) => {
            json!({"claims": object(claims), "scopes": scopes})
        }
        None => json!({"claims": null, "scopes": null}),
    };
    let mut context = json!({"authorizer": authorizer, "resourceId": null});
    for name in [
        "accountId",
        "apiId",
        "domainName",
        "domainPrefix",
        "extendedRequestId",
        "httpMethod",
        "path",
        "protocol",
        "requestId",
        "requestTime",
        "requestTimeEpoch",
        "resourcePath",
        "stage",
        "identity",
    ] {
        context[name] = known(state, &[name]);
    }
    if let Some(identity) = context["identity"].as_object_mut() {
        identity.remove("vpceId");
    }
    context
}

fn second(state: &State<'_>) -> Json {
    let cookies: Vec<&str> = state
        .request
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
        .flat_map(|(_, value)| value.split(';'))
        .map(|pair| pair.trim_matches(|c: char| c.is_ascii_whitespace()))
        .filter(|pair| !pair.is_empty())
        .collect();
    let headers: Headers = headers(state)
        .into_iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("cookie"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    let (_, query) = super::split_query(&state.request.target);
    let mut event = json!({
        "version": "2.0",
        "routeKey": known(state, &["routeKey"]),
        "rawPath": known(state, &["path"]),
        "rawQueryString": query,
        "headers": joined(&headers),
    });
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    for (name, pairs) in [
        ("queryStringParameters", &state.target.query),
        ("pathParameters", &state.path_parameters),
        ("stageVariables", &state.variables),
    ] {
        if !pairs.is_empty() {
            event[name] = joined(pairs);
        }
    }
    event
}

fn second_context(state: &State<'_>, of_integration: bool) -> Json {
    let agent = state.request.header("user-agent").unwrap_or_default();
    let mut context = json!({
        "http": {
            "method": state.method,
            "path": known(state, &["path"]),
            "protocol": "HTTP/1.1",
            "sourceIp": state.request.source_ip.to_string(),
            "userAgent": agent,
        },
        "time": known(state, &["requestTime"]),
        "timeEpoch": known(state, &["requestTimeEpoch"]),
    });
    for name in [
        "accountId",
        "apiId",
        "domainName",
        "domainPrefix",
        "requestId",
        "routeKey",
        "stage",
    ] {
        context[name] = known(state, &[name]);
    }
    let authorizer = match &state.http_caller {
        _ if !of_integration => None,
        Some(Caller::Token { claims, scopes }) => {
            Some(json!({"jwt": {"claims": object(claims), "scopes": scopes}}))
        }
        Some(Caller::Function { context, .. }) => Some(json!({"lambda": context})),
        None if state.signer.is_some() => {
            let of = |name: &str| known(state, &["identity", name]);
            Some(json!({"iam": {
                "accessKey": of("accessKey"),
                "accountId": of("accountId"),
                "callerId": of("caller"),
                "cognitoIdentity": null,
                "principalOrgId": of("principalOrgId"),
                "userArn": of("userArn"),
                "userId": of("user"),
            }}))
        }
        None => None,
    };
    if let Some(authorizer) = authorizer {
        context["authorizer"] = authorizer;
    }
    context
}

/// What the gateway hands on of the client's headers, and what it adds.
fn headers(state: &State<'_>) -> Headers {
    let ip = state.request.source_ip;
    let forwarded = match state.request.header("x-forwarded-for") {
        Some(before) => format!("{before}, {ip}"),
        None => ip.to_string(),
    };
    let (port, proto) = match state.request.secure {
        true => ("443", "https"),
        false => ("80", "http"),
    };
    let own: Headers = [
        ("X-Amzn-Trace-Id", state.trace_id.clone()),
        ("X-Forwarded-For", forwarded),
        ("X-Forwarded-Port", port.into()),
        ("X-Forwarded-Proto", proto.into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let mut headers: Headers = state
        .request
        .headers
        .iter()
        .filter(|(name, _)| !of_connection(name) && !crate::headers::has(&own, name))
        .cloned()
        .collect();
    headers.extend(own);
    headers
}

/// An object with all values of a name, joined with commas.
fn joined(pairs: &[(String, String)]) -> Json {
    let mut map: Map<String, Json> = Map::new();
    for (name, value) in pairs {
        let text = match map.get(name).and_then(Json::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value.clone(),
        };
        map.insert(name.clone(), text.into());
    }
    Json::Object(map)
}

fn object(pairs: &[(String, String)]) -> Json {
    pairs
        .iter()
        .map(|(name, value)| (name.clone(), Json::from(value.as_str())))
        .collect::<Map<String, Json>>()
        .into()
}

/// The body, and whether it is in base64: whatever is not plainly a text.
fn body(state: &State<'_>) -> Option<(String, bool)> {
    if state.body.is_empty() {
        return None;
    }
    let header = |name: &str| state.request.header(name).unwrap_or_default();
    let ty = header("content-type");
    let ty = ty.split([',', ';']).next().unwrap_or_default();
    let ty = ty.trim().to_ascii_lowercase();
    let of_application = ty.strip_prefix("application/").unwrap_or_default();
    let is_text = ty.starts_with("text/")
        || matches!(of_application, "json" | "xml" | "javascript")
        || of_application.ends_with("+json")
        || of_application.ends_with("+xml");
    let coding = header("content-encoding").trim().to_ascii_lowercase();
    let packed = !matches!(coding.as_str(), "" | "identity");
    match std::str::from_utf8(&state.body) {
        Ok(text) if is_text && !packed => Some((text.to_owned(), false)),
        _ => Some((base64::encode(&state.body), true)),
    }
}
