//! The product itself as a subject: a program compiled to a bundle, decided by the runtime's session.

mod conditions;
pub(crate) mod expression;
mod identity;
mod languages;
pub(crate) mod policies;
mod template;
mod test_invoke;
mod tokens;

use serde_json::json;
use tollgate_compiler::emit::{Specialization, bundle_specialized};
use tollgate_model::Program;
use tollgate_model::api::GatewayResponseType;
use tollgate_model::traffic::{Period, Quota, Throttle};
use tollgate_reference::{
    Answer, BackendAnswer, Call, CallKind, Charge, Limit, Request, Signer, TestInvoke, TestInvoked,
    World as _,
};
use tollgate_runtime::policy::{Kind, Policy};
use tollgate_runtime::{
    Backend, BodyOut, Denial, Event, Fault, Head, Header, Loaded, Outcome, Scratch, Session, Site,
    Step, Verify, World,
};

use crate::bytes::percent_decoded;
use crate::script::{Memory, Scripted};
use crate::subject::{Deployment, Exchanged, Script, Subject};
use crate::subjects::reference::{now_ms, of};
use crate::verdict::Missing;

/// A compiled bundle in the runtime.
#[derive(Debug, Default)]
pub struct Bundle {
    deployed: Option<(Loaded<Vec<u8>>, Deployment)>,
    memory: Memory,
    now_ms: Option<u64>,
    specialization: Specialization,
}

impl Bundle {
    /// Works policies out for each route so far.
    #[must_use]
    pub fn specialized(self, specialization: Specialization) -> Bundle {
        Bundle {
            specialization,
            ..self
        }
    }

    /// A subject whose clock stands still: milliseconds since 1970 UTC.
    pub fn at(now_ms: u64) -> Bundle {
        Bundle {
            now_ms: Some(now_ms),
            ..Bundle::default()
        }
    }
}

impl Bundle {
    /// Takes bytes for the bundle of a deployment, whatever they are: `loaded` need not be verified.
    pub fn take(&mut self, loaded: Loaded<Vec<u8>>, deployment: &Deployment) {
        self.memory = Memory::default();
        self.deployed = Some((loaded, deployment.clone()));
    }
}

impl Subject for Bundle {
    fn name(&self) -> String {
        "bundle".into()
    }

    fn deploy(&mut self, deployment: &Deployment) -> Result<(), Missing> {
        let bytes = bundle_specialized(&deployment.program, self.specialization)
            .map_err(|errors| Missing(list(&errors)))?;
        let loaded =
            Loaded::verify(bytes).map_err(|refused| Missing(format!("a bundle with {refused}")))?;
        self.take(loaded, deployment);
        Ok(())
    }

    fn serves_http_apis(&self) -> bool {
        true
    }

    fn exchange(&mut self, request: &Request, script: &Script) -> Result<Exchanged, Missing> {
        let Some((loaded, deployment)) = &self.deployed else {
            return Err(Missing("a deployment".into()));
        };
        let mut scripted =
            Scripted::new(&mut self.memory, script, self.now_ms.unwrap_or_else(now_ms));
        let mut drive = Drive::new(&mut scripted, request, &deployment.program);
        let (view, api) = (loaded.view(), &deployment.api);
        let site = view
            .stages()
            .any(|(_, name, _)| name == api.as_bytes())
            .then(|| view.site(api.as_bytes(), request.target.as_bytes()));
        let answer = drive.run(view, site.unwrap_or(Site::NOWHERE))?;
        Ok(Exchanged {
            answer,
            integrations: scripted.integrations,
            authorizers: scripted.authorizers,
        })
    }

    fn test_invoke(
        &mut self,
        invoke: &TestInvoke,
        script: &Script,
    ) -> Result<TestInvoked, Missing> {
        let Some((_, deployment)) = &self.deployed else {
            return Err(Missing("a deployment".into()));
        };
        test_invoke::run(self, &deployment.clone(), invoke, script)
    }
}

impl Bundle {
    /// The id of the latest request.
    fn request_id(&self) -> String {
        self.memory.request_id()
    }

    fn now_ms(&self) -> u64 {
        self.now_ms.unwrap_or_else(now_ms)
    }
}

