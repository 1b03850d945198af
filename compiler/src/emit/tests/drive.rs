//! Asks a compiled program, with a world that answers as scripted.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;

use tollgate_model::api::Route;
use tollgate_runtime::policy::Policy;
use tollgate_runtime::{
    Backend, BodyOut, Event, Fault, Head, Header, Loaded, Outcome, Scratch, Session, Step, Verify,
    World,
};

use super::program;

/// Status, headers and body.
pub(super) type Scripted<'r> = (u16, Vec<(&'r str, &'r str)>, &'r str);

/// Records by their keys, with their times to live.
pub(super) type Cache = RefCell<HashMap<Vec<u8>, (Vec<u8>, u32)>>;

/// What the host finds of a signature or token: claims and policies, or a code and a message.
pub(super) type Verdict<'r> = Result<(&'r str, Vec<&'r str>), (u16, &'r str)>;

/// A request, and what the world answers to calls.
#[derive(Clone, Default)]
pub(super) struct Ask<'r> {
    pub(super) method: &'r str,
    pub(super) target: &'r str,
    pub(super) headers: Vec<(&'r str, &'r str)>,
    pub(super) body: &'r str,
    pub(super) from: Option<IpAddr>,
    pub(super) backend: Option<Scripted<'r>>,
    pub(super) fault: Option<Fault>,
    pub(super) random: u64,
    pub(super) verified: Option<Verdict<'r>>,
    /// What bounds the caller besides.
    pub(super) bounds: Vec<Policy<'r>>,
    /// Answers that the stage keeps.
    pub(super) cache: Option<&'r Cache>,
    /// Bytes of the scratch; none: 16 MiB.
    pub(super) scratch: Option<usize>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) call: Option<(String, String, String)>,
    pub(super) call_headers: Vec<(String, String)>,
    pub(super) log: Option<String>,
    pub(super) statement: Option<u32>,
    pub(super) compress_from: Option<u32>,
    /// The steps in their order.
    pub(super) steps: Vec<&'static str>,
    /// What the host was asked to verify.
    pub(super) verified: Option<String>,
    /// Which policies kept the request out.
    pub(super) refusal: Option<tollgate_runtime::policy::Refusal>,
    /// What failed.
    pub(super) fault: Option<&'static str>,
}

