//! Moments, lengths of time, and the calendars of time zones: dates by `jiff`.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use super::{Cel, Failed, Found};

/// Nanoseconds of a second.
pub(super) const SECOND: i128 = 1_000_000_000;

/// The first moment of 1970.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// A moment by the calendar; none outside the years 1 to 9999.
fn date(ns: i128) -> Option<DateTime> {
    let seconds = i64::try_from(ns.div_euclid(SECOND)).ok()?;
    let nanos = i32::try_from(ns.rem_euclid(SECOND)).ok()?;
    let since = SignedDuration::new(seconds, nanos);
    let date = EPOCH.checked_add(since).ok()?;
    (date.year() >= 1).then_some(date)
}

fn moment(ns: i128) -> Found {
    date(ns).map(|_| Cel::Time(ns)).ok_or(Failed)
}

fn duration(ns: i128) -> Found {
    match ns.abs() <= 315_576_000_000 * SECOND {
        true => Ok(Cel::Duration(ns)),
        false => Err(Failed),
    }
}

/// Sums and differences.
pub(super) fn reckon(name: &str, values: &[Cel]) -> Found {
    match (name, values) {
        ("+", [Cel::Time(a), Cel::Duration(b)] | [Cel::Duration(b), Cel::Time(a)]) => moment(a + b),
        ("-", [Cel::Time(a), Cel::Duration(b)]) => moment(a - b),
        ("-", [Cel::Time(a), Cel::Time(b)]) => duration(a - b),
        ("+", [Cel::Duration(a), Cel::Duration(b)]) => duration(a + b),
        ("-", [Cel::Duration(a), Cel::Duration(b)]) => duration(a - b),
        _ => Err(Failed),
    }
}

pub(super) fn apply(name: &str, values: &[Cel]) -> Found {
    match (name, values) {
        ("timestamp", [Cel::Time(ns)]) => Ok(Cel::Time(*ns)),
        ("timestamp", [Cel::Int(seconds)]) => moment(i128::from(*seconds) * SECOND),
        ("timestamp", [Cel::Text(text)]) => moment(read_moment(text).ok_or(Failed)?),
        ("duration", [Cel::Duration(ns)]) => Ok(Cel::Duration(*ns)),
        ("duration", [Cel::Int(seconds)]) => duration(i128::from(*seconds) * SECOND),
        ("duration", [Cel::Text(text)]) => duration(read_duration(text).ok_or(Failed)?),
        (_, [Cel::Time(ns)]) => part(name, date(*ns).ok_or(Failed)?),
        (_, [Cel::Time(ns), Cel::Text(zone)]) => {
            let ahead = i128::from(offset(zone, *ns).ok_or(Failed)?.seconds()) * SECOND;
            part(name, local(*ns + ahead).ok_or(Failed)?)
        }
        ("getHours", [Cel::Duration(ns)]) => whole(ns / SECOND / 3600),
        ("getMinutes", [Cel::Duration(ns)]) => whole(ns / SECOND / 60),
        ("getSeconds", [Cel::Duration(ns)]) => whole(ns / SECOND),
        ("getMilliseconds", [Cel::Duration(ns)]) => whole(ns / 1_000_000 % 1000),
        _ => Err(Failed),
    }
}

fn whole(value: i128) -> Found {
    i64::try_from(value).map(Cel::Int).map_err(|_| Failed)
}

/// What a clock shows, which may be of the year 0.
fn local(ns: i128) -> Option<DateTime> {
    let seconds = i64::try_from(ns.div_euclid(SECOND)).ok()?;
    let nanos = i32::try_from(ns.rem_euclid(SECOND)).ok()?;
    EPOCH.checked_add(SignedDuration::new(seconds, nanos)).ok()
}

