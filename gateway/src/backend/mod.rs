//! Where calls of integrations and authorizers go, and what comes back.
//!
//! [`plan`] turns a call of the runtime, which borrows, into work that owns what it needs; [`perform`] does it.

mod echo;
pub(crate) mod http;
mod lambda;
mod services;
mod stream;
pub(crate) mod url;

use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::Incoming;
use tollgate_runtime::{BodyOut, Call, CallKind, Fault, Header};

use crate::body::{Coding, LARGEST_REQUEST};
use crate::program::{Function, Program, StandIn};
use http::{AnswerBody, Origin, Pool, Request, RequestBody};
use url::Url;

/// An answer of a backend, owned.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    bytes: Vec<u8>,
    lines: Vec<[u32; 4]>,
    /// The whole body; `None` while it is [`streaming`](Answer::streaming).
    pub(crate) body: Option<Bytes>,
    /// The body that is still to come.
    pub(crate) streaming: Option<AnswerBody>,
    pub(crate) latency_us: u32,
}

/// What came of a call.
pub(crate) type Answered = Result<Answer, Fault>;

impl Answer {
    fn from_head(status: u16, raw: &[u8], headers: &[httparse::Header<'_>]) -> Answer {
        let base = raw.as_ptr() as usize;
        let at = |text: &[u8]| {
            // Both are runs of `raw`, which is far shorter than 4 GiB.
            let from = text.as_ptr() as usize - base;
            [from as u32, (from + text.len()) as u32]
        };
        let line = |h: &httparse::Header<'_>| {
            let ([a, b], [c, d]) = (at(h.name.as_bytes()), at(h.value));
            [a, b, c, d]
        };
        Answer {
            status,
            lines: headers.iter().map(line).collect(),
            bytes: raw.to_vec(),
            ..Answer::default()
        }
    }

    fn whole(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let mut answer = Answer {
            status,
            body: Some(body.into()),
            ..Answer::default()
        };
        for (name, value) in headers {
            let a = answer.bytes.len();
            let b = a + name.len();
            answer.bytes.extend_from_slice(name.as_bytes());
            answer.bytes.extend_from_slice(value.as_bytes());
            let ends = [a, b, b, b + value.len()];
            answer.lines.push(ends.map(|n| n as u32));
        }
        answer
    }

    /// The headers in the order received.
    pub(crate) fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        let text = |from: u32, to: u32| {
            self.bytes
                .get(from as usize..to as usize)
                .unwrap_or_default()
        };
        self.lines.iter().map(move |&[a, b, c, d]| Header {
            name: text(a, b),
            value: text(c, d),
        })
    }
}

/// A call as work that owns what it needs.
pub(crate) enum Work {
    /// Nothing is left to do.
    Done(Answered),
    /// The client's own body is to be sent: [`Work::with_client_body`] makes it whole.
    Http {
        request: Box<Request>,
        /// Tried in turn if the request's origin cannot be reached.
        others: Vec<Rc<Origin>>,
    },
    /// The echo, once the client's body is there.
    Echo(echo::Echo),
    /// A local command that stands for a function.
    Command(lambda::Invocation),
}

/// What a plan may draw on.
pub(crate) struct Resources<'a> {
    pub(crate) program: &'a Program,
    pub(crate) pool: &'a Pool,
    /// The client's body, if it was read.
    pub(crate) body: Option<&'a Bytes>,
    /// The latest answer's body, for authorizers' and chained calls.
    pub(crate) backend: Option<&'a Bytes>,
    /// `Content-Length` of the client's request, unless its body is packed.
    pub(crate) client_length: Option<u64>,
    /// Turns over the targets of a link.
    pub(crate) turn: usize,
    /// What people should read.
    pub(crate) say: &'a dyn Fn(&str),
}

/// The body of a call: known now, or the client's as it comes.
enum Body {
    Known(Bytes),
    Client,
}

fn body_of(body: BodyOut<'_>, have: &Resources<'_>) -> Body {
    match body {
        BodyOut::Bytes(bytes) => Body::Known(Bytes::copy_from_slice(bytes)),
        BodyOut::PassRequest => match have.body {
            Some(body) => Body::Known(body.clone()),
            None => Body::Client,
        },
        BodyOut::PassBackend => Body::Known(have.backend.cloned().unwrap_or_default()),
        BodyOut::PassBackendBase64 => {
            let body = have.backend.cloned().unwrap_or_default();
            Body::Known(crate::answer::base64(&body).into())
        }
        _ => Body::Known(Bytes::new()),
    }
}

