//! HTTP/1.1 towards backends: heads as the runtime wrote them, letter by letter, and pooled connections.
//!
//! The reference always speaks HTTP/1.1 to backends, and the letter case of header names is observable in both
//! directions; so heads are written and read here, with hyper's own parser. Each worker has its own pool.

mod body;
mod pool;

use std::future::poll_fn;

use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use tokio::io::AsyncWriteExt;
use tollgate_runtime::Fault;

use super::stream::{Stream, connect};
use super::{Answer, Answered};
pub(crate) use body::AnswerBody;
use body::{Chunk, Framing};
use pool::{Conn, READ};
pub(crate) use pool::{Origin, Pool};

/// The most bytes of an answer that is lent whole: the reference's limit.
pub(crate) const LARGEST_ANSWER: usize = 10 << 20;

/// The longest head of an answer.
const LONGEST_HEAD: usize = 64 << 10;

/// The most headers of an answer.
const MOST_HEADERS: usize = 128;

/// A request, ready to be sent.
pub(crate) struct Request {
    pub(crate) origin: Rc<Origin>,
    /// The whole head, with the empty line.
    pub(crate) head: Vec<u8>,
    pub(crate) body: RequestBody,
    /// Whether the client's body is still to be put in the place of `body`.
    pub(crate) waits_for_client: bool,
    /// Whether anything of it may have been sent.
    pub(crate) started: bool,
    /// Whether it may be sent again when a kept connection turns out to be closed.
    pub(crate) repeatable: bool,
    /// Whether the answer has no body whatever its head says (`HEAD`).
    pub(crate) bodiless: bool,
    pub(crate) timeout: Duration,
    /// Whether the answer's body may be handed on as it comes.
    pub(crate) stream_back: bool,
}

/// The body of a [`Request`].
pub(crate) enum RequestBody {
    Whole(Bytes),
    /// The client's, as it comes; with chunks if its length is not in the head.
    Client {
        incoming: Incoming,
        chunked: bool,
    },
}

/// Sends a request and reads the answer: its head, and its body unless that may be handed on.
pub(crate) async fn fetch(request: &mut Request, sent: Instant) -> Answered {
    if let Some(conn) = request.origin.idle() {
        match over(conn, request, sent).await {
            Err(Broken::Unanswered) if request.repeatable => {}
            Err(broken) => return Err(broken.fault()),
            Ok(answer) => return Ok(answer),
        }
    }
    let origin = &request.origin;
    let stream = connect(&origin.host, origin.port, origin.secure, origin.insecure)
        .await
        .map_err(|_| Fault::Connect)?;
    let conn = Conn {
        stream,
        buf: Vec::new(),
        start: 0,
    };
    over(conn, request, sent).await.map_err(Broken::fault)
}

/// Why there is no answer over one connection.
enum Broken {
    /// The connection was closed before the first byte of an answer.
    Unanswered,
    /// The client's body could not be read.
    Client,
    /// The answer is no HTTP, or it broke off.
    Answer,
    TooLarge,
    RequestTooLarge,
}

impl Broken {
    fn fault(self) -> Fault {
        match self {
            Broken::Unanswered | Broken::Answer => Fault::Connect,
            Broken::Client => Fault::Unreadable,
            Broken::TooLarge => Fault::AnswerTooLarge,
            Broken::RequestTooLarge => Fault::TooLarge,
        }
    }
}

