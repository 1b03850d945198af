//! The session: one event's way through the lifecycle, as plain data that keeps no reference.

use crate::bundle::{Image, Section, Site, records};
use crate::machine::{CalledKind, Core, Course, Halt, List, Machine, OutBody, Waiting};
use crate::observe::{Note, Observer};
use crate::phases::Next;
use crate::policy::{Finding, Refusal, Verdict};
use crate::response_type::ResponseType;
use crate::scratch::Scratch;
use crate::step::{BodyOut, Call, CallKind, Event, Fields, Outcome, Response, Step, Verify};
use crate::trust::Trust;
use crate::value::Text;
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
    /// That image, as its index in the edge image's list; meaningful where there is a route.
    pub deployment: u16,
    /// The gateway response that the answer is, if the gateway itself answered.
    pub response: Option<ResponseType>,
    /// The policies that kept the request out, where policies of several kinds were asked.
    pub refusal: Option<Refusal>,
    /// What failed, where a bound of the runtime was met or a template could not be rendered: for people.
    pub fault: Option<&'static str>,
}

/// One event's way through the lifecycle.
///
/// Plain data: `Send + 'static`, no reference, so it sleeps in any host's context while the host does what a
/// [`Step`] asks. The host lends the [`World`] anew at every call.
#[derive(Debug)]
pub struct Session {
    core: Core,
}

impl Session {
    /// A session for a request that goes to `site`.
    #[must_use]
    pub fn begin(site: Site) -> Session {
        Session {
            core: Core::new(site),
        }
    }

    /// Who decided. O(1).
    #[must_use]
    pub fn decision(&self) -> Decision {
        Decision {
            phase: self.core.decided,
            statement: self.core.statement,
            route: self.core.route,
            deployment: self.core.deployment,
            response: self.core.error.map(|halt| halt.ty),
            refusal: self.core.refusal,
            fault: self.core.error.and_then(|halt| halt.fault),
        }
    }

    /// How the request body is to be treated; meaningful from the first step on.
    #[must_use]
    pub fn body_plan(&self) -> BodyPlan {
        self.core.body_plan
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
        let next = advance(&mut self.core, world, scratch, outcome, None);
        self.step(next, world, scratch)
    }

