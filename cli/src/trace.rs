//! What the specification's recorder heard of a request, for people and for tools.

use serde_json::{Value, json};
use tollgate_compiler::SourceMap;
use tollgate_model::api::GatewayResponseType;
use tollgate_model::policy::Effect;
use tollgate_model::{NodeId, Places, Program};
use tollgate_reference::{Answer, Call, Event, Matched, Phase, Why};

use crate::nearest::nearest;
use crate::terminal;

/// A request with everything that happened to it.
pub(crate) struct Trace<'a> {
    pub(crate) program: &'a Program,
    pub(crate) sources: &'a SourceMap,
    pub(crate) api: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) events: &'a [Event],
}

/// A place of a source, for tools.
struct Spot {
    /// `orders.gate:12`.
    line: String,
    /// The expression that decided, as written.
    text: Option<String>,
}

impl Trace<'_> {
    fn place(&self, node: &Option<NodeId>) -> Option<String> {
        node.map(|node| self.sources.file_line(node))
    }

    /// Where a statement failed: the clause, or the part of the condition.
    fn spot(&self, why: &Why) -> Spot {
        let line = match why.node == NodeId::default() {
            true => "of the authorizer's policy".to_owned(),
            false => self.sources.file_line(why.node),
        };
        let whole = Spot { line, text: None };
        let (Some(at), Some(span)) = (why.at, self.sources.span(why.node)) else {
            return whole;
        };
        let statement = self.sources.slice(span);
        let part = island(statement).and_then(|start| {
            let part = statement.get(start + at.0 as usize..start + at.1 as usize)?;
            let mut name = whole.line.rsplitn(2, ':');
            let first: usize = name.next()?.parse().ok()?;
            let line = first
                + statement
                    .get(..start + at.0 as usize)?
                    .matches('\n')
                    .count();
            Some(Spot {
                line: format!("{}:{line}", name.next()?),
                text: Some(part.to_owned()),
            })
        });
        part.unwrap_or(whole)
    }

    /// The routes that were perhaps meant, if none matched.
    fn nearest(&self, event: &Event) -> Vec<String> {
        let Event::Refused {
            phase: Phase::Route,
            ..
        } = event
        else {
            return Vec::new();
        };
        let Some(api) = self.program.api(self.api) else {
            return Vec::new();
        };
        let named = |route: &&tollgate_model::api::Route| {
            format!(
                "{} ({})",
                route.key.display(),
                self.sources.file_line(route.node)
            )
        };
        nearest(api, self.method, self.path)
            .iter()
            .map(named)
            .collect()
    }

    /// How a policy came to refuse, if the event is a policy's refusal.
    fn denial(&self, event: &Event) -> Option<&'static str> {
        let Event::Refused {
            phase: Phase::Policy | Phase::Authorize,
            response: GatewayResponseType::AccessDenied,
            ..
        } = event
        else {
            return None;
        };
        let statements = || {
            self.events.iter().filter_map(|event| match event {
                Event::Statement {
                    effect, matched, ..
                } => Some((*effect, matched)),
                _ => None,
            })
        };
        statements().next()?;
        let denies = |(effect, matched): (Effect, &Matched)| {
            effect == Effect::Deny && *matched == Matched::Yes
        };
        let fails = |(_, matched): (Effect, &Matched)| matches!(matched, Matched::Failed(_));
        Some(if statements().any(denies) {
            "explicitly denied"
        } else if statements().any(fails) {
            "failed while evaluating"
        } else {
            "not allowed by anything"
        })
    }

    /// The answer, and a line for each thing that happened.
    pub(crate) fn human(&self, answer: &Answer) -> String {
        let style = terminal::style(&std::io::stdout());
        let mut out = format!("{}\n", answer.status);
        for (name, value) in &answer.headers {
            out.push_str(&format!("{name}: {value}\n"));
        }
        out.push('\n');
        if !answer.body.is_empty() {
            out.push_str(&String::from_utf8_lossy(&answer.body));
            out.push_str("\n\n");
        }
        for event in self.events {
            let (name, text, place) = match event {
                Event::Passed {
                    phase,
                    finding,
                    node,
                } => (phase_name(*phase), finding.clone(), self.place(node)),
                Event::Refused {
                    phase,
                    response,
                    reason,
                    node,
                } => {
                    let how = self.denial(event).map(|how| format!(", {how}"));
                    let text = format!(
                        "{} {}{}: {reason}",
                        style.red("refused"),
                        response.name(),
                        how.unwrap_or_default()
                    );
                    (phase_name(*phase), text, self.place(node))
                }
                Event::Called { call } => ("→ backend", called(call), None),
                Event::Received { status, body, .. } => {
                    ("← backend", format!("{status}, {} bytes", body.len()), None)
                }
                Event::Statement {
                    node,
                    sid,
                    effect,
                    matched,
                } => {
                    let sid = sid
                        .as_ref()
                        .map(|sid| format!(" `{sid}`"))
                        .unwrap_or_default();
                    let (text, place) = self.statement(*effect, matched, *node);
                    ("", format!("{}{sid} {text}", word(*effect)), Some(place))
                }
            };
            let place = place.map(|p| format!("  ({p})")).unwrap_or_default();
            out.push_str(&format!("{name:<20} {text}{place}\n"));
            for (n, near) in self.nearest(event).iter().enumerate() {
                let label = if n == 0 { "nearest is" } else { "then" };
                out.push_str(&format!("{:<20} {label} {near}\n", ""));
            }
        }
        out
    }

    /// What came of a statement, and where that is decided.
    fn statement(&self, effect: Effect, matched: &Matched, node: NodeId) -> (String, String) {
        // What an authorizer returned stands in no source.
        let own = || match node == NodeId::default() {
            true => "of the authorizer's policy".to_owned(),
            false => self.sources.file_line(node),
        };
        let told = |what: &str, why: &Why| {
            let spot = self.spot(why);
            let text = match spot.text {
                Some(part) => format!("{what}: {}: `{}`", why.text, on_one_line(&part)),
                None => format!("{what}: {}", why.text),
            };
            (text, spot.line)
        };
        match matched {
            Matched::Yes => ("matches".to_owned(), own()),
            Matched::No(why) => told("does not match", why),
            Matched::Failed(why) => told(
                match effect {
                    Effect::Deny => "takes effect",
                    Effect::Allow => "does not match",
                },
                why,
            ),
        }
    }

    /// The answer and what happened as one document.
    pub(crate) fn json(&self, answer: &Answer) -> Value {
        let trace: Vec<Value> = self
            .events
            .iter()
            .map(|event| match event {
                Event::Passed { phase, finding, node } => json!({
                    "phase": phase_name(*phase), "passed": true, "finding": finding, "at": self.place(node),
                }),
                Event::Refused {
                    phase,
                    response,
                    reason,
                    node,
                } => json!({
                    "phase": phase_name(*phase), "passed": false, "response": response.name(), "reason": reason,
                    "outcome": self.denial(event), "at": self.place(node), "nearest": self.nearest(event),
                }),
                Event::Called { call } => json!({
                    "called": {"method": call.method, "url": call.url(), "headers": call.headers,
                        "body": String::from_utf8_lossy(&call.body)},
                }),
                Event::Received { status, headers, body } => json!({
                    "received": {"status": status, "headers": headers, "body": String::from_utf8_lossy(body)},
                }),
                Event::Statement {
                    node,
                    sid,
                    effect,
                    matched,
                } => {
                    let (name, why) = match matched {
                        Matched::Yes => ("yes", None),
                        Matched::No(why) => ("no", Some(why)),
                        Matched::Failed(why) => ("failed", Some(why)),
                    };
                    let failed = why.map(|why| {
                        let spot = self.spot(why);
                        json!({"reason": why.text, "at": spot.line, "text": spot.text})
                    });
                    json!({
                        "statement": {"at": self.sources.file_line(*node), "sid": sid, "effect": word(*effect),
                            "matched": name, "failed": failed},
                    })
                }
            })
            .collect();
        json!({
            "status": answer.status,
            "headers": answer.headers,
            "body": String::from_utf8_lossy(&answer.body),
            "response": answer.refusal.map(|r| r.name()),
            "trace": trace,
        })
    }
}

