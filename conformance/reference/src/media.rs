//! Media types: what counts as bytes, and conversions between bytes and text.

use crate::base64;
use tollgate_model::integration::ContentHandling;

/// A payload in the form in which templates and backends meet it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Payload {
    /// Text: a template may read it.
    Text(String),
    /// Bytes: no template may.
    Bytes(Vec<u8>),
}

impl Payload {
    /// The payload as it goes over the wire.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Payload::Text(text) => text.into_bytes(),
            Payload::Bytes(bytes) => bytes,
        }
    }
}

/// The first media type of a header, without parameters, in lower case.
pub(crate) fn first(header: &str) -> String {
    let entry = header.split(',').next().unwrap_or_default();
    let bare = entry.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

/// Whether a header's first type is among the API's binary types.
///
/// Entries are `type/subtype`, `type/*` or `*/*`; `*/sub` matches nothing. A wildcard in the
/// header matches no exact entry. A header that is absent matches `*/*` alone.
pub(crate) fn is_binary(binary: &[String], header: Option<&str>) -> bool {
    let tested = header.map(first);
    binary.iter().any(|entry| {
        let entry = first(entry);
        if entry == "*/*" {
            return true;
        }
        let Some(tested) = &tested else { return false };
        match entry.strip_suffix("/*") {
            Some(kind) => tested.split_once('/').is_some_and(|(k, _)| k == kind),
            None => *tested == entry && !entry.starts_with("*/"),
        }
    })
}

/// The request body towards the integration. None: text that is no base64 was to be decoded.
pub(crate) fn convert_request(
    body: &[u8],
    handling: ContentHandling,
    binary: &[String],
    content_type: Option<&str>,
) -> Option<Payload> {
    let is_binary = is_binary(binary, content_type);
    match (handling, is_binary) {
        (ContentHandling::None | ContentHandling::Text, false) => Some(text(body)),
        (ContentHandling::None | ContentHandling::Binary, true) => {
            Some(Payload::Bytes(body.to_vec()))
        }
        (ContentHandling::Binary, false) => decode(body),
        (ContentHandling::Text, true) => Some(encode(body)),
    }
}

/// The backend's body towards the client. None: text that is no base64 was to be decoded.
pub(crate) fn convert_response(
    body: &[u8],
    handling: ContentHandling,
    binary: &[String],
    content_type: Option<&str>,
    accept: Option<&str>,
) -> Option<Payload> {
    if binary.is_empty() {
        return match handling {
            ContentHandling::Binary => decode(body),
            ContentHandling::None | ContentHandling::Text => Some(text(body)),
        };
    }
    let payload_is_binary = is_binary(binary, content_type);
    let wants_binary = is_binary(binary, accept);
    match (payload_is_binary, wants_binary, handling) {
        (false, _, ContentHandling::Text) | (false, false, ContentHandling::None) => {
            Some(text(body))
        }
        // Text for a client that wants bytes must be base64.
        (false, _, _) => decode(body),
        (true, _, ContentHandling::Text) | (true, false, ContentHandling::None) => {
            Some(encode(body))
        }
        (true, _, _) => Some(Payload::Bytes(body.to_vec())),
    }
}

/// UTF-8 text; invalid bytes become U+FFFD.
fn text(body: &[u8]) -> Payload {
    Payload::Text(String::from_utf8_lossy(body).into_owned())
}

fn encode(body: &[u8]) -> Payload {
    Payload::Text(base64::encode(body))
}

fn decode(body: &[u8]) -> Option<Payload> {
    base64::decode(body).map(Payload::Bytes)
}

/// The index of the template for a request's `Content-Type`.
///
/// A key with parameters must fit the whole header; else the bare type counts, absent is
/// `application/json`; then `$default`.
pub(crate) fn request_template<'a>(
    keys: impl Iterator<Item = &'a str> + Clone,
    content_type: Option<&str>,
) -> Option<usize> {
    let whole = content_type.map(|text| text.trim().to_ascii_lowercase());
    let bare = content_type.map_or_else(|| "application/json".to_owned(), first);
    let find = |wanted: &str| {
        keys.clone()
            .position(|key| key.trim().eq_ignore_ascii_case(wanted))
    };
    whole
        .and_then(|whole| find(&whole))
        .or_else(|| find(&bare))
        .or_else(|| find("$default"))
}

/// The index of the template for a client's `Accept`: its first type, else `application/json`,
/// else the first template.
pub(crate) fn response_template<'a>(
    keys: impl Iterator<Item = &'a str> + Clone,
    accept: Option<&str>,
) -> Option<usize> {
    let wanted = accept.map_or_else(|| "application/json".to_owned(), first);
    let find = |wanted: &str| {
        keys.clone()
            .position(|key| key.trim().eq_ignore_ascii_case(wanted))
    };
    find(&wanted)
        .or_else(|| find("application/json"))
        .or_else(|| keys.clone().next().map(|_| 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_subtypes_and_for_everything() {
        for (entry, header, expected) in [
            ("image/png", Some("image/png;q=1, text/plain"), true),
            ("image/png", Some("text/plain, image/png"), false),
            ("image/*", Some("IMAGE/gif"), true),
            ("image/*", Some("image/*"), true),
            ("image/png", Some("*/*"), false),
            ("*/png", Some("image/png"), false),
            ("*/*", None, true),
            ("*/*", Some("text/plain"), true),
            ("image/png", None, false),
        ] {
            assert_eq!(
                is_binary(&[entry.into()], header),
                expected,
                "{entry} {header:?}"
            );
        }
    }

    #[test]
    fn templates_are_chosen_by_bare_types() {
        let keys = ["application/xml", "application/json", "$default"];
        let request = |header| request_template(keys.into_iter(), header);
        assert_eq!(request(None), Some(1));
        assert_eq!(request(Some("Application/XML; charset=utf-8")), Some(0));
        assert_eq!(request(Some("text/plain")), Some(2));
        let response = |header| response_template(keys.into_iter(), header);
        assert_eq!(response(None), Some(1));
        assert_eq!(response(Some("application/xml, text/plain")), Some(0));
        assert_eq!(response(Some("text/html")), Some(1));
        assert_eq!(response_template(["a/b"].into_iter(), None), Some(0));
    }
}
