//! The head of a request as the runtime wants it: raw target, names in the client's letter case, in order.

use hyper::http::request::Parts;
use tollgate_runtime::Header;

/// The most headers that hyper's parser takes; it answers 431 to more.
const MOST_HEADERS: usize = 100;

/// A request head, owned: one run of bytes, and where in it everything stands.
#[derive(Default)]
pub(crate) struct Head {
    bytes: Vec<u8>,
    method: Span,
    target: Span,
    /// The authority of an absolute target or of HTTP/2's `:authority`.
    authority: Span,
    /// The host, without a port.
    domain: Span,
    lines: Vec<(Span, Span)>,
}

/// A run of [`Head::bytes`].
#[derive(Clone, Copy, Default)]
struct Span {
    from: u32,
    to: u32,
}

impl Head {
    /// Reads the head that the connection's tap cut out. `false` if that fails or does not fit what hyper read;
    /// then [`read_parts`](Head::read_parts) is the way.
    pub(crate) fn read_raw(&mut self, raw: Vec<u8>, parts: &Parts) -> bool {
        self.bytes = raw;
        self.lines.clear();
        let mut parsed = [const { std::mem::MaybeUninit::uninit() }; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut []);
        let read = request.parse_with_uninit_headers(&self.bytes, &mut parsed);
        let (Ok(httparse::Status::Complete(_)), Some(method), Some(target)) =
            (read, request.method, request.path)
        else {
            return false;
        };
        if request.headers.len() != parts.headers.len() {
            return false;
        }
        let base = self.bytes.as_ptr() as usize;
        let span = |text: &[u8]| {
            let from = (text.as_ptr() as usize - base) as u32;
            Span {
                from,
                to: from + text.len() as u32,
            }
        };
        self.method = span(method.as_bytes());
        let (authority, path) = split_target(target.as_bytes());
        self.target = span(path);
        self.authority = authority.map(span).unwrap_or_default();
        self.lines.extend(
            request
                .headers
                .iter()
                .map(|h| (span(h.name.as_bytes()), span(h.value))),
        );
        self.find_domain();
        true
    }

    /// Takes the head that hyper read: HTTP/2, or a head that the tap has not. Names are in lower case.
    pub(crate) fn read_parts(&mut self, parts: &Parts) {
        self.bytes.clear();
        self.lines.clear();
        self.method = self.put(parts.method.as_str().as_bytes());
        let target = parts.uri.path_and_query().map_or("/", |t| t.as_str());
        self.target = self.put(target.as_bytes());
        let authority = parts.uri.authority().map_or("", |a| a.as_str());
        self.authority = self.put(authority.as_bytes());
        if !authority.is_empty() && !parts.headers.contains_key(hyper::header::HOST) {
            let name = self.put(b"host");
            self.lines.push((name, self.authority));
        }
        for (name, value) in &parts.headers {
            let line = (
                self.put(name.as_str().as_bytes()),
                self.put(value.as_bytes()),
            );
            self.lines.push(line);
        }
        self.find_domain();
    }

    fn find_domain(&mut self) {
        let mut host = self.authority;
        if host.from == host.to {
            let named = self
                .lines
                .iter()
                .find(|(name, _)| self.text(*name).eq_ignore_ascii_case(b"host"));
            host = named.map(|(_, value)| *value).unwrap_or_default();
        }
        host.to = host.from + without_port(self.text(host)).len() as u32;
        self.domain = host;
    }

    fn put(&mut self, text: &[u8]) -> Span {
        let from = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text);
        Span {
            from,
            to: self.bytes.len() as u32,
        }
    }

    /// The buffer, to be used for another head.
    pub(crate) fn take_bytes(&mut self) -> Vec<u8> {
        self.lines.clear();
        self.method = Span::default();
        self.target = Span::default();
        self.authority = Span::default();
        self.domain = Span::default();
        std::mem::take(&mut self.bytes)
    }

    fn text(&self, span: Span) -> &[u8] {
        self.bytes
            .get(span.from as usize..span.to as usize)
            .unwrap_or_default()
    }

    pub(crate) fn method(&self) -> &[u8] {
        self.text(self.method)
    }

    /// Path and query as sent, without a fragment.
    pub(crate) fn target(&self) -> &[u8] {
        self.text(self.target)
    }

    /// Drops the first `n` bytes of the target: a segment that named the API.
    pub(crate) fn cut_target(&mut self, n: usize) {
        self.target.from = (self.target.from + n as u32).min(self.target.to);
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        self.lines.iter().map(|&(name, value)| Header {
            name: self.text(name),
            value: self.text(value),
        })
    }

    /// The first value of a header, whose letter case does not matter.
    pub(crate) fn header(&self, name: &[u8]) -> Option<&[u8]> {
        self.headers()
            .find(|h| h.name.eq_ignore_ascii_case(name))
            .map(|h| h.value)
    }

    /// The host that the request was sent to, without a port.
    pub(crate) fn domain(&self) -> &[u8] {
        self.text(self.domain)
    }
}

