//! The machine: a session's data, what the host lends, and the scratch, together for the length of one call.

mod cel;
mod condition;
mod context;
mod course;
mod lookup;
mod ops;
mod output;
mod principal;
mod query;
mod run;
mod text;
mod truth;

pub use context::Variable;
pub(crate) use course::Course;
pub(crate) use lookup::visible;
pub(crate) use output::Output;
pub(crate) use query::Query;
pub(crate) use run::Target;
pub(crate) use truth::Truth;

use crate::behaviour::Switch;
use crate::bundle::records as r;
use crate::bundle::wire::Label;
use crate::bundle::{Image, Section, Site};
use crate::json::Bound;
use crate::observe::Observer;
use crate::phases::MAX_CHARGES;
use crate::policy::Verdict;
use crate::response_type::ResponseType;
use crate::scratch::{Exhausted, Scratch};
use crate::session::{BodyPlan, Phase};
use crate::step::{Charge, Limit};
use crate::value::{Text, Value};
use crate::world::World;

/// The kinds of API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ApiKind {
    #[default]
    Rest,
    Http,
}

/// A growing list of (name, value) pairs in the cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) start: u32,
    /// Pairs.
    pub(crate) len: u32,
    cap: u32,
}

impl List {
    /// Appends a pair; moves the list to the end of the cells when it is full.
    pub(crate) fn push(
        &mut self,
        scratch: &mut Scratch,
        name: Text,
        value: Value,
    ) -> Result<(), Exhausted> {
        if self.len == self.cap {
            let cap = (self.cap * 2).max(16);
            let start = scratch.push_cells(cap.checked_mul(2).ok_or(Exhausted)?)?;
            for i in 0..self.len * 2 {
                let cell = scratch.cell(self.start + i).unwrap_or_default();
                scratch.set_cell(start + i, cell);
            }
            (self.start, self.cap) = (start, cap);
        }
        scratch.set_cell(self.start + self.len * 2, Value::Text(name));
        scratch.set_cell(self.start + self.len * 2 + 1, value);
        self.len += 1;
        Ok(())
    }

    /// The pair at `index`.
    pub(crate) fn get(self, scratch: &Scratch, index: u32) -> Option<(Text, Value)> {
        if index >= self.len {
            return None;
        }
        match (
            scratch.cell(self.start + index * 2)?,
            scratch.cell(self.start + index * 2 + 1)?,
        ) {
            (Value::Text(name), value) => Some((name, value)),
            _ => None,
        }
    }

    /// Takes the pair at `index` out; the order of the others stays.
    pub(crate) fn remove(&mut self, scratch: &mut Scratch, index: u32) {
        if index >= self.len {
            return;
        }
        for i in index * 2..(self.len - 1) * 2 {
            let cell = scratch.cell(self.start + i + 2).unwrap_or_default();
            scratch.set_cell(self.start + i, cell);
        }
        self.len -= 1;
    }
}

/// A body on its way out, as a handle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OutBody {
    #[default]
    Empty,
    Text(Text),
    PassRequest,
    PassBackend,
}

/// What is being built: an integration request, or the answer to the client.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Message {
    pub(crate) status: u16,
    pub(crate) headers: List,
    pub(crate) query: List,
    pub(crate) placeholders: List,
    pub(crate) body: OutBody,
    /// Whether a template made the body.
    pub(crate) rendered: bool,
}

/// The integration call, as handles.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Called {
    pub(crate) method: Text,
    pub(crate) uri: Text,
    pub(crate) query: Text,
    /// For Lambda the function, for a service its target.
    pub(crate) target: Text,
    pub(crate) region: Text,
    pub(crate) service: Text,
    pub(crate) kind: CalledKind,
    pub(crate) credentials: Option<Text>,
    pub(crate) vpc_link: Option<Text>,
    pub(crate) timeout_ms: u32,
    pub(crate) insecure: bool,
    pub(crate) stream_back: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CalledKind {
    #[default]
    Http,
    Lambda {
        asynchronous: bool,
    },
    Service {
        action: bool,
    },
}

/// Why a request does not reach its backend, or an answer not its client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halt {
    pub(crate) ty: ResponseType,
    /// Instead of the type's own.
    pub(crate) status: Option<u16>,
    /// Instead of the type's own.
    pub(crate) message: Option<Text>,
    /// Whether policies deny explicitly, where it is they that refuse: the answer's message says so and to whom.
    pub(crate) denied: Option<bool>,
    /// Instead of the type's own.
    pub(crate) error: Option<&'static str>,
    /// `$context.error.validationErrorString`; of an HTTP API `www-authenticate`, what is wrong with a token.
    pub(crate) detail: Option<Text>,
    /// What failed, for traces.
    pub(crate) fault: Option<&'static str>,
}

