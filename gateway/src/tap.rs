//! Request heads as they came over the wire.
//!
//! The reference shows header names in the letter case in which a client sent them; hyper reads the case but
//! keeps it to itself. So the connection's I/O feeds every byte to a [`Tap`], which follows the framing just far
//! enough to cut out the heads. Head and names are then read by the same parser that hyper uses.
//!
//! Where a stream is not well-formed, hyper refuses it; the tap gives up then, and nothing is taken from it.

use std::collections::VecDeque;

use memchr::{memchr, memchr_iter};

/// Cuts request heads out of an HTTP/1 byte stream.
#[derive(Default)]
pub(crate) struct Tap {
    state: State,
    /// The head that is being received.
    head: Vec<u8>,
    /// Whole heads that no request has taken yet: more than one if the client pipelines.
    ready: VecDeque<Vec<u8>>,
    /// The buffer of an earlier head, to be used again.
    spare: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// In a head, or between requests.
    #[default]
    Head,
    /// In a body, with so many bytes to come.
    Body(u64),
    /// In the line that tells a chunk's size: its digits so far, and whether they are over.
    Size { value: u64, digits_over: bool },
    /// In a chunk, with so many bytes to come, its line end included.
    Chunk(u64),
    /// In a line of the trailer, or at its end; whether the line has a byte yet.
    Trailer { empty: bool },
    /// The stream is not HTTP/1, or broken.
    Off,
}

/// Heads longer than this are refused by hyper before they end.
const LONGEST: usize = 1 << 20;

impl Tap {
    /// Whether the stream stands between two requests, as far as it was fed.
    pub(crate) fn idle(&self) -> bool {
        self.state == State::Head && self.head.is_empty()
    }

    /// Takes the head of the next request, if it was cut out.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        self.ready.pop_front()
    }

    /// Gives the buffer of a head back.
    pub(crate) fn recycle(&mut self, mut head: Vec<u8>) {
        if head.capacity() > self.spare.capacity() && head.capacity() <= 16 << 10 {
            head.clear();
            self.spare = head;
        }
    }

    /// Follows the stream over these bytes. O(bytes).
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Head => self.head(bytes),
                State::Body(left) => {
                    let (rest, left) = skip(bytes, left);
                    self.state = match left {
                        0 => State::Head,
                        _ => State::Body(left),
                    };
                    rest
                }
                State::Size { value, digits_over } => self.size(bytes, value, digits_over),
                State::Chunk(left) => {
                    let (rest, left) = skip(bytes, left);
                    self.state = match left {
                        0 => State::Size {
                            value: 0,
                            digits_over: false,
                        },
                        _ => State::Chunk(left),
                    };
                    rest
                }
                State::Trailer { empty } => self.trailer(bytes, empty),
                State::Off => return,
            };
        }
    }

    fn head<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let mut bytes = bytes;
        if self.head.is_empty() {
            // Empty lines before a request line are skipped, as hyper's parser does.
            let start = bytes.iter().position(|b| !matches!(b, b'\r' | b'\n'));
            let Some(start) = start else { return &[] };
            bytes = &bytes[start..];
            if self.head.capacity() == 0 {
                self.head = std::mem::take(&mut self.spare);
            }
        }
        // The end may stand across two reads: look at up to three bytes again.
        let fed = self.head.len();
        self.head.extend_from_slice(bytes);
        let from = fed.saturating_sub(3);
        match head_end(&self.head, from) {
            Some(end) => {
                let used = end - fed;
                self.head.truncate(end);
                self.state = framing(&self.head);
                self.ready.push_back(std::mem::take(&mut self.head));
                &bytes[used..]
            }
            None => {
                if self.head.len() > LONGEST {
                    self.state = State::Off;
                }
                &[]
            }
        }
    }

    fn size<'b>(&mut self, bytes: &'b [u8], mut value: u64, mut digits_over: bool) -> &'b [u8] {
        for (n, &byte) in bytes.iter().enumerate() {
            match ((byte as char).to_digit(16), byte) {
                (_, b'\n') => {
                    self.state = match value.checked_add(2) {
                        Some(_) if value == 0 => State::Trailer { empty: true },
                        // The line end after a chunk is two bytes; hyper accepts nothing else.
                        Some(with_end) => State::Chunk(with_end),
                        None => State::Off,
                    };
                    return &bytes[n + 1..];
                }
                (Some(digit), _) if !digits_over => {
                    match value.checked_mul(16).map(|v| v | u64::from(digit)) {
                        Some(v) => value = v,
                        None => {
                            self.state = State::Off;
                            return &[];
                        }
                    }
                }
                _ => digits_over = true,
            }
        }
        self.state = State::Size { value, digits_over };
        &[]
    }

    fn trailer<'b>(&mut self, bytes: &'b [u8], mut empty: bool) -> &'b [u8] {
        for (n, &byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if empty => {
                    self.state = State::Head;
                    return &bytes[n + 1..];
                }
                b'\n' => empty = true,
                b'\r' => {}
                _ => empty = false,
            }
        }
        self.state = State::Trailer { empty };
        &[]
    }
}