fn list(errors: &[tollgate_compiler::Unsupported]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

type Pairs = Vec<(String, String)>;

/// One request's way through a session.
struct Drive<'a, 'w> {
    world: &'a mut Scripted<'w>,
    request: &'a Request,
    program: &'a Program,
    backend: Option<(u16, Pairs, Vec<u8>)>,
    identity: Option<Vec<u8>>,
    body_lent: bool,
}

/// What goes back to the session, without borrowing from its last step.
enum Reply {
    Body,
    Backend,
    Failed(Fault),
    Spent,
    Refused(u8),
    Hit(Vec<u8>),
    Key(u32),
    Denied(Denial, String),
    /// Claims, and policies with kind and level.
    Signed(Vec<u8>, Vec<(Kind, u8, Vec<u8>)>),
    Miss,
    Kept,
    Sent(u64),
}

impl<'a, 'w> Drive<'a, 'w> {
    fn new(
        world: &'a mut Scripted<'w>,
        request: &'a Request,
        program: &'a Program,
    ) -> Drive<'a, 'w> {
        Drive {
            world,
            request,
            program,
            backend: None,
            identity: None,
            body_lent: request.body.is_empty(),
        }
    }

    fn run(&mut self, bundle: tollgate_runtime::Bundle<'_>, site: Site) -> Result<Answer, Missing> {
        let mut session = Session::begin(site);
        let mut scratch = Scratch::new(64 << 20);
        let request_id = uuid(&self.world.request_id());
        let extended = self.world.extended_request_id();
        let seed = self.world.trace_seed();
        let random = self.world.random();
        let now = self.world.now_ms();
        let headers: Vec<Header<'_>> = pairs(&self.request.headers);
        let mut answer = None;
        let mut reply = None;
        let mut kept_authorizer: Option<u16> = None;
        for _ in 0..64 {
            let backend = self.backend.take();
            let backend_headers = backend.as_ref().map(|b| pairs(&b.1)).unwrap_or_default();
            let identity = self.identity.clone();
            let world = World {
                bundle,
                head: Head {
                    method: self.request.method.as_bytes(),
                    target: self.request.target.as_bytes(),
                    headers: &headers,
                    domain: self.request.domain.as_bytes(),
                    protocol: b"HTTP/1.1",
                    secure: self.request.secure,
                    peer: self.request.source_ip,
                    vpce: self.request.vpce.as_deref().map(str::as_bytes),
                    client_cert: None,
                },
                body: self.body_lent.then_some(&self.request.body),
                backend: backend.as_ref().map(|b| Backend {
                    status: b.0,
                    headers: &backend_headers,
                    body: Some(&b.2),
                    latency_us: 1000,
                }),
                identity: identity.as_deref(),
                now_ms: now,
                request_id,
                extended_request_id: extended.as_bytes(),
                trace_seed: seed,
                random,
            };
            let policies: Vec<Policy<'_>> = match &reply {
                Some(Reply::Signed(_, policies)) => policies
                    .iter()
                    .map(|(kind, level, document)| Policy {
                        kind: *kind,
                        level: *level,
                        document,
                    })
                    .collect(),
                _ => Vec::new(),
            };
            let outcome = match &reply {
                None => Outcome::Begin(Event::Http),
                Some(Reply::Body) => Outcome::Body,
                Some(Reply::Backend) => Outcome::Backend,
                Some(Reply::Failed(fault)) => Outcome::Failed(*fault),
                Some(Reply::Spent) => Outcome::Spent,
                Some(Reply::Refused(index)) => Outcome::Refused { index: *index },
                Some(Reply::Hit(bytes)) => Outcome::Hit(bytes),
                Some(Reply::Key(index)) => Outcome::Key(*index),
                Some(Reply::Denied(denial, message)) => Outcome::Denied {
                    code: denial.code(),
                    message: message.as_bytes(),
                },
                Some(Reply::Signed(claims, _)) => Outcome::Verified {
                    claims,
                    policies: &policies,
                },
                Some(Reply::Miss) => Outcome::Miss,
                Some(Reply::Kept) => Outcome::Kept,
                Some(Reply::Sent(bytes)) => Outcome::Sent {
                    bytes: *bytes,
                    latency_us: 2000,
                },
            };
            let step = session.advance(&world, &mut scratch, outcome);
            let mut arrived = None;
            let next = match step {
                Step::ReadBody { max } => {
                    if self.request.body.len() > max as usize {
                        Reply::Failed(Fault::TooLarge)
                    } else {
                        self.body_lent = true;
                        Reply::Body
                    }
                }
                Step::Integrate(call) => {
                    let call = self.call(&call, &backend);
                    match self.world.integrate(call) {
                        BackendAnswer::Answered {
                            status,
                            headers,
                            body,
                        } => {
                            arrived = Some((status, headers, body));
                            Reply::Backend
                        }
                        other => Reply::Failed(fault(&other)),
                    }
                }
                Step::Respond(response) => {
                    let body = bytes(response.body, self.request, &backend);
                    let sent = body.len() as u64;
                    answer = Some(Answer {
                        status: response.status,
                        headers: owned(response.headers.iter()),
                        body,
                        refusal: refusal(&session),
                    });
                    Reply::Sent(sent)
                }
                Step::Log { .. } => Reply::Kept,
                // The world keeps records of one kind; this name is no authorizer's.
                Step::CachePut { key, record, ttl_s } => {
                    self.world.keep_authorizer("cache", key, record, ttl_s);
                    Reply::Kept
                }
                Step::CacheGet { key, .. } => match self.world.authorizer_cached("cache", key) {
                    Some(record) => Reply::Hit(record),
                    None => Reply::Miss,
                },
                Step::Verify(Verify::ApiKey { value }) => {
                    let found = self.program.keys.iter().position(|key| {
                        self.world.secret(&key.value).as_deref().map(str::as_bytes) == Some(value)
                    });
                    match found.and_then(|index| u32::try_from(index).ok()) {
                        Some(index) => Reply::Key(index),
                        None => Reply::Miss,
                    }
                }
                Step::Verify(Verify::SigV4 { .. }) => match self.world.signer(self.request) {
                    Some(signer) => Reply::Signed(claims(&signer), documents(&signer)),
                    None => Reply::Denied(Denial::MissingSignature, String::new()),
                },
                Step::Verify(Verify::Token { trust, .. }) => {
                    match tokens::judge(self.world.claims("", ""), trust, now) {
                        Ok(claims) => Reply::Signed(claims, Vec::new()),
                        Err((denial, message)) => Reply::Denied(denial, message),
                    }
                }
                Step::Spend { charges } => {
                    let charges: Vec<Charge> = charges.iter().filter_map(charge).collect();
                    match self.world.spend(&charges) {
                        Ok(()) => Reply::Spent,
                        Err(index) => Reply::Refused(u8::try_from(index).unwrap_or(u8::MAX)),
                    }
                }
                Step::AuthorizerCache { authorizer, key } => {
                    match self.world.authorizer_cached(&authorizer.to_string(), key) {
                        Some(record) => {
                            self.identity = Some(record.clone());
                            Reply::Hit(record)
                        }
                        None => Reply::Miss,
                    }
                }
                Step::Authorizer { call, authorizer } => {
                    let call = self.call(&call, &backend);
                    match self.world.authorizer(&authorizer.to_string(), call) {
                        BackendAnswer::Answered {
                            status,
                            headers,
                            body,
                        } => {
                            arrived = Some((status, headers, body));
                            kept_authorizer = Some(authorizer);
                            Reply::Backend
                        }
                        other => Reply::Failed(fault(&other)),
                    }
                }
                Step::KeepIdentity { record, ttl_s, key } => {
                    self.identity = Some(record.to_vec());
                    if let (Some(key), Some(authorizer)) = (key, kept_authorizer) {
                        let name = authorizer.to_string();
                        self.world.keep_authorizer(&name, key, record, ttl_s);
                    }
                    Reply::Kept
                }
                Step::Done => {
                    return answer.ok_or_else(|| Missing("an answer".into()));
                }
                other => return Err(Missing(format!("the step {}", name(&other)))),
            };
            self.backend = arrived.or(backend);
            reply = Some(next);
        }
        Err(Missing("an end of the session".into()))
    }

    fn call(
        &self,
        call: &tollgate_runtime::Call<'_>,
        backend: &Option<(u16, Pairs, Vec<u8>)>,
    ) -> Call {
        let uri = String::from_utf8_lossy(call.uri).into_owned();
        let (uri, query) = match call.kind {
            tollgate_runtime::CallKind::Http => match uri.split_once('?') {
                Some((uri, query)) => (uri.to_owned(), query.to_owned()),
                None => (uri, String::new()),
            },
            _ => (uri, String::from_utf8_lossy(call.query).into_owned()),
        };
        Call {
            kind: match call.kind {
                tollgate_runtime::CallKind::Lambda { .. } => CallKind::Lambda,
                tollgate_runtime::CallKind::AwsService { .. } => CallKind::Service,
                _ => CallKind::Http,
            },
            method: String::from_utf8_lossy(call.method).into_owned(),
            uri,
            query: query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (percent_decoded(name, true), percent_decoded(value, true))
                })
                .collect(),
            headers: owned(call.headers.iter()),
            body: bytes(call.body, self.request, backend),
            timeout_ms: call.timeout_ms,
            credentials: call
                .credentials
                .map(|c| String::from_utf8_lossy(c).into_owned()),
        }
    }
}