    /// As [`advance`](Session::advance), with an observer.
    pub fn advance_observed<'v>(
        &'v mut self,
        world: &'v World<'v>,
        scratch: &'v mut Scratch,
        outcome: Outcome<'v>,
        observer: &mut dyn Observer,
    ) -> Step<'v> {
        let next = advance(&mut self.core, world, scratch, outcome, Some(observer));
        let step = self.step(next, world, scratch);
        match step {
            Step::Integrate(Call {
                body: BodyOut::Bytes(bytes),
                ..
            }) => observer.note(Note::IntegrationBody(bytes)),
            Step::Respond(Response {
                body: BodyOut::Bytes(bytes),
                ..
            }) => observer.note(Note::ResponseBody(bytes)),
            _ => {}
        }
        step
    }

    /// Finds the route and asks the resource policy, and nothing else: for a host that wants no more, or wants to
    /// know how the body is to be treated before it begins. [`Decision::response`] is what refuses the request; a
    /// route's authorizer, key and limits may still refuse one that is let through here. Ends the session.
    pub fn screen(&mut self, world: &World<'_>, scratch: &mut Scratch) -> Decision {
        let core = &mut self.core;
        core.identity = world.bundle.identity();
        scratch.clear();
        let mut machine = Machine {
            edge: world.bundle.edge(),
            image: crate::bundle::Image::default(),
            core,
            world,
            scratch,
            cut: None,
            observer: None,
        };
        let screened = machine.arrive().and_then(|()| {
            machine.admissible()?;
            machine.screen()
        });
        if let Err(halt) = screened {
            machine.core.decided = machine.core.phase;
            machine.core.error = Some(halt);
        }
        machine.core.waiting = Waiting::Done;
        self.decision()
    }

    /// Asks the resource policy, and nothing else, about the route that [`screen`](Session::screen) found before:
    /// for a host that asks again because the time or the connection changed. Without a policy or a route it is
    /// absent.
    pub fn consider(&mut self, world: &World<'_>, scratch: &mut Scratch) -> Finding {
        if self.core.identity != world.bundle.identity() {
            return Finding::Fails;
        }
        if !self.core.has_policy {
            return Finding::Absent;
        }
        let image = world.bundle.deployment(self.core.deployment);
        let mut course = Course::begin(self.core.policy, self.core.resource_path);
        let said = match course.run(world, &image) {
            Some(said) => Some(said),
            None => self.verdict_from(world, scratch, &image, course),
        };
        said.map_or(Finding::Fails, |(verdict, failed)| verdict.finding(failed))
    }

    /// The same, of a policy that asks for more than the connection.
    #[inline(never)]
    fn verdict_from<'v>(
        &mut self,
        world: &'v World<'v>,
        scratch: &mut Scratch,
        image: &Image<'v>,
        course: Course,
    ) -> Option<(Verdict, bool)> {
        scratch.clear();
        let mut machine = Machine {
            edge: world.bundle.edge(),
            image: *image,
            core: &mut self.core,
            world,
            scratch,
            cut: None,
            observer: None,
        };
        machine.verdict_from(*image, course)
    }

    /// The call of a backend or authorizer.
    fn call<'v>(&'v self, world: &'v World<'v>, scratch: &'v Scratch) -> Call<'v> {
        let core = &self.core;
        let called = &core.called;
        let text = |t: Text| world.resolve(scratch, t).unwrap_or(&[]);
        Call {
            kind: match called.kind {
                CalledKind::Http => CallKind::Http,
                CalledKind::Lambda { asynchronous } => CallKind::Lambda {
                    function: text(called.target),
                    asynchronous,
                },
                CalledKind::Service { action } => CallKind::AwsService {
                    region: text(called.region),
                    service: text(called.service),
                    action,
                    target: text(called.target),
                },
            },
            method: text(called.method),
            uri: text(called.uri),
            query: text(called.query),
            headers: fields(core.request.headers, world, scratch),
            body: out_body(core.request.body, world, scratch),
            timeout_ms: called.timeout_ms,
            credentials: called.credentials.map(text),
            vpc_link: called.vpc_link.map(text),
            insecure: called.insecure,
            stream_back: called.stream_back,
        }
    }

    fn step<'v>(&'v self, next: Next, world: &'v World<'v>, scratch: &'v Scratch) -> Step<'v> {
        let core = &self.core;
        let text = |t: Text| world.resolve(scratch, t).unwrap_or(&[]);
        match next {
            Next::ReadBody(max) => Step::ReadBody { max },
            Next::VerifyKey => Step::Verify(Verify::ApiKey {
                value: core.api_key.map(text).unwrap_or(&[]),
            }),
            Next::VerifySignature => {
                let image = world.bundle.deployment(core.deployment);
                let region = image.record::<records::Api>(Section::Api, 0);
                Step::Verify(Verify::SigV4 {
                    region: region.map_or(&[], |api| image.bytes(api.region)),
                    unsigned_payload: core.unsigned_payload,
                })
            }
            Next::VerifyToken => Step::Verify(Verify::Token {
                authorizer: core.authorizer,
                token: core.caller.map(text).unwrap_or(&[]),
                trust: Trust {
                    world,
                    deployment: core.deployment,
                    stage: core.site.stage,
                    canary: core.canary,
                    route: core.route,
                    authorizer: core.authorizer,
                },
            }),
            Next::AuthorizerCache => Step::AuthorizerCache {
                authorizer: core.authorizer,
                key: core.authorizer_key.map(text).unwrap_or(&[]),
            },
            Next::Authorizer => Step::Authorizer {
                call: self.call(world, scratch),
                authorizer: core.authorizer,
            },
            Next::KeepIdentity => Step::KeepIdentity {
                record: core.record.map(text).unwrap_or(&[]),
                ttl_s: core.authorizer_ttl_s,
                key: core
                    .authorizer_key
                    .filter(|_| core.authorizer_ttl_s > 0)
                    .map(text),
            },
            Next::Spend => {
                let count = usize::from(core.charge_count).min(core.charges.len());
                Step::Spend {
                    charges: core.charges.get(..count).unwrap_or(&[]),
                }
            }
            Next::CacheGet => Step::CacheGet {
                key: core.cache_key.map(text).unwrap_or(&[]),
                coalesce: true,
            },
            Next::CachePut => Step::CachePut {
                key: core.cache_key.map(text).unwrap_or(&[]),
                record: core.record.map(text).unwrap_or(&[]),
                ttl_s: core.cache_ttl_s,
            },
            Next::Integrate => Step::Integrate(self.call(world, scratch)),
            Next::Respond => Step::Respond(Response {
                status: core.answer.status,
                headers: fields(core.answer.headers, world, scratch),
                body: out_body(core.answer.body, world, scratch),
                compress_from: Some(core.compress_from).filter(|from| *from != u32::MAX),
            }),
            Next::Log => Step::Log {
                line: core.log_line.map(text).unwrap_or(&[]),
            },
            Next::Done => Step::Done,
        }
    }
}

