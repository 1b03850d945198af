//! Literals that functions read when the program is built: a bad one is an error then,
//! not at the first request.

use std::net::IpAddr;

use tollgate_runtime::cel::time;

/// Whether a text is a range: `10.0.0.0/8`, `2001:db8::/32`, or an address alone.
pub(crate) fn is_cidr(text: &str) -> bool {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    match prefix {
        None => true,
        Some(prefix) => {
            !prefix.is_empty()
                && prefix.len() <= 3
                && prefix.bytes().all(|byte| byte.is_ascii_digit())
                && prefix.parse::<u32>().is_ok_and(|prefix| prefix <= longest)
        }
    }
}

/// Whether a text is a moment: `2026-11-23T10:00:00Z`, with an offset instead of `Z` too, from 1970 on.
pub(crate) fn is_timestamp(text: &str) -> bool {
    timestamp_ms(text).is_some()
}

/// A moment in milliseconds since 1970 UTC; those before are none.
pub(crate) fn timestamp_ms(text: &str) -> Option<u64> {
    u64::try_from(time::moment(text)?.div_euclid(1_000_000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_moments_and_durations_are_read_strictly() {
        for text in ["10.0.0.0/8", "2001:db8::/32", "203.0.113.9", "::1"] {
            assert!(is_cidr(text), "{text}");
        }
        for text in [
            "10.0.0.0/33",
            "10.0.0/8",
            "10.0.0.0/",
            "::1/129",
            "10.0.0.0/+8",
            "",
        ] {
            assert!(!is_cidr(text), "{text}");
        }
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-23T10:00:00Z", Some(1_795_428_000_000)),
            ("2026-11-23T10:00:00.25Z", Some(1_795_428_000_250)),
            ("2026-11-23T12:00:00+02:00", Some(1_795_428_000_000)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-11-23", None),
            ("2026-11-23T25:00:00Z", None),
        ] {
            assert_eq!(timestamp_ms(text), expected, "{text}");
        }
        for text in ["90s", "1h30m", "1.5h", "-5m", "300ms", "0", ".5s"] {
            assert!(time::length(text).is_some(), "{text}");
        }
        for text in ["", "90", "1day", "s", "1..5s", "."] {
            assert!(time::length(text).is_none(), "{text}");
        }
    }
}
