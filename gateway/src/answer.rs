//! Answers to clients: what the runtime decided, as hyper sends it.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use tollgate_runtime::{BodyOut, Response};

use crate::backend::http::AnswerBody;

/// The body of an answer.
pub(crate) enum Out {
    /// Known as a whole.
    Whole(Bytes),
    /// A backend's, handed on as it comes.
    Streaming(Streaming),
}

/// A backend's body on its way to the client.
pub(crate) struct Streaming {
    body: AnswerBody,
    sent: u64,
    /// Told the bytes sent, once, at the end or when the client goes away.
    end: Option<Box<dyn FnOnce(u64)>>,
}

impl Streaming {
    pub(crate) fn new(body: AnswerBody, end: Box<dyn FnOnce(u64)>) -> Streaming {
        Streaming {
            body,
            sent: 0,
            end: Some(end),
        }
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end(self.sent);
        }
    }
}

impl Body for Out {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Out::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Out::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Out::Streaming(streaming) => match ready!(streaming.body.poll_chunk(cx)) {
                Ok(Some(bytes)) => {
                    streaming.sent += bytes.len() as u64;
                    Poll::Ready(Some(Ok(Frame::data(bytes))))
                }
                Ok(None) => Poll::Ready(None),
                Err(e) => Poll::Ready(Some(Err(e))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Out::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        let length = match self {
            Out::Whole(bytes) => Some(bytes.len() as u64),
            Out::Streaming(streaming) => streaming.body.length(),
        };
        length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// What an answer may draw on.
pub(crate) struct Bodies<'a> {
    /// The client's body, if it was read.
    pub(crate) request: Option<&'a Bytes>,
    /// The backend's, if it was read.
    pub(crate) backend: Option<&'a Bytes>,
    /// The client's `Accept-Encoding`.
    pub(crate) accept_encoding: Option<&'a [u8]>,
}

/// Turns the runtime's answer into hyper's. `None` as body: the backend's is to be streamed.
pub(crate) fn build(
    response: &Response<'_>,
    bodies: &Bodies<'_>,
) -> (hyper::Response<()>, Option<Bytes>) {
    // Values and a small body share one run of memory, which the headers then hold slices of.
    let values: usize = response.headers.iter().map(|(_, value)| value.len()).sum();
    let own = match response.body {
        BodyOut::Bytes(bytes) => bytes,
        _ => &[],
    };
    let mut run = Vec::with_capacity(values + own.len());
    for (_, value) in response.headers.iter() {
        run.extend_from_slice(value);
    }
    run.extend_from_slice(own);
    let run = Bytes::from(run);

    let mut headers = HeaderMap::with_capacity(response.headers.len() + 2);
    let mut at = 0;
    for (name, value) in response.headers.iter() {
        let from = at;
        at += value.len();
        // hyper frames the message by itself.
        if name.eq_ignore_ascii_case(b"content-length")
            || name.eq_ignore_ascii_case(b"transfer-encoding")
        {
            continue;
        }
        // A value that would break out of its line is left out; a name that is none, too.
        if let (Ok(name), Ok(value)) = (header_name(name), header_value(value, &run, from)) {
            headers.append(name, value);
        }
    }
    let mut body = match response.body {
        BodyOut::Bytes(_) => Some(run.slice(at..)),
        BodyOut::PassRequest => Some(bodies.request.cloned().unwrap_or_default()),
        BodyOut::PassBackend => bodies.backend.cloned(),
        BodyOut::PassBackendBase64 => {
            Some(bodies.backend.map(|b| base64(b).into()).unwrap_or_default())
        }
        _ => Some(Bytes::new()),
    };
    if let (Some(from), Some(whole)) = (response.compress_from, &body)
        && whole.len() as u64 >= u64::from(from)
        && !headers.contains_key(header::CONTENT_ENCODING)
        && let Some((coding, packed)) = compress(whole, bodies.accept_encoding)
    {
        headers.insert(header::CONTENT_ENCODING, coding);
        body = Some(packed);
    }
    let mut out = hyper::Response::new(());
    *out.status_mut() = hyper::StatusCode::from_u16(response.status)
        .unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    *out.headers_mut() = headers;
    (out, body)
}

/// The names of the reference's own headers need no memory.
fn header_name(name: &[u8]) -> Result<HeaderName, header::InvalidHeaderName> {
    static KNOWN: [HeaderName; 4] = [
        HeaderName::from_static("x-amzn-requestid"),
        HeaderName::from_static("x-amz-apigw-id"),
        HeaderName::from_static("x-amzn-errortype"),
        HeaderName::from_static("x-amzn-trace-id"),
    ];
    if name.starts_with(b"x-amz") || name.starts_with(b"X-Amz") {
        let known = KNOWN
            .iter()
            .find(|k| k.as_str().as_bytes().eq_ignore_ascii_case(name));
        if let Some(known) = known {
            return Ok(known.clone());
        }
    }
    HeaderName::from_bytes(name)
}

fn header_value(
    value: &[u8],
    run: &Bytes,
    from: usize,
) -> Result<HeaderValue, header::InvalidHeaderValue> {
    if value == b"application/json" {
        return Ok(HeaderValue::from_static("application/json"));
    }
    HeaderValue::from_maybe_shared(run.slice(from..from + value.len()))
}

/// The body packed in the first way that both know; `None` if there is none.
fn compress(body: &[u8], accept_encoding: Option<&[u8]>) -> Option<(HeaderValue, Bytes)> {
    let mut gzip = None;
    let mut deflate = None;
    for entry in accept_encoding?.split(|&b| b == b',') {
        let mut parts = entry.split(|&b| b == b';').map(<[u8]>::trim_ascii);
        let coding = parts.next().unwrap_or_default();
        let refused = parts.any(|p| {
            let weight = p.strip_prefix(b"q=").or_else(|| p.strip_prefix(b"Q="));
            weight.is_some_and(|w| w.iter().all(|b| matches!(b, b'0' | b'.')))
        });
        if coding.eq_ignore_ascii_case(b"gzip") || coding == b"*" {
            gzip = gzip.or(Some(!refused));
        } else if coding.eq_ignore_ascii_case(b"deflate") {
            deflate = deflate.or(Some(!refused));
        }
    }
    // Writing to memory does not fail; if it did, the body would go as it is.
    let level = flate2::Compression::fast();
    if gzip == Some(true) {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), level);
        out.write_all(body).ok()?;
        Some((HeaderValue::from_static("gzip"), out.finish().ok()?.into()))
    } else if deflate == Some(true) {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), level);
        out.write_all(body).ok()?;
        Some((
            HeaderValue::from_static("deflate"),
            out.finish().ok()?.into(),
        ))
    } else {
        None
    }
}

/// The bytes in base64, padded.
pub(crate) fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .chain([&0, &0])
            .take(3)
            .fold(0_u32, |w, b| w << 8 | u32::from(*b));
        for n in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * n)) as usize & 63];
            out.push(if n <= chunk.len() { digit } else { b'=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        for (text, wanted) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), wanted.as_bytes());
        }
    }

    #[test]
    fn the_client_chooses_the_packing() {
        let body = vec![b'x'; 5000];
        for (accept, wanted) in [
            (None, None),
            (Some(""), None),
            (Some("br"), None),
            (Some("identity, gzip"), Some("gzip")),
            (Some("deflate"), Some("deflate")),
            (Some("gzip;q=0, deflate"), Some("deflate")),
            (Some("gzip;q=0.0"), None),
            (Some("gzip;q=0.5"), Some("gzip")),
            (Some("*"), Some("gzip")),
        ] {
            let got = compress(&body, accept.map(str::as_bytes));
            let coding = got.as_ref().map(|(c, _)| c.to_str().unwrap().to_owned());
            assert_eq!(coding.as_deref(), wanted, "{accept:?}");
            assert!(got.is_none_or(|(_, packed)| packed.len() < 200));
        }
    }
}
