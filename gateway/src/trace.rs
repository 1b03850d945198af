//! What happened to a request, phase by phase, for the people who watch.

use std::fmt::Write;
use std::time::Instant;

use tollgate_runtime::policy::{Finding, Kind, Refusal};
use tollgate_runtime::{Bundle, Decision, Note, Observer, Phase};

/// The phases that a request went through.
pub(crate) struct Trace {
    entered: Vec<Entered>,
}

/// A phase, when it was entered, and what came of it.
struct Entered {
    phase: Phase,
    at: Instant,
    outcome: String,
}

impl Trace {
    pub(crate) fn new() -> Trace {
        Trace {
            entered: Vec::with_capacity(16),
        }
    }

    /// Adds to what came of the phase that was entered last.
    pub(crate) fn outcome(&mut self, text: &str) {
        if let Some(last) = self.entered.last_mut() {
            if !last.outcome.is_empty() {
                last.outcome.push_str(", ");
            }
            last.outcome.push_str(text);
        }
    }

    /// The lines for people: the request first, then a line for every phase.
    pub(crate) fn lines(&self, request: &Seen<'_>, decision: Decision, began: Instant) -> String {
        let ended = Instant::now();
        let mut out = String::with_capacity(1024);
        let total = ended.saturating_duration_since(began).as_micros();
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "{} {} → {} in {total} µs  {}",
            printable(request.method),
            printable(request.target),
            request.status,
            request.id
        );
        let route = decision
            .route
            .and_then(|route| request.bundle.route_place(decision.deployment, route));
        for (n, entered) in self.entered.iter().enumerate() {
            let phase = entered.phase;
            if phase == Phase::Done {
                continue;
            }
            let left = self.entered.get(n + 1).map_or(ended, |next| next.at);
            let spent = left.saturating_duration_since(entered.at).as_micros();
            let _ = write!(out, "\n  {:<10} {spent:>8} µs  ", name(phase));
            match decision.response.filter(|_| phase == decision.phase) {
                Some(response) => {
                    let _ = write!(out, "refused: {}", response.name());
                    let fault = decision.fault.unwrap_or("");
                    if !entered.outcome.is_empty() && !fault.is_empty() {
                        let _ = write!(out, " ({}, {fault})", entered.outcome);
                    } else if !entered.outcome.is_empty() || !fault.is_empty() {
                        let _ = write!(out, " ({}{fault})", entered.outcome);
                    }
                    if let Some(refusal) = decision.refusal {
                        let _ = write!(out, ", {}", because(refusal));
                    }
                }
                None => out.push_str(&outcome(entered, route, decision, request)),
            }
            let place = match phase {
                Phase::Start | Phase::Site | Phase::Waf => None,
                Phase::Policy => decision
                    .statement
                    .and_then(|statement| request.bundle.statement_place(statement)),
                _ => route.map(|(_, place)| place),
            };
            if let Some(place) = place {
                let _ = write!(out, "  {}", printable(place));
            }
        }
        out
    }
}

/// Which policies keep a request out, and how.
fn because(refusal: Refusal) -> String {
    let whose = match refusal.kind {
        Kind::Identity => "the caller's policies",
        Kind::Boundary => "the permissions boundary",
        Kind::Session => "the session policies",
        Kind::ServiceControl => "a service control policy",
        Kind::ResourceControl => "a resource control policy",
        Kind::Endpoint => "the VPC endpoint's policy",
        Kind::Resource => "the resource policy",
    };
    match refusal.finding {
        Finding::Denies => format!("explicitly denied by {whose}"),
        Finding::Fails => format!("a denial of {whose} cannot be evaluated"),
        _ => format!("not allowed by {whose}"),
    }
}

/// What came of a phase that let the request pass.
fn outcome(
    entered: &Entered,
    route: Option<(&[u8], &[u8])>,
    decision: Decision,
    request: &Seen<'_>,
) -> String {
    match entered.phase {
        Phase::Route => route.map_or("matched".into(), |(name, _)| printable(name)),
        Phase::Policy if decision.statement.is_some() => "allowed".into(),
        Phase::Respond => request.status.to_string(),
        _ if !entered.outcome.is_empty() => entered.outcome.clone(),
        _ => "passed".into(),
    }
}

/// What a trace says of the request itself.
pub(crate) struct Seen<'a> {
    pub(crate) method: &'a [u8],
    pub(crate) target: &'a [u8],
    pub(crate) status: u16,
    pub(crate) id: String,
    /// Where the places are, if it has a debug image.
    pub(crate) bundle: Bundle<'a>,
}

impl Observer for Trace {
    fn note(&mut self, note: Note<'_>) {
        if let Note::Phase(phase) = note
            && self.entered.last().is_none_or(|last| last.phase != phase)
        {
            self.entered.push(Entered {
                phase,
                at: Instant::now(),
                outcome: String::new(),
            });
        }
    }
}

/// Text of a client in a line of ours: nothing in it moves the cursor.
fn printable(text: &[u8]) -> String {
    let mut out = String::from_utf8_lossy(text.get(..2000).unwrap_or(text)).into_owned();
    if out.chars().any(char::is_control) {
        out = out
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
    }
    out
}

fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Start => "start",
        Phase::Site => "site",
        Phase::Waf => "waf",
        Phase::Route => "route",
        Phase::Policy => "policy",
        Phase::Authorize => "authorize",
        Phase::Key => "key",
        Phase::Limits => "limits",
        Phase::Validate => "validate",
        Phase::Cache => "cache",
        Phase::Request => "request",
        Phase::Integrate => "integrate",
        Phase::Response => "response",
        Phase::Respond => "respond",
        Phase::Log => "log",
        Phase::Done => "done",
        _ => "other",
    }
}
