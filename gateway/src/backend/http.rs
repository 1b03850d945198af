//! HTTP/1.1 towards backends: heads as the runtime wrote them, letter by letter, and pooled connections.
//!
//! The reference always speaks HTTP/1.1 to backends, and the letter case of header names is observable in both
//! directions; so heads are written and read here, with hyper's own parser. Each worker has its own pool.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tollgate_runtime::Fault;

use super::stream::{Stream, connect};
use super::{Answer, Answered};

/// The most bytes of an answer that is lent whole: the reference's limit.
pub(crate) const LARGEST_ANSWER: usize = 10 << 20;

/// The longest head of an answer.
const LONGEST_HEAD: usize = 64 << 10;

/// The most headers of an answer.
const MOST_HEADERS: usize = 128;

/// Idle connections kept for one origin by one worker, and for how long.
const MOST_IDLE: usize = 64;
const IDLE: Duration = Duration::from_secs(60);

/// Origins that a worker remembers; past it, all are forgotten and their idle connections closed.
const MOST_ORIGINS: usize = 1024;

/// Bytes asked for in one read.
const READ: usize = 8 << 10;

/// A worker's connections to backends.
#[derive(Default)]
pub(crate) struct Pool {
    origins: RefCell<Vec<Rc<Origin>>>,
}

/// Who is connected to, and the connections that wait.
pub(crate) struct Origin {
    secure: bool,
    insecure: bool,
    host: Box<str>,
    port: u16,
    idle: RefCell<Vec<(Conn, Instant)>>,
}

impl Pool {
    /// The origin, made if it is new.
    pub(crate) fn origin(&self, secure: bool, insecure: bool, host: &str, port: u16) -> Rc<Origin> {
        let mut origins = self.origins.borrow_mut();
        let known = origins.iter().find(|o| {
            o.port == port && o.secure == secure && o.insecure == insecure && *o.host == *host
        });
        if let Some(origin) = known {
            return origin.clone();
        }
        if origins.len() >= MOST_ORIGINS {
            origins.clear();
        }
        let origin = Rc::new(Origin {
            secure,
            insecure,
            host: host.into(),
            port,
            idle: RefCell::default(),
        });
        origins.push(origin.clone());
        origin
    }

    /// Closes what has waited too long. O(connections).
    pub(crate) fn sweep(&self) {
        for origin in self.origins.borrow().iter() {
            origin
                .idle
                .borrow_mut()
                .retain(|(_, since)| since.elapsed() < IDLE);
        }
    }
}

impl Origin {
    fn idle(&self) -> Option<Conn> {
        let mut idle = self.idle.borrow_mut();
        // The latest first, so that the others can grow old.
        while let Some((conn, since)) = idle.pop() {
            if since.elapsed() < IDLE && conn.stream.quiet() {
                return Some(conn);
            }
        }
        None
    }

    fn give_back(&self, conn: Conn) {
        let mut idle = self.idle.borrow_mut();
        if conn.start == conn.buf.len() && idle.len() < MOST_IDLE {
            let mut conn = conn;
            conn.buf.clear();
            conn.start = 0;
            // What one large answer needed is not kept for the next.
            conn.buf.shrink_to(2 * READ);
            idle.push((conn, Instant::now()));
        }
    }
}

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

struct Conn {
    stream: Stream,
    buf: Vec<u8>,
    /// What of `buf` is used already.
    start: usize,
}

impl Conn {
    fn unread(&self) -> &[u8] {
        self.buf.get(self.start..).unwrap_or_default()
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.start == self.buf.len() {
            self.buf.clear();
            self.start = 0;
        }
        let len = self.buf.len();
        self.buf.resize(len + READ, 0);
        let mut room = ReadBuf::new(self.buf.get_mut(len..).unwrap_or_default());
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut room);
        let n = room.filled().len();
        self.buf.truncate(len + n);
        ready!(read)?;
        Poll::Ready(Ok(n))
    }
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Over,
    Length(u64),
    Chunked(Chunk),
    UntilClose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chunk {
    /// In a size line: the digits so far, and whether they are over.
    Size(Option<(u64, bool)>),
    /// Bytes of the chunk to come.
    Data(u64),
    /// Bytes of the line end after a chunk to come.
    End(u8),
    /// In a line of the trailer; whether it is empty so far.
    Trailer(bool),
}