fn part(name: &str, date: DateTime) -> Found {
    let part = match name {
        "getFullYear" => i64::from(date.year()),
        "getMonth" => i64::from(date.month()) - 1,
        "getDate" => i64::from(date.day()),
        "getDayOfMonth" => i64::from(date.day()) - 1,
        "getDayOfYear" => i64::from(date.day_of_year()) - 1,
        "getDayOfWeek" => i64::from(date.weekday().to_sunday_zero_offset()),
        "getHours" => i64::from(date.hour()),
        "getMinutes" => i64::from(date.minute()),
        "getSeconds" => i64::from(date.second()),
        "getMilliseconds" => i64::from(date.millisecond()),
        _ => return Err(Failed),
    };
    Ok(Cel::Int(part))
}

/// `Europe/Berlin`, `+02:00`, `-9:30`.
fn offset(zone: &str, ns: i128) -> Option<Offset> {
    if let Some((hours, minutes)) = zone.split_once(':') {
        let sign = if hours.starts_with('-') { -1 } else { 1 };
        let hours = hours.strip_prefix(['+', '-']).unwrap_or(hours);
        let number = |text: &str, beyond: i32| -> Option<i32> {
            let fits = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|number| fits && *number < beyond)
        };
        let seconds = number(hours, 24)? * 3600 + number(minutes, 60)? * 60;
        return Offset::from_seconds(sign * seconds).ok();
    }
    // The library's moments end some hours before the year 9999 does.
    let at = Timestamp::from_nanosecond(ns).unwrap_or(match ns > 0 {
        true => Timestamp::MAX,
        false => Timestamp::MIN,
    });
    let zone = TimeZoneDatabase::bundled().get(zone).ok()?;
    Some(zone.to_offset(at))
}

/// RFC 3339.
fn read_moment(text: &str) -> Option<i128> {
    let shape = r"^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3])(:[0-5]\d:[0-5]\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$";
    let shape = fancy_regex::Regex::new(shape).ok()?;
    let found = shape.captures(text).ok()??;
    let group = |at: usize| found.get(at).map_or("", |group| group.as_str());
    let fraction: String = group(4).chars().take(10).collect();
    let date: DateTime = format!("{}T{}{}{fraction}", group(1), group(2), group(3))
        .parse()
        .ok()?;
    let since = date.duration_since(EPOCH).as_nanos();
    let number = |text: &str| text.parse::<i128>().unwrap_or(0);
    let ahead = (number(group(6)) * 60 + number(group(7))) * 60 * SECOND;
    Some(match group(5) {
        "-" => since + ahead,
        _ => since - ahead,
    })
}

/// `90s`, `1h30m`, `1.5h`, `-5m`.
fn read_duration(text: &str) -> Option<i128> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if text == "0" {
        return Some(0);
    }
    let whole = fancy_regex::Regex::new(r"^((\d+(\.\d*)?|\.\d+)(h|ms|m|s|us|[µμ]s|ns))+$").ok()?;
    if !whole.is_match(text).ok()? {
        return None;
    }
    let each = fancy_regex::Regex::new(r"(\d*)(?:\.(\d*))?(h|ms|m|s|us|[µμ]s|ns)").ok()?;
    let mut total = 0_i128;
    for found in each.captures_iter(text) {
        let found = found.ok()?;
        let group = |at: usize| found.get(at).map_or("", |group| group.as_str());
        let unit = match group(3) {
            "h" => 3600 * SECOND,
            "m" => 60 * SECOND,
            "s" => SECOND,
            "ms" => 1_000_000,
            "ns" => 1,
            _ => 1000,
        };
        let number = |digits: &str| match digits {
            "" => Some(0_i128),
            digits => digits.parse().ok(),
        };
        let fraction: String = group(2).chars().take(18).collect();
        total = total.checked_add(number(group(1))?.checked_mul(unit)?)?;
        total += number(&fraction)? * unit / 10_i128.pow(fraction.len() as u32);
    }
    Some(sign * total)
}

/// `2026-11-23T10:00:00.25Z`.
pub(super) fn moment_text(ns: i128) -> Option<String> {
    Some(format!("{}Z", date(ns)?))
}

/// `5400s`, `-0.5s`.
pub(super) fn duration_text(ns: i128) -> String {
    let digits = format!("{:010}", ns.abs());
    let (whole, fraction) = digits.split_at(digits.len() - 9);
    let fraction = fraction.trim_end_matches('0');
    let sign = if ns < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}s")
}
