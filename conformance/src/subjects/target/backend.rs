//! The backends of a gateway, played by the runner: one listener answers as scripted and remembers.

use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tollgate_reference::{BackendAnswer, Call, CallKind};

use super::document::MARK;
use super::http::{read_body, read_head};
use crate::bytes::percent_decoded;
use crate::subject::Script;

/// The path of the Lambda Invoke API.
const FUNCTIONS: &str = "/2015-03-31/functions/";
/// Where every function of the cases is.
const WORLD: &str = "arn:aws:lambda:us-east-1:111111111111:function:";

#[derive(Default)]
struct Play {
    script: Script,
    calls: Vec<Call>,
}

/// The listener, for as long as the process lives.
pub(super) struct Backends {
    address: SocketAddr,
    play: Arc<Mutex<Play>>,
}

/// What was scripted is whole whoever died while holding it.
fn lock(play: &Mutex<Play>) -> MutexGuard<'_, Play> {
    play.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Backends {
    pub(super) fn listen(address: SocketAddr) -> io::Result<Backends> {
        let listener = TcpListener::bind(address)?;
        let backends = Backends {
            address: listener.local_addr()?,
            play: Arc::default(),
        };
        let play = Arc::clone(&backends.play);
        std::thread::Builder::new()
            .name("backends".into())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    let play = Arc::clone(&play);
                    // One thread a connection: a gateway keeps some open and unused.
                    let spawned = std::thread::Builder::new().spawn(move || {
                        // A connection that breaks is seen as a call that did not arrive.
                        let _ = serve(&stream, &play);
                    });
                    if spawned.is_err() {
                        continue;
                    }
                }
            })?;
        Ok(backends)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers so from now on, and forgets earlier calls.
    pub(super) fn play(&self, script: Script) {
        *lock(&self.play) = Play {
            script,
            calls: Vec::new(),
        };
    }

    /// The calls since the latest script.
    pub(super) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut lock(&self.play).calls)
    }
}

fn serve(stream: &TcpStream, play: &Mutex<Play>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let own = stream.local_addr()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (line, headers) = read_head(&mut reader)?;
        let body = read_body(&mut reader, &headers, false)?;
        let method = line.split(' ').next().unwrap_or_default();
        let target = line.split(' ').nth(1).unwrap_or_default();
        let answer = {
            let mut play = lock(play);
            play.calls.push(call(method, target, headers, body, own));
            play.script.backend.clone()
        };
        let Some(BackendAnswer::Answered {
            status,
            headers,
            body,
        }) = answer
        else {
            return Ok(());
        };
        let mut head = format!("HTTP/1.1 {status} scripted\r\n");
        for (name, value) in &headers {
            let framing = ["content-length", "transfer-encoding"];
            if !framing.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        let bodiless = method == "HEAD" || status == 204 || status == 304;
        if !bodiless {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let mut out = stream;
        out.write_all(head.as_bytes())?;
        if !bodiless {
            out.write_all(&body)?;
        }
        out.flush()?;
    }
}

/// A call as it was before its address was replaced.
fn call(
    method: &str,
    target: &str,
    mut headers: Vec<(String, String)>,
    body: Vec<u8>,
    own: SocketAddr,
) -> Call {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut kind = CallKind::Http;
    let uri = if let Some(rest) = path.strip_prefix(MARK) {
        let (scheme, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let host = rest.split('/').next().unwrap_or_default();
        for (name, value) in &mut headers {
            if name.eq_ignore_ascii_case("host") && *value == own.to_string() {
                host.clone_into(value);
            }
        }
        format!("{scheme}://{rest}")
    } else if let Some(name) = path
        .strip_prefix(FUNCTIONS)
        .and_then(|rest| rest.strip_suffix("/invocations"))
    {
        kind = CallKind::Lambda;
        let name = percent_decoded(name, false);
        // A function may be named without what is the same for all in the world of the cases.
        let arn = match name.starts_with("arn:") {
            true => name,
            false => format!("{WORLD}{name}"),
        };
        format!("arn:aws:apigateway:us-east-1:lambda:path{FUNCTIONS}{arn}/invocations")
    } else {
        path.to_owned()
    };
    // What the runner's own socket needed is no part of what the gateway says.
    headers.retain(|(name, _)| {
        !["connection", "content-length"]
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
    });
    Call {
        kind,
        method: method.to_owned(),
        uri,
        query: query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (percent_decoded(name, true), percent_decoded(value, true))
            })
            .collect(),
        headers,
        body,
        timeout_ms: 0,
        credentials: None,
    }
}