/// Decides where a call goes.
pub(crate) fn plan(call: &Call<'_>, have: &Resources<'_>) -> Work {
    match call.kind {
        CallKind::Http => plan_http(call, have),
        CallKind::Lambda {
            function,
            asynchronous,
        } => plan_function(call, function, asynchronous, have),
        CallKind::AwsService {
            service,
            action,
            target,
            ..
        } => services::plan(call, service, action, target, have),
        _ => Work::Done(Err(Fault::Unsupported)),
    }
}

fn plan_http(call: &Call<'_>, have: &Resources<'_>) -> Work {
    let is_echo = call
        .uri
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"echo:"));
    if is_echo {
        return echo::http(call, body_of(call.body, have));
    }
    let Some(url) = Url::parse(call.uri) else {
        return Work::Done(Err(Fault::Rejected));
    };
    if let Some(link) = call.vpc_link {
        let link = String::from_utf8_lossy(link);
        return match have.program.stand_in(&link) {
            Some(StandIn::Echo) => echo::http(call, body_of(call.body, have)),
            Some(StandIn::Url(base)) => through(&url, std::slice::from_ref(base), call, have),
            None => match have.program.link(&link) {
                Some(targets) if !targets.is_empty() => through(&url, targets, call, have),
                _ => {
                    (have.say)(&format!(
                        "the VPC link `{link}` leads nowhere from here: give it `targets`, or run with --backend {link}=URL or --backend {link}=echo"
                    ));
                    Work::Done(Err(Fault::Unsupported))
                }
            },
        };
    }
    match have
        .program
        .stand_in(url.authority)
        .or_else(|| have.program.stand_in(url.host))
    {
        Some(StandIn::Echo) => echo::http(call, body_of(call.body, have)),
        Some(StandIn::Url(base)) => match Url::parse(base.as_bytes()) {
            Some(base) => {
                let (moved, prefix) = url.moved_to(&base);
                send(&moved, prefix, moved.authority, call, have)
            }
            None => Work::Done(Err(Fault::Rejected)),
        },
        None => send(&url, "", url.authority, call, have),
    }
}

/// Sends to the first of a link's targets that can be reached; the host of the URL stays in the head.
fn through(url: &Url<'_>, targets: &[String], call: &Call<'_>, have: &Resources<'_>) -> Work {
    let bases: Vec<_> = targets
        .iter()
        .filter_map(|t| Url::parse(t.as_bytes()))
        .collect();
    let first = have.turn % bases.len().max(1);
    let (Some(later), Some(earlier)) = (bases.get(first..), bases.get(..first)) else {
        return Work::Done(Err(Fault::Rejected));
    };
    let mut bases = later.iter().chain(earlier);
    let Some(base) = bases.next() else {
        return Work::Done(Err(Fault::Rejected));
    };
    let (moved, prefix) = url.moved_to(base);
    let mut work = send(&moved, prefix, url.authority, call, have);
    if let Work::Http { others, .. } = &mut work {
        *others = bases
            .map(|b| have.pool.origin(b.secure, call.insecure, b.host, b.port))
            .collect();
    }
    work
}

/// The request to `url`, with `prefix` before its path and `host` in its head.
fn send(url: &Url<'_>, prefix: &str, host: &str, call: &Call<'_>, have: &Resources<'_>) -> Work {
    let body = body_of(call.body, have);
    let mut head = Vec::with_capacity(512);
    head.extend_from_slice(call.method);
    head.push(b' ');
    head.extend_from_slice(prefix.as_bytes());
    if !url.target.starts_with('/') {
        head.push(b'/');
    }
    head.extend_from_slice(url.target.as_bytes());
    head.extend_from_slice(b" HTTP/1.1\r\n");
    let headers = call.headers.iter();
    if write_fields(
        &mut head,
        host,
        headers,
        body_length(&body, call.method, have),
    )
    .is_err()
    {
        return Work::Done(Err(Fault::Rejected));
    }
    let whole = match body {
        Body::Known(bytes) => Some(bytes),
        Body::Client => None,
    };
    let repeatable = whole.is_some()
        && [&b"GET"[..], b"HEAD", b"OPTIONS", b"PUT", b"DELETE"].contains(&call.method);
    Work::Http {
        request: Box::new(Request {
            origin: have
                .pool
                .origin(url.secure, call.insecure, url.host, url.port),
            head,
            // Until the client's body is put in its place.
            body: RequestBody::Whole(whole.clone().unwrap_or_default()),
            waits_for_client: whole.is_none(),
            started: false,
            repeatable,
            bodiless: call.method == b"HEAD",
            timeout: Duration::from_millis(u64::from(call.timeout_ms)),
            stream_back: call.stream_back,
        }),
        others: Vec::new(),
    }
}

/// How the length of a body stands in a head.
enum Length {
    /// Not at all: there is no body, and none is expected.
    Unsaid,
    Known(u64),
    Chunked,
}

