//! Whether one entry of a policy's list makes another superfluous.

use std::cell::Cell;
use std::net::IpAddr;

/// Whether every text that `narrow` matches is one that `wide` matches, so whether a plain text fits a glob, too:
/// `*` is any run, slashes included, `?` one character. Both are globs; where it is not certain,
/// the answer is no. Takes the product of their lengths at most, and no heap.
pub(crate) fn glob_covers(wide: &str, narrow: &str) -> bool {
    Work::of(usize::MAX).glob_covers(wide, narrow)
}

/// The same where letters of ASCII are compared in any case, as those of actions are.
pub(crate) fn glob_covers_in_any_case(wide: &str, narrow: &str) -> bool {
    Work::of(usize::MAX).glob_covers_in_any_case(wide, narrow)
}

/// What many comparisons of globs may take together: one glob may go over a text again from each of its characters,
/// and many go over each other.
pub(crate) struct Work {
    /// In characters looked at.
    left: Cell<usize>,
}

impl Work {
    pub(crate) fn of(characters: usize) -> Work {
        Work {
            left: Cell::new(characters),
        }
    }

    /// Whether there is no more: answers may be wrong from here on.
    pub(crate) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    pub(crate) fn spend(&self, characters: usize) {
        self.left.set(self.left.get().saturating_sub(characters));
    }

    /// As the function of that name, and no once the work is spent.
    pub(crate) fn glob_covers(&self, wide: &str, narrow: &str) -> bool {
        self.covers_if(wide, narrow, |w, c| w == c)
    }

    /// As the function of that name, and no once the work is spent.
    pub(crate) fn glob_covers_in_any_case(&self, wide: &str, narrow: &str) -> bool {
        self.covers_if(wide, narrow, |w, c| w.eq_ignore_ascii_case(&c))
    }

    fn covers_if(&self, wide: &str, narrow: &str, same: impl Fn(char, char) -> bool) -> bool {
        let mut left = self.left.get();
        let covers = covers_within(&mut left, wide, narrow, same);
        self.left.set(left);
        covers
    }
}

fn covers_within(
    left: &mut usize,
    wide: &str,
    narrow: &str,
    same: impl Fn(char, char) -> bool,
) -> bool {
    let (mut glob, mut text) = (wide.chars(), narrow.chars());
    // What follows the last star, and the text that the star has not taken yet. An earlier star need not be
    // tried again: whatever it took more, the last one can take as well.
    let mut last_star = None;
    while *left > 0 {
        *left -= 1;
        let rest = text.clone();
        match (glob.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) if glob.as_str().is_empty() => return true,
            (Some('*'), _) => {
                text = rest;
                last_star = Some((glob.clone(), text.clone()));
            }
            (Some('?'), Some(c)) if c != '*' => {}
            (Some(g), Some(c)) if same(g, c) => {}
            // A text that has ended grows no longer.
            (Some(_), None) => return false,
            _ => {
                let Some((behind, untaken)) = &mut last_star else {
                    return false;
                };
                untaken.next();
                (glob, text) = (behind.clone(), untaken.clone());
            }
        }
    }
    false
}

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// The first address, in the low bits.
    first: u128,
    /// Bits that are the same in all.
    prefix: u32,
    /// Bits of an address: 32 or 128.
    bits: u32,
}

