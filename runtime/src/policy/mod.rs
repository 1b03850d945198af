//! Policies: leaves of conditions over the tables of an image, what a policy says, and the compiler of those
//! that arrive at request time.

mod ask;
mod condition;
mod document;
mod index;
mod judge;
mod operator;
mod reading;
mod record;
mod resource;
mod values;

use core::net::IpAddr;

pub use ask::{Answer, Caller, Question, Unreadable, ask};
pub(crate) use index::{Index, Picked};
pub use index::{STATEMENTS, Segments};
pub use judge::{Finding, Findings, Grant, Kind, Policy, Refusal};
pub(crate) use judge::{Party, judge};
pub(crate) use record::{ASKED, PROGRAMS, Program, Record, STRUCTURED};
pub(crate) use resource::Place;
pub use values::{Key, Piece, Ranges, has_variable, is_principal_key, moment, pieces};

use crate::bundle::Image;
use crate::bundle::wire::{Blob, Field, Str};
use crate::machine::Truth;
use crate::text::{arn, glob};

/// What a policy says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Verdict {
    /// No statement fits.
    #[default]
    None,
    /// This statement allows, and none denies.
    Allow(u32),
    /// This statement denies.
    Deny(u32),
    /// This statement allows the role of the caller's session, and none denies.
    Role(u32),
    /// This statement lets the caller's account decide, and none denies.
    Delegate(u32),
}

impl Verdict {
    /// What it is among the findings of policies; `failed`: a denial could not be evaluated.
    pub(crate) fn finding(self, failed: bool) -> Finding {
        match self {
            Verdict::None => Finding::Silent,
            Verdict::Allow(_) | Verdict::Role(_) | Verdict::Delegate(_) => Finding::Allows,
            Verdict::Deny(_) if failed => Finding::Fails,
            Verdict::Deny(_) => Finding::Denies,
        }
    }
}

/// How far the allowance of a resource's policy reaches.
pub(crate) fn grant(resource: Option<Verdict>) -> Grant {
    match resource {
        Some(Verdict::Allow(_)) => Grant::Caller,
        Some(Verdict::Role(_)) => Grant::Role,
        Some(Verdict::Delegate(_)) => Grant::Account,
        Some(Verdict::None | Verdict::Deny(_)) | None => Grant::None,
    }
}

/// Whether an address is in a set of ranges: counts of IPv4 and IPv6 ranges (`u32` each), then the ranges as
/// first and last address, ordered and apart, IPv4 before IPv6.
#[inline]
pub(crate) fn in_ranges(set: &[u8], ip: IpAddr) -> Truth {
    let found = || {
        let four = u32::get(set)? as usize;
        let six = u32::get(set.get(4..)?)? as usize;
        let body = set.get(8..)?;
        match ip {
            IpAddr::V4(ip) => search(
                body.get(..four.checked_mul(8)?)?.as_chunks::<8>().0,
                |range| {
                    let (first, last) = range.split_at(4);
                    Some((u32::get(first)?, u32::get(last)?))
                },
                u32::from(ip),
            ),
            IpAddr::V6(ip) => {
                let from = four.checked_mul(8)?;
                let ranges = body
                    .get(from..)?
                    .get(..six.checked_mul(32)?)?
                    .as_chunks::<32>()
                    .0;
                search(
                    ranges,
                    |range| {
                        let (first, last) = range.split_at(16);
                        Some((
                            u128::from_le_bytes(*first.first_chunk()?),
                            u128::from_le_bytes(*last.first_chunk()?),
                        ))
                    },
                    u128::from(ip),
                )
            }
        }
    };
    found().map_or(Truth::Error, Truth::from)
}

#[inline]
fn search<const N: usize, T: Ord>(
    ranges: &[[u8; N]],
    read: impl Fn(&[u8; N]) -> Option<(T, T)>,
    wanted: T,
) -> Option<bool> {
    let (mut low, mut high) = (0, ranges.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let (first, last) = read(ranges.get(middle)?)?;
        if wanted < first {
            high = middle;
        } else if wanted > last {
            low = middle + 1;
        } else {
            return Some(true);
        }
    }
    Some(false)
}

