//! Literals that functions read when the program is built: a bad one is an error then,
//! not at the first request.

use std::net::IpAddr;

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

/// Whether a text is a moment: `2026-11-23T10:00:00Z`, with an offset instead of `Z` too.
pub(crate) fn is_timestamp(text: &str) -> bool {
    timestamp_ms(text).is_some()
}

/// A moment in milliseconds since 1970 UTC; those before are none.
pub(crate) fn timestamp_ms(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let mut parts = date.split('-');
    let mut number = |digits: usize| -> Option<u32> {
        let part = parts.next()?;
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if parts.next().is_some() {
        return None;
    }
    let (time, offset) = match time.strip_suffix(['Z', 'z']) {
        Some(time) => (time, 0),
        None => {
            let at = time.rfind(['+', '-'])?;
            let (hours, minutes) = time.get(at + 1..)?.split_once(':')?;
            let minutes = two(hours)? * 60 + two(minutes)?;
            let sign = if time.as_bytes().get(at) == Some(&b'-') {
                -1
            } else {
                1
            };
            (time.get(..at)?, sign * i64::from(minutes))
        }
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut clock = time.split(':');
    let (hour, minute, second) = (
        two(clock.next()?)?,
        two(clock.next()?)?,
        two(clock.next()?)?,
    );
    if clock.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let longest = *days.get((month as usize).checked_sub(1)?)?;
    if day == 0 || day > longest {
        return None;
    }
    // Days since 1970 by the civil calendar.
    let (y, m) = if month > 2 {
        (i64::from(year), i64::from(month) - 3)
    } else {
        (i64::from(year) - 1, i64::from(month) + 9)
    };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let day_of_year = (153 * m + 2) / 5 + i64::from(day) - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    let seconds =
        days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)
            - offset * 60;
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    u64::try_from(seconds * 1000 + millis).ok()
}

fn two(text: &str) -> Option<u32> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

/// Whether a text is a length of time: `90s`, `1h30m`, `1.5h`.
pub(crate) fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        if number.is_empty() || number.parse::<f64>().is_err() {
            return false;
        }
        let unit = ["ms", "us", "ns", "h", "m", "s"]
            .into_iter()
            .find(|unit| tail.starts_with(unit));
        let Some(unit) = unit else { return false };
        rest = &tail[unit.len()..];
    }
    true
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
        for text in ["90s", "1h30m", "1.5h", "-5m", "300ms"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["", "90", "1day", "s"] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
