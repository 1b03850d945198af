//! UTC dates: the spellings that signatures, claims and certificates use. No clock: seconds come in.

const DAY: i64 = 86_400;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// A moment of the proleptic Gregorian calendar, UTC.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: &'static str,
}

/// Days since 1970-01-01, by counting from March so that the leap day ends a year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(seconds: i64) -> Civil {
    let days = seconds.div_euclid(DAY);
    let of_day = seconds.rem_euclid(DAY);
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let weekday = usize::try_from(days.rem_euclid(7)).unwrap_or(0);
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: of_year - (153 * month_from_march + 2) / 5 + 1,
        hour: of_day / 3600,
        minute: of_day / 60 % 60,
        second: of_day % 60,
        weekday: WEEKDAYS.get(weekday).copied().unwrap_or("Thu"),
    }
}

impl Civil {
    fn month_name(&self) -> &'static str {
        usize::try_from(self.month - 1)
            .ok()
            .and_then(|m| MONTHS.get(m).copied())
            .unwrap_or("Jan")
    }
}

fn seconds(date: [i64; 3], time: [i64; 3]) -> Option<i64> {
    let [year, month, day] = date;
    let [hour, minute, second] = time;
    if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 || day < 1 {
        return None;
    }
    let days = days_from_civil(year, month, day);
    // A day that its month lacks would spill into the next one.
    if days >= days_from_civil(year + month / 12, month % 12 + 1, 1) {
        return None;
    }
    Some(days * DAY + hour * 3600 + minute * 60 + second)
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0_i64, |n, c| {
        c.is_ascii_digit().then(|| n * 10 + i64::from(c - b'0'))
    })
}

/// ISO 8601's basic format, `20150830T123600Z`, in seconds since 1970.
pub(crate) fn parse_basic(text: &[u8]) -> Option<i64> {
    let &[
        y0,
        y1,
        y2,
        y3,
        m0,
        m1,
        d0,
        d1,
        b'T',
        h0,
        h1,
        i0,
        i1,
        s0,
        s1,
        b'Z',
    ] = text
    else {
        return None;
    };
    seconds(
        [
            digits(&[y0, y1, y2, y3])?,
            digits(&[m0, m1])?,
            digits(&[d0, d1])?,
        ],
        [digits(&[h0, h1])?, digits(&[i0, i1])?, digits(&[s0, s1])?],
    )
}

/// HTTP's date, `Sun, 30 Aug 2015 12:36:00 GMT`, in seconds since 1970.
pub(crate) fn parse_http(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let day = digits(parts.next()?.as_bytes())?;
    let month = parts.next()?;
    let month = MONTHS.iter().position(|m| *m == month)?;
    let year = parts.next().filter(|y| y.len() == 4)?;
    let time = parts.next()?;
    if parts.next() != Some("GMT") || parts.next().is_some() {
        return None;
    }
    let &[h0, h1, b':', i0, i1, b':', s0, s1] = time.as_bytes() else {
        return None;
    };
    seconds(
        [
            digits(year.as_bytes())?,
            i64::try_from(month).ok()? + 1,
            day,
        ],
        [digits(&[h0, h1])?, digits(&[i0, i1])?, digits(&[s0, s1])?],
    )
}

/// ISO 8601's basic format, `20150830T123600Z`.
pub(crate) fn basic(seconds: i64) -> String {
    let c = civil(seconds);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        c.year, c.month, c.day, c.hour, c.minute, c.second
    )
}

/// ISO 8601's extended format, `2015-08-30T12:36:00Z`, of milliseconds since 1970.
pub(crate) fn extended(ms: u64) -> String {
    let c = civil(i64::try_from(ms / 1000).unwrap_or(i64::MAX));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        c.year, c.month, c.day, c.hour, c.minute, c.second
    )
}

/// Java's `EEE MMM dd HH:mm:ss zzz yyyy`, `Sun Aug 30 12:36:00 UTC 2015`: `exp` and `iat` of Cognito tokens.
pub(crate) fn java(seconds: i64) -> String {
    let c = civil(seconds);
    format!(
        "{} {} {:02} {:02}:{:02}:{:02} UTC {}",
        c.weekday,
        c.month_name(),
        c.day,
        c.hour,
        c.minute,
        c.second,
        c.year
    )
}

/// ASN.1's printed form, `Aug  5 09:36:04 2021 GMT`: the validity of certificates.
pub(crate) fn asn1(seconds: i64) -> String {
    let c = civil(seconds);
    format!(
        "{} {:2} {:02}:{:02}:{:02} {} GMT",
        c.month_name(),
        c.day,
        c.hour,
        c.minute,
        c.second,
        c.year
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_moment_in_all_spellings() {
        let t = 1_440_938_160;
        assert_eq!(parse_basic(b"20150830T123600Z"), Some(t));
        assert_eq!(parse_http(b"Sun, 30 Aug 2015 12:36:00 GMT"), Some(t));
        assert_eq!(basic(t), "20150830T123600Z");
        assert_eq!(extended(1_440_938_160_999), "2015-08-30T12:36:00Z");
        assert_eq!(java(t), "Sun Aug 30 12:36:00 UTC 2015");
        assert_eq!(asn1(t), "Aug 30 12:36:00 2015 GMT");
        assert_eq!(asn1(1_628_156_164), "Aug  5 09:36:04 2021 GMT");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "20150229T000000Z",
            "20150431T000000Z",
            "20151301T000000Z",
            "20150001T000000Z",
            "20150800T000000Z",
            "20151232T000000Z",
            "20150830T240000Z",
            "20150830T126000Z",
            "20150830T123660Z",
            "20150830T123600",
            "2015-08-30T12:36:00Z",
            "",
        ] {
            assert_eq!(parse_basic(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_basic(b"20160229T000000Z"), Some(1_456_704_000));
        assert_eq!(parse_basic(b"20151231T235959Z"), Some(1_451_606_399));
        assert_eq!(parse_http(b"Sun, 30 Aug 15 12:36:00 GMT"), None);
    }

    proptest! {
        #[test]
        fn printing_then_parsing_gives_back(t in -62_167_219_200_i64..253_402_300_800) {
            prop_assert_eq!(parse_basic(basic(t).as_bytes()), Some(t));
        }

        #[test]
        fn any_second_prints_and_any_bytes_parse(t: i64, bytes: Vec<u8>) {
            let _ = (basic(t), java(t), asn1(t), parse_basic(&bytes), parse_http(&bytes));
        }
    }
}