/// The body of an answer that is still to come.
pub(crate) struct AnswerBody {
    origin: Rc<Origin>,
    conn: Option<Conn>,
    framing: Framing,
    reusable: bool,
    total: u64,
}

impl AnswerBody {
    /// Whether the whole body has been received already.
    fn is_here(&self) -> bool {
        let unread = self.conn.as_ref().map_or(0, |c| c.unread().len()) as u64;
        match self.framing {
            Framing::Over => true,
            Framing::Length(n) => n <= unread,
            // Small chunked answers come whole as a rule: the last chunk is in sight.
            Framing::Chunked(_) => self
                .conn
                .as_ref()
                .is_some_and(|c| c.unread().ends_with(b"0\r\n\r\n")),
            Framing::UntilClose => false,
        }
    }

    /// How many bytes are to come, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match self.framing {
            Framing::Over => Some(0),
            Framing::Length(n) => Some(n),
            _ => None,
        }
    }

    /// The next run of bytes; `None` at the end, when the connection goes back to its pool.
    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        loop {
            let Some(conn) = self.conn.as_mut() else {
                return Poll::Ready(Ok(None));
            };
            if self.framing == Framing::Over {
                if let Some(conn) = self.conn.take().filter(|_| self.reusable) {
                    self.origin.give_back(conn);
                }
                return Poll::Ready(Ok(None));
            }
            if conn.unread().is_empty() {
                let n = ready!(conn.poll_fill(cx))?;
                if n == 0 {
                    if self.framing == Framing::UntilClose {
                        self.framing = Framing::Over;
                        continue;
                    }
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
            }
            if let Some(bytes) = step(conn, &mut self.framing)? {
                self.total += bytes.len() as u64;
                return Poll::Ready(Ok(Some(bytes)));
            }
        }
    }
}

