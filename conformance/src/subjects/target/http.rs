//! As much of HTTP/1.1 as the runner speaks: one request a connection, sent as it is written.
//!
//! A library would fold the letters of header names and repair targets, and both are what cases are about.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustls::{ClientConnection, StreamOwned};
use tollgate_reference::Request;

use super::trust::Trust;
use crate::verdict::Missing;

/// How long a gateway may think: more than the longest timeout of an integration.
const PATIENCE: Duration = Duration::from_secs(40);
/// The longest head and the largest body that are read.
const MAX_HEAD: u64 = 1 << 20;
const MAX_BODY: u64 = 64 << 20;

/// What requests begin with: `http://host:port/prefix`, or `https://…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    secure: bool,
    authority: String,
    host: String,
    address: String,
    prefix: String,
}

/// A text is no `http` or `https` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadUrl(String);

impl std::fmt::Display for BadUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "`{}` is no `http://` or `https://` URL of a gateway",
            self.0
        )
    }
}

impl std::error::Error for BadUrl {}

/// An answer as it came.
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Base {
    pub(super) fn parse(url: &str) -> Result<Base, BadUrl> {
        let bad = || BadUrl(url.to_owned());
        let (secure, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(bad()),
        };
        let (authority, prefix) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.is_empty() || authority.contains(['@', ' ']) {
            return Err(bad());
        }
        let default = if secure { 443 } else { 80 };
        // A colon within brackets is the address's own.
        let port = authority
            .rfind(':')
            .filter(|at| !authority[*at..].contains(']'));
        let (host, address) = match port {
            Some(at) => (&authority[..at], authority.to_owned()),
            None => (authority, format!("{authority}:{default}")),
        };
        Ok(Base {
            secure,
            authority: authority.to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            address,
            prefix: prefix.trim_end_matches('/').to_owned(),
        })
    }

    /// Sends a request and reads the answer to it.
    pub(super) fn send(&self, request: &Request, trust: &Trust) -> Result<Received, Missing> {
        // These frame the message; the runner's own say how it is framed.
        const FRAMING: [&str; 6] = [
            "connection",
            "content-length",
            "host",
            "te",
            "transfer-encoding",
            "upgrade",
        ];
        let framing = |name: &str| FRAMING.iter().any(|other| other.eq_ignore_ascii_case(name));
        if let Some((name, _)) = request.headers.iter().find(|(name, _)| framing(name)) {
            let name = name.to_lowercase();
            return Err(Missing(format!("a `{name}` of a case's own over a socket")));
        }
        self.exchange(request, trust)
            .map_err(|error| Missing(format!("an answer of {}: {error}", self.authority)))
    }

    fn exchange(&self, request: &Request, trust: &Trust) -> io::Result<Received> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        if !self.secure {
            return self.talk(request, stream);
        }
        let name = (self.host.clone().try_into()).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidInput, "no name for a certificate")
        })?;
        let client = ClientConnection::new(trust.config()?, name).map_err(io::Error::other)?;
        self.talk(request, StreamOwned::new(client, stream))
    }

    /// The exchange over an open connection.
    fn talk(&self, request: &Request, mut stream: impl Read + Write) -> io::Result<Received> {
        let mut head = format!(
            "{} {}{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            request.method, self.prefix, request.target, self.authority
        );
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let with_body = matches!(request.method.as_str(), "POST" | "PUT" | "PATCH");
        if with_body || !request.body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        // A gateway may answer before it has read the body; what it said is there to be read.
        let _ = stream.write_all(&request.body);
        let mut reader = BufReader::new(stream);
        loop {
            let (line, headers) = read_head(&mut reader)?;
            let status = line
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok());
            let status: u16 = status.ok_or_else(|| invalid("the status line"))?;
            // Interim responses come before the one.
            if (100..200).contains(&status) {
                continue;
            }
            let empty = request.method == "HEAD" || status == 204 || status == 304;
            let body = match empty {
                true => Vec::new(),
                false => read_body(&mut reader, &headers, true)?,
            };
            return Ok(Received {
                status,
                headers,
                body,
            });
        }
    }
}

type Head = (String, Vec<(String, String)>);

