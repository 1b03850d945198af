//! One request on its way: the session's steps, performed.
//!
//! [`Flight::proceed`] does in one go all that needs no waiting; it returns when something must be waited for.
//! So a request that needs nobody else passes without a single suspension.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::header;
use tollgate_auth::apikey;
use tollgate_auth::sigv4::{CallerPolicy, CredentialStore};
use tollgate_runtime::policy::Policy;
use tollgate_runtime::{Backend, Event, Fault, Outcome, Session, Site, Step, Verify, World};

use crate::answer::{self, Bodies, Out, Streaming};
use crate::backend::{self, Answer, Resources, Work};
use crate::body::Coding;
use crate::head::recycle;
use crate::identity::{self, Held, Verdict};
use crate::ids;
use crate::program::Program;
use crate::trace::{Seen, Trace};
use crate::wire::Link;
use crate::worker::{Memory, Running, Worker};

/// No program needs more steps for one request.
const MOST_STEPS: u32 = 64;

/// Answers one request.
pub(crate) async fn handle(
    worker: &Rc<Worker>,
    link: &Rc<Link>,
    peer: IpAddr,
    request: hyper::Request<Incoming>,
) -> hyper::Response<Out> {
    link.busy.set(link.busy.get() + 1);
    let mut flight = Flight::begin(worker, link, peer, request);
    let mut next = Next::Begin;
    let response = loop {
        next = match flight.proceed(next) {
            // Boxed, so that requests which wait for nobody do not carry the room for it.
            Pause::Read { max } => Box::pin(flight.read(max as usize)).await,
            Pause::Call(work) => Box::pin(flight.call(work)).await,
            Pause::Identify(held) => Box::pin(flight.identify(held)).await,
            Pause::Stream => break flight.stream(),
            Pause::Done => {
                // A client that waits for a word before it sends its body need not send it.
                let waits = flight
                    .memory
                    .as_ref()
                    .is_some_and(|m| m.head.header(b"expect").is_some());
                if let Some(incoming) = flight.incoming.take().filter(|_| !waits) {
                    Box::pin(crate::body::drain(incoming)).await;
                }
                break flight.respond();
            }
        };
    };
    link.busy.set(link.busy.get().saturating_sub(1));
    link.touched.set(worker.clock.get());
    response
}

/// What came of a step, owned until it is lent to the session.
enum Next {
    Begin,
    Body,
    Hit(Arc<[u8]>),
    Miss,
    Kept,
    Spent,
    Refused(u8),
    Key(u32),
    Verdict(Verdict),
    Backend,
    Sent(u64),
    Failed(Fault),
}

/// What must be waited for.
enum Pause {
    Read {
        max: u32,
    },
    Call(Work),
    Identify(Box<Held>),
    /// The answer's body is the backend's, as it comes.
    Stream,
    Done,
}

/// What a step leads to, after all that it lent has been let go.
enum After {
    Next(Next),
    Pause(Pause),
    Answer(hyper::Response<()>, Option<Bytes>),
    Call(Work),
    Identity(Arc<[u8]>, Next),
}

struct Flight {
    worker: Rc<Worker>,
    program: Rc<Running>,
    /// Always there until the flight ends.
    memory: Option<Box<Memory>>,
    link: Rc<Link>,
    peer: IpAddr,
    incoming: Option<Incoming>,
    coding: Coding,
    client_length: Option<u64>,
    body: Option<Bytes>,
    backend: Option<Answer>,
    identity: Option<Arc<[u8]>>,
    /// Whose result is looked up, called for and kept.
    authorizer: u16,
    request_id: [u8; 16],
    extended_id: [u8; 16],
    trace_seed: [u8; 20],
    random: u64,
    began: Instant,
    answer: Option<(hyper::Response<()>, Option<Bytes>)>,
    status: u16,
    steps: u32,
    trace: Option<Box<Trace>>,
}

