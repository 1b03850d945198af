//! W2: a resource policy of many statements, of which the last one decides. Statement `i` denies
//! what is wrong below `/r<i>`: a resource, an agent by glob, an address, a number or a time, in turn;
//! the last allows everything.

use std::fmt::Write;
use std::net::IpAddr;

/// What a request brings to the decision.
pub struct Request {
    /// The path.
    pub path: String,
    /// The client.
    pub ip: IpAddr,
    /// `User-Agent`.
    pub agent: String,
    /// `Referer`, a number.
    pub level: i64,
    /// Seconds since 1970.
    pub now: i64,
}

/// What a statement tests beside the resource.
pub enum Kind {
    /// Nothing.
    Resource,
    /// The agent begins like this.
    Agent(String),
    /// The address is in `10.<n>.0.0/16`.
    Address(u8),
    /// The level is above.
    Above(i64),
    /// The time is before, in seconds since 1970.
    Before(i64),
}

/// What statement `at` tests.
pub fn kind(at: usize) -> Kind {
    match at % 5 {
        0 => Kind::Resource,
        1 => Kind::Agent(format!("bot{at}")),
        2 => Kind::Address((at % 256) as u8),
        3 => Kind::Above(1_000 + at as i64),
        _ => Kind::Before(1_000_000_000 + at as i64),
    }
}

/// The path below which statement `at` denies.
pub fn below(at: usize) -> String {
    match kind(at) {
        Kind::Resource => format!("/r{at}/secret"),
        _ => format!("/r{at}/items"),
    }
}

/// The API in resources of a policy that stands beside it.
const BESIDE: &str = "execute-api:";
/// The same in those of any policy.
pub const ARN: &str = "arn:aws:execute-api:us-east-1:111122223333:api";

/// The policy as IAM's JSON, about an API.
pub fn document(statements: usize, api: &str) -> String {
    let mut text = String::from("{\"Version\": \"2012-10-17\", \"Statement\": [");
    for at in 0..statements - 1 {
        let condition = match kind(at) {
            Kind::Resource => String::new(),
            Kind::Agent(agent) => {
                format!("{{\"StringLike\": {{\"aws:UserAgent\": \"{agent}*\"}}}}")
            }
            Kind::Address(n) => {
                format!("{{\"IpAddress\": {{\"aws:SourceIp\": \"10.{n}.0.0/16\"}}}}")
            }
            Kind::Above(n) => {
                format!("{{\"NumericGreaterThan\": {{\"aws:Referer\": \"{n}\"}}}}")
            }
            Kind::Before(s) => {
                format!("{{\"NumericLessThan\": {{\"aws:EpochTime\": \"{s}\"}}}}")
            }
        };
        let _ = write!(
            text,
            "{{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"execute-api:Invoke\", \
             \"Resource\": \"{api}/*/*{}/*\"",
            below(at)
        );
        if !condition.is_empty() {
            let _ = write!(text, ", \"Condition\": {condition}");
        }
        text += "},\n";
    }
    let _ = write!(
        text,
        "{{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"execute-api:Invoke\", \
         \"Resource\": \"{api}/*\"}}]}}"
    );
    text
}

/// The policy as a gate program, over a route for each statement, or one for all.
pub fn source(statements: usize, routes: bool) -> String {
    let mut text = format!(
        "rest api Api {{\n  policy: iam\"\"\"\n{}\n\"\"\"\n",
        document(statements, BESIDE)
    );
    if routes {
        for at in 0..statements {
            let _ = writeln!(
                text,
                "  GET {}/{{id}} {{ auth: none, integrate mock, respond 200 }}",
                below(at)
            );
        }
    } else {
        text += "  GET /{proxy+} { auth: none, integrate mock, respond 200 }\n";
    }
    text + "}\nstage s of Api {}\n"
}

/// Requests that the last statement decides, spread over the policy.
pub fn requests(statements: usize) -> Vec<Request> {
    (0..8)
        .map(|n| {
            // No resource alone: those deny.
            let at = (statements * n / 8) / 5 * 5 + 1 + n % 4;
            Request {
                path: format!("{}/{n}", below(at)),
                ip: IpAddr::from([203, 0, 113, n as u8]),
                agent: format!("curl/8.{n}"),
                level: n as i64,
                now: 1_763_856_000,
            }
        })
        .collect()
}

/// Whether a statement denies, its resource left out.
fn denies(at: usize, request: &Request) -> bool {
    match at % 5 {
        0 => true,
        1 => request
            .agent
            .strip_prefix("bot")
            .is_some_and(|rest| leading(rest) == Some(at)),
        2 => matches!(request.ip, IpAddr::V4(ip) if ip.octets()[..2] == [10, (at % 256) as u8]),
        3 => request.level > 1_000 + at as i64,
        _ => request.now < 1_000_000_000 + at as i64,
    }
}

/// The number at the start, as whoever wrote a table of prefixes would find it.
fn leading(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().ok()
}

/// The practical limit: the path leads to the one statement that it can meet.
#[inline(never)]
pub fn hand(statements: usize, request: &Request) -> bool {
    let Some(rest) = request.path.strip_prefix("/r") else {
        return true;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let at = rest.as_bytes()[..digits]
        .iter()
        .fold(0, |n, b| n * 10 + usize::from(b - b'0'));
    let below = if at % 5 == 0 { "/secret/" } else { "/items/" };
    !(at + 1 < statements && rest[digits..].starts_with(below) && denies(at, request))
}
