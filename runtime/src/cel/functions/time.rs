//! Moments and lengths of time.

use core::fmt;

use super::super::code::Function;
use super::super::value::{Cel, Found, error, no_overload};
use super::super::work::Work;

/// Nanoseconds of a second.
const SECOND: i128 = 1_000_000_000;
const DAY: i64 = 86_400;
/// `0001-01-01T00:00:00Z`, in seconds since 1970.
const FIRST: i64 = -62_135_596_800;
/// One past `9999-12-31T23:59:59Z`.
const BEYOND: i64 = 253_402_300_800;
/// The longest length of time, either way, in seconds.
const LONGEST: i128 = 315_576_000_000;

/// Nanoseconds of seconds and nanoseconds beyond them.
#[must_use]
pub fn ns(seconds: i64, nanos: u32) -> i128 {
    i128::from(seconds) * SECOND + i128::from(nanos)
}

/// Seconds, rounded down, and nanoseconds beyond them.
#[must_use]
pub fn parts(ns: i128) -> Option<(i64, u32)> {
    let seconds = i64::try_from(ns.div_euclid(SECOND)).ok()?;
    Some((seconds, ns.rem_euclid(SECOND) as u32))
}

/// A moment, if it is one of the years 1 to 9999.
pub(in super::super) fn in_range(ns: i128) -> Found {
    match parts(ns) {
        Some((seconds, nanos)) if (FIRST..BEYOND).contains(&seconds) => {
            Ok(Cel::Time(seconds, nanos))
        }
        _ => error("the moment is out of range"),
    }
}

/// A length of time, if it is not too long.
pub(in super::super) fn length_in_range(ns: i128) -> Found {
    match parts(ns) {
        Some((seconds, nanos)) if ns.unsigned_abs() <= (LONGEST * SECOND) as u128 => {
            Ok(Cel::Duration(seconds, nanos))
        }
        _ => error("the length of time is out of range"),
    }
}

/// `timestamp` and `duration`.
pub(super) fn call(work: &mut Work<'_>, function: Function, value: Cel) -> Found {
    let is_moment = function == Function::Timestamp;
    let ranged = if is_moment { in_range } else { length_in_range };
    match value {
        Cel::Time(..) if is_moment => Ok(value),
        Cel::Duration(..) if !is_moment => Ok(value),
        Cel::Int(seconds) => ranged(i128::from(seconds) * SECOND),
        Cel::Text(text) => {
            let text = work.str(text);
            match if is_moment {
                moment(text)
            } else {
                length(text)
            } {
                Some(ns) => ranged(ns),
                None if is_moment => error("the text is no moment"),
                None => error("the text is no length of time"),
            }
        }
        _ => no_overload(),
    }
}

/// A part of a length of time.
pub(super) fn part(function: Function, ns: i128) -> Found {
    let part = match function {
        Function::GetHours => ns / (3600 * SECOND),
        Function::GetMinutes => ns / (60 * SECOND),
        Function::GetSeconds => ns / SECOND,
        // Of what is left below the second.
        Function::GetMilliseconds => ns % SECOND / 1_000_000,
        _ => return no_overload(),
    };
    i64::try_from(part).map_or_else(|_| error("the number overflows"), |n| Ok(Cel::Int(n)))
}

/// A part of a moment, where its clock shows it.
pub(in super::super) fn shown(function: Function, seconds: i64, nanos: u32) -> Found {
    let (days, clock) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    Ok(Cel::Int(match function {
        Function::GetFullYear => year,
        Function::GetMonth => i64::from(month) - 1,
        Function::GetDate => i64::from(day),
        Function::GetDayOfMonth => i64::from(day) - 1,
        Function::GetDayOfYear => days - days_to(year, 1, 1),
        // The first of January 1970 was a Thursday; Sunday is 0.
        Function::GetDayOfWeek => (days + 4).rem_euclid(7),
        Function::GetHours => clock / 3600,
        Function::GetMinutes => clock / 60 % 60,
        Function::GetSeconds => clock % 60,
        Function::GetMilliseconds => i64::from(nanos / 1_000_000),
        _ => return no_overload(),
    }))
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
#[must_use]
pub fn moment(text: &str) -> Option<i128> {
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
    let seconds = days_to(year, month, day) * DAY
        + i64::from(hour) * 3600
        + i64::from(minute) * 60
        + i64::from(second)
        - offset * 60;
    // What is finer than a nanosecond is cut off.
    let nanos = fraction
        .bytes()
        .chain(core::iter::repeat(b'0'))
        .take(9)
        .fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0'));
    Some(ns(seconds, nanos))
}

fn two(text: &str) -> Option<u32> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

/// A length of time in nanoseconds: `90s`, `1h30m`, `1.5h`, `-5m`; `0` needs no unit.
#[must_use]
pub fn length(text: &str) -> Option<i128> {
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

/// A moment, of seconds and nanoseconds: `2026-11-23T10:00:00.25Z`, with as many digits as it needs.
#[derive(Clone, Copy, Debug)]
pub struct Written(pub i64, pub u32);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, clock) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        fraction(f, self.1)?;
        f.write_str("Z")
    }
}

/// A length of time, of seconds and nanoseconds: `5400s`, `-0.5s`.
#[derive(Clone, Copy, Debug)]
pub struct Lasting(pub i64, pub u32);

impl fmt::Display for Lasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ns = ns(self.0, self.1);
        let sign = if ns < 0 { "-" } else { "" };
        let ns = ns.unsigned_abs();
        let second = SECOND as u128;
        write!(f, "{sign}{}", ns / second)?;
        fraction(f, (ns % second) as u32)?;
        f.write_str("s")
    }
}

fn fraction(f: &mut fmt::Formatter<'_>, nanos: u32) -> fmt::Result {
    if nanos == 0 {
        return Ok(());
    }
    let (mut rest, mut digits) = (nanos, 9);
    while rest % 10 == 0 {
        rest /= 10;
        digits -= 1;
    }
    write!(f, ".{rest:0digits$}")
}
