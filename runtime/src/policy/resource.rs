//! What resources of documents mean for the ARN that is asked about.

use super::judge::Kind;
use crate::text::{glob, scan};

/// What a policy's statements are compared with.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    /// The first five parts of the ARN; `None`: what is asked about has none (`*`).
    pub(crate) before: Option<[&'p [u8]; 5]>,
    /// What is done, in lower case: a program is made for each.
    pub(crate) actions: [&'p [u8]; 2],
}

impl<'p> Place<'p> {
    /// Of calls of an API in this partition, region and account.
    pub(crate) fn of_api(partition: &'p [u8], region: &'p [u8], account: &'p [u8]) -> Place<'p> {
        Place {
            before: Some([b"arn", partition, b"execute-api", region, account]),
            actions: [b"execute-api:invoke", b"execute-api:invalidatecache"],
        }
    }
}

/// What is left of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within<'t> {
    /// A glob over the last part of the ARN.
    Glob(&'t str),
    /// It names something else.
    Nowhere,
    /// A policy of this kind may not hold it.
    Refused,
}

/// How many parts an ARN has.
const PARTS: usize = 6;

/// What a resource says within the first five parts of the ARN that is asked about. Parts between colons are
/// compared one by one. Where parts are missing at the end, it depends on the policy: those of callers mean
/// anything by them, as the service completes them; those of resources only where they hold a wildcard; service
/// control policies must end in `*`; resource control policies must be whole.
pub(super) fn within<'t>(resource: &'t str, kind: Kind, place: &Place<'_>) -> Within<'t> {
    if resource == "*" {
        return Within::Glob(resource);
    }
    let is_short = || resource.splitn(PARTS, ':').count() < PARTS;
    let refused = match kind {
        Kind::ServiceControl => is_short() && !resource.ends_with('*'),
        Kind::ResourceControl => is_short(),
        _ => false,
    };
    if refused {
        return Within::Refused;
    }
    let Some(before) = place.before else {
        return Within::Nowhere;
    };
    let mut rest = resource;
    for text in before {
        let end = scan::find(rest.as_bytes(), b':');
        let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if part != "*" && part.as_bytes() != text {
            match glob::fits(part.as_bytes(), &[text], &mut 10_000) {
                Some(true) => {}
                Some(false) => return Within::Nowhere,
                // What is not known must not let anything pass.
                None => return Within::Refused,
            }
        }
        let Some(end) = end else {
            return match kind {
                Kind::Resource if !resource.contains(['*', '?']) => Within::Nowhere,
                _ => Within::Glob("*"),
            };
        };
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Within::Glob(rest)
}

/// Whether a place in an ARN is in its last part, where variables may stand.
pub(super) fn is_last_part(resource: &str, at: usize) -> bool {
    let before = resource.as_bytes().get(..at).unwrap_or_default();
    before.iter().filter(|b| **b == b':').count() >= PARTS - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place {
        before: Some([
            b"arn",
            b"aws",
            b"execute-api",
            b"us-east-1",
            b"000000000000",
        ]),
        actions: [b"", b""],
    };

    #[test]
    fn resources_are_compared_between_colons() {
        for (arn, want) in [
            (
                "arn:aws:execute-api:us-east-1:000000000000:abc/*/GET/pets",
                Within::Glob("abc/*/GET/pets"),
            ),
            ("arn:aws:execute-api:*:*:*", Within::Glob("*")),
            ("arn:aws:execute-api:*", Within::Glob("*")),
            ("arn:*", Within::Glob("*")),
            ("*", Within::Glob("*")),
            ("arn:aws:s3:::bucket/*", Within::Nowhere),
            ("arn:aws:execute-api:eu-west-1:*:*", Within::Nowhere),
            ("arn:aws:execute-api:us-east-1:0000*:x", Within::Glob("x")),
        ] {
            assert_eq!(within(arn, Kind::Resource, &PLACE), want, "{arn}");
        }
    }

    #[test]
    fn parts_that_are_missing_depend_on_the_policy() {
        use Kind::{Identity, Resource, ResourceControl, ServiceControl};
        for (arn, kind, want) in [
            ("arn:aws:execute-api", Identity, Within::Glob("*")),
            ("arn:aws:execute-api:us-east-1", Identity, Within::Glob("*")),
            ("arn:aws:execute-api:eu-west-1", Identity, Within::Nowhere),
            ("arn:aws:execute-api", Resource, Within::Nowhere),
            (
                "arn:aws:execute-api:*:000000000000",
                Resource,
                Within::Glob("*"),
            ),
            ("arn:aws:execute-api:*", ServiceControl, Within::Glob("*")),
            (
                "arn:aws:execute-api:us-east-1",
                ServiceControl,
                Within::Refused,
            ),
            ("arn:aws:execute-api:*", ResourceControl, Within::Refused),
        ] {
            assert_eq!(within(arn, kind, &PLACE), want, "{arn} {kind:?}");
        }
    }

    #[test]
    fn what_has_no_arn_is_covered_by_a_star_alone() {
        let place = Place {
            before: None,
            ..PLACE
        };
        assert_eq!(within("*", Kind::Identity, &place), Within::Glob("*"));
        assert_eq!(
            within("arn:*:*:*:*:*", Kind::Identity, &place),
            Within::Nowhere
        );
    }
}