/// Whether `text` is one of a set: `str`s ordered by their bytes.
#[inline(always)]
pub(crate) fn in_texts(image: &Image<'_>, set: Blob, text: &[u8]) -> bool {
    let (entries, _) = image.bytes(set).as_chunks::<{ Str::SIZE }>();
    // A few are looked at one by one.
    if entries.len() <= 4 {
        return texts(image, set).any(|one| one == text);
    }
    in_many_texts(image, entries, text)
}

#[inline(never)]
fn in_many_texts(image: &Image<'_>, entries: &[[u8; Str::SIZE]], text: &[u8]) -> bool {
    let one = |entry: &[u8; Str::SIZE]| Str::get(entry).map_or(&[][..], |s| image.bytes(s));
    entries
        .binary_search_by(|entry| one(entry).cmp(text))
        .is_ok()
}

/// The same, whatever the letter case (ASCII).
pub(crate) fn in_texts_folded(image: &Image<'_>, set: Blob, text: &[u8]) -> bool {
    texts(image, set).any(|one| one.eq_ignore_ascii_case(text))
}

/// The texts of a set, or globs.
fn texts<'b>(image: &Image<'b>, set: Blob) -> impl Iterator<Item = &'b [u8]> + use<'b> {
    let image = *image;
    let (entries, _) = image.bytes(set).as_chunks::<{ Str::SIZE }>();
    entries
        .iter()
        .map(move |entry| Str::get(entry).map_or(&[][..], |s| image.bytes(s)))
}

/// Whether the pieces joined fit one of the globs, a run of `str`s. `None`: out of fuel.
pub(crate) fn like(
    image: &Image<'_>,
    globs: Blob,
    pieces: &[&[u8]],
    fuel: &mut u32,
) -> Option<bool> {
    for glob in texts(image, globs) {
        if glob::fits(glob, pieces, fuel)? {
            return Some(true);
        }
    }
    Some(false)
}

/// Whether a text is an ARN that fits one of the globs, a run of `str`s, part by part.
pub(crate) fn arn_in(image: &Image<'_>, globs: Blob, text: &[u8], fuel: &mut u32) -> Option<bool> {
    for glob in texts(image, globs) {
        if arn::fits(glob, text, fuel)? {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn set(four: &[(u32, u32)], six: &[(u128, u128)]) -> Vec<u8> {
        let mut out = Vec::new();
        (four.len() as u32).put(&mut out);
        (six.len() as u32).put(&mut out);
        for (a, b) in four {
            a.put(&mut out);
            b.put(&mut out);
        }
        for (a, b) in six {
            out.extend_from_slice(&a.to_le_bytes());
            out.extend_from_slice(&b.to_le_bytes());
        }
        out
    }

    #[test]
    fn an_address_is_in_its_range_and_in_no_other() {
        let bytes = set(&[(10, 20), (30, 30), (u32::MAX - 1, u32::MAX)], &[(1, 2)]);
        for n in [
            0u32,
            9,
            10,
            15,
            20,
            21,
            29,
            30,
            31,
            u32::MAX - 2,
            u32::MAX - 1,
            u32::MAX,
        ] {
            let want = (10..=20).contains(&n) || n == 30 || n >= u32::MAX - 1;
            assert_eq!(in_ranges(&bytes, IpAddr::V4(n.into())), want.into(), "{n}");
        }
        for (n, want) in [(0u128, false), (1, true), (2, true), (3, false)] {
            assert_eq!(in_ranges(&bytes, IpAddr::V6(n.into())), want.into(), "{n}");
        }
    }

    #[test]
    fn a_cut_set_is_an_error_not_a_yes() {
        let bytes = set(&[(10, 20), (30, 40)], &[(1, 2)]);
        for cut in 0..bytes.len() {
            assert_ne!(in_ranges(&bytes[..cut], IpAddr::V6(1.into())), Truth::True);
        }
        for cut in 0..16 {
            assert_eq!(
                in_ranges(&bytes[..cut], IpAddr::V4(10.into())),
                Truth::Error,
                "{cut}"
            );
        }
    }
}