impl Halt {
    pub(crate) const fn new(ty: ResponseType) -> Halt {
        Halt {
            ty,
            status: None,
            message: None,
            denied: None,
            error: None,
            detail: None,
            fault: None,
        }
    }

    /// A refusal by policies.
    pub(crate) const fn denied(explicit: bool) -> Halt {
        Halt {
            denied: Some(explicit),
            ..Halt::new(ResponseType::AccessDenied)
        }
    }

    /// `Internal server error` without a type of its own.
    pub(crate) const INTERNAL: Halt = Halt::new(ResponseType::Default5xx);

    pub(crate) const fn status(self, status: u16) -> Halt {
        Halt {
            status: Some(status),
            ..self
        }
    }

    pub(crate) const fn message(self, message: Text) -> Halt {
        Halt {
            message: Some(message),
            ..self
        }
    }

    pub(crate) const fn error(self, error: &'static str) -> Halt {
        Halt {
            error: Some(error),
            ..self
        }
    }

    pub(crate) const fn fault(self, fault: &'static str) -> Halt {
        Halt {
            fault: Some(fault),
            ..self
        }
    }
}

impl From<Bound> for Halt {
    fn from(bound: Bound) -> Halt {
        Halt::INTERNAL.fault(bound.message())
    }
}

impl From<Exhausted> for Halt {
    fn from(_: Exhausted) -> Halt {
        Bound::Memory.into()
    }
}

/// What the session waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// [`Outcome::Begin`](crate::Outcome::Begin).
    #[default]
    Begin,
    Body,
    /// The body, of a request whose signature is to be verified.
    SignedBody,
    Signature,
    Token,
    AuthorizerCache,
    Authorizer,
    Identity,
    Key,
    Spend,
    /// The stage's limits, before anybody asks who calls.
    SpendFirst,
    Cache,
    Integration,
    Sent,
    /// [`Outcome::Kept`](crate::Outcome::Kept) of a cached answer.
    Stored,
    Log,
    Done,
}

/// A session's data. Plain, without references.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Core {
    pub(crate) site: Site,
    /// The kind of the API; REST until the API is known.
    pub(crate) kind: ApiKind,
    pub(crate) identity: u64,
    pub(crate) waiting: Waiting,
    pub(crate) phase: Phase,
    pub(crate) decided: Phase,
    pub(crate) statement: Option<u32>,
    pub(crate) route: Option<u32>,
    /// Whether the API has a resource policy, and its class for the route.
    pub(crate) has_policy: bool,
    pub(crate) policy: Label,
    pub(crate) body_plan: BodyPlan,
    pub(crate) deployment: u16,
    pub(crate) canary: bool,
    /// The verb that counts: `X-HTTP-Method-Override` replaces the request's.
    pub(crate) method: Text,
    /// The path behind stage or mapping, as offsets in the target.
    pub(crate) path: (u32, u32),
    /// What routing looked at of it: without slashes around.
    pub(crate) routed: (u32, u32),
    /// What the method's ARN shows of the path.
    pub(crate) resource_path: Text,
    /// The raw query, as offsets in the target.
    pub(crate) query: (u32, u32),
    /// What templates and mappings choose by.
    pub(crate) media: Text,
    /// The content type that a program chose for the answer.
    pub(crate) content_type: Option<Text>,
    pub(crate) request: Message,
    pub(crate) answer: Message,
    pub(crate) called: Called,
    pub(crate) error: Option<Halt>,
    /// The names of missing parameters so far.
    pub(crate) missing: Option<Text>,
    pub(crate) integration_status: u16,
    pub(crate) integration_latency_us: u32,
    pub(crate) sent: u64,
    pub(crate) latency_us: u32,
    /// Whether the answer carries the trace id.
    pub(crate) traced: bool,
    pub(crate) log_line: Option<Text>,
    /// What the resource policy says, if there is one.
    pub(crate) resource: Option<Verdict>,
    /// Whether the answer is the gateway's own to a preflight.
    pub(crate) preflight: bool,
    /// Whether policies are asked on their own, without a request.
    pub(crate) asked: bool,
    /// Which policies kept the request out.
    pub(crate) refusal: Option<crate::policy::Refusal>,
    /// The authorizer's cache key, and the record to be kept.
    pub(crate) authorizer_key: Option<Text>,
    pub(crate) record: Option<Text>,
    /// What identifies the caller, in parts.
    pub(crate) caller: Option<Text>,
    /// Whether a signature may leave the body out.
    pub(crate) unsigned_payload: bool,
    pub(crate) authorizer: u16,
    pub(crate) authorizer_ttl_s: u32,
    /// Whether the answer that is lent is the integration's.
    pub(crate) integrated: bool,
    /// What the client's key is, where the method wants one.
    pub(crate) api_key: Option<Text>,
    pub(crate) key_index: Option<u32>,
    pub(crate) charges: [Charge; MAX_CHARGES],
    /// Which answer each charge's refusal gives.
    pub(crate) refusals: [ResponseType; MAX_CHARGES],
    pub(crate) charge_count: u8,
    /// The content conversion of the integration response that was selected.
    pub(crate) answer_content: u8,
    /// `$context` as templates left it.
    pub(crate) kept_context: Value,
    /// What the answer is kept under, and for how long.
    pub(crate) cache_key: Option<Text>,
    pub(crate) cache_ttl_s: u32,
    /// Whether the client is told that its wish to pass the cache by is ignored.
    pub(crate) cache_warning: bool,
    /// Whether the limits of stage and account are spent already.
    pub(crate) stage_charged: bool,
    /// The API's smallest answer that is compressed; `u32::MAX`: none is.
    pub(crate) compress_from: u32,
}

