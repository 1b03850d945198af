//! How far the clocks of a time zone are from UTC.
//!
//! Zones are files of IANA's database, in the format of RFC 9636; or a fixed distance: `+02:00`, `-03:30`.

use super::time::{civil, days_to, is_leap};

/// Seconds that the clocks of a fixed zone are ahead of UTC: `+02:00`, `-2:30`, `02:00`.
#[must_use]
pub fn fixed(zone: &str) -> Option<i64> {
    let (sign, rest) = match zone.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, zone.strip_prefix('+').unwrap_or(zone)),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str, most: i64| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let number: i64 = text.parse().ok()?;
        (digits && number <= most).then_some(number)
    };
    Some(sign * (number(hours, 23)? * 3600 + number(minutes, 59)? * 60))
}

/// The counts of a header: of local time types, transitions, and bytes of the rest.
struct Header {
    transitions: usize,
    types: usize,
    letters: usize,
    leaps: usize,
    walls: usize,
    utcs: usize,
}

fn header(file: &[u8]) -> Option<Header> {
    if !file.starts_with(b"TZif") {
        return None;
    }
    let count = |at: usize| {
        let bytes: [u8; 4] = file.get(at..at + 4)?.try_into().ok()?;
        // No zone has more; so sums of them stay small.
        let count = u32::from_be_bytes(bytes);
        (count <= 1 << 20).then_some(count as usize)
    };
    Some(Header {
        utcs: count(20)?,
        walls: count(24)?,
        leaps: count(28)?,
        transitions: count(32)?,
        types: count(36)?,
        letters: count(40)?,
    })
}

/// The bytes of a header.
const HEADER: usize = 44;

/// Seconds that the clocks of the zone in a file are ahead of UTC, at a second since 1970; none if it is no such file.
#[must_use]
pub fn offset(file: &[u8], at: i64) -> Option<i64> {
    // The first block, of four-byte times, is for old readers.
    let old = header(file)?;
    let size =
        old.transitions * 5 + old.types * 6 + old.letters + old.leaps * 8 + old.walls + old.utcs;
    let file = file.get(HEADER + size..)?;
    let new = header(file)?;
    let body = file.get(HEADER..)?;
    let (times, body) = body.split_at_checked(new.transitions * 8)?;
    let (indexes, body) = body.split_at_checked(new.transitions)?;
    let (types, body) = body.split_at_checked(new.types * 6)?;
    let rest = body.get(new.letters + new.leaps * 12 + new.walls + new.utcs..)?;
    let kind = |index: usize| -> Option<i64> {
        let bytes: [u8; 4] = types.get(index * 6..index * 6 + 4)?.try_into().ok()?;
        Some(i64::from(i32::from_be_bytes(bytes)))
    };
    let (times, _) = times.as_chunks::<8>();
    let passed = times.partition_point(|time| i64::from_be_bytes(*time) <= at);
    match passed {
        0 => kind(0),
        passed if passed < times.len() => kind(usize::from(*indexes.get(passed - 1)?)),
        // Beyond the table a rule goes on for ever.
        passed => {
            let rule = core::str::from_utf8(rest).ok()?.trim_matches('\n');
            match rule.is_empty() {
                true => kind(usize::from(*indexes.get(passed - 1)?)),
                false => by_rule(rule, at),
            }
        }
    }
}

/// `EST5EDT,M3.2.0,M11.1.0`: names, distances west of UTC, and when the summer begins and ends.
fn by_rule(rule: &str, at: i64) -> Option<i64> {
    let mut rest = rule;
    name(&mut rest)?;
    let standard = -clock(&mut rest)?;
    if rest.is_empty() {
        return Some(standard);
    }
    name(&mut rest)?;
    let summer = match rest.starts_with(',') {
        true => standard + 3600,
        false => -clock(&mut rest)?,
    };
    let (start, end) = rest.strip_prefix(',')?.split_once(',')?;
    let (year, ..) = civil(at.saturating_add(standard).div_euclid(86_400));
    // A day's time is that of the clocks before they change.
    let start = day(start, year)? - standard;
    let end = day(end, year)? - summer;
    let is_summer = match start <= end {
        true => (start..end).contains(&at),
        false => !(end..start).contains(&at),
    };
    Some(if is_summer { summer } else { standard })
}