impl Told {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(super) fn ask(bundle: &[u8], ask: &Ask<'_>) -> Told {
    let loaded = Loaded::verify(bundle).unwrap();
    let view = loaded.view();
    let site = view.site(b"abcdefghij", ask.target.as_bytes());
    let mut session = Session::begin(site);
    let mut scratch = Scratch::new(ask.scratch.unwrap_or(1 << 24));
    let headers: Vec<_> = ask
        .headers
        .iter()
        .map(|(n, v)| Header {
            name: n.as_bytes(),
            value: v.as_bytes(),
        })
        .collect();
    let answered: Vec<_> = ask
        .backend
        .iter()
        .flat_map(|(_, headers, _)| headers)
        .map(|(n, v)| Header {
            name: n.as_bytes(),
            value: v.as_bytes(),
        })
        .collect();
    let head = Head {
        headers: &headers,
        ..Head::plain(ask.method.as_bytes(), ask.target.as_bytes())
    };
    let mut world = World {
        now_ms: 1_763_856_000_000,
        request_id: [0xab; 16],
        extended_request_id: b"ext=",
        trace_seed: [0x11; 20],
        random: ask.random,
        ..World::plain(view, head)
    };
    if let Some(peer) = ask.from {
        world.head.peer = peer;
    }
    let verdict = ask.verified.as_ref().map(|verdict| {
        verdict
            .as_ref()
            .map(|(claims, policies)| {
                let own = policies.iter().map(|p| Policy::identity(p.as_bytes()));
                let policies: Vec<Policy<'_>> = own.chain(ask.bounds.iter().copied()).collect();
                (*claims, policies)
            })
            .map_err(|refusal| *refusal)
    });
    let mut told = Told::default();
    let mut outcome = Outcome::Begin(Event::Http);
    for _ in 0..20 {
        let lent = world;
        let step = session.advance(&lent, &mut scratch, outcome);
        outcome = match step {
            Step::ReadBody { .. } => {
                world.body = Some(ask.body.as_bytes());
                Outcome::Body
            }
            Step::Integrate(call) => {
                told.steps.push("integrate");
                let body = match call.body {
                    BodyOut::Bytes(bytes) => text(bytes),
                    BodyOut::PassRequest => ask.body.to_string(),
                    _ => String::new(),
                };
                told.call = Some((text(call.method), text(call.uri), body));
                told.call_headers = call
                    .headers
                    .iter()
                    .map(|(n, v)| (text(n), text(v)))
                    .collect();
                match (&ask.fault, &ask.backend) {
                    (Some(fault), _) => Outcome::Failed(*fault),
                    (None, Some((status, _, body))) => {
                        world.backend = Some(Backend {
                            status: *status,
                            headers: &answered,
                            body: Some(body.as_bytes()),
                            latency_us: 1000,
                        });
                        Outcome::Backend
                    }
                    (None, None) => Outcome::Failed(Fault::Connect),
                }
            }
            Step::Spend { charges } => {
                assert!(!charges.is_empty());
                told.steps.push("spend");
                Outcome::Spent
            }
            Step::CacheGet { key, .. } => {
                told.steps.push("get");
                let found = ask.cache.and_then(|c| c.borrow().get(key).cloned());
                match found {
                    Some((record, _)) => Outcome::Hit(record.leak()),
                    None => Outcome::Miss,
                }
            }
            Step::CachePut { key, record, ttl_s } => {
                told.steps.push("put");
                if let Some(cache) = ask.cache {
                    let record = (record.to_vec(), ttl_s);
                    cache.borrow_mut().insert(key.to_vec(), record);
                }
                Outcome::Kept
            }
            Step::Verify(verify) => {
                told.steps.push("verify");
                told.verified = Some(match verify {
                    Verify::SigV4 {
                        region,
                        unsigned_payload,
                    } => format!("{} {unsigned_payload}", text(region)),
                    Verify::Token { token, trust, .. } => {
                        let names: Vec<String> = trust.names().map(text).collect();
                        let scopes: Vec<String> = trust.scopes().map(text).collect();
                        let told =
                            format!("{:?} {} {names:?} {scopes:?}", trust.kind(), text(token));
                        match trust.audience(b"web-1") {
                            None => told,
                            Some(fits) => format!("{told} web-1 fits: {fits}"),
                        }
                    }
                    other => panic!("{other:?}"),
                });
                match &verdict {
                    Some(Ok((claims, policies))) => Outcome::Verified {
                        claims: claims.as_bytes(),
                        policies,
                    },
                    Some(Err((code, message))) => Outcome::Denied {
                        code: *code,
                        message: message.as_bytes(),
                    },
                    None => panic!("nobody said what becomes of a caller"),
                }
            }
            Step::KeepIdentity { record, .. } => {
                world.identity = Some(record.to_vec().leak());
                Outcome::Kept
            }
            Step::Respond(response) => {
                told.status = response.status;
                told.compress_from = response.compress_from;
                told.headers = response
                    .headers
                    .iter()
                    .map(|(n, v)| (text(n), text(v)))
                    .collect();
                told.body = match response.body {
                    BodyOut::Bytes(bytes) => text(bytes),
                    BodyOut::PassBackend => ask.backend.as_ref().map_or("", |b| b.2).to_string(),
                    _ => String::new(),
                };
                Outcome::Sent {
                    bytes: told.body.len() as u64,
                    latency_us: 2000,
                }
            }
            Step::Log { line } => {
                told.log = Some(text(line));
                Outcome::Kept
            }
            Step::Done => {
                told.statement = session.decision().statement;
                told.refusal = session.decision().refusal;
                told.fault = session.decision().fault;
                return told;
            }
            other => panic!("{other:?}"),
        };
    }
    panic!("no end");
}

pub(super) fn get(bundle: &[u8], target: &str) -> Told {
    ask(
        bundle,
        &Ask {
            method: "GET",
            target,
            ..Ask::default()
        },
    )
}

pub(super) fn built(routes: Vec<Route>) -> Vec<u8> {
    crate::emit::bundle(&program(routes)).unwrap()
}