impl Flight {
    fn begin(
        worker: &Rc<Worker>,
        link: &Rc<Link>,
        peer: IpAddr,
        request: hyper::Request<Incoming>,
    ) -> Flight {
        let began = Instant::now();
        let program = worker.program();
        let mut memory = worker.memory();
        let (parts, incoming) = request.into_parts();
        let raw = (parts.version <= hyper::Version::HTTP_11)
            .then(|| link.tap.borrow_mut().take())
            .flatten();
        let head = &mut memory.head;
        if !raw.is_some_and(|raw| head.read_raw(raw, &parts)) {
            head.read_parts(&parts);
        }
        let (api, cut) = api_of(&program.0, head);
        head.cut_target(cut);
        let site = match api {
            Some(api) => program
                .0
                .bundle()
                .view()
                .site(api.as_bytes(), head.target()),
            None => Site::NOWHERE,
        };
        memory.session = Session::begin(site);
        let http_api = program.0.bundle().view().serves_http_api(site);
        let coding = match parts.headers.get(header::CONTENT_ENCODING) {
            Some(value) if !http_api => Coding::of(Some(value.as_bytes())),
            _ => Coding::Plain,
        };
        let hint = incoming.size_hint();
        let ended = incoming.is_end_stream();
        let mut chance = worker.chance.borrow_mut();
        let given = head
            .header(b"x-amzn-requestid")
            .filter(|_| !http_api)
            .and_then(ids::parse_uuid);
        Flight {
            coding,
            client_length: hint.exact().filter(|_| coding == Coding::Plain),
            body: ended.then(Bytes::new),
            incoming: (!ended).then_some(incoming),
            backend: None,
            identity: None,
            authorizer: 0,
            request_id: given.unwrap_or_else(|| chance.uuid()),
            extended_id: chance.extended_id(),
            trace_seed: chance.bytes(),
            random: chance.next(),
            began,
            answer: None,
            status: 0,
            steps: 0,
            trace: worker.trace.as_ref().map(|_| Box::new(Trace::new())),
            memory: Some(memory),
            worker: worker.clone(),
            link: link.clone(),
            program,
            peer,
        }
    }

