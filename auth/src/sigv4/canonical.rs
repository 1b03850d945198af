//! The canonical request: the one text that signer and verifier make of a request.

use std::collections::BTreeMap;

use tollgate_runtime::Header;

use crate::encoding::{percent_encode, query_decode};

/// How the path enters the canonical request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CanonicalPath {
    /// Dot segments and repeated slashes are resolved first. What the reference's API does.
    #[default]
    Normalized,
    /// As sent.
    AsSent,
}

/// Path and query of a raw request target; of an absolute one, what follows the authority.
pub(super) fn split_target(target: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = target;
    if !target.starts_with(b"/")
        && let Some(authority) = target
            .windows(3)
            .position(|w| w == b"://")
            .and_then(|at| target.get(at + 3..))
    {
        let end = authority.iter().position(|b| matches!(b, b'/' | b'?'));
        rest = end.and_then(|end| authority.get(end..)).unwrap_or(b"");
    }
    match rest.iter().position(|b| *b == b'?') {
        Some(at) => (
            rest.get(..at).unwrap_or(rest),
            rest.get(at + 1..).unwrap_or(b""),
        ),
        None => (rest, b""),
    }
}

/// The canonical URI. Every byte outside the unreserved ones is encoded, so a path that is already encoded is
/// encoded once more, as for every service but S3.
pub(super) fn uri(path: &[u8], form: CanonicalPath) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + 1);
    match form {
        CanonicalPath::AsSent => percent_encode(path, Some(b'/'), &mut out),
        CanonicalPath::Normalized => {
            let mut segments: Vec<&[u8]> = Vec::new();
            for segment in path.split(|b| *b == b'/') {
                match segment {
                    b"" | b"." => {}
                    b".." => {
                        segments.pop();
                    }
                    _ => segments.push(segment),
                }
            }
            for segment in &segments {
                out.push(b'/');
                percent_encode(segment, None, &mut out);
            }
            // A last segment that is a dot segment names a directory (RFC 3986 §5.2.4).
            let directory = [&b"/"[..], b"/.", b"/.."]
                .iter()
                .any(|end| path.ends_with(end));
            if directory && !segments.is_empty() {
                out.push(b'/');
            }
        }
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

/// The decoded parameters of a query, in its order. A bare name has an empty value.
pub(super) fn parameters(query: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    query
        .split(|b| *b == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            (
                query_decode(pair.get(..at).unwrap_or(pair)),
                query_decode(pair.get(at + 1..).unwrap_or(b"")),
            )
        })
}

/// The canonical query: decoded, encoded anew, sorted by name, then by value; without the parameters that
/// `omit` names.
///
/// A `+` is read as the blank that the API will see. Reading it as a plus sign, as some signers do, would let a
/// third party change a signed `%2B` into a blank.
pub(super) fn query(query: &[u8], omit: &[&str]) -> Vec<u8> {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = parameters(query)
        .filter(|(name, _)| !omit.iter().any(|o| o.as_bytes() == name))
        .map(|(name, value)| {
            let mut pair = (Vec::new(), Vec::new());
            percent_encode(&name, None, &mut pair.0);
            percent_encode(&value, None, &mut pair.1);
            pair
        })
        .collect();
    pairs.sort_unstable();
    let mut out = Vec::with_capacity(query.len());
    for (n, (name, value)) in pairs.iter().enumerate() {
        if n > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
    out
}

/// Lower-case name → its values in the order received.
pub(super) type HeaderIndex<'a> = BTreeMap<Vec<u8>, Vec<&'a [u8]>>;

pub(super) fn index<'a>(headers: &'a [Header<'a>]) -> HeaderIndex<'a> {
    let mut index = HeaderIndex::new();
    for header in headers {
        index
            .entry(header.name.to_ascii_lowercase())
            .or_default()
            .push(header.value);
    }
    index
}

/// Appends the canonical form of one header, with the newline at its end: values trimmed, runs of blanks made
/// one, repeats joined by a comma.
pub(super) fn header(name: &[u8], values: &[&[u8]], out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.push(b':');
    for (n, value) in values.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        let mut blank = false;
        for &b in value.trim_ascii() {
            if b == b' ' && blank {
                continue;
            }
            blank = b == b' ';
            out.push(b);
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn paths() {
        for (path, normalized, as_sent) in [
            ("", "/", "/"),
            ("/", "/", "/"),
            ("//", "/", "//"),
            ("/a//b/", "/a/b/", "/a//b/"),
            ("/a/./b/../c", "/a/c", "/a/./b/../c"),
            ("/../..", "/", "/../.."),
            ("/a/..", "/", "/a/.."),
            ("/a/../", "/", "/a/../"),
            ("/a/b/.", "/a/b/", "/a/b/."),
            ("/a/b/..", "/a/", "/a/b/.."),
            ("/a/b..", "/a/b..", "/a/b.."),
            ("/a%2Fb", "/a%252Fb", "/a%252Fb"),
            (
                "/@connections/x=",
                "/%40connections/x%3D",
                "/%40connections/x%3D",
            ),
            ("/ሴ", "/%E1%88%B4", "/%E1%88%B4"),
        ] {
            assert_eq!(
                text(uri(path.as_bytes(), CanonicalPath::Normalized)),
                normalized,
                "{path}"
            );
            assert_eq!(
                text(uri(path.as_bytes(), CanonicalPath::AsSent)),
                as_sent,
                "{path}"
            );
        }
    }

    #[test]
    fn queries() {
        for (raw, canonical) in [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1&a", "a=&a=1&a=2"),
            ("a=b=c", "a=b%3Dc"),
            ("a=x+y&b=%2B", "a=x%20y&b=%2B"),
            ("a-b=1&a=2", "a=2&a-b=1"),
            ("a=%e1%88%b4", "a=%E1%88%B4"),
            ("&&a&", "a="),
            ("a=1;b=2", "a=1%3Bb%3D2"),
            ("X-Amz-Signature=0&a=1", "a=1"),
        ] {
            assert_eq!(
                text(query(raw.as_bytes(), &["X-Amz-Signature"])),
                canonical,
                "{raw}"
            );
        }
    }

    #[test]
    fn targets() {
        for (target, path, query) in [
            ("/a?b=c?d", "/a", "b=c?d"),
            ("/a", "/a", ""),
            ("http://h:1/a?b", "/a", "b"),
            ("http://h?b", "", "b"),
            ("http://h", "", ""),
            ("*", "*", ""),
        ] {
            assert_eq!(
                split_target(target.as_bytes()),
                (path.as_bytes(), query.as_bytes()),
                "{target}"
            );
        }
    }

    #[test]
    fn headers() {
        let mut out = Vec::new();
        header(b"my-header", &[b"  a   b  c ", b"", b"\td"], &mut out);
        assert_eq!(text(out), "my-header:a b c,,d\n");
    }
}