fn body_length(body: &Body, method: &[u8], have: &Resources<'_>) -> Length {
    match body {
        Body::Known(bytes) if !bytes.is_empty() => Length::Known(bytes.len() as u64),
        Body::Known(_) if [&b"POST"[..], b"PUT", b"PATCH"].contains(&method) => Length::Known(0),
        Body::Known(_) => Length::Unsaid,
        Body::Client => have.client_length.map_or(Length::Chunked, Length::Known),
    }
}

/// A name or value that would break out of its line.
struct Forbidden;

fn write_fields<'v>(
    head: &mut Vec<u8>,
    host: &str,
    headers: impl Iterator<Item = (&'v [u8], &'v [u8])>,
    length: Length,
) -> Result<(), Forbidden> {
    let line = |head: &mut Vec<u8>, name: &[u8], value: &[u8]| {
        head.extend_from_slice(name);
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    };
    let start = head.len();
    let mut has_host = false;
    for (name, value) in headers {
        let token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
        if name.is_empty()
            || !name.iter().all(token)
            || value.iter().any(|b| matches!(b, 0 | b'\r' | b'\n'))
        {
            return Err(Forbidden);
        }
        // The framing is this side's own.
        if name.eq_ignore_ascii_case(b"content-length")
            || name.eq_ignore_ascii_case(b"transfer-encoding")
        {
            continue;
        }
        has_host |= name.eq_ignore_ascii_case(b"host");
        line(head, name, value);
    }
    match length {
        Length::Unsaid => {}
        Length::Known(n) => line(head, b"Content-Length", n.to_string().as_bytes()),
        Length::Chunked => line(head, b"Transfer-Encoding", b"chunked"),
    }
    if !has_host {
        let mut first = Vec::with_capacity(host.len() + 8);
        line(&mut first, b"Host", host.as_bytes());
        head.splice(start..start, first);
    }
    head.extend_from_slice(b"\r\n");
    Ok(())
}

/// A function's name out of its ARN, without version or alias.
fn function_name(arn: &str) -> &str {
    match arn.split_once(":function:") {
        Some((_, name)) => name.split([':', '/']).next().unwrap_or_default(),
        None => arn,
    }
}

fn plan_function(
    call: &Call<'_>,
    function: &[u8],
    asynchronous: bool,
    have: &Resources<'_>,
) -> Work {
    let arn = String::from_utf8_lossy(function);
    let name = function_name(&arn);
    let event = match body_of(call.body, have) {
        Body::Known(event) => event,
        Body::Client => return Work::Done(Err(Fault::Unsupported)),
    };
    match have.program.stand_in(name) {
        Some(StandIn::Echo) => return Work::Done(Ok(echo::function(&event))),
        Some(StandIn::Url(base)) => return invoke(base, name, &event, asynchronous, call, have),
        None => {}
    }
    match have.program.function(name) {
        Some(Function::Command { line, folder }) => Work::Command(lambda::Invocation {
            name: name.into(),
            arn: arn.clone().into_owned(),
            command: line.clone(),
            folder: folder.clone(),
            event,
            asynchronous,
            timeout: Duration::from_millis(u64::from(call.timeout_ms)),
        }),
        Some(Function::Url(base)) => invoke(base, name, &event, asynchronous, call, have),
        None => {
            (have.say)(&format!(
                "the function `{name}` is not here: declare `function {name} {{ command: \"…\" }}`, or run with --backend {name}=URL or --backend {name}=echo"
            ));
            Work::Done(Err(Fault::Unsupported))
        }
    }
}

/// A call of the Lambda service's Invoke API at `base`.
fn invoke(
    base: &str,
    name: &str,
    event: &Bytes,
    asynchronous: bool,
    call: &Call<'_>,
    have: &Resources<'_>,
) -> Work {
    let Some(base) = Url::parse(base.as_bytes()) else {
        return Work::Done(Err(Fault::Rejected));
    };
    let (url, prefix) = base.moved_to(&base);
    let mut head =
        format!("POST {prefix}/2015-03-31/functions/{name}/invocations HTTP/1.1\r\n").into_bytes();
    let kind: &[u8] = if asynchronous {
        b"Event"
    } else {
        b"RequestResponse"
    };
    let headers = [
        (&b"X-Amz-Invocation-Type"[..], kind),
        (b"Content-Type", b"application/json"),
    ];
    if write_fields(
        &mut head,
        url.authority,
        headers.into_iter(),
        Length::Known(event.len() as u64),
    )
    .is_err()
    {
        return Work::Done(Err(Fault::Rejected));
    }
    Work::Http {
        request: Box::new(Request {
            origin: have.pool.origin(url.secure, false, url.host, url.port),
            head,
            body: RequestBody::Whole(event.clone()),
            waits_for_client: false,
            started: false,
            repeatable: false,
            bodiless: false,
            timeout: Duration::from_millis(u64::from(call.timeout_ms)),
            stream_back: false,
        }),
        others: Vec::new(),
    }
}