/// `EST`, `<+03>`.
fn name(rest: &mut &str) -> Option<()> {
    let end = match rest.strip_prefix('<') {
        Some(_) => rest.find('>')? + 1,
        None => rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len()),
    };
    *rest = rest.get(end..)?;
    (end > 0).then_some(())
}

/// A number of a rule: at most four digits.
fn small(text: &str) -> Option<i64> {
    (text.len() <= 4).then(|| text.parse().ok())?
}

/// `5`, `-9:30`, in seconds.
fn clock(rest: &mut &str) -> Option<i64> {
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || "+-:".contains(c)))
        .unwrap_or(rest.len());
    let (text, tail) = rest.split_at(end);
    *rest = tail;
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut seconds = 0;
    for (part, scale) in text.split(':').zip([3600, 60, 1]) {
        seconds += small(part)? * scale;
    }
    Some(sign * seconds)
}

/// When a day of a rule is, in seconds since 1970 by the local clock: `M3.2.0/2` is the second Sunday of March,
/// `J60` the first of March, `59` day 59 from 0 with leap days.
fn day(text: &str, year: i64) -> Option<i64> {
    let (date, time) = match text.split_once('/') {
        Some((date, mut time)) => (date, clock(&mut time)?),
        None => (text, 7200),
    };
    let first = days_to(year, 1, 1);
    let day = if let Some(parts) = date.strip_prefix('M') {
        let mut parts = parts.split('.').map(small);
        let (month, week, weekday) = (parts.next()??, parts.next()??, parts.next()??);
        let month = u32::try_from(month).ok()?;
        let start = days_to(year, month, 1);
        let ahead = (weekday - (start + 4)).rem_euclid(7);
        let day = start + ahead + 7 * (week - 1);
        let (next_year, next_month) = match month {
            12 => (year + 1, 1),
            month => (year, month + 1),
        };
        // The fifth is the last.
        match day >= days_to(next_year, next_month, 1) {
            true => day - 7,
            false => day,
        }
    } else if let Some(day) = date.strip_prefix('J') {
        let day = small(day)?;
        first + day - 1 + i64::from(is_leap(year) && day >= 60)
    } else {
        first + small(date)?
    };
    Some(day * 86_400 + time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_zones_say_how_far_they_are() {
        for (zone, minutes) in [
            ("+02:30", 150),
            ("-9:30", -570),
            ("02:00", 120),
            ("-00:00", 0),
        ] {
            assert_eq!(fixed(zone), Some(minutes * 60), "{zone}");
        }
        for zone in ["+24:00", "+1:60", "", "2", "UTC", "+1:2:3", "++1:00"] {
            assert_eq!(fixed(zone), None, "{zone}");
        }
    }

    #[test]
    fn rules_say_when_summer_is() {
        // New York; Sydney, whose summer spans the new year; Kathmandu without one.
        for (rule, at, minutes) in [
            ("EST5EDT,M3.2.0,M11.1.0", 1_700_000_000, Some(-300)),
            ("EST5EDT,M3.2.0,M11.1.0", 1_690_000_000, Some(-240)),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_700_000_000, Some(660)),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_690_000_000, Some(600)),
            ("<+0545>-5:45", 1_700_000_000, Some(345)),
            ("X1Y,J60,J300/99999", 0, None),
            ("X1Y,M1", 0, None),
            ("", 0, None),
        ] {
            assert_eq!(by_rule(rule, at), minutes.map(|m| m * 60), "{rule} at {at}");
        }
    }

    #[test]
    fn what_is_no_file_of_a_zone_says_nothing() {
        for file in [
            b"".as_slice(),
            b"TZif",
            &[b'T', b'Z', b'i', b'f', 0xff, 0xff],
        ] {
            assert_eq!(offset(file, 0), None);
        }
        let mut lying =
            *b"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        lying[20..].fill(0xff);
        assert_eq!(offset(&lying, 0), None);
    }
}
