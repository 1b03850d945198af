//! The session: one event's way through the lifecycle, as plain data that keeps no reference.

use crate::bundle::Site;
use crate::observe::{Note, Observer};
use crate::scratch::Scratch;
use crate::step::{BodyOut, Event, Fields, Outcome, Response, Step};
use crate::world::World;

/// A phase of the lifecycle, in the reference's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
#[repr(u8)]
pub enum Phase {
    /// Nothing happened yet.
    Start,
    /// Host, stage and size limits.
    Site,
    /// Web ACL.
    Waf,
    /// Resource and method.
    Route,
    /// Resource policy.
    Policy,
    /// Authentication and authorizers.
    Authorize,
    /// API key.
    Key,
    /// Throttles and quotas.
    Limits,
    /// Request validation.
    Validate,
    /// Cache lookup.
    Cache,
    /// Integration request.
    Request,
    /// The backend is called.
    Integrate,
    /// Integration response and method response.
    Response,
    /// The answer is on its way.
    Respond,
    /// Cache store and access log.
    Log,
    /// The end.
    Done,
}

/// How a route's request body is to be treated; known right after routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyPlan {
    /// Not looked at: the host drops it.
    None,
    /// Passed on as it comes: the host never reads it whole.
    Stream,
    /// Read whole, up to so many bytes.
    Buffer(u32),
}

/// Who decided, and when. Always known, also without debug images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The phase that ended the request's way to the backend, or the last one entered.
    pub phase: Phase,
    /// The policy statement that decided; a debug image maps it to its place in the source.
    pub statement: Option<u32>,
    /// The route, as its index in the deployment image.
    pub route: Option<u32>,
}

/// One event's way through the lifecycle.
///
/// Plain data: `Send + 'static`, no reference, so it sleeps in any host's context while the host does what a
/// [`Step`] asks. The host lends the [`World`] anew at every call.
#[derive(Debug)]
pub struct Session {
    site: Site,
    decision: Decision,
    body_plan: BodyPlan,
}

impl Session {
    /// A session for a request that goes to `site`.
    #[must_use]
    pub fn begin(site: Site) -> Session {
        Session {
            site,
            decision: Decision {
                phase: Phase::Start,
                statement: None,
                route: None,
            },
            body_plan: BodyPlan::None,
        }
    }

    /// Who decided. O(1).
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// How the request body is to be treated; meaningful from the first step on.
    #[must_use]
    pub fn body_plan(&self) -> BodyPlan {
        self.body_plan
    }

    /// Goes on to the next step.
    ///
    /// A wrong outcome for the current step, a foreign bundle or any fault leads to the fail-closed answer.
    /// Never panics.
    pub fn advance<'v>(
        &'v mut self,
        world: &'v World<'v>,
        scratch: &'v mut Scratch,
        outcome: Outcome<'v>,
    ) -> Step<'v> {
        self.advance_observed(world, scratch, outcome, &mut ())
    }

    /// As [`advance`](Session::advance), with an observer.
    pub fn advance_observed<'v, O: Observer>(
        &'v mut self,
        world: &'v World<'v>,
        scratch: &'v mut Scratch,
        outcome: Outcome<'v>,
        observer: &mut O,
    ) -> Step<'v> {
        let next = match (self.decision.phase, outcome) {
            (Phase::Start, Outcome::Begin(Event::Http)) => Phase::Respond,
            (Phase::Respond, _) => Phase::Done,
            (Phase::Done, _) => Phase::Done,
            _ => Phase::Respond,
        };
        self.decision.phase = next;
        observer.note(Note::Phase(next));
        let status = if self.site == Site::NOWHERE { 403 } else { 500 };
        match next {
            Phase::Respond => Step::Respond(Response {
                status,
                headers: Fields {
                    cells: &[],
                    world,
                    scratch,
                },
                body: BodyOut::Empty,
                compress_from: None,
            }),
            _ => Step::Done,
        }
    }
}
