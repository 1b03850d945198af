//! What conditions compare: keys, addresses, moments. The compiler reads policies with the same functions.

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::bundle::wire::Field;
use crate::text::scan;

/// A condition key that a caller without IAM credentials has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// `aws:SourceIp`: absent behind a VPC endpoint.
    SourceIp,
    /// `aws:VpcSourceIp`: only behind a VPC endpoint.
    VpcSourceIp,
    /// `aws:SourceVpce`.
    SourceVpce,
    /// `aws:SourceVpc`.
    SourceVpc,
    /// `aws:Referer`.
    Referer,
    /// `aws:UserAgent`.
    UserAgent,
    /// `aws:CurrentTime` and `aws:EpochTime`.
    Time,
    /// `aws:SecureTransport`.
    SecureTransport,
}

impl Key {
    /// The key of this name, whatever its letter case; `None` for one that such a caller never has.
    #[must_use]
    pub fn named(name: &str) -> Option<Key> {
        const KEYS: [(&str, Key); 9] = [
            ("aws:SourceIp", Key::SourceIp),
            ("aws:VpcSourceIp", Key::VpcSourceIp),
            ("aws:SourceVpce", Key::SourceVpce),
            ("aws:SourceVpc", Key::SourceVpc),
            ("aws:Referer", Key::Referer),
            ("aws:UserAgent", Key::UserAgent),
            ("aws:CurrentTime", Key::Time),
            ("aws:EpochTime", Key::Time),
            ("aws:SecureTransport", Key::SecureTransport),
        ];
        KEYS.iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, key)| *key)
    }
}

/// A set of addresses: first and last, ordered, apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ranges {
    /// Of IPv4.
    pub four: Vec<(u32, u32)>,
    /// Of IPv6.
    pub six: Vec<(u128, u128)>,
}

impl Ranges {
    /// The set of these ranges: ordered, overlapping and adjacent ones joined.
    #[must_use]
    pub fn new(four: Vec<(u32, u32)>, six: Vec<(u128, u128)>) -> Ranges {
        let mut set = Ranges { four, six };
        set.join();
        set
    }

    /// The set of these addresses and CIDR blocks; `None` if one cannot be read.
    pub fn parse<'t>(texts: impl IntoIterator<Item = &'t str>) -> Option<Ranges> {
        let mut set = Ranges::default();
        for text in texts {
            set.insert(text)?;
        }
        set.join();
        Some(set)
    }

    /// Adds an address or CIDR block, which waits for [`join`](Ranges::join); `None` if it cannot be read.
    pub(super) fn insert(&mut self, text: &str) -> Option<()> {
        let slash = text.bytes().position(|b| b == b'/');
        let (address, bits) = match slash.and_then(|at| text.split_at_checked(at)) {
            Some((address, bits)) => (address, Some(bits.get(1..)?.parse::<u32>().ok()?)),
            None => (text, None),
        };
        match address.parse().ok()? {
            IpAddr::V4(ip) => self.four.push(block_four(ip, bits.unwrap_or(32))?),
            IpAddr::V6(ip) => self.six.push(block_six(ip, bits.unwrap_or(128))?),
        }
        Some(())
    }

    /// Orders the ranges, and joins those that overlap or are adjacent.
    pub(super) fn join(&mut self) {
        self.four.sort_unstable();
        self.four.dedup_by(|next, before| {
            let joined = before.1 == u32::MAX || next.0 <= before.1 + 1;
            if joined {
                before.1 = before.1.max(next.1);
            }
            joined
        });
        self.six.sort_unstable();
        self.six.dedup_by(|next, before| {
            let joined = before.1 == u128::MAX || next.0 <= before.1 + 1;
            if joined {
                before.1 = before.1.max(next.1);
            }
            joined
        });
    }

    /// The set as a table: counts of IPv4 and IPv6 ranges (`u32` each), then the ranges.
    #[must_use]
    pub fn table(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out);
        out
    }

    /// Appends the [`table`](Ranges::table).
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        (self.four.len() as u32).put(out);
        (self.six.len() as u32).put(out);
        for (first, last) in &self.four {
            first.put(out);
            last.put(out);
        }
        for (first, last) in &self.six {
            out.extend_from_slice(&first.to_le_bytes());
            out.extend_from_slice(&last.to_le_bytes());
        }
    }
}

