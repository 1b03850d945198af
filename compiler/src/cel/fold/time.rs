//! Moments and lengths of time.

use super::{Constant, Failure, Found, error, no_overload, zone};

/// Nanoseconds of a second.
pub(crate) const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;
/// `0001-01-01T00:00:00Z`.
const FIRST: i128 = -62_135_596_800 * SECOND;
/// One past `9999-12-31T23:59:59.999999999Z`.
const BEYOND: i128 = 253_402_300_800 * SECOND;
/// The longest length of time, either way.
const LONGEST: i128 = 315_576_000_000 * SECOND;

/// A moment, if it is one of the years 1 to 9999.
pub(super) fn in_range(ns: Option<i128>) -> Found {
    match ns {
        Some(ns) if (FIRST..BEYOND).contains(&ns) => Ok(Constant::Time(ns)),
        _ => error("the moment is out of range"),
    }
}

/// A length of time, if it is not too long.
pub(super) fn length_in_range(ns: Option<i128>) -> Found {
    match ns {
        Some(ns) if ns.abs() <= LONGEST => Ok(Constant::Duration(ns)),
        _ => error("the length of time is out of range"),
    }
}

pub(super) fn call(name: &str, values: &[Constant]) -> Found {
    use Constant::{Duration, Int, Text, Time};
    match (name, values) {
        ("timestamp", [Time(ns)]) => Ok(Time(*ns)),
        ("timestamp", [Int(seconds)]) => in_range(i128::from(*seconds).checked_mul(SECOND)),
        ("timestamp", [Text(text)]) => match moment(text) {
            Some(ns) => in_range(Some(ns)),
            None => error(format!("`{text}` is no moment")),
        },
        ("duration", [Duration(ns)]) => Ok(Duration(*ns)),
        ("duration", [Int(seconds)]) => length_in_range(i128::from(*seconds).checked_mul(SECOND)),
        ("duration", [Text(text)]) => match length(text) {
            Some(ns) => length_in_range(Some(ns)),
            None => error(format!("`{text}` is no length of time")),
        },
        (_, [Time(ns)]) => part_of_moment(name, *ns),
        (_, [Time(ns), Text(zone)]) => {
            let offset = zone::offset(zone, ns.div_euclid(SECOND) as i64)?;
            part_of_moment(name, ns + i128::from(offset) * SECOND)
        }
        (_, [Duration(ns)]) => {
            let part = match name {
                "getHours" => ns / (3600 * SECOND),
                "getMinutes" => ns / (60 * SECOND),
                "getSeconds" => ns / SECOND,
                // Of what is left below the second.
                "getMilliseconds" => ns % SECOND / 1_000_000,
                _ => return no_overload(name),
            };
            whole(part)
        }
        _ => no_overload(name),
    }
}

fn whole(value: i128) -> Found {
    i64::try_from(value)
        .map(Constant::Int)
        .map_err(|_| Failure::Error("the number overflows".to_owned()))
}

/// A part of a moment, where its clock shows it.
fn part_of_moment(name: &str, ns: i128) -> Found {
    let (days, clock) = (ns.div_euclid(DAY), ns.rem_euclid(DAY));
    let (year, month, day) = civil(days as i64);
    whole(match name {
        "getFullYear" => i128::from(year),
        "getMonth" => i128::from(month) - 1,
        "getDate" => i128::from(day),
        "getDayOfMonth" => i128::from(day) - 1,
        "getDayOfYear" => days - i128::from(days_to(year, 1, 1)),
        // The first of January 1970 was a Thursday; Sunday is 0.
        "getDayOfWeek" => (days + 4).rem_euclid(7),
        "getHours" => clock / (3600 * SECOND),
        "getMinutes" => clock / (60 * SECOND) % 60,
        "getSeconds" => clock / SECOND % 60,
        "getMilliseconds" => clock % SECOND / 1_000_000,
        _ => return no_overload(name),
    })
}

