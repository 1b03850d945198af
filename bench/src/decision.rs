//! W3b: a full decision of a route with a policy of ten ranges, a key, a plan, three limits and three validated
//! parameters, up to the cache's key.

use std::net::IpAddr;

/// The program.
pub const SOURCE: &str = r#"
account { id: "222233334444", region: "eu-west-1" }
rest api Orders {
  id: "abcdefghij"
  policy {
    allow anyone to invoke *
    deny anyone to invoke /orders/* unless { source.ip in cidr("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
      "203.0.113.0/24", "198.51.100.0/24", "100.64.0.0/10", "192.0.2.0/24", "52.94.0.0/16", "2001:db8::/32",
      "fd00::/8") }
  }
  GET /orders { integrate http "https://desk.example/orders" }
  GET /orders/{id} {
    api_key: required
    validate: params
    query.customer: String
    query.page: String
    header.X-Trace: String
    cache 60s by [path.id, query.page]
    integrate http "https://desk.example/orders/{id}"
  }
  GET /orders/{id}/label { integrate http "https://desk.example/labels/{id}" }
  ANY /warehouse/{proxy+} { integrate http "https://desk.example/{proxy}" }
}
stage prod of Orders { throttle 1000/s burst 2000, cache 0.5GB for 300s }
plan Basic { stages: [Orders.prod], throttle 100/s burst 200, quota 100000/day }
key acme for Basic { value: env("ACME_KEY") }
"#;

/// The request's target.
pub const TARGET: &str = "/prod/orders/4711?customer=c-17&page=2";
/// The client's key.
pub const KEY: &str = "acme-key-0000000000000000000000000000001";
/// The request's headers.
pub const HEADERS: [(&str, &str); 5] = [
    ("Host", "abcdefghij.execute-api.eu-west-1.amazonaws.com"),
    ("Accept", "application/json"),
    ("X-Api-Key", KEY),
    ("X-Trace", "t-1"),
    ("User-Agent", "bench/1.0"),
];

/// The practical limit: this program as straight Rust, to the cache's key and three charges by bucket. The client's key
/// is compared, not digested.
#[inline(never)]
pub fn hand(ip: IpAddr, target: &str, headers: &[(&str, &str)], cache_key: &mut Vec<u8>) -> Option<[(u64, u32); 3]> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let id = path.strip_prefix("/prod/orders/").filter(|id| !id.contains('/'))?;
    let inside = match ip {
        IpAddr::V4(ip) => {
            let ip = u32::from(ip);
            ip >> 24 == 0x0a
                || ip >> 20 == 0xac1
                || ip >> 16 == 0xc0a8
                || ip >> 8 == 0x00cb_0071
                || ip >> 8 == 0x00c6_3364
                || ip >> 22 == 0x191
                || ip >> 8 == 0x00c0_0002
                || ip >> 16 == 0x345e
        }
        IpAddr::V6(ip) => u128::from(ip) >> 96 == 0x2001_0db8 || u128::from(ip) >> 120 == 0xfd,
    };
    if !inside {
        return None;
    }
    let header = |name: &str| headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
    if header("x-api-key") != Some(KEY) {
        return None;
    }
    let (mut customer, mut page) = ("", "");
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("customer", value)) => customer = value,
            Some(("page", value)) => page = value,
            _ => {}
        }
    }
    if customer.is_empty() || page.is_empty() || header("x-trace").is_none_or(str::is_empty) {
        return None;
    }
    cache_key.clear();
    cache_key.extend(b"GET /orders/{id}\n");
    cache_key.extend(id.as_bytes());
    cache_key.push(b'\n');
    cache_key.extend(page.as_bytes());
    Some([(1, 1), (2, 1), (3, 1)])
}