fn advance<'v>(
    core: &mut Core,
    world: &'v World<'v>,
    scratch: &mut Scratch,
    outcome: Outcome<'v>,
    observer: Option<&mut dyn Observer>,
) -> Next {
    let identity = world.bundle.identity();
    if let (Waiting::Begin, Outcome::Begin(Event::Http)) = (core.waiting, outcome) {
        core.identity = identity;
        scratch.clear();
    }
    let image = world.bundle.deployment(core.deployment);
    let mut machine = Machine {
        edge: world.bundle.edge(),
        image,
        core,
        world,
        scratch,
        cut: None,
        // Shortens the observer's lifetime, which is behind two references.
        observer: observer.map(|o| o as &mut dyn Observer),
    };
    let reached = if machine.core.identity != identity {
        // Another bundle than the session began with: none of its handles mean anything there.
        machine.image = crate::bundle::Image::default();
        machine.edge = crate::bundle::Image::default();
        match machine.core.waiting {
            Waiting::Sent | Waiting::Stored | Waiting::Log | Waiting::Done => {
                return machine.done();
            }
            _ => Err(Halt::INTERNAL),
        }
    } else {
        match (machine.core.waiting, outcome) {
            (Waiting::Begin, Outcome::Begin(Event::Http)) => machine.begin(),
            (Waiting::Body, Outcome::Body) if world.body.is_some() => machine.body_read(),
            (Waiting::Body, Outcome::Failed(fault)) => Err(machine.unread(fault)),
            (Waiting::AuthorizerCache, Outcome::Hit(_)) if world.identity.is_some() => {
                machine.judge()
            }
            (Waiting::AuthorizerCache, Outcome::Miss) => machine.call_authorizer(),
            (Waiting::Authorizer, Outcome::Backend) => machine.authorizer_answered(),
            (Waiting::Authorizer, Outcome::Failed(fault)) => Err(machine.authorizer_failed(fault)),
            (Waiting::SignedBody, Outcome::Body) if world.body.is_some() => {
                machine.verify_signature()
            }
            (Waiting::SignedBody, Outcome::Failed(fault)) => Err(machine.unread(fault)),
            (Waiting::Signature | Waiting::Token, Outcome::Verified { claims, policies }) => {
                machine.verified(claims, policies)
            }
            (Waiting::Signature | Waiting::Token, Outcome::Denied { code, message }) => {
                Err(machine.not_verified(code, message))
            }
            (Waiting::Identity, Outcome::Kept) if world.identity.is_some() => machine.identified(),
            (Waiting::Key, Outcome::Key(index)) => machine.key_found(index),
            (Waiting::Key, Outcome::Miss) => Err(Halt::new(ResponseType::InvalidApiKey)),
            (Waiting::Spend, Outcome::Spent) => machine.spent(),
            (Waiting::SpendFirst, Outcome::Spent) => machine.spent_first(),
            (Waiting::Spend | Waiting::SpendFirst, Outcome::Refused { index }) => {
                Err(machine.refused(index))
            }
            (Waiting::Cache, Outcome::Hit(record)) => machine.cache_hit(record),
            // Without its cache a stage serves as if nothing were kept.
            (Waiting::Cache, Outcome::Miss | Outcome::Failed(_)) => machine.integration_request(),
            (Waiting::Integration, Outcome::Backend) => machine.answered(),
            (Waiting::Integration, Outcome::Failed(fault)) => Err(machine.unanswered(fault)),
            (Waiting::Sent, Outcome::Sent { bytes, latency_us }) => {
                (machine.core.sent, machine.core.latency_us) = (bytes, latency_us);
                return machine.sent();
            }
            (Waiting::Sent | Waiting::Stored, _) => return machine.log(),
            (Waiting::Log | Waiting::Done, _) => return machine.done(),
            _ => Err(Halt::INTERNAL),
        }
    };
    reached
        .or_else(|halt| {
            machine.gateway_response(halt).or_else(|_| {
                // A full scratch has no room for the answer that says so.
                machine.scratch.open_spare();
                machine.gateway_response(halt)
            })
        })
        .unwrap_or_else(|_| machine.last_resort())
}

const _: () = {
    const fn sleeps_anywhere<T: Send + 'static>() {}
    sleeps_anywhere::<Session>();
};

fn fields<'v>(list: List, world: &'v World<'v>, scratch: &'v Scratch) -> Fields<'v> {
    let cells = scratch.cells(list.start, list.len * 2).unwrap_or(&[]);
    Fields {
        cells,
        world,
        scratch,
    }
}

fn out_body<'v>(body: OutBody, world: &'v World<'v>, scratch: &'v Scratch) -> BodyOut<'v> {
    match body {
        OutBody::Empty => BodyOut::Empty,
        OutBody::Text(t) if t.is_empty() => BodyOut::Empty,
        OutBody::Text(t) => BodyOut::Bytes(world.resolve(scratch, t).unwrap_or(&[])),
        OutBody::PassRequest => BodyOut::PassRequest,
        OutBody::PassBackend => BodyOut::PassBackend,
    }
}