async fn over(mut conn: Conn, request: &mut Request, sent: Instant) -> Result<Answer, Broken> {
    request.started = true;
    // A backend may answer and close before it has read the whole request; then the answer counts.
    let written = write(&mut conn.stream, request).await;
    if let Err(broken @ (Broken::Client | Broken::RequestTooLarge)) = written {
        return Err(broken);
    }
    let head = loop {
        match read_head(&mut conn, request.bodiless).await? {
            // 100 and 103 come before the answer.
            head if (100..200).contains(&head.answer.status) && head.answer.status != 101 => {}
            head => break head,
        }
    };
    let Received {
        mut answer,
        framing,
        reusable,
    } = head;
    let mut body = AnswerBody {
        origin: request.origin.clone(),
        conn: Some(conn),
        framing,
        reusable: reusable && written.is_ok(),
        total: 0,
    };
    if request.stream_back && !body.is_here() {
        answer.latency_us = micros(sent);
        answer.streaming = Some(body);
        return Ok(answer);
    }
    let mut whole: Option<Bytes> = None;
    let mut joined = Vec::new();
    while let Some(chunk) = poll_fn(|cx| body.poll_chunk(cx))
        .await
        .map_err(|_| Broken::Answer)?
    {
        if body.total > LARGEST_ANSWER as u64 {
            return Err(Broken::TooLarge);
        }
        match whole.take() {
            None if joined.is_empty() => whole = Some(chunk),
            first => {
                if let Some(first) = first {
                    joined.extend_from_slice(&first);
                }
                joined.extend_from_slice(&chunk);
            }
        }
    }
    answer.latency_us = micros(sent);
    answer.body = Some(whole.unwrap_or_else(|| Bytes::from(joined)));
    Ok(answer)
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

async fn write(stream: &mut Stream, request: &mut Request) -> Result<(), Broken> {
    let lost = |_| Broken::Unanswered;
    match &mut request.body {
        RequestBody::Whole(body) if body.len() <= READ && request.head.len() <= READ => {
            let head = request.head.len();
            request.head.extend_from_slice(body);
            let written = stream.write_all(&request.head).await;
            // It may be sent again.
            request.head.truncate(head);
            written.map_err(lost)?;
        }
        RequestBody::Whole(body) => {
            stream.write_all(&request.head).await.map_err(lost)?;
            stream.write_all(body).await.map_err(lost)?;
        }
        RequestBody::Client { incoming, chunked } => {
            stream.write_all(&request.head).await.map_err(lost)?;
            let mut total = 0_usize;
            while let Some(frame) = poll_fn(|cx| Pin::new(&mut *incoming).poll_frame(cx)).await {
                let Ok(data) = frame.map_err(|_| Broken::Client)?.into_data() else {
                    continue;
                };
                total = total.saturating_add(data.len());
                if total > crate::body::LARGEST_REQUEST {
                    return Err(Broken::RequestTooLarge);
                }
                if !*chunked {
                    stream.write_all(&data).await.map_err(lost)?;
                } else if !data.is_empty() {
                    let size = format!("{:x}\r\n", data.len());
                    stream.write_all(size.as_bytes()).await.map_err(lost)?;
                    stream.write_all(&data).await.map_err(lost)?;
                    stream.write_all(b"\r\n").await.map_err(lost)?;
                }
            }
            if *chunked {
                stream.write_all(b"0\r\n\r\n").await.map_err(lost)?;
            }
        }
    }
    stream.flush().await.map_err(lost)
}

struct Received {
    answer: Answer,
    framing: Framing,
    reusable: bool,
}

async fn read_head(conn: &mut Conn, bodiless: bool) -> Result<Received, Broken> {
    let mut seen = 0;
    loop {
        // Parse again only when there is more than at the last try.
        if conn.unread().len() > seen {
            seen = conn.unread().len();
            if let Some((received, length)) = parse_head(conn.unread(), bodiless)? {
                conn.start += length;
                return Ok(received);
            }
        }
        if conn.unread().len() > LONGEST_HEAD {
            return Err(Broken::Answer);
        }
        match poll_fn(|cx| conn.poll_fill(cx)).await {
            Ok(0) | Err(_) if conn.unread().is_empty() => return Err(Broken::Unanswered),
            Ok(0) | Err(_) => return Err(Broken::Answer),
            Ok(_) => {}
        }
    }
}

fn parse_head(bytes: &[u8], bodiless: bool) -> Result<Option<(Received, usize)>, Broken> {
    let mut headers = [const { std::mem::MaybeUninit::uninit() }; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        bytes,
        &mut headers,
    );
    let length = match parsed.map_err(|_| Broken::Answer)? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Ok(None),
    };
    let status = response.code.ok_or(Broken::Answer)?;
    let mut reusable = response.version == Some(1);
    let (mut chunked, mut until_close, mut content_length) = (false, false, None);
    for header in response.headers.iter() {
        let value = header.value.trim_ascii();
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            match value.rsplit(|&b| b == b',').next().map(<[u8]>::trim_ascii) {
                Some(last) if last.eq_ignore_ascii_case(b"chunked") => chunked = true,
                // Another coding last: the body ends with the connection (RFC 9112, section 6.3).
                _ => until_close = true,
            }
        } else if header.name.eq_ignore_ascii_case("content-length") {
            let number = std::str::from_utf8(value)
                .ok()
                .filter(|v| v.bytes().all(|b| b.is_ascii_digit()));
            let number: u64 = number.and_then(|v| v.parse().ok()).ok_or(Broken::Answer)?;
            if content_length.is_some_and(|n| n != number) {
                return Err(Broken::Answer);
            }
            content_length = Some(number);
        } else if header.name.eq_ignore_ascii_case("connection") {
            for word in value.split(|&b| b == b',') {
                match word.trim_ascii() {
                    w if w.eq_ignore_ascii_case(b"close") => reusable = false,
                    w if w.eq_ignore_ascii_case(b"keep-alive") && !until_close => reusable = true,
                    _ => {}
                }
            }
        }
    }
    let framing = if bodiless || status < 200 || matches!(status, 204 | 304) {
        Framing::Over
    } else if until_close {
        Framing::UntilClose
    } else if chunked {
        Framing::Chunked(Chunk::Size(None))
    } else {
        match content_length {
            Some(0) => Framing::Over,
            Some(n) => Framing::Length(n),
            None => Framing::UntilClose,
        }
    };
    let answer = Answer::from_head(
        status,
        bytes.get(..length).unwrap_or_default(),
        response.headers,
    );
    let reusable = reusable && framing != Framing::UntilClose && status != 101;
    Ok(Some((
        Received {
            answer,
            framing,
            reusable,
        },
        length,
    )))
}

#[cfg(test)]
mod tests;