    /// Performs steps until one must be waited for.
    fn proceed(&mut self, mut next: Next) -> Pause {
        loop {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Pause::Done;
            }
            match self.step(next) {
                After::Next(then) => next = then,
                After::Pause(pause) => return pause,
                After::Identity(record, then) => {
                    self.identity = Some(record);
                    next = then;
                }
                After::Call(Work::Done(Ok(answer))) => {
                    self.backend = Some(answer);
                    next = Next::Backend;
                }
                After::Call(Work::Done(Err(fault))) => next = Next::Failed(fault),
                After::Call(work) => return Pause::Call(work),
                After::Answer(response, body) => {
                    self.status = response.status().as_u16();
                    let length = body.as_ref().map(|b| b.len() as u64);
                    self.answer = Some((response, body));
                    match length {
                        Some(bytes) => next = Next::Sent(bytes),
                        None => return Pause::Stream,
                    }
                }
            }
        }
    }

    /// One step of the session.
    fn step(&mut self, next: Next) -> After {
        let worker = &self.worker;
        let Some(memory) = &mut self.memory else {
            return After::Pause(Pause::Done);
        };
        let Memory {
            session,
            scratch,
            head,
            headers: spare,
            backend_headers: backend_spare,
        } = &mut **memory;
        let mut headers = recycle(std::mem::take(spare));
        headers.extend(head.headers());
        let mut backend_headers = recycle(std::mem::take(backend_spare));
        let backend = self.backend.as_ref().map(|answer| {
            backend_headers.extend(answer.headers());
            Backend {
                status: answer.status,
                headers: &backend_headers,
                body: answer.body.as_deref(),
                latency_us: answer.latency_us,
            }
        });
        let now_ms = wall_ms();
        let world = World {
            bundle: self.program.0.bundle().view(),
            head: tollgate_runtime::Head {
                method: head.method(),
                target: head.target(),
                headers: &headers,
                domain: head.domain(),
                protocol: b"HTTP/1.1",
                secure: worker.shared.config.assume_tls,
                peer: self.peer,
                vpce: None,
                client_cert: None,
            },
            body: self.body.as_deref(),
            backend,
            identity: self.identity.as_deref(),
            now_ms,
            request_id: self.request_id,
            extended_request_id: &self.extended_id,
            trace_seed: self.trace_seed,
            random: self.random,
        };
        let policies: Vec<Policy<'_>> = match &next {
            Next::Verdict(Verdict::Good { policies, .. }) => {
                policies.iter().map(CallerPolicy::lend).collect()
            }
            _ => Vec::new(),
        };
        let outcome = match &next {
            Next::Begin => Outcome::Begin(Event::Http),
            Next::Body => Outcome::Body,
            Next::Hit(bytes) => Outcome::Hit(bytes),
            Next::Miss => Outcome::Miss,
            Next::Kept => Outcome::Kept,
            Next::Spent => Outcome::Spent,
            Next::Refused(index) => Outcome::Refused { index: *index },
            Next::Key(index) => Outcome::Key(*index),
            Next::Verdict(Verdict::Good { claims, .. }) => Outcome::Verified {
                claims,
                policies: &policies,
            },
            Next::Verdict(Verdict::Bad(code, message)) => Outcome::Denied {
                code: *code,
                message: message.as_bytes(),
            },
            Next::Backend => Outcome::Backend,
            Next::Sent(bytes) => Outcome::Sent {
                bytes: *bytes,
                latency_us: micros(self.began),
            },
            Next::Failed(fault) => Outcome::Failed(*fault),
        };
        let step = match &mut self.trace {
            None => session.advance(&world, scratch, outcome),
            Some(trace) => {
                if let Some(text) = told(outcome, &world) {
                    trace.outcome(&text);
                }
                session.advance_observed(&world, scratch, outcome, &mut **trace)
            }
        };
        let after = match step {
            Step::ReadBody { max } => match &self.body {
                Some(_) => After::Next(Next::Body),
                None => After::Pause(Pause::Read { max }),
            },
            Step::Verify(Verify::ApiKey { value }) => {
                let keyring = world.bundle.keyring();
                After::Next(
                    match apikey::look_up(keyring, &self.program.0.salt, value) {
                        Some(index) => Next::Key(index),
                        None => Next::Miss,
                    },
                )
            }
            Step::Verify(Verify::SigV4 {
                region,
                unsigned_payload,
            }) => {
                let store = self.program.0.known.credentials.as_deref();
                After::Next(Next::Verdict(identity::signature(
                    &world.head,
                    world.body.unwrap_or_default(),
                    region,
                    unsigned_payload,
                    store.map(|store| store as &dyn CredentialStore),
                    now_ms,
                )))
            }
            Step::Verify(Verify::Token { token, trust, .. }) => {
                After::Pause(Pause::Identify(Box::new(Held::new(token, trust))))
            }
            Step::AuthorizerCache { authorizer, key } => {
                self.authorizer = authorizer;
                let key = authorizer_key(authorizer, key);
                match worker.shared.authorizers.get(&key, worker.steady_ms()) {
                    Some(record) => After::Identity(record.clone(), Next::Hit(record)),
                    None => After::Next(Next::Miss),
                }
            }
            Step::KeepIdentity { record, ttl_s, key } => {
                if let Some(key) = key {
                    let key = authorizer_key(self.authorizer, key);
                    worker
                        .shared
                        .authorizers
                        .put(&key, record, ttl_s, worker.steady_ms());
                }
                After::Identity(record.into(), Next::Kept)
            }
            Step::Spend { charges } => {
                let moment = worker.moment(now_ms);
                After::Next(
                    match worker.shared.limits.spend(&worker.known, charges, moment) {
                        Ok(()) => Next::Spent,
                        Err(index) => Next::Refused(index),
                    },
                )
            }
            Step::CacheGet { key, .. } => {
                After::Next(match worker.shared.cache.get(key, worker.steady_ms()) {
                    Some(record) => Next::Hit(record),
                    None => Next::Miss,
                })
            }
            Step::CachePut { key, record, ttl_s } => {
                worker
                    .shared
                    .cache
                    .put(key, record, ttl_s, worker.steady_ms());
                After::Next(Next::Kept)
            }
            Step::Integrate(call) | Step::Authorizer { call, .. } => {
                if let Step::Authorizer { authorizer, .. } = step {
                    self.authorizer = authorizer;
                }
                let turn = worker.turn.replace(worker.turn.get().wrapping_add(1));
                After::Call(backend::plan(
                    &call,
                    &Resources {
                        program: &self.program.0,
                        pool: &worker.pool,
                        body: self.body.as_ref(),
                        backend: self.backend.as_ref().and_then(|b| b.body.as_ref()),
                        client_length: self.client_length,
                        turn,
                        say: &|text| worker.say(text),
                    },
                ))
            }
            Step::Respond(response) => {
                let bodies = Bodies {
                    request: self.body.as_ref(),
                    backend: self.backend.as_ref().and_then(|b| b.body.as_ref()),
                    accept_encoding: head.header(b"accept-encoding"),
                };
                let (response, body) = answer::build(&response, &bodies);
                After::Answer(response, body)
            }
            Step::Log { line } => {
                worker.log(worker.access_log.as_ref(), line);
                After::Next(Next::Kept)
            }
            Step::Done => After::Pause(Pause::Done),
            // What this gateway cannot do yet fails closed.
            _ => After::Next(Next::Failed(Fault::Unsupported)),
        };
        *spare = recycle(headers);
        *backend_spare = recycle(backend_headers);
        after
    }

    async fn read(&mut self, max: usize) -> Next {
        let Some(incoming) = self.incoming.take() else {
            return Next::Failed(Fault::Unreadable);
        };
        match crate::body::read(incoming, max, self.coding).await {
            Ok(body) => {
                self.body = Some(body);
                Next::Body
            }
            Err(fault) => Next::Failed(fault),
        }
    }

    async fn identify(&mut self, held: Box<Held>) -> Next {
        Next::Verdict(held.verify(&self.worker, &self.program.0).await)
    }

    async fn call(&mut self, work: Work) -> Next {
        match backend::perform(work, || Some((self.incoming.take()?, self.coding))).await {
            Ok(answer) => {
                self.backend = Some(answer);
                Next::Backend
            }
            Err(fault) => Next::Failed(fault),
        }
    }

    /// The answer, with the backend's body as it comes; the session ends when that does.
    fn stream(mut self) -> hyper::Response<Out> {
        let streaming = self.backend.as_mut().and_then(|b| b.streaming.take());
        let (Some((response, None)), Some(body)) = (self.answer.take(), streaming) else {
            return self.respond();
        };
        let link = self.link.clone();
        // The connection is not idle while the body is on its way.
        link.busy.set(link.busy.get() + 1);
        let end = move |sent| {
            self.proceed(Next::Sent(sent));
            self.end();
            link.busy.set(link.busy.get().saturating_sub(1));
        };
        response.map(|()| Out::Streaming(Streaming::new(body, Box::new(end))))
    }

    fn respond(mut self) -> hyper::Response<Out> {
        let answer = self.answer.take();
        self.end();
        match answer {
            Some((response, Some(body))) => response.map(|()| Out::Whole(body)),
            // A session that ends without an answer is broken.
            _ => {
                let mut response = hyper::Response::new(Out::Whole(Bytes::new()));
                *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }

    /// Writes the trace and gives the memory back.
    fn end(&mut self) {
        let Some(mut memory) = self.memory.take() else {
            return;
        };
        if let Some(trace) = &self.trace {
            let seen = Seen {
                method: memory.head.method(),
                target: memory.head.target(),
                status: self.status,
                id: ids::uuid_text(&self.request_id),
                bundle: self.program.0.bundle().view(),
            };
            let lines = trace.lines(&seen, memory.session.decision(), self.began);
            self.worker
                .log(self.worker.trace.as_ref(), lines.as_bytes());
        }
        self.link.tap.borrow_mut().recycle(memory.head.take_bytes());
        self.worker.give_back(memory);
    }
}

/// What a trace says of an outcome.
fn told(outcome: Outcome<'_>, world: &World<'_>) -> Option<String> {
    Some(match outcome {
        Outcome::Hit(_) => "found in the cache".into(),
        Outcome::Miss => "not found".into(),
        Outcome::Spent => "within the limits".into(),
        Outcome::Refused { index } => format!("limit {} is spent", u32::from(index) + 1),
        Outcome::Key(_) => "the key is known".into(),
        Outcome::Verified { .. } => "verified".into(),
        Outcome::Denied { message, .. } => String::from_utf8_lossy(message).into_owned(),
        Outcome::Backend => {
            let backend = world.backend?;
            format!("{} after {} µs", backend.status, backend.latency_us)
        }
        Outcome::Failed(fault) => format!("{fault:?}"),
        _ => return None,
    })
}

/// Milliseconds since 1970.
pub(crate) fn wall_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

fn authorizer_key(authorizer: u16, key: &[u8]) -> Vec<u8> {
    let mut out = authorizer.to_le_bytes().to_vec();
    out.extend_from_slice(key);
    out
}

/// The API that a request is for, and how many bytes of the target named it.
fn api_of<'p>(program: &'p Program, head: &crate::head::Head) -> (Option<&'p str>, usize) {
    let by_header = || program.api_called(head.header(b"x-apigw-api-id")?);
    if let Some(api) = program.api_of_host(head.domain()).or_else(by_header) {
        return (Some(&api.id), 0);
    }
    if let [api] = program.apis.as_slice() {
        return (Some(&api.id), 0);
    }
    let target = head.target();
    let start = target.iter().take_while(|b| **b == b'/').count();
    let rest = target.get(start..).unwrap_or_default();
    let length = rest
        .iter()
        .position(|b| matches!(b, b'/' | b'?'))
        .unwrap_or(rest.len());
    let api = program.api_called(rest.get(..length).unwrap_or_default());
    match api {
        Some(api) => (Some(&api.id), start + length),
        None => (None, 0),
    }
}