fn block_four(ip: Ipv4Addr, bits: u32) -> Option<(u32, u32)> {
    if bits > 32 {
        return None;
    }
    let host = u32::MAX.checked_shr(bits).unwrap_or(0);
    let first = u32::from(ip) & !host;
    Some((first, first | host))
}

fn block_six(ip: Ipv6Addr, bits: u32) -> Option<(u128, u128)> {
    if bits > 128 {
        return None;
    }
    let host = u128::MAX.checked_shr(bits).unwrap_or(0);
    let first = u128::from(ip) & !host;
    Some((first, first | host))
}

/// A moment of ISO 8601, or seconds since 1970, in milliseconds.
#[must_use]
pub fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    // Four digits are a year.
    if let (Ok(seconds), true) = (text.parse::<i64>(), text.len() != 4) {
        return seconds.checked_mul(1000);
    }
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year: i64 = parts
        .next()?
        .parse()
        .ok()
        .filter(|y| (0..=9999).contains(y))?;
    let month: i64 = parts.next().map_or(Some(1), |m| m.parse().ok())?;
    let day: i64 = parts.next().map_or(Some(1), |d| d.parse().ok())?;
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let mut ms = days(year, month, day).checked_mul(86_400_000)?;
    if let Some(time) = time {
        let (clock, offset) = zone(time)?;
        let mut parts = clock.split(':');
        let hour: i64 = parts.next()?.parse().ok()?;
        let minute: i64 = parts.next().map_or(Some(0), |m| m.parse().ok())?;
        let second: f64 = parts.next().map_or(Some(0.0), |s| s.parse().ok())?;
        if !(0..=24).contains(&hour) || !(0..60).contains(&minute) || !(0.0..61.0).contains(&second)
        {
            return None;
        }
        ms += (hour * 60 + minute - offset) * 60_000 + (second * 1000.0) as i64;
    }
    Some(ms)
}

/// The clock and the minutes that its zone is ahead of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, 0));
    };
    let (clock, offset) = time.split_at_checked(at)?;
    let (hours, minutes) = offset.get(1..)?.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if minutes.is_empty() {
        0
    } else {
        minutes.parse::<i64>().ok()?
    };
    let minutes = hours.parse::<i64>().ok()? * 60 + minutes;
    Some((
        clock,
        if offset.starts_with('-') {
            -minutes
        } else {
            minutes
        },
    ))
}

/// Days since 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Whether this is a condition key that only a caller with a good signature has. Letter case does not count.
#[must_use]
pub fn is_principal_key(name: &str) -> bool {
    const KEYS: [&str; 10] = [
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalType",
        "aws:TokenIssueTime",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:userid",
        "aws:username",
    ];
    const TAG: &str = "aws:PrincipalTag/";
    KEYS.iter().any(|key| key.eq_ignore_ascii_case(name))
        || name
            .get(..TAG.len())
            .is_some_and(|n| n.eq_ignore_ascii_case(TAG))
}

