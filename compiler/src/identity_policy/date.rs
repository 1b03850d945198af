//! What IAM takes as a date: seconds since 1970, or ISO 8601 down to any part of it.

/// The years that the service can hold.
const YEARS: std::ops::RangeInclusive<i64> = -292_275_054..=292_278_993;

/// Whether a text is a date.
pub(super) fn is_date(text: &str) -> bool {
    if !text.contains(['-', 'T', 't']) {
        return number(text, 0..=i64::MAX);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    // A year may be negative.
    let (sign, digits) = match date.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", date),
    };
    let mut parts = digits.split('-');
    let year = parts.next().unwrap_or_default();
    number(year, 0..=i64::MAX)
        && format!("{sign}{year}")
            .parse()
            .is_ok_and(|year| YEARS.contains(&year))
        && parts.next().is_none_or(|month| number(month, 1..=12))
        && parts.next().is_none_or(|day| number(day, 1..=31))
        && parts.next().is_none()
        && time.is_none_or(is_time)
}

fn is_time(time: &str) -> bool {
    let (clock, good_zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => {
            let (clock, zone) = time.split_at(at);
            (clock, is_zone(zone))
        }
        None => (time, true),
    };
    let mut parts = clock.split(':');
    let hour = parts.next().unwrap_or_default();
    good_zone
        && number(hour, 0..=23)
        && parts.next().is_none_or(|minute| number(minute, 0..=59))
        && parts.next().is_none_or(is_second)
        && parts.next().is_none()
}

fn is_second(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    number(whole, 0..=59) && number(fraction, 0..=999_999_999)
}

/// `Z`, `+01`, `-01:30`.
fn is_zone(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix(['+', '-']) else {
        return matches!(zone, "Z" | "z");
    };
    let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "00"));
    hours.len() == 2 && minutes.len() == 2 && number(hours, 0..=23) && number(minutes, 0..=59)
}

fn number(text: &str, range: std::ops::RangeInclusive<i64>) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse().is_ok_and(|n| range.contains(&n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_instants_in_any_usual_length() {
        for good in [
            "0",
            "1609459200",
            "2013",
            "2013-08",
            "2013-08-16",
            "2013-08-16T12:00Z",
            "2013-8-6t2:00:00.5+01:00",
            "2013-08-16T12:00:00-01",
            "-44-03-15",
        ] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "",
            "soon",
            "-",
            "9223372036854775808",
            "2013-13-01",
            "2013-08-32",
            "2013-08-16-01",
            "2013-08-16T24:00:00Z",
            "2013-08-16T12:00:00+1",
            "2013-08-16T12:00:00.1234567890Z",
            "292278994-01-01",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
