//! What happened to a request, phase by phase, for the people who watch.

use std::fmt::Write;
use std::time::Instant;

use tollgate_runtime::{Decision, Note, Observer, Phase};

/// The phases that a request went through, with the times at which it entered them.
pub(crate) struct Trace {
    entered: Vec<(Phase, Instant)>,
}

impl Trace {
    pub(crate) fn new() -> Trace {
        Trace {
            entered: Vec::with_capacity(16),
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
        for (n, (phase, entered)) in self.entered.iter().enumerate() {
            if *phase == Phase::Done {
                continue;
            }
            let left = self.entered.get(n + 1).map_or(ended, |(_, next)| *next);
            let spent = left.saturating_duration_since(*entered).as_micros();
            let decided = if *phase == decision.phase {
                "  decided"
            } else {
                ""
            };
            let _ = write!(out, "\n  {:<10} {spent:>8} µs{decided}", name(*phase));
        }
        out
    }
}

/// What a trace says of the request itself.
pub(crate) struct Seen<'a> {
    pub(crate) method: &'a [u8],
    pub(crate) target: &'a [u8],
    pub(crate) status: u16,
    pub(crate) id: String,
}

impl Observer for Trace {
    fn note(&mut self, note: Note<'_>) {
        if let Note::Phase(phase) = note
            && self.entered.last().is_none_or(|(last, _)| *last != phase)
        {
            self.entered.push((phase, Instant::now()));
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
