//! Reading a request target: stage, path, query.

/// A request target in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// What follows the stage, as sent: `/pets/1`; empty if nothing does.
    pub rest: String,
    /// `rest` as events show it: leading slashes collapsed into one, nothing else changed.
    pub path: String,
    /// Names and values, decoded, in order.
    pub query: Vec<(String, String)>,
    /// Whether the query holds a raw `|`, `{` or `}`: a bad request, one of the known issues.
    pub bad_query: bool,
}

/// Splits a raw target at the stage's name; none if its first segment is another.
///
/// Slashes before the stage collapse; what follows it is kept as sent for `$context.path`,
/// and leading slashes collapse for events and routing. A fragment is no part of a target.
pub(crate) fn split(raw: &str, stage: &str) -> Option<Target> {
    let raw = raw.split('#').next().unwrap_or_default();
    let (path, query) = raw.split_once('?').unwrap_or((raw, ""));
    let path = path.trim_start_matches('/');
    let (first, rest) = match path.find('/') {
        Some(slash) => path.split_at(slash),
        None => (path, ""),
    };
    if first != stage {
        return None;
    }
    Some(Target {
        rest: rest.to_owned(),
        path: format!("/{}", rest.trim_start_matches('/')),
        query: parse_query(query),
        bad_query: query.contains(['|', '{', '}']),
    })
}

/// The names and values of a raw query, decoded once; `;` separates like `&`, `+` is a blank.
pub(crate) fn parse_query(raw: &str) -> Vec<(String, String)> {
    raw.split(['&', ';'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode_form(name), decode_form(value))
        })
        .collect()
}

/// Decodes `%XX` and `+`. A `%` that begins no escape stands for itself; bytes that are no
/// UTF-8 become U+FFFD.
pub(crate) fn decode_form(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| {
            bytes
                .get(i)
                .and_then(|b| char::from(*b).to_digit(16))
                .map(|d| d as u8)
        };
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => match (hex(at + 1), hex(at + 2)) {
                (Some(high), Some(low)) => {
                    out.push(high * 16 + low);
                    at += 2;
                }
                _ => out.push(b'%'),
            },
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_collapse_before_the_stage_and_behind_it_only_for_events() {
        for (raw, rest, path) in [
            ("/s/a", "/a", "/a"),
            ("/s/a/", "/a/", "/a/"),
            ("/s//a", "//a", "/a"),
            ("//s/a", "/a", "/a"),
            ("/s/a//b", "/a//b", "/a//b"),
            ("/s/", "/", "/"),
            ("/s", "", "/"),
            ("/s/a%2Fb#c", "/a%2Fb", "/a%2Fb"),
        ] {
            let target = split(raw, "s").expect(raw);
            assert_eq!((target.rest.as_str(), target.path.as_str()), (rest, path));
        }
        assert_eq!(split("/t/a", "s"), None);
        assert!(split("/s/a?x={", "s").is_some_and(|target| target.bad_query));
    }

    #[test]
    fn queries_are_decoded_once() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            parse_query("a=1+2&a=%252B;b&=x&c=%zz"),
            [
                pair("a", "1 2"),
                pair("a", "%2B"),
                pair("b", ""),
                pair("", "x"),
                pair("c", "%zz")
            ]
        );
    }
}