fn skip(bytes: &[u8], left: u64) -> (&[u8], u64) {
    let now = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
    (&bytes[now..], left - now as u64)
}

/// The end of the first empty line at or after `from`, which ends a head.
fn head_end(head: &[u8], from: usize) -> Option<usize> {
    for newline in memchr_iter(b'\n', head.get(from..)?) {
        let at = from + newline + 1;
        match (head.get(at), head.get(at + 1)) {
            (Some(b'\n'), _) => return Some(at + 1),
            (Some(b'\r'), Some(b'\n')) => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// How the body after a head is framed (RFC 9112, section 6.3).
fn framing(head: &[u8]) -> State {
    let mut length = None;
    for newline in memchr_iter(b'\n', head) {
        let line = head.get(newline + 1..).unwrap_or_default();
        // Few lines are looked at closer.
        match line.first() {
            Some(b't' | b'T') if value(line, b"transfer-encoding").is_some() => {
                // hyper refuses any coding but `chunked` as the last one.
                return State::Size {
                    value: 0,
                    digits_over: false,
                };
            }
            Some(b'c' | b'C') => {
                let Some(value) = value(line, b"content-length") else {
                    continue;
                };
                let number = std::str::from_utf8(value)
                    .ok()
                    .and_then(|v| v.parse::<u64>().ok());
                match (number, length) {
                    (Some(n), None) => length = Some(n),
                    (Some(n), Some(m)) if n == m => {}
                    _ => return State::Off,
                }
            }
            _ => {}
        }
    }
    match length {
        None | Some(0) => State::Head,
        Some(n) => State::Body(n),
    }
}

/// The value of the header at the start of `line`, if it has this name.
fn value<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let (start, rest) = line.split_at_checked(name.len())?;
    let value = rest
        .strip_prefix(b":")
        .filter(|_| start.eq_ignore_ascii_case(name))?;
    let end = memchr(b'\n', value).unwrap_or(value.len());
    Some(value.get(..end)?.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heads(stream: &[u8], cut: &[usize]) -> Vec<String> {
        let mut tap = Tap::default();
        let mut rest = stream;
        let mut out = Vec::new();
        for &n in cut.iter().chain([&usize::MAX]) {
            let (now, later) = rest.split_at(n.min(rest.len()));
            tap.feed(now);
            rest = later;
            while let Some(head) = tap.take() {
                out.push(String::from_utf8_lossy(&head).into_owned());
                tap.recycle(head);
            }
        }
        out
    }

    const STREAM: &str = "GET /a HTTP/1.1\r\nHoSt: x\r\n\r\n\
        \r\nPOST /b HTTP/1.1\r\nContent-LENGTH: 11\r\n\r\nGET / HTTP/\n\
        POST /c HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n\
        5;x=1\r\nab\r\ne\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n\
        PUT /d HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\
        GET /e HTTP/1.1\n\nGET /f HTTP/1.0\r\nA: b\n\r\n";

    #[test]
    fn heads_are_cut_out_between_bodies() {
        let paths: Vec<_> = heads(STREAM.as_bytes(), &[])
            .iter()
            .map(|h| h.split(' ').nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(paths, ["/a", "/b", "/c", "/d", "/e", "/f"]);
    }

    #[test]
    fn a_broken_stream_yields_nothing_more() {
        for stream in [
            "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\nGET /no HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n.GET /no HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111111\r\nGET /no HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(heads(stream.as_bytes(), &[]).len(), 1, "{stream}");
        }
    }

    proptest! {
        #[test]
        fn where_reads_end_does_not_matter(cuts in prop::collection::vec(0_usize..40, 0..60)) {
            prop_assert_eq!(heads(STREAM.as_bytes(), &cuts), heads(STREAM.as_bytes(), &[]));
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            heads(&bytes, &[7, 7, 7]);
        }
    }
}