/// The first line and the headers.
pub(super) fn read_head(reader: &mut impl BufRead) -> io::Result<Head> {
    let mut limited = reader.take(MAX_HEAD);
    let mut line = || -> io::Result<String> {
        let mut bytes = Vec::new();
        limited.read_until(b'\n', &mut bytes)?;
        if !bytes.ends_with(b"\n") {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        if line.is_empty() {
            return Ok((first, headers));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| invalid("a header"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// A body by its framing; an answer without any ends with its connection.
pub(super) fn read_body(
    reader: &mut impl BufRead,
    headers: &[(String, String)],
    until_end: bool,
) -> io::Result<Vec<u8>> {
    let header = |name: &str| {
        let mut found = headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    };
    if header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return read_chunks(reader);
    }
    let mut body = Vec::new();
    match header("content-length") {
        Some(length) => {
            let length: u64 = length.parse().map_err(|_| invalid("a content length"))?;
            if length > MAX_BODY {
                return Err(invalid("a body of bearable size"));
            }
            reader.take(length).read_to_end(&mut body)?;
            if (body.len() as u64) < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        None if until_end => {
            reader.take(MAX_BODY).read_to_end(&mut body)?;
        }
        None => {}
    }
    Ok(body)
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.take(1024).read_line(&mut line)?;
        let size = line.trim_end().split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).map_err(|_| invalid("the size of a chunk"))?;
        if body.len() as u64 + size > MAX_BODY {
            return Err(invalid("a body of bearable size"));
        }
        let before = body.len() as u64;
        reader.take(size).read_to_end(&mut body)?;
        if body.len() as u64 - before < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut end = String::new();
        // Behind the last chunk, trailers end with an empty line.
        loop {
            end.clear();
            reader.take(MAX_HEAD).read_line(&mut end)?;
            if size > 0 || end.trim_end().is_empty() {
                break;
            }
        }
        if size == 0 {
            return Ok(body);
        }
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} cannot be read"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn bases_are_read_strictly() {
        let base = Base::parse("http://localhost:4566/_aws/execute-api/x/").unwrap();
        assert_eq!(base.address, "localhost:4566");
        assert_eq!(base.prefix, "/_aws/execute-api/x");
        assert_eq!(Base::parse("http://[::1]").unwrap().address, "[::1]:80");
        let real = Base::parse("https://abc.execute-api.eu-west-1.amazonaws.com").unwrap();
        assert_eq!(real.host, "abc.execute-api.eu-west-1.amazonaws.com");
        assert_eq!(real.address, format!("{}:443", real.host));
        assert_eq!(Base::parse("https://[::1]:8443").unwrap().host, "::1");
        for bad in ["ftp://a", "localhost:80", "https://", "http://u@h/"] {
            assert!(Base::parse(bad).is_err(), "{bad}");
        }
    }

    /// A gateway behind TLS that answers one request; who vouches for it.
    fn behind_tls() -> (String, rustls::pki_types::CertificateDer<'static>) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        let certificate = made.cert.der().clone();
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key.into())
            .unwrap();
        let listener = std::net::TcpListener::bind(("localhost", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let server = rustls::ServerConnection::new(Arc::new(config)).unwrap();
            let mut reader = BufReader::new(StreamOwned::new(server, stream));
            // A client that does not trust goes before it asks.
            if let Ok((line, headers)) = read_head(&mut reader) {
                let answer = format!("{line} {}", headers.len());
                let length = answer.len();
                let head =
                    format!("HTTP/1.1 200 OK\r\nX-Seen: yes\r\nContent-Length: {length}\r\n\r\n");
                let out = reader.get_mut();
                out.write_all(head.as_bytes()).unwrap();
                out.write_all(answer.as_bytes()).unwrap();
                out.flush().unwrap();
            }
        });
        (format!("https://localhost:{port}"), certificate)
    }

    #[test]
    fn a_gateway_behind_tls_is_asked_if_it_is_vouched_for() {
        let request = Request::new("GET", "/prod/a?b=c");
        let (url, certificate) = behind_tls();
        let trust = Trust::in_authority(certificate);
        let received = Base::parse(&url).unwrap().send(&request, &trust).unwrap();
        assert_eq!(received.status, 200);
        assert_eq!(received.headers[0], ("X-Seen".into(), "yes".into()));
        assert_eq!(received.body, b"GET /prod/a?b=c HTTP/1.1 2");

        let (url, _) = behind_tls();
        let refused = Base::parse(&url).unwrap().send(&request, &trust);
        let Missing(why) = refused.err().expect("another's certificate");
        assert!(why.contains("certificate"), "{why}");
    }

    #[test]
    fn bodies_are_read_by_their_framing() {
        let of = |headers: &[(&str, &str)], body: &str| {
            let headers: Vec<_> = headers
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect();
            read_body(&mut body.as_bytes(), &headers, true)
        };
        let chunked = [("Transfer-Encoding", "chunked")];
        assert_eq!(
            of(&chunked, "3\r\nabc\r\n2;x\r\nde\r\n0\r\nt: 1\r\n\r\n").unwrap(),
            b"abcde"
        );
        assert!(of(&chunked, "3\r\nab").is_err());
        assert_eq!(of(&[("content-length", "2")], "abc").unwrap(), b"ab");
        assert!(of(&[("content-length", "4")], "abc").is_err());
        assert_eq!(of(&[], "abc").unwrap(), b"abc");
    }
}