/// Uses some of what is unread: bytes of the body, or a piece of its framing.
fn step(conn: &mut Conn, framing: &mut Framing) -> io::Result<Option<Bytes>> {
    let unread = conn.unread();
    let take = |left: u64| usize::try_from(left).map_or(unread.len(), |n| n.min(unread.len()));
    let (used, data) = match framing {
        Framing::Over => (0, false),
        Framing::UntilClose => (unread.len(), true),
        Framing::Length(left) => {
            let now = take(*left);
            *framing = match *left - now as u64 {
                0 => Framing::Over,
                left => Framing::Length(left),
            };
            (now, true)
        }
        Framing::Chunked(chunk) => match *chunk {
            Chunk::Data(left) => {
                let now = take(left);
                *chunk = match left - now as u64 {
                    0 => Chunk::End(2),
                    left => Chunk::Data(left),
                };
                (now, true)
            }
            Chunk::End(left) => {
                let wanted = if left == 2 { b'\r' } else { b'\n' };
                if unread.first() != Some(&wanted) {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                *chunk = if left == 2 {
                    Chunk::End(1)
                } else {
                    Chunk::Size(None)
                };
                (1, false)
            }
            Chunk::Size(so_far) => {
                let byte = unread.first().copied().unwrap_or_default();
                *chunk = size_line(so_far, byte).ok_or(io::ErrorKind::InvalidData)?;
                (1, false)
            }
            Chunk::Trailer(empty) => {
                match unread.first() {
                    Some(b'\n') if empty => *framing = Framing::Over,
                    Some(b'\n') => *chunk = Chunk::Trailer(true),
                    Some(b'\r') => {}
                    _ => *chunk = Chunk::Trailer(false),
                }
                (1, false)
            }
        },
    };
    let bytes = data.then(|| Bytes::copy_from_slice(unread.get(..used).unwrap_or_default()));
    conn.start += used;
    Ok(bytes)
}

/// One more byte of the line that tells a chunk's size; `None` if the line is none.
fn size_line(so_far: Option<(u64, bool)>, byte: u8) -> Option<Chunk> {
    let (value, over) = so_far.unwrap_or_default();
    match byte {
        b'\n' => {
            so_far?;
            Some(match value {
                0 => Chunk::Trailer(true),
                n => Chunk::Data(n),
            })
        }
        b'\r' | b';' | b' ' | b'\t' => {
            so_far?;
            Some(Chunk::Size(Some((value, true))))
        }
        _ if over => Some(Chunk::Size(Some((value, true)))),
        digit => {
            let digit = (digit as char).to_digit(16)?;
            let value = value.checked_mul(16)?.checked_add(u64::from(digit))?;
            Some(Chunk::Size(Some((value, false))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A backend that answers each request of each connection with the next script, and says what it was sent.
    /// After its last script a connection is closed.
    fn backend(connections: Vec<Vec<&'static str>>) -> (u16, std::sync::mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, requests) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for scripts in connections {
                let (mut stream, _) = listener.accept().unwrap();
                for script in scripts {
                    let mut request = Vec::new();
                    let mut buffer = [0; 4096];
                    while !whole(&request) {
                        match stream.read(&mut buffer).unwrap() {
                            0 => break,
                            n => request.extend_from_slice(&buffer[..n]),
                        }
                    }
                    seen.send(String::from_utf8(request).unwrap()).unwrap();
                    for piece in script.split('|') {
                        let _ = stream.write_all(piece.as_bytes());
                        std::thread::sleep(Duration::from_millis(2));
                    }
                }
            }
        });
        (port, requests)
    }

    fn whole(request: &[u8]) -> bool {
        let text = String::from_utf8_lossy(request);
        match text.split_once("\r\n\r\n") {
            Some((head, body)) if head.contains("chunked") => body.ends_with("0\r\n\r\n"),
            Some((head, body)) => {
                let length = head
                    .lines()
                    .find_map(|l| l.strip_prefix("Content-Length: "));
                body.len() >= length.map_or(0, |n| n.parse().unwrap())
            }
            None => false,
        }
    }

    fn request(pool: &Pool, port: u16, method: &str, body: &'static str) -> Request {
        Request {
            origin: pool.origin(false, false, "127.0.0.1", port),
            head: format!(
                "{method} /a HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n",
                body.len()
            )
            .into_bytes(),
            body: RequestBody::Whole(Bytes::from_static(body.as_bytes())),
            waits_for_client: false,
            started: false,
            repeatable: method == "GET",
            bodiless: method == "HEAD",
            timeout: Duration::from_secs(5),
            stream_back: false,
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(10), future)
                .await
                .unwrap()
        })
    }

    fn show(answered: Answered) -> Result<String, Fault> {
        answered.map(|a| {
            let names: Vec<_> = a
                .headers()
                .map(|h| String::from_utf8_lossy(h.name).into_owned())
                .collect();
            let body = String::from_utf8(a.body.clone().unwrap().to_vec()).unwrap();
            format!("{} {} {body}", a.status, names.join(","))
        })
    }

    #[test]
    fn bodies_are_read_as_they_are_framed() {
        for (script, method, wanted) in [
            (
                "HTTP/1.1 200 OK\r\nCoNtEnT-lEnGtH: 5\r\n\r\nhello",
                "GET",
                Ok("200 CoNtEnT-lEnGtH hello"),
            ),
            (
                "HTTP/1.1 200 |OK\r\nA: b\r\nContent-Length: 5\r|\n\r\nhe|llo",
                "GET",
                Ok("200 A,Content-Length hello"),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe|\r\n3|\r\nllo\r\n0\r\nT: u\r\n\r\n",
                "GET",
                Ok("200 Transfer-Encoding hello"),
            ),
            ("HTTP/1.1 200 OK\r\n\r\nhel|lo", "GET", Ok("200  hello")),
            (
                "HTTP/1.0 404 No\r\nX: 1\r\n\r\nhello",
                "GET",
                Ok("404 X hello"),
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", "GET", Ok("204  ")),
            (
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
                "GET",
                Ok("304 Content-Length "),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                "HEAD",
                Ok("200 Content-Length "),
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 103 Early\r\nL: m\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "GET",
                Ok("200 Content-Length "),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                "GET",
                Ok("200 Content-Length,Content-Length hello"),
            ),
            // What is broken is no answer.
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
                "GET",
                Err(Fault::Connect),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello",
                "GET",
                Err(Fault::Connect),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
                "GET",
                Err(Fault::Connect),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                "GET",
                Err(Fault::Connect),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloo",
                "GET",
                Err(Fault::Connect),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
                "GET",
                Err(Fault::Connect),
            ),
            ("HTTP/1.1 200 OK\r\nA", "GET", Err(Fault::Connect)),
            ("hello\r\n\r\n", "GET", Err(Fault::Connect)),
            ("", "GET", Err(Fault::Connect)),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                "GET",
                Err(Fault::Connect),
            ),
        ] {
            let (port, _requests) = backend(vec![vec![script], vec![]]);
            let pool = Pool::default();
            let got = run(fetch(&mut request(&pool, port, method, ""), Instant::now()));
            assert_eq!(show(got), wanted.map(str::to_owned), "{script}");
        }
    }

    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    #[test]
    fn a_connection_is_used_again() {
        let (port, requests) = backend(vec![vec![OK, OK, OK]]);
        let pool = Pool::default();
        run(async {
            for n in 0..3 {
                let got = fetch(&mut request(&pool, port, "POST", "hello"), Instant::now()).await;
                assert_eq!(show(got), Ok("200 Content-Length ok".into()), "{n}");
            }
        });
        assert!(requests.iter().all(|r| r.ends_with("\r\n\r\nhello")));
    }

    #[test]
    fn a_connection_that_the_backend_closed_is_not_used() {
        for closing in [
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
            OK,
        ] {
            let (port, _requests) = backend(vec![vec![closing], vec![OK]]);
            let pool = Pool::default();
            run(async {
                for method in ["GET", "POST"] {
                    let got = fetch(&mut request(&pool, port, method, ""), Instant::now()).await;
                    assert!(got.is_ok(), "{method} after {closing}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            });
        }
    }

    #[test]
    fn bytes_that_nobody_asked_for_end_a_connection() {
        let (port, requests) = backend(vec![
            vec![
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
            ],
            vec![OK],
        ]);
        let pool = Pool::default();
        run(async {
            for _ in 0..2 {
                let got = fetch(&mut request(&pool, port, "GET", ""), Instant::now()).await;
                assert_eq!(show(got), Ok("200 Content-Length ok".into()));
            }
        });
        assert_eq!(requests.iter().count(), 2);
    }

    #[test]
    fn an_answer_has_its_limit() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            let block = vec![b'x'; 1 << 16];
            while stream.write_all(&block).is_ok() {}
        });
        let pool = Pool::default();
        let got = run(fetch(&mut request(&pool, port, "GET", ""), Instant::now()));
        assert_eq!(got.err(), Some(Fault::AnswerTooLarge));
    }

    #[test]
    fn nobody_there_is_no_connection() {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let pool = Pool::default();
        let got = run(fetch(&mut request(&pool, port, "GET", ""), Instant::now()));
        assert_eq!(got.err(), Some(Fault::Connect));
    }

    #[test]
    fn an_early_answer_counts_although_the_request_is_not_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut some = [0; 64];
            let _ = stream.read(&mut some);
            let _ = stream
                .write_all(b"HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
            let _ = stream.shutdown(std::net::Shutdown::Write);
            while stream.read(&mut some).is_ok_and(|n| n > 0) {}
        });
        let pool = Pool::default();
        let mut large = request(&pool, port, "POST", "");
        large.head = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", 4 << 20).into_bytes();
        large.body = RequestBody::Whole(vec![0; 4 << 20].into());
        assert_eq!(
            show(run(fetch(&mut large, Instant::now()))),
            Ok("413 Connection,Content-Length no".into())
        );
    }
}
