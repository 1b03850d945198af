//! The two memory tiers, counted: the head of a request never allocates, bodies and templates do not once their
//! scratch is warm. What a session holds while it waits is stated here, and in `docs/embedding.md`.

use allocation_counter::measure;
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, build};
use tollgate_conformance::generate::{API, NOW_MS, Numbered, Pair};
use tollgate_reference::BackendAnswer;
use tollgate_runtime::{
    Backend, Bundle, Event, Fault, Head, Header, Loaded, Outcome, Scratch, Session, Site, Step,
    Verify, World,
};

/// Bytes of a session at most, whatever its request.
const SESSION: usize = 704;

/// Bytes that one session of a thousand holds while its backend works, arenas included: a proxied GET, and a
/// POST whose body was validated and rendered.
const WAITING: [u64; 2] = [2_560, 6_400];

const SHOP: &str = r#"
account { id: "111111111111", throttle 100/s burst 100 }

model Order { id: String, count: Int? }

rest api Shop {
  policy {
    allow anyone to invoke *
    deny anyone to invoke /closed/* unless { source.ip in cidr("10.0.0.0/8") }
  }
  GET /health { api_key: required, integrate mock, respond 200 { body = { ok: true } } }
  GET /closed/{id} { integrate mock, respond 200 }
  GET /items/{id} { integrate http "https://backend.example/{id}" }
  POST /orders {
    body: Order
    validate: all
    integrate http custom "https://backend.example/orders" {
      body["application/json"] = vtl"{ 'id': $input.json('$.id'), 'from': '$context.identity.sourceIp' }"
    }
    respond 201
  }
  POST /patterns {
    integrate http custom "https://backend.example/orders" {
      body["application/json"] = vtl"$input.path('$.id').replaceAll('[0-9]+', 'n').split('n').size()"
    }
    respond 201
  }
}

stage prod of Shop { throttle 50/s burst 50 }
plan Basic { stages: [Shop.prod], throttle 10/s burst 10, quota 100/day }
key Desk for Basic { value: env("DESK") }
"#;

fn shop() -> Loaded<Vec<u8>> {
    let built = build(
        vec![Source::new("shop.gate", SHOP)],
        &NoFiles,
        &Options::default(),
    );
    let found: Vec<&str> = built.diagnostics.iter().map(|d| d.message()).collect();
    Loaded::verify(built.bundle.unwrap_or_else(|| panic!("{found:?}"))).unwrap()
}

/// A request as the host lends it.
struct Sent<'a> {
    head: Head<'a>,
    body: &'a [u8],
}

fn sent<'a>(
    method: &'a str,
    target: &'a str,
    headers: &'a [Header<'a>],
    body: &'a [u8],
) -> Sent<'a> {
    let mut head = Head::plain(method.as_bytes(), target.as_bytes());
    head.headers = headers;
    Sent { head, body }
}

fn world<'a>(
    bundle: Bundle<'a>,
    sent: &Sent<'a>,
    backend: Option<Backend<'a>>,
    identity: Option<&'a [u8]>,
) -> World<'a> {
    World {
        bundle,
        head: sent.head,
        body: Some(sent.body),
        backend,
        identity,
        now_ms: NOW_MS,
        request_id: [7; 16],
        extended_request_id: b"tollgate",
        trace_seed: [7; 20],
        random: 7,
    }
}

/// What a host says of a step, without anything borrowed from it.
#[derive(Clone, Copy)]
enum Said {
    Begin,
    Body,
    Key,
    Miss,
    Kept,
    Spent,
    Backend,
    Failed(Fault),
    Sent,
}

impl Said {
    fn outcome(self) -> Outcome<'static> {
        match self {
            Said::Begin => Outcome::Begin(Event::Http),
            Said::Body => Outcome::Body,
            Said::Key => Outcome::Key(0),
            Said::Miss => Outcome::Miss,
            Said::Kept => Outcome::Kept,
            Said::Spent => Outcome::Spent,
            Said::Backend => Outcome::Backend,
            Said::Failed(fault) => Outcome::Failed(fault),
            Said::Sent => Outcome::Sent {
                bytes: 1,
                latency_us: 1,
            },
        }
    }
}

/// Whose backend and authorizer are asked.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    Nobody,
    Integration,
    Authorizer,
}

/// Runs a request to its end; every call of the runtime is counted by itself. The allocations of all of them,
/// and how many calls they were.
fn allocations(
    bundle: Bundle<'_>,
    site: Site,
    sent: &Sent<'_>,
    answers: [Option<Backend<'_>>; 2],
    scratch: &mut Scratch,
) -> (u64, usize) {
    scratch.clear();
    let mut session = Session::begin(site);
    let (mut said, mut asked) = (Said::Begin, Asked::Nobody);
    // The host's own copy, which is not the runtime's.
    let mut record: Vec<u8> = Vec::with_capacity(64 << 10);
    let mut identity: Vec<u8> = Vec::with_capacity(64 << 10);
    let (mut count, mut calls) = (0, 0);
    for _ in 0..64 {
        let backend = match asked {
            Asked::Nobody => None,
            Asked::Integration => answers[0],
            Asked::Authorizer => answers[1],
        };
        let known = (!identity.is_empty()).then_some(identity.as_slice());
        let world = world(bundle, sent, backend, known);
        // An authorizer's answer is compiled into a record before it is kept: that allocates, a kept one does not.
        let compiles = asked == Asked::Authorizer && matches!(said, Said::Backend);
        let mut done = false;
        let counted = measure(|| {
            said = match session.advance(&world, scratch, said.outcome()) {
                Step::ReadBody { .. } => Said::Body,
                Step::Integrate(_) => {
                    asked = Asked::Integration;
                    match answers[0] {
                        Some(_) => Said::Backend,
                        None => Said::Failed(Fault::Timeout),
                    }
                }
                Step::Authorizer { .. } => {
                    asked = Asked::Authorizer;
                    match answers[1] {
                        Some(_) => Said::Backend,
                        None => Said::Failed(Fault::Timeout),
                    }
                }
                Step::KeepIdentity { record: kept, .. } => {
                    record.clear();
                    record.extend_from_slice(kept);
                    Said::Kept
                }
                Step::Spend { .. } => Said::Spent,
                Step::Verify(Verify::ApiKey { .. }) => Said::Key,
                Step::CacheGet { .. } | Step::AuthorizerCache { .. } => Said::Miss,
                Step::Respond(_) => Said::Sent,
                Step::Done => {
                    done = true;
                    Said::Kept
                }
                _ => Said::Kept,
            };
        });
        if !compiles {
            count += counted.count_total;
        }
        calls += 1;
        identity.clone_from(&record);
        if done {
            break;
        }
    }
    (count, calls)
}

#[test]
fn the_head_of_a_request_never_allocates() {
    let shop = shop();
    let view = shop.view();
    let key = [Header {
        name: b"x-api-key",
        value: b"desk",
    }];
    let request = sent("GET", "/prod/health?q=1", &key, b"");
    let world = world(view, &request, None, None);
    let mut session = Session::begin(view.site(b"Shop", b"/prod/health"));
    // Not warm: nothing was ever put into it.
    let mut scratch = Scratch::new(1 << 20);
    let mut asked = Vec::new();
    let mut said = Said::Begin;
    for _ in 0..2 {
        let mut what = "";
        let counted = measure(|| {
            (what, said) = match session.advance(&world, &mut scratch, said.outcome()) {
                Step::Verify(Verify::ApiKey { .. }) => ("key", Said::Key),
                Step::Spend { .. } => ("limits", Said::Spent),
                _ => ("else", Said::Kept),
            };
        });
        assert_eq!(counted.count_total, 0, "up to {what}");
        asked.push(what);
    }
    // Route, resource policy, key, plan and limits are behind it.
    assert_eq!(asked, ["key", "limits"]);
}

#[test]
fn a_warm_scratch_makes_any_request_free_of_allocations() {
    let shop = shop();
    let view = shop.view();
    let json = [Header {
        name: b"Content-Type",
        value: b"application/json",
    }];
    let answer = Backend {
        status: 200,
        headers: &json,
        body: Some(b"{\"made\": true}"),
        latency_us: 1,
    };
    for (method, target, body) in [
        ("GET", "/prod/items/7?q=a+b", &b""[..]),
        ("GET", "/prod/closed/7", b""),
        ("GET", "/prod/nowhere", b""),
        ("POST", "/prod/orders", b"{\"id\": \"7\", \"count\": 2}"),
        ("POST", "/prod/orders", b"{\"count\": \"two\"}"),
        ("POST", "/prod/patterns", b"{\"id\": \"a7b77\"}"),
    ] {
        let request = sent(method, target, &json, body);
        let site = view.site(b"Shop", target.as_bytes());
        let mut scratch = Scratch::new(1 << 20);
        let answers = [Some(answer), None];
        allocations(view, site, &request, answers, &mut scratch);
        let (count, calls) = allocations(view, site, &request, answers, &mut scratch);
        assert!(calls > 1, "{method} {target}");
        assert_eq!(count, 0, "{method} {target}");
    }
}

#[test]
fn generated_requests_are_free_of_allocations_once_the_scratch_is_warm() {
    let pairs = Numbered::new(8);
    let mut requests = 0;
    for number in 0..40 {
        let pair = pairs.pair(3, number);
        let bytes = tollgate_compiler::emit::bundle(&pair.program).unwrap();
        let loaded = Loaded::verify(bytes).unwrap();
        for index in 0..pair.exchanges.len() {
            let counted = exchange(&loaded, &pair, index);
            assert_eq!(counted, 0, "program {number}, exchange {index}\n{pair:?}");
            requests += 1;
        }
    }
    assert_eq!(requests, 320);
}

/// The allocations of one exchange's second run.
fn exchange(loaded: &Loaded<Vec<u8>>, pair: &Pair, index: usize) -> u64 {
    let (request, script) = &pair.exchanges[index];
    let headers: Vec<Header<'_>> = lent(&request.headers);
    let answered = |answer: &Option<BackendAnswer>| match answer {
        Some(BackendAnswer::Answered {
            status,
            headers,
            body,
        }) => Some((*status, headers.clone(), body.clone())),
        _ => None,
    };
    let owned = [answered(&script.backend), answered(&script.authorizer)];
    let names: Vec<Vec<Header<'_>>> = owned
        .iter()
        .map(|answer| answer.as_ref().map(|a| lent(&a.1)).unwrap_or_default())
        .collect();
    let answer = |at: usize| {
        owned[at].as_ref().map(|(status, _, body)| Backend {
            status: *status,
            headers: &names[at],
            body: Some(body),
            latency_us: 1,
        })
    };
    let answers = [answer(0), answer(1)];
    let sent = sent(&request.method, &request.target, &headers, &request.body);
    let view = loaded.view();
    let site = view.site(API.as_bytes(), request.target.as_bytes());
    let mut scratch = Scratch::new(64 << 20);
    allocations(view, site, &sent, answers, &mut scratch);
    allocations(view, site, &sent, answers, &mut scratch).0
}

fn lent(headers: &[(String, String)]) -> Vec<Header<'_>> {
    headers
        .iter()
        .map(|(name, value)| Header {
            name: name.as_bytes(),
            value: value.as_bytes(),
        })
        .collect()
}

fn sleeps_anywhere<T: Send + 'static>() {}

#[test]
fn a_session_is_small_and_sleeps_anywhere() {
    sleeps_anywhere::<Session>();
    sleeps_anywhere::<Scratch>();
    let size = size_of::<Session>();
    println!("a session is {size} bytes");
    assert!(size <= SESSION, "{size} bytes");
}

#[test]
fn a_thousand_sessions_wait_in_a_few_kilobytes_each() {
    let shop = shop();
    let view = shop.view();
    let json = [Header {
        name: b"Content-Type",
        value: b"application/json",
    }];
    let [proxied, rendered] = WAITING;
    for (method, target, body, most) in [
        ("GET", "/prod/items/7?q=a+b", &b""[..], proxied),
        (
            "POST",
            "/prod/orders",
            b"{\"id\": \"7\", \"count\": 2}",
            rendered,
        ),
    ] {
        let request = sent(method, target, &json, body);
        let world = world(view, &request, None, None);
        let site = view.site(b"Shop", target.as_bytes());
        let mut waiting = Vec::new();
        let counted = measure(|| {
            waiting.reserve_exact(1000);
            for _ in 0..1000 {
                let mut session = Session::begin(site);
                let mut scratch = Scratch::new(1 << 20);
                let mut said = Said::Begin;
                loop {
                    said = match session.advance(&world, &mut scratch, said.outcome()) {
                        Step::ReadBody { .. } => Said::Body,
                        Step::Spend { .. } => Said::Spent,
                        Step::Integrate(_) => break,
                        step => panic!("{step:?}"),
                    };
                }
                waiting.push((session, scratch));
            }
        });
        let each = u64::try_from(counted.bytes_current).unwrap() / 1000;
        println!("{method} {target}: {each} bytes while the backend works");
        assert!(each <= most, "{method} {target}: {each} bytes");

        // All of them go on, with what only they hold.
        let answered = with_answer(&world, &json);
        for (session, scratch) in &mut waiting {
            let step = session.advance(&answered, scratch, Outcome::Backend);
            assert!(matches!(step, Step::Respond(_)), "{step:?}");
        }
    }
}

fn with_answer<'a>(world: &World<'a>, headers: &'a [Header<'a>]) -> World<'a> {
    World {
        backend: Some(Backend {
            status: 201,
            headers,
            body: Some(b"{}"),
            latency_us: 1,
        }),
        ..*world
    }
}
