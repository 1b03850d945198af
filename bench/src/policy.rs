//! W1: a resource policy of three statements. Allow everybody; deny unless the address is
//! in one of four IPv4 ranges or an IPv6 range; deny unless the VPC endpoint is ours or
//! the path is public.

use std::net::IpAddr;

/// What a request brings to the decision.
pub struct Request {
    /// The client.
    pub ip: IpAddr,
    /// The VPC endpoint.
    pub vpce: Option<String>,
    /// The path.
    pub path: String,
}

/// The ranges of the second statement.
pub const RANGES: [&str; 5] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "203.0.113.0/24",
    "2001:db8::/32",
];

/// The endpoint of the third.
pub const ENDPOINT: &str = "vpce-0123456789abcdef0";

/// The policy as a gate program.
pub fn source() -> String {
    let ranges: Vec<String> = RANGES.iter().map(|range| format!("{range:?}")).collect();
    format!(
        r#"rest api Api {{
  policy {{
    allow anyone to invoke *
    deny anyone to invoke * unless {{ source.ip in cidr({}) }}
    deny anyone to invoke /orders/* unless {{ source.vpce == "{ENDPOINT}" }}
  }}
  GET /orders/{{id}} {{ auth: none, integrate mock, respond 200 }}
  GET /public/{{proxy+}} {{ auth: none, integrate mock, respond 200 }}
}}
stage s of Api {{}}
"#,
        ranges.join(", ")
    )
}

/// Requests of which some are let through and some are not.
pub fn requests() -> Vec<Request> {
    let request = |ip: &str, vpce: Option<&str>, path: &str| Request {
        ip: ip.parse().expect("an address"),
        vpce: vpce.map(String::from),
        path: path.into(),
    };
    vec![
        request("10.1.2.3", Some(ENDPOINT), "/orders/17"),
        request("203.0.113.9", None, "/public/a"),
        request("198.51.100.1", Some(ENDPOINT), "/orders/17"),
        request("192.168.9.9", Some("vpce-other"), "/orders/17"),
        request("2001:db8::7", Some(ENDPOINT), "/orders/9"),
        request("172.31.0.1", None, "/orders/9"),
    ]
}

/// The practical limit.
#[inline(never)]
pub fn hand(request: &Request) -> bool {
    let inside = match request.ip {
        IpAddr::V4(ip) => {
            let ip = u32::from(ip);
            ip >> 24 == 0x0a || ip >> 20 == 0xac1 || ip >> 16 == 0xc0a8 || ip >> 8 == 0x00cb_0071
        }
        IpAddr::V6(ip) => u128::from(ip) >> 96 == 0x2001_0db8,
    };
    inside && (request.vpce.as_deref() == Some(ENDPOINT) || request.path.starts_with("/public/"))
}