/// Fetches a document for the gateway's own use.
pub(crate) async fn get(url: &str, pool: &Pool, timeout: Duration) -> Answered {
    let url = Url::parse(url.as_bytes()).ok_or(Fault::Rejected)?;
    let slash = if url.target.starts_with('/') { "" } else { "/" };
    let mut head = format!("GET {slash}{} HTTP/1.1\r\n", url.target).into_bytes();
    let accept = [(&b"Accept"[..], &b"application/json"[..])];
    write_fields(&mut head, url.authority, accept.into_iter(), Length::Unsaid)
        .map_err(|_| Fault::Rejected)?;
    let work = Work::Http {
        request: Box::new(Request {
            origin: pool.origin(url.secure, false, url.host, url.port),
            head,
            body: RequestBody::Whole(Bytes::new()),
            waits_for_client: false,
            started: false,
            repeatable: true,
            bodiless: false,
            timeout,
            stream_back: false,
        }),
        others: Vec::new(),
    };
    perform(work, || None).await
}

/// Does the work. `client` gives the request's body where it is passed on as it comes.
pub(crate) async fn perform(
    work: Work,
    client: impl FnOnce() -> Option<(Incoming, Coding)>,
) -> Answered {
    match work {
        Work::Done(answered) => answered,
        Work::Echo(echo) => {
            let (incoming, coding) = client().ok_or(Fault::Unreadable)?;
            let body = crate::body::read(incoming, LARGEST_REQUEST, coding);
            Ok(echo.answer(&body.await?))
        }
        Work::Command(invocation) => lambda::run(invocation).await,
        Work::Http {
            mut request,
            others,
        } => {
            let timeout = request.timeout;
            if request.waits_for_client {
                let (incoming, coding) = client().ok_or(Fault::Unreadable)?;
                request.body = match coding {
                    Coding::Plain => RequestBody::Client {
                        chunked: hyper::body::Body::size_hint(&incoming).exact().is_none(),
                        incoming,
                    },
                    // The head promises chunks: the length is not known before all is unpacked.
                    coding => {
                        let body = crate::body::read(incoming, LARGEST_REQUEST, coding).await?;
                        RequestBody::Whole(one_chunk(&body))
                    }
                };
            }
            let sent = Instant::now();
            let tries = async {
                let mut others = others.into_iter();
                loop {
                    match (http::fetch(&mut request, sent).await, others.next()) {
                        // Nothing was sent, so another target may be tried.
                        (Err(Fault::Connect), Some(other)) if !request.started => {
                            request.origin = other
                        }
                        (answered, _) => return answered,
                    }
                }
            };
            let timeout = tokio::time::timeout(timeout, tries);
            timeout.await.unwrap_or(Err(Fault::Timeout))
        }
    }
}

/// A body as one chunk.
fn one_chunk(body: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(body.len() + 32);
    if !body.is_empty() {
        out.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_a_name() {
        for (arn, name) in [
            (
                "arn:aws:lambda:eu-west-1:111122223333:function:orders",
                "orders",
            ),
            (
                "arn:aws:lambda:eu-west-1:111122223333:function:orders:live",
                "orders",
            ),
            ("orders", "orders"),
        ] {
            assert_eq!(function_name(arn), name);
        }
    }

    #[test]
    fn no_header_breaks_out_of_its_line() {
        for (name, value) in [
            ("A", "b\r\nC: d"),
            ("A", "b\nC"),
            ("A b", "c"),
            ("A:", "b"),
            ("", "b"),
            ("A", "\0"),
        ] {
            let headers = [(name.as_bytes(), value.as_bytes())];
            let written = write_fields(&mut Vec::new(), "h", headers.into_iter(), Length::Unsaid);
            assert!(written.is_err(), "{name}: {value}");
        }
    }

    #[test]
    fn framing_and_host_are_written_here() {
        let headers = [
            (&b"Content-Length"[..], &b"99"[..]),
            (b"transfer-encoding", b"chunked"),
            (b"X-Tenant", b"t"),
        ];
        let mut head = Vec::new();
        assert!(write_fields(&mut head, "h:1", headers.into_iter(), Length::Known(2)).is_ok());
        assert_eq!(
            head,
            b"Host: h:1\r\nX-Tenant: t\r\nContent-Length: 2\r\n\r\n"
        );
        let mut head = Vec::new();
        let own = [(&b"host"[..], &b"other"[..])];
        assert!(write_fields(&mut head, "h", own.into_iter(), Length::Chunked).is_ok());
        assert_eq!(head, b"host: other\r\nTransfer-Encoding: chunked\r\n\r\n");
    }
}