/// A piece of a text with policy variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// As written.
    Text(&'t str),
    /// `${*}`, `${?}` or `${$}`: this character and no other.
    Escaped(&'t str),
    /// `${key}` or `${key, 'default'}`.
    Variable {
        /// The condition key.
        key: &'t str,
        /// What stands in for a key that is absent.
        default: Option<&'t str>,
    },
}

/// Where the first `${` of a text stands.
pub(super) fn opened(text: &str) -> Option<usize> {
    let text = text.as_bytes();
    let mut from = 0;
    loop {
        let at = from + scan::find(text.get(from..)?, b'$')?;
        if text.get(at + 1) == Some(&b'{') {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The pieces of a text; `None`: a `${` that nothing closes.
#[must_use]
pub fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let (name, after) = inside.split_once('}')?;
        rest = after;
        pieces.push(match name {
            "*" | "?" | "$" => Piece::Escaped(name),
            _ => {
                let (key, default) = match name.split_once(',') {
                    Some((key, default)) => (
                        key,
                        default
                            .trim()
                            .strip_prefix('\'')
                            .and_then(|text| text.strip_suffix('\'')),
                    ),
                    None => (name, None),
                };
                Piece::Variable {
                    key: key.trim(),
                    default,
                }
            }
        });
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Some(pieces)
}

/// Whether a text holds a policy variable: `${…}` but for the escapes `${*}`, `${?}` and `${$}`.
#[must_use]
pub fn has_variable(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let inner = rest.get(at + 2..).unwrap_or_default();
        if !["*}", "?}", "$}"]
            .iter()
            .any(|escape| inner.starts_with(escape))
        {
            return true;
        }
        rest = inner;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29", Some(951_782_400_000)),
            ("2013-08-16T12:00:00+02:00", Some(1_376_647_200_000)),
            ("2013-08-16T12:00:00.5Z", Some(1_376_654_400_500)),
            ("2013", Some(1_356_998_400_000)),
            ("1376654400", Some(1_376_654_400_000)),
            ("2013-13-01", None),
            ("99999999999999999999", None),
            ("yesterday", None),
        ] {
            assert_eq!(moment(text), ms, "{text}");
        }
    }

    #[test]
    fn blocks_are_ranges_and_neighbours_are_joined() {
        let set =
            Ranges::parse(["10.0.0.0/8", "11.0.0.0/8", "192.168.1.7", "2001:db8::/32"]).unwrap();
        assert_eq!(
            set.four,
            [(0x0a00_0000, 0x0bff_ffff), (0xc0a8_0107, 0xc0a8_0107)]
        );
        assert_eq!(
            set.six,
            [(0x2001_0db8_u128 << 96, (0x2001_0db9_u128 << 96) - 1)]
        );
        assert_eq!(Ranges::parse(["0.0.0.0/0"]).unwrap().four, [(0, u32::MAX)]);
        assert!(Ranges::parse(["10.0.0.0/33"]).is_none());
        assert!(Ranges::parse(["nonsense"]).is_none());
    }

    #[test]
    fn variables_are_read_with_their_defaults() {
        let variable = |key, default| Piece::Variable { key, default };
        for (text, want) in [
            ("a", Some(Vec::from([Piece::Text("a")]))),
            ("", Some(Vec::new())),
            (
                "a/${aws:username}/*",
                Some(Vec::from([
                    Piece::Text("a/"),
                    variable("aws:username", None),
                    Piece::Text("/*"),
                ])),
            ),
            (
                "${aws:PrincipalTag/t, 'no ne'}${*}",
                Some(Vec::from([
                    variable("aws:PrincipalTag/t", Some("no ne")),
                    Piece::Escaped("*"),
                ])),
            ),
            ("a${aws:username", None),
        ] {
            assert_eq!(pieces(text), want, "{text}");
        }
    }

    #[test]
    fn keys_of_principals_are_known_in_any_letter_case() {
        for (name, want) in [
            ("AWS:principalarn", true),
            ("aws:PrincipalTag/Team", true),
            ("aws:SourceIp", false),
            ("aws:Principal", false),
        ] {
            assert_eq!(is_principal_key(name), want, "{name}");
        }
    }

    #[test]
    fn escapes_are_no_variables() {
        assert!(has_variable("a${aws:username}b"));
        assert!(!has_variable("a${*}b${$}"));
        assert!(!has_variable("$x{y}"));
    }
}