impl Core {
    pub(crate) fn new(site: Site) -> Core {
        Core {
            site,
            kind: ApiKind::Rest,
            identity: 0,
            waiting: Waiting::Begin,
            phase: Phase::Start,
            decided: Phase::Start,
            statement: None,
            route: None,
            has_policy: false,
            policy: Label::NONE,
            body_plan: BodyPlan::None,
            deployment: u16::MAX,
            canary: false,
            method: Text::EMPTY,
            path: (0, 0),
            routed: (0, 0),
            resource_path: Text::EMPTY,
            query: (0, 0),
            media: Text::EMPTY,
            content_type: None,
            request: Message::default(),
            answer: Message::default(),
            called: Called::default(),
            error: None,
            missing: None,
            integration_status: 0,
            integration_latency_us: 0,
            sent: 0,
            latency_us: 0,
            traced: false,
            log_line: None,
            resource: None,
            preflight: false,
            asked: false,
            refusal: None,
            authorizer_key: None,
            record: None,
            caller: None,
            unsigned_payload: false,
            authorizer: u16::MAX,
            authorizer_ttl_s: 0,
            integrated: false,
            api_key: None,
            key_index: None,
            charges: [Charge {
                bucket: 0,
                limit: Limit::Rate {
                    rate_micro: 0,
                    burst: 0,
                },
            }; MAX_CHARGES],
            refusals: [ResponseType::Throttled; MAX_CHARGES],
            charge_count: 0,
            answer_content: 0,
            kept_context: Value::Missing,
            cache_key: None,
            cache_ttl_s: 0,
            cache_warning: false,
            stage_charged: false,
            compress_from: u32::MAX,
        }
    }
}

/// Everything that a phase looks at and changes.
pub(crate) struct Machine<'a, 'v> {
    pub(crate) core: &'a mut Core,
    pub(crate) world: &'v World<'v>,
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) edge: Image<'v>,
    pub(crate) image: Image<'v>,
    /// The parameters of the query, once something asks for one.
    pub(crate) cut: Option<Query>,
    /// Who watches. A reference that is rarely there costs less than a second copy of every phase.
    pub(crate) observer: Option<&'a mut dyn Observer>,
}

impl<'v> Machine<'_, 'v> {
    /// The record of the stage that serves.
    pub(crate) fn stage(&self) -> Option<r::Stage> {
        self.edge
            .record(Section::Stages, u32::from(self.core.site.stage))
    }

    /// The record of the API.
    pub(crate) fn api(&self) -> Option<r::Api> {
        self.image.record(Section::Api, 0)
    }

    /// The record of the route.
    pub(crate) fn route(&self) -> Option<r::Route> {
        self.image.record(Section::Routes, self.core.route?)
    }

    /// The record of the route's integration.
    pub(crate) fn integration(&self) -> Option<r::Integration> {
        self.image
            .record(Section::Integrations, self.route()?.integration)
    }

    /// The value of a behaviour switch.
    pub(crate) fn switch(&self, switch: Switch) -> u32 {
        let all = crate::bundle::wire::Range {
            off: 0,
            len: u32::MAX,
        };
        let set = self
            .image
            .records::<r::SwitchValue>(Section::Behaviour, all);
        let mut found = None;
        for value in set {
            if value.switch == switch as u16 {
                found = Some(value.value);
            }
        }
        found.unwrap_or(switch.default_value())
    }

    /// The integration's answer, once there is one. An authorizer's is none.
    pub(crate) fn backend(&self) -> Option<crate::Backend<'v>> {
        self.world.backend.filter(|_| self.core.integrated)
    }

    /// The bytes of a text that is not in the scratch.
    pub(crate) fn lent(&self, text: Text) -> &'v [u8] {
        self.world.resolve_lent(text).unwrap_or(&[])
    }

    /// The bytes of a text.
    pub(crate) fn bytes(&self, text: Text) -> &[u8] {
        match text.src {
            crate::Src::Scratch => self.scratch.bytes(text.off, text.len).unwrap_or(&[]),
            _ => self.lent(text),
        }
    }
}