/// Days since 1970 of a date of the civil calendar.
pub(super) fn days_to(year: i64, month: u32, day: u32) -> i64 {
    let (y, m) = match month > 2 {
        true => (year, i64::from(month) - 3),
        false => (year - 1, i64::from(month) + 9),
    };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let day_of_year = (153 * m + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// The date of a day since 1970: year, month and day, the latter two from 1.
pub(super) fn civil(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * m + 2) / 5 + 1) as u32;
    let month = (if m < 10 { m + 3 } else { m - 9 }) as u32;
    (era * 400 + year + i64::from(month <= 2), month, day)
}

/// Whether a year has a 29th of February.
pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// A moment as RFC 3339 has it, in nanoseconds since 1970 UTC, of any year of four digits.
pub(crate) fn moment(text: &str) -> Option<i128> {
    let (date, time) = text.split_once(['T', 't'])?;
    let mut parts = date.split('-');
    let mut number = |digits: usize| -> Option<u32> {
        let part = parts.next()?;
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    let (year, month, day) = (i64::from(number(4)?), number(2)?, number(2)?);
    if parts.next().is_some() {
        return None;
    }
    let (time, offset) = match time.strip_suffix(['Z', 'z']) {
        Some(time) => (time, 0),
        None => {
            let at = time.rfind(['+', '-'])?;
            let (hours, minutes) = time.get(at + 1..)?.split_once(':')?;
            let minutes = two(hours)? * 60 + two(minutes)?;
            let sign = match time.as_bytes().get(at) {
                Some(b'-') => -1,
                _ => 1,
            };
            (time.get(..at)?, sign * i64::from(minutes))
        }
    };
    let (time, fraction) = match time.split_once('.') {
        Some((time, fraction)) if !fraction.is_empty() => (time, fraction),
        Some(_) => return None,
        None => (time, ""),
    };
    let mut clock = time.split(':');
    let (hour, minute, second) = (
        two(clock.next()?)?,
        two(clock.next()?)?,
        two(clock.next()?)?,
    );
    if clock.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let days = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let longest = *days.get((month as usize).checked_sub(1)?)?;
    if day == 0 || day > longest {
        return None;
    }
    let seconds = days_to(year, month, day) * 86_400
        + i64::from(hour) * 3600
        + i64::from(minute) * 60
        + i64::from(second)
        - offset * 60;
    // What is finer than a nanosecond is cut off.
    let ns: i128 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Some(i128::from(seconds) * SECOND + ns)
}

fn two(text: &str) -> Option<u32> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

/// A length of time in nanoseconds: `90s`, `1h30m`, `1.5h`, `-5m`; `0` needs no unit.
pub(crate) fn length(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let (unit, scale) = [
            ("ms", SECOND / 1000),
            ("us", 1000),
            ("µs", 1000),
            ("μs", 1000),
            ("ns", 1),
            ("h", 3600 * SECOND),
            ("m", 60 * SECOND),
            ("s", SECOND),
        ]
        .into_iter()
        .find(|(unit, _)| tail.starts_with(unit))?;
        let digits = |text: &str| match text {
            "" => Some(0),
            text => text.parse::<i128>().ok(),
        };
        // More digits than these say less than a nanosecond, even of an hour.
        let fraction = fraction.get(..18).unwrap_or(fraction);
        let below = digits(fraction)?.checked_mul(scale)? / 10_i128.pow(fraction.len() as u32);
        total = total
            .checked_add(digits(whole)?.checked_mul(scale)?)?
            .checked_add(below)?;
        rest = tail.get(unit.len()..)?;
    }
    Some(sign * total)
}

/// `2026-11-23T10:00:00.25Z`, with as many digits as it needs.
pub(crate) fn written(ns: i128) -> String {
    let (days, clock) = (ns.div_euclid(DAY), ns.rem_euclid(DAY));
    let (year, month, day) = civil(days as i64);
    let seconds = clock / SECOND;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        fraction(clock % SECOND)
    )
}

/// `5400s`, `-0.5s`.
pub(crate) fn length_written(ns: i128) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let ns = ns.abs();
    format!("{sign}{}{}s", ns / SECOND, fraction(ns % SECOND))
}

fn fraction(ns: i128) -> String {
    match ns {
        0 => String::new(),
        ns => format!(".{ns:09}").trim_end_matches('0').to_owned(),
    }
}
