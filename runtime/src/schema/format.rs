//! The formats of draft 4. Every other name means nothing.

macro_rules! formats {
    ($($(#[doc = $doc:literal])+ $number:literal $variant:ident $name:literal $check:ident),+ $(,)?) => {
        /// A format that is checked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Format { $($(#[doc = $doc])+ $variant = $number),+ }

        impl Format {
            /// The format of this name; `None` for one that is not checked.
            #[must_use]
            pub fn named(name: &str) -> Option<Format> {
                match name { $($name => Some(Format::$variant),)+ _ => None }
            }

            pub(super) fn of(number: u8) -> Option<Format> {
                match number { $($number => Some(Format::$variant),)+ _ => None }
            }

            /// Whether a text has the format.
            #[must_use]
            pub fn admits(self, text: &str) -> bool {
                match self { $(Format::$variant => $check(text)),+ }
            }
        }
    };
}

formats! {
    /// RFC 3339.
    0 DateTime "date-time" date_time,
    /// An address with one `@` between a local part and a host.
    1 Email "email" email,
    /// RFC 1034, labels of up to 63 characters.
    2 Hostname "hostname" hostname,
    /// Four decimal numbers.
    3 Ipv4 "ipv4" ipv4,
    /// RFC 4291.
    4 Ipv6 "ipv6" ipv6,
    /// RFC 3986 with a scheme.
    5 Uri "uri" uri,
}

fn digits(text: &str, range: core::ops::RangeInclusive<u32>) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|number| plain && range.contains(number))
}

fn date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_at_checked(10) else {
        return false;
    };
    let part = |text: &str, from: usize, to: usize, range| {
        text.get(from..to).and_then(|part| digits(part, range))
    };
    let date_ok = date.as_bytes().get(4) == Some(&b'-') && date.as_bytes().get(7) == Some(&b'-');
    let (Some(year), Some(month), Some(day)) = (
        part(date, 0, 4, 0..=9999),
        part(date, 5, 7, 1..=12),
        part(date, 8, 10, 1..=31),
    ) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let Some(time) = time.strip_prefix(['T', 't']) else {
        return false;
    };
    let (Some(hour), Some(minute), Some(second)) = (
        part(time, 0, 2, 0..=23),
        part(time, 3, 5, 0..=59),
        part(time, 6, 8, 0..=60),
    ) else {
        return false;
    };
    if !date_ok
        || day > days
        || time.as_bytes().get(2) != Some(&b':')
        || time.as_bytes().get(5) != Some(&b':')
    {
        return false;
    }
    let mut rest = time.get(8..).unwrap_or("");
    if let Some(fraction) = rest.strip_prefix('.') {
        let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if len == 0 {
            return false;
        }
        rest = fraction.get(len..).unwrap_or("");
    }
    let offset = match rest {
        "Z" | "z" => Some(0),
        _ => {
            let sign = if rest.starts_with('-') { 1 } else { -1 };
            let zone = rest
                .strip_prefix(['+', '-'])
                .filter(|zone| zone.len() == 5 && zone.as_bytes().get(2) == Some(&b':'));
            zone.and_then(|zone| {
                Some(sign * (part(zone, 0, 2, 0..=23)? * 60 + part(zone, 3, 5, 0..=59)?) as i32)
            })
        }
    };
    // A leap second ends a day of UTC.
    offset.is_some_and(|offset| {
        second < 60 || ((hour * 60 + minute) as i32 + offset).rem_euclid(1440) == 1439
    })
}

fn email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let plain = !local.is_empty()
        && local
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(atom));
    let literal = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host_ok = match literal {
        Some(address) => address
            .strip_prefix("IPv6:")
            .map_or_else(|| ipv4(address), ipv6),
        None => hostname(host),
    };
    (quoted || plain) && host_ok
}

fn hostname(text: &str) -> bool {
    let label = |label: &str| {
        let edges = !label.starts_with('-') && !label.ends_with('-');
        (1..=63).contains(&label.len())
            && edges
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn ipv4(text: &str) -> bool {
    let number = |part: &str| {
        digits(part, 0..=255).is_some()
            && part.len() <= 3
            && (part == "0" || !part.starts_with('0'))
    };
    text.split('.').count() == 4 && text.split('.').all(number)
}

fn ipv6(text: &str) -> bool {
    // A zone is no part of an address.
    !text.contains('%') && text.parse::<core::net::Ipv6Addr>().is_ok()
}

fn uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let mut bytes = rest.bytes();
    while let Some(byte) = bytes.next() {
        let ok = match byte {
            b'%' => {
                bytes.next().is_some_and(|b| b.is_ascii_hexdigit())
                    && bytes.next().is_some_and(|b| b.is_ascii_hexdigit())
            }
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte),
        };
        if !ok {
            return false;
        }
    }
    if !scheme_ok || rest.matches('#').count() > 1 {
        return false;
    }
    let path = rest.strip_prefix("//").map_or(rest, |after| {
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        after.get(end..).unwrap_or("")
    });
    let authority = rest
        .strip_prefix("//")
        .map(|after| after.get(..after.len() - path.len()).unwrap_or(""));
    let host_ok = authority.is_none_or(|authority| {
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let (host, port) = match host.strip_prefix('[') {
            Some(inner) => match inner.split_once(']') {
                Some((address, port)) if ipv6(address) => {
                    ("", port.strip_prefix(':').unwrap_or(port))
                }
                _ => return false,
            },
            None => host.rsplit_once(':').unwrap_or((host, "")),
        };
        !host.contains(['[', ']', ':']) && port.bytes().all(|b| b.is_ascii_digit())
    });
    host_ok && !path.contains(['[', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_admit_what_their_standards_do() {
        let cases = [
            (Format::DateTime, "2024-02-29T23:59:60Z", true),
            (Format::DateTime, "2023-02-29T00:00:00Z", false),
            (Format::DateTime, "2023-01-01 00:00:00Z", false),
            (Format::DateTime, "2023-01-01T00:00:00.5+05:30", true),
            (Format::DateTime, "2023-01-01T00:00:00", false),
            (Format::Email, "a.b@c.d", true),
            (Format::Email, "a..b@c", false),
            (Format::Email, "a", false),
            (Format::Hostname, "a-b.c", true),
            (Format::Hostname, "-a.b", false),
            (Format::Ipv4, "1.2.3.4", true),
            (Format::Ipv4, "1.2.3.04", false),
            (Format::Ipv6, "::1", true),
            (Format::Ipv6, "::1%eth0", false),
            (Format::Uri, "https://a.b/c?d#e", true),
            (Format::Uri, "/a", false),
            (Format::Uri, "http://a b", false),
            (Format::Uri, "urn:x:y", true),
        ];
        for (format, text, expected) in cases {
            assert_eq!(format.admits(text), expected, "{format:?} {text}");
        }
    }
}
