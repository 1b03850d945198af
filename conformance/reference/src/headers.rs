//! What happens to header names on their way through the gateway: which a client cannot
//! pass, which a mapping may not set, which are dropped or renamed.

use tollgate_model::integration::Target;

/// Headers by name and value, in order.
pub(crate) type Headers = Vec<(String, String)>;

/// Client headers that neither templates nor mappings nor backends ever see.
const INVISIBLE: &[&str] = &[
    "connection",
    "content-length",
    "content-md5",
    "expect",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

/// Mapping one of these makes every call fail, whatever the value.
const FORBIDDEN: &[&str] = &[
    "content-length",
    "transfer-encoding",
    "x-amzn-trace-id",
    "x-amzn-apigateway-api-id",
];

/// The same for the services of the reference itself, Lambda among them.
const FORBIDDEN_FOR_SERVICES: &[&str] = &[
    "authorization",
    "connection",
    "expect",
    "proxy-authenticate",
    "te",
];

/// Response headers that every integration's answer has renamed.
const RENAMED: &[&str] = &["connection", "content-length", "date", "server"];

/// Response headers that only mapped answers have renamed besides.
const RENAMED_IF_MAPPED: &[&str] = &[
    "authorization",
    "content-md5",
    "expect",
    "host",
    "max-forwards",
    "proxy-authenticate",
    "trailer",
    "upgrade",
    "user-agent",
    "www-authenticate",
];

/// Response headers that proxies have renamed besides.
const RENAMED_IF_PROXIED: &[&str] = &[
    "authorization",
    "content-md5",
    "max-forwards",
    "user-agent",
    "www-authenticate",
    // The gateway sends its own.
    "x-amzn-requestid",
];

/// Response headers that proxies lose.
const DROPPED_IF_PROXIED: &[&str] = &[
    "expect",
    "host",
    "proxy-authenticate",
    "te",
    "trailer",
    "upgrade",
    "via",
];

fn one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// The client's headers that anybody behind the gateway can see.
pub(crate) fn visible(headers: &[(String, String)]) -> Headers {
    headers
        .iter()
        .filter(|(name, _)| !one_of(name, INVISIBLE))
        .cloned()
        .collect()
}

/// Whether a mapping to this request header makes the call fail.
pub(crate) fn is_forbidden(name: &str, target: &Target) -> bool {
    let service = matches!(target, Target::Lambda { .. } | Target::Aws { .. });
    one_of(name, FORBIDDEN) || service && one_of(name, FORBIDDEN_FOR_SERVICES)
}

/// Whether a request header is lost after mapping.
pub(crate) fn is_dropped_from_request(name: &str, target: &Target) -> bool {
    one_of(name, &["expect", "proxy-authenticate", "te"])
        || match target {
            Target::Http { .. } => one_of(name, &["via"]),
            Target::Lambda { .. } | Target::Aws { .. } => one_of(name, &["referer"]),
            Target::Mock => false,
        }
}

/// What a response header becomes; none if it is lost.
pub(crate) fn outgoing(name: &str, target: &Target) -> Option<String> {
    let proxy = match target {
        Target::Http { proxy, .. } | Target::Lambda { proxy, .. } | Target::Aws { proxy, .. } => {
            *proxy
        }
        Target::Mock => false,
    };
    let lost = one_of(name, &["transfer-encoding"])
        || proxy && one_of(name, DROPPED_IF_PROXIED)
        || proxy && matches!(target, Target::Http { .. }) && one_of(name, &["content-encoding"]);
    if lost {
        return None;
    }
    let renamed = one_of(name, RENAMED)
        || !proxy && one_of(name, RENAMED_IF_MAPPED)
        || proxy && one_of(name, RENAMED_IF_PROXIED);
    Some(if renamed {
        format!("x-amzn-Remapped-{name}")
    } else {
        name.to_owned()
    })
}

/// Whether a name means something to the gateway itself and is therefore looked up without
/// regard to case even where names are exact.
fn is_known(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("accept")
        || name.starts_with("x-amz")
        || one_of(
            &name,
            &[
                "x-api-key",
                "authorization",
                "user-agent",
                "host",
                "content-type",
                "cache-control",
                "origin",
            ],
        )
}

/// All values of a header, in order. Names are exact, save those with a meaning of their own.
pub(crate) fn values<'a>(headers: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let known = is_known(name);
    headers
        .iter()
        .filter(|(n, _)| n == name || known && n.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect()
}

/// Whether a header is there, without regard to case.
pub(crate) fn has(headers: &[(String, String)], name: &str) -> bool {
    headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
}

/// Replaces every header of this name; an empty value removes it.
pub(crate) fn replace(headers: &mut Headers, name: &str, value: &str) {
    replace_all(headers, name, &[value.to_owned()]);
}

/// Replaces every header of this name by several.
pub(crate) fn replace_all(headers: &mut Headers, name: &str, values: &[String]) {
    headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    let values = values.iter().filter(|value| !value.is_empty());
    headers.extend(values.map(|value| (name.to_owned(), one_line(value))));
}

/// A value that cannot break out of its header: control characters become blanks.
pub(crate) fn one_line(value: &str) -> String {
    value.replace(|c: char| (c < ' ' && c != '\t') || c == '\u{7f}', " ")
}