/// The authority of an absolute target, and the target in origin form, without a fragment.
fn split_target(target: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let end = target.iter().position(|&b| b == b'#');
    let target = &target[..end.unwrap_or(target.len())];
    let rest = [&b"http://"[..], b"https://"]
        .into_iter()
        .find_map(|scheme| {
            target
                .get(..scheme.len())
                .filter(|start| start.eq_ignore_ascii_case(scheme))
                .map(|_| &target[scheme.len()..])
        });
    let Some(rest) = rest else {
        return (None, target);
    };
    let end = rest
        .iter()
        .position(|b| matches!(b, b'/' | b'?'))
        .unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // Without a path the target is empty; the runtime takes that for `/`.
    (Some(authority), path)
}

fn without_port(authority: &[u8]) -> &[u8] {
    // `[::1]:8080` keeps its brackets.
    let from = authority.iter().rposition(|&b| b == b']').unwrap_or(0);
    match authority[from..].iter().rposition(|&b| b == b':') {
        Some(colon) => &authority[..from + colon],
        None => authority,
    }
}

/// Gives the memory of a list of headers to another list that borrows from elsewhere.
pub(crate) fn recycle<'b>(mut headers: Vec<Header<'_>>) -> Vec<Header<'b>> {
    headers.clear();
    // Nothing is left to convert; collecting in place keeps the allocation.
    headers
        .into_iter()
        .map(|_| Header {
            name: b"",
            value: b"",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let mut request = hyper::Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn show(head: &Head) -> Vec<(String, String)> {
        head.headers()
            .map(|h| {
                (
                    String::from_utf8_lossy(h.name).into_owned(),
                    String::from_utf8_lossy(h.value).into_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn names_keep_their_case_their_order_and_their_repeats() {
        let raw = b"GET /dev/p%2Fx?q=%20;#f HTTP/1.1\r\nHOST: a.example:80\r\nX-b: 1\r\nx-A: \r\nX-B:  2 \r\n\r\n";
        let mut head = Head::default();
        let read = parts(&[("host", "x"), ("x-b", "1"), ("x-a", ""), ("x-b", "2")]);
        assert!(head.read_raw(raw.to_vec(), &read));
        assert_eq!(head.method(), b"GET");
        assert_eq!(head.target(), b"/dev/p%2Fx?q=%20;");
        assert_eq!(head.domain(), b"a.example");
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            show(&head),
            [
                pair("HOST", "a.example:80"),
                pair("X-b", "1"),
                pair("x-A", ""),
                pair("X-B", "2")
            ]
        );
    }

    #[test]
    fn a_head_that_does_not_fit_what_hyper_read_is_not_used() {
        let raw = b"GET / HTTP/1.1\r\nA: 1\r\n\r\n";
        assert!(!Head::default().read_raw(raw.to_vec(), &parts(&[])));
        assert!(!Head::default().read_raw(b"GET".to_vec(), &parts(&[])));
    }

    #[test]
    fn an_absolute_target_names_the_host() {
        for (target, authority, path) in [
            ("/a", None, "/a"),
            ("http://h:1/a?b", Some("h:1"), "/a?b"),
            ("HTTPS://h?b", Some("h"), "?b"),
            ("http://h", Some("h"), ""),
            ("*", None, "*"),
        ] {
            let (a, p) = split_target(target.as_bytes());
            assert_eq!(
                (a, p),
                (authority.map(str::as_bytes), path.as_bytes()),
                "{target}"
            );
        }
    }

    #[test]
    fn a_domain_has_no_port() {
        for (host, domain) in [
            ("a.example", "a.example"),
            ("a.example:8080", "a.example"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("", ""),
        ] {
            assert_eq!(without_port(host.as_bytes()), domain.as_bytes());
        }
    }
}
