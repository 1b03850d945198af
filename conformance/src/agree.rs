//! The law that holds the runtime to the specification: the same answers, and the same calls to
//! the world in the same order.

use serde_json::Value as Json;
use tollgate_compiler::emit::Specialization;
use tollgate_reference::{Answer, Call, CallKind};

use crate::generate::{NOW_MS, Pair};
use crate::subject::{Exchanged, Subject};
use crate::subjects::{Bundle, Reference};
use crate::verdict::Missing;

/// What two subjects did not show alike.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// What it is about, in the same words for the same kind of disagreement.
    pub kind: String,
    /// Which exchange of the pair, from 0; none if the program was not even taken.
    pub exchange: Option<usize>,
    /// What either said.
    pub detail: String,
}

/// Sends every exchange of a pair to the specification and to the compiled program, in order.
///
/// Both start without state and keep theirs from exchange to exchange, so limits and caches are
/// compared as well. Costs one compilation, and per exchange what both subjects cost.
///
/// # Errors
///
/// Every exchange whose answers or calls differ; or one disagreement without an exchange if the
/// program cannot be compiled or loaded.
pub fn agree(pair: &Pair) -> Result<(), Vec<Disagreement>> {
    agree_specialized(pair, Specialization::default())
}

/// As [`agree`], with policies worked out for each route so far.
///
/// # Errors
///
/// As [`agree`].
pub fn agree_specialized(pair: &Pair, how: Specialization) -> Result<(), Vec<Disagreement>> {
    let mut reference = Reference::at(NOW_MS);
    let mut bundle = Bundle::at(NOW_MS).specialized(how);
    let deployment = pair.deployment();
    let taken = bundle.deploy(&deployment);
    if let Err(Missing(what)) = taken.and_then(|()| reference.deploy(&deployment)) {
        return Err(vec![Disagreement {
            kind: format!("not taken: {what}"),
            exchange: None,
            detail: what,
        }]);
    }
    let mut found = Vec::new();
    for (index, (request, script)) in pair.exchanges.iter().enumerate() {
        let both = reference
            .exchange(request, script)
            .and_then(|expected| Ok((expected, bundle.exchange(request, script)?)));
        let differs = match both {
            Ok((expected, got)) => difference(&expected, &got),
            Err(Missing(what)) => Some((format!("not done: {what}"), what)),
        };
        if let Some((kind, detail)) = differs {
            found.push(Disagreement {
                kind,
                exchange: Some(index),
                detail,
            });
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// What is different between the specification's exchange and another's: its kind, and both in full.
///
/// Left out of the comparison is what no rule fixes: the order of headers of different names,
/// the order of an event's members, ids that the service makes up, and what the transport adds.
pub fn difference(expected: &Exchanged, got: &Exchanged) -> Option<(String, String)> {
    let (a, b) = (&expected.answer, &got.answer);
    if a.status != b.status
        || a.refusal != b.refusal
        || sorted(&a.headers) != sorted(&b.headers)
        || a.body != b.body
    {
        let kind = if (a.status, a.refusal) == (b.status, b.refusal) {
            format!("the content of {}", outcome(a))
        } else {
            format!("{} became {}", outcome(a), outcome(b))
        };
        let detail = format!("specification {}\n  runtime     {}", shown(a), shown(b));
        return Some((kind, detail));
    }
    for (what, expected, got) in [
        ("integration", &expected.integrations, &got.integrations),
        ("authorizer", &expected.authorizers, &got.authorizers),
    ] {
        let (expected, got): (Vec<String>, Vec<String>) = (
            expected.iter().map(comparable).collect(),
            got.iter().map(comparable).collect(),
        );
        if expected != got {
            let detail = format!("specification {expected:#?}\n  runtime     {got:#?}");
            return Some((format!("calls of the {what}"), detail));
        }
    }
    None
}

/// A status, with the gateway response where it is one.
fn outcome(answer: &Answer) -> String {
    match answer.refusal {
        Some(ty) => format!("{} {}", answer.status, ty.name()),
        None => answer.status.to_string(),
    }
}

fn shown(answer: &Answer) -> String {
    format!(
        "{} {:?} {}",
        outcome(answer),
        sorted(&answer.headers),
        String::from_utf8_lossy(&answer.body)
    )
}

/// Headers without regard to the order of names; repeats keep theirs.
fn sorted(headers: &[(String, String)]) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    headers.sort_by(|a, b| a.0.cmp(&b.0));
    headers
}

/// What an invocation does not show its function.
const OF_HTTP: [&str; 4] = ["accept", "content-type", "user-agent", "connection"];

/// A call in one line.
fn comparable(call: &Call) -> String {
    let lambda = call.kind == CallKind::Lambda;
    let body = match serde_json::from_slice::<Json>(&call.body) {
        // An event of a proxy or of an authorizer: the gateway's own JSON, not a template's text.
        Ok(mut event) if lambda && is_event(&event) => {
            if let Some(Json::Object(context)) = event.get_mut("requestContext") {
                context.remove("resourceId");
                context.remove("deploymentId");
            }
            event.sort_all_objects();
            event.to_string()
        }
        _ => String::from_utf8_lossy(&call.body).into_owned(),
    };
    let query = if lambda { &[][..] } else { &call.query[..] };
    let hidden = if lambda {
        &OF_HTTP[..]
    } else {
        &["connection"]
    };
    let headers: Vec<_> = sorted(&call.headers)
        .into_iter()
        .filter(|(name, _)| !hidden.contains(&name.as_str()))
        .collect();
    format!(
        "{:?} {} {} {:?} {headers:?} {} ms {:?} {body}",
        call.kind, call.method, call.uri, query, call.timeout_ms, call.credentials
    )
}

fn is_event(event: &Json) -> bool {
    event.get("requestContext").is_some() || event.get("methodArn").is_some()
}
