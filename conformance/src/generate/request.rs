//! Requests: a route's own path, bent.

use proptest::prelude::*;
use proptest::sample::Index;
use tollgate_model::Program;
use tollgate_model::api::{Method, RouteKey, Segment};
use tollgate_reference::Request;

use super::program::KEYS;
use super::{STAGE, one_of, policy, sometimes};

/// Bytes of a body that are let through.
const MOST_BODY: usize = 10_485_760;

/// Choices that become a request once the program is known.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    route: Index,
    bend: Bend,
    method: Option<&'static str>,
    values: Vec<&'static str>,
    query: Option<&'static str>,
    headers: Vec<(&'static str, &'static str)>,
    /// Says what a route may ask for: a token, a required header.
    usual: bool,
    /// None is a byte more than there may be.
    body: Option<&'static [u8]>,
    address: &'static str,
    key: Option<usize>,
}

/// How a path differs from its route's.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bend {
    None,
    TrailingSlash,
    LeadingSlashes,
    Case,
    Longer,
    Shorter,
    DoubleSlash,
    Elsewhere,
    WrongStage,
}

pub(super) fn shape() -> impl Strategy<Value = Shape> {
    let bend = prop_oneof![
        24 => Just(Bend::None),
        1 => Just(Bend::TrailingSlash),
        1 => Just(Bend::LeadingSlashes),
        1 => Just(Bend::Case),
        1 => Just(Bend::Longer),
        1 => Just(Bend::Shorter),
        1 => Just(Bend::DoubleSlash),
        1 => Just(Bend::Elsewhere),
        1 => Just(Bend::WrongStage),
    ];
    let headers = proptest::collection::vec(
        prop_oneof![
            4 => one_of(&["x-a", "X-A", "X-Case", "x-case"]).prop_flat_map(|name| {
                one_of(&["one", "two words", "", "é"]).prop_map(move |value| (name, value))
            }),
            3 => one_of(&[
                ("Content-Type", "application/json"),
                ("content-type", "application/json; charset=utf-8"),
                ("Content-Type", "text/plain"),
                ("Content-Type", "image/png"),
                ("Content-Type", "application/xml"),
            ]),
            2 => one_of(&[
                ("Accept", "application/json"),
                ("Accept", "text/plain, application/json"),
                ("accept", "image/png;q=1"),
                ("Accept", "*/*"),
            ]),
            2 => one_of(&[("User-Agent", "curl/8"), ("user-agent", "Mozilla"), ("User-Agent", ""), ("User-Agent", "CURL/8")]),
            1 => one_of(&[("Referer", "https://a.example/"), ("referer", "http://b")]),
            1 => one_of(&[
                ("Authorization", "allow"),
                ("Authorization", "DENY"),
                ("authorization", "Bearer x"),
                ("Authorization", "Basic a=b"),
            ]),
            1 => one_of(&[
                ("Cache-Control", "max-age=0"),
                ("cache-control", "no-cache"),
                ("Connection", "close"),
                ("Via", "1.1 p"),
                ("Expect", "100-continue"),
                ("Content-Encoding", "identity"),
                ("Host", "shop.example"),
                ("X-Forwarded-For", "203.0.113.1"),
                ("X-Amzn-Trace-Id", "Root=1-5e1b4151-5ac6c58f5b5daa6ed5ea5d6b"),
                ("X-HTTP-Method-Override", "DELETE"),
                ("Origin", "https://a.example"),
                ("origin", "http://b.example"),
                ("Access-Control-Request-Method", "PUT"),
                ("Cookie", "a=b; c=d"),
                ("cookie", "e=f;;"),
                ("Forwarded", "for=203.0.113.1"),
                ("Keep-Alive", "timeout=5"),
            ]),
        ],
        0..=5,
    );
    let body: &[&[u8]] = &[
        b"",
        b"",
        b"{\"a\":{\"b\":\"deep\"},\"list\":[1,2,3],\"text\":\"it's a \\\"text\\\"/\"}",
        b"{\"a\":{\"b\":7},\"list\":[1,2,3,4]}",
        b"{\"list\":[],\"a\":{\"b\":null}}",
        b"{\"a\":{},\"n\":2.50}",
        b"{\"text\":\"no\",\"list\":[1,1,\"x\",4.50,99]}",
        b"{\"text\":7,\"n\":0.10,\"list\":[1,1,{}],\"a\":[]}",
        b"{\"a\":{\"b\":1},\"n\":-1.20e2,\"list\":[12,\"x\",3],\"text\":\"a \\\"word\\\" that is long\"}",
        b"[1,2,{\"b\":true}]",
        b"{\"a\": ",
        b"plain text",
        b"  {broken",
        b"aGVsbG8=",
        b"\xff\xfe\x00bytes",
    ];
    (
        any::<Index>(),
        bend,
        sometimes(
            12,
            one_of(&[
                "GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "ANY",
            ]),
        ),
        proptest::collection::vec(one_of(&["v", "x y", "%2Fz", "a", "caf%C3%A9", "1"]), 3),
        sometimes(
            60,
            one_of(&[
                "q=a+b",
                "q=1&q=2",
                "q=&r=x",
                "r=1;q=%26",
                "q=%zz&own=2",
                "Q=upper",
                "q=x|y",
                "=novalue&q",
            ]),
        ),
        (headers, prop_oneof![2 => Just(true), 1 => Just(false)]),
        prop_oneof![120 => one_of(body).prop_map(Some), 1 => Just(None)],
        one_of(&policy::ADDRESSES),
        sometimes(
            75,
            prop_oneof![12 => Just(0_usize), 1 => Just(1), 1 => Just(2), 1 => Just(9)],
        ),
    )
        .prop_map(
            |(route, bend, method, values, query, (headers, usual), body, address, key)| Shape {
                route,
                bend,
                method,
                values,
                query,
                headers,
                usual,
                body,
                address,
                key,
            },
        )
}