/// Where the text of a statement's condition begins: behind the brace of its `when` or `unless`, and blanks.
fn island(statement: &str) -> Option<usize> {
    ["when", "unless"]
        .iter()
        .flat_map(|word| statement.match_indices(word))
        .filter_map(|(at, word)| {
            let before = statement.get(..at)?;
            let rest = statement.get(at + word.len()..)?;
            let open = rest.trim_start().starts_with('{');
            let apart = before.ends_with(char::is_whitespace);
            let inside = rest.get(rest.find('{')? + 1..)?;
            let start = statement.len() - inside.trim_start().len();
            (open && apart).then_some(start)
        })
        // A condition may hold such words in its own texts: the first one begins it.
        .min()
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::Deny => "deny",
    }
}

fn called(call: &Call) -> String {
    format!("{} {}, {} bytes", call.method, call.url(), call.body.len())
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Site => "stage",
        Phase::Canary => "canary",
        Phase::Route => "route",
        Phase::Policy => "resource policy",
        Phase::Authorize => "authorizer",
        Phase::Key => "API key",
        Phase::Limits => "limits",
        Phase::Validate => "validation",
        Phase::Cache => "cache",
        Phase::IntegrationRequest => "integration request",
        Phase::Integration => "integration",
        Phase::IntegrationResponse => "integration response",
        Phase::MethodResponse => "method response",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_found_in_its_statement() {
        for (statement, wanted) in [
            ("deny anyone to invoke /a/* unless { x }", Some("x }")),
            ("allow anyone to invoke /when/{a}", None),
            ("deny anyone to invoke * on whenever when{x}", Some("x}")),
            (
                "deny anyone to invoke *\n  when { t == \" unless { \" }",
                Some("t == \" unless { \" }"),
            ),
        ] {
            let found = island(statement).and_then(|at| statement.get(at..));
            assert_eq!(found, wanted, "{statement}");
        }
    }
}