impl Range {
    /// Reads `203.0.113.0/24`, or an address alone, and whether bits behind the prefix are set.
    pub(crate) fn read(text: &str) -> Option<(Range, bool)> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let (value, bits) = match address.parse().ok()? {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
            IpAddr::V6(v6) => (v6.to_bits(), 128),
        };
        let prefix = prefix.unwrap_or(bits);
        if prefix > bits {
            return None;
        }
        let host = u128::MAX.checked_shr(128 - (bits - prefix)).unwrap_or(0);
        let range = Range {
            first: value & !host,
            prefix,
            bits,
        };
        Some((range, value & host != 0))
    }

    /// Whether all of `other` is in it.
    pub(crate) fn covers(self, other: Range) -> bool {
        self.bits == other.bits
            && self.prefix <= other.prefix
            && (self.first ^ other.first)
                .checked_shr(self.bits - self.prefix)
                .unwrap_or(0)
                == 0
    }

    /// Whether it is every address of its kind.
    pub(crate) fn is_everything(self) -> bool {
        self.prefix == 0
    }

    /// Whether no address of it is one of the internet.
    pub(crate) fn is_private(self) -> bool {
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
            .into_iter()
            .filter_map(Range::read)
            .any(|(private, _)| private.covers(self))
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = match u32::try_from(self.first) {
            Ok(v4) if self.bits == 32 => IpAddr::V4(v4.into()),
            _ => IpAddr::V6(self.first.into()),
        };
        write!(f, "{address}/{}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_covers_what_all_its_texts_match() {
        for (wide, narrow, covers) in [
            ("*", "", true),
            ("*", "a*?", true),
            ("a*", "ab", true),
            ("a*", "*", false),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("a*c", "a*b*c", true),
            ("?*", "*", false),
            ("a", "a", true),
            ("a", "b", false),
            ("/*", "/orders/{id}", true),
            ("/orders*", "/orders/{id}/lines", true),
            ("/orders/*", "/orders", false),
            ("/o?ders", "/orders", true),
            ("*a?*c", "aabac", true),
            ("*ab*b", "abab", true),
            ("*ab*b", "aab", false),
            ("**", "a", true),
            ("?", "?", true),
            ("?", "é", true),
            ("*é?", "éée", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(glob_covers(wide, narrow), covers, "{wide} {narrow}");
        }
    }

    /// The same, as it is defined: a star takes nothing, or one character and stays.
    fn covers_by_definition(wide: &[u8], narrow: &[u8]) -> bool {
        match (wide, narrow) {
            ([], []) => true,
            ([b'*', behind @ ..], _) if covers_by_definition(behind, narrow) => true,
            ([b'*', ..], [_, rest @ ..]) => covers_by_definition(wide, rest),
            ([w, behind @ ..], [c, rest @ ..]) => {
                (w == c || *w == b'?' && *c != b'*') && covers_by_definition(behind, rest)
            }
            _ => false,
        }
    }

    #[test]
    fn short_globs_cover_each_other_by_definition() {
        let mut globs = vec![String::new()];
        for at in 0.. {
            let Some(glob) = globs.get(at).filter(|glob| glob.len() < 4).cloned() else {
                break;
            };
            globs.extend(['a', 'b', '*', '?'].map(|c| format!("{glob}{c}")));
        }
        assert_eq!(globs.len(), 341);
        for wide in &globs {
            for narrow in &globs {
                assert_eq!(
                    glob_covers(wide, narrow),
                    covers_by_definition(wide.as_bytes(), narrow.as_bytes()),
                    "{wide} {narrow}"
                );
            }
        }
    }

    #[test]
    fn spent_work_says_no() {
        let work = Work::of(40);
        assert!(work.glob_covers("*ab", "aab") && !work.is_spent());
        assert!(!work.glob_covers("*aaab", "aaaaaaaaaaaaaaaaaaab") && work.is_spent());
        assert!(!work.glob_covers("*", "a"));
    }

    #[test]
    fn ranges_nest_within_their_kind() {
        for (wide, narrow, covers) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.0.0.0/8", false),
            ("10.1.0.0/16", "10.0.0.0/8", false),
            ("0.0.0.0/0", "10.0.0.0/8", true),
            ("0.0.0.0/0", "::/0", false),
            ("2001:db8::/32", "2001:db8:1::/48", true),
            ("::/0", "2001:db8::1", true),
        ] {
            let [wide_range, narrow_range] =
                [wide, narrow].map(|text| Range::read(text).unwrap().0);
            assert_eq!(wide_range.covers(narrow_range), covers, "{wide} {narrow}");
        }
        let (range, host) = Range::read("203.0.113.7/24").unwrap();
        assert_eq!((range.to_string().as_str(), host), ("203.0.113.0/24", true));
        assert_eq!(Range::read("10.0.0.0/33"), None);
    }
}