impl Shape {
    /// The request that this is for a program.
    pub(super) fn of(&self, program: &Program) -> Request {
        let mut path = String::new();
        let mut verb = "GET";
        let routes = program.apis.first().map_or(&[][..], |api| &api.routes);
        if !routes.is_empty()
            && let RouteKey::Http {
                path: template,
                method,
            } = &self.route.get(routes).key
        {
            verb = match method {
                // ANY is served through one of its verbs.
                Method::Any => "PATCH",
                method => method.as_str(),
            };
            let mut values = self.values.iter().cycle();
            for segment in &template.segments {
                path.push('/');
                match segment {
                    Segment::Literal(literal) => path.push_str(literal),
                    Segment::Parameter(_) => path.push_str(values.next().unwrap_or(&"v")),
                    Segment::Greedy(_) => {
                        path.push_str(values.next().unwrap_or(&"v"));
                        path.push('/');
                        path.push_str(values.next().unwrap_or(&"w"));
                    }
                }
            }
        }
        let mut stage = (program.stages.first()).map_or(STAGE, |stage| stage.name.as_str());
        match self.bend {
            Bend::None => {}
            Bend::TrailingSlash => path.push('/'),
            Bend::LeadingSlashes => path = format!("//{}", path.trim_start_matches('/')),
            Bend::Case => path = path.to_uppercase(),
            Bend::Longer => path.push_str("/more"),
            Bend::Shorter => path.truncate(path.rfind('/').unwrap_or(0)),
            Bend::DoubleSlash => path.push_str("//c"),
            Bend::Elsewhere => path = "/nowhere/at/all".into(),
            Bend::WrongStage => stage = "prod",
        }
        let query = self
            .query
            .map_or_else(String::new, |query| format!("?{query}"));
        // A target is bytes of ASCII; other characters come escaped.
        let path = path
            .replace(' ', "%20")
            .replace('\u{e9}', "%C3%A9")
            .replace('\u{c9}', "%C3%89");
        // The stage at the root has no segment.
        let prefix = match stage {
            "$default" => String::new(),
            stage => format!("/{stage}"),
        };
        let path = match (prefix.as_str(), path.as_str()) {
            ("", "") => "/".to_owned(),
            _ => path,
        };
        let mut request = Request::new(
            self.method.unwrap_or(verb),
            format!("{prefix}{path}{query}"),
        );
        let usual: &[(&str, &str)] = &[("authorization", "token"), ("x-a", "usual")];
        request.headers = usual[..if self.usual { 2 } else { 0 }]
            .iter()
            .chain(&self.headers)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        if let Some(index) = self.key {
            let value = KEYS
                .get(index)
                .copied()
                .unwrap_or("nobody-s-key-0000000000000");
            request.headers.push(("X-Api-Key".into(), value.into()));
        }
        request.body = match self.body {
            Some(body) => body.to_vec(),
            None => {
                let length = (MOST_BODY + 1).to_string();
                request.headers.push(("Content-Length".into(), length));
                vec![b' '; MOST_BODY + 1]
            }
        };
        request.domain = "abcdef1234.execute-api.us-east-1.amazonaws.com".into();
        if let Ok(address) = self.address.parse() {
            request.source_ip = address;
        }
        request
    }
}
