//! What the targets share: a world that lends little, and a host that says yes.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

use tollgate_runtime::{Backend, Bundle, Head, Outcome, Step, World};

/// An answer is on its way.
pub const SENT: Outcome<'static> = Outcome::Sent {
    bytes: 1,
    latency_us: 1,
};

/// A world in which every backend answers with a short JSON object.
pub fn world<'a>(bundle: Bundle<'a>, head: Head<'a>, body: &'a [u8]) -> World<'a> {
    World {
        body: Some(body),
        backend: Some(Backend {
            status: 200,
            headers: &[],
            body: Some(b"{\"statusCode\": 200, \"body\": \"hello\"}"),
            latency_us: 1,
        }),
        now_ms: 1_795_428_000_250,
        request_id: [7; 16],
        extended_request_id: b"fuzz",
        trace_seed: [7; 20],
        random: 7,
        ..World::plain(bundle, head)
    }
}

/// What a host that does everything says of a step.
pub fn answered(step: &Step<'_>) -> Outcome<'static> {
    match step {
        Step::ReadBody { .. } => Outcome::Body,
        Step::Integrate(_) | Step::Authorizer { .. } => Outcome::Backend,
        Step::Spend { .. } => Outcome::Spent,
        Step::Verify(_) => Outcome::Key(0),
        Step::CacheGet { .. } | Step::AuthorizerCache { .. } => Outcome::Miss,
        Step::Respond(_) => SENT,
        _ => Outcome::Kept,
    }
}