/// What a host says of a caller whose signature it verified.
fn claims(signer: &Signer) -> Vec<u8> {
    let mut claims = json!({
        "accountId": signer.account,
        "caller": signer.unique_id,
        "user": signer.unique_id,
        "userArn": signer.arn,
        "accessKey": signer.access_key,
    });
    for (name, values) in &signer.keys {
        claims[name] = match values.as_slice() {
            [one] => json!(one),
            several => json!(several),
        };
    }
    claims.to_string().into_bytes()
}

/// The policies of a caller, as a host lends them.
fn documents(signer: &Signer) -> Vec<(Kind, u8, Vec<u8>)> {
    let policies = signer.policies.iter();
    policies
        .map(|(kind, level, document)| {
            let same = Kind::ALL.into_iter().find(|other| of(*other) == *kind);
            let kind = same.unwrap_or(Kind::Identity);
            (kind, *level, document.to_string().into_bytes())
        })
        .collect()
}

/// A charge in the words of the reference; one of a kind that it does not know is none.
fn charge(charge: &tollgate_runtime::Charge) -> Option<Charge> {
    let limit = match charge.limit {
        tollgate_runtime::Limit::Rate { rate_micro, burst } => Limit::Rate(Throttle {
            rate_milli: rate_micro / 1000,
            burst: u64::from(burst),
        }),
        tollgate_runtime::Limit::Quota {
            limit,
            period,
            offset,
        } => Limit::Quota(Quota {
            limit,
            offset,
            period: match period {
                tollgate_runtime::Period::Day => Period::Day,
                tollgate_runtime::Period::Week => Period::Week,
                tollgate_runtime::Period::Month => Period::Month,
            },
        }),
        _ => return None,
    };
    Some(Charge {
        bucket: charge.bucket.to_string(),
        limit,
    })
}

fn pairs(owned: &[(String, String)]) -> Vec<Header<'_>> {
    owned
        .iter()
        .map(|(name, value)| Header {
            name: name.as_bytes(),
            value: value.as_bytes(),
        })
        .collect()
}

fn owned<'h>(headers: impl Iterator<Item = (&'h [u8], &'h [u8])>) -> Pairs {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    headers.map(|(n, v)| (text(n), text(v))).collect()
}

fn bytes(body: BodyOut<'_>, request: &Request, backend: &Option<(u16, Pairs, Vec<u8>)>) -> Vec<u8> {
    let answered = || backend.as_ref().map(|b| b.2.clone()).unwrap_or_default();
    match body {
        BodyOut::Bytes(bytes) => bytes.to_vec(),
        BodyOut::PassRequest => request.body.clone(),
        BodyOut::PassBackend => answered(),
        BodyOut::PassBackendBase64 => {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD
                .encode(answered())
                .into_bytes()
        }
        _ => Vec::new(),
    }
}

fn fault(answer: &BackendAnswer) -> Fault {
    match answer {
        BackendAnswer::TimedOut => Fault::Timeout,
        BackendAnswer::Rejected => Fault::Rejected,
        BackendAnswer::Unreachable | BackendAnswer::Answered { .. } => Fault::Connect,
    }
}

fn refusal(session: &Session) -> Option<GatewayResponseType> {
    let name = session.decision().response?.name();
    GatewayResponseType::ALL
        .iter()
        .copied()
        .find(|ty| ty.name() == name)
}

/// The name of a step, for a report.
fn name(step: &Step<'_>) -> String {
    let text = format!("{step:?}");
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    text[..end].to_owned()
}

fn uuid(text: &str) -> [u8; 16] {
    let digits: Vec<u8> = text
        .bytes()
        .filter_map(|b| {
            char::from(b)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        })
        .collect();
    let mut id = [0; 16];
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    id
}
